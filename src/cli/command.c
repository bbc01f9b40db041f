#include "cli/command.h"

#include "base/doc.h"

#include "base/banned.h"

static const char *const LOG_FORMATS[] = {"rich", "json", NULL};

/* In the order of hp_compress. */
static const char *const COMPRESS[] = {"fast", "best", NULL};

static const char *const FORMS[] = {"xlsx", "csv", "tsv", "ndjson", "parquet", NULL};

static const hp_option OPTIONS[HP_O_COUNT] = {
    [HP_O_HELP] = {.name = "help", .letter = 'h', .help = "explain the command and exit"},
    [HP_O_JSON] = {.name = "json", .help = "print the result, or the error, as JSON with a schema member"},
    [HP_O_QUIET] = {.name = "quiet",
                    .letter = 'q',
                    .help = "print no summary and no progress; errors are still printed"},
    [HP_O_VERBOSE] = {.name = "verbose",
                      .letter = 'v',
                      .help = "say more: every rule with findings, the time of each stage"},
    [HP_O_NO_COLOR] = {.name = "no-color",
                       .help = "no colours; also off without a terminal, and when NO_COLOR is set"},
    [HP_O_LOG_FORMAT] =
        {.name = "log-format",
         .type = HP_OPT_ENUM,
         .arg = "FORMAT",
         .fallback = "rich",
         .choices = LOG_FORMATS,
         .help = "what goes to stderr: rich for people; json for programs, one object {event, data} a line, "
                 "without e-mail addresses and phone numbers"},
    [HP_O_YES] = {.name = "yes", .help = "answer yes to every question"},
    [HP_O_NO_INPUT] = {.name = "no-input",
                       .help = "never ask; a question that has no default ends the command"},
    [HP_O_VERSION] = {.name = "version", .help = "print the version and exit"},
    [HP_O_PROFILE] = {.name = "profile",
                      .letter = 'p',
                      .type = HP_OPT_PROFILE,
                      .arg = "NAME",
                      .fallback = "generic",
                      .help = "profile to use: a name that is searched for, or a path"},
    [HP_O_PROFILE_SEARCH_PATH] =
        {.name = "profile-search-path",
         .type = HP_OPT_DIR,
         .arg = "DIR",
         .repeatable = true,
         .help = "directory to search for profiles, before ./profiles and the installed ones"},
    [HP_O_INPUT_DIR] =
        {.name = "input-dir",
         .letter = 'i',
         .type = HP_OPT_DIR,
         .arg = "DIR",
         .fallback = "data",
         .help = "directory with the workbooks and data files (csv, ndjson, parquet); they are only read"},
    [HP_O_OUTPUT_PATH] =
        {.name = "output-path",
         .letter = 'o',
         .type = HP_OPT_FILE,
         .arg = "FILE",
         .fallback = "dist/refined.xlsx",
         .repeatable = true,
         .help =
             "where the result goes; the suffix decides the form: .xlsx, .csv, .ndjson (or .jsonl), .parquet"},
    [HP_O_COMPRESS] = {.name = "compress",
                       .type = HP_OPT_ENUM,
                       .arg = "LEVEL",
                       .fallback = "fast",
                       .choices = COMPRESS,
                       .help =
                           "how hard workbooks are packed: fast; or best, an eighth smaller for five times "
                           "the time"},
    [HP_O_DIST_DIR] = {.name = "dist-dir",
                       .type = HP_OPT_DIR,
                       .arg = "DIR",
                       .fallback = "dist",
                       .help = "directory for the archive"},
    [HP_O_ARCHIVE] = {.name = "archive",
                      .negatable = true,
                      .help = "also pack outputs, run.json and SHA256SUMS into a zip"},
    [HP_O_ANNOTATE] = {.name = "annotate",
                       .type = HP_OPT_DIR,
                       .arg = "DIR",
                       .help =
                           "also write a copy of each source into DIR, its cells with findings coloured and "
                           "commented, everything else as it was; data files become workbooks"},
    [HP_O_RETRY_QUARANTINE] =
        {.name = "retry-quarantine",
         .type = HP_OPT_FILE,
         .arg = "FILE",
         .repeatable = true,
         .help = "take the corrected rows of an earlier run's Quarantine (its workbook, or the csv of it) in "
                 "place of the sources' rows"},
    [HP_O_SINCE] = {.name = "since",
                    .type = HP_OPT_DATE,
                    .arg = "DATE",
                    .help = "keep out organisations whose last interaction was before this day (YYYY-MM-DD)"},
    [HP_O_MAP] = {.name = "map",
                  .type = HP_OPT_FILE,
                  .arg = "FILE",
                  .help =
                      "use the column mapping that `hotpass map --save` wrote, perhaps corrected by hand"},
    [HP_O_DRY_RUN] = {.name = "dry-run", .help = "do all the work, write nothing"},
    [HP_O_JOBS] = {.name = "jobs",
                   .letter = 'j',
                   .type = HP_OPT_INT,
                   .arg = "N",
                   .min = 1,
                   .max = 256,
                   .help = "number of threads; the result does not depend on it (default: all processors)"},
    [HP_O_MAX_MEMORY] =
        {.name = "max-memory",
         .type = HP_OPT_BYTES,
         .arg = "SIZE",
         .min = 1 << 20,
         .max = INT64_MAX,
         .help =
             "stop with an error instead of using more memory: 512M, 2G (default: three quarters of the machine's)"},
    [HP_O_LIMIT] =
        {.name = "limit",
         .type = HP_OPT_LIMIT,
         .arg = "NAME=VALUE",
         .repeatable = true,
         .help = "raise or lower a limit on what is read: part-size=8G, wall-clock=60; `hotpass help limits` "
                 "lists them with their reasons"},
    [HP_O_PASSWORD_FILE] =
        {.name = "password-file",
         .type = HP_OPT_FILE,
         .arg = "FILE",
         .help = "the password of encrypted workbooks is the first line of FILE, which nobody else may read "
                 "(chmod 600)"},
    [HP_O_SAVE] = {.name = "save",
                   .type = HP_OPT_FILE,
                   .arg = "FILE",
                   .help = "write the mapping to a YAML file for `hotpass refine --map`"},
    [HP_O_SHOW_VALUES] = {.name = "show-values",
                          .help =
                              "show samples as they are; without it those that may be personal are masked"},
    [HP_O_OUTPUT] =
        {.name = "output",
         .letter = 'o',
         .type = HP_OPT_FILE,
         .arg = "FILE",
         .help =
             "where the result goes; the suffix decides the form: .xlsx, .csv, .tsv, .ndjson (or .jsonl), "
             ".parquet; a directory with --all; - for standard output, with --to"},
    [HP_O_TO] = {.name = "to",
                 .type = HP_OPT_ENUM,
                 .arg = "FORM",
                 .choices = FORMS,
                 .help = "the form, whatever the suffix says; without --output it goes to standard output"},
    [HP_O_SELECT] =
        {.name = "select",
         .type = HP_OPT_STRING,
         .arg = "COLUMNS",
         .repeatable = true,
         .help =
             "only these columns, in this order: headers or letters, with commas between them; a value that is a "
             "header as a whole is that column, commas and all"},
    [HP_O_WHERE] =
        {.name = "where",
         .type = HP_OPT_STRING,
         .arg = "COLUMN=TEXT",
         .repeatable = true,
         .help =
             "only rows with this text in the column, as `hotpass cells` shows it; COLUMN!=TEXT: with another one; "
             "no text: empty; given twice, rows must meet both"},
    [HP_O_ALL] =
        {.name = "all",
         .help =
             "every sheet: into a workbook, or each into a file of its own in the directory that --output names"},
    [HP_O_NO_HEADER] = {.name = "no-header",
                        .help = "the first row is data; columns are called by their letters"},
    [HP_O_RAW_TEXT] =
        {.name = "raw-text",
         .help =
             "csv, tsv: text as it is, also what a spreadsheet would take for a formula or what could steer a terminal; for programs"},
};

