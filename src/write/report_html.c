/* The report as a page: verdict, what to do, charts, then the tables. */
#include "write/report_page.h"

#include "write/markup.h"
#include "write/svg.h"

#include "base/banned.h"

/* ---- small pieces ---- */

static void put_share(hp_buf *out, uint64_t part, uint64_t of) {
    if (of == 0)
        hp_buf_puts(out, "\xE2\x80\x93");
    else
        hp_buf_printf(out, "%.1f %%", 100.0 * (double)part / (double)of);
}

static void put_counted(hp_buf *out, uint64_t n, const char *one, const char *many) {
    hp_put_grouped(out, n);
    hp_buf_printf(out, " %s", n == 1 ? one : many);
}

static void section(hp_buf *out, const char *id, const char *title, bool half) {
    hp_buf_printf(out, "<section id=\"%s\" aria-labelledby=\"%s-h\"%s>\n<h2 id=\"%s-h\">%s</h2>\n", id, id,
                  half ? " class=\"half\"" : "", id, title);
}

/* Begins a table that scrolls by itself on a narrow screen, by keyboard too. `heads` are separated by bars;
 * one that begins with # is of a column of numbers, one with = of a column of bars. */
static void table(hp_buf *out, const char *id, const char *caption, const char *heads) {
    hp_str rest = hp_str_of(heads), head;
    hp_buf_printf(out,
                  "<div class=\"scroll\" role=\"group\" aria-labelledby=\"%s-c\" tabindex=\"0\">\n<table>\n"
                  "<caption id=\"%s-c\"><span class=\"hide\">%s</span></caption>\n<thead><tr>",
                  id, id, caption);
    while (hp_str_next(&rest, '|', &head)) {
        bool number = head.p[0] == '#', bar = head.p[0] == '=';
        hp_buf_printf(out, "<th scope=\"col\"%s>%.*s</th>", number ? " class=\"n\"" : "",
                      HP_FMT(hp_str_cut(head, number || bar, head.n)));
    }
    hp_buf_puts(out, "</tr></thead>\n<tbody>\n");
}

static void table_end(hp_buf *out) { hp_buf_puts(out, "</tbody>\n</table>\n</div>\n"); }

static void cell_number(hp_buf *out, uint64_t n) {
    hp_buf_puts(out, "<td class=\"n\">");
    hp_put_grouped(out, n);
    hp_buf_puts(out, "</td>");
}

static void cell_value(hp_buf *out, const char *class, hp_str s) {
    hp_buf_printf(out, "<td class=\"%s\">", class);
    hp_html_name(out, s);
    hp_buf_puts(out, "</td>");
}

/* Begins a row with its name and, below that, what it means. */
static void row_head(hp_buf *out, hp_str name, hp_str sub) {
    hp_buf_puts(out, "<tr><th scope=\"row\" class=\"name\">");
    hp_html_name(out, name);
    if (sub.n) {
        hp_buf_puts(out, "<span class=\"sub\">");
        hp_html_value(out, sub);
        hp_buf_puts(out, "</span>");
    }
    hp_buf_puts(out, "</th>");
}

static void row_end(hp_buf *out) { hp_buf_puts(out, "</tr>\n"); }

static void cell_severity(hp_buf *out, hp_severity s) {
    static const char *const WORD[] = {"info", "warning", "error"};
    static const char *const CLASS[] = {"soft", "warn", "bad"};
    static const hp_svg_sign SIGN[] = {HP_SIGN_INFO, HP_SIGN_WARN, HP_SIGN_STOP};
    hp_buf_printf(out, "<td class=\"word %s\">", CLASS[s]);
    hp_svg_sign_put(out, SIGN[s], 16);
    hp_buf_printf(out, " %s</td>", WORD[s]);
}

