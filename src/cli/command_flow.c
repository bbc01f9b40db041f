/* What the commands take that run flows: options and examples. Their rows stand in command.c. */
#include "cli/command_flow.h"

#include "base/banned.h"

const hp_example hp_flow_orchestrate_examples[] = {
    {"hotpass orchestrate --profile aviation --input-dir data", "As hotpass refine, and then the gates."},
    {"hotpass orchestrate --profile aviation --input-dir data --json | jq .steps",
     "How each step ended, for a program."},
    {0},
};

#define PASS                                                                                                \
    HP_O_PROFILE, HP_O_PROFILE_SEARCH_PATH, HP_O_MAP, HP_O_SINCE, HP_O_ARCHIVE, HP_O_JOBS, HP_O_MAX_MEMORY, \
        HP_O_PASSWORD_FILE, HP_O_LIMIT, HP_O_COMPRESS, HP_O_NO_PROVENANCE, HP_O_CONFIG

const hp_option_id hp_flow_backfill_pass[] = {PASS, HP_O_END};
const hp_option_id hp_flow_backfill_options[] = {HP_O_START_DATE,
                                                 HP_O_END_DATE,
                                                 HP_O_ARCHIVE_VERSION,
                                                 HP_O_ARCHIVE_ROOT,
                                                 HP_O_RESTORE_ROOT,
                                                 HP_O_ARCHIVE_PATTERN,
                                                 HP_O_CONCURRENCY,
                                                 HP_O_AGAIN,
                                                 HP_O_DRY_RUN,
                                                 PASS,
                                                 HP_O_END};
const hp_example hp_flow_backfill_examples[] = {
    {"hotpass backfill --start-date 2025-10-01 --end-date 2025-10-07 --profile aviation",
     "A week of archives in dist/input-archives, one after the other."},
    {"hotpass backfill --start-date 2025-10-01 --end-date 2025-10-07 --version 1 --version 2 --concurrency 2",
     "Two versions of each day, two at a time."},
    {"hotpass backfill --start-date 2025-10-01 --end-date 2025-10-07 --dry-run",
     "Which archives are there, and what is done already."},
    {0},
};
