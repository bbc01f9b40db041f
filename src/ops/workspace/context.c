#include "ops/workspace/context.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/json.h"
#include "ops/workspace/tool.h"

#include "base/banned.h"

#define NO_PREFECT "install Prefect, or leave it out: --no-prefect"
#define NO_AWS     "install the AWS CLI, or leave the cluster out: --no-kube"
#define NO_KUBECTL "install kubectl, or change the context by hand"

hp_str hp_context_name(const hp_context *c) { return c->profile.n ? c->profile : c->context; }

/* ---- the record ---- */

static hp_str text_of(const hp_node *n, const char *key) {
    hp_str s = {"", 0};
    hp_node_text(hp_node_get(n, key), &s);
    return s;
}

static hp_str path_of(hp_arena *a, const char *state_dir) {
    return hp_path_join(a, hp_str_of(state_dir), HP_S(HP_CONTEXTS_FILE));
}

static hp_context read_one(const hp_node *n) {
    const hp_node *p = hp_node_get(n, "prefect"), *k = hp_node_get(n, "kubernetes");
    hp_str ns = text_of(k, "namespace");
    return (hp_context){.profile = text_of(p, "profile"),
                        .api_url = text_of(p, "api_url"),
                        .cluster = text_of(k, "cluster"),
                        .context = text_of(k, "context"),
                        .kubeconfig = text_of(k, "kubeconfig"),
                        .kube_namespace = ns.n ? ns : text_of(p, "namespace"),
                        .recorded_at = text_of(n, "recorded_at")};
}

hp_code hp_contexts_read(hp_arena *a, const char *state_dir, hp_contexts *out, hp_err *err) {
    hp_node *doc = NULL;
    hp_str path = path_of(a, state_dir);
    *out = (hp_contexts){0};
    if (!path.p) return hp_fail_memory(err, "the contexts");
    if (!hp_exists(path.p)) return HP_OK;
    HP_TRY(hp_doc_read(a, path.p, &doc, err));
    const hp_node *entries = hp_node_get(doc, "entries");
    if (!entries || entries->kind != HP_NODE_LIST)
        return hp_fail(err, HP_CONFIG,
                       "%s: it has no list of entries; move it away, and set the contexts up again", path.p);
    out->item = HP_NEW_ARRAY(a, entries->n + 1, hp_context);
    if (!out->item) return hp_fail_memory(err, "the contexts");
    for (size_t i = 0; i < entries->n; i++) {
        hp_context c = read_one(entries->item[i]);
        if (hp_context_name(&c).n) out->item[out->n++] = c;
    }
    return HP_OK;
}

hp_code hp_contexts_find(hp_arena *a, const hp_contexts *all, hp_str name, const hp_context **out,
                         hp_err *err) {
    const char **names = HP_NEW_ARRAY(a, all->n + 1, const char *);
    if (!names) return hp_fail_memory(err, "the contexts");
    for (size_t i = all->n; i-- > 0;) {
        hp_str is = hp_context_name(&all->item[i]);
        *out = &all->item[i];
        if (hp_str_eq(is, name)) return HP_OK;
        names[i] = is.p;
    }
    const char *near = hp_nearest(name, names, all->n);
    return hp_fail(err, HP_NOINPUT, "no context \"%.*s\" is recorded%s%s%s", HP_FMT(name),
                   near ? "; did you mean \"" : "; hotpass ctx list shows them", near ? near : "",
                   near ? "\"?" : "");
}

static void member(hp_json *j, const char *key, hp_str value) {
    hp_json_key(j, key);
    if (value.n)
        hp_json_str(j, value);
    else
        hp_json_null(j);
}

static void put_one(hp_json *j, const hp_context *c) {
    hp_json_object(j);
    if (c->profile.n) {
        hp_json_key(j, "prefect");
        hp_json_object(j);
        member(j, "profile", c->profile);
        member(j, "api_url", c->api_url);
        member(j, "namespace", c->kube_namespace);
        hp_json_object_end(j);
    }
    if (c->cluster.n) {
        hp_json_key(j, "kubernetes");
        hp_json_object(j);
        member(j, "cluster", c->cluster);
        member(j, "context", c->context);
        member(j, "kubeconfig", c->kubeconfig);
        member(j, "namespace", c->kube_namespace);
        hp_json_object_end(j);
    }
    member(j, "recorded_at", c->recorded_at);
    hp_json_object_end(j);
}

/* Writes all but those of the same name, then the one that holds. */
static hp_code record(hp_arena *a, const char *state_dir, const hp_context *holds, hp_err *err) {
    hp_contexts all;
    hp_autobuf text = hp_buf_new(4 << 20);
    hp_json j = {.out = &text, .pretty = true};
    hp_str path = path_of(a, state_dir);
    HP_TRY(hp_contexts_read(a, state_dir, &all, err));
    hp_json_object(&j);
    hp_json_key(&j, "entries");
    hp_json_array(&j);
    for (size_t i = 0; i < all.n; i++)
        if (!hp_str_eq(hp_context_name(&all.item[i]), hp_context_name(holds))) put_one(&j, &all.item[i]);
    put_one(&j, holds);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    hp_buf_putc(&text, '\n');
    HP_TRY(hp_buf_check(&text, "the contexts", err));
    mkdir(state_dir, 0700);
    return hp_write_file(path.p, hp_buf_str(&text), err);
}

