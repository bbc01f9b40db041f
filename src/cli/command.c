#include "cli/command.h"
#include "cli/command_bucket.h"
#include "cli/command_flow.h"
#include "cli/command_lineage.h"
#include "cli/command_ops.h"

#include "base/doc.h"

#include "base/banned.h"

static const hp_option_id GLOBAL[] = {HP_O_JSON, HP_O_QUIET,    HP_O_VERBOSE, HP_O_NO_COLOR, HP_O_LOG_FORMAT,
                                      HP_O_YES,  HP_O_NO_INPUT, HP_O_HELP,    HP_O_END};
static const hp_option_id ROOT_OPTIONS[] = {HP_O_VERSION, HP_O_END};

/* ---- refine ---- */

static const hp_option_id REFINE_OPTIONS[] = {HP_O_PROFILE,     HP_O_PROFILE_SEARCH_PATH,
                                              HP_O_INPUT_DIR,   HP_O_OUTPUT_PATH,
                                              HP_O_MAP,         HP_O_SINCE,
                                              HP_O_ARCHIVE,     HP_O_DIST_DIR,
                                              HP_O_DRY_RUN,     HP_O_JOBS,
                                              HP_O_MAX_MEMORY,  HP_O_PASSWORD_FILE,
                                              HP_O_LIMIT,       HP_O_COMPRESS,
                                              HP_O_REPORT_PATH, HP_O_SHOW_VALUES,
                                              HP_O_ANNOTATE,    HP_O_RETRY_QUARANTINE,
                                              HP_O_CONFIG,      HP_O_NO_PROVENANCE,
                                              HP_O_END};
static const hp_example REFINE_EXAMPLES[] = {
    {"hotpass refine --input-dir data", "Every workbook and csv file in data becomes dist/refined.xlsx."},
    {"hotpass refine --profile aviation --input-dir examples/aviation --output-path out/clean.xlsx --output-path out/clean.csv",
     "Sources, sheets and columns as profiles/aviation.yaml declares them; two outputs."},
    {"hotpass refine --input-dir data --map map.yaml --archive",
     "A mapping saved before; the results also as a zip."},
    {"hotpass refine --input-dir data --report-path dist/report.html",
     "Also a page that shows what was found, where, and what to do."},
    {"hotpass refine --input-dir data --annotate dist/annotated",
     "Also a copy of each source, its cells with findings coloured and commented."},
    {"hotpass refine --input-dir data --retry-quarantine corrected.xlsx",
     "With the rows that were corrected in the Quarantine sheet of corrected.xlsx, a copy of an earlier result."},
    {"hotpass refine --input-dir data --dry-run --json", "Only the counts and findings, for a program."},
    {0},
};

/* ---- enrich, explain-provenance ---- */

static const hp_option_id ENRICH_OPTIONS[] = {HP_O_INPUT,         HP_O_OUTPUT,
                                              HP_O_PROFILE,       HP_O_PROFILE_SEARCH_PATH,
                                              HP_O_ALLOW_NETWORK, HP_O_EXPLAIN_NETWORK,
                                              HP_O_MAX_REQUESTS,  HP_O_CONFIDENCE_THRESHOLD,
                                              HP_O_PROVENANCE,    HP_O_STATE_DIR,
                                              HP_O_DRY_RUN,       HP_O_JOBS,
                                              HP_O_MAX_MEMORY,    HP_O_PASSWORD_FILE,
                                              HP_O_LIMIT,         HP_O_COMPRESS,
                                              HP_O_CONFIG,        HP_O_END};
static const hp_example ENRICH_EXAMPLES[] = {
    {"hotpass enrich --input dist/refined.xlsx --output dist/enriched.xlsx --profile aviation --allow-network=false",
     "Fill blanks from lookup tables, registers, earlier outputs and the rows themselves."},
    {"hotpass enrich --input people.csv --output enriched.csv --confidence-threshold 0.9",
     "Any table; only what is all but certain is filled in, the rest is listed in enriched.provenance.csv."},
    {"hotpass enrich --explain-network --profile aviation --allow-network",
     "Who would say no to the network, and what to change."},
    {0},
};
static const hp_option_id EXPLAIN_OPTIONS[] = {HP_O_DATASET,       HP_O_ROW_ID,      HP_O_SLUG,
                                               HP_O_SHEET,         HP_O_SHOW_VALUES, HP_O_MAX_MEMORY,
                                               HP_O_PASSWORD_FILE, HP_O_LIMIT,       HP_O_END};
static const hp_example EXPLAIN_EXAMPLES[] = {
    {"hotpass explain-provenance --dataset dist/enriched.xlsx --row-id 0", "The first row below the header."},
    {"hotpass explain-provenance --dataset dist/enriched.xlsx --slug blue-ridge-aviation --json",
     "A row by its key, for a program."},
    {0},
};

/* ---- map ---- */

static const hp_option_id MAP_OPTIONS[] = {
    HP_O_PROFILE,    HP_O_PROFILE_SEARCH_PATH, HP_O_MAP,   HP_O_SAVE,   HP_O_JOBS,
    HP_O_MAX_MEMORY, HP_O_PASSWORD_FILE,       HP_O_LIMIT, HP_O_CONFIG, HP_O_END};
static const hp_argument MAP_ARGS[] = {
    {.name = "DIR",
     .type = HP_OPT_DIR,
     .optional = true,
     .help = "directory with the workbooks and data files (csv, ndjson, parquet) (default: data)"},
    {0},
};
static const hp_example MAP_EXAMPLES[] = {
    {"hotpass map data", "What refine would make of each column of the files in data, and why."},
    {"hotpass map data --save map.yaml",
     "Save it, correct it by hand, then run hotpass refine --map map.yaml."},
    {0},
};

/* ---- inspect, cells ---- */

static const hp_option_id INSPECT_OPTIONS[] = {HP_O_SHOW_VALUES, HP_O_MAX_MEMORY, HP_O_PASSWORD_FILE,
                                               HP_O_LIMIT, HP_O_END};
