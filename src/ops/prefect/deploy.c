#include "ops/prefect/deploy.h"

#include "base/banned.h"

enum { MAX_BODY = 1 << 20, PAGE = 200 };

const char *hp_deploy_word(hp_deploy_verb v, bool dry_run) {
    static const char *const DONE[] = {"unchanged", "created", "updated", "deleted"};
    static const char *const WOULD[] = {"unchanged", "would be created", "would be updated",
                                        "would be deleted"};
    return dry_run ? WOULD[v] : DONE[v];
}

typedef struct deployer {
    hp_prefect *p;
    hp_arena *a;
    const hp_deploy_options *o;
    hp_deploy_items *out;
} deployer;

/* Two manifests may share a flow, a pool and a queue: one line says so. */
static bool known(const deployer *d, const char *kind, hp_str name) {
    for (size_t i = 0; i < d->out->n; i++) {
        if (strcmp(d->out->p[i].kind, kind) == 0 && hp_str_eq(d->out->p[i].name, name)) return true;
    }
    return false;
}

static hp_code note(hp_deploy_items *out, hp_deploy_item item, hp_err *err) {
    if (!hp_vec_push(out, item)) return hp_fail_memory(err, "what was done");
    out->changes += item.verb != HP_DEPLOY_SAME;
    return HP_OK;
}

/* ---- requests ---- */

static hp_code get(deployer *d, const char *fmt, const hp_str *part, size_t n, const char *what, bool *there,
                   const hp_node **json, hp_err *err) {
    hp_prefect_answer got;
    hp_str path = hp_prefect_path(d->a, fmt, part, n);
    if (!path.p) return hp_fail_memory(err, "a request");
    HP_TRY(hp_prefect_call(d->p, d->a,
                           &(hp_prefect_ask){.method = "GET", .path = path, .what = what, .allow = {404}},
                           &got, err));
    *there = got.status == 200;
    if (json) *json = got.json;
    return HP_OK;
}

static hp_code send_allowing(deployer *d, const char *method, hp_str path, const hp_buf *body,
                             const char *what, long allow, const hp_node **json, hp_err *err) {
    hp_prefect_answer got;
    if (!path.p) return hp_fail_memory(err, "a request");
    if (body) HP_TRY(hp_buf_check(body, "a request", err));
    HP_TRY(hp_prefect_call(d->p, d->a,
                           &(hp_prefect_ask){.method = method,
                                             .path = path,
                                             .body = body ? hp_buf_str(body) : (hp_str){0},
                                             .what = what,
                                             .allow = {allow}},
                           &got, err));
    if (json) *json = got.status < 300 ? got.json : NULL;
    return HP_OK;
}

static hp_code send(deployer *d, const char *method, hp_str path, const hp_buf *body, const char *what,
                    const hp_node **json, hp_err *err) {
    return send_allowing(d, method, path, body, what, 0, json, err);
}

/* Makes what somebody else may make at the same moment: that it is there now is all that is wanted. */
static hp_code make(deployer *d, hp_str path, const hp_buf *body, const char *what, hp_err *err) {
    return send_allowing(d, "POST", path, body, what, 409, NULL, err);
}

/* ---- flow, pool, queue, limit ---- */

static void put_name(hp_json *j, const char *key, hp_str name) {
    hp_json_key(j, key);
    hp_json_str(j, name);
}

/* The id of the flow, which is made if it is not there; empty in a dry run without it. */
static hp_code flow(deployer *d, const hp_manifest *m, hp_str *id, hp_err *err) {
    hp_autobuf body = hp_buf_new(MAX_BODY);
    hp_json j = {.out = &body};
    const hp_node *json = NULL;
    bool there;
    HP_TRY(get(d, "/flows/name/%s", &m->flow, 1, "a flow", &there, &json, err));
    if (!there && !d->o->dry_run) {
        hp_json_object(&j);
        put_name(&j, "name", m->flow);
        hp_json_object_end(&j);
        HP_TRY(send(d, "POST", HP_S("/flows/"), &body, "a flow", &json, err));
    }
    *id = hp_prefect_text(json, "id");
    if (known(d, "flow", m->flow)) return HP_OK;
    hp_deploy_verb verb = there ? HP_DEPLOY_SAME : HP_DEPLOY_CREATE;
    return note(d->out, (hp_deploy_item){.verb = verb, .kind = "flow", .name = m->flow, .id = *id}, err);
}

