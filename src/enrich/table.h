/* Lookup tables: a file with a row for each organisation, found by registration number, name or domain. What
 * the providers lookup, registry and history have in common. */
#ifndef HP_ENRICH_TABLE_H
#define HP_ENRICH_TABLE_H

#include "enrich/provider.h"

/** Hold a lookup table; its texts and cells are its own, apart from the run's. */
typedef struct hp_lookup hp_lookup;

/** Say what rows of a table are found by; a set. */
typedef enum hp_lookup_by {
    HP_BY_REGISTRATION = 1,
    HP_BY_NAME = 2,
    HP_BY_DOMAIN = 4,
    HP_BY_ALL = 7
} hp_lookup_by;

/** Read `path` (any format that hotpass reads, or SQLite by its first bytes) as a lookup table. The settings
 * of env->item are `match`, `sheet`, `table` and `columns`. Errors: HP_NOINPUT, HP_DATA (nothing in it says
 * whose its rows are), HP_CONFIG, HP_RETRY. */
hp_code hp_lookup_open(const hp_provider_env *env, const char *path, hp_lookup **out, hp_err *err);
/** Release a table; NULL is allowed. */
void hp_lookup_close(hp_lookup *l);
/** Suggest what the table has for the wanted fields of a row. A row found by its registration number or name
 * has `confidence`, one found by domain 0.9 times that. Half of it remains where rows of the table disagree,
 * where the organisation found is in another province, and for the ways to reach a contact of another name. A
 * row with another registration number, or of the same name with another domain, is not the same
 * organisation. Errors: HP_RETRY. */
hp_code hp_lookup_ask(hp_lookup *l, const hp_enrich_row *row, size_t ask, double confidence, hp_str source,
                      hp_answers *out, hp_err *err);

/** Read a table of an SQLite database as a grid whose first row are the names of the columns; `table` empty:
 * the one table (or view) that there is. The file is not changed, and no journal is made beside it. Errors:
 * HP_DATA (no database, several tables, over a limit), HP_IO, HP_RETRY. */
hp_code hp_sqlite_read(hp_run *run, const char *path, hp_str table, uint32_t sheet, hp_table **out,
                       hp_err *err);
/** Tell whether a file begins as SQLite databases do. */
bool hp_sqlite_is(const char *path);

#endif
