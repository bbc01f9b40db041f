/* Quality gates: what has to hold before a release and after an incident. A gate is a list of checks, most of
 * which run this very program as an operator would, with a deadline, and look at what it says. */
#ifndef HP_OPS_QA_QA_H
#define HP_OPS_QA_QA_H

#include "base/arena.h"
#include "base/json.h"
#include "base/vec.h"

/** Say how a check ended. What is skipped does not apply here, and its message says why. */
typedef enum hp_qa_status { HP_QA_PASSED, HP_QA_FAILED, HP_QA_SKIPPED } hp_qa_status;

/** Say which form a gate's payload has: `checks`, `steps`, or `results` (QG-2). */
typedef enum hp_qa_shape { HP_QA_CHECKS, HP_QA_STEPS, HP_QA_RESULTS } hp_qa_shape;

/** Hold a check that was made. Texts live in the arena of the run. */
typedef struct hp_qa_check {
    hp_str id, description, message;
    hp_qa_status status;
    double seconds;
    hp_str workbook, sheet; /**< of a result: what was looked at */
    int64_t rows;           /**< of a result; -1 = not known */
} hp_qa_check;

/** Say what the gates are to look at. Paths are relative to the working directory. */
typedef struct hp_qa_options {
    const char *profile;             /**< name or path */
    const char *const *profile_dirs; /**< --profile-search-path, in order */
    size_t nprofile_dirs;
    bool profile_given;    /**< on the command line */
    const char *input_dir; /**< the data */
    const char *workspace; /**< whose documents and contracts are looked at */
    const char *root;      /**< where the artefacts go */
    bool network;          /**< QG-3 may use it */
    void (*progress)(void *ctx, const char *gate, hp_str check); /**< may be NULL */
    void *progress_ctx;
} hp_qa_options;

typedef struct hp_qa_run hp_qa_run;

/** Describe a gate (ops/qa/gates.def). */
typedef struct hp_qa_gate {
    const char *word;   /**< "data-quality" */
    const char *number; /**< "qg2", or "" */
    const char *title, *folder;
    hp_qa_shape shape;
    bool ta; /**< one of the technical acceptance */
    hp_code (*run)(hp_qa_run *q, hp_err *err);
} hp_qa_gate;

/** Hold one run of a gate: its checks, and where it left what. */
struct hp_qa_run {
    const hp_qa_gate *gate;
    const hp_qa_options *o;
    hp_arena *arena;
    int64_t when; /**< seconds since 1970 */
    hp_str dir;   /**< its own directory below the gate's folder */
    HP_VEC(hp_qa_check) check;
    size_t passed, failed, skipped;
    bool not_applicable; /**< the gate's subject is not there; `reason` says so */
    hp_str reason;
    double seconds;
    hp_str input_workbook, output_workbook; /**< QG-3 */
    hp_str data_docs;                       /**< QG-2: the index page */
    size_t docs_html;                       /**< QG-2: pages of it */
};

/** Return the gates; *n is their number. */
const hp_qa_gate *hp_qa_gates(size_t *n);
/** Find a gate by its word or its number; NULL when there is none. */
const hp_qa_gate *hp_qa_find(hp_str name);
/** Return "QG-2" for the numbered gates, else the word. */
const char *hp_qa_code(const hp_qa_gate *g);
/** Return "passed", "failed" or "skipped". */
const char *hp_qa_status_name(hp_qa_status s);
/** Tell whether a gate has passed: at least one check, none failed, and its subject is there. */
bool hp_qa_passed(const hp_qa_run *q);
/** Append a sentence about how a gate ended: "13 of 13 checks passed". */
void hp_qa_sentence(const hp_qa_run *q, hp_buf *out);

/** Run a gate in a new directory of its own, <root>/<folder>/<UTC>; close with hp_qa_close. What a check
 * finds wrong is in its status; errors are what keeps the gate itself from working: HP_CANTCREAT, HP_NOPERM,
 * HP_IO, HP_RETRY. */
hp_code hp_qa_open(const hp_qa_gate *g, const hp_qa_options *o, hp_qa_run *q, hp_err *err);
/** Write summary.json into the directory of the run, latest.json beside it, and a line into history.ndjson
 * beside that. Errors as above. */
hp_code hp_qa_store(const hp_qa_run *q, hp_err *err);
/** Release a run; a zeroed one is allowed. */
void hp_qa_close(hp_qa_run *q);

/** Write the members of a gate's payload into an open object. */
void hp_qa_payload(const hp_qa_run *q, hp_json *j);
/** Write the members of the payload of several gates into an open object; `artifact` may be empty. */
void hp_qa_set_payload(const hp_qa_run *q, size_t n, int64_t when, hp_str artifact, hp_json *j);
/** Write what came of several gates to <root>/latest-<name>.json, and a line to <root>/history.ndjson;
 * *artifact, in the arena, is the former. Errors as above. */
hp_code hp_qa_store_set(const hp_qa_run *q, size_t n, const char *root, const char *name, hp_arena *a,
                        hp_str *artifact, hp_err *err);

/* ---- for the gates ---- */

/** Add a check that ended: `since` is hp_clock_mono at its beginning. Messages name no value of the data.
 * Errors: HP_RETRY. */
hp_code hp_qa_add(hp_qa_run *q, hp_qa_status status, uint64_t since, const char *id, const char *description,
                  hp_err *err, const char *fmt, ...) __attribute__((format(printf, 7, 8)));
/** Return the check that was added last. */
hp_qa_check *hp_qa_last(hp_qa_run *q);
/** Return the path of a file of the run, in the arena, NUL-terminated; p is NULL when out of memory. */
hp_str hp_qa_path(const hp_qa_run *q, const char *name);

#define HP_QA_RUN(name) hp_code hp_qa_##name(hp_qa_run *q, hp_err *err)
/** Check the command line: what it lists, that every command explains itself, that errors are told. */
HP_QA_RUN(cli);
/** Check the promises of a run: same input, same bytes; inputs untouched; no row lost. */
HP_QA_RUN(fitness);
/** Hold the data against the suites that the profile names, and the result against its expectations. */
HP_QA_RUN(data);
/** Enrich a small workbook twice and look at every value of the provenance columns. */
HP_QA_RUN(enrichment);
/** Check every profile that is found. */
HP_QA_RUN(profiles);
/** Emit the contract of the profile, hold the result against it, and read the workspace's contracts. */
HP_QA_RUN(contracts);
/** Check what an assistant would be told about the tools. */
HP_QA_RUN(mcp);
/** Hold the reference documents against the program, and look at the workspace's. */
HP_QA_RUN(docs);

#endif
