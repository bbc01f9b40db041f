/* Lineage of the commands that make data: they say when they begin and how they end. Whatever goes wrong with
 * it is a warning; no run fails for it. */
#ifndef HP_CLI_LINEAGE_H
#define HP_CLI_LINEAGE_H

#include "cli/cli.h"
#include "ops/lineage/deliver.h"
#include "ops/lineage/graph.h"

/** Hold where lineage goes; texts live in the arena of the call. */
typedef struct hp_cli_lineage {
    bool on; /**< the run is recorded */
    hp_str dir;
    const char *url; /**< NULL: nothing is sent */
    char id[37];
} hp_cli_lineage;

/** Say what begins. */
typedef struct hp_cli_run {
    const char *command, *profile;
    const char *input; /**< file that will be read; NULL when that is not known yet */
    bool parent;       /**< processes that it starts get it as their parent (OPENLINEAGE_PARENT_ID) */
    bool dry;          /**< nothing will be written: nothing is recorded */
} hp_cli_run;

/** Find where lineage goes: the state directory, and the server. Errors: HP_CONFIG (no place for state). */
hp_code hp_cli_lineage_where(hp_cli *c, hp_cli_lineage *out, hp_err *err);
/** Record that a run begins. */
void hp_cli_lineage_begin(hp_cli *c, const hp_cli_run *r, hp_cli_lineage *out);
/** Record that a run is complete, with its document (docs/reference/run-json.md). */
void hp_cli_lineage_complete(hp_cli *c, hp_cli_lineage *l, const hp_buf *doc);
/** Record that a run failed; `doc` may be NULL, `stage` and `message` tell why. */
void hp_cli_lineage_fail(hp_cli *c, hp_cli_lineage *l, hp_code code, const char *stage, hp_str message,
                         const hp_buf *doc);
/** Send what is waiting, for a second and a half at most: when all outputs are there; nothing is sent when
 * hp_cli_offline. What was printed goes out first. Errors: HP_IO (stdout). */
hp_code hp_cli_lineage_send(hp_cli *c, const hp_cli_lineage *l, hp_err *err);
/** Take the key of the server: OPENLINEAGE_API_KEY, MARQUEZ_API_KEY, the secret marquez.api_key; NULL when
 * there is none. Errors: HP_NOPERM, HP_CONFIG (the vault), HP_RETRY. */
hp_code hp_cli_lineage_key(hp_cli *c, hp_secret **out, hp_err *err);

/** Become `hotpass lineage settle` when a run is under way, to record its ABORT; else return. Only what a
 * handler of a signal may call. */
void hp_cli_lineage_signalled(int signal);

/* ---- telling, for cmd_lineage.c ---- */

/** Append the events of a run for people. */
void hp_lineage_tell_run(hp_cli *c, const hp_lineage_row *row, size_t n);
/** Append a line for an event. */
void hp_lineage_tell_row(hp_cli *c, const hp_lineage_row *r);
/** Append a graph as a tree: what it is made of, and what is made of it. */
void hp_lineage_tell_graph(hp_cli *c, const hp_lineage_question *q, const hp_lineage_graph *g);
/** Write a graph as JSON. */
void hp_lineage_json_graph(hp_cli *c, const hp_lineage_graph *g);
/** Format milliseconds since 1970 as ISO 8601, to the second. */
void hp_lineage_time(int64_t ms, char out[21]);

#endif
