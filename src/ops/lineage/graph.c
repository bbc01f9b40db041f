#include "ops/lineage/graph.h"

#include "base/limits.h"
#include "base/vec.h"
#include "ops/lineage/sql.h"

#include "base/banned.h"

typedef struct walk {
    hp_lineage_store *s;
    hp_arena *a;
    const hp_lineage_question *q;
    HP_VEC(hp_lineage_node) node;
    HP_VEC(hp_lineage_edge) edge;
    size_t most;
    bool cut;
} walk;

/* ---- nodes and edges ---- */

static bool same(const hp_lineage_node *a, const hp_lineage_node *b) {
    return a->job == b->job && hp_str_eq(a->name, b->name) && hp_str_eq(a->ns, b->ns)
           && hp_str_eq(a->field, b->field) && hp_str_eq(a->run, b->run);
}

/* Finds a node, or adds it; *added tells which. SIZE_MAX when there are too many. */
static hp_code add_node(walk *w, const hp_lineage_node *n, size_t *at, bool *added, hp_err *err) {
    *added = false;
    for (*at = 0; *at < w->node.n; ++*at)
        if (same(&w->node.p[*at], n)) return HP_OK;
    if (w->node.n == w->most) {
        w->cut = true;
        *at = SIZE_MAX;
        return HP_OK;
    }
    *added = true;
    return hp_vec_push(&w->node, *n) ? HP_OK : hp_fail_memory(err, "the graph");
}

static hp_code add_edge(walk *w, size_t from, size_t to, hp_str how, hp_err *err) {
    if (from == SIZE_MAX || to == SIZE_MAX) return HP_OK;
    for (size_t i = 0; i < w->edge.n; i++)
        if (w->edge.p[i].from == from && w->edge.p[i].to == to) return HP_OK;
    const hp_lineage_edge e = {from, to, how};
    return hp_vec_push(&w->edge, e) ? HP_OK : hp_fail_memory(err, "the graph");
}

/* ---- one step ---- */

/* The runs that made a dataset what it is (the last one that wrote it), and those that made others of it
 * which are still so. */
static const char WRITER[] =
    "SELECT e.seq, e.run, (SELECT ns FROM run WHERE id = e.run), (SELECT job FROM run WHERE id = e.run)"
    " FROM dataset d JOIN event e ON e.seq = d.event WHERE d.name = ?1 AND d.ns = ?2 AND d.output = 1"
    " ORDER BY d.event DESC LIMIT 1";
static const char READERS[] =
    "SELECT DISTINCT e.seq, e.run, (SELECT ns FROM run WHERE id = e.run), (SELECT job FROM run WHERE id = e.run)"
    " FROM dataset i JOIN event e ON e.seq = i.event JOIN dataset o ON o.event = i.event AND o.output = 1"
    " WHERE i.name = ?1 AND i.ns = ?2 AND i.output = 0 AND NOT EXISTS (SELECT 1 FROM dataset n"
    " WHERE n.name = o.name AND n.ns = o.ns AND n.output = 1 AND n.event > o.event) ORDER BY e.seq";
static const char SIDE[] =
    "SELECT DISTINCT ns, name, '' FROM dataset WHERE event = ?1 AND output = ?2 ORDER BY 2";
static const char FIELDS_UP[] =
    "SELECT json_extract(i.value, '$.namespace'), json_extract(i.value, '$.name'), json_extract(i.value, '$.field'),"
    " json_extract(i.value, '$.transformations[0].subtype') FROM event e, json_each(e.body, '$.outputs') o,"
    " json_each(o.value, '$.facets.columnLineage.fields') f, json_each(f.value, '$.inputFields') i"
    " WHERE e.seq = ?1 AND json_extract(o.value, '$.name') = ?2 AND f.key = ?3";
static const char FIELDS_DOWN[] =
    "SELECT json_extract(o.value, '$.namespace'), json_extract(o.value, '$.name'), f.key,"
    " json_extract(i.value, '$.transformations[0].subtype') FROM event e, json_each(e.body, '$.outputs') o,"
    " json_each(o.value, '$.facets.columnLineage.fields') f, json_each(f.value, '$.inputFields') i"
    " WHERE e.seq = ?1 AND json_extract(i.value, '$.name') = ?2 AND json_extract(i.value, '$.field') = ?3";

/* A row of a statement whose first columns are namespace, name and field. */
static hp_code read_node(walk *w, sqlite3_stmt *st, int layer, hp_lineage_node *out, hp_err *err) {
    *out = (hp_lineage_node){.ns = hp_lineage_text(w->a, st, 0),
                             .name = hp_lineage_text(w->a, st, 1),
                             .field = hp_lineage_text(w->a, st, 2),
                             .run = HP_S(""),
                             .layer = layer};
    return out->ns.p && out->name.p && out->field.p ? HP_OK : hp_fail_memory(err, "the graph");
}

