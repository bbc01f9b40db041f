/* Files in parts. An upload that was interrupted is found again by asking the service, which parts it has;
 * and by a note (s3_note.c), what the whole was to be. */
#include <stdio.h>

#include "base/mem.h"
#include "base/vec.h"
#include "net/s3_own.h"

#include "base/banned.h"

/* Interrupted uploads of one key that are looked at. */
enum { LOOKED_AT = 16 };

/* A part that the service has. */
typedef struct have {
    uint32_t number; /* from 1 */
    uint64_t bytes;
    hp_str etag, checksum;
} have;

typedef struct upload {
    hp_s3 *s;
    const hp_s3_put *p;
    hp_arena *arena;
    hp_str id;
    uint32_t nparts;
    have *part; /* nparts of them; number 0 = not there yet */
    uint32_t reused;
    hp_str place, notes;
    hp_s3_note note;
} upload;

static uint64_t size_of(const upload *u, uint32_t i) {
    uint64_t from = (uint64_t)i * u->p->part_bytes, left = u->p->bytes - from;
    return left < u->p->part_bytes ? left : u->p->part_bytes;
}

/* ---- what an interrupted upload left ---- */

typedef struct found {
    upload *u;
    hp_str key, id;
    HP_VEC(hp_str) ids; /* uploads of this very key */
    HP_VEC(have) parts;
    have part;
    bool more, encoded;
    hp_str marker;
} found;

static hp_code keep(found *f, hp_str text, hp_str *to, hp_err *err) {
    *to = hp_arena_dup(f->u->arena, text);
    return to->p ? HP_OK : hp_fail_memory(err, "a list of uploads");
}

static hp_code take_upload(void *ctx, const char *path, hp_str text, hp_err *err) {
    found *f = ctx;
    if (strcmp(path, "ListMultipartUploadsResult/Upload/Key") == 0) return keep(f, text, &f->key, err);
    if (strcmp(path, "ListMultipartUploadsResult/Upload/UploadId") == 0) return keep(f, text, &f->id, err);
    if (strcmp(path, "ListMultipartUploadsResult/Upload") != 0) return HP_OK;
    if (!hp_str_eq(f->key, f->u->p->key) || f->ids.n == LOOKED_AT) return HP_OK;
    return hp_vec_push(&f->ids, f->id) ? HP_OK : hp_fail_memory(err, "a list of uploads");
}

static hp_code take_part(void *ctx, const char *path, hp_str text, hp_err *err) {
    found *f = ctx;
    int64_t n;
    if (strcmp(path, "ListPartsResult/Part/PartNumber") == 0 && hp_str_i64(text, &n))
        f->part.number = (uint32_t)n;
    if (strcmp(path, "ListPartsResult/Part/Size") == 0 && hp_str_i64(text, &n)) f->part.bytes = (uint64_t)n;
    if (strcmp(path, "ListPartsResult/Part/ETag") == 0) return keep(f, text, &f->part.etag, err);
    if (strcmp(path, "ListPartsResult/Part/ChecksumSHA256") == 0)
        return keep(f, text, &f->part.checksum, err);
    if (strcmp(path, "ListPartsResult/IsTruncated") == 0) f->more = hp_str_eq(text, HP_S("true"));
    if (strcmp(path, "ListPartsResult/NextPartNumberMarker") == 0) return keep(f, text, &f->marker, err);
    if (strcmp(path, "ListPartsResult/Part") != 0) return HP_OK;
    bool kept = hp_vec_push(&f->parts, f->part);
    f->part = (have){0};
    return kept ? HP_OK : hp_fail_memory(err, "a list of parts");
}

static hp_code list_parts(found *f, hp_str id, hp_err *err) {
    f->parts.n = 0;
    f->marker = HP_S("");
    do {
        hp_endpoint_answer answer;
        hp_s3_ask ask = {.method = "GET", .key = f->u->p->key};
        hp_s3_query(&ask, "uploadId", id);
        if (f->marker.n) hp_s3_query(&ask, "part-number-marker", f->marker);
        f->more = false;
        HP_TRY(hp_s3_send(f->u->s, &ask, &answer, err));
        if (answer.status >= 300) {
            f->parts.n = 0; /* gone since, or not for us to see: a new one then */
            return HP_OK;
        }
        HP_TRY(hp_s3_xml(answer.body, take_part, f, err));
    } while (f->more && f->marker.n);
    return HP_OK;
}

