#include "table/source.h"

/* Finds the first correction that does not stand before a cell. */
static size_t lower_bound(const hp_sources *s, hp_cell at) {
    size_t lo = 0, hi = s->corrected.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        hp_cell c = s->corrected.p[mid].at;
        bool before = c.sheet != at.sheet ? c.sheet < at.sheet
                      : c.row != at.row   ? c.row < at.row
                                          : c.col < at.col;
        if (before)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool is_at(const hp_sources *s, size_t i, hp_cell at) {
    if (i >= s->corrected.n) return false;
    hp_cell c = s->corrected.p[i].at;
    return c.sheet == at.sheet && c.row == at.row && c.col == at.col;
}

bool hp_sources_correct(hp_sources *s, hp_cell at, hp_vid where) {
    size_t i = lower_bound(s, at);
    if (is_at(s, i, at)) {
        s->corrected.p[i].where = where;
        return true;
    }
    if (!hp_vec_push(&s->corrected, ((hp_correction){at, where}))) return false;
    hp_correction *p = s->corrected.p;
    memmove(&p[i + 1], &p[i], (s->corrected.n - 1 - i) * sizeof *p);
    p[i] = (hp_correction){at, where};
    return true;
}

hp_vid hp_sources_corrected(const hp_sources *s, hp_cell at) {
    size_t i = s->corrected.n ? lower_bound(s, at) : 0;
    return is_at(s, i, at) ? s->corrected.p[i].where : HP_NULL;
}

void hp_address(const hp_sources *s, hp_cell at, hp_buf *out) {
    if (at.sheet == HP_NO_SHEET || at.sheet >= s->sheet.n) return;
    const hp_source_sheet *sheet = &s->sheet.p[at.sheet];
    hp_buf_add(out, s->file.p[sheet->file].name);
    if (sheet->name.n) {
        hp_buf_putc(out, '!');
        hp_buf_add(out, sheet->name);
    }
    if (at.row == 0) return;
    hp_buf_putc(out, '!');
    if (at.col != HP_NO_COL) {
        char letters[8];
        hp_col_letters(at.col, letters);
        hp_buf_puts(out, letters);
    }
    /* Not printf: provenance writes millions of addresses. */
    char digits[12];
    size_t n = sizeof digits;
    for (uint32_t row = at.row; row > 0; row /= 10) digits[--n] = (char)('0' + row % 10);
    hp_buf_add(out, (hp_str){digits + n, sizeof digits - n});
}
