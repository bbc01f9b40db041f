#include "unit.h"

#include <stdatomic.h>

#include "base/threads.h"

enum { ITEMS = 1000, DEPTH = 5 };

/* Squares the numbers below `n`; fails at one of them if told so. */
typedef struct squares {
    size_t n, next, taken;
    size_t value[DEPTH];
    size_t fail_make, fail_work, fail_take; /* items; SIZE_MAX: none */
    atomic_int making, taking;
    bool crooked;
} squares;

static hp_code make(void *ctx, size_t slot, bool *made, hp_err *err) {
    squares *s = ctx;
    if (atomic_fetch_add(&s->making, 1) != 0) s->crooked = true;
    hp_code code = HP_OK;
    if (s->next == s->fail_make)
        code = hp_fail(err, HP_DATA, "making %zu", s->next);
    else if (s->next < s->n) {
        s->value[slot] = s->next++;
        *made = true;
    }
    atomic_fetch_sub(&s->making, 1);
    return code;
}

static hp_code work(void *ctx, size_t slot, hp_err *err) {
    squares *s = ctx;
    if (s->value[slot] == s->fail_work) return hp_fail(err, HP_DATA, "working on %zu", s->value[slot]);
    s->value[slot] *= s->value[slot];
    return HP_OK;
}

static hp_code take(void *ctx, size_t slot, hp_err *err) {
    squares *s = ctx;
    if (atomic_fetch_add(&s->taking, 1) != 0 || s->value[slot] != s->taken * s->taken) s->crooked = true;
    if (s->taken == s->fail_take) return hp_fail(err, HP_IO, "taking %zu", s->taken);
    s->taken++;
    atomic_fetch_sub(&s->taking, 1);
    return HP_OK;
}

static const hp_pipeline SQUARES = {DEPTH, make, work, take};

static void items_are_taken_in_their_order(void **state) {
    (void)state;
    for (unsigned jobs = 1; jobs <= 4; jobs++)
        for (size_t n = 0; n <= ITEMS; n += ITEMS / 2) {
            hp_threads_set(jobs);
            hp_err err;
            squares s = {.n = n, .fail_make = SIZE_MAX, .fail_work = SIZE_MAX, .fail_take = SIZE_MAX};
            assert_ok(hp_pipeline_run(&SQUARES, &s, &err), err);
            assert_int_equal(s.taken, n);
            assert_false(s.crooked);
        }
}

static void the_first_error_by_order_wins(void **state) {
    (void)state;
    static const struct {
        size_t make, work, take;
        const char *message;
    } CASES[] = {{600, 500, 700, "working on 500"},
                 {300, 500, 700, "making 300"},
                 {600, 500, 200, "taking 200"},
                 {0, SIZE_MAX, SIZE_MAX, "making 0"}};
    for (unsigned jobs = 1; jobs <= 4; jobs++)
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
            hp_threads_set(jobs);
            hp_err err = {0};
            squares s = {.n = ITEMS,
                         .fail_make = CASES[i].make,
                         .fail_work = CASES[i].work,
                         .fail_take = CASES[i].take};
            assert_int_not_equal(hp_pipeline_run(&SQUARES, &s, &err), HP_OK);
            assert_string_equal(err.message, CASES[i].message);
            assert_false(s.crooked);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(items_are_taken_in_their_order),
                                       cmocka_unit_test(the_first_error_by_order_wins)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
