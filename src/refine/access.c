#include "refine/access.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

#include "base/banned.h"

static void text(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    if (v.n)
        hp_json_str(j, v);
    else
        hp_json_null(j);
}

/* What an export of data is: reports and records of runs hold no personal values. */
static bool holds_data(const char *kind) {
    return strcmp(kind, "report") != 0 && strcmp(kind, "run") != 0 && strcmp(kind, "data-docs") != 0;
}

static void put_fields(const hp_profile *p, hp_json *j) {
    hp_json_key(j, "personal_fields");
    hp_json_array(j);
    for (int f = 1; f < HP_FIELD_COUNT; f++)
        if (hp_field_is_pii(p, (hp_field)f)) hp_json_cstr(j, hp_field_get((hp_field)f)->name);
    hp_json_array_end(j);
}

static void put_line(const hp_profile *p, const char *command, const hp_output_file *f, uint64_t records,
                     hp_buf *out) {
    char when[21], host[256] = "";
    hp_json j = {.out = out};
    hp_time_iso(hp_clock_now(), when);
    if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
    hp_json_object(&j);
    text(&j, "recorded_at", hp_str_of(when));
    text(&j, "event", HP_S("export"));
    text(&j, "command", hp_str_of(command));
    text(&j, "output_path", f->path);
    text(&j, "kind", hp_str_of(f->kind));
    hp_json_key(&j, "total_records");
    hp_json_i64(&j, (int64_t)records);
    hp_json_key(&j, "bytes");
    hp_json_i64(&j, (int64_t)f->bytes);
    text(&j, "sha256", hp_str_of(f->sha256.hex));
    text(&j, "profile", p->name);
    text(&j, "policy", p->compliance.policy);
    text(&j, "lawful_basis", p->compliance.basis);
    text(&j, "purpose", p->compliance.purpose);
    put_fields(p, &j);
    text(&j, "worker", hp_str_of(host));
    hp_json_key(&j, "uid");
    hp_json_i64(&j, (int64_t)getuid());
    hp_json_object_end(&j);
}

hp_code hp_access_note(const hp_profile *p, hp_str dir, const char *command, const hp_output_file *file,
                       size_t n, uint64_t records, hp_err *err) {
    hp_autobuf path = hp_buf_new(8192);
    if (!p->compliance.audit) return HP_OK;
    hp_buf_printf(&path, "%.*s/logs/access.jsonl", HP_FMT(dir));
    HP_TRY(hp_buf_check(&path, "the path of the access log", err));
    for (size_t i = 0; i < n; i++) {
        hp_autobuf line = hp_buf_new(64 << 10);
        if (!holds_data(file[i].kind)) continue;
        put_line(p, command, &file[i], records, &line);
        HP_TRY(hp_buf_check(&line, "a line of the access log", err));
        HP_TRY(hp_append_line_as(hp_buf_cstr(&path), hp_buf_str(&line), true, err));
    }
    return HP_OK;
}