static const hp_option_id GLOBAL[] = {HP_O_JSON, HP_O_QUIET,    HP_O_VERBOSE, HP_O_NO_COLOR, HP_O_LOG_FORMAT,
                                      HP_O_YES,  HP_O_NO_INPUT, HP_O_HELP,    HP_O_END};
static const hp_option_id ROOT_OPTIONS[] = {HP_O_VERSION, HP_O_END};

/* ---- refine ---- */

static const hp_option_id REFINE_OPTIONS[] = {HP_O_PROFILE,    HP_O_PROFILE_SEARCH_PATH,
                                              HP_O_INPUT_DIR,  HP_O_OUTPUT_PATH,
                                              HP_O_MAP,        HP_O_SINCE,
                                              HP_O_ARCHIVE,    HP_O_DIST_DIR,
                                              HP_O_ANNOTATE,   HP_O_RETRY_QUARANTINE,
                                              HP_O_DRY_RUN,    HP_O_JOBS,
                                              HP_O_MAX_MEMORY, HP_O_PASSWORD_FILE,
                                              HP_O_LIMIT,      HP_O_COMPRESS,
                                              HP_O_END};
static const hp_example REFINE_EXAMPLES[] = {
    {"hotpass refine --input-dir data", "Every workbook and csv file in data becomes dist/refined.xlsx."},
    {"hotpass refine --profile aviation --input-dir examples/aviation --output-path out/clean.xlsx --output-path out/clean.csv",
     "Sources, sheets and columns as profiles/aviation.yaml declares them; two outputs."},
    {"hotpass refine --input-dir data --map map.yaml --archive",
     "A mapping saved before; the results also as a zip."},
    {"hotpass refine --input-dir data --annotate dist/annotated",
     "Also a copy of each source, its cells with findings coloured and commented."},
    {"hotpass refine --input-dir data --retry-quarantine corrected.xlsx",
     "With the rows that were corrected in the Quarantine sheet of corrected.xlsx, a copy of an earlier result."},
    {"hotpass refine --input-dir data --dry-run --json", "Only the counts and findings, for a program."},
    {0},
};

