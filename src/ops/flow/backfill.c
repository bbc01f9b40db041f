#include "ops/flow/backfill.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "ops/flow/call.h"
#include "ops/flow/journal.h"
#include "read/extract.h"

#include "base/banned.h"

enum { TICK_MS = 500, GRACE_MS = 2000 };

/* A window that is being refined. */
typedef struct slot {
    hp_window *window; /* NULL = free */
    hp_child child;
    int answer_fd, talk_fd;
    uint64_t begun;
    hp_journal_entry entry;
} slot;

/* Hold a backfill at work. */
typedef struct work {
    const hp_backfill_options *o;
    hp_arena *arena;
    hp_backfill *out;
    hp_journal journal;
    hp_sha256 settings;
    slot *slot;
    size_t busy;
} work;

/* ---- names ---- */

static hp_code put_day(char directive, const hp_date *d, hp_buf *out, hp_err *err) {
    switch (directive) {
    case 'Y': hp_buf_printf(out, "%04d", d->year); return HP_OK;
    case 'm': hp_buf_printf(out, "%02d", d->month); return HP_OK;
    case 'd': hp_buf_printf(out, "%02d", d->day); return HP_OK;
    case 'y': hp_buf_printf(out, "%02d", d->year % 100); return HP_OK;
    case 'j':
        hp_buf_printf(out, "%03d",
                      (int)(hp_days_from_civil(d->year, d->month, d->day) - hp_days_from_civil(d->year, 1, 1))
                          + 1);
        return HP_OK;
    case '%': hp_buf_putc(out, '%'); return HP_OK;
    default:
        return hp_fail(err, HP_USAGE,
                       "--archive-pattern: %%%c is not known in {date:...}; use %%Y %%m %%d %%y %%j %%%%",
                       directive);
    }
}

static hp_code put_date(hp_str format, const hp_date *d, hp_buf *out, hp_err *err) {
    char iso[11];
    if (format.n == 0) {
        hp_date_iso(d, iso);
        hp_buf_puts(out, iso);
    }
    for (size_t i = 0; i < format.n; i++) {
        if (format.p[i] != '%' || i + 1 == format.n)
            hp_buf_putc(out, format.p[i]);
        else
            HP_TRY(put_day(format.p[++i], d, out, err));
    }
    return HP_OK;
}

hp_code hp_backfill_expand(const char *pattern, const hp_date *date, const char *version, hp_buf *out,
                           hp_err *err) {
    hp_str p = hp_str_of(pattern);
    for (size_t i = 0; i < p.n; i++) {
        if (p.p[i] != '{') {
            hp_buf_putc(out, p.p[i]);
            continue;
        }
        size_t end = hp_str_chr(p, '}', i);
        hp_str field = hp_str_cut(p, i + 1, end);
        if (end == SIZE_MAX)
            return hp_fail(err, HP_USAGE, "--archive-pattern: %s: a { is not closed", pattern);
        if (hp_str_eq(field, HP_S("version"))) {
            hp_buf_puts(out, version);
        } else if (hp_str_eq(field, HP_S("date")) || hp_str_starts(field, HP_S("date:"))) {
            HP_TRY(put_date(hp_str_cut(field, 5, field.n), date, out, err));
        } else {
            return hp_fail(err, HP_USAGE,
                           "--archive-pattern: {%.*s} is not known; use {date:%%Y%%m%%d} and {version}",
                           HP_FMT(field));
        }
        i = end;
    }
    return hp_buf_check(out, "the name of an archive", err);
}

/* It becomes part of names of files. */
static hp_code check_version(const char *version, hp_err *err) {
    hp_str v = hp_str_of(version);
    bool ok = v.n > 0 && v.n <= 64 && v.p[0] != '.' && v.p[0] != '-';
    for (size_t i = 0; i < v.n; i++)
        ok = ok && (hp_is_alnum(v.p[i]) || v.p[i] == '.' || v.p[i] == '-' || v.p[i] == '_');
    if (ok) return HP_OK;
    return hp_fail(
        err, HP_USAGE,
        "--version: %.80s: a version is letters, digits, dots, dashes and underscores, and begins with "
        "none of . and -",
        version);
}

