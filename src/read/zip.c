#include "read/zip.h"

#include <libdeflate.h>
#include <zip.h>

#include "base/limits.h"
#include "base/mem.h"
#include "read/encoding.h"

#include "base/banned.h"

struct hp_zip {
    zip_t *archive;
    hp_arena *arena;
    struct libdeflate_decompressor *inflater;
    hp_str file, bytes;
    hp_str *name;            /* normalised */
    bool *inflated;          /* which entries were inflated once */
    uint64_t inflated_bytes; /* in all of those */
    size_t n;
    hp_smap by_name;
};

/* Advice that ends most messages of this file. */
#define MEND "open it in a spreadsheet program and save it again, or get a fresh copy"

void hp_part_free(hp_part *p) {
    hp_free(p->heap);
    *p = (hp_part){0};
}

void hp_zip_close(hp_zip *z) {
    if (!z) return;
    if (z->archive) zip_discard(z->archive);
    libdeflate_free_decompressor(z->inflater);
    hp_smap_free(&z->by_name);
    hp_arena_drop(z->arena);
    hp_free(z);
}

/* Returns the value of the two hex digits behind a %, or -1. */
static int percent(hp_str s, size_t at) {
    int value = 0;
    if (at + 2 >= s.n) return -1;
    for (size_t i = at + 1; i <= at + 2; i++) {
        char c = hp_lower(s.p[i]);
        if (!hp_is_digit(c) && (c < 'a' || c > 'f')) return -1;
        value = value * 16 + (hp_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return value;
}

/* Appends one segment of a path to `out` (which has room), normalised; "." adds nothing and ".." takes the
 * last one back. */
static void add_segment(char *out, size_t *n, hp_str segment) {
    if (segment.n == 0 || hp_str_eq(segment, HP_S("."))) return;
    if (hp_str_eq(segment, HP_S(".."))) {
        while (*n && out[*n - 1] != '/') --*n;
        if (*n) --*n;
        return;
    }
    if (*n) out[(*n)++] = '/';
    for (size_t i = 0; i < segment.n; i++) {
        int code = segment.p[i] == '%' ? percent(segment, i) : -1;
        if (code >= 0) i += 2;
        out[(*n)++] = hp_lower(code >= 0 ? (char)code : segment.p[i]);
    }
}

static void add_path(char *out, size_t *n, hp_str path) {
    for (size_t from = 0, i = 0; i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/' && path.p[i] != '\\') continue;
        add_segment(out, n, hp_str_cut(path, from, i));
        from = i + 1;
    }
}

hp_str hp_part_resolve(hp_arena *a, hp_str folder, hp_str name) {
    char *out = hp_arena_raw(a, folder.n + name.n + 2);
    if (!out) return (hp_str){NULL, 0};
    size_t n = 0;
    bool absolute = name.n && (name.p[0] == '/' || name.p[0] == '\\');
    if (!absolute) add_path(out, &n, folder);
    add_path(out, &n, name);
    return (hp_str){out, n};
}

/* Explains why libzip could not open the file. */
static hp_code fail_open(const hp_zip *z, const zip_error_t *e, hp_err *err) {
    switch (zip_error_code_zip(e)) {
    case ZIP_ER_MEMORY: return hp_fail_memory(err, "the directory of a workbook");
    case ZIP_ER_NOZIP:
        return hp_fail(
            err, HP_DATA,
            "%.*s: is no workbook, or only a part of one: the zip directory at its end is missing; " MEND,
            HP_FMT(z->file));
    default:
        return hp_fail(err, HP_DATA, "%.*s: the zip directory is damaged (%s); " MEND, HP_FMT(z->file),
                       zip_error_strerror((zip_error_t *)(uintptr_t)e));
    }
}

static hp_code open_archive(hp_zip *z, hp_err *err) {
    zip_error_t e;
    zip_error_init(&e);
    zip_source_t *source = zip_source_buffer_create(z->bytes.p, z->bytes.n, 0, &e);
    if (source) z->archive = zip_open_from_source(source, ZIP_RDONLY, &e);
    if (source && !z->archive) zip_source_free(source);
    hp_code code = z->archive ? HP_OK : fail_open(z, &e, err);
    zip_error_fini(&e);
    return code;
}

static hp_code list_entries(hp_zip *z, hp_err *err) {
    zip_int64_t n = zip_get_num_entries(z->archive, 0);
    if (n > (zip_int64_t)HP_LIMIT_ZIP_ENTRIES) {
        return hp_fail(
            err, HP_DATA,
            "%.*s: has %lld zip entries, the limit is %u; no workbook needs so many: check where it comes from",
            HP_FMT(z->file), (long long)n, HP_LIMIT_ZIP_ENTRIES);
    }
    z->n = n > 0 ? (size_t)n : 0;
    z->name = HP_NEW_ARRAY(z->arena, z->n, hp_str);
    z->inflated = HP_NEW_ARRAY(z->arena, z->n, bool);
    if (!z->name || !z->inflated) return hp_fail_memory(err, "the directory of a workbook");
    for (size_t i = 0; i < z->n; i++) {
        z->name[i] =
            hp_part_resolve(z->arena, HP_S(""), hp_str_of(zip_get_name(z->archive, i, ZIP_FL_ENC_RAW)));
        uint32_t first;
        bool added;
        if (!z->name[i].p || !hp_smap_add(&z->by_name, z->name[i], (uint32_t)i, &first, &added)) {
            return hp_fail_memory(err, "the directory of a workbook");
        }
    }
    return HP_OK;
}

hp_code hp_zip_open(hp_str bytes, hp_str file, hp_zip **out, hp_err *err) {
    hp_zip *z = hp_calloc(1, sizeof *z);
    if (!z) return hp_fail_memory(err, "a workbook");
    z->file = file;
    z->bytes = bytes;
    z->arena = hp_arena_new(NULL);
    z->inflater = libdeflate_alloc_decompressor();
    hp_code code = z->arena && z->inflater ? open_archive(z, err) : hp_fail_memory(err, "a workbook");
    if (code == HP_OK) code = list_entries(z, err);
    if (code != HP_OK) {
        hp_zip_close(z);
        return code;
    }
    *out = z;
    return HP_OK;
}

size_t hp_zip_count(const hp_zip *z) { return z->n; }

hp_str hp_zip_name(const hp_zip *z, size_t entry) { return z->name[entry]; }

bool hp_zip_find(const hp_zip *z, hp_str part, size_t *entry) {
    uint32_t found;
    if (!hp_smap_get(&z->by_name, part, &found)) return false;
    *entry = found;
    return true;
}

static hp_code fail_part(const hp_zip *z, size_t entry, hp_err *err, const char *why) {
    return hp_fail(err, HP_DATA, "%.*s: part %.*s %s; " MEND, HP_FMT(z->file), HP_FMT(z->name[entry]), why);
}

/* Checks what the directory says about an entry before anything is allotted for it. */
static hp_code check_entry(const hp_zip *z, size_t entry, const zip_stat_t *st, hp_err *err) {
    if (st->encryption_method != ZIP_EM_NONE) {
        return hp_fail(err, HP_DATA,
                       "%.*s: is a password-protected zip; save the workbook as .xlsx without a password",
                       HP_FMT(z->file));
    }
    if (st->comp_method != ZIP_CM_STORE && st->comp_method != ZIP_CM_DEFLATE) {
        return fail_part(z, entry, err, "is packed by a method that workbooks do not use");
    }
    if (st->size > HP_LIMIT_PART_BYTES) {
        return hp_fail(err, HP_DATA,
                       "%.*s: part %.*s has %llu bytes inflated, the limit is %llu; split the sheet",
                       HP_FMT(z->file), HP_FMT(z->name[entry]), (unsigned long long)st->size,
                       (unsigned long long)HP_LIMIT_PART_BYTES);
    }
    if (st->comp_size > z->bytes.n) return fail_part(z, entry, err, "is longer than the file");
    if (st->size > HP_LIMIT_INFLATE_RATIO_FROM && st->size / HP_LIMIT_INFLATE_RATIO > st->comp_size) {
        return hp_fail(
            err, HP_DATA,
            "%.*s: part %.*s would inflate from %llu to %llu bytes, more than %u times; no honest workbook does: check where it comes from",
            HP_FMT(z->file), HP_FMT(z->name[entry]), (unsigned long long)st->comp_size,
            (unsigned long long)st->size, HP_LIMIT_INFLATE_RATIO);
    }
    /* RFC 1951: a code of at least one bit stands for at most 258 bytes, so that nothing inflates more than
     * 1,032 times. */
    if (st->comp_method == ZIP_CM_DEFLATE && st->size / 1032 > st->comp_size)
        return fail_part(z, entry, err, "declares a false size");
    return HP_OK;
}

/* Counts what the whole zip inflates to. Entries may overlap, so that each keeps within its ratio and all
 * together do not. */
static hp_code count_inflated(hp_zip *z, size_t entry, uint64_t size, hp_err *err) {
    if (z->inflated[entry]) return HP_OK;
    z->inflated[entry] = true;
    z->inflated_bytes += size;
    if (z->inflated_bytes <= HP_LIMIT_INFLATE_RATIO_FROM
        || z->inflated_bytes / HP_LIMIT_INFLATE_RATIO <= z->bytes.n)
        return HP_OK;
    return hp_fail(
        err, HP_DATA,
        "%.*s: its parts inflate to more than %u times its size; no honest workbook does: check where it comes from",
        HP_FMT(z->file), HP_LIMIT_INFLATE_RATIO);
}

/* Reads the bytes of an entry as they are packed. */
static hp_code read_packed(hp_zip *z, size_t entry, char *to, size_t n, hp_err *err) {
    zip_file_t *f = zip_fopen_index(z->archive, entry, ZIP_FL_COMPRESSED);
    if (!f) return fail_part(z, entry, err, "cannot be opened");
    size_t have = 0;
    while (have < n) {
        zip_int64_t got = zip_fread(f, to + have, n - have);
        if (got <= 0) break;
        have += (size_t)got;
    }
    zip_fclose(f);
    return have == n ? HP_OK : fail_part(z, entry, err, "is cut short");
}

static hp_code inflate(hp_zip *z, size_t entry, const zip_stat_t *st, char *to, hp_err *err) {
    hp_autofree char *packed = hp_malloc(st->comp_size);
    if (!packed) return hp_fail_memory(err, "a part of a workbook");
    HP_TRY(read_packed(z, entry, packed, st->comp_size, err));
    size_t real = 0;
    enum libdeflate_result r =
        libdeflate_deflate_decompress(z->inflater, packed, st->comp_size, to, st->size, &real);
    if (r == LIBDEFLATE_INSUFFICIENT_SPACE) return fail_part(z, entry, err, "is longer than it declares");
    if (r != LIBDEFLATE_SUCCESS) return fail_part(z, entry, err, "is damaged");
    return real == st->size ? HP_OK : fail_part(z, entry, err, "is shorter than it declares");
}

hp_code hp_zip_read(hp_zip *z, size_t entry, hp_part *out, hp_err *err) {
    zip_stat_t st;
    zip_stat_init(&st);
    if (zip_stat_index(z->archive, entry, 0, &st) != 0) return fail_part(z, entry, err, "is damaged");
    const zip_uint64_t need =
        ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD | ZIP_STAT_CRC;
    if ((st.valid & need) != need) return fail_part(z, entry, err, "is damaged");
    HP_TRY(check_entry(z, entry, &st, err));
    HP_TRY(count_inflated(z, entry, st.size, err));
    hp_autofree char *bytes = hp_malloc(st.size);
    if (!bytes) return hp_fail_memory(err, "a part of a workbook");
    if (st.comp_method == ZIP_CM_DEFLATE) {
        HP_TRY(inflate(z, entry, &st, bytes, err));
    } else if (st.size != st.comp_size) {
        return fail_part(z, entry, err, "declares a false size");
    } else {
        HP_TRY(read_packed(z, entry, bytes, st.size, err));
    }
    if (libdeflate_crc32(0, bytes, st.size) != st.crc)
        return fail_part(z, entry, err, "is damaged (its checksum does not match)");
    *out = (hp_part){z->name[entry], {bytes, st.size}, bytes};
    bytes = NULL;
    return HP_OK;
}

hp_code hp_zip_read_xml(hp_zip *z, size_t entry, hp_part *out, hp_err *err) {
    hp_autopart part = {0};
    HP_TRY(hp_zip_read(z, entry, &part, err));
    size_t bom;
    hp_encoding e = hp_encoding_of_xml(part.bytes, &bom);
    if (e != HP_ENC_UTF8) {
        hp_autobuf utf8 = hp_buf_new(HP_LIMIT_PART_BYTES);
        hp_encoding_decode(e, hp_str_cut(part.bytes, bom, part.bytes.n), &utf8);
        HP_TRY(hp_buf_check(&utf8, "a part of a workbook in UTF-8", err));
        hp_free(part.heap);
        part.heap = utf8.p;
        part.bytes = hp_buf_str(&utf8);
        utf8 = hp_buf_new(0);
    }
    *out = part;
    part = (hp_part){0};
    return HP_OK;
}
