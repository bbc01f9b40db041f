/* Fuzzes the patching of workbooks: what can be read is annotated, and the copy has to have the same cells.
 * Input is taken as in fuzz_xlsx.c. */
#include "made.h"

#include "refine/annotate.h"

/* Says what is in the cells of the first sheet, or nothing when it cannot be read. The texts are those of the
 * file: a format that it names but does not have is there in the copy, and may show a number in another way.
 */
static void describe(hp_str bytes, hp_buf *out) {
    hp_run run = {0};
    hp_err err = {0};
    hp_book *b = NULL;
    hp_table *t = NULL;
    if (hp_run_open(&run, &err) != HP_OK) return;
    hp_code code = hp_book_open_bytes(&run, bytes, "fuzz.xlsx", &b, &err);
    if (code == HP_OK) code = hp_book_read_raw(&run, b, 0, 0, &t, &err);
    for (size_t c = 0; code == HP_OK && c < t->ncol; c++)
        for (size_t r = 0; r < t->nrow; r++)
            if (t->col[c].v[r])
                hp_buf_printf(out, "%zu,%u=%.*s\n", c, t->origin[r].row,
                              HP_FMT(hp_text(run.pool, (t->col[c].lex ? t->col[c].lex : t->col[c].v)[r])));
    hp_book_close(b);
    hp_run_close(&run);
}

static void annotate(hp_str bytes, char **copy, size_t *n) {
    static const hp_annotation A[] = {{.row = 1,
                                       .col = 0,
                                       .severity = HP_SEV_WARN,
                                       .rule = HP_S("r"),
                                       .reason = HP_S("x"),
                                       .note = HP_S("")},
                                      {.row = 1,
                                       .col = 2,
                                       .severity = HP_SEV_INFO,
                                       .rule = HP_S("r"),
                                       .reason = HP_S("x"),
                                       .note = HP_S("n")},
                                      {.row = 3,
                                       .col = HP_NO_COL,
                                       .severity = HP_SEV_ERROR,
                                       .rule = HP_S("r"),
                                       .reason = HP_S("x"),
                                       .note = HP_S("")}};
    hp_run run = {0};
    hp_err err = {0};
    hp_book *b = NULL;
    hp_book_parts parts;
    hp_annotated count;
    if (hp_run_open(&run, &err) != HP_OK) return;
    if (hp_book_open_bytes(&run, bytes, "fuzz.xlsx", &b, &err) == HP_OK && hp_book_has_parts(b, &parts)) {
        FILE *f = tmpfile();
        if (f && hp_annotate_book(b, A, 3, f, "copy", &count, &err) == HP_OK) {
            *n = (size_t)ftell(f);
            *copy = malloc(*n + 1);
            rewind(f);
            if (!*copy || fread(*copy, 1, *n, f) != *n) abort();
        }
        if (f) fclose(f);
    }
    hp_book_close(b);
    hp_run_close(&run);
}

static void check(hp_str input) {
    char *copy = NULL;
    size_t n = 0;
    hp_autobuf before = hp_buf_new(64u << 20), after = hp_buf_new(64u << 20);
    describe(input, &before);
    if (before.n == 0) return;
    annotate(input, &copy, &n);
    if (copy) {
        describe((hp_str){copy, n}, &after);
        if (!hp_str_eq(hp_buf_str(&before), hp_buf_str(&after))) abort();
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_autobuf made = hp_buf_new(64u << 20);
    hp_str book = book_of(data, size, &made);
    if (!made.bad) check(book);
    return 0;
}
