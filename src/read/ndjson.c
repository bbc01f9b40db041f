/* An ndjson file (one JSON object a line) as one sheet: the names in the order in which good lines first have
 * them, and below them the lines. Pieces of the file are read side by side and taken in their order, so that
 * columns and values get the same numbers whatever the number of threads. */
#include "read/ndjson.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/threads.h"
#include "read/book.h"
#include "read/encoding.h"
#include "read/text.h"

#include "base/banned.h"

enum { SLOTS = 8, NONE = UINT32_MAX, SAMPLE = 1 << 16 };
/* Cut behind a line: so much that few texts occur in several pieces, so little that its dictionary stays in
 * the caches. */
#define PIECE (256u << 10)

typedef struct reading {
    hp_run *run;
    const hp_book *b;
    bool raw;
    hp_str text, rest; /* all of it; what is not yet cut into pieces */
    hp_grid grid;
    hp_batch_sink sink;
    hp_dict name;            /* of the columns, in their order */
    HP_VEC(uint64_t) nested; /* values of each column that are arrays or objects */
    hp_nd_piece piece[SLOTS];
} reading;

hp_code hp_ndjson_open(hp_book *b, hp_err *err) {
    b->sheet = HP_NEW(b->arena, hp_book_sheet);
    if (!b->sheet) return hp_fail_memory(err, "an ndjson file");
    *b->sheet = (hp_book_sheet){.name = HP_S(""), .readable = true};
    b->nsheet = 1;
    return HP_OK;
}

bool hp_ndjson_is(hp_str bytes) {
    hp_json_scan s = {.p = bytes.p, .end = bytes.p + bytes.n};
    if (hp_str_starts(bytes, HP_S("\xEF\xBB\xBF"))) s.p += 3;
    hp_json_space(&s);
    if (s.p == s.end || *s.p != '[') return s.p < s.end && *s.p == '{';
    s.p++;
    hp_json_space(&s);
    return s.p < s.end
           && (*s.p == '{' || *s.p == '['); /* refused later, in better words than a csv reader has */
}

/* Returns the number of the line in which a byte of the text is. */
static unsigned long long line_of(const reading *r, size_t at) {
    unsigned long long line = 1;
    for (size_t i = 0; (i = hp_str_chr(r->text, '\n', i)) < at; i++) line++;
    return line;
}

static hp_code fail_at(const reading *r, size_t at, const char *what, hp_err *err) {
    return hp_fail(err, HP_DATA, "%.*s: line %llu, byte %zu: %s", HP_FMT(r->b->name), line_of(r, at), at,
                   what);
}

/* Holds the first line that is not blank against what is wanted: when it is no object, neither will the
 * others be. */
static hp_code check_first(const reading *r, hp_err *err) {
    hp_json_scan s = {.p = r->text.p, .end = r->text.p + r->text.n};
    s.scratch = hp_buf_new(2 * HP_LIMIT_PART_BYTES);
    hp_json_space(&s);
    if (s.p == s.end) return HP_OK;
    size_t from = (size_t)(s.p - r->text.p), end = hp_str_chr(r->text, '\n', from);
    if (*s.p == '[')
        return fail_at(r, from, "is a JSON array; write each object on a line of its own (jq -c '.[]' does)",
                       err);
    if (*s.p != '{') return fail_at(r, from, "is no JSON object; write one object on each line", err);
    if (end < r->text.n) s.end = r->text.p + end;
    hp_str text;
    hp_json_kind kind = hp_json_value(&s, &text);
    bool out_of_memory = s.scratch.bad;
    hp_buf_free(&s.scratch);
    if (out_of_memory) return hp_fail_memory(err, "an ndjson file");
    if (kind != HP_JSON_BAD) return HP_OK;
    if (s.p == s.end)
        return fail_at(
            r, (size_t)(s.p - r->text.p),
            "the object does not end on its line; write each object on a line of its own (jq -c . does)",
            err);
    hp_fail(err, HP_DATA, "%.*s: line %llu, byte %zu: %s; is this a file of JSON lines?", HP_FMT(r->b->name),
            line_of(r, from), (size_t)(s.p - r->text.p), s.why);
    return HP_DATA;
}

/* ---- pieces ---- */