/* Says how a number moved: "12 more", "same". */
static void put_move(hp_buf *out, uint64_t was, uint64_t now) {
    if (was == now) {
        hp_buf_puts(out, "same as before");
    } else {
        hp_put_grouped(out, now > was ? now - was : was - now);
        hp_buf_puts(out, now > was ? " more than before" : " fewer than before");
    }
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

static void legend(hp_buf *out, const char *class, const char *text) {
    hp_buf_printf(
        out,
        "<svg class=\"key\" aria-hidden=\"true\" focusable=\"false\"><rect class=\"%s\" width=\"100%%\" "
        "height=\"100%%\"/></svg>%s",
        class, text);
}

/* ---- the top of the page ---- */

static hp_svg_sign sign_of(hp_report_state s) {
    static const hp_svg_sign SIGN[] = {HP_SIGN_OK, HP_SIGN_WARN, HP_SIGN_STOP};
    return SIGN[s];
}

static void put_verdict(const hp_report *r, hp_buf *out) {
    hp_buf_printf(out, "<div class=\"verdict %s\">", hp_report_state_class(r->state));
    hp_svg_sign_put(out, sign_of(r->state), 40);
    hp_buf_puts(out, "<div><p class=\"word\">");
    hp_html_text(out, r->verdict);
    hp_buf_puts(out, "</p><p>");
    hp_html_value(out, r->why);
    hp_buf_puts(out, "</p></div></div>\n");
}

static void tile(hp_buf *out, const char *name, uint64_t now, uint64_t was) {
    hp_buf_printf(out, "<div><dt>%s</dt><dd>", name);
    hp_put_grouped(out, now);
    hp_buf_puts(out, "</dd>");
    if (was != HP_UNKNOWN) {
        hp_buf_puts(out, "<dd class=\"then\">");
        put_move(out, was, now);
        hp_buf_puts(out, "</dd>");
    }
    hp_buf_puts(out, "</div>\n");
}

static void put_tiles(const hp_report *r, hp_buf *out) {
    hp_buf_puts(out, "<dl class=\"tiles\">\n");
    tile(out, "Rows read", r->rows_in, r->was_in);
    tile(out, "Organisations", r->rows_out, r->was_out);
    tile(out, "Contacts", r->contacts, r->was_contacts);
    tile(out, "Rows in quarantine", r->quarantined, r->was_quarantined);
    hp_buf_printf(out, "<div><dt>Mean quality</dt><dd>%.0f %%</dd>", 100 * r->quality);
    if (r->was_quality >= 0) {
        double points = 100 * (r->quality - r->was_quality);
        if (points > -0.05 && points < 0.05)
            hp_buf_puts(out, "<dd class=\"then\">same as before</dd>");
        else
            hp_buf_printf(out, "<dd class=\"then\">%.1f points %s</dd>", points < 0 ? -points : points,
                          points > 0 ? "better" : "worse");
    }
    hp_buf_puts(out, "</div>\n</dl>\n");
}

static void link_to(hp_buf *out, bool there, const char *id, const char *name) {
    if (there) hp_buf_printf(out, "<li><a href=\"#%s\">%s</a></li>", id, name);
}

static void put_nav(const hp_report *r, hp_buf *out) {
    hp_buf_puts(out, "<nav aria-label=\"On this page\"><ul>");
    if (r->all_runs.n) {
        hp_buf_puts(out, "<li><a href=\"");
        hp_html_text(out, r->all_runs);
        hp_buf_puts(out, "\">All runs</a></li>");
    }
    link_to(out, true, "next", "What to do");
    link_to(out, true, "rows", "Rows");
    link_to(out, r->nlevel > 0, "quality", "Quality");
    link_to(out, r->previous, "changes", "Changes");
    link_to(out, r->nfill > 0, "fill", "Fill");
    link_to(out, r->nrule > 0, "rules", "Findings");
    link_to(out, r->ncheck > 0, "checks", "Expectations");
    link_to(out, r->rows.n > 0 || r->columns.n > 0, "worst", "Worst places");
    link_to(out, r->nreason > 0, "quarantine", "Quarantine");
    link_to(out, true, "sources", "Sources");
    hp_buf_puts(out, "</ul></nav>\n");
}

static void put_header(const hp_report *r, hp_buf *out) {
    hp_buf_puts(out, "<header class=\"wrap\">\n<p class=\"over\">Data report \xC2\xB7 ");
    hp_html_text(out, r->when);
    hp_buf_puts(out, "</p>\n<h1>");
    hp_html_value(out, r->title);
    hp_buf_puts(out, "</h1>\n");
    put_verdict(r, out);
    put_tiles(r, out);
    put_nav(r, out);
    hp_buf_puts(out, "</header>\n");
}

static void put_steps(const hp_report *r, hp_buf *out) {
    section(out, "next", "What to do next", false);
    hp_buf_puts(out, "<ol class=\"steps\">\n");
    for (size_t i = 0; i < r->nstep; i++) {
        hp_buf_puts(out, "<li>");
        hp_html_value(out, r->step[i].text);
        if (r->step[i].where.n) {
            hp_buf_puts(out, "<span class=\"where\">");
            hp_html_name(out, r->step[i].where);
            hp_buf_puts(out, "</span>");
        }
        hp_buf_puts(out, "</li>\n");
    }
    hp_buf_puts(out, "</ol>\n</section>\n");
}

/* ---- charts ---- */

static double share_of(uint64_t part, uint64_t of) { return of ? (double)part / (double)of : 0; }

static void account(hp_buf *out, const char *class, const char *name, uint64_t n, uint64_t of,
                    const char *note) {
    hp_buf_puts(out, "<tr><th scope=\"row\" class=\"name\">");
    legend(out, class, name);
    if (*note) hp_buf_printf(out, "<span class=\"sub\">%s</span>", note);
    hp_buf_puts(out, "</th>");
    cell_number(out, n);
    hp_buf_puts(out, "<td class=\"n\">");
    put_share(out, n, of);
    hp_buf_puts(out, "</td></tr>\n");
}

static void put_rows(const hp_report *r, hp_buf *out) {
    const hp_svg_part part[] = {{share_of(r->rows_out, r->rows_in), "a"},
                                {share_of(r->merged, r->rows_in), "b"},
                                {share_of(r->quarantined, r->rows_in), "c"}};
    hp_autobuf merged = hp_buf_new(256);
    section(out, "rows", "Where the rows went", true);
    hp_buf_puts(out,
                "<p class=\"note\">Every row that was read is in one of these; the bar has them in the same "
                "order.</p>\n");
    hp_svg_bar(out, part, 3);
    table(out, "rows", "What became of the rows", "Rows|#Number|#Share");
    account(out, "a", "Organisations", r->rows_out, r->rows_in, "rows of the result");
    put_counted(&merged, r->duplicates, "duplicate organisation", "duplicate organisations");
    hp_buf_puts(&merged, ", ");
    put_counted(&merged, r->attached, "contact, address or note row", "contact, address and note rows");
    account(out, "b", "Merged into them", r->merged, r->rows_in, hp_buf_cstr(&merged));
    account(out, "c", "Quarantine", r->quarantined, r->rows_in, "kept out, each with its reason");
    hp_buf_puts(out, "<tr class=\"sum\"><th scope=\"row\">Rows read</th>");
    cell_number(out, r->rows_in);
    hp_buf_puts(out, "<td class=\"n\">100 %</td></tr>\n");
    table_end(out);
    hp_buf_puts(out, "</section>\n");
}

static void put_quality(const hp_report *r, hp_buf *out) {
    hp_svg_column column[16];
    hp_autobuf desc = hp_buf_new(4096);
    size_t n = r->nlevel < 16 ? r->nlevel : 16;
    if (n == 0) return;
    for (size_t i = 0; i < n; i++) {
        column[i] = (hp_svg_column){.label = r->level[i].label, .count = r->level[i].count, .class = "a"};
        hp_buf_printf(&desc, "%s%.*s: ", i ? "; " : "", HP_FMT(r->level[i].label));
        hp_put_grouped(&desc, r->level[i].count);
    }
    section(out, "quality", "Quality of the organisations", true);
    hp_buf_printf(out,
                  "<p class=\"note\">How many have a score of so much; the mean is %.0f %%. A score is the "
                  "share of e-mail, phone, website, province and address that is there.</p>\n",
                  100 * r->quality);
    hp_svg_columns(out, "quality", HP_S("Organisations by quality score"), hp_buf_str(&desc), column, n);
    hp_buf_puts(out, "</section>\n");
}

/* Says by how many points a share moved. */
static void put_points(hp_buf *out, double share) {
    double points = 100 * share;
    if (points > -0.05 && points < 0.05)
        hp_buf_puts(out, "0.0");
    else
        hp_buf_printf(out, "%s%.1f", points > 0 ? "+" : "\xE2\x88\x92", points > 0 ? points : -points);
}

static void put_fill_row(const hp_report_fill *f, bool previous, hp_buf *out) {
    row_head(out, f->column, (hp_str){0});
    hp_buf_puts(out, "<td class=\"draw\">");
    hp_svg_bullet(out, f->before_of ? share_of(f->before, f->before_of) : -1,
                  share_of(f->after, f->after_of));
    hp_buf_puts(out, "</td><td class=\"n\">");
    put_share(out, f->before, f->before_of);
    hp_buf_puts(out, "</td><td class=\"n\">");
    put_share(out, f->after, f->after_of);
    hp_buf_puts(out, "</td>");
    if (previous) {
        hp_buf_puts(out, "<td class=\"n\">");
        if (f->was == HP_UNKNOWN || f->was_of == 0)
            hp_buf_puts(out, "\xE2\x80\x93");
        else
            put_points(out, share_of(f->after, f->after_of) - share_of(f->was, f->was_of));
        hp_buf_puts(out, "</td>");
    }
    row_end(out);
}

static void put_fill(const hp_report *r, hp_buf *out) {
    if (r->nfill == 0) return;
    section(out, "fill", "How full the columns are", false);
    hp_buf_puts(out,
                "<p class=\"note\">The bar is the result: the share of organisations that have a value. The "
                "notch is what came in: the share of source rows with any text there, placeholders "
                "included (for contact columns of the rows that have such columns, for the others of the "
                "organisation rows).</p>\n");
    table(out, "fill", "Columns of the result",
          r->previous ? "Column|=Fill|#Before (source rows)|#After (organisations)|#Change (points)"
                      : "Column|=Fill|#Before (source rows)|#After (organisations)");
    for (size_t i = 0; i < r->nfill; i++) put_fill_row(&r->fill[i], r->previous, out);
    table_end(out);
    hp_buf_puts(out, "</section>\n");
}

static void put_changes(const hp_report *r, hp_buf *out) {
    if (!r->previous && r->previous_note.n == 0) return;
    section(out, "changes", "What changed since the previous run", false);
    hp_buf_puts(out, "<p class=\"note\">");
    hp_html_value(out, r->previous_note);
    hp_buf_puts(out, "</p>\n");
    if (r->nchange) {
        table(out, "changes", "What is not as it was", "What|#Before|#Now|#Change|Which is");
        for (size_t i = 0; i < r->nchange; i++) {
            static const char *const WORD[] = {"", "better", "worse"};
            static const char *const CLASS[] = {"soft", "ok", "bad"};
            const hp_report_change *c = &r->change[i];
            row_head(out, c->what, (hp_str){0});
            cell_value(out, "n", c->was);
            cell_value(out, "n", c->now);
            cell_value(out, "n", c->change);
            hp_buf_printf(out, "<td class=\"word %s\">%s</td>", CLASS[c->trend], WORD[c->trend]);
            row_end(out);
        }
        table_end(out);
    }
    hp_buf_puts(out, "</section>\n");
}

/* ---- findings ---- */

static void put_rule(const hp_report *r, const hp_report_rule *f, uint64_t most, hp_buf *out) {
    const hp_svg_part part = {share_of(f->count, most), f->severity == HP_SEV_INFO ? "info" : "warn"};
    row_head(out, f->rule, f->text);
    cell_severity(out, f->severity);
    hp_buf_puts(out, "<td class=\"draw\">");
    hp_svg_bar(out, &part, 1);
    hp_buf_puts(out, "</td>");
    cell_number(out, f->count);
    if (r->previous) cell_move(out, f->was, f->count);
    hp_buf_puts(out, "<td class=\"place\">");
    hp_html_name(out, f->cells);
    if (f->value.n) {
        hp_buf_puts(out, "<span class=\"sub\">first value: ");
        hp_html_value(out, f->value);
        hp_buf_puts(out, "</span>");
    }
    hp_buf_puts(out, "</td>");
    row_end(out);
}

static void put_rules(const hp_report *r, hp_buf *out) {
    uint64_t most = 0;
    if (r->nrule == 0) return;
    for (size_t i = 0; i < r->nrule; i++)
        if (r->rule[i].count > most) most = r->rule[i].count;
    section(out, "rules", "Findings by rule", false);
    hp_buf_puts(out,
                "<p class=\"note\">Warnings are values that were not used, and stand first; the others say "
                "what was done and seldom need you. ");
    hp_buf_puts(out,
                r->state == HP_REPORT_STOPPED
                    ? "Of each, the first cells are named.</p>\n"
                    : "All of them, with all their cells, are on the sheet Findings of the result.</p>\n");
    table(out, "rules", "Findings by rule, gravest first",
          r->previous ? "Rule|Severity|=Findings|#Number|#Change|First cells"
                      : "Rule|Severity|=Findings|#Number|First cells");
    for (size_t i = 0; i < r->nrule; i++) put_rule(r, &r->rule[i], most, out);
    table_end(out);
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
    const hp_svg_part part[] = {{share_of(p->warn, most), "warn"}, {share_of(p->info, most), "info"}};
    row_head(out, p->place, p->rules);
    hp_buf_puts(out, "<td class=\"draw\">");
    hp_svg_bar(out, part, 2);
    hp_buf_puts(out, "</td>");
    cell_number(out, p->warn);
    cell_number(out, p->info);
    cell_number(out, p->rows);
    row_end(out);
}

static void put_sheets(const hp_report *r, hp_buf *out) {
    uint64_t most = 0;
    if (r->sheets.n == 0) return;
    for (size_t i = 0; i < r->sheets.n; i++) {
        uint64_t n = r->sheets.list[i].warn + r->sheets.list[i].info;
        if (n > most) most = n;
    }
    section(out, "by-source", "Findings by source", false);
    hp_buf_puts(out, "<p class=\"note\">");
    legend(out, "warn", "warnings and errors, on the left; ");
    legend(out, "info", "the others, on the right.");
    hp_buf_puts(out, "</p>\n");
    table(out, "by-source", "Sheets and files, the one with most warnings first",
          "Source|=Findings|#Warnings|#Others|#Rows");
    for (size_t i = 0; i < r->sheets.n; i++) put_sheet_bar(&r->sheets.list[i], most, out);
    table_end(out);
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
    }
    if (c->unexpected > c->noffender && c->noffender) {
        hp_buf_puts(out, "<br>and ");
        hp_put_grouped(out, c->unexpected - c->noffender);
        hp_buf_puts(out, " more");
    }
}

