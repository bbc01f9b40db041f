/* Loading checkpoints: the form of Great Expectations 0.x, and our own, which says the same in fewer words.
 */
#include "profile/checkpoint.h"

#include "base/file.h"
#include "profile/suite_parts.h"

#include "base/banned.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

typedef struct loader {
    hp_sload l;
    hp_str dir; /* of the checkpoint */
    hp_checkpoint *c;
    const hp_node *common; /* parameters of all validations */
} loader;

static hp_code no_memory(loader *d) { return hp_fail_memory(d->l.err, "a checkpoint"); }

/* ---- paths ---- */

static hp_str folder_of(hp_str path) {
    hp_str base = hp_path_base(path);
    return base.n == path.n ? HP_S(".") : hp_str_cut(path, 0, path.n - base.n - 1);
}

static hp_str from_here(loader *d, hp_str path) {
    if (path.n && path.p[0] == '/') return hp_arena_dup(d->l.a, path);
    return hp_str_eq(d->dir, HP_S(".")) ? hp_arena_dup(d->l.a, path) : hp_path_join(d->l.a, d->dir, path);
}

/* Great Expectations keeps the suite "a.b" in the file a/b.json. */
static hp_str dots_to_slashes(loader *d, hp_str name) {
    hp_autobuf b = hp_buf_new(4096);
    for (size_t i = 0; i < name.n; i++) hp_buf_putc(&b, name.p[i] == '.' ? '/' : name.p[i]);
    hp_str path = {0};
    if (!b.bad) path = hp_arena_dup(d->l.a, hp_buf_str(&b));
    return path;
}

/* Looks for a suite in one folder, by its path and by its name; *out is empty when it is not there. */
static hp_code look(loader *d, const char *folder, hp_str name, hp_str *out) {
    static const char *const SUFFIX[] = {"", ".json", ".yaml", ".yml"};
    const hp_str form[] = {name, dots_to_slashes(d, name)};
    if (!form[1].p) return no_memory(d);
    for (size_t f = 0; f < 2; f++)
        for (size_t s = f; s < COUNT(SUFFIX); s++) {
            hp_str path = hp_arena_printf(d->l.a, "%s%.*s%s", folder, HP_FMT(form[f]), SUFFIX[s]);
            if (path.p) path = from_here(d, path);
            if (!path.p) return no_memory(d);
            if (!hp_exists(path.p) || hp_is_dir(path.p)) continue;
            *out = path;
            return HP_OK;
        }
    return HP_OK;
}

static hp_code find_suite(loader *d, const hp_node *at, hp_str name, hp_str *out) {
    static const char *const FOLDER[] = {"", "suites/", "expectations/", "../suites/", "../expectations/"};
    *out = (hp_str){0};
    for (size_t i = 0; i < COUNT(FOLDER); i++) {
        HP_TRY(look(d, FOLDER[i], name, out));
        if (out->p) return HP_OK;
    }
    return HP_SFAIL(
        &d->l, at,
        "there is no suite \"%.*s\": looked for it, and for %.*s.json, .yaml and .yml, in %.*s and "
        "in the folders suites and expectations in and beside it",
        HP_FMT(hp_str_cut(name, 0, 200)), HP_FMT(hp_str_cut(name, 0, 200)), HP_FMT(d->dir));
}

/* ---- parameters ---- */

/* A value in the form in which the command line gives it: JSON, or text. */
static hp_code parameter(loader *d, const hp_node *key, const hp_node *v, hp_suite_parameter *out) {
    out->name = key->text;
    if (v->kind != HP_NODE_SCALAR)
        return HP_SFAIL(&d->l, v, "the value of a parameter is a number or a text");
    hp_autobuf b = hp_buf_new(1u << 20);
    if (v->quoted)
        hp_buf_json(&b, v->text);
    else
        hp_buf_add(&b, v->text);
    out->value = hp_arena_dup(d->l.a, hp_buf_str(&b));
    return b.bad || !out->value.p ? no_memory(d) : HP_OK;
}

static hp_code parameters(loader *d, const hp_node *own, hp_checkpoint_entry *e) {
    const hp_node *from[] = {own, d->common};
    size_t most = 0;
    for (size_t i = 0; i < 2; i++) {
        if (from[i] && from[i]->kind != HP_NODE_MAP && from[i]->kind != HP_NODE_NULL)
            return HP_SFAIL(&d->l, from[i], "parameters are a map of names and values");
        most += from[i] && from[i]->kind == HP_NODE_MAP ? from[i]->n : 0;
    }
    e->parameter = HP_NEW_ARRAY(d->l.a, most + 1, hp_suite_parameter);
    if (!e->parameter) return no_memory(d);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; from[i] && from[i]->kind == HP_NODE_MAP && k < from[i]->n; k++)
            HP_TRY(parameter(d, from[i]->key[k], from[i]->item[k], &e->parameter[e->nparameter++]));
    return HP_OK;
}

/* ---- validations ---- */

