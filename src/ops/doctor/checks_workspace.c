/* Checks of the workspace: directories, what lies about in them, the last run. */
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "ops/doctor/parts.h"

#include "base/banned.h"

enum { LEFTOVER_SECONDS = 3600, RANDOM_DIGITS = 16, SPOOL_WAIT_MS = 20 };

static const char *directory_of(hp_doctor *d, const char *path) {
    hp_str p = hp_str_of(path), base = hp_path_base(p);
    return p.n == base.n ? "." : hp_doctor_text(d, "%.*s", HP_FMT(hp_str_cut(p, 0, p.n - base.n - 1))).p;
}

HP_DOCTOR_LOOK(input_dir) {
    hp_doctor_ran(d, r, "the directory %s", d->input_dir);
    hp_doctor_expected(d, r, "readable, with workbooks or data files");
    if (d->input_code != HP_OK) {
        hp_doctor_got(d, r, "%.*s", HP_FMT(d->input_error));
        hp_doctor_bad(d, r, "put the files there, or name their directory: --input-dir, pipeline.input_dir");
        return;
    }
    hp_doctor_got(d, r, "%zu input files, %zu others", d->ninput, d->nother);
    for (size_t i = 0; i < d->ninput; i++)
        if (access(d->input[i].path.p, R_OK) != 0)
            hp_doctor_detail(d, r, "%.*s cannot be read", HP_FMT(d->input[i].path));
    if (r->detail.n)
        hp_doctor_bad(d, r, "give this user the right to read them: chmod u+r FILE, by their owner");
    else if (!d->ninput)
        hp_doctor_bad(d, r, "put .xlsx, .xls, .ods, .csv, .ndjson or .parquet files there");
}

/* Says why an output could not be written; NULL when it could. Asks only: hp_out_probe would try, and leave a
 * trace in the directory's time. */
static const char *why_not(hp_doctor *d, const char *path) {
    if (hp_is_dir(path)) return "it is a directory";
    const char *dir = directory_of(d, path);
    while (!hp_exists(*dir ? dir : "/")) dir = directory_of(d, dir);
    if (!*dir) dir = "/";
    if (!hp_is_dir(dir)) return hp_doctor_text(d, "%s is no directory", dir).p;
    if (access(dir, W_OK | X_OK) != 0) return hp_doctor_text(d, "%s: %s", dir, strerrordesc_np(errno)).p;
    return NULL;
}

HP_DOCTOR_LOOK(output) {
    const hp_config_value *paths = hp_config_get(&d->config, HP_C_OUTPUT_PATH, NULL);
    hp_str one = hp_str_of(d->output_path);
    const hp_str *list = d->o->output_path || !paths->n ? &one : paths->item;
    size_t n = list == &one ? 1 : paths->n;
    hp_doctor_ran(d, r, n == 1 ? "the place of %s" : "the places of %s and others", d->output_path);
    hp_doctor_expected(d, r, "can be written, or made");
    hp_doctor_got(d, r, "it can");
    for (size_t i = 0; i < n; i++) {
        const char *why = why_not(d, list[i].p);
        if (why) hp_doctor_detail(d, r, "%.*s: %s", HP_FMT(list[i]), why);
    }
    if (!r->detail.n) return;
    hp_doctor_got(d, r, "%zu cannot", r->detail.n);
    hp_doctor_bad(d, r, "make the directory writable, or write elsewhere: --output-path");
}

/* ---- directories ---- */

const char **hp_doctor_directories(hp_doctor *d) {
    const char **list = HP_NEW_ARRAY(d->a, 6, const char *);
    if (!list) {
        d->oom = true;
        return NULL;
    }
    list[0] = d->input_dir;
    list[1] = d->dist_dir;
    list[2] = hp_doctor_text(d, "%s/incidents", d->dist_dir).p;
    list[3] = hp_doctor_text(d, "%s/input-archives", d->dist_dir).p;
    return list;
}

HP_DOCTOR_LOOK(directories) {
    hp_doctor_ran(d, r, "the directories of the workspace");
    hp_doctor_expected(d, r, "%s, %s, %s/incidents, %s/input-archives", d->input_dir, d->dist_dir,
                       d->dist_dir, d->dist_dir);
    const char **list = hp_doctor_directories(d);
    for (size_t i = 0; list && list[i]; i++)
        if (!hp_is_dir(list[i]))
            hp_doctor_detail(d, r, hp_exists(list[i]) ? "%s is no directory" : "%s is missing", list[i]);
    hp_doctor_got(d, r, r->detail.n ? "%zu missing" : "all are there", r->detail.n);
    if (r->detail.n) hp_doctor_bad(d, r, "hotpass doctor --autofix");
}

