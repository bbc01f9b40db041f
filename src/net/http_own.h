/* Private to src/net: the parts of the client. http.c decides what is sent when, transfer.c sends it, host.c
 * knows the hosts. */
#ifndef HP_NET_HTTP_OWN_H
#define HP_NET_HTTP_OWN_H

#include <curl/curl.h>

#include "base/map.h"
#include "base/vec.h"
#include "net/http.h"
#include "net/retry.h"
#include "net/robots.h"
#include "net/url.h"

struct hp_call;

/** Say what is known about a host's robots.txt. */
typedef enum hp_robots_state {
    HP_ROBOTS_UNKNOWN,
    HP_ROBOTS_ASKED,
    HP_ROBOTS_KNOWN,
    HP_ROBOTS_CLOSED
} hp_robots_state;

/** Hold what is known about an origin (scheme, host, port). Lives in the client's arena. */
typedef struct hp_host {
    hp_str origin;
    uint32_t active; /**< requests under way */
    hp_pace pace;
    hp_robots_state state;
    hp_robots *robots;
    hp_http_end end; /**< when closed: how requests to it end, and why */
    char why[96];
} hp_host;

/** Hold the outcome of one attempt. */
typedef struct hp_attempt {
    CURLcode code;
    long status;
    hp_str location; /**< of a redirect; in the call's arena */
    hp_str etag, last_modified, content_type;
    bool no_store;       /**< the server asks not to keep it */
    int64_t retry_after; /**< seconds; 0 = it did not say */
} hp_attempt;

/** Hold a request on its way. */
typedef struct hp_call {
    struct hp_call *next;
    hp_http *http;
    hp_arena *arena; /**< its own */
    hp_http_ask ask;
    hp_str first; /**< the URL as it was asked for: key of the cache */
    hp_url url;   /**< where it is sent now */
    hp_str home;  /**< origin of the first URL */
    hp_host *host;
    bool for_robots; /**< asks for a robots.txt itself */
    uint64_t looked; /**< the cache was asked when it had taken so many answers; 0 = not yet */
    bool have;       /**< and has an answer, which is no longer fresh */
    hp_netcache_entry kept;
    unsigned attempt, redirects;
    uint64_t not_before, deadline; /**< milliseconds of the steady clock */
    bool ended;
    hp_http_answer answer;
    /* of the attempt under way */
    CURL *easy;
    struct curl_slist *headers;
    hp_buf body;
    size_t header_bytes;
    bool over;           /**< more came than may */
    const char *refused; /**< words for the address that was refused */
} hp_call;

/** Hold the client: what waits, what is under way, what is known of hosts. */
struct hp_http {
    hp_gate *gate;
    hp_http_policy policy;
    hp_netcache *cache;
    hp_arena *arena;
    CURLM *multi;
    char agent[256];
    hp_call *pending, **tail; /**< in the order in which they were asked; those under way are elsewhere */
    hp_call *flying;
    uint32_t active;
    HP_VEC(hp_host *) host;
    hp_smap host_at; /**< origin -> index in `host` */
    uint64_t random;
    uint64_t stored; /**< 1 and the answers put into the cache */
    bool moved;      /**< an attempt has ended: the list is worth another look */
};

/* host.c */
/** Find or make a host. Errors: HP_RETRY. */
hp_code hp_host_of(hp_http *h, hp_str origin, hp_host **out, hp_err *err);
/** Return the pause between requests to a host: the policy's or what its robots.txt asks, at most half a
 * minute. */
uint32_t hp_host_interval(const hp_http *h, const hp_host *host);
/** Take the answer to a request for a robots.txt (RFC 9309, 2.3.1). */
hp_code hp_host_robots(hp_http *h, hp_host *host, const hp_http_answer *a, hp_err *err);
/** Tell whether a host may have an address inside, as the policy says. `host` as in a URL. */
bool hp_host_private(const hp_http *h, hp_str host);

/* transfer.c */
/** Begin an attempt of a call. Errors: HP_RETRY. */
hp_code hp_transfer_begin(hp_call *c, uint64_t now, hp_err *err);
/** Read what an attempt that ended has brought. Errors: HP_RETRY. */
hp_code hp_transfer_read(hp_call *c, CURLcode code, hp_attempt *out, hp_err *err);
/** Release what the attempt held, but for the body. */
void hp_transfer_end(hp_call *c);
/** Return a few words for why an attempt failed; *again says whether another may fare better. */
const char *hp_transfer_reason(CURLcode code, bool *again);

#endif
