/* The doctor: looks at the machine, the workspace, the configuration and the profile, says what is wrong, why
 * it matters and what to do, and mends what can be undone. It reads; the network is used only when asked for.
 */
#ifndef HP_OPS_DOCTOR_DOCTOR_H
#define HP_OPS_DOCTOR_DOCTOR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "profile/config.h"
#include "table/issue.h"

typedef struct hp_doctor hp_doctor;
typedef struct hp_doctor_check hp_doctor_check;

/** Say how a check came out. */
typedef enum hp_doctor_verdict {
    HP_DOCTOR_OK,
    HP_DOCTOR_NOTE,   /**< worth knowing; does not count */
    HP_DOCTOR_FAIL,   /**< a finding: exit code 1 */
    HP_DOCTOR_BROKEN, /**< configuration or profile is wrong: exit code 78 */
    HP_DOCTOR_SKIP    /**< could not be looked at, or was not asked for; `got` says why */
} hp_doctor_verdict;

/** Hold the result of a check; texts live in the doctor's arena and name no secret. */
typedef struct hp_doctor_result {
    const hp_doctor_check *check;
    hp_doctor_verdict verdict;
    hp_str ran;            /**< what was looked at: a path, a call, a variable */
    hp_str expected, got;  /**< what should be, what is */
    hp_str next;           /**< what to do, when it is not well; else empty */
    HP_VEC(hp_str) detail; /**< one line for each thing at fault, when there are several */
} hp_doctor_result;

/** Hold one thing that was done, or with dry_run would be. */
typedef struct hp_doctor_action {
    const hp_doctor_check *check;
    hp_str what; /**< "make the directory dist" */
    hp_str undo; /**< how to take it back, as a command */
    bool done;
    hp_str error; /**< why it could not be done; empty */
} hp_doctor_action;

/** Collect actions. */
typedef HP_VEC(hp_doctor_action) hp_doctor_actions;

/** Describe a check. */
struct hp_doctor_check {
    const char *id; /**< stable: "workspace.dist" */
    const char *group, *title;
    hp_severity severity; /**< HP_SEV_INFO: a note, no finding */
    const char *why;      /**< why it matters */
    const char *mends;    /**< what --autofix does about it; NULL = nothing */
    void (*look)(hp_doctor *d, hp_doctor_result *r);
    hp_code (*mend)(hp_doctor *d, hp_err *err);
};

/** Name a library with the version that runs and the one it was compiled against; `compiled` may be NULL. */
typedef struct hp_doctor_library {
    const char *name, *running, *compiled;
} hp_doctor_library;

/** Say what to look at. */
typedef struct hp_doctor_options {
    const char *config_path; /**< NULL = hotpass.yaml */
    /* What options say above the configuration; NULL = nothing. */
    const char *profile, *input_dir, *output_path, *dist_dir;
    const char *const *profile_dirs;
    size_t nprofile_dirs;
    const char *const *only; /**< ids or groups of checks; none = all */
    size_t nonly;
    bool deep;           /**< also run `program` on the inputs: mapping coverage */
    bool network;        /**< also ask the services that are named */
    const char *program; /**< path of hotpass itself */
    const hp_doctor_library *library;
    size_t nlibrary;
} hp_doctor_options;

/** List the checks, by group. */
const hp_doctor_check *hp_doctor_checks(size_t *n);
/** Return the word for a verdict: "ok", "note", "fail", "broken", "skipped". */
const char *hp_doctor_verdict_name(hp_doctor_verdict v);

/** Gather what the checks look at. `o` must outlive the doctor, which lives in the arena; what is wrong with
 * configuration or profile is for the checks to tell. Errors: HP_USAGE (an unknown id in `only`, with the
 * nearest), HP_NOINPUT (a named file of configuration), HP_RETRY. */
hp_code hp_doctor_open(hp_arena *a, const hp_doctor_options *o, hp_doctor **out, hp_err *err);
/** Make the checks, in the order of the table. Errors: HP_RETRY. */
hp_code hp_doctor_look(hp_doctor *d, hp_doctor_result **results, size_t *n, hp_err *err);
/** Mend what failed among results: only what can be undone. With dry_run nothing is touched, and the actions
 * are those that would be taken. What was done is added to doctor.log in the state directory, one JSON object
 * a line. An action that fails has its reason with it. Errors: HP_RETRY, HP_IO (the log). */
hp_code hp_doctor_mend(hp_doctor *d, const hp_doctor_result *results, size_t n, bool dry_run,
                       const hp_doctor_actions **actions, hp_err *err);
/** Release what is not in the arena; NULL is allowed. */
void hp_doctor_close(hp_doctor *d);

/** Return the exit code for results: HP_OK, HP_FINDINGS, HP_CONFIG. */
hp_code hp_doctor_exit(const hp_doctor_result *results, size_t n);

/** Save what holds now (versions, digests of configuration and profile, names of environment variables,
 * inputs and their columns) as baseline.json in the state directory. *path is where. Errors: HP_CANTCREAT,
 * HP_IO, HP_RETRY. */
hp_code hp_doctor_baseline_save(hp_doctor *d, hp_str *path, hp_err *err);
/** Compare what holds now with the baseline: one line for each difference in `lines`, counted. Errors:
 * HP_NOINPUT (no baseline), HP_CONFIG, HP_RETRY. */
hp_code hp_doctor_baseline_compare(hp_doctor *d, hp_buf *lines, size_t *n, hp_err *err);
/** Write the reference of all checks as Markdown (docs/reference/doctor.md). */
void hp_doctor_reference(hp_buf *out);

#endif
