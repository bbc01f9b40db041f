/* HTTP: many requests side by side on one thread, each held to what a guest may do. Over libcurl.
 *
 * Every request has a deadline, a cap on its bytes before and after decompression, and a cap on its
 * redirects. Addresses are looked at after the name was resolved, for the very socket that is opened, and
 * again behind each redirect. robots.txt is obeyed; hosts are asked one at a time, with pauses; answers are
 * kept (net/cache.h), so that a run that was killed asks only for what is missing. */
#ifndef HP_NET_HTTP_H
#define HP_NET_HTTP_H

#include "base/arena.h"
#include "base/secret.h"
#include "net/cache.h"
#include "net/gate.h"

/** Say how the network is used; hp_http_policy_usual gives the defaults. Texts are the caller's, and outlive
 * the client. */
typedef struct hp_http_policy {
    uint32_t attempt_ms;   /**< one attempt, from the connection to the last byte; 10 s */
    uint32_t deadline_ms;  /**< a request with its retries, redirects and waits; 60 s */
    uint64_t max_bytes;    /**< of a body, decompressed or not; 4 MiB */
    uint32_t redirects;    /**< followed at most; 5 */
    uint32_t retries;      /**< further attempts after 429, 5xx or a broken connection; 3 */
    uint32_t concurrency;  /**< requests under way at most; 16 */
    uint32_t per_host;     /**< and of one host; 1 */
    uint32_t interval_ms;  /**< between the beginnings of requests to one host; 1 s */
    uint32_t burst;        /**< requests to a host that may begin without that pause; 1 */
    uint64_t max_requests; /**< behind the gate, everything counted; 0 = no limit */
    const hp_str
        *private_host; /**< hosts that may be at loopback, private or carrier addresses; "*" = every host */
    size_t nprivate;
    const char *proxy;   /**< URL of a proxy; NULL = none, whatever the environment says */
    const char *ca_file; /**< certificates to trust instead of the system's; NULL = the system's */
    const char *contact; /**< address or URL of who runs this, put into the User-Agent; NULL = none */
} hp_http_policy;

/** Return the usual policy. */
hp_http_policy hp_http_policy_usual(void);

/** The name by which robots.txt files know this program. */
#define HP_HTTP_AGENT "hotpass"

/** Say how a request ended. */
typedef enum hp_http_end {
    HP_HTTP_ANSWERED, /**< there is an answer, of whatever status below 500 */
    HP_HTTP_BLOCKED,  /**< a guard said no: `reason` names it ("robots.txt", "loopback address",
                         "max-requests") */
    HP_HTTP_FAILED    /**< no answer came: `reason` says why ("timeout", "http 503", "certificate") */
} hp_http_end;

/** Hold the answer to a request. Views are valid within the call of hp_http_done only. */
typedef struct hp_http_answer {
    hp_http_end end;
    char reason[96]; /**< in a few words, without a value of the request; empty when answered */
    long status;     /**< 0 unless answered */
    hp_str url;      /**< where the answer came from, behind redirects */
    hp_str body, content_type;
    bool cached;  /**< nothing was sent for it */
    int64_t time; /**< when the server gave it, seconds since 1970 */
} hp_http_answer;

/** Take an answer; may queue further requests. An error ends hp_http_run. */
typedef hp_code hp_http_done(void *ctx, const hp_http_answer *a, hp_err *err);

/** Describe a request (GET). */
typedef struct hp_http_ask {
    hp_str url;         /**< copied */
    const char *accept; /**< value of the Accept header; NULL = anything */
    bool crawl; /**< a page that was found, not a service that the user named: robots.txt is asked first */
    const char *secret_header; /**< name of a header for `secret`, sent to this origin only; NULL = none */
    const hp_secret *secret;   /**< outlives the run */
    hp_http_done *done;
    void *ctx;
} hp_http_ask;

/** Make requests through the gate. */
typedef struct hp_http hp_http;

/** Make a client. `gate` must be open, and outlives it; `cache` may be NULL. Errors: HP_NOPERM (the gate),
 * HP_CONFIG (libcurl is not installed), HP_RETRY. */
hp_code hp_http_new(hp_gate *gate, const hp_http_policy *policy, hp_netcache *cache, hp_http **out,
                    hp_err *err);
/** End what is under way, and release everything; NULL is allowed. */
void hp_http_free(hp_http *h);
/** Queue a request; `done` is called for it by hp_http_run, exactly once unless that returns an error.
 * Errors: HP_RETRY. */
hp_code hp_http_get(hp_http *h, const hp_http_ask *ask, hp_err *err);
/** Work until no request is left. Errors: what `done` returns, HP_IO (the cache), HP_RETRY, HP_DATA
 * (wall-clock). */
hp_code hp_http_run(hp_http *h, hp_err *err);

#endif
