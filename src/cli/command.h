/* The command line as data: parser, help, completion, man pages and reference are all made from these tables.
 */
#ifndef HP_CLI_COMMAND_H
#define HP_CLI_COMMAND_H

#include "base/err.h"
#include "base/str.h"

struct hp_cli;

/** Name what an option or argument takes; completion and checking go by it. */
typedef enum hp_opt_type {
    HP_OPT_FLAG,    /**< nothing */
    HP_OPT_STRING,  /**< any text */
    HP_OPT_INT,     /**< a whole number within min..max */
    HP_OPT_BYTES,   /**< a size: 512M, 2G (powers of 1024) */
    HP_OPT_DATE,    /**< YYYY-MM-DD */
    HP_OPT_ENUM,    /**< one of `choices` */
    HP_OPT_FILE,    /**< path of a file */
    HP_OPT_DIR,     /**< path of a directory */
    HP_OPT_PROFILE, /**< name or path of a profile */
    HP_OPT_COMMAND, /**< name of a command */
    HP_OPT_LIMIT    /**< NAME=VALUE of a limit */
} hp_opt_type;

/** Name the options of all commands; the same name means the same thing everywhere. */
typedef enum hp_option_id {
    HP_O_END, /**< closes a list of ids */
    HP_O_HELP,
    HP_O_JSON,
    HP_O_QUIET,
    HP_O_VERBOSE,
    HP_O_NO_COLOR,
    HP_O_LOG_FORMAT,
    HP_O_YES,
    HP_O_NO_INPUT,
    HP_O_VERSION,
    HP_O_PROFILE,
    HP_O_PROFILE_SEARCH_PATH,
    HP_O_INPUT_DIR,
    HP_O_OUTPUT_PATH,
    HP_O_REPORT_PATH,
    HP_O_COMPRESS,
    HP_O_DIST_DIR,
    HP_O_ARCHIVE,
    HP_O_ANNOTATE,
    HP_O_CHECK_REPORT,
    HP_O_CHECK_ANNOTATE,
    HP_O_RETRY_QUARANTINE,
    HP_O_SINCE,
    HP_O_MAP,
    HP_O_NO_PROVENANCE,
    HP_O_ROW,
    HP_O_COLUMN,
    HP_O_RUN,
    HP_O_DRY_RUN,
    HP_O_JOBS,
    HP_O_MAX_MEMORY,
    HP_O_LIMIT,
    HP_O_PASSWORD_FILE,
    HP_O_SAVE,
    HP_O_SHOW_VALUES,
    HP_O_OUTPUT,
    HP_O_TO,
    HP_O_SELECT,
    HP_O_WHERE,
    HP_O_ALL,
    HP_O_NO_HEADER,
    HP_O_RAW_TEXT,
    HP_O_OUTPUT_FILE,
    HP_O_CONTRACT,
    HP_O_CONTRACT_FORMAT,
    HP_O_CONTRACT_VERSION,
    HP_O_TABLE,
    HP_O_SUITE,
    HP_O_SCHEMA,
    HP_O_CHECKPOINT,
    HP_O_PARAM,
    HP_O_RESULT_FORMAT,
    HP_O_MAX_VALUES,
    HP_O_FAIL_ON,
    HP_O_INPUT,
    HP_O_STATE_DIR,
    HP_O_ALLOW_NETWORK,
    HP_O_EXPLAIN_NETWORK,
    HP_O_MAX_REQUESTS,
    HP_O_CONFIDENCE_THRESHOLD,
    HP_O_PROVENANCE,
    HP_O_DATASET,
    HP_O_SHEET,
    HP_O_ROW_ID,
    HP_O_SLUG,
    HP_O_ENTITY,
    HP_O_URL,
    HP_O_VIA,
    HP_O_HOST,
    HP_O_USER,
    HP_O_PORT,
    HP_O_IDENTITY,
    HP_O_SSH_CONFIG,
    HP_O_KNOWN_HOSTS,
    HP_O_JUMP,
    HP_O_ACCEPT_NEW,
    HP_O_PREFECT_HOST,
    HP_O_PREFECT_PORT,
    HP_O_LOCAL_PREFECT_PORT,
    HP_O_MARQUEZ_HOST,
    HP_O_MARQUEZ_PORT,
    HP_O_LOCAL_MARQUEZ_PORT,
    HP_O_FORWARD,
    HP_O_DETACH,
    HP_O_LABEL,
    HP_O_AUTO_PORT,
    HP_O_RECONNECT,
    HP_O_TTL,
    HP_O_WAIT,
    HP_O_NET_DRY_RUN,
    HP_O_NET_ALL,
    HP_O_WATCH,
    HP_O_FINGERPRINT,
    HP_O_REPLACE,
    HP_O_CONFIG,
    HP_O_ORIGIN,
    HP_O_ONLY,
    HP_O_AUTOFIX,
    HP_O_BASELINE,
    HP_O_DEEP,
    HP_O_REVEAL,
    HP_O_TARGET,
    HP_O_ENV_FILE,
    HP_O_INCLUDE_CREDENTIALS,
    HP_O_FORCE,
    HP_O_NETWORK,
    HP_O_EXPIRES,
    HP_O_STORE,
    HP_O_PREFECT_PROFILE,
    HP_O_CTX_URL,
    HP_O_USE_NET,
    HP_O_WITH_PREFECT,
    HP_O_WITH_KUBE,
    HP_O_EKS_CLUSTER,
    HP_O_KUBE_CONTEXT,
    HP_O_KUBECONFIG,
    HP_O_NAMESPACE,
    HP_O_AWS_PROFILE,
    HP_O_REGION,
    HP_O_VERIFY_KUBECONFIG,
    HP_O_WORKSPACE,
    HP_O_PREFECT_URL,
    HP_O_PREFECT_KEY_FILE,
    HP_O_MANIFEST_DIR,
    HP_O_MANIFEST,
    HP_O_DEPLOY_DRY_RUN,
    HP_O_PRUNE,
    HP_O_EXIT_CODE,
    HP_O_WATCH_DIFF,
    HP_O_RUN_STATE,
    HP_O_COUNT_RUNS,
    HP_O_FOLLOW,
    HP_O_RUN_PARAM,
    HP_O_WAIT_RUN,
    HP_O_IDEMPOTENCY_KEY,
    HP_O_ARTIFACTS_DIR,
    HP_O_OLDER_THAN,
    HP_O_LINEAGE_ALL,
    HP_O_LINEAGE_REJECTED,
    HP_O_LINEAGE_WAIT,
    HP_O_LAST,
    HP_O_FIELD,
    HP_O_DIRECTION,
    HP_O_DEPTH,
    HP_O_GRAPH_FORMAT,
    HP_O_ENDPOINT_URL,
    HP_O_RETAIN_UNTIL,
    HP_O_RETAIN_MODE,
    HP_O_OVERWRITE,
    HP_O_PART_SIZE,
    HP_O_READ_BACK,
    HP_O_START_DATE,
    HP_O_END_DATE,
    HP_O_ARCHIVE_VERSION,
    HP_O_ARCHIVE_ROOT,
    HP_O_RESTORE_ROOT,
    HP_O_ARCHIVE_PATTERN,
    HP_O_CONCURRENCY,
    HP_O_AGAIN,
    HP_O_POOL,
    HP_O_ONCE,
    HP_O_POLL,
    HP_O_DELIVER_WITHIN,
    HP_O_RETRIES,
    HP_O_RETRY_DELAY,
    HP_O_COUNT
} hp_option_id;

