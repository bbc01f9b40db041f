#include "ops/compliance/purge.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/hash.h"

#include "base/banned.h"

/* Folders deeper than this are no work of ours. */
enum { DEPTH = 8 };

bool hp_purge_span(hp_str text, int64_t *seconds) {
    static const struct {
        char unit;
        int64_t seconds;
    } UNIT[] = {{'h', 3600}, {'d', 86400}, {'w', 7 * 86400}, {'m', 30 * 86400}, {'y', 365 * 86400}};
    int64_t n;
    text = hp_str_trim(text);
    bool iso = text.n > 2 && hp_lower(text.p[0]) == 'p';
    if (iso) text = hp_str_cut(text, 1, text.n);
    if (text.n < 2 || !hp_str_i64(hp_str_cut(text, 0, text.n - 1), &n) || n < 0 || n > 100000) return false;
    for (size_t i = 0; i < sizeof UNIT / sizeof *UNIT; i++) {
        if (hp_lower(text.p[text.n - 1]) != UNIT[i].unit || (iso && UNIT[i].unit == 'h')) continue;
        *seconds = n * UNIT[i].seconds;
        return true;
    }
    return false;
}

/* ---- measuring ---- */

/* Adds up a file, or a directory with all that is in it. */
static hp_code measure(hp_arena *a, const char *path, int depth, hp_purge_item *out, hp_err *err) {
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT
                   ? HP_OK
                   : hp_fail(err, HP_IO, "%s: cannot be looked at: %s", path, strerrordesc_np(errno));
    if (!S_ISDIR(st.st_mode)) {
        out->files++;
        out->bytes += (uint64_t)st.st_size;
        if (st.st_mtim.tv_sec > out->made) out->made = st.st_mtim.tv_sec;
        return HP_OK;
    }
    hp_str *name;
    size_t n;
    if (depth > DEPTH) return HP_OK;
    HP_TRY(hp_list_dir(a, path, &name, &n, err));
    if (n == 0 && st.st_mtim.tv_sec > out->made) out->made = st.st_mtim.tv_sec;
    for (size_t i = 0; i < n; i++) {
        hp_str child = hp_path_join(a, hp_str_of(path), name[i]);
        if (!child.p) return hp_fail_memory(err, "what is to be purged");
        HP_TRY(measure(a, child.p, depth + 1, out, err));
    }
    return HP_OK;
}

static bool is_listed(const hp_purge *p, hp_str path) {
    for (size_t i = 0; i < p->item.n; i++)
        if (hp_str_eq(p->item.p[i].path, path)) return true;
    return false;
}

static hp_code consider(hp_purge *p, hp_str path, const char *kind, int64_t before, hp_err *err) {
    hp_purge_item item = {.path = path, .kind = kind};
    if (!path.p) return hp_fail_memory(err, "what is to be purged");
    if (is_listed(p, path)) return HP_OK;
    HP_TRY(measure(p->arena, path.p, 0, &item, err));
    if (item.made == 0 || item.made >= before) return HP_OK;
    p->bytes += item.bytes;
    p->files += item.files;
    return hp_vec_push(&p->item, item) ? HP_OK : hp_fail_memory(err, "what is to be purged");
}

