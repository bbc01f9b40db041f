/* The commands that talk to Prefect: options, arguments, examples, descriptions. */
#include "cli/command_ops.h"

#include "base/banned.h"

#define SERVER_OPTIONS HP_O_PREFECT_URL, HP_O_PREFECT_KEY_FILE, HP_O_CONFIG

static const hp_option_id SERVER_ONLY[] = {SERVER_OPTIONS, HP_O_END};
static const hp_argument DEPLOYMENT_ARGS[] = {
    {.name = "DEPLOYMENT",
     .type = HP_OPT_STRING,
     .optional = true,
     .help = "its name, flow/name or id (default: prefect.deployment of the configuration)"},
    {0},
};
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
    {0},
};