HP_DOCTOR_LOOK(permissions) {
    struct stat st;
    const char **list = hp_doctor_directories(d);
    hp_doctor_ran(d, r, "owner and mode of the directories that are there");
    hp_doctor_expected(d, r, "nobody else may write");
    for (size_t i = 0; list && list[i]; i++) {
        if (stat(list[i], &st) != 0) continue;
        if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
            hp_doctor_detail(d, r, "everybody may write to %s (%03o)", list[i],
                             (unsigned)(st.st_mode & 0777));
        if (st.st_uid != d->facts.user && d->facts.user != 0)
            hp_doctor_detail(d, r, "%s belongs to user %u", list[i], (unsigned)st.st_uid);
    }
    hp_doctor_got(d, r, r->detail.n ? "%zu things" : "as it should be", r->detail.n);
    if (r->detail.n) hp_doctor_bad(d, r, "chmod o-w DIRECTORY; chown it to who runs hotpass");
}

/* ---- what lies about ---- */

bool hp_doctor_is_leftover(hp_str name) {
    size_t tail = 1 + RANDOM_DIGITS + 4; /* ".0123456789abcdef.tmp" */
    if (name.n <= tail + 1 || name.p[0] != '.' || !hp_str_ends(name, HP_S(".tmp"))) return false;
    hp_str digits = hp_str_cut(name, name.n - tail + 1, name.n - 4);
    for (size_t i = 0; i < digits.n; i++)
        if (!hp_is_digit(digits.p[i]) && !(digits.p[i] >= 'a' && digits.p[i] <= 'f')) return false;
    return name.p[name.n - tail] == '.';
}

typedef void found_fn(hp_doctor *d, hp_str path, void *ctx);

static void leftovers_in(hp_doctor *d, const char *dir, found_fn *fn, void *ctx) {
    hp_str *names = NULL;
    size_t n = 0;
    struct stat st;
    if (hp_list_dir(d->a, dir, &names, &n, NULL) != HP_OK) return;
    for (size_t i = 0; i < n; i++) {
        if (!hp_doctor_is_leftover(names[i])) continue;
        hp_str path = hp_doctor_text(d, "%s/%.*s", dir, HP_FMT(names[i]));
        if (lstat(path.p, &st) == 0 && S_ISREG(st.st_mode)
            && st.st_mtim.tv_sec + LEFTOVER_SECONDS < d->facts.now)
            fn(d, path, ctx);
    }
}

void hp_doctor_leftovers(hp_doctor *d, found_fn *fn, void *ctx) {
    const char *dirs[] = {directory_of(d, d->output_path), d->dist_dir, d->state_dir, "."};
    struct stat seen[sizeof dirs / sizeof *dirs];
    size_t n = 0;
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        bool again = stat(*dirs[i] ? dirs[i] : "/", &seen[n]) != 0;
        for (size_t k = 0; k < n && !again; k++)
            again = seen[k].st_dev == seen[n].st_dev && seen[k].st_ino == seen[n].st_ino;
        if (again) continue;
        n++;
        leftovers_in(d, *dirs[i] ? dirs[i] : "/", fn, ctx);
    }
}

static void tell(hp_doctor *d, hp_str path, void *r) { hp_doctor_detail(d, r, "%.*s", HP_FMT(path)); }

HP_DOCTOR_LOOK(leftovers) {
    hp_doctor_ran(d, r, "hidden .tmp files in %s, %s, %s and here", directory_of(d, d->output_path),
                  d->dist_dir, d->state_dir);
    hp_doctor_expected(d, r, "none that is older than an hour");
    hp_doctor_leftovers(d, tell, r);
    hp_doctor_got(d, r, r->detail.n ? "%zu" : "none", r->detail.n);
    if (r->detail.n) hp_doctor_bad(d, r, "hotpass doctor --autofix removes them");
}

