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

const hp_command hp_ops_prefect_sub[] = {
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
