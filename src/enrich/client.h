/* The way from enrichment to the network: the profile's settings, the gate, the cache and the client in one.
 */
#ifndef HP_ENRICH_CLIENT_H
#define HP_ENRICH_CLIENT_H

#include "net/http.h"
#include "profile/profile.h"

/** Hold a client and its cache. */
typedef struct hp_client hp_client;

/** Say what a client goes by. Texts outlive it. */
typedef struct hp_client_env {
    const hp_profile *profile;
    const char *home;      /**< directory of enrichment (".hotpass"), for the cache */
    hp_gate *gate;         /**< must be open */
    uint64_t max_requests; /**< 0 = no limit */
    int64_t now;           /**< seconds since 1970 */
} hp_client_env;

/** Open a client. Errors: HP_NOPERM (the gate), HP_CANTCREAT, HP_DATA (the cache), HP_RETRY. */
hp_code hp_client_open(const hp_client_env *env, hp_client **out, hp_err *err);
/** Return what makes the requests. */
hp_http *hp_client_http(hp_client *c);
/** End what is under way, and close; NULL is allowed. */
void hp_client_close(hp_client *c);

#endif
