/* The page's findings: by rule, by source, expectations, the worst places, quarantine. */
#include "write/report_page.h"

#include "write/markup.h"
#include "write/svg.h"

#include "base/banned.h"

static void cell_severity(hp_buf *out, hp_severity s) {
    static const char *const WORD[] = {"info", "warning", "error"};
    static const char *const CLASS[] = {"soft", "warn", "bad"};
    static const hp_svg_sign SIGN[] = {HP_SIGN_INFO, HP_SIGN_WARN, HP_SIGN_STOP};
    hp_buf_printf(out, "<td class=\"word %s\">", CLASS[s]);
    hp_svg_sign_put(out, SIGN[s], 16);
    hp_buf_printf(out, " %s</td>", WORD[s]);
}

static void cell_move(hp_buf *out, uint64_t was, uint64_t now) {
    hp_buf_puts(out, "<td class=\"n\">");
    if (was == HP_UNKNOWN || was == now) {
        hp_buf_puts(out, was == now ? "0" : "\xE2\x80\x93");
    } else {
        hp_buf_puts(out, now > was ? "+" : "\xE2\x88\x92");
        hp_put_grouped(out, now > was ? now - was : was - now);
    }
    hp_buf_puts(out, "</td>");
}

static void put_rule(const hp_report *r, const hp_report_rule *f, uint64_t most, hp_buf *out) {
    const hp_svg_part part = {hp_page_ratio(f->count, most), f->severity == HP_SEV_INFO ? "info" : "warn"};
    hp_page_row(out, f->rule, f->text);
    cell_severity(out, f->severity);
    hp_buf_puts(out, "<td class=\"draw\">");
    hp_svg_bar(out, &part, 1);
    hp_buf_puts(out, "</td>");
    hp_page_number(out, f->count);
    if (r->previous) cell_move(out, f->was, f->count);
    hp_buf_puts(out, "<td class=\"place\">");
    hp_html_name(out, f->cells);
    if (f->value.n) {
        hp_buf_puts(out, "<span class=\"sub\">first value: ");
        hp_html_value(out, f->value);
        hp_buf_puts(out, "</span>");
    }
    hp_buf_puts(out, "</td>");
    hp_page_row_end(out);
}

void hp_page_rules(const hp_report *r, hp_buf *out) {
    uint64_t most = 0;
    if (r->nrule == 0) return;
    for (size_t i = 0; i < r->nrule; i++)
        if (r->rule[i].count > most) most = r->rule[i].count;
    hp_page_section(out, "rules", "Findings by rule", false);
    hp_buf_puts(out,
                "<p class=\"note\">Warnings are values that were not used, and stand first; the others say "
                "what was done and seldom need you. ");
    hp_buf_puts(out,
                r->state == HP_REPORT_STOPPED
                    ? "Of each, the first cells are named.</p>\n"
                    : "All of them, with all their cells, are on the sheet Findings of the result.</p>\n");
    hp_page_table(out, "rules", "Findings by rule, gravest first",
                  r->previous ? "Rule|Severity|=Findings|#Number|#Change|First cells"
                              : "Rule|Severity|=Findings|#Number|First cells");
    for (size_t i = 0; i < r->nrule; i++) put_rule(r, &r->rule[i], most, out);
    hp_page_table_end(out);
    hp_buf_puts(out, "</section>\n");
}

static void put_left_out(hp_buf *out, const hp_report *r, size_t n, size_t all, const char *what) {
    if (n >= all) return;
    hp_buf_puts(out, "<p class=\"note\">The ");
    hp_put_grouped(out, n);
    hp_buf_puts(out, " with the most, of ");
    hp_put_grouped(out, all);
    hp_buf_printf(out, " %s%s</p>\n", what,
                  r->state == HP_REPORT_STOPPED ? "."
                                                : "; all findings are on the sheet Findings of the result.");
}

static void put_sheet_bar(const hp_report_place *p, uint64_t most, hp_buf *out) {
    const hp_svg_part part[] = {{hp_page_ratio(p->warn, most), "warn"},
                                {hp_page_ratio(p->info, most), "info"}};
    hp_page_row(out, p->place, p->rules);
    hp_buf_puts(out, "<td class=\"draw\">");
    hp_svg_bar(out, part, 2);
    hp_buf_puts(out, "</td>");
    hp_page_number(out, p->warn);
    hp_page_number(out, p->info);
    hp_page_number(out, p->rows);
    hp_page_row_end(out);
}

void hp_page_sheets(const hp_report *r, hp_buf *out) {
    uint64_t most = 0;
    if (r->sheets.n == 0) return;
    for (size_t i = 0; i < r->sheets.n; i++) {
        uint64_t n = r->sheets.list[i].warn + r->sheets.list[i].info;
        if (n > most) most = n;
    }
    hp_page_section(out, "by-source", "Findings by source", false);
    hp_buf_puts(out, "<p class=\"note\">");
    hp_page_legend(out, "warn", "warnings and errors, on the left; ");
    hp_page_legend(out, "info", "the others, on the right.");
    hp_buf_puts(out, "</p>\n");
    hp_page_table(out, "by-source", "Sheets and files, the one with most warnings first",
                  "Source|=Findings|#Warnings|#Others|#Rows");
    for (size_t i = 0; i < r->sheets.n; i++) put_sheet_bar(&r->sheets.list[i], most, out);
    hp_page_table_end(out);
    put_left_out(out, r, r->sheets.n, r->sheets.all, "sheets");
    hp_buf_puts(out, "</section>\n");
}