static void put_check(const hp_report_check *c, hp_buf *out) {
    row_head(out, c->column, c->expectation);
    const char *class = c->success ? "ok" : c->stops ? "bad" : "warn";
    hp_buf_printf(out, "<td class=\"word %s\">", class);
    hp_svg_sign_put(out, c->success ? HP_SIGN_OK : c->stops ? HP_SIGN_STOP : HP_SIGN_WARN, 16);
    hp_buf_printf(out, " %s</td>", c->success ? "met" : c->stops ? "not met, stops" : "not met, warns");
    cell_number(out, c->unexpected);
    cell_number(out, c->evaluated);
    hp_buf_printf(out, "<td class=\"n\">%.10g %%</td>", 100 * c->mostly);
    if (!c->success) {
        hp_buf_puts(out, "<td class=\"place\">");
        put_offenders(c, out);
        hp_buf_puts(out, "</td>");
    }
    row_end(out);
}

static void put_check_table(const hp_report *r, bool success, hp_buf *out) {
    if (success)
        table(out, "met", "Expectations that are met",
              "Column and expectation|Result|#Unexpected|#Looked at|#Must hold for");
    else
        table(out, "unmet", "Expectations that are not met",
              "Column and expectation|Result|#Unexpected|#Looked at|#Must hold for|First at fault");
    for (size_t i = 0; i < r->ncheck; i++)
        if (r->check[i].success == success) put_check(&r->check[i], out);
    table_end(out);
}

