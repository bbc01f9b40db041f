/* Table tests of cleaning functions: a text, and what is to become of it, written on one line. */
#ifndef HP_TEST_CLEAN_CASE_H
#define HP_TEST_CLEAN_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/limits.h"
#include "clean/clean.h"

/* A case that names no type is of a text cell. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/** One case. `want` is "value", "value {extra}", "value !rule", "value !rule(reason)" ...; "" is null; "|"
 * parts members of a list. */
typedef struct clean_case {
    const char *in, *want;
    hp_type type; /**< 0 = text */
} clean_case;

/** Append what cleaning gave, in the form of clean_case.want. */
static inline void clean_describe(const hp_clean_out *o, hp_buf *to) {
    for (size_t i = 0; i < o->value.n; i++)
        hp_buf_putc(to, (char)(o->value.p[i] == HP_LIST_SEP ? '|' : o->value.p[i]));
    if (o->extra.n) hp_buf_puts(to, " {");
    for (size_t i = 0; i < o->extra.n; i++)
        hp_buf_putc(to, (char)(o->extra.p[i] == HP_LIST_SEP ? '|' : o->extra.p[i]));
    if (o->extra.n) hp_buf_putc(to, '}');
    for (size_t i = 0; i < o->nrule; i++) {
        hp_buf_printf(to, "%s!%s", to->n ? " " : "", hp_rule_get((hp_rule)o->rule[i])->name);
        if (o->reason[i]) hp_buf_printf(to, "(%s)", o->reason[i]);
    }
}

/** Run the cases through a cleaning function and name all that differ. */
static inline void clean_check(hp_clean_fn *fn, const hp_clean_ctx *ctx, const clean_case *c, size_t n) {
    size_t wrong = 0;
    hp_clean_out o = {.value = hp_buf_new(1u << 20), .extra = hp_buf_new(1u << 20)};
    hp_buf got = hp_buf_new(1u << 20);
    for (size_t i = 0; i < n; i++) {
        hp_buf_clear(&o.value);
        hp_buf_clear(&o.extra);
        hp_buf_clear(&got);
        fn(ctx, hp_str_of(c[i].in), c[i].type ? c[i].type : HP_T_TEXT, &o);
        clean_describe(&o, &got);
        if (hp_str_eq(hp_buf_str(&got), hp_str_of(c[i].want))) continue;
        print_error("\"%s\": want \"%s\", got \"%s\"\n", c[i].in, c[i].want, hp_buf_cstr(&got));
        wrong++;
    }
    hp_buf_free(&o.value);
    hp_buf_free(&o.extra);
    hp_buf_free(&got);
    assert_int_equal(wrong, 0);
}

/** A context as most profiles give it: South Africa, day first. */
static inline hp_clean_ctx clean_ctx(void) {
    hp_clean_ctx ctx;
    hp_clean_ctx_init(&ctx, NULL);
    return ctx;
}

#define CLEAN_CHECK(fn, ctx, cases) clean_check((fn), (ctx), (cases), sizeof(cases) / sizeof *(cases))

#endif
