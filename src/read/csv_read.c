#include "base/mem.h"
#include "base/simd.h"
#include "base/threads.h"
#include "read/batch.h"
#include "read/book.h"
#include "read/csv.h"
#include "read/encoding.h"

#include "base/banned.h"

/* Delimited text is cut into pieces behind ends of lines that seem to be ends of records, and the pieces are
 * parsed side by side. A piece that does not end where a record does says that the guess was wrong: then the
 * scanner of read/csv.h reads all of it from the begin, which also words what is wrong with it. */

#define PIECE     ((size_t)256 << 10)
#define MAX_PIECE ((size_t)32 << 20)
/* Cells in a batch of the careful reader. */
#define BATCH_CELLS 50000u

enum { DEPTH = 8 }; /* pieces under way */

/* Records on their way into a batch. */
typedef struct records {
    hp_batch batch;
    hp_str stays;    /* bytes that stay where they are until the batch is taken */
    uint32_t header; /* fields of the first record that has more than one; 0 before that */
    uint32_t count;  /* records in the batch */
    uint32_t fields; /* fields of this record so far */
    uint32_t filled; /* up to its last field with a value */
    bool raw;
    bool bytes_known; /* offsets are those of the file */
} records;

/* A piece on its way. */
typedef struct piece {
    hp_str text;
    size_t offset;  /* of the text in the file */
    uint64_t line;  /* of its first byte, from 1 */
    uint64_t *bits; /* four bitmaps: ends of fields, quotes, ends of lines, scratch */
    size_t cap_bits, words;
    size_t counted; /* up to there the lines are counted: the next byte is in line `at_line` */
    uint64_t at_line;
    records records;
    hp_buf scratch;
    bool odd;
} piece;

/* What reading one csv file needs. */
typedef struct csv_reader {
    hp_run *run;
    hp_str file, text;
    size_t bom;         /* bytes in front of the text */
    hp_filemap *mapped; /* the file, where the text is a view of it */
    char delimiter;
    bool raw, bytes_known;
    const char *header_at; /* where the header begins */
    hp_grid grid;
    hp_batch_sink sink;
    piece piece[DEPTH];
    size_t next;   /* the offset of the next piece */
    uint64_t line; /* its line */
    bool odd;      /* the text has to be read from the begin to its end */
    hp_err *err;
} csv_reader;

/* ---- records ---- */

static void begin_batch(records *r) {
    hp_batch_clear(&r->batch);
    r->count = 0;
}

static void begin_record(records *r) {
    hp_batch_begin_row(&r->batch, ++r->count, true, false);
    r->fields = r->filled = 0;
}

static inline void put(records *r, hp_str text) {
    if (text.n == 0) return;
    bool stays = text.p >= r->stays.p && text.p < r->stays.p + r->stays.n;
    hp_ref ref = stays ? hp_batch_text_at(&r->batch, r->fields, text) : hp_batch_text_copy(&r->batch, text);
    hp_batch_put(&r->batch, r->fields, ref, HP_T_TEXT, ref);
    r->filled = r->fields + 1;
}

static bool is_ragged(const records *r) {
    return r->header && r->filled && (r->fields < r->header || r->filled > r->header);
}

/* Reports a record that has not as many fields as the header. Empty fields beyond it, which some programs
 * write, are no loss and no finding. */
static void report_ragged(records *r, uint64_t line, size_t offset) {
    hp_autobuf note = hp_buf_new(256);
    if (r->raw) return;
    hp_buf_printf(&note, "%u fields, the header has %u: line %llu", r->fields, r->header,
                  (unsigned long long)line);
    if (r->bytes_known) hp_buf_printf(&note, ", byte %zu", offset);
    if (note.bad) r->batch.bad = true;
    hp_batch_find(&r->batch, HP_R_RAGGED_ROW, HP_NO_COL, 0, hp_batch_text_copy(&r->batch, hp_buf_str(&note)));
}

