/* AWS: whom the credentials in use belong to, and how a cluster is. Keys that stand in the environment, a
 * file or among our credentials are asked about directly; what a profile means (single sign-on, roles) the
 * aws program knows. */
#ifndef HP_OPS_WORKSPACE_CLOUD_H
#define HP_OPS_WORKSPACE_CLOUD_H

#include "base/json.h"
#include "ops/workspace/context.h"

/** Name the record of the last answer in the state directory. */
#define HP_AWS_FILE "aws.json"

/** Hold what AWS says. Texts are empty where it was not asked. */
typedef struct hp_aws_answer {
    hp_str account, arn, user_id;
    const char *source;               /**< who asked: "hotpass", "aws-cli" */
    hp_str cluster, status, endpoint; /**< of the cluster */
} hp_aws_answer;

/** Say what to ask. */
typedef struct hp_aws_ask {
    hp_aws_cli aws;
    const char *vault;   /**< directory with credentials; NULL = none */
    const char *cluster; /**< NULL = none */
    const char *context, *kubeconfig;
    bool update_kubeconfig;
    bool dry_run;
} hp_aws_ask;

/** Return the endpoint that the environment names in place of Amazon's, without slashes at its end; NULL when
 * it names none. */
const char *hp_aws_endpoint(hp_arena *a);
/** Ask, and keep the answer in the state directory. `steps` gets the command lines. Errors: HP_NOINPUT (no
 * aws program), HP_NOPERM (AWS refuses, or there are no credentials), HP_UNAVAILABLE, HP_DATA (an answer of
 * another form), HP_CANTCREAT, HP_IO, HP_RETRY. */
hp_code hp_aws_whoami(hp_arena *a, const char *state_dir, const hp_aws_ask *ask, hp_aws_answer *out,
                      hp_buf *steps, hp_err *err);
/** Write the members of an answer: profile, region, identity, cluster. */
void hp_aws_write(hp_json *j, const hp_aws_ask *ask, const hp_aws_answer *answer);

#endif
