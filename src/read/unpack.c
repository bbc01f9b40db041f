#include "read/unpack.h"

#include <libdeflate.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/mem.h"
#include "read/inflate.h"

#include "base/banned.h"

/* Unpacked between two looks at the limits. */
#define STEP (1u << 20)
enum { HEADER = 10, TRAILER = 8, DEFLATED = 8 };                                      /* of a gzip member */
enum { HAS_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16, RESERVED = 0xE0 }; /* its flags */

typedef struct unpacking {
    hp_str name, bytes;
    const char *kind;
    size_t at; /* how far the packed bytes are used */
    hp_buf *out;
    hp_err *err;
} unpacking;

hp_packing hp_packing_of(hp_str b) {
    if (hp_str_starts(b, HP_S("\x1f\x8b"))) return HP_PACKING_GZIP;
    if (hp_str_starts(b, HP_S("\x28\xb5\x2f\xfd"))) return HP_PACKING_ZSTD;
    /* A frame to be skipped may come first. */
    bool skipped = b.n >= 4 && (b.p[0] & 0xF0) == 0x50 && memcmp(b.p + 1, "\x2a\x4d\x18", 3) == 0;
    return skipped ? HP_PACKING_ZSTD : HP_PACKING_NONE;
}

static hp_code damaged(const unpacking *u, const char *what) {
    return hp_fail(u->err, HP_DATA, "%.*s: byte %zu of its %s data: %s; get a complete copy", HP_FMT(u->name),
                   u->at, u->kind, what);
}

/* Holds what came out so far against the limits. */
static hp_code check_size(const unpacking *u) {
    uint64_t n = u->out->n, part = HP_LIMIT_PART_BYTES, all = HP_LIMIT_INFLATED_BYTES;
    if (n > part || n > all)
        return hp_fail_limit(u->err, n > part ? HP_L_PART_BYTES : HP_L_INFLATED_BYTES,
                             "%.*s: unpacks to more than %llu bytes (by byte %zu of its %s data)",
                             HP_FMT(u->name), (unsigned long long)(n > part ? part : all), u->at, u->kind);
    if (n >= HP_LIMIT_INFLATE_RATIO_FROM && n / HP_LIMIT_INFLATE_RATIO > u->bytes.n)
        return hp_fail_limit(u->err, HP_L_INFLATE_RATIO,
                             "%.*s: unpacks to more than %u times its size (by byte %zu of its %s data)",
                             HP_FMT(u->name), HP_LIMIT_INFLATE_RATIO, u->at, u->kind);
    return hp_deadline_check(u->err);
}

static hp_code room(const unpacking *u, char **to) {
    *to = hp_buf_room(u->out, STEP);
    return *to ? HP_OK : hp_fail_memory(u->err, "a compressed file");
}

/* ---- gzip ---- */

/* Moves *at behind a text that ends in NUL. */
static bool skip_text(hp_str s, size_t *at) {
    size_t nul = hp_str_chr(s, '\0', *at);
    if (nul == SIZE_MAX) return false;
    *at = nul + 1;
    return true;
}

/* Finds the length of the header that `s` begins with; 0 when it is damaged or cut short. */
static size_t header_length(hp_str s) {
    if (s.n < HEADER || memcmp(s.p, "\x1f\x8b", 2) != 0 || s.p[2] != DEFLATED || s.p[3] & RESERVED) return 0;
    int flags = s.p[3];
    size_t at = HEADER;
    if (flags & HAS_EXTRA) {
        if (s.n - at < 2) return 0;
        size_t extra = hp_le16(s.p + at);
        if (s.n - at - 2 < extra) return 0;
        at += 2 + extra;
    }
    if ((flags & HAS_NAME && !skip_text(s, &at)) || (flags & HAS_COMMENT && !skip_text(s, &at))) return 0;
    if (!(flags & HAS_CRC)) return at;
    if (s.n - at < 2) return 0;
    uint32_t crc = hp_le16(s.p + at);
    return crc == (libdeflate_crc32(0, s.p, at) & 0xFFFF) ? at + 2 : 0;
}

