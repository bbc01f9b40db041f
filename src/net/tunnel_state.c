#include "net/tunnel_state.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "net/owner.h"

#include "base/banned.h"

enum { BUSY_MS = 30000, JSON_BYTES = 8 << 20 };

struct hp_net_state {
    sqlite3 *db;
    hp_arena *arena;
    hp_str dir;
    bool changing;
};

/* A local port may stand in several rows: those of tunnels that are dead do not count. */
static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS tunnel (label TEXT PRIMARY KEY, via INTEGER NOT NULL, host TEXT NOT NULL,"
    " user TEXT, port INTEGER NOT NULL, identity TEXT, known_hosts TEXT, ssh_config TEXT, jump TEXT,"
    " stage INTEGER NOT NULL, boot TEXT NOT NULL, owner_pid INTEGER NOT NULL, owner_start INTEGER NOT NULL,"
    " keeper_pid INTEGER NOT NULL, keeper_start INTEGER NOT NULL, created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, reconnect INTEGER NOT NULL, restarts INTEGER NOT NULL, note TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS forward (label TEXT NOT NULL, n INTEGER NOT NULL, name TEXT NOT NULL,"
    " host TEXT NOT NULL, port INTEGER NOT NULL, local INTEGER NOT NULL, service INTEGER NOT NULL,"
    " PRIMARY KEY (label, n));"
    "CREATE TABLE IF NOT EXISTS leg (label TEXT NOT NULL, n INTEGER NOT NULL, pid INTEGER NOT NULL,"
    " start INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (label, n));";

static hp_code sql_failed(const hp_net_state *s, hp_err *err) {
    int code = sqlite3_errcode(s->db) & 0xff;
    if (code == SQLITE_NOMEM) return hp_fail_memory(err, "the state of tunnels");
    return hp_fail(err, code == SQLITE_BUSY || code == SQLITE_LOCKED ? HP_RETRY : HP_IO,
                   "%s/net/tunnels.sqlite: %s%s", s->dir.p, sqlite3_errmsg(s->db),
                   code == SQLITE_BUSY ? "; another hotpass net is at work, try again" : "");
}

/* ---- where ---- */

static hp_str from_xdg(hp_arena *a) {
    const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (xdg && xdg[0] == '/') return hp_arena_printf(a, "%s/hotpass", xdg);
    if (home && home[0] == '/') return hp_arena_printf(a, "%s/.local/state/hotpass", home);
    return (hp_str){0};
}

static hp_code from_variable(hp_arena *a, const char *set, const char *here, hp_str *out, hp_err *err) {
    const char *home = getenv("HOME");
    if (set[0] == '~' && (set[1] == '/' || !set[1]) && home) {
        *out = hp_arena_printf(a, "%s%s", home, set + 1);
    } else {
        *out = set[0] == '/' ? hp_arena_dup(a, hp_str_of(set)) : hp_arena_printf(a, "%s/%s", here, set);
    }
    return out->p ? HP_OK : hp_fail_memory(err, "a path");
}

hp_code hp_state_dir(hp_arena *a, hp_str *out, hp_err *err) {
    char here[4096];
    const char *set = getenv("HOTPASS_STATE_DIR");
    if (!getcwd(here, sizeof here))
        return hp_fail(err, HP_IO, "this directory cannot be named: %s", strerrordesc_np(errno));
    if (set && *set) return from_variable(a, set, here, out, err);
    for (hp_str at = hp_str_of(here); at.n;) {
        hp_str own = hp_arena_printf(a, "%.*s/.hotpass", HP_FMT(at));
        hp_str config = hp_arena_printf(a, "%.*s/hotpass.yaml", HP_FMT(at));
        if (!own.p || !config.p) return hp_fail_memory(err, "a path");
        if (hp_is_dir(own.p) || hp_exists(config.p)) {
            *out = own;
            return HP_OK;
        }
        while (at.n && at.p[at.n - 1] != '/') at.n--;
        if (at.n) at.n--;
    }
    *out = from_xdg(a);
    if (out->p) return HP_OK;
    return hp_fail(err, HP_CONFIG, "there is no place for state: set HOTPASS_STATE_DIR, or HOME");
}

hp_str hp_net_file(hp_arena *a, const char *dir, hp_str stem, const char *suffix) {
    return hp_arena_printf(a, "%s/net/%.*s%s", dir, HP_FMT(stem), suffix);
}

/* Makes a directory and those above it, for this user alone. */
static hp_code make_dirs(hp_arena *a, const char *path, hp_err *err) {
    hp_str s = hp_arena_dup(a, hp_str_of(path));
    if (!s.p) return hp_fail_memory(err, "a path");
    char *p = (char *)(uintptr_t)s.p;
    for (size_t i = 1; i <= s.n; i++) {
        if (p[i] != '/' && p[i] != '\0') continue;
        char was = p[i];
        p[i] = '\0';
        if (mkdir(p, 0700) != 0 && errno != EEXIST)
            return hp_fail(err, HP_CANTCREAT,
                           "%s: cannot be made: %s; set HOTPASS_STATE_DIR to another place", p,
                           strerrordesc_np(errno));
        p[i] = was;
    }
    return HP_OK;
}

/* ---- open, begin, commit ---- */

static hp_code run_sql(hp_net_state *s, const char *sql, hp_err *err) {
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? HP_OK : sql_failed(s, err);
}

/* Within one change, so that of several who find the file empty one makes them. */
static hp_code make_tables(hp_net_state *s, hp_err *err) {
    static const char LOOK[] = "SELECT 1 FROM leg LIMIT 1"; /* the one made last */
    if (sqlite3_exec(s->db, LOOK, NULL, NULL, NULL) == SQLITE_OK) return HP_OK;
    HP_TRY(hp_net_state_begin(s, err));
    HP_TRY(run_sql(s, SCHEMA, err));
    HP_TRY(run_sql(s, "COMMIT", err));
    s->changing = false;
    return HP_OK;
}

/* A directory that was found by walking upwards may be anybody's. */
static hp_code check_owner(const hp_net_state *s, hp_str net, hp_str db, hp_err *err) {
    hp_str keys = hp_net_file(s->arena, s->dir.p, HP_S("known_hosts"), "");
    if (!keys.p) return hp_fail_memory(err, "a path");
    const char *const paths[] = {s->dir.p, net.p, keys.p, db.p};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) HP_TRY(hp_owner_check(paths[i], err));
    return HP_OK;
}

