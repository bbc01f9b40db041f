/* Object locks of objects that are there: GetObjectRetention, PutObjectRetention. */
#include "base/clock.h"
#include "base/hash.h"
#include "net/s3_own.h"

#include "base/banned.h"

typedef struct lock {
    bool governance, compliance;
    int64_t until;
} lock;

static hp_code take_lock(void *ctx, const char *path, hp_str text, hp_err *err) {
    lock *l = ctx;
    (void)err;
    /* The root is "Retention" by the reference; others call it after the operation. */
    const char *name = strchr(path, '/');
    if (!name) return HP_OK;
    if (strcmp(name, "/Mode") == 0) {
        l->governance = hp_str_eq(text, HP_S("GOVERNANCE"));
        l->compliance = hp_str_eq(text, HP_S("COMPLIANCE"));
    }
    if (strcmp(name, "/RetainUntilDate") == 0) (void)hp_s3_time(text, &l->until);
    return HP_OK;
}

/* HEAD would tell on Amazon's; others keep it for this. */
static hp_code read_lock(hp_s3 *s, hp_str key, lock *out, hp_err *err) {
    hp_endpoint_answer answer;
    hp_s3_ask ask = {.method = "GET", .key = key};
    hp_s3_query(&ask, "retention", HP_S(""));
    *out = (lock){0};
    HP_TRY(hp_s3_send(s, &ask, &answer, err));
    if (answer.status < 300) return hp_s3_xml(answer.body, take_lock, out, err);
    /* An object without a lock, or a bucket without object lock: setting one then says which. */
    if (answer.status == 404 || answer.status == 400) return HP_OK;
    return hp_s3_refused(s, &ask, &answer, err);
}

static bool enough(const lock *l, const char *mode, int64_t until) {
    bool strict = l->compliance || (l->governance && strcmp(mode, "GOVERNANCE") == 0);
    return strict && l->until >= until;
}

static hp_code write_lock(hp_s3 *s, hp_arena *a, hp_str key, const char *mode, int64_t until, hp_err *err) {
    char date[21];
    unsigned char sum[HP_DIGEST_BYTES];
    hp_str checksum;
    hp_digest d;
    hp_endpoint_answer answer;
    hp_time_iso(until, date);
    hp_str body =
        hp_arena_printf(a,
                        "<Retention xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Mode>%s</Mode>"
                        "<RetainUntilDate>%s</RetainUntilDate></Retention>",
                        mode, date);
    if (!body.p) return hp_fail_memory(err, "a request");
    hp_digest_begin(&d, HP_DIGEST_SHA256);
    hp_digest_add(&d, body);
    if (!hp_digest_end(&d, sum)) return hp_fail_memory(err, "a digest");
    HP_TRY(hp_s3_base64(a, sum, sizeof sum, &checksum, err));
    hp_s3_ask ask = {.method = "PUT", .key = key, .body = body, .sha256 = sum};
    hp_s3_query(&ask, "retention", HP_S(""));
    hp_s3_header(&ask, "x-amz-checksum-sha256", checksum);
    HP_TRY(hp_s3_send(s, &ask, &answer, err));
    return answer.status < 300 ? HP_OK : hp_s3_refused(s, &ask, &answer, err);
}

hp_code hp_s3_retain(hp_s3 *s, hp_str key, const char *mode, int64_t until, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    lock l;
    if (!a) return hp_fail_memory(err, "a request");
    HP_TRY(read_lock(s, key, &l, err));
    if (enough(&l, mode, until)) return HP_OK;
    HP_TRY(write_lock(s, a, key, mode, until, err));
    HP_TRY(read_lock(s, key, &l, err));
    if (enough(&l, mode, until)) return HP_OK;
    return hp_fail(err, HP_IO,
                   "%.*s: the object store took the retention, but the object is not locked by it",
                   HP_FMT(key));
}