/* Takes the parts of an upload if every one of them is a part of this very file. */
static hp_code adopt(found *f, hp_str id, bool *fits, hp_err *err) {
    upload *u = f->u;
    *fits = f->parts.n > 0;
    for (size_t i = 0; *fits && i < f->parts.n; i++) {
        const have *h = &f->parts.p[i];
        hp_str want;
        *fits = h->number >= 1 && h->number <= u->nparts && h->bytes == size_of(u, h->number - 1);
        if (!*fits) break;
        HP_TRY(hp_s3_base64(u->arena, u->p->part[h->number - 1], HP_DIGEST_BYTES, &want, err));
        *fits = hp_str_eq(h->checksum, want);
    }
    if (!*fits) return HP_OK;
    for (size_t i = 0; i < f->parts.n; i++) u->part[f->parts.p[i].number - 1] = f->parts.p[i];
    u->reused = (uint32_t)f->parts.n;
    u->id = id;
    return HP_OK;
}

static void give_up(upload *u, hp_str id) {
    hp_endpoint_answer answer;
    hp_err ignored = {0};
    hp_s3_ask ask = {.method = "DELETE", .key = u->p->key};
    hp_s3_query(&ask, "uploadId", id);
    (void)hp_s3_send(u->s, &ask, &answer, &ignored);
}

/* Takes an upload that was found, or clears it away if it was ours for something else. */
static hp_code try_upload(found *f, hp_str id, bool *fits, hp_err *err) {
    upload *u = f->u;
    hp_s3_note note;
    hp_s3_fit fit;
    HP_TRY(hp_s3_note_read(u->arena, u->notes, u->place, id, u->p, &note, &fit, err));
    if (fit == HP_S3_FOREIGN) return HP_OK;
    hp_code code = fit == HP_S3_FITS ? list_parts(f, id, err) : HP_OK;
    if (code == HP_OK && fit == HP_S3_FITS) code = adopt(f, id, fits, err);
    if (code != HP_OK) {
        hp_s3_note_leave(&note);
    } else if (*fits) {
        u->note = note;
    } else {
        give_up(u, id);
        hp_s3_note_drop(&note);
    }
    return code;
}

static hp_code look_for(found *f, hp_err *err) {
    hp_endpoint_answer answer;
    hp_s3_ask ask = {.method = "GET"};
    hp_s3_query(&ask, "uploads", HP_S(""));
    hp_s3_query(&ask, "prefix", f->u->p->key);
    HP_TRY(hp_s3_send(f->u->s, &ask, &answer, err));
    if (answer.status >= 300) return HP_OK; /* who may not list them begins anew */
    HP_TRY(hp_s3_xml(answer.body, take_upload, f, err));
    bool fits = false;
    for (size_t i = f->ids.n; i-- > 0 && !fits;) HP_TRY(try_upload(f, f->ids.p[i], &fits, err));
    return HP_OK;
}

/* ---- beginning, sending ---- */

static hp_code take_id(void *ctx, const char *path, hp_str text, hp_err *err) {
    upload *u = ctx;
    if (strcmp(path, "InitiateMultipartUploadResult/UploadId") != 0) return HP_OK;
    u->id = hp_arena_dup(u->arena, text);
    return u->id.p ? HP_OK : hp_fail_memory(err, "an upload");
}

static hp_code begin(upload *u, hp_err *err) {
    hp_endpoint_answer answer;
    hp_s3_ask ask = {.method = "POST", .key = u->p->key};
    hp_s3_query(&ask, "uploads", HP_S(""));
    hp_s3_header(&ask, "x-amz-checksum-algorithm", HP_S("SHA256"));
    HP_TRY(hp_s3_describe(u->arena, u->p, &ask, err));
    HP_TRY(hp_s3_send(u->s, &ask, &answer, err));
    if (answer.status >= 300) return hp_s3_refused(u->s, &ask, &answer, err);
    HP_TRY(hp_s3_xml(answer.body, take_id, u, err));
    if (!u->id.n) return hp_fail(err, HP_UNAVAILABLE, "the object store began an upload without naming it");
    return hp_s3_note_make(u->arena, u->notes, u->place, u->id, u->p, &u->note, err);
}

