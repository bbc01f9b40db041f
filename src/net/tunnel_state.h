/* What is known of tunnels: an SQLite file that several invocations may use at once and that survives being
 * killed at any point, and beside it net.json in the reference system's form, for scripts that read that. */
#ifndef HP_NET_TUNNEL_STATE_H
#define HP_NET_TUNNEL_STATE_H

#include "net/process.h"
#include "net/ssh_args.h"

/** Say how far a tunnel has come. */
typedef enum hp_tunnel_stage {
    HP_TUNNEL_STARTING, /**< its owner is about to prove it */
    HP_TUNNEL_UP,       /**< it was proved */
    HP_TUNNEL_FAILED    /**< its keeper gave up */
} hp_tunnel_stage;

/** Hold one process of a tunnel and what it was started as. */
typedef struct hp_leg {
    hp_process who;
    char digest[65]; /**< SHA-256 of its argv, each word with its NUL, in hex */
} hp_leg;

/** Describe a recorded tunnel. */
typedef struct hp_tunnel {
    hp_str label;
    hp_tunnel_plan plan;
    hp_tunnel_stage stage;
    hp_leg *leg; /**< hp_plan_legs of them */
    size_t nleg;
    hp_process
        owner; /**< who holds it and ends it: `up` until it is proved, `lease` and `run` to their end */
    hp_process keeper; /**< who restarts or ends it in the background; nobody if there is none */
    int64_t created;   /**< seconds since 1970 */
    int64_t expires;   /**< the same; 0 = never */
    bool reconnect;
    int64_t restarts;
    hp_str note; /**< what its keeper has to say; "" if nothing */
} hp_tunnel;

/** Hold the open state file. */
typedef struct hp_net_state hp_net_state;

/** Find the directory of hotpass's state: HOTPASS_STATE_DIR; else .hotpass of the nearest directory, from
 * here upwards, that has it or has a hotpass.yaml; else $XDG_STATE_HOME/hotpass, ~/.local/state/hotpass.
 * Absolute, NUL-terminated, in the arena; makes nothing. Errors: HP_CONFIG, HP_RETRY. */
hp_code hp_state_dir(hp_arena *a, hp_str *out, hp_err *err);

/** Open the state in the directory `dir`, making both if they are absent (mode 0700). Errors: HP_NOPERM
 * (they, the pinned keys or the state are somebody else's: hp_owner_check), HP_CANTCREAT, HP_IO, HP_RETRY. */
hp_code hp_net_state_open(const char *dir, hp_net_state **out, hp_err *err);
/** Close it, giving up what was not committed; NULL is allowed. */
void hp_net_state_close(hp_net_state *s);
/** Begin to change it: nobody else can until hp_net_state_commit or _close. Errors: HP_RETRY (others take too
 * long), HP_IO. */
hp_code hp_net_state_begin(hp_net_state *s, hp_err *err);
/** Finish: writes net.json anew, then makes the changes count. Errors: HP_IO. */
hp_code hp_net_state_commit(hp_net_state *s, hp_err *err);
/** Give the changes up. */
void hp_net_state_rollback(hp_net_state *s);
/** List the tunnels, oldest first, in the arena. Errors: HP_IO, HP_RETRY. */
hp_code hp_net_state_list(hp_net_state *s, hp_arena *a, hp_tunnel **out, size_t *n, hp_err *err);
/** Find one by its label; NULL when it is not there. Errors: HP_IO, HP_RETRY. */
hp_code hp_net_state_find(hp_net_state *s, hp_arena *a, hp_str label, hp_tunnel **out, hp_err *err);
/** Record a tunnel in place of the one with its label. Errors: HP_IO. */
hp_code hp_net_state_put(hp_net_state *s, const hp_tunnel *t, hp_err *err);
/** Forget a tunnel. Errors: HP_IO. */
hp_code hp_net_state_drop(hp_net_state *s, hp_str label, hp_err *err);
/** Return the name of a file in the tunnels' own directory: "known_hosts", "LABEL.log". p is NULL when out of
 * memory. */
hp_str hp_net_file(hp_arena *a, const char *dir, hp_str stem, const char *suffix);

#endif
