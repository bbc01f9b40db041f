/* Private to src/ops/lineage: statements of the store. */
#ifndef HP_OPS_LINEAGE_SQL_H
#define HP_OPS_LINEAGE_SQL_H

#include <sqlite3.h>

#include "ops/lineage/store.h"

/** Hold the connection, and the path for messages. */
struct hp_lineage_store {
    sqlite3 *db;
    char path[4096];
};

/** Fail with what SQLite says: HP_IO (disk full), HP_DATA (damaged), HP_RETRY (busy, memory). */
hp_code hp_lineage_fault(const hp_lineage_store *s, hp_err *err);
/** Prepare a statement and bind its values; `form` has a letter for each: i an int64_t, s an hp_str (empty is
 * NULL for S). The texts must outlive the statement. */
hp_code hp_lineage_ask(const hp_lineage_store *s, sqlite3_stmt **out, hp_err *err, const char *sql,
                       const char *form, ...);
/** Step; *row tells whether there is one. */
hp_code hp_lineage_step(const hp_lineage_store *s, sqlite3_stmt *q, bool *row, hp_err *err);
/** Run a statement that yields nothing; values as hp_lineage_ask. */
hp_code hp_lineage_do(const hp_lineage_store *s, hp_err *err, const char *sql, const char *form, ...);
/** Copy a column's text into the arena; p is NULL when out of memory. */
hp_str hp_lineage_text(hp_arena *a, sqlite3_stmt *q, int col);

#endif