static hp_code make_window(work *w, int64_t day, const char *version, hp_window *out, hp_err *err) {
    const hp_backfill_options *o = w->o;
    hp_date date = hp_civil_from_days(day);
    hp_autobuf name = hp_buf_new(4096);
    *out = (hp_window){.version = version};
    hp_date_iso(&date, out->date);
    HP_TRY(hp_backfill_expand(o->pattern, &date, version, &name, err));
    out->name = hp_arena_printf(w->arena, "%s--%s", out->date, version);
    if (!out->name.p) return hp_fail_memory(err, "the windows");
    out->archive = hp_path_join(w->arena, hp_str_of(o->archive_root), hp_buf_str(&name));
    out->restored = hp_path_join(w->arena, hp_str_of(o->restore_root), out->name);
    out->output = hp_arena_printf(w->arena, "%s/outputs/%s/refined-%s-%s.xlsx", o->restore_root, out->name.p,
                                  out->date, version);
    if (!out->archive.p || !out->restored.p || !out->output.p) return hp_fail_memory(err, "the windows");
    return HP_OK;
}

static hp_code make_windows(work *w, hp_err *err) {
    const hp_backfill_options *o = w->o;
    int64_t from = hp_days_from_civil(o->from.year, o->from.month, o->from.day),
            to = hp_days_from_civil(o->to.year, o->to.month, o->to.day);
    if (to < from) return hp_fail(err, HP_USAGE, "--end-date is before --start-date");
    for (size_t v = 0; v < o->nversion; v++) HP_TRY(check_version(o->version[v], err));
    size_t n = (size_t)(to - from + 1) * o->nversion;
    if (n > HP_LIMIT_BACKFILL_WINDOWS)
        return hp_fail(err, HP_USAGE, "%zu windows are more than the %u of one call; take fewer days", n,
                       HP_LIMIT_BACKFILL_WINDOWS);
    w->out->window = HP_NEW_ARRAY(w->arena, n, hp_window);
    if (!w->out->window) return hp_fail_memory(err, "the windows");
    for (int64_t day = from; day <= to; day++)
        for (size_t v = 0; v < o->nversion; v++)
            HP_TRY(make_window(w, day, o->version[v], &w->out->window[w->out->n++], err));
    return HP_OK;
}

/* ---- what is done already ---- */

/* What a result depends on beside archive and profile: this version, and the options. */
static hp_code digest_settings(work *w, hp_err *err) {
    hp_autobuf all = hp_buf_new(1 << 20);
    hp_buf_puts(&all, HP_VERSION);
    for (size_t i = 0; i < w->o->npass; i++) {
        hp_buf_putc(&all, '\0');
        hp_buf_puts(&all, w->o->pass[i]);
    }
    HP_TRY(hp_buf_check(&all, "the options", err));
    hp_sha256_of(hp_buf_str(&all), &w->settings);
    return HP_OK;
}

static bool has_digest(hp_str path, hp_str want) {
    hp_sha256 is;
    hp_err ignored = {0};
    return path.n && hp_exists(path.p) && hp_sha256_file(path.p, &is, &ignored) == HP_OK
           && hp_str_eq(hp_str_of(is.hex), want);
}

/* Texts of an entry end where JSON ended them; a path has to end in a NUL. */
static hp_str as_path(const work *w, hp_str s) { return s.n ? hp_arena_dup(w->arena, s) : s; }

static bool is_done(const work *w, const hp_window *win, hp_str archive_sha256) {
    const hp_journal_entry *e = hp_journal_find(&w->journal, win->name);
    return e && e->known && !w->o->force && hp_str_eq(e->status, HP_S("completed"))
           && hp_str_eq(e->archive_sha256, archive_sha256)
           && hp_str_eq(e->settings, hp_str_of(w->settings.hex)) && hp_str_eq(e->output, win->output)
           && has_digest(win->output, e->output_sha256)
           && (e->profile_path.n == 0 || has_digest(as_path(w, e->profile_path), e->profile_sha256));
}

/* ---- one window ---- */

static void tell(const work *w, const hp_window *win) {
    if (w->o->changed) w->o->changed(w->o->ctx, win);
}

static hp_code note(work *w, const hp_window *win, hp_journal_entry *e, const char *status, hp_err *err) {
    if (w->o->dry_run) return HP_OK;
    e->status = hp_str_of(status);
    return hp_journal_note(&w->journal, win, e, err);
}

