#include "check/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

#include "base/buf.h"
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
    return hp_fail(err, HP_CONFIG, "%s: regular expression \"%.*s\": %s, at character %zu; mend it there",
                   where, HP_FMT(hp_str_cut(regex, 0, 200)), (const char *)text, (size_t)at + 1);
}

/* The limits make a match end; JIT or not, they count alike. */
static hp_code compile(hp_pattern *p, hp_str regex, uint32_t options, hp_err *err) {
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
    pcre2_set_newline(ctx, PCRE2_NEWLINE_LF);
    /* \C would look inside characters. */
    p->code = pcre2_compile((PCRE2_SPTR)regex.p, regex.n, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | options,
                            &code, &at, ctx);
    pcre2_compile_context_free(ctx);
    if (!p->code) return bad_syntax(regex, code, at, p->where, err);
    /* Without JIT (hardened kernels forbid it) the interpreter does the same, more slowly. */
    pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
    p->data = pcre2_match_data_create_from_pattern(p->code, p->memory);
    return p->data ? HP_OK : hp_fail_memory(err, "a regular expression");
}

static hp_code make(hp_str regex, uint32_t options, const char *where, hp_pattern **out, hp_err *err) {
    hp_pattern *p = hp_calloc(1, sizeof *p);
    if (!p) return hp_fail_memory(err, "a regular expression");
    snprintf(p->where, sizeof p->where, "%s", where);
    hp_code code = compile(p, regex, options, err);
    if (code == HP_OK)
        *out = p;
    else
        hp_pattern_free(p);
    return code;
}

hp_code hp_pattern_compile(hp_str regex, const char *where, hp_pattern **out, hp_err *err) {
    return make(regex, PCRE2_DOLLAR_ENDONLY, where, out, err);
}

/* ---- other dialects ---- */

/* How many bytes of hexadecimal digits follow, up to `most`. */
static size_t hex_digits(hp_str s, size_t at, size_t most) {
    size_t n = 0;
    while (n < most && at + n < s.n
           && (hp_is_digit(s.p[at + n]) || (hp_lower(s.p[at + n]) >= 'a' && hp_lower(s.p[at + n]) <= 'f')))
        n++;
    return n;
}

/* Append the escape at s[at] = '\\' as PCRE2 writes it; returns the bytes it took. */
static size_t add_escape(hp_buf *b, hp_str s, size_t at) {
    char c = at + 1 < s.n ? s.p[at + 1] : '\0';
    size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits && hex_digits(s, at + 2, digits) == digits) {
        hp_buf_printf(b, "\\x{%.*s}", (int)digits, s.p + at + 2);
        return digits + 2;
    }
    if (c == 'Z') {
        hp_buf_puts(b, "\\z");
        return 2;
    }
    size_t n = at + 1 < s.n ? 2 : 1;
    hp_buf_add(b, hp_str_cut(s, at, at + n));
    return n;
}

/* Tell whether a repetition without a least number, {,n}, stands at s[at]. */
static bool is_open_repeat(hp_str s, size_t at) {
    size_t i = at + 2;
    if (i >= s.n || s.p[at + 1] != ',') return false;
    while (i < s.n && hp_is_digit(s.p[i])) i++;
    return i > at + 2 && i < s.n && s.p[i] == '}';
}

/* Inside brackets Python takes '[' for itself, PCRE2 might see the start of a class of POSIX. */
static void to_pcre2(hp_str s, hp_buf *b) {
    bool in_class = false;
    for (size_t i = 0; i < s.n;) {
        char c = s.p[i];
        if (c == '\\') {
            i += add_escape(b, s, i);
            continue;
        }
        if (c == '[' && in_class) hp_buf_putc(b, '\\');
        hp_buf_putc(b, c);
        if (c == '{' && !in_class && is_open_repeat(s, i)) hp_buf_putc(b, '0');
        i++;
        if (c == ']') in_class = false;
        if (c != '[' || in_class) continue;
        in_class = true;
        if (i < s.n && s.p[i] == '^') hp_buf_putc(b, s.p[i++]);
        if (i < s.n && s.p[i] == ']') hp_buf_putc(b, s.p[i++]); /* the first one is an ordinary member */
    }
}

hp_code hp_pattern_compile_python(hp_str regex, const char *where, hp_pattern **out, hp_err *err) {
    hp_autobuf b = hp_buf_new(regex.n * 3 + 16);
    to_pcre2(regex, &b);
    HP_TRY(hp_buf_check(&b, "a regular expression", err));
    return make(hp_buf_str(&b), PCRE2_UCP, where, out, err);
}

hp_code hp_pattern_compile_like(hp_str like, const char *where, hp_pattern **out, hp_err *err) {
    hp_autobuf b = hp_buf_new(like.n * 4 + 16);
    hp_buf_puts(&b, "\\A");
    for (size_t i = 0; i < like.n; i++) {
        char c = like.p[i];
        if (c == '\\' && i + 1 < like.n)
            c = like.p[++i];
        else if (c == '%' || c == '_') {
            hp_buf_puts(&b, c == '%' ? ".*" : ".");
            continue;
        }
        if ((unsigned char)c < 0x80 && !hp_is_alnum(c)) hp_buf_putc(&b, '\\');
        hp_buf_putc(&b, c);
    }
    hp_buf_puts(&b, "\\z");
    HP_TRY(hp_buf_check(&b, "a LIKE pattern", err));
    return make(hp_buf_str(&b), PCRE2_DOTALL, where, out, err);
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
