/* The steps of a plan: what lies here already, what would be asked for, what would still be blank. */
#include "base/clock.h"
#include "base/doc.h"
#include "base/file.h"
#include "cli/personal.h"
#include "cli/plan.h"

#include "base/banned.h"

/* ---- what lies here ---- */

static hp_code look(hp_plan *p, hp_plan_shelf s, hp_err *err) {
    hp_err why = {0};
    hp_node *root = NULL;
    if (!s.path.p) return hp_fail_memory(err, "the plan");
    s.there = hp_exists(s.path.p);
    if (s.there && hp_doc_read(p->c->arena, s.path.p, &root, &why) != HP_OK) {
        if (why.code == HP_RETRY) return hp_fail_memory(err, "the plan");
        s.problem = hp_arena_dup(p->c->arena, hp_str_of(why.message));
        p->shelf_error = true;
    }
    return hp_vec_push(&p->shelf, s) ? HP_OK : hp_fail_memory(err, "the plan");
}

/* The slug of the one row: a file of others has none, and then nothing lies here about it. */
static hp_str slug_of(const hp_plan *p) {
    size_t c = hp_table_find(p->sheet, HP_S("organization_slug"));
    return c == SIZE_MAX ? p->slug : hp_text(p->done.run.pool, p->sheet->col[c].v[p->row]);
}

hp_code hp_plan_shelves(hp_plan *p, hp_err *err) {
    hp_arena *a = p->c->arena;
    hp_str slug = slug_of(p);
    const char *home = hp_args_text(&p->c->args, HP_O_STATE_DIR);
    const hp_node *list = hp_node_get(p->profile->doc, "authority_sources");
    /* A slug is letters, digits and "-" when it is ours; in the file of another it may be a path. */
    if (slug.n == 0 || hp_str_chr(slug, '/', 0) != SIZE_MAX) return HP_OK;
    p->slug = slug;
    HP_TRY(look(p, (hp_plan_shelf){.path = hp_arena_printf(a, "%s/snapshots/%.*s.json", home, HP_FMT(slug))},
                err));
    for (size_t i = 0; list && list->kind == HP_NODE_LIST && i < list->n; i++) {
        hp_plan_shelf s = {0};
        hp_str key = {0};
        hp_node_text(hp_node_get(list->item[i], "name"), &s.name);
        hp_node_text(hp_node_get(list->item[i], "url"), &s.url);
        hp_node_text(hp_node_get(list->item[i], "cache_key"), &key);
        if (key.n == 0 || hp_str_chr(key, '/', 0) != SIZE_MAX) continue;
        s.path = hp_arena_printf(a, "%s/authority/%.*s/%.*s.json", home, HP_FMT(key), HP_FMT(slug));
        HP_TRY(look(p, s, err));
    }
    return HP_OK;
}

/* ---- members ---- */

static void json_text(hp_json *j, const char *key, hp_str s) {
    hp_json_key(j, key);
    if (s.n)
        hp_json_str(j, s);
    else
        hp_json_null(j);
}

static void json_number(hp_json *j, const char *key, size_t n) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)n);
}

static void json_fields(hp_json *j, const char *key, hp_field_set set) {
    hp_json_key(j, key);
    hp_json_array(j);
    for (int f = 1; f < HP_FIELD_COUNT; f++)
        if (hp_field_in(set, (hp_field)f)) hp_json_cstr(j, hp_field_get((hp_field)f)->name);
    hp_json_array_end(j);
}

/* A value of a column as it may be shown: masked when it may be personal. */
static void json_value(hp_json *j, hp_str column, hp_str value) {
    hp_autobuf shown = hp_buf_new(1 << 20);
    if (value.n == 0) {
        hp_json_null(j);
        return;
    }
    hp_put_personal(&shown, column, value);
    hp_json_str(j, hp_buf_str(&shown));
    hp_put_carry(j->out, &shown);
}

static void json_request(hp_json *j, const hp_plan_request *r) {
    hp_json_object(j);
    json_text(j, "provider", r->provider);
    json_text(j, "url", r->url);
    hp_json_key(j, "row_index");
    if (r->row == SIZE_MAX)
        hp_json_null(j);
    else
        hp_json_i64(j, (int64_t)r->row);
    json_text(j, "entity_name", r->entity);
    json_text(j, "entity_slug", r->slug);
    json_fields(j, "fields", r->wanted);
    hp_json_key(j, "cached");
    hp_json_bool(j, r->cached);
    hp_json_object_end(j);
}

/* ---- steps ---- */

static void begin_step(hp_json *j, const char *name, const char *status, hp_buf *message) {
    hp_json_object(j);
    hp_json_key(j, "name");
    hp_json_cstr(j, name);
    hp_json_key(j, "status");
    hp_json_cstr(j, status);
    hp_json_key(j, "message");
    hp_json_str(j, hp_buf_str(message));
    hp_put_carry(j->out, message);
    hp_json_key(j, "artifacts");
    hp_json_object(j);
}

static void end_step(hp_json *j) {
    hp_json_object_end(j);
    hp_json_object_end(j);
}

