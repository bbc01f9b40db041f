/* Buckets of an object store, over net/s3.h. */
#include "base/mem.h"
#include "net/aws.h"
#include "net/s3.h"
#include "net/tunnel_state.h"
#include "ops/evidence/bucket_own.h"

#include "base/banned.h"

/* Lives on the heap: the client holds on to the keys. */
typedef struct s3_bucket {
    hp_s3 *s3;
    hp_aws aws;
} s3_bucket;

static hp_code look(hp_bucket *b, hp_arena *a, hp_str key, hp_bucket_object *out, bool *found, bool *readable,
                    hp_err *err) {
    s3_bucket *s = b->own;
    hp_s3_object o;
    HP_TRY(hp_s3_head(s->s3, a, key, &o, found, readable, err));
    if (!*found) return HP_OK;
    *out = (hp_bucket_object){.key = o.key,
                              .bytes = o.bytes,
                              .changed = o.changed,
                              .sha256 = o.sha256,
                              .retained_until = o.locked_to};
    out->retain_mode = hp_str_ieq(o.lock_mode, HP_S("GOVERNANCE"))   ? HP_S("governance")
                       : hp_str_ieq(o.lock_mode, HP_S("COMPLIANCE")) ? HP_S("compliance")
                                                                     : HP_S("");
    return HP_OK;
}

typedef struct telling {
    const hp_bucket_put *how;
    uint64_t total;
} telling;

static void tell(void *ctx, uint64_t bytes) {
    const telling *t = ctx;
    t->how->progress(t->how->ctx, bytes, t->total);
}

static const char *lock_mode(const hp_bucket_put *how) {
    if (!how->retain_mode) return NULL;
    return hp_str_ieq(hp_str_of(how->retain_mode), HP_S("governance")) ? "GOVERNANCE" : "COMPLIANCE";
}

static hp_code retain(hp_bucket *b, const hp_bucket_source *src, hp_str key, const hp_bucket_put *how,
                      hp_err *err) {
    s3_bucket *s = b->own;
    (void)src;
    return hp_s3_retain(s->s3, key, lock_mode(how), how->retain_until, err);
}

static hp_code store(hp_bucket *b, const hp_bucket_source *src, hp_str key, const hp_bucket_put *how,
                     hp_bucket_done *out, bool *exists, hp_err *err) {
    s3_bucket *s = b->own;
    hp_s3_done done;
    telling t = {how, src->bytes};
    hp_s3_put p = {.key = key,
                   .fd = src->fd,
                   .bytes = src->bytes,
                   .sha256 = src->sha256,
                   .md5 = how->retain_mode && src->has_md5 ? src->md5 : NULL,
                   .overwrite = how->overwrite,
                   .lock_mode = lock_mode(how),
                   .locked_to = how->retain_until,
                   .part_bytes = src->part_bytes,
                   .part = (const unsigned char(*)[HP_DIGEST_BYTES])src->part,
                   .progress = how->progress ? tell : NULL,
                   .ctx = &t};
    HP_TRY(hp_s3_store(s->s3, &p, &done, err));
    *exists = done.exists;
    out->parts = done.parts;
    out->reused = done.reused;
    return HP_OK;
}

static hp_code read_object(hp_bucket *b, hp_str key, hp_bucket_take *take, void *ctx, hp_err *err) {
    s3_bucket *s = b->own;
    return hp_s3_get(s->s3, key, take, ctx, err);
}

typedef struct listing {
    hp_bucket_each *each;
    void *ctx;
} listing;

static hp_code pass_on(void *ctx, const hp_s3_object *o, hp_err *err) {
    const listing *l = ctx;
    hp_bucket_object out = {.key = o->key, .bytes = o->bytes, .changed = o->changed};
    return l->each(l->ctx, &out, err);
}

static hp_code list(hp_bucket *b, hp_str prefix, hp_bucket_each *each, void *ctx, hp_err *err) {
    s3_bucket *s = b->own;
    listing l = {each, ctx};
    return hp_s3_list(s->s3, prefix, pass_on, &l, err);
}

static void close_s3(hp_bucket *b) {
    s3_bucket *s = b->own;
    hp_s3_free(s->s3);
    hp_aws_free(&s->aws);
    hp_free(s);
}

static const hp_bucket_kind S3 = {look, store, retain, read_object, list, close_s3};

static hp_code no_keys(const hp_aws *aws, hp_err *err) {
    if (aws->why_none.n) return hp_fail(err, HP_CONFIG, "%.*s", HP_FMT(aws->why_none));
    return hp_fail(
        err, HP_CONFIG,
        "there are no keys for the object store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or keep "
        "them with hotpass credentials set aws.access_key_id and aws.secret_access_key");
}

/* Without a place for state uploads work, and begin anew each time. */
static hp_code find_notes(hp_arena *a, hp_str *out, hp_err *err) {
    hp_str state;
    hp_err ignored = {0};
    *out = HP_S("");
    hp_code code = hp_state_dir(a, &state, &ignored);
    if (code == HP_OK) *out = hp_arena_printf(a, "%.*s/uploads", HP_FMT(state));
    return code == HP_RETRY || !out->p ? hp_fail_memory(err, "a path") : HP_OK;
}

static hp_code find_store(hp_bucket *b, s3_bucket *s, const hp_bucket_how *how, hp_str name, hp_err *err) {
    HP_TRY(hp_aws_read(b->arena, "s3", how->vault, &s->aws, err));
    if (!s->aws.secret) return no_keys(&s->aws, err);
    hp_s3_where where = {.bucket = hp_arena_dup(b->arena, name),
                         .region = hp_arena_dup(b->arena, s->aws.region.n ? s->aws.region : how->region),
                         .endpoint =
                             hp_arena_dup(b->arena, how->endpoint.n ? how->endpoint : s->aws.endpoint),
                         .virtual_host = s->aws.virtual_host,
                         .keys_from = s->aws.keys_from};
    if (!where.bucket.p || !where.region.p || !where.endpoint.p) return hp_fail_memory(err, "a bucket");
    HP_TRY(find_notes(b->arena, &where.notes, err));
    return hp_s3_new(&where, &s->aws.keys, &s->s3, err);
}

hp_code hp_bucket_open_s3(hp_bucket *b, const hp_bucket_how *how, hp_str rest, hp_err *err) {
    size_t slash = hp_str_chr(rest, '/', 0);
    hp_str name = hp_str_cut(rest, 0, slash);
    hp_str key = slash == SIZE_MAX ? HP_S("") : hp_str_cut(rest, slash + 1, rest.n);
    b->root = hp_arena_printf(b->arena, "s3://%.*s", HP_FMT(name));
    b->key = hp_arena_dup(b->arena, key);
    s3_bucket *s = hp_calloc(1, sizeof *s);
    if (!s || !b->root.p || !b->key.p) {
        hp_free(s);
        return hp_fail_memory(err, "a bucket");
    }
    if (how->part_bytes && (how->part_bytes < HP_S3_PART_MIN || how->part_bytes > HP_S3_PART_MAX)) {
        hp_free(s);
        return hp_fail(err, HP_USAGE, "a part of an upload has 5 MiB to 5 GiB");
    }
    b->own = s;
    b->kind = &S3;
    return find_store(b, s, how, name, err);
}
