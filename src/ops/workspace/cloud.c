#include "ops/workspace/cloud.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/doc.h"
#include "base/file.h"
#include "ops/workspace/sts.h"
#include "ops/workspace/tool.h"

#include "base/banned.h"

#define NO_AWS "install the AWS CLI"
enum { MOST = 1 << 20 };

const char *hp_aws_endpoint(hp_arena *a) {
    static const char *const NAMES[] = {"HOTPASS_LOCALSTACK_ENDPOINT", "LOCALSTACK_ENDPOINT",
                                        "AWS_ENDPOINT_URL"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        hp_str url = hp_str_of(getenv(NAMES[i]));
        while (url.n && url.p[url.n - 1] == '/') url.n--;
        if (url.n) return hp_arena_dup(a, url).p;
    }
    return NULL;
}

/* The program has one exit code for everything it is refused, and says the reason in brackets. */
static hp_code run(const hp_tool *t, const hp_aws_ask *ask, hp_buf *out, hp_buf *steps, hp_err *err) {
    static const char *const REFUSED[] = {
        "AccessDenied",       "InvalidClientTokenId",         "SignatureDoesNotMatch", "ExpiredToken",
        "UnrecognizedClient", "Unable to locate credentials", "Token has expired",     "could not be found"};
    hp_autobuf words = hp_buf_new(MOST);
    hp_err e = {0};
    hp_tool_show(t, steps);
    if (ask->dry_run) return HP_OK;
    hp_code code = hp_tool_run(t, NO_AWS, out, &words, &e);
    for (size_t i = 0; code == HP_UNAVAILABLE && i < sizeof REFUSED / sizeof *REFUSED; i++)
        if (hp_str_find(hp_buf_str(&words), hp_str_of(REFUSED[i]), 0) != SIZE_MAX) code = HP_NOPERM;
    return code == HP_OK ? HP_OK : hp_fail(err, code, "%s", e.message);
}

static hp_code member(hp_arena *a, const hp_node *n, const char *key, hp_str *out, hp_err *err) {
    hp_str text;
    if (!hp_node_text(hp_node_get(n, key), &text))
        return hp_fail(err, HP_DATA, "the answer of aws has no member \"%s\"", key);
    *out = hp_arena_dup(a, text);
    return out->p ? HP_OK : hp_fail_memory(err, "the answer of aws");
}

static hp_code parse(hp_arena *a, const hp_buf *text, hp_node **out, hp_err *err) {
    hp_err e = {0};
    hp_code code = hp_json_read(a, hp_buf_str(text), "the answer of aws", out, &e);
    return code == HP_CONFIG ? hp_fail(err, HP_DATA, "%s", e.message)
           : code != HP_OK   ? hp_fail(err, code, "%s", e.message)
                             : HP_OK;
}

static hp_code ask_identity(hp_arena *a, const hp_aws_ask *ask, hp_aws_answer *out, hp_buf *steps,
                            hp_err *err) {
    hp_tool t = {0};
    hp_node *doc = NULL;
    hp_autobuf text = hp_buf_new(MOST);
    hp_tool_aws(&t, &ask->aws);
    hp_tool_add(&t, "sts", "get-caller-identity", "--output", "json");
    HP_TRY(run(&t, ask, &text, steps, err));
    if (ask->dry_run) return HP_OK;
    HP_TRY(parse(a, &text, &doc, err));
    HP_TRY(member(a, doc, "Account", &out->account, err));
    HP_TRY(member(a, doc, "Arn", &out->arn, err));
    return member(a, doc, "UserId", &out->user_id, err);
}

static hp_code ask_cluster(hp_arena *a, const hp_aws_ask *ask, hp_aws_answer *out, hp_buf *steps,
                           hp_err *err) {
    hp_tool t = {0};
    hp_node *doc = NULL;
    hp_autobuf text = hp_buf_new(MOST);
    hp_tool_aws(&t, &ask->aws);
    hp_tool_add(&t, "eks", "describe-cluster", "--name", ask->cluster, "--output", "json");
    HP_TRY(run(&t, ask, &text, steps, err));
    out->cluster = hp_str_of(ask->cluster);
    if (ask->dry_run) return HP_OK;
    HP_TRY(parse(a, &text, &doc, err));
    const hp_node *cluster = hp_node_get(doc, "cluster");
    HP_TRY(member(a, cluster, "status", &out->status, err));
    return member(a, cluster, "endpoint", &out->endpoint, err);
}

static hp_code update_kubeconfig(const hp_aws_ask *ask, hp_buf *steps, hp_err *err) {
    hp_tool t = {0};
    hp_tool_aws(&t, &ask->aws);
    hp_tool_add(&t, "eks", "update-kubeconfig", "--name", ask->cluster);
    if (ask->context) hp_tool_add(&t, "--alias", ask->context);
    if (ask->kubeconfig) hp_tool_add(&t, "--kubeconfig", ask->kubeconfig);
    return run(&t, ask, NULL, steps, err);
}

static void put(hp_json *j, const char *key, hp_str value) {
    hp_json_key(j, key);
    if (value.n)
        hp_json_str(j, value);
    else
        hp_json_null(j);
}

void hp_aws_write(hp_json *j, const hp_aws_ask *ask, const hp_aws_answer *answer) {
    put(j, "profile", hp_str_of(ask->aws.profile));
    put(j, "region", hp_str_of(ask->aws.region));
    hp_json_key(j, "identity");
    hp_json_object(j);
    put(j, "account", answer->account);
    put(j, "arn", answer->arn);
    put(j, "user_id", answer->user_id);
    put(j, "source", hp_str_of(answer->source));
    hp_json_object_end(j);
    if (!answer->cluster.n) return;
    hp_json_key(j, "cluster");
    hp_json_object(j);
    put(j, "name", answer->cluster);
    put(j, "status", answer->status);
    put(j, "endpoint", answer->endpoint);
    hp_json_object_end(j);
}

static hp_code keep(hp_arena *a, const char *state_dir, const hp_aws_ask *ask, const hp_aws_answer *answer,
                    hp_err *err) {
    hp_autobuf text = hp_buf_new(MOST);
    hp_json j = {.out = &text, .pretty = true};
    hp_str path = hp_path_join(a, hp_str_of(state_dir), HP_S(HP_AWS_FILE));
    if (!path.p) return hp_fail_memory(err, "the answer of aws");
    hp_json_object(&j);
    hp_aws_write(&j, ask, answer);
    hp_json_object_end(&j);
    hp_buf_putc(&text, '\n');
    HP_TRY(hp_buf_check(&text, "the answer of aws", err));
    mkdir(state_dir, 0700);
    return hp_write_file(path.p, hp_buf_str(&text), err);
}

hp_code hp_aws_whoami(hp_arena *a, const char *state_dir, const hp_aws_ask *ask, hp_aws_answer *out,
                      hp_buf *steps, hp_err *err) {
    bool asked = false;
    *out = (hp_aws_answer){.source = "hotpass"};
    if (!ask->aws.profile) HP_TRY(hp_sts_identity(a, ask, out, &asked, steps, err));
    if (!asked) {
        out->source = "aws-cli";
        HP_TRY(ask_identity(a, ask, out, steps, err));
    }
    if (ask->cluster) HP_TRY(ask_cluster(a, ask, out, steps, err));
    if (ask->cluster && ask->update_kubeconfig) HP_TRY(update_kubeconfig(ask, steps, err));
    return ask->dry_run ? HP_OK : keep(a, state_dir, ask, out, err);
}