/** Describe an option. */
typedef struct hp_option {
    const char *name; /**< long name, without the dashes */
    char letter;      /**< short form, 0 = none */
    hp_opt_type type;
    const char *arg;            /**< what stands for the value in help; NULL for a flag */
    const char *fallback;       /**< default value, NULL = none */
    const char *const *choices; /**< of an enum, NULL-terminated */
    int64_t min, max;           /**< of an int or bytes */
    bool repeatable;            /**< every value counts; else the last one wins */
    bool negatable;             /**< --no-NAME takes it back */
    bool answers;               /**< a flag that also takes =true or =false */
    const char *help;
} hp_option;

/** Describe a positional argument. */
typedef struct hp_argument {
    const char *name; /**< as help shows it; NULL ends the list */
    hp_opt_type type;
    const char *const *choices; /**< of an enum, NULL-terminated */
    bool optional, many;
    const char *help;
} hp_argument;

/** Show one way to use a command. */
typedef struct hp_example {
    const char *line; /**< NULL ends the list */
    const char *text;
} hp_example;

/** Say what a command needs before it runs. */
typedef enum hp_needs {
    HP_NEEDS_NOTHING = 0,
    HP_NEEDS_RUN = 1,      /**< an open hp_run in hp_cli.run */
    HP_NEEDS_CONFIG = 2,   /**< configuration in hp_cli.config; it says what options do not */
    HP_NEEDS_TELEMETRY = 4 /**< its runs are told to telemetry, when that is on; needs the configuration */
} hp_needs;

