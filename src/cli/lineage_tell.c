/* Lineage for people: lines, trees; and graphs as JSON. */
#include "base/clock.h"
#include "base/file.h"
#include "cli/lineage.h"

#include "base/banned.h"

void hp_lineage_time(int64_t ms, char out[21]) { hp_time_iso(ms / 1000, out); }

void hp_lineage_tell_row(hp_cli *c, const hp_lineage_row *r) {
    char when[21];
    hp_lineage_time(r->time, when);
    hp_buf_printf(&c->out, "%s  %-8.*s  %.*s  %-9.*s  ", when, HP_FMT(r->type), HP_FMT(r->run),
                  HP_FMT(r->state));
    hp_put_safe(&c->out, r->job);
    if (r->note.n) hp_buf_puts(&c->out, "  ");
    hp_put_safe(&c->out, r->note);
    hp_buf_putc(&c->out, '\n');
}

/* ---- a run ---- */

static void tell_datasets(hp_cli *c, const hp_node *event, const char *key, const char *word) {
    const hp_node *list = hp_node_get(event, key);
    for (size_t i = 0; list && i < list->n; i++) {
        hp_str name = {0};
        int64_t rows = -1;
        const hp_node *d = list->item[i];
        const hp_node *statistics = hp_node_get(hp_node_get(d, "inputFacets"), "inputStatistics");
        if (!statistics) statistics = hp_node_get(hp_node_get(d, "outputFacets"), "outputStatistics");
        (void)hp_node_text(hp_node_get(d, "name"), &name);
        hp_buf_printf(&c->out, "  %-6s ", word);
        hp_put_safe(&c->out, name);
        if (hp_node_i64(hp_node_get(statistics, "rowCount"), &rows) && rows >= 0) {
            hp_buf_puts(&c->out, "  ");
            hp_put_counted(&c->out, (uint64_t)rows, "row", "rows");
        }
        hp_buf_putc(&c->out, '\n');
    }
}

static void tell_event(hp_cli *c, const hp_lineage_row *r) {
    hp_node *event;
    hp_str message;
    hp_lineage_tell_row(c, r);
    if (hp_json_read(c->arena, r->body, "event", &event, NULL) != HP_OK) return;
    const hp_node *facets = hp_node_get(hp_node_get(event, "run"), "facets");
    tell_datasets(c, event, "inputs", "read");
    tell_datasets(c, event, "outputs", "wrote");
    if (!hp_node_text(hp_node_get(hp_node_get(facets, "errorMessage"), "message"), &message)) return;
    hp_buf_puts(&c->out, "  ");
    hp_put_safe(&c->out, message);
    hp_buf_putc(&c->out, '\n');
}

void hp_lineage_tell_run(hp_cli *c, const hp_lineage_row *row, size_t n) {
    for (size_t i = 0; i < n; i++) tell_event(c, &row[i]);
}

/* ---- a graph ---- */

/* A tree repeats what is reached in two ways, but not what is below it. */
typedef struct tree {
    hp_cli *c;
    const hp_lineage_graph *g;
    bool *told;
    bool up;
} tree;

static void tell_node(const tree *t, size_t at, hp_str how, size_t depth) {
    const hp_lineage_node *n = &t->g->node[at];
    hp_buf *out = &t->c->out;
    hp_put_spaces(out, 2 * depth);
    if (depth) hp_buf_puts(out, t->up ? "<- " : "-> ");
    hp_put_safe(out, n->name);
    if (n->field.n) hp_buf_puts(out, "  ");
    hp_put_safe(out, n->field);
    if (n->job) hp_buf_printf(out, "  (run %.*s)", HP_FMT(n->run));
    if (how.n) hp_buf_printf(out, "  (%.*s)", HP_FMT(how));
    hp_buf_putc(out, '\n');
}

enum { DEEPEST = 64 };

static void tell_tree(tree *t, size_t at, size_t depth) {
    if (t->told[at] || depth > DEEPEST) return;
    t->told[at] = true;
    for (size_t i = 0; i < t->g->nedge; i++) {
        const hp_lineage_edge *e = &t->g->edge[i];
        if ((t->up ? e->to : e->from) != at) continue;
        size_t next = t->up ? e->from : e->to;
        tell_node(t, next, e->how, depth);
        tell_tree(t, next, depth + 1);
    }
}

static void tell_side(hp_cli *c, const hp_lineage_graph *g, bool up) {
    tree t = {.c = c, .g = g, .told = HP_NEW_ARRAY(c->arena, g->nnode + 1, bool), .up = up};
    if (!t.told) {
        c->out.bad = true;
        return;
    }
    size_t before = c->out.n;
    tell_tree(&t, 0, 1);
    if (c->out.n == before)
        hp_buf_printf(&c->out, "  %s\n", up ? "nothing: no run wrote it" : "nothing was made of it");
}

void hp_lineage_tell_graph(hp_cli *c, const hp_lineage_question *q, const hp_lineage_graph *g) {
    tree t = {.c = c, .g = g};
    tell_node(&t, 0, HP_S(""), 0);
    if (q->up) hp_buf_puts(&c->out, "made of\n");
    if (q->up) tell_side(c, g, true);
    if (q->down) hp_buf_puts(&c->out, "made of it\n");
    if (q->down) tell_side(c, g, false);
    if (g->cut) hp_buf_puts(&c->out, "there is more: --limit lineage-nodes=N shows it\n");
}

static void text(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    hp_json_str(j, v);
}

static void json_node(hp_json *j, const hp_lineage_node *n, size_t i) {
    hp_json_object(j);
    hp_json_key(j, "id");
    hp_json_i64(j, (int64_t)i);
    text(j, "type", n->job ? HP_S("job") : n->field.n ? HP_S("column") : HP_S("dataset"));
    text(j, "namespace", n->ns);
    text(j, "name", n->name);
    if (n->field.n) text(j, "column", n->field);
    if (n->job) text(j, "run", n->run);
    hp_json_key(j, "distance");
    hp_json_i64(j, n->layer);
    hp_json_object_end(j);
}

void hp_lineage_json_graph(hp_cli *c, const hp_lineage_graph *g) {
    hp_json j = hp_cli_json(c, "hotpass.lineage-graph/1");
    hp_json_key(&j, "nodes");
    hp_json_array(&j);
    for (size_t i = 0; i < g->nnode; i++) json_node(&j, &g->node[i], i);
    hp_json_array_end(&j);
    hp_json_key(&j, "edges");
    hp_json_array(&j);
    for (size_t i = 0; i < g->nedge; i++) {
        hp_json_object(&j);
        hp_json_key(&j, "from");
        hp_json_i64(&j, (int64_t)g->edge[i].from);
        hp_json_key(&j, "to");
        hp_json_i64(&j, (int64_t)g->edge[i].to);
        if (g->edge[i].how.n) text(&j, "transformation", g->edge[i].how);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_json_key(&j, "complete");
    hp_json_bool(&j, !g->cut);
    hp_cli_json_end(c, &j);
}
