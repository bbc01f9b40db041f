/* Endpoints: a service with an HTTP interface that the user named (a scheduler, a collector, a store of
 * lineage), asked one request at a time over a connection that is kept. Over libcurl.
 *
 * Pages of strangers are the business of net/http.h, behind the gate. A service needs no gate: it is asked
 * because its URL was given. Still every request has a deadline, its answer a cap, the proxy of the
 * environment is not used, redirects are not followed (a key is for the host that it was given for), and
 * addresses where clouds keep their credentials are not connected to. */
#ifndef HP_NET_ENDPOINT_H
#define HP_NET_ENDPOINT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/secret.h"

/** Say how a service proves who asks. */
typedef enum hp_endpoint_auth {
    HP_AUTH_NONE,
    HP_AUTH_BEARER, /**< Authorization: Bearer SECRET (RFC 6750) */
    HP_AUTH_BASIC   /**< the secret is user:password (RFC 7617) */
} hp_endpoint_auth;

/** Say how a service is asked; hp_endpoint_policy_usual gives the defaults. Texts and secret are the
 * caller's, and outlive the service. */
typedef struct hp_endpoint_policy {
    uint32_t attempt_ms;  /**< one attempt, from the connection to the last byte; 10 s */
    uint32_t deadline_ms; /**< a request with its retries and waits; 30 s */
    uint32_t retries;     /**< further attempts after 429, 5xx or a broken connection; 3 */
    uint64_t max_bytes;   /**< of an answer, decompressed or not; 64 MiB */
    hp_endpoint_auth auth;
    const hp_secret *secret;
    const char *ca_file; /**< certificates to trust instead of the system's; NULL = the system's */
    int stop_fd; /**< a request ends at once when this descriptor can be read (a signalfd); -1 = none */
} hp_endpoint_policy;

/** Return the usual policy. */
hp_endpoint_policy hp_endpoint_policy_usual(void);

/** Send part of a file as the body, read while it is sent. */
typedef struct hp_endpoint_file {
    int fd; /**< open for reading; its position is not used */
    uint64_t from, bytes;
} hp_endpoint_file;

/** Append header lines that an attempt needs for itself (a signature holds for some minutes), each "Name:
 * value" and a NUL. An error ends the request. */
typedef hp_code hp_endpoint_sign(void *ctx, hp_buf *lines, hp_err *err);
/** Take a piece of the body of an answer below 300. An error ends the request. */
typedef hp_code hp_endpoint_take(void *ctx, long status, hp_str piece, hp_err *err);

/** Describe a request. Texts need to live only until hp_endpoint_send returns. */
typedef struct hp_endpoint_ask {
    const char *method;        /**< "GET", "POST", "PATCH" ... */
    hp_str path;               /**< appended to the base URL, percent-encoded: "/flows/" */
    const char *type;          /**< of the body; NULL = application/json */
    hp_str body;               /**< nothing is sent when p is NULL */
    const char *const *header; /**< further ones, "Name: value", NULL-terminated; NULL = none */
    bool once; /**< not to be sent again once it may have arrived; else a broken connection is tried again */
    uint32_t deadline_ms; /**< 0 = the policy's */
    uint32_t attempt_ms;  /**< 0 = the policy's */
    uint32_t
        stall_ms; /**< an attempt ends when hardly anything moves for so long (whole seconds); 0 = it may */
    const hp_endpoint_file *file; /**< in place of `body`; NULL = none */
    bool raw;                     /**< the body is wanted as it is kept: no decompression */
    hp_endpoint_sign *sign;       /**< asked before each attempt; NULL = none */
    hp_endpoint_take *take; /**< gets the body of an answer below 300, of any length, in place of the answer's
                               `body`; after a broken connection from the beginning again; NULL = none */
    void *ctx;              /**< of both */
} hp_endpoint_ask;

/** Hold an answer. The views are valid until the next request of the same endpoint. */
typedef struct hp_endpoint_answer {
    long status; /**< whatever the server said, also 4xx and the last 5xx */
    hp_str body;
    unsigned attempts; /**< sent, 1 and more */
} hp_endpoint_answer;

/** Ask an endpoint. Not thread-safe: one for each thread. */
typedef struct hp_endpoint hp_endpoint;

/** Make one for a base URL (http or https, without user name, a slash at its end is dropped); opens nothing
 * yet. Errors: HP_CONFIG (the URL), HP_RETRY. */
hp_code hp_endpoint_new(const char *base, const hp_endpoint_policy *policy, hp_endpoint **out, hp_err *err);
/** Close the connection and release everything; NULL is allowed. */
void hp_endpoint_free(hp_endpoint *s);
/** Return the base URL. */
hp_str hp_endpoint_base(const hp_endpoint *s);
/** Send a request and wait for the answer. Errors: HP_UNAVAILABLE (no answer within the deadline, with the
 * last reason), HP_SIGINT and HP_SIGTERM (stop_fd), HP_DATA (the answer is over max_bytes), HP_RETRY
 * (memory). */
hp_code hp_endpoint_send(hp_endpoint *s, const hp_endpoint_ask *ask, hp_endpoint_answer *out, hp_err *err);
/** Find a header of the last answer, any case; empty when it is not there. Valid until the next request. */
hp_str hp_endpoint_header(const hp_endpoint *s, const char *name);
/** Wait `ms` milliseconds, or until stop_fd can be read. Errors: HP_SIGINT, HP_SIGTERM. */
hp_code hp_endpoint_pause(const hp_endpoint *s, uint32_t ms, hp_err *err);

#endif
