/* The store as a spool: what is to be sent, what became of it, and when the server may be asked again. */
#include "base/limits.h"
#include "ops/lineage/sql.h"

#include "base/banned.h"

/* ---- the next one ---- */

static bool is_skipped(hp_str run, const hp_str *skip, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (hp_str_eq(run, skip[i])) return true;
    return false;
}

static bool read_item(hp_arena *a, sqlite3_stmt *q, hp_lineage_item *out) {
    *out = (hp_lineage_item){.seq = sqlite3_column_int64(q, 0),
                             .run = hp_lineage_text(a, q, 1),
                             .type = hp_lineage_text(a, q, 2),
                             .body = hp_lineage_text(a, q, 3),
                             .attempts = sqlite3_column_int64(q, 4),
                             .doubt = sqlite3_column_int(q, 5) != 0};
    return out->run.p && out->type.p && out->body.p;
}

hp_code hp_lineage_next(hp_lineage_store *s, hp_arena *a, int64_t after, const hp_str *skip, size_t nskip,
                        hp_lineage_item *out, bool *found, hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool row = true;
    *found = false;
    HP_TRY(hp_lineage_ask(s, &q, err,
                          "SELECT seq, run, type, body, attempts, doubt FROM event"
                          " WHERE state = 'pending' AND seq > ? ORDER BY seq",
                          "i", after));
    hp_code code = HP_OK;
    while (code == HP_OK && row && !*found) {
        code = hp_lineage_step(s, q, &row, err);
        if (code != HP_OK || !row) break;
        hp_str run = {(const char *)sqlite3_column_text(q, 1), (size_t)sqlite3_column_bytes(q, 1)};
        if (is_skipped(run, skip, nskip)) continue;
        *found = true;
        if (!read_item(a, q, out)) code = hp_fail_memory(err, "an event");
    }
    sqlite3_finalize(q);
    return code;
}

/* ---- what became of it ---- */

hp_code hp_lineage_mark(hp_lineage_store *s, int64_t seq, hp_lineage_fate fate, long status, hp_str note,
                        hp_err *err) {
    if (fate == HP_LINEAGE_SENDING)
        return hp_lineage_do(s, err, "UPDATE event SET doubt = 1, attempts = attempts + 1 WHERE seq = ?", "i",
                             seq);
    /* Without an answer nobody knows whether it arrived. */
    int64_t doubt = fate == HP_LINEAGE_LATER && status == 0;
    hp_str state = fate == HP_LINEAGE_DELIVERED  ? HP_S("delivered")
                   : fate == HP_LINEAGE_REJECTED ? HP_S("rejected")
                                                 : HP_S("pending");
    return hp_lineage_do(s, err, "UPDATE event SET state = ?, doubt = ?, status = ?, note = ? WHERE seq = ?",
                         "siisi", state, doubt, (int64_t)status, note, seq);
}

static hp_code requeue(hp_lineage_store *s, hp_str state, size_t *n, hp_err *err) {
    HP_TRY(hp_lineage_do(s, err, "UPDATE event SET state = 'pending', attempts = 0 WHERE state = ?", "s",
                         state));
    *n += (size_t)sqlite3_changes(s->db);
    return HP_OK;
}

hp_code hp_lineage_requeue(hp_lineage_store *s, bool rejected, bool local, size_t *n, hp_err *err) {
    *n = 0;
    if (rejected) HP_TRY(requeue(s, HP_S("rejected"), n, err));
    return local ? requeue(s, HP_S("local"), n, err) : HP_OK;
}

hp_code hp_lineage_prune(hp_lineage_store *s, hp_err *err) {
    static const char OLD[] =
        "DELETE FROM event WHERE seq <= (SELECT max(seq) FROM event) - ? AND state <> 'pending'"
        " AND run IN (SELECT id FROM run WHERE end IS NOT NULL)";
    HP_TRY(hp_lineage_do(s, err, OLD, "i", (int64_t)hp_limit(HP_L_LINEAGE_EVENTS)));
    if (sqlite3_changes(s->db) == 0) return HP_OK;
    HP_TRY(hp_lineage_do(s, err, "DELETE FROM dataset WHERE event NOT IN (SELECT seq FROM event)", ""));
    return hp_lineage_do(s, err, "DELETE FROM run WHERE id NOT IN (SELECT run FROM event)", "");
}

/* ---- the server ---- */

