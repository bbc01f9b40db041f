/* What fuzz targets share: zips of stored parts made around an input, and reading a file through the door in
 * two ways that must not differ. */
#ifndef HP_TESTS_FUZZ_MADE_H
#define HP_TESTS_FUZZ_MADE_H

#include <libdeflate.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/simd.h"
#include "base/threads.h"
#include "read/book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- zips ---- */

/* A part of a zip. */
typedef struct part {
    char letter; /* the first byte of input that takes its place */
    const char *name;
    hp_str text;
} part;

enum { MOST_PARTS = 8 };

static inline void put(hp_buf *b, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) hp_buf_putc(b, (char)(value >> (8 * i)));
}

/* The fields that the local and the central header of a stored entry share. */
static inline void put_header(hp_buf *b, const part *p) {
    put(b, 20, 2);
    put(b, 0, 4);          /* flags, method: stored */
    put(b, 0x58210000, 4); /* time */
    put(b, libdeflate_crc32(0, p->text.p, p->text.n), 4);
    put(b, p->text.n, 4);
    put(b, p->text.n, 4);
    put(b, strlen(p->name), 2);
    put(b, 0, 2);
}

static inline void put_local(hp_buf *b, const part *p) {
    put(b, 0x04034b50, 4);
    put_header(b, p);
    hp_buf_puts(b, p->name);
    hp_buf_add(b, p->text);
}

static inline void put_central(hp_buf *b, const part *p, size_t offset) {
    put(b, 0x02014b50, 4);
    put(b, 20, 2);
    put_header(b, p);
    put(b, 0, 6); /* comment, disk, internal attributes */
    put(b, 0, 4);
    put(b, offset, 4);
    hp_buf_puts(b, p->name);
}

/* Appends a zip of n stored parts to an empty buffer. */
static inline void make_zip(const part *parts, size_t n, hp_buf *b) {
    size_t offset[MOST_PARTS];
    for (size_t i = 0; i < n; i++) {
        offset[i] = b->n;
        put_local(b, &parts[i]);
    }
    size_t from = b->n;
    for (size_t i = 0; i < n; i++) put_central(b, &parts[i], offset[i]);
    size_t size = b->n - from;
    put(b, 0x06054b50, 4);
    put(b, 0, 4);
    put(b, n, 2);
    put(b, n, 2);
    put(b, size, 4);
    put(b, from, 4);
    put(b, 0, 2);
}

/* ---- workbooks ---- */

#define RELATION "Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

static const part usual_book[] = {
    {'p', "_rels/.rels",
     HP_S("<R><Relationship Id='a' " RELATION "officeDocument' Target='xl/workbook.xml'/></R>")},
    {'w', "xl/workbook.xml",
     HP_S("<workbook xmlns:r='r'><sheets><sheet name='S' r:id='a'/></sheets></workbook>")},
    {'r', "xl/_rels/workbook.xml.rels",
     HP_S("<R><Relationship Id='a' " RELATION "worksheet' Target='s.xml'/></R>")},
    {'s', "xl/s.xml",
     HP_S("<worksheet><sheetData><row><c t='s'><v>0</v></c><c s='1'><v>45944.5</v></c></row></sheetData>"
          "</worksheet>")},
    {'t', "xl/sharedStrings.xml", HP_S("<sst><si><t>text</t></si></sst>")},
    {'y', "xl/styles.xml", HP_S("<styleSheet><cellXfs><xf/><xf numFmtId='14'/></cellXfs></styleSheet>")},
};
enum { BOOK_PARTS = sizeof usual_book / sizeof *usual_book };

/* Puts a text in the place of the part with this letter. */
static inline void put_part(part parts[BOOK_PARTS], char letter, hp_str text) {
    for (size_t i = 0; i < BOOK_PARTS; i++)
        if (parts[i].letter == letter) parts[i].text = text;
}

/* Returns the workbook that an input stands for: itself, or, since checksums would keep a fuzzer out of the
 * parts, one that is made in `made` around the part that its first byte names. */
static inline hp_str book_of(const uint8_t *data, size_t size, hp_buf *made) {
    hp_str input = {(const char *)data, size};
    part parts[BOOK_PARTS];
    memcpy(parts, usual_book, sizeof parts);
    for (size_t i = 0; i < BOOK_PARTS && size > 0; i++) {
        if (input.p[0] != parts[i].letter) continue;
        parts[i].text = hp_str_cut(input, 1, size);
        make_zip(parts, BOOK_PARTS, made);
        return hp_buf_str(made);
    }
    return input;
}

/* ---- reading ---- */

/* A file that was read: all sheets up to the first error. */
typedef struct reading {
    hp_run run;
    hp_code code;
    hp_err err;
    hp_table *table[MOST_PARTS];
    size_t n;
} reading;

