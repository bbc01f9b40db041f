/* Documents: YAML and JSON files as one tree of nodes that know their line and column. */
#ifndef HP_BASE_DOC_H
#define HP_BASE_DOC_H

#include "base/arena.h"

/** Name the kinds of node. */
typedef enum hp_node_kind { HP_NODE_NULL, HP_NODE_SCALAR, HP_NODE_LIST, HP_NODE_MAP } hp_node_kind;

/** Hold one node of a document; lives in the arena it was read into. Scalars keep their text as written
 * ("0.85", "true", "007"); `quoted` tells a text from a plain word. Map entries keep the file's order. */
typedef struct hp_node {
    hp_node_kind kind;
    int line, column; /**< 1-based place in the file */
    bool quoted;
    hp_str text;           /**< of a scalar */
    size_t n;              /**< items of a list, entries of a map */
    struct hp_node **item; /**< items of a list, values of a map */
    struct hp_node **key;  /**< scalar keys of a map; NULL for a list */
} hp_node;

/** Read a YAML 1.2 document (libfyaml) from bytes; `name` is the file name for messages. Duplicate keys,
 * several documents, aliases beyond `HP_LIMIT_DOC_NODES` nodes and nesting beyond 64 are errors. Errors:
 * HP_CONFIG with name:line:column. */
hp_code hp_yaml_read(hp_arena *a, hp_str bytes, const char *name, hp_node **out, hp_err *err);
/** Read a JSON document (jansson checks it, the nodes carry places). Errors: HP_CONFIG with name:line:column.
 */
hp_code hp_json_read(hp_arena *a, hp_str bytes, const char *name, hp_node **out, hp_err *err);
/** Read a file by its suffix: .json as JSON, else YAML. Errors: HP_CONFIG, HP_NOINPUT, HP_IO. */
hp_code hp_doc_read(hp_arena *a, const char *path, hp_node **out, hp_err *err);

/** Find the value of a key in a map node; NULL when absent or `n` is no map. */
hp_node *hp_node_get(const hp_node *n, const char *key);
/** Read a scalar as text, number, integer or boolean (true/false/yes/no/on/off); false when it is not one. */
bool hp_node_text(const hp_node *n, hp_str *out);
/** Read a scalar as a floating-point number. */
bool hp_node_f64(const hp_node *n, double *out);
/** Read a scalar as an integer. */
bool hp_node_i64(const hp_node *n, int64_t *out);
/** Read a scalar as a boolean. */
bool hp_node_bool(const hp_node *n, bool *out);
/** Return the name nearest to `word` among `names` (edit distance at most a third of the longer one, at least
 * 1), or NULL: for "did you mean". */
const char *hp_nearest(hp_str word, const char *const *names, size_t n);

#endif