/* The job template of process pools, as Prefect's own program takes it; a worker fills an empty one in later.
 */
static hp_code pool_template(deployer *d, const hp_node **out, hp_err *err) {
    const hp_node *all = NULL;
    bool there;
    *out = NULL;
    HP_TRY(get(d, "/collections/views/aggregate-worker-metadata", NULL, 0, "the kinds of work pools", &there,
               &all, err));
    const hp_node *prefect = there && all ? hp_node_get(all, "prefect") : NULL;
    const hp_node *process = prefect ? hp_node_get(prefect, "process") : NULL;
    *out = process ? hp_node_get(process, "default_base_job_configuration") : NULL;
    return HP_OK;
}

static hp_code make_pool(deployer *d, hp_str name, hp_err *err) {
    hp_autobuf body = hp_buf_new(MAX_BODY);
    hp_json j = {.out = &body};
    const hp_node *template;
    HP_TRY(pool_template(d, &template, err));
    hp_json_object(&j);
    put_name(&j, "name", name);
    put_name(&j, "type", HP_S("process"));
    hp_json_key(&j, "base_job_template");
    if (template)
        hp_node_json(&j, template);
    else
        hp_json_raw(&j, HP_S("{}"));
    hp_json_object_end(&j);
    return make(d, HP_S("/work_pools/"), &body, "a work pool", err);
}

static hp_code pool(deployer *d, const hp_manifest *m, hp_str name, hp_err *err) {
    const hp_node *json = NULL;
    bool there;
    if (name.n == 0)
        return hp_fail(err, HP_CONFIG,
                       "%s:%d:1: no work_pool: name one here, or prefect.work_pool in hotpass.yaml", m->path,
                       m->root->line);
    if (known(d, "work pool", name)) return HP_OK;
    HP_TRY(get(d, "/work_pools/%s", &name, 1, "a work pool", &there, &json, err));
    if (!there && !d->o->dry_run) HP_TRY(make_pool(d, name, err));
    hp_deploy_item item = {
        .verb = there ? HP_DEPLOY_SAME : HP_DEPLOY_CREATE, .kind = "work pool", .name = name};
    hp_str type = hp_prefect_text(json, "type");
    if (there && !hp_str_eq(type, HP_S("process")) && !m->entrypoint.n) {
        item.detail = hp_arena_printf(
            d->a, "is of the type %.*s: only workers of the type process start a command", HP_FMT(type));
        if (!item.detail.p) return hp_fail_memory(err, "a remark");
    }
    return note(d->out, item, err);
}

static hp_code queue(deployer *d, const hp_manifest *m, hp_str pool_name, hp_err *err) {
    hp_autobuf body = hp_buf_new(MAX_BODY);
    hp_json j = {.out = &body};
    hp_str part[] = {pool_name, m->work_queue};
    hp_str name = hp_arena_printf(d->a, "%.*s/%.*s", HP_FMT(pool_name), HP_FMT(m->work_queue));
    bool there;
    if (!name.p) return hp_fail_memory(err, "a work queue");
    if (m->work_queue.n == 0 || known(d, "work queue", name)) return HP_OK;
    HP_TRY(get(d, "/work_pools/%s/queues/%s", part, 2, "a work queue", &there, NULL, err));
    if (!there && !d->o->dry_run) {
        hp_json_object(&j);
        put_name(&j, "name", m->work_queue);
        hp_json_object_end(&j);
        HP_TRY(make(d, hp_prefect_path(d->a, "/work_pools/%s/queues", part, 1), &body, "a work queue", err));
    }
    return note(d->out,
                (hp_deploy_item){
                    .verb = there ? HP_DEPLOY_SAME : HP_DEPLOY_CREATE, .kind = "work queue", .name = name},
                err);
}

