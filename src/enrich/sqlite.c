/* Tables of SQLite databases as grids. The database is somebody's file: it is opened read-only, without
 * journals, and nothing in its schema is trusted. */
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "enrich/table.h"
#include "read/batch.h"

#include "base/banned.h"

/* Rows that are interned at once; instructions of SQLite's machine between looks at the time. */
enum { BATCH = 4096, STEPS = 1000000 };

typedef struct {
    sqlite3 *db;
    sqlite3_stmt *row;
    const char *path;
    int ncol;
    hp_grid grid;
    hp_batch batch;
    hp_batch_sink sink;
} database;

bool hp_sqlite_is(const char *path) {
    static const char MAGIC[] = "SQLite format 3"; /* with its NUL: https://sqlite.org/fileformat.html 1.3 */
    char head[sizeof MAGIC];
    FILE *f = fopen(path, "rb");
    bool is = f && fread(head, 1, sizeof head, f) == sizeof head && memcmp(head, MAGIC, sizeof head) == 0;
    if (f) fclose(f);
    return is;
}

static hp_code fault(const database *d, hp_err *err) {
    int code = sqlite3_errcode(d->db) & 0xFF;
    if (code == SQLITE_NOMEM) return hp_fail_memory(err, "an SQLite database");
    if (code == SQLITE_INTERRUPT) HP_TRY(hp_deadline_check(err));
    return hp_fail(err, code == SQLITE_IOERR ? HP_IO : HP_DATA, "%s: SQLite says: %s", d->path,
                   sqlite3_errmsg(d->db));
}

static int out_of_time(void *ctx) {
    (void)ctx;
    hp_err err;
    return hp_deadline_check(&err) != HP_OK;
}

/* Escapes a path for "file:" (RFC 3986; https://sqlite.org/uri.html). Without a log that waits to be written
 * back, "immutable" spares the lock and shared-memory files beside the database. */
static void put_uri(const char *path, hp_buf *uri) {
    struct stat st;
    hp_autobuf wal = hp_buf_new(8192);
    hp_buf_printf(&wal, "%s-wal", path);
    bool log = stat(hp_buf_cstr(&wal), &st) == 0 && st.st_size > 0;
    hp_buf_puts(uri, "file:");
    for (const char *p = path; *p; p++) {
        if (hp_is_alnum(*p) || strchr("/._-~", *p))
            hp_buf_putc(uri, *p);
        else
            hp_buf_printf(uri, "%%%02X", (unsigned char)*p);
    }
    hp_buf_puts(uri, log ? "?mode=ro" : "?mode=ro&immutable=1");
}

static hp_code open_database(database *d, hp_err *err) {
    hp_autobuf uri = hp_buf_new(1 << 16);
    put_uri(d->path, &uri);
    HP_TRY(hp_buf_check(&uri, "the path of a database", err));
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(hp_buf_cstr(&uri), &d->db, flags, NULL) != SQLITE_OK)
        return d->db ? fault(d, err) : hp_fail_memory(err, "an SQLite database");
    sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    uint64_t most = HP_LIMIT_TEXT_BYTES;
    if (most < INT32_MAX) sqlite3_limit(d->db, SQLITE_LIMIT_LENGTH, (int)most);
    sqlite3_progress_handler(d->db, STEPS, out_of_time, NULL);
    return HP_OK;
}

