#include "cli/lineage.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/vault.h"
#include "net/tunnel_state.h"

#include "base/banned.h"

/* How long sending may take when all is done: a person is waiting for the prompt. */
enum { SEND_MS = 1500 };

/* ---- where ---- */

static bool says_yes(const char *variable) {
    const char *v = getenv(variable);
    return v && (strcmp(v, "1") == 0 || hp_str_ieq(hp_str_of(v), HP_S("true")));
}

static hp_code state_dir(hp_cli *c, hp_str *out, hp_err *err) {
    hp_config_from from;
    const hp_config_value *v = hp_config_get(&c->config, HP_C_STATE_DIR, &from);
    if (c->args.opt[HP_O_STATE_DIR].given)
        *out = hp_str_of(hp_args_text(&c->args, HP_O_STATE_DIR));
    else if (from == HP_CONFIG_USER || from == HP_CONFIG_PROJECT)
        *out = v->item[0];
    else
        return hp_state_dir(c->arena, out, err);
    return HP_OK;
}

hp_code hp_cli_lineage_where(hp_cli *c, hp_cli_lineage *out, hp_err *err) {
    *out = (hp_cli_lineage){0};
    HP_TRY(state_dir(c, &out->dir, err));
    out->on = hp_config_on(&c->config, HP_C_LINEAGE) && !says_yes("OPENLINEAGE_DISABLED")
              && !says_yes("HOTPASS_DISABLE_LINEAGE");
    const char *url = hp_config_text(&c->config, HP_C_LINEAGE_URL);
    out->url = url && *url ? url : NULL;
    return HP_OK;
}

hp_code hp_cli_lineage_key(hp_cli *c, hp_secret **out, hp_err *err) {
    static const char *const VARIABLE[] = {"OPENLINEAGE_API_KEY", "MARQUEZ_API_KEY"};
    hp_vault vault;
    *out = NULL;
    for (size_t i = 0; i < 2; i++) {
        const char *v = getenv(VARIABLE[i]);
        if (!v || !*v) continue;
        *out = hp_secret_new(hp_str_of(v));
        return *out ? HP_OK : hp_fail_memory(err, "the key");
    }
    hp_str home = hp_config_home(c->arena);
    if (!home.n) return HP_OK;
    HP_TRY(hp_vault_read(c->arena, home.p, &vault, err));
    for (size_t i = 0; i < vault.n; i++)
        if (hp_str_eq(vault.item[i].name, HP_S("marquez.api_key")))
            return hp_vault_get(c->arena, home.p, vault.item[i].name, out, err);
    return HP_OK;
}

static void warn(const hp_cli *c, const char *what) {
    hp_autobuf text = hp_buf_new(8192);
    if (c->quiet) return;
    if (c->log_json) {
        hp_buf_puts(&text, "{\"message\":");
        hp_buf_json(&text, hp_str_of(what));
        hp_buf_putc(&text, '}');
        hp_talk_event("lineage.warning", hp_buf_str(&text));
        return;
    }
    hp_buf_printf(&text, "hotpass: lineage: %s\n", what);
    hp_talk(hp_buf_str(&text));
}

/* ---- who started it ---- */

static bool is_uuid(hp_str s) {
    if (s.n != 36) return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char ch = hp_lower(s.p[i]);
        if (dash ? ch != '-' : !hp_is_digit(ch) && (ch < 'a' || ch > 'f')) return false;
    }
    return true;
}

/* "namespace/job/run", as other integrations of OpenLineage hand it on. */
static bool read_parent(const char *text, hp_lineage_parent *out) {
    hp_str s = hp_str_of(text ? text : "");
    size_t run = s.n, job;
    while (run > 0 && s.p[run - 1] != '/') run--;
    if (run < 2) return false;
    for (job = run - 1; job > 0 && s.p[job - 1] != '/';) job--;
    if (job < 2) return false;
    *out = (hp_lineage_parent){
        .ns = hp_str_cut(s, 0, job - 1), .job = hp_str_cut(s, job, run - 1), .run = hp_str_cut(s, run, s.n)};
    return is_uuid(out->run) && out->job.n && out->ns.n;
}

