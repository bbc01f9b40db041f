/* What the commands of the group bucket take. */
#include "cli/command_bucket.h"

#include "base/banned.h"

#define WHERE HP_O_ENDPOINT_URL, HP_O_CONFIG
#define URL_HELP \
    "file://DIR or s3://BUCKET/PREFIX/ (default: evidence.bucket of the configuration, else file://dist/evidence)"

static const hp_option_id PUT_OPTIONS[] = {HP_O_OVERWRITE, HP_O_RETAIN_UNTIL, HP_O_RETAIN_MODE,
                                           HP_O_READ_BACK, HP_O_PART_SIZE,    HP_O_DRY_RUN,
                                           WHERE,          HP_O_END};
static const hp_option_id GET_OPTIONS[] = {HP_O_OVERWRITE, HP_O_DRY_RUN, WHERE, HP_O_END};
static const hp_option_id LOOK_OPTIONS[] = {WHERE, HP_O_END};

static const hp_argument PUT_ARGS[] = {
    {.name = "PATH", .type = HP_OPT_FILE, .help = "a file, or a directory with all that is below it"},
    {.name = "URL", .type = HP_OPT_STRING, .optional = true, .help = URL_HELP},
    {0},
};
static const hp_argument GET_ARGS[] = {
    {.name = "URL", .type = HP_OPT_STRING, .help = "an object, or a prefix with all that is below it"},
    {.name = "PATH",
     .type = HP_OPT_FILE,
     .optional = true,
     .help = "file or directory to write (default: in this directory)"},
    {0},
};
static const hp_argument LS_ARGS[] = {
    {.name = "URL", .type = HP_OPT_STRING, .optional = true, .help = URL_HELP},
    {0},
};
static const hp_argument VERIFY_ARGS[] = {
    {.name = "PATH|URL",
     .type = HP_OPT_STRING,
     .optional = true,
     .help =
         "a file or directory to compare with; or the URL alone, to compare with the digests that were recorded"},
    {.name = "URL", .type = HP_OPT_STRING, .optional = true, .help = URL_HELP},
    {0},
};

static const hp_example PUT_EXAMPLES[] = {
    {"hotpass bucket put dist",
     "All of dist into the bucket of the configuration, file by file, each read back."},
    {"hotpass bucket put incident.zip s3://evidence/2026/ --retain-until 2033-12-31 --retain-mode compliance",
     "One file, which nobody can delete for seven years."},
    {"hotpass bucket put dist s3://evidence/run-17/ --endpoint-url https://objects.example --dry-run",
     "What would be stored, and what is there already."},
    {0},
};
static const hp_example GET_EXAMPLES[] = {
    {"hotpass bucket get s3://evidence/run-17/run.json", "One object, into this directory."},
    {"hotpass bucket get s3://evidence/run-17/ restored", "All of a prefix, into a directory."},
    {0},
};
static const hp_example LS_EXAMPLES[] = {
    {"hotpass bucket ls", "What is in the bucket of the configuration."},
    {"hotpass bucket ls s3://evidence/run-17/ --json | jq -r '.objects[].key'", "Keys, for a program."},
    {0},
};
static const hp_example VERIFY_EXAMPLES[] = {
    {"hotpass bucket verify dist s3://evidence/run-17/",
     "Whether every file of dist is there, byte for byte."},
    {"hotpass bucket verify s3://evidence/run-17/", "Whether every object still is what was stored."},
    {0},
};

const hp_command hp_bucket_sub[] = {
    {.name = "put",
     .full = "bucket put",
     .summary = "store a file or directory, and read it back",
     .args = PUT_ARGS,
     .options = PUT_OPTIONS,
     .examples = PUT_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_bucket_put,
     .description =
         "Stores each file under the prefix of the URL; a URL of an object store that does not end in a slash is the key of the one "
         "file. What is there with the same content counts as stored; with other content it stays, unless --overwrite is given. Large files go "
         "in parts, and a call that was interrupted goes on where it was when it is made again, as long as the file is the same. A "
         "retention also locks what is there already. Each file's SHA-256 is kept with it, "
         "and the file is read back before it counts as stored.\n\n"
         "Keys of an object store come from AWS_ACCESS_KEY_ID and its like, AWS_PROFILE and ~/.aws, or hotpass credentials. "
         "Links and other special files are not followed; they are listed.\n\n"
         "Exits 0 when all is stored, 3 when some files were skipped or stay different, 73 when the only file does."},
    {.name = "get",
     .full = "bucket get",
     .summary = "get an object, or all below a prefix",
     .args = GET_ARGS,
     .options = GET_OPTIONS,
     .examples = GET_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_bucket_get,
     .description =
         "A file appears only when it is complete and has the SHA-256 that was recorded when it was stored. Files that are there "
         "with other content are replaced only with --overwrite, and links below the target are not followed.\n\n"
         "Exits 0 when all is got, 3 when some of several objects are skipped, and listed with the reason; a single one "
         "ends in the code of its error."},
    {.name = "ls",
     .full = "bucket ls",
     .summary = "list what is in a bucket",
     .args = LS_ARGS,
     .options = LOOK_OPTIONS,
     .examples = LS_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_bucket_ls,
     .description =
         "Lists the objects below a prefix, ascending by key: when they were stored, their size, their key."},
    {.name = "verify",
     .full = "bucket verify",
     .summary = "read objects back, and compare",
     .args = VERIFY_ARGS,
     .options = LOOK_OPTIONS,
     .examples = VERIFY_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_bucket_verify,
     .description =
         "Reads every object whole and compares its SHA-256: with the files of PATH, or without it with what was recorded when the "
         "object was stored. Names what was changed, is missing, or has no record.\n\n"
         "Exits 0 when all is the same, 1 when something is not."},
    {0},
};