static hp_code open_db(hp_net_state *s, hp_err *err) {
    hp_str net = hp_arena_printf(s->arena, "%s/net", s->dir.p);
    hp_str path = hp_net_file(s->arena, s->dir.p, HP_S("tunnels"), ".sqlite");
    if (!net.p || !path.p) return hp_fail_memory(err, "a path");
    HP_TRY(check_owner(s, net, path, err));
    HP_TRY(make_dirs(s->arena, net.p, err));
    if (sqlite3_open_v2(path.p, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
        return hp_fail(err, HP_CANTCREAT, "%s: %s", path.p, s->db ? sqlite3_errmsg(s->db) : "out of memory");
    sqlite3_busy_timeout(s->db, BUSY_MS);
    return make_tables(s, err);
}

hp_code hp_net_state_open(const char *dir, hp_net_state **out, hp_err *err) {
    hp_arena *a = hp_arena_new(NULL);
    hp_net_state *s = a ? HP_NEW(a, hp_net_state) : NULL;
    if (s) {
        s->arena = a;
        s->dir = hp_arena_dup(a, hp_str_of(dir));
    }
    if (!s || !s->dir.p) {
        hp_arena_drop(a);
        return hp_fail_memory(err, "the state of tunnels");
    }
    hp_code code = open_db(s, err);
    if (code != HP_OK) {
        hp_net_state_close(s);
        return code;
    }
    *out = s;
    return HP_OK;
}

void hp_net_state_close(hp_net_state *s) {
    if (!s) return;
    sqlite3_close(s->db);
    hp_arena_drop(s->arena);
}

hp_code hp_net_state_begin(hp_net_state *s, hp_err *err) {
    HP_TRY(run_sql(s, "BEGIN IMMEDIATE", err));
    s->changing = true;
    return HP_OK;
}

void hp_net_state_rollback(hp_net_state *s) {
    if (s->changing) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->changing = false;
}

/* ---- rows ---- */

static void bind_text(sqlite3_stmt *q, int at, const char *text) {
    sqlite3_bind_text(q, at, text, -1, SQLITE_TRANSIENT); /* NULL binds NULL */
}

static hp_code prepare(hp_net_state *s, const char *sql, sqlite3_stmt **q, hp_err *err) {
    return sqlite3_prepare_v2(s->db, sql, -1, q, NULL) == SQLITE_OK ? HP_OK : sql_failed(s, err);
}

static hp_code finish(hp_net_state *s, sqlite3_stmt *q, hp_err *err) {
    bool fine = sqlite3_step(q) == SQLITE_DONE;
    hp_code code = fine ? HP_OK : sql_failed(s, err);
    sqlite3_finalize(q);
    return code;
}

hp_code hp_net_state_drop(hp_net_state *s, hp_str label, hp_err *err) {
    static const char *const FROM[] = {"DELETE FROM tunnel WHERE label = ?1",
                                       "DELETE FROM forward WHERE label = ?1",
                                       "DELETE FROM leg WHERE label = ?1"};
    for (size_t i = 0; i < 3; i++) {
        sqlite3_stmt *q;
        HP_TRY(prepare(s, FROM[i], &q, err));
        sqlite3_bind_text(q, 1, label.p, (int)label.n, SQLITE_TRANSIENT);
        HP_TRY(finish(s, q, err));
    }
    return HP_OK;
}

static hp_code put_row(hp_net_state *s, const hp_tunnel *t, hp_err *err) {
    const hp_tunnel_plan *p = &t->plan;
    sqlite3_stmt *q;
    HP_TRY(prepare(s, "INSERT INTO tunnel VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", &q, err));
    const char *text[] = {p->identity, p->known_hosts, p->ssh_config, p->jump};
    const int64_t number[] = {t->owner.pid,  (int64_t)t->owner.start,
                              t->keeper.pid, (int64_t)t->keeper.start,
                              t->created,    t->expires,
                              t->reconnect,  t->restarts};
    const char *boot = t->nleg ? t->leg[0].who.boot : "";
    bind_text(q, 1, t->label.p);
    sqlite3_bind_int(q, 2, (int)p->via);
    bind_text(q, 3, p->host);
    bind_text(q, 4, p->user);
    sqlite3_bind_int(q, 5, p->port);
    for (int i = 0; i < 4; i++) bind_text(q, 6 + i, text[i]);
    sqlite3_bind_int(q, 10, (int)t->stage);
    bind_text(q, 11, boot);
    for (int i = 0; i < 8; i++) sqlite3_bind_int64(q, 12 + i, number[i]);
    bind_text(q, 20, t->note.n ? t->note.p : "");
    return finish(s, q, err);
}

static hp_code put_forward(hp_net_state *s, const hp_tunnel *t, size_t i, hp_err *err) {
    const hp_forward *f = &t->plan.forward[i];
    sqlite3_stmt *q;
    HP_TRY(prepare(s, "INSERT INTO forward VALUES (?,?,?,?,?,?,?)", &q, err));
    bind_text(q, 1, t->label.p);
    sqlite3_bind_int(q, 2, (int)i);
    bind_text(q, 3, f->name.p);
    sqlite3_bind_text(q, 4, f->host.p, (int)f->host.n, SQLITE_TRANSIENT);
    sqlite3_bind_int(q, 5, f->port);
    sqlite3_bind_int(q, 6, f->local);
    sqlite3_bind_int(q, 7, (int)f->service);
    return finish(s, q, err);
}

static hp_code put_leg(hp_net_state *s, const hp_tunnel *t, size_t i, hp_err *err) {
    const hp_leg *l = &t->leg[i];
    sqlite3_stmt *q;
    HP_TRY(prepare(s, "INSERT INTO leg VALUES (?,?,?,?,?)", &q, err));
    bind_text(q, 1, t->label.p);
    sqlite3_bind_int(q, 2, (int)i);
    sqlite3_bind_int(q, 3, l->who.pid);
    sqlite3_bind_int64(q, 4, (int64_t)l->who.start);
    bind_text(q, 5, l->digest);
    return finish(s, q, err);
}

hp_code hp_net_state_put(hp_net_state *s, const hp_tunnel *t, hp_err *err) {
    HP_TRY(hp_net_state_drop(s, t->label, err));
    HP_TRY(put_row(s, t, err));
    for (size_t i = 0; i < t->plan.nforward; i++) HP_TRY(put_forward(s, t, i, err));
    for (size_t i = 0; i < t->nleg; i++) HP_TRY(put_leg(s, t, i, err));
    return HP_OK;
}

/* ---- reading ---- */

typedef struct reading {
    hp_net_state *s;
    hp_arena *a;
    sqlite3_stmt *q;
    bool bad;
} reading;

/* A text of the present row in the arena; NULL stays NULL. */
static const char *text_at(reading *r, int column) {
    const char *v = (const char *)sqlite3_column_text(r->q, column);
    if (!v) return NULL;
    hp_str copy = hp_arena_dup(r->a, hp_str_of(v));
    r->bad |= !copy.p;
    return copy.p;
}

static hp_process who_at(reading *r, int column, const char *boot) {
    hp_process p = {.pid = sqlite3_column_int(r->q, column),
                    .start = (uint64_t)sqlite3_column_int64(r->q, column + 1)};
    hp_str id = hp_str_cut(hp_str_of(boot), 0, sizeof p.boot - 1);
    memcpy(p.boot, id.p, id.n);
    return p;
}

static void read_row(reading *r, hp_tunnel *t, const char **boot) {
    hp_tunnel_plan *p = &t->plan;
    t->label = hp_str_of(text_at(r, 0));
    p->via = sqlite3_column_int(r->q, 1) == HP_VIA_SSM ? HP_VIA_SSM : HP_VIA_SSH;
    p->host = text_at(r, 2);
    p->user = text_at(r, 3);
    p->port = sqlite3_column_int(r->q, 4);
    p->identity = text_at(r, 5);
    p->known_hosts = text_at(r, 6);
    p->ssh_config = text_at(r, 7);
    p->jump = text_at(r, 8);
    t->stage = (hp_tunnel_stage)sqlite3_column_int(r->q, 9);
    *boot = text_at(r, 10);
    t->owner = who_at(r, 11, *boot);
    t->keeper = who_at(r, 13, *boot);
    t->created = sqlite3_column_int64(r->q, 15);
    t->expires = sqlite3_column_int64(r->q, 16);
    t->reconnect = sqlite3_column_int(r->q, 17) != 0;
    t->restarts = sqlite3_column_int64(r->q, 18);
    t->note = hp_str_of(text_at(r, 19));
}

static hp_code read_forwards(reading *r, hp_tunnel *t, hp_err *err) {
    t->plan.forward = HP_NEW_ARRAY(r->a, HP_FORWARDS_MAX, hp_forward);
    if (!t->plan.forward) return hp_fail_memory(err, "the state of tunnels");
    HP_TRY(prepare(r->s, "SELECT name, host, port, local, service FROM forward WHERE label = ?1 ORDER BY n",
                   &r->q, err));
    bind_text(r->q, 1, t->label.p);
    int step;
    while ((step = sqlite3_step(r->q)) == SQLITE_ROW && t->plan.nforward < HP_FORWARDS_MAX) {
        int service = sqlite3_column_int(r->q, 4);
        t->plan.forward[t->plan.nforward++] = (hp_forward){
            .name = hp_str_of(text_at(r, 0)),
            .host = hp_str_of(text_at(r, 1)),
            .port = sqlite3_column_int(r->q, 2),
            .local = sqlite3_column_int(r->q, 3),
            .service = service >= 0 && service <= HP_SERVICE_MARQUEZ ? (hp_service)service : HP_SERVICE_TCP};
    }
    hp_code code = step == SQLITE_ROW || step == SQLITE_DONE ? HP_OK : sql_failed(r->s, err);
    sqlite3_finalize(r->q);
    return code;
}

static hp_code read_legs(reading *r, hp_tunnel *t, const char *boot, hp_err *err) {
    t->leg = HP_NEW_ARRAY(r->a, HP_FORWARDS_MAX, hp_leg);
    if (!t->leg) return hp_fail_memory(err, "the state of tunnels");
    HP_TRY(prepare(r->s, "SELECT pid, start, digest FROM leg WHERE label = ?1 ORDER BY n", &r->q, err));
    bind_text(r->q, 1, t->label.p);
    int step;
    while ((step = sqlite3_step(r->q)) == SQLITE_ROW && t->nleg < HP_FORWARDS_MAX) {
        hp_leg *l = &t->leg[t->nleg++];
        hp_str digest = hp_str_cut(hp_str_of(text_at(r, 2)), 0, sizeof l->digest - 1);
        l->who = who_at(r, 0, boot);
        memcpy(l->digest, digest.p, digest.n);
    }
    hp_code code = step == SQLITE_ROW || step == SQLITE_DONE ? HP_OK : sql_failed(r->s, err);
    sqlite3_finalize(r->q);
    return code;
}

/* All rows, of one moment. */
static hp_code read_all(hp_net_state *s, hp_arena *a, hp_tunnel **out, size_t *n, hp_err *err) {
    reading r = {.s = s, .a = a};
    const char **boot;
    int64_t count = 0;
    HP_TRY(prepare(s, "SELECT count(*) FROM tunnel", &r.q, err));
    if (sqlite3_step(r.q) == SQLITE_ROW) count = sqlite3_column_int64(r.q, 0);
    sqlite3_finalize(r.q);
    hp_tunnel *t = HP_NEW_ARRAY(a, (size_t)count + 1, hp_tunnel);
    boot = HP_NEW_ARRAY(a, (size_t)count + 1, const char *);
    if (!t || !boot) return hp_fail_memory(err, "the state of tunnels");
    HP_TRY(prepare(s, "SELECT * FROM tunnel ORDER BY created, label", &r.q, err));
    size_t k = 0;
    while (k < (size_t)count && sqlite3_step(r.q) == SQLITE_ROW) {
        read_row(&r, &t[k], &boot[k]);
        k++;
    }
    sqlite3_finalize(r.q);
    for (size_t i = 0; i < k; i++) {
        HP_TRY(read_forwards(&r, &t[i], err));
        HP_TRY(read_legs(&r, &t[i], boot[i], err));
    }
    if (r.bad) return hp_fail_memory(err, "the state of tunnels");
    *out = t;
    *n = k;
    return HP_OK;
}

hp_code hp_net_state_list(hp_net_state *s, hp_arena *a, hp_tunnel **out, size_t *n, hp_err *err) {
    bool own = !s->changing;
    if (own) HP_TRY(run_sql(s, "BEGIN", err));
    hp_code code = read_all(s, a, out, n, err);
    if (own) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

hp_code hp_net_state_find(hp_net_state *s, hp_arena *a, hp_str label, hp_tunnel **out, hp_err *err) {
    hp_tunnel *all;
    size_t n;
    HP_TRY(hp_net_state_list(s, a, &all, &n, err));
    *out = NULL;
    for (size_t i = 0; i < n; i++) {
        if (hp_str_eq(all[i].label, label)) *out = &all[i];
    }
    return HP_OK;
}

/* ---- net.json ---- */

static void member(hp_json *j, const char *key, hp_str text) {
    hp_json_key(j, key);
    hp_json_str(j, text);
}

static void number(hp_json *j, const char *key, int64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, v);
}

static void put_time(hp_json *j, const char *key, int64_t seconds) {
    char iso[21];
    hp_json_key(j, key);
    if (seconds) hp_time_iso(seconds, iso);
    hp_json_cstr(j, seconds ? iso : NULL);
}

static void put_forwards(hp_json *j, const hp_tunnel *t) {
    hp_json_key(j, "metadata");
    hp_json_object(j);
    for (size_t i = 0; i < t->plan.nforward; i++) {
        const hp_forward *f = &t->plan.forward[i];
        hp_json_key_str(j, f->name);
        hp_json_object(j);
        number(j, "local_port", f->local);
        member(j, "remote_host", f->host);
        number(j, "remote_port", f->port);
        hp_json_object_end(j);
    }
    hp_json_object_end(j);
}

/* The members of the reference system first, then ours. */
static hp_code put_session(hp_arena *a, hp_json *j, const hp_tunnel *t, hp_err *err) {
    const char *const *argv;
    HP_TRY(hp_plan_argv(a, &t->plan, 0, &argv, err));
    hp_json_object(j);
    member(j, "label", t->label);
    member(j, "via", hp_str_of(hp_via_word(t->plan.via)));
    hp_json_key(j, "command");
    hp_json_array(j);
    for (size_t i = 0; argv[i]; i++) hp_json_cstr(j, argv[i]);
    hp_json_array_end(j);
    number(j, "pid", t->nleg ? t->leg[0].who.pid : 0);
    put_time(j, "created_at", t->created);
    put_forwards(j, t);
    member(j, "host", hp_str_of(t->plan.host));
    number(j, "process_start", t->nleg ? (int64_t)t->leg[0].who.start : 0);
    member(j, "boot_id", hp_str_of(t->nleg ? t->leg[0].who.boot : ""));
    member(j, "argv_sha256", hp_str_of(t->nleg ? t->leg[0].digest : ""));
    put_time(j, "expires_at", t->expires);
    hp_json_object_end(j);
    return HP_OK;
}

static hp_code write_json(hp_net_state *s, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_tunnel *t;
    size_t n;
    hp_str path = a ? hp_arena_printf(a, "%s/net.json", s->dir.p) : (hp_str){0};
    if (!path.p) return hp_fail_memory(err, "net.json");
    HP_TRY(read_all(s, a, &t, &n, err));
    if (n == 0) {
        unlink(path.p); /* as the reference system does; not there is as well */
        return HP_OK;
    }
    hp_autobuf text = hp_buf_new(JSON_BYTES);
    hp_json j = {.out = &text, .pretty = true};
    hp_json_object(&j);
    hp_json_key(&j, "sessions");
    hp_json_array(&j);
    for (size_t i = 0; i < n; i++) {
        if (t[i].stage == HP_TUNNEL_UP) HP_TRY(put_session(a, &j, &t[i], err));
    }
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    HP_TRY(hp_buf_check(&text, "net.json", err));
    return hp_write_file(path.p, hp_buf_str(&text), err);
}

hp_code hp_net_state_commit(hp_net_state *s, hp_err *err) {
    HP_TRY(write_json(s, err));
    HP_TRY(run_sql(s, "COMMIT", err));
    s->changing = false;
    return HP_OK;
}
