/* Private to src/ops/lineage: writing facets and what stands in them. */
#ifndef HP_OPS_LINEAGE_FACET_H
#define HP_OPS_LINEAGE_FACET_H

#include "base/json.h"
#include "ops/lineage/event.h"

/** Begin a facet: its key, the object, _producer and _schemaURL. `schema` is "1-0-1/ParentRunFacet". End it
 * with hp_json_object_end. */
void hp_facet(hp_json *j, const hp_lineage_run *r, const char *key, const char *schema);
/** Write a member that is a text. */
void hp_facet_text(hp_json *j, const char *key, hp_str v);
/** Write a member that is the whole number of a node; nothing when it is none. */
void hp_facet_number(hp_json *j, const char *key, const hp_node *n);
/** Return the text of a member of a map; empty when it has none. */
hp_str hp_facet_get(const hp_node *map, const char *key);

/** Write the members "inputs" and "outputs" of an event. */
void hp_lineage_datasets(hp_json *j, const hp_lineage_run *r, hp_lineage_type type, const hp_node *doc);

#endif
