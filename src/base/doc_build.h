/* Private to base/doc*.c: builds the tree of hp_node from the events of a YAML or JSON reader. */
#ifndef HP_BASE_DOC_BUILD_H
#define HP_BASE_DOC_BUILD_H

#include "base/doc.h"
#include "base/vec.h"

/* Hand-written documents nest four or five deep; the cap keeps recursive walkers of the tree safe. */
enum { HP_DOC_DEPTH = 64, HP_DOC_ANCHORS = 256 };

/** Hold a container that is still open. */
typedef struct hp_doc_frame {
    hp_node *node;
    HP_VEC(hp_node *) item;
    HP_VEC(hp_node *) key;
    size_t nodes_before; /**< nodes of the document when it was opened */
    int height;          /**< levels below it so far */
    size_t anchor;       /**< its anchor, SIZE_MAX = none */
} hp_doc_frame;

/** Hold a node that aliases may repeat. */
typedef struct hp_doc_anchor {
    hp_str name;
    hp_node *node; /**< NULL while its container is open */
    size_t nodes;  /**< nodes it stands for, with those behind its own aliases */
    int height;
} hp_doc_anchor;

/** Hold a document under construction. Zero-initialise but for arena, name and err; release with
 * hp_doc_build_free. */
typedef struct hp_doc_build {
    hp_arena *arena;
    const char *name;
    hp_err *err;
    hp_node *root;
    size_t nodes;
    int depth;
    hp_doc_frame frame[HP_DOC_DEPTH];
    size_t anchors;
    hp_doc_anchor anchor[HP_DOC_ANCHORS];
} hp_doc_build;

/** Fail with HP_CONFIG and "name:line:column: ..." in front of a printf-formatted message. */
#define HP_DOC_FAIL(b, line, column, fmt, ...) \
    hp_fail((b)->err, HP_CONFIG, "%s:%d:%d: " fmt, (b)->name, (line), (column), ##__VA_ARGS__)

/** Fail with HP_CONFIG at the first byte that is NUL or not UTF-8. */
hp_code hp_doc_check_bytes(hp_doc_build *b, hp_str bytes);
/** Add a scalar (copied) to the innermost container, as a key or value by turn. `anchor` may be empty. */
hp_code hp_doc_scalar(hp_doc_build *b, hp_node scalar, hp_str anchor);
/** Open a list or map. */
hp_code hp_doc_open(hp_doc_build *b, hp_node container, hp_str anchor);
/** Close the innermost container, checking a map's keys. */
hp_code hp_doc_close(hp_doc_build *b);
/** Add the node of an anchor once more. */
hp_code hp_doc_alias(hp_doc_build *b, hp_str anchor, int line, int column);
/** Hand out the finished root; a document without content is a null node. */
hp_code hp_doc_finish(hp_doc_build *b, hp_node **out);
/** Release what only the construction needed. */
void hp_doc_build_free(hp_doc_build *b);

#endif
