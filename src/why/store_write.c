#include <sqlite3.h>
#include <stdarg.h>
#include <zstd.h>

#include "base/mem.h"
#include "table/record.h"
#include "why/store.h"

#include "base/banned.h"

struct hp_store_writer {
    sqlite3 *db;
    sqlite3_stmt *add[HP_ST_COUNT];
    const char *path;
};

/* No journal: until the file gets its name, nobody reads it. Blocks go on over many pages. */
static const char SCHEMA[] =
    "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
    "PRAGMA secure_delete=ON; PRAGMA application_id=0x48505256; PRAGMA user_version=1; BEGIN;"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE output(path TEXT PRIMARY KEY, kind TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " xxh3 TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE file(id INTEGER PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL, label TEXT NOT NULL,"
    " sha256 TEXT NOT NULL, xxh3 TEXT NOT NULL, bytes INTEGER NOT NULL, priority INTEGER NOT NULL);"
    "CREATE TABLE sheet(id INTEGER PRIMARY KEY, file INTEGER NOT NULL, name TEXT NOT NULL);"
    "CREATE TABLE header(sheet INTEGER, col INTEGER, header TEXT NOT NULL, PRIMARY KEY(sheet, col))"
    " WITHOUT ROWID;"
    "CREATE TABLE output_column(sheet TEXT, id INTEGER, name TEXT NOT NULL, field TEXT NOT NULL,"
    " mode TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY(sheet, id)) WITHOUT ROWID;"
    "CREATE TABLE slug(slug TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE block(kind INTEGER, first INTEGER, contact INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " data BLOB NOT NULL, PRIMARY KEY(kind, first));"
    "CREATE INDEX block_contact ON block(kind, contact, first);";

static const char *const ADD[HP_ST_COUNT] = {
    [HP_ST_META] = "INSERT INTO meta VALUES(?,?)",
    [HP_ST_OUTPUT] = "INSERT OR IGNORE INTO output VALUES(?,?,?,?)",
    [HP_ST_FILE] = "INSERT INTO file VALUES(?,?,?,?,?,?,?,?)",
    [HP_ST_SHEET] = "INSERT INTO sheet VALUES(?,?,?)",
    [HP_ST_HEADER] = "INSERT OR IGNORE INTO header VALUES(?,?,?)",
    [HP_ST_COLUMN] = "INSERT INTO output_column VALUES(?,?,?,?,?,?)",
    [HP_ST_SLUG] = "INSERT INTO slug VALUES(?,?)",
    [HP_ST_BLOCK] = "INSERT INTO block VALUES(?,?,?,?,?)",
};

static hp_code fault(const hp_store_writer *w, hp_err *err) {
    int code = sqlite3_errcode(w->db) & 0xFF;
    if (code == SQLITE_NOMEM) return hp_fail_memory(err, "the provenance store");
    if (code == SQLITE_FULL)
        return hp_fail(err, HP_IO, "%s: cannot write: no space left; free some, or choose another place",
                       w->path);
    return hp_fail(err, HP_IO, "%s: cannot be written: SQLite says: %s", w->path, sqlite3_errmsg(w->db));
}

static hp_code prepare(hp_store_writer *w, hp_err *err) {
    if (sqlite3_exec(w->db, SCHEMA, NULL, NULL, NULL) != SQLITE_OK) return fault(w, err);
    for (int i = 0; i < HP_ST_COUNT; i++)
        if (sqlite3_prepare_v2(w->db, ADD[i], -1, &w->add[i], NULL) != SQLITE_OK) return fault(w, err);
    return HP_OK;
}

hp_code hp_store_begin(const char *temp, const char *path, hp_store_writer **out, hp_err *err) {
    hp_store_writer *w = hp_calloc(1, sizeof *w);
    if (!w) return hp_fail_memory(err, "the provenance store");
    w->path = path;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    hp_code code = HP_OK;
    if (sqlite3_open_v2(temp, &w->db, flags, NULL) != SQLITE_OK)
        code = w->db ? fault(w, err) : hp_fail_memory(err, "the provenance store");
    if (code == HP_OK) code = prepare(w, err);
    if (code != HP_OK) return hp_store_end(w, code, NULL);
    *out = w;
    return HP_OK;
}

hp_code hp_store_add(hp_store_writer *w, hp_store_table table, hp_err *err, const char *form, ...) {
    sqlite3_stmt *s = w->add[table];
    va_list ap;
    int bound = SQLITE_OK;
    va_start(ap, form);
    for (int i = 0; form[i] && bound == SQLITE_OK; i++) {
        if (form[i] == 'i') {
            bound = sqlite3_bind_int64(s, i + 1, va_arg(ap, int64_t));
            continue;
        }
        hp_str v = va_arg(ap, hp_str);
        const char *p = v.n ? v.p : "";
        bound = form[i] == 's' ? sqlite3_bind_text64(s, i + 1, p, v.n, SQLITE_STATIC, SQLITE_UTF8)
                               : sqlite3_bind_blob64(s, i + 1, p, v.n, SQLITE_STATIC);
    }
    va_end(ap);
    if (bound != SQLITE_OK || sqlite3_step(s) != SQLITE_DONE) return fault(w, err);
    sqlite3_reset(s);
    return HP_OK;
}

hp_code hp_store_end(hp_store_writer *w, hp_code code, hp_err *err) {
    if (code == HP_OK && sqlite3_exec(w->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) code = fault(w, err);
    for (int i = 0; i < HP_ST_COUNT; i++) sqlite3_finalize(w->add[i]);
    if (sqlite3_close(w->db) != SQLITE_OK && code == HP_OK) code = fault(w, err);
    hp_free(w);
    return code;
}

void hp_store_pack(hp_str bytes, hp_buf *out) {
    hp_buf_clear(out);
    size_t bound = ZSTD_compressBound(bytes.n);
    char *room = hp_buf_room(out, bound);
    if (!room) return;
    size_t n = ZSTD_compress(room, bound, bytes.n ? bytes.p : "", bytes.n, 1);
    out->bad |= ZSTD_isError(n) != 0;
    if (!out->bad) out->n += n;
}

void hp_store_vocabulary(hp_sha256 *out) {
    hp_autobuf names = hp_buf_new(1 << 20);
    for (int i = 0; i < HP_FIELD_COUNT; i++) {
        const hp_field_info *f = hp_field_get((hp_field)i);
        hp_buf_printf(&names, "%s\n", f->name ? f->name : "");
    }
    for (int i = 0; i < HP_RULE_COUNT; i++) hp_buf_printf(&names, "%s\n", hp_rule_get((hp_rule)i)->name);
    for (int i = 0; i < HP_ENTITY_COUNT; i++) hp_buf_printf(&names, "%s\n", hp_entity_name((hp_entity)i));
    for (int i = 0; i < HP_JOINED_COUNT; i++) hp_buf_printf(&names, "%s\n", hp_joined_name((hp_joined)i));
    for (int i = 0; i < HP_MATCH_REASON_COUNT; i++)
        hp_buf_printf(&names, "%s\n", hp_match_reason_name((hp_match_reason)i));
    hp_sha256_of(hp_buf_str(&names), out);
}