/** Run a command: data into c->out, an error into `err`. The code is the exit code of the program; one
 * without a message in `err` (HP_FINDINGS, HP_PARTIAL) says that the output tells everything. */
typedef hp_code hp_command_fn(struct hp_cli *c, hp_err *err);

/** Describe a command, or a group of commands when `sub` is set. */
typedef struct hp_command {
    const char *name;
    const char *full;        /**< with its group: "profile lint" */
    const char *alias;       /**< other name, NULL = none */
    const char *summary;     /**< one line, no full stop */
    const char *description; /**< paragraphs, separated by empty lines */
    const hp_argument *args; /**< NULL = none */
    const hp_example *examples;
    const hp_option_id *options;  /**< its own, beside the global ones; ends in HP_O_END; NULL = none */
    const struct hp_command *sub; /**< commands of a group; ends in one without name */
    unsigned needs;
    bool hidden;        /**< not listed */
    bool secret;        /**< a word too many may be a secret: no message repeats it */
    hp_command_fn *run; /**< NULL for a group that does nothing by itself */
} hp_command;

/** Return the root: `hotpass` itself, whose `sub` are the commands. */
const hp_command *hp_root(void);
/** Return the options that every command takes; ends in HP_O_END. */
const hp_option_id *hp_global_options(void);
/** Return the description of an option. */
const hp_option *hp_option_get(hp_option_id id);
/** Find a command of a group by its name or alias; NULL when there is none. */
const hp_command *hp_command_find(const hp_command *group, hp_str name);
/** Return the name nearest to `word` among the commands of a group that are not hidden, or NULL. */
const char *hp_command_nearest(const hp_command *group, hp_str word);
/** Call `fn` for the root and every command that is not hidden, groups before their members. */
void hp_command_each(void (*fn)(const hp_command *cmd, void *ctx), void *ctx);

/** Describe an exit code. */
typedef struct hp_exit {
    hp_code code;
    const char *name; /**< short: "input malformed" */
    const char *text; /**< what it means and what to do */
} hp_exit;

/** Return the exit codes, ascending. */
const hp_exit *hp_exits(size_t *n);
/** Return the short name of an exit code. */
const char *hp_exit_name(hp_code code);