/* Ties the datasets on one side of a job to it. */
static hp_code tie_datasets(walk *w, int64_t seq, size_t job, bool up, hp_err *err) {
    sqlite3_stmt *st = NULL;
    bool row = false, added;
    HP_TRY(hp_lineage_ask(w->s, &st, err, SIDE, "ii", seq, (int64_t)!up));
    hp_code code = hp_lineage_step(w->s, st, &row, err);
    while (code == HP_OK && row) {
        hp_lineage_node n;
        size_t at;
        code = read_node(w, st, w->node.p[job].layer + (up ? -1 : 1), &n, err);
        if (code == HP_OK) code = add_node(w, &n, &at, &added, err);
        if (code == HP_OK) code = add_edge(w, up ? at : job, up ? job : at, HP_S(""), err);
        if (code == HP_OK) code = hp_lineage_step(w->s, st, &row, err);
    }
    sqlite3_finalize(st);
    return code;
}

static hp_code through_job(walk *w, size_t at, int64_t seq, hp_str run, hp_str ns, hp_str job, bool up,
                           hp_err *err) {
    const hp_lineage_node n = {.job = true,
                               .ns = ns,
                               .name = job,
                               .run = run,
                               .field = HP_S(""),
                               .layer = w->node.p[at].layer + (up ? -1 : 1)};
    size_t k;
    bool added;
    HP_TRY(add_node(w, &n, &k, &added, err));
    HP_TRY(add_edge(w, up ? k : at, up ? at : k, HP_S(""), err));
    return k == SIZE_MAX ? HP_OK : tie_datasets(w, seq, k, up, err);
}

static hp_code tie_fields(walk *w, size_t at, int64_t seq, bool up, hp_err *err) {
    const hp_lineage_node from = w->node.p[at];
    sqlite3_stmt *st = NULL;
    bool row = false, added;
    HP_TRY(hp_lineage_ask(w->s, &st, err, up ? FIELDS_UP : FIELDS_DOWN, "iss", seq, from.name, from.field));
    hp_code code = hp_lineage_step(w->s, st, &row, err);
    while (code == HP_OK && row) {
        hp_lineage_node n;
        size_t k;
        code = read_node(w, st, from.layer + (up ? -1 : 1), &n, err);
        hp_str how = hp_lineage_text(w->a, st, 3);
        if (code == HP_OK && !how.p) code = hp_fail_memory(err, "the graph");
        if (code == HP_OK) code = add_node(w, &n, &k, &added, err);
        if (code == HP_OK) code = add_edge(w, up ? k : at, up ? at : k, how, err);
        if (code == HP_OK) code = hp_lineage_step(w->s, st, &row, err);
    }
    sqlite3_finalize(st);
    return code;
}

/* Goes one step from a node. */
static hp_code go(walk *w, size_t at, bool up, hp_err *err) {
    const hp_lineage_node n = w->node.p[at];
    sqlite3_stmt *st = NULL;
    bool row = false;
    HP_TRY(hp_lineage_ask(w->s, &st, err, up ? WRITER : READERS, "ss", n.name, n.ns));
    hp_code code = hp_lineage_step(w->s, st, &row, err);
    while (code == HP_OK && row) {
        int64_t seq = sqlite3_column_int64(st, 0);
        hp_str run = hp_lineage_text(w->a, st, 1), ns = hp_lineage_text(w->a, st, 2),
               job = hp_lineage_text(w->a, st, 3);
        if (!run.p || !ns.p || !job.p) code = hp_fail_memory(err, "the graph");
        if (code == HP_OK)
            code =
                n.field.n ? tie_fields(w, at, seq, up, err) : through_job(w, at, seq, run, ns, job, up, err);
        if (code == HP_OK) code = hp_lineage_step(w->s, st, &row, err);
    }
    sqlite3_finalize(st);
    return code;
}

/* Goes on from each node that was reached on this side, until there is nothing new. A layer is one step of a
 * column, and two of a dataset, with the job between. */
static hp_code go_all(walk *w, bool up, hp_err *err) {
    int far = w->q->depth * (w->q->column.n ? 1 : 2);
    for (size_t i = 0; i < w->node.n; i++) {
        const hp_lineage_node *n = &w->node.p[i];
        int away = up ? -n->layer : n->layer;
        if (n->job || away < 0 || (i && away == 0) || (far && away >= far)) continue;
        HP_TRY(go(w, i, up, err));
    }
    return HP_OK;
}

/* ---- what is meant ---- */

static hp_code one_text(walk *w, const char *sql, hp_str x, hp_str y, hp_str *ns, hp_str *name, size_t *n,
                        hp_err *err) {
    sqlite3_stmt *st = NULL;
    bool row = false;
    *n = 0;
    HP_TRY(hp_lineage_ask(w->s, &st, err, sql, "ss", x, y));
    hp_code code = hp_lineage_step(w->s, st, &row, err);
    while (code == HP_OK && row) {
        if (++*n == 1) {
            *ns = hp_lineage_text(w->a, st, 0);
            *name = hp_lineage_text(w->a, st, 1);
            if (!ns->p || !name->p) code = hp_fail_memory(err, "the graph");
        }
        if (code == HP_OK) code = hp_lineage_step(w->s, st, &row, err);
    }
    sqlite3_finalize(st);
    return code;
}

