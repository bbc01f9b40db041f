#include <sqlite3.h>
#include <zstd.h>

#include "base/limits.h"
#include "why/store.h"

#include "base/banned.h"

/* Unpacked, a block is a few hundred kilobytes; an organisation of a million rows is one, too. */
#define MOST_BYTES (1u << 30)

static hp_code damaged(const hp_why_store *s, hp_err *err) {
    return hp_fail(err, HP_DATA,
                   "%s: is no provenance store that can be read; run hotpass refine again to make one",
                   s->path);
}

static hp_code fault(const hp_why_store *s, hp_err *err) {
    int code = s->db ? sqlite3_errcode(s->db) & 0xFF : SQLITE_NOMEM;
    if (code == SQLITE_NOMEM) return hp_fail_memory(err, "the provenance store");
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_ERROR) return damaged(s, err);
    return hp_fail(err, HP_IO, "%s: cannot be read: SQLite says: %s", s->path, sqlite3_errmsg(s->db));
}

/* ---- queries: each is run once, so none is kept ---- */

static hp_code query(const hp_why_store *s, const char *sql, sqlite3_stmt **out, hp_err *err) {
    return sqlite3_prepare_v2(s->db, sql, -1, out, NULL) == SQLITE_OK ? HP_OK : fault(s, err);
}

/* Steps; *row tells whether there is one. */
static hp_code step(const hp_why_store *s, sqlite3_stmt *q, bool *row, hp_err *err) {
    int code = sqlite3_step(q);
    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? HP_OK : fault(s, err);
}

static hp_str text_at(sqlite3_stmt *q, int i) {
    const unsigned char *p = sqlite3_column_text(q, i);
    return (hp_str){p ? (const char *)p : "", p ? (size_t)sqlite3_column_bytes(q, i) : 0};
}

static hp_code keep(const hp_why_store *s, sqlite3_stmt *q, int i, hp_str *out, hp_err *err) {
    *out = hp_arena_dup(s->arena, text_at(q, i));
    return out->p ? HP_OK : hp_fail_memory(err, "the provenance store");
}

/* Runs a query and calls `fn` for its rows. */
static hp_code each(const hp_why_store *s, const char *sql,
                    hp_code (*fn)(void *ctx, sqlite3_stmt *q, hp_err *err), void *ctx, hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool row = false;
    hp_code code = query(s, sql, &q, err);
    if (code == HP_OK) code = step(s, q, &row, err);
    while (code == HP_OK && row) {
        code = fn(ctx, q, err);
        if (code == HP_OK) code = step(s, q, &row, err);
    }
    sqlite3_finalize(q);
    return code;
}

/* Counts what a list will hold. */
static hp_code count(const hp_why_store *s, const char *sql, size_t *n, hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool row = false;
    hp_code code = query(s, sql, &q, err);
    if (code == HP_OK) code = step(s, q, &row, err);
    int64_t v = row ? sqlite3_column_int64(q, 0) : 0;
    sqlite3_finalize(q);
    if (code == HP_OK && (v < 0 || v > UINT32_MAX)) return damaged(s, err);
    *n = (size_t)v;
    return code;
}

/* ---- what every answer needs ---- */

static hp_code take_meta(void *ctx, sqlite3_stmt *q, hp_err *err) {
    hp_why_store *s = ctx;
    static const char *const ROWS[HP_OF_COUNT] = {"rows", "contacts", "quarantined"};
    hp_sha256 own;
    hp_str key = text_at(q, 0), value = text_at(q, 1);
    if (hp_str_eq(key, HP_S("version"))) return keep(s, q, 1, &s->version, err);
    if (hp_str_eq(key, HP_S("schema")) && !hp_str_eq(value, HP_S("hotpass.provenance/1")))
        return damaged(s, err);
    if (hp_str_eq(key, HP_S("vocabulary"))) {
        hp_store_vocabulary(&own);
        if (!hp_str_eq(value, hp_str_of(own.hex)))
            return hp_fail(
                err, HP_DATA,
                "%s: was written by a hotpass with other rules than this one (%s); run hotpass refine "
                "again, or ask the one that wrote it",
                s->path, HP_VERSION);
    }
    for (int i = 0; i < HP_OF_COUNT; i++) {
        int64_t n;
        if (hp_str_eq(key, hp_str_of(ROWS[i])) && hp_str_i64(value, &n) && n >= 0) s->rows[i] = (uint64_t)n;
    }
    return HP_OK;
}

