/* Validations for people and for CI systems: Markdown, JUnit XML, SARIF. */
#include "base/clock.h"
#include "base/utf8.h"
#include "base/node.h"
#include "check/result.h"

#include "base/banned.h"

static void put_left_out(hp_buf *out, const hp_outcome *o, size_t n) {
    if (n < o->nunexpected) hp_buf_printf(out, "and %llu more", (unsigned long long)(o->nunexpected - n));
}

/* Appends the unexpected value of a row in words: of several columns all of them. */
static void put_value(const hp_result *r, const hp_outcome *o, const hp_unexpected *u, hp_buf *out) {
    for (size_t i = 0; i < o->ncolumn; i++) {
        if (i) hp_buf_puts(out, " | ");
        hp_result_text(r, o->column[i], r->v->data->col[o->column[i]].v[u->row], out);
    }
}

/* ---- Markdown ---- */

/* A cell of a table: one line, nothing of it read as markup. */
static void put_md(hp_buf *out, hp_str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (strchr("|<>*_`[]\\&", c) && c) hp_buf_putc(out, '\\');
        hp_buf_putc(out, (unsigned char)c < ' ' ? ' ' : c);
    }
}

static void md_row(const hp_result *r, const hp_outcome *o, hp_buf *out) {
    hp_autobuf columns = hp_buf_new(1u << 20), sentence = hp_buf_new(1u << 20);
    hp_result_columns(r, o, &columns);
    hp_result_sentence(r, o, &sentence);
    hp_buf_printf(out, "| %s | ", o->success ? "met" : "**NOT MET**");
    put_md(out, o->expectation->type);
    hp_buf_puts(out, " | ");
    put_md(out, hp_buf_str(&columns));
    hp_buf_puts(out, " | ");
    put_md(out, hp_buf_str(&sentence));
    hp_buf_printf(out, " | %s |\n", hp_gx_severity_name(o->expectation->severity));
    out->bad |= columns.bad || sentence.bad;
}

static void md_values(const hp_result *r, const hp_outcome *o, hp_buf *out) {
    size_t n = hp_result_listed(r, o);
    hp_autobuf text = hp_buf_new(1u << 20);
    hp_result_columns(r, o, &text);
    hp_buf_puts(out, "\n### ");
    put_md(out, o->expectation->type);
    hp_buf_puts(out, ": ");
    put_md(out, hp_buf_str(&text));
    hp_buf_puts(out, "\n\n| Cell | Value |\n|---|---|\n");
    for (size_t i = 0; i < n; i++) {
        hp_buf_clear(&text);
        hp_result_origin(r, o, &o->unexpected[i], &text);
        hp_buf_puts(out, "| ");
        put_md(out, hp_buf_str(&text));
        hp_buf_puts(out, " | ");
        hp_buf_clear(&text);
        put_value(r, o, &o->unexpected[i], &text);
        put_md(out, hp_buf_str(&text));
        hp_buf_puts(out, " |\n");
        out->bad |= text.bad;
    }
    if (n < o->nunexpected) {
        hp_buf_puts(out, "\n... ");
        put_left_out(out, o, n);
        hp_buf_puts(out, ".\n");
    }
}

static void md_one(const hp_result *r, hp_buf *out) {
    const hp_validation *v = r->v;
    hp_buf_puts(out, "# ");
    put_md(out, v->suite->name);
    hp_buf_printf(out, "\n\n%s: %zu of %zu expectations are met, on %zu rows", v->success ? "Met" : "NOT MET",
                  v->successful, v->n, v->data->nrow);
    if (v->data->name.n) {
        hp_buf_puts(out, " of ");
        put_md(out, v->data->name);
    }
    hp_buf_puts(out, ".\n\n| | Expectation | Column | What came of it | Severity |\n|---|---|---|---|---|\n");
    for (int met = 0; met < 2; met++)
        for (size_t i = 0; i < v->n; i++)
            if (v->outcome[i].success == met) md_row(r, &v->outcome[i], out);
    for (size_t i = 0; i < v->n; i++)
        if (!v->outcome[i].success && v->outcome[i].nunexpected) md_values(r, &v->outcome[i], out);
}

