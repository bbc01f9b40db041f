#include "cli/summary.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "check/check.h"

#include "base/banned.h"

/* Addresses shown for a rule. */
enum { SHOWN = 3 };

typedef struct tally {
    hp_rule rule;
    uint64_t count;
    const hp_issue *at[SHOWN];
    size_t n;
} tally;

/* These are told by hp_put_sources. */
static bool is_about_sources(hp_rule r) { return r == HP_R_SOURCE_ABSENT || r == HP_R_FILE_UNCLAIMED; }

static int by_weight(const void *a, const void *b) {
    const tally *x = a, *y = b;
    hp_severity sx = hp_rule_get(x->rule)->severity, sy = hp_rule_get(y->rule)->severity;
    if (sx != sy) return sx > sy ? -1 : 1;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return (int)x->rule - (int)y->rule;
}

/* Fills `list` (of HP_RULE_COUNT) with the rules that have findings, sorted; returns how many. */
static size_t count_rules(const hp_run *run, tally *list) {
    size_t n = 0;
    tally all[HP_RULE_COUNT] = {0};
    for (size_t i = 0; i < run->issues.list.n; i++) {
        const hp_issue *issue = &run->issues.list.p[i];
        tally *t = &all[issue->rule];
        if (t->n < SHOWN) t->at[t->n++] = issue;
    }
    for (int r = 0; r < HP_RULE_COUNT; r++) {
        all[r].rule = (hp_rule)r;
        all[r].count = run->issues.by_rule[r];
        if (all[r].count && !is_about_sources((hp_rule)r)) list[n++] = all[r];
    }
    qsort(list, n, sizeof *list, by_weight);
    return n;
}

/* Returns how much of an address need not be said again after one on sheet `before`: its sheet, its file, or
 * nothing. */
static size_t said_before(const hp_run *run, hp_str text, hp_cell at, uint32_t before) {
    if (before == HP_NO_SHEET || at.row == 0) return 0;
    const hp_source_sheet *now = &run->sources.sheet.p[at.sheet], *was = &run->sources.sheet.p[before];
    if (now->file != was->file) return 0;
    size_t file = run->sources.file.p[now->file].name.n;
    if (at.sheet != before || now->name.n == 0) return at.sheet == before ? file : 0;
    size_t end = file + 1 + now->name.n;
    return end < text.n ? end : 0;
}

/* Appends "Book.xlsx!Sheet!G5, !G6, ...": a sheet that was just named is not named again. */
static void put_places(hp_buf *out, const hp_run *run, const tally *t) {
    uint32_t sheet = HP_NO_SHEET;
    for (size_t i = 0; i < t->n; i++) {
        hp_autobuf address = hp_buf_new(64 << 10);
        hp_cell at = t->at[i]->at;
        hp_address(&run->sources, at, &address);
        if (address.n == 0) continue;
        hp_put_carry(out, &address);
        hp_str text = hp_buf_str(&address);
        hp_buf_puts(out, sheet == HP_NO_SHEET ? "" : ", ");
        hp_put_safe(out, hp_str_cut(text, said_before(run, text, at, sheet), text.n));
        sheet = at.sheet;
    }
    if (sheet != HP_NO_SHEET && t->count > t->n) hp_buf_puts(out, ", \xE2\x80\xA6");
}

static size_t text_width(const hp_term *t) { return t->out_tty && t->width < 110 ? t->width : 110; }

/* Writes "     176  phone_invalid: not a valid phone number" and the first cells below it. */
static void put_rule(hp_buf *out, const hp_run *run, const tally *t, const hp_term *term) {
    enum { INDENT = 11 };
    const hp_rule_info *rule = hp_rule_get(t->rule);
    hp_autobuf count = hp_buf_new(32);
    hp_autobuf text = hp_buf_new(4096);
    hp_autobuf places = hp_buf_new(256 << 10);
    hp_put_thousands(&count, t->count);
    hp_buf_printf(out, "%9s  ", hp_buf_cstr(&count));
    hp_buf_printf(&text, "%s: %s", rule->name, rule->text);
    hp_put_wrapped(out, hp_buf_str(&text), INDENT, text_width(term));
    hp_buf_putc(out, '\n');
    put_places(&places, run, t);
    hp_put_carry(out, &count);
    hp_put_carry(out, &text);
    hp_put_carry(out, &places);
    if (places.n == 0) return;
    hp_put_spaces(out, INDENT);
    hp_put_cut(out, hp_buf_str(&places), text_width(term) - INDENT);
    hp_buf_putc(out, '\n');
}

