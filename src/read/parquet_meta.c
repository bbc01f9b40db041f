/* The footer of a parquet file: schema, row groups, column chunks (FileMetaData of parquet.thrift). */
#include "read/parquet.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "read/thrift.h"

#include "base/banned.h"

/* One element of the schema as it stands there. */
typedef struct element {
    hp_str name;
    int64_t type, width, repetition, children, converted, scale, bits;
    int logical;  /* field of the union LogicalType; 0: none */
    int64_t unit; /* field of the union TimeUnit */
    bool utc, has_type, is_signed;
} element;

/* Where reading stands. */
typedef struct footer {
    hp_arena *a;
    hp_str name, bytes; /* of the file */
    hp_thrift t;
    hp_pq_meta *m;
    uint64_t packed, inflated; /* of all chunks */
    uint64_t group_rows, row;
    bool has_schema;
} footer;

static hp_code damaged(const footer *f, const char *what, hp_err *err) {
    return hp_fail(err, HP_DATA, "%.*s: footer, byte %zu: %s; get a complete copy", HP_FMT(f->name),
                   (size_t)(f->t.bytes.p - f->bytes.p) + f->t.at, what);
}

static void read_unit(hp_thrift *t, int type, element *e) {
    int id = 0, inner;
    if (type != HP_THRIFT_STRUCT) t->bad = true;
    while (hp_thrift_field(t, &id, &inner)) {
        e->unit = id;
        hp_thrift_skip(t, inner);
    }
}

/* DecimalType, TimeType, TimestampType, IntType: their fields mean different things. */
static void read_parameters(hp_thrift *t, int type, element *e) {
    int id = 0, inner;
    if (type != HP_THRIFT_STRUCT) t->bad = true;
    while (hp_thrift_field(t, &id, &inner)) {
        bool time = e->logical == 7 || e->logical == 8;
        if (e->logical == 5 && id == 1) {
            e->scale = hp_thrift_int(t, inner);
        } else if (time && id == 1) {
            e->utc = hp_thrift_int(t, inner) != 0;
        } else if (time && id == 2) {
            read_unit(t, inner, e);
        } else if (e->logical == 10 && id == 1) {
            e->bits = hp_thrift_int(t, inner);
        } else if (e->logical == 10 && id == 2) {
            e->is_signed = hp_thrift_int(t, inner) != 0;
        } else {
            hp_thrift_skip(t, inner);
        }
    }
}

static void read_logical(hp_thrift *t, int type, element *e) {
    int id = 0, inner;
    if (type != HP_THRIFT_STRUCT) t->bad = true;
    while (hp_thrift_field(t, &id, &inner)) {
        e->logical = id;
        read_parameters(t, inner, e);
    }
}

static element read_element(hp_thrift *t) {
    element e = {.repetition = 0, .converted = -1};
    int id = 0, type;
    while (hp_thrift_field(t, &id, &type)) {
        switch (id) {
        case 1:
            e.type = hp_thrift_int(t, type);
            e.has_type = true;
            break;
        case 2: e.width = hp_thrift_int(t, type); break;
        case 3: e.repetition = hp_thrift_int(t, type); break;
        case 4: e.name = hp_thrift_binary(t, type); break;
        case 5: e.children = hp_thrift_int(t, type); break;
        case 6: e.converted = hp_thrift_int(t, type); break;
        case 7: e.scale = hp_thrift_int(t, type); break;
        case 10: read_logical(t, type, &e); break;
        default: hp_thrift_skip(t, type);
        }
    }
    return e;
}

/* The old annotations (ConvertedType) as the new ones that say the same. */
static void translate(element *e) {
    static const uint8_t logical[22] = {1,  2,  2,  3,  4,  5,  6,  7,  7,  8,  8,
                                        10, 10, 10, 10, 10, 10, 10, 10, 12, 13, 0};
    if (e->logical || e->converted < 0 || e->converted > 21) return;
    e->logical = logical[e->converted];
    if (e->logical == 7 || e->logical == 8) {
        e->utc = true;
        e->unit = e->converted % 2 ? 1 : 2;
    }
    if (e->logical == 10) {
        e->bits = 8 << ((e->converted - 11) % 4);
        e->is_signed = e->converted >= 15;
    }
    if (e->logical == 7) e->unit = e->converted == 7 ? 1 : 2;
}

