/* TOML, and documents in whatever form their name tells. */
#ifndef HP_BASE_TOML_H
#define HP_BASE_TOML_H

#include "base/doc.h"

/** Read a TOML 1.0 document (toml++): numbers in decimal, whatever their form, dates as RFC 3339 has them.
 * Errors: HP_CONFIG with name:line:column. */
hp_code hp_toml_read(hp_arena *a, hp_str bytes, const char *name, hp_node **out, hp_err *err);
/** Read bytes by the suffix of their name: .json as JSON, .toml as TOML, else YAML. Errors: HP_CONFIG. */
hp_code hp_doc_parse(hp_arena *a, hp_str bytes, const char *name, hp_node **out, hp_err *err);

#endif