static hp_code make(void *ctx, size_t slot, bool *made, hp_err *err) {
    reading *r = ctx;
    (void)err;
    *made = r->rest.n > 0;
    size_t most = hp_piece_bytes(PIECE);
    size_t end = r->rest.n > most ? hp_str_chr(r->rest, '\n', most) : SIZE_MAX;
    if (end != SIZE_MAX) end++;
    r->piece[slot].text = hp_str_cut(r->rest, 0, end);
    r->rest = hp_str_cut(r->rest, end, r->rest.n);
    return HP_OK;
}

static hp_code too_many_names(const reading *r, hp_err *err) {
    return hp_fail(
        err, HP_DATA,
        "%.*s: has more than %u different names, so many columns as a sheet can have; are they values?",
        HP_FMT(r->b->name), HP_LIMIT_SHEET_COLS);
}

static hp_code work(void *ctx, size_t slot, hp_err *err) {
    reading *r = ctx;
    hp_nd_piece *x = &r->piece[slot];
    if (hp_nd_read(x)) return HP_OK;
    if (x->too_many) return too_many_names(r, err);
    if (!x->too_long) return hp_fail_memory(err, "an ndjson file");
    size_t at = (size_t)(x->scan.p - x->base);
    return hp_fail_limit(err, HP_L_TEXT_BYTES, "%.*s: line %llu, byte %zu: a value of more than %llu bytes",
                         HP_FMT(r->b->name), line_of(r, at), at, (unsigned long long)HP_LIMIT_TEXT_BYTES);
}

/* Gives a key its column. */
static hp_code place_key(reading *r, hp_nd_piece *x, uint32_t k, hp_err *err) {
    uint32_t col = hp_dict_add(&r->name, x->name.text[k]);
    if (col == HP_DICT_FULL) return hp_fail_memory(err, "an ndjson file");
    if (col == HP_LIMIT_SHEET_COLS) return too_many_names(r, err);
    if (col == r->nested.n && !hp_vec_push(&r->nested, 0)) return hp_fail_memory(err, "an ndjson file");
    x->key.p[k].col = col;
    return HP_OK;
}

/* Gives the piece's new keys their columns. *same tells whether all keys are numbered as their columns. */
static hp_code place_keys(reading *r, hp_nd_piece *x, bool *same, hp_err *err) {
    *same = true;
    for (size_t i = 0; i < x->fresh.n; i++) HP_TRY(place_key(r, x, x->fresh.p[i], err));
    for (uint32_t k = 0; k < x->key.n; k++) {
        const hp_nd_key *key = &x->key.p[k];
        if (key->listed) r->nested.p[key->col] += key->nested;
        if (!key->listed || key->col != k) *same = false;
    }
    return HP_OK;
}

static void place_cells(hp_nd_piece *x) {
    hp_batch *b = &x->batch;
    for (size_t i = 0; i < b->ncell; i++) b->cell[i].col = (uint16_t)x->key.p[b->cell[i].col].col;
    for (size_t i = 0; i < b->issue.n; i++)
        if (b->issue.p[i].col != HP_NO_COL) b->issue.p[i].col = x->key.p[b->issue.p[i].col].col;
}

/* Tells of each broken line where it is: that is known only now, when the lines before are counted. The
 * findings are in the order of x->broken. */
static void explain_broken(const reading *r, hp_nd_piece *x) {
    hp_batch *b = &x->batch;
    size_t next = 0;
    for (size_t i = 0; i < b->issue.n; i++) {
        if (b->issue.p[i].rule != HP_R_BROKEN_LINE) continue;
        const hp_nd_broken *broken = &x->broken.p[next++];
        hp_autobuf note = hp_buf_new(1000);
        /* Row 1 holds the names, and rows count from 1. */
        hp_buf_printf(&note, "line %u, byte %zu: %s", r->sink.last_row + broken->row, broken->at,
                      broken->why);
        hp_str kept = hp_dict_keep(&b->dict, hp_buf_str(&note));
        uint32_t number = kept.p ? hp_dict_append(&b->dict, kept) : HP_DICT_FULL;
        b->issue.p[i].note = number | HP_REF_LOCAL;
        if (note.bad || number == HP_DICT_FULL) b->bad = true;
    }
}

