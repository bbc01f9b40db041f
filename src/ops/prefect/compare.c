#include "ops/prefect/compare.h"

#include "base/banned.h"

enum { MAX_VALUE = 64 << 10 };

static const char *const WORD[] = {"dangerous", "behavioural", "cosmetic"};

const char *hp_drift_word(hp_drift_class c) { return WORD[c]; }

/* ---- sameness ---- */

static bool is_null(const hp_node *n) { return !n || n->kind == HP_NODE_NULL; }

static bool same_scalar(const hp_node *a, const hp_node *b) {
    double x, y;
    bool p, q;
    if (a->quoted != b->quoted) {
        /* YAML leaves the quotes of a text away that can be nothing else. */
        const hp_node *plain = a->quoted ? b : a;
        if (hp_node_f64(plain, &x) || hp_node_bool(plain, &p)) return false;
        return hp_str_eq(a->text, b->text);
    }
    if (!a->quoted && hp_node_f64(a, &x) && hp_node_f64(b, &y)) return x >= y && x <= y;
    if (!a->quoted && hp_node_bool(a, &p) && hp_node_bool(b, &q)) return p == q;
    return hp_str_eq(a->text, b->text);
}

static const hp_node *member(const hp_node *map, hp_str key) {
    for (size_t i = 0; map && map->kind == HP_NODE_MAP && i < map->n; i++) {
        if (hp_str_eq(map->key[i]->text, key)) return map->item[i];
    }
    return NULL;
}

bool hp_prefect_same(const hp_node *a, const hp_node *b) {
    if (is_null(a) || is_null(b)) return is_null(a) && is_null(b);
    if (a->kind != b->kind) return false;
    if (a->kind == HP_NODE_SCALAR) return same_scalar(a, b);
    if (a->n != b->n) return false;
    for (size_t i = 0; i < a->n; i++) {
        if (a->kind == HP_NODE_LIST && !hp_prefect_same(a->item[i], b->item[i])) return false;
        if (a->kind == HP_NODE_LIST) continue;
        const hp_node *other = member(b, a->key[i]->text);
        if (!other || !hp_prefect_same(a->item[i], other)) return false;
    }
    return true;
}

/* ---- collecting ---- */

typedef struct comparison {
    hp_arena *a;
    const hp_manifest *m;
    const hp_prefect_deployment *d;
    hp_str pool;
    hp_drifts *out;
    bool bad;
} comparison;

static hp_str json_of(comparison *c, const hp_node *n) {
    hp_autobuf text = hp_buf_new(MAX_VALUE);
    hp_json j = {.out = &text};
    if (!n) return HP_S("");
    hp_node_json(&j, n);
    hp_str copy = hp_arena_dup(c->a, hp_buf_str(&text));
    c->bad |= text.bad || !copy.p;
    return copy;
}

static hp_str quoted(comparison *c, hp_str s) {
    hp_autobuf text = hp_buf_new(MAX_VALUE);
    if (s.n == 0) return HP_S("");
    hp_buf_json(&text, s);
    hp_str copy = hp_arena_dup(c->a, hp_buf_str(&text));
    c->bad |= text.bad || !copy.p;
    return copy;
}

/* A line of YAML that says what the server has; JSON is YAML. `field` may be below a key:
 * parameters.input_dir. */
static hp_str edit(comparison *c, hp_str field, hp_str server) {
    size_t dot = hp_str_chr(field, '.', 0);
    hp_str top = hp_arena_dup(c->a, hp_str_cut(field, 0, dot == SIZE_MAX ? field.n : dot));
    if (!top.p) return top;
    int line = hp_manifest_line(c->m, top.p);
    bool there = hp_node_get(c->m->root, top.p) != NULL;
    if (server.n == 0 && dot == SIZE_MAX)
        return hp_arena_printf(c->a, "%s:%d: remove %.*s", c->m->path, line, HP_FMT(field));
    if (server.n == 0)
        return hp_arena_printf(c->a, "%s:%d: remove %.*s from %s", c->m->path, line,
                               HP_FMT(hp_str_cut(field, dot + 1, field.n)), top.p);
    if (dot == SIZE_MAX)
        return hp_arena_printf(c->a, "%s:%d: %s %.*s: %.*s", c->m->path, line, there ? "write" : "add",
                               HP_FMT(field), HP_FMT(server));
    if (!there)
        return hp_arena_printf(c->a, "%s:%d: add %s: {%.*s: %.*s}", c->m->path, line, top.p,
                               HP_FMT(hp_str_cut(field, dot + 1, field.n)), HP_FMT(server));
    return hp_arena_printf(c->a, "%s:%d: in %s, write %.*s: %.*s", c->m->path, line, top.p,
                           HP_FMT(hp_str_cut(field, dot + 1, field.n)), HP_FMT(server));
}