static const hp_node *first_of(const hp_node *n, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const hp_node *v = hp_node_get(n, names[i]);
        if (v && v->kind != HP_NODE_NULL) return v;
    }
    return NULL;
}

/* The file that a batch request is about: a path where it has one, else the name of the asset. */
static const hp_node *batch_path(const hp_node *batch) {
    static const char *const NAME[] = {"path", "data_asset_name"};
    const hp_node *given = first_of(hp_node_get(batch, "runtime_parameters"), NAME, 1);
    if (!given) given = first_of(hp_node_get(batch, "batch_kwargs"), NAME, 1);
    return given ? given : first_of(batch, NAME, 2);
}

static hp_code read_data(loader *d, const hp_node *n, const hp_node *batch, hp_checkpoint_entry *e) {
    const hp_node *data = hp_node_get(n, "data");
    if (!data) data = batch_path(batch);
    hp_str text;
    if (!data || data->kind == HP_NODE_NULL) return HP_OK;
    if (!hp_node_text(data, &text) || text.n == 0) return HP_SFAIL(&d->l, data, "data is the path of a file");
    e->data = from_here(d, text);
    return e->data.p ? HP_OK : no_memory(d);
}

static hp_code read_suite(loader *d, const hp_node *n, const hp_node *root, hp_checkpoint_entry *e) {
    static const char *const NAME[] = {"suite", "expectation_suite_name"};
    const hp_node *v = first_of(n, NAME, 2);
    hp_str name;
    if (!v) v = first_of(root, NAME, 2);
    if (!v) return HP_SFAIL(&d->l, n, "the validation names no \"suite\" (or \"expectation_suite_name\")");
    if (!hp_node_text(v, &name) || name.n == 0) return HP_SFAIL(&d->l, v, "a suite is a path or a name");
    return find_suite(d, v, name, &e->suite);
}

static hp_code read_entry(loader *d, const hp_node *n, const hp_node *root, hp_checkpoint_entry *e) {
    static const char *const KEY[] = {"data",
                                      "suite",
                                      "parameters",
                                      "batch_request",
                                      "expectation_suite_name",
                                      "evaluation_parameters",
                                      "suite_parameters",
                                      "action_list",
                                      "runtime_configuration",
                                      "batch_kwargs",
                                      "name",
                                      "id",
                                      "ge_cloud_id",
                                      "expectation_suite_ge_cloud_id"};
    static const char *const PARAMETER[] = {"parameters", "evaluation_parameters", "suite_parameters"};
    HP_TRY(hp_skeys_check(&d->l, n, "a validation", KEY, COUNT(KEY)));
    e->where = hp_arena_printf(d->l.a, "%s:%d", d->l.path, n->line);
    if (!e->where.p) return no_memory(d);
    const hp_node *batch = hp_node_get(n, "batch_request");
    if (!batch) batch = hp_node_get(n, "batch_kwargs");
    HP_TRY(read_data(d, n, batch ? batch : hp_node_get(root, "batch_request"), e));
    HP_TRY(read_suite(d, n, root, e));
    return parameters(d, first_of(n, PARAMETER, COUNT(PARAMETER)), e);
}

static hp_code read_entries(loader *d, const hp_node *root) {
    const hp_node *list = hp_node_get(root, "validations");
    size_t n = list && list->kind == HP_NODE_LIST ? list->n : 0;
    if (list && list->kind != HP_NODE_LIST && list->kind != HP_NODE_NULL)
        return HP_SFAIL(&d->l, list, "\"validations\" is a list");
    d->c->entry = HP_NEW_ARRAY(d->l.a, n + 1, hp_checkpoint_entry);
    if (!d->c->entry) return no_memory(d);
    for (size_t i = 0; i < n; i++) HP_TRY(read_entry(d, list->item[i], root, &d->c->entry[d->c->n++]));
    if (n > 0) return HP_OK;
    /* One validation may stand at the top. */
    hp_checkpoint_entry *e = &d->c->entry[d->c->n++];
    e->where = hp_arena_printf(d->l.a, "%s:%d", d->l.path, root->line);
    if (!e->where.p) return no_memory(d);
    HP_TRY(read_data(d, root, hp_node_get(root, "batch_request"), e));
    HP_TRY(read_suite(d, root, NULL, e));
    return parameters(d, NULL, e);
}

/* ---- actions ---- */

static hp_code folder(loader *d, const hp_node *v, hp_str *out) {
    hp_str text;
    if (!v || v->kind == HP_NODE_NULL) return HP_OK;
    if (!hp_node_text(v, &text) || text.n == 0) return HP_SFAIL(&d->l, v, "a folder is a path");
    *out = from_here(d, text);
    return out->p ? HP_OK : no_memory(d);
}

