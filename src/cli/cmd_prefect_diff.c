/* hotpass prefect diff: the server against the manifests. */
#include "base/clock.h"
#include "cli/prefect.h"
#include "ops/prefect/deploy.h"

#include "base/banned.h"

enum { DIFF_WATCH_MS = 10000 };

/* One deployment and how it differs. */
typedef struct compared {
    hp_str name, id; /* of the deployment; of the manifest, empty when there is none */
    hp_drifts drifts;
} compared;

typedef struct comparison {
    compared *p;
    size_t n;
    size_t count[3]; /* differences by class */
} comparison;

static void drop(comparison *d) {
    for (size_t i = 0; i < d->n; i++) hp_vec_free(&d->p[i].drifts);
}

static hp_code compare_one(hp_cli *c, hp_prefect *p, const hp_manifest *m, compared *out, hp_err *err) {
    hp_prefect_deployment now;
    bool there;
    out->name = hp_arena_printf(c->arena, "%.*s/%.*s", HP_FMT(m->flow), HP_FMT(m->name));
    out->id = m->id;
    if (!out->name.p) return hp_fail_memory(err, "the differences");
    HP_TRY(hp_prefect_deployed(p, c->arena, m, &there, &now, err));
    HP_TRY(hp_prefect_compare(c->arena, m, there ? &now : NULL, hp_prefect_pool(c), &out->drifts, err));
    return hp_prefect_key_drift(p, c->arena, m, &out->drifts, err);
}

/* What is on the server from a manifest that is gone. */
static hp_code extra_one(hp_cli *c, const hp_deploy_item *it, compared *out, hp_err *err) {
    hp_drift d = {.part = HP_PART_EXTRA, .class = HP_DRIFT_BEHAVIOURAL, .field = HP_S("deployment")};
    hp_autobuf name = hp_buf_new(2000);
    hp_buf_json(&name, it->name);
    d.server = hp_arena_dup(c->arena, hp_buf_str(&name));
    d.to_server = HP_S("hotpass deploy --prune");
    d.to_manifest = hp_arena_printf(c->arena, "write a manifest for %.*s", HP_FMT(it->name));
    out->name = it->name;
    if (!d.server.p || !d.to_manifest.p || !hp_vec_push(&out->drifts, d))
        return hp_fail_memory(err, "the differences");
    return HP_OK;
}

static hp_code compare_all(hp_cli *c, hp_prefect *p, const hp_manifest *m, size_t n, comparison *out,
                           hp_err *err) {
    hp_deploy_items extra = {0};
    hp_str project;
    HP_TRY(hp_prefect_project(c, &project, err));
    hp_code code = HP_OK;
    if (c->args.opt[HP_O_MANIFEST].n == 0) code = hp_prefect_extra(p, c->arena, m, n, project, &extra, err);
    out->p = HP_NEW_ARRAY(c->arena, n + extra.n + 1, compared);
    if (!out->p && code == HP_OK) code = hp_fail_memory(err, "the differences");
    for (size_t i = 0; i < n && code == HP_OK; i++) code = compare_one(c, p, &m[i], &out->p[out->n++], err);
    for (size_t i = 0; i < extra.n && code == HP_OK; i++)
        code = extra_one(c, &extra.p[i], &out->p[out->n++], err);
    hp_vec_free(&extra);
    for (size_t i = 0; i < out->n && code == HP_OK; i++) {
        for (size_t k = 0; k < out->p[i].drifts.n; k++) out->count[out->p[i].drifts.p[k].class]++;
    }
    return code;
}

static size_t total(const comparison *d) { return d->count[0] + d->count[1] + d->count[2]; }

/* ---- telling ---- */

/* Values are JSON already; one that is not there is null. */
static void put_value(hp_json *j, const char *key, hp_str json) {
    hp_json_key(j, key);
    if (json.n)
        hp_json_raw(j, json);
    else
        hp_json_null(j);
}

static void put_drift(hp_json *j, const compared *one, const hp_drift *d) {
    hp_json_object(j);
    hp_json_key(j, "deployment");
    hp_json_str(j, one->name);
    hp_json_key(j, "id");
    hp_json_str(j, one->id);
    hp_json_key(j, "class");
    hp_json_cstr(j, hp_drift_word(d->class));
    hp_json_key(j, "field");
    hp_json_str(j, d->field);
    put_value(j, "manifest", d->manifest);
    put_value(j, "server", d->server);
    hp_json_key(j, "fix_server");
    hp_json_str(j, d->to_server);
    hp_json_key(j, "fix_manifest");
    hp_json_str(j, d->to_manifest);
    hp_json_object_end(j);
}

