#include "net/sigv4.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/hash.h"
#include "base/mem.h"
#include "net/url.h"

#include "base/banned.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
enum { CANONICAL_BYTES = 1 << 20 };

/* ---- path and query ---- */

void hp_sigv4_path(hp_str path, hp_buf *out) {
    while (path.n) {
        size_t slash = hp_str_chr(path, '/', 0);
        hp_str segment = hp_str_cut(path, 0, slash);
        hp_url_escape(segment, out);
        if (slash == SIZE_MAX) return;
        hp_buf_putc(out, '/');
        path = hp_str_cut(path, slash + 1, path.n);
    }
}

/* By name, then by value, both encoded: sorting whole "name=value" texts would put "a-b" before "a". */
static int by_pair(const void *a, const void *b) {
    const hp_sigv4_pair *x = a, *y = b;
    int names = hp_str_cmp(x->name, y->name);
    return names ? names : hp_str_cmp(x->value, y->value);
}

static hp_str escaped(hp_arena *a, hp_str s) {
    hp_autobuf b = hp_buf_new(3 * s.n + 1);
    hp_url_escape(s, &b);
    hp_str none = {0};
    return b.bad ? none : hp_arena_dup(a, hp_buf_str(&b));
}

hp_code hp_sigv4_query(const hp_sigv4_pair *query, size_t n, hp_buf *out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_sigv4_pair *sorted = a ? HP_NEW_ARRAY(a, n + 1, hp_sigv4_pair) : NULL;
    if (!sorted) return hp_fail_memory(err, "a query");
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (hp_sigv4_pair){escaped(a, query[i].name), escaped(a, query[i].value)};
        if (!sorted[i].name.p || !sorted[i].value.p) return hp_fail_memory(err, "a query");
    }
    qsort(sorted, n, sizeof *sorted, by_pair);
    for (size_t i = 0; i < n; i++)
        hp_buf_printf(out, "%s%.*s=%.*s", i ? "&" : "", HP_FMT(sorted[i].name), HP_FMT(sorted[i].value));
    return hp_buf_check(out, "a query", err);
}

/* ---- headers ---- */

typedef struct headers {
    hp_sigv4_pair pair[HP_SIGV4_HEADERS + 2]; /* names in lower case */
    size_t n;
    char time[17];
} headers;

static hp_str lowered(hp_arena *a, hp_str name) {
    hp_str copy = hp_arena_dup(a, name);
    for (size_t i = 0; copy.p && i < copy.n; i++) ((char *)copy.p)[i] = hp_lower(copy.p[i]);
    return copy;
}

/* By name alone, and those of one name as they stand. */
static void sort_headers(headers *h) {
    for (size_t i = 1; i < h->n; i++)
        for (size_t k = i; k && hp_str_cmp(h->pair[k - 1].name, h->pair[k].name) > 0; k--) {
            hp_sigv4_pair swap = h->pair[k];
            h->pair[k] = h->pair[k - 1];
            h->pair[k - 1] = swap;
        }
}

static hp_code take_headers(hp_arena *a, const hp_sigv4_scope *scope, const hp_secret *token,
                            const hp_sigv4_request *r, headers *h, hp_err *err) {
    bool host = false;
    if (r->nheader > HP_SIGV4_HEADERS) return hp_fail(err, HP_BUG, "too many headers to sign");
    *h = (headers){0};
    for (size_t i = 0; i < r->nheader; i++) {
        hp_str name = lowered(a, r->header[i].name);
        if (!name.p) return hp_fail_memory(err, "a signature");
        host |= hp_str_eq(name, HP_S("host"));
        h->pair[h->n++] = (hp_sigv4_pair){name, r->header[i].value};
    }
    if (!host) return hp_fail(err, HP_BUG, "a signature without a host");
    hp_time_compact(scope->time, h->time);
    h->pair[h->n++] = (hp_sigv4_pair){HP_S("x-amz-date"), hp_str_of(h->time)};
    if (token) h->pair[h->n++] = (hp_sigv4_pair){HP_S("x-amz-security-token"), hp_secret_reveal(token)};
    sort_headers(h);
    return HP_OK;
}

/* Without white space at its ends, and with one blank for a run of it within. */
static void put_value(hp_str value, hp_buf *out) {
    bool begun = false, blank = false;
    for (size_t i = 0; i < value.n; i++) {
        if (hp_is_space(value.p[i])) {
            blank = true;
            continue;
        }
        if (blank && begun) hp_buf_putc(out, ' ');
        hp_buf_putc(out, value.p[i]);
        begun = true;
        blank = false;
    }
}

static void put_headers(const headers *h, hp_buf *out) {
    for (size_t i = 0; i < h->n; i++) {
        bool more = i && hp_str_eq(h->pair[i - 1].name, h->pair[i].name);
        if (i && !more) hp_buf_putc(out, '\n');
        if (more)
            hp_buf_putc(out, ',');
        else
            hp_buf_printf(out, "%.*s:", HP_FMT(h->pair[i].name));
        put_value(h->pair[i].value, out);
    }
    hp_buf_putc(out, '\n');
}

