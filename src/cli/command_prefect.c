/* The commands that talk to Prefect: options, arguments, examples, descriptions. */
#include "cli/command_ops.h"

#include "base/banned.h"

#define SERVER_OPTIONS HP_O_PREFECT_URL, HP_O_PREFECT_KEY_FILE, HP_O_CONFIG

/* ---- deploy ---- */

const hp_option_id hp_ops_deploy_options[] = {HP_O_MANIFEST_DIR,   HP_O_MANIFEST,  HP_O_PRUNE,
                                              HP_O_DEPLOY_DRY_RUN, SERVER_OPTIONS, HP_O_END};
const hp_example hp_ops_deploy_examples[] = {
    {"hotpass deploy --dry-run", "What would be changed on the server."},
    {"hotpass deploy --only refine", "One manifest."},
    {"hotpass deploy --prune --json", "All of them, and none that is gone; for a program."},
    {0},
};

/* ---- prefect ---- */

static const hp_option_id SERVER_ONLY[] = {SERVER_OPTIONS, HP_O_END};
static const hp_argument DEPLOYMENT_ARGS[] = {
    {.name = "DEPLOYMENT",
     .type = HP_OPT_STRING,
     .optional = true,
     .help = "its name, flow/name or id (default: prefect.deployment of the configuration)"},
    {0},
};
static const hp_option_id DIFF_OPTIONS[] = {HP_O_MANIFEST_DIR, HP_O_MANIFEST,  HP_O_EXIT_CODE,
                                            HP_O_WATCH_DIFF,   SERVER_OPTIONS, HP_O_END};
static const hp_option_id RUNS_OPTIONS[] = {HP_O_RUN_STATE, HP_O_COUNT_RUNS, SERVER_OPTIONS, HP_O_END};
static const hp_option_id LOGS_OPTIONS[] = {HP_O_FOLLOW, SERVER_OPTIONS, HP_O_END};
static const hp_option_id TRIGGER_OPTIONS[] = {HP_O_RUN_PARAM, HP_O_WAIT_RUN, HP_O_IDEMPOTENCY_KEY,
                                               SERVER_OPTIONS, HP_O_END};
static const hp_argument RUNS_ARGS[] = {
    {.name = "DEPLOYMENT",
     .type = HP_OPT_STRING,
     .optional = true,
     .help = "its name, flow/name or id (default: all)"},
    {0},
};
static const hp_argument RUN_ARGS[] = {
    {.name = "RUN", .type = HP_OPT_STRING, .help = "its id or its name; of several with one name the latest"},
    {0},
};
static const hp_example DIFF_EXAMPLES[] = {
    {"hotpass prefect diff", "What differs, how much it matters, and how it is mended both ways."},
    {"hotpass prefect diff --exit-code --json", "A gate in CI."},
    {"hotpass prefect diff --watch", "During an incident."},
    {0},
};
static const hp_example RUNS_EXAMPLES[] = {
    {"hotpass prefect runs hotpass-refine", "The latest runs of a deployment."},
    {"hotpass prefect runs --state FAILED --state CRASHED --json", "What went wrong, for a program."},
    {0},
};
static const hp_example LOGS_EXAMPLES[] = {
    {"hotpass prefect logs agile-otter", "The log of a run."},
    {"hotpass prefect logs agile-otter --follow", "The same as it grows."},
    {0},
};
static const hp_example TRIGGER_EXAMPLES[] = {
    {"hotpass prefect trigger hotpass-refine --wait", "Start it, print its log, exit as it ends."},
    {"hotpass prefect trigger hotpass-refine --param input_dir=data/late --param archive=false",
     "With other parameters."},
    {0},
};
static const hp_example CANCEL_EXAMPLES[] = {{"hotpass prefect cancel agile-otter", "Ask a run to end."},
                                             {0}};
static const hp_example PAUSE_EXAMPLES[] = {
    {"hotpass prefect pause hotpass-refine", "Nothing begins any more."}, {0}};
static const hp_example RESUME_EXAMPLES[] = {{"hotpass prefect resume hotpass-refine", "It goes on."}, {0}};
static const hp_example INSPECT_EXAMPLES[] = {
    {"hotpass prefect inspect hotpass-refine",
     "Schedule, parameters, limit and work pool as the server has them."},
    {"hotpass prefect inspect hotpass-refine/hotpass-refine --json",
     "All of it, for a program or as evidence."},
    {0},
};

static const hp_option_id EXECUTE_OPTIONS[] = {SERVER_OPTIONS, HP_O_DELIVER_WITHIN, HP_O_RETRIES,
                                               HP_O_RETRY_DELAY, HP_O_END};
static const hp_argument EXECUTE_ARGS[] = {
    {.name = "RUN",
     .type = HP_OPT_STRING,
     .optional = true,
     .help = "id of a flow run (default: PREFECT__FLOW_RUN_ID, as workers set it)"},
    {0},
};
static const hp_example EXECUTE_EXAMPLES[] = {
    {"hotpass prefect execute",
     "As job_variables.command of a deployment in a work pool of the type process."},
    {0},
};
static const hp_option_id WORKER_OPTIONS[] = {SERVER_OPTIONS,   HP_O_POOL,        HP_O_ONCE,
                                              HP_O_CONCURRENCY, HP_O_POLL,        HP_O_DELIVER_WITHIN,
                                              HP_O_RETRIES,     HP_O_RETRY_DELAY, HP_O_END};
