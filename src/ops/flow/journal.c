#include "ops/flow/journal.h"

#include "base/doc.h"
#include "base/file.h"
#include "base/json.h"

#include "base/banned.h"

/* Two lines a window and call of some 700 bytes: a hundred thousand of them. */
enum { MAX_JOURNAL = 64 << 20 };

static const char SCHEMA[] = "hotpass.backfill-journal/1";

static void text(const hp_node *n, const char *key, hp_str *out) {
    const hp_node *v = hp_node_get(n, key);
    if (v) hp_node_text(v, out);
}

static void number(const hp_node *n, const char *key, int64_t *out) {
    const hp_node *v = hp_node_get(n, key);
    if (v) hp_node_i64(v, out);
}

/* False when the line is no entry. */
static bool read_line(hp_arena *a, hp_str line, hp_str *name, hp_journal_entry *e) {
    hp_err ignored = {0};
    hp_node *root;
    hp_str schema = {0};
    if (hp_json_read(a, line, "the journal", &root, &ignored) != HP_OK) return false;
    text(root, "schema", &schema);
    if (!hp_str_eq(schema, hp_str_of(SCHEMA))) return false;
    *e = (hp_journal_entry){0};
    text(root, "window", name);
    text(root, "status", &e->status);
    text(root, "archive_sha256", &e->archive_sha256);
    text(root, "settings", &e->settings);
    text(root, "profile", &e->profile_path);
    text(root, "profile_sha256", &e->profile_sha256);
    text(root, "output", &e->output);
    text(root, "output_sha256", &e->output_sha256);
    number(root, "rows_in", &e->rows_in);
    number(root, "rows_out", &e->rows_out);
    e->known = e->archive_sha256.n && e->settings.n && e->output.n && e->output_sha256.n;
    return name->n > 0;
}

static hp_code take_lines(hp_arena *a, hp_str bytes, hp_journal *j, hp_err *err) {
    hp_str line, name;
    size_t lines = 1;
    for (size_t i = 0; i < bytes.n; i++) lines += bytes.p[i] == '\n';
    j->entry = HP_NEW_ARRAY(a, lines, hp_journal_entry);
    if (!j->entry) return hp_fail_memory(err, "the journal of a backfill");
    while (hp_str_next(&bytes, '\n', &line)) {
        hp_journal_entry e;
        uint32_t at;
        bool added;
        name = (hp_str){0};
        if (!read_line(a, line, &name, &e)) continue;
        if (!hp_smap_add(&j->by_name, name, (uint32_t)j->n, &at, &added))
            return hp_fail_memory(err, "the journal of a backfill");
        if (added) j->n++;
        j->entry[at] = e;
    }
    return HP_OK;
}

hp_code hp_journal_read(hp_arena *a, const char *path, hp_journal *out, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(MAX_JOURNAL);
    *out = (hp_journal){.path = path};
    if (!hp_exists(path)) return HP_OK;
    HP_TRY(hp_read_file(path, &bytes, err));
    hp_str copy = hp_arena_dup(a, hp_buf_str(&bytes));
    if (!copy.p) return hp_fail_memory(err, "the journal of a backfill");
    return take_lines(a, copy, out, err);
}

void hp_journal_free(hp_journal *j) { hp_smap_free(&j->by_name); }

const hp_journal_entry *hp_journal_find(const hp_journal *j, hp_str name) {
    uint32_t at;
    return hp_smap_get(&j->by_name, name, &at) ? &j->entry[at] : NULL;
}

static void put(hp_json *j, const char *key, hp_str v) {
    if (v.n == 0) return;
    hp_json_key(j, key);
    hp_json_str(j, v);
}

hp_code hp_journal_note(const hp_journal *j, const hp_window *w, const hp_journal_entry *e, hp_err *err) {
    char now[21];
    hp_autobuf line = hp_buf_new(64 << 10);
    hp_json json = {.out = &line};
    hp_time_iso(hp_clock_now(), now);
    hp_json_object(&json);
    put(&json, "schema", hp_str_of(SCHEMA));
    put(&json, "window", w->name);
    put(&json, "status", e->status);
    put(&json, "at", hp_str_of(now));
    put(&json, "archive", w->archive);
    put(&json, "archive_sha256", e->archive_sha256);
    put(&json, "settings", e->settings);
    put(&json, "profile", e->profile_path);
    put(&json, "profile_sha256", e->profile_sha256);
    put(&json, "output", e->output);
    put(&json, "output_sha256", e->output_sha256);
    hp_json_key(&json, "exit_code");
    hp_json_i64(&json, w->exit_code);
    hp_json_key(&json, "rows_in");
    hp_json_i64(&json, w->rows_in);
    hp_json_key(&json, "rows_out");
    hp_json_i64(&json, w->rows_out);
    put(&json, "failing_stage", w->failing_stage);
    hp_json_object_end(&json);
    HP_TRY(hp_buf_check(&line, "a line of the journal", err));
    return hp_append_line(j->path, hp_buf_str(&line), err);
}