static inline void read_sheets(reading *r, hp_book *book, bool raw) {
    size_t n;
    hp_book_sheets(book, &n);
    for (; r->n < n && r->n < MOST_PARTS && r->code == HP_OK; r->n++) {
        uint32_t sheet = (uint32_t)r->n;
        hp_table **to = &r->table[r->n];
        r->code = raw ? hp_book_read_raw(&r->run, book, r->n, sheet, to, &r->err)
                      : hp_book_read(&r->run, book, r->n, sheet, to, &r->err);
    }
}

/* Reads a file; an error without a message is a bug. Release it with reading_close. */
static inline void reading_open(reading *r, hp_str bytes, const char *name, bool raw) {
    *r = (reading){0};
    if (hp_run_open(&r->run, NULL) != HP_OK) abort();
    hp_book *book = NULL;
    r->code = hp_book_open_bytes(&r->run, bytes, name, &book, &r->err);
    if (r->code == HP_OK) read_sheets(r, book, raw);
    hp_book_close(book);
    if (r->code != HP_OK && !r->err.message[0]) abort();
    if (r->code == HP_BUG) abort();
}

static inline void reading_close(reading *r) { hp_run_close(&r->run); }

/* ---- two readings of one file ---- */

static inline void must(bool holds) {
    if (!holds) abort();
}

static inline void same_text(const reading *a, const reading *b, hp_vid x, hp_vid y) {
    must(hp_str_eq(hp_text(a->run.pool, x), hp_text(b->run.pool, y)));
}

static inline void same_column(const reading *a, const reading *b, const hp_column *x, const hp_column *y,
                               size_t nrow) {
    must(x->source == y->source);
    for (size_t i = 0; i < nrow; i++) {
        must(hp_cell_type(x, i) == hp_cell_type(y, i));
        same_text(a, b, x->v[i], y->v[i]);
        same_text(a, b, x->lex ? x->lex[i] : x->v[i], y->lex ? y->lex[i] : y->v[i]);
    }
}

static inline void same_table(const reading *a, const reading *b, const hp_table *x, const hp_table *y) {
    must(x->nrow == y->nrow && x->ncol == y->ncol && x->narea == y->narea && !x->hidden == !y->hidden);
    for (size_t i = 0; i < x->ncol; i++) same_column(a, b, &x->col[i], &y->col[i], x->nrow);
    for (size_t i = 0; i < x->nrow; i++) {
        must(x->origin[i].row == y->origin[i].row);
        must(!x->hidden || x->hidden[i] == y->hidden[i]);
    }
    must(x->narea == 0 || memcmp(x->area, y->area, x->narea * sizeof *x->area) == 0);
}

static inline void same_findings(const reading *a, const reading *b) {
    must(a->run.issues.list.n == b->run.issues.list.n);
    for (size_t i = 0; i < a->run.issues.list.n; i++) {
        const hp_issue *x = &a->run.issues.list.p[i], *y = &b->run.issues.list.p[i];
        must(x->rule == y->rule && memcmp(&x->at, &y->at, sizeof x->at) == 0);
        same_text(a, b, x->value, y->value);
        same_text(a, b, x->note, y->note);
    }
}

/* A damaged part is noticed sooner or later, by how it is read. */
static inline hp_str without_byte(const char *message) {
    hp_str s = hp_str_of(message);
    size_t at = hp_str_find(s, HP_S("(byte "), 0);
    return at == SIZE_MAX ? s : hp_str_cut(s, 0, at);
}

/* Aborts when two readings of a file that is good differ, or only one is an error. */
static inline void same_reading(const reading *a, const reading *b) {
    must(a->code == b->code);
    if (a->code != HP_OK) {
        must(hp_str_eq(without_byte(a->err.message), without_byte(b->err.message)));
        return;
    }
    must(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) same_table(a, b, a->table[i], b->table[i]);
    same_findings(a, b);
}

/* Reads a file with all that the processor offers, in small pieces, every fourth length with two threads
 * (which take turns slowly), and again with nothing of it. */
static inline void read_twice(hp_str bytes, const char *name, bool raw) {
    reading quick, plain;
    hp_mem_set_budget(1u << 30);
    hp_simd_limit(HP_SIMD_AVX512);
    hp_threads_set(bytes.n / 2 % 4 ? 1 : 2);
    hp_piece_limit(16 + bytes.n * 7 % 200);
    reading_open(&quick, bytes, name, raw);
    hp_piece_limit(0);
    hp_simd_limit(HP_SIMD_PORTABLE);
    hp_threads_set(1);
    reading_open(&plain, bytes, name, raw);
    same_reading(&quick, &plain);
    reading_close(&plain);
    reading_close(&quick);
}

#endif
