#include "ops/prefect/deployment.h"

#include "base/banned.h"

bool hp_prefect_is_id(hp_str s) {
    if (s.n != 36) return false;
    for (size_t i = 0; i < s.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = hp_lower(s.p[i]);
        if (dash ? c != '-' : !hp_is_digit(c) && (c < 'a' || c > 'f')) return false;
    }
    return true;
}

void hp_prefect_deployment_read(const hp_node *json, hp_str flow, hp_prefect_deployment *out) {
    const hp_node *limit = hp_node_get(json, "global_concurrency_limit");
    *out = (hp_prefect_deployment){.id = hp_prefect_text(json, "id"),
                                   .name = hp_prefect_text(json, "name"),
                                   .flow = flow,
                                   .flow_id = hp_prefect_text(json, "flow_id"),
                                   .work_pool = hp_prefect_text(json, "work_pool_name"),
                                   .work_queue = hp_prefect_text(json, "work_queue_name"),
                                   .limit = hp_prefect_whole(limit, "limit", -1),
                                   .active = hp_prefect_whole(limit, "active_slots", 0),
                                   .paused = hp_prefect_flag(json, "paused"),
                                   .json = json};
}

/* ---- finding ---- */

static hp_code get(hp_prefect *p, hp_arena *a, const char *fmt, const hp_str *part, size_t n, hp_str what,
                   const hp_node **out, hp_err *err) {
    hp_prefect_answer got;
    hp_str path = hp_prefect_path(a, fmt, part, n);
    hp_str label = hp_arena_printf(a, "deployment %.*s", HP_FMT(what));
    if (!path.p || !label.p) return hp_fail_memory(err, "a request");
    HP_TRY(
        hp_prefect_call(p, a, &(hp_prefect_ask){.method = "GET", .path = path, .what = label.p}, &got, err));
    *out = got.json;
    return HP_OK;
}

static hp_code with_flow(hp_prefect *p, hp_arena *a, const hp_node *json, hp_prefect_deployment *out,
                         hp_err *err) {
    hp_str id = hp_prefect_text(json, "flow_id");
    const hp_node *flow;
    HP_TRY(get(p, a, "/flows/%s", &id, 1, hp_prefect_text(json, "name"), &flow, err));
    hp_prefect_deployment_read(json, hp_prefect_text(flow, "name"), out);
    return HP_OK;
}

static hp_code filter(hp_prefect *p, hp_arena *a, hp_str name, const hp_node **out, hp_err *err) {
    hp_autobuf body = hp_buf_new(8u << 10);
    hp_prefect_answer got;
    hp_buf_puts(&body, "{\"limit\":50");
    if (name.n) {
        hp_buf_puts(&body, ",\"deployments\":{\"name\":{\"any_\":[");
        hp_buf_json(&body, name);
        hp_buf_puts(&body, "]}}");
    }
    hp_buf_puts(&body, "}");
    HP_TRY(hp_buf_check(&body, "a request", err));
    HP_TRY(hp_prefect_call(p, a,
                           &(hp_prefect_ask){.method = "POST",
                                             .path = HP_S("/deployments/filter"),
                                             .body = hp_buf_str(&body),
                                             .what = "the list of deployments"},
                           &got, err));
    *out = got.json;
    return HP_OK;
}

static hp_code none(hp_prefect *p, hp_arena *a, hp_str name, hp_err *err) {
    hp_autobuf names = hp_buf_new(500);
    const hp_node *all;
    HP_TRY(filter(p, a, HP_S(""), &all, err));
    for (size_t i = 0; all && i < all->n; i++) {
        hp_str one = hp_prefect_text(all->item[i], "name");
        hp_buf_printf(&names, "%s%.*s", i ? ", " : "", HP_FMT(one));
    }
    if (!names.n)
        return hp_fail(err, HP_NOINPUT,
                       "deployment %.*s is not on %.*s, which has none; hotpass deploy registers them",
                       HP_FMT(name), HP_FMT(hp_prefect_url(p)));
    return hp_fail(err, HP_NOINPUT, "deployment %.*s is not on %.*s; there are: %s", HP_FMT(name),
                   HP_FMT(hp_prefect_url(p)), hp_buf_cstr(&names));
}

