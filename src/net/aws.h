/* Settings of AWS clients: keys, region and endpoint, from the environment variables and files that the AWS
 * CLI and SDKs use. Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files",
 * "Environment variables support", "Service-specific endpoints". */
#ifndef HP_NET_AWS_H
#define HP_NET_AWS_H

#include "base/arena.h"
#include "net/sigv4.h"

/** Hold the settings. Texts live in the arena they were read into, the secrets until hp_aws_free. */
typedef struct hp_aws {
    hp_aws_keys keys; /**< id empty when nobody says one */
    hp_str keys_from; /**< where they stand: "AWS_ACCESS_KEY_ID", "/home/ops/.aws/credentials [staging]" */
    hp_str region;    /**< empty when nobody says one */
    hp_str endpoint;  /**< of the service, empty = AWS's own */
    hp_str endpoint_from;
    bool virtual_host; /**< addressing_style = virtual: the bucket belongs into the host's name */
    hp_str why_none;   /**< why there are no keys, when a profile names a way that this program does not go */
    hp_secret *secret, *token;
} hp_aws;

/** Read the settings. Keys: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; else, where
 * AWS_PROFILE names a profile, its entries in the credentials file (AWS_SHARED_CREDENTIALS_FILE or
 * ~/.aws/credentials) and the config file (AWS_CONFIG_FILE or ~/.aws/config); else `vault` (directory of a
 * base/vault.h, NULL = none) under aws.access_key_id, aws.secret_access_key and aws.session_token; else the
 * profile "default". Region: AWS_REGION, AWS_DEFAULT_REGION, the profile. Endpoint:
 * AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's. `service` is in lower case: "s3". Absent files
 * say nothing, unless a variable names them. Errors: HP_CONFIG (half a pair of keys, a profile that stands
 * nowhere), HP_NOINPUT, HP_NOPERM, HP_IO, HP_RETRY. */
hp_code hp_aws_read(hp_arena *a, const char *service, const char *vault, hp_aws *out, hp_err *err);
/** Wipe the secrets; zeroed settings are allowed. */
void hp_aws_free(hp_aws *s);

/** Find a value in a file of that kind: sections "[name]", lines "key = value", and under "group =" indented
 * ones of their own; '#' and ';' begin comments at the beginning of a line. `group` empty = the section's own
 * keys. The first one counts; an empty value is one. False when it is not there. */
bool hp_aws_ini_get(hp_str text, hp_str section, hp_str group, hp_str key, hp_str *out);
/** Tell whether a section stands in the file. */
bool hp_aws_ini_has(hp_str text, hp_str section);

#endif