static hp_code send_part(upload *u, uint32_t i, hp_err *err) {
    char number[16];
    hp_endpoint_answer answer;
    hp_endpoint_file file = {u->p->fd, (uint64_t)i * u->p->part_bytes, size_of(u, i)};
    hp_s3_ask ask = {.method = "PUT", .key = u->p->key, .file = &file, .sha256 = u->p->part[i]};
    have *h = &u->part[i];
    (void)snprintf(number, sizeof number, "%u", i + 1);
    HP_TRY(hp_s3_base64(u->arena, u->p->part[i], HP_DIGEST_BYTES, &h->checksum, err));
    hp_s3_query(&ask, "partNumber", hp_str_of(number));
    hp_s3_query(&ask, "uploadId", u->id);
    hp_s3_header(&ask, "x-amz-checksum-sha256", h->checksum);
    HP_TRY(hp_s3_send(u->s, &ask, &answer, err));
    if (answer.status >= 300) return hp_s3_refused(u->s, &ask, &answer, err);
    h->etag = hp_arena_dup(u->arena, hp_s3_said(u->s, "ETag"));
    if (!h->etag.p) return hp_fail_memory(err, "a part");
    h->number = i + 1;
    h->bytes = file.bytes;
    return HP_OK;
}

static hp_code send_parts(upload *u, hp_err *err) {
    uint64_t there = 0;
    for (uint32_t i = 0; i < u->nparts; i++) {
        if (!u->part[i].number) HP_TRY(send_part(u, i, err));
        there += u->part[i].bytes;
        if (u->p->progress) u->p->progress(u->p->ctx, there);
    }
    return HP_OK;
}

/* ---- ending ---- */