/* ---- map ---- */

static const hp_option_id MAP_OPTIONS[] = {
    HP_O_PROFILE,    HP_O_PROFILE_SEARCH_PATH, HP_O_MAP,   HP_O_SAVE, HP_O_JOBS,
    HP_O_MAX_MEMORY, HP_O_PASSWORD_FILE,       HP_O_LIMIT, HP_O_END};
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
static const char *const TOPICS[] = {"man",    "cli",        "profile", "findings",
                                     "limits", "exit-codes", "ssot",    NULL};
static const hp_argument DOCS_ARGS[] = {
    {.name = "TOPIC",
     .type = HP_OPT_ENUM,
     .choices = TOPICS,
     .help = "man, cli, profile, findings, limits, exit-codes or ssot"},
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
     .run = hp_cmd_refine,
     .description =
         "Reads the workbooks and data files (csv, ndjson, parquet) of a directory, maps their columns, cleans every value, finds the rows that are the "
         "same organisation, merges them, and writes a workbook with the sheets Data, Contacts, Quarantine, Findings and "
         "Summary. run.json beside it records inputs, counts, findings and outputs.\n\n"
         "No row is dropped without being listed: rows in = organisations out + rows merged + rows in quarantine. Inputs are "
         "never changed. An output appears only when it is complete; after an error the previous one is still there.\n\n"
         "Exits 0 when all went well, 1 when an expectation of severity fail did; see the exit codes for the rest. A file that "
         "cannot be read ends the run."},
    {.name = "map",
     .full = "map",
     .summary = "show how each column would be understood, and why",
     .args = MAP_ARGS,
     .options = MAP_OPTIONS,
     .examples = MAP_EXAMPLES,
     .needs = HP_NEEDS_RUN,
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

const hp_option *hp_option_get(hp_option_id id) { return &OPTIONS[id]; }

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
