/* What the commands take that look after a workspace or reach into a network: options, arguments, examples.
 * Their rows stand in command.c. */
#include "cli/command_ops.h"

#include "base/banned.h"

/* ---- crawl, plan research ---- */

const hp_option_id hp_ops_crawl_options[] = {
    HP_O_PROFILE,      HP_O_PROFILE_SEARCH_PATH, HP_O_ALLOW_NETWORK, HP_O_EXPLAIN_NETWORK,
    HP_O_MAX_REQUESTS, HP_O_STATE_DIR,           HP_O_LIMIT,         HP_O_CONFIG,
    HP_O_END};
const hp_argument hp_ops_crawl_args[] = {
    {.name = "URL", .type = HP_OPT_STRING, .help = "website, with or without https:// in front"},
    {0},
};
const hp_example hp_ops_crawl_examples[] = {
    {"hotpass crawl acme.example --profile research --allow-network",
     "What a website says about how to reach its organisation."},
    {"hotpass crawl acme.example --profile research --explain-network",
     "Who would say no, and what to change."},
    {0},
};
static const hp_option_id PLAN_OPTIONS[] = {HP_O_DATASET,
                                            HP_O_ROW_ID,
                                            HP_O_SLUG,
                                            HP_O_ENTITY,
                                            HP_O_URL,
                                            HP_O_PROFILE,
                                            HP_O_PROFILE_SEARCH_PATH,
                                            HP_O_ALLOW_NETWORK,
                                            HP_O_STATE_DIR,
                                            HP_O_MAX_MEMORY,
                                            HP_O_PASSWORD_FILE,
                                            HP_O_LIMIT,
                                            HP_O_CONFIG,
                                            HP_O_END};
static const hp_example PLAN_EXAMPLES[] = {
    {"hotpass plan research --dataset dist/refined.xlsx --profile research",
     "What hotpass enrich --allow-network would ask for."},
    {"hotpass plan research --dataset dist/refined.xlsx --profile research --slug blue-ridge-aviation --json",
     "For one row, for a program."},
    {"hotpass plan research --entity 'Blue Ridge Aviation' --profile research --json",
     "For an organisation that stands in no file."},
    {0},
};
const hp_command hp_ops_plan_sub[] = {
    {.name = "research",
     .full = "plan research",
     .summary = "say what research would ask for, and who would forbid it; opens no socket",
     .options = PLAN_OPTIONS,
     .examples = PLAN_EXAMPLES,
     .needs = HP_NEEDS_CONFIG,
     .run = hp_cmd_plan_research,
     .description =
         "The dry run of hotpass enrich: reads the file, asks the providers that need no network, and lists the first request of each "
         "other provider for each row that still has blanks, with what it would be for, and whether the cache would answer it. "
         "Fields for which the profile demands a consent that the row does not have are not asked for. Nothing is written.\n\n"
         "With --row-id, --slug or --entity the steps also say what lies here about the one organisation: a snapshot "
         "(snapshots/SLUG.json of the state directory), pages of the profile's authority_sources "
         "(authority/CACHE_KEY/SLUG.json). Exits 1 when there is no such row, or one of these cannot be read.\n\n"
         "Further pages of a website (those about contact) are known only once its first page is read; they are at most "
         "enrich.network.pages_per_site."},
    {0},
};

/* ---- net ---- */

#define NET_PLAN_OPTIONS                                                                                    \
    HP_O_VIA, HP_O_HOST, HP_O_USER, HP_O_PORT, HP_O_IDENTITY, HP_O_SSH_CONFIG, HP_O_KNOWN_HOSTS, HP_O_JUMP, \
        HP_O_ACCEPT_NEW, HP_O_PREFECT_HOST, HP_O_PREFECT_PORT, HP_O_LOCAL_PREFECT_PORT, HP_O_MARQUEZ_HOST,  \
        HP_O_MARQUEZ_PORT, HP_O_LOCAL_MARQUEZ_PORT, HP_O_FORWARD, HP_O_LABEL, HP_O_AUTO_PORT, HP_O_WAIT,    \
        HP_O_CONFIG
static const hp_option_id NET_UP_OPTIONS[] = {NET_PLAN_OPTIONS, HP_O_DETACH,      HP_O_RECONNECT,
                                              HP_O_TTL,         HP_O_NET_DRY_RUN, HP_O_END};
