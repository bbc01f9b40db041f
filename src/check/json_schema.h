/* JSON in cells: whether it is JSON at all, and whether a JSON Schema allows it. */
#ifndef HP_CHECK_JSON_SCHEMA_H
#define HP_CHECK_JSON_SCHEMA_H

#include "base/doc.h"

/** Tell whether a text is JSON as Python's json.loads takes it: RFC 8259, any value at the top, and besides
 * it NaN, Infinity and -Infinity. Nesting beyond 1,000 is none. Allocates nothing. */
bool hp_json_is(hp_str text);

/** Hold a compiled JSON Schema (drafts 4, 6 and 7). One thread at a time. */
typedef struct hp_json_schema hp_json_schema;

/** Compile a schema given as a node of the suite. `format` is a note, as in Python's jsonschema without a
 * format checker; references stay within the schema ("#/definitions/x"). `where` names the expectation in
 * messages. Release with hp_json_schema_free. Errors: HP_CONFIG (no schema, references elsewhere or in
 * circles, bad patterns), HP_RETRY. */
hp_code hp_json_schema_compile(const hp_node *schema, const char *where, hp_json_schema **out, hp_err *err);
/** Tell in *matches whether a text is JSON that the schema allows. Errors: HP_CONFIG (a pattern takes too
 * many steps), HP_RETRY. */
hp_code hp_json_schema_match(hp_json_schema *s, hp_str text, bool *matches, hp_err *err);
/** Release; NULL is allowed. */
void hp_json_schema_free(hp_json_schema *s);

#endif