/* Inflates the deflated bytes at u->at up to their end. */
static hp_code inflate_member(unpacking *u, hp_inflate *s, uint32_t *crc) {
    hp_inflate_begin(s, hp_str_cut(u->bytes, u->at, u->bytes.n));
    while (!hp_inflate_ended(s)) {
        char *to;
        uint32_t made;
        HP_TRY(room(u, &to));
        hp_inflated how = hp_inflate_piece(s, to, STEP, &made);
        u->at = u->bytes.n - hp_inflate_unused(s);
        if (how == HP_INFLATED_DAMAGED) return damaged(u, "cannot be unpacked");
        if (how == HP_INFLATED_CUT) return damaged(u, "the file is cut short");
        *crc = libdeflate_crc32(*crc, to, made);
        u->out->n += made;
        HP_TRY(check_size(u));
    }
    return HP_OK;
}

static hp_code unpack_member(unpacking *u, hp_inflate *s) {
    size_t from = u->out->n, header = header_length(hp_str_cut(u->bytes, u->at, u->bytes.n));
    uint32_t crc = 0;
    if (header == 0) return damaged(u, "the header is damaged or cut short");
    u->at += header;
    HP_TRY(inflate_member(u, s, &crc));
    if (u->bytes.n - u->at < TRAILER) return damaged(u, "the file is cut short");
    if (hp_le32(u->bytes.p + u->at) != crc) return damaged(u, "the checksum (CRC-32) does not fit");
    if (hp_le32(u->bytes.p + u->at + 4) != (uint32_t)(u->out->n - from))
        return damaged(u, "the length does not fit");
    u->at += TRAILER;
    return HP_OK;
}

static bool only_zeros(hp_str s) {
    while (s.n && s.p[s.n - 1] == 0) s.n--;
    return s.n == 0;
}

static hp_code unpack_gzip(unpacking *u) {
    hp_autofree hp_inflate *s = hp_malloc(sizeof *s);
    if (!s) return hp_fail_memory(u->err, "a compressed file");
    while (u->at < u->bytes.n) {
        if (u->bytes.p[u->at] == 0 && only_zeros(hp_str_cut(u->bytes, u->at, u->bytes.n))) break;
        HP_TRY(unpack_member(u, s));
    }
    return HP_OK;
}

/* ---- zstd ---- */

static hp_code zstd_failed(const unpacking *u, size_t code) {
    if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge)
        return hp_fail(
            u->err, HP_DATA,
            "%.*s: byte %zu of its zstd data: needs a window of more than 128 MiB; compress it without --long",
            HP_FMT(u->name), u->at);
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
        return hp_fail_memory(u->err, "a compressed file");
    return damaged(u, ZSTD_getErrorCode(code) == ZSTD_error_checksum_wrong
                          ? "the checksum (XXH64) does not fit"
                          : "cannot be unpacked");
}

static hp_code unpack_frames(unpacking *u, ZSTD_DStream *d) {
    ZSTD_inBuffer in = {u->bytes.p, u->bytes.n, 0};
    size_t left = 1; /* 0 at the end of a frame */
    while (in.pos < in.size || left) {
        char *to;
        HP_TRY(room(u, &to));
        ZSTD_outBuffer out = {to, STEP, 0};
        left = ZSTD_decompressStream(d, &out, &in);
        u->at = in.pos;
        if (ZSTD_isError(left)) return zstd_failed(u, left);
        u->out->n += out.pos;
        HP_TRY(check_size(u));
        if (left && in.pos == in.size && out.pos < out.size) return damaged(u, "the file is cut short");
    }
    return HP_OK;
}

static hp_code unpack_zstd(unpacking *u) {
    ZSTD_DStream *d = ZSTD_createDStream();
    if (!d) return hp_fail_memory(u->err, "a compressed file");
    hp_code code = unpack_frames(u, d);
    ZSTD_freeDStream(d);
    return code;
}

hp_code hp_unpack(hp_str name, hp_str bytes, hp_buf *out, hp_err *err) {
    bool gzip = hp_packing_of(bytes) == HP_PACKING_GZIP;
    *out = hp_buf_new(SIZE_MAX / 4); /* the limits are looked at behind each step */
    unpacking u = {.name = name, .bytes = bytes, .kind = gzip ? "gzip" : "zstd", .out = out, .err = err};
    return gzip ? unpack_gzip(&u) : unpack_zstd(&u);
}
