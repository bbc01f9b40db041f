/* Paths into JSON answers, as profiles write them: `data.items[0].name`, `results[*].url`, `['odd key']`. A
 * subset of JSONPath (RFC 9535): names, indexes and [*], with or without the leading $. */
#ifndef HP_ENRICH_JSONPATH_H
#define HP_ENRICH_JSONPATH_H

#include "base/doc.h"

/** Hold a path that was read; lives in the arena. */
typedef struct hp_jsonpath hp_jsonpath;

/** Read a path; empty or "$" is the document itself. Errors: HP_CONFIG with what is wrong and where in the
 * path, HP_RETRY. */
hp_code hp_jsonpath_read(hp_arena *a, hp_str text, hp_jsonpath **out, hp_err *err);
/** Find the nodes of a path below `root`, in document order; the first `most` of them go to `out`, the result
 * is how many those are. */
size_t hp_jsonpath_find(const hp_jsonpath *p, const hp_node *root, const hp_node **out, size_t most);
/** Find the first scalar of a path that is not empty; false when there is none. */
bool hp_jsonpath_text(const hp_jsonpath *p, const hp_node *root, hp_str *out);

#endif