/* Finds the one table there is; a message lists several. */
static hp_code only_table(database *d, hp_buf *name, hp_err *err) {
    static const char SQL[] =
        "SELECT name FROM sqlite_schema WHERE type IN ('table','view') AND name NOT LIKE "
        "'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    hp_autobuf list = hp_buf_new(1 << 20);
    size_t n = 0;
    int step;
    if (sqlite3_prepare_v2(d->db, SQL, -1, &d->row, NULL) != SQLITE_OK) return fault(d, err);
    while ((step = sqlite3_step(d->row)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(d->row, 0);
        if (!text) return hp_fail_memory(err, "the tables of a database");
        if (n == 0) hp_buf_puts(name, text);
        if (n < 30) hp_buf_printf(&list, "%s%.60s", n ? ", " : "", text);
        n++;
    }
    if (step != SQLITE_DONE) return fault(d, err);
    sqlite3_finalize(d->row);
    d->row = NULL;
    if (n == 1) return HP_OK;
    return hp_fail(err, HP_DATA,
                   "%s: has %s; name one in the profile: enrich.providers, settings, table%s%s%s", d->path,
                   n ? "several tables" : "no tables", n ? " (" : "", hp_buf_cstr(&list), n ? ")" : "");
}

static hp_code prepare(database *d, hp_str table, hp_err *err) {
    hp_autobuf name = hp_buf_new(1 << 16), sql = hp_buf_new(1 << 18);
    hp_buf_add(&name, table);
    if (table.n == 0) HP_TRY(only_table(d, &name, err));
    hp_buf_puts(&sql, "SELECT * FROM \"");
    for (size_t i = 0; i < name.n; i++) { /* in a quoted identifier a quote is two */
        if (name.p[i] == '"') hp_buf_putc(&sql, '"');
        hp_buf_putc(&sql, name.p[i]);
    }
    hp_buf_putc(&sql, '"');
    HP_TRY(hp_buf_check(&sql, "a query", err));
    if (name.bad || sqlite3_prepare_v2(d->db, hp_buf_cstr(&sql), (int)sql.n, &d->row, NULL) != SQLITE_OK)
        return fault(d, err);
    d->ncol = sqlite3_column_count(d->row);
    if (d->ncol <= (int)HP_LIMIT_SHEET_COLS) return HP_OK;
    return hp_fail(err, HP_DATA, "%s: has %d columns, the limit is %u", d->path, d->ncol,
                   HP_LIMIT_SHEET_COLS);
}

static void put_names(database *d) {
    hp_batch_begin_row(&d->batch, 1, false, false);
    for (int c = 0; c < d->ncol; c++) {
        const char *name = sqlite3_column_name(d->row, c);
        if (!name) d->batch.bad = true;
        hp_ref ref = hp_batch_text_copy(&d->batch, hp_str_of(name));
        hp_batch_put(&d->batch, (uint32_t)c, ref, HP_T_TEXT, ref);
    }
}

static void put_row(database *d, uint32_t number) {
    hp_batch_begin_row(&d->batch, number, false, false);
    for (int c = 0; c < d->ncol; c++) {
        int type = sqlite3_column_type(d->row, c);
        if (type == SQLITE_NULL || type == SQLITE_BLOB) continue;
        const char *text = (const char *)sqlite3_column_text(d->row, c);
        if (!text) d->batch.bad = true; /* what is not null has a text, unless memory ran out */
        hp_str s = {text ? text : "", text ? (size_t)sqlite3_column_bytes(d->row, c) : 0};
        hp_ref ref = hp_batch_text_copy(&d->batch, s);
        hp_batch_put(&d->batch, (uint32_t)c, ref, type == SQLITE_TEXT ? HP_T_TEXT : HP_T_NUMBER, ref);
    }
}

static hp_code take(database *d, hp_err *err) {
    hp_err inner = {0};
    if (d->batch.bad) return hp_fail_memory(err, "the rows of a database");
    hp_batch_seal(&d->batch, false);
    hp_code code = hp_batch_take(&d->batch, &d->sink, &inner);
    if (code != HP_OK) return (hp_fail)(err, code, "%s: %s", d->path, inner.message);
    hp_batch_clear(&d->batch);
    return hp_deadline_check(err);
}

static hp_code read_rows(database *d, hp_err *err) {
    uint32_t number = 1;
    int step;
    put_names(d);
    while ((step = sqlite3_step(d->row)) == SQLITE_ROW) {
        put_row(d, ++number);
        if (number % BATCH == 0) HP_TRY(take(d, err));
    }
    return step == SQLITE_DONE ? take(d, err) : fault(d, err);
}

static hp_code read_table(database *d, hp_run *run, hp_str table, uint32_t sheet, hp_table **out,
                          hp_err *err) {
    HP_TRY(open_database(d, err));
    HP_TRY(prepare(d, table, err));
    d->sink = (hp_batch_sink){.run = run, .grid = &d->grid, .sheet = sheet, .silent = true};
    HP_TRY(read_rows(d, err));
    HP_TRY(hp_grid_table(&d->grid, run->arena, table, sheet, out, err));
    (*out)->named = true;
    return HP_OK;
}

hp_code hp_sqlite_read(hp_run *run, const char *path, hp_str table, uint32_t sheet, hp_table **out,
                       hp_err *err) {
    database d = {.path = path};
    hp_code code = read_table(&d, run, table, sheet, out, err);
    sqlite3_finalize(d.row);
    sqlite3_close(d.db);
    hp_batch_sink_free(&d.sink);
    hp_batch_free(&d.batch);
    hp_grid_free(&d.grid);
    return code;
}
