/* One table, WAL, one transaction an answer. */
#include "net/cache.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

#include "base/banned.h"

/* Marks the file as ours ("hpnc"), and its form. */
enum { APPLICATION = 0x68706e63, VERSION = 1, BUSY_MS = 10000 };

typedef enum query { GET, TOUCH, PUT, SUM, COUNT, OLDEST, DROP, QUERIES } query;

static const char *const SQL[QUERIES] = {
    [GET] =
        "SELECT status, final_url, etag, last_modified, content_type, body, time FROM answer WHERE url = ?1",
    [TOUCH] = "UPDATE answer SET used = ?2 WHERE url = ?1 AND used < ?2",
    [PUT] =
        ("INSERT OR REPLACE INTO answer (url, status, final_url, etag, last_modified, content_type, body, bytes, time, "
         "used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
    [SUM] = "SELECT coalesce(sum(bytes), 0) FROM answer",
    [COUNT] = "SELECT count(*) FROM answer",
    [OLDEST] = "SELECT url, bytes FROM answer ORDER BY used, time, url LIMIT 1",
    [DROP] = "DELETE FROM answer WHERE url = ?1",
};

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS answer (url TEXT PRIMARY KEY, status INTEGER NOT NULL, final_url TEXT NOT NULL, "
    "etag TEXT NOT NULL, last_modified TEXT NOT NULL, content_type TEXT NOT NULL, body BLOB NOT NULL, "
    "bytes INTEGER NOT NULL, time INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS answer_used ON answer (used, time, url, bytes);";

struct hp_netcache {
    sqlite3 *db;
    sqlite3_stmt *stmt[QUERIES];
    hp_netcache_policy policy;
    char path[4096];
};

static hp_code db_fail(const hp_netcache *c, int rc, hp_err *err) {
    int primary = rc & 0xff;
    if (primary == SQLITE_NOMEM) return hp_fail_memory(err, "the cache of answers");
    if (primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT)
        return hp_fail(err, HP_DATA,
                       "%s: it is no cache of answers, or damaged (%s); remove it, and it is made anew",
                       c->path, sqlite3_errstr(rc));
    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
        return hp_fail(err, HP_RETRY, "%s: another process holds the cache of answers; try again later",
                       c->path);
    if (primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PERM)
        return hp_fail(err, HP_CANTCREAT, "%s: the cache of answers cannot be written (%s)", c->path,
                       sqlite3_errstr(rc));
    return hp_fail(err, HP_IO, "%s: the cache of answers failed (%s)", c->path, sqlite3_errstr(rc));
}

static hp_code run_sql(hp_netcache *c, const char *sql, hp_err *err) {
    int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? HP_OK : db_fail(c, rc, err);
}

static hp_code read_number(hp_netcache *c, const char *sql, int64_t *out, hp_err *err) {
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(c->db, sql, -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) *out = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    return rc == SQLITE_ROW ? HP_OK : db_fail(c, rc, err);
}

/* Makes the directories of a path, as `mkdir -p`; whether it worked shows when the file is opened. */
static void make_directories(const char *path) {
    char copy[4096];
    size_t n = strlen(path);
    if (n >= sizeof copy) return;
    memcpy(copy, path, n + 1);
    for (char *p = copy + 1; *p; p++) {
        if (*p != '/') continue;
        *p = 0;
        (void)mkdir(copy, 0700);
        *p = '/';
    }
}

/* A file of somebody else's program is not overwritten. */
static hp_code check_ours(hp_netcache *c, hp_err *err) {
    int64_t application = 0, version = 0, tables = 0;
    HP_TRY(read_number(c, "PRAGMA application_id", &application, err));
    HP_TRY(read_number(c, "PRAGMA user_version", &version, err));
    HP_TRY(read_number(c, "SELECT count(*) FROM sqlite_master", &tables, err));
    if (tables == 0 || (application == APPLICATION && version == VERSION)) return HP_OK;
    return hp_fail(err, HP_DATA,
                   "%s: a database, but no cache of answers of this version; remove it, or name another file",
                   c->path);
}

static hp_code set_up(hp_netcache *c, hp_err *err) {
    char marks[160];
    HP_TRY(check_ours(c, err));
    (void)snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION,
                   VERSION);
    /* NORMAL: a power cut may lose the last answers, never the file; a kill loses nothing. */
    HP_TRY(run_sql(c, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE;", err));
    HP_TRY(run_sql(c, marks, err));
    HP_TRY(run_sql(c, SCHEMA, err));
    HP_TRY(run_sql(c, "COMMIT", err));
    for (int q = 0; q < QUERIES; q++) {
        int rc = sqlite3_prepare_v3(c->db, SQL[q], -1, SQLITE_PREPARE_PERSISTENT, &c->stmt[q], NULL);
        if (rc != SQLITE_OK) return db_fail(c, rc, err);
    }
    return HP_OK;
}

/* Writes the URI of a file that nobody has open for writing: then SQLite makes no -wal and -shm beside it. */
static void put_immutable(const char *path, hp_buf *out) {
    hp_buf_puts(out, "file:");
    for (const char *p = path; *p; p++) {
        if (hp_is_alnum(*p) || strchr("/._-", *p))
            hp_buf_putc(out, *p);
        else
            hp_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*p);
    }
    hp_buf_puts(out, "?immutable=1");
}

/* Opens for looking. Where there is a journal another process has the cache open, or was killed with it: then
 * the journal holds answers too, and SQLite needs the two files that are there. */
static hp_code open_to_look(hp_netcache *c, hp_err *err) {
    hp_autobuf uri = hp_buf_new(3 * sizeof c->path + 64), journal = hp_buf_new(sizeof c->path + 8);
    int64_t tables = 0;
    struct stat st;
    hp_buf_printf(&journal, "%s-wal", c->path);
    put_immutable(c->path, &uri);
    HP_TRY(hp_buf_check(&uri, "the path of the cache of answers", err));
    HP_TRY(hp_buf_check(&journal, "the path of the cache of answers", err));
    bool quiet = stat(hp_buf_cstr(&journal), &st) != 0;
    int rc =
        sqlite3_open_v2(quiet ? hp_buf_cstr(&uri) : c->path, &c->db,
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | (quiet ? SQLITE_OPEN_URI : 0), NULL);
    if (rc != SQLITE_OK) return db_fail(c, rc, err);
    (void)sqlite3_busy_timeout(c->db, BUSY_MS);
    HP_TRY(check_ours(c, err));
    HP_TRY(read_number(c, "SELECT count(*) FROM sqlite_master WHERE name = 'answer'", &tables, err));
    if (tables == 0) return HP_OK; /* nothing was ever kept */
    rc = sqlite3_prepare_v2(c->db, SQL[GET], -1, &c->stmt[GET], NULL);
    return rc == SQLITE_OK ? HP_OK : db_fail(c, rc, err);
}

static hp_code open_db(hp_netcache *c, hp_err *err) {
    bool disk = strcmp(c->path, ":memory:") != 0;
    if (disk) {
        make_directories(c->path);
        /* SQLite gives the journal beside a file the file's mode. */
        int fd = open(c->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0) (void)close(fd);
    }
    int rc = sqlite3_open_v2(c->path, &c->db,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) return db_fail(c, rc, err);
    (void)sqlite3_busy_timeout(c->db, BUSY_MS);
    return set_up(c, err);
}

hp_code hp_netcache_open(const hp_netcache_policy *policy, hp_netcache **out, hp_err *err) {
    hp_netcache *c = hp_calloc(1, sizeof *c);
    if (!c) return hp_fail_memory(err, "the cache of answers");
    c->policy = *policy;
    if (strlen(policy->path) >= sizeof c->path) {
        hp_free(c);
        return hp_fail(err, HP_CANTCREAT, "the path of the cache of answers is too long");
    }
    memcpy(c->path, policy->path, strlen(policy->path) + 1);
    hp_code code = policy->read_only ? open_to_look(c, err) : open_db(c, err);
    if (code != HP_OK) {
        hp_netcache_close(c);
        return code;
    }
    *out = c;
    return HP_OK;
}

void hp_netcache_close(hp_netcache *c) {
    if (!c) return;
    for (int q = 0; q < QUERIES; q++) (void)sqlite3_finalize(c->stmt[q]);
    (void)sqlite3_close(c->db);
    hp_free(c);
}

/* ---- statements ---- */

static void bind_text(sqlite3_stmt *s, int at, hp_str v) {
    (void)sqlite3_bind_text(s, at, v.n ? v.p : "", (int)v.n, SQLITE_STATIC);
}

/* Runs a statement that yields nothing. */
static hp_code step_done(hp_netcache *c, query q, hp_err *err) {
    int rc = sqlite3_step(c->stmt[q]);
    (void)sqlite3_reset(c->stmt[q]);
    return rc == SQLITE_DONE ? HP_OK : db_fail(c, rc, err);
}

static hp_str column(sqlite3_stmt *s, int at, hp_arena *a) {
    const void *p = sqlite3_column_blob(s, at);
    size_t n = (size_t)sqlite3_column_bytes(s, at);
    return hp_arena_dup(a, (hp_str){p ? p : "", p ? n : 0});
}

static hp_code read_entry(hp_netcache *c, sqlite3_stmt *s, hp_arena *a, hp_netcache_entry *out, hp_err *err) {
    *out = (hp_netcache_entry){.status = (long)sqlite3_column_int64(s, 0),
                               .url = column(s, 1, a),
                               .etag = column(s, 2, a),
                               .last_modified = column(s, 3, a),
                               .content_type = column(s, 4, a),
                               .body = column(s, 5, a),
                               .time = sqlite3_column_int64(s, 6)};
    /* One from the future was stored under another clock, and is asked for again. */
    int64_t age = c->policy.now - out->time;
    out->fresh = age >= 0 && age < c->policy.ttl;
    bool whole = out->url.p && out->etag.p && out->last_modified.p && out->content_type.p && out->body.p;
    return whole ? HP_OK : hp_fail_memory(err, "an answer");
}

hp_code hp_netcache_get(hp_netcache *c, hp_str url, hp_arena *a, hp_netcache_entry *out, bool *found,
                        hp_err *err) {
    sqlite3_stmt *s = c->stmt[GET];
    *found = false;
    if (!s) return HP_OK; /* an empty file, to be looked into only */
    bind_text(s, 1, url);
    int rc = sqlite3_step(s);
    hp_code code = rc == SQLITE_ROW    ? read_entry(c, s, a, out, err)
                   : rc == SQLITE_DONE ? HP_OK
                                       : db_fail(c, rc, err);
    (void)sqlite3_reset(s);
    HP_TRY(code);
    *found = rc == SQLITE_ROW;
    if (!*found || c->policy.read_only) return HP_OK;
    bind_text(c->stmt[TOUCH], 1, url);
    (void)sqlite3_bind_int64(c->stmt[TOUCH], 2, c->policy.now);
    return step_done(c, TOUCH, err);
}

static hp_code sum(hp_netcache *c, query q, uint64_t *out, hp_err *err) {
    int rc = sqlite3_step(c->stmt[q]);
    if (rc == SQLITE_ROW) *out = (uint64_t)sqlite3_column_int64(c->stmt[q], 0);
    (void)sqlite3_reset(c->stmt[q]);
    return rc == SQLITE_ROW ? HP_OK : db_fail(c, rc, err);
}

hp_code hp_netcache_size(hp_netcache *c, uint64_t *answers, uint64_t *bytes, hp_err *err) {
    HP_TRY(sum(c, COUNT, answers, err));
    return sum(c, SUM, bytes, err);
}

/* Drops the least recently used answer. */
static hp_code drop_oldest(hp_netcache *c, uint64_t *bytes, bool *any, hp_err *err) {
    sqlite3_stmt *s = c->stmt[OLDEST];
    hp_autobuf url = hp_buf_new(1u << 20);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        hp_buf_add(&url,
                   (hp_str){(const char *)sqlite3_column_text(s, 0), (size_t)sqlite3_column_bytes(s, 0)});
        *bytes = (uint64_t)sqlite3_column_int64(s, 1);
    }
    (void)sqlite3_reset(s);
    *any = rc == SQLITE_ROW;
    if (rc != SQLITE_ROW) return rc == SQLITE_DONE ? HP_OK : db_fail(c, rc, err);
    HP_TRY(hp_buf_check(&url, "an answer", err));
    bind_text(c->stmt[DROP], 1, hp_buf_str(&url));
    return step_done(c, DROP, err);
}

static hp_code make_room(hp_netcache *c, uint64_t need, hp_err *err) {
    uint64_t held = 0, bytes = 0;
    bool any = true;
    if (c->policy.max_bytes == 0) return HP_OK;
    HP_TRY(sum(c, SUM, &held, err));
    while (any && held + need > c->policy.max_bytes) {
        HP_TRY(drop_oldest(c, &bytes, &any, err));
        held -= bytes < held ? bytes : held;
    }
    return HP_OK;
}

static hp_code put(hp_netcache *c, hp_str url, const hp_netcache_entry *e, hp_err *err) {
    sqlite3_stmt *s = c->stmt[PUT];
    bind_text(c->stmt[DROP], 1, url);
    HP_TRY(step_done(c, DROP, err));
    HP_TRY(make_room(c, e->body.n, err));
    bind_text(s, 1, url);
    (void)sqlite3_bind_int64(s, 2, e->status);
    bind_text(s, 3, e->url);
    bind_text(s, 4, e->etag);
    bind_text(s, 5, e->last_modified);
    bind_text(s, 6, e->content_type);
    (void)sqlite3_bind_blob(s, 7, e->body.n ? e->body.p : "", (int)e->body.n, SQLITE_STATIC);
    (void)sqlite3_bind_int64(s, 8, (int64_t)e->body.n);
    (void)sqlite3_bind_int64(s, 9, e->time);
    (void)sqlite3_bind_int64(s, 10, c->policy.now);
    return step_done(c, PUT, err);
}

hp_code hp_netcache_put(hp_netcache *c, hp_str url, const hp_netcache_entry *e, hp_err *err) {
    if (e->body.n > INT32_MAX || (c->policy.max_bytes && e->body.n > c->policy.max_bytes)) return HP_OK;
    HP_TRY(run_sql(c, "BEGIN IMMEDIATE", err));
    hp_code code = put(c, url, e, err);
    if (code == HP_OK) code = run_sql(c, "COMMIT", err);
    if (code != HP_OK) (void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}