static const hp_option_id NET_LEASE_OPTIONS[] = {NET_PLAN_OPTIONS, HP_O_TTL, HP_O_NET_DRY_RUN, HP_O_END};
static const hp_option_id NET_RUN_OPTIONS[] = {NET_PLAN_OPTIONS, HP_O_END};
static const hp_option_id NET_STATUS_OPTIONS[] = {HP_O_WATCH, HP_O_END};
static const hp_option_id NET_DOWN_OPTIONS[] = {HP_O_LABEL, HP_O_NET_ALL, HP_O_END};
static const hp_option_id NET_TRUST_OPTIONS[] = {HP_O_PORT, HP_O_FINGERPRINT, HP_O_REPLACE, HP_O_KNOWN_HOSTS,
                                                 HP_O_END};
static const hp_option_id NET_NO_OPTIONS[] = {HP_O_END};
static const hp_argument NET_TRUST_ARGS[] = {{.name = "HOST", .type = HP_OPT_STRING, .help = "the bastion"},
                                             {0}};
static const hp_argument NET_LOGS_ARGS[] = {{.name = "LABEL", .type = HP_OPT_STRING, .help = "the tunnel"},
                                            {0}};
static const hp_argument NET_KEEP_ARGS[] = {{.name = "LABEL", .type = HP_OPT_STRING, .help = "the tunnel"},
                                            {.name = "DIR", .type = HP_OPT_DIR, .help = "where its state is"},
                                            {0}};
static const hp_argument NET_RUN_ARGS[] = {
    {.name = "LABEL|COMMAND",
     .type = HP_OPT_STRING,
     .many = true,
     .help = "the tunnel to use, then --, then the command and its words; with --host the command alone"},
    {0},
};
static const hp_example NET_UP_EXAMPLES[] = {
    {"hotpass net up --host bastion.example --prefect-host prefect.internal --marquez-host marquez.internal --detach --label incident",
     "Both services on 127.0.0.1, once both have answered through the tunnel."},
    {"hotpass net up --host bastion.example --forward db=db.internal:5432 --ttl 8h --reconnect --detach",
     "Another service, kept for eight hours."},
    {"hotpass net up --host bastion.example --prefect-host prefect.internal --dry-run", "What would be run."},
    {0},
};
static const hp_example NET_LEASE_EXAMPLES[] = {
    {"hotpass net lease --host bastion.example --prefect-host prefect.internal", "A tunnel until Ctrl-C."},
    {0}};
static const hp_example NET_RUN_EXAMPLES[] = {
    {"hotpass net run --host bastion.example --prefect-host prefect.internal -- prefect flow-run ls",
     "Up, proved, the command with PREFECT_API_URL set, down."},
    {"hotpass net run incident -- prefect version", "Through a tunnel that is up already."},
    {0},
};
static const hp_example NET_STATUS_EXAMPLES[] = {
    {"hotpass net status",
     "Which tunnels there are, whether they live, and whether what is behind them answers."},
    {"hotpass net status --json | jq '.tunnels[] | select(.reachable | not)'",
     "Those that are of no use, for a program."},
    {0},
};
static const hp_example NET_DOWN_EXAMPLES[] = {
    {"hotpass net down --label incident", "One."}, {"hotpass net down --all", "All of them."}, {0}};
