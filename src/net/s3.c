#include "net/s3_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/vec.h"
#include "net/url.h"

#include "base/banned.h"

/* A request without much of a body; the least that a line has to carry before it counts as broken; and how
 * long one may carry nearly nothing. */
enum {
    REQUEST_MS = 30000,
    LEAST_PER_MS = 64,
    STALL_MS = 20000,
    RETRIES = 5,
    ANSWER_BYTES = 8 << 20,
    RESUMES = 100
};
/* Further ahead or behind and a service refuses signatures. */
enum { SKEW_SECONDS = 300 };

struct hp_s3 {
    hp_s3_where where;
    const hp_aws_keys *keys;
    hp_arena *arena;
    hp_endpoint *endpoint;
    hp_str host;
    hp_str base; /* of paths: "/bucket", empty where the host names the bucket */
};

/* ---- making ---- */

/* Amazon's bucket names that fit into a certificate for *.s3.REGION.amazonaws.com. */
static bool in_host(const hp_s3_where *w) {
    return w->virtual_host || (!w->endpoint.n && hp_str_chr(w->bucket, '.', 0) == SIZE_MAX);
}

static hp_code check_bucket(hp_str name, hp_err *err) {
    bool ok = name.n >= 3 && name.n <= 63 && hp_is_alnum(name.p[0]) && hp_is_alnum(name.p[name.n - 1]);
    for (size_t i = 0; ok && i < name.n; i++)
        ok = hp_is_digit(name.p[i]) || (name.p[i] >= 'a' && name.p[i] <= 'z') || name.p[i] == '-'
             || name.p[i] == '.';
    if (ok) return HP_OK;
    hp_str shown = hp_str_cut(name, 0, 80);
    return hp_fail(err, HP_USAGE, "\"%.*s\" is no name of a bucket: 3 to 63 of a-z, 0-9, '-' and '.'",
                   HP_FMT(shown));
}

static hp_code place(hp_s3 *s, hp_str *origin, hp_err *err) {
    const hp_s3_where *w = &s->where;
    hp_str at = w->endpoint;
    hp_err why = {0};
    hp_url url;
    if (!at.n) at = hp_arena_printf(s->arena, "https://s3.%.*s.amazonaws.com", HP_FMT(w->region));
    hp_code code = at.p ? hp_url_read(s->arena, at, NULL, &url, &why) : HP_RETRY;
    if (code == HP_RETRY) return hp_fail_memory(err, "a URL");
    if (code != HP_OK)
        return hp_fail(err, HP_CONFIG, "%.*s is no URL of an object store: %.200s", HP_FMT(at), why.message);
    hp_str path = url.path;
    while (path.n && path.p[path.n - 1] == '/') path.n--;
    hp_str authority = hp_str_cut(url.origin, url.scheme.n + 3, url.origin.n);
    bool first = in_host(w);
    s->host =
        first ? hp_arena_printf(s->arena, "%.*s.%.*s", HP_FMT(w->bucket), HP_FMT(authority)) : authority;
    s->base = first ? hp_arena_dup(s->arena, path)
                    : hp_arena_printf(s->arena, "%.*s/%.*s", HP_FMT(path), HP_FMT(w->bucket));
    *origin =
        s->host.p ? hp_arena_printf(s->arena, "%.*s://%.*s", HP_FMT(url.scheme), HP_FMT(s->host)) : s->host;
    return s->base.p && origin->p ? HP_OK : hp_fail_memory(err, "a URL");
}

static hp_code set_up(hp_s3 *s, hp_err *err) {
    hp_str origin;
    hp_endpoint_policy policy = hp_endpoint_policy_usual();
    policy.retries = RETRIES;
    policy.max_bytes = ANSWER_BYTES;
    policy.ca_file = s->where.ca_file;
    HP_TRY(check_bucket(s->where.bucket, err));
    if (!s->where.region.n) s->where.region = HP_S("us-east-1");
    HP_TRY(place(s, &origin, err));
    return hp_endpoint_new(origin.p, &policy, &s->endpoint, err);
}

