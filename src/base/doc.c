#include "base/doc.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/toml.h"
#include "base/banned.h"

static bool has_suffix(hp_str name, hp_str suffix) {
    return name.n >= suffix.n && hp_str_ieq(hp_str_cut(name, name.n - suffix.n, name.n), suffix);
}

hp_code hp_doc_parse(hp_arena *a, hp_str bytes, const char *name, hp_node **out, hp_err *err) {
    hp_str n = hp_str_of(name);
    if (has_suffix(n, HP_S(".json"))) return hp_json_read(a, bytes, name, out, err);
    if (has_suffix(n, HP_S(".toml"))) return hp_toml_read(a, bytes, name, out, err);
    return hp_yaml_read(a, bytes, name, out, err);
}

hp_code hp_doc_read(hp_arena *a, const char *path, hp_node **out, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(HP_LIMIT_DOC_BYTES);
    hp_code code = hp_read_file(path, &bytes, err);
    if (code == HP_DATA) {
        return hp_fail(err, HP_CONFIG, "%s: over the limit of %u bytes for a configuration file", path,
                       HP_LIMIT_DOC_BYTES);
    }
    HP_TRY(code);
    return hp_doc_parse(a, hp_buf_str(&bytes), path, out, err);
}

hp_node *hp_node_get(const hp_node *n, const char *key) {
    if (!n || n->kind != HP_NODE_MAP) return NULL;
    hp_str want = hp_str_of(key);
    for (size_t i = 0; i < n->n; i++) {
        if (hp_str_eq(n->key[i]->text, want)) return n->item[i];
    }
    return NULL;
}

bool hp_node_text(const hp_node *n, hp_str *out) {
    if (!n || n->kind != HP_NODE_SCALAR) return false;
    *out = n->text;
    return true;
}

/* A quoted scalar is text, even "42": the writer said so. */
static bool is_plain(const hp_node *n) { return n && n->kind == HP_NODE_SCALAR && !n->quoted; }

bool hp_node_f64(const hp_node *n, double *out) { return is_plain(n) && hp_str_f64(n->text, out); }

bool hp_node_i64(const hp_node *n, int64_t *out) { return is_plain(n) && hp_str_i64(n->text, out); }

bool hp_node_bool(const hp_node *n, bool *out) {
    static const char *const yes[] = {"true", "yes", "on"}, *const no[] = {"false", "no", "off"};
    if (!is_plain(n)) return false;
    for (size_t i = 0; i < 3; i++) {
        bool is_yes = hp_str_ieq(n->text, hp_str_of(yes[i]));
        if (is_yes || hp_str_ieq(n->text, hp_str_of(no[i]))) {
            *out = is_yes;
            return true;
        }
    }
    return false;
}

const char *hp_nearest(hp_str word, const char *const *names, size_t n) {
    const char *best = NULL;
    unsigned least = 0;
    for (size_t i = 0; i < n; i++) {
        hp_str name = hp_str_of(names[i]);
        size_t longer = word.n > name.n ? word.n : name.n;
        unsigned distance = hp_str_distance(word, name);
        bool near = distance <= 1 || distance <= longer / 3;
        /* One edit turns any letter into any other: a word that shares nothing is no suggestion. */
        if (near && distance < longer && (!best || distance < least)) {
            best = names[i];
            least = distance;
        }
    }
    return best;
}