static void put_checks(const hp_report *r, hp_buf *out) {
    size_t met = 0;
    if (r->ncheck == 0) return;
    for (size_t i = 0; i < r->ncheck; i++) met += r->check[i].success;
    section(out, "checks", "Expectations", false);
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
    row_head(out, p->place, p->name);
    cell_number(out, p->warn);
    cell_number(out, p->info);
    if (rows) cell_number(out, p->rows);
    cell_value(out, "place", p->rules);
    cell_value(out, "place", p->cells);
    row_end(out);
}

static void put_places(const hp_report *r, const hp_report_places *list, const char *id, const char *title,
                       const char *what, bool rows, hp_buf *out) {
    if (list->n == 0) return;
    hp_buf_printf(out, "<h3>%s</h3>\n", title);
    table(out, id, "The address leads to the cell in the source",
          rows ? "Column|#Warnings|#Others|#Rows|Rules|First cells" : "Row|#Warnings|#Others|Rules|Cells");
    for (size_t i = 0; i < list->n; i++) put_place(&list->list[i], rows, out);
    table_end(out);
    put_left_out(out, r, list->n, list->all, what);
}

static void put_worst(const hp_report *r, hp_buf *out) {
    if (r->columns.n == 0 && r->rows.n == 0) return;
    section(out, "worst", "Where the most is to correct", false);
    put_places(r, &r->columns, "columns", "Columns", "columns with findings", true, out);
    put_places(r, &r->rows, "source-rows", "Rows", "rows with findings", false, out);
    hp_buf_puts(out, "</section>\n");
}