static const hp_example NET_TRUST_EXAMPLES[] = {
    {"hotpass net trust bastion.example", "Shows the fingerprints and asks."},
    {"hotpass net trust bastion.example --fingerprint SHA256:uNiVztksCsDhcc0u9e8BrqVhfnJkWvW1w5sZ0XbY2gk",
     "Without a question: only if the host shows this key."},
    {0},
};
static const hp_example NET_LOGS_EXAMPLES[] = {{"hotpass net logs incident", "What ssh said."}, {0}};
static const hp_example NET_GC_EXAMPLES[] = {{"hotpass net gc", "After a crash."}, {0}};
const hp_command hp_ops_net_sub[] = {
    {.name = "up",
     .full = "net up",
     .summary = "bring a tunnel up, and prove that it can be used",
     .options = NET_UP_OPTIONS,
     .examples = NET_UP_EXAMPLES,
     .run = hp_cmd_net_up,
     .description =
         "Starts ssh (or aws) with a command line of its own, and exits 0 only when each local port was seen to belong to that process and the "
         "service behind it has answered through the tunnel: Prefect at /api/health, Marquez at /api/v1/namespaces, others by a connection that "
         "stays open. Otherwise it exits 69, or 77 when the login or the key of the host is refused, with ssh's own words, and leaves nothing behind.\n\n"
         "Keys of hosts are pinned (hotpass net trust); your ssh configuration takes no part; ports are opened on 127.0.0.1 only; no agent and no X11 "
         "is forwarded. Without --detach the command holds the tunnel until Ctrl-C.\n\n"
         "State is kept in .hotpass (of the nearest directory upwards that has it or a hotpass.yaml), else below XDG_STATE_HOME; HOTPASS_STATE_DIR says otherwise."},
    {.name = "lease",
     .full = "net lease",
     .summary = "hold a tunnel for as long as the command runs",
     .options = NET_LEASE_OPTIONS,
     .examples = NET_LEASE_EXAMPLES,
     .run = hp_cmd_net_lease,
     .description =
         "As up without --detach: the tunnel ends with the command, also when that is killed or its terminal closed, and the command ends "
         "with the tunnel: 69 when it drops."},
    {.name = "run",
     .full = "net run",
     .summary = "run a command through a tunnel",
     .args = NET_RUN_ARGS,
     .options = NET_RUN_OPTIONS,
     .examples = NET_RUN_EXAMPLES,
     .run = hp_cmd_net_run,
     .description =
         "With --host: brings a tunnel up, proves it, runs the command with PREFECT_API_URL and OPENLINEAGE_URL set to its ends here, and brings it "
         "down. With a label: uses the tunnel that is up, after asking its services, and leaves it. Exits as the command does."},
    {.name = "status",
     .full = "net status",
     .summary = "show the tunnels, and whether they can be used",
     .options = NET_STATUS_OPTIONS,
     .examples = NET_STATUS_EXAMPLES,
     .run = hp_cmd_net_status,
     .description =
         "A tunnel is alive when its process is the one that was started, by number, time of start and life of the machine; it is reachable when "
         "each service behind it answers now. For one that is not, says what to do. Exits 1 if any is not."},
    {.name = "down",
     .full = "net down",
     .summary = "bring tunnels down",
     .options = NET_DOWN_OPTIONS,
     .examples = NET_DOWN_EXAMPLES,
     .run = hp_cmd_net_down,
     .description =
         "Ends the keeper and the processes of a tunnel, each only if it is proved to be the one that was started, waits for their end, "
         "and forgets the tunnel."},
    {.name = "trust",
     .full = "net trust",
     .summary = "pin the keys of a bastion",
     .args = NET_TRUST_ARGS,
     .options = NET_TRUST_OPTIONS,
     .examples = NET_TRUST_EXAMPLES,
     .run = hp_cmd_net_trust,
     .description =
         "Fetches the keys a host shows, prints their SHA256 fingerprints as ssh-keygen -l does, and pins them when they are confirmed: on the "
         "terminal, by --fingerprint, or unseen by --yes. Exits 77 when they are not, or when another key was pinned before."},
    {.name = "logs",
     .full = "net logs",
     .summary = "print what ssh said",
     .args = NET_LOGS_ARGS,
     .options = NET_NO_OPTIONS,
     .examples = NET_LOGS_EXAMPLES,
     .run = hp_cmd_net_logs,
     .description = "Prints the log of a tunnel. It goes with the tunnel."},
    {.name = "gc",
     .full = "net gc",
     .summary = "end and forget what killed commands and dropped tunnels left",
     .options = NET_NO_OPTIONS,
     .examples = NET_GC_EXAMPLES,
     .run = hp_cmd_net_gc,
     .description =
         "Brings down each tunnel whose process ended, whose command was killed, or whose time is over."},
    {.name = "keep",
     .full = "net keep",
     .summary = "be the keeper of a tunnel",
     .args = NET_KEEP_ARGS,
     .options = NET_NO_OPTIONS,
     .hidden = true,
     .run = hp_cmd_net_keep,
     .description = "What net up starts for --reconnect and --ttl."},
    {0},
};

/* ---- credentials ---- */