static void add(comparison *c, hp_drift_part part, hp_drift_class class, hp_str field, hp_str manifest,
                hp_str server) {
    hp_drift d = {.part = part, .class = class, .field = field, .manifest = manifest, .server = server};
    d.to_server = hp_arena_printf(c->a, "hotpass deploy --only %.*s", HP_FMT(c->m->id));
    d.to_manifest = edit(c, field, server);
    c->bad |= !d.to_server.p || !d.to_manifest.p || !hp_vec_push(c->out, d);
    c->out->parts |= (unsigned)part;
}

static void compare_text(comparison *c, hp_drift_part part, hp_drift_class class, const char *field,
                         hp_str manifest, hp_str server) {
    if (!hp_str_eq(manifest, server))
        add(c, part, class, hp_str_of(field), quoted(c, manifest), quoted(c, server));
}

static hp_str word_of(bool on) { return on ? HP_S("true") : HP_S("false"); }

static void compare_flag(comparison *c, hp_drift_part part, const char *field, bool manifest, bool server) {
    if (manifest != server)
        add(c, part, HP_DRIFT_BEHAVIOURAL, hp_str_of(field), word_of(manifest), word_of(server));
}

/* Each member that differs is a difference of its own. `skip` (may be NULL) is compared elsewhere. */
static void compare_maps(comparison *c, hp_drift_part part, const char *field, const hp_node *manifest,
                         const hp_node *server, const char *skip) {
    for (int side = 0; side < 2; side++) {
        const hp_node *from = side ? server : manifest, *other = side ? manifest : server;
        for (size_t i = 0; from && from->kind == HP_NODE_MAP && i < from->n; i++) {
            hp_str key = from->key[i]->text;
            const hp_node *there = member(other, key);
            if (skip && hp_str_eq(key, hp_str_of(skip))) continue;
            if (side ? there != NULL : there && hp_prefect_same(from->item[i], there)) continue;
            hp_str name = hp_arena_printf(c->a, "%s.%.*s", field, HP_FMT(key));
            c->bad |= !name.p;
            hp_str mine = json_of(c, from->item[i]), theirs = json_of(c, there);
            add(c, part, HP_DRIFT_BEHAVIOURAL, name, side ? theirs : mine, side ? mine : theirs);
        }
    }
}

/* ---- the parts ---- */

static hp_str number(comparison *c, int64_t n) {
    if (n <= 0) return HP_S("");
    hp_str text = hp_arena_printf(c->a, "%lld", (long long)n);
    c->bad |= !text.p;
    return text;
}

static void compare_limit(comparison *c) {
    const hp_node *options = hp_node_get(c->d->json, "concurrency_options");
    hp_str strategy = hp_prefect_text(options, "collision_strategy");
    int64_t server = c->d->limit > 0 ? c->d->limit : 0;
    if (c->m->concurrency_limit != server)
        add(c, HP_PART_LIMIT, HP_DRIFT_DANGEROUS, HP_S("concurrency_limit"),
            number(c, c->m->concurrency_limit), number(c, server));
    if (c->m->concurrency_limit == 0) return;
    compare_text(c, HP_PART_ON_LIMIT, HP_DRIFT_BEHAVIOURAL, "on_limit", c->m->on_limit,
                 strategy.n ? strategy : HP_S("ENQUEUE"));
}

static void compare_pool(comparison *c) {
    hp_str queue = c->m->work_queue.n ? c->m->work_queue : HP_S("default");
    hp_str pool = hp_manifest_pool(c->m, c->pool);
    compare_text(c, HP_PART_POOL, HP_DRIFT_DANGEROUS, "work_pool", pool, c->d->work_pool);
    if (pool.n) compare_text(c, HP_PART_POOL, HP_DRIFT_BEHAVIOURAL, "work_queue", queue, c->d->work_queue);
}

/* Of a flow of hotpass no manifest can say a command that does not report how the run ends, nor none at all.
 */