/* Tells whether a path is a directory of its own, no link to one. */
static bool is_own_dir(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* ---- what hotpass makes ---- */

/* "refined-data-20261124T082822Z-daa55370bf6a.zip" */
static bool is_archive(hp_str name) {
    static const hp_str HEAD = HP_S("refined-data-");
    if (!hp_str_starts(name, HEAD) || !hp_str_ends(name, HP_S(".zip")) || name.n != HEAD.n + 16 + 1 + 12 + 4)
        return false;
    hp_str when = hp_str_cut(name, HEAD.n, HEAD.n + 16);
    return when.p[8] == 'T' && when.p[15] == 'Z';
}

/* "20251127T104000Z", perhaps with "-2" behind it */
static bool is_moment(hp_str name) {
    for (size_t i = 0; i < 16; i++) {
        char c = i < name.n ? name.p[i] : '\0';
        bool fits = i == 8 ? c == 'T' : i == 15 ? c == 'Z' : hp_is_digit(c);
        if (!fits) return false;
    }
    return name.n == 16 || name.p[16] == '-';
}

/* Considers the runs in a folder, each a directory named by its time. */
static hp_code consider_runs(hp_purge *p, hp_str folder, const char *kind, int64_t before, hp_err *err) {
    hp_str *name;
    size_t n;
    if (!folder.p) return hp_fail_memory(err, "what is to be purged");
    if (!is_own_dir(folder.p)) return HP_OK;
    HP_TRY(hp_list_dir(p->arena, folder.p, &name, &n, err));
    for (size_t i = 0; i < n; i++) {
        hp_str path = hp_path_join(p->arena, folder, name[i]);
        if (path.p && is_moment(name[i]) && is_own_dir(path.p)) HP_TRY(consider(p, path, kind, before, err));
    }
    return HP_OK;
}

static hp_code consider_gates(hp_purge *p, hp_str root, int64_t before, hp_err *err) {
    hp_str *name;
    size_t n;
    if (!is_own_dir(root.p)) return HP_OK;
    HP_TRY(hp_list_dir(p->arena, root.p, &name, &n, err));
    for (size_t i = 0; i < n; i++)
        HP_TRY(consider_runs(p, hp_path_join(p->arena, root, name[i]), "quality-gate", before, err));
    return HP_OK;
}

/* Tells whether run.json names the file as an input, by name and digest. */
static bool is_input(const hp_node *inputs, const char *sha256) {
    for (size_t i = 0; inputs && i < inputs->n; i++) {
        hp_str digest = {0};
        hp_node_text(hp_node_get(inputs->item[i], "sha256"), &digest);
        if (hp_str_eq(digest, hp_str_of(sha256))) return true;
    }
    return false;
}

/* Considers one output of a run: beside its run.json, with the bytes that the run wrote. */
static hp_code consider_output(hp_purge *p, hp_str dir, const hp_node *root, const hp_node *output,
                               int64_t before, hp_err *err) {
    hp_str listed = {0}, digest = {0}, kind = {0};
    hp_sha256 now;
    struct stat st;
    hp_err ignored = {0};
    hp_node_text(hp_node_get(output, "path"), &listed);
    hp_node_text(hp_node_get(output, "sha256"), &digest);
    hp_node_text(hp_node_get(output, "kind"), &kind);
    hp_str name = hp_path_base(listed), path = hp_path_join(p->arena, dir, name);
    if (!path.p) return hp_fail_memory(err, "what is to be purged");
    if (name.n == 0 || digest.n == 0 || lstat(path.p, &st) != 0 || !S_ISREG(st.st_mode)) return HP_OK;
    if (st.st_mtim.tv_sec >= before) return HP_OK;
    /* What somebody worked on after the run is that person's, not ours. */
    if (hp_sha256_file(path.p, &now, &ignored) != HP_OK || !hp_str_eq(digest, hp_str_of(now.hex))
        || is_input(hp_node_get(root, "inputs"), now.hex)) {
        p->kept++;
        return HP_OK;
    }
    return consider(p, path, "output", before, err);
}

/* Tells whether a file is the record of a run: run.json of refine, enriched.run.json of enrich. */
static bool is_record(hp_str name) {
    return hp_str_eq(name, HP_S("run.json")) || hp_str_ends(name, HP_S(".run.json"));
}

/* Considers the outputs that the record of a run lists, and itself with them. */
static hp_code consider_run(hp_purge *p, hp_str dir, hp_str name, int64_t before, hp_err *err) {
    hp_str path = hp_path_join(p->arena, dir, name), schema = {0};
    hp_node *root = NULL;
    hp_err ignored = {0};
    if (!path.p) return hp_fail_memory(err, "what is to be purged");
    if (hp_doc_read(p->arena, path.p, &root, &ignored) != HP_OK) return HP_OK;
    hp_node_text(hp_node_get(root, "schema"), &schema);
    if (!hp_str_starts(schema, HP_S("hotpass.run/")) && !hp_str_starts(schema, HP_S("hotpass.enrichment/")))
        return HP_OK;
    const hp_node *outputs = hp_node_get(root, "outputs");
    for (size_t i = 0; outputs && i < outputs->n; i++)
        HP_TRY(consider_output(p, dir, root, outputs->item[i], before, err));
    return consider(p, path, "output", before, err);
}

static hp_code walk(hp_purge *p, hp_str dir, int depth, int64_t before, hp_err *err) {
    hp_str *name;
    size_t n;
    HP_TRY(hp_list_dir(p->arena, dir.p, &name, &n, err));
    for (size_t i = 0; i < n; i++) {
        hp_str path = hp_path_join(p->arena, dir, name[i]);
        if (!path.p) return hp_fail_memory(err, "what is to be purged");
        if (is_archive(name[i])) {
            struct stat st;
            if (lstat(path.p, &st) == 0 && S_ISREG(st.st_mode))
                HP_TRY(consider(p, path, "archive", before, err));
        } else if (is_record(name[i])) {
            HP_TRY(consider_run(p, dir, name[i], before, err));
        } else if (!is_own_dir(path.p) || depth >= DEPTH) {
            continue;
        } else if (hp_str_eq(name[i], HP_S("quality-gates"))) {
            HP_TRY(consider_gates(p, path, before, err));
        } else if (hp_str_eq(name[i], HP_S("data-docs"))) {
            HP_TRY(consider_runs(p, path, "data-docs", before, err));
        } else {
            HP_TRY(walk(p, path, depth + 1, before, err));
        }
    }
    return HP_OK;
}

hp_code hp_purge_find(hp_purge *p, const char *dir, int64_t before, hp_err *err) {
    return walk(p, hp_str_of(dir), 0, before, err);
}

/* ---- removing ---- */

static hp_code note(const hp_purge_item *item, const char *dir, hp_err *err) {
    char now[21], made[21];
    hp_autobuf line = hp_buf_new(16 << 10), path = hp_buf_new(8192);
    hp_json j = {.out = &line};
    hp_time_iso(hp_clock_now(), now);
    hp_time_iso(item->made, made);
    hp_json_object(&j);
    hp_json_key(&j, "recorded_at");
    hp_json_cstr(&j, now);
    hp_json_key(&j, "event");
    hp_json_cstr(&j, "purge");
    hp_json_key(&j, "path");
    hp_json_str(&j, item->path);
    hp_json_key(&j, "kind");
    hp_json_cstr(&j, item->kind);
    hp_json_key(&j, "changed_at");
    hp_json_cstr(&j, made);
    hp_json_key(&j, "files");
    hp_json_i64(&j, (int64_t)item->files);
    hp_json_key(&j, "bytes");
    hp_json_i64(&j, (int64_t)item->bytes);
    hp_json_object_end(&j);
    hp_buf_printf(&path, "%s/logs/purge.jsonl", dir);
    HP_TRY(hp_buf_check(&line, "a line of the purge log", err));
    HP_TRY(hp_buf_check(&path, "the path of the purge log", err));
    return hp_append_line_as(hp_buf_cstr(&path), hp_buf_str(&line), true, err);
}

hp_code hp_purge_remove(const hp_purge *p, const char *dir, hp_err *err) {
    for (size_t i = 0; i < p->item.n; i++) {
        HP_TRY(note(&p->item.p[i], dir, err));
        HP_TRY(hp_remove_tree(p->item.p[i].path.p, err));
    }
    return HP_OK;
}

void hp_purge_free(hp_purge *p) { hp_vec_free(&p->item); }
