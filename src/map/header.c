/* Finding the header row, and naming the columns by it. */
#include "map/parts.h"

#include "base/map.h"
#include "base/banned.h"

enum {
    LOOK_ROWS = 30,   /* rows among which the header is looked for */
    AROUND_ROWS = 20, /* rows before and behind that a candidate is compared with */
    LONG_HEADER = 80, /* bytes; longer texts are prose */
    DUP_COLS = 256    /* columns within which repeated texts are looked for; enough to tell a header */
};

/* Hold what a row looks like as a header. */
typedef struct row_look {
    size_t cells, texts, data, numbers, distinct, known, repeated, differing;
    size_t width;  /* columns with a value here or below */
    bool followed; /* by another row */
} row_look;

/* How the rows around compare with a header cell: is its text among them, are those below of another
 * kind (numbers, dates, addresses)? */
static void look_around(const hp_pool *pool, const hp_table *raw, size_t r, size_t c, row_look *look) {
    const hp_column *col = &raw->col[c];
    size_t n = 0, other = 0, same = 0;
    size_t to = raw->nrow - r > AROUND_ROWS ? r + AROUND_ROWS : raw->nrow;
    for (size_t i = r > AROUND_ROWS ? r - AROUND_ROWS : 0; i < to; i++) {
        if (col->v[i] == HP_NULL || i == r) continue;
        same += col->v[i] == col->v[r];
        if (i < r) continue;
        hp_str s = hp_str_trim(hp_text(pool, col->v[i]));
        hp_type type = hp_cell_type(col, i);
        n++;
        other += hp_value_is_data(s, type) || hp_value_is_number(s, type);
    }
    if (n == 0 && col->v[r] == HP_NULL) return;
    look->width++;
    if (col->v[r] == HP_NULL) return;
    look->repeated += same > 0;
    look->differing += other * 2 > n;
}

static bool first_of_its_text(const hp_table *raw, size_t r, size_t c) {
    size_t from = c > DUP_COLS ? c - DUP_COLS : 0;
    for (size_t i = from; i < c; i++) {
        if (raw->col[i].v[r] == raw->col[c].v[r]) return false;
    }
    return true;
}

static bool look_at_row(const hp_run *run, const hp_lexicon *lex, const hp_table *raw, size_t r,
                        hp_arena *scratch, row_look *look) {
    *look = (row_look){.followed = r + 1 < raw->nrow};
    for (size_t c = 0; c < raw->ncol; c++) {
        look_around(run->pool, raw, r, c, look);
        const hp_column *col = &raw->col[c];
        hp_str s = hp_str_trim(hp_text(run->pool, col->v[r]));
        hp_type type = hp_cell_type(col, r);
        if (s.n == 0) continue;
        look->cells++;
        if (hp_value_is_data(s, type))
            look->data++;
        else if (hp_value_is_number(s, type))
            look->numbers++;
        else
            look->texts += s.n <= LONG_HEADER;
        look->distinct += first_of_its_text(raw, r, c);
        hp_map_name name = hp_map_name_of(scratch, s, true);
        if (!name.words.p) return false;
        look->known += hp_lexicon_exact(lex, &name) > 0;
    }
    return true;
}

/* Scores a row from its look; 0 when it cannot be a header. Known names weigh most, since
 * no data row has several of them. */
static double score_row(const row_look *k) {
    if (k->cells == 0 || k->width == 0) return 0;
    double n = (double)k->cells, fill = n / (double)k->width;
    if (k->cells == 1 && (k->width > 1 || k->known == 0)) return 0; /* a banner, or one column of anything */
    if (!k->followed && k->known < 2) return 0;
    if ((double)k->texts < 0.5 * n) return 0;
    if (k->data > 0 && k->known < 2) return 0;
    if ((double)k->data > 0.2 * n && (double)k->known < 0.5 * n) return 0;
    if (fill < 0.5 && !(k->known >= 3 && fill >= 0.25)) return 0;
    double want = n < 4 ? n : 4, known = (double)k->known > want ? 1 : (double)k->known / want;
    return 0.25 * (fill > 1 ? 1 : fill) + 0.25 * (double)k->texts / n + 0.15 * (double)k->distinct / n
           + 0.35 * known + 0.2 * (double)k->differing / n - 0.3 * (double)k->repeated / n
           - 0.5 * (double)(k->data + k->numbers) / n;
}

/* False when out of memory: a header must not be missed for that. */
static bool likeliest_header(const hp_run *run, const hp_lexicon *lex, const hp_table *raw, size_t *best) {
    hp_autoarena *scratch = hp_arena_new(NULL);
    *best = SIZE_MAX;
    double best_score = 0.5; /* what a row needs: full width of distinct texts gives 0.65 */
    for (size_t r = 0; scratch && r < raw->nrow && r < LOOK_ROWS; r++) {
        row_look look;
        if (!look_at_row(run, lex, raw, r, scratch, &look)) return false;
        double s = score_row(&look);
        /* A later row must be clearly better: in a sheet of texts all rows look alike. */
        if (s > best_score + (*best == SIZE_MAX ? 0 : 0.1)) {
            *best = r;
            best_score = s;
        }
    }
    return scratch != NULL;
}

/* Returns the row that the format says has the names; SIZE_MAX where all are empty. */
static size_t row_of_names(const hp_table *raw) {
    return raw->nrow && raw->origin[0].row == 1 ? 0 : SIZE_MAX;
}