static void compare_command(comparison *c, hp_str server) {
    size_t before = c->out->n;
    hp_str field = HP_S("job_variables.command");
    compare_text(c, HP_PART_JOB, HP_DRIFT_DANGEROUS, field.p, hp_manifest_command(c->m), server);
    if (c->out->n == before || c->m->entrypoint.n || hp_manifest_reports(server)) return;
    c->out->p[before].to_manifest = hp_arena_printf(
        c->a, "%s:%d: cannot be: a manifest's command has to start \"hotpass prefect execute\"", c->m->path,
        hp_manifest_line(c->m, "job_variables"));
    c->bad |= !c->out->p[before].to_manifest.p;
}

static void compare_job(comparison *c) {
    const hp_node *server = hp_node_get(c->d->json, "job_variables");
    compare_command(c, hp_prefect_text(server, "command"));
    compare_maps(c, HP_PART_JOB, "job_variables", c->m->job_variables, server, "command");
    compare_text(c, HP_PART_ENTRYPOINT, HP_DRIFT_DANGEROUS, "entrypoint", c->m->entrypoint,
                 hp_prefect_text(c->d->json, "entrypoint"));
    compare_text(c, HP_PART_ENTRYPOINT, HP_DRIFT_DANGEROUS, "path", c->m->path_in_storage,
                 hp_prefect_text(c->d->json, "path"));
}

static void compare_schema(comparison *c) {
    compare_flag(c, HP_PART_SCHEMA, "enforce_parameter_schema", c->m->enforce_schema,
                 hp_prefect_flag(c->d->json, "enforce_parameter_schema"));
    const hp_node *server = hp_node_get(c->d->json, "parameter_openapi_schema");
    if (c->m->parameter_schema && !hp_prefect_same(c->m->parameter_schema, server))
        add(c, HP_PART_SCHEMA, HP_DRIFT_BEHAVIOURAL, HP_S("parameter_schema"),
            json_of(c, c->m->parameter_schema), json_of(c, server));
}

/* Whether the server's schedule says what the manifest's does; an anchor_date not given is the server's
 * affair. */
static bool same_schedule(const hp_manifest_schedule *s, const hp_node *server) {
    const hp_node *schedule = hp_node_get(server, "schedule");
    double mine, theirs;
    const hp_node *interval = hp_node_get(schedule, "interval");
    hp_str anchor = hp_prefect_text(schedule, "anchor_date");
    bool same = hp_prefect_flag(server, "active") == s->active
                && hp_str_eq(hp_prefect_text(schedule, "timezone"), s->timezone);
    if (!hp_str_eq(s->kind, HP_S("interval")))
        return same
               && hp_str_eq(hp_prefect_text(schedule, hp_str_eq(s->kind, HP_S("cron")) ? "cron" : "rrule"),
                            s->value);
    same = same && hp_str_f64(s->value, &mine) && interval && hp_node_f64(interval, &theirs) && mine >= theirs
           && mine <= theirs;
    /* The server writes the same moment its own way: only the day and time of day are held against each
     * other. */
    return same && (s->anchor_date.n == 0 || hp_str_starts(anchor, hp_str_cut(s->anchor_date, 0, 10)));
}

/* A schedule in the words of a manifest. */
static hp_str schedule_text(comparison *c, const hp_node *server) {
    static const char *const KIND[] = {"cron", "interval", "rrule"};
    const hp_node *schedule = hp_node_get(server, "schedule");
    hp_autobuf text = hp_buf_new(4000);
    hp_json j = {.out = &text};
    hp_json_object(&j);
    for (size_t i = 0; i < 3; i++) {
        const hp_node *value = hp_node_get(schedule, KIND[i]);
        if (is_null(value)) continue;
        hp_json_key(&j, "kind");
        hp_json_cstr(&j, KIND[i]);
        hp_json_key(&j, "value");
        hp_json_str(&j, value->text);
    }
    hp_json_key(&j, "timezone");
    hp_json_str(&j, hp_prefect_text(schedule, "timezone"));
    hp_json_key(&j, "active");
    hp_json_bool(&j, hp_prefect_flag(server, "active"));
    hp_json_object_end(&j);
    hp_str copy = hp_arena_dup(c->a, hp_buf_str(&text));
    c->bad |= text.bad || !copy.p;
    return copy;
}

static hp_str manifest_schedule_text(comparison *c) {
    const hp_manifest_schedule *s = &c->m->schedule;
    hp_autobuf text = hp_buf_new(4000);
    hp_json j = {.out = &text};
    if (!s->at) return HP_S("");
    hp_node_json(&j, s->at);
    hp_str copy = hp_arena_dup(c->a, hp_buf_str(&text));
    c->bad |= text.bad || !copy.p;
    return copy;
}

