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

/* Says how a number moved: "12 more", "same". */
static void put_move(hp_buf *out, uint64_t was, uint64_t now) {
    if (was == now) {
        hp_buf_puts(out, "same as before");
    } else {
        hp_put_grouped(out, now > was ? now - was : was - now);
        hp_buf_puts(out, now > was ? " more than before" : " fewer than before");
    }
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
    link_to(out, !r->no_result, "rows", "Rows");
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
    if (!r->no_result) put_tiles(r, out);
    put_nav(r, out);
    hp_buf_puts(out, "</header>\n");
}

static void put_steps(const hp_report *r, hp_buf *out) {
    hp_page_section(out, "next", "What to do next", false);
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

static void account(hp_buf *out, const char *class, const char *name, uint64_t n, uint64_t of,
                    const char *note) {
    hp_buf_puts(out, "<tr><th scope=\"row\" class=\"name\">");
    hp_page_legend(out, class, name);
    if (*note) hp_buf_printf(out, "<span class=\"sub\">%s</span>", note);
    hp_buf_puts(out, "</th>");
    hp_page_number(out, n);
    hp_buf_puts(out, "<td class=\"n\">");
    put_share(out, n, of);
    hp_buf_puts(out, "</td></tr>\n");
}

static void put_rows(const hp_report *r, hp_buf *out) {
    const hp_svg_part part[] = {{hp_page_ratio(r->rows_out, r->rows_in), "a"},
                                {hp_page_ratio(r->merged, r->rows_in), "b"},
                                {hp_page_ratio(r->quarantined, r->rows_in), "c"}};
    hp_autobuf merged = hp_buf_new(256);
    hp_page_section(out, "rows", "Where the rows went", true);
    hp_buf_puts(out,
                "<p class=\"note\">Every row that was read is in one of these; the bar has them in the same "
                "order.</p>\n");
    hp_svg_bar(out, part, 3);
    hp_page_table(out, "rows", "What became of the rows", "Rows|#Number|#Share");
    account(out, "a", "Organisations", r->rows_out, r->rows_in, "rows of the result");
    put_counted(&merged, r->duplicates, "duplicate organisation", "duplicate organisations");
    hp_buf_puts(&merged, ", ");
    put_counted(&merged, r->attached, "contact, address or note row", "contact, address and note rows");
    account(out, "b", "Merged into them", r->merged, r->rows_in, hp_buf_cstr(&merged));
    account(out, "c", "Quarantine", r->quarantined, r->rows_in, "kept out, each with its reason");
    hp_buf_puts(out, "<tr class=\"sum\"><th scope=\"row\">Rows read</th>");
    hp_page_number(out, r->rows_in);
    hp_buf_puts(out, "<td class=\"n\">100 %</td></tr>\n");
    hp_page_table_end(out);
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
    hp_page_section(out, "quality", "Quality of the organisations", true);
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
    hp_page_row(out, f->column, (hp_str){0});
    hp_buf_puts(out, "<td class=\"draw\">");
    hp_svg_bullet(out, f->before_of ? hp_page_ratio(f->before, f->before_of) : -1,
                  hp_page_ratio(f->after, f->after_of));
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
            put_points(out, hp_page_ratio(f->after, f->after_of) - hp_page_ratio(f->was, f->was_of));
        hp_buf_puts(out, "</td>");
    }
    hp_page_row_end(out);
}

static void put_fill(const hp_report *r, hp_buf *out) {
    if (r->nfill == 0) return;
    hp_page_section(out, "fill", "How full the columns are", false);
    hp_buf_puts(out,
                "<p class=\"note\">The bar is the result: the share of organisations that have a value. The "
                "notch is what came in: the share of source rows with any text there, placeholders "
                "included (for contact columns of the rows that have such columns, for the others of the "
                "organisation rows).</p>\n");
    hp_page_table(out, "fill", "Columns of the result",
                  r->previous ? "Column|=Fill|#Before (source rows)|#After (organisations)|#Change (points)"
                              : "Column|=Fill|#Before (source rows)|#After (organisations)");
    for (size_t i = 0; i < r->nfill; i++) put_fill_row(&r->fill[i], r->previous, out);
    hp_page_table_end(out);
    hp_buf_puts(out, "</section>\n");
}

