/* Workbooks made in memory for the tests of src/read: a zip written byte by byte, so that it can lie. */
#ifndef HP_TESTS_READ_MAKER_H
#define HP_TESTS_READ_MAKER_H

#include <stdlib.h>

#include <libdeflate.h>

#include "unit.h"

#include "read/book.h"

/** Describe an entry of a zip. */
typedef struct maker_part {
    const char *name, *text;
    size_t bytes;        /**< length of the text; 0: up to its NUL */
    bool stored;         /**< not deflated */
    uint32_t false_size; /**< declare this inflated size instead of the real one */
    uint32_t false_crc;  /**< added to the checksum */
} maker_part;

static inline void put16(hp_buf *b, uint32_t v) {
    hp_buf_putc(b, (char)v);
    hp_buf_putc(b, (char)(v >> 8));
}

static inline void put32(hp_buf *b, uint32_t v) {
    put16(b, v);
    put16(b, v >> 16);
}

/** Hold what the local and the central header of an entry share. */
typedef struct maker_entry {
    uint32_t method, crc, packed, size, offset;
} maker_entry;

/* The fields from "version needed" to the length of the extra field (APPNOTE.TXT 4.3.7). */
static inline void put_common(hp_buf *b, const maker_part *p, const maker_entry *e) {
    put16(b, 20);
    put16(b, 0);
    put16(b, e->method);
    put32(b, 0x58210000); /* 2024-01-01 00:00 */
    put32(b, e->crc);
    put32(b, e->packed);
    put32(b, e->size);
    put16(b, (uint32_t)strlen(p->name));
    put16(b, 0);
}

static inline maker_entry put_local(hp_buf *b, const maker_part *p) {
    size_t n = p->bytes ? p->bytes : strlen(p->text);
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    size_t room = libdeflate_deflate_compress_bound(c, n);
    char *packed = malloc(room);
    assert_non_null(packed);
    size_t deflated = libdeflate_deflate_compress(c, p->text, n, packed, room);
    maker_entry e = {.method = p->stored ? 0 : 8, .offset = (uint32_t)b->n};
    e.crc = libdeflate_crc32(0, p->text, n) + p->false_crc;
    e.packed = (uint32_t)(p->stored ? n : deflated);
    e.size = p->false_size ? p->false_size : (uint32_t)n;
    put32(b, 0x04034b50);
    put_common(b, p, &e);
    hp_buf_puts(b, p->name);
    hp_buf_add(b, (hp_str){p->stored ? p->text : packed, e.packed});
    libdeflate_free_compressor(c);
    free(packed);
    return e;
}

static inline void put_central(hp_buf *b, const maker_part *p, const maker_entry *e) {
    put32(b, 0x02014b50);
    put16(b, 20);
    put_common(b, p, e);
    for (int i = 0; i < 3; i++) put16(b, 0); /* comment, disk, internal attributes */
    put32(b, 0);
    put32(b, e->offset);
    hp_buf_puts(b, p->name);
}

/** Make a zip; free it with hp_buf_free. */
static inline hp_buf make_zip(const maker_part *parts, size_t n) {
    hp_buf b = hp_buf_new(64u << 20);
    maker_entry *e = malloc(n * sizeof *e);
    assert_non_null(e);
    for (size_t i = 0; i < n; i++) e[i] = put_local(&b, &parts[i]);
    uint32_t from = (uint32_t)b.n;
    for (size_t i = 0; i < n; i++) put_central(&b, &parts[i], &e[i]);
    uint32_t size = (uint32_t)b.n - from;
    put32(&b, 0x06054b50);
    put32(&b, 0);
    put16(&b, (uint32_t)n);
    put16(&b, (uint32_t)n);
    put32(&b, size);
    put32(&b, from);
    put16(&b, 0);
    free(e);
    assert_false(b.bad);
    return b;
}

#define REL_TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define ROOT_RELS                                                                            \
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" \
    "<Relationship Id=\"rId1\" Type=\"" REL_TYPE                                             \
    "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
#define BOOK_RELS                                                                                 \
    "<Relationships><Relationship Id=\"rId1\" Type=\"" REL_TYPE                                   \
    "worksheet\" Target=\"worksheets/sheet1.xml\"/>"                                              \
    "<Relationship Id=\"rId2\" Type=\"" REL_TYPE "sharedStrings\" Target=\"sharedStrings.xml\"/>" \
    "<Relationship Id=\"rId3\" Type=\"" REL_TYPE "styles\" Target=\"styles.xml\"/></Relationships>"
#define BOOK_XML(pr, state)                                                                          \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<workbook xmlns=\"m\" xmlns:r=\"r\">" pr "<sheets>" \
    "<sheet name=\"Data\" sheetId=\"1\" " state " r:id=\"rId1\"/></sheets></workbook>"
#define STRINGS(items) "<sst count=\"9\" uniqueCount=\"7\">" items "</sst>"
#define SHEET(rows) \
    "<worksheet xmlns=\"m\"><dimension ref=\"A1:A1\"/><sheetData>" rows "</sheetData></worksheet>"

/** Say what a one-sheet workbook holds; NULL leaves a part out (or takes the usual one). */
typedef struct maker_book {
    const char *sheet, *strings, *styles, *workbook;
} maker_book;

