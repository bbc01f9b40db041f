/* Recorded tunnels: net.json in the state directory, and whether the processes it names still live. Reads
 * only. */
#ifndef HP_NET_SESSIONS_H
#define HP_NET_SESSIONS_H

#include "net/process.h"

/** Name the file of recorded tunnels. */
#define HP_NET_FILE "net.json"

/** Hold a recorded tunnel. */
typedef struct hp_net_session {
    hp_str label;
    hp_process who;   /**< its process; only the number where `gone` */
    const char *gone; /**< why it is not held to live; NULL when its process is the one that was recorded */
    int64_t prefect_port, marquez_port; /**< local; 0 = not forwarded */
} hp_net_session;

/** Read the recorded tunnels, oldest first; no file is none. A process is told by its number, its start and
 * the boot, all of which must be recorded: a bare number is nobody. Errors: HP_CONFIG (no list of sessions),
 * HP_NOPERM (others may write it: hp_owner_check), HP_IO, HP_RETRY. */
hp_code hp_net_sessions(hp_arena *a, const char *state_dir, hp_net_session **out, size_t *n, hp_err *err);

/** Return the address of Prefect's API, or of Marquez, through the latest tunnel that lives, and (`from` may
 * be NULL) that tunnel; empty, and `from` as it was, when there is none. Errors: p is NULL when out of
 * memory. */
hp_str hp_net_sessions_url(hp_arena *a, const hp_net_session *s, size_t n, bool prefect,
                           const hp_net_session **from);
/** Tell whether the tunnel's own process listens on its local port of Prefect, or of Marquez: nothing secret
 * goes to a port that is not proved to be its. */
bool hp_net_session_holds(const hp_net_session *s, bool prefect);

#endif
