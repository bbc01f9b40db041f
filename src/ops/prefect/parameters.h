/* Parameters of a flow run as arguments of the program: built whole, and held to a table. */
#ifndef HP_OPS_PREFECT_PARAMETERS_H
#define HP_OPS_PREFECT_PARAMETERS_H

#include "base/arena.h"
#include "base/doc.h"

/** Hold a command line; p ends in NULL. Lives in an arena. */
typedef struct hp_prefect_argv {
    const char **p;
    size_t n;
} hp_prefect_argv;

/** Make the command line for a run of a flow (hotpass-refine, hotpass-enrich, hotpass-backfill) with its
 * parameters, a map of names to values. A name is that of an option with _ for -; a list stands for an option
 * given several times, null for one not given. Every value is one word behind its --name=, so that none can
 * be an option or end one. Errors: HP_CONFIG (an unknown flow or parameter, with the nearest; a value of the
 * wrong kind, with a control character, too long), HP_RETRY. */
hp_code hp_prefect_arguments(hp_arena *a, hp_str flow, const hp_node *parameters, hp_prefect_argv *out,
                             hp_err *err);
/** Tell whether a run of a flow takes a parameter of this name, by the same table; of flows that are none of
 * hotpass's nothing is known, and any name will do. Errors: HP_CONFIG, with the nearest. */
hp_code hp_prefect_takes(hp_str flow, hp_str name, hp_err *err);

#endif