static bool is_int(const hp_pq_column *c) { return c->type == HP_PQ_INT32 || c->type == HP_PQ_INT64; }

static hp_pq_kind plain_kind(hp_pq_type type) {
    switch (type) {
    case HP_PQ_BOOLEAN: return HP_PQ_K_BOOL;
    case HP_PQ_INT32:
    case HP_PQ_INT64: return HP_PQ_K_INT;
    case HP_PQ_INT96: return HP_PQ_K_STAMP;
    case HP_PQ_FLOAT:
    case HP_PQ_DOUBLE: return HP_PQ_K_FLOAT;
    default: return HP_PQ_K_BYTES;
    }
}

/* An annotation that does not go with the physical type is passed over, as the format asks. */
static hp_pq_kind kind_of(const hp_pq_column *c, const element *e) {
    bool text = c->type == HP_PQ_BYTES;
    switch (e->logical) {
    case 1:
    case 4:
    case 12:
        if (text) return HP_PQ_K_TEXT;
        break;
    case 5:
        if (is_int(c) || text || c->type == HP_PQ_FIXED) return HP_PQ_K_DECIMAL;
        break;
    case 6:
        if (c->type == HP_PQ_INT32) return HP_PQ_K_DATE;
        break;
    case 7:
        if (is_int(c) && e->unit) return HP_PQ_K_TIME;
        break;
    case 8:
        if (c->type == HP_PQ_INT64 && e->unit) return HP_PQ_K_STAMP;
        break;
    case 10:
        if (is_int(c)) return e->is_signed ? HP_PQ_K_INT : HP_PQ_K_UINT;
        break;
    case 14:
        if (c->type == HP_PQ_FIXED && c->width == 16) return HP_PQ_K_UUID;
        break;
    case 15:
        if (c->type == HP_PQ_FIXED && c->width == 2) return HP_PQ_K_HALF;
        break;
    default: break;
    }
    return plain_kind(c->type);
}

static hp_code nested(const footer *f, const element *e, hp_err *err) {
    const char *what = e->logical == 3   ? "a LIST"
                       : e->logical == 2 ? "a MAP"
                       : e->children     ? "a STRUCT"
                                         : "repeated";
    return hp_fail(
        err, HP_DATA,
        "%.*s: column \"%.*s\" is %s, and cells hold single values; leave it out or flatten it when writing the file",
        HP_FMT(f->name), HP_FMT(hp_str_cut(e->name, 0, 200)), what);
}

static hp_code add_column(footer *f, element *e, hp_err *err) {
    static const uint8_t widths[] = {0, 4, 8, 12, 4, 8, 0, 0};
    translate(e);
    if (e->children > 0 || e->repetition == 2) return nested(f, e, err);
    if (!e->has_type || e->type < 0 || e->type > HP_PQ_FIXED || e->repetition < 0 || e->repetition > 2)
        return damaged(f, "a column of the schema has no valid type", err);
    hp_pq_column *c = &f->m->col[f->m->ncol++];
    *c = (hp_pq_column){
        .name = e->name, .type = (hp_pq_type)e->type, .optional = e->repetition == 1, .utc = e->utc};
    c->width = widths[c->type];
    if (c->type == HP_PQ_FIXED) {
        if (e->width < 1 || e->width > (1 << 20)) return damaged(f, "a column has an impossible width", err);
        c->width = (size_t)e->width;
    }
    if (e->scale < 0 || e->scale > 1000) return damaged(f, "a decimal column has an impossible scale", err);
    c->scale = (int)e->scale;
    c->unit = e->unit == 1 ? 1000 : e->unit == 2 ? 1000000 : 1000000000;
    c->bits = (uint8_t)(e->bits == 8 || e->bits == 16 ? e->bits : c->type == HP_PQ_INT64 ? 64 : 32);
    c->kind = kind_of(c, e);
    return HP_OK;
}

