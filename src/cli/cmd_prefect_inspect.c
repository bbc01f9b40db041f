/* hotpass prefect inspect: a deployment as the server has it. */
#include "cli/prefect.h"

#include "base/banned.h"

static hp_code tell_json(hp_cli *c, hp_prefect *p, const hp_prefect_deployment *d, hp_err *err) {
    hp_json j = hp_cli_json(c, "hotpass.prefect-inspect/1");
    hp_json_key(&j, "url");
    hp_json_str(&j, hp_prefect_url(p));
    hp_json_key(&j, "flow");
    hp_json_str(&j, d->flow);
    hp_json_key(&j, "concurrency_limit");
    if (d->limit >= 0)
        hp_json_i64(&j, d->limit);
    else
        hp_json_null(&j);
    hp_json_key(&j, "active_slots");
    hp_json_i64(&j, d->active);
    hp_json_key(&j, "deployment");
    HP_TRY(hp_prefect_deployment_json(p, c->arena, d, &j, err));
    hp_cli_json_end(c, &j);
    return HP_OK;
}

static void line(hp_cli *c, const char *label, hp_str text) {
    if (text.n == 0) return;
    hp_buf_printf(&c->out, "  %-12s ", label);
    hp_put_safe(&c->out, text);
    hp_buf_putc(&c->out, '\n');
}

static void put_schedules(hp_cli *c, const hp_node *list) {
    for (size_t i = 0; list && i < list->n; i++) {
        hp_autobuf words = hp_buf_new(1000);
        hp_prefect_schedule_words(hp_node_get(list->item[i], "schedule"), &words);
        if (!hp_prefect_flag(list->item[i], "active")) hp_buf_puts(&words, " (not active)");
        line(c, "schedule", hp_buf_str(&words));
    }
}

static void put_parameters(hp_cli *c, const hp_node *map) {
    for (size_t i = 0; map && i < map->n; i++) {
        hp_autobuf words = hp_buf_new(64u << 10);
        hp_json j = {.out = &words};
        hp_buf_printf(&words, "%.*s = ", HP_FMT(map->key[i]->text));
        hp_node_json(&j, map->item[i]);
        line(c, i ? "" : "parameters", hp_buf_str(&words));
    }
}

static void tell_text(hp_cli *c, hp_prefect *p, const hp_prefect_deployment *d) {
    hp_autobuf tags = hp_buf_new(4000), limit = hp_buf_new(100);
    const hp_node *list = hp_node_get(d->json, "tags");
    for (size_t i = 0; list && i < list->n; i++)
        hp_buf_printf(&tags, "%s%.*s", i ? ", " : "", HP_FMT(list->item[i]->text));
    if (d->limit >= 0) hp_buf_printf(&limit, "%d at a time, %d running", (int)d->limit, (int)d->active);
    hp_buf_printf(&c->out, "%.*s/%.*s\n", HP_FMT(d->flow), HP_FMT(d->name));
    line(c, "server", hp_prefect_url(p));
    line(c, "id", d->id);
    line(c, "status", hp_prefect_text(d->json, "status"));
    line(c, "paused", d->paused ? HP_S("yes") : HP_S("no"));
    line(c, "work pool", d->work_pool);
    line(c, "queue", d->work_queue);
    line(c, "limit", d->limit >= 0 ? hp_buf_str(&limit) : HP_S("none"));
    put_schedules(c, hp_node_get(d->json, "schedules"));
    put_parameters(c, hp_node_get(d->json, "parameters"));
    line(c, "command", hp_prefect_text(hp_node_get(d->json, "job_variables"), "command"));
    line(c, "entrypoint", hp_prefect_text(d->json, "entrypoint"));
    line(c, "tags", hp_buf_str(&tags));
    line(c, "version", hp_prefect_text(d->json, "version"));
    line(c, "updated", hp_prefect_text(d->json, "updated"));
}

hp_code hp_cmd_prefect_inspect(hp_cli *c, hp_err *err) {
    hp_prefect_session s;
    hp_prefect_deployment d;
    hp_code code = hp_prefect_begin(c, &s, err);
    if (code == HP_OK) code = hp_prefect_named(c, &s, &d, err);
    if (code == HP_OK && c->json) code = tell_json(c, s.api, &d, err);
    if (code == HP_OK && !c->json) tell_text(c, s.api, &d);
    hp_prefect_end(&s);
    return code;
}
