/* Workbooks: libxlsxwriter makes the book without its rows, in a temporary file; the rows are poured in while
 * the parts are packed into the output. A million rows cost no memory. */
#include "write/write.h"

#include "base/limits.h"
#include "base/mem.h"
#include "write/parts.h"

#include "base/banned.h"

static const hp_str ROWS = HP_S("<sheetData></sheetData>"), BEFORE_ROWS = HP_S("<sheetData>");

typedef struct book {
    const hp_pool *pool;
    const hp_out_sheet *sheets;
    size_t n;
    hp_sheet_facts *facts; /* of the frame */
    hp_book_styles styles;
    hp_zip_out zip;
    const hp_part *part; /* on its way */
} book;

static hp_code pour_part(void *ctx, hp_zip_out *z, hp_err *err) {
    const book *b = ctx;
    hp_str s = b->part->content;
    size_t at = b->part->sheet == HP_NO_PART ? SIZE_MAX : hp_str_find(s, ROWS, 0);
    if (at == SIZE_MAX) return hp_zip_put(z, s, err);
    at += BEFORE_ROWS.n;
    HP_TRY(hp_zip_put(z, hp_str_cut(s, 0, at), err));
    HP_TRY(hp_rows_pour(b->pool, &b->sheets[b->part->sheet], &b->styles, z, err));
    return hp_zip_put(z, hp_str_cut(s, at, s.n), err);
}

static hp_code take_part(void *ctx, const hp_part *part, hp_err *err) {
    book *b = ctx;
    b->part = part;
    return hp_zip_add(&b->zip, part->name, pour_part, b, err);
}

static hp_code fill(book *b, const hp_out *frame, const char *path, hp_out *out, hp_err *err) {
    HP_TRY(hp_zip_begin(&b->zip, out->f, path, HP_ZIP_LIMIT, err));
    HP_TRY(hp_package_read(frame->temp, path, b->facts, b->n, take_part, b, err));
    return hp_zip_finish(&b->zip, err);
}

static hp_code make_book(book *b, const char *path, hp_out *frame, hp_out *out, hp_err *err) {
    HP_TRY(hp_out_begin(frame, path, false, err));
    HP_TRY(hp_frame_write(b->pool, b->sheets, b->n, path, frame, b->facts, &b->styles, err));
    HP_TRY(hp_out_begin(out, path, true, err));
    hp_code code = fill(b, frame, path, out, err);
    hp_zip_free(&b->zip);
    return code;
}

hp_code hp_write_xlsx(const hp_pool *pool, const hp_out_sheet *sheets, size_t n, const char *path,
                      hp_out *out, hp_err *err) {
    *out = (hp_out){0};
    hp_autofree hp_sheet_facts *facts = hp_calloc(n + 1, sizeof *facts);
    if (!facts) return hp_fail_memory(err, "the workbook");
    book b = {.pool = pool, .sheets = sheets, .n = n, .facts = facts};
    hp_out frame = {0};
    hp_code code = make_book(&b, path, &frame, out, err);
    hp_out_abandon(&frame);
    if (code != HP_OK) hp_out_abandon(out);
    return code;
}
