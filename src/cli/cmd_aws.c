/* hotpass aws whoami: thin over ops/workspace/cloud.h. */
#include "cli/cli.h"
#include "cli/view.h"
#include "ops/workspace/cloud.h"

#include "base/banned.h"

static const char *text_or(const hp_cli *c, hp_option_id id, hp_config_id key) {
    const char *v = hp_args_text(&c->args, id);
    return v ? v : hp_config_text(&c->config, key);
}

static hp_code read_ask(hp_cli *c, hp_aws_ask *ask, hp_err *err) {
    static const hp_option_id WORDS[] = {HP_O_AWS_PROFILE, HP_O_REGION, HP_O_EKS_CLUSTER, HP_O_KUBE_CONTEXT,
                                         HP_O_KUBECONFIG};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        const char *v = hp_args_text(&c->args, WORDS[i]);
        if (v && (*v == '-' || !*v))
            return hp_fail(err, HP_USAGE, "--%s: \"%s\" is no name", hp_option_get(WORDS[i])->name, v);
    }
    hp_str home = hp_config_home(c->arena);
    if (!home.p) return hp_fail_memory(err, "a path");
    *ask = (hp_aws_ask){.vault = home.n ? home.p : NULL,
                        .aws = {.profile = text_or(c, HP_O_AWS_PROFILE, HP_C_AWS_PROFILE),
                                .region = text_or(c, HP_O_REGION, HP_C_REGION),
                                .endpoint = hp_aws_endpoint(c->arena)},
                        .cluster = hp_args_text(&c->args, HP_O_EKS_CLUSTER),
                        .context = hp_args_text(&c->args, HP_O_KUBE_CONTEXT),
                        .kubeconfig = hp_args_text(&c->args, HP_O_KUBECONFIG),
                        .update_kubeconfig = c->args.opt[HP_O_VERIFY_KUBECONFIG].on,
                        .dry_run = c->args.opt[HP_O_DRY_RUN].on};
    if (ask->update_kubeconfig && !ask->cluster)
        return hp_fail(err, HP_USAGE, "--verify-kubeconfig needs to know the cluster: --eks-cluster NAME");
    return HP_OK;
}

static void row(hp_view *v, const char *field, hp_str value) {
    if (!value.n) return;
    hp_view_add(v, hp_str_of(field));
    hp_view_add(v, value);
}

static hp_code tell(hp_cli *c, const hp_aws_answer *x, hp_err *err) {
    static const char *const HEADER[] = {"field", "value"};
    hp_view v = {.arena = c->arena, .ncol = 2, .header = HEADER};
    row(&v, "account", x->account);
    row(&v, "user id", x->user_id);
    row(&v, "arn", x->arn);
    row(&v, "source", hp_str_of(x->source));
    row(&v, "cluster", x->cluster);
    row(&v, "cluster status", x->status);
    row(&v, "cluster endpoint", x->endpoint);
    return hp_view_write(&v, &c->term, 0, &c->out, err);
}

hp_code hp_cmd_aws_whoami(hp_cli *c, hp_err *err) {
    hp_aws_ask ask;
    hp_aws_answer answer;
    hp_autobuf steps = hp_buf_new(1 << 20);
    HP_TRY(hp_config_load(c->arena, hp_args_text(&c->args, HP_O_CONFIG), &c->config, err));
    HP_TRY(read_ask(c, &ask, err));
    HP_TRY(hp_aws_whoami(c->arena, hp_config_text(&c->config, HP_C_STATE_DIR), &ask, &answer, &steps, err));
    hp_str rest = hp_buf_str(&steps), line;
    if (!c->json && !ask.dry_run) return tell(c, &answer, err);
    if (!c->json) {
        hp_buf_add(&c->out, rest);
        return HP_OK;
    }
    hp_json j = hp_cli_json(c, "hotpass.aws-whoami/1");
    hp_aws_write(&j, &ask, &answer);
    hp_json_key(&j, "commands");
    hp_json_array(&j);
    while (hp_str_next(&rest, '\n', &line))
        if (line.n) hp_json_str(&j, line);
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
    return HP_OK;
}
