/* Binding the columns that a profile declares. */
#include "map/parts.h"

#include <stdlib.h>
#include "base/map.h"
#include "base/banned.h"

/* Bytes of headers listed in a message; more would push out what to do. */
enum { FOUND_BYTES = 500 };

/* Hold where each column's header is found, by its tight form (exact text first). */
typedef struct finder {
    hp_sheet_map *s;
    hp_smap exact, tight;
} finder;

static bool index_headers(finder *f) {
    for (size_t c = 0; c < f->s->raw->ncol; c++) {
        uint32_t at;
        bool added;
        if (f->s->blank[c] && !f->s->filled[c]) continue;
        hp_map_name name = hp_map_name_of(f->s->scratch, f->s->header[c], false);
        if (!name.words.p || !hp_smap_add(&f->exact, f->s->header[c], (uint32_t)c, &at, &added)) return false;
        if (name.tight.n && !hp_smap_add(&f->tight, name.tight, (uint32_t)c, &at, &added)) return false;
    }
    return true;
}

/* Reads the N of "Unnamed: N", or the letters of "[E]". */
static bool by_place(hp_str declared, uint32_t *col) {
    int64_t n;
    if (declared.n > 2 && declared.p[0] == '[' && declared.p[declared.n - 1] == ']')
        return hp_col_parse(hp_str_cut(declared, 1, declared.n - 1), col);
    if (!hp_str_starts(declared, HP_S("Unnamed: ")) || !hp_str_i64(hp_str_cut(declared, 9, declared.n), &n))
        return false;
    if (n < 0 || n > UINT16_MAX) return false;
    *col = (uint32_t)n;
    return true;
}

static bool find_column(const finder *f, hp_str declared, uint32_t *col) {
    const hp_sheet_map *s = f->s;
    if (hp_smap_get(&f->exact, declared, col)) return true;
    bool letter = declared.n && declared.p[0] == '[';
    if (by_place(declared, col)) return *col < s->raw->ncol && (letter || s->blank[*col]);
    hp_map_name name = hp_map_name_of(s->scratch, declared, false);
    return name.tight.n && hp_smap_get(&f->tight, name.tight, col);
}

void hp_map_list_headers(const hp_sheet_map *s, hp_buf *out) {
    size_t more = 0;
    for (size_t c = 0; c < s->raw->ncol; c++) {
        if (s->blank[c] && !s->filled[c]) continue;
        if (out->n > FOUND_BYTES) {
            more++;
            continue;
        }
        hp_buf_printf(out, "%s%.*s", out->n ? ", " : "", HP_FMT(hp_str_cut(s->header[c], 0, 80)));
    }
    if (more) hp_buf_printf(out, " and %zu more", more);
    if (out->n == 0) hp_buf_puts(out, "no header at all");
}

static hp_code missing(const hp_sheet_map *s, const hp_profile_column *c, hp_err *err) {
    hp_autobuf place = hp_buf_new(1024), found = hp_buf_new(4096);
    hp_address(&s->run->sources, (hp_cell){s->sheet, 0, HP_NO_COL}, &place);
    hp_map_list_headers(s, &found);
    hp_fail(err, HP_DATA,
            "%s: required column \"%.*s\" is missing (found: %s); fix the sheet or the profile (%.*s:%d)",
            hp_buf_cstr(&place), HP_FMT(c->header), hp_buf_cstr(&found), HP_FMT(s->p->path), c->line);
    return hp_err_in(err, "validate");
}

static hp_code absent(const hp_sheet_map *s, const hp_profile_column *c, hp_err *err) {
    hp_vid v;
    if (c->required) return missing(s, c, err);
    if (c->field == HP_F_NONE) return HP_OK; /* not there, and not wanted */
    HP_TRY(hp_intern(s->run->pool, c->header, &v, err));
    return hp_findf(s->run, HP_R_COLUMN_ABSENT, hp_map_head_cell(s, HP_NO_COL), v, err, "for %s",
                    hp_field_get(c->field)->name);
}

static hp_code bind_declared(const finder *f, bool *taken, hp_err *err) {
    hp_sheet_map *s = f->s;
    for (size_t i = 0; i < s->decl->ncolumn; i++) {
        const hp_profile_column *c = &s->decl->column[i];
        uint32_t col;
        if (!find_column(f, hp_str_trim(c->header), &col)) {
            HP_TRY(absent(s, c, err));
            continue;
        }
        taken[col] = true;
        s->m->bind[s->m->nbind++] = (hp_binding){.col = col,
                                                 .header = s->header[col],
                                                 .field = c->field,
                                                 .score = 1,
                                                 .reason = c->field ? HP_MAP_DECLARED : HP_MAP_NOT,
                                                 .ignored = c->field == HP_F_NONE};
    }
    return HP_OK;
}

static int by_col_field(const void *a, const void *b) {
    const hp_binding *x = a, *y = b;
    if (x->col != y->col) return x->col < y->col ? -1 : 1;
    return x->field < y->field ? -1 : x->field > y->field;
}

/* Puts the bindings into sheet order, but those of one field, among the places they then have, into the
 * profile's order: it says which of them counts first. */
static bool in_order(hp_sheet_map *s) {
    hp_mapped *m = s->m;
    hp_binding *declared = HP_NEW_ARRAY(s->scratch, m->nbind + 1, hp_binding);
    if (!declared) return false;
    if (m->nbind) memcpy(declared, m->bind, m->nbind * sizeof *declared);
    if (m->nbind) qsort(m->bind, m->nbind, sizeof *m->bind, by_col_field);
    size_t next[HP_FIELD_COUNT] = {0};
    for (size_t i = 0; i < m->nbind; i++) {
        hp_field f = m->bind[i].field;
        if (f == HP_F_NONE) continue;
        while (declared[next[f]].field != f) next[f]++;
        m->bind[i] = declared[next[f]++];
    }
    return true;
}

static hp_code bind_all(finder *f, hp_err *err) {
    hp_sheet_map *s = f->s;
    bool *taken = HP_NEW_ARRAY(s->scratch, s->raw->ncol + 1, bool);
    s->m->bind = HP_NEW_ARRAY(s->run->arena, s->raw->ncol + s->decl->ncolumn + 1, hp_binding);
    if (!taken || !s->m->bind || !index_headers(f)) return hp_fail_memory(err, "the columns");
    HP_TRY(bind_declared(f, taken, err));
    for (size_t c = 0; c < s->raw->ncol; c++) {
        if (taken[c]) continue;
        s->m->bind[s->m->nbind++] =
            (hp_binding){.col = (uint32_t)c, .header = s->header[c], .reason = HP_MAP_NOT};
    }
    return in_order(s) ? HP_OK : hp_fail_memory(err, "the columns");
}

hp_code hp_map_declared(hp_sheet_map *s, hp_err *err) {
    finder f = {.s = s};
    hp_code code = bind_all(&f, err);
    hp_smap_free(&f.exact);
    hp_smap_free(&f.tight);
    return code;
}