static const hp_argument INSPECT_ARGS[] = {
    {.name = "FILE",
     .type = HP_OPT_FILE,
     .help = "a workbook, a csv, ndjson or parquet file, or - for standard input"},
    {0},
};
static const hp_example INSPECT_EXAMPLES[] = {
    {"hotpass inspect \"data/Contact Database.xlsx\"",
     "Its sheets, and for each column kind, fill, distinct values, samples."},
    {"hotpass inspect people.csv --show-values", "With samples that are not masked."},
    {0},
};
static const hp_option_id CELLS_OPTIONS[] = {HP_O_MAX_MEMORY, HP_O_PASSWORD_FILE, HP_O_LIMIT, HP_O_END};
static const hp_argument CELLS_ARGS[] = {
    {.name = "BOOK[!SHEET[!A1:F20]]",
     .type = HP_OPT_FILE,
     .help =
         "a workbook, a csv, ndjson or parquet file, or - for standard input; perhaps one sheet of it, perhaps an area: A1:F20, C7, A:C, 2:9"},
    {0},
};
static const hp_example CELLS_EXAMPLES[] = {
    {"hotpass cells 'Contact Database.xlsx!Company_Cat!A1:F20'", "The area as a grid."},
    {"hotpass cells --json book.xlsx",
     "Every sheet, one row a line, with types and the text as the file has it."},
    {"hotpass cells \"book.xlsx!'2024!Q1'!A1\"",
     "Quotes around a sheet name with an exclamation mark in it."},
    {"hotpass cells --json - | head", "What is piped into it: zcat people.csv.gz | hotpass cells --json -"},
    {0},
};

/* ---- convert ---- */

static const hp_option_id CONVERT_OPTIONS[] = {
    HP_O_OUTPUT,   HP_O_TO,   HP_O_SELECT,     HP_O_WHERE,         HP_O_ALL,   HP_O_NO_HEADER, HP_O_RAW_TEXT,
    HP_O_COMPRESS, HP_O_JOBS, HP_O_MAX_MEMORY, HP_O_PASSWORD_FILE, HP_O_LIMIT, HP_O_END};
static const hp_argument CONVERT_ARGS[] = {
    {.name = "FILE[!SHEET[!A1:F20]]",
     .type = HP_OPT_FILE,
     .help =
         "a file that hotpass reads, perhaps one sheet of it, perhaps an area: A1:F20, A:C, 3:1000; - is standard input"},
    {0},
};
static const hp_example CONVERT_EXAMPLES[] = {
    {"hotpass convert people.xlsx -o people.csv", "Its first visible sheet as csv."},
    {"hotpass convert 'book.xlsx!Leads!A3:F400' -o leads.parquet",
     "One sheet, and of it what stands below two rows of titles."},
    {"hotpass convert people.csv --to ndjson --select Name,E-mail --where Country=ZA | jq .",
     "Some rows and columns as lines of JSON, to the next program."},
    {"hotpass convert book.xls --all -o sheets/ --to csv", "Each sheet as a file of its own."},
    {0},
};

/* ---- profile ---- */

static const hp_option_id PROFILE_OPTIONS[] = {HP_O_PROFILE_SEARCH_PATH, HP_O_END};
static const hp_argument LINT_ARGS[] = {
    {.name = "PROFILE",
     .type = HP_OPT_PROFILE,
     .optional = true,
     .many = true,
     .help = "names or paths (default: every profile that `hotpass profile list` shows)"},
    {0},
};
static const hp_argument SHOW_ARGS[] = {
    {.name = "PROFILE", .type = HP_OPT_PROFILE, .help = "name or path of a profile"},
    {0},
};
static const hp_example LINT_EXAMPLES[] = {
    {"hotpass profile lint profiles/aviation.yaml", "Every mistake in the file, with line and column."},
    {"hotpass profile lint", "All profiles; exits 78 if any has a mistake."},
    {0},
};
static const hp_example SHOW_EXAMPLES[] = {
    {"hotpass profile show generic", "The profile as it is once the defaults are filled in."},
    {0},
};
static const hp_example LIST_EXAMPLES[] = {
    {"hotpass profile list", "Names and files of the profiles that can be found from here."},
    {0},
};
static const hp_command PROFILE_SUB[] = {
    {.name = "lint",
     .full = "profile lint",
     .summary = "check profiles and list every mistake",
     .args = LINT_ARGS,
     .examples = LINT_EXAMPLES,
     .options = PROFILE_OPTIONS,
     .run = hp_cmd_profile_lint,
     .description =
         "Reads each profile and lists all that is wrong with it: unknown keys with the nearest known one, wrong types, "
         "contradictions. Exits 78 if anything is."},
    {.name = "show",
     .full = "profile show",
     .summary = "print a profile with all defaults filled in",
     .args = SHOW_ARGS,
     .examples = SHOW_EXAMPLES,
     .options = PROFILE_OPTIONS,
     .run = hp_cmd_profile_show,
     .description = "Prints the profile as YAML, the way refine sees it."},
    {.name = "list",
     .full = "profile list",
     .summary = "list the profiles that can be found",
     .examples = LIST_EXAMPLES,
     .options = PROFILE_OPTIONS,
     .run = hp_cmd_profile_list,
     .description =
         "Looks into each --profile-search-path, then ./profiles, then the installed profiles. Of two profiles with the "
         "same name the first found wins."},
    {0},
};

/* ---- check ---- */

static const hp_option_id CHECK_OPTIONS[] = {
    HP_O_SUITE,       HP_O_SCHEMA,        HP_O_TABLE,        HP_O_CHECKPOINT,
    HP_O_PARAM,       HP_O_RESULT_FORMAT, HP_O_OUTPUT_FILE,  HP_O_MAX_VALUES,
    HP_O_SHOW_VALUES, HP_O_FAIL_ON,       HP_O_CHECK_REPORT, HP_O_CHECK_ANNOTATE,
    HP_O_MAX_MEMORY,  HP_O_PASSWORD_FILE, HP_O_LIMIT,        HP_O_END};
