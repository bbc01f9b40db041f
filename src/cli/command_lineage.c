#include "cli/command_lineage.h"

#include "base/banned.h"

static const hp_option_id FLUSH_OPTIONS[] = {HP_O_LINEAGE_ALL, HP_O_LINEAGE_REJECTED, HP_O_LINEAGE_WAIT,
                                             HP_O_STATE_DIR,   HP_O_CONFIG,           HP_O_END};
static const hp_option_id STATUS_OPTIONS[] = {HP_O_STATE_DIR, HP_O_CONFIG, HP_O_END};
static const hp_option_id TAIL_OPTIONS[] = {HP_O_LAST, HP_O_WATCH, HP_O_STATE_DIR, HP_O_CONFIG, HP_O_END};
static const hp_option_id GRAPH_OPTIONS[] = {HP_O_FIELD,     HP_O_DIRECTION, HP_O_DEPTH,  HP_O_GRAPH_FORMAT,
                                             HP_O_STATE_DIR, HP_O_LIMIT,     HP_O_CONFIG, HP_O_END};
static const hp_argument SHOW_ARGS[] = {
    {.name = "RUN", .type = HP_OPT_STRING, .help = "id of the run, or how it begins; last: the last one"},
    {0}};
static const hp_argument GRAPH_ARGS[] = {
    {.name = "DATASET",
     .type = HP_OPT_FILE,
     .help = "file that was read or written; the end of its path will do"},
    {0},
};
static const hp_argument SETTLE_ARGS[] = {
    {.name = "RUN", .type = HP_OPT_STRING, .help = "id of the run"},
    {.name = "CODE", .type = HP_OPT_STRING, .help = "exit code to end with"},
    {.name = "DIR", .type = HP_OPT_DIR, .help = "where its record is"},
    {0},
};
static const hp_example FLUSH_EXAMPLES[] = {
    {"hotpass lineage flush", "Send what earlier runs could not."},
    {"hotpass lineage flush --all", "Also what was recorded before there was a server."},
    {0},
};
static const hp_example STATUS_EXAMPLES[] = {
    {"hotpass lineage status", "How much is waiting, since when, and why."},
    {"hotpass lineage status --json | jq .pending", "For a program."},
    {0},
};
static const hp_example TAIL_EXAMPLES[] = {
    {"hotpass lineage tail", "The last events."},
    {"hotpass lineage tail --watch", "And those that come."},
    {0},
};
static const hp_example SHOW_EXAMPLES[] = {
    {"hotpass lineage show last", "What the last run read and wrote."},
    {"hotpass lineage show 01926f3a --json | jq '.events[-1].event'", "The event as it is sent."},
    {0},
};
static const hp_example GRAPH_EXAMPLES[] = {
    {"hotpass lineage graph dist/refined.xlsx", "What it is made of, and what was made of it."},
    {"hotpass lineage graph refined.xlsx --column Data!website --direction upstream",
     "Which columns feed a column."},
    {"hotpass lineage graph refined.xlsx --format svg > lineage.svg", "As a picture."},
    {0},
};

const hp_command hp_lineage_sub[] = {
    {.name = "flush",
     .full = "lineage flush",
     .summary = "send the events that are waiting",
     .options = FLUSH_OPTIONS,
     .examples = FLUSH_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_lineage_flush,
     .description =
         "Posts the waiting events to lineage.url (OPENLINEAGE_URL), oldest first; OPENLINEAGE_API_KEY or the secret marquez.api_key "
         "of hotpass credentials is sent as bearer token. Runs that were killed get their ABORT first. An event is sent until the server has "
         "confirmed it; one that the server refuses for good (422) is set aside and listed by hotpass lineage status.\n\n"
         "Exits 0 when nothing is left to send, 1 when events were set aside, 69 when the server did not take them all."},
    {.name = "status",
     .full = "lineage status",
     .summary = "tell how many events are waiting, and why",
     .options = STATUS_OPTIONS,
     .examples = STATUS_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_lineage_status,
     .description =
         "Counts events by state: pending, delivered, rejected (set aside), local (recorded without a server); says since when the oldest is "
         "waiting, when the server is asked again, and what it said. Opens no socket. Exits 1 when events were set aside."},
    {.name = "tail",
     .full = "lineage tail",
     .summary = "list the last events",
     .options = TAIL_OPTIONS,
     .examples = TAIL_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_lineage_tail,
     .description = "One line for each event: when, what, which run and job, and whether it was sent."},
    {.name = "show",
     .full = "lineage show",
     .summary = "tell what a run read and wrote, and how it ended",
     .args = SHOW_ARGS,
     .options = STATUS_OPTIONS,
     .examples = SHOW_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_lineage_show,
     .description = "With --json the events themselves, as they are sent."},
    {.name = "graph",
     .full = "lineage graph",
     .summary = "tell what a dataset or a column is made of, and what is made of it",
     .args = GRAPH_ARGS,
     .options = GRAPH_OPTIONS,
     .examples = GRAPH_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_lineage_graph,
     .description =
         "Answers from the record of this machine, without a server: of each dataset the last run counts that wrote it."},
    {.name = "settle",
     .full = "lineage settle",
     .summary = "record that a run was ended by a signal",
     .args = SETTLE_ARGS,
     .options = STATUS_OPTIONS,
     .hidden = true,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_lineage_settle,
     .description = "What a run that is ended by a signal turns into; nobody else needs it."},
    {0},
};
