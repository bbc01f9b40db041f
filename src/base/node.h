/* Making nodes of documents, and writing them as JSON: what a program answers, in the form in which documents
 * are read (base/doc.h). */
#ifndef HP_BASE_NODE_H
#define HP_BASE_NODE_H

#include "base/doc.h"
#include "base/json.h"

/* All of these return NULL when out of memory, and take NULL for what could not be made, so that a tree can
 * be built first and looked at once. */

/** Make a number: whole ones without a fraction, infinities and NaN as null. */
hp_node *hp_node_number(hp_arena *a, double x);
/** Make a text, copied. */
hp_node *hp_node_words(hp_arena *a, hp_str text);
/** Make a plain word (true, 12.50), copied. */
hp_node *hp_node_plain(hp_arena *a, hp_str text);
/** Make a null. */
hp_node *hp_node_null(hp_arena *a);
/** Make an empty list or map with room for n. */
hp_node *hp_node_make(hp_arena *a, hp_node_kind kind, size_t n);
/** Append to a list that has room; NULL when list or item is. */
hp_node *hp_node_push(hp_node *list, hp_node *item);
/** Put into a map that has room; NULL when map or value is. */
hp_node *hp_node_put(hp_arena *a, hp_node *map, const char *key, hp_node *value);
/** Make a list of numbers. */
hp_node *hp_node_numbers(hp_arena *a, const double *x, size_t n);
/** Write a node as JSON. */
void hp_node_json(hp_json *j, const hp_node *n);
/** Tell whether a text is a number as JSON writes it. */
bool hp_is_json_number(hp_str s);

#endif