static hp_code take(csv_reader *r, records *from, hp_err *err) {
    if (from->count > UINT32_MAX - 1 - r->sink.last_row)
        return hp_fail(err, HP_DATA, "%.*s: has too many records; split the file", HP_FMT(r->file));
    hp_code code = hp_batch_take(&from->batch, &r->sink, err);
    if (code != HP_DATA) return code;
    return hp_fail(err, HP_DATA, "%.*s: %s", HP_FMT(r->file), err ? err->message : "");
}

/* ---- from the begin to the end ---- */

static hp_code fail_record(const csv_reader *r, const records *to, const char *what, uint64_t line) {
    return hp_fail(r->err, HP_DATA, "%.*s: line %llu: record %llu has %s; check the delimiter and the quotes",
                   HP_FMT(r->file), (unsigned long long)line,
                   (unsigned long long)r->sink.last_row + to->count, what);
}

static hp_code check_field(const csv_reader *r, const records *to, hp_str text, uint64_t line) {
    if (text.n && to->fields >= HP_LIMIT_SHEET_COLS)
        return fail_record(r, to, "more than 16384 fields", line);
    if (text.n > HP_LIMIT_TEXT_BYTES)
        return hp_fail_limit(r->err, HP_L_TEXT_BYTES,
                             "%.*s: line %llu: a field of more than %llu bytes; is a quote never closed?",
                             HP_FMT(r->file), (unsigned long long)line,
                             (unsigned long long)HP_LIMIT_TEXT_BYTES);
    return HP_OK;
}

static hp_code flush(csv_reader *r, records *to) {
    hp_batch_seal(&to->batch, false);
    HP_TRY(take(r, to, r->err));
    begin_batch(to);
    return HP_OK;
}

static hp_code read_record(csv_reader *r, hp_csv *csv, records *to, bool *any) {
    uint64_t line = csv->line;
    size_t offset = r->bom + (size_t)(csv->p - r->text.p);
    hp_str field;
    *any = hp_csv_field(csv, &field);
    if (!*any) return HP_OK;
    begin_record(to);
    do {
        HP_TRY(check_field(r, to, field, line));
        put(to, field);
        to->fields++;
    } while (!csv->record_end && hp_csv_field(csv, &field));
    if (to->header == 0 && to->fields > 1) to->header = to->fields;
    if (is_ragged(to)) report_ragged(to, line, offset);
    return HP_OK;
}

static hp_code read_records(csv_reader *r, hp_csv *csv, records *to) {
    bool any = true;
    while (any && !csv->scratch.bad && !csv->unterminated) {
        HP_TRY(read_record(r, csv, to, &any));
        if (to->batch.ncell > BATCH_CELLS || to->count > BATCH_CELLS) HP_TRY(flush(r, to));
    }
    if (csv->scratch.bad) return hp_buf_check(&csv->scratch, "a field of a csv file", r->err);
    if (csv->unterminated) {
        return hp_fail(
            r->err, HP_DATA,
            "%.*s: line %llu: a quote (\") is opened here and never closed; close it, or double it if it is meant as text",
            HP_FMT(r->file), (unsigned long long)csv->quote_line);
    }
    return flush(r, to);
}

static hp_code read_whole(csv_reader *r) {
    records to = {.stays = r->text, .raw = r->raw, .bytes_known = r->bytes_known};
    hp_csv csv = hp_csv_new(r->text, r->delimiter);
    hp_code code = read_records(r, &csv, &to);
    hp_buf_free(&csv.scratch);
    hp_batch_free(&to.batch);
    return code;
}

/* ---- piece by piece ---- */

static uint64_t *bitmap(const piece *p, size_t k) { return p->bits + k * p->words; }

/* Makes line ends of line feeds: a carriage return without one behind it ends a line too. Of the last byte
 * that is not known. */
static void mark_lines(const piece *p, uint64_t *feeds, const uint64_t *returns) {
    size_t n = p->text.n;
    for (size_t i = 0; i + 1 < p->words; i++) feeds[i] |= returns[i] & ~(feeds[i] >> 1 | feeds[i + 1] << 63);
    if (n && p->text.p[n - 1] == '\r') feeds[(n - 1) / 64] &= ~((uint64_t)1 << ((n - 1) % 64));
}