static void put_names(const headers *h, hp_buf *out) {
    for (size_t i = 0; i < h->n; i++)
        if (i == 0 || !hp_str_eq(h->pair[i - 1].name, h->pair[i].name))
            hp_buf_printf(out, "%s%.*s", i ? ";" : "", HP_FMT(h->pair[i].name));
}

/* ---- what is signed ---- */

static hp_code put_canonical(const hp_sigv4_request *r, const headers *h, hp_buf *out, hp_err *err) {
    hp_buf_printf(out, "%.*s\n%.*s\n", HP_FMT(r->method), HP_FMT(r->path.n ? r->path : HP_S("/")));
    HP_TRY(hp_sigv4_query(r->query, r->nquery, out, err));
    hp_buf_putc(out, '\n');
    put_headers(h, out);
    hp_buf_putc(out, '\n');
    put_names(h, out);
    hp_buf_printf(out, "\n%.*s", HP_FMT(r->payload));
    return hp_buf_check(out, "a signature", err);
}

hp_code hp_sigv4_canonical(const hp_sigv4_scope *scope, const hp_secret *token, const hp_sigv4_request *r,
                           hp_buf *out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    headers h;
    if (!a) return hp_fail_memory(err, "a signature");
    HP_TRY(take_headers(a, scope, token, r, &h, err));
    return put_canonical(r, &h, out, err);
}

/* Derives the key of a day, a region and a service: whoever learns it learns no more than that. */
static hp_code signing_key(const hp_secret *secret, hp_str day, const hp_sigv4_scope *scope,
                           unsigned char key[HP_DIGEST_BYTES], hp_err *err) {
    hp_str part[] = {day, scope->region, scope->service, HP_S("aws4_request")};
    hp_str plain = hp_secret_reveal(secret);
    hp_autobuf first = hp_buf_new(plain.n + 4);
    hp_buf_puts(&first, "AWS4");
    hp_buf_add(&first, plain);
    hp_str by = hp_buf_str(&first);
    if (first.bad) return hp_fail_memory(err, "a signature");
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        hp_hmac_sha256(by, part[i], key);
        by = (hp_str){(const char *)key, HP_DIGEST_BYTES};
    }
    sodium_memzero(first.p, first.n);
    return HP_OK;
}

static hp_code put_signature(const hp_aws_keys *keys, const hp_sigv4_scope *scope, const headers *h,
                             hp_str canonical, hp_str scope_text, hp_buf *out, hp_err *err) {
    unsigned char key[HP_DIGEST_BYTES], signature[HP_DIGEST_BYTES];
    hp_sha256 digest;
    hp_autobuf text = hp_buf_new(4096);
    hp_sha256_of(canonical, &digest);
    hp_buf_printf(&text, ALGORITHM "\n%s\n%.*s\n%s", h->time, HP_FMT(scope_text), digest.hex);
    HP_TRY(hp_buf_check(&text, "a signature", err));
    HP_TRY(signing_key(keys->secret, hp_str_cut(hp_str_of(h->time), 0, 8), scope, key, err));
    hp_hmac_sha256((hp_str){(const char *)key, sizeof key}, hp_buf_str(&text), signature);
    sodium_memzero(key, sizeof key);
    hp_put_hex(out, signature, sizeof signature);
    return HP_OK;
}

static hp_code put_lines(const hp_aws_keys *keys, const hp_sigv4_scope *scope, const headers *h,
                         hp_str canonical, hp_buf *out, hp_err *err) {
    hp_autobuf text = hp_buf_new(512);
    hp_buf_printf(&text, "%.8s/%.*s/%.*s/aws4_request", h->time, HP_FMT(scope->region),
                  HP_FMT(scope->service));
    HP_TRY(hp_buf_check(&text, "a signature", err));
    hp_buf_printf(out, "X-Amz-Date: %s", h->time);
    hp_buf_putc(out, 0);
    if (keys->token) {
        hp_buf_puts(out, "X-Amz-Security-Token: ");
        hp_buf_add(out, hp_secret_reveal(keys->token));
        hp_buf_putc(out, 0);
    }
    hp_buf_printf(out, "Authorization: " ALGORITHM " Credential=%.*s/%.*s, SignedHeaders=", HP_FMT(keys->id),
                  HP_FMT(hp_buf_str(&text)));
    put_names(h, out);
    hp_buf_puts(out, ", Signature=");
    HP_TRY(put_signature(keys, scope, h, canonical, hp_buf_str(&text), out, err));
    hp_buf_putc(out, 0);
    return hp_buf_check(out, "a signature", err);
}

hp_code hp_sigv4_sign(const hp_aws_keys *keys, const hp_sigv4_scope *scope, const hp_sigv4_request *r,
                      hp_buf *lines, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autobuf canonical = hp_buf_new(CANONICAL_BYTES);
    headers h;
    if (!a) return hp_fail_memory(err, "a signature");
    HP_TRY(take_headers(a, scope, keys->token, r, &h, err));
    HP_TRY(put_canonical(r, &h, &canonical, err));
    hp_code code = put_lines(keys, scope, &h, hp_buf_str(&canonical), lines, err);
    if (canonical.p) sodium_memzero(canonical.p, canonical.n); /* it holds the token */
    return code;
}