static hp_code take(void *ctx, size_t slot, hp_err *err) {
    reading *r = ctx;
    hp_nd_piece *x = &r->piece[slot];
    bool same;
    if (x->batch.nrow > UINT32_MAX - 1 - r->sink.last_row)
        return hp_fail(err, HP_DATA, "%.*s: has too many lines; split the file", HP_FMT(r->b->name));
    HP_TRY(place_keys(r, x, &same, err));
    if (!same) place_cells(x);
    hp_batch_sort_issues(&x->batch);
    explain_broken(r, x);
    hp_code code = hp_batch_take(&x->batch, &r->sink, err);
    if (code != HP_DATA) return code;
    return hp_fail(err, HP_DATA, "%.*s: %s", HP_FMT(r->b->name), err ? err->message : "");
}

/* ---- the sheet ---- */

static hp_code put_names(reading *r, hp_err *err) {
    hp_texts texts = hp_texts_new(r->run, false);
    hp_code code = HP_OK;
    for (uint32_t i = 0; i < r->name.n && code == HP_OK; i++) {
        bool repaired = false;
        hp_vid v;
        code = hp_texts_intern(&texts, r->name.text[i], &v, &repaired, err);
        if (code == HP_OK) code = hp_grid_put_first(&r->grid, i, v, err);
        if (code == HP_OK && repaired && !r->raw)
            code = hp_find(r->run, HP_R_ENCODING_REPAIRED, (hp_cell){r->sink.sheet, 1, i}, v, HP_NULL, err);
    }
    hp_texts_free(&texts);
    return code;
}

static hp_code report(reading *r, hp_err *err) {
    HP_TRY(hp_batch_sink_report(&r->sink, err));
    for (uint32_t i = 0; i < r->nested.n && !r->raw; i++) {
        if (r->nested.p[i] == 0) continue;
        hp_cell at = {r->sink.sheet, 0, i};
        HP_TRY(hp_findf(r->run, HP_R_NESTED_VALUE, at, HP_NULL, err, "%llu values",
                        (unsigned long long)r->nested.p[i]));
    }
    return HP_OK;
}

static hp_code read_all(reading *r, hp_table **out, hp_err *err) {
    HP_TRY(check_first(r, err));
    hp_grid_begin_row(&r->grid, 1, false);
    HP_TRY(hp_grid_store_row(&r->grid, err));
    r->sink.last_row = 1;
    hp_pipeline p = {.depth = SLOTS, .make = make, .work = work, .take = take};
    HP_TRY(hp_pipeline_run(&p, r, err));
    HP_TRY(put_names(r, err));
    HP_TRY(report(r, err));
    if (r->name.n == 0) hp_grid_free(&r->grid); /* not even a header */
    return hp_grid_table(&r->grid, r->run->arena, HP_S(""), r->sink.sheet, out, err);
}

static hp_code read_text(reading *r, hp_str text, hp_table **out, hp_err *err) {
    r->text = r->rest = text;
    for (size_t i = 0; i < SLOTS; i++) {
        r->piece[i].base = text.p;
        r->piece[i].scan.scratch = hp_buf_new(2 * HP_LIMIT_PART_BYTES);
    }
    hp_code code = read_all(r, out, err);
    for (size_t i = 0; i < SLOTS; i++) hp_nd_free(&r->piece[i]);
    hp_batch_sink_free(&r->sink);
    hp_dict_free(&r->name);
    hp_vec_free(&r->nested);
    hp_grid_free(&r->grid);
    return code;
}

hp_code hp_ndjson_read(hp_run *run, hp_book *b, uint32_t sheet_id, bool raw, hp_table **out, hp_err *err) {
    reading r = {.run = run, .b = b, .raw = raw};
    r.sink = (hp_batch_sink){.run = run, .grid = &r.grid, .sheet = sheet_id, .silent = raw};
    size_t bom;
    /* JSON is UTF-8 (RFC 8259, 8.1); some programs write UTF-16 all the same. What is neither is repaired. */
    hp_encoding e = hp_encoding_guess(hp_str_cut(b->bytes, 0, SAMPLE), &bom);
    hp_str text = hp_str_cut(b->bytes, bom, b->bytes.n);
    if (e == HP_ENC_BINARY)
        return hp_fail(err, HP_DATA, "%.*s: is no text, let alone JSON; get a complete copy",
                       HP_FMT(b->name));
    if (e == HP_ENC_UTF8 || e == HP_ENC_CP1252) return read_text(&r, text, out, err);
    hp_autobuf utf8 = hp_buf_new(HP_LIMIT_PART_BYTES);
    hp_encoding_decode(e, text, &utf8);
    HP_TRY(hp_buf_check(&utf8, "an ndjson file in UTF-8", err));
    return read_text(&r, hp_buf_str(&utf8), out, err);
}