size_t hp_find_header(const hp_run *run, const hp_profile *p, const hp_table *raw) {
    if (raw->named) return row_of_names(raw);
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_lexicon *lex = a ? hp_lexicon_new(a, p) : NULL;
    size_t row;
    return lex && likeliest_header(run, lex, raw, &row) ? row : SIZE_MAX;
}

/* Counts the declared headers that stand in row `r`; false when out of memory. */
static bool declared_in_row(const hp_sheet_map *s, const hp_smap *declared, size_t r, size_t *n) {
    *n = 0;
    for (size_t c = 0; c < s->raw->ncol; c++) {
        hp_str text = hp_str_trim(hp_text(s->run->pool, s->raw->col[c].v[r]));
        uint32_t unused;
        if (text.n == 0) continue;
        hp_map_name name = hp_map_name_of(s->scratch, text, false);
        if (!name.words.p) return false;
        *n += hp_smap_get(declared, name.tight, &unused);
    }
    return true;
}

static bool row_of_declared(const hp_sheet_map *s, size_t *best) {
    hp_smap declared = {0};
    size_t most = 0, n;
    bool ok = true;
    *best = SIZE_MAX;
    for (size_t i = 0; ok && i < s->decl->ncolumn; i++) {
        hp_map_name name = hp_map_name_of(s->scratch, s->decl->column[i].header, false);
        ok = name.words.p && hp_smap_put(&declared, name.tight, 0);
    }
    for (size_t r = 0; ok && r < s->raw->nrow && r < LOOK_ROWS; r++) {
        ok = declared_in_row(s, &declared, r, &n);
        if (!ok || n <= most) continue;
        most = n;
        *best = r;
    }
    hp_smap_free(&declared);
    return ok;
}

static bool by_letters_only(const hp_profile_sheet *decl) {
    for (size_t i = 0; i < decl->ncolumn; i++) {
        if (!hp_str_starts(decl->column[i].header, HP_S("["))) return false;
    }
    return true;
}

hp_code hp_map_find_header(const hp_sheet_map *s, size_t *row, hp_err *err) {
    bool declared = s->decl && s->decl->ncolumn, ok = true;
    *row = s->raw->named ? row_of_names(s->raw) : SIZE_MAX;
    if (*row != SIZE_MAX) return HP_OK;
    if (declared) ok = row_of_declared(s, row);
    if (ok && *row == SIZE_MAX) ok = likeliest_header(s->run, s->lex, s->raw, row);
    if (!ok) return hp_fail_memory(err, "the headers");
    /* Without any row that fits the declared columns, the first one is shown as "found". */
    if (declared && *row == SIZE_MAX && !by_letters_only(s->decl) && s->raw->nrow) *row = 0;
    return HP_OK;
}

/* Makes a header unique as pandas does: the second "Email" is "Email.1". */
static hp_code unique(hp_sheet_map *s, hp_smap *seen, size_t c, hp_err *err) {
    hp_str base = s->header[c], name = base;
    uint32_t count = 0, n;
    bool added = false;
    hp_smap_get(seen, base, &count);
    for (n = count;;) {
        if (!hp_smap_add(seen, name, 1, &(uint32_t){0}, &added)) return hp_fail_memory(err, "the headers");
        if (added) break;
        name = hp_arena_printf(s->run->arena, "%.*s.%u", HP_FMT(base), n++);
        if (!name.p) return hp_fail_memory(err, "the headers");
    }
    s->header[c] = name;
    if (hp_str_eq(name, base)) return HP_OK;
    if (!hp_smap_put(seen, base, n)) return hp_fail_memory(err, "the headers");
    hp_vid v;
    HP_TRY(hp_intern(s->run->pool, base, &v, err));
    return hp_findf(s->run, HP_R_DUPLICATE_HEADER, hp_map_head_cell(s, (uint32_t)c), v, err,
                    "called \"%.*s\" here", HP_FMT(name));
}

static hp_code name_column(hp_sheet_map *s, size_t c, hp_err *err) {
    hp_arena *a = s->run->arena;
    if (s->head == SIZE_MAX && s->head_row == 0) {
        char letters[8];
        hp_col_letters((uint32_t)c, letters);
        s->header[c] = hp_arena_printf(a, "[%s]", letters);
        s->blank[c] = true;
    } else {
        hp_str text =
            s->head == SIZE_MAX ? (hp_str){"", 0} : hp_text(s->run->pool, s->raw->col[c].v[s->head]);
        text = hp_str_trim(text);
        s->blank[c] = text.n == 0;
        s->header[c] = text.n ? text : hp_arena_printf(a, "Unnamed: %zu", c);
        if (s->blank[c] && s->filled[c])
            HP_TRY(
                hp_find(s->run, HP_R_BLANK_HEADER, hp_map_head_cell(s, (uint32_t)c), HP_NULL, HP_NULL, err));
    }
    return s->header[c].p ? HP_OK : hp_fail_memory(err, "the headers");
}

hp_code hp_map_name_columns(hp_sheet_map *s, hp_err *err) {
    hp_smap seen = {0};
    hp_code code = HP_OK;
    for (size_t c = 0; code == HP_OK && c < s->raw->ncol; c++) {
        code = name_column(s, c, err);
        /* Nothing can be repeated among blank headers without values, of which wide sheets have thousands. */
        if (code == HP_OK && (!s->blank[c] || s->filled[c])) code = unique(s, &seen, c, err);
    }
    hp_smap_free(&seen);
    return code;
}