/* A window that cannot be done; `why` is what kept it. */
static hp_code give_up(work *w, hp_window *win, hp_journal_entry *e, const hp_err *why, hp_err *err) {
    win->state = HP_WINDOW_FAILED;
    win->exit_code = (int)why->code;
    win->failing_stage = hp_arena_dup(w->arena, hp_str_of(why->stage[0] ? why->stage : "restore"));
    win->message = hp_arena_dup(w->arena, hp_str_of(why->message));
    if (!win->message.p || !win->failing_stage.p) return hp_fail_memory(err, "a message");
    w->out->failed++;
    HP_TRY(note(w, win, e, "failed", err));
    tell(w, win);
    return HP_OK;
}

static bool stop_asked(void *ctx) { return hp_flow_stop_asked(((const work *)ctx)->o->stop_fd); }

/* Where the workbooks are: an archive of one folder means what is in that. */
static hp_code inputs_of(work *w, const hp_window *win, hp_str *dir, hp_err *err) {
    hp_str *name;
    size_t n;
    *dir = win->restored;
    HP_TRY(hp_list_dir(w->arena, dir->p, &name, &n, err));
    if (n != 1) return HP_OK;
    hp_str only = hp_path_join(w->arena, *dir, name[0]);
    if (!only.p) return hp_fail_memory(err, "the inputs");
    if (hp_is_dir(only.p)) *dir = only;
    return HP_OK;
}

static hp_code restore(work *w, const hp_window *win, hp_str *inputs, hp_err *err) {
    size_t files = 0;
    HP_TRY(hp_remove_tree(win->restored.p, err));
    HP_TRY(hp_zip_extract(win->archive.p, win->restored.p, stop_asked, w, &files, err));
    if (files == 0) return hp_fail(err, HP_NOINPUT, "%s: there is no file in this archive", win->archive.p);
    return inputs_of(w, win, inputs, err);
}

static hp_code arguments(work *w, const hp_window *win, hp_str inputs, hp_flow_args *args, hp_err *err) {
    const hp_backfill_options *o = w->o;
    HP_TRY(hp_flow_args_begin(w->arena, args, o->npass + 8, "refine", err));
    hp_flow_args_put(args, "--json");
    hp_flow_args_put(args, "--no-input");
    for (size_t i = 0; i < o->npass; i++) hp_flow_args_put(args, o->pass[i]);
    HP_TRY(hp_flow_args_value(w->arena, args, "input-dir", inputs.p, err));
    HP_TRY(hp_flow_args_value(w->arena, args, "output-path", win->output.p, err));
    hp_str dist = hp_arena_printf(w->arena, "%s/outputs/%s", o->restore_root, win->name.p);
    if (!dist.p) return hp_fail_memory(err, "the arguments of a call");
    return hp_flow_args_value(w->arena, args, "dist-dir", dist.p, err);
}

static void close_slot(slot *s) {
    if (s->answer_fd >= 0) close(s->answer_fd);
    if (s->talk_fd >= 0) close(s->talk_fd);
    s->window = NULL;
    s->answer_fd = s->talk_fd = -1;
}