static void compare_schedules(comparison *c) {
    const hp_node *list = hp_node_get(c->d->json, "schedules");
    size_t n = list && list->kind == HP_NODE_LIST ? list->n : 0, wanted = c->m->schedule.at ? 1 : 0;
    if (n == wanted && (n == 0 || same_schedule(&c->m->schedule, list->item[0]))) return;
    hp_str server = n == 1 ? schedule_text(c, list->item[0]) : n ? json_of(c, list) : HP_S("");
    add(c, HP_PART_SCHEDULE, HP_DRIFT_BEHAVIOURAL, HP_S("schedule"), manifest_schedule_text(c), server);
}

static void compare_tags(comparison *c) {
    const hp_node *server = hp_node_get(c->d->json, "tags");
    size_t mine = c->m->tags ? c->m->tags->n : 0, theirs = server ? server->n : 0;
    if (mine == 0 && theirs == 0) return;
    if (c->m->tags && hp_prefect_same(c->m->tags, server)) return;
    add(c, HP_PART_TAGS, HP_DRIFT_COSMETIC, HP_S("tags"), json_of(c, c->m->tags),
        json_of(c, theirs ? server : NULL));
}

static void compare_words(comparison *c) {
    compare_text(c, HP_PART_DESCRIPTION, HP_DRIFT_COSMETIC, "description", c->m->description,
                 hp_prefect_text(c->d->json, "description"));
    if (c->m->version.n)
        compare_text(c, HP_PART_VERSION, HP_DRIFT_COSMETIC, "version", c->m->version,
                     hp_prefect_text(c->d->json, "version"));
}

/* Dangerous ones first, else as they came: a stable sort of a handful. */
static void sort(hp_drifts *d) {
    for (size_t i = 1; i < d->n; i++) {
        for (size_t k = i; k > 0 && d->p[k].class < d->p[k - 1].class; k--) {
            hp_drift swap = d->p[k];
            d->p[k] = d->p[k - 1];
            d->p[k - 1] = swap;
        }
    }
}

static void missing(comparison *c) {
    hp_str name = hp_arena_printf(c->a, "%.*s/%.*s", HP_FMT(c->m->flow), HP_FMT(c->m->name));
    c->bad |= !name.p;
    hp_drift d = {.part = HP_PART_MISSING,
                  .class = HP_DRIFT_DANGEROUS,
                  .field = HP_S("deployment"),
                  .manifest = quoted(c, name)};
    d.to_server = hp_arena_printf(c->a, "hotpass deploy --only %.*s", HP_FMT(c->m->id));
    d.to_manifest = hp_arena_printf(c->a, "remove %s", c->m->path);
    c->bad |= !d.to_server.p || !d.to_manifest.p || !hp_vec_push(c->out, d);
    c->out->parts |= HP_PART_MISSING;
}

hp_code hp_prefect_compare(hp_arena *a, const hp_manifest *m, const hp_prefect_deployment *d, hp_str pool,
                           hp_drifts *out, hp_err *err) {
    comparison c = {a, m, d, pool, out, false};
    *out = (hp_drifts){0};
    if (!d) {
        missing(&c);
    } else {
        compare_limit(&c);
        compare_pool(&c);
        compare_job(&c);
        compare_maps(&c, HP_PART_PARAMETERS, "parameters", m->parameters, hp_node_get(d->json, "parameters"),
                     NULL);
        compare_schema(&c);
        compare_flag(&c, HP_PART_PAUSED, "paused", m->paused, d->paused);
        compare_schedules(&c);
        compare_tags(&c);
        compare_words(&c);
        sort(out);
    }
    return c.bad ? hp_fail_memory(err, "the differences") : HP_OK;
}

static hp_str key_value(comparison *c, int64_t slots) {
    if (slots <= 0) return HP_S("");
    hp_str name = quoted(c, c->m->concurrency_key);
    hp_str text = hp_arena_printf(c->a, "{%.*s: %lld}", HP_FMT(name), (long long)slots);
    c->bad |= !text.p;
    return text;
}

