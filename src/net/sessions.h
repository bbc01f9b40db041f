/* Recorded tunnels: net.json in the state directory, and whether the processes it names still live. Reads
 * only. */
#ifndef HP_NET_SESSIONS_H
#define HP_NET_SESSIONS_H

#include "base/arena.h"

/** Name the file of recorded tunnels. */
#define HP_NET_FILE "net.json"

/** Hold a recorded tunnel. */
typedef struct hp_net_session {
    hp_str label;
    int64_t pid;      /**< 0 = it was not detached, so nobody can tell */
    const char *gone; /**< why its process is not the one that was recorded; NULL when it may be */
    int64_t prefect_port, marquez_port; /**< local; 0 = not forwarded */
} hp_net_session;

/** Read the recorded tunnels, oldest first; no file is none. A process is told by its number, its start and
 * the boot, as far as they are recorded. Errors: HP_CONFIG (no list of sessions), HP_IO, HP_RETRY. */
hp_code hp_net_sessions(hp_arena *a, const char *state_dir, hp_net_session **out, size_t *n, hp_err *err);

/** Return the address of Prefect's API, or of Marquez, through the latest tunnel that lives, and (`label` may
 * be NULL) that tunnel's label; empty when there is none. Errors: p is NULL when out of memory. */
hp_str hp_net_sessions_url(hp_arena *a, const hp_net_session *s, size_t n, bool prefect, hp_str *label);

#endif
