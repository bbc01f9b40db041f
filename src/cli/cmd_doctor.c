#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/libraries.h"
#include "ops/doctor/doctor.h"

#include "base/banned.h"

/* One look: what was found, done, and compared. */
typedef struct visit {
    hp_arena *arena;
    hp_doctor *doctor;
    hp_doctor_result *result;
    size_t n;
    const hp_doctor_actions *actions; /* NULL without --autofix */
    bool mended;                      /* the results are those after mending */
    const char *baseline;
    hp_str baseline_path;
    hp_buf differences;
    size_t ndifference;
} visit;

static const char *given(const hp_cli *c, hp_option_id id) {
    return c->args.opt[id].given ? hp_args_text(&c->args, id) : NULL;
}

static const char *own_program(hp_arena *a) {
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    return n > 0 && n < (ssize_t)sizeof path ? hp_arena_dup(a, (hp_str){path, (size_t)n}).p : NULL;
}

static hp_doctor_options options_of(hp_cli *c, hp_arena *a, hp_doctor_library *library) {
    const hp_given *dirs = &c->args.opt[HP_O_PROFILE_SEARCH_PATH], *only = &c->args.opt[HP_O_ONLY];
    hp_cli_libraries(a, library);
    return (hp_doctor_options){
        .config_path = given(c, HP_O_CONFIG),
        .profile = given(c, HP_O_PROFILE),
        .input_dir = given(c, HP_O_INPUT_DIR),
        .output_path = given(c, HP_O_OUTPUT_PATH),
        .dist_dir = given(c, HP_O_DIST_DIR),
        .profile_dirs = dirs->value,
        .nprofile_dirs = dirs->n,
        .only = only->value,
        .nonly = only->n,
        .deep = c->args.opt[HP_O_DEEP].on,
        .network = c->args.opt[HP_O_NETWORK].on,
        .program = own_program(a),
        .library = library,
        .nlibrary = HP_LIBRARIES,
    };
}

/* ---- JSON ---- */

static void member(hp_json *j, const char *key, hp_str text) {
    hp_json_key(j, key);
    hp_json_str(j, text);
}

static const char *severity_word(hp_severity s) {
    return s == HP_SEV_INFO ? "info" : s == HP_SEV_WARN ? "warn" : "error";
}

static void json_check(hp_json *j, const hp_doctor_result *r) {
    hp_json_object(j);
    member(j, "id", hp_str_of(r->check->id));
    member(j, "group", hp_str_of(r->check->group));
    member(j, "title", hp_str_of(r->check->title));
    member(j, "severity", hp_str_of(severity_word(r->check->severity)));
    member(j, "verdict", hp_str_of(hp_doctor_verdict_name(r->verdict)));
    member(j, "ran", r->ran);
    member(j, "expected", r->expected);
    member(j, "got", r->got);
    hp_json_key(j, "detail");
    hp_json_array(j);
    for (size_t i = 0; i < r->detail.n; i++) hp_json_str(j, r->detail.p[i]);
    hp_json_array_end(j);
    member(j, "why", hp_str_of(r->check->why));
    member(j, "next", r->next);
    hp_json_key(j, "autofix");
    hp_json_bool(j, r->check->mends != NULL);
    hp_json_object_end(j);
}

