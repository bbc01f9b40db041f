#include "ops/lineage/store.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "ops/lineage/sql.h"

#include "base/banned.h"

/* Others write for milliseconds; who waits longer than this does without a record. */
enum { BUSY_MS = 250, PATIENT_MS = 2000, APPLICATION = 0x48504c4e, VERSION = 1 };
/* An event of a run with thousands of columns is a few megabytes. */
#define MAX_EVENT     (64u << 20)
#define JOURNAL_BYTES (1 << 20)
/* A run on another machine cannot be looked at: after a day it counts as ended. */
#define ELSEWHERE_MS (INT64_C(24) * 3600 * 1000)

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, ns TEXT NOT NULL, producer TEXT NOT NULL,"
    " command TEXT NOT NULL, profile TEXT NOT NULL, input TEXT NOT NULL, parent_ns TEXT NOT NULL,"
    " parent_job TEXT NOT NULL, parent_run TEXT NOT NULL, root_ns TEXT NOT NULL, root_job TEXT NOT NULL,"
    " root_run TEXT NOT NULL, nominal INTEGER NOT NULL, job TEXT NOT NULL, started INTEGER NOT NULL,"
    " host TEXT NOT NULL, boot TEXT NOT NULL, pid INTEGER NOT NULL, start INTEGER NOT NULL, end TEXT);"
    "CREATE INDEX IF NOT EXISTS run_open ON run (id) WHERE end IS NULL;"
    "CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL,"
    " type TEXT NOT NULL, time INTEGER NOT NULL, state TEXT NOT NULL,"
    " attempts INTEGER NOT NULL DEFAULT 0, doubt INTEGER NOT NULL DEFAULT 0,"
    " status INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '', body TEXT NOT NULL);"
    "CREATE UNIQUE INDEX IF NOT EXISTS event_of_run ON event (run, type = 'START');"
    "CREATE INDEX IF NOT EXISTS event_pending ON event (seq) WHERE state = 'pending';"
    "CREATE TABLE IF NOT EXISTS dataset (event INTEGER NOT NULL, output INTEGER NOT NULL, ns TEXT NOT NULL,"
    " name TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS dataset_name ON dataset (name, output);"
    "CREATE INDEX IF NOT EXISTS dataset_event ON dataset (event);"
    "CREATE TABLE IF NOT EXISTS server (id INTEGER PRIMARY KEY CHECK (id = 1), failures INTEGER NOT NULL,"
    " next INTEGER NOT NULL, note TEXT NOT NULL);";

/* ---- statements ---- */

hp_code hp_lineage_fault(const hp_lineage_store *s, hp_err *err) {
    int code = s->db ? sqlite3_errcode(s->db) & 0xFF : SQLITE_NOMEM;
    if (code == SQLITE_NOMEM) return hp_fail_memory(err, "the store of lineage");
    if (code == SQLITE_FULL)
        return hp_fail(err, HP_IO, "%s: no space left; free some, or set HOTPASS_STATE_DIR to another place",
                       s->path);
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
        return hp_fail(err, HP_DATA, "%s: is damaged; move it away, a new one is made", s->path);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return hp_fail(err, HP_RETRY, "%s: others are writing to it for too long; try again", s->path);
    return hp_fail(err, code == SQLITE_CANTOPEN || code == SQLITE_READONLY ? HP_CANTCREAT : HP_IO,
                   "%s: %s; set HOTPASS_STATE_DIR to a place that can be written", s->path,
                   s->db ? sqlite3_errmsg(s->db) : "out of memory");
}

