/* hotpass ctx: thin over ops/workspace/context.h. */
#include "cli/cli.h"
#include "cli/view.h"
#include "net/sessions.h"
#include "ops/workspace/cloud.h"

#include "base/banned.h"

#define PROFILE "hotpass-staging"

static const char *state_dir(hp_cli *c) { return hp_config_text(&c->config, HP_C_STATE_DIR); }

static const char *text_or(const hp_cli *c, hp_option_id id, hp_config_id key) {
    const char *v = hp_args_text(&c->args, id);
    return v ? v : hp_config_text(&c->config, key);
}

/* What becomes a word of another program's command line must not be taken for an option there. */
static hp_code check_words(const hp_cli *c, hp_err *err) {
    static const hp_option_id WORDS[] = {HP_O_PREFECT_PROFILE, HP_O_CTX_URL,    HP_O_EKS_CLUSTER,
                                         HP_O_KUBE_CONTEXT,    HP_O_KUBECONFIG, HP_O_NAMESPACE,
                                         HP_O_AWS_PROFILE,     HP_O_REGION};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        const char *v = hp_args_text(&c->args, WORDS[i]);
        if (v && (*v == '-' || !*v))
            return hp_fail(err, HP_USAGE, "--%s: \"%s\" is no name", hp_option_get(WORDS[i])->name, v);
    }
    return HP_OK;
}

/* Options that are on unless --no-NAME stands there. */
static bool wanted(const hp_cli *c, hp_option_id id) { return !c->args.opt[id].given || c->args.opt[id].on; }

static hp_code find_url(hp_cli *c, hp_str *out, hp_err *err) {
    hp_net_session *s = NULL;
    size_t n = 0;
    const char *url = text_or(c, HP_O_CTX_URL, HP_C_PREFECT_URL);
    *out = hp_str_of(url);
    if (!out->n && wanted(c, HP_O_USE_NET)) {
        HP_TRY(hp_net_sessions(c->arena, state_dir(c), &s, &n, err));
        *out = hp_net_sessions_url(c->arena, s, n, true, NULL);
    }
    if (!out->p) return hp_fail_memory(err, "the context");
    if (!out->n) *out = HP_S("http://127.0.0.1:4200/api");
    return HP_OK;
}

static hp_code plan(hp_cli *c, hp_context *x, hp_err *err) {
    const char *profile = text_or(c, HP_O_PREFECT_PROFILE, HP_C_PREFECT_PROFILE);
    const char *cluster = hp_args_text(&c->args, HP_O_EKS_CLUSTER),
               *name = hp_args_text(&c->args, HP_O_KUBE_CONTEXT);
    *x = (hp_context){.kube_namespace = hp_str_of(hp_args_text(&c->args, HP_O_NAMESPACE))};
    if (wanted(c, HP_O_WITH_PREFECT)) {
        x->profile = hp_str_of(profile ? profile : PROFILE);
        HP_TRY(find_url(c, &x->api_url, err));
    }
    if (cluster && wanted(c, HP_O_WITH_KUBE)) {
        x->cluster = hp_str_of(cluster);
        x->context = hp_str_of(name ? name : cluster);
        x->kubeconfig = hp_str_of(hp_args_text(&c->args, HP_O_KUBECONFIG));
    }
    if (hp_context_name(x).n) return HP_OK;
    return hp_fail(err, HP_USAGE,
                   "nothing is left to set up; name a cluster (--eks-cluster), or leave out --no-prefect");
}

/* ---- telling ---- */

static void member(hp_json *j, const char *key, hp_str value) {
    hp_json_key(j, key);
    if (value.n)
        hp_json_str(j, value);
    else
        hp_json_null(j);
}

static void json_context(hp_json *j, const hp_context *x) {
    member(j, "name", hp_context_name(x));
    member(j, "prefect_profile", x->profile);
    member(j, "api_url", x->api_url);
    member(j, "cluster", x->cluster);
    member(j, "kube_context", x->context);
    member(j, "kubeconfig", x->kubeconfig);
    member(j, "namespace", x->kube_namespace);
}