static void json_actions(hp_json *j, const hp_doctor_actions *list) {
    hp_json_key(j, "actions");
    hp_json_array(j);
    for (size_t i = 0; i < list->n; i++) {
        const hp_doctor_action *x = &list->p[i];
        hp_json_object(j);
        member(j, "check", hp_str_of(x->check->id));
        member(j, "what", x->what);
        member(j, "undo", x->undo);
        hp_json_key(j, "done");
        hp_json_bool(j, x->done);
        member(j, "error", x->error);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void json_baseline(hp_json *j, const visit *v) {
    hp_str rest = hp_buf_str(&v->differences), line;
    hp_json_key(j, "baseline");
    hp_json_object(j);
    member(j, "did", hp_str_of(v->baseline));
    if (v->baseline_path.n) {
        member(j, "path", v->baseline_path);
    } else {
        hp_json_key(j, "differences");
        hp_json_array(j);
        while (hp_str_next(&rest, '\n', &line))
            if (line.n) hp_json_str(j, line);
        hp_json_array_end(j);
    }
    hp_json_object_end(j);
}

static void put_json(hp_cli *c, const visit *v, hp_code code) {
    hp_json j = hp_cli_json(c, "hotpass.doctor/1");
    hp_json_key(&j, "exit_code");
    hp_json_i64(&j, (int64_t)code);
    hp_json_key(&j, "counts");
    hp_json_object(&j);
    for (int verdict = HP_DOCTOR_OK; verdict <= HP_DOCTOR_SKIP; verdict++) {
        int64_t n = 0;
        for (size_t i = 0; i < v->n; i++) n += (int)v->result[i].verdict == verdict;
        hp_json_key(&j, hp_doctor_verdict_name((hp_doctor_verdict)verdict));
        hp_json_i64(&j, n);
    }
    hp_json_object_end(&j);
    hp_json_key(&j, "checks");
    hp_json_array(&j);
    for (size_t i = 0; i < v->n; i++) json_check(&j, &v->result[i]);
    hp_json_array_end(&j);
    if (v->actions) json_actions(&j, v->actions);
    if (v->baseline) json_baseline(&j, v);
    hp_cli_json_end(c, &j);
}

/* ---- text ---- */

static void put_about(hp_cli *c, const char *what, hp_str text) {
    if (!text.n) return;
    hp_autobuf safe = hp_buf_new(1 << 20);
    hp_put_safe(&safe, text);
    hp_put_carry(&c->out, &safe);
    hp_buf_printf(&c->out, "             %-10s", what);
    hp_put_wrapped(&c->out, hp_buf_str(&safe), 23, c->term.out_tty ? c->term.width : 132);
    hp_buf_putc(&c->out, '\n');
}

static void put_check(hp_cli *c, const hp_doctor_result *r) {
    bool well = r->verdict == HP_DOCTOR_OK || r->verdict == HP_DOCTOR_SKIP;
    bool bold = c->term.out_color && !well;
    hp_buf_puts(&c->out, "  ");
    hp_put_bold(&c->out, bold, hp_doctor_verdict_name(r->verdict));
    hp_put_spaces(&c->out, 9 - strlen(hp_doctor_verdict_name(r->verdict)));
    hp_buf_printf(&c->out, "%-24s  ", r->check->id);
    hp_put_safe(&c->out, r->got);
    hp_buf_putc(&c->out, '\n');
    for (size_t i = 0; i < r->detail.n; i++) put_about(c, i ? "" : "found", r->detail.p[i]);
    if (c->verbose) put_about(c, "looked at", r->ran);
    if (!well || c->verbose) put_about(c, "expected", r->expected);
    if (!well || c->verbose) put_about(c, "why", hp_str_of(r->check->why));
    put_about(c, "next", r->next);
}

static void put_actions(hp_cli *c, const hp_doctor_actions *list, bool dry_run) {
    if (!list->n) hp_buf_puts(&c->out, "Nothing to mend.\n\n");
    for (size_t i = 0; i < list->n; i++) {
        const hp_doctor_action *x = &list->p[i];
        hp_buf_puts(&c->out, dry_run ? "would " : x->error.n ? "could not " : "did ");
        hp_put_safe(&c->out, x->what);
        hp_buf_puts(&c->out, x->error.n ? ": " : " (undo: ");
        hp_put_safe(&c->out, x->error.n ? x->error : x->undo);
        hp_buf_puts(&c->out, x->error.n ? "\n" : ")\n");
    }
    if (list->n) hp_buf_putc(&c->out, '\n');
}

static void put_baseline(hp_cli *c, const visit *v) {
    if (v->baseline_path.n) {
        hp_buf_puts(&c->out, "The baseline is saved in ");
        hp_put_safe(&c->out, v->baseline_path);
        hp_buf_puts(&c->out, ".\n\n");
        return;
    }
    hp_str rest = hp_buf_str(&v->differences), line;
    hp_buf_puts(&c->out, v->ndifference ? "Since the baseline was saved:\n"
                                        : "Nothing changed since the baseline was saved.\n");
    while (hp_str_next(&rest, '\n', &line)) {
        if (!line.n) continue;
        hp_buf_puts(&c->out, "  ");
        hp_put_safe(&c->out, line);
        hp_buf_putc(&c->out, '\n');
    }
    hp_buf_putc(&c->out, '\n');
}

static size_t count(const visit *v, hp_doctor_verdict verdict) {
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++) n += v->result[i].verdict == verdict;
    return n;
}

static void put_counts(hp_cli *c, const visit *v) {
    size_t bad = count(v, HP_DOCTOR_FAIL) + count(v, HP_DOCTOR_BROKEN);
    hp_put_counted(&c->out, v->n, "check", "checks");
    hp_buf_printf(&c->out, ": %zu ok, ", count(v, HP_DOCTOR_OK));
    hp_put_counted(&c->out, bad, "finding", "findings");
    hp_buf_puts(&c->out, ", ");
    hp_put_counted(&c->out, count(v, HP_DOCTOR_NOTE), "note", "notes");
    hp_buf_printf(&c->out, ", %zu skipped\n", count(v, HP_DOCTOR_SKIP));
}

static void put_text(hp_cli *c, const visit *v) {
    const char *group = "";
    if (v->actions) put_actions(c, v->actions, c->args.opt[HP_O_DRY_RUN].on);
    if (v->baseline) put_baseline(c, v);
    for (size_t i = 0; i < v->n; i++) {
        const hp_doctor_result *r = &v->result[i];
        if (c->quiet && r->verdict != HP_DOCTOR_FAIL && r->verdict != HP_DOCTOR_BROKEN) continue;
        if (strcmp(group, r->check->group) != 0) {
            if (*group) hp_buf_putc(&c->out, '\n');
            group = r->check->group;
            hp_put_bold(&c->out, c->term.out_color, group);
            hp_buf_putc(&c->out, '\n');
        }
        put_check(c, r);
    }
    if (c->quiet) return;
    hp_buf_putc(&c->out, '\n');
    put_counts(c, v);
}

/* ---- the visit ---- */

static hp_code look(visit *v, const hp_doctor_options *o, hp_err *err) {
    HP_TRY(hp_doctor_open(v->arena, o, &v->doctor, err));
    return hp_doctor_look(v->doctor, &v->result, &v->n, err);
}

static hp_code mend(hp_cli *c, visit *v, const hp_doctor_options *o, hp_err *err) {
    bool dry_run = c->args.opt[HP_O_DRY_RUN].on;
    hp_doctor *first = v->doctor;
    HP_TRY(hp_doctor_mend(first, v->result, v->n, dry_run, &v->actions, err));
    return v->actions->n && !dry_run ? look(v, o, err) : HP_OK;
}

static hp_code keep_baseline(visit *v, hp_err *err) {
    if (strcmp(v->baseline, "save") == 0) return hp_doctor_baseline_save(v->doctor, &v->baseline_path, err);
    return hp_doctor_baseline_compare(v->doctor, &v->differences, &v->ndifference, err);
}

static hp_code run_visit(hp_cli *c, visit *v, hp_err *err) {
    hp_doctor_library library[HP_LIBRARIES];
    hp_doctor_options o = options_of(c, v->arena, library);
    HP_TRY(look(v, &o, err));
    hp_doctor *first = v->doctor;
    hp_code code = c->args.opt[HP_O_AUTOFIX].on ? mend(c, v, &o, err) : HP_OK;
    if (code == HP_OK && v->baseline) code = keep_baseline(v, err);
    if (code == HP_OK) code = hp_doctor_exit(v->result, v->n);
    if (code == HP_OK && v->ndifference) code = HP_FINDINGS;
    if (err->message[0] == 0) {
        if (c->json)
            put_json(c, v, code);
        else
            put_text(c, v);
    }
    hp_doctor_close(first);
    return code;
}

static hp_code visit_once(hp_cli *c, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    if (!a) return hp_fail_memory(err, "the doctor");
    visit v = {.arena = a, .baseline = given(c, HP_O_BASELINE), .differences = hp_buf_new(16 << 20)};
    hp_code code = run_visit(c, &v, err);
    hp_buf_free(&v.differences);
    return code;
}

enum { WATCH_SECONDS = 2 };

/* Looks again and again; what is the same as the last time is not told once more. */
static hp_code watch(hp_cli *c, hp_err *err) {
    hp_autobuf last = hp_buf_new(1 << 24);
    struct timespec pause = {.tv_sec = WATCH_SECONDS};
    for (;;) {
        hp_code code = visit_once(c, err);
        if (err->message[0]) return code;
        if (hp_str_eq(hp_buf_str(&last), hp_buf_str(&c->out))) {
            hp_buf_clear(&c->out);
        } else {
            hp_buf_clear(&last);
            hp_buf_add(&last, hp_buf_str(&c->out));
            HP_TRY(hp_cli_flush(c, err));
        }
        nanosleep(&pause, NULL);
    }
}

hp_code hp_cmd_doctor(hp_cli *c, hp_err *err) {
    if (c->args.opt[HP_O_WATCH].on && c->args.opt[HP_O_AUTOFIX].on)
        return hp_fail(err, HP_USAGE, "--watch only looks; run hotpass doctor --autofix by itself");
    return c->args.opt[HP_O_WATCH].on ? watch(c, err) : visit_once(c, err);
}