static void put_changes(const hp_report *r, hp_buf *out) {
    if (!r->previous && r->previous_note.n == 0) return;
    hp_page_section(out, "changes", "What changed since the previous run", false);
    hp_buf_puts(out, "<p class=\"note\">");
    hp_html_value(out, r->previous_note);
    hp_buf_puts(out, "</p>\n");
    if (r->nchange) {
        hp_page_table(out, "changes", "What is not as it was", "What|#Before|#Now|#Change|Which is");
        for (size_t i = 0; i < r->nchange; i++) {
            static const char *const WORD[] = {"", "better", "worse"};
            static const char *const CLASS[] = {"soft", "ok", "bad"};
            const hp_report_change *c = &r->change[i];
            hp_page_row(out, c->what, (hp_str){0});
            hp_page_value(out, "n", c->was);
            hp_page_value(out, "n", c->now);
            hp_page_value(out, "n", c->change);
            hp_buf_printf(out, "<td class=\"word %s\">%s</td>", CLASS[c->trend], WORD[c->trend]);
            hp_page_row_end(out);
        }
        hp_page_table_end(out);
    }
    hp_buf_puts(out, "</section>\n");
}

/* ---- sources, files, facts ---- */

static void cell_digest(hp_buf *out, hp_str hex) {
    hp_buf_puts(out, "<td class=\"place\"><code>");
    hp_html_text(out, hex);
    hp_buf_puts(out, "</code></td>");
}

static void put_inputs(const hp_report *r, hp_buf *out) {
    if (r->ninput == 0) return;
    hp_page_table(out, "sources", "Files that were read", "File|#Rows|#Bytes|SHA-256");
    for (size_t i = 0; i < r->ninput; i++) {
        hp_page_row(out, r->input[i].name, r->input[i].label);
        hp_page_number(out, r->input[i].rows);
        hp_page_number(out, r->input[i].bytes);
        cell_digest(out, r->input[i].sha256);
        hp_page_row_end(out);
    }
    hp_page_table_end(out);
}

static void put_sources(const hp_report *r, hp_buf *out) {
    hp_page_section(out, "sources", "Sources and files", false);
    put_inputs(r, out);
    if (r->noutput) {
        hp_page_table(out, "outputs", "Files that were written", "File|#Bytes|SHA-256");
        for (size_t i = 0; i < r->noutput; i++) {
            hp_page_row(out, r->output[i].path, (hp_str){0});
            hp_page_number(out, r->output[i].bytes);
            cell_digest(out, r->output[i].sha256);
            hp_page_row_end(out);
        }
        hp_page_table_end(out);
    }
    hp_page_table(out, "facts", "The run", "Fact|Value");
    for (size_t i = 0; i < r->nfact; i++) {
        hp_page_row(out, r->fact[i].name, (hp_str){0});
        hp_page_value(out, "place", r->fact[i].value);
        hp_page_row_end(out);
    }
    hp_page_table_end(out);
    hp_buf_puts(out, "</section>\n");
}

void hp_report_html(const hp_report *r, hp_buf *out) {
    hp_autobuf title = hp_buf_new(64 << 10);
    hp_buf_printf(&title, "%.*s: %.*s", HP_FMT(r->verdict), HP_FMT(r->title));
    hp_page_begin(out, hp_buf_str(&title), r->version);
    put_header(r, out);
    hp_buf_puts(out, "<main id=\"main\" class=\"wrap\">\n");
    put_steps(r, out);
    if (!r->no_result) put_rows(r, out);
    put_quality(r, out);
    put_changes(r, out);
    put_fill(r, out);
    hp_page_rules(r, out);
    hp_page_sheets(r, out);
    hp_page_checks(r, out);
    hp_page_worst(r, out);
    hp_page_quarantine(r, out);
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