static hp_code by_name_alone(hp_prefect *p, hp_arena *a, hp_str name, hp_prefect_deployment *out,
                             hp_err *err) {
    const hp_node *all;
    HP_TRY(filter(p, a, name, &all, err));
    if (!all || all->n == 0) return none(p, a, name, err);
    if (all->n == 1) return with_flow(p, a, all->item[0], out, err);
    return hp_fail(err, HP_USAGE, "%zu flows have a deployment %.*s: give FLOW/%.*s", all->n, HP_FMT(name),
                   HP_FMT(name));
}

hp_code hp_prefect_deployment_find(hp_prefect *p, hp_arena *a, hp_str name, hp_prefect_deployment *out,
                                   hp_err *err) {
    const hp_node *json;
    size_t slash = hp_str_chr(name, '/', 0);
    if (hp_prefect_is_id(name)) {
        HP_TRY(get(p, a, "/deployments/%s", &name, 1, name, &json, err));
        return with_flow(p, a, json, out, err);
    }
    if (slash == SIZE_MAX) return by_name_alone(p, a, name, out, err);
    hp_str part[] = {hp_str_cut(name, 0, slash), hp_str_cut(name, slash + 1, name.n)};
    HP_TRY(get(p, a, "/deployments/name/%s/%s", part, 2, name, &json, err));
    hp_prefect_deployment_read(json, part[0], out);
    return HP_OK;
}

/* ---- showing ---- */

/* The program's own client adds members that the interface has only where they are set. */
static const char *const ADDED[] = {"version_id", "version_info", "branch", "base", "root"};

hp_code hp_prefect_deployment_json(hp_prefect *p, hp_arena *a, const hp_prefect_deployment *d, hp_json *j,
                                   hp_err *err) {
    const hp_node *automations;
    hp_str resource = hp_arena_printf(a, "prefect.deployment.%.*s", HP_FMT(d->id));
    if (!resource.p) return hp_fail_memory(err, "a request");
    HP_TRY(get(p, a, "/automations/related-to/%s", &resource, 1, d->name, &automations, err));
    hp_json_object(j);
    for (size_t i = 0; i < d->json->n; i++) {
        hp_json_key_str(j, d->json->key[i]->text);
        hp_node_json(j, d->json->item[i]);
    }
    for (size_t i = 0; i < sizeof ADDED / sizeof *ADDED; i++) {
        if (hp_node_get(d->json, ADDED[i])) continue;
        hp_json_key(j, ADDED[i]);
        hp_json_null(j);
    }
    hp_json_key(j, "automations");
    hp_node_json(j, automations);
    hp_json_object_end(j);
    return HP_OK;
}

void hp_prefect_schedule_words(const hp_node *schedule, hp_buf *out) {
    hp_str cron = hp_prefect_text(schedule, "cron"), rrule = hp_prefect_text(schedule, "rrule");
    hp_str interval = hp_prefect_text(schedule, "interval"), from = hp_prefect_text(schedule, "anchor_date");
    hp_str zone = hp_prefect_text(schedule, "timezone");
    if (cron.n) {
        hp_buf_printf(out, "cron %.*s", HP_FMT(cron));
    } else if (rrule.n) {
        hp_buf_printf(out, "rrule %.*s", HP_FMT(rrule));
    } else {
        hp_buf_printf(out, "every %.*s s", HP_FMT(interval));
        if (from.n) hp_buf_printf(out, " from %.*s", HP_FMT(from));
    }
    if (zone.n) hp_buf_printf(out, " %.*s", HP_FMT(zone));
}
