/* Tunnels: brought up until they are proved, looked at, kept, and brought down, with nothing left behind. */
#ifndef HP_NET_TUNNEL_H
#define HP_NET_TUNNEL_H

#include "net/tunnel_state.h"

/** Say how a tunnel is to be brought up. */
typedef struct hp_up_options {
    bool detach;    /**< it outlives us; else it is ours (hp_tunnel.owner) and ends when we do */
    bool auto_port; /**< a port that is taken is replaced by one of the next 20 */
    int wait_ms;    /**< how long it may take until every service has answered */
    int stop_fd;    /**< a signalfd that ends the attempt; -1 = none */
} hp_up_options;

/** Bring a tunnel up. Returns HP_OK only when each local port was seen to belong to our own process and the
 * service behind it answered its probe through the tunnel; otherwise nothing is left behind, neither
 * processes nor ports nor a record. `t` has label, plan, expires and reconnect; the rest is filled in, in the
 * arena. Errors: HP_USAGE (label in use), HP_UNAVAILABLE, HP_NOPERM (login or host key refused), both with
 * ssh's own reason, HP_SIGINT, HP_SIGTERM, HP_IO, HP_RETRY. */
hp_code hp_tunnel_up(const char *dir, hp_arena *a, hp_tunnel *t, const hp_up_options *o, hp_err *err);

/** Bring a tunnel down: its keeper, then its processes, each only if proved to be the one that was started;
 * then its record and log. `ended` (may be NULL) counts the processes that had to be ended. Errors:
 * HP_NOINPUT (no such label), HP_NOPERM (a process of another user), HP_IO, HP_RETRY. */
hp_code hp_tunnel_down(const char *dir, hp_str label, size_t *ended, hp_err *err);

/** Say what has become of a tunnel. */
typedef enum hp_health {
    HP_HEALTH_UP,       /**< its processes run */
    HP_HEALTH_STARTING, /**< somebody is about to prove it */
    HP_HEALTH_KEPT,     /**< its processes are gone, its keeper is about to start them anew */
    HP_HEALTH_DEAD,     /**< its processes are gone */
    HP_HEALTH_ORPHAN    /**< who held it is gone without ending it */
} hp_health;

/** Find out what has become of a tunnel, by the identity of its processes. */
hp_health hp_tunnel_look(const hp_tunnel *t);
/** Return a word for it: "up", "starting", "reconnecting", "dead", "abandoned". */
const char *hp_health_word(hp_health h);

/** Bring down every tunnel that is dead, abandoned or past its time; their labels go into the arena. Errors:
 * as hp_tunnel_down. */
hp_code hp_tunnel_gc(const char *dir, hp_arena *a, hp_str **label, size_t *n, hp_err *err);

/** Keep a tunnel until it is brought down: ends it when its time is over, starts it anew when it dropped, and
 * gives up with a reason in its record. What the keeper process does. Errors: as hp_tunnel_up. */
hp_code hp_tunnel_keep(const char *dir, hp_str label, int stop_fd, hp_err *err);

/** Tell by ssh's own words why it gave up, with what to do. `log` is what it wrote; `port_taken` (may be
 * NULL) tells that the reason is a local port. Pure. Returns HP_OK and leaves `err` if nothing in it is a
 * reason. */
hp_code hp_tunnel_reason(hp_str log, const hp_tunnel_plan *p, bool *port_taken, hp_err *err);

/** Wait `ms` for a signal at a signalfd (-1: none comes). Errors: HP_SIGINT, HP_SIGTERM when one came. */
hp_code hp_stop_wait(int stop_fd, int ms, hp_err *err);

/** Return seconds since 1970 by the machine's clock, whatever fixes the clock of runs. */
int64_t hp_tunnel_now(void);

#endif