static void put_quarantine(const hp_report *r, hp_buf *out) {
    if (r->nreason == 0) return;
    section(out, "quarantine", "Rows in quarantine", false);
    table(out, "quarantine", "Rows that were kept out, by reason", "Reason|#Rows|First rows");
    for (size_t i = 0; i < r->nreason; i++) {
        row_head(out, r->reason[i].reason, r->reason[i].text);
        cell_number(out, r->reason[i].count);
        cell_value(out, "place", r->reason[i].rows);
        row_end(out);
    }
    table_end(out);
    hp_buf_puts(out, "</section>\n");
}

/* ---- sources, files, facts ---- */

static void cell_digest(hp_buf *out, hp_str hex) {
    hp_buf_puts(out, "<td class=\"place\"><code>");
    hp_html_text(out, hex);
    hp_buf_puts(out, "</code></td>");
}

static void put_sources(const hp_report *r, hp_buf *out) {
    section(out, "sources", "Sources and files", false);
    table(out, "sources", "Files that were read", "File|#Rows|#Bytes|SHA-256");
    for (size_t i = 0; i < r->ninput; i++) {
        row_head(out, r->input[i].name, r->input[i].label);
        cell_number(out, r->input[i].rows);
        cell_number(out, r->input[i].bytes);
        cell_digest(out, r->input[i].sha256);
        row_end(out);
    }
    table_end(out);
    if (r->noutput) {
        table(out, "outputs", "Files that were written", "File|#Bytes|SHA-256");
        for (size_t i = 0; i < r->noutput; i++) {
            row_head(out, r->output[i].path, (hp_str){0});
            cell_number(out, r->output[i].bytes);
            cell_digest(out, r->output[i].sha256);
            row_end(out);
        }
        table_end(out);
    }
    table(out, "facts", "The run", "Fact|Value");
    for (size_t i = 0; i < r->nfact; i++) {
        row_head(out, r->fact[i].name, (hp_str){0});
        cell_value(out, "place", r->fact[i].value);
        row_end(out);
    }
    table_end(out);
    hp_buf_puts(out, "</section>\n");
}

void hp_report_html(const hp_report *r, hp_buf *out) {
    hp_autobuf title = hp_buf_new(64 << 10);
    hp_buf_printf(&title, "%.*s: %.*s", HP_FMT(r->verdict), HP_FMT(r->title));
    hp_page_begin(out, hp_buf_str(&title), r->version);
    put_header(r, out);
    hp_buf_puts(out, "<main id=\"main\" class=\"wrap\">\n");
    put_steps(r, out);
    put_rows(r, out);
    put_quality(r, out);
    put_changes(r, out);
    put_fill(r, out);
    put_rules(r, out);
    put_sheets(r, out);
    put_checks(r, out);
    put_worst(r, out);
    put_quarantine(r, out);
    put_sources(r, out);
    hp_buf_puts(out, "</main>\n<footer class=\"wrap\"><p>");
    hp_buf_puts(out, r->masked
                         ? "Values that may be personal are masked here; --show-values shows them."
                         : "Values are shown as they are, personal ones too: mind whom you give this page.");
    hp_buf_puts(out, " Made by hotpass ");
    hp_html_text(out, r->version);
    hp_buf_puts(out, ".</p></footer>\n");
    hp_page_end(out);
    if (title.bad) out->bad = true;
}