static void find_parent(hp_lineage_run *r) {
    const char *flow_run = getenv("PREFECT__FLOW_RUN_ID"), *flow = getenv("PREFECT__FLOW_NAME");
    if (read_parent(getenv("OPENLINEAGE_PARENT_ID"), &r->parent)) {
        (void)read_parent(getenv("OPENLINEAGE_ROOT_PARENT_ID"), &r->root);
        return;
    }
    r->parent = (hp_lineage_parent){0};
    if (!flow_run || !is_uuid(hp_str_of(flow_run))) return;
    r->parent = (hp_lineage_parent){
        .ns = r->ns, .job = hp_str_of(flow && *flow ? flow : "prefect"), .run = hp_str_of(flow_run)};
}

/* ---- a signal in the middle ---- */

/* What the handler needs, made beforehand. */
static struct {
    volatile sig_atomic_t armed;
    char run[40], code[16], dir[4096], config[4096];
    char *argv[12];
} settle;

extern char **environ;

static void arm(const hp_cli *c, const hp_cli_lineage *l) {
    const char *config = hp_args_text(&c->args, HP_O_CONFIG);
    if (l->dir.n >= sizeof settle.dir || (config && strlen(config) >= sizeof settle.config)) return;
    static char hotpass[] = "hotpass", lineage[] = "lineage", word[] = "settle", option[] = "--config";
    size_t n = 0;
    (void)snprintf(settle.run, sizeof settle.run, "%s", l->id);
    (void)snprintf(settle.dir, sizeof settle.dir, "%.*s", HP_FMT(l->dir));
    char *const words[] = {hotpass, lineage, word, settle.run, settle.code, settle.dir};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) settle.argv[n++] = words[i];
    if (config) {
        (void)snprintf(settle.config, sizeof settle.config, "%s", config);
        settle.argv[n++] = option;
        settle.argv[n++] = settle.config;
    }
    settle.argv[n] = NULL;
    settle.armed = 1;
}

void hp_cli_lineage_signalled(int signal) {
    if (!settle.armed) return;
    settle.armed = 0;
    int code = 128 + signal, at = 0;
    for (int d = 100; d > 0; d /= 10) settle.code[at++] = (char)('0' + code / d % 10);
    settle.code[at] = '\0';
    (void)execve("/proc/self/exe", settle.argv, environ);
}

/* ---- begin and end ---- */

/* A profile may be given by its path; it is called after its file. */
static hp_str profile_name(const char *given) {
    hp_str name = hp_path_base(hp_str_of(given ? given : ""));
    if (hp_str_ends(name, HP_S(".yaml"))) name.n -= 5;
    if (hp_str_ends(name, HP_S(".yml"))) name.n -= 4;
    return name;
}

/* Puts a run into the environment of those that it starts. */
static hp_code hand_on(const hp_cli *c, const hp_lineage_run *r, hp_err *err) {
    hp_autobuf job = hp_buf_new(4096);
    const hp_lineage_parent *root = r->root.run.n ? &r->root : &r->parent;
    hp_lineage_put_job(r, &job);
    HP_TRY(hp_buf_check(&job, "the name of a job", err));
    hp_str me =
        hp_arena_printf(c->arena, "%.*s/%.*s/%.*s", HP_FMT(r->ns), HP_FMT(hp_buf_str(&job)), HP_FMT(r->id));
    hp_str top = root->run.n ? hp_arena_printf(c->arena, "%.*s/%.*s/%.*s", HP_FMT(root->ns),
                                               HP_FMT(root->job), HP_FMT(root->run))
                             : me;
    if (!me.p || !top.p || setenv("OPENLINEAGE_PARENT_ID", me.p, 1) != 0
        || setenv("OPENLINEAGE_ROOT_PARENT_ID", top.p, 1) != 0)
        return hp_fail_memory(err, "the environment");
    return HP_OK;
}

