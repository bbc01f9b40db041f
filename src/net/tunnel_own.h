/* What tunnel.c and tunnel_keep.c share. */
#ifndef HP_NET_TUNNEL_OWN_H
#define HP_NET_TUNNEL_OWN_H

#include "net/tunnel.h"

/** Hold what a start needs until the tunnel stands: the ports, and the children that wait. */
typedef struct hp_start {
    int port_fd[HP_FORWARDS_MAX];
    hp_held held[HP_FORWARDS_MAX];
    size_t nport, nheld;
    int64_t log_from; /**< where in the log this start begins */
} hp_start;

/** Choose ports and make the processes of a tunnel, which do not run yet, and record it: within a change of
 * the state. `tied` ends them with us. Errors: HP_UNAVAILABLE (a port is taken), HP_IO, HP_RETRY. */
hp_code hp_start_hold(hp_net_state *s, const char *dir, hp_arena *a, hp_tunnel *t, bool auto_port, bool tied,
                      hp_start *st, hp_err *err);
/** Let the processes run, once they are recorded. */
void hp_start_release(hp_start *st);
/** Close what a start still holds; children that were not let go end. */
void hp_start_close(hp_start *st);
/** Wait until a tunnel is proved. `again` (may be NULL) tells that a port was lost to somebody. Errors: as
 * hp_tunnel_up. */
hp_code hp_tunnel_prove(const char *dir, hp_arena *a, const hp_tunnel *t, const hp_start *st, int wait_ms,
                        int stop_fd, bool *again, hp_err *err);
/** End the processes of a tunnel; false if one could not be ended. `ended` (may be NULL) counts those that
 * still ran. */
bool hp_tunnel_end_legs(const hp_tunnel *t, size_t *ended);
#endif
