#include "ops/lineage/deliver.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/endpoint.h"

#include "base/banned.h"

/* Of one event. More than a moment means that the server is not well. */
enum { ATTEMPT_MS = 5000, LEAST_MS = 20 };
/* After a failure: so that of many runs one after the other not each waits for a server that is away. */
enum { FIRST_WAIT_MS = 10000, MOST_WAIT_MS = 600000 };
/* Events that a server fails at (500) before it counts as broken; and how often one may fail, while others
 * get through, before it is set aside. */
enum { MOST_SKIPPED = 4, MOST_FAILURES = 5 };

typedef struct delivery {
    hp_lineage_store *store;
    hp_endpoint *server;
    const hp_lineage_target *to;
    hp_lineage_report *out;
    hp_arena *arena;
    hp_str path;
    uint64_t until; /* hp_clock_mono, ms */
    hp_lineage_item skipped[MOST_SKIPPED];
    hp_str skipped_run[MOST_SKIPPED];
    size_t nskipped;
    bool broken; /* the server, or the way to it */
} delivery;

static int64_t left(const delivery *d) { return (int64_t)d->until - (int64_t)(hp_clock_mono() / 1000000); }

int64_t hp_lineage_backoff(int64_t failures, uint64_t random) {
    int64_t whole = FIRST_WAIT_MS;
    for (int64_t i = 1; i < failures && whole < MOST_WAIT_MS; i++) whole *= 2;
    if (whole > MOST_WAIT_MS) whole = MOST_WAIT_MS;
    return whole / 2 + (int64_t)(random % (uint64_t)(whole / 2 + 1));
}

hp_lineage_fate hp_lineage_judge(long status) {
    if (status >= 200 && status < 300) return HP_LINEAGE_DELIVERED;
    /* A refused key and a wrong path are mended in the configuration, not by throwing events away. */
    static const long NOT_NOW[] = {401, 403, 404, 405, 407, 408, 421, 425, 429};
    for (size_t i = 0; i < sizeof NOT_NOW / sizeof *NOT_NOW; i++)
        if (status == NOT_NOW[i]) return HP_LINEAGE_LATER;
    return status >= 400 && status < 500 ? HP_LINEAGE_REJECTED : HP_LINEAGE_LATER;
}

/* ---- one event ---- */

static void note_down(delivery *d, const char *what) {
    (void)snprintf(d->out->note, sizeof d->out->note, "%.190s", what);
}

/* Says in words what a status that is no success means for the operator. */
static void note_status(delivery *d, long status) {
    const char *more = status == 401 || status == 403 ? "; is OPENLINEAGE_API_KEY right?"
                       : status == 404                ? "; is OPENLINEAGE_URL the root of the server?"
                                                      : "";
    (void)snprintf(d->out->note, sizeof d->out->note, "the server answered %ld%s", status, more);
}

/* Tells whether the server's state of a run shows that an event of it has arrived. */
static bool shows(hp_arena *a, hp_str type, hp_str answer) {
    static const struct {
        hp_str type, state;
    } ENDS[] = {
        {{"COMPLETE", 8}, {"COMPLETED", 9}}, {{"FAIL", 4}, {"FAILED", 6}}, {{"ABORT", 5}, {"ABORTED", 7}}};
    hp_node *doc;
    hp_str state;
    if (hp_json_read(a, answer, "answer", &doc, NULL) != HP_OK) return false;
    if (!hp_node_text(hp_node_get(doc, "state"), &state)) return false;
    if (hp_str_eq(type, HP_S("START"))) return true;
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++)
        if (hp_str_eq(type, ENDS[i].type)) return hp_str_eq(state, ENDS[i].state);
    return false;
}

/* Asks whether an event arrived whose answer was lost. A server that does not know the question is no
 * Marquez, and gets the event again. */