static const hp_argument CHECK_ARGS[] = {
    {.name = "FILE[!SHEET[!A1:F20]]",
     .type = HP_OPT_FILE,
     .optional = true,
     .help =
         "a file that hotpass reads, perhaps one sheet of it, perhaps an area; - is standard input; may be left "
         "out with --checkpoint"},
    {0},
};
static const hp_example CHECK_EXAMPLES[] = {
    {"hotpass check 'Contact Database.xlsx!Company_Cat' --suite suites/companies.json",
     "Which expectations are met, and the cells that are at fault."},
    {"hotpass check people.csv --suite people.json --param min_rows=100 --format json -o result.json",
     "The result as a file for programs that read those of Great Expectations."},
    {"hotpass check people.csv --schema people.schema.json --format sarif -o people.sarif",
     "A table schema; what a code host shows beside the change."},
    {"hotpass check --checkpoint checkpoints/nightly.yaml", "Data and suites as the checkpoint names them."},
    {0},
};

/* ---- contracts, suite ---- */

static const hp_option_id EMIT_OPTIONS[] = {HP_O_PROFILE,     HP_O_PROFILE_SEARCH_PATH, HP_O_CONTRACT_FORMAT,
                                            HP_O_OUTPUT_FILE, HP_O_CONTRACT_VERSION,    HP_O_CONFIG,
                                            HP_O_END};
static const hp_example EMIT_EXAMPLES[] = {
    {"hotpass contracts emit --profile aviation -o contracts/aviation.odcs.yaml",
     "What the result under this profile promises, for those who use it."},
    {"hotpass contracts emit --profile aviation --format frictionless -o dist/datapackage.json",
     "The same as a data package; beside dist/refined.xlsx other programs validate that by it."},
    {0},
};
static const hp_option_id VALIDATE_OPTIONS[] = {
    HP_O_CONTRACT, HP_O_TABLE, HP_O_SHOW_VALUES, HP_O_MAX_MEMORY, HP_O_PASSWORD_FILE, HP_O_LIMIT, HP_O_END};
static const hp_argument VALIDATE_ARGS[] = {
    {.name = "FILE[!SHEET[!A1:F20]]",
     .type = HP_OPT_FILE,
     .help =
         "a workbook, a csv, ndjson or parquet file; perhaps one sheet of it, perhaps an area; - is standard input"},
    {0},
};
static const hp_example VALIDATE_EXAMPLES[] = {
    {"hotpass contracts validate dist/refined.xlsx --contract contracts/aviation.odcs.yaml",
     "Every sheet that is a table of the contract; exits 1 when a promise is broken."},
    {"hotpass contracts validate people.csv --contract people.schema.json --json",
     "A csv file against a Frictionless table schema, every cell at fault listed, for a program."},
    {0},
};
static const hp_option_id DIFF_OPTIONS[] = {HP_O_END};
static const hp_argument DIFF_ARGS[] = {
    {.name = "OLD", .type = HP_OPT_FILE, .help = "the contract that those who use the data rely on"},
    {.name = "NEW", .type = HP_OPT_FILE, .help = "the contract that is to take its place"},
    {0},
};
static const hp_example DIFF_EXAMPLES[] = {
    {"hotpass contracts diff contracts/aviation.odcs.yaml new.odcs.yaml",
     "Exits 1 when something breaks those who use the data."},
    {"hotpass contracts diff old.yaml new.yaml --json | jq '.changes[] | select(.breaking)'",
     "Only what breaks, for a program."},
    {0},
};
static const hp_command CONTRACTS_SUB[] = {
    {.name = "emit",
     .full = "contracts emit",
     .summary = "write the data contract of a profile's result",
     .options = EMIT_OPTIONS,
     .examples = EMIT_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_contracts_emit,
     .description =
         "Writes what refine promises about its result under a profile: every column of every table (Data, Contacts, "
         "Quarantine, Findings, Summary) with type, unit, meaning, an invented example, and what is checked: required, unique, ranges, "
         "values, keys, and the shares of values that the profile expects to fit. The same profile and version give the same bytes."},
    {.name = "validate",
     .full = "contracts validate",
     .summary = "hold a file against a data contract",
     .args = VALIDATE_ARGS,
     .options = VALIDATE_OPTIONS,
     .examples = VALIDATE_EXAMPLES,
     .needs = HP_NEEDS_RUN,
     .run = hp_cmd_contracts_validate,
     .description =
         "Reads a file and tells which promises of a contract it breaks, with the cells: columns that are not there, types, "
         "required, unique, allowed values, ranges, lengths, patterns, keys, and the quality rules of ODCS's library with their tolerances. "
         "What cannot be checked (SQL, rules of other programs) is listed, not passed over. Exits 1 when a promise is broken.\n\n"
         "The sheets of a workbook are held against the tables of their names, and every table of the contract must be there; a "
         "file without sheets against the table whose columns it has most of. --table says otherwise.\n\n"
         "Values of columns that the contract calls personal are masked, unless --show-values is given."},
    {.name = "diff",
     .full = "contracts diff",
     .summary = "tell which changes of a contract break those who use the data",
     .args = DIFF_ARGS,
     .options = DIFF_OPTIONS,
     .examples = DIFF_EXAMPLES,
     .run = hp_cmd_contracts_diff,
     .description =
         "Compares two contracts as those see it who use the data: a promise that weakens or goes breaks them; a stronger "
         "one, a new one or a new column does not. Each difference has its reason. Exits 1 if any breaks.\n\n"
         "The contracts may be of either form, also one of each."},
    {0},
};

static const hp_option_id SUITE_INIT_OPTIONS[] = {HP_O_OUTPUT_FILE, HP_O_MAX_MEMORY, HP_O_PASSWORD_FILE,
                                                  HP_O_LIMIT, HP_O_END};
static const hp_argument SUITE_INIT_ARGS[] = {
    {.name = "FILE[!SHEET[!A1:F20]]",
     .type = HP_OPT_FILE,
     .help = "a file that hotpass reads, perhaps one sheet of it, perhaps an area; - is standard input"},
    {0},
};
static const hp_example SUITE_INIT_EXAMPLES[] = {
    {"hotpass suite init 'data/Contact Database.xlsx!Company_Cat' -o suites/companies.json",
     "A suite that this sheet meets, to be edited."},
    {"hotpass suite init people.csv", "On standard output."},
    {0},
};
static const hp_command SUITE_SUB[] = {
    {.name = "init",
     .full = "suite init",
     .summary = "propose a suite of expectations from data",
     .args = SUITE_INIT_ARGS,
     .options = SUITE_INIT_OPTIONS,
     .examples = SUITE_INIT_EXAMPLES,
     .needs = HP_NEEDS_RUN,
     .run = hp_cmd_suite_init,
     .description =
         "Looks at a table and writes a suite that it meets, as Great Expectations 1.x has them: the columns, the number of rows, and of "
         "each column how much is filled, the form of the values, their range, the few values that there are, and whether they are "
         "all different; with tolerances, and a note for each expectation that says why it is there. Edit it: what is "
         "always so may be chance.\n\n"
         "No value goes into the suite that may be somebody's: ranges and sets are proposed only for columns that are not about people, "
         "and a set has only values that three rows or more share.\n\n"
         "The row that looks like names of columns is taken for that, or the first one of an area that is named; a table without such a row is refused, "
         "since its first values would become names. Of a workbook, the first visible sheet is looked at, unless one is named."},
    {0},
};

