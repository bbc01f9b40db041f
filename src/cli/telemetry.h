/* What commands tell telemetry (ops/telemetry) when they are over. All of it does nothing when it is off. */
#ifndef HP_CLI_TELEMETRY_H
#define HP_CLI_TELEMETRY_H

#include "cli/cli.h"
#include "enrich/site.h"
#include "refine/enrichment.h"
#include "refine/refine.h"

/** Begin, if the configuration and the environment want it and the command line allows a socket
 * (hp_cli_offline): c->telemetry, and TRACEPARENT for children. What
 * cannot be understood is a warning, and telemetry stays off. */
void hp_tell_begin(hp_cli *c);
/** Tell a refine run, one that failed too (`code`). */
void hp_tell_refine(const hp_cli *c, const hp_refine_result *r, hp_code code);
/** Tell an enrichment. */
void hp_tell_enrich(const hp_cli *c, const hp_enrichment *e, hp_code code);
/** Tell a visit of crawl that took `seconds`. */
void hp_tell_crawl(const hp_cli *c, const hp_site *s, double seconds);
/** End, and send what was told, when the command's output is complete. That it cannot be sent is a warning of
 * one line; nothing else comes of it. */
void hp_tell_end(hp_cli *c, hp_code code, const hp_err *err);

#endif