hp_code hp_prefect_compare_key(hp_arena *a, const hp_manifest *m, int64_t now, hp_drifts *out, hp_err *err) {
    comparison c = {.a = a, .m = m, .out = out};
    if (now == m->concurrency_limit) return HP_OK;
    add(&c, HP_PART_KEY, HP_DRIFT_DANGEROUS, HP_S("concurrency_key"), key_value(&c, m->concurrency_limit),
        key_value(&c, now));
    if (c.bad) return hp_fail_memory(err, "the differences");
    hp_drift *d = &out->p[out->n - 1];
    d->to_manifest = edit(&c, now > 0 ? HP_S("concurrency_limit") : HP_S("concurrency_key"),
                          now > 0 ? number(&c, now) : HP_S(""));
    if (c.bad || !d->to_manifest.p) return hp_fail_memory(err, "the differences");
    sort(out);
    return HP_OK;
}

/* ---- as a request ---- */

void hp_manifest_schedule_json(const hp_manifest_schedule *s, hp_json *j) {
    bool interval = hp_str_eq(s->kind, HP_S("interval"));
    hp_json_object(j);
    hp_json_key(j, "active");
    hp_json_bool(j, s->active);
    hp_json_key(j, "schedule");
    hp_json_object(j);
    hp_json_key_str(j, s->kind);
    if (interval)
        hp_json_raw(j, s->value);
    else
        hp_json_str(j, s->value);
    if (interval && s->anchor_date.n) {
        hp_json_key(j, "anchor_date");
        hp_json_str(j, s->anchor_date);
    }
    hp_json_key(j, "timezone");
    hp_json_str(j, s->timezone);
    hp_json_object_end(j);
    hp_json_object_end(j);
}

static void put_text(hp_json *j, const char *key, hp_str s) {
    hp_json_key(j, key);
    if (s.n)
        hp_json_str(j, s);
    else
        hp_json_null(j);
}

static void put_container(hp_json *j, const char *key, const hp_node *n, const char *empty) {
    hp_json_key(j, key);
    if (n)
        hp_node_json(j, n);
    else
        hp_json_raw(j, hp_str_of(empty));
}

static void put_job(const hp_manifest *m, hp_json *j) {
    hp_str command = hp_manifest_command(m);
    hp_json_key(j, "job_variables");
    hp_json_object(j);
    if (command.n) put_text(j, "command", command);
    for (size_t i = 0; m->job_variables && i < m->job_variables->n; i++) {
        if (hp_str_eq(m->job_variables->key[i]->text, HP_S("command"))) continue;
        hp_json_key_str(j, m->job_variables->key[i]->text);
        hp_node_json(j, m->job_variables->item[i]);
    }
    hp_json_object_end(j);
}

static void put_limit(const hp_manifest *m, unsigned parts, hp_json *j) {
    if (parts & HP_PART_LIMIT) {
        hp_json_key(j, "concurrency_limit");
        if (m->concurrency_limit)
            hp_json_i64(j, m->concurrency_limit);
        else
            hp_json_null(j);
    }
    if (!(parts & HP_PART_ON_LIMIT) || !m->concurrency_limit) return;
    hp_json_key(j, "concurrency_options");
    hp_json_object(j);
    put_text(j, "collision_strategy", m->on_limit);
    hp_json_object_end(j);
}

void hp_manifest_members(const hp_manifest *m, hp_str pool, unsigned parts, hp_json *j) {
    hp_str where = hp_manifest_pool(m, pool);
    put_limit(m, parts, j);
    if (parts & HP_PART_POOL) put_text(j, "work_pool_name", where);
    if (parts & HP_PART_POOL && where.n)
        put_text(j, "work_queue_name", m->work_queue.n ? m->work_queue : HP_S("default"));
    if (parts & HP_PART_JOB) put_job(m, j);
    if (parts & HP_PART_ENTRYPOINT) {
        put_text(j, "entrypoint", m->entrypoint);
        put_text(j, "path", m->path_in_storage);
    }
    if (parts & HP_PART_PARAMETERS) put_container(j, "parameters", m->parameters, "{}");
    if (parts & HP_PART_SCHEMA) {
        hp_json_key(j, "enforce_parameter_schema");
        hp_json_bool(j, m->enforce_schema);
        if (m->parameter_schema) put_container(j, "parameter_openapi_schema", m->parameter_schema, "{}");
    }
    if (parts & HP_PART_PAUSED) {
        hp_json_key(j, "paused");
        hp_json_bool(j, m->paused);
    }
    if (parts & HP_PART_TAGS) put_container(j, "tags", m->tags, "[]");
    if (parts & HP_PART_DESCRIPTION) put_text(j, "description", m->description);
    if (parts & HP_PART_VERSION && m->version.n) put_text(j, "version", m->version);
}