/* ---- compliance ---- */

static const hp_option_id COMPLIANCE_REPORT_OPTIONS[] = {
    HP_O_PROFILE, HP_O_PROFILE_SEARCH_PATH, HP_O_DIST_DIR, HP_O_MAX_MEMORY, HP_O_PASSWORD_FILE, HP_O_LIMIT,
    HP_O_END};
static const hp_argument COMPLIANCE_REPORT_ARGS[] = {
    {.name = "FILE[!SHEET]",
     .type = HP_OPT_FILE,
     .optional = true,
     .help = "a result of hotpass refine or enrich (default: refined.xlsx in --dist-dir)"},
    {0},
};
static const hp_example COMPLIANCE_REPORT_EXAMPLES[] = {
    {"hotpass compliance report --profile aviation",
     "What dist/refined.xlsx holds, and what is to be done about it."},
    {"hotpass compliance report out/clean.csv --json", "Another file, for a program."},
    {0},
};
static const hp_option_id COMPLIANCE_PURGE_OPTIONS[] = {HP_O_OLDER_THAN, HP_O_DIST_DIR, HP_O_DRY_RUN,
                                                        HP_O_END};
static const hp_example COMPLIANCE_PURGE_EXAMPLES[] = {
    {"hotpass compliance purge --older-than 90d --dry-run", "What would go."},
    {"hotpass compliance purge --older-than 1y --yes", "And off it goes."},
    {0},
};
static const hp_command COMPLIANCE_SUB[] = {
    {.name = "report",
     .full = "compliance report",
     .summary = "tell what a result holds about people, on what basis, and until when",
     .args = COMPLIANCE_REPORT_ARGS,
     .options = COMPLIANCE_REPORT_OPTIONS,
     .examples = COMPLIANCE_REPORT_EXAMPLES,
     .needs = HP_NEEDS_RUN,
     .run = hp_cmd_compliance_report,
     .description =
         "Holds a result against the block `compliance` of the profile: how each column is classified, on which lawful basis and for "
         "what purpose it is held, what is known of consents, and which records are past their retention. Rows are named by number, "
         "counted from 0; no value of anybody is shown.\n\n"
         "Exits 1 when records are past their retention, hold personal values without a consent that is demanded, or of somebody who said no."},
    {.name = "purge",
     .full = "compliance purge",
     .summary = "remove outputs, archives and runs that are older than a span of time",
     .options = COMPLIANCE_PURGE_OPTIONS,
     .examples = COMPLIANCE_PURGE_EXAMPLES,
     .run = hp_cmd_compliance_purge,
     .description =
         "Looks below --dist-dir for what hotpass made: archives by their names, outputs by the run.json beside them, data docs, runs of "
         "quality gates. What was not changed for longer than --older-than goes, and a line in logs/purge.jsonl says so. Outputs that "
         "somebody changed after the run, inputs, other files and what links point to stay.\n\n"
         "Nothing is removed without --yes; --dry-run lists what would be."},
    {0},
};

/* ---- qa ---- */

/* As ops/qa/gates.def has them; a test holds the two together. */
static const char *const QA_TARGETS[] = {
    "all", "ta",  "cli", "contracts", "docs", "profiles", "data-quality", "fitness", "enrichment",
    "mcp", "qg1", "qg2", "qg3",       "qg4",  "qg5",      "history",      NULL};
static const hp_option_id QA_OPTIONS[] = {HP_O_INPUT_DIR,     HP_O_PROFILE,   HP_O_PROFILE_SEARCH_PATH,
                                          HP_O_ALLOW_NETWORK, HP_O_WORKSPACE, HP_O_DIST_DIR,
                                          HP_O_ARTIFACTS_DIR, HP_O_CONFIG,    HP_O_END};
static const hp_argument QA_ARGS[] = {
    {.name = "TARGET",
     .type = HP_OPT_ENUM,
     .choices = QA_TARGETS,
     .optional = true,
     .help =
         "a gate by its word or number; all gates (all, the default); the five numbered ones (ta: technical "
         "acceptance); or history, what earlier runs came to"},
    {0},
};
static const hp_example QA_EXAMPLES[] = {
    {"hotpass qa --profile aviation --input-dir data", "Every gate, on your own data."},
    {"hotpass qa qg3 --json", "One gate, for a program; dist/quality-gates keeps what it found."},
    {"hotpass qa ta", "The five gates that a release has to pass."},
    {"hotpass qa history", "How often they passed."},
    {0},
};

/* ---- why ---- */

static const hp_option_id WHY_OPTIONS[] = {HP_O_ROW,         HP_O_COLUMN,        HP_O_RUN,
                                           HP_O_SHOW_VALUES, HP_O_PASSWORD_FILE, HP_O_END};
static const hp_argument WHY_ARGS[] = {
    {.name = "OUT[!SHEET!CELL]",
     .type = HP_OPT_FILE,
     .help =
         "a cell of an output of hotpass refine: refined.xlsx!Data!F17; of a csv, ndjson or parquet file: "
         "refined.csv!F17, where row 1 is the header"},
    {0},
};
static const hp_example WHY_EXAMPLES[] = {
    {"hotpass why 'dist/refined.xlsx!Data!C17'",
     "Where the province of row 17 came from, and why it was taken."},
    {"hotpass why dist/refined.xlsx --row acme-air --column contact_primary_email --show-values",
     "The same by the key of the row; values unmasked."},
    {"hotpass why 'dist/refined.xlsx!Quarantine!A3' --json", "Why a row was kept out, for a program."},
    {0},
};

