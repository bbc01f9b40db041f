/* What --autofix does: only what can be undone, each thing listed, and looked at again before it is touched,
 * so that a second time does nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "ops/doctor/parts.h"

#include "base/banned.h"

/* As many files of one name the trash takes. */
enum { MOST_OF_A_NAME = 1000 };

#define DEFAULT_OWNER  "Data Governance"
#define DEFAULT_REVIEW "180"

static void add(hp_doctor *d, hp_str what, hp_str undo, hp_str error) {
    hp_doctor_action action = {d->mending, what, undo, !d->dry_run && !error.n, error};
    if (!hp_vec_push(&d->actions, action)) d->oom = true;
}

static hp_str reason(hp_doctor *d, bool failed) {
    return failed ? hp_doctor_text(d, "%s", strerrordesc_np(errno)) : (hp_str){"", 0};
}

/* A path as a shell takes it, in single quotes. */
static hp_str quoted(hp_doctor *d, hp_str path) {
    hp_autobuf text = hp_buf_new(64 << 10);
    hp_buf_putc(&text, '\'');
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '\'') hp_buf_puts(&text, "'\\'");
        hp_buf_putc(&text, path.p[i]);
    }
    hp_buf_putc(&text, '\'');
    return hp_doctor_text(d, "%.*s", HP_FMT(hp_buf_str(&text)));
}

HP_DOCTOR_MEND(directories) {
    const char **list = hp_doctor_directories(d);
    (void)err;
    for (size_t i = 0; list && list[i]; i++) {
        hp_err above = {0};
        if (hp_exists(list[i])) continue;
        bool stuck = !d->dry_run && hp_make_parents(list[i], &above) != HP_OK;
        bool failed = !d->dry_run && !stuck && mkdir(list[i], 0777) != 0;
        add(d, hp_doctor_text(d, "make the directory %s", list[i]),
            hp_doctor_text(d, "rmdir %s", quoted(d, hp_str_of(list[i])).p),
            stuck ? hp_doctor_text(d, "%s", above.message) : reason(d, failed));
    }
    return HP_OK;
}

/* Some file systems know no RENAME_NOREPLACE; between the look and the move only we would come. */
static bool move(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL) return false;
    if (!hp_exists(to)) return rename(from, to) == 0;
    errno = EEXIST;
    return false;
}

/* Nothing in the trash is replaced: two directories may have files of one name, which get numbers there. */
static bool move_to_trash(hp_doctor *d, hp_str trash, hp_str path, hp_str *to) {
    hp_str name = hp_path_base(path);
    for (int i = 2; i <= MOST_OF_A_NAME; i++) {
        if (move(path.p, to->p)) return true;
        if (errno != EEXIST) return false;
        *to = hp_doctor_text(d, "%.*s/%.*s.%d", HP_FMT(trash), HP_FMT(name), i);
    }
    return false;
}

/* Moved, not removed: what lies in the trash of the state directory can be put back. */
static void put_away(hp_doctor *d, hp_str path, void *ctx) {
    (void)ctx;
    hp_str trash = hp_doctor_text(d, "%s/trash", d->state_dir);
    hp_str to = hp_doctor_text(d, "%.*s/%.*s", HP_FMT(trash), HP_FMT(hp_path_base(path)));
    bool failed = false;
    if (!d->dry_run) {
        mkdir(d->state_dir, 0700);
        mkdir(trash.p, 0700);
        failed = !move_to_trash(d, trash, path, &to);
    }
    add(d, hp_doctor_text(d, "put away %.*s", HP_FMT(path)),
        hp_doctor_text(d, "mv %s %s", quoted(d, to).p, quoted(d, path).p),
        failed && errno == EXDEV ? hp_doctor_text(
            d, "the trash, %.*s, is on another file system; remove it by hand", HP_FMT(trash))
                                 : reason(d, failed));
}

HP_DOCTOR_MEND(leftovers) {
    (void)err;
    hp_doctor_leftovers(d, put_away, NULL);
    return HP_OK;
}

HP_DOCTOR_MEND(locks) {
    (void)err;
    hp_doctor_stale_locks(d, put_away, NULL);
    return HP_OK;
}

static void close_to_others(hp_doctor *d, hp_str path, void *ctx) {
    struct stat st;
    (void)ctx;
    int fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool failed = fd < 0 || fstat(fd, &st) != 0 || (!d->dry_run && fchmod(fd, st.st_mode & 0700) != 0);
    hp_str why = reason(d, failed);
    if (fd >= 0) close(fd);
    add(d, hp_doctor_text(d, "chmod %03o %.*s", failed ? 0600 : (unsigned)st.st_mode & 0700, HP_FMT(path)),
        hp_doctor_text(d, "chmod %03o %s", failed ? 0644 : (unsigned)st.st_mode & 0777, quoted(d, path).p),
        why);
}

