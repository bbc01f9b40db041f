#include "table/table.h"

#include "base/limits.h"

hp_table *hp_table_new(hp_arena *a, size_t nrow, size_t ncol, bool with_origin) {
    if (ncol != 0 && nrow > HP_LIMIT_CELLS / ncol) return NULL;
    hp_table *t = HP_NEW(a, hp_table);
    if (!t) return NULL;
    t->nrow = nrow;
    t->ncol = ncol;
    t->col = HP_NEW_ARRAY(a, ncol ? ncol : 1, hp_column);
    if (with_origin) t->origin = HP_NEW_ARRAY(a, nrow ? nrow : 1, hp_origin);
    if (!t->col || (with_origin && !t->origin)) return NULL;
    for (size_t c = 0; c < ncol; c++) {
        t->col[c].source = (uint32_t)c;
        t->col[c].v = HP_NEW_ARRAY(a, nrow ? nrow : 1, hp_vid);
        if (!t->col[c].v) return NULL;
    }
    return t;
}

/* Columns without values may share one array of nulls, which stay nulls however often they are mapped. */
static void remap(hp_vid *v, size_t n, const hp_vid *map) {
    for (size_t i = 0; v && i < n; i++) v[i] = map[v[i]];
}

void hp_table_remap(hp_table *t, const hp_vid *map, uint32_t sheet) {
    for (size_t c = 0; c < t->ncol; c++) {
        remap(t->col[c].v, t->nrow, map);
        remap(t->col[c].lex, t->nrow, map);
    }
    for (size_t i = 0; t->origin && i < t->nrow; i++) t->origin[i].sheet = sheet;
}

size_t hp_table_find(const hp_table *t, hp_str name) {
    for (size_t c = 0; c < t->ncol; c++)
        if (hp_str_eq(t->col[c].name, name)) return c;
    return SIZE_MAX;
}

const hp_merged_area *hp_table_area(const hp_table *t, uint32_t col, uint32_t row) {
    size_t low = 0, high = t->narea;
    while (low < high) { /* for the first area that begins behind the cell */
        size_t mid = low + (high - low) / 2;
        const hp_merged_area *a = &t->area[mid];
        if (a->first_col < col || (a->first_col == col && a->first_row <= row))
            low = mid + 1;
        else
            high = mid;
    }
    const hp_merged_area *a = low ? &t->area[low - 1] : NULL;
    return a && a->first_col == col && a->last_row >= row ? a : NULL;
}

void hp_col_letters(uint32_t col, char out[8]) {
    char reversed[8];
    size_t n = 0;
    /* Bijective base 26: there is no zero digit, so "Z" is followed by "AA". */
    for (uint64_t left = (uint64_t)col + 1; left > 0; left = (left - 1) / 26)
        reversed[n++] = (char)('A' + (left - 1) % 26);
    for (size_t i = 0; i < n; i++) out[i] = reversed[n - 1 - i];
    out[n] = '\0';
}

bool hp_col_parse(hp_str letters, uint32_t *col) {
    if (letters.n == 0 || letters.n > 3) return false;
    uint32_t value = 0;
    for (size_t i = 0; i < letters.n; i++) {
        char c = hp_upper(letters.p[i]);
        if (c < 'A' || c > 'Z') return false;
        value = value * 26 + (uint32_t)(c - 'A') + 1;
    }
    if (value > HP_LIMIT_SHEET_COLS) return false;
    *col = value - 1;
    return true;
}