static bool mark(piece *p, char delimiter) {
    p->words = hp_marks_words(p->text.n);
    if (p->cap_bits < 4 * p->words) {
        hp_free(p->bits);
        p->cap_bits = 0;
        p->bits = hp_malloc(4 * p->words * sizeof *p->bits);
        if (!p->bits) return false;
        p->cap_bits = 4 * p->words;
    }
    uint64_t *ends = bitmap(p, 0), *feeds = bitmap(p, 2), *returns = bitmap(p, 3);
    hp_mark(p->text.p, p->text.n,
            &(hp_marks){.byte = {delimiter, '"', '\n', '\r'}, .bits = {ends, bitmap(p, 1), feeds, returns}});
    for (size_t i = 0; i < p->words; i++) ends[i] |= feeds[i] | returns[i];
    mark_lines(p, feeds, returns);
    return true;
}

/* Returns where the piece can end: behind the last end of a line with an even number of quotes before it, so
 * that it is outside of quotes if all quotes are meant as such. 0 when there is none. */
static size_t find_cut(const piece *p) {
    const uint64_t *quotes = bitmap(p, 1), *lines = bitmap(p, 2);
    unsigned odd = 0;
    for (size_t i = 0; i < p->words; i++) odd ^= (unsigned)__builtin_popcountll(quotes[i]) & 1;
    for (size_t i = p->words; i-- > 0;) {
        for (uint64_t left = lines[i]; left;) {
            unsigned bit = 63 - (unsigned)__builtin_clzll(left);
            uint64_t behind = bit == 63 ? 0 : quotes[i] >> (bit + 1);
            if (((odd ^ (unsigned)__builtin_popcountll(behind)) & 1) == 0) return i * 64 + bit + 1;
            left &= ~((uint64_t)1 << bit);
        }
        odd ^= (unsigned)__builtin_popcountll(quotes[i]) & 1;
    }
    return 0;
}

/* Returns the line of an offset in the piece; it counts on from the last one that was asked for. */
static uint64_t line_of(piece *p, size_t to) {
    const uint64_t *lines = bitmap(p, 2);
    uint64_t n = 0;
    size_t from = p->counted;
    for (; from < to && from % 64; from++) n += lines[from / 64] >> (from % 64) & 1;
    for (; from + 64 <= to; from += 64) n += (uint64_t)__builtin_popcountll(lines[from / 64]);
    for (; from < to; from++) n += lines[from / 64] >> (from % 64) & 1;
    p->counted = to;
    return p->at_line += n;
}

static void count_from_begin(piece *p) {
    p->counted = 0;
    p->at_line = p->line;
}

static hp_code make_piece(void *ctx, size_t slot, bool *made, hp_err *err) {
    csv_reader *r = ctx;
    piece *p = &r->piece[slot];
    size_t left = r->text.n - r->next, cut = 0;
    *made = left > 0;
    if (!left) return HP_OK;
    for (size_t n = hp_piece_bytes(PIECE); cut == 0; n *= 4) {
        bool last = n >= left;
        p->text = hp_str_cut(r->text, r->next, r->next + (last ? left : n));
        if (!mark(p, r->delimiter)) return hp_fail_memory(err, "a csv file");
        cut = last || n >= MAX_PIECE ? p->text.n : find_cut(p);
    }
    p->text.n = cut;
    p->offset = r->bom + r->next;
    p->line = r->line;
    r->next += cut;
    count_from_begin(p);
    r->line = line_of(p, cut);
    return HP_OK;
}

static size_t next_mark(const piece *p, size_t k, const char *from) {
    return hp_mark_next(bitmap(p, k), (size_t)(from - p->text.p), p->text.n);
}

/* Ends a quoted field whose closing quote is before `tail`: what stands up to the end of the field belongs to
 * it. */
static const char *close_quoted(piece *p, const char *tail, bool view, hp_str *out) {
    size_t at = (size_t)(tail - p->text.p);
    const char *end = p->text.p + (at < p->text.n ? next_mark(p, 0, tail) : p->text.n);
    if (view && end == tail) return end;
    hp_buf_add(&p->scratch, *out);
    hp_buf_add(&p->scratch, (hp_str){tail, (size_t)(end - tail)});
    *out = hp_buf_str(&p->scratch);
    return p->scratch.bad ? NULL : end;
}

