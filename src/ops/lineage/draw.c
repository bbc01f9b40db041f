/* Pictures of a graph. */
#include "base/file.h"
#include "ops/lineage/graph.h"

#include "base/banned.h"

/* What a node is called where there is little room: the last part of a path, a column's own name. */
static hp_str short_name(const hp_lineage_node *n) {
    return n->field.n ? n->field : n->job ? n->name : hp_path_base(n->name);
}

/* ---- Graphviz ---- */

static void put_quoted(hp_buf *out, hp_str s) {
    hp_buf_putc(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\') hp_buf_putc(out, '\\');
        hp_buf_putc(out, s.p[i] == '\n' ? ' ' : s.p[i]);
    }
    hp_buf_putc(out, '"');
}

void hp_lineage_dot(const hp_lineage_graph *g, hp_buf *out) {
    hp_buf_puts(out, "digraph lineage {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
    for (size_t i = 0; i < g->nnode; i++) {
        const hp_lineage_node *n = &g->node[i];
        hp_buf_printf(out, "  n%zu [shape=%s, label=", i, n->job ? "ellipse" : "box");
        put_quoted(out, short_name(n));
        hp_buf_puts(out, ", tooltip=");
        put_quoted(out, n->name);
        hp_buf_puts(out, i == 0 ? ", style=bold];\n" : "];\n");
    }
    for (size_t i = 0; i < g->nedge; i++) {
        hp_buf_printf(out, "  n%zu -> n%zu", g->edge[i].from, g->edge[i].to);
        if (g->edge[i].how.n) {
            hp_buf_puts(out, " [label=");
            put_quoted(out, g->edge[i].how);
            hp_buf_putc(out, ']');
        }
        hp_buf_puts(out, ";\n");
    }
    hp_buf_puts(out, "}\n");
}

/* ---- SVG ---- */

/* Pixels: of a box, and from one to the next. */
enum { BOX_W = 220, BOX_H = 36, STEP_X = 290, STEP_Y = 54, EDGE = 20, MOST_CHARS = 30 };

static void put_escaped(hp_buf *out, hp_str s) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '<')
            hp_buf_puts(out, "&lt;");
        else if (c == '>')
            hp_buf_puts(out, "&gt;");
        else if (c == '&')
            hp_buf_puts(out, "&amp;");
        else
            hp_buf_putc(out, c < 0x20 ? ' ' : (char)c);
    }
}

/* Cuts a label at a whole character of UTF-8. */
static hp_str fitting(hp_str s) {
    if (s.n <= MOST_CHARS) return s;
    s.n = MOST_CHARS - 1;
    while (s.n && ((unsigned char)s.p[s.n] & 0xC0) == 0x80) s.n--;
    return s;
}

typedef struct place {
    int x, y;
} place;

static void put_box(const hp_lineage_node *n, place at, bool asked, hp_buf *out) {
    hp_str whole = short_name(n), label = fitting(whole);
    hp_buf_printf(out, "<g><title>");
    put_escaped(out, n->name);
    if (n->field.n) hp_buf_puts(out, " ");
    put_escaped(out, n->field);
    hp_buf_printf(
        out,
        "</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" fill=\"%s\" stroke=\"#345\" "
        "stroke-width=\"%d\"/>",
        at.x, at.y, BOX_W, BOX_H, n->job ? BOX_H / 2 : 3, n->job ? "#eef3f8" : "#ffffff", asked ? 3 : 1);
    hp_buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", at.x + BOX_W / 2,
                  at.y + BOX_H / 2 + 4);
    put_escaped(out, label);
    hp_buf_puts(out, label.n < whole.n ? "…</text></g>\n" : "</text></g>\n");
}

static void put_line(place a, place b, hp_buf *out) {
    int x = a.x + BOX_W, y = a.y + BOX_H / 2, to = b.y + BOX_H / 2, half = (b.x - x) / 2;
    hp_buf_printf(
        out, "<path d=\"M%d %d C%d %d %d %d %d %d\" fill=\"none\" stroke=\"#789\" marker-end=\"url(#a)\"/>\n",
        x, y, x + half, y, b.x - half, to, b.x, to);
}

void hp_lineage_svg(const hp_lineage_graph *g, hp_arena *a, hp_buf *out) {
    place *at = HP_NEW_ARRAY(a, g->nnode + 1, place);
    int first = 0, last = 0, deepest = 0;
    for (size_t i = 0; i < g->nnode; i++) {
        if (g->node[i].layer < first) first = g->node[i].layer;
        if (g->node[i].layer > last) last = g->node[i].layer;
    }
    int *used = HP_NEW_ARRAY(a, (size_t)(last - first) + 1, int);
    if (!at || !used) {
        out->bad = true;
        return;
    }
    for (size_t i = 0; i < g->nnode; i++) {
        int layer = g->node[i].layer - first;
        at[i] = (place){EDGE + layer * STEP_X, EDGE + used[layer]++ * STEP_Y};
        if (used[layer] > deepest) deepest = used[layer];
    }
    int width = (last - first) * STEP_X + BOX_W + 2 * EDGE, height = deepest * STEP_Y + EDGE;
    hp_buf_printf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
        "font-family=\"sans-serif\" font-size=\"12\">\n<defs><marker id=\"a\" markerWidth=\"8\" "
        "markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" "
        "fill=\"#789\"/></marker></defs>\n",
        width, height, width, height);
    for (size_t i = 0; i < g->nedge; i++) put_line(at[g->edge[i].from], at[g->edge[i].to], out);
    for (size_t i = 0; i < g->nnode; i++) put_box(&g->node[i], at[i], i == 0, out);
    hp_buf_puts(out, "</svg>\n");
}
