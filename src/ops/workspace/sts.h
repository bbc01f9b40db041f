/* Private to src/ops/workspace: the Security Token Service, asked without the aws program. Source: AWS
 * Security Token Service API Reference, GetCallerIdentity, version 2011-06-15. */
#ifndef HP_OPS_WORKSPACE_STS_H
#define HP_OPS_WORKSPACE_STS_H

#include "ops/workspace/cloud.h"

/** Ask whom the keys belong to that AWS clients would find (net/aws.h), if there are any; *asked is false
 * when there are none. With dry_run only `steps` is written. Errors: HP_NOPERM (AWS refuses), HP_UNAVAILABLE,
 * HP_DATA (an answer of another form), HP_CONFIG, HP_RETRY. */
hp_code hp_sts_identity(hp_arena *a, const hp_aws_ask *ask, hp_aws_answer *out, bool *asked, hp_buf *steps,
                        hp_err *err);

#endif
