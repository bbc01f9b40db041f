#include "write/svg.h"

#include "write/markup.h"

#include "base/banned.h"

#define BAR_HEIGHT 14

static double clamp(double share) { return share < 0 ? 0 : share > 1 ? 1 : share; }

static void open_bar(hp_buf *out) {
    hp_buf_printf(out,
                  "<svg class=\"bar\" width=\"100%%\" height=\"%d\" aria-hidden=\"true\" focusable=\"false\">"
                  "<rect class=\"track\" width=\"100%%\" height=\"%d\"/>",
                  BAR_HEIGHT, BAR_HEIGHT);
}

static void put_part(hp_buf *out, double x, double width, const char *class) {
    hp_buf_printf(out, "<rect class=\"%s\" x=\"%.2f%%\" width=\"%.2f%%\" height=\"%d\"/>", class, 100 * x,
                  100 * width, BAR_HEIGHT);
}

void hp_svg_bar(hp_buf *out, const hp_svg_part *part, size_t n) {
    double x = 0;
    open_bar(out);
    for (size_t i = 0; i < n; i++) {
        double width = clamp(part[i].share);
        if (x + width > 1) width = 1 - x;
        if (width > 0) put_part(out, x, width, part[i].class);
        x += width;
    }
    /* Thin lines between the parts, so that they can be told apart without their colours. */
    double edge = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        edge += clamp(part[i].share);
        if (edge > 0 && edge < 1 && part[i + 1].share > 0)
            hp_buf_printf(out, "<line class=\"edge\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"%d\"/>",
                          100 * edge, 100 * edge, BAR_HEIGHT);
    }
    hp_buf_puts(out, "</svg>");
}

void hp_svg_bullet(hp_buf *out, double before, double after) {
    open_bar(out);
    if (after > 0) put_part(out, 0, clamp(after), "a");
    if (before >= 0)
        hp_buf_printf(out,
                      "<line class=\"halo\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"%d\"/>"
                      "<line class=\"notch\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"%d\"/>",
                      100 * clamp(before), 100 * clamp(before), BAR_HEIGHT, 100 * clamp(before),
                      100 * clamp(before), BAR_HEIGHT);
    hp_buf_puts(out, "</svg>");
}

/* Heights of a chart of columns, in pixels. */
enum { TOP = 22, COLUMN = 150, FOOT = 24 };

static void put_column(hp_buf *out, const hp_svg_column *c, size_t i, size_t n, uint64_t most) {
    double width = 100.0 / (double)n, x = width * (double)i;
    double height = most ? (double)COLUMN * (double)c->count / (double)most : 0;
    if (c->count && height < 2) height = 2; /* one of a million is not none */
    hp_buf_printf(out, "<rect class=\"%s\" x=\"%.2f%%\" y=\"%.2f\" width=\"%.2f%%\" height=\"%.2f\"/>",
                  c->class, x + width * 0.12, TOP + COLUMN - height, width * 0.76, height);
    hp_buf_printf(out, "<text class=\"count\" x=\"%.2f%%\" y=\"%.2f\">", x + width / 2,
                  TOP + COLUMN - height - 6);
    hp_put_grouped(out, c->count);
    hp_buf_printf(out, "</text><text class=\"label\" x=\"%.2f%%\" y=\"%d\">", x + width / 2,
                  TOP + COLUMN + 17);
    hp_html_text(out, c->label);
    hp_buf_puts(out, "</text>");
}

void hp_svg_columns(hp_buf *out, const char *id, hp_str title, hp_str desc, const hp_svg_column *column,
                    size_t n) {
    uint64_t most = 0;
    for (size_t i = 0; i < n; i++)
        if (column[i].count > most) most = column[i].count;
    hp_buf_printf(out,
                  "<svg class=\"columns\" width=\"100%%\" height=\"%d\" role=\"img\" "
                  "aria-labelledby=\"%s-title %s-desc\"><title id=\"%s-title\">",
                  TOP + COLUMN + FOOT, id, id, id);
    hp_html_text(out, title);
    hp_buf_printf(out, "</title><desc id=\"%s-desc\">", id);
    hp_html_text(out, desc);
    hp_buf_puts(out, "</desc>");
    for (size_t i = 0; i < n; i++) put_column(out, &column[i], i, n, most);
    hp_buf_printf(out, "<line class=\"axis\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/></svg>", TOP + COLUMN,
                  TOP + COLUMN);
}

void hp_svg_sign_put(hp_buf *out, hp_svg_sign sign, int size) {
    static const char *const SHAPE[] = {
        "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M7.5 12.5l3 3 6-7\"/>",
        "<path d=\"M12 3L22 20.5H2z\"/><path d=\"M12 9.5v5M12 17v.6\"/>",
        "<path d=\"M8 2h8l6 6v8l-6 6H8l-6-6V8z\"/><path d=\"M8.5 8.5l7 7M15.5 8.5l-7 7\"/>",
        "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M12 11v6M12 7v.6\"/>"};
    hp_buf_printf(out,
                  "<svg class=\"sign\" width=\"%d\" height=\"%d\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" "
                  "focusable=\"false\">%s</svg>",
                  size, size, SHAPE[sign]);
}
