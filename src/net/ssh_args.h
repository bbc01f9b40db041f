/* Command lines of tunnels, built whole: nothing of the user's ssh configuration takes part, and nothing that
 * was typed can become an option. */
#ifndef HP_NET_SSH_ARGS_H
#define HP_NET_SSH_ARGS_H

#include "base/arena.h"
#include "base/buf.h"

/** Cap the forwards of one tunnel: each is a port, a probe, and words on a command line. */
#define HP_FORWARDS_MAX 32

/** Say by what a tunnel goes. */
typedef enum hp_via {
    HP_VIA_SSH, /**< `ssh -L` to a bastion; all forwards share one process */
    HP_VIA_SSM  /**< `aws ssm start-session` through an instance; a process for each forward */
} hp_via;

/** Say how a service is asked whether it is there. */
typedef enum hp_service { HP_SERVICE_TCP, HP_SERVICE_PREFECT, HP_SERVICE_MARQUEZ } hp_service;

/** Describe one forward: 127.0.0.1:local here goes to host:port as seen from the far end. */
typedef struct hp_forward {
    hp_str name; /**< "prefect", "marquez" or what --forward calls it */
    hp_str host;
    int port;
    int local; /**< 0 = not chosen yet */
    bool any;  /**< no number was asked for: any free port will do */
    hp_service service;
} hp_forward;

/** Describe a tunnel. Texts are NUL-terminated, NULL where nothing was said. */
typedef struct hp_tunnel_plan {
    hp_via via;
    const char *host;        /**< the bastion; with ssm the instance */
    const char *user;        /**< NULL: ssh's own choice, the login name */
    int port;                /**< of the bastion; 0 = 22 */
    const char *identity;    /**< private key file; NULL: ssh's own names */
    const char *known_hosts; /**< file with the pinned keys */
    const char *ssh_config;  /**< the only configuration file that ssh reads; NULL: none */
    const char *jump;        /**< [user@]host[:port] to go through first */
    bool accept_new;         /**< pin the key of a host never seen before, without asking */
    hp_forward *forward;
    size_t nforward;
} hp_tunnel_plan;

/** Check a host: a name of letters, digits, dots, hyphens and underscores that begins with a letter or digit
 * (RFC 1123, and underscores since they are met), an IPv4 address, or an IPv6 address, perhaps in brackets,
 * which are taken off. `what` names it in messages. Errors: HP_USAGE. */
hp_code hp_host_check(hp_str host, const char *what, hp_str *out, hp_err *err);
/** Check a login name: letters, digits, `._-` and `@` inside, not beginning with a hyphen. Errors: HP_USAGE.
 */
hp_code hp_user_check(const char *user, hp_err *err);
/** Check a label: letters, digits, `._-`, at most 64, beginning with a letter or digit, since it becomes the
 * name of a file. Errors: HP_USAGE. */
hp_code hp_label_check(const char *label, hp_err *err);
/** Read NAME=HOST:PORT, the host perhaps an IPv6 address in brackets. Errors: HP_USAGE. */
hp_code hp_forward_read(hp_arena *a, const char *text, hp_forward *out, hp_err *err);

/** Check everything in a plan that goes into a command line. Errors: HP_USAGE. */
hp_code hp_plan_check(const hp_tunnel_plan *p, hp_err *err);
/** Return how many processes a plan needs. */
size_t hp_plan_legs(const hp_tunnel_plan *p);
/** Build the argv of process `leg` (NULL-terminated, in the arena). Local ports must be chosen. Errors:
 * HP_USAGE as hp_plan_check, HP_RETRY. */
hp_code hp_plan_argv(hp_arena *a, const hp_tunnel_plan *p, size_t leg, const char *const **out, hp_err *err);
/** Append an argv as a line for a shell, for people to read. */
void hp_argv_show(const char *const *argv, hp_buf *out);
/** Return the word for a way: "ssh-bastion", "ssm". */
const char *hp_via_word(hp_via via);

#endif