/* A lock says who holds it by the number that its text begins with; what does not is not ours to judge. */
static bool holder_is_gone(hp_doctor *d, hp_str path) {
    hp_autobuf text = hp_buf_new(4096);
    int64_t pid;
    if (hp_read_file(path.p, &text, NULL) != HP_OK) return false;
    hp_str s = hp_str_trim(hp_buf_str(&text));
    size_t n = 0;
    while (n < s.n && hp_is_digit(s.p[n])) n++;
    (void)d;
    if (!hp_str_i64(hp_str_cut(s, 0, n), &pid) || pid <= 0 || pid > INT32_MAX) return false;
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

void hp_doctor_stale_locks(hp_doctor *d, found_fn *fn, void *ctx) {
    hp_str *names = NULL;
    size_t n = 0;
    if (hp_list_dir(d->a, d->state_dir, &names, &n, NULL) != HP_OK) return;
    for (size_t i = 0; i < n; i++) {
        if (!hp_str_ends(names[i], HP_S(".lock"))) continue;
        hp_str path = hp_doctor_text(d, "%s/%.*s", d->state_dir, HP_FMT(names[i]));
        if (holder_is_gone(d, path)) fn(d, path, ctx);
    }
}

HP_DOCTOR_LOOK(locks) {
    hp_doctor_ran(d, r, "%s/*.lock", d->state_dir);
    hp_doctor_expected(d, r, "none whose process is gone");
    hp_doctor_stale_locks(d, tell, r);
    hp_doctor_got(d, r, r->detail.n ? "%zu" : "none", r->detail.n);
    if (r->detail.n) hp_doctor_bad(d, r, "hotpass doctor --autofix removes them");
}

HP_DOCTOR_LOOK(open_books) {
    hp_doctor_ran(d, r, "lock files of LibreOffice and Excel in %s", d->input_dir);
    hp_doctor_expected(d, r, "none");
    for (size_t i = 0; i < d->nother; i++) {
        hp_str name = d->other[i];
        if (hp_str_starts(name, HP_S(".~lock.")) && hp_str_ends(name, HP_S("#")))
            hp_doctor_detail(d, r, "%.*s is open in LibreOffice", HP_FMT(hp_str_cut(name, 7, name.n - 1)));
        else if (hp_str_starts(name, HP_S("~$")))
            hp_doctor_detail(d, r, "%.*s is open in Excel", HP_FMT(hp_str_cut(name, 2, name.n)));
    }
    hp_doctor_got(d, r, r->detail.n ? "%zu" : "none", r->detail.n);
    if (r->detail.n)
        hp_doctor_bad(d, r,
                      "close them; when nobody has them open, the lock file is left from a crash and can go");
}

/* ---- git ---- */

/* "/dist/", "dist" and "dist/" say the same about a directory at the top. */
static hp_str bare(hp_str line) {
    line = hp_str_trim(line);
    if (line.n && line.p[0] == '/') line = hp_str_cut(line, 1, line.n);
    if (line.n && line.p[line.n - 1] == '/') line.n--;
    return line;
}

static bool ignores(hp_str file, hp_str pattern) {
    hp_str line;
    while (hp_str_next(&file, '\n', &line))
        if (hp_str_eq(bare(line), bare(pattern))) return true;
    return false;
}

const char **hp_doctor_unignored(hp_doctor *d) {
    const char **list = HP_NEW_ARRAY(d->a, 5, const char *);
    hp_autobuf text = hp_buf_new(1 << 20);
    size_t n = 0;
    if (!list) {
        d->oom = true;
        return NULL;
    }
    if (!hp_exists(".git") && !hp_exists(".gitignore")) return list;
    if (hp_exists(".gitignore") && hp_read_file(".gitignore", &text, NULL) != HP_OK) return list;
    const char *dirs[] = {d->dist_dir, d->state_dir};
    for (size_t i = 0; i < 2; i++) {
        hp_str dir = hp_str_of(dirs[i]);
        if (hp_str_starts(dir, HP_S("./"))) dir = hp_str_cut(dir, 2, dir.n);
        bool elsewhere =
            !dir.n || dir.p[0] == '/' || hp_str_eq(dir, HP_S(".")) || hp_str_starts(dir, HP_S(".."));
        if (!elsewhere && !ignores(hp_buf_str(&text), dir))
            list[n++] = hp_doctor_text(d, "/%.*s/", HP_FMT(dir)).p;
    }
    if (!ignores(hp_buf_str(&text), HP_S(".env.*"))) list[n++] = ".env.*";
    return list;
}

HP_DOCTOR_LOOK(gitignore) {
    hp_doctor_ran(d, r, ".gitignore");
    hp_doctor_expected(d, r, "results, state and environment files are ignored");
    if (!hp_exists(".git") && !hp_exists(".gitignore")) {
        hp_doctor_skip(d, r, "this is the top of no git work tree");
        return;
    }
    const char **list = hp_doctor_unignored(d);
    for (size_t i = 0; list && list[i]; i++) hp_doctor_detail(d, r, "%s is not ignored", list[i]);
    hp_doctor_got(d, r, r->detail.n ? "%zu are not" : "they are", r->detail.n);
    if (r->detail.n) hp_doctor_bad(d, r, "hotpass doctor --autofix adds them");
}

/* ---- the last run ---- */

static hp_str text_of(const hp_node *n, const char *key) {
    hp_str s = {"", 0};
    hp_node_text(hp_node_get(n, key), &s);
    return s;
}

static void look_at_outputs(hp_doctor *d, hp_doctor_result *r, const hp_node *outputs) {
    for (size_t i = 0; outputs && outputs->kind == HP_NODE_LIST && i < outputs->n; i++) {
        struct stat st;
        int64_t bytes = -1;
        hp_str path = hp_doctor_text(d, "%.*s", HP_FMT(text_of(outputs->item[i], "path")));
        hp_node_i64(hp_node_get(outputs->item[i], "bytes"), &bytes);
        if (stat(path.p, &st) != 0)
            hp_doctor_detail(d, r, "%.*s is gone", HP_FMT(path));
        else if (bytes >= 0 && st.st_size != bytes)
            hp_doctor_detail(d, r, "%.*s was changed since", HP_FMT(path));
    }
}

HP_DOCTOR_LOOK(last_run) {
    hp_node *run = NULL;
    hp_err e = {0};
    int64_t code = 0;
    hp_str path = hp_doctor_text(d, "%s/run.json", directory_of(d, d->output_path));
    hp_doctor_ran(d, r, "%.*s", HP_FMT(path));
    hp_doctor_expected(d, r, "it went well, and its outputs are as it left them");
    if (!hp_exists(path.p)) {
        hp_doctor_skip(d, r, "no run yet");
        return;
    }
    if (hp_doc_read(d->a, path.p, &run, &e) != HP_OK || !hp_node_get(run, "exit_code")) {
        hp_doctor_got(d, r, "%s", e.message[0] ? e.message : "it is no record of a run");
        hp_doctor_bad(d, r, "run hotpass refine again");
        return;
    }
    hp_node_i64(hp_node_get(run, "exit_code"), &code);
    hp_str at = text_of(run, "started_at"), version = text_of(run, "version");
    look_at_outputs(d, r, hp_node_get(run, "outputs"));
    hp_doctor_got(d, r, "exit code %lld, %.*s, hotpass %.*s", (long long)code, HP_FMT(at), HP_FMT(version));
    if (code != 0)
        hp_doctor_bad(d, r, "read its report or its findings, correct, and run hotpass refine again");
    else if (r->detail.n)
        hp_doctor_bad(d, r, "run hotpass refine again, unless the change was meant");
}

/* ---- lineage that waits ---- */

/* The store is another's (ops/lineage): its table of events is read, and nothing else. */
#define SPOOL "lineage.sqlite"

static bool count_events(const char *path, int64_t *pending, int64_t *rejected, int64_t *oldest_ms) {
    static const char SQL[] =
        "SELECT coalesce(sum(state = 'pending'), 0), coalesce(sum(state = 'rejected'), 0), "
        "coalesce(min(CASE state WHEN 'pending' THEN time END), 0) FROM event";
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    bool read = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
                && sqlite3_busy_timeout(db, SPOOL_WAIT_MS) == SQLITE_OK
                && sqlite3_prepare_v2(db, SQL, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW;
    if (read) {
        *pending = sqlite3_column_int64(q, 0);
        *rejected = sqlite3_column_int64(q, 1);
        *oldest_ms = sqlite3_column_int64(q, 2);
    }
    sqlite3_finalize(q);
    sqlite3_close(db);
    return read;
}

HP_DOCTOR_LOOK(spool) {
    hp_str path = hp_doctor_text(d, "%s/" SPOOL, d->state_dir);
    int64_t pending = 0, rejected = 0, oldest_ms = 0;
    char since[21];
    hp_doctor_ran(d, r, "the events of lineage in %.*s", HP_FMT(path));
    hp_doctor_expected(d, r, "none was refused, none has waited for longer than an hour");
    if (!hp_exists(path.p)) {
        hp_doctor_skip(d, r, "no event was written yet");
        return;
    }
    if (!count_events(path.p, &pending, &rejected, &oldest_ms)) {
        hp_doctor_got(d, r, "it cannot be read");
        hp_doctor_bad(d, r, "look at it with sqlite3; move it away if it is damaged");
        return;
    }
    hp_time_iso(oldest_ms / 1000, since);
    hp_doctor_got(d, r, "%lld wait, %lld were refused", (long long)pending, (long long)rejected);
    if (pending && oldest_ms / 1000 + LEFTOVER_SECONDS < d->facts.now)
        hp_doctor_detail(d, r, "the oldest has waited since %s", since);
    if (rejected) hp_doctor_detail(d, r, "the server refused %lld for good", (long long)rejected);
    if (r->detail.n) hp_doctor_bad(d, r, "hotpass doctor --network tells whether the receiver answers");
}