static hp_code take_file(void *ctx, sqlite3_stmt *q, hp_err *err) {
    hp_why_store *s = ctx;
    hp_stored_file *f = &s->file[s->nfile++];
    f->bytes = (uint64_t)sqlite3_column_int64(q, 5);
    f->priority = sqlite3_column_int64(q, 6);
    HP_TRY(keep(s, q, 4, &f->quick, err));
    HP_TRY(keep(s, q, 0, &f->name, err));
    HP_TRY(keep(s, q, 1, &f->path, err));
    HP_TRY(keep(s, q, 2, &f->label, err));
    return keep(s, q, 3, &f->sha256, err);
}

static hp_code take_sheet(void *ctx, sqlite3_stmt *q, hp_err *err) {
    hp_why_store *s = ctx;
    hp_stored_sheet *t = &s->sheet[s->nsheet++];
    int64_t file = sqlite3_column_int64(q, 0);
    if (file < 0 || (uint64_t)file >= s->nfile) return damaged(s, err);
    t->file = (uint32_t)file;
    return keep(s, q, 1, &t->name, err);
}

static hp_code take_column(void *ctx, sqlite3_stmt *q, hp_err *err) {
    static const char *const OF[HP_OF_COUNT] = {"Data", "Contacts", "Quarantine"};
    hp_why_store *s = ctx;
    for (int i = 0; i < HP_OF_COUNT; i++) {
        if (!hp_str_eq(text_at(q, 0), hp_str_of(OF[i]))) continue;
        hp_stored_column *c = &s->of[i].col[s->of[i].n++];
        c->field = hp_field_find(text_at(q, 2));
        HP_TRY(keep(s, q, 1, &c->name, err));
        HP_TRY(keep(s, q, 3, &c->mode, err));
        HP_TRY(keep(s, q, 4, &c->text, err));
    }
    return HP_OK;
}

static hp_code load(hp_why_store *s, hp_err *err) {
    size_t files, sheets, columns;
    HP_TRY(each(s, "SELECT key, value FROM meta", take_meta, s, err));
    if (!s->version.n) return damaged(s, err);
    HP_TRY(count(s, "SELECT count(*) FROM file", &files, err));
    HP_TRY(count(s, "SELECT count(*) FROM sheet", &sheets, err));
    HP_TRY(count(s, "SELECT count(*) FROM output_column", &columns, err));
    s->file = HP_NEW_ARRAY(s->arena, files + 1, hp_stored_file);
    s->sheet = HP_NEW_ARRAY(s->arena, sheets + 1, hp_stored_sheet);
    if (!s->file || !s->sheet) return hp_fail_memory(err, "the provenance store");
    for (int i = 0; i < HP_OF_COUNT; i++) {
        s->of[i].col = HP_NEW_ARRAY(s->arena, columns + 1, hp_stored_column);
        if (!s->of[i].col) return hp_fail_memory(err, "the provenance store");
    }
    HP_TRY(each(s, "SELECT name, path, label, sha256, xxh3, bytes, priority FROM file ORDER BY id", take_file,
                s, err));
    HP_TRY(each(s, "SELECT file, name FROM sheet ORDER BY id", take_sheet, s, err));
    return each(s, "SELECT sheet, name, field, mode, text FROM output_column ORDER BY sheet, id", take_column,
                s, err);
}

/* Escapes a path for "file:" (RFC 3986; https://sqlite.org/uri.html). "immutable" spares locks and files
 * beside the store: nobody writes to one that has its name. */
static void put_uri(const char *path, hp_buf *uri) {
    hp_buf_puts(uri, "file:");
    for (const char *p = path; *p; p++) {
        if (hp_is_alnum(*p) || strchr("/._-~", *p))
            hp_buf_putc(uri, *p);
        else
            hp_buf_printf(uri, "%%%02X", (unsigned)(unsigned char)*p);
    }
    hp_buf_puts(uri, "?mode=ro&immutable=1");
}