static hp_code look(delivery *d, const hp_lineage_item *e, bool *there, hp_err *err) {
    hp_autobuf path = hp_buf_new(256);
    hp_endpoint_answer answer = {0};
    hp_err why = {0};
    *there = false;
    if (d->to->endpoint) return HP_OK;
    hp_buf_printf(&path, "/api/v1/jobs/runs/%.*s", HP_FMT(e->run));
    HP_TRY(hp_buf_check(&path, "a question", err));
    const hp_endpoint_ask ask = {
        .method = "GET", .path = hp_buf_str(&path), .deadline_ms = (uint32_t)left(d)};
    hp_code code = hp_endpoint_send(d->server, &ask, &answer, &why);
    if (code == HP_OK) *there = answer.status == 200 && shows(d->arena, e->type, answer.body);
    if (code == HP_OK || code == HP_UNAVAILABLE || code == HP_DATA) return HP_OK;
    if (err) *err = why;
    return code;
}

static hp_code post(delivery *d, const hp_lineage_item *e, long *status, hp_err *err) {
    hp_endpoint_answer answer = {0};
    hp_err why = {0};
    const hp_endpoint_ask ask = {
        .method = "POST", .path = d->path, .body = e->body, .deadline_ms = (uint32_t)left(d)};
    *status = 0;
    HP_TRY(hp_lineage_mark(d->store, e->seq, HP_LINEAGE_SENDING, 0, HP_S(""), err));
    hp_code code = hp_endpoint_send(d->server, &ask, &answer, &why);
    if (code == HP_OK) {
        *status = answer.status;
        if (*status < 200 || *status > 299) note_status(d, *status);
        return HP_OK;
    }
    if (code == HP_UNAVAILABLE || code == HP_DATA) {
        note_down(d, why.message);
        return HP_OK;
    }
    if (err) *err = why;
    return code;
}

/* A failure of the server may be the fault of this event: others are tried, and if these get through, it is.
 */
static void skip(delivery *d, const hp_lineage_item *e) {
    if (d->nskipped == MOST_SKIPPED) {
        d->broken = true;
        return;
    }
    d->skipped_run[d->nskipped] = e->run;
    d->skipped[d->nskipped++] = *e;
}

static hp_code send_one(delivery *d, const hp_lineage_item *e, hp_err *err) {
    long status = 0;
    bool there = false;
    if (e->doubt) HP_TRY(look(d, e, &there, err));
    if (!there && left(d) <= LEAST_MS) { /* the question took the time: it stays in doubt */
        note_down(d, "the server did not answer in time");
        d->broken = true;
        return HP_OK;
    }
    if (there)
        status = 200;
    else
        HP_TRY(post(d, e, &status, err));
    hp_lineage_fate fate = hp_lineage_judge(status);
    d->out->delivered += fate == HP_LINEAGE_DELIVERED;
    d->out->rejected += fate == HP_LINEAGE_REJECTED;
    if (fate == HP_LINEAGE_LATER && status == 500)
        skip(d, e);
    else if (fate == HP_LINEAGE_LATER)
        d->broken = true;
    hp_str note = hp_str_of(fate == HP_LINEAGE_DELIVERED ? "" : d->out->note);
    HP_TRY(hp_lineage_mark(d->store, e->seq, fate, status, note, err));
    if (fate == HP_LINEAGE_DELIVERED || fate == HP_LINEAGE_REJECTED) d->out->note[0] = '\0';
    return HP_OK;
}

/* ---- all of them ---- */

static hp_code send_all(delivery *d, hp_err *err) {
    hp_lineage_item e = {0};
    bool found = true;
    while (!d->broken && left(d) > LEAST_MS) {
        hp_autoarena *a = hp_arena_new(d->arena);
        if (!a) return hp_fail_memory(err, "an event");
        HP_TRY(hp_lineage_next(d->store, a, e.seq, d->skipped_run, d->nskipped, &e, &found, err));
        if (!found) return HP_OK;
        e.run = hp_arena_dup(d->arena, e.run); /* may be kept among the skipped */
        if (!e.run.p) return hp_fail_memory(err, "an event");
        HP_TRY(send_one(d, &e, err));
    }
    if (!d->broken) note_down(d, "the time for it was over; the rest is sent later");
    return HP_OK;
}