static void tell_json(hp_cli *c, hp_prefect *p, const comparison *d) {
    hp_json j = hp_cli_json(c, "hotpass.prefect-diff/1");
    hp_json_key(&j, "url");
    hp_json_str(&j, hp_prefect_url(p));
    hp_json_key(&j, "deployments");
    hp_json_i64(&j, (int64_t)d->n);
    for (int k = HP_DRIFT_DANGEROUS; k <= HP_DRIFT_COSMETIC; k++) {
        hp_json_key(&j, hp_drift_word((hp_drift_class)k));
        hp_json_i64(&j, (int64_t)d->count[k]);
    }
    hp_json_key(&j, "differences");
    hp_json_array(&j);
    for (size_t i = 0; i < d->n; i++) {
        for (size_t k = 0; k < d->p[i].drifts.n; k++) put_drift(&j, &d->p[i], &d->p[i].drifts.p[k]);
    }
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

static void put_safe_value(hp_buf *out, hp_str json) {
    if (json.n)
        hp_put_safe(out, json);
    else
        hp_buf_puts(out, "(none)");
}

static void tell_drift(hp_buf *out, const hp_drift *d) {
    hp_buf_puts(out, "    ");
    hp_put_safe(out, d->field);
    hp_buf_puts(out, ": manifest ");
    put_safe_value(out, d->manifest);
    hp_buf_puts(out, ", server ");
    put_safe_value(out, d->server);
    hp_buf_puts(out, "\n      server as the manifest: ");
    hp_put_safe(out, d->to_server);
    hp_buf_puts(out, "\n      manifest as the server: ");
    hp_put_safe(out, d->to_manifest);
    hp_buf_putc(out, '\n');
}

static void tell_class(hp_cli *c, const comparison *d, hp_drift_class class) {
    if (d->count[class] == 0) return;
    hp_put_bold(&c->out, c->term.out_color, hp_drift_word(class));
    hp_buf_putc(&c->out, '\n');
    for (size_t i = 0; i < d->n; i++) {
        bool named = false;
        for (size_t k = 0; k < d->p[i].drifts.n; k++) {
            if (d->p[i].drifts.p[k].class != class) continue;
            if (!named) hp_buf_puts(&c->out, "  ");
            if (!named) hp_put_safe(&c->out, d->p[i].name);
            if (!named) hp_buf_putc(&c->out, '\n');
            named = true;
            tell_drift(&c->out, &d->p[i].drifts.p[k]);
        }
    }
}

static void tell_text(hp_cli *c, hp_prefect *p, const comparison *d) {
    for (int k = HP_DRIFT_DANGEROUS; k <= HP_DRIFT_COSMETIC; k++) tell_class(c, d, (hp_drift_class)k);
    hp_put_safe(&c->out, hp_prefect_url(p));
    hp_buf_puts(&c->out, ": ");
    hp_put_counted(&c->out, d->n, "deployment", "deployments");
    hp_buf_puts(&c->out, ", ");
    if (total(d) == 0)
        hp_buf_puts(&c->out, "no difference");
    else
        hp_put_counted(&c->out, total(d), "difference", "differences");
    hp_buf_putc(&c->out, '\n');
}

/* ---- once, or until Ctrl-C ---- */

static hp_code once(hp_cli *c, hp_prefect *p, const hp_manifest *m, size_t n, hp_err *err) {
    comparison d = {0};
    hp_code code = compare_all(c, p, m, n, &d, err);
    if (code == HP_OK && c->json) tell_json(c, p, &d);
    if (code == HP_OK && !c->json && !c->quiet) tell_text(c, p, &d);
    if (code == HP_OK && total(&d) && c->args.opt[HP_O_EXIT_CODE].on) code = HP_FINDINGS;
    drop(&d);
    return code;
}

/* A server that is away for a moment is no end of watching. */
static hp_code watch(hp_cli *c, hp_prefect_session *s, hp_err *err) {
    hp_arena *whole = c->arena;
    hp_code code = HP_OK;
    while (code == HP_OK) {
        hp_manifest *m;
        size_t n;
        hp_err why = {0}, signal = {0};
        c->arena = hp_arena_new(whole);
        if (!c->arena) code = hp_fail_memory(err, "the differences");
        if (c->term.out_tty && !c->json) hp_buf_puts(&c->out, "\033[H\033[J");
        if (code == HP_OK) code = hp_prefect_manifests(c, HP_O_MANIFEST, &m, &n, &why);
        if (code == HP_OK) code = once(c, s->api, m, n, &why);
        if (code == HP_UNAVAILABLE || code == HP_CONFIG) {
            hp_talk(hp_arena_printf(c->arena, "%s\n", why.message));
            code = HP_OK;
        } else if (code != HP_OK && code != HP_FINDINGS) {
            *err = why;
        }
        if (code == HP_FINDINGS) code = HP_OK;
        if (code == HP_OK) code = hp_cli_flush(c, err);
        hp_arena_drop(c->arena);
        c->arena = whole;
        if (code == HP_OK) code = hp_prefect_pause(s->api, DIFF_WATCH_MS, &signal);
    }
    return code == HP_SIGINT ? HP_OK : code;
}

hp_code hp_cmd_prefect_diff(hp_cli *c, hp_err *err) {
    hp_prefect_session s = {.stop_fd = -1};
    hp_manifest *m;
    size_t n;
    HP_TRY(hp_prefect_manifests(c, HP_O_MANIFEST, &m, &n, err));
    hp_code code = hp_prefect_begin(c, &s, err);
    if (code == HP_OK) code = c->args.opt[HP_O_WATCH_DIFF].on ? watch(c, &s, err) : once(c, s.api, m, n, err);
    hp_prefect_end(&s);
    return code;
}
