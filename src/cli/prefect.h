/* What the commands that talk to Prefect share. */
#ifndef HP_CLI_PREFECT_H
#define HP_CLI_PREFECT_H

#include "cli/cli.h"
#include "ops/prefect/deployment.h"
#include "ops/prefect/manifest.h"
#include "ops/prefect/where.h"

/** Hold a connection to the server of the command line and the configuration. */
typedef struct hp_prefect_session {
    hp_prefect_where where;
    hp_prefect *api;
    int stop_fd; /**< a signalfd: INT, TERM, HUP end a request or a pause at once */
} hp_prefect_session;

/** Find the server and make a client; opens nothing yet. Errors: as hp_prefect_find and hp_prefect_open. */
hp_code hp_prefect_begin(hp_cli *c, hp_prefect_session *s, hp_err *err);
/** Release what hp_prefect_begin made; after an error of it as well. */
void hp_prefect_end(hp_prefect_session *s);
/** Find the deployment of the first word of the command line, else of prefect.deployment. Errors: as
 * hp_prefect_deployment_find. */
hp_code hp_prefect_named(hp_cli *c, hp_prefect_session *s, hp_prefect_deployment *out, hp_err *err);
/** Read the manifests of --manifest-dir that --only names. Errors in them are printed, one a line. Errors:
 * HP_CONFIG (there were some), as hp_manifests_read and hp_manifests_only. */
hp_code hp_prefect_manifests(hp_cli *c, hp_option_id only, hp_manifest **out, size_t *n, hp_err *err);
/** Return whose manifests these are: prefect.project, else the name of the working directory. Errors: HP_IO,
 * HP_RETRY. */
hp_code hp_prefect_project(hp_cli *c, hp_str *out, hp_err *err);
/** Return the work pool of the configuration for manifests that name none; may be empty. */
hp_str hp_prefect_pool(hp_cli *c);

#endif
