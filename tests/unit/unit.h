/* What every unit test includes: cmocka with the headers it wants, and comparisons for our types. */
#ifndef HP_TESTS_UNIT_H
#define HP_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/** Fail unless the view holds exactly the bytes of a NUL-terminated string. */
#define assert_view(view, expected)                                                 \
    do {                                                                            \
        hp_str av_ = (view);                                                        \
        const char *ae_ = (expected);                                               \
        if (!hp_str_eq(av_, hp_str_of(ae_)))                                        \
            fail_msg("got \"%.*s\" (%zu), wanted \"%s\"", HP_FMT(av_), av_.n, ae_); \
    } while (0)

/** Fail unless a message contains a part. */
#define assert_contains(text, part)                                                  \
    do {                                                                             \
        const char *ct_ = (text), *cp_ = (part);                                     \
        if (!strstr(ct_, cp_)) fail_msg("\"%s\" does not contain \"%s\"", ct_, cp_); \
    } while (0)

/** Fail, showing the message, unless a call succeeds. */
#define assert_ok(call, err)                                                           \
    do {                                                                               \
        hp_code ok_ = (call);                                                          \
        if (ok_ != HP_OK) fail_msg("%s: code %d: %s", #call, (int)ok_, (err).message); \
    } while (0)

#endif
