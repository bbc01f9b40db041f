/* The registry of checks, and running them. */
#include "ops/doctor/doctor.h"
#include "ops/doctor/parts.h"

#include "base/banned.h"

#define CHECK(id_, group_, severity_, look_, mend_, title_, why_, mends_)                                   \
    {                                                                                                       \
        .id = id_, .group = group_, .severity = HP_SEV_##severity_, .look = hp_look_##look_, .mend = mend_, \
        .title = title_, .why = why_, .mends = mends_                                                       \
    }

static const hp_doctor_check CHECKS[] = {
    CHECK(
        "config.valid", "config", ERROR, config, NULL, "files of configuration",
        "a key that nobody understands is mostly a misspelt one, and its value would be missing without a word",
        NULL),
    CHECK(
        "config.precedence", "config", INFO, precedence, NULL, "values said in several places",
        "a forgotten variable of the environment stands above hotpass.yaml, and runs differ from one terminal to the next",
        NULL),
    CHECK("config.secrets", "config", ERROR, secret_files, hp_mend_secret_files, "files with secrets",
          "whoever can read these files can act in your name", "take the rights of others off the files"),
    CHECK("config.credentials", "config", WARN, credentials, NULL, "credentials that the configuration needs",
          "a service that wants a key refuses the first request of an incident otherwise", NULL),
    CHECK("config.expiry", "config", WARN, expiry, NULL, "credentials that end",
          "a key that has ended is refused in the middle of an incident", NULL),
    CHECK("governance.intent", "governance", WARN, intent, NULL, "what the data are used for",
          "personal data may be used for a stated purpose only", NULL),
    CHECK("governance.data_owner", "governance", WARN, owner, hp_mend_owner, "who answers for the data",
          "when a run fails or somebody asks about their data, it must be known who decides",
          "set governance.data_owner to Data Governance in hotpass.yaml"),
    CHECK("governance.review", "governance", WARN, review, hp_mend_review, "when these settings are reviewed",
          "settings that nobody looks at again go out of date unseen",
          "set governance.review_interval_days to 180 in hotpass.yaml"),
    CHECK("profile.valid", "profile", ERROR, profile, NULL, "profile",
          "refine stops at the first error of a profile", NULL),
    CHECK("profile.patterns", "profile", ERROR, patterns, NULL, "files for each source of the profile",
          "a source without a file is left out of the result; a required one stops the run", NULL),
    CHECK("profile.unclaimed", "profile", WARN, unclaimed, NULL, "files that no source claims",
          "a file that matches no pattern is not read: a renamed workbook drops out of the result", NULL),
    CHECK("profile.suites", "profile", INFO, suites, NULL, "suites of expectations",
          "what is expected of each source is checked only where it is written down", NULL),
    CHECK("profile.mapping", "profile", WARN, mapping, NULL, "columns that are mapped",
          "a column that is not mapped is not in the result", NULL),
    CHECK("workspace.input_dir", "workspace", ERROR, input_dir, NULL, "input directory",
          "without inputs there is no run", NULL),
    CHECK("workspace.output", "workspace", ERROR, output, NULL, "place of the outputs",
          "a run that cannot write its result finds out at once, but does nothing", NULL),
    CHECK("workspace.directories", "workspace", WARN, directories, hp_mend_directories,
          "directories of the workspace",
          "archives and evidence of incidents have their place before they are needed",
          "make the directories that are missing"),
    CHECK("workspace.permissions", "workspace", WARN, permissions, NULL,
          "owners and rights of the directories",
          "contact data are personal data: others on this machine should not be able to change them", NULL),
    CHECK("workspace.leftovers", "workspace", WARN, leftovers, hp_mend_leftovers,
          "temporary files of killed runs", "they are incomplete, hidden, and take room",
          "remove those that are older than an hour"),
    CHECK("workspace.locks", "workspace", WARN, locks, hp_mend_locks, "stale locks",
          "a lock whose process is gone keeps the next one waiting",
          "remove the locks of processes that are gone"),
    CHECK("workspace.open_books", "workspace", WARN, open_books, NULL, "workbooks that somebody has open",
          "what is not saved yet is not in the file, and it may change during the run", NULL),
    CHECK("workspace.gitignore", "workspace", WARN, gitignore, hp_mend_gitignore, "what git must not take",
          "personal data and secrets that were committed once stay in the history",
          "add the patterns to .gitignore"),
    CHECK("workspace.last_run", "workspace", WARN, last_run, NULL, "last run",
          "what others use now came from this run", NULL),
    CHECK("workspace.lineage", "workspace", WARN, spool, NULL, "events of lineage that wait",
          "until they arrive, the lineage of these runs is known here only", NULL),
    CHECK("net.tunnels", "net", WARN, tunnels, NULL, "tunnels",
          "a tunnel that is recorded but gone makes programs wait for an answer that never comes", NULL),
    CHECK("services.prefect", "services", ERROR, prefect, NULL, "Prefect (with `--network`)",
          "without the scheduler no run starts, and an incident cannot be looked at", NULL),
    CHECK("services.marquez", "services", WARN, marquez, NULL,
          "Marquez, or another receiver of lineage (with `--network`)",
          "events that cannot be sent wait here, and the lineage of an incident has holes", NULL),
    CHECK("services.telemetry", "services", WARN, telemetry, NULL,
          "receiver of traces and metrics (with `--network`)",
          "what nobody receives is lost: telemetry is not kept here", NULL),
    CHECK("services.clock", "services", WARN, skew, NULL,
          "clocks of this machine and of the services (with `--network`)",
          "signatures of requests are refused, and events stand in the wrong order, when clocks differ",
          NULL),
    CHECK("machine.libraries", "machine", WARN, libraries, NULL, "versions of libraries",
          "an older library than the one compiled against may lack what is relied on", NULL),
    CHECK("machine.programs", "machine", WARN, programs, NULL, "programs that the configuration needs",
          "tunnels are opened by ssh or aws, which are not part of hotpass", NULL),
    CHECK("machine.locale", "machine", INFO, locale, NULL, "character set",
          "names of files with accents look wrong in the terminal otherwise; results do not depend on it",
          NULL),
    CHECK("machine.time_zone", "machine", WARN, zone, NULL, "time zone",
          "a zone that does not exist is taken for UTC without a word", NULL),
    CHECK("machine.clock", "machine", WARN, clock, NULL, "clock",
          "records of runs, evidence and signatures of requests carry the time", NULL),
    CHECK("machine.disk", "machine", ERROR, disk, NULL, "room on the disk",
          "a run that finds the disk full leaves the previous result, and no new one", NULL),
    CHECK("machine.inodes", "machine", WARN, inodes, NULL, "room for more files",
          "a disk can be full of files before it is full of bytes", NULL),
    CHECK("machine.memory", "machine", WARN, memory, NULL, "memory",
          "a run that needs more ends with exit code 75", NULL),
    CHECK("machine.limits", "machine", WARN, limits, NULL, "limits of the shell (ulimit)",
          "a limit that is too low ends a run half-way", NULL),
    CHECK("machine.umask", "machine", WARN, umask, NULL, "rights of new files (umask)",
          "results hold personal data; others should not be able to change them", NULL),
    CHECK("machine.tmp", "machine", WARN, tmp, NULL, "directory for temporary files",
          "other programs that we call need it", NULL),
};
enum { NCHECK = sizeof CHECKS / sizeof *CHECKS };

