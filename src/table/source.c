#include "table/source.h"

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