hp_code hp_store_open(hp_arena *a, const char *path, hp_why_store *out, hp_err *err) {
    hp_why_store s = {.arena = a, .path = path};
    hp_autobuf uri = hp_buf_new(1 << 16);
    if (!hp_exists(path))
        return hp_fail(
            err, HP_NOINPUT,
            "%s: does not exist, so that nothing is known about where values came from; run hotpass refine "
            "again, without --no-provenance",
            path);
    put_uri(path, &uri);
    HP_TRY(hp_buf_check(&uri, "the path of the provenance store", err));
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    hp_code code = HP_OK;
    if (sqlite3_open_v2(hp_buf_cstr(&uri), &s.db, flags, NULL) != SQLITE_OK) code = fault(&s, err);
    if (code == HP_OK) {
        sqlite3_db_config(s.db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(s.db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        code = load(&s, err);
    }
    if (code == HP_OK)
        *out = s;
    else
        hp_store_close(&s);
    return code;
}

void hp_store_close(hp_why_store *s) {
    sqlite3_close(s->db);
    s->db = NULL;
}

/* ---- finding ---- */

typedef struct finding {
    const hp_why_store *s;
    hp_str wanted;
    hp_stored_output *out;
    bool exact;
} finding;

static hp_code take_output(const finding *f, sqlite3_stmt *q, hp_err *err) {
    HP_TRY(keep(f->s, q, 0, &f->out->path, err));
    HP_TRY(keep(f->s, q, 1, &f->out->kind, err));
    HP_TRY(keep(f->s, q, 2, &f->out->sha256, err));
    return keep(f->s, q, 3, &f->out->quick, err);
}

/* An output moved to another directory is known by its name. */
static hp_code match_path(void *ctx, sqlite3_stmt *q, hp_err *err) {
    finding *f = ctx;
    bool same = hp_str_eq(text_at(q, 0), f->wanted);
    bool base = hp_str_eq(hp_path_base(text_at(q, 0)), hp_path_base(f->wanted));
    if (!base || (f->exact && !same)) return HP_OK;
    f->exact = same;
    return take_output(f, q, err);
}

static hp_code match_digest(void *ctx, sqlite3_stmt *q, hp_err *err) {
    finding *f = ctx;
    return hp_str_eq(text_at(q, 3), f->wanted) ? take_output(f, q, err) : HP_OK;
}

#define OUTPUTS "SELECT path, kind, sha256, xxh3 FROM output ORDER BY path"

hp_code hp_store_output(const hp_why_store *s, hp_str path, hp_stored_output *out, hp_err *err) {
    finding f = {.s = s, .wanted = path, .out = out};
    *out = (hp_stored_output){{"", 0}, {"", 0}, {"", 0}, {"", 0}};
    return each(s, OUTPUTS, match_path, &f, err);
}

hp_code hp_store_output_of(const hp_why_store *s, hp_str quick, hp_stored_output *out, hp_err *err) {
    finding f = {.s = s, .wanted = quick, .out = out};
    *out = (hp_stored_output){{"", 0}, {"", 0}, {"", 0}, {"", 0}};
    return each(s, OUTPUTS, match_digest, &f, err);
}

hp_code hp_store_find_slug(const hp_why_store *s, hp_str slug, uint64_t *row, hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool found = false;
    hp_code code = query(s, "SELECT row FROM slug WHERE slug = ?", &q, err);
    if (code == HP_OK
        && sqlite3_bind_text64(q, 1, slug.n ? slug.p : "", slug.n, SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)
        code = fault(s, err);
    if (code == HP_OK) code = step(s, q, &found, err);
    *row = found ? (uint64_t)sqlite3_column_int64(q, 0) : UINT64_MAX;
    sqlite3_finalize(q);
    return code;
}

hp_code hp_store_header(const hp_why_store *s, uint32_t sheet, uint32_t col, hp_str *out, hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool found = false;
    *out = (hp_str){"", 0};
    hp_code code = query(s, "SELECT header FROM header WHERE sheet = ? AND col = ?", &q, err);
    if (code == HP_OK
        && (sqlite3_bind_int64(q, 1, sheet) != SQLITE_OK || sqlite3_bind_int64(q, 2, col) != SQLITE_OK))
        code = fault(s, err);
    if (code == HP_OK) code = step(s, q, &found, err);
    if (code == HP_OK && found) code = keep(s, q, 0, out, err);
    sqlite3_finalize(q);
    return code;
}

/* ---- blocks ---- */

typedef struct block {
    hp_str bytes;
    uint64_t first, contact;
} block;

static hp_code unpack(const hp_why_store *s, hp_str packed, int64_t bytes, hp_str *out, hp_err *err) {
    if (bytes < 0 || bytes > MOST_BYTES || ZSTD_getFrameContentSize(packed.p, packed.n) != (uint64_t)bytes)
        return damaged(s, err);
    char *p = hp_arena_raw(s->arena, (size_t)bytes + 1);
    if (!p) return hp_fail_memory(err, "the provenance");
    if (ZSTD_decompress(p, (size_t)bytes, packed.p, packed.n) != (size_t)bytes) return damaged(s, err);
    *out = (hp_str){p, (size_t)bytes};
    return HP_OK;
}

/* Finds the last block that begins at or before a number, of rows or of contacts. */
static hp_code find_block(const hp_why_store *s, const char *sql, uint64_t number, block *out, hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool found = false;
    hp_code code = query(s, sql, &q, err);
    if (code == HP_OK && sqlite3_bind_int64(q, 1, (int64_t)number) != SQLITE_OK) code = fault(s, err);
    if (code == HP_OK) code = step(s, q, &found, err);
    if (code == HP_OK && !found) code = damaged(s, err);
    if (code == HP_OK) {
        out->first = (uint64_t)sqlite3_column_int64(q, 0);
        out->contact = (uint64_t)sqlite3_column_int64(q, 1);
        const void *p = sqlite3_column_blob(q, 3);
        hp_str packed = {p ? p : "", (size_t)sqlite3_column_bytes(q, 3)};
        code = unpack(s, packed, sqlite3_column_int64(q, 2), &out->bytes, err);
    }
    sqlite3_finalize(q);
    return code;
}

/* Rows cannot be skipped without reading them; 64 take some hundred microseconds. */
hp_code hp_store_row(const hp_why_store *s, uint64_t row, hp_why_row *out, hp_err *err) {
    block b;
    HP_TRY(find_block(s,
                      "SELECT first, contact, bytes, data FROM block WHERE kind = 0 AND first <= ? "
                      "ORDER BY first DESC LIMIT 1",
                      row, &b, err));
    for (uint64_t i = b.first; i <= row; i++) HP_TRY(hp_why_read(s->arena, &b.bytes, out, err));
    return HP_OK;
}

hp_code hp_store_contact(const hp_why_store *s, uint64_t contact, hp_why_row *out, size_t *person,
                         uint64_t *row, hp_err *err) {
    block b;
    /* Of several blocks without contacts between the same two, the last one has it. */
    HP_TRY(find_block(s,
                      "SELECT first, contact, bytes, data FROM block WHERE kind = 0 AND contact <= ? "
                      "ORDER BY contact DESC, first DESC LIMIT 1",
                      contact, &b, err));
    uint64_t at = b.contact;
    for (*row = b.first;; ++*row) {
        HP_TRY(hp_why_read(s->arena, &b.bytes, out, err));
        if (contact < at + out->nperson) break;
        at += out->nperson;
    }
    *person = (size_t)(contact - at);
    return HP_OK;
}

hp_code hp_store_kept_out(const hp_why_store *s, uint64_t row, hp_why_kept_out *out, hp_err *err) {
    block b;
    HP_TRY(find_block(s,
                      "SELECT first, contact, bytes, data FROM block WHERE kind = 1 AND first <= ? "
                      "ORDER BY first DESC LIMIT 1",
                      row, &b, err));
    for (uint64_t i = b.first; i <= row; i++) HP_TRY(hp_why_read_kept_out(&b.bytes, out, err));
    return HP_OK;
}