const hp_doctor_check *hp_doctor_checks(size_t *n) {
    *n = NCHECK;
    return CHECKS;
}

const char *hp_doctor_verdict_name(hp_doctor_verdict v) {
    static const char *const NAME[] = {"ok", "note", "fail", "broken", "skipped"};
    return NAME[v];
}

/* ---- what a check says ---- */

__attribute__((format(printf, 2, 0))) static hp_str vtext(hp_doctor *d, const char *fmt, va_list ap) {
    hp_autobuf text = hp_buf_new(1 << 20);
    hp_buf_vprintf(&text, fmt, ap);
    hp_str copy = hp_arena_dup(d->a, hp_buf_str(&text));
    if (text.bad || !copy.p) d->oom = true;
    return copy.p ? copy : (hp_str){"", 0};
}

hp_str hp_doctor_text(hp_doctor *d, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    hp_str text = vtext(d, fmt, ap);
    va_end(ap);
    return text;
}

#define SAY(name, member, verdict_)                                                  \
    void hp_doctor_##name(hp_doctor *d, hp_doctor_result *r, const char *fmt, ...) { \
        va_list ap;                                                                  \
        va_start(ap, fmt);                                                           \
        r->member = vtext(d, fmt, ap);                                               \
        va_end(ap);                                                                  \
        r->verdict = (verdict_);                                                     \
    }
SAY(ran, ran, r->verdict)
SAY(expected, expected, r->verdict)
SAY(got, got, r->verdict)
SAY(bad, next, r->check->severity == HP_SEV_INFO ? HP_DOCTOR_NOTE : HP_DOCTOR_FAIL)
SAY(skip, got, HP_DOCTOR_SKIP)

void hp_doctor_detail(hp_doctor *d, hp_doctor_result *r, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    hp_str line = vtext(d, fmt, ap);
    va_end(ap);
    if (!hp_vec_push(&r->detail, line)) d->oom = true;
}

void hp_doctor_lines(hp_doctor *d, hp_doctor_result *r, hp_str lines) {
    hp_str line;
    while (hp_str_next(&lines, '\n', &line))
        if (line.n) hp_doctor_detail(d, r, "%.*s", HP_FMT(line));
}

/* ---- running ---- */

static bool names(const char *wanted, const hp_doctor_check *c) {
    return strcmp(wanted, c->id) == 0 || strcmp(wanted, c->group) == 0;
}

static bool is_wanted(const hp_doctor_options *o, const hp_doctor_check *c) {
    for (size_t i = 0; i < o->nonly; i++)
        if (names(o->only[i], c)) return true;
    return o->nonly == 0;
}