hp_code hp_s3_new(const hp_s3_where *where, const hp_aws_keys *keys, hp_s3 **out, hp_err *err) {
    hp_s3 *s = hp_calloc(1, sizeof *s);
    if (!s) return hp_fail_memory(err, "a connection");
    *s = (hp_s3){.where = *where, .keys = keys, .arena = hp_arena_new(NULL)};
    hp_code code = s->arena ? set_up(s, err) : hp_fail_memory(err, "a connection");
    if (code != HP_OK) {
        hp_s3_free(s);
        return code;
    }
    *out = s;
    return HP_OK;
}

void hp_s3_free(hp_s3 *s) {
    if (!s) return;
    hp_endpoint_free(s->endpoint);
    hp_arena_drop(s->arena);
    hp_free(s);
}

/* ---- one request ---- */

void hp_s3_header(hp_s3_ask *ask, const char *name, hp_str value) {
    ask->header[ask->nheader++] = (hp_sigv4_pair){hp_str_of(name), value};
}

void hp_s3_query(hp_s3_ask *ask, const char *name, hp_str value) {
    ask->query[ask->nquery++] = (hp_sigv4_pair){hp_str_of(name), value};
}

/* Signatures are held against the real time, whatever SOURCE_DATE_EPOCH says of outputs. */
static int64_t real_time(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}

/* A request on its way: what its attempts are signed from, and how far an object was read. */
typedef struct sending {
    hp_s3 *s;
    const hp_s3_ask *ask;
    hp_str path; /* as it is sent */
    uint64_t at; /* bytes read */
    bool fresh;  /* nothing has come of the attempt under way */
    hp_buf etag;
} sending;

static bool put_line(hp_buf *lines, hp_str name, hp_str value) {
    hp_buf_printf(lines, "%.*s: %.*s", HP_FMT(name), HP_FMT(value));
    hp_buf_putc(lines, 0);
    return !lines->bad;
}

static hp_code sign(void *ctx, hp_buf *lines, hp_err *err) {
    sending *g = ctx;
    const hp_s3_ask *ask = g->ask;
    hp_s3 *s = g->s;
    hp_sigv4_pair header[HP_S3_HEADERS + 4];
    char range[40];
    hp_autobuf digest = hp_buf_new(80);
    size_t n = ask->nheader;
    if (ask->sha256)
        hp_put_hex(&digest, ask->sha256, HP_DIGEST_BYTES);
    else
        hp_buf_puts(&digest, HP_SIGV4_EMPTY);
    memcpy(header, ask->header, n * sizeof *header);
    header[n++] = (hp_sigv4_pair){HP_S("X-Amz-Content-Sha256"), hp_buf_str(&digest)};
    if (g->at) {
        (void)snprintf(range, sizeof range, "bytes=%llu-", (unsigned long long)g->at);
        header[n++] = (hp_sigv4_pair){HP_S("Range"), hp_str_of(range)};
        header[n++] = (hp_sigv4_pair){HP_S("If-Match"), hp_buf_str(&g->etag)};
    }
    g->fresh = true;
    for (size_t i = 0; i < n; i++)
        if (!put_line(lines, header[i].name, header[i].value)) return hp_fail_memory(err, "a request");
    header[n++] = (hp_sigv4_pair){HP_S("Host"), s->host};
    hp_sigv4_scope scope = {s->where.region, HP_S("s3"), real_time()};
    hp_sigv4_request r = {hp_str_of(ask->method), g->path, ask->query, ask->nquery, header, n,
                          hp_buf_str(&digest)};
    return hp_sigv4_sign(s->keys, &scope, &r, lines, err);
}

static hp_code take_piece(void *ctx, long status, hp_str piece, hp_err *err) {
    sending *g = ctx;
    if (g->fresh && status != 206) { /* not the rest of it: from the beginning */
        g->at = 0;
        hp_buf_clear(&g->etag);
        hp_buf_add(&g->etag, hp_s3_said(g->s, "ETag"));
    }
    g->fresh = false;
    HP_TRY(g->ask->take(g->ask->ctx, g->at, piece, err));
    g->at += piece.n;
    return HP_OK;
}

