/* What the commands of `hotpass net` share. */
#ifndef HP_CLI_NET_H
#define HP_CLI_NET_H

#include "cli/cli.h"
#include "net/tunnel.h"

/** Fill a tunnel from the command line, and from the configuration where that says nothing. Errors: HP_USAGE,
 * HP_CONFIG, HP_RETRY. */
hp_code hp_net_read(hp_cli *c, const char *dir, hp_tunnel *t, hp_err *err);
/** Bring the tunnel of the command line up, under a label that is made if none was given. Errors: as
 * hp_tunnel_up. */
hp_code hp_net_up(hp_cli *c, const char *dir, hp_tunnel *t, const char *prefix, bool detach, int stop_fd,
                  hp_err *err);
/** Block INT, TERM and HUP, and return a descriptor that tells of them. Errors: HP_IO. */
hp_code hp_net_signals(int *fd, hp_err *err);
/** Find the local port of a service; 0 when the tunnel has none of it. */
int hp_net_port(const hp_tunnel *t, hp_service s);
/** Write the forwards of a tunnel as a JSON array. `reach` (may be NULL) has NULL for each that answers, else
 * why it does not. */
void hp_net_forwards(hp_json *j, const hp_tunnel *t, const char *const *reach);

#endif