static bool any_wanted(const hp_doctor_options *o, const char *group) {
    for (size_t i = 0; i < NCHECK; i++)
        if (strcmp(CHECKS[i].group, group) == 0 && is_wanted(o, &CHECKS[i])) return true;
    return false;
}

static hp_code check_only(const hp_doctor_options *o, hp_err *err) {
    for (size_t i = 0; i < o->nonly; i++) {
        const char *list[2 * NCHECK];
        bool known = false;
        for (size_t k = 0; k < NCHECK; k++) {
            known |= names(o->only[i], &CHECKS[k]);
            list[2 * k] = CHECKS[k].id;
            list[2 * k + 1] = CHECKS[k].group;
        }
        if (known) continue;
        const char *near = hp_nearest(hp_str_of(o->only[i]), list, 2 * (size_t)NCHECK);
        return hp_fail(err, HP_USAGE, "there is no check \"%s\"%s%s%s", o->only[i],
                       near ? "; did you mean \"" : "; docs/reference/doctor.md lists them", near ? near : "",
                       near ? "\"?" : "");
    }
    return HP_OK;
}

hp_code hp_doctor_open(hp_arena *a, const hp_doctor_options *o, hp_doctor **out, hp_err *err) {
    HP_TRY(check_only(o, err));
    hp_doctor *d = HP_NEW(a, hp_doctor);
    if (!d) return hp_fail_memory(err, "the doctor");
    d->a = a;
    d->o = o;
    HP_TRY(hp_doctor_gather(d, err));
    *out = d;
    return HP_OK;
}

hp_code hp_doctor_look(hp_doctor *d, hp_doctor_result **results, size_t *n, hp_err *err) {
    hp_doctor_result *list = HP_NEW_ARRAY(d->a, NCHECK, hp_doctor_result);
    if (!list) return hp_fail_memory(err, "the results");
    size_t k = 0;
    if (d->o->network && any_wanted(d->o, "services")) hp_doctor_ask_services(d);
    for (size_t i = 0; i < NCHECK; i++) {
        if (!is_wanted(d->o, &CHECKS[i])) continue;
        hp_doctor_result *r = &list[k++];
        r->check = &CHECKS[i];
        CHECKS[i].look(d, r);
        /* The details move into the arena, so that nobody has to free them. */
        hp_str *detail = HP_NEW_ARRAY(d->a, r->detail.n + 1, hp_str);
        if (detail && r->detail.n) memcpy(detail, r->detail.p, r->detail.n * sizeof *detail);
        d->oom |= !detail;
        hp_free(r->detail.p);
        r->detail.p = detail;
        r->detail.cap = 0;
    }
    *results = list;
    *n = k;
    return d->oom ? hp_fail_memory(err, "the results") : HP_OK;
}

hp_code hp_doctor_exit(const hp_doctor_result *results, size_t n) {
    hp_code code = HP_OK;
    for (size_t i = 0; i < n; i++) {
        if (results[i].verdict == HP_DOCTOR_BROKEN) return HP_CONFIG;
        if (results[i].verdict == HP_DOCTOR_FAIL) code = HP_FINDINGS;
    }
    return code;
}

void hp_doctor_close(hp_doctor *d) {
    if (d) hp_vec_free(&d->actions);
}

/* ---- reference ---- */

static const char *counts_as(hp_severity s) {
    return s == HP_SEV_INFO ? "note" : s == HP_SEV_WARN ? "warning" : "error";
}

void hp_doctor_reference(hp_buf *out) {
    hp_buf_puts(
        out,
        "# Checks of the doctor\n\n<!-- Made by `hotpass docs doctor`; do not edit. -->\n\n"
        "The ids are stable: name them, or a whole group, with `--only`. A note does not count as a finding. What `--autofix` does "
        "can be undone, and its log says how.\n\n"
        "| Check | Severity | What it looks at | Why it matters | `--autofix` |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < NCHECK; i++) {
        const hp_doctor_check *c = &CHECKS[i];
        hp_buf_printf(out, "| `%s` | %s | %s | %s | %s |\n", c->id, counts_as(c->severity), c->title, c->why,
                      c->mends ? c->mends : "");
    }
    hp_buf_puts(
        out,
        "\n## `--json`\n\n"
        "One object, schema `hotpass.doctor/1`; members are added, but none changes its meaning under this number.\n\n"
        "| Member | Type | Meaning |\n|---|---|---|\n"
        "| `exit_code` | number | 0 all is well, 1 findings, 78 configuration or profile is wrong |\n"
        "| `counts` | object | checks by verdict: `ok`, `note`, `fail`, `broken`, `skipped` |\n"
        "| `checks[]` | objects | `id`, `group`, `title`, `severity` (`info`, `warn`, `error`), `verdict`, `ran` (what was looked at), "
        "`expected`, `got`, `detail[]` (a line for each thing at fault), `why`, `next` (what to do; empty when all is well), `autofix` |\n"
        "| `actions[]` | objects | with `--autofix`: `check`, `what`, `undo`, `done` (false with `--dry-run`), `error` |\n"
        "| `baseline` | object | with `--baseline`: `path`, and of compare `differences[]` |\n");
}