static hp_code send_once(sending *g, hp_str target, uint64_t bytes, hp_endpoint_answer *out, hp_err *err) {
    const hp_s3_ask *ask = g->ask;
    uint64_t attempt_ms = REQUEST_MS + bytes / LEAST_PER_MS;
    if (attempt_ms > UINT32_MAX / 4) attempt_ms = UINT32_MAX / 4;
    hp_endpoint_ask e = {.method = ask->method,
                         .path = target,
                         .type = "application/octet-stream",
                         .body = ask->body,
                         .file = ask->file,
                         .attempt_ms = (uint32_t)attempt_ms,
                         .deadline_ms = (uint32_t)(3 * attempt_ms),
                         .stall_ms = STALL_MS,
                         .raw = true,
                         .sign = sign,
                         .take = ask->take ? take_piece : NULL,
                         .ctx = g};
    return hp_endpoint_send(g->s->endpoint, &e, out, err);
}

static hp_code send_target(sending *g, hp_str target, hp_endpoint_answer *out, hp_err *err) {
    uint64_t bytes = g->ask->file ? g->ask->file->bytes : g->ask->body.n, before = 0;
    hp_code code = HP_OK;
    /* What is read of an object may take several connections, as long as each brings it further. Its size is
     * not known here: what a line may take is what it may take for the largest part. */
    if (g->ask->take) bytes = HP_S3_PART_MAX;
    hp_err why = {0};
    for (int i = 0; i < RESUMES; i++) {
        code = send_once(g, target, bytes, out, &why);
        if (code != HP_UNAVAILABLE || g->at == before) break;
        before = g->at;
    }
    if (code != HP_OK && err) *err = why;
    return code;
}

hp_code hp_s3_send(hp_s3 *s, const hp_s3_ask *ask, hp_endpoint_answer *out, hp_err *err) {
    hp_autobuf target = hp_buf_new(32u << 10), key = hp_buf_new(4096);
    if (ask->key.n > HP_S3_KEY_BYTES)
        return hp_fail(err, HP_DATA, "a key of %zu bytes: an object store takes at most %u", ask->key.n,
                       HP_S3_KEY_BYTES);
    hp_buf_add(&target, s->base);
    if (ask->key.n || s->base.n == 0) hp_buf_putc(&target, '/');
    hp_sigv4_path(ask->key, &target);
    HP_TRY(hp_buf_check(&target, "a path", err));
    hp_buf_add(&key, hp_buf_str(&target));
    HP_TRY(hp_buf_check(&key, "a path", err));
    if (ask->nquery) {
        hp_buf_putc(&target, '?');
        HP_TRY(hp_sigv4_query(ask->query, ask->nquery, &target, err));
    }
    sending g = {.s = s, .ask = ask, .path = hp_buf_str(&key), .etag = hp_buf_new(512)};
    hp_code code = send_target(&g, hp_buf_str(&target), out, err);
    hp_buf_free(&g.etag);
    return code;
}

hp_code hp_s3_place(const hp_s3 *s, hp_arena *a, hp_str *place, hp_str *notes, hp_err *err) {
    *place = hp_arena_dup(a, s->where.bucket); /* the same service may go by several addresses */
    *notes = s->where.notes;
    return place->p ? HP_OK : hp_fail_memory(err, "a URL");
}

hp_str hp_s3_said(const hp_s3 *s, const char *name) { return hp_endpoint_header(s->endpoint, name); }

/* ---- errors in words ---- */

typedef struct meaning {
    const char *code;
    hp_code exit;
    const char *words;
} meaning;

