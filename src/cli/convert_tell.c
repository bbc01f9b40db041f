/* What is said of a conversion: a line for each file, what changed on the way, the findings. */
#include "base/file.h"
#include "cli/convert.h"
#include "cli/summary.h"

#include "base/banned.h"

/* Files and sheets that are listed; with -v all. */
enum { LISTED = 20 };

typedef struct totals {
    uint64_t rows, rows_in, hidden, guarded, replaced, renamed, bytes;
} totals;

static totals add_up(const hp_convert *v) {
    totals t = {0};
    for (size_t i = 0; i < v->ntaken; i++) {
        const hp_taken *s = &v->taken[i];
        t.rows += s->t->nrow;
        t.rows_in += s->rows;
        t.hidden += s->hidden;
        t.guarded += s->guarded;
        t.replaced += s->replaced;
        t.renamed += s->renamed;
        t.bytes += s->bytes;
    }
    return t;
}

static void put_source(hp_buf *out, const hp_convert *v, const hp_taken *s) {
    hp_put_safe(out, v->shown);
    if (s->sheet->name.n == 0) return;
    hp_buf_putc(out, '!');
    hp_put_safe(out, s->sheet->name);
}

/* ---- lines for people ---- */

static void put_file(hp_buf *out, const hp_convert *v, const hp_taken *s) {
    hp_put_safe(out, hp_str_of(s->path));
    hp_buf_puts(out, ": ");
    hp_put_counted(out, s->t->nrow, "row", "rows");
    hp_buf_puts(out, ", ");
    hp_put_counted(out, s->t->ncol, "column", "columns");
    hp_buf_puts(out, ", ");
    hp_put_size(out, s->bytes);
    hp_buf_puts(out, ", from ");
    put_source(out, v, s);
    hp_buf_putc(out, '\n');
}

static void put_book(hp_buf *out, const hp_convert *v, const totals *t) {
    hp_put_safe(out, hp_str_of(v->output));
    hp_buf_puts(out, ": ");
    hp_put_counted(out, v->ntaken, "sheet", "sheets");
    hp_buf_puts(out, ", ");
    hp_put_counted(out, t->rows, "row", "rows");
    hp_buf_puts(out, ", ");
    hp_put_size(out, t->bytes);
    hp_buf_puts(out, ", from ");
    hp_put_safe(out, v->shown);
    hp_buf_putc(out, '\n');
}

static void put_files(hp_buf *out, const hp_convert *v, const totals *t) {
    size_t most = v->c->verbose ? SIZE_MAX : LISTED;
    if (!v->output) return;
    if (!v->folder && v->ntaken > 1) {
        put_book(out, v, t);
        return;
    }
    for (size_t i = 0; i < v->ntaken && i < most; i++) put_file(out, v, &v->taken[i]);
    if (v->ntaken > most) hp_buf_printf(out, "and %zu more files (-v lists them)\n", v->ntaken - most);
}

/* "  3 rows are hidden ...": a count, and what it is of. */
static void put_note(hp_buf *out, uint64_t n, const char *one, const char *many, const char *rest) {
    if (n == 0) return;
    hp_buf_puts(out, "  ");
    hp_put_counted(out, n, one, many);
    hp_buf_printf(out, " %s\n", rest);
}

static void put_notes(hp_buf *out, const hp_convert *v, const totals *t) {
    bool csv = v->target->form == HP_FORM_CSV;
    if (v->c->args.opt[HP_O_WHERE].n) {
        hp_buf_puts(out, "  ");
        hp_put_thousands(out, t->rows);
        hp_buf_puts(out, " of ");
        hp_put_counted(out, t->rows_in, "row", "rows");
        hp_buf_puts(out, t->rows == 1 ? " meets --where\n" : " meet --where\n");
    }
    put_note(out, t->hidden, "row is", "rows are", "hidden in the source and written all the same");
    put_note(
        out, t->guarded, "cell begins", "cells begin",
        "with an apostrophe now, since a spreadsheet would take the text for a formula; --raw-text leaves it as it is");
    put_note(out, t->replaced, "cell has", "cells have",
             csv ? "U+FFFD in the place of control characters now; --raw-text leaves them as they are"
                 : "U+FFFD in the place of characters that a workbook cannot hold");
    put_note(out, t->renamed, "column has", "columns have",
             "another name now: there was none, or another column had it too");
}