/* What refine says goes to a file beside its output. */
static int open_talk(const work *w, const hp_window *win, hp_err *err) {
    hp_str path = hp_arena_printf(w->arena, "%s/outputs/%s/refine.log", w->o->restore_root, win->name.p);
    if (!path.p || hp_make_parents(path.p, err) != HP_OK) return -1;
    return open(path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

static hp_code launch(work *w, slot *s, hp_str inputs, hp_err *err) {
    hp_flow_args args;
    HP_TRY(arguments(w, s->window, inputs, &args, err));
    s->answer_fd = hp_child_scratch();
    s->talk_fd = open_talk(w, s->window, err);
    if (s->answer_fd < 0 || s->talk_fd < 0)
        return hp_fail(err, HP_CANTCREAT, "%s/outputs/%s: what refine says cannot be kept there: %s",
                       w->o->restore_root, s->window->name.p, strerrordesc_np(errno));
    hp_child_how how = {.out_fd = s->answer_fd, .talk_fd = s->talk_fd};
    return hp_child_start(args.p, &how, &s->child, err);
}

static slot *free_slot(work *w) {
    for (size_t i = 0; i < w->o->concurrency; i++)
        if (!w->slot[i].window) return &w->slot[i];
    return NULL;
}

/* Begins a window; what is wrong with it ends only that. */
static hp_code begin(work *w, hp_window *win, hp_err *err) {
    hp_err why = {0};
    slot *s = free_slot(w);
    hp_sha256 digest = {{0}};
    hp_str inputs;
    *s = (slot){.answer_fd = -1, .talk_fd = -1, .begun = hp_clock_mono()};
    hp_code code = hp_sha256_file(win->archive.p, &digest, &why);
    if (code == HP_OK && is_done(w, win, hp_str_of(digest.hex))) {
        win->state = HP_WINDOW_KEPT;
        win->rows_in = hp_journal_find(&w->journal, win->name)->rows_in;
        win->rows_out = hp_journal_find(&w->journal, win->name)->rows_out;
        w->out->kept++;
        tell(w, win);
        return HP_OK;
    }
    hp_str archive = hp_arena_dup(w->arena, hp_str_of(digest.hex));
    if (!archive.p) return hp_fail_memory(err, "a window");
    s->entry = (hp_journal_entry){.archive_sha256 = archive, .settings = hp_str_of(w->settings.hex)};
    if (code == HP_OK && w->o->dry_run) return HP_OK;
    if (code != HP_OK) return give_up(w, win, &s->entry, &why, err);
    win->state = HP_WINDOW_RUNNING;
    HP_TRY(note(w, win, &s->entry, "started", err));
    tell(w, win);
    s->window = win;
    code = restore(w, win, &inputs, &why);
    if (code == HP_OK) code = launch(w, s, inputs, &why);
    if (code == HP_OK) {
        w->busy++;
        return HP_OK;
    }
    close_slot(s);
    if (stop_asked(w)) {
        win->state = HP_WINDOW_STOPPED;
        return note(w, win, &s->entry, "stopped", err);
    }
    return give_up(w, win, &s->entry, &why, err);
}

static void take_run(const hp_flow_answer *answer, hp_window *win, hp_journal_entry *e) {
    const hp_node *profile = answer->root ? hp_node_get(answer->root, "profile") : NULL;
    win->rows_in = hp_flow_number(answer->root, "counts", "rows_in");
    win->rows_out = hp_flow_number(answer->root, "counts", "rows_out");
    const hp_node *path = profile ? hp_node_get(profile, "path") : NULL,
                  *sha256 = profile ? hp_node_get(profile, "sha256") : NULL;
    if (path && sha256 && hp_node_text(path, &e->profile_path)) hp_node_text(sha256, &e->profile_sha256);
}

static void explain(work *w, hp_window *win, const hp_flow_answer *answer, const hp_proc_result *r) {
    win->failing_stage = answer->stage.n ? answer->stage : HP_S("refine");
    win->message = answer->message;
    if (win->message.n) return;
    if (r->signal)
        win->message = hp_arena_printf(w->arena, "refine was ended by signal %d", r->signal);
    else if (answer->stage.n)
        win->message = hp_arena_printf(w->arena, "stopped at the stage %.*s", HP_FMT(answer->stage));
    else
        win->message = hp_arena_printf(w->arena, "refine ended with exit code %d", r->status);
}

/* Takes what came of a window whose child has ended. */
static hp_code end(work *w, slot *s, const hp_proc_result *r, bool stopped, hp_err *err) {
    hp_window *win = s->window;
    hp_flow_answer answer = hp_flow_read(w->arena, s->answer_fd);
    hp_sha256 digest;
    hp_err why = {0};
    close_slot(s);
    w->busy--;
    take_run(&answer, win, &s->entry);
    win->exit_code = hp_child_code(r);
    win->seconds = (double)(hp_clock_mono() - s->begun) / 1e9;
    if (win->exit_code == 0) {
        hp_code code = hp_sha256_file(win->output.p, &digest, &why);
        if (code != HP_OK) return give_up(w, win, &s->entry, &why, err);
        s->entry.output = win->output;
        s->entry.output_sha256 = hp_str_of(digest.hex);
        win->state = HP_WINDOW_COMPLETED;
        w->out->completed++;
        HP_TRY(note(w, win, &s->entry, "completed", err));
    } else if (stopped) {
        win->state = HP_WINDOW_STOPPED;
        HP_TRY(note(w, win, &s->entry, "stopped", err));
    } else {
        explain(w, win, &answer, r);
        win->state = HP_WINDOW_FAILED;
        w->out->failed++;
        HP_TRY(note(w, win, &s->entry, "failed", err));
    }
    tell(w, win);
    return HP_OK;
}

/* ---- all of them ---- */

static hp_code take_ended(work *w, hp_err *err) {
    hp_proc_result r;
    for (size_t i = 0; i < w->o->concurrency; i++)
        if (w->slot[i].window && hp_child_ended(&w->slot[i].child, &r))
            HP_TRY(end(w, &w->slot[i], &r, false, err));
    return HP_OK;
}

static void wait_for_news(work *w, struct pollfd *fds) {
    nfds_t n = 0;
    bool blind = false;
    if (w->o->stop_fd >= 0) fds[n++] = (struct pollfd){w->o->stop_fd, POLLIN, 0};
    for (size_t i = 0; i < w->o->concurrency; i++) {
        if (!w->slot[i].window) continue;
        blind |= w->slot[i].child.pid_fd < 0;
        fds[n++] = (struct pollfd){w->slot[i].child.pid_fd, POLLIN, 0};
    }
    poll(fds, n, blind ? TICK_MS / 10 : TICK_MS);
}

/* Ends what is under way: all are told first, so that they end side by side. */
static hp_code stop(work *w, hp_err *err) {
    hp_code code = HP_OK;
    for (size_t i = 0; i < w->o->concurrency; i++)
        if (w->slot[i].window) hp_child_signal(&w->slot[i].child, SIGTERM);
    for (size_t i = 0; i < w->o->concurrency; i++) {
        hp_proc_result r = {0};
        if (!w->slot[i].window) continue;
        hp_child_end(&w->slot[i].child, GRACE_MS, &r);
        hp_code ended = end(w, &w->slot[i], &r, true, code == HP_OK ? err : NULL);
        if (code == HP_OK) code = ended;
    }
    return code;
}

static hp_code replay(work *w, hp_err *err) {
    size_t next = 0;
    hp_code code = HP_OK;
    struct pollfd *fds = HP_NEW_ARRAY(w->arena, w->o->concurrency + 1, struct pollfd);
    w->slot = HP_NEW_ARRAY(w->arena, w->o->concurrency, slot);
    if (!w->slot || !fds) return hp_fail_memory(err, "the windows");
    while (code == HP_OK && (next < w->out->n || w->busy)) {
        w->out->signal = hp_flow_stop_signal(w->o->stop_fd);
        if (w->out->signal) break;
        if (next < w->out->n && w->busy < w->o->concurrency) {
            code = begin(w, &w->out->window[next++], err);
        } else {
            wait_for_news(w, fds);
        }
        if (code == HP_OK) code = take_ended(w, err);
    }
    hp_code stopped = stop(w, code == HP_OK ? err : NULL);
    return code == HP_OK ? stopped : code;
}

/* The lock is held as long as the descriptor is open, however the program ends. */
static hp_code lock(work *w, int *fd, hp_err *err) {
    hp_str path = hp_path_join(w->arena, hp_str_of(w->o->restore_root), HP_S("backfill.lock"));
    if (!path.p) return hp_fail_memory(err, "a path");
    HP_TRY(hp_make_parents(path.p, err));
    *fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*fd < 0) return hp_fail(err, HP_CANTCREAT, "%s: cannot be made: %s", path.p, strerrordesc_np(errno));
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0) return HP_OK;
    close(*fd);
    return hp_fail(err, HP_RETRY,
                   "%s: another backfill is at work there; wait for it, or take another --restore-root",
                   w->o->restore_root);
}

static hp_code open_journal(work *w, hp_err *err) {
    hp_str path = hp_path_join(w->arena, hp_str_of(w->o->restore_root), HP_S("backfill.ndjson"));
    if (!path.p) return hp_fail_memory(err, "a path");
    return hp_journal_read(w->arena, path.p, &w->journal, err);
}

hp_code hp_backfill_run(const hp_backfill_options *o, hp_arena *a, hp_backfill *out, hp_err *err) {
    uint64_t since = hp_clock_mono();
    work w = {.o = o, .arena = a, .out = out};
    int fd = -1;
    *out = (hp_backfill){0};
    HP_TRY(make_windows(&w, err));
    HP_TRY(digest_settings(&w, err));
    if (!o->dry_run) HP_TRY(lock(&w, &fd, err));
    hp_code code = open_journal(&w, err);
    if (code == HP_OK) code = replay(&w, err);
    hp_journal_free(&w.journal);
    if (fd >= 0) close(fd);
    out->seconds = (double)(hp_clock_mono() - since) / 1e9;
    return code;
}
