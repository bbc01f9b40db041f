/* Fuzzes the workbook reader. Input that begins as a zip is a workbook. Since checksums would keep a fuzzer
 * out of the parts, other input is one part of a workbook that is made around it: its first byte says which.
 */
#include <libdeflate.h>

#include "base/mem.h"
#include "read/book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct part {
    char letter; /* the first byte of input that takes its place */
    const char *name;
    hp_str text;
} part;

#define TYPE "Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

static const part usual[] = {
    {'p', "_rels/.rels",
     HP_S("<R><Relationship Id='a' " TYPE "officeDocument' Target='xl/workbook.xml'/></R>")},
    {'w', "xl/workbook.xml",
     HP_S("<workbook xmlns:r='r'><sheets><sheet name='S' r:id='a'/></sheets></workbook>")},
    {'r', "xl/_rels/workbook.xml.rels",
     HP_S("<R><Relationship Id='a' " TYPE "worksheet' Target='s.xml'/></R>")},
    {'s', "xl/s.xml",
     HP_S(
         "<worksheet><sheetData><row><c t='s'><v>0</v></c><c s='1'><v>45944.5</v></c></row></sheetData></worksheet>")},
    {'t', "xl/sharedStrings.xml", HP_S("<sst><si><t>text</t></si></sst>")},
    {'y', "xl/styles.xml", HP_S("<styleSheet><cellXfs><xf/><xf numFmtId='14'/></cellXfs></styleSheet>")},
};
enum { PARTS = sizeof usual / sizeof *usual };

static void put(hp_buf *b, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) hp_buf_putc(b, (char)(value >> (8 * i)));
}

/* The fields that the local and the central header of a stored entry share. */
static void put_header(hp_buf *b, const part *p) {
    put(b, 20, 2);
    put(b, 0, 4);          /* flags, method: stored */
    put(b, 0x58210000, 4); /* time */
    put(b, libdeflate_crc32(0, p->text.p, p->text.n), 4);
    put(b, p->text.n, 4);
    put(b, p->text.n, 4);
    put(b, strlen(p->name), 2);
    put(b, 0, 2);
}

static void make_book(const part *parts, hp_buf *b) {
    size_t offset[PARTS];
    for (size_t i = 0; i < PARTS; i++) {
        offset[i] = b->n;
        put(b, 0x04034b50, 4);
        put_header(b, &parts[i]);
        hp_buf_puts(b, parts[i].name);
        hp_buf_add(b, parts[i].text);
    }
    size_t from = b->n;
    for (size_t i = 0; i < PARTS; i++) {
        put(b, 0x02014b50, 4);
        put(b, 20, 2);
        put_header(b, &parts[i]);
        put(b, 0, 6); /* comment, disk, internal attributes */
        put(b, 0, 4);
        put(b, offset[i], 4);
        hp_buf_puts(b, parts[i].name);
    }
    size_t size = b->n - from;
    put(b, 0x06054b50, 4);
    put(b, 0, 4);
    put(b, PARTS, 2);
    put(b, PARTS, 2);
    put(b, size, 4);
    put(b, from, 4);
    put(b, 0, 2);
}

static void read_all(hp_str bytes, bool raw) {
    hp_run run = {0};
    hp_err err = {0};
    if (hp_run_open(&run, &err) != HP_OK) return;
    hp_book *book = NULL;
    hp_table *table;
    if (hp_book_open_bytes(&run, bytes, "fuzz.xlsx", &book, &err) == HP_OK) {
        size_t n;
        hp_book_sheets(book, &n);
        for (size_t i = 0; i < n && i < 8; i++) {
            if (raw) {
                hp_book_read_raw(&run, book, i, 0, &table, &err);
            } else {
                hp_book_read(&run, book, i, 0, &table, &err);
            }
        }
    }
    hp_book_close(book);
    hp_run_close(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_mem_set_budget(512u << 20);
    hp_str input = {(const char *)data, size};
    part parts[PARTS];
    memcpy(parts, usual, sizeof parts);
    bool whole = true;
    for (size_t i = 0; i < PARTS && size > 0; i++) {
        if (input.p[0] != parts[i].letter) continue;
        parts[i].text = hp_str_cut(input, 1, size);
        whole = false;
    }
    hp_autobuf made = hp_buf_new(64u << 20);
    if (!whole) {
        make_book(parts, &made);
        if (made.bad) return 0;
        input = hp_buf_str(&made);
    }
    read_all(input, size % 2);
    return 0;
}
