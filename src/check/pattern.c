#include "check/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

#include "base/mem.h"

#include "base/banned.h"

/* Steps of one match. An honest expression takes a few hundred on a cell; one that backtracks without end is
 * stopped within a tenth of a second. */
#define MATCH_LIMIT    1000000u
#define HEAP_LIMIT_KIB 4096u

struct hp_pattern {
    pcre2_general_context *memory;
    pcre2_match_context *limits;
    pcre2_match_data *data;
    pcre2_code *code;
    char where[300];
};

static void *allocate(PCRE2_SIZE n, void *ctx) {
    (void)ctx;
    return hp_malloc(n);
}

static void release(void *p, void *ctx) {
    (void)ctx;
    hp_free(p);
}

void hp_pattern_free(hp_pattern *p) {
    if (!p) return;
    pcre2_match_data_free(p->data);
    pcre2_match_context_free(p->limits);
    pcre2_code_free(p->code);
    pcre2_general_context_free(p->memory);
    hp_free(p);
}

static hp_code bad_syntax(hp_str regex, int code, PCRE2_SIZE at, const char *where, hp_err *err) {
    PCRE2_UCHAR text[200];
    if (code == PCRE2_ERROR_HEAP_FAILED) return hp_fail_memory(err, "a regular expression");
    if (pcre2_get_error_message(code, text, sizeof text) < 0) text[0] = '\0';
    return hp_fail(err, HP_CONFIG,
                   "%s: regular expression \"%.*s\": %s, at character %zu; mend it in the profile", where,
                   HP_FMT(hp_str_cut(regex, 0, 200)), (const char *)text, (size_t)at + 1);
}

static hp_code compile(hp_pattern *p, hp_str regex, hp_err *err) {
    p->memory = pcre2_general_context_create(allocate, release, NULL);
    if (!p->memory) return hp_fail_memory(err, "a regular expression");
    pcre2_compile_context *ctx = pcre2_compile_context_create(p->memory);
    p->limits = pcre2_match_context_create(p->memory);
    if (!ctx || !p->limits) {
        pcre2_compile_context_free(ctx);
        return hp_fail_memory(err, "a regular expression");
    }
    pcre2_set_match_limit(p->limits, MATCH_LIMIT);
    pcre2_set_heap_limit(p->limits, HEAP_LIMIT_KIB);
    int code;
    PCRE2_SIZE at;
    /* \C would look inside characters. */
    p->code = pcre2_compile((PCRE2_SPTR)regex.p, regex.n,
                            PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY, &code, &at, ctx);
    pcre2_compile_context_free(ctx);
    if (!p->code) return bad_syntax(regex, code, at, p->where, err);
    /* Without JIT (hardened kernels forbid it) the interpreter does the same, more slowly. */
    pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
    p->data = pcre2_match_data_create_from_pattern(p->code, p->memory);
    return p->data ? HP_OK : hp_fail_memory(err, "a regular expression");
}

hp_code hp_pattern_compile(hp_str regex, const char *where, hp_pattern **out, hp_err *err) {
    hp_pattern *p = hp_calloc(1, sizeof *p);
    if (!p) return hp_fail_memory(err, "a regular expression");
    snprintf(p->where, sizeof p->where, "%s", where);
    hp_code code = compile(p, regex, err);
    if (code == HP_OK)
        *out = p;
    else
        hp_pattern_free(p);
    return code;
}

hp_code hp_pattern_match(hp_pattern *p, hp_str text, bool *matches, hp_err *err) {
    int found = pcre2_match(p->code, (PCRE2_SPTR)text.p, text.n, 0, 0, p->data, p->limits);
    /* Compiled code has a small stack of its own; the interpreter takes more from the heap, up to its limit.
     */
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
        found = pcre2_match(p->code, (PCRE2_SPTR)text.p, text.n, 0, PCRE2_NO_JIT, p->data, p->limits);
    if (found == PCRE2_ERROR_NOMEMORY) return hp_fail_memory(err, "matching a regular expression");
    if (found < 0 && found != PCRE2_ERROR_NOMATCH)
        return hp_fail(err, HP_CONFIG,
                       "%s: the regular expression takes too many steps on a value of %zu bytes; simplify it",
                       p->where, text.n);
    *matches = found >= 0;
    return HP_OK;
}