/* The snapshot is the first of what lies here, the authorities' documents the others. */
static void json_shelves(hp_json *j, const hp_plan *p, const char *name, size_t from, size_t to) {
    size_t there = 0, wrong = 0;
    hp_autobuf message = hp_buf_new(4096);
    for (size_t i = from; i < to; i++) {
        there += p->shelf.p[i].there;
        wrong += p->shelf.p[i].problem.n > 0;
        if (p->shelf.p[i].problem.n)
            hp_buf_printf(&message, "%s%.*s", message.n ? "; " : "", HP_FMT(p->shelf.p[i].problem));
    }
    if (wrong == 0) hp_put_counted(&message, there, "document here", "documents here");
    begin_step(j, name, wrong ? "error" : there ? "success" : "skipped", &message);
    hp_json_key(j, "documents");
    hp_json_array(j);
    for (size_t i = from; i < to; i++) {
        hp_json_object(j);
        json_text(j, "name", p->shelf.p[i].name);
        json_text(j, "url", p->shelf.p[i].url);
        json_text(j, "path", p->shelf.p[i].path);
        hp_json_key(j, "found");
        hp_json_bool(j, p->shelf.p[i].there);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
    end_step(j);
}

static hp_str line_text(const hp_plan *p, const char *column, size_t i) {
    const hp_table *t = p->done.result.provenance;
    size_t c = hp_table_find(t, hp_str_of(column));
    return c == SIZE_MAX ? HP_S("") : hp_text(p->done.run.pool, t->col[c].v[i]);
}

/* Tells whether a line of the provenance is about the one row, and was applied. */
static bool is_applied(const hp_plan *p, size_t i) {
    int64_t row;
    return hp_str_i64(line_text(p, "row", i), &row) && (size_t)row == p->row + 2
           && hp_str_eq(line_text(p, "status", i), HP_S("applied"));
}

static void json_updated(hp_json *j, const hp_plan *p) {
    hp_json_key(j, "updated_fields");
    hp_json_object(j);
    for (size_t i = 0; p->row != SIZE_MAX && i < p->done.result.provenance->nrow; i++) {
        if (!is_applied(p, i)) continue;
        hp_str column = line_text(p, "column", i);
        hp_json_key_str(j, column);
        hp_json_array(j);
        json_value(j, column, line_text(p, "old", i));
        json_value(j, column, line_text(p, "new", i));
        hp_json_array_end(j);
    }
    hp_json_object_end(j);
}

static void json_providers(hp_json *j, const hp_plan *p) {
    hp_json_key(j, "providers");
    hp_json_array(j);
    for (size_t i = 0; i < p->done.result.ncount; i++) {
        const hp_enrich_count *k = &p->done.result.count[i];
        if (k->strategy == HP_STRATEGY_RESEARCH) continue;
        hp_json_object(j);
        hp_json_key(j, "name");
        hp_json_cstr(j, k->name);
        hp_json_key(j, "available");
        hp_json_bool(j, k->opened);
        json_number(j, "fields_filled", k->filled);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

/* How many fields would be filled, of the one row or of all. */
static size_t filled_fields(const hp_plan *p) {
    size_t n = 0;
    for (size_t i = 0; p->row != SIZE_MAX && i < p->done.result.provenance->nrow; i++) n += is_applied(p, i);
    for (size_t i = 0; p->row == SIZE_MAX && i < p->done.result.ncount; i++)
        n += p->done.result.count[i].filled;
    return n;
}

static void json_deterministic(hp_json *j, const hp_plan *p) {
    size_t filled = filled_fields(p);
    hp_autobuf message = hp_buf_new(4096);
    hp_put_counted(&message, filled, "field would be filled", "fields would be filled");
    begin_step(j, "deterministic_enrichment", filled ? "success" : "skipped", &message);
    json_providers(j, p);
    json_updated(j, p);
    end_step(j);
}

/* Returns the provider behind the name that the profile gives it. */
static const char *kind_of(const hp_plan *p, hp_str name) {
    for (size_t i = 0; i < p->done.result.ncount; i++)
        if (hp_str_eq(name, hp_str_of(p->done.result.count[i].name))) return p->done.result.count[i].provider;
    return "website"; /* --url */
}

static void json_research(hp_json *j, const hp_plan *p, const char *step, const char *provider) {
    size_t n = 0, cached = 0;
    hp_autobuf message = hp_buf_new(4096);
    for (size_t i = 0; i < p->list.n; i++) {
        if (strcmp(kind_of(p, p->list.p[i].provider), provider) != 0) continue;
        n++;
        cached += p->list.p[i].cached;
    }
    if (n)
        hp_put_counted(&message, n, "first request", "first requests");
    else
        hp_buf_puts(&message, "nothing to ask");
    begin_step(j, step, n ? "planned" : "skipped", &message);
    json_number(j, "requests", n);
    json_number(j, "cached", cached);
    end_step(j);
}

static hp_field_set wanted_of(const hp_plan *p) {
    hp_field_set wanted = 0;
    for (size_t i = 0; i < p->list.n; i++) wanted |= p->list.p[i].wanted;
    return wanted;
}

static void json_backfill(hp_json *j, const hp_plan *p) {
    hp_field_set wanted = wanted_of(p);
    size_t n = 0;
    hp_autobuf message = hp_buf_new(4096);
    for (int f = 1; f < HP_FIELD_COUNT; f++) n += hp_field_in(wanted, (hp_field)f);
    hp_put_counted(&message, n, "field would still be blank", "fields would still be blank");
    begin_step(j, "backfill", n ? "planned" : "skipped", &message);
    json_fields(j, "fields", wanted);
    end_step(j);
}

static void json_steps(hp_json *j, const hp_plan *p) {
    hp_json_key(j, "steps");
    hp_json_array(j);
    if (p->shelf.n) json_shelves(j, p, "local_snapshot", 0, 1);
    if (p->shelf.n) json_shelves(j, p, "authority_sources", 1, p->shelf.n);
    if (p->ran) json_deterministic(j, p);
    json_research(j, p, "searx_search", "search");
    json_research(j, p, "network_enrichment", "registry_api");
    json_research(j, p, "native_crawl", "website");
    json_backfill(j, p);
    hp_json_array_end(j);
}

/* ---- the document ---- */

static void json_authorities(hp_json *j, const hp_plan *p) {
    hp_json_key(j, "authority_sources");
    hp_json_array(j);
    for (size_t i = 1; i < p->shelf.n; i++) hp_json_str(j, p->shelf.p[i].name);
    hp_json_array_end(j);
}

static void json_plan(hp_json *j, const hp_plan *p) {
    size_t c = p->row == SIZE_MAX ? SIZE_MAX : hp_table_find(p->sheet, HP_S("organization_name"));
    hp_str name = c != SIZE_MAX                     ? hp_text(p->done.run.pool, p->sheet->col[c].v[p->row])
                  : p->row != SIZE_MAX && p->list.n ? p->list.p[0].entity
                                                    : HP_S("");
    hp_json_key(j, "plan");
    hp_json_object(j);
    json_text(j, "entity_name", name);
    json_text(j, "entity_slug", p->slug);
    json_text(j, "query", name);
    hp_json_key(j, "target_urls");
    hp_json_array(j);
    for (size_t i = 0; i < p->list.n; i++) hp_json_str(j, p->list.p[i].url);
    hp_json_array_end(j);
    hp_json_key(j, "allow_network");
    hp_json_bool(j, p->gate.pass != NULL);
    json_authorities(j, p);
    json_fields(j, "backfill_fields", wanted_of(p));
    json_fields(j, "consent_needed_for", hp_enrich_withheld(p->profile));
    hp_research_json_rate(j, p->profile);
    hp_json_object_end(j);
}

static bool is_provenance(hp_str column) {
    for (size_t i = 0; i < HP_PROVENANCE_COLUMNS; i++)
        if (hp_str_eq(column, hp_str_of(hp_provenance_names()[i]))) return true;
    return false;
}

/* Tells whether a column of the row is shown: free text and what is understood by nobody may speak of people.
 */
static bool is_shown(hp_str column) {
    hp_field f = hp_header_field(column);
    bool slug = hp_str_eq(column, HP_S("organization_slug"));
    return slug || (f != HP_F_NONE && f != HP_F_NOTES && f != HP_F_DESCRIPTION);
}

/* The one row as it would be, and its five columns; null when all rows are meant. */
static void json_row(hp_json *j, const hp_plan *p, const char *key, bool provenance) {
    hp_json_key(j, key);
    if (p->row == SIZE_MAX) {
        hp_json_null(j);
        return;
    }
    hp_json_object(j);
    for (size_t c = 0; c < p->sheet->ncol; c++) {
        const hp_column *col = &p->sheet->col[c];
        if (is_provenance(col->name) != provenance || !(provenance || is_shown(col->name))) continue;
        hp_json_key_str(j, col->name);
        json_value(j, col->name, hp_text(p->done.run.pool, col->v[p->row]));
    }
    hp_json_object_end(j);
}

void hp_plan_json(hp_plan *p) {
    hp_json j = hp_cli_json(p->c, "hotpass.research-plan/1");
    hp_json_key(&j, "success");
    hp_json_bool(&j, !p->shelf_error);
    hp_research_json_gate(&j, &p->gate);
    json_plan(&j, p);
    json_steps(&j, p);
    json_row(&j, p, "enriched_row", false);
    json_row(&j, p, "provenance", true);
    hp_json_key(&j, "requests");
    hp_json_array(&j);
    for (size_t i = 0; i < p->list.n; i++) json_request(&j, &p->list.p[i]);
    hp_json_array_end(&j);
    hp_json_key(&j, "elapsed_seconds");
    hp_json_f64(&j, hp_clock_fixed() ? 0 : (double)(hp_clock_mono() - p->began) / 1e9);
    hp_json_key(&j, "artifact_path"); /* a plan writes nothing */
    hp_json_null(&j);
    hp_cli_json_end(p->c, &j);
}