/* Reads the field whose opening quote is at `at`. Returns where it ends; NULL when it does not. */
static const char *quoted(piece *p, const char *at, hp_str *out) {
    const char *from = at + 1, *end = p->text.p + p->text.n;
    bool view = true;
    hp_buf_clear(&p->scratch);
    for (;;) {
        const char *quote = from < end ? p->text.p + next_mark(p, 1, from) : end;
        if (quote >= end) return NULL;
        *out = (hp_str){from, (size_t)(quote - from)};
        if (quote + 1 == end || quote[1] != '"') return close_quoted(p, quote + 1, view, out);
        view = false;
        hp_buf_add(&p->scratch, *out);
        hp_buf_putc(&p->scratch, '"');
        from = quote + 2;
    }
}

/* Goes past what ends a field at `at`; *more says whether the record goes on. */
static const char *past_end(const piece *p, const char *at, char delimiter, bool *more) {
    const char *end = p->text.p + p->text.n;
    *more = at < end && *at == delimiter;
    if (at == end) return at;
    bool pair = *at == '\r' && at + 1 < end && at[1] == '\n' && !*more;
    return at + 1 + pair;
}

/* Reads one record; NULL when the piece ends inside of it, or it is over a limit. */
static const char *piece_record(piece *p, const char *at, const char *header_at, char delimiter,
                                size_t longest) {
    records *to = &p->records;
    const char *begin = at, *end = p->text.p + p->text.n;
    begin_record(to);
    for (bool more = true; more; to->fields++) {
        hp_str field = {at, 0};
        if (at < end && *at == '"') {
            at = quoted(p, at, &field);
            if (!at) return NULL;
        } else if (at < end) {
            size_t to_mark = next_mark(p, 0, at);
            field.n = to_mark - (size_t)(at - p->text.p);
            at += field.n;
        }
        if (field.n > longest || (field.n && to->fields >= HP_LIMIT_SHEET_COLS)) return NULL;
        put(to, field);
        at = past_end(p, at, delimiter, &more);
    }
    if (to->header == 0 && to->fields > 1) return NULL; /* the header is not where it was looked for */
    if (is_ragged(to) && begin >= header_at)
        report_ragged(to, line_of(p, (size_t)(begin - p->text.p)), p->offset + (size_t)(begin - p->text.p));
    return at;
}

/* Tells whether the end of a piece is the end of the text, or that of a line. */
static bool ends_record(const csv_reader *r, const char *end) {
    if (end == r->text.p + r->text.n) return true;
    return end[-1] == '\n' || (end[-1] == '\r' && *end != '\n');
}

static hp_code work_on_piece(void *ctx, size_t slot, hp_err *err) {
    csv_reader *r = ctx;
    piece *p = &r->piece[slot];
    const char *at = p->text.p, *end = at + p->text.n;
    size_t longest = HP_LIMIT_TEXT_BYTES;
    (void)err;
    begin_batch(&p->records);
    count_from_begin(p);
    while (at && at < end) at = piece_record(p, at, r->header_at, r->delimiter, longest);
    p->odd = !at || !ends_record(r, end);
    if (!p->odd) hp_batch_seal(&p->records.batch, false);
    return HP_OK;
}

static hp_code take_piece(void *ctx, size_t slot, hp_err *err) {
    csv_reader *r = ctx;
    piece *p = &r->piece[slot];
    if (p->records.batch.bad || p->scratch.bad) return hp_fail_memory(err, "a csv file");
    r->odd = p->odd;
    if (p->odd) return HP_DATA;
    HP_TRY(take(r, &p->records, err));
    hp_map_forget(r->mapped, p->text.p + p->text.n);
    return HP_OK;
}

/* Finds how many fields the header has: the first record with more than one, looked for in the begin of the
 * text. */
static uint32_t find_header(csv_reader *r, hp_csv *csv) {
    uint32_t fields = 0;
    hp_str field;
    r->header_at = csv->p;
    while ((size_t)(csv->p - r->text.p) < PIECE && hp_csv_field(csv, &field)) {
        fields++;
        if (!csv->record_end) continue;
        if (fields > 1) return fields;
        fields = 0;
        r->header_at = csv->p;
    }
    return 0;
}