/* Commands, one file each: cmd_<name>.c. */
hp_command_fn hp_cmd_overview;           /**< say what hotpass is and how to begin */
hp_command_fn hp_cmd_refine;             /**< run the pipeline */
hp_command_fn hp_cmd_orchestrate;        /**< run the pipeline with the gates of the flow */
hp_command_fn hp_cmd_backfill;           /**< replay archives of inputs */
hp_command_fn hp_cmd_enrich;             /**< fill blanks from elsewhere */
hp_command_fn hp_cmd_explain_provenance; /**< say where a row's values came from */
hp_command_fn hp_cmd_crawl;              /**< read one website */
hp_command_fn hp_cmd_plan_research;      /**< say what research would ask */
hp_command_fn hp_cmd_map;                /**< show how columns would be mapped */
hp_command_fn hp_cmd_inspect;            /**< show what is in a file */
hp_command_fn hp_cmd_cells;              /**< print raw cells */
hp_command_fn hp_cmd_convert;            /**< write a file in another form */
hp_command_fn hp_cmd_check;              /**< hold data against suites */
hp_command_fn hp_cmd_profile_lint;       /**< check profiles */
hp_command_fn hp_cmd_profile_show;       /**< print a profile with its defaults */
hp_command_fn hp_cmd_profile_list;       /**< list profiles */
hp_command_fn hp_cmd_contracts_emit;     /**< write the contract of a profile's result */
hp_command_fn hp_cmd_contracts_validate; /**< hold a file against a contract */
hp_command_fn hp_cmd_contracts_diff;     /**< tell what a change of a contract breaks */
hp_command_fn hp_cmd_suite_init;         /**< propose a suite from data */
hp_command_fn hp_cmd_net_up;             /**< bring a tunnel up and prove it */
hp_command_fn hp_cmd_net_lease;          /**< the same for as long as the command runs */
hp_command_fn hp_cmd_net_run;            /**< run a command through a tunnel */
hp_command_fn hp_cmd_net_status;         /**< look at the tunnels */
hp_command_fn hp_cmd_net_down;           /**< bring tunnels down */
hp_command_fn hp_cmd_net_trust;          /**< pin the keys of a host */
hp_command_fn hp_cmd_net_logs;           /**< print what ssh said */
hp_command_fn hp_cmd_net_gc;             /**< forget what is dead */
hp_command_fn hp_cmd_net_keep;           /**< be the keeper of a tunnel */
hp_command_fn hp_cmd_credentials_set;    /**< keep a secret */
hp_command_fn hp_cmd_credentials_get;    /**< tell whether a secret is kept, or print it */
hp_command_fn hp_cmd_credentials_list;   /**< list the names of secrets */
hp_command_fn hp_cmd_credentials_rm;     /**< forget a secret */
hp_command_fn hp_cmd_env;                /**< write an environment file */
hp_command_fn hp_cmd_ctx_init;           /**< set up a context */
hp_command_fn hp_cmd_ctx_list;           /**< list contexts */
hp_command_fn hp_cmd_ctx_use;            /**< change to another context */
hp_command_fn hp_cmd_aws_whoami;         /**< tell whom credentials of AWS belong to */
hp_command_fn hp_cmd_init;               /**< make a workspace */
hp_command_fn hp_cmd_doctor;             /**< look for what is wrong */
hp_command_fn hp_cmd_config_show;        /**< print the configuration that holds */
hp_command_fn hp_cmd_config_get;         /**< print the value of a key */
hp_command_fn hp_cmd_config_set;         /**< set a key in hotpass.yaml */
hp_command_fn hp_cmd_config_validate;    /**< check the files of configuration */
hp_command_fn hp_cmd_why;                /**< tell where a cell of an output came from */
hp_command_fn hp_cmd_compliance_report;  /**< tell what a result holds and on what basis */
hp_command_fn hp_cmd_compliance_purge;   /**< remove old outputs */
hp_command_fn hp_cmd_lineage_flush;      /**< send what is waiting */
hp_command_fn hp_cmd_lineage_status;     /**< tell what is waiting */
hp_command_fn hp_cmd_lineage_tail;       /**< list the last events */
hp_command_fn hp_cmd_lineage_show;       /**< tell of one run */
hp_command_fn hp_cmd_lineage_graph;      /**< tell what a dataset is made of */
hp_command_fn hp_cmd_lineage_settle;     /**< record that a run was ended */
hp_command_fn hp_cmd_qa;                 /**< run quality gates */
hp_command_fn hp_cmd_prefect_execute;    /**< execute a flow run of Prefect */
hp_command_fn hp_cmd_prefect_worker;     /**< execute flow runs of a work pool */
hp_command_fn hp_cmd_deploy;             /**< make Prefect as the manifests say */
hp_command_fn hp_cmd_prefect_inspect;    /**< show a deployment of Prefect */
hp_command_fn hp_cmd_prefect_diff;       /**< hold the server against the manifests */
hp_command_fn hp_cmd_prefect_runs;       /**< list runs */
hp_command_fn hp_cmd_prefect_logs;       /**< print the log of a run */
hp_command_fn hp_cmd_prefect_trigger;    /**< start a run */
hp_command_fn hp_cmd_prefect_cancel;     /**< cancel a run */
hp_command_fn hp_cmd_prefect_pause;      /**< pause a deployment */
hp_command_fn hp_cmd_prefect_resume;     /**< resume a deployment */
hp_command_fn hp_cmd_bucket_put;         /**< put files into a bucket */
hp_command_fn hp_cmd_bucket_get;         /**< get files out of a bucket */
hp_command_fn hp_cmd_bucket_ls;          /**< list a bucket */
hp_command_fn hp_cmd_bucket_verify;      /**< read a bucket back */
hp_command_fn hp_cmd_completion;         /**< print a completion script */
hp_command_fn hp_cmd_docs;               /**< print reference documents */
hp_command_fn hp_cmd_help;               /**< explain commands */
hp_command_fn hp_cmd_version;            /**< print versions */

#endif