/* ---- talk about itself ---- */

static const char *const SHELLS[] = {"bash", "zsh", "fish", NULL};
static const hp_argument COMPLETION_ARGS[] = {
    {.name = "SHELL", .type = HP_OPT_ENUM, .choices = SHELLS, .help = "bash, zsh or fish"},
    {0},
};
static const hp_example COMPLETION_EXAMPLES[] = {
    {"source <(hotpass completion bash)", "For this shell."},
    {"hotpass completion fish > ~/.config/fish/completions/hotpass.fish",
     "For good. `make install` installs all three."},
    {0},
};
static const char *const TOPICS[] = {"man",        "cli",    "profile",      "findings",  "limits",
                                     "exit-codes", "ssot",   "expectations", "providers", "telemetry",
                                     "config",     "doctor", "deployments",  "tools",     NULL};
static const hp_argument DOCS_ARGS[] = {
    {.name = "TOPIC",
     .type = HP_OPT_ENUM,
     .choices = TOPICS,
     .help =
         "man, cli, profile, findings, limits, exit-codes, ssot, expectations, providers, telemetry, config, doctor, deployments, or tools (JSON)"},
    {.name = "COMMAND",
     .type = HP_OPT_COMMAND,
     .optional = true,
     .many = true,
     .help = "command of the man page (default: hotpass itself)"},
    {0},
};
static const hp_example DOCS_EXAMPLES[] = {
    {"hotpass docs man refine | man -l -", "Read a man page that is not installed."},
    {"hotpass docs cli > docs/reference/cli.md", "Write the reference anew after the tables changed."},
    {0},
};
static const hp_argument HELP_ARGS[] = {
    {.name = "COMMAND", .type = HP_OPT_COMMAND, .optional = true, .many = true, .help = "command to explain"},
    {0},
};
static const hp_example HELP_EXAMPLES[] = {
    {"hotpass help refine", "Options and examples of one command."},
    {"hotpass help profile lint", "The same for a command of a group."},
    {"hotpass help limits", "What --limit can raise, and why it is where it is."},
    {0},
};
static const hp_example VERSION_EXAMPLES[] = {
    {"hotpass version --json", "Version, compiler and libraries, for a bug report."},
    {0},
};
static const hp_example OVERVIEW_EXAMPLES[] = {
    {"hotpass overview", "The same as hotpass alone."},
    {0},
};

