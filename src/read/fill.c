#include "read/fill.h"

#include "read/number.h"
#include "read/package.h"

#include "base/banned.h"

hp_fill hp_fill_new(hp_run *run, hp_str file, hp_str part, uint32_t sheet, bool raw, hp_err *err) {
    return (hp_fill){.run = run,
                     .texts = hp_texts_new(run, false),
                     .file = file,
                     .part = part,
                     .sheet = sheet,
                     .raw = raw,
                     .err = err};
}

void hp_fill_free(hp_fill *f) {
    hp_grid_free(&f->grid);
    hp_texts_free(&f->texts);
}

hp_code hp_fill_find(hp_fill *f, hp_rule rule, uint32_t row, uint32_t col, hp_vid value) {
    bool unsaved = rule == HP_R_FORMULA_WITHOUT_VALUE && f->run->reading.unsaved;
    if (f->raw && !unsaved) return HP_OK;
    return hp_find(f->run, rule, (hp_cell){f->sheet, row, col}, value, HP_NULL, f->err);
}

hp_code hp_fill_text(hp_fill *f, uint32_t row, uint32_t col, hp_str text, bool repaired, hp_value *out) {
    hp_vid id;
    HP_TRY(hp_texts_intern(&f->texts, text, &id, &repaired, f->err));
    *out = (hp_value){id, id, HP_T_TEXT};
    return repaired ? hp_fill_find(f, HP_R_ENCODING_REPAIRED, row, col, id) : HP_OK;
}

hp_code hp_fill_typed(hp_fill *f, hp_type type, hp_str text, hp_str lex, hp_value *out) {
    hp_value v = {.type = type};
    HP_TRY(hp_intern(f->run->pool, text, &v.v, f->err));
    v.lex = v.v;
    if (!hp_str_eq(text, lex)) HP_TRY(hp_intern(f->run->pool, lex, &v.lex, f->err));
    *out = v;
    return HP_OK;
}

hp_code hp_fill_number(hp_fill *f, uint32_t row, uint32_t col, hp_str lex, hp_value *out) {
    char text[HP_NUMBER_TEXT];
    size_t n = hp_number_text(lex, text);
    if (n == 0) return hp_fill_text(f, row, col, lex, false, out);
    return hp_fill_typed(f, HP_T_NUMBER, (hp_str){text, n}, lex, out);
}

hp_code hp_fill_error(hp_fill *f, uint32_t row, uint32_t col, hp_str text, hp_value *out) {
    hp_vid id;
    bool repaired = false;
    HP_TRY(hp_texts_intern(&f->texts, text, &id, &repaired, f->err));
    *out = f->raw ? (hp_value){id, id, HP_T_ERROR} : (hp_value){0};
    return hp_fill_find(f, HP_R_CELL_ERROR, row, col, id);
}

hp_code hp_fill_put(hp_fill *f, uint32_t col, hp_value v) {
    if (hp_grid_put_quick(&f->grid, col, v.v, v.type, v.lex)) return HP_OK;
    return hp_fail_grid(hp_grid_put(&f->grid, col, v.v, v.type, v.lex, f->err), f->file, f->part, f->err);
}

hp_code hp_fill_merge(hp_fill *f, hp_merged_area area) {
    char first[8], last[8];
    HP_TRY(hp_fail_grid(hp_grid_merge(&f->grid, area, f->err), f->file, f->part, f->err));
    if (f->raw) return HP_OK;
    hp_col_letters(area.first_col, first);
    hp_col_letters(area.last_col, last);
    return hp_findf(f->run, HP_R_MERGED_CELLS, (hp_cell){f->sheet, area.first_row, area.first_col}, HP_NULL,
                    f->err, "%s%u:%s%u", first, area.first_row, last, area.last_row);
}
