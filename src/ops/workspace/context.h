/* Contexts: a profile of the prefect program and a context of Kubernetes, set up by those who own these
 * (prefect, aws, kubectl) and recorded under one name. */
#ifndef HP_OPS_WORKSPACE_CONTEXT_H
#define HP_OPS_WORKSPACE_CONTEXT_H

#include "base/arena.h"
#include "base/buf.h"

/** Name the record in the state directory: {"entries": [...]}, of which the last one holds. */
#define HP_CONTEXTS_FILE "contexts.json"

/** Hold a context; texts are empty where it has none. */
typedef struct hp_context {
    hp_str profile, api_url;             /**< of Prefect */
    hp_str cluster, context, kubeconfig; /**< of Kubernetes */
    hp_str kube_namespace;               /**< in the cluster */
    hp_str recorded_at;                  /**< "2025-10-14T09:30:00Z" */
} hp_context;

/** Hold a list of contexts, the one that holds last. */
typedef struct hp_contexts {
    hp_context *item;
    size_t n;
} hp_contexts;

/** Say with which credentials and where the aws program works; NULL = as it is set up. */
typedef struct hp_aws_cli {
    const char *profile, *region, *endpoint;
} hp_aws_cli;

/** Return the name under which a context is known: its profile, else its context of Kubernetes. */
hp_str hp_context_name(const hp_context *c);
/** Read the contexts; no file is none. Errors: HP_CONFIG, HP_IO, HP_RETRY. */
hp_code hp_contexts_read(hp_arena *a, const char *state_dir, hp_contexts *out, hp_err *err);
/** Find a context by its name. Errors: HP_NOINPUT, with the nearest name. */
hp_code hp_contexts_find(hp_arena *a, const hp_contexts *all, hp_str name, const hp_context **out,
                         hp_err *err);
/** Set a context up, and record it as the one that holds, in place of one of the same name. `steps` gets one
 * command line a line; with dry_run nothing else happens. Errors: HP_NOINPUT (a program is missing),
 * HP_UNAVAILABLE (it fails; its words), HP_CANTCREAT, HP_IO, HP_RETRY. */
hp_code hp_context_set_up(hp_arena *a, const char *state_dir, const hp_context *c, const hp_aws_cli *aws,
                          bool dry_run, hp_buf *steps, hp_err *err);
/** Make a recorded context the one that holds, for prefect and kubectl too. *note says what is worth knowing;
 * empty = nothing. Errors: as hp_context_set_up. */
hp_code hp_context_use(hp_arena *a, const char *state_dir, const hp_context *c, bool dry_run, hp_buf *steps,
                       hp_str *note, hp_err *err);

#endif