static hp_code ask(const hp_lineage_store *s, sqlite3_stmt **out, hp_err *err, const char *sql,
                   const char *form, va_list ap) {
    if (sqlite3_prepare_v2(s->db, sql, -1, out, NULL) != SQLITE_OK) return hp_lineage_fault(s, err);
    for (int i = 0; form[i]; i++) {
        int bound;
        if (form[i] == 'i') {
            bound = sqlite3_bind_int64(*out, i + 1, va_arg(ap, int64_t));
        } else {
            hp_str v = va_arg(ap, hp_str);
            bound = form[i] == 'S' && v.n == 0
                        ? sqlite3_bind_null(*out, i + 1)
                        : sqlite3_bind_text64(*out, i + 1, v.n ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8);
        }
        if (bound == SQLITE_OK) continue;
        sqlite3_finalize(*out);
        return hp_lineage_fault(s, err);
    }
    return HP_OK;
}

hp_code hp_lineage_ask(const hp_lineage_store *s, sqlite3_stmt **out, hp_err *err, const char *sql,
                       const char *form, ...) {
    va_list ap;
    va_start(ap, form);
    hp_code code = ask(s, out, err, sql, form, ap);
    va_end(ap);
    return code;
}

hp_code hp_lineage_step(const hp_lineage_store *s, sqlite3_stmt *q, bool *row, hp_err *err) {
    int code = sqlite3_step(q);
    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? HP_OK : hp_lineage_fault(s, err);
}

hp_code hp_lineage_do(const hp_lineage_store *s, hp_err *err, const char *sql, const char *form, ...) {
    sqlite3_stmt *q = NULL;
    bool row = false;
    va_list ap;
    va_start(ap, form);
    hp_code code = ask(s, &q, err, sql, form, ap);
    va_end(ap);
    HP_TRY(code);
    code = hp_lineage_step(s, q, &row, err);
    sqlite3_finalize(q);
    return code;
}

hp_str hp_lineage_text(hp_arena *a, sqlite3_stmt *q, int col) {
    const unsigned char *p = sqlite3_column_text(q, col);
    return hp_arena_dup(a, (hp_str){p ? (const char *)p : "", p ? (size_t)sqlite3_column_bytes(q, col) : 0});
}

/* ---- opening ---- */

static hp_code number(const hp_lineage_store *s, const char *sql, int64_t *out, hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool row = false;
    HP_TRY(hp_lineage_ask(s, &q, err, sql, ""));
    hp_code code = hp_lineage_step(s, q, &row, err);
    *out = row ? sqlite3_column_int64(q, 0) : 0;
    sqlite3_finalize(q);
    return code;
}

static hp_code run_sql(const hp_lineage_store *s, const char *sql, hp_err *err) {
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? HP_OK : hp_lineage_fault(s, err);
}

