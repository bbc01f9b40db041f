/* What a profile says about how the network is used: `enrich.network`. */
#ifndef HP_PROFILE_NETWORK_H
#define HP_PROFILE_NETWORK_H

#include "base/str.h"

/** Hold the block `enrich.network`; defaults are in profile/network.c. */
typedef struct hp_profile_network {
    size_t nprivate;
    hp_str
        *private_host; /**< allow_private_hosts: hosts that may be at private addresses; "*" = every host */
    int timeout, deadline; /**< seconds of an attempt, of a request with its retries */
    int max_kilobytes;     /**< of an answer */
    int redirects, retries;
    int concurrency, per_host;
    double interval; /**< seconds between requests to a host */
    int burst;
    int pages; /**< of a website, at most */
    hp_str proxy, ca_file, contact;
    hp_str cache; /**< path; empty = cache/http.db in the directory of enrichment */
    int cache_hours, cache_megabytes;
} hp_profile_network;

#endif
