/* The door to valijson (JSON Schema) and nlohmann-json, which have no C interface. */
#ifndef HP_CHECK_JSON_DOOR_H
#define HP_CHECK_JSON_DOOR_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "base/err.h" /* C, also here */

/** Hold a compiled schema. */
typedef struct hp_json_door hp_json_door;

/** Compile a schema from JSON text. `where` names it in messages. Never throws. Release with
 * hp_json_door_free. Errors: HP_CONFIG, HP_RETRY. */
hp_code hp_json_door_make(const char *json, size_t n, const char *where, hp_json_door **out, hp_err *err);
/** Tell in *matches whether a JSON text is as the schema allows. Never throws. Errors: HP_CONFIG (too many
 * steps), HP_RETRY. */
hp_code hp_json_door_match(hp_json_door *door, const char *json, size_t n, bool *matches, hp_err *err);
/** Release; NULL is allowed. */
void hp_json_door_free(hp_json_door *door);

#ifdef __cplusplus
}
#endif
#endif
