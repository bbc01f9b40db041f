/* Fuzzes the reader of OpenDocument spreadsheets: any bytes are the part content.xml of one. */
#include <libdeflate.h>

#include "base/mem.h"
#include "read/book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(hp_buf *b, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) hp_buf_putc(b, (char)(value >> (8 * i)));
}

/* The fields that the local and the central header of a stored entry share. */
static void put_header(hp_buf *b, const char *name, hp_str text) {
    put(b, 20, 2);
    put(b, 0, 4);          /* flags, method: stored */
    put(b, 0x58210000, 4); /* time */
    put(b, libdeflate_crc32(0, text.p, text.n), 4);
    put(b, text.n, 4);
    put(b, text.n, 4);
    put(b, strlen(name), 2);
    put(b, 0, 2);
}

static void make_book(hp_str content, hp_buf *b) {
    const char *const name[] = {"mimetype", "content.xml"};
    const hp_str text[] = {HP_S("application/vnd.oasis.opendocument.spreadsheet"), content};
    size_t offset[2];
    for (size_t i = 0; i < 2; i++) {
        offset[i] = b->n;
        put(b, 0x04034b50, 4);
        put_header(b, name[i], text[i]);
        hp_buf_puts(b, name[i]);
        hp_buf_add(b, text[i]);
    }
    size_t from = b->n;
    for (size_t i = 0; i < 2; i++) {
        put(b, 0x02014b50, 4);
        put(b, 20, 2);
        put_header(b, name[i], text[i]);
        put(b, 0, 6); /* comment, disk, internal attributes */
        put(b, 0, 4);
        put(b, offset[i], 4);
        hp_buf_puts(b, name[i]);
    }
    size_t size = b->n - from;
    put(b, 0x06054b50, 4);
    put(b, 0, 4);
    put(b, 2, 2);
    put(b, 2, 2);
    put(b, size, 4);
    put(b, from, 4);
    put(b, 0, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_mem_set_budget(512u << 20);
    hp_limit_put(HP_L_CELLS, 1u << 20); /* repeats make many of few bytes, which is slow and nothing new */
    hp_autobuf made = hp_buf_new(64u << 20);
    make_book((hp_str){(const char *)data, size}, &made);
    hp_run run = {0};
    hp_err err = {0};
    hp_book *book = NULL;
    hp_table *table;
    if (made.bad || hp_run_open(&run, &err) != HP_OK) return 0;
    if (hp_book_open_bytes(&run, hp_buf_str(&made), "fuzz.ods", &book, &err) == HP_OK) {
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
