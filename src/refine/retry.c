/* Rows of an earlier run's quarantine, corrected by hand: their cells take the place of the source's. A row
 * is known by its file, sheet and number, and counts only as long as the file is the one it came from. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "read/reader.h"
#include "refine/stages.h"
#include "table/shape.h"

#include "base/banned.h"

/* The columns of the Quarantine sheet that are looked at. */
typedef enum column { C_FILE, C_SHEET, C_ROW, C_REASON, C_NAME, C_RECORD, C_SHA, COLUMNS } column;
static const char *const NAME[COLUMNS] = {"source_file",       "sheet",  "row",          "reason",
                                          "organization_name", "record", "source_sha256"};

/* A sheet of the run whose table is changed: columns are copied before the first change. */
typedef struct patched {
    hp_table *table;
    bool *own;
} patched;

/* What is known while one file is taken. */
typedef struct retry {
    hp_run *run;
    hp_mapped *const *sheets;
    size_t nsheets;
    patched *patched; /* one for each of them */
    const char *path;
    hp_str file, sheet; /* names of the file, and of the sheet in it, for addresses */
    const hp_table *table;
    size_t col[COLUMNS];
    hp_retried *done;
    /* of the row under way */
    size_t row; /* in `table` */
    hp_mapped *m;
    size_t nth; /* m is the nth of the sheets */
    size_t at;  /* the row in its table */
    bool changed;
} retry;

static hp_str text_of(const retry *t, column c) {
    return hp_str_trim(hp_text(t->run->pool, t->table->col[t->col[c]].v[t->row]));
}

/* Fails because of the row under way: "x.xlsx!Quarantine, row 7: ...". */
static hp_code fail_row(const retry *t, hp_err *err, const char *what) {
    uint32_t row = t->table->origin ? t->table->origin[t->row].row : 0;
    return hp_fail(err, HP_DATA, "%.*s%s%.*s, row %u: %s", HP_FMT(t->file), t->sheet.n ? "!" : "",
                   HP_FMT(t->sheet), row, what);
}