static void put_manifest(const upload *u, hp_buf *out) {
    hp_buf_puts(out, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (uint32_t i = 0; i < u->nparts; i++)
        hp_buf_printf(
            out,
            "<Part><PartNumber>%u</PartNumber><ETag>%.*s</ETag><ChecksumSHA256>%.*s</ChecksumSHA256></Part>",
            i + 1, HP_FMT(u->part[i].etag), HP_FMT(u->part[i].checksum));
    hp_buf_puts(out, "</CompleteMultipartUpload>");
}

/* The digest of the digests of all parts, as the service has to have it. */
static hp_code composite(const upload *u, hp_str *out, hp_err *err) {
    unsigned char sum[HP_DIGEST_BYTES];
    hp_digest d;
    hp_str text;
    hp_digest_begin(&d, HP_DIGEST_SHA256);
    hp_digest_add(&d, (hp_str){(const char *)u->p->part, (size_t)u->nparts * HP_DIGEST_BYTES});
    if (!hp_digest_end(&d, sum)) return hp_fail_memory(err, "a digest");
    HP_TRY(hp_s3_base64(u->arena, sum, sizeof sum, &text, err));
    *out = hp_arena_printf(u->arena, "%.*s-%u", HP_FMT(text), u->nparts);
    return out->p ? HP_OK : hp_fail_memory(err, "a digest");
}

typedef struct completed {
    hp_arena *arena;
    hp_str checksum;
} completed;

static hp_code take_checksum(void *ctx, const char *path, hp_str text, hp_err *err) {
    completed *c = ctx;
    if (strcmp(path, "CompleteMultipartUploadResult/ChecksumSHA256") != 0) return HP_OK;
    c->checksum = hp_arena_dup(c->arena, text);
    return c->checksum.p ? HP_OK : hp_fail_memory(err, "an answer");
}

static hp_code take_completed(upload *u, const hp_endpoint_answer *answer, hp_err *err) {
    hp_str want;
    completed c = {u->arena, {0}};
    HP_TRY(hp_s3_xml(answer->body, take_checksum, &c, err));
    HP_TRY(composite(u, &want, err));
    if (!c.checksum.n || hp_str_eq(c.checksum, want)) return HP_OK;
    return hp_fail(
        err, HP_IO,
        "%.*s: the object store put the parts together to something else (checksum %.*s, not %.*s)",
        HP_FMT(u->p->key), HP_FMT(c.checksum), HP_FMT(want));
}

/* Tells whether the object is there already as it should be: when the answer to an attempt before was lost.
 */
static bool arrived(upload *u) {
    hp_s3_object o;
    bool there = false;
    hp_err ignored = {0};
    hp_autobuf hex = hp_buf_new(80);
    hp_put_hex(&hex, u->p->sha256, HP_DIGEST_BYTES);
    return hp_s3_head(u->s, u->arena, u->p->key, &o, &there, NULL, &ignored) == HP_OK && there
           && o.bytes == u->p->bytes && hp_str_eq(o.sha256, hp_buf_str(&hex));
}

static hp_code complete(upload *u, bool *exists, hp_err *err) {
    unsigned char digest[HP_DIGEST_BYTES];
    hp_digest d;
    hp_s3_error refusal;
    hp_endpoint_answer answer;
    hp_autobuf body = hp_buf_new(4u << 20);
    put_manifest(u, &body);
    HP_TRY(hp_buf_check(&body, "the list of parts", err));
    hp_digest_begin(&d, HP_DIGEST_SHA256);
    hp_digest_add(&d, hp_buf_str(&body));
    if (!hp_digest_end(&d, digest)) return hp_fail_memory(err, "a digest");
    hp_s3_ask ask = {.method = "POST", .key = u->p->key, .body = hp_buf_str(&body), .sha256 = digest};
    hp_s3_query(&ask, "uploadId", u->id);
    if (!u->p->overwrite) hp_s3_header(&ask, "If-None-Match", HP_S("*"));
    HP_TRY(hp_s3_send(u->s, &ask, &answer, err));
    *exists = !u->p->overwrite && hp_s3_exists(&answer);
    if (*exists) return HP_OK;
    if (answer.status == 404 && arrived(u)) return HP_OK;
    /* A service that needs long begins with a 200, and may have to take it back. */
    if (answer.status >= 300 || hp_s3_error_read(u->arena, answer.body, &refusal))
        return hp_s3_refused(u->s, &ask, &answer, err);
    return take_completed(u, &answer, err);
}

static hp_code send_all(upload *u, bool *exists, hp_err *err) {
    hp_err why = {0};
    hp_code code = u->id.n ? HP_OK : begin(u, &why);
    if (code == HP_OK) code = send_parts(u, &why);
    if (code == HP_OK) code = complete(u, exists, &why);
    if (code == HP_OK && !*exists) return HP_OK;
    if (code == HP_UNAVAILABLE) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < u->nparts; i++) n += u->part[i].number != 0;
        return hp_fail(err, code,
                       "%s; %u of %u parts of %.*s have arrived: the same command goes on from there",
                       why.message, n, u->nparts, HP_FMT(u->p->key));
    }
    if (u->id.n) give_up(u, u->id);
    if (code != HP_OK && err) *err = why;
    return code;
}

hp_code hp_s3_upload(hp_s3 *s, const hp_s3_put *p, hp_s3_done *out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    upload u = {.s = s,
                .p = p,
                .arena = a,
                .note = {.fd = -1},
                .nparts = (uint32_t)((p->bytes + p->part_bytes - 1) / p->part_bytes)};
    bool exists = false;
    if (a) u.part = HP_NEW_ARRAY(a, u.nparts, have);
    if (!u.part) return hp_fail_memory(err, "an upload");
    HP_TRY(hp_s3_place(s, a, &u.place, &u.notes, err));
    found f = {.u = &u};
    hp_code code = look_for(&f, err);
    hp_vec_free(&f.ids);
    hp_vec_free(&f.parts);
    if (code == HP_OK) code = send_all(&u, &exists, err);
    /* Only what was cut off on its way is gone on with. */
    if (code == HP_UNAVAILABLE)
        hp_s3_note_leave(&u.note);
    else
        hp_s3_note_drop(&u.note);
    HP_TRY(code);
    *out = (hp_s3_done){.exists = exists, .parts = u.nparts, .reused = u.reused};
    return HP_OK;
}
