/* A directory of lookup tables, asked one after the other: registry snapshots, earlier outputs. */
#ifndef HP_ENRICH_SHELF_H
#define HP_ENRICH_SHELF_H

#include "enrich/table.h"

/** Say what is taken from a directory. */
typedef struct hp_shelf_options {
    const char *folder; /**< in env->home, where the profile names no path */
    const char
        *suffix; /**< makes the source of a file: "sacaa" + "_registry"; NULL = the provider's source */
    bool newest; /**< last name first, and no more than HP_SHELF_NEWEST files */
} hp_shelf_options;

/** How many earlier outputs are asked: names carry the time, the newest know best, and each costs memory. */
#define HP_SHELF_NEWEST 3

/** Open the tables that env->item->path names (a file or a directory), or those of the usual folder. *out
 * stays NULL when there are none. The file being enriched is left out. Errors: HP_NOINPUT (the profile's path
 * is not there), and those of hp_lookup_open. */
hp_code hp_shelf_open(const hp_provider_env *env, const hp_shelf_options *o, void **out, hp_err *err);
/** Ask the tables of a shelf in turn, each only for what none before had; is a provider's `ask`. Errors:
 * HP_RETRY. */
hp_code hp_shelf_ask(void *shelf, const hp_enrich_row *row, size_t n, hp_answers *out, hp_err *err);
/** Release the tables of a shelf; NULL is allowed; is a provider's `close`. */
void hp_shelf_close(void *shelf);

#endif