static const meaning MEANING[] = {
    {"SignatureDoesNotMatch", HP_NOPERM,
     "the signature is wrong: the secret access key does not belong to the access key id"},
    {"InvalidAccessKeyId", HP_NOPERM, "there is no such access key id"},
    {"XAdminUserNotFound", HP_NOPERM, "there is no such access key id"}, /* versitygw */
    {"ExpiredToken", HP_NOPERM, "the temporary keys have expired: get new ones"},
    {"InvalidToken", HP_NOPERM, "the session token is not valid: get new temporary keys"},
    {"AccessDenied", HP_NOPERM, "these keys may not do that, or a retention forbids it"},
    {"AllAccessDisabled", HP_NOPERM, "all access to this bucket is disabled"},
    {"NoSuchBucket", HP_NOINPUT, "there is no such bucket: make it first, or name another"},
    {"NoSuchKey", HP_NOINPUT, "there is no such object"},
    {"NotFound", HP_NOINPUT, "there is no such object"},
    {"BadDigest", HP_IO, "what arrived is not what was sent: the bytes changed on their way; try again"},
    {"XAmzContentSHA256Mismatch", HP_IO,
     "what arrived is not what was signed: the file changed while it was sent; try again"},
    {"XAmzContentChecksumMismatch", HP_IO,
     "what arrived is not what was sent: the bytes changed on their way; try again"},
    {"InvalidBucketName", HP_USAGE, "that is no name of a bucket"},
    {"PreconditionFailed", HP_CANTCREAT, "there is an object of this key already"},
    {"ConditionalRequestConflict", HP_CANTCREAT, "somebody else stores an object of this key at this moment"},
    {"ObjectLockConfigurationNotFoundError", HP_CONFIG,
     "this bucket has no object lock: retention needs one made with it"},
    {"InvalidRetentionPeriod", HP_CONFIG, "this bucket does not take such a retention"},
    {"EntityTooLarge", HP_DATA, "the object is larger than the service takes"},
    {"QuotaExceeded", HP_IO, "the quota of the bucket is used up"},
    {"XMinioStorageFull", HP_IO, "the object store is full"},
    {"SlowDown", HP_UNAVAILABLE, "the service asks to slow down: try again later"},
    {"ServiceUnavailable", HP_UNAVAILABLE, "the service is not available: try again later"},
    {"InternalError", HP_UNAVAILABLE, "the service failed: try again later"},
};

static const meaning *meaning_of(hp_str code) {
    for (size_t i = 0; i < sizeof MEANING / sizeof *MEANING; i++)
        if (hp_str_eq(code, hp_str_of(MEANING[i].code))) return &MEANING[i];
    return NULL;
}

/* An answer to HEAD has no body: the status has to do. */
static hp_str code_of_status(long status) {
    switch (status) {
    case 403: return HP_S("AccessDenied");
    case 404: return HP_S("NotFound");
    case 409: return HP_S("ConditionalRequestConflict");
    case 412: return HP_S("PreconditionFailed");
    case 503: return HP_S("ServiceUnavailable");
    default: return HP_S("");
    }
}

static hp_code skewed(int64_t clock, hp_str bucket, hp_err *err) {
    return hp_fail(
        err, HP_NOPERM,
        "bucket %.*s: the clock of this machine is %lld seconds %s that of the object store, and signatures hold for "
        "some minutes only; set the clock",
        HP_FMT(bucket), (long long)(clock < 0 ? -clock : clock), clock < 0 ? "behind" : "ahead of");
}

hp_code hp_s3_words(const hp_s3_error *e, long status, const hp_s3_where *where, int64_t clock, hp_err *err) {
    hp_str code = e->code.n ? e->code : code_of_status(status), bucket = where->bucket;
    hp_str message = hp_str_cut(e->message, 0, 300);
    const meaning *m = meaning_of(code);
    bool late = clock > SKEW_SECONDS || clock < -SKEW_SECONDS;
    if (hp_str_eq(code, HP_S("RequestTimeTooSkewed")) || (status == 403 && late))
        return skewed(clock, bucket, err);
    if (e->region.n && !hp_str_eq(e->region, where->region))
        return hp_fail(err, HP_CONFIG,
                       "bucket %.*s is in the region %.*s, and was asked for in %.*s; set AWS_REGION",
                       HP_FMT(bucket), HP_FMT(e->region), HP_FMT(where->region));
    if (hp_str_eq(code, HP_S("InvalidRequest"))
        && (hp_str_ifind(message, HP_S("ObjectLock"), 0) != SIZE_MAX
            || hp_str_ifind(message, HP_S("Object Lock"), 0) != SIZE_MAX))
        m = meaning_of(HP_S("ObjectLockConfigurationNotFoundError"));
    if (m) {
        bool keys = m->exit == HP_NOPERM && where->keys_from.n;
        return hp_fail(err, m->exit, "bucket %.*s: %s%s%.*s%s (%ld %.*s)", HP_FMT(bucket), m->words,
                       keys ? " (keys of " : "", HP_FMT(keys ? where->keys_from : HP_S("")), keys ? ")" : "",
                       status, HP_FMT(code));
    }
    return hp_fail(err, status >= 500 ? HP_UNAVAILABLE : HP_CONFIG,
                   "bucket %.*s: the object store refused: %ld %.*s%s%.*s", HP_FMT(bucket), status,
                   HP_FMT(code), message.n ? ", " : "", HP_FMT(message));
}