/* ---- setting up ---- */

static hp_code step(const hp_tool *t, const char *missing, bool dry_run, hp_buf *steps, hp_err *err) {
    hp_tool_show(t, steps);
    return dry_run ? HP_OK : hp_tool_run(t, missing, NULL, NULL, err);
}

/* A profile that is there already is what we want, but the program calls it an error. */
static hp_code make_profile(const hp_context *c, bool dry_run, hp_buf *steps, hp_err *err) {
    hp_tool t = {0};
    hp_autobuf out = hp_buf_new(1 << 20), words = hp_buf_new(1 << 20);
    hp_err e = {0};
    hp_tool_add(&t, "prefect", "profile", "create", c->profile.p);
    hp_tool_show(&t, steps);
    hp_code code = dry_run ? HP_OK : hp_tool_run(&t, NO_PREFECT, &out, &words, &e);
    if (code == HP_OK) return HP_OK;
    bool there = hp_str_find(hp_buf_str(&out), HP_S("already exists"), 0) != SIZE_MAX
                 || hp_str_find(hp_buf_str(&words), HP_S("already exists"), 0) != SIZE_MAX;
    return there ? HP_OK : hp_fail(err, code, "%s", e.message);
}

static hp_code set_up_prefect(hp_arena *a, const hp_context *c, bool dry_run, hp_buf *steps, hp_err *err) {
    hp_tool t = {0};
    hp_str value = hp_arena_printf(a, "PREFECT_API_URL=%.*s", HP_FMT(c->api_url));
    if (!value.p) return hp_fail_memory(err, "the context");
    HP_TRY(make_profile(c, dry_run, steps, err));
    hp_tool_add(&t, "prefect", "-p", c->profile.p, "config", "set", value.p);
    return step(&t, NO_PREFECT, dry_run, steps, err);
}

static hp_code set_up_kube(const hp_context *c, const hp_aws_cli *aws, bool dry_run, hp_buf *steps,
                           hp_err *err) {
    hp_tool t = {0};
    hp_tool_aws(&t, aws);
    hp_tool_add(&t, "eks", "update-kubeconfig", "--name", c->cluster.p, "--alias", c->context.p);
    if (c->kubeconfig.n) hp_tool_add(&t, "--kubeconfig", c->kubeconfig.p);
    return step(&t, NO_AWS, dry_run, steps, err);
}

hp_code hp_context_set_up(hp_arena *a, const char *state_dir, const hp_context *c, const hp_aws_cli *aws,
                          bool dry_run, hp_buf *steps, hp_err *err) {
    char now[21];
    hp_context made = *c;
    if (c->profile.n) HP_TRY(set_up_prefect(a, c, dry_run, steps, err));
    if (c->cluster.n) HP_TRY(set_up_kube(c, aws, dry_run, steps, err));
    if (dry_run) return HP_OK;
    hp_time_iso(hp_clock_now(), now);
    made.recorded_at = hp_str_of(now);
    return record(a, state_dir, &made, err);
}

/* The program changes to the profile, then asks its server, and counts no answer as a failure of its own. */
static hp_code use_profile(hp_arena *a, const hp_context *c, bool dry_run, hp_buf *steps, hp_str *note,
                           hp_err *err) {
    hp_tool t = {0};
    hp_autobuf out = hp_buf_new(1 << 20), words = hp_buf_new(1 << 20);
    hp_err e = {0};
    hp_tool_add(&t, "prefect", "profile", "use", c->profile.p);
    hp_tool_show(&t, steps);
    hp_code code = dry_run ? HP_OK : hp_tool_run(&t, NO_PREFECT, &out, &words, &e);
    if (code == HP_OK) return HP_OK;
    if (hp_str_find(hp_str_of(e.message), HP_S("Error connecting"), 0) == SIZE_MAX)
        return hp_fail(err, code, "%s", e.message);
    *note = hp_arena_printf(a, "Prefect does not answer at %.*s; hotpass doctor --network looks closer",
                            HP_FMT(c->api_url));
    return note->p ? HP_OK : hp_fail_memory(err, "the context");
}

hp_code hp_context_use(hp_arena *a, const char *state_dir, const hp_context *c, bool dry_run, hp_buf *steps,
                       hp_str *note, hp_err *err) {
    hp_tool kube = {0};
    *note = HP_S("");
    hp_tool_add(&kube, "kubectl", "config", "use-context", c->context.p);
    if (c->kubeconfig.n) hp_tool_add(&kube, "--kubeconfig", c->kubeconfig.p);
    if (c->profile.n) HP_TRY(use_profile(a, c, dry_run, steps, note, err));
    if (c->context.n) HP_TRY(step(&kube, NO_KUBECTL, dry_run, steps, err));
    return dry_run ? HP_OK : record(a, state_dir, c, err);
}