/* A row that names few of the columns is rather a title; the header may stand below it. */
static void put_titles(hp_buf *out, const hp_convert *v) {
    size_t told = 0;
    for (size_t i = 0; i < v->ntaken; i++) {
        const hp_taken *s = &v->taken[i];
        if (!s->header_row || !s->last_row || s->columns < 3 || 2 * s->named >= s->columns) continue;
        if (told++ >= LISTED && !v->c->verbose) continue;
        hp_buf_puts(out, "  row ");
        hp_put_thousands(out, s->header_row);
        hp_buf_puts(out, " of ");
        put_source(out, v, s);
        hp_buf_printf(out, " names %llu of %llu columns; is it a title? Begin below it: ",
                      (unsigned long long)s->named, (unsigned long long)s->columns);
        hp_put_safe(out, s->sheet->name.n ? s->sheet->name : hp_path_base(v->shown));
        hp_buf_printf(out, "!%u:%u\n", s->header_row + 1, s->last_row);
    }
}

/* Lists sheets that were not written: those without cells, or those that nobody asked for. */
static void put_others(hp_buf *out, const hp_convert *v, bool readable, size_t n, const char *lead,
                       const char *tail) {
    if (n == 0) return;
    size_t listed = 0;
    hp_buf_printf(out, "  %s ", lead);
    for (size_t i = 0; i < v->nsheet && listed < LISTED; i++) {
        bool written = false;
        for (size_t k = 0; k < v->ntaken; k++) written = written || v->taken[k].sheet == &v->sheet[i];
        if (written || v->sheet[i].readable != readable) continue;
        hp_buf_puts(out, listed++ ? ", " : "");
        hp_put_safe(out, v->sheet[i].name);
    }
    if (n > listed) hp_buf_printf(out, " and %zu more", n - listed);
    hp_buf_printf(out, "%s\n", tail);
}

static void put_sheets(hp_buf *out, const hp_convert *v) {
    hp_autobuf tail = hp_buf_new(8192);
    hp_buf_puts(&tail, " (name one, as in ");
    hp_put_safe(&tail, hp_path_base(v->shown));
    hp_buf_puts(&tail, "!SHEET, or --all)");
    size_t left = v->only == SIZE_MAX ? v->left : 0;
    put_others(out, v, true, left, left == 1 ? "not written: sheet" : "not written: sheets",
               hp_buf_cstr(&tail));
    put_others(out, v, false, v->skipped, "skipped, without cells (a chart, perhaps):", "");
    hp_put_carry(out, &tail);
}

static hp_code talk(const hp_convert *v, const totals *t, hp_err *err) {
    /* Other streams may be a terminal than the one that summaries are made for. */
    const hp_term *term = &v->c->term;
    const hp_term here = {.out_tty = term->err_tty, .out_color = term->err_color, .width = term->width};
    hp_autobuf text = hp_buf_new(64u << 20);
    put_files(&text, v, t);
    put_notes(&text, v, t);
    put_titles(&text, v);
    put_sheets(&text, v);
    hp_put_findings(&text, &v->c->run, v->c->verbose ? SIZE_MAX : 5, &here);
    HP_TRY(hp_buf_check(&text, "the summary", err));
    hp_talk(hp_buf_str(&text));
    return HP_OK;
}

/* ---- for programs ---- */

static void number(hp_json *j, const char *key, uint64_t n) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)n);
}

static void text(hp_json *j, const char *key, const char *value) {
    hp_json_key(j, key);
    hp_json_cstr(j, value);
}

static void json_taken(hp_json *j, const hp_convert *v, const hp_taken *s) {
    text(j, "output", s->path);
    hp_json_key(j, "header_row");
    if (s->header_row)
        hp_json_i64(j, s->header_row);
    else
        hp_json_null(j);
    number(j, "rows_read", s->rows);
    number(j, "rows", s->t->nrow);
    hp_json_key(j, "columns");
    hp_json_array(j);
    for (size_t k = 0; k < s->t->ncol; k++) hp_json_str(j, s->t->col[k].name);
    hp_json_array_end(j);
    number(j, "hidden_rows", s->hidden);
    number(j, "guarded_cells", s->guarded);
    number(j, "replaced_cells", s->replaced);
    number(j, "renamed_columns", s->renamed);
    number(j, "sheets_written", v->target->form == HP_FORM_XLSX ? hp_sheets_of(s->t) : 0);
}