hp_code hp_s3_refused(hp_s3 *s, const hp_s3_ask *ask, const hp_endpoint_answer *answer, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_s3_error e = {0};
    int64_t there, now = real_time();
    if (!a) return hp_fail_memory(err, "an answer");
    (void)hp_s3_error_read(a, answer->body, &e);
    if (!e.region.n) e.region = hp_arena_dup(a, hp_s3_said(s, "x-amz-bucket-region"));
    if (!hp_s3_time(hp_s3_said(s, "Date"), &there)) there = now;
    hp_err why = {0};
    hp_code code = hp_s3_words(&e, answer->status, &s->where, now - there, &why);
    if (!ask->key.n) return err ? (*err = why, code) : code;
    return (hp_fail)(err, code, "%.*s: %s", HP_FMT(ask->key), why.message);
}

bool hp_s3_exists(const hp_endpoint_answer *answer) { return answer->status == 412 || answer->status == 409; }

/* ---- an object ---- */

static hp_str header_copy(hp_s3 *s, hp_arena *a, const char *name) {
    return hp_arena_dup(a, hp_s3_said(s, name));
}

/* The digest of the whole, in hex: what was said when it was stored, else what the service made, unless that
 * is of parts. */
static hp_str whole_digest(hp_s3 *s, hp_arena *a, hp_str checksum) {
    unsigned char bytes[HP_DIGEST_BYTES];
    hp_str said = hp_s3_said(s, "x-amz-meta-sha256");
    hp_autobuf hex = hp_buf_new(80);
    if (said.n != 2 * HP_DIGEST_BYTES || !hp_read_hex(said, bytes, sizeof bytes)) {
        if (!hp_read_base64(checksum, bytes, sizeof bytes)) return HP_S("");
    }
    hp_put_hex(&hex, bytes, sizeof bytes);
    return hp_arena_dup(a, hp_buf_str(&hex));
}

static hp_code read_head(hp_s3 *s, hp_arena *a, hp_str key, hp_s3_object *out, hp_err *err) {
    int64_t n;
    hp_s3_object o = {.key = hp_arena_dup(a, key),
                      .etag = header_copy(s, a, "ETag"),
                      .checksum = header_copy(s, a, "x-amz-checksum-sha256"),
                      .version = header_copy(s, a, "x-amz-version-id"),
                      .lock_mode = header_copy(s, a, "x-amz-object-lock-mode")};
    o.sha256 = o.checksum.p ? whole_digest(s, a, o.checksum) : o.checksum;
    if (!o.key.p || !o.etag.p || !o.sha256.p || !o.version.p || !o.lock_mode.p)
        return hp_fail_memory(err, "an object");
    if (hp_str_i64(hp_s3_said(s, "Content-Length"), &n) && n >= 0) o.bytes = (uint64_t)n;
    (void)hp_s3_time(hp_s3_said(s, "Last-Modified"), &o.changed);
    (void)hp_s3_time(hp_s3_said(s, "x-amz-object-lock-retain-until-date"), &o.locked_to);
    *out = o;
    return HP_OK;
}

/* Asks once more in a way that is answered with words. */
static hp_code say_why(hp_s3 *s, hp_str key, hp_err *err) {
    hp_endpoint_answer answer;
    hp_s3_ask ask = {.method = "GET", .key = key};
    hp_s3_header(&ask, "Range", HP_S("bytes=0-0"));
    HP_TRY(hp_s3_send(s, &ask, &answer, err));
    if (answer.status < 300)
        return hp_fail(err, HP_NOPERM, "%.*s: these keys may read it, but not ask about it", HP_FMT(key));
    return hp_s3_refused(s, &ask, &answer, err);
}