void hp_validation_markdown(const hp_run *run, const hp_validation *const *v, size_t n,
                            const hp_result_options *o, hp_buf *out) {
    for (size_t i = 0; i < n; i++) {
        hp_result r = {run, v[i], o};
        if (i) hp_buf_putc(out, '\n');
        md_one(&r, out);
    }
}

/* ---- JUnit ---- */

/* XML 1.0 has no place for most controls, escaped or not. */
static void put_xml(hp_buf *out, hp_str s) {
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = hp_utf8_next(s, &i);
        switch (cp) {
        case '&': hp_buf_puts(out, "&amp;"); break;
        case '<': hp_buf_puts(out, "&lt;"); break;
        case '>': hp_buf_puts(out, "&gt;"); break;
        case '"': hp_buf_puts(out, "&quot;"); break;
        case '\n': hp_buf_puts(out, "&#10;"); break;
        default: hp_buf_putu(out, cp < ' ' || cp == 0xFFFE || cp == 0xFFFF ? 0xFFFD : cp);
        }
    }
}

static void junit_failure(const hp_result *r, const hp_outcome *o, hp_buf *out) {
    hp_autobuf text = hp_buf_new(1u << 24);
    const char *element = o->exception.n ? "error" : "failure";
    hp_result_sentence(r, o, &text);
    hp_buf_printf(out, "\n      <%s type=\"%s\" message=\"", element,
                  hp_gx_severity_name(o->expectation->severity));
    put_xml(out, hp_buf_str(&text));
    hp_buf_puts(out, "\">");
    size_t n = hp_result_listed(r, o);
    for (size_t i = 0; i < n; i++) {
        hp_buf_clear(&text);
        hp_result_origin(r, o, &o->unexpected[i], &text);
        hp_buf_puts(&text, ": ");
        put_value(r, o, &o->unexpected[i], &text);
        hp_buf_putc(&text, '\n');
        put_xml(out, hp_buf_str(&text));
    }
    put_left_out(out, o, n);
    hp_buf_printf(out, "</%s>\n    ", element);
    out->bad |= text.bad;
}

static void junit_case(const hp_result *r, const hp_outcome *o, hp_buf *out) {
    hp_autobuf columns = hp_buf_new(1u << 20);
    hp_result_columns(r, o, &columns);
    hp_buf_puts(out, "    <testcase classname=\"");
    put_xml(out, r->v->suite->name);
    hp_buf_puts(out, "\" name=\"");
    put_xml(out, o->expectation->type);
    if (columns.n) hp_buf_puts(out, ": ");
    put_xml(out, hp_buf_str(&columns));
    hp_buf_puts(out, "\" file=\"");
    put_xml(out, r->v->suite->path);
    hp_buf_puts(out, "\">");
    if (!o->success) junit_failure(r, o, out);
    hp_buf_puts(out, "</testcase>\n");
    out->bad |= columns.bad;
}

/* Tests, failures, errors of some validations. */
static void junit_counts(const hp_validation *const *v, size_t n, hp_buf *out) {
    size_t tests = 0, failures = 0, errors = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < v[i]->n; k++) {
            const hp_outcome *o = &v[i]->outcome[k];
            tests++;
            errors += o->exception.n > 0;
            failures += !o->success && !o->exception.n;
        }
    hp_buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", tests, failures, errors);
}

void hp_validation_junit(const hp_run *run, const hp_validation *const *v, size_t n,
                         const hp_result_options *o, hp_buf *out) {
    hp_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hotpass check\"");
    junit_counts(v, n, out);
    hp_buf_puts(out, ">\n");
    for (size_t i = 0; i < n; i++) {
        hp_result r = {run, v[i], o};
        char when[21];
        hp_time_iso(hp_clock_now(), when);
        hp_buf_puts(out, "  <testsuite name=\"");
        put_xml(out, v[i]->suite->name);
        hp_buf_printf(out, "\" timestamp=\"%.19s\"", when);
        junit_counts(&v[i], 1, out);
        hp_buf_puts(out, ">\n");
        for (size_t k = 0; k < v[i]->n; k++) junit_case(&r, &v[i]->outcome[k], out);
        hp_buf_puts(out, "  </testsuite>\n");
    }
    hp_buf_puts(out, "</testsuites>\n");
}
