/* The flow hotpass-refine without a server: the steps and gates that a run under Prefect has, each a call of
 * the program itself. */
#ifndef HP_OPS_FLOW_ORCHESTRATE_H
#define HP_OPS_FLOW_ORCHESTRATE_H

#include "base/arena.h"
#include "base/doc.h"

/** Say how a step ended. */
typedef enum hp_step_state {
    HP_STEP_WAITING,
    HP_STEP_RUNNING,
    HP_STEP_COMPLETED,
    HP_STEP_FAILED,
    HP_STEP_SKIPPED /**< does not apply: `message` says why */
} hp_step_state;

/** Name the steps, in their order. */
typedef enum hp_step_id {
    HP_STEP_LINT,     /**< the profile has no error */
    HP_STEP_REFINE,   /**< the pipeline, with the checks of sources and result */
    HP_STEP_VERIFY,   /**< run.json: no row lost, every output there with its digest */
    HP_STEP_CONTRACT, /**< the result holds what the profile promises */
    HP_STEP_COUNT
} hp_step_id;

/** Hold a step. Texts live in the arena. */
typedef struct hp_step {
    const char *name;
    hp_step_state state;
    int exit_code;
    hp_str message; /**< why it failed or was skipped */
    double seconds;
} hp_step;

/** Say what to run. Texts are the caller's. */
typedef struct hp_orchestrate_options {
    const char *profile;
    const char *const *profile_dirs; /**< --profile-search-path, in order */
    size_t nprofile_dirs;
    const char *output;      /**< the first output: run.json stands beside it */
    const char *const *pass; /**< options of refine, as "--name=value" */
    size_t npass;
    bool dry_run; /**< refine writes nothing, and the gates behind it do not apply */
    bool events;  /**< refine's talk is JSON */
    int stop_fd;  /**< of hp_net_signals */
    void (*changed)(void *ctx, const hp_step *s); /**< a step has begun or ended; may be NULL */
    void *ctx;
} hp_orchestrate_options;

/** Hold what came of it. Lives in its arena. */
typedef struct hp_orchestration {
    hp_step step[HP_STEP_COUNT];
    const hp_node *run;   /**< what refine printed: the members of run.json; NULL when it failed before */
    hp_str failing_stage; /**< of refine, or the name of the step; empty when all went well */
    hp_str message;
    int code;   /**< exit code of the whole: that of the first step that failed */
    int signal; /**< that stopped it; 0 when none did */
    double seconds;
} hp_orchestration;

/** Return the word for a state: "completed" ... */
const char *hp_step_word(hp_step_state s);
/** Run the flow up to the first step that fails. Talk of the steps goes to our stderr. Errors: what keeps it
 * from working at all: HP_IO, HP_RETRY. */
hp_code hp_orchestrate(const hp_orchestrate_options *o, hp_arena *a, hp_orchestration *out, hp_err *err);

#endif