static const hp_option_id REVEAL_OPTIONS[] = {HP_O_REVEAL, HP_O_END};
static const hp_option_id CREDENTIAL_SET_OPTIONS[] = {HP_O_EXPIRES, HP_O_STORE, HP_O_CONFIG, HP_O_END};
static const hp_argument CREDENTIAL_ARGS[] = {
    {.name = "NAME", .type = HP_OPT_STRING, .help = "its name: prefect.api_key, aws.secret_access_key"},
    {0},
};
static const hp_example CREDENTIAL_SET_EXAMPLES[] = {
    {"hotpass credentials set prefect.api_key", "Asks for the value, and does not show it."},
    {"hotpass credentials set prefect.api_key < key.txt", "Takes the first line of a file."},
    {"hotpass credentials set aws.session_token --expires 8h", "Remembers when it ends: the doctor warns."},
    {0},
};
static const hp_example CREDENTIAL_GET_EXAMPLES[] = {
    {"hotpass credentials get prefect.api_key", "Whether it is kept, and opens."},
    {"hotpass credentials get prefect.api_key --reveal", "The value."},
    {0},
};
static const hp_example CREDENTIAL_LIST_EXAMPLES[] = {
    {"hotpass credentials list", "Names and when they were set; no values."},
    {0},
};
static const hp_example CREDENTIAL_RM_EXAMPLES[] = {
    {"hotpass credentials rm prefect.api_key", "Forget it."},
    {0},
};

const hp_command hp_ops_credentials_sub[] = {
    {.name = "set",
     .full = "credentials set",
     .secret = true,
     .summary = "keep a secret",
     .args = CREDENTIAL_ARGS,
     .options = CREDENTIAL_SET_OPTIONS,
     .examples = CREDENTIAL_SET_EXAMPLES,
     .run = hp_cmd_credentials_set,
     .description =
         "Reads the value from standard input, or asks for it on a terminal without showing it: never from the command line, where "
         "everybody on the machine could see it. It goes to the Secret Service of this session (GNOME Keyring, KWallet, KeePassXC) where "
         "one answers, else it is sealed (XChaCha20-Poly1305) in credentials.json beside the user's config.yaml, with the key in "
         "credentials.key; nobody else may read either. credentials.json lists the names in both cases. --store, credentials.store of the "
         "configuration or HOTPASS_CREDENTIALS_STORE decide otherwise.\n\n"
         "Names that other commands and the doctor know: prefect.api_key (also user:password), marquez.api_key, "
         "aws.access_key_id, aws.secret_access_key, aws.session_token."},
    {.name = "get",
     .full = "credentials get",
     .summary = "tell whether a secret is kept, or print it",
     .args = CREDENTIAL_ARGS,
     .options = REVEAL_OPTIONS,
     .examples = CREDENTIAL_GET_EXAMPLES,
     .run = hp_cmd_credentials_get,
     .description =
         "Fetches the value, and prints it only with --reveal. Exits 66 when there is none, 69 when it is kept in a Secret "
         "Service that does not answer, 77 when that is locked."},
    {.name = "list",
     .full = "credentials list",
     .summary = "list the names of secrets, where they are, and when they end",
     .examples = CREDENTIAL_LIST_EXAMPLES,
     .run = hp_cmd_credentials_list,
     .description =
         "Prints the names, where each is kept, when it was set and when it ends. No key is needed, and no value is read."},
    {.name = "rm",
     .full = "credentials rm",
     .summary = "forget a secret",
     .args = CREDENTIAL_ARGS,
     .examples = CREDENTIAL_RM_EXAMPLES,
     .run = hp_cmd_credentials_rm,
     .description = "Takes the secret out of where it is kept. Exits 1 when it was not there."},
    {0},
};

/* ---- ctx ---- */

static const hp_option_id CTX_INIT_OPTIONS[] = {
    HP_O_PREFECT_PROFILE, HP_O_CTX_URL,    HP_O_USE_NET,   HP_O_WITH_PREFECT, HP_O_EKS_CLUSTER,
    HP_O_KUBE_CONTEXT,    HP_O_KUBECONFIG, HP_O_NAMESPACE, HP_O_WITH_KUBE,    HP_O_AWS_PROFILE,
    HP_O_REGION,          HP_O_CONFIG,     HP_O_DRY_RUN,   HP_O_END};
static const hp_option_id CTX_OPTIONS[] = {HP_O_CONFIG, HP_O_END};
static const hp_option_id CTX_USE_OPTIONS[] = {HP_O_CONFIG, HP_O_DRY_RUN, HP_O_END};
static const hp_argument CTX_USE_ARGS[] = {
    {.name = "NAME",
     .type = HP_OPT_STRING,
     .help = "its name: a profile of Prefect, or a context of Kubernetes"},
    {0}};
static const hp_example CTX_INIT_EXAMPLES[] = {
    {"hotpass ctx init --prefect-profile hotpass-staging", "Prefect through the latest tunnel that lives."},
    {"hotpass ctx init --eks-cluster hotpass-staging --namespace hotpass --dry-run", "What would be run."},
    {0},
};
static const hp_example CTX_LIST_EXAMPLES[] = {
    {"hotpass ctx list", "Which contexts there are, and which one holds."}, {0}};