static void json_sheet(hp_json *j, const hp_convert *v, const hp_book_sheet *sheet) {
    static const char *const STATE[] = {"visible", "hidden", "very hidden"};
    const hp_taken *taken = NULL;
    for (size_t i = 0; i < v->ntaken; i++)
        if (v->taken[i].sheet == sheet) taken = &v->taken[i];
    hp_json_object(j);
    hp_json_key(j, "name");
    hp_json_str(j, sheet->name);
    text(j, "state", STATE[sheet->state < 3 ? sheet->state : 2]);
    hp_json_key(j, "written");
    hp_json_bool(j, taken != NULL);
    if (taken)
        json_taken(j, v, taken);
    else
        text(j, "reason", sheet->readable ? "not asked for" : "no cells");
    hp_json_object_end(j);
}

static void json_outputs(hp_json *j, const hp_convert *v) {
    hp_json_key(j, "outputs");
    hp_json_array(j);
    for (size_t i = 0; v->output && i < (v->folder ? v->ntaken : 1); i++) {
        hp_json_object(j);
        text(j, "path", v->taken[i].path);
        number(j, "bytes", v->taken[i].bytes);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

/* Lists every finding, not only the first of each rule; without the value, which may be personal. */
static hp_code json_issues(hp_json *j, hp_cli *c, hp_err *err) {
    const hp_run *run = &c->run;
    hp_json_key(j, "issues");
    hp_json_array(j);
    for (size_t i = 0; i < run->issues.list.n; i++) {
        const hp_issue *issue = &run->issues.list.p[i];
        hp_autobuf address = hp_buf_new(64 << 10);
        hp_address(&run->sources, issue->at, &address);
        hp_put_carry(j->out, &address);
        hp_json_object(j);
        text(j, "rule", hp_rule_get(issue->rule)->name);
        hp_json_key(j, "cell");
        hp_json_str(j, hp_buf_str(&address));
        hp_json_key(j, "note");
        if (issue->note == HP_NULL)
            hp_json_null(j);
        else
            hp_json_str(j, hp_text(run->pool, issue->note));
        hp_json_object_end(j);
        HP_TRY(hp_cli_flush_some(c, err));
    }
    hp_json_array_end(j);
    return HP_OK;
}

static hp_code put_json(hp_convert *v, hp_err *err) {
    hp_cli *c = v->c;
    hp_json j = hp_cli_json(c, "hotpass.convert/1");
    hp_json_key(&j, "input");
    hp_json_str(&j, v->shown);
    text(&j, "to", v->target->name);
    json_outputs(&j, v);
    hp_json_key(&j, "sheets");
    hp_json_array(&j);
    for (size_t i = 0; i < v->nsheet; i++) json_sheet(&j, v, &v->sheet[i]);
    hp_json_array_end(&j);
    hp_json_findings(&j, &c->run);
    HP_TRY(json_issues(&j, c, err));
    hp_cli_json_end(c, &j);
    return HP_OK;
}

static void log_event(const hp_convert *v, const totals *t) {
    hp_autobuf data = hp_buf_new(1 << 20);
    hp_json j = {.out = &data};
    hp_json_object(&j);
    text(&j, "to", v->target->name);
    number(&j, "sheets", v->ntaken);
    number(&j, "sheets_left", v->only == SIZE_MAX ? v->left : 0);
    number(&j, "sheets_skipped", v->skipped);
    number(&j, "rows", t->rows);
    number(&j, "bytes", t->bytes);
    number(&j, "guarded_cells", t->guarded);
    number(&j, "replaced_cells", t->replaced);
    number(&j, "findings", v->c->run.issues.list.n);
    hp_json_object_end(&j);
    hp_talk_event("convert.summary", hp_buf_str(&data));
}

hp_code hp_convert_tell(hp_convert *v, hp_err *err) {
    totals t = add_up(v);
    if (v->c->log_json)
        log_event(v, &t);
    else if (!v->c->quiet && !v->c->json)
        HP_TRY(talk(v, &t, err));
    return v->c->json ? put_json(v, err) : HP_OK;
}