HP_DOCTOR_MEND(secret_files) {
    (void)err;
    hp_doctor_open_secrets(d, close_to_others, NULL);
    return HP_OK;
}

HP_DOCTOR_MEND(gitignore) {
    const char **list = hp_doctor_unignored(d);
    if (!list || !list[0]) return HP_OK;
    hp_autobuf text = hp_buf_new(1 << 20);
    hp_err e = {0};
    hp_code code = hp_exists(".gitignore") ? hp_read_file(".gitignore", &text, &e) : HP_OK;
    if (text.n && text.p[text.n - 1] != '\n') hp_buf_putc(&text, '\n');
    for (size_t i = 0; list[i]; i++) hp_buf_printf(&text, "%s\n", list[i]);
    if (code == HP_OK) code = hp_buf_check(&text, ".gitignore", &e);
    if (code == HP_OK && !d->dry_run) code = hp_write_file(".gitignore", hp_buf_str(&text), &e);
    if (code == HP_RETRY) return hp_fail_memory(err, ".gitignore");
    for (size_t i = 0; list[i]; i++)
        add(d, hp_doctor_text(d, "add %s to .gitignore", list[i]),
            hp_doctor_text(d, "take the line %s out of .gitignore", list[i]),
            code == HP_OK ? (hp_str){"", 0} : hp_doctor_text(d, "%s", e.message));
    return HP_OK;
}

static hp_code set_key(hp_doctor *d, hp_config_id id, const char *value, hp_err *err) {
    hp_str item = hp_str_of(value), path = d->config.project.path, error = {"", 0};
    hp_err e = {0};
    if (d->config.errors)
        error = HP_S("the configuration has errors; correct them first");
    else if (!d->dry_run && hp_config_set(d->a, path.p, id, &item, 1, &e) != HP_OK)
        error = hp_doctor_text(d, "%s", e.message);
    if (e.code == HP_RETRY) return hp_fail_memory(err, "the configuration");
    const char *name = hp_config_key_get(id)->name;
    add(d, hp_doctor_text(d, "set %s to %s in %.*s", name, value, HP_FMT(path)),
        hp_doctor_text(d, "take the line of %s out of %.*s", name, HP_FMT(path)), error);
    return HP_OK;
}

HP_DOCTOR_MEND(owner) { return set_key(d, HP_C_DATA_OWNER, DEFAULT_OWNER, err); }
HP_DOCTOR_MEND(review) { return set_key(d, HP_C_REVIEW_DAYS, DEFAULT_REVIEW, err); }

/* ---- the log ---- */

static void put_action(hp_json *j, const hp_doctor_action *x) {
    char now[21];
    hp_time_iso(hp_clock_now(), now);
    hp_json_object(j);
    hp_json_key(j, "at");
    hp_json_cstr(j, now);
    hp_json_key(j, "check");
    hp_json_cstr(j, x->check->id);
    hp_json_key(j, "what");
    hp_json_str(j, x->what);
    hp_json_key(j, "undo");
    hp_json_str(j, x->undo);
    hp_json_key(j, "error");
    if (x->error.n)
        hp_json_str(j, x->error);
    else
        hp_json_null(j);
    hp_json_object_end(j);
}

/* One write at the end of the file: lines of two doctors do not mix. */
static hp_code write_log(hp_doctor *d, hp_err *err) {
    hp_autobuf text = hp_buf_new(4 << 20);
    for (size_t i = 0; i < d->actions.n; i++) {
        hp_json j = {.out = &text};
        put_action(&j, &d->actions.p[i]);
        hp_buf_putc(&text, '\n');
    }
    HP_TRY(hp_buf_check(&text, "the log", err));
    hp_str path = hp_doctor_text(d, "%s/doctor.log", d->state_dir);
    mkdir(d->state_dir, 0700);
    int fd = open(path.p, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    ssize_t n = fd < 0 ? -1 : write(fd, text.p, text.n);
    int number = errno;
    if (fd >= 0) close(fd);
    if (n == (ssize_t)text.n) return HP_OK;
    return hp_fail(err, HP_IO, "%s: cannot note what was done: %s; the actions stand in the output", path.p,
                   strerrordesc_np(number));
}

hp_code hp_doctor_mend(hp_doctor *d, const hp_doctor_result *results, size_t n, bool dry_run,
                       const hp_doctor_actions **actions, hp_err *err) {
    d->dry_run = dry_run;
    for (size_t i = 0; i < n; i++) {
        const hp_doctor_result *r = &results[i];
        if (r->verdict != HP_DOCTOR_FAIL || !r->check->mend) continue;
        d->mending = r->check;
        HP_TRY(r->check->mend(d, err));
    }
    if (d->oom) return hp_fail_memory(err, "the actions");
    *actions = &d->actions;
    return d->actions.n && !dry_run ? write_log(d, err) : HP_OK;
}
