/* Errors: what stops a command. Findings about single cells are issues (table/issue.h), never errors. */
#ifndef HP_BASE_ERR_H
#define HP_BASE_ERR_H

#include "base/code.h"

/** Hold one error: the caller owns it (usually on its stack), it is never allocated, and stays untouched on
 * success. */
typedef struct hp_err {
    hp_code code;
    char stage[24];     /**< the stage that failed ("read", "validate", ...), empty if unknown */
    char message[1400]; /**< what, where, which rule or limit, and what to do next; one line, UTF-8 */
} hp_err;

/** Fill `err` (may be NULL) with a printf-formatted message and return `code`, so that `return hp_fail(...)`
 * reads well. */
hp_code hp_fail(hp_err *err, hp_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** Fill `err` for an exhausted memory budget; `what` names what was being built. Returns HP_RETRY. */
hp_code hp_fail_memory(hp_err *err, const char *what);

/** Return `code`, whatever was returned before: lets the compiler see that a call of hp_fail with a constant
 * cannot be HP_OK, and so that what is set on success is set behind HP_TRY. */
static inline hp_code hp_code_of(hp_code returned, hp_code code) {
    (void)returned;
    return code;
}
#define hp_fail(err, code, ...)   hp_code_of((hp_fail)((err), (code), __VA_ARGS__), (code))
#define hp_fail_memory(err, what) hp_code_of((hp_fail_memory)((err), (what)), HP_RETRY)

/** Name the stage of an error unless a deeper call has named one. Returns err->code. */
hp_code hp_err_in(hp_err *err, const char *stage);

/** Return from the calling function if `expr` is not HP_OK. */
#define HP_TRY(expr)                                    \
    do {                                                \
        hp_code hp_try_code_ = (expr);                  \
        if (hp_try_code_ != HP_OK) return hp_try_code_; \
    } while (0)

#endif
