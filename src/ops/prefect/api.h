/* Prefect: requests to its REST interface (version 3, base URL ends in /api), answers as documents, refusals
 * in words. Shapes: the server's own /openapi.json; what is not written there was seen with Prefect 3.8. */
#ifndef HP_OPS_PREFECT_API_H
#define HP_OPS_PREFECT_API_H

#include "base/json.h"
#include "base/node.h"
#include "net/endpoint.h"

/** Say where the interface is and how one proves who one is. Texts live in an arena, the secret is locked
 * memory; release with hp_prefect_where_free. ops/prefect/where.h finds it out. */
typedef struct hp_prefect_where {
    hp_str url;  /**< "http://127.0.0.1:4200/api", NUL-terminated */
    hp_str from; /**< who said the URL: "--api-url", "PREFECT_API_URL", "hotpass.yaml:3:5", "profile local" */
    hp_endpoint_auth auth;
    hp_secret *secret;   /**< a key (bearer) or user:password (basic); NULL = none */
    hp_str secret_from;  /**< who said it */
    const char *ca_file; /**< certificates to trust instead of the system's; NULL = the system's */
} hp_prefect_where;

/** Talk to one server. Not thread-safe: one for each thread. */
typedef struct hp_prefect hp_prefect;

/** Make a client; opens nothing yet. `where` outlives it. `stop_fd` is a signalfd that ends a request at
 * once, -1 = none. Errors: HP_CONFIG (the URL), HP_RETRY. */
hp_code hp_prefect_open(const hp_prefect_where *where, int stop_fd, hp_prefect **out, hp_err *err);
/** Close the connection and release everything; NULL is allowed. */
void hp_prefect_close(hp_prefect *p);
/** Return the address of the interface, for messages. */
hp_str hp_prefect_url(const hp_prefect *p);
/** Wait `ms` milliseconds or until a signal came. Errors: HP_SIGINT, HP_SIGTERM. */
hp_code hp_prefect_pause(const hp_prefect *p, uint32_t ms, hp_err *err);

/** Describe a request. */
typedef struct hp_prefect_ask {
    const char *method; /**< "GET", "POST", "PATCH", "DELETE" */
    hp_str path;        /**< behind the base URL, percent-encoded: "/flows/" (mind the last slash) */
    hp_str body;        /**< JSON; p NULL = none */
    const char *what;   /**< what is asked for, for messages: "deployment hotpass-refine" */
    long allow[3];      /**< statuses from 400 on that are no errors to the caller: 404, 409, 423 */
    bool once; /**< would do harm when done twice: not sent again when the connection broke in the middle */
    uint32_t deadline_ms; /**< with all attempts; 0 = 30 s */
} hp_prefect_ask;

/** Hold an answer. */
typedef struct hp_prefect_answer {
    long status;
    hp_node *json; /**< in the arena of the call; NULL when there is no body */
} hp_prefect_answer;

/** Ask, and read the answer into arena `a`. 429, 5xx and broken connections are tried again. Errors:
 * HP_NOPERM (401, 403), HP_NOINPUT (404), HP_CANTCREAT (409), HP_CONFIG (422, with the place in the body; a
 * redirect), HP_RETRY (423, memory), HP_UNAVAILABLE (no answer, 429 and 5xx to the end, no JSON), HP_SIGINT,
 * HP_SIGTERM. */
hp_code hp_prefect_call(hp_prefect *p, hp_arena *a, const hp_prefect_ask *ask, hp_prefect_answer *out,
                        hp_err *err);

/** Return a member as text, or "" when it is absent, null or no text. */
hp_str hp_prefect_text(const hp_node *n, const char *key);
/** Return a member as a whole number, or `otherwise`. */
int64_t hp_prefect_whole(const hp_node *n, const char *key, int64_t otherwise);
/** Return a member as a boolean, or false. */
bool hp_prefect_flag(const hp_node *n, const char *key);
/** Format a path with parts percent-encoded: each %s of `fmt` takes an hp_str. Returns p NULL when out of
 * memory. */
hp_str hp_prefect_path(hp_arena *a, const char *fmt, const hp_str *part, size_t n);

/* ---- states ---- */

/** Describe a state to set. */
typedef struct hp_prefect_state {
    const char *type; /**< "RUNNING", "COMPLETED", "FAILED", "CANCELLED", "SCHEDULED" ... */
    const char *name; /**< "AwaitingRetry"; NULL = the type's own */
    hp_str message;   /**< empty = none */
    hp_str scheduled; /**< of a SCHEDULED state: "2026-11-27T06:00:00Z"; empty = now */
    bool force;       /**< set it whatever the rules of the server say */
} hp_prefect_state;

/** Say what the server made of it. It answers 201 also when it refuses. */
typedef enum hp_prefect_verdict {
    HP_PREFECT_ACCEPT,
    HP_PREFECT_REJECT, /**< the run has another state now, see type */
    HP_PREFECT_ABORT,  /**< nothing was changed, and is not to be tried again */
    HP_PREFECT_WAIT    /**< ask again after delay_s */
} hp_prefect_verdict;

/** Hold the answer to setting a state; texts live in the arena of the call. */
typedef struct hp_prefect_state_answer {
    hp_prefect_verdict verdict;
    hp_str type, name; /**< of the state that the run has now */
    hp_str message;    /**< the state's */
    hp_str reason;     /**< why not, of REJECT, ABORT, WAIT */
    int64_t delay_s;   /**< of WAIT */
    hp_str lease;      /**< id of a concurrency lease that has to be renewed; empty = none */
} hp_prefect_state_answer;

/** Set the state of a flow run (`kind` "flow_runs") or task run ("task_runs"). Errors: as hp_prefect_call. */
hp_code hp_prefect_set_state(hp_prefect *p, hp_arena *a, const char *kind, hp_str id,
                             const hp_prefect_state *state, hp_prefect_state_answer *out, hp_err *err);
/** Tell whether a state type is an end: COMPLETED, FAILED, CRASHED, CANCELLED. */
bool hp_prefect_ended(hp_str type);

#endif