/* Asks how many slots the limit of a key has; 0 when there is no such limit. */
static hp_code key_slots(deployer *d, const hp_manifest *m, bool *there, int64_t *slots, hp_err *err) {
    const hp_node *json = NULL;
    HP_TRY(get(d, "/v2/concurrency_limits/%s", &m->concurrency_key, 1, "a concurrency limit", there, &json,
               err));
    *slots = *there ? hp_prefect_whole(json, "limit", 0) : 0;
    return HP_OK;
}

hp_code hp_prefect_key_drift(hp_prefect *p, hp_arena *a, const hp_manifest *m, hp_drifts *out, hp_err *err) {
    deployer d = {.p = p, .a = a};
    bool there;
    int64_t slots;
    if (m->concurrency_key.n == 0) return HP_OK;
    HP_TRY(key_slots(&d, m, &there, &slots, err));
    return hp_prefect_compare_key(a, m, slots, out, err);
}

/* The limit that a key names; where several manifests name it, the first one holds. */
static hp_code key_limit(deployer *d, const hp_manifest *m, hp_err *err) {
    hp_autobuf body = hp_buf_new(MAX_BODY);
    hp_json j = {.out = &body};
    bool there;
    int64_t now;
    if (m->concurrency_key.n == 0 || known(d, "concurrency limit", m->concurrency_key)) return HP_OK;
    HP_TRY(key_slots(d, m, &there, &now, err));
    hp_deploy_item item = {.verb = !there                        ? HP_DEPLOY_CREATE
                                   : now != m->concurrency_limit ? HP_DEPLOY_UPDATE
                                                                 : HP_DEPLOY_SAME,
                           .kind = "concurrency limit",
                           .name = m->concurrency_key};
    if (item.verb == HP_DEPLOY_UPDATE) {
        item.detail =
            hp_arena_printf(d->a, "limit %lld -> %lld", (long long)now, (long long)m->concurrency_limit);
        if (!item.detail.p) return hp_fail_memory(err, "a remark");
    }
    if (item.verb != HP_DEPLOY_SAME && !d->o->dry_run) {
        hp_json_object(&j);
        if (!there) put_name(&j, "name", m->concurrency_key);
        hp_json_key(&j, "limit");
        hp_json_i64(&j, m->concurrency_limit);
        hp_json_object_end(&j);
        hp_str path = there ? hp_prefect_path(d->a, "/v2/concurrency_limits/%s", &m->concurrency_key, 1)
                            : HP_S("/v2/concurrency_limits/");
        HP_TRY(send(d, there ? "PATCH" : "POST", path, &body, "a concurrency limit", NULL, err));
    }
    return note(d->out, item, err);
}

/* ---- the deployment ---- */

hp_code hp_prefect_deployed(hp_prefect *p, hp_arena *a, const hp_manifest *m, bool *there,
                            hp_prefect_deployment *out, hp_err *err) {
    deployer d = {.p = p, .a = a};
    hp_str part[] = {m->flow, m->name};
    const hp_node *json;
    HP_TRY(get(&d, "/deployments/name/%s/%s", part, 2, "a deployment", there, &json, err));
    if (*there) hp_prefect_deployment_read(json, m->flow, out);
    return HP_OK;
}

static hp_code create(deployer *d, const hp_manifest *m, hp_str flow_id, hp_str pool_name, hp_str *id,
                      hp_err *err) {
    hp_autobuf body = hp_buf_new(MAX_BODY);
    hp_json j = {.out = &body};
    const hp_node *json;
    hp_json_object(&j);
    put_name(&j, "name", m->name);
    put_name(&j, "flow_id", flow_id);
    hp_manifest_members(m, pool_name, HP_PART_ALL, &j);
    hp_json_key(&j, "labels");
    hp_json_object(&j);
    put_name(&j, HP_DEPLOY_LABEL, m->id);
    put_name(&j, HP_DEPLOY_PROJECT, d->o->project);
    hp_json_object_end(&j);
    hp_json_key(&j, "schedules");
    hp_json_array(&j);
    if (m->schedule.at) hp_manifest_schedule_json(&m->schedule, &j);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    HP_TRY(send(d, "POST", HP_S("/deployments/"), &body, m->path, &json, err));
    *id = hp_prefect_text(json, "id");
    return HP_OK;
}

