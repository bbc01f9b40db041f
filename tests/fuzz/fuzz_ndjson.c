/* Fuzzes the reader of JSON lines: any bytes are such a file, also behind gzip or zstd. */
#include "base/mem.h"
#include "read/book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each line that is not blank is a row, a finding, or an object without a value: none is lost without a word.
 */
static void check(const hp_run *run, const hp_table *t) {
    if (run->issues.by_rule[HP_R_BROKEN_LINE] && t->nrow == 0 && t->ncol) __builtin_trap();
    for (size_t c = 0; c < t->ncol; c++)
        for (size_t r = 0; r < t->nrow; r++)
            if (t->col[c].v[r] > hp_pool_count(run->pool)) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_mem_set_budget(512u << 20);
    hp_run run = {0};
    hp_err err = {0};
    if (hp_run_open(&run, &err) != HP_OK) return 0;
    hp_book *book = NULL;
    hp_table *table;
    if (hp_book_open_bytes(&run, (hp_str){(const char *)data, size}, "fuzz.ndjson", &book, &err) == HP_OK) {
        hp_code code = size % 2 ? hp_book_read_raw(&run, book, 0, 0, &table, &err)
                                : hp_book_read(&run, book, 0, 0, &table, &err);
        if (code == HP_OK) check(&run, table);
    }
    hp_book_close(book);
    hp_run_close(&run);
    return 0;
}