static hp_code read_pieces(csv_reader *r) {
    static const hp_pipeline pipeline = {DEPTH, make_piece, work_on_piece, take_piece};
    hp_csv csv = hp_csv_new(r->text, r->delimiter);
    r->delimiter = csv.delimiter; /* the text may name it */
    r->next = (size_t)(csv.p - r->text.p);
    r->line = csv.line;
    uint32_t header = find_header(r, &csv);
    hp_buf_free(&csv.scratch);
    for (size_t i = 0; i < DEPTH; i++) {
        r->piece[i] = (piece){
            .scratch = hp_buf_new(HP_LIMIT_PART_BYTES),
            .records = {.stays = r->text, .header = header, .raw = r->raw, .bytes_known = r->bytes_known}};
    }
    hp_code code = hp_pipeline_run(&pipeline, r, r->err);
    for (size_t i = 0; i < DEPTH; i++) {
        hp_free(r->piece[i].bits);
        hp_batch_free(&r->piece[i].records.batch);
        hp_buf_free(&r->piece[i].scratch);
    }
    return code;
}

static hp_code read_text(csv_reader *r, hp_table **out) {
    hp_code code = read_pieces(r);
    if (code != HP_OK && r->odd) {
        hp_grid_free(&r->grid);
        hp_batch_sink_free(&r->sink);
        r->sink.last_row = 0;
        code = read_whole(r);
    }
    if (code == HP_OK) code = hp_grid_table(&r->grid, r->run->arena, HP_S(""), r->sink.sheet, out, r->err);
    if (code == HP_OK) code = hp_batch_sink_report(&r->sink, r->err);
    hp_batch_sink_free(&r->sink);
    hp_grid_free(&r->grid);
    return code;
}

static hp_code parse(csv_reader *r, hp_str text, hp_table **out) {
    hp_str name = hp_name_unpacked(r->file);
    bool tsv = name.n > 4 && hp_str_ieq(hp_str_cut(name, name.n - 4, name.n), HP_S(".tsv"));
    r->text = text;
    r->delimiter = hp_csv_sniff(text, tsv);
    r->sink = (hp_batch_sink){.run = r->run, .grid = &r->grid, .sheet = r->sink.sheet, .silent = r->raw};
    return read_text(r, out);
}

static hp_code decode_and_parse(csv_reader *r, hp_encoding e, hp_str text, hp_table **out) {
    hp_autobuf utf8 = hp_buf_new(HP_LIMIT_PART_BYTES);
    hp_encoding_decode(e, text, &utf8);
    HP_TRY(hp_buf_check(&utf8, "a csv file in UTF-8", r->err));
    return parse(r, hp_buf_str(&utf8), out);
}

hp_code hp_csv_read(hp_run *run, hp_book *b, uint32_t sheet_id, bool raw, hp_table **out, hp_err *err) {
    size_t bom;
    hp_encoding e = hp_encoding_guess(b->bytes, &bom);
    hp_str text = hp_str_cut(b->bytes, bom, b->bytes.n);
    if (e == HP_ENC_BINARY) {
        return hp_fail(err, HP_DATA, "%.*s: is neither a workbook nor text; save the data as .xlsx or .csv",
                       HP_FMT(b->name));
    }
    if (e == HP_ENC_CP1252 && !raw) {
        hp_cell whole = {sheet_id, 0, HP_NO_COL};
        HP_TRY(hp_findf(run, HP_R_ENCODING_REPAIRED, whole, HP_NULL, err, "read as windows-1252"));
    }
    hp_autofree csv_reader *r = hp_calloc(1, sizeof *r);
    if (!r) return hp_fail_memory(err, "a csv file");
    r->run = run;
    r->mapped = &b->file;
    r->file = b->name;
    r->bom = bom;
    r->raw = raw;
    r->bytes_known = e == HP_ENC_UTF8;
    r->sink.sheet = sheet_id;
    r->err = err;
    return e == HP_ENC_UTF8 ? parse(r, text, out) : decode_and_parse(r, e, text, out);
}
