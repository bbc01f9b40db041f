/* Fuzzes the reader of JSON lines: any bytes are such a file, also behind gzip or zstd. */
#include "made.h"

/* Each line that is not blank is a row, a finding, or an object without a value: none is lost without a word.
 */
static void check(const hp_run *run, const hp_table *t) {
    if (run->issues.by_rule[HP_R_BROKEN_LINE] && t->nrow == 0 && t->ncol) __builtin_trap();
    for (size_t c = 0; c < t->ncol; c++)
        for (size_t r = 0; r < t->nrow; r++)
            if (t->col[c].v[r] > hp_pool_count(run->pool)) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    reading r;
    hp_mem_set_budget(512u << 20);
    reading_open(&r, (hp_str){(const char *)data, size}, "fuzz.ndjson", size % 2);
    if (r.code == HP_OK) check(&r.run, r.table[0]);
    reading_close(&r);
    read_twice((hp_str){(const char *)data, size}, "fuzz.ndjson", size % 2);
    return 0;
}
