/* Questions to the store: what a dataset or a column is made of, and what is made of it. Nobody else is
 * asked. */
#ifndef HP_OPS_LINEAGE_GRAPH_H
#define HP_OPS_LINEAGE_GRAPH_H

#include "ops/lineage/store.h"

/** Hold a dataset, a column of one, or a job. */
typedef struct hp_lineage_node {
    bool job;
    hp_str ns, name;
    hp_str field; /**< of a column; else empty */
    hp_str run;   /**< of a job: the run that is meant */
    int layer;    /**< steps from the one that was asked about; below 0 upstream */
} hp_lineage_node;

/** Say that one flows into another. */
typedef struct hp_lineage_edge {
    size_t from, to;
    hp_str how; /**< of columns: "TRANSFORMATION" ...; else empty */
} hp_lineage_edge;

/** Hold a graph; lives in an arena. The first node is the one that was asked about. */
typedef struct hp_lineage_graph {
    hp_lineage_node *node;
    size_t nnode;
    hp_lineage_edge *edge;
    size_t nedge;
    bool cut; /**< there is more than the limit lineage-nodes */
} hp_lineage_graph;

/** Say what is asked. */
typedef struct hp_lineage_question {
    hp_str dataset; /**< its name, a path of it, or the end of its name */
    hp_str column;  /**< empty: the whole dataset; "Sheet!Header", or "Header" alone where that is clear */
    bool up, down;
    int depth; /**< datasets away at most; 0 = all */
} hp_lineage_question;

/** Answer from the last run that wrote each dataset. Errors: HP_NOINPUT (no such dataset or column, with
 * those that are like it), HP_USAGE (several are meant), HP_IO, HP_RETRY. */
hp_code hp_lineage_graph_make(hp_lineage_store *s, hp_arena *a, const hp_lineage_question *q,
                              hp_lineage_graph *out, hp_err *err);
/** Append a graph in the language of Graphviz (https://graphviz.org/doc/info/lang.html). */
void hp_lineage_dot(const hp_lineage_graph *g, hp_buf *out);
/** Append a graph as SVG 1.1, one layer a column, from left to right. */
void hp_lineage_svg(const hp_lineage_graph *g, hp_arena *a, hp_buf *out);

#endif