static hp_code read_schema(footer *f, int type, hp_err *err) {
    int element_type;
    size_t n = hp_thrift_list(&f->t, type, &element_type);
    if (f->t.bad || n == 0 || element_type != HP_THRIFT_STRUCT || f->has_schema)
        return damaged(f, "the schema is damaged", err);
    f->has_schema = true;
    if (n - 1 > HP_LIMIT_SHEET_COLS)
        return hp_fail(err, HP_DATA, "%.*s: has %zu columns, and at most %u can be read", HP_FMT(f->name),
                       n - 1, HP_LIMIT_SHEET_COLS);
    f->m->col = HP_NEW_ARRAY(f->a, n, hp_pq_column);
    if (!f->m->col) return hp_fail_memory(err, "the schema of a parquet file");
    element root = read_element(&f->t);
    for (size_t i = 1; i < n && !f->t.bad; i++) {
        element e = read_element(&f->t);
        if (!f->t.bad) HP_TRY(add_column(f, &e, err));
    }
    if (f->t.bad || root.children < 0 || (size_t)root.children != n - 1)
        return damaged(f, "the schema is damaged", err);
    return HP_OK;
}

/* ColumnMetaData. */
static void read_chunk_meta(footer *f, int type, hp_pq_chunk *c, int64_t *physical) {
    hp_thrift *t = &f->t;
    int id = 0, inner;
    int64_t data = 0, dictionary = 0;
    if (type != HP_THRIFT_STRUCT) t->bad = true;
    while (hp_thrift_field(t, &id, &inner)) {
        switch (id) {
        case 1: *physical = hp_thrift_int(t, inner); break;
        case 4: c->codec = (int)hp_thrift_int(t, inner); break;
        case 5: c->values = (uint64_t)hp_thrift_int(t, inner); break;
        case 6: c->inflated = (uint64_t)hp_thrift_int(t, inner); break;
        case 7: c->size = (uint64_t)hp_thrift_int(t, inner); break;
        case 9: data = hp_thrift_int(t, inner); break;
        case 11: dictionary = hp_thrift_int(t, inner); break;
        default: hp_thrift_skip(t, inner);
        }
    }
    /* Some writers leave a dictionary offset of 0 where there is none. */
    c->at = (uint64_t)(dictionary > 0 && dictionary < data ? dictionary : data);
}

static hp_code check_chunk(footer *f, const hp_pq_chunk *c, int64_t physical, hp_err *err) {
    const hp_pq_column *col = &f->m->col[c->column];
    const char *what = NULL;
    uint64_t n = f->bytes.n;
    if (physical != (int64_t)col->type) what = "has another type than the schema says";
    if (c->at < 4 || c->at > n || c->size > n - c->at) what = "lies outside the file";
    if (c->size > n - f->packed) what = "overlaps with another";
    if (c->inflated > HP_LIMIT_INFLATED_BYTES || (f->inflated += c->inflated) > HP_LIMIT_INFLATED_BYTES)
        what = "is larger than allowed (limit inflated-size)";
    if (f->inflated > HP_LIMIT_INFLATE_RATIO_FROM && f->inflated / HP_LIMIT_INFLATE_RATIO > n)
        what = "inflates to more than is plausible (limit inflate-ratio)";
    f->packed += c->size;
    if (!what) return HP_OK;
    return hp_fail(err, HP_DATA, "%.*s: column \"%.*s\", byte %llu: the column chunk %s; get a complete copy",
                   HP_FMT(f->name), HP_FMT(hp_str_cut(col->name, 0, 200)), (unsigned long long)c->at, what);
}

static hp_code read_chunk(footer *f, hp_pq_chunk *c, hp_err *err) {
    hp_thrift *t = &f->t;
    int id = 0, type;
    int64_t physical = -1;
    bool elsewhere = false, encrypted = false;
    while (hp_thrift_field(t, &id, &type)) {
        if (id == 3) {
            read_chunk_meta(f, type, c, &physical);
            continue;
        }
        if (id == 1) elsewhere = true;
        if (id == 8) encrypted = true;
        hp_thrift_skip(t, type);
    }
    if (t->bad) return damaged(f, "a column chunk is damaged", err);
    if (encrypted || elsewhere)
        return hp_fail(err, HP_DATA,
                       "%.*s: column \"%.*s\" is %s; write the file in one piece, without encryption",
                       HP_FMT(f->name), HP_FMT(hp_str_cut(f->m->col[c->column].name, 0, 200)),
                       encrypted ? "encrypted" : "kept in another file");
    return check_chunk(f, c, physical, err);
}