hp_code hp_lineage_server_get(hp_lineage_store *s, hp_arena *a, hp_lineage_server *out, hp_err *err) {
    sqlite3_stmt *q = NULL;
    bool row = false;
    *out = (hp_lineage_server){.note = HP_S("")};
    HP_TRY(hp_lineage_ask(s, &q, err, "SELECT failures, next, note FROM server WHERE id = 1", ""));
    hp_code code = hp_lineage_step(s, q, &row, err);
    if (code == HP_OK && row) {
        out->failures = sqlite3_column_int64(q, 0);
        out->next = sqlite3_column_int64(q, 1);
        out->note = hp_lineage_text(a, q, 2);
        if (!out->note.p) code = hp_fail_memory(err, "the store of lineage");
    }
    sqlite3_finalize(q);
    return code;
}

hp_code hp_lineage_server_put(hp_lineage_store *s, const hp_lineage_server *v, hp_err *err) {
    return hp_lineage_do(s, err, "INSERT OR REPLACE INTO server VALUES (1, ?, ?, ?)", "iis", v->failures,
                         v->next, v->note);
}

/* ---- counting and listing ---- */

hp_code hp_lineage_count(hp_lineage_store *s, hp_lineage_counts *out, hp_err *err) {
    static const char SQL[] =
        "SELECT count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'delivered'),"
        " count(*) FILTER (WHERE state = 'rejected'), count(*) FILTER (WHERE state = 'local'),"
        " (SELECT count(*) FROM run), (SELECT count(*) FROM run WHERE end IS NULL),"
        " min(time) FILTER (WHERE state = 'pending') FROM event";
    int64_t *to[] = {&out->pending, &out->delivered, &out->rejected, &out->local,
                     &out->runs,    &out->open,      &out->oldest};
    sqlite3_stmt *q = NULL;
    bool row = false;
    HP_TRY(hp_lineage_ask(s, &q, err, SQL, ""));
    hp_code code = hp_lineage_step(s, q, &row, err);
    for (int i = 0; i < 7; i++) *to[i] = row ? sqlite3_column_int64(q, i) : 0;
    sqlite3_finalize(q);
    return code;
}

static bool read_row(hp_arena *a, sqlite3_stmt *q, hp_lineage_row *out) {
    *out = (hp_lineage_row){.seq = sqlite3_column_int64(q, 0),
                            .time = sqlite3_column_int64(q, 1),
                            .attempts = sqlite3_column_int64(q, 2),
                            .status = (long)sqlite3_column_int64(q, 3),
                            .run = hp_lineage_text(a, q, 4),
                            .type = hp_lineage_text(a, q, 5),
                            .state = hp_lineage_text(a, q, 6),
                            .job = hp_lineage_text(a, q, 7),
                            .note = hp_lineage_text(a, q, 8),
                            .body = hp_lineage_text(a, q, 9)};
    return out->run.p && out->type.p && out->state.p && out->job.p && out->note.p && out->body.p;
}

/* Bodies are wanted of one run only: of all they would be gigabytes. */
static const char LIST[] =
    "SELECT * FROM (SELECT seq, time, attempts, status, run, type, state,"
    " coalesce((SELECT job FROM run WHERE id = event.run), ''), note, iif(?1 IS NULL, '', body) FROM event"
    " WHERE (?1 IS NULL OR substr(run, 1, length(?1)) = ?1) AND (?2 IS NULL OR state = ?2) AND seq > ?3"
    " ORDER BY seq DESC LIMIT ?4) ORDER BY 1";

hp_code hp_lineage_list(hp_lineage_store *s, hp_arena *a, const hp_lineage_query *want, hp_lineage_row **out,
                        size_t *n, hp_err *err) {
    size_t most = want->last ? want->last : (size_t)hp_limit(HP_L_LINEAGE_EVENTS) * 2;
    sqlite3_stmt *q = NULL;
    bool row = false;
    *n = 0;
    *out = HP_NEW_ARRAY(a, most + 1, hp_lineage_row);
    if (!*out) return hp_fail_memory(err, "the events");
    HP_TRY(hp_lineage_ask(s, &q, err, LIST, "SSii", want->run, want->state, want->after, (int64_t)most));
    hp_code code = hp_lineage_step(s, q, &row, err);
    while (code == HP_OK && row && *n < most) {
        if (!read_row(a, q, &(*out)[(*n)++])) code = hp_fail_memory(err, "the events");
        if (code == HP_OK) code = hp_lineage_step(s, q, &row, err);
    }
    sqlite3_finalize(q);
    return code;
}
