/* Local ports: taken before they are needed, and looked at afterwards to see whose they are. */
#ifndef HP_NET_PORTS_H
#define HP_NET_PORTS_H

#include "net/process.h"

/** Take a port of 127.0.0.1 without listening on it: the kernel gives it to nobody else then, but a program
 * that sets SO_REUSEADDR, as ssh does, can still listen there. `wanted` 0 is any. Returns a descriptor that
 * holds it until it is closed, -1 when somebody has it. */
int hp_port_hold(int wanted, int *port);

/** Say who listens on a port of 127.0.0.1. */
typedef enum hp_port_state { HP_PORT_SILENT, HP_PORT_OURS, HP_PORT_OTHERS } hp_port_state;

/** Look who listens on 127.0.0.1:port: nobody, the process `leg` or one of its session (aws starts another
 * program), or somebody else. By /proc/net/tcp and the descriptors of those processes (proc(5)). */
hp_port_state hp_port_look(const hp_process *leg, int port);

#endif
