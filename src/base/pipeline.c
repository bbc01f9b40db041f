#include "base/threads.h"

#include <pthread.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/mem.h"

#include "base/banned.h"

/* One slot: how far its item is, and what went wrong with it. */
typedef struct slot {
    bool worked;
    hp_code code;
    hp_err err;
} slot;

/* A pipeline under way. Items are numbered; item i lives in slot i % depth. `mutex` guards all of it. */
typedef struct pipe {
    const hp_pipeline *p;
    void *ctx;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint64_t made, begun, taken; /* how many items were made, given to work, taken */
    bool making, taking;         /* a thread is at it */
    bool ended;                  /* nothing more is made */
    bool stopped;                /* an error was met in its turn */
    slot *slot;
    hp_code code;
    hp_err *err;
} pipe_state;

static slot *slot_of(pipe_state *s, uint64_t item) { return &s->slot[item % s->p->depth]; }

static bool can_take(pipe_state *s) {
    return !s->taking && s->taken < s->begun && slot_of(s, s->taken)->worked;
}

static bool can_make(const pipe_state *s) {
    return !s->making && !s->ended && s->made - s->taken < s->p->depth;
}

static void lock(pipe_state *s) { pthread_mutex_lock(&s->mutex); }
static void unlock(pipe_state *s) { pthread_mutex_unlock(&s->mutex); }

/* Ends the pipeline with the error of the item whose turn it is. */
static void stop(pipe_state *s, const slot *at) {
    s->stopped = true;
    s->code = at->code;
    if (s->err) *s->err = at->err;
}

static void take_item(pipe_state *s) {
    slot *at = slot_of(s, s->taken);
    size_t number = (size_t)(s->taken % s->p->depth);
    s->taking = true;
    if (at->code == HP_OK && s->p->take) {
        unlock(s);
        hp_code code = s->p->take(s->ctx, number, &at->err);
        lock(s);
        at->code = code;
    }
    if (at->code != HP_OK) stop(s, at);
    s->taking = false;
    s->taken++;
}

static void work_on_item(pipe_state *s) {
    slot *at = slot_of(s, s->begun);
    size_t number = (size_t)(s->begun % s->p->depth);
    s->begun++;
    if (at->code == HP_OK && s->p->work) {
        unlock(s);
        hp_code code = s->p->work(s->ctx, number, &at->err);
        lock(s);
        at->code = code;
    }
    at->worked = true;
}

/* An error of making is an item of its own, so that it waits for its turn. */
static void make_item(pipe_state *s) {
    slot *at = slot_of(s, s->made);
    size_t number = (size_t)(s->made % s->p->depth);
    bool made = false;
    *at = (slot){.worked = false};
    s->making = true;
    unlock(s);
    hp_code code = hp_deadline_check(&at->err);
    if (code == HP_OK) code = s->p->make(s->ctx, number, &made, &at->err);
    lock(s);
    s->making = false;
    at->code = code;
    if (code != HP_OK || !made) s->ended = true;
    if (code != HP_OK || made) s->made++;
}

/* Does what can be done, nearest to the end first: that keeps few items under way, and those in the caches.
 */
static void run_thread(void *ctx, size_t from, size_t to, unsigned worker) {
    pipe_state *s = ctx;
    (void)from, (void)to, (void)worker;
    lock(s);
    while (!s->stopped && !(s->ended && s->taken == s->made)) {
        if (can_take(s))
            take_item(s);
        else if (s->begun < s->made)
            work_on_item(s);
        else if (can_make(s))
            make_item(s);
        else {
            pthread_cond_wait(&s->changed, &s->mutex);
            continue;
        }
        pthread_cond_broadcast(&s->changed);
    }
    unlock(s);
}

hp_code hp_pipeline_run(const hp_pipeline *p, void *ctx, hp_err *err) {
    hp_autofree slot *slots = hp_calloc(p->depth, sizeof *slots);
    if (!slots) return hp_fail_memory(err, "a pipeline");
    pipe_state s = {.p = p,
                    .ctx = ctx,
                    .mutex = PTHREAD_MUTEX_INITIALIZER,
                    .changed = PTHREAD_COND_INITIALIZER,
                    .slot = slots,
                    .err = err};
    hp_parallel(hp_threads_jobs(), 1, run_thread, &s);
    pthread_cond_destroy(&s.changed);
    pthread_mutex_destroy(&s.mutex);
    return s.code;
}