hp_code hp_s3_head(hp_s3 *s, hp_arena *a, hp_str key, hp_s3_object *out, bool *found, bool *readable,
                   hp_err *err) {
    hp_endpoint_answer answer;
    hp_s3_ask ask = {.method = "HEAD", .key = key};
    hp_s3_header(&ask, "x-amz-checksum-mode", HP_S("ENABLED"));
    HP_TRY(hp_s3_send(s, &ask, &answer, err));
    *found = answer.status < 300;
    if (readable) *readable = true;
    if (*found) return read_head(s, a, key, out, err);
    if (answer.status == 404) return HP_OK;
    hp_err why = {0};
    hp_code code = say_why(s, key, &why);
    /* Keys that may only write are honest: the write itself then decides. */
    bool may_not = code == HP_NOPERM && strstr(why.message, "AccessDenied");
    if (readable && may_not) {
        *readable = false;
        return HP_OK;
    }
    if (err) *err = why;
    return code;
}

hp_code hp_s3_get(hp_s3 *s, hp_str key, hp_s3_take *take, void *ctx, hp_err *err) {
    hp_endpoint_answer answer;
    hp_s3_ask ask = {.method = "GET", .key = key, .take = take, .ctx = ctx};
    HP_TRY(hp_s3_send(s, &ask, &answer, err));
    if (answer.status == 412)
        return hp_fail(err, HP_IO, "%.*s: was replaced while it was read; begin again", HP_FMT(key));
    return answer.status < 300 ? HP_OK : hp_s3_refused(s, &ask, &answer, err);
}

/* ---- lists ---- */

typedef struct page {
    hp_arena *arena;
    hp_s3_object item;
    HP_VEC(hp_s3_object) object;
    hp_str token;
    bool more, encoded;
} page;

static hp_code take_listed(void *ctx, const char *path, hp_str text, hp_err *err) {
    page *p = ctx;
    hp_str *to = NULL;
    int64_t n;
    if (strcmp(path, "ListBucketResult/Contents/Key") == 0) to = &p->item.key;
    if (strcmp(path, "ListBucketResult/Contents/ETag") == 0) to = &p->item.etag;
    if (strcmp(path, "ListBucketResult/NextContinuationToken") == 0) to = &p->token;
    if (strcmp(path, "ListBucketResult/IsTruncated") == 0) p->more = hp_str_eq(text, HP_S("true"));
    if (strcmp(path, "ListBucketResult/EncodingType") == 0) p->encoded = hp_str_eq(text, HP_S("url"));
    if (strcmp(path, "ListBucketResult/Contents/Size") == 0 && hp_str_i64(text, &n))
        p->item.bytes = (uint64_t)n;
    if (strcmp(path, "ListBucketResult/Contents/LastModified") == 0) (void)hp_s3_time(text, &p->item.changed);
    if (to) {
        *to = hp_arena_dup(p->arena, text);
        if (!to->p) return hp_fail_memory(err, "a list");
    }
    if (strcmp(path, "ListBucketResult/Contents") != 0) return HP_OK;
    bool kept = hp_vec_push(&p->object, p->item);
    p->item = (hp_s3_object){0};
    return kept ? HP_OK : hp_fail_memory(err, "a list");
}

static hp_code decode_keys(page *p, hp_err *err) {
    for (size_t i = 0; p->encoded && i < p->object.n; i++) {
        hp_autobuf key = hp_buf_new(16u << 10);
        hp_s3_unescape(p->object.p[i].key, &key);
        HP_TRY(hp_buf_check(&key, "a key", err));
        p->object.p[i].key = hp_arena_dup(p->arena, hp_buf_str(&key));
        if (!p->object.p[i].key.p) return hp_fail_memory(err, "a list");
    }
    return HP_OK;
}

static hp_code list_page(hp_s3 *s, hp_str prefix, hp_str token, page *p, hp_err *err) {
    hp_endpoint_answer answer;
    hp_s3_ask ask = {.method = "GET"};
    hp_s3_query(&ask, "list-type", HP_S("2"));
    hp_s3_query(&ask, "encoding-type", HP_S("url"));
    if (prefix.n) hp_s3_query(&ask, "prefix", prefix);
    if (token.n) hp_s3_query(&ask, "continuation-token", token);
    HP_TRY(hp_s3_send(s, &ask, &answer, err));
    if (answer.status >= 300) return hp_s3_refused(s, &ask, &answer, err);
    HP_TRY(hp_s3_xml(answer.body, take_listed, p, err));
    if (p->more && !p->token.n)
        return hp_fail(err, HP_UNAVAILABLE,
                       "the object store broke a list off without saying how it goes on");
    return decode_keys(p, err);
}