static const hp_command COMMANDS[] = {
    {.name = "overview",
     .full = "overview",
     .summary = "say what hotpass does and how to begin",
     .run = hp_cmd_overview,
     .examples = OVERVIEW_EXAMPLES,
     .description = "Prints the commands and three ways to use them."},
    {.name = "refine",
     .full = "refine",
     .alias = "run",
     .summary = "turn messy contact workbooks into one clean, deduplicated workbook",
     .options = REFINE_OPTIONS,
     .examples = REFINE_EXAMPLES,
     .needs = HP_NEEDS_CONFIG | HP_NEEDS_TELEMETRY,
     .run = hp_cmd_refine,
     .description =
         "Reads the workbooks and data files (csv, ndjson, parquet) of a directory, maps their columns, cleans every value, finds the rows that are the "
         "same organisation, merges them, and writes a workbook with the sheets Data, Contacts, Quarantine, Findings and "
         "Summary. run.json beside it records inputs, counts, findings and outputs.\n\n"
         "No row is dropped without being listed: rows in = organisations out + rows merged + rows in quarantine. Inputs are "
         "never changed. An output appears only when it is complete; after an error the previous one is still there.\n\n"
         "With --report-path also a report: verdict, what to do, how full the columns are, findings by rule and source with their cells, "
         "what changed since the previous run (the run.json that stands beside the output). Values that may be personal are masked "
         "unless --show-values is given. It is written when a check stops the run, too, and goes with a list of all runs to "
         "data-docs in --dist-dir.\n\n"
         "Source sheets are held against the suites and contracts that the profile names before anything is cleaned, the result "
         "after merging. The profile says which severity stops the run, is only reported, or sends the rows at fault to quarantine.\n\n"
         "Exits 0 when all went well, 1 when an expectation did not hold whose severity the profile sets to fail; see the exit codes for the rest. A file that "
         "cannot be read ends the run."},
    {.name = "orchestrate",
     .full = "orchestrate",
     .summary = "run refine with the gates of the flow, without a server",
     .options = REFINE_OPTIONS,
     .examples = hp_flow_orchestrate_examples,
     .needs = HP_NEEDS_CONFIG | HP_NEEDS_TELEMETRY,
     .run = hp_cmd_orchestrate,
     .description =
         "What the flow hotpass-refine does under Prefect, here and now: lint (the profile has no error), refine (with the checks of "
         "sources and result), verify (run.json adds up, the result has rows, and every output is there with its digest), contract (the "
         "result holds what the profile promises). The first step that fails ends it, with its exit code; those behind it are not "
         "run.\n\n"
         "It takes the options of refine. With --dry-run nothing is written, and verify and contract are skipped.\n\n"
         "Exits 0 when all steps passed, 1 when an expectation, the verification or the contract failed."},
    {.name = "backfill",
     .full = "backfill",
     .summary = "replay archives of inputs, day by day",
     .options = hp_flow_backfill_options,
     .examples = hp_flow_backfill_examples,
     .needs = HP_NEEDS_CONFIG | HP_NEEDS_TELEMETRY,
     .run = hp_cmd_backfill,
     .description =
         "For each day and version the archive of inputs is unpacked into <restore-root>/<date>--<version> and refined to "
         "<restore-root>/outputs/<date>--<version>/refined-<date>-<version>.xlsx, with run.json and refine.log beside it. Days go in "
         "order, versions as given. A window that fails is listed, and the next one taken.\n\n"
         "The journal backfill.ndjson in <restore-root> says what is done. However a call ended, the next one goes on where it was: "
         "a window is not done again as long as its archive, its profile, the options, the version of hotpass and the result are "
         "what they were. --force does all again.\n\n"
         "Exits 0 when every window is done, 1 when one failed, 75 when another backfill works in the same place."},
    {.name = "enrich",
     .full = "enrich",
     .summary = "fill blanks from elsewhere, and write down where each value came from",
     .options = ENRICH_OPTIONS,
     .examples = ENRICH_EXAMPLES,
     .needs = HP_NEEDS_CONFIG | HP_NEEDS_TELEMETRY,
     .run = hp_cmd_enrich,
     .description =
         "Reads a file, asks the providers of the profile about its blanks, and writes it with every sheet, column and row as it was; "
         "only blanks are filled. The five columns provenance_source, _timestamp, _confidence, _strategy and _network_status come "
         "last, and a sheet Provenance (of csv, ndjson and parquet a file beside the output) has a line for each filled field: old and "
         "new value, provider, confidence, evidence. What is below the threshold is listed there as a suggestion and not used.\n\n"
         "Of a workbook that hotpass refine wrote the sheet Data is enriched; of others each sheet whose columns say whose its rows "
         "are.\n\n"
         "No socket is opened unless --allow-network, the profile (enrich.allow_network) and the environment "
         "(FEATURE_ENABLE_REMOTE_RESEARCH=1 and ALLOW_NETWORK_RESEARCH=true) all say so, or lineage or telemetry was set up and --allow-network=false is not given. The same input, tables and "
         "SOURCE_DATE_EPOCH give the same bytes. Exits 0, or 3 when sheets without cells (charts) could not be kept."},
    {.name = "explain-provenance",
     .full = "explain-provenance",
     .summary = "show where the values of a row of an enriched file came from",
     .options = EXPLAIN_OPTIONS,
     .examples = EXPLAIN_EXAMPLES,
     .needs = HP_NEEDS_RUN,
     .run = hp_cmd_explain_provenance,
     .description =
         "Prints the five provenance columns of the row, and its lines of the sheet Provenance: what was filled, by whom, how certain, "
         "on what evidence, and what was suggested and not used. Exits 1 when there is no such row, 2 when the file has no "
         "provenance columns."},
    {.name = "crawl",
     .full = "crawl",
     .summary = "read one website for how to reach its organisation",
     .args = hp_ops_crawl_args,
     .options = hp_ops_crawl_options,
     .examples = hp_ops_crawl_examples,
     .needs = HP_NEEDS_CONFIG | HP_NEEDS_TELEMETRY,
     .run = hp_cmd_crawl,
     .description =
         "Reads the first page of a website and those about contact, as the provider website of hotpass enrich does, and prints what they "
         "say: e-mail addresses, phone and fax numbers, addresses, with the page, the place on it, and how far it is to be trusted.\n\n"
         "robots.txt is obeyed; hosts are asked with pauses; addresses of this machine and of private networks are refused unless the "
         "profile allows them, behind each redirect too; answers are kept in the cache. Fields for which the profile demands consent are "
         "not read.\n\n"
         "Exits 0 when the first page was read; 77 when the network is not allowed, or a guard forbids the page; 69 when no answer came."},
    {.name = "plan",
     .full = "plan",
     .summary = "say what would be done",
     .sub = hp_ops_plan_sub,
     .description = "Dry runs of what uses the network."},
    {.name = "map",
     .full = "map",
     .summary = "show how each column would be understood, and why",
     .args = MAP_ARGS,
     .options = MAP_OPTIONS,
     .examples = MAP_EXAMPLES,
     .needs = HP_NEEDS_RUN | HP_NEEDS_CONFIG,
     .run = hp_cmd_map,
     .description =
         "Reads the files of a directory as refine would, and prints for every column the field it goes to, the score, "
         "the reason, and the field that came second. Nothing is written but what --save names."},
    {.name = "inspect",
     .full = "inspect",
     .summary = "show the sheets and columns of a file",
     .args = INSPECT_ARGS,
     .options = INSPECT_OPTIONS,
     .examples = INSPECT_EXAMPLES,
     .needs = HP_NEEDS_RUN,
     .run = hp_cmd_inspect,
     .description =
         "Lists the sheets with their state, size and header row, and for every column the kind of value, how much of it "
         "is filled, how many values are distinct, and samples."},
    {.name = "cells",
     .full = "cells",
     .summary = "print raw cells of a workbook or csv file",
     .args = CELLS_ARGS,
     .options = CELLS_OPTIONS,
     .examples = CELLS_EXAMPLES,
     .needs = HP_NEEDS_RUN,
     .run = hp_cmd_cells,
     .description =
         "Prints cells as the file has them, before any cleaning.\n\n"
         "With --json, one row a line: {\"sheet\":...,\"row\":N,\"cells\":{\"A\":{\"t\":\"s\",\"v\":\"text\",\"x\":\"text\"}}}, where t is s "
         "(text), n (number), b (boolean), d (date, ISO 8601) or e (error), v the value, and x the text that the file holds for it. Rows "
         "without any value are left out."},
    {.name = "convert",
     .full = "convert",
     .summary = "write a file, or a sheet of it, in another form",
     .args = CONVERT_ARGS,
     .options = CONVERT_OPTIONS,
     .examples = CONVERT_EXAMPLES,
     .needs = HP_NEEDS_RUN,
     .run = hp_cmd_convert,
     .description =
         "Reads a workbook, csv, ndjson or parquet file and writes its rows as xlsx, csv, tsv, ndjson or parquet. The first row "
         "with a value names the columns. Numbers, dates and booleans stay what they are where both forms have types; text stays "
         "text, leading zeros and all: nothing is guessed, nothing is cleaned. Rows without any value are left out, cells with an error or "
         "with a formula whose result was not saved are empty, and both are told.\n\n"
         "Of a workbook with several sheets, a form that holds one table gets the first visible one, unless a sheet is named; the "
         "others are listed. A workbook gets them all.\n\n"
         "In csv and tsv, text that a spreadsheet would take for a formula gets an apostrophe in front, and how often is told; "
         "--raw-text turns that off.\n\n"
         "The output appears only when it is complete, and never replaces the input. To standard output csv, tsv and ndjson go row by "
         "row; what was told goes to standard error. Exits 0 also with findings, 3 when sheets without cells (charts) were skipped."},
    {.name = "profile",
     .full = "profile",
     .summary = "check, show and list profiles",
     .sub = PROFILE_SUB,
     .description =
         "A profile is a YAML file that declares sources, sheets, columns, cleaning and thresholds."},
    {.name = "check",
     .full = "check",
     .summary = "hold a file against a suite of expectations",
     .args = CHECK_ARGS,
     .options = CHECK_OPTIONS,
     .examples = CHECK_EXAMPLES,
     .needs = HP_NEEDS_RUN,
     .run = hp_cmd_check,
     .description =
         "Evaluates the expectations of suites (docs/reference/expectations.md lists them) on a table, and names the cell of "
         "every value that is not as expected. The suites are those of Great Expectations; no Python is needed.\n\n"
         "The first row with a value names the columns. Of a workbook, the first visible sheet is looked at, unless one is "
         "named. Values that may be personal are masked unless --show-values is given.\n\n"
         "Exits 0 when all expectations are met, 1 when one is not (see --fail-on), 78 when a suite is wrong."},
    {.name = "contracts",
     .full = "contracts",
     .summary = "write, hold and compare data contracts",
     .sub = CONTRACTS_SUB,
     .description =
         "A data contract says what a table promises to those who use it: an ODCS file (Open Data Contract Standard), or a "
         "Frictionless data package or table schema."},
    {.name = "suite",
     .full = "suite",
     .summary = "propose suites of expectations",
     .sub = SUITE_SUB,
     .description = "A suite says what is expected of a table, in the form of Great Expectations."},
    {.name = "net",
     .full = "net",
     .summary = "bring tunnels to services up and down",
     .sub = hp_ops_net_sub,
     .description =
         "Tunnels through a bastion to Prefect, Marquez and other services that cannot be reached from here. These commands use the "
         "network; that is all they do."},
    {.name = "deploy",
     .full = "deploy",
     .summary = "make Prefect as the deployment manifests say",
     .options = hp_ops_deploy_options,
     .examples = hp_ops_deploy_examples,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_deploy,
     .description =
         "Reads the manifests (docs/reference/deployments.md), and registers flows, work pools, queues, deployments, schedules and limits over the REST "
         "interface of the server. What is so already is left alone: a second run changes nothing, and says so. Errors in the manifests are all "
         "listed with file, line and column before anything is sent.\n\n"
         "A run is started by a process worker of Prefect, or by \"hotpass prefect worker\", with the command \"hotpass prefect execute\": hotpass has to be "
         "in the PATH of the worker, or job_variables.command says where it is. The server is found as by the commands of \"hotpass prefect\"."},
    {.name = "prefect",
     .full = "prefect",
     .summary = "look after deployments and runs in Prefect",
     .sub = hp_ops_prefect_sub,
     .description =
         "These commands talk to the REST interface of a Prefect server, and to nothing else. The server is named by --prefect-url, else "
         "PREFECT_API_URL, else prefect.api_url in hotpass.yaml, else the active profile of the prefect program; the key by --prefect-key-file, else "
         "PREFECT_API_AUTH_STRING or PREFECT_API_KEY, else \"hotpass credentials set prefect.api_key\". No key stands in a command line."},
    {.name = "bucket",
     .full = "bucket",
     .summary = "keep evidence where it cannot be changed, and get it back",
     .sub = hp_bucket_sub,
     .description =
         "A bucket is a directory (file://DIR) or a bucket of an object store (s3://BUCKET/PREFIX/). Nothing in it is overwritten "
         "unasked, and what was stored is read back. The network is used for s3:// alone."},
    {.name = "credentials",
     .full = "credentials",
     .summary = "keep secrets out of files and command lines",
     .sub = hp_ops_credentials_sub,
     .description = "Secrets of services are kept sealed, by name, for this user."},
    {.name = "ctx",
     .full = "ctx",
     .summary = "set up and change profiles of Prefect and contexts of Kubernetes",
     .sub = hp_ops_ctx_sub,
     .description =
         "A context is a profile of the prefect program and, where there is one, a context of Kubernetes, recorded under one name."},
    {.name = "aws",
     .full = "aws",
     .summary = "look at the credentials of AWS",
     .sub = hp_ops_aws_sub,
     .description = "What AWS says about the credentials that are in use. These commands use the network."},
    {.name = "env",
     .full = "env",
     .summary = "write an environment file for other programs",
     .options = hp_ops_env_options,
     .examples = hp_ops_env_examples,
     .run = hp_cmd_env,
     .description =
         "Writes KEY=value lines that tell Prefect, OpenLineage and AWS clients where the services are: what the configuration says, "
         "else the latest tunnel whose process lives, else the ports of this machine. Secrets are never printed, and stand in the file only "
         "with --include-credentials. Nobody else may read the file (mode 600); one that is there is replaced only with --force."},
    {.name = "init",
     .full = "init",
     .summary = "make a workspace that runs at once",
     .args = hp_ops_init_args,
     .options = hp_ops_init_options,
     .examples = hp_ops_init_examples,
     .run = hp_cmd_init,
     .description =
         "Writes hotpass.yaml, a profile, a suite of expectations, a deployment for Prefect, .gitignore, and a directory for the inputs "
         "with invented contacts to try things out. Nothing that exists is overwritten: if one of the files is there, none is written."},
    {.name = "doctor",
     .full = "doctor",
     .summary = "look for what is wrong here, and say what to do",
     .options = hp_ops_doctor_options,
     .examples = hp_ops_doctor_examples,
     .run = hp_cmd_doctor,
     .description =
         "Looks at the configuration, the profile and the files it is meant for, the workspace, tunnels and the machine. Each check "
         "says what it looked at, what should be, what is, why that matters and what to do; -v shows it of those that are well, too. "
         "docs/reference/doctor.md lists the checks. Nothing is changed, and no network is used unless --network asks for it.\n\n"
         "With --autofix what can be undone is mended: missing directories, rights of files with secrets, stale locks, temporary "
         "files of killed runs, .gitignore, who owns the data and when settings are reviewed. Each action is listed with the way back "
         "and noted in doctor.log in the state directory; a second time nothing is left to do. Then it looks again.\n\n"
         "Exits 0 when all is well, 1 with findings, 78 when configuration or profile is wrong. Notes do not count."},
    {.name = "config",
     .full = "config",
     .summary = "show, set and check the configuration",
     .sub = hp_ops_config_sub,
     .description =
         "hotpass.yaml in the working directory says what options would say each time: profile, directories, outputs, who "
         "owns the data, addresses of services."},
    {.name = "why",
     .full = "why",
     .summary = "tell where a cell of the result came from, and why it says what it says",
     .args = WHY_ARGS,
     .options = WHY_OPTIONS,
     .examples = WHY_EXAMPLES,
     .needs = HP_NEEDS_RUN,
     .run = hp_cmd_why,
     .description =
         "Answers a cell of Data, Contacts or Quarantine from the provenance store that hotpass refine writes beside run.json: the source cells, "
         "each step that cleaned them with old and new, why this value survived and the others did not, and the records that "
         "became one row, with the reason for each.\n\n"
         "When the file was edited after the run, or is an enriched copy, it says so, tells what the cell says now, and answers for "
         "the same organisation; when a source was changed, it says that, too. Evidence that stands in the file itself (the sheet Provenance of "
         "an enriched one) is told with it.\n\n"
         "Values that may be personal are masked unless --show-values is given."},
    {.name = "lineage",
     .full = "lineage",
     .summary = "tell what was made of what, and send it to Marquez",
     .sub = hp_lineage_sub,
     .description =
         "Every run of refine and enrich is recorded in lineage.sqlite of the state directory: an event START, then COMPLETE, FAIL or "
         "ABORT, as OpenLineage wants them. Where lineage.url (OPENLINEAGE_URL) is set they are sent there after the outputs are complete; "
         "what cannot be sent stays, and goes with the next run or with hotpass lineage flush. Questions are answered from the record."},
    {.name = "compliance",
     .full = "compliance",
     .summary = "tell what the law asks of a result, and remove what is too old",
     .sub = COMPLIANCE_SUB,
     .description = "What the block `compliance` of a profile comes to: POPIA and GDPR."},
    {.name = "qa",
     .full = "qa",
     .summary = "run quality gates: is everything as it has to be?",
     .args = QA_ARGS,
     .options = QA_OPTIONS,
     .examples = QA_EXAMPLES,
     .run = hp_cmd_qa,
     .description =
         "A gate is a list of checks, most of which run hotpass itself as you would, and look at what comes of it:\n\n"
         "cli (qg1): every command explains itself. fitness: two runs over the data give the same bytes, no row is lost, no "
         "input is touched. data-quality (qg2): the sheets are as the suites of the profile expect, and the result as its "
         "expectations. enrichment (qg3): a small workbook is enriched twice, and every value of the provenance "
         "columns looked at. profiles: all that are found have no errors. contracts: the profile's contract is written and "
         "kept. mcp (qg4): the tools are described as an assistant wants them. docs (qg5): the reference is that of this version.\n\n"
         "Each run leaves summary.json in a directory of its own, <dist-dir>/quality-gates/<gate>/<UTC>, latest.json beside it, and a "
         "line in history.ndjson; all and ta also latest-all.json or latest-ta.json and a line in the history above.\n\n"
         "Exits 0 when every gate passed, 1 when one did not. A gate that does not apply (mcp, as long as there is no server) does not "
         "fail all and ta, but is listed, and all_passed is false; asked for by name, it exits 1."},
    {.name = "completion",
     .full = "completion",
     .summary = "print a completion script for a shell",
     .args = COMPLETION_ARGS,
     .examples = COMPLETION_EXAMPLES,
     .run = hp_cmd_completion,
     .description = "Prints a script that completes commands, options, their values, and profile names."},
    {.name = "docs",
     .full = "docs",
     .summary = "print reference documents made from the program's tables",
     .args = DOCS_ARGS,
     .examples = DOCS_EXAMPLES,
     .hidden = true,
     .run = hp_cmd_docs,
     .description = "Prints a man page (troff), or a page of docs/reference (Markdown)."},
    {.name = "help",
     .full = "help",
     .summary = "explain a command",
     .args = HELP_ARGS,
     .examples = HELP_EXAMPLES,
     .run = hp_cmd_help,
     .description =
         "Prints what a command does, its options and examples; without a command, the list of them. `limits` in place of a "
         "command explains the limits that --limit raises."},
    {.name = "version",
     .full = "version",
     .summary = "print the version of hotpass and its libraries",
     .examples = VERSION_EXAMPLES,
     .run = hp_cmd_version,
     .description = "Prints the version; with -v also compiler and libraries."},
    {0},
};

