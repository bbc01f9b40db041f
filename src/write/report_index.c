/* The list of runs, as dist/data-docs/index.html. */
#include "write/report_page.h"

#include "write/markup.h"
#include "write/svg.h"

#include "base/banned.h"

static void put_number(hp_buf *out, uint64_t n) {
    hp_buf_puts(out, "<td class=\"n\">");
    hp_put_grouped(out, n);
    hp_buf_puts(out, "</td>");
}

static void put_known(const hp_report_run *r, hp_buf *out) {
    static const hp_svg_sign SIGN[] = {HP_SIGN_OK, HP_SIGN_WARN, HP_SIGN_STOP};
    const hp_svg_part quality = {r->quality, "a"};
    hp_buf_printf(out, "<td class=\"word %s\">", hp_report_state_class(r->state));
    hp_svg_sign_put(out, SIGN[r->state], 16);
    hp_buf_printf(out, " %s</td><td>", hp_report_state_name(r->state));
    hp_html_value(out, r->profile);
    hp_buf_puts(out, "</td>");
    put_number(out, r->rows_in);
    put_number(out, r->rows_out);
    put_number(out, r->quarantined);
    put_number(out, r->warnings);
    hp_buf_puts(out, "<td class=\"draw\">");
    hp_svg_bar(out, &quality, 1);
    hp_buf_printf(out, "</td><td class=\"n\">%.0f %%</td>", 100 * r->quality);
}

static void put_run(const hp_report_run *r, hp_buf *out) {
    hp_buf_puts(out, "<tr><th scope=\"row\" class=\"word\"><a href=\"");
    hp_html_text(out, r->href);
    hp_buf_puts(out, "\">");
    hp_html_value(out, r->known ? r->when : r->id);
    hp_buf_puts(out, "</a></th>");
    if (r->known)
        put_known(r, out);
    else
        hp_buf_puts(out, "<td colspan=\"8\">its run.json cannot be read; the report may still open</td>");
    hp_buf_puts(out, "</tr>\n");
}

void hp_report_index(const hp_report_run *run, size_t n, hp_buf *out) {
    hp_page_begin(out, HP_S("Data reports"), hp_str_of(HP_VERSION));
    hp_buf_puts(
        out,
        "<header class=\"wrap\">\n<p class=\"over\">Data reports</p>\n<h1>Runs</h1>\n<p class=\"note\">");
    hp_put_grouped(out, n);
    hp_buf_printf(out, " %s, the newest first. A stopped run wrote nothing but its report.</p>\n</header>\n",
                  n == 1 ? "run" : "runs");
    hp_buf_puts(
        out,
        "<main id=\"main\" class=\"wrap\">\n<section id=\"runs\" aria-labelledby=\"runs-h\">\n"
        "<h2 id=\"runs-h\">All runs with a report</h2>\n"
        "<div class=\"scroll\" role=\"group\" aria-labelledby=\"runs-c\" tabindex=\"0\">\n<table>\n"
        "<caption id=\"runs-c\"><span class=\"hide\">Runs, each with a link to its report</span></caption>\n<thead><tr>"
        "<th scope=\"col\">Run</th><th scope=\"col\">Verdict</th><th scope=\"col\">Profile</th>"
        "<th scope=\"col\" class=\"n\">Rows read</th><th scope=\"col\" class=\"n\">Organisations</th>"
        "<th scope=\"col\" class=\"n\">Quarantine</th><th scope=\"col\" class=\"n\">Warnings</th>"
        "<th scope=\"colgroup\" colspan=\"2\">Mean quality</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < n; i++) put_run(&run[i], out);
    hp_buf_puts(out, "</tbody>\n</table>\n</div>\n</section>\n</main>\n");
    hp_page_end(out);
}
