#include "ops/workspace/sts.h"

#include <sodium.h>
#include <time.h>

#include "base/hash.h"
#include "net/aws.h"
#include "net/endpoint.h"

#include "base/banned.h"

#define FORM "application/x-www-form-urlencoded; charset=utf-8"
#define BODY "Action=GetCallerIdentity&Version=2011-06-15"
enum { DEADLINE_MS = 20000, MOST = 1 << 20, LINES = 8 };

static hp_str or_else(const char *first, hp_str second, const char *third) {
    return first ? hp_str_of(first) : second.n ? second : hp_str_of(third);
}

/* "http://127.0.0.1:4566/x" -> "127.0.0.1:4566", as the header Host has it. */
static hp_str host_of(hp_str url) {
    size_t at = hp_str_find(url, HP_S("://"), 0);
    hp_str rest = at == SIZE_MAX ? url : hp_str_cut(url, at + 3, url.n);
    return hp_str_cut(rest, 0, hp_str_chr(rest, '/', 0));
}

static hp_code sign(const hp_aws *s, hp_str region, hp_str url, hp_buf *lines, hp_err *err) {
    struct timespec now;
    hp_sha256 digest;
    const hp_sigv4_pair header[] = {{HP_S("content-type"), HP_S(FORM)}, {HP_S("host"), host_of(url)}};
    clock_gettime(CLOCK_REALTIME, &now);
    hp_sha256_of(HP_S(BODY), &digest);
    hp_sigv4_scope scope = {.region = region, .service = HP_S("sts"), .time = now.tv_sec};
    hp_sigv4_request r = {.method = HP_S("POST"),
                          .header = header,
                          .nheader = sizeof header / sizeof *header,
                          .payload = hp_str_of(digest.hex)};
    return hp_sigv4_sign(&s->keys, &scope, &r, lines, err);
}

/* The answer is XML of a fixed form, in which each of these elements stands once, with a text inside. */
static hp_str element(hp_str body, const char *begin, const char *end) {
    size_t from = hp_str_find(body, hp_str_of(begin), 0);
    if (from == SIZE_MAX) return HP_S("");
    from += strlen(begin);
    size_t to = hp_str_find(body, hp_str_of(end), from);
    return to == SIZE_MAX ? HP_S("") : hp_str_cut(body, from, to);
}

static hp_code read_answer(hp_arena *a, const hp_endpoint_answer *x, hp_aws_answer *out, hp_err *err) {
    hp_str code = element(x->body, "<Code>", "</Code>"), words = element(x->body, "<Message>", "</Message>");
    if (x->status != 200)
        return hp_fail(err, x->status == 403 || x->status == 400 ? HP_NOPERM : HP_UNAVAILABLE,
                       "AWS refuses: HTTP %ld, %.*s: %.*s", x->status, HP_FMT(code), HP_FMT(words));
    out->account = hp_arena_dup(a, element(x->body, "<Account>", "</Account>"));
    out->arn = hp_arena_dup(a, element(x->body, "<Arn>", "</Arn>"));
    out->user_id = hp_arena_dup(a, element(x->body, "<UserId>", "</UserId>"));
    if (!out->account.p || !out->arn.p || !out->user_id.p) return hp_fail_memory(err, "the answer of AWS");
    if (!out->account.n || !out->arn.n)
        return hp_fail(err, HP_DATA,
                       "what answers is not the Security Token Service: its answer has another form");
    return HP_OK;
}

static hp_code send(hp_arena *a, const hp_aws *s, hp_str region, hp_str url, hp_aws_answer *out,
                    hp_err *err) {
    hp_autobuf lines = hp_buf_new(MOST);
    const char *header[LINES + 1] = {NULL};
    hp_endpoint_policy p = hp_endpoint_policy_usual();
    hp_endpoint *e = NULL;
    hp_endpoint_answer x;
    HP_TRY(sign(s, region, url, &lines, err));
    hp_str all = hp_buf_str(&lines);
    for (size_t i = 0, n = 0; i < all.n && n < LINES; i += strlen(all.p + i) + 1) header[n++] = all.p + i;
    p.deadline_ms = DEADLINE_MS;
    p.max_bytes = MOST;
    HP_TRY(hp_endpoint_new(url.p, &p, &e, err));
    hp_endpoint_ask ask = {
        .method = "POST", .path = HP_S("/"), .type = FORM, .body = HP_S(BODY), .header = header};
    hp_code code = hp_endpoint_send(e, &ask, &x, err);
    if (code == HP_OK) code = read_answer(a, &x, out, err);
    hp_endpoint_free(e);
    sodium_memzero(lines.p, lines.n);
    return code;
}

hp_code hp_sts_identity(hp_arena *a, const hp_aws_ask *ask, hp_aws_answer *out, bool *asked, hp_buf *steps,
                        hp_err *err) {
    hp_aws s = {0};
    HP_TRY(hp_aws_read(a, "sts", ask->vault, &s, err));
    hp_str region = or_else(ask->aws.region, s.region, "us-east-1");
    hp_str own = hp_arena_printf(a, "https://sts.%.*s.amazonaws.com", HP_FMT(region));
    hp_str url = hp_arena_dup(a, or_else(ask->aws.endpoint, s.endpoint, own.p));
    hp_code code = own.p && url.p ? HP_OK : hp_fail_memory(err, "the address of AWS");
    *asked = s.keys.id.n != 0;
    if (code == HP_OK && *asked) {
        hp_buf_printf(steps, "POST %.*s/ GetCallerIdentity, with %.*s\n", HP_FMT(url), HP_FMT(s.keys_from));
        if (!ask->dry_run) code = send(a, &s, region, url, out, err);
    }
    hp_aws_free(&s);
    return code;
}