static const hp_example WORKER_EXAMPLES[] = {
    {"hotpass prefect worker --pool hotpass", "Run what is due in the pool, until Ctrl-C."},
    {"hotpass prefect worker --pool hotpass --once", "Only what is due now; for cron."},
    {0},
};

const hp_command hp_ops_prefect_sub[] = {
    {.name = "execute",
     .full = "prefect execute",
     .summary = "execute a flow run, as a worker starts it",
     .args = EXECUTE_ARGS,
     .options = EXECUTE_OPTIONS,
     .examples = EXECUTE_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_prefect_execute,
     .description =
         "What stands between Prefect and the program: reads the parameters of the flow run, runs orchestrate (flow hotpass-refine), enrich or "
         "backfill with them, and tells the server. Stages are task runs; progress and what is said goes to the log; findings and outputs "
         "become artifacts. A parameter is called as the option, with _ for -; it can never become another option.\n\n"
         "The run ends as COMPLETED (exit codes 0 and 3), FAILED with the failing stage in its message (1 and most others), AwaitingRetry "
         "(75, up to --retries), CANCELLED (130, 143, a signal, or when it is cancelled in Prefect, which stops the program within "
         "seconds), CRASHED (70, or killed).\n\n"
         "The work does not wait for the server: when that goes away, what is to be told is kept, and told when it is back. A run whose "
         "process was killed is settled by the next call on this machine.\n\n"
         "Exits 0 when the server knows how the run ended, whatever that is; 69 when it could not be told."},
    {.name = "worker",
     .full = "prefect worker",
     .summary = "execute flow runs of a work pool, without any Python",
     .options = WORKER_OPTIONS,
     .examples = WORKER_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_prefect_worker,
     .description =
         "A worker as Prefect's own of the type process: sends heartbeats, asks for runs that are due, and executes each as prefect execute "
         "does, at most --concurrency at a time. Of job_variables it heeds working_dir and env; the command is always its own. The limits of "
         "pool, queue and deployment are held by the server.\n\n"
         "Ctrl-C or TERM stops the runs that are under way, which end as CANCELLED, and then the worker. A server that is away is waited for."},
    {.name = "inspect",
     .full = "prefect inspect",
     .summary = "show a deployment as the server has it",
     .args = DEPLOYMENT_ARGS,
     .options = SERVER_ONLY,
     .examples = INSPECT_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_prefect_inspect,
     .description =
         "Prints schedule, parameters, work pool, tags, pause and the limit of runs at a time. With --json the member deployment holds what "
         "\"prefect deployment inspect FLOW/NAME --output json\" prints, and concurrency_limit the limit that holds, which the server keeps in "
         "global_concurrency_limit."},
    {.name = "diff",
     .full = "prefect diff",
     .summary = "hold the server against the manifests",
     .options = DIFF_OPTIONS,
     .examples = DIFF_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_prefect_diff,
     .description =
         "Compares each manifest with its deployment: limit of runs at a time, work pool and queue, command, entrypoint, parameters, schedule, pause, "
         "tags. Differences are dangerous (runs go elsewhere, run something else, or too many at a time), behavioural (other times, other "
         "parameters) or cosmetic, each with the command that makes the server as the manifest and the edit that makes the manifest as the server. "
         "Deployments whose manifest is gone are listed, too. Nothing is changed."},
    {.name = "runs",
     .full = "prefect runs",
     .summary = "list runs, the latest first",
     .args = RUNS_ARGS,
     .options = RUNS_OPTIONS,
     .examples = RUNS_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_prefect_runs,
     .description =
         "Prints id, name, state, begin and what the state says. Runs that are scheduled for later are listed as well."},
    {.name = "logs",
     .full = "prefect logs",
     .summary = "print the log of a run",
     .args = RUN_ARGS,
     .options = LOGS_OPTIONS,
     .examples = LOGS_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_prefect_logs,
     .description =
         "Prints the lines in the order of their times. With --follow until the run has ended: then exit code 0 when it is COMPLETED, 1 otherwise; "
         "a server that is away is waited for, five minutes at most. With --json each line is a document of its own."},
    {.name = "trigger",
     .full = "prefect trigger",
     .summary = "start a run of a deployment",
     .args = DEPLOYMENT_ARGS,
     .options = TRIGGER_OPTIONS,
     .examples = TRIGGER_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_prefect_trigger,
     .description =
         "Makes a run that the next free worker begins. A request that had to be sent twice starts one run only. With --wait as \"prefect logs "
         "--follow\"; Ctrl-C ends the waiting, not the run."},
    {.name = "cancel",
     .full = "prefect cancel",
     .summary = "cancel a run",
     .args = RUN_ARGS,
     .options = SERVER_ONLY,
     .examples = CANCEL_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_prefect_cancel,
     .description =
         "A run that works is asked to end and becomes CANCELLED once its worker has ended it; one that has not begun is cancelled at once; one that has "
         "ended stays as it is."},
    {.name = "pause",
     .full = "prefect pause",
     .summary = "pause a deployment: its schedule begins no runs",
     .args = DEPLOYMENT_ARGS,
     .options = SERVER_ONLY,
     .examples = PAUSE_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_prefect_pause,
     .description =
         "Runs that work go on. \"prefect diff\" tells that the server is not as its manifest, until \"prefect resume\" or \"deploy\"."},
    {.name = "resume",
     .full = "prefect resume",
     .summary = "end the pause of a deployment",
     .args = DEPLOYMENT_ARGS,
     .options = SERVER_ONLY,
     .examples = RESUME_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_prefect_resume,
     .description = "Its schedule begins runs again."},
    {0},
};