hp_code hp_s3_list(hp_s3 *s, hp_str prefix, hp_s3_each *each, void *ctx, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL), *before = NULL;
    hp_str token = HP_S("");
    for (bool more = true; more;) {
        page p = {.arena = hp_arena_new(a)};
        hp_code code = p.arena ? list_page(s, prefix, token, &p, err) : hp_fail_memory(err, "a list");
        for (size_t i = 0; code == HP_OK && i < p.object.n; i++) code = each(ctx, &p.object.p[i], err);
        hp_vec_free(&p.object);
        HP_TRY(code);
        hp_arena_drop(before); /* the token of this page is in its arena */
        before = p.arena;
        token = p.token;
        more = p.more;
    }
    return HP_OK;
}

/* ---- putting ---- */

hp_code hp_s3_base64(hp_arena *a, const unsigned char *bytes, size_t n, hp_str *out, hp_err *err) {
    hp_autobuf text = hp_buf_new(128);
    hp_put_base64(&text, bytes, n);
    *out = text.bad ? *out : hp_arena_dup(a, hp_buf_str(&text));
    return !text.bad && out->p ? HP_OK : hp_fail_memory(err, "a digest");
}

hp_code hp_s3_describe(hp_arena *a, const hp_s3_put *p, hp_s3_ask *ask, hp_err *err) {
    char until[21];
    hp_autobuf hex = hp_buf_new(80);
    hp_put_hex(&hex, p->sha256, HP_DIGEST_BYTES);
    hp_str digest = hp_arena_dup(a, hp_buf_str(&hex));
    if (!digest.p) return hp_fail_memory(err, "a request");
    hp_s3_header(ask, "x-amz-meta-sha256", digest);
    if (!p->lock_mode) return HP_OK;
    hp_time_iso(p->locked_to, until);
    hp_str date = hp_arena_dup(a, hp_str_of(until));
    if (!date.p) return hp_fail_memory(err, "a request");
    hp_s3_header(ask, "x-amz-object-lock-mode", hp_str_of(p->lock_mode));
    hp_s3_header(ask, "x-amz-object-lock-retain-until-date", date);
    return HP_OK;
}

static hp_code put_whole(hp_s3 *s, const hp_s3_put *p, hp_s3_done *out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_endpoint_answer answer;
    hp_endpoint_file file = {p->fd, 0, p->bytes};
    hp_s3_ask ask = {.method = "PUT", .key = p->key, .file = &file, .sha256 = p->sha256};
    hp_str digest, md5;
    if (!a) return hp_fail_memory(err, "a request");
    HP_TRY(hp_s3_describe(a, p, &ask, err));
    HP_TRY(hp_s3_base64(a, p->sha256, HP_DIGEST_BYTES, &digest, err));
    hp_s3_header(&ask, "x-amz-checksum-sha256", digest);
    /* With a retention the service wants one of two proofs; old ones take only this. */
    if (p->md5) {
        HP_TRY(hp_s3_base64(a, p->md5, HP_MD5_BYTES, &md5, err));
        hp_s3_header(&ask, "Content-MD5", md5);
    }
    if (!p->overwrite) hp_s3_header(&ask, "If-None-Match", HP_S("*"));
    HP_TRY(hp_s3_send(s, &ask, &answer, err));
    *out = (hp_s3_done){.exists = !p->overwrite && hp_s3_exists(&answer), .parts = 1};
    if (answer.status >= 300 && !out->exists) return hp_s3_refused(s, &ask, &answer, err);
    if (p->progress && !out->exists) p->progress(p->ctx, p->bytes);
    return HP_OK;
}

hp_code hp_s3_store(hp_s3 *s, const hp_s3_put *p, hp_s3_done *out, hp_err *err) {
    return p->part_bytes ? hp_s3_upload(s, p, out, err) : put_whole(s, p, out, err);
}