static hp_code find_dataset(walk *w, hp_lineage_node *out, hp_err *err) {
    static const char EXACT[] = "SELECT DISTINCT ns, name FROM dataset WHERE name IN (?1, ?2) LIMIT 2";
    static const char ENDS[] =
        "SELECT DISTINCT ns, name FROM dataset WHERE substr(name, -length(?1)) = ?1 AND ?2 = ?2 LIMIT 2";
    hp_autobuf path = hp_buf_new(16384), tail = hp_buf_new(16384);
    size_t n;
    hp_lineage_put_dataset(w->q->dataset, &path);
    hp_buf_printf(&tail, "/%.*s", HP_FMT(w->q->dataset));
    HP_TRY(hp_buf_check(&path, "the name of a dataset", err));
    HP_TRY(one_text(w, EXACT, w->q->dataset, hp_buf_str(&path), &out->ns, &out->name, &n, err));
    if (n == 0) HP_TRY(one_text(w, ENDS, hp_buf_str(&tail), HP_S(""), &out->ns, &out->name, &n, err));
    if (n == 1) return HP_OK;
    if (n > 1)
        return hp_fail(err, HP_USAGE, "%.*s: several datasets are called so; give the whole path",
                       HP_FMT(w->q->dataset));
    return hp_fail(
        err, HP_NOINPUT,
        "%.*s: no run has read or written it; hotpass lineage tail lists the runs, and lineage show their "
        "datasets",
        HP_FMT(w->q->dataset));
}

/* A column is known from the last event that lists the dataset's. */
static hp_code find_column(walk *w, hp_lineage_node *out, hp_err *err) {
    static const char COLUMNS[] =
        "SELECT DISTINCT ?1, json_extract(c.value, '$.name') FROM event e, json_each(e.body, '$.inputs') d,"
        " json_each(d.value, '$.facets.schema.fields') c WHERE e.seq IN (SELECT event FROM dataset WHERE name = ?1)"
        " AND json_extract(d.value, '$.name') = ?1 AND (json_extract(c.value, '$.name') = ?2 OR"
        " substr(json_extract(c.value, '$.name'), -length(?2) - 1) = '!' || ?2)"
        " UNION SELECT ?1, json_extract(c.value, '$.name') FROM event e, json_each(e.body, '$.outputs') d,"
        " json_each(d.value, '$.facets.schema.fields') c WHERE e.seq IN (SELECT event FROM dataset WHERE name = ?1)"
        " AND json_extract(d.value, '$.name') = ?1 AND (json_extract(c.value, '$.name') = ?2 OR"
        " substr(json_extract(c.value, '$.name'), -length(?2) - 1) = '!' || ?2) LIMIT 2";
    hp_str dataset;
    size_t n;
    HP_TRY(one_text(w, COLUMNS, out->name, w->q->column, &dataset, &out->field, &n, err));
    if (n == 1) return HP_OK;
    if (n > 1)
        return hp_fail(err, HP_USAGE, "%.*s: has several columns called %.*s; give --column \"Sheet!%.*s\"",
                       HP_FMT(out->name), HP_FMT(w->q->column), HP_FMT(w->q->column));
    return hp_fail(err, HP_NOINPUT,
                   "%.*s: has no column %.*s that lineage knows; hotpass lineage show lists them",
                   HP_FMT(out->name), HP_FMT(w->q->column));
}

static hp_code walk_all(walk *w, hp_err *err) {
    hp_lineage_node start = {.field = HP_S(""), .run = HP_S("")};
    HP_TRY(find_dataset(w, &start, err));
    if (w->q->column.n) HP_TRY(find_column(w, &start, err));
    if (!hp_vec_push(&w->node, start)) return hp_fail_memory(err, "the graph");
    if (w->q->up) HP_TRY(go_all(w, true, err));
    return w->q->down ? go_all(w, false, err) : HP_OK;
}

hp_code hp_lineage_graph_make(hp_lineage_store *s, hp_arena *a, const hp_lineage_question *q,
                              hp_lineage_graph *out, hp_err *err) {
    walk w = {.s = s, .a = a, .q = q, .most = (size_t)hp_limit(HP_L_LINEAGE_NODES)};
    hp_code code = walk_all(&w, err);
    *out = (hp_lineage_graph){.nnode = w.node.n, .nedge = w.edge.n, .cut = w.cut};
    out->node = HP_NEW_ARRAY(a, w.node.n + 1, hp_lineage_node);
    out->edge = HP_NEW_ARRAY(a, w.edge.n + 1, hp_lineage_edge);
    if (code == HP_OK && (!out->node || !out->edge)) code = hp_fail_memory(err, "the graph");
    if (code == HP_OK && w.node.n) memcpy(out->node, w.node.p, w.node.n * sizeof *w.node.p);
    if (code == HP_OK && w.edge.n) memcpy(out->edge, w.edge.p, w.edge.n * sizeof *w.edge.p);
    hp_vec_free(&w.node);
    hp_vec_free(&w.edge);
    return code;
}