/* One schedule is changed in place, so that it keeps its id; what is beyond it goes. */
static hp_code set_schedules(deployer *d, const hp_manifest *m, const hp_prefect_deployment *now,
                             hp_err *err) {
    const hp_node *list = hp_node_get(now->json, "schedules");
    size_t n = list ? list->n : 0, kept = m->schedule.at && n ? 1 : 0;
    for (size_t i = kept; i < n; i++) {
        hp_str part[] = {now->id, hp_prefect_text(list->item[i], "id")};
        HP_TRY(send(d, "DELETE", hp_prefect_path(d->a, "/deployments/%s/schedules/%s", part, 2), NULL,
                    m->path, NULL, err));
    }
    if (!m->schedule.at) return HP_OK;
    hp_autobuf body = hp_buf_new(MAX_BODY);
    hp_json j = {.out = &body};
    if (!kept) hp_json_array(&j);
    hp_manifest_schedule_json(&m->schedule, &j);
    if (!kept) hp_json_array_end(&j);
    hp_str part[] = {now->id, kept ? hp_prefect_text(list->item[0], "id") : HP_S("")};
    hp_str path =
        hp_prefect_path(d->a, kept ? "/deployments/%s/schedules/%s" : "/deployments/%s/schedules", part, 2);
    return send(d, kept ? "PATCH" : "POST", path, &body, m->path, NULL, err);
}

static hp_code update(deployer *d, const hp_manifest *m, const hp_prefect_deployment *now, hp_str pool_name,
                      unsigned parts, hp_err *err) {
    hp_autobuf body = hp_buf_new(MAX_BODY);
    hp_json j = {.out = &body};
    if (parts & HP_PART_SCHEDULE) HP_TRY(set_schedules(d, m, now, err));
    if (!(parts & HP_PART_ALL & ~(unsigned)HP_PART_SCHEDULE)) return HP_OK;
    hp_json_object(&j);
    hp_manifest_members(m, pool_name, parts, &j);
    hp_json_object_end(&j);
    return send(d, "PATCH", hp_prefect_path(d->a, "/deployments/%s", &now->id, 1), &body, m->path, NULL, err);
}

static hp_code describe(hp_arena *a, const hp_drifts *drifts, hp_str *out, hp_err *err) {
    hp_autobuf text = hp_buf_new(MAX_BODY);
    for (size_t i = 0; i < drifts->n; i++) {
        const hp_drift *f = &drifts->p[i];
        hp_str none = HP_S("none"), from = f->server.n ? f->server : none,
               to = f->manifest.n ? f->manifest : none;
        hp_buf_printf(&text, "%s%.*s %.*s -> %.*s", i ? "; " : "", HP_FMT(f->field), HP_FMT(from),
                      HP_FMT(to));
    }
    *out = hp_arena_dup(a, hp_buf_str(&text));
    return text.bad || !out->p ? hp_fail_memory(err, "the differences") : HP_OK;
}

static hp_code bring_up(deployer *d, const hp_manifest *m, const hp_prefect_deployment *now, bool there,
                        hp_str flow_id, hp_str pool_name, hp_deploy_item *item, hp_err *err) {
    hp_drifts drifts = {0};
    if (!there) {
        item->verb = HP_DEPLOY_CREATE;
        return d->o->dry_run ? HP_OK : create(d, m, flow_id, pool_name, &item->id, err);
    }
    hp_code code = hp_prefect_compare(d->a, m, now, d->o->pool, &drifts, err);
    if (code == HP_OK && drifts.n) {
        item->verb = HP_DEPLOY_UPDATE;
        code = describe(d->a, &drifts, &item->detail, err);
        if (code == HP_OK && !d->o->dry_run) code = update(d, m, now, pool_name, drifts.parts, err);
    }
    hp_vec_free(&drifts);
    return code;
}

