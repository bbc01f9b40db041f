/* Pieces that the report's parts are put together of: sections, tables, cells. */
#include "write/report_page.h"

#include "write/markup.h"

#include "base/banned.h"

void hp_page_section(hp_buf *out, const char *id, const char *title, bool half) {
    hp_buf_printf(out, "<section id=\"%s\" aria-labelledby=\"%s-h\"%s>\n<h2 id=\"%s-h\">%s</h2>\n", id, id,
                  half ? " class=\"half\"" : "", id, title);
}

/* Begins a table that scrolls by itself on a narrow screen, by keyboard too. `heads` are separated by bars;
 * one that begins with # is of a column of numbers, one with = of a column of bars. */
void hp_page_table(hp_buf *out, const char *id, const char *caption, const char *heads) {
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

void hp_page_table_end(hp_buf *out) { hp_buf_puts(out, "</tbody>\n</table>\n</div>\n"); }

void hp_page_number(hp_buf *out, uint64_t n) {
    hp_buf_puts(out, "<td class=\"n\">");
    hp_put_grouped(out, n);
    hp_buf_puts(out, "</td>");
}

void hp_page_value(hp_buf *out, const char *class, hp_str s) {
    hp_buf_printf(out, "<td class=\"%s\">", class);
    hp_html_name(out, s);
    hp_buf_puts(out, "</td>");
}

/* Begins a row with its name and, below that, what it means. */
void hp_page_row(hp_buf *out, hp_str name, hp_str sub) {
    hp_buf_puts(out, "<tr><th scope=\"row\" class=\"name\">");
    hp_html_name(out, name);
    if (sub.n) {
        hp_buf_puts(out, "<span class=\"sub\">");
        hp_html_name(out, sub);
        hp_buf_puts(out, "</span>");
    }
    hp_buf_puts(out, "</th>");
}

void hp_page_row_end(hp_buf *out) { hp_buf_puts(out, "</tr>\n"); }

void hp_page_legend(hp_buf *out, const char *class, const char *text) {
    hp_buf_printf(
        out,
        "<svg class=\"key\" aria-hidden=\"true\" focusable=\"false\"><rect class=\"%s\" width=\"100%%\" "
        "height=\"100%%\"/></svg>%s",
        class, text);
}

double hp_page_ratio(uint64_t part, uint64_t of) { return of ? (double)part / (double)of : 0; }
