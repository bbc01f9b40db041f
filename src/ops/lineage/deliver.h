/* Delivery: events of the store are posted to Marquez or another receiver of OpenLineage, oldest first, one
 * after the other over one connection, so that the order within a run is kept. At least once: an event counts
 * as delivered when the server has said so. One of which the answer was lost is asked for first (Marquez: GET
 * /api/v1/jobs/runs/ID), so that it does not arrive twice. */
#ifndef HP_OPS_LINEAGE_DELIVER_H
#define HP_OPS_LINEAGE_DELIVER_H

#include "base/secret.h"
#include "ops/lineage/store.h"

/** Say where to. Texts and secret are the caller's. */
typedef struct hp_lineage_target {
    const char *url;      /**< root of the server; a path /api/v1 or /api/v1/lineage at its end is dropped */
    const char *endpoint; /**< path below it; NULL = api/v1/lineage */
    const hp_secret *key; /**< bearer token; NULL = none */
    int stop_fd;          /**< ends the delivery when it can be read; -1 = none */
} hp_lineage_target;

/** Tell how a delivery went. */
typedef struct hp_lineage_report {
    size_t delivered, rejected;
    bool busy;      /**< another process delivers right now: nothing was done */
    int64_t wait;   /**< ms until the server may be asked again: nothing was done; 0 = it was asked */
    char note[200]; /**< why it ended before all was sent; empty when all was */
} hp_lineage_report;

/** Deliver until nothing is left, the server says no, or `ms` have passed. `now` asks a server again that
 * failed a moment ago. What the server or the network does is no error but told. Errors: HP_CONFIG (the URL),
 * HP_IO and HP_RETRY (the store), HP_SIGINT, HP_SIGTERM (stop_fd). */
hp_code hp_lineage_deliver(hp_lineage_store *s, const char *dir, const hp_lineage_target *to, int64_t ms,
                           bool now, hp_lineage_report *out, hp_err *err);
/** Return how long one waits after so many failures in a row: ten seconds, doubled each time, ten minutes at
 * most, of which a part between a half and the whole is taken by `random`. */
int64_t hp_lineage_backoff(int64_t failures, uint64_t random);
/** Say what a status of the answer to a post makes of an event. 500 is LATER, though it may be the event's
 * fault. */
hp_lineage_fate hp_lineage_judge(long status);

#endif