static const hp_example ROOT_EXAMPLES[] = {
    {"hotpass inspect \"data/Contact Database.xlsx\"", "Look at what you have."},
    {"hotpass map data", "See how its columns would be understood."},
    {"hotpass refine --input-dir data", "Make dist/refined.xlsx of it."},
    {0},
};

static const hp_command ROOT = {
    .name = "hotpass",
    .full = "",
    .summary = "make one clean workbook out of messy contact workbooks",
    .sub = COMMANDS,
    .options = ROOT_OPTIONS,
    .examples = ROOT_EXAMPLES,
    .run = hp_cmd_overview,
    .description =
        "Reads contact workbooks and data files as people keep them, cleans every value, finds the rows that are the same "
        "organisation, and writes one workbook in which every value can say where it came from. It needs no network."};

const hp_command *hp_root(void) { return &ROOT; }

const hp_option_id *hp_global_options(void) { return GLOBAL; }

const hp_command *hp_command_find(const hp_command *group, hp_str name) {
    for (const hp_command *c = group->sub; c && c->name; c++) {
        if (hp_str_eq(name, hp_str_of(c->name)) || (c->alias && hp_str_eq(name, hp_str_of(c->alias))))
            return c;
    }
    return NULL;
}

const char *hp_command_nearest(const hp_command *group, hp_str word) {
    const char *names[64];
    size_t n = 0;
    for (const hp_command *c = group->sub; c && c->name && n + 2 <= sizeof names / sizeof *names; c++) {
        if (c->hidden) continue;
        names[n++] = c->name;
        if (c->alias) names[n++] = c->alias;
    }
    return hp_nearest(word, names, n);
}

static void each(const hp_command *cmd, void (*fn)(const hp_command *, void *), void *ctx) {
    if (cmd->hidden) return;
    fn(cmd, ctx);
    for (const hp_command *c = cmd->sub; c && c->name; c++) each(c, fn, ctx);
}

void hp_command_each(void (*fn)(const hp_command *cmd, void *ctx), void *ctx) { each(&ROOT, fn, ctx); }