static hp_code read_chunks(footer *f, int type, hp_err *err) {
    int element_type;
    size_t n = hp_thrift_list(&f->t, type, &element_type);
    if (f->t.bad || n != f->m->ncol || element_type != HP_THRIFT_STRUCT)
        return damaged(f, "a row group does not have the columns of the schema", err);
    for (size_t i = 0; i < n; i++) {
        hp_pq_chunk *c = &f->m->chunk[f->m->nchunk++];
        c->column = i;
        HP_TRY(read_chunk(f, c, err));
    }
    return HP_OK;
}

static hp_code read_group(footer *f, hp_err *err) {
    int id = 0, type;
    int64_t rows = -1;
    size_t first = f->m->nchunk;
    while (hp_thrift_field(&f->t, &id, &type)) {
        if (id == 1 && f->m->nchunk == first)
            HP_TRY(read_chunks(f, type, err));
        else if (id == 3)
            rows = hp_thrift_int(&f->t, type);
        else
            hp_thrift_skip(&f->t, type);
    }
    if (f->t.bad || rows < 0 || (uint64_t)rows > UINT32_MAX) return damaged(f, "a row group is damaged", err);
    for (size_t i = first; i < f->m->nchunk; i++) {
        f->m->chunk[i].first_row = f->row;
        if (f->m->chunk[i].values != (uint64_t)rows)
            return damaged(f, "a column chunk does not have as many values as its row group has rows", err);
    }
    f->row += (uint64_t)rows;
    return HP_OK;
}

static hp_code read_groups(footer *f, int type, hp_err *err) {
    int element_type;
    size_t n = hp_thrift_list(&f->t, type, &element_type);
    if (f->t.bad || !f->has_schema || f->m->chunk || (n && element_type != HP_THRIFT_STRUCT))
        return damaged(f, "the list of row groups is damaged", err);
    if (f->m->ncol && n > f->t.bytes.n / f->m->ncol)
        return damaged(f, "there are more chunks than bytes", err);
    f->m->chunk = HP_NEW_ARRAY(f->a, n * f->m->ncol + 1, hp_pq_chunk);
    if (!f->m->chunk) return hp_fail_memory(err, "the row groups of a parquet file");
    for (size_t i = 0; i < n; i++) HP_TRY(read_group(f, err));
    return HP_OK;
}

static hp_code read_fields(footer *f, hp_err *err) {
    int id = 0, type;
    int64_t rows = -1;
    bool groups = false;
    while (hp_thrift_field(&f->t, &id, &type)) {
        if (id == 2) {
            HP_TRY(read_schema(f, type, err));
        } else if (id == 3) {
            rows = hp_thrift_int(&f->t, type);
        } else if (id == 4) {
            HP_TRY(read_groups(f, type, err));
            groups = true;
        } else {
            hp_thrift_skip(&f->t, type);
        }
    }
    if (f->t.bad || !groups) return damaged(f, "it is cut off or damaged", err);
    if (rows < 0 || (uint64_t)rows != f->row)
        return damaged(f, "the row groups have another number of rows than the file", err);
    f->m->rows = f->row;
    return HP_OK;
}

hp_code hp_pq_meta_read(hp_arena *a, hp_str name, hp_str bytes, hp_pq_meta *out, hp_err *err) {
    *out = (hp_pq_meta){0};
    hp_str end = hp_str_cut(bytes, bytes.n >= 4 ? bytes.n - 4 : 0, bytes.n);
    if (hp_str_eq(end, HP_S("PARE")) || hp_str_starts(bytes, HP_S("PARE")))
        return hp_fail(err, HP_DATA, "%.*s: is an encrypted parquet file; write it without encryption",
                       HP_FMT(name));
    if (bytes.n < 12 || !hp_str_starts(bytes, HP_S("PAR1")) || !hp_str_eq(end, HP_S("PAR1")))
        return hp_fail(
            err, HP_DATA,
            "%.*s: byte %zu: does not end as a parquet file does (PAR1), so it is cut off; get a complete copy",
            HP_FMT(name), bytes.n);
    uint32_t n = hp_le32(bytes.p + bytes.n - 8);
    if (n > bytes.n - 12)
        return hp_fail(
            err, HP_DATA,
            "%.*s: byte %zu: the footer is said to have %u bytes, more than the file; get a complete copy",
            HP_FMT(name), bytes.n - 8, n);
    footer f = {.a = a, .name = name, .bytes = bytes, .m = out};
    f.t.bytes = hp_str_cut(bytes, bytes.n - 8 - n, bytes.n - 8);
    return read_fields(&f, err);
}