static void title(hp_buf *out, const char *text, const hp_term *t) {
    hp_buf_putc(out, '\n');
    hp_put_bold(out, t->out_color, text);
    hp_buf_putc(out, '\n');
}

void hp_put_findings(hp_buf *out, const hp_run *run, size_t top, const hp_term *t) {
    tally list[HP_RULE_COUNT] = {0};
    size_t n = count_rules(run, list);
    if (n == 0) return;
    hp_autobuf head = hp_buf_new(256);
    hp_buf_puts(&head, "Findings");
    if (top < n) hp_buf_printf(&head, " (top %zu of %zu rules)", top, n);
    title(out, hp_buf_cstr(&head), t);
    hp_put_carry(out, &head);
    for (size_t i = 0; i < n && i < top; i++) put_rule(out, run, &list[i], t);
}

void hp_json_findings(hp_json *j, const hp_run *run) {
    tally list[HP_RULE_COUNT] = {0};
    size_t n = count_rules(run, list);
    hp_json_key(j, "findings");
    hp_json_array(j);
    for (size_t i = 0; i < n; i++) {
        hp_json_object(j);
        hp_json_key(j, "rule");
        hp_json_cstr(j, hp_rule_get(list[i].rule)->name);
        hp_json_key(j, "severity");
        hp_json_cstr(j, hp_severity_name(hp_rule_get(list[i].rule)->severity));
        hp_json_key(j, "count");
        hp_json_i64(j, (int64_t)list[i].count);
        hp_json_key(j, "cells");
        hp_json_array(j);
        for (size_t k = 0; k < list[i].n; k++) {
            hp_autobuf address = hp_buf_new(4096);
            hp_address(&run->sources, list[i].at[k]->at, &address);
            if (address.n) hp_json_str(j, hp_buf_str(&address));
            hp_put_carry(j->out, &address);
        }
        hp_json_array_end(j);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

/* ---- sources ---- */

/* Files are listed so far; a directory of thousands would bury the rest. With -v all. */
enum { LISTED = 20 };

static void put_named(hp_buf *out, const char *name, const hp_buf *list, const hp_term *t) {
    hp_put_carry(out, list);
    if (list->n == 0) return;
    hp_autobuf line = hp_buf_new(16 << 20);
    hp_buf_printf(&line, "  %-12s ", name);
    hp_put_wrapped(&line, hp_buf_str(list), line.n, text_width(t));
    hp_buf_putc(&line, '\n');
    hp_buf_add(out, hp_buf_str(&line));
    hp_put_carry(out, &line);
}

static void list_one(hp_buf *list, size_t number, size_t most, hp_str text) {
    if (number > most) return;
    hp_buf_puts(list, list->n ? ", " : "");
    hp_put_safe(list, text);
}

static void list_rest(hp_buf *list, size_t n, size_t most) {
    if (n <= most) return;
    hp_buf_puts(list, " and ");
    hp_put_thousands(list, n - most);
    hp_buf_puts(list, " more");
}

static void put_about(hp_buf *out, const hp_run *run, hp_rule rule, const char *name, size_t most,
                      const hp_term *t) {
    hp_autobuf list = hp_buf_new(8 << 20);
    size_t n = 0;
    for (size_t i = 0; i < run->issues.list.n; i++) {
        const hp_issue *issue = &run->issues.list.p[i];
        if (issue->rule == rule)
            list_one(&list, ++n, most, hp_text(run->pool, issue->note ? issue->note : issue->value));
    }
    list_rest(&list, n, most);
    put_named(out, name, &list, t);
}

void hp_put_sources(hp_buf *out, const hp_run *run, bool all, const hp_term *t) {
    hp_autobuf used = hp_buf_new(8 << 20);
    size_t n = run->sources.file.n, most = all ? SIZE_MAX : LISTED;
    for (size_t i = 0; i < n; i++) list_one(&used, i + 1, most, run->sources.file.p[i].name);
    list_rest(&used, n, most);
    title(out, "Sources", t);
    put_named(out, "used", &used, t);
    put_about(out, run, HP_R_SOURCE_ABSENT, "absent", most, t);
    put_about(out, run, HP_R_FILE_UNCLAIMED, "not claimed", most, t);
}

/* ---- the summary ---- */

/* Tells whether a run stopped before there was anything to count but rows. */
static bool has_no_result(const hp_refine_result *r) {
    return r->failing_stage && strcmp(r->failing_stage, "check") != 0;
}

static void put_head(hp_buf *out, const hp_refine_result *r, const hp_term *t) {
    hp_autobuf head = hp_buf_new(512);
    hp_put_counted(&head, r->rows_in, "row", "rows");
    hp_buf_puts(&head, has_no_result(r) ? " read, then stopped" : " in -> ");
    if (!has_no_result(r)) {
        hp_put_counted(&head, r->rows_out, "organisation", "organisations");
        hp_buf_puts(&head, ", ");
        hp_put_counted(&head, r->contacts, "contact", "contacts");
    }
    hp_put_bold(out, t->out_color, hp_buf_cstr(&head));
    hp_put_carry(out, &head);
    hp_buf_printf(out, "   %.2f s\n", r->seconds);
}

static void put_quarantined(hp_buf *out, const hp_refine_result *r) {
    uint64_t count[HP_RULE_COUNT] = {0};
    for (size_t i = 0; i < r->run.quarantine.n; i++) count[r->run.quarantine.p[i].rule]++;
    bool any = false;
    for (int rule = 0; rule < HP_RULE_COUNT; rule++) {
        if (!count[rule]) continue;
        hp_buf_puts(out, any ? ", " : " (");
        for (const char *p = hp_rule_get((hp_rule)rule)->name; *p; p++)
            hp_buf_putc(out, *p == '_' ? ' ' : *p);
        hp_buf_putc(out, ' ');
        hp_put_thousands(out, count[rule]);
        any = true;
    }
    if (any) hp_buf_putc(out, ')');
}

/* The checks count the values of a column that are there. */
static void put_filled(hp_buf *out, const hp_verdict *v, const char *column, const char *words) {
    for (size_t i = 0; v && i < v->n; i++) {
        const hp_check_result *c = &v->result[i];
        if (!hp_str_eq(c->column, hp_str_of(column)) || !hp_str_eq(c->kind, HP_S("matches_regex"))) continue;
        hp_buf_puts(out, ", ");
        hp_put_thousands(out, c->evaluated);
        hp_buf_printf(out, " %s", words);
        return;
    }
}

static void put_rows(hp_buf *out, const hp_refine_result *r) {
    hp_buf_puts(out, "  merged       ");
    hp_put_thousands(out, r->merged);
    if (r->merged) {
        hp_buf_puts(out, " (");
        hp_put_counted(out, r->duplicates, "duplicate organisation", "duplicate organisations");
        hp_buf_puts(out, ", ");
        hp_put_counted(out, r->attached, "contact, address or note row attached",
                       "contact, address and note rows attached");
        hp_buf_putc(out, ')');
    }
    hp_buf_puts(out, "\n  quarantined  ");
    hp_put_thousands(out, r->quarantined);
    put_quarantined(out, r);
    hp_buf_printf(out, "\n  quality      mean %.2f", r->quality_mean);
    put_filled(out, r->verdict, "contact_primary_email", "with e-mail");
    put_filled(out, r->verdict, "contact_primary_phone", "with phone");
    put_filled(out, r->verdict, "website", "with website");
    hp_buf_putc(out, '\n');
}

static void put_check_name(hp_buf *out, const hp_check_result *c) {
    hp_autobuf name = hp_buf_new(1 << 20);
    hp_check_name(c, &name);
    hp_put_safe(out, hp_buf_str(&name));
    hp_put_carry(out, &name);
}

static void put_checks(hp_buf *out, const hp_verdict *v, const hp_term *t) {
    size_t passed = 0;
    hp_autobuf list = hp_buf_new(1 << 16);
    for (size_t i = 0; v && i < v->n; i++) {
        const hp_check_result *c = &v->result[i];
        passed += c->success;
        if (c->success) continue;
        hp_buf_puts(&list, list.n ? ", " : "; failed: ");
        put_check_name(&list, c);
        hp_buf_printf(&list, " (%llu of %llu, %s)", (unsigned long long)c->unexpected,
                      (unsigned long long)c->evaluated, hp_on_failure_name(c->action));
    }
    if (!v || v->n == 0) return;
    hp_autobuf line = hp_buf_new(1 << 16);
    hp_buf_printf(&line, "%zu of %zu passed%s", passed, v->n, hp_buf_cstr(&list));
    hp_put_carry(&line, &list);
    put_named(out, "checks", &line, t);
}

/* Says what was taken from corrected quarantines. */
static void put_retried(hp_buf *out, const hp_refine_result *r, const hp_term *t) {
    for (size_t i = 0; i < r->nretried; i++) {
        hp_autobuf line = hp_buf_new(16 << 10);
        hp_put_counted(&line, r->retried[i].cells, "cell", "cells");
        hp_buf_puts(&line, " of ");
        hp_put_counted(&line, r->retried[i].rows, "row", "rows");
        hp_buf_puts(&line, " taken from ");
        hp_put_safe(&line, hp_str_of(r->retried[i].path));
        put_named(out, "corrected", &line, t);
    }
}

/* Says what the annotated copies show. */
static void put_annotated(hp_buf *out, const hp_refine_result *r, const hp_term *t) {
    if (!r->annotated.books) return;
    hp_autobuf line = hp_buf_new(4096);
    hp_put_counted(&line, r->annotated.cells, "cell", "cells");
    hp_buf_puts(&line, " marked in ");
    hp_put_counted(&line, r->annotated.books, "annotated copy", "annotated copies");
    if (r->annotated.elsewhere) {
        hp_buf_puts(&line, "; ");
        hp_put_counted(&line, r->annotated.elsewhere, "finding has", "findings have");
        hp_buf_puts(&line, " no cell there");
    }
    put_named(out, "annotated", &line, t);
}

static void put_files(hp_buf *out, const hp_refine_result *r, const hp_term *t) {
    size_t widest = 0;
    for (size_t i = 0; i < r->noutput; i++) {
        size_t w = hp_utf8_width(r->output[i].path);
        if (w > widest) widest = w;
    }
    title(out, "Files", t);
    for (size_t i = 0; i < r->noutput; i++) {
        hp_buf_puts(out, "  ");
        hp_put_safe(out, r->output[i].path);
        hp_put_spaces(out, widest + 2 - hp_utf8_width(r->output[i].path));
        hp_put_size(out, r->output[i].bytes);
        hp_buf_putc(out, '\n');
    }
}

static void put_times(hp_buf *out, const hp_refine_result *r, const hp_term *t) {
    title(out, "Stages", t);
    for (size_t i = 0; i < r->ntime; i++) {
        hp_buf_printf(out, "  %-12s %8.3f s  ", r->time[i].stage, r->time[i].seconds);
        hp_put_thousands(out, r->time[i].items);
        hp_buf_putc(out, '\n');
    }
}

/* ---- what to do now, for each way a run can end ---- */

/* Expectations listed of a run that stopped, and cells of each. */
enum { STOPS = 5, CELLS = 3 };

/* "companies: Status expect_column_values_to_be_in_set (Contact Database.xlsx!Company_Cat): 2 of 1198 values,
 * first at Contact Database.xlsx!Company_Cat!H17". */
static void put_stop(hp_buf *out, const hp_run *run, const hp_check_result *c) {
    hp_autobuf text = hp_buf_new(4 << 20);
    hp_check_name(c, &text);
    hp_buf_printf(&text, " (%.*s): ", HP_FMT(c->data));
    if (c->outcome->nunexpected) {
        hp_buf_printf(&text, "%llu of %llu, first at ", (unsigned long long)c->unexpected,
                      (unsigned long long)c->evaluated);
        hp_check_places(run, c, CELLS, &text);
    } else {
        hp_buf_add(&text, c->said);
    }
    hp_put_safe(out, hp_buf_str(&text));
    hp_put_carry(out, &text);
}

void hp_put_stops(hp_buf *out, const hp_refine_result *r, const char *before, const hp_term *t) {
    size_t n = 0;
    for (size_t i = 0; i < r->verdict->n; i++) {
        const hp_check_result *c = &r->verdict->result[i];
        hp_autobuf line = hp_buf_new(4 << 20);
        if (c->success || c->action != HP_ON_FAILURE_STOP) continue;
        if (++n > STOPS) continue;
        put_stop(&line, &r->run, c);
        hp_buf_puts(out, before);
        hp_put_wrapped(out, hp_buf_str(&line), strlen(before), text_width(t));
        hp_put_carry(out, &line);
        hp_buf_putc(out, '\n');
    }
    if (n > STOPS) hp_buf_printf(out, "%sand %zu more (--json lists all)\n", before, n - STOPS);
}

/* Says what a run that stopped at a check has left. */
static const char *what_was_written(const hp_refine_result *r) {
    bool copies = r->annotated.books > 0, reports = r->noutput > r->annotated.books;
    return copies && reports ? "Nothing but the annotated copies and the report was written"
           : copies          ? "Only the annotated copies were written"
           : reports         ? "Nothing but the report was written"
                             : "Nothing was written";
}

static void put_next(hp_buf *out, const hp_refine_result *r, const hp_refine_options *o, const hp_term *t) {
    hp_autobuf text = hp_buf_new(16 << 10);
    if (r->failing_stage) {
        hp_buf_puts(&text, what_was_written(r));
        hp_buf_printf(
            &text,
            ": at the stage %s an expectation does not hold that stops the run. Correct the sources, or "
            "the expectation or its severity in ",
            r->failing_stage);
        hp_put_safe(&text, r->profile->path);
        hp_buf_puts(&text, ", and run again.");
    } else if (o->dry_run || r->noutput == 0) {
        hp_buf_puts(&text, "Nothing was written. Run again without --dry-run.");
    } else {
        hp_buf_puts(&text, "Open ");
        hp_put_safe(&text, r->output[0].path);
        hp_buf_puts(
            &text,
            r->run.issues.list.n || r->quarantined
                ? "; its sheets Findings and Quarantine name the source cells to correct; then run again."
                : "; there is nothing to correct.");
    }
    title(out, "Next", t);
    hp_buf_puts(out, "  ");
    hp_put_wrapped(out, hp_buf_str(&text), 2, text_width(t));
    hp_put_carry(out, &text);
    hp_buf_putc(out, '\n');
}

void hp_put_summary(hp_buf *out, const hp_refine_result *r, const hp_refine_options *o, bool verbose,
                    const hp_term *t) {
    put_head(out, r, t);
    if (!has_no_result(r)) put_rows(out, r);
    put_checks(out, r->verdict, t);
    if (r->failing_stage) {
        hp_buf_printf(out, "  stopped at   stage %s\n", r->failing_stage);
        hp_put_stops(out, r, "               ", t);
    }
    put_retried(out, r, t);
    put_annotated(out, r, t);
    hp_put_findings(out, &r->run, verbose ? SIZE_MAX : 5, t);
    hp_put_sources(out, &r->run, verbose, t);
    if (verbose) put_times(out, r, t);
    if (r->noutput && !o->dry_run) put_files(out, r, t);
    put_next(out, r, o, t);
}