static const hp_example CTX_USE_EXAMPLES[] = {{"hotpass ctx use hotpass-local", "Back to another one."}, {0}};
const hp_command hp_ops_ctx_sub[] = {
    {.name = "init",
     .full = "ctx init",
     .summary = "set up a profile of Prefect and a context of Kubernetes",
     .options = CTX_INIT_OPTIONS,
     .examples = CTX_INIT_EXAMPLES,
     .run = hp_cmd_ctx_init,
     .description =
         "Makes the profile if there is none (prefect profile create), says in it where the API is (prefect -p NAME config set), and with "
         "--eks-cluster writes the cluster's context (aws eks update-kubeconfig). What was set up is recorded in contexts.json in the state "
         "directory and holds from then on: hotpass env takes profile and namespace from it. A second time it brings up to date. Keys are not "
         "part of a profile: hotpass credentials keeps them."},
    {.name = "list",
     .full = "ctx list",
     .summary = "list the contexts that were set up",
     .options = CTX_OPTIONS,
     .examples = CTX_LIST_EXAMPLES,
     .run = hp_cmd_ctx_list,
     .description = "Prints what contexts.json in the state directory records. The one marked * holds."},
    {.name = "use",
     .full = "ctx use",
     .summary = "change to another context",
     .args = CTX_USE_ARGS,
     .options = CTX_USE_OPTIONS,
     .examples = CTX_USE_EXAMPLES,
     .run = hp_cmd_ctx_use,
     .description =
         "Makes a recorded context hold: prefect profile use, and kubectl config use-context where it has a context of Kubernetes. Exits 66 "
         "when there is none of that name."},
    {0},
};

/* ---- aws ---- */

static const hp_option_id AWS_OPTIONS[] = {HP_O_AWS_PROFILE,  HP_O_REGION,     HP_O_EKS_CLUSTER,
                                           HP_O_KUBE_CONTEXT, HP_O_KUBECONFIG, HP_O_VERIFY_KUBECONFIG,
                                           HP_O_CONFIG,       HP_O_DRY_RUN,    HP_O_END};
static const hp_example AWS_EXAMPLES[] = {
    {"hotpass aws whoami", "Which account and role the credentials belong to."},
    {"hotpass aws whoami --aws-profile hotpass-staging --eks-cluster hotpass-staging --json",
     "Also whether the cluster is up, for a program."},
    {0},
};
const hp_command hp_ops_aws_sub[] = {
    {.name = "whoami",
     .full = "aws whoami",
     .summary = "tell which account and role the credentials of AWS belong to",
     .options = AWS_OPTIONS,
     .examples = AWS_EXAMPLES,
     .run = hp_cmd_aws_whoami,
     .description =
         "Asks the Security Token Service (GetCallerIdentity): with the keys of the environment, of hotpass credentials or of the default profile directly; "
         "with --aws-profile, and where there are no keys, through the aws program, which knows profiles, single sign-on and roles. With --eks-cluster "
         "also asks for the state of the "
         "cluster. An endpoint other than Amazon's is taken from HOTPASS_LOCALSTACK_ENDPOINT, LOCALSTACK_ENDPOINT or AWS_ENDPOINT_URL. The answer is "
         "kept in aws.json in the state directory. Exits 69 when AWS cannot be reached, 77 when it refuses."},
    {0},
};

/* ---- env ---- */

const hp_option_id hp_ops_env_options[] = {HP_O_TARGET,        HP_O_ENV_FILE, HP_O_INCLUDE_CREDENTIALS,
                                           HP_O_ALLOW_NETWORK, HP_O_FORCE,    HP_O_CONFIG,
                                           HP_O_DRY_RUN,       HP_O_END};
const hp_example hp_ops_env_examples[] = {
    {"hotpass env --target staging --dry-run", "What would be written, and where each value comes from."},
    {"hotpass env --target staging --include-credentials --force",
     ".env.staging with the secrets, for you alone."},
    {0},
};

/* ---- init ---- */

const hp_option_id hp_ops_init_options[] = {HP_O_DRY_RUN, HP_O_END};
const hp_argument hp_ops_init_args[] = {
    {.name = "DIR",
     .type = HP_OPT_DIR,
     .optional = true,
     .help = "directory to make the workspace in (default: this one)"},
    {0},
};
const hp_example hp_ops_init_examples[] = {
    {"hotpass init contacts", "A new directory in which refine and doctor run at once."},
    {0},
};