/* Sets aside what the server has failed at often, though it takes others. */
static hp_code judge_skipped(delivery *d, hp_err *err) {
    for (size_t i = 0; i < d->nskipped; i++) {
        const hp_lineage_item *e = &d->skipped[i];
        if (d->out->delivered == 0 || e->attempts + 1 < MOST_FAILURES) continue;
        HP_TRY(hp_lineage_mark(d->store, e->seq, HP_LINEAGE_REJECTED, 500,
                               HP_S("the server fails at it, and takes others"), err));
        d->out->rejected++;
    }
    return HP_OK;
}

static hp_code remember(delivery *d, const hp_lineage_server *was, hp_err *err) {
    bool failed = d->broken || d->nskipped;
    hp_lineage_server now = {.note = hp_str_of(d->out->note)};
    if (failed) {
        now.failures = d->out->delivered ? 1 : was->failures + 1;
        now.next = hp_lineage_now() + hp_lineage_backoff(now.failures, randombytes_random());
    }
    if (!failed && was->failures == 0) return HP_OK;
    return hp_lineage_server_put(d->store, &now, err);
}

static hp_code connected(delivery *d, const hp_lineage_server *was, hp_err *err) {
    hp_code code = send_all(d, err);
    if (code == HP_OK) code = judge_skipped(d, err);
    if (code == HP_OK || code == HP_SIGINT || code == HP_SIGTERM) {
        hp_code kept = remember(d, was, code == HP_OK ? err : NULL);
        if (code == HP_OK) code = kept;
    }
    return code;
}

/* Returns the root: what was written for other clients ends in the path of the API. */
static hp_str root_of(hp_arena *a, const char *url) {
    static const char *const ENDS[] = {"/", "/lineage", "/", "/api/v1", "/"};
    hp_str s = hp_str_of(url);
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++)
        while (hp_str_ends(s, hp_str_of(ENDS[i]))) {
            if (i == 1 && !hp_str_ends(s, HP_S("/api/v1/lineage"))) break;
            s.n -= strlen(ENDS[i]);
        }
    return hp_arena_dup(a, s);
}

static hp_code deliver(delivery *d, int64_t ms, bool now, hp_err *err) {
    hp_endpoint_policy policy = hp_endpoint_policy_usual();
    hp_lineage_server was;
    HP_TRY(hp_lineage_server_get(d->store, d->arena, &was, err));
    d->out->wait = now || was.next <= hp_lineage_now() ? 0 : was.next - hp_lineage_now();
    if (d->out->wait) {
        (void)snprintf(d->out->note, sizeof d->out->note, "%.190s", was.note.p);
        return HP_OK;
    }
    hp_str root = root_of(d->arena, d->to->url);
    const char *path = d->to->endpoint ? d->to->endpoint : "api/v1/lineage";
    d->path = hp_arena_printf(d->arena, "/%s", path[0] == '/' ? path + 1 : path);
    if (!root.p || !d->path.p) return hp_fail_memory(err, "the URL of the server");
    policy.attempt_ms = ms < ATTEMPT_MS ? (uint32_t)ms : ATTEMPT_MS;
    policy.retries = 0;
    policy.auth = d->to->key ? HP_AUTH_BEARER : HP_AUTH_NONE;
    policy.secret = d->to->key;
    policy.stop_fd = d->to->stop_fd;
    d->until = hp_clock_mono() / 1000000 + (uint64_t)ms;
    HP_TRY(hp_endpoint_new(root.p, &policy, &d->server, err));
    hp_code code = connected(d, &was, err);
    hp_endpoint_free(d->server);
    return code;
}

hp_code hp_lineage_deliver(hp_lineage_store *s, const char *dir, const hp_lineage_target *to, int64_t ms,
                           bool now, hp_lineage_report *out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    *out = (hp_lineage_report){0};
    hp_str lock = a ? hp_arena_printf(a, "%s/lineage.lock", dir) : (hp_str){0};
    if (!lock.p) return hp_fail_memory(err, "the delivery");
    /* The kernel gives the lock back however a process ends. */
    int fd = open(lock.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return hp_fail(err, HP_CANTCREAT, "%s: cannot be opened", lock.p);
    hp_code code = HP_OK;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        out->busy = true;
    } else {
        delivery d = {.store = s, .to = to, .out = out, .arena = a};
        code = deliver(&d, ms, now, err);
    }
    (void)close(fd);
    return code;
}
