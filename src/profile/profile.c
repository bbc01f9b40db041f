/* Loading profile and map files: read, walk by the tables of keys, report the first error or all. */
#include "profile/keys.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

static int by_place(const void *a, const void *b) {
    const hp_perror *x = a, *y = b;
    return x->line != y->line ? (x->line < y->line ? -1 : 1)
                              : (x->column > y->column) - (x->column < y->column);
}

/* Errors of whole blocks are found after those inside them; readers go through a file from the top. */
static void sort_errors(hp_pload *l) {
    if (l->errors.n) qsort(l->errors.p, l->errors.n, sizeof *l->errors.p, by_place);
}

static hp_code in_stage(hp_err *err, hp_code code) { return err ? hp_err_in(err, "profile") : code; }

static hp_code finish(hp_pload *l, hp_err *err) {
    if (l->oom) return hp_fail_memory(err, "a profile");
    if (l->errors.n == 0) return HP_OK;
    sort_errors(l);
    const hp_perror *e = l->errors.p;
    hp_str more = {0};
    if (l->errors.n > 1)
        more = hp_arena_printf(l->a, " (and %zu more; \"hotpass profile lint %s\" lists them)",
                               l->errors.n - 1, l->path);
    hp_fail(err, HP_CONFIG, "%s:%d:%d: %.*s%.*s", l->path, e->line, e->column, HP_FMT(e->text), HP_FMT(more));
    return in_stage(err, HP_CONFIG);
}

static hp_code read_file(const char *path, hp_buf *bytes, hp_err *err) {
    hp_code code = hp_read_file(path, bytes, err);
    if (code != HP_DATA) return code;
    return hp_fail(err, HP_CONFIG, "%s: over the limit of %u bytes for a profile; is it one?", path,
                   HP_LIMIT_DOC_BYTES);
}

static hp_code parse(hp_arena *a, hp_str bytes, const char *path, hp_node **out, hp_err *err) {
    hp_str name = hp_str_of(path);
    bool json = name.n > 5 && hp_str_ieq(hp_str_cut(name, name.n - 5, name.n), HP_S(".json"));
    return json ? hp_json_read(a, bytes, path, out, err) : hp_yaml_read(a, bytes, path, out, err);
}

static hp_code read_doc(hp_arena *a, const char *path, hp_node **out, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(HP_LIMIT_DOC_BYTES);
    HP_TRY(read_file(path, &bytes, err));
    return parse(a, hp_buf_str(&bytes), path, out, err);
}

static void read_profile(hp_pload *l, const hp_node *root, hp_profile *p) {
    hp_pblock_defaults(l, &hp_pb_root, p);
    if (root->kind != HP_NODE_MAP) {
        hp_perr(l, root, "a profile is a map; begin with \"name: ...\" (see docs/reference/profile.md)");
        return;
    }
    hp_pblock_read(l, &hp_pb_root, root, p);
    p->doc = root;
}

hp_code hp_profile_parse(hp_arena *a, hp_str bytes, const char *path, hp_profile **out, hp_err *err) {
    __attribute__((cleanup(hp_pload_free))) hp_pload l = {.a = a, .path = path};
    hp_node *root;
    hp_profile *p = HP_NEW(a, hp_profile);
    if (!p) return hp_fail_memory(err, "a profile");
    p->path = hp_pdup(&l, hp_str_of(path));
    hp_sha256_of(bytes, &p->sha256);
    hp_code code = parse(a, bytes, path, &root, err);
    if (code != HP_OK) return in_stage(err, code);
    read_profile(&l, root, p);
    HP_TRY(finish(&l, err));
    *out = p;
    return HP_OK;
}

/* Reads the file once, so that the digest is of the very bytes that were understood. */
hp_code hp_profile_load(hp_arena *a, const char *path, hp_profile **out, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(HP_LIMIT_DOC_BYTES);
    hp_code code = read_file(path, &bytes, err);
    return code == HP_OK ? hp_profile_parse(a, hp_buf_str(&bytes), path, out, err) : in_stage(err, code);
}

static void put_errors(hp_pload *l, hp_buf *lines) {
    sort_errors(l);
    for (size_t i = 0; i < l->errors.n; i++) {
        const hp_perror *e = &l->errors.p[i];
        hp_buf_printf(lines, "%s:%d:%d: %.*s\n", l->path, e->line, e->column, HP_FMT(e->text));
    }
}

hp_code hp_profile_lint(hp_arena *a, const char *path, hp_buf *lines, size_t *nerrors, hp_err *err) {
    __attribute__((cleanup(hp_pload_free))) hp_pload l = {.a = a, .path = path};
    hp_node *root;
    hp_profile *p = HP_NEW(a, hp_profile);
    if (!p) return hp_fail_memory(err, "a profile");
    hp_err syntax = {0};
    hp_code code = read_doc(a, path, &root, &syntax);
    if (code == HP_CONFIG) {
        hp_buf_printf(lines, "%s\n", syntax.message);
        *nerrors = 1;
        return HP_OK;
    }
    if (code != HP_OK) return hp_fail(err, code, "%s", syntax.message);
    read_profile(&l, root, p);
    if (!l.oom) hp_pchecks_load(&l, p);
    if (l.oom) return hp_fail_memory(err, "a profile");
    put_errors(&l, lines);
    *nerrors = l.errors.n;
    return HP_OK;
}

hp_code hp_profile_overlay_map(hp_arena *a, hp_profile *p, const char *path, hp_err *err) {
    __attribute__((cleanup(hp_pload_free))) hp_pload l = {.a = a, .path = path};
    hp_node *root;
    hp_profile map = {0};
    hp_code code = read_doc(a, path, &root, err);
    if (code != HP_OK) return in_stage(err, code);
    const hp_node *sources = hp_node_get(root, "sources");
    if (!sources || sources->kind != HP_NODE_LIST) {
        hp_fail(
            err, HP_CONFIG,
            "%s:%d:%d: a map file is \"sources:\" and a list below it; write one with \"hotpass map --save\"",
            path, root->line, root->column);
        return in_stage(err, HP_CONFIG);
    }
    hp_pblock_read(&l, &hp_pb_map_file, root, &map);
    if (!l.oom) hp_pcheck_priorities(&l, NULL, sources, &map);
    if (!l.oom) hp_pchecks_carry(&l, p, &map);
    HP_TRY(finish(&l, err));
    p->source = map.source;
    p->nsource = map.nsource;
    return HP_OK;
}