static hp_code fail_rowf(const retry *t, hp_err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static hp_code fail_rowf(const retry *t, hp_err *err, const char *fmt, ...) {
    char what[1000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return fail_row(t, err, what);
}

/* ---- finding the row ---- */

static hp_code find_sheet(retry *t, hp_err *err) {
    hp_str file = text_of(t, C_FILE), sheet = text_of(t, C_SHEET);
    const hp_sources *s = &t->run->sources;
    for (size_t i = 0; i < t->nsheets; i++) {
        const hp_source_sheet *has = &s->sheet.p[t->sheets[i]->sheet];
        if (!hp_str_eq(s->file.p[has->file].name, file) || !hp_str_eq(hp_str_trim(has->name), sheet))
            continue;
        t->m = t->sheets[i];
        t->nth = i;
        return HP_OK;
    }
    return fail_rowf(
        t, err,
        "corrects %.*s%s%.*s, which is not among the inputs; delete the row, or give the inputs of the run "
        "it came from",
        HP_FMT(hp_str_cut(file, 0, 200)), sheet.n ? "!" : "", HP_FMT(hp_str_cut(sheet, 0, 100)));
}

/* A number that a spreadsheet program may have made a decimal of. */
static bool row_number(hp_str text, uint32_t *row) {
    int64_t n;
    if (hp_str_ends(text, HP_S(".0"))) text.n -= 2;
    if (!hp_str_i64(text, &n) || n < 1 || n > UINT32_MAX) return false;
    *row = (uint32_t)n;
    return true;
}

static hp_code find_row(retry *t, hp_err *err) {
    const hp_source_file *f = &t->run->sources.file.p[t->m->file];
    const hp_table *raw = t->m->raw;
    uint32_t number;
    if (!hp_str_eq(text_of(t, C_SHA), hp_str_of(f->sha256.hex)))
        return fail_rowf(
            t, err,
            "corrects %.*s as it was, but the file was changed since, so that its rows may be others; run "
            "without --retry-quarantine, and correct the Quarantine of that run",
            HP_FMT(f->name));
    if (!row_number(text_of(t, C_ROW), &number))
        return fail_rowf(t, err, "\"%.*s\" is no number of a row",
                         HP_FMT(hp_str_cut(text_of(t, C_ROW), 0, 40)));
    for (t->at = t->m->first; t->at < raw->nrow && raw->origin[t->at].row < number;) t->at++;
    if (t->at < raw->nrow && raw->origin[t->at].row == number) return HP_OK;
    return fail_rowf(t, err,
                     "%.*s has no row %u with data; the column row tells where the row came from, leave it",
                     HP_FMT(f->name), number);
}

/* ---- changing cells ---- */

static bool copy_column(hp_arena *a, hp_column *c, size_t n) {
    hp_vid *v = HP_NEW_ARRAY(a, n + 1, hp_vid), *lex = c->lex ? HP_NEW_ARRAY(a, n + 1, hp_vid) : NULL;
    uint8_t *type = c->type ? HP_NEW_ARRAY(a, n + 1, uint8_t) : NULL;
    if (!v || (c->lex && !lex) || (c->type && !type)) return false;
    memcpy(v, c->v, n * sizeof *v);
    if (lex) memcpy(lex, c->lex, n * sizeof *lex);
    if (type) memcpy(type, c->type, n);
    c->v = v;
    c->lex = lex;
    c->type = type;
    return true;
}

/* Makes a column of the row's sheet one that can be changed: columns without values share their cells. */
static hp_column *changeable(retry *t, uint32_t col) {
    patched *p = &t->patched[t->nth];
    hp_arena *a = t->run->arena;
    const hp_table *raw = t->m->raw;
    if (!p->table) {
        p->table = HP_NEW(a, hp_table);
        p->own = HP_NEW_ARRAY(a, raw->ncol + 1, bool);
        hp_column *cols = HP_NEW_ARRAY(a, raw->ncol + 1, hp_column);
        if (!p->table || !p->own || !cols) return NULL;
        *p->table = *raw;
        memcpy(cols, raw->col, raw->ncol * sizeof *cols);
        p->table->col = cols;
        t->m->raw = p->table;
    }
    if (!p->own[col] && !copy_column(a, &p->table->col[col], raw->nrow)) return NULL;
    p->own[col] = true;
    return &p->table->col[col];
}

/* Notes which cell holds the value now, for provenance and as a finding. */
static hp_code note(retry *t, uint32_t col, column from, hp_vid value, hp_err *err) {
    char letters[8];
    hp_vid where;
    const hp_table *q = t->table;
    hp_col_letters(q->col[t->col[from]].source, letters);
    hp_autobuf text = hp_buf_new(64 << 10);
    hp_buf_printf(&text, "%.*s%s%.*s!%s%u", HP_FMT(t->file), t->sheet.n ? "!" : "", HP_FMT(t->sheet), letters,
                  q->origin[t->row].row);
    HP_TRY(hp_buf_check(&text, "a correction", err));
    HP_TRY(hp_intern(t->run->pool, hp_buf_str(&text), &where, err));
    const hp_cell at = {t->m->sheet, t->m->raw->origin[t->at].row, t->m->raw->col[col].source};
    if (!hp_sources_correct(&t->run->sources, at, where)) return hp_fail_memory(err, "the corrections");
    t->done->cells++;
    t->changed = true;
    return hp_find(t->run, HP_R_CORRECTED, at, value, where, err);
}

static hp_code correct(retry *t, uint32_t col, column from, hp_str text, hp_err *err) {
    hp_vid value;
    HP_TRY(hp_intern(t->run->pool, text, &value, err));
    if (t->m->raw->col[col].v[t->at] == value) return HP_OK;
    hp_column *c = changeable(t, col);
    if (!c) return hp_fail_memory(err, "the corrections");
    c->v[t->at] = value;
    if (c->type) c->type[t->at] = HP_T_TEXT;
    if (c->lex) c->lex[t->at] = value;
    return note(t, col, from, value, err);
}

/* ---- the record: "Header: value | Header: value" ---- */

static const hp_str BAR = {" | ", 3};

/* Finds the longest header of the sheet that the text begins with, and a colon behind it. */
static const hp_binding *header_at(const retry *t, hp_str text) {
    const hp_binding *best = NULL;
    for (size_t b = 0; b < t->m->nbind; b++) {
        hp_str h = t->m->bind[b].header;
        bool here = hp_str_starts(text, h) && h.n < text.n && text.p[h.n] == ':';
        if (here && (!best || h.n > best->header.n)) best = &t->m->bind[b];
    }
    return best;
}

/* Returns where the value ends that begins the text: before " | Header:", or at the end. */
static size_t value_end(const retry *t, hp_str text) {
    for (size_t at = 0; (at = hp_str_find(text, BAR, at)) != SIZE_MAX; at += BAR.n)
        if (header_at(t, hp_str_cut(text, at + BAR.n, text.n))) return at;
    return text.n;
}

/* A bar that the source's value does not have stands in front of something that is no header. */
static hp_code check_value(const retry *t, const hp_binding *b, hp_str value, hp_err *err) {
    size_t bar = hp_str_find(value, BAR, 0);
    hp_str has = hp_text(t->run->pool, t->m->raw->col[b->col].v[t->at]);
    if (bar == SIZE_MAX || hp_str_find(has, BAR, 0) != SIZE_MAX) return HP_OK;
    hp_str word = hp_str_cut(value, bar + BAR.n, bar + BAR.n + 60);
    return fail_rowf(
        t, err,
        "\"%.*s\" in the column record begins with no column of the sheet; write \"Header: value | Header: "
        "value\" with the headers of the source",
        HP_FMT(word));
}

/* Tells whether suites or contracts look at the columns of a sheet, mapped or not. */
static bool is_checked(const hp_mapped *m) {
    const hp_profile_checks *of[] = {m->decl ? &m->decl->checks : NULL,
                                     m->source ? &m->source->checks : NULL};
    for (size_t i = 0; i < 2; i++)
        if (of[i] && of[i]->nsuite + of[i]->ncontract) return true;
    return false;
}

/* A correction that nothing comes of must not pass for one. */
static hp_code check_field(const retry *t, const hp_binding *b, hp_err *err) {
    if (b->field != HP_F_NONE || is_checked(t->m)) return HP_OK;
    return fail_rowf(
        t, err,
        "the column \"%.*s\" is corrected, but gives nothing to the result (it is not mapped; one without any "
        "value is not either): map it in the profile or with --map, or leave it as it was",
        HP_FMT(hp_str_cut(b->header, 0, 200)));
}

/* What the Quarantine sheet had to cut ends in this mark; the value before it is not whole. */
static bool was_cut(hp_str record) { return hp_str_ends(record, HP_S(" \xE2\x80\xA6")); }

static hp_code take_record(retry *t, hp_err *err) {
    hp_str rest = text_of(t, C_RECORD);
    bool cut = was_cut(rest);
    while (rest.n) {
        const hp_binding *b = header_at(t, rest);
        if (!b)
            return fail_rowf(
                t, err,
                "\"%.*s\" in the column record begins with no column of the sheet; write \"Header: value | "
                "Header: value\" with the headers of the source",
                HP_FMT(hp_str_cut(rest, 0, 60)));
        rest = hp_str_cut(rest, b->header.n + 1, rest.n);
        size_t end = value_end(t, rest);
        hp_str value = hp_str_trim(hp_str_cut(rest, 0, end));
        bool last = end == rest.n;
        rest = last ? HP_S("") : hp_str_cut(rest, end + BAR.n, rest.n);
        if (last && cut) return HP_OK;
        if (hp_str_eq(value, hp_str_trim(hp_text(t->run->pool, t->m->raw->col[b->col].v[t->at])))) continue;
        HP_TRY(check_value(t, b, value, err));
        HP_TRY(check_field(t, b, err));
        HP_TRY(correct(t, b->col, C_RECORD, value, err));
    }
    return HP_OK;
}

/* ---- the organisation's name, which has a column of its own ---- */

/* Finds the column of the name: the one that has a value, or the first. */
static const hp_binding *name_column(const retry *t) {
    const hp_binding *first = NULL;
    for (size_t b = 0; b < t->m->nbind; b++) {
        const hp_binding *is = &t->m->bind[b];
        if (is->field != HP_F_ORGANIZATION_NAME) continue;
        if (t->m->raw->col[is->col].v[t->at] != HP_NULL) return is;
        if (!first) first = is;
    }
    return first;
}

/* Tells whether two texts are the same, though csv puts an apostrophe in front of what might be a formula. */
static bool same_name(hp_str in_retry, hp_str in_source) {
    if (hp_str_eq(in_retry, in_source)) return true;
    return in_retry.n == in_source.n + 1 && in_retry.p[0] == '\''
           && hp_str_eq(hp_str_cut(in_retry, 1, in_retry.n), in_source);
}

/* `before` is the name in the source; the record, taken first, may have changed it. The name of a row that is
 * too old is that of the organisation it was merged into, and says nothing of the cell. */
static hp_code take_name(retry *t, hp_vid before, hp_err *err) {
    hp_str name = text_of(t, C_NAME), was = hp_str_trim(hp_text(t->run->pool, before));
    if (name.n == 0 || same_name(name, was)
        || hp_str_eq(text_of(t, C_REASON), hp_str_of(hp_rule_get(HP_R_Q_BEFORE_SINCE)->name)))
        return HP_OK;
    const hp_binding *b = name_column(t);
    if (!b)
        return fail_row(
            t, err,
            "has another organization_name, but its sheet has no column for it; correct the column record");
    hp_vid now = t->m->raw->col[b->col].v[t->at];
    if (now != before && !hp_str_eq(hp_str_trim(hp_text(t->run->pool, now)), name))
        return fail_row(
            t, err,
            "has one name in the column organization_name and another one in record; write one of them, or, "
            "if one is of an earlier correction, give that file as well, before this one");
    return correct(t, b->col, C_NAME, name, err);
}

static hp_code take_row(retry *t, hp_err *err) {
    if (text_of(t, C_FILE).n == 0 && text_of(t, C_RECORD).n == 0) return HP_OK; /* a blank line */
    HP_TRY(find_sheet(t, err));
    HP_TRY(find_row(t, err));
    t->changed = false;
    const hp_binding *b = name_column(t);
    hp_vid before = b ? t->m->raw->col[b->col].v[t->at] : HP_NULL;
    HP_TRY(take_record(t, err));
    HP_TRY(take_name(t, before, err));
    t->done->rows += t->changed;
    return HP_OK;
}

/* ---- the file ---- */

/* Finds the columns; false when one is missing. */
static bool find_columns(retry *t) {
    for (size_t c = 0; c < COLUMNS; c++) {
        t->col[c] = hp_shape_named(t->table, hp_str_of(NAME[c]));
        if (t->col[c] == SIZE_MAX) return false;
    }
    return true;
}

/* Takes a sheet if it is a Quarantine sheet; *is tells. */
static hp_code take_sheet(retry *t, hp_book *b, size_t i, bool *is, hp_err *err) {
    hp_table *raw, *named;
    uint32_t header;
    HP_TRY(hp_book_read_raw(t->run, b, i, 0, &raw, err));
    HP_TRY(
        hp_shape_name(t->run->arena, t->run->pool, raw, hp_area_all(), HP_NAMES_FIRST, &named, &header, err));
    t->table = named;
    if (!find_columns(t)) return HP_OK;
    *is = true;
    for (t->row = 0; t->row < named->nrow; t->row++) HP_TRY(take_row(t, err));
    return HP_OK;
}

static hp_code take_book(retry *t, hp_book *b, hp_err *err) {
    size_t n;
    bool any = false;
    const hp_book_sheet *sheets = hp_book_sheets(b, &n);
    hp_sha256_of(hp_book_bytes(b), &t->done->sha256);
    t->file = hp_arena_dup(t->run->arena, hp_book_name(b));
    if (!t->file.p) return hp_fail_memory(err, "the corrections");
    for (size_t i = 0; i < n; i++) {
        /* Rows of a long quarantine go on in "Quarantine (2)"; other sheets are no business of ours. */
        bool wanted = n == 1 || hp_str_starts(sheets[i].name, HP_S("Quarantine"));
        t->sheet = sheets[i].name;
        if (wanted && sheets[i].readable) HP_TRY(take_sheet(t, b, i, &any, err));
    }
    if (any) return HP_OK;
    return hp_fail(
        err, HP_DATA,
        "%s: has no sheet Quarantine with the columns source_file, sheet, row, reason, organization_name, record and "
        "source_sha256; give the workbook that a run of this version wrote, or its .quarantine.csv",
        t->path);
}

static hp_code take_file(retry *t, hp_err *err) {
    hp_book *b;
    HP_TRY(hp_book_open(t->run, t->path, &b, err));
    hp_code code = take_book(t, b, err);
    hp_book_close(b);
    return code;
}

hp_code hp_retry(const hp_refine_options *o, hp_refine_result *r, hp_mapped *const *sheets, size_t n,
                 hp_err *err) {
    retry t = {.run = &r->run, .sheets = sheets, .nsheets = n};
    r->retried = HP_NEW_ARRAY(r->run.arena, o->nretry + 1, hp_retried);
    t.patched = HP_NEW_ARRAY(r->run.arena, n + 1, patched);
    if (!r->retried || !t.patched) return hp_fail_memory(err, "the corrections");
    for (; r->nretried < o->nretry; r->nretried++) {
        t.path = o->retry[r->nretried];
        t.done = &r->retried[r->nretried];
        t.done->path = t.path;
        HP_TRY(take_file(&t, err));
    }
    return HP_OK;
}