static hp_code make_tables(const hp_lineage_store *s, hp_err *err) {
    char marks[96];
    (void)snprintf(marks, sizeof marks, "PRAGMA application_id=%d; PRAGMA user_version=%d;", APPLICATION,
                   VERSION);
    HP_TRY(run_sql(s, "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE;", err));
    hp_code code = run_sql(s, marks, err);
    if (code == HP_OK) code = run_sql(s, SCHEMA, err);
    if (code == HP_OK) code = run_sql(s, "COMMIT", err);
    if (code != HP_OK) (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

/* NORMAL: a power cut may take the last events, a kill takes none; and no run waits for the disk. */
static hp_code set_up(const hp_lineage_store *s, hp_err *err) {
    int64_t application = 0, version = 0, tables = 0;
    (void)sqlite3_busy_timeout(s->db, BUSY_MS);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    HP_TRY(number(s, "PRAGMA application_id", &application, err));
    HP_TRY(number(s, "PRAGMA user_version", &version, err));
    if (application != APPLICATION) HP_TRY(number(s, "SELECT count(*) FROM sqlite_master", &tables, err));
    if (tables || (application == APPLICATION && version != VERSION))
        return hp_fail(err, HP_DATA, "%s: is no store of lineage of this version; move it away", s->path);
    HP_TRY(run_sql(s, "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0", err));
    return application == APPLICATION ? HP_OK : make_tables(s, err);
}

/* SQLite gives the files beside the store its mode. */
static void make_private(const char *dir, const char *path, hp_err *err) {
    (void)hp_make_parents(path, err);
    (void)chmod(dir, 0700);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) (void)close(fd);
}

static hp_code open_db(hp_lineage_store *s, const char *dir, bool make, hp_err *err) {
    bool there = hp_exists(s->path);
    if (!there && !make)
        return hp_fail(err, HP_NOINPUT, "%s: no run has been recorded yet; hotpass refine and enrich do",
                       s->path);
    if (!there) make_private(dir, s->path, err);
    if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return hp_lineage_fault(s, err);
    return set_up(s, err);
}

hp_code hp_lineage_open(const char *dir, bool make, hp_lineage_store **out, hp_err *err) {
    hp_lineage_store *s = hp_calloc(1, sizeof *s);
    if (!s) return hp_fail_memory(err, "the store of lineage");
    int n = snprintf(s->path, sizeof s->path, "%s/" HP_LINEAGE_FILE, dir);
    hp_code code = n < 0 || (size_t)n >= sizeof s->path
                       ? hp_fail(err, HP_CANTCREAT, "the path of the store of lineage is too long")
                       : open_db(s, dir, make, err);
    if (code != HP_OK) {
        hp_lineage_close(s);
        return code;
    }
    *out = s;
    return HP_OK;
}

void hp_lineage_patience(hp_lineage_store *s) { (void)sqlite3_busy_timeout(s->db, PATIENT_MS); }

/* Whoever opens the store reads the whole journal, and one that is shorter than a few runs is not worth the
 * waiting for the disk. */
static void shorten_journal(hp_lineage_store *s) {
    char journal[sizeof s->path + 8];
    struct stat st;
    (void)snprintf(journal, sizeof journal, "%s-wal", s->path);
    if (!s->db || stat(journal, &st) != 0 || st.st_size < JOURNAL_BYTES) return;
    (void)sqlite3_busy_timeout(s->db, 0); /* another time, if others are at it */
    (void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

void hp_lineage_close(hp_lineage_store *s) {
    if (!s) return;
    shorten_journal(s);
    (void)sqlite3_close(s->db);
    hp_free(s);
}

/* ---- writing events ---- */

static const char DATASETS[] =
    "INSERT INTO dataset SELECT ?1, ?2, json_extract(value, '$.namespace'), json_extract(value, '$.name')"
    " FROM json_each(?3, ?4)";

static hp_code add_event(hp_lineage_store *s, const hp_lineage_run *r, hp_lineage_type type, int64_t ms,
                         const hp_node *doc, const hp_lineage_failure *why, hp_str state, hp_err *err) {
    hp_autobuf body = hp_buf_new(MAX_EVENT);
    hp_lineage_event(r, type, ms, doc, why, &body);
    HP_TRY(hp_buf_check(&body, "an event of lineage", err));
    hp_str text = hp_buf_str(&body);
    HP_TRY(hp_lineage_do(s, err, "INSERT INTO event (run, type, time, body, state) VALUES (?,?,?,?,?)",
                         "ssiss", r->id, hp_str_of(hp_lineage_word(type)), ms, text, state));
    int64_t seq = sqlite3_last_insert_rowid(s->db);
    HP_TRY(hp_lineage_do(s, err, DATASETS, "iiss", seq, (int64_t)0, text, HP_S("$.inputs")));
    return hp_lineage_do(s, err, DATASETS, "iiss", seq, (int64_t)1, text, HP_S("$.outputs"));
}

static void this_host(char out[256]) {
    if (gethostname(out, 255) != 0) out[0] = '\0';
    out[255] = '\0';
}

static hp_code add_run(hp_lineage_store *s, const hp_lineage_run *r, int64_t ms, hp_err *err) {
    char host[256];
    hp_process me = {0};
    hp_autobuf job = hp_buf_new(4096);
    this_host(host);
    if (!hp_process_look(getpid(), &me))
        return hp_fail(
            err, HP_IO,
            "this process cannot be looked at in /proc, so nobody could tell whether it still runs");
    hp_lineage_put_job(r, &job);
    HP_TRY(hp_buf_check(&job, "the name of a job", err));
    return hp_lineage_do(s, err, "INSERT INTO run VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,NULL)",
                         "ssssssssssssisissii", r->id, r->ns, r->producer, r->command, r->profile, r->input,
                         r->parent.ns, r->parent.job, r->parent.run, r->root.ns, r->root.job, r->root.run,
                         r->nominal, hp_buf_str(&job), ms, hp_str_of(host), hp_str_of(me.boot),
                         (int64_t)me.pid, (int64_t)me.start);
}

/* ---- ending runs ---- */

/* What a run's row says of it. */
typedef struct open_run {
    hp_lineage_run r;
    int64_t started;
    hp_str host;
    hp_process who;
} open_run;

#define RUN_COLUMNS                                                                                              \
    "id, ns, producer, command, profile, input, parent_ns, parent_job, parent_run, root_ns, root_job, root_run," \
    " nominal, started, host, boot, pid, start"

static bool read_run(hp_arena *a, sqlite3_stmt *q, open_run *out) {
    hp_str *text[] = {&out->r.id,         &out->r.ns,      &out->r.producer,  &out->r.command,
                      &out->r.profile,    &out->r.input,   &out->r.parent.ns, &out->r.parent.job,
                      &out->r.parent.run, &out->r.root.ns, &out->r.root.job,  &out->r.root.run};
    bool ok = true;
    for (int i = 0; i < (int)(sizeof text / sizeof *text); i++) {
        *text[i] = hp_lineage_text(a, q, i);
        ok &= text[i]->p != NULL;
    }
    out->r.nominal = sqlite3_column_int64(q, 12);
    out->started = sqlite3_column_int64(q, 13);
    out->host = hp_lineage_text(a, q, 14);
    hp_str boot = hp_lineage_text(a, q, 15);
    out->who.pid = (pid_t)sqlite3_column_int64(q, 16);
    out->who.start = (uint64_t)sqlite3_column_int64(q, 17);
    if (boot.p) (void)snprintf(out->who.boot, sizeof out->who.boot, "%.*s", HP_FMT(boot));
    return ok && out->host.p && boot.p;
}

/* The last event goes where the first one went. */
static hp_code state_of(hp_lineage_store *s, hp_str id, bool *local, hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool row = false;
    HP_TRY(hp_lineage_ask(
        s, &q, err, "SELECT 1 FROM event WHERE run = ? AND type = 'START' AND state = 'local'", "s", id));
    hp_code code = hp_lineage_step(s, q, &row, err);
    sqlite3_finalize(q);
    *local = row;
    return code;
}

static hp_code end_run(hp_lineage_store *s, const open_run *o, const hp_lineage_ending *how, hp_err *err) {
    int64_t now = hp_lineage_now();
    bool local = false;
    HP_TRY(state_of(s, o->r.id, &local, err));
    HP_TRY(add_event(s, &o->r, how->type, now > o->started ? now : o->started, how->doc,
                     how->type == HP_LINEAGE_COMPLETE ? NULL : &how->why,
                     local ? HP_S("local") : HP_S("pending"), err));
    return hp_lineage_do(s, err, "UPDATE run SET end = ? WHERE id = ?", "ss",
                         hp_str_of(hp_lineage_word(how->type)), o->r.id);
}

/* A number of a process is only worth something on its machine. */
static bool is_over(const open_run *o, const char *host) {
    if (!hp_str_eq(o->host, hp_str_of(host))) return hp_lineage_now() - o->started > ELSEWHERE_MS;
    return !hp_process_alive(&o->who);
}

static hp_code list_open(hp_lineage_store *s, hp_arena *a, open_run **out, size_t *n, hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    HP_TRY(number(s, "SELECT count(*) FROM run WHERE end IS NULL", &count, err));
    *out = HP_NEW_ARRAY(a, (size_t)count + 1, open_run);
    if (!*out) return hp_fail_memory(err, "the runs");
    HP_TRY(hp_lineage_ask(s, &q, err,
                          "SELECT " RUN_COLUMNS " FROM run WHERE end IS NULL ORDER BY started, id", ""));
    hp_code code = hp_lineage_step(s, q, &row, err);
    for (*n = 0; code == HP_OK && row && *n < (size_t)count;) {
        if (!read_run(a, q, &(*out)[(*n)++])) code = hp_fail_memory(err, "the runs");
        if (code == HP_OK) code = hp_lineage_step(s, q, &row, err);
    }
    sqlite3_finalize(q);
    return code;
}

static hp_code settle(hp_lineage_store *s, size_t *n, hp_err *err) {
    static const hp_lineage_ending GONE = {
        .type = HP_LINEAGE_ABORT,
        .why = {.message = {"its process ended without a word: it was killed, or the machine stopped", 71},
                .code = -1}};
    hp_autoarena *a = hp_arena_new(NULL);
    if (!a) return hp_fail_memory(err, "the runs");
    open_run *open;
    size_t nopen = 0;
    char host[256];
    this_host(host);
    *n = 0;
    HP_TRY(list_open(s, a, &open, &nopen, err));
    for (size_t i = 0; i < nopen; i++) {
        if (!is_over(&open[i], host)) continue;
        HP_TRY(end_run(s, &open[i], &GONE, err));
        ++*n;
    }
    return HP_OK;
}

/* ---- steps that count whole or not at all ---- */

static hp_code finish(const hp_lineage_store *s, hp_code code, hp_err *err) {
    if (code == HP_OK) code = run_sql(s, "COMMIT", err);
    if (code != HP_OK) (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

hp_code hp_lineage_begin(hp_lineage_store *s, const hp_lineage_run *r, bool deliver, hp_err *err) {
    int64_t ms = hp_lineage_now();
    size_t settled;
    HP_TRY(run_sql(s, "BEGIN IMMEDIATE", err));
    hp_code code = settle(s, &settled, err);
    if (code == HP_OK) code = add_run(s, r, ms, err);
    if (code == HP_OK)
        code =
            add_event(s, r, HP_LINEAGE_START, ms, NULL, NULL, deliver ? HP_S("pending") : HP_S("local"), err);
    return finish(s, code, err);
}

static hp_code find_open(hp_lineage_store *s, hp_arena *a, hp_str id, open_run *out, bool *ended,
                         hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool row = false;
    HP_TRY(
        hp_lineage_ask(s, &q, err, "SELECT " RUN_COLUMNS ", end IS NOT NULL FROM run WHERE id = ?", "s", id));
    hp_code code = hp_lineage_step(s, q, &row, err);
    if (code == HP_OK && !row)
        code = hp_fail(err, HP_NOINPUT, "there is no run %.*s; see hotpass lineage tail", HP_FMT(id));
    if (code == HP_OK && !read_run(a, q, out)) code = hp_fail_memory(err, "a run");
    if (code == HP_OK) *ended = sqlite3_column_int(q, 18) != 0;
    sqlite3_finalize(q);
    return code;
}

hp_code hp_lineage_end(hp_lineage_store *s, hp_str id, const hp_lineage_ending *how, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    if (!a) return hp_fail_memory(err, "a run");
    open_run o = {0};
    bool ended = false;
    HP_TRY(run_sql(s, "BEGIN IMMEDIATE", err));
    hp_code code = find_open(s, a, id, &o, &ended, err);
    if (code == HP_OK && !ended) code = end_run(s, &o, how, err);
    return finish(s, code, err);
}

hp_code hp_lineage_settle(hp_lineage_store *s, size_t *n, hp_err *err) {
    HP_TRY(run_sql(s, "BEGIN IMMEDIATE", err));
    return finish(s, settle(s, n, err), err);
}
