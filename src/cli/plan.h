/* hotpass plan research: what its parts share. cmd_plan_research.c gathers, plan_steps.c looks what lies here
 * already and says the plan in JSON. */
#ifndef HP_CLI_PLAN_H
#define HP_CLI_PLAN_H

#include "base/vec.h"
#include "cli/research.h"
#include "net/cache.h"
#include "refine/enrichment.h"

/** Hold the first request that a provider would make for a row. */
typedef struct hp_plan_request {
    hp_str provider, url, entity, slug;
    size_t row; /**< of the table; SIZE_MAX = none */
    hp_field_set wanted;
    bool cached;
} hp_plan_request;

/** Hold a document about the one organisation that lies in the state directory. */
typedef struct hp_plan_shelf {
    hp_str name;      /**< of the authority; empty for the snapshot */
    hp_str path, url; /**< the document; the authority's address */
    bool there;
    hp_str problem; /**< why it cannot be read; empty = it can */
} hp_plan_shelf;

/** Hold the plan. */
typedef struct hp_plan {
    hp_cli *c;
    hp_profile *profile;
    hp_gate gate;
    hp_netcache *cache;
    hp_enrichment done; /**< of the dataset, or of the entity; nothing of it is written */
    bool ran;
    hp_str entity;         /**< --entity; empty = none */
    size_t only;           /**< row asked for; SIZE_MAX = all */
    hp_str slug;           /**< asked for; empty = all */
    const hp_table *sheet; /**< of the one row */
    size_t row;            /**< the one row asked for; SIZE_MAX = all are meant */
    HP_VEC(hp_plan_request) list;
    HP_VEC(hp_plan_shelf) shelf;
    bool shelf_error;
    uint64_t began; /**< hp_clock_mono */
} hp_plan;

/** Look for what lies here about the one organisation: a snapshot, documents of the profile's authorities.
 * What cannot be read is noted, no error. Errors: HP_RETRY. */
hp_code hp_plan_shelves(hp_plan *p, hp_err *err);
/** Say the plan to programs. */
void hp_plan_json(hp_plan *p);

#endif
