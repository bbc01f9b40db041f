/* Workbooks, part by part. Rows and shared strings are made in blocks, side by side, and written in order; a
 * million rows cost no memory but a number for each distinct text. */
#include "base/mem.h"
#include "write/block.h"

#include "base/banned.h"

static hp_code put_page(hp_book_out *b, hp_page *page, hp_err *err) {
    hp_code code = hp_links_find(b, page, err);
    if (code == HP_OK) code = hp_sheet_part(b, page, err);
    if (code == HP_OK) code = hp_page_rels(b, page, err);
    hp_free(page->link);
    page->link = NULL;
    HP_TRY(code);
    HP_TRY(hp_comment_parts(b, page, err));
    return hp_table_part(b, page, err);
}

static hp_code fill(hp_book_out *b, FILE *f, const char *path, hp_err *err) {
    HP_TRY(hp_zip_begin(&b->zip, f, path, HP_ZIP_LIMIT, b->options->compress, err));
    b->blocks = hp_blocks_new(b->options->compress);
    if (!b->blocks) return hp_fail_memory(err, "the workbook");
    HP_TRY(hp_strings_count(b, &b->strings, err));
    HP_TRY(hp_book_parts(b, err));
    for (size_t i = 0; i < b->npage; i++) HP_TRY(put_page(b, &b->page[i], err));
    HP_TRY(hp_strings_part(b, err));
    return hp_zip_finish(&b->zip, err);
}

static hp_code make_book(hp_book_out *b, const char *path, hp_out *out, hp_err *err) {
    HP_TRY(hp_pages_plan(b, path, err));
    HP_TRY(hp_out_begin(out, path, true, err));
    return fill(b, out->f, path, err);
}

hp_code hp_write_book(const hp_pool *pool, const hp_out_sheet *sheets, size_t n,
                      const hp_book_options *options, const char *path, hp_out *out, hp_err *err) {
    static const hp_book_options USUAL = {0};
    *out = (hp_out){0};
    hp_book_out b = {.pool = pool, .sheet = sheets, .nsheet = n, .options = options ? options : &USUAL};
    hp_code code = make_book(&b, path, out, err);
    hp_zip_free(&b.zip);
    hp_blocks_free(b.blocks);
    hp_free(b.strings.number);
    hp_free(b.page);
    if (code != HP_OK) hp_out_abandon(out);
    return code;
}
