/* What all checks look at, gathered once. Nothing here judges. */
#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "ops/doctor/parts.h"

#include "base/banned.h"

static const char *or_else(const char *given, const char *otherwise) { return given ? given : otherwise; }

static void look_newer(hp_doctor *d, const char *path, const struct stat *st) {
    if (st->st_mtim.tv_sec <= d->facts.newest) return;
    d->facts.newest = st->st_mtim.tv_sec;
    d->facts.newest_path = hp_doctor_text(d, "%s", path);
}

/* ---- the machine ---- */

static uint64_t soft_limit(__rlimit_resource_t which) {
    struct rlimit l;
    if (getrlimit(which, &l) != 0 || l.rlim_cur == RLIM_INFINITY) return UINT64_MAX;
    return l.rlim_cur;
}

/* Files of /proc and /sys have no size, so hp_read_file does not read them. */
static hp_str read_kernel(hp_doctor *d, const char *path) {
    char text[4096];
    FILE *f = fopen(path, "re");
    if (!f) return (hp_str){"", 0};
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    return hp_str_trim(hp_doctor_text(d, "%.*s", (int)n, text));
}

static uint64_t memory_available(hp_doctor *d) {
    hp_str text = read_kernel(d, "/proc/meminfo"), line;
    while (hp_str_next(&text, '\n', &line)) {
        if (!hp_str_starts(line, HP_S("MemAvailable:"))) continue;
        hp_str number = hp_str_trim(hp_str_cut(line, 13, line.n));
        int64_t kib = 0;
        if (hp_str_i64(hp_str_cut(number, 0, hp_str_chr(number, ' ', 0)), &kib) && kib > 0)
            return (uint64_t)kib << 10;
    }
    return 0;
}

/* Of control groups, version 2, then 1: what is set for the group that a container sees as its root. */
static uint64_t memory_limit(hp_doctor *d) {
    static const char *const PATHS[] = {"/sys/fs/cgroup/memory.max",
                                        "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    for (size_t i = 0; i < 2; i++) {
        int64_t bytes = 0;
        if (hp_str_i64(read_kernel(d, PATHS[i]), &bytes) && bytes > 0 && bytes < INT64_MAX / 2)
            return (uint64_t)bytes;
    }
    return 0;
}

static hp_str parent_of(hp_doctor *d, const char *path) {
    hp_str p = hp_str_of(path), base = hp_path_base(p);
    hp_str dir = hp_str_cut(p, 0, p.n - base.n);
    while (dir.n > 1 && dir.p[dir.n - 1] == '/') dir.n--;
    return dir.n ? hp_doctor_text(d, "%.*s", HP_FMT(dir)) : HP_S(".");
}

static void look_at_disk(hp_doctor *d) {
    struct statvfs v;
    hp_str dir = parent_of(d, d->output_path);
    while (statvfs(dir.p, &v) != 0) { /* not made yet: the nearest directory above that is */
        if (hp_str_eq(dir, HP_S(".")) || hp_str_eq(dir, HP_S("/"))) return;
        dir = parent_of(d, dir.p);
    }
    d->facts.disk_known = true;
    d->facts.disk_free = (uint64_t)v.f_bavail * v.f_frsize;
    d->facts.inodes_free = v.f_favail;
    d->facts.inodes_total = v.f_files;
}

static void look_at_locale(hp_doctor_facts *f) {
    static const char *const NAMES[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(NAMES[i]);
        if (!value || !*value) continue;
        f->charset_from = hp_str_of(NAMES[i]);
        f->charset = hp_str_of(value);
        return;
    }
}

static void look_at_machine(hp_doctor *d) {
    hp_doctor_facts *f = &d->facts;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    f->now = now.tv_sec;
    look_at_disk(d);
    f->memory_available = memory_available(d);
    f->memory_limit = memory_limit(d);
    f->open_files = soft_limit(RLIMIT_NOFILE);
    f->file_size = soft_limit(RLIMIT_FSIZE);
    f->address_space = soft_limit(RLIMIT_AS);
    f->umask = umask(077);
    umask(f->umask);
    f->user = geteuid();
    look_at_locale(f);
    f->zone = hp_str_of(getenv("TZ"));
    const char *tmp = getenv("TMPDIR");
    f->tmp = hp_str_of(tmp && *tmp ? tmp : "/tmp");
}

/* ---- the inputs ---- */

/* What refine reads, by suffix, also packed (read/source.c). */
static bool is_input(hp_str name) {
    static const char *const SUFFIXES[] = {".xlsx", ".xlsm",   ".xltx",  ".xltm",   ".ods",
                                           ".ots",  ".xls",    ".xlt",   ".csv",    ".tsv",
                                           ".txt",  ".ndjson", ".jsonl", ".parquet"};
    static const char *const PACKED[] = {".gz", ".zst", ".zstd"};
    if (name.n && (name.p[0] == '.' || hp_str_starts(name, HP_S("~$")))) return false;
    for (size_t i = 0; i < sizeof PACKED / sizeof *PACKED; i++) {
        size_t n = strlen(PACKED[i]);
        if (name.n > n && hp_str_ieq(hp_str_cut(name, name.n - n, name.n), hp_str_of(PACKED[i]))) name.n -= n;
    }
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++) {
        size_t n = strlen(SUFFIXES[i]);
        if (name.n > n && hp_str_ieq(hp_str_cut(name, name.n - n, name.n), hp_str_of(SUFFIXES[i])))
            return true;
    }
    return false;
}