static hp_code begin(hp_cli *c, const hp_cli_run *what, hp_cli_lineage *l, hp_err *err) {
    HP_TRY(hp_cli_lineage_where(c, l, err));
    if (!l->on) return HP_OK;
    l->on = false;
    hp_lineage_uuid(hp_lineage_now(), l->id);
    hp_lineage_run r = {.id = hp_str_of(l->id),
                        .ns = hp_str_of(hp_config_text(&c->config, HP_C_LINEAGE_NAMESPACE)),
                        .producer = hp_str_of(hp_config_text(&c->config, HP_C_LINEAGE_PRODUCER)),
                        .command = hp_str_of(what->command),
                        .profile = profile_name(what->profile),
                        .input = hp_str_of(what->input ? what->input : ""),
                        .nominal = hp_clock_now()};
    hp_lineage_store *s;
    find_parent(&r);
    HP_TRY(hp_lineage_open(l->dir.p, true, &s, err));
    hp_code code = hp_lineage_begin(s, &r, l->url != NULL, err);
    hp_lineage_close(s);
    l->on = code == HP_OK;
    if (l->on) arm(c, l);
    return l->on && what->parent ? hand_on(c, &r, err) : code;
}

void hp_cli_lineage_begin(hp_cli *c, const hp_cli_run *r, hp_cli_lineage *out) {
    hp_err why = {0};
    *out = (hp_cli_lineage){0};
    if (r->dry) return;
    if (begin(c, r, out, &why) != HP_OK) warn(c, why.message);
}

static hp_code end(const hp_cli *c, const hp_cli_lineage *l, hp_lineage_ending *how, const hp_buf *doc,
                   hp_err *err) {
    hp_lineage_store *s;
    hp_node *node = NULL;
    if (doc && !doc->bad) HP_TRY(hp_json_read(c->arena, hp_buf_str(doc), "the run document", &node, err));
    how->doc = node;
    HP_TRY(hp_lineage_open(l->dir.p, true, &s, err));
    hp_code code = hp_lineage_end(s, hp_str_of(l->id), how, err);
    hp_err later = {0};
    if (code == HP_OK && hp_lineage_prune(s, &later) != HP_OK) warn(c, later.message);
    hp_lineage_close(s);
    return code;
}

static void finish(hp_cli *c, hp_cli_lineage *l, hp_lineage_ending *how, const hp_buf *doc) {
    hp_err why = {0};
    if (!l->on) return;
    settle.armed = 0;
    if (end(c, l, how, doc, &why) != HP_OK) warn(c, why.message);
}

void hp_cli_lineage_complete(hp_cli *c, hp_cli_lineage *l, const hp_buf *doc) {
    hp_lineage_ending how = {.type = HP_LINEAGE_COMPLETE};
    finish(c, l, &how, doc);
}

void hp_cli_lineage_fail(hp_cli *c, hp_cli_lineage *l, hp_code code, const char *stage, hp_str message,
                         const hp_buf *doc) {
    hp_lineage_ending how = {
        .type = code == HP_SIGINT || code == HP_SIGTERM ? HP_LINEAGE_ABORT : HP_LINEAGE_FAIL,
        .why = {.message = message, .stage = hp_str_of(stage ? stage : ""), .code = (int)code}};
    finish(c, l, &how, doc);
}

/* ---- sending ---- */

static hp_code send_some(hp_cli *c, const hp_cli_lineage *l, hp_err *err) {
    hp_lineage_store *s;
    hp_secret *key = NULL;
    hp_lineage_report report = {0};
    HP_TRY(hp_cli_lineage_key(c, &key, err));
    const hp_lineage_target to = {
        .url = l->url, .endpoint = getenv("OPENLINEAGE_ENDPOINT"), .key = key, .stop_fd = -1};
    hp_code code = hp_lineage_open(l->dir.p, true, &s, err);
    if (code == HP_OK) {
        code = hp_lineage_deliver(s, l->dir.p, &to, SEND_MS, false, &report, err);
        hp_lineage_close(s);
    }
    hp_secret_free(key);
    if (code == HP_OK && report.note[0] && c->verbose) warn(c, report.note);
    if (report.rejected) warn(c, "the server refused an event; see hotpass lineage status");
    return code;
}

hp_code hp_cli_lineage_send(hp_cli *c, const hp_cli_lineage *l, hp_err *err) {
    hp_err why = {0};
    if (!l->on || !l->url || hp_cli_offline(c)) return HP_OK; /* it stays in the store for a later run */
    /* Too little memory for the answer is found out by main, which must find it unsent then. */
    hp_code code = hp_mem_failures() ? HP_OK : hp_cli_flush(c, err);
    if (send_some(c, l, &why) != HP_OK) warn(c, why.message);
    return code;
}