/* ---- expectations ---- */

static void put_offenders(const hp_report_check *c, hp_buf *out) {
    for (size_t i = 0; i < c->noffender; i++) {
        hp_buf_puts(out, i ? "<br>" : "");
        hp_html_name(out, c->offender[i].place);
        if (c->offender[i].value.n) {
            hp_buf_puts(out, " <code>");
            hp_html_value(out, c->offender[i].value);
            hp_buf_puts(out, "</code>");
        }
        if (c->offender[i].why.n) {
            /* Folded away, since it is to be copied, not read; no script is needed for that. */
            hp_buf_puts(out, "<details><summary>why</summary><code>");
            hp_html_text(out, c->offender[i].why);
            hp_buf_puts(out, "</code></details>");
        }
    }
    if (c->unexpected > c->noffender && c->noffender) {
        hp_buf_puts(out, "<br>and ");
        hp_put_grouped(out, c->unexpected - c->noffender);
        hp_buf_puts(out, " more");
    }
}

static void put_check(const hp_report_check *c, hp_buf *out) {
    hp_page_row(out, c->column, c->expectation);
    const char *class = c->success ? "ok" : c->stops ? "bad" : "warn";
    hp_buf_printf(out, "<td class=\"word %s\">", class);
    hp_svg_sign_put(out, c->success ? HP_SIGN_OK : c->stops ? HP_SIGN_STOP : HP_SIGN_WARN, 16);
    hp_buf_printf(out, " %s</td>", c->success ? "met" : c->stops ? "not met, stops" : "not met, warns");
    hp_page_number(out, c->unexpected);
    hp_page_number(out, c->evaluated);
    hp_buf_printf(out, "<td class=\"n\">%.10g %%</td>", 100 * c->mostly);
    if (!c->success) {
        hp_buf_puts(out, "<td class=\"place\">");
        put_offenders(c, out);
        hp_buf_puts(out, "</td>");
    }
    hp_page_row_end(out);
}

static void put_check_table(const hp_report *r, bool success, hp_buf *out) {
    if (success)
        hp_page_table(out, "met", "Expectations that are met",
                      "Column and expectation|Result|#Unexpected|#Looked at|#Must hold for");
    else
        hp_page_table(out, "unmet", "Expectations that are not met",
                      "Column and expectation|Result|#Unexpected|#Looked at|#Must hold for|First at fault");
    for (size_t i = 0; i < r->ncheck; i++)
        if (r->check[i].success == success) put_check(&r->check[i], out);
    hp_page_table_end(out);
}

void hp_page_checks(const hp_report *r, hp_buf *out) {
    size_t met = 0;
    if (r->ncheck == 0) return;
    for (size_t i = 0; i < r->ncheck; i++) met += r->check[i].success;
    hp_page_section(out, "checks", "Expectations", false);
    hp_buf_printf(out, "<p class=\"note\">%zu of %zu are met.</p>\n", met, r->ncheck);
    if (met < r->ncheck) put_check_table(r, false, out);
    if (met) {
        hp_buf_printf(out, "<details><summary>The %zu that %s met</summary>\n", met, met == 1 ? "is" : "are");
        put_check_table(r, true, out);
        hp_buf_puts(out, "</details>\n");
    }
    hp_buf_puts(out, "</section>\n");
}

/* ---- the worst places ---- */

static void put_place(const hp_report_place *p, bool rows, hp_buf *out) {
    hp_page_row(out, p->place, p->name);
    hp_page_number(out, p->warn);
    hp_page_number(out, p->info);
    if (rows) hp_page_number(out, p->rows);
    hp_page_value(out, "place", p->rules);
    hp_page_value(out, "place", p->cells);
    hp_page_row_end(out);
}

static void put_places(const hp_report *r, const hp_report_places *list, const char *id, const char *title,
                       const char *what, bool rows, hp_buf *out) {
    if (list->n == 0) return;
    hp_buf_printf(out, "<h3>%s</h3>\n", title);
    hp_page_table(out, id, "The address leads to the cell in the source",
                  rows ? "Column|#Warnings|#Others|#Rows|Rules|First cells"
                       : "Row|#Warnings|#Others|Rules|Cells");
    for (size_t i = 0; i < list->n; i++) put_place(&list->list[i], rows, out);
    hp_page_table_end(out);
    put_left_out(out, r, list->n, list->all, what);
}

void hp_page_worst(const hp_report *r, hp_buf *out) {
    if (r->columns.n == 0 && r->rows.n == 0) return;
    hp_page_section(out, "worst", "Where the most is to correct", false);
    put_places(r, &r->columns, "columns", "Columns", "columns with findings", true, out);
    put_places(r, &r->rows, "source-rows", "Rows", "rows with findings", false, out);
    hp_buf_puts(out, "</section>\n");
}

void hp_page_quarantine(const hp_report *r, hp_buf *out) {
    if (r->nreason == 0) return;
    hp_page_section(out, "quarantine", "Rows in quarantine", false);
    hp_page_table(out, "quarantine", "Rows that were kept out, by reason", "Reason|#Rows|First rows");
    for (size_t i = 0; i < r->nreason; i++) {
        hp_page_row(out, r->reason[i].reason, r->reason[i].text);
        hp_page_number(out, r->reason[i].count);
        hp_page_value(out, "place", r->reason[i].rows);
        hp_page_row_end(out);
    }
    hp_page_table_end(out);
    hp_buf_puts(out, "</section>\n");
}