static hp_code look_at_inputs(hp_doctor *d, hp_err *err) {
    hp_str *names = NULL;
    size_t n = 0;
    hp_err e = {0};
    d->input_code = hp_list_dir(d->a, d->input_dir, &names, &n, &e);
    if (d->input_code == HP_RETRY) return hp_fail_memory(err, "the list of inputs");
    if (d->input_code != HP_OK) d->input_error = hp_doctor_text(d, "%s", e.message);
    d->input = HP_NEW_ARRAY(d->a, n + 1, hp_doctor_input);
    d->other = HP_NEW_ARRAY(d->a, n + 1, hp_str);
    if (!d->input || !d->other) return hp_fail_memory(err, "the list of inputs");
    for (size_t i = 0; i < n; i++) {
        struct stat st;
        hp_str path = hp_path_join(d->a, hp_str_of(d->input_dir), names[i]);
        if (!path.p) return hp_fail_memory(err, "the list of inputs");
        if (!is_input(names[i]) || stat(path.p, &st) != 0 || !S_ISREG(st.st_mode)) {
            d->other[d->nother++] = names[i];
            continue;
        }
        d->facts.input_bytes += (uint64_t)st.st_size;
        look_newer(d, path.p, &st);
        d->input[d->ninput++] = (hp_doctor_input){names[i], path, (uint64_t)st.st_size};
    }
    return HP_OK;
}

/* ---- configuration and profile ---- */

static hp_code look_at_config(hp_doctor *d, hp_err *err) {
    hp_autobuf lines = hp_buf_new(1 << 20);
    HP_TRY(hp_config_read(d->a, d->o->config_path, &d->config, &lines, err));
    d->config_lines = hp_arena_dup(d->a, hp_buf_str(&lines));
    if (!d->config_lines.p) return hp_fail_memory(err, "the configuration");
    d->input_dir = or_else(d->o->input_dir, hp_config_text(&d->config, HP_C_INPUT_DIR));
    d->output_path = or_else(d->o->output_path, hp_config_text(&d->config, HP_C_OUTPUT_PATH));
    d->dist_dir = or_else(d->o->dist_dir, hp_config_text(&d->config, HP_C_DIST_DIR));
    d->state_dir = hp_config_text(&d->config, HP_C_STATE_DIR);
    struct stat st;
    if (d->config.project.found && stat(d->config.project.path.p, &st) == 0)
        look_newer(d, d->config.project.path.p, &st);
    return HP_OK;
}

static hp_code profile_dirs(hp_doctor *d, const char *const **dirs, size_t *n, hp_err *err) {
    const hp_config_value *v = hp_config_get(&d->config, HP_C_PROFILE_DIRS, NULL);
    *dirs = d->o->profile_dirs;
    *n = d->o->nprofile_dirs;
    if (*n || !v->n) return HP_OK;
    const char **list = HP_NEW_ARRAY(d->a, v->n, const char *);
    if (!list) return hp_fail_memory(err, "the profile");
    for (size_t i = 0; i < v->n; i++) list[i] = v->item[i].p;
    *dirs = list;
    *n = v->n;
    return HP_OK;
}

static hp_code look_at_profile(hp_doctor *d, hp_err *err) {
    const char *name = or_else(d->o->profile, hp_config_text(&d->config, HP_C_PROFILE));
    const char *const *dirs;
    size_t n;
    hp_err e = {0};
    hp_autobuf lines = hp_buf_new(4 << 20);
    hp_profile *p = NULL;
    HP_TRY(profile_dirs(d, &dirs, &n, err));
    hp_code code = hp_profile_find(d->a, hp_str_of(name), dirs, n, &d->profile_path, &e);
    if (code == HP_OK) code = hp_profile_load(d->a, d->profile_path.p, &p, &e);
    if (code == HP_OK) d->profile = p;
    /* Only a profile that does not load is read a second time, for all of its errors. */
    if (code == HP_CONFIG && d->profile_path.n)
        code = hp_profile_lint(d->a, d->profile_path.p, &lines, &d->profile_errors, &e);
    if (code == HP_RETRY) return hp_fail_memory(err, "the profile");
    if (e.message[0]) d->profile_error = hp_doctor_text(d, "%s", e.message);
    d->profile_lines = hp_arena_dup(d->a, hp_buf_str(&lines));
    return d->profile_lines.p ? HP_OK : hp_fail_memory(err, "the profile");
}

hp_code hp_doctor_gather(hp_doctor *d, hp_err *err) {
    HP_TRY(look_at_config(d, err));
    look_at_machine(d);
    HP_TRY(look_at_inputs(d, err));
    HP_TRY(look_at_profile(d, err));
    return d->oom ? hp_fail_memory(err, "what the doctor looks at") : HP_OK;
}