static hp_code one(deployer *d, const hp_manifest *m, hp_err *err) {
    hp_str flow_id, pool_name = hp_manifest_pool(m, d->o->pool);
    hp_prefect_deployment now = {0};
    hp_deploy_item item = {.kind = "deployment"};
    bool there;
    HP_TRY(flow(d, m, &flow_id, err));
    HP_TRY(pool(d, m, pool_name, err));
    HP_TRY(queue(d, m, pool_name, err));
    HP_TRY(key_limit(d, m, err));
    HP_TRY(hp_prefect_deployed(d->p, d->a, m, &there, &now, err));
    item.id = now.id;
    item.name = hp_arena_printf(d->a, "%.*s/%.*s", HP_FMT(m->flow), HP_FMT(m->name));
    if (!item.name.p) return hp_fail_memory(err, "a deployment");
    HP_TRY(bring_up(d, m, &now, there, flow_id, pool_name, &item, err));
    return note(d->out, item, err);
}

/* ---- what is too many ---- */

static bool has_manifest(const hp_manifest *m, size_t n, hp_str flow_name, hp_str name) {
    for (size_t i = 0; i < n; i++) {
        if (hp_str_eq(m[i].name, name) && hp_str_eq(m[i].flow, flow_name)) return true;
    }
    return false;
}

/* Looks through one page of all deployments; *more says that there may be another. */
static hp_code look_through(deployer *d, const hp_manifest *m, size_t n, size_t offset, bool *more,
                            hp_err *err) {
    hp_autobuf body = hp_buf_new(1000);
    const hp_node *page, *flow_json;
    bool there;
    hp_buf_printf(&body, "{\"limit\":%d,\"offset\":%zu,\"sort\":\"NAME_ASC\"}", PAGE, offset);
    HP_TRY(send(d, "POST", HP_S("/deployments/filter"), &body, "the list of deployments", &page, err));
    *more = page && page->n == PAGE;
    for (size_t i = 0; page && i < page->n; i++) {
        const hp_node *labels = hp_node_get(page->item[i], "labels");
        hp_str label = hp_prefect_text(labels, HP_DEPLOY_LABEL),
               name = hp_prefect_text(page->item[i], "name");
        hp_str flow_id = hp_prefect_text(page->item[i], "flow_id");
        if (label.n == 0 || !hp_str_eq(hp_prefect_text(labels, HP_DEPLOY_PROJECT), d->o->project)) continue;
        HP_TRY(get(d, "/flows/%s", &flow_id, 1, "a flow", &there, &flow_json, err));
        hp_str flow_name = hp_prefect_text(flow_json, "name");
        if (has_manifest(m, n, flow_name, name)) continue;
        hp_deploy_item item = {
            .verb = HP_DEPLOY_DELETE, .kind = "deployment", .id = hp_prefect_text(page->item[i], "id")};
        item.name = hp_arena_printf(d->a, "%.*s/%.*s", HP_FMT(flow_name), HP_FMT(name));
        item.detail = hp_arena_printf(d->a, "came from manifest %.*s, which is gone", HP_FMT(label));
        if (!item.name.p || !item.detail.p) return hp_fail_memory(err, "a deployment");
        HP_TRY(note(d->out, item, err));
    }
    return HP_OK;
}

hp_code hp_prefect_extra(hp_prefect *p, hp_arena *a, const hp_manifest *m, size_t n, hp_str project,
                         hp_deploy_items *out, hp_err *err) {
    hp_deploy_options o = {.project = project};
    deployer d = {p, a, &o, out};
    bool more = true;
    for (size_t offset = 0; more; offset += PAGE) HP_TRY(look_through(&d, m, n, offset, &more, err));
    return HP_OK;
}

static hp_code prune(deployer *d, const hp_manifest *m, size_t n, hp_err *err) {
    size_t from = d->out->n;
    HP_TRY(hp_prefect_extra(d->p, d->a, m, n, d->o->project, d->out, err));
    for (size_t i = from; i < d->out->n && !d->o->dry_run; i++)
        HP_TRY(send(d, "DELETE", hp_prefect_path(d->a, "/deployments/%s", &d->out->p[i].id, 1), NULL,
                    "a deployment", NULL, err));
    return HP_OK;
}

hp_code hp_prefect_deploy(hp_prefect *p, hp_arena *a, const hp_manifest *m, size_t n,
                          const hp_deploy_options *o, hp_deploy_items *out, hp_err *err) {
    deployer d = {p, a, o, out};
    for (size_t i = 0; i < n; i++) HP_TRY(one(&d, &m[i], err));
    return o->prune ? prune(&d, m, n, err) : HP_OK;
}