/* {name: ..., action: {class_name: ...}} */
static hp_code foreign_action(loader *d, const hp_node *n, hp_checkpoint_action *out) {
    const hp_node *action = hp_node_get(n, "action"), *v = hp_node_get(action ? action : n, "class_name");
    if (!v) v = hp_node_get(n, "type"); /* 1.x */
    if (!hp_node_text(v, &out->name)) return HP_SFAIL(&d->l, n, "the action has no class_name");
    hp_str s = out->name;
    if (hp_str_eq(s, HP_S("StoreValidationResultAction")))
        out->kind = HP_ACTION_STORE;
    else if (hp_str_eq(s, HP_S("UpdateDataDocsAction")) || hp_str_eq(s, HP_S("update_data_docs")))
        out->kind = HP_ACTION_DOCS;
    else
        out->kind = HP_ACTION_OTHER;
    return HP_OK;
}

static hp_code read_action(loader *d, const hp_node *n, hp_checkpoint_action *out) {
    out->where = hp_arena_printf(d->l.a, "%s:%d", d->l.path, n->line);
    if (!out->where.p) return no_memory(d);
    if (hp_node_text(n, &out->name)) { /* "store" alone: the command decides where */
        bool store = hp_str_eq(out->name, HP_S("store")), docs = hp_str_eq(out->name, HP_S("docs"));
        out->kind = store ? HP_ACTION_STORE : HP_ACTION_DOCS;
        return store || docs ? HP_OK : HP_SFAIL(&d->l, n, "an action is \"store\" or \"docs\"");
    }
    const hp_node *store = hp_node_get(n, "store"), *docs = hp_node_get(n, "docs");
    if (!store && !docs) return foreign_action(d, n, out);
    static const char *const KEY[] = {"store", "docs"};
    HP_TRY(hp_skeys_check(&d->l, n, "an action", KEY, COUNT(KEY)));
    out->kind = store ? HP_ACTION_STORE : HP_ACTION_DOCS;
    out->name = store ? HP_S("store") : HP_S("docs");
    return folder(d, store ? store : docs, &out->folder);
}

static hp_code read_actions(loader *d, const hp_node *root) {
    static const char *const NAME[] = {"actions", "action_list"};
    const hp_node *list = first_of(root, NAME, 2);
    if (!list) return HP_OK;
    if (list->kind != HP_NODE_LIST) return HP_SFAIL(&d->l, list, "actions are a list");
    d->c->action = HP_NEW_ARRAY(d->l.a, list->n + 1, hp_checkpoint_action);
    if (!d->c->action) return no_memory(d);
    for (size_t i = 0; i < list->n; i++)
        HP_TRY(read_action(d, list->item[i], &d->c->action[d->c->naction++]));
    return HP_OK;
}

/* ---- the checkpoint ---- */

static hp_code read_root(loader *d, const hp_node *root) {
    static const char *const KEY[] = {"name",
                                      "validations",
                                      "actions",
                                      "action_list",
                                      "parameters",
                                      "evaluation_parameters",
                                      "suite_parameters",
                                      "data",
                                      "suite",
                                      "expectation_suite_name",
                                      "batch_request",
                                      "config_version",
                                      "template_name",
                                      "module_name",
                                      "class_name",
                                      "run_name_template",
                                      "runtime_configuration",
                                      "profilers",
                                      "ge_cloud_id",
                                      "id",
                                      "expectation_suite_ge_cloud_id",
                                      "notify_on",
                                      "notify_with",
                                      "site_names",
                                      "slack_webhook",
                                      "validation_definitions",
                                      "result_format"};
    static const char *const PARAMETER[] = {"parameters", "evaluation_parameters", "suite_parameters"};
    HP_TRY(hp_skeys_check(&d->l, root, "a checkpoint", KEY, COUNT(KEY)));
    const hp_node *later = hp_node_get(root, "validation_definitions");
    if (later)
        return HP_SFAIL(
            &d->l, later,
            "checkpoints of Great Expectations 1.x name their data in the program that made them; "
            "write \"validations\" with \"data\" and \"suite\"");
    const hp_node *name = hp_node_get(root, "name");
    d->c->name = hp_sstem(d->c->path);
    if (name && !hp_node_text(name, &d->c->name)) return HP_SFAIL(&d->l, name, "the name is a text");
    d->common = first_of(root, PARAMETER, COUNT(PARAMETER));
    HP_TRY(read_entries(d, root));
    return read_actions(d, root);
}

hp_code hp_checkpoint_load(hp_arena *a, const char *path, hp_checkpoint **out, hp_err *err) {
    loader d = {.l = {.a = a, .path = path, .err = err}, .dir = folder_of(hp_str_of(path))};
    hp_node *root;
    hp_code code = hp_sdoc_load(a, path, &root, err);
    d.c = HP_NEW(a, hp_checkpoint);
    if (code == HP_OK && d.c) d.c->path = hp_arena_dup(a, hp_str_of(path));
    if (code == HP_OK && (!d.c || !d.c->path.p)) code = hp_fail_memory(err, "a checkpoint");
    if (code == HP_OK) code = read_root(&d, root);
    if (code != HP_OK) {
        if (err) hp_err_in(err, "checkpoint");
        return code;
    }
    *out = d.c;
    return HP_OK;
}
