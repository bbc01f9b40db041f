/* Fuzzes the reader of old workbooks: any bytes are an xls file. */
#include "base/mem.h"
#include "read/book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_mem_set_budget(512u << 20);
    hp_run run = {0};
    hp_err err = {0};
    if (hp_run_open(&run, &err) != HP_OK) return 0;
    hp_book *book = NULL;
    hp_table *table;
    if (hp_book_open_bytes(&run, (hp_str){(const char *)data, size}, "fuzz.xls", &book, &err) == HP_OK) {
        size_t n;
        hp_book_sheets(book, &n);
        for (size_t i = 0; i < n && i < 8; i++) {
            if (size % 2) {
                hp_book_read_raw(&run, book, i, 0, &table, &err);
            } else {
                hp_book_read(&run, book, i, 0, &table, &err);
            }
        }
    }
    hp_book_close(book);
    hp_run_close(&run);
    return 0;
}