/** Make a workbook of one sheet called Data. */
static inline hp_buf make_book(maker_book m) {
    maker_part parts[6] = {
        {.name = "_rels/.rels", .text = ROOT_RELS},
        {.name = "xl/workbook.xml", .text = m.workbook ? m.workbook : BOOK_XML("", "")},
        {.name = "xl/_rels/workbook.xml.rels", .text = BOOK_RELS},
        {.name = "xl/worksheets/sheet1.xml", .text = m.sheet},
    };
    size_t n = 4;
    if (m.strings) parts[n++] = (maker_part){.name = "xl/sharedStrings.xml", .text = m.strings};
    if (m.styles) parts[n++] = (maker_part){.name = "xl/styles.xml", .text = m.styles};
    return make_zip(parts, n);
}

/** Hold a file that a test reads. */
typedef struct reading {
    hp_run run;
    hp_err err;
    hp_book *book;
    hp_table *table;
    hp_code code;
} reading;

/** Open bytes and read a sheet; r.code tells how that went. End with done. */
static inline reading read_as(hp_str bytes, const char *name, size_t sheet, bool raw) {
    reading r = {0};
    assert_ok(hp_run_open(&r.run, &r.err), r.err);
    r.code = hp_book_open_bytes(&r.run, bytes, name, &r.book, &r.err);
    if (r.code != HP_OK) return r;
    r.code = raw ? hp_book_read_raw(&r.run, r.book, sheet, 0, &r.table, &r.err)
                 : hp_book_read(&r.run, r.book, sheet, 0, &r.table, &r.err);
    return r;
}

static inline void done(reading *r) {
    hp_book_close(r->book);
    hp_run_close(&r->run);
}

/** Read a one-sheet workbook that has to be readable. */
static inline reading read_book(maker_book m, bool raw) {
    hp_buf b = make_book(m);
    reading r = read_as(hp_buf_str(&b), "Book.xlsx", 0, raw);
    hp_book_close(r.book); /* nothing that was read points into the book */
    r.book = NULL;
    hp_buf_free(&b);
    if (r.code != HP_OK) fail_msg("%s", r.err.message);
    return r;
}

/** Find the index of a stored row by its number; SIZE_MAX when it is not stored. */
static inline size_t row_index(const reading *r, uint32_t number) {
    for (size_t i = 0; i < r->table->nrow; i++) {
        if (r->table->origin[i].row == number) return i;
    }
    return SIZE_MAX;
}

/** View the text of a cell ("" when it is null or not there) and, in lex and type (may be NULL), the rest of
 * it. */
static inline hp_str cell_of(const reading *r, uint32_t col, uint32_t number, hp_str *lex, hp_type *type) {
    size_t row = row_index(r, number);
    if (row == SIZE_MAX || col >= r->table->ncol) return HP_S("");
    const hp_column *c = &r->table->col[col];
    if (lex) *lex = hp_text(r->run.pool, c->lex ? c->lex[row] : c->v[row]);
    if (type) *type = hp_cell_type(c, row);
    return hp_text(r->run.pool, c->v[row]);
}

/** Fail unless a cell has this text, type and lexical form. */
static inline void expect_cell(const reading *r, uint32_t col, uint32_t row, hp_type type, const char *text,
                               const char *lex) {
    hp_str has_lex = HP_S("");
    hp_type has_type = HP_T_NONE;
    hp_str has = cell_of(r, col, row, &has_lex, &has_type);
    if (!hp_str_eq(has, hp_str_of(text)) || has_type != type || !hp_str_eq(has_lex, hp_str_of(lex))) {
        fail_msg(
            "column %u row %u: got \"%.*s\" type %d lexical \"%.*s\", wanted \"%s\" type %d lexical \"%s\"",
            col, row, HP_FMT(has), (int)has_type, HP_FMT(has_lex), text, (int)type, lex);
    }
}

/** Fail unless a cell is the text. */
static inline void expect_text(const reading *r, uint32_t col, uint32_t row, const char *text) {
    expect_cell(r, col, row, text[0] ? HP_T_TEXT : HP_T_NONE, text, text);
}

/** Fail unless the n-th finding (0 = first) of a rule is at a place, with a note. */
static inline void expect_finding(const reading *r, hp_rule rule, size_t nth, uint32_t row, uint32_t col,
                                  const char *note) {
    for (size_t i = 0; i < r->run.issues.list.n; i++) {
        const hp_issue *f = &r->run.issues.list.p[i];
        if (f->rule != rule || nth-- > 0) continue;
        assert_int_equal(f->at.row, row);
        assert_int_equal(f->at.col, col);
        assert_view(hp_text(r->run.pool, f->note), note);
        return;
    }
    fail_msg("finding %s is missing", hp_rule_get(rule)->name);
}

/** Fail unless bytes are refused with HP_DATA, in words that contain `words` and the file's name. */
static inline void expect_refused(hp_str bytes, const char *name, const char *words) {
    reading r = read_as(bytes, name, 0, false);
    assert_int_equal(r.code, HP_DATA);
    assert_string_equal(r.err.stage, "read");
    assert_contains(r.err.message, words);
    assert_contains(r.err.message, name);
    done(&r);
}

#endif