static void tell(hp_cli *c, const char *schema, const hp_context *x, hp_str steps, hp_str note,
                 const char *done) {
    bool dry_run = c->args.opt[HP_O_DRY_RUN].on;
    hp_str line;
    if (c->json) {
        hp_json j = hp_cli_json(c, schema);
        json_context(&j, x);
        hp_json_key(&j, "commands");
        hp_json_array(&j);
        while (hp_str_next(&steps, '\n', &line))
            if (line.n) hp_json_str(&j, line);
        hp_json_array_end(&j);
        hp_json_key(&j, "done");
        hp_json_bool(&j, !dry_run);
        member(&j, "note", note);
        hp_cli_json_end(c, &j);
        return;
    }
    if (c->quiet) return;
    while (hp_str_next(&steps, '\n', &line)) {
        if (!line.n) continue;
        hp_put_safe(&c->out, line);
        hp_buf_putc(&c->out, '\n');
    }
    hp_put_safe(&c->out, hp_context_name(x));
    hp_buf_puts(&c->out, dry_run ? ": nothing was run\n" : done);
    hp_put_safe(&c->out, note);
    hp_buf_puts(&c->out, note.n ? "\n" : "");
}

/* ---- the commands ---- */

hp_code hp_cmd_ctx_init(hp_cli *c, hp_err *err) {
    hp_context x;
    hp_autobuf steps = hp_buf_new(1 << 20);
    HP_TRY(check_words(c, err));
    HP_TRY(hp_config_load(c->arena, hp_args_text(&c->args, HP_O_CONFIG), &c->config, err));
    HP_TRY(plan(c, &x, err));
    hp_aws_cli aws = {.profile = text_or(c, HP_O_AWS_PROFILE, HP_C_AWS_PROFILE),
                      .region = text_or(c, HP_O_REGION, HP_C_REGION),
                      .endpoint = hp_aws_endpoint(c->arena)};
    HP_TRY(hp_context_set_up(c->arena, state_dir(c), &x, &aws, c->args.opt[HP_O_DRY_RUN].on, &steps, err));
    tell(c, "hotpass.ctx-init/1", &x, hp_buf_str(&steps), HP_S(""), " is set up, and holds\n");
    return HP_OK;
}

hp_code hp_cmd_ctx_use(hp_cli *c, hp_err *err) {
    hp_contexts all;
    const hp_context *x = NULL;
    hp_str note;
    hp_autobuf steps = hp_buf_new(1 << 20);
    HP_TRY(hp_config_load(c->arena, hp_args_text(&c->args, HP_O_CONFIG), &c->config, err));
    HP_TRY(hp_contexts_read(c->arena, state_dir(c), &all, err));
    HP_TRY(hp_contexts_find(c->arena, &all, hp_str_of(c->args.word[0]), &x, err));
    HP_TRY(hp_context_use(c->arena, state_dir(c), x, c->args.opt[HP_O_DRY_RUN].on, &steps, &note, err));
    tell(c, "hotpass.ctx-use/1", x, hp_buf_str(&steps), note, " holds\n");
    return HP_OK;
}

static hp_code list_text(hp_cli *c, const hp_contexts *all, hp_err *err) {
    static const char *const HEADER[] = {"",        "prefect profile", "api url",    "kube context",
                                         "cluster", "namespace",       "recorded at"};
    hp_view v = {.arena = c->arena, .ncol = sizeof HEADER / sizeof *HEADER, .header = HEADER};
    for (size_t i = 0; i < all->n; i++) {
        const hp_context *x = &all->item[i];
        hp_view_add(&v, hp_str_of(i + 1 == all->n ? "*" : ""));
        const hp_str cell[] = {x->profile, x->api_url,        x->context,
                               x->cluster, x->kube_namespace, x->recorded_at};
        for (size_t k = 0; k < sizeof cell / sizeof *cell; k++) hp_view_add(&v, cell[k]);
    }
    return hp_view_write(&v, &c->term, 0, &c->out, err);
}

hp_code hp_cmd_ctx_list(hp_cli *c, hp_err *err) {
    hp_contexts all;
    HP_TRY(hp_config_load(c->arena, hp_args_text(&c->args, HP_O_CONFIG), &c->config, err));
    HP_TRY(hp_contexts_read(c->arena, state_dir(c), &all, err));
    if (!c->json) return list_text(c, &all, err);
    hp_json j = hp_cli_json(c, "hotpass.ctx/1");
    hp_json_key(&j, "contexts");
    hp_json_array(&j);
    for (size_t i = 0; i < all.n; i++) {
        hp_json_object(&j);
        json_context(&j, &all.item[i]);
        member(&j, "recorded_at", all.item[i].recorded_at);
        hp_json_key(&j, "holds");
        hp_json_bool(&j, i + 1 == all.n);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
    return HP_OK;
}
