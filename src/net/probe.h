/* Probes: whether the service behind a forward answers as that service does. */
#ifndef HP_NET_PROBE_H
#define HP_NET_PROBE_H

#include "net/ssh_args.h"

/** Ask the service behind 127.0.0.1:f->local once. Prefect: GET /api/health answers 200 and `true`. Marquez:
 * GET /api/v1/namespaces answers 200 and an object with `namespaces`. Others: a TCP connection that is still
 * open after half a second, since ssh accepts before it knows of the far end, and closes when that refuses.
 * No proxy of the environment is used, no redirect followed. Errors: HP_UNAVAILABLE in words, HP_CONFIG
 * (libcurl is not installed), HP_RETRY. */
hp_code hp_probe(const hp_forward *f, int timeout_ms, hp_err *err);

#endif