/* ---- doctor ---- */

const hp_option_id hp_ops_doctor_options[] = {HP_O_PROFILE,   HP_O_PROFILE_SEARCH_PATH,
                                              HP_O_INPUT_DIR, HP_O_OUTPUT_PATH,
                                              HP_O_DIST_DIR,  HP_O_CONFIG,
                                              HP_O_ONLY,      HP_O_DEEP,
                                              HP_O_NETWORK,   HP_O_AUTOFIX,
                                              HP_O_DRY_RUN,   HP_O_BASELINE,
                                              HP_O_WATCH,     HP_O_END};
const hp_example hp_ops_doctor_examples[] = {
    {"hotpass doctor", "What is wrong here, why it matters, and what to do."},
    {"hotpass doctor --autofix --dry-run", "What --autofix would do."},
    {"hotpass doctor --only profile --only workspace.input_dir --json",
     "One group and one check, for a program."},
    {"hotpass doctor --network --only services", "Whether the services answer, and let us in."},
    {"hotpass doctor --baseline compare", "What is different from when the baseline was saved."},
    {0},
};

/* ---- config ---- */

static const hp_option_id CONFIG_SHOW_OPTIONS[] = {HP_O_ORIGIN, HP_O_CONFIG, HP_O_END};
static const hp_option_id CONFIG_OPTIONS[] = {HP_O_CONFIG, HP_O_END};
static const hp_option_id CONFIG_SET_OPTIONS[] = {HP_O_CONFIG, HP_O_DRY_RUN, HP_O_END};
static const hp_argument CONFIG_GET_ARGS[] = {
    {.name = "KEY", .type = HP_OPT_STRING, .help = "a key: pipeline.input_dir"},
    {0},
};
static const hp_argument CONFIG_SET_ARGS[] = {
    {.name = "KEY", .type = HP_OPT_STRING, .help = "a key: pipeline.input_dir"},
    {.name = "VALUE", .type = HP_OPT_STRING, .many = true, .help = "its value; of a list, all items"},
    {0},
};
static const hp_example CONFIG_SHOW_EXAMPLES[] = {
    {"hotpass config show --origin",
     "Every key, the value that holds, and which file, variable or default says so."},
    {0},
};
static const hp_example CONFIG_GET_EXAMPLES[] = {
    {"hotpass config get pipeline.input_dir", "Where a run would look for its inputs."},
    {0},
};
static const hp_example CONFIG_VALIDATE_EXAMPLES[] = {
    {"hotpass config validate", "Every unknown key and wrong value, with file, line and column."},
    {0},
};
static const hp_example CONFIG_SET_EXAMPLES[] = {
    {"hotpass config set governance.data_owner \"Data Governance\"", "Change one value; comments stay."},
    {0},
};

const hp_command hp_ops_config_sub[] = {
    {.name = "show",
     .full = "config show",
     .summary = "print the configuration that holds",
     .options = CONFIG_SHOW_OPTIONS,
     .examples = CONFIG_SHOW_EXAMPLES,
     .run = hp_cmd_config_show,
     .description =
         "Prints every key with the value that holds here: of what the environment, the project's hotpass.yaml, the user's "
         "file and the program itself say, the first. Options of a command stand above all of them. "
         "docs/reference/config.md lists the keys."},
    {.name = "get",
     .full = "config get",
     .summary = "print the value of a key",
     .args = CONFIG_GET_ARGS,
     .options = CONFIG_OPTIONS,
     .examples = CONFIG_GET_EXAMPLES,
     .run = hp_cmd_config_get,
     .description =
         "Prints the value that holds, of a list one item a line. Exits 1 when nothing is said about the key."},
    {.name = "set",
     .full = "config set",
     .summary = "set a key in hotpass.yaml",
     .args = CONFIG_SET_ARGS,
     .options = CONFIG_SET_OPTIONS,
     .examples = CONFIG_SET_EXAMPLES,
     .run = hp_cmd_config_set,
     .description =
         "Writes the value into the project's file, which is made if it is missing and replaced whole. Only the bytes of the "
         "value change, or a line is added: comments and order stay. What cannot be changed so is left alone, with an error."},
    {.name = "validate",
     .full = "config validate",
     .summary = "check the files of configuration",
     .options = CONFIG_OPTIONS,
     .examples = CONFIG_VALIDATE_EXAMPLES,
     .run = hp_cmd_config_validate,
     .description =
         "Lists every error of the project's file, the user's file and the environment. Exits 78 if there are any."},
    {0},
};
