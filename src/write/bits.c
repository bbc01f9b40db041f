#include "write/bits.h"

#include "write/compact.h"

#include "base/banned.h"

/* Runs shorter than this are packed. */
#define RUN 8
/* As parquet's own writers have it: readers are free to be made for nothing else. */
#define BLOCK      128
#define MINI       32
#define MINI_COUNT (BLOCK / MINI)

/* ---- runs and packed groups ---- */

/* Packs numbers, lowest bits first, and pads the last group of eight. */
static void put_packed(hp_buf *out, const uint32_t *v, size_t n, unsigned bits) {
    size_t groups = (n + 7) / 8;
    hp_put_varint(out, groups << 1 | 1);
    char *to = hp_buf_room(out, groups * bits + 8);
    if (!to) return;
    uint64_t held = 0;
    unsigned filled = 0;
    for (size_t i = 0; i < n; i++) {
        held |= (uint64_t)v[i] << filled;
        filled += bits;
        if (filled < 32) continue;
        memcpy(to, &held, 4);
        to += 4;
        held >>= 32;
        filled -= 32;
    }
    memcpy(to, &held, 8);
    size_t written = (size_t)(to - (out->p + out->n)) + 8;
    if (written < groups * bits) memset(out->p + out->n + written, 0, groups * bits - written);
    out->n += groups * bits;
}

void hp_put_run(hp_buf *out, uint32_t v, size_t n, unsigned bits) {
    char bytes[4];
    memcpy(bytes, &v, sizeof bytes); /* machines this is built for have the low byte first */
    hp_put_varint(out, n << 1);
    hp_buf_add(out, (hp_str){bytes, (bits + 7) / 8});
}

static size_t run_from(const uint32_t *v, size_t i, size_t n) {
    size_t end = i + 1;
    while (end < n && v[end] == v[i]) end++;
    return end - i;
}

void hp_put_hybrid(hp_buf *out, const uint32_t *v, size_t n, unsigned bits) {
    size_t packed = 0; /* from here on, up to i, numbers wait to be packed */
    for (size_t i = 0; i < n;) {
        size_t run = run_from(v, i, n), fill = (8 - (i - packed) % 8) % 8;
        /* Packed groups are of eight, so a run first gives what fills the last one. */
        if (run < RUN + fill) {
            i += run;
            continue;
        }
        i += fill;
        if (i > packed) put_packed(out, v + packed, i - packed, bits);
        hp_put_run(out, v[i], run - fill, bits);
        i += run - fill;
        packed = i;
    }
    if (n > packed) put_packed(out, v + packed, n - packed, bits);
}

/* ---- differences ---- */

/* Packs MINI numbers of up to 64 bits, those from n on as zeros. */
static void put_mini(hp_buf *out, const uint64_t *v, size_t n, unsigned bits) {
    char *to = hp_buf_room(out, MINI / 8 * bits + 16);
    if (!to) return;
    unsigned __int128 held = 0;
    unsigned filled = 0;
    for (size_t i = 0; i < MINI; i++) {
        held |= (unsigned __int128)(i < n ? v[i] : 0) << filled;
        filled += bits;
        if (filled < 64) continue;
        uint64_t word = (uint64_t)held;
        memcpy(to, &word, 8);
        to += 8;
        held >>= 64;
        filled -= 64;
    }
    uint64_t word = (uint64_t)held;
    memcpy(to, &word, 8);
    out->n += MINI / 8 * bits;
}

/* Puts a block of differences: the least of them, the widths of its parts, and what each is above the least.
 */
static void put_block(hp_buf *out, const int64_t *delta, size_t n) {
    int64_t least = delta[0];
    uint64_t above[BLOCK];
    char width[MINI_COUNT] = {0};
    for (size_t i = 1; i < n; i++) least = delta[i] < least ? delta[i] : least;
    for (size_t i = 0; i < n; i++) above[i] = (uint64_t)delta[i] - (uint64_t)least;
    for (size_t m = 0; m * MINI < n; m++) {
        uint64_t all = 0;
        for (size_t i = m * MINI; i < n && i < (m + 1) * MINI; i++) all |= above[i];
        width[m] = (char)hp_bits_for(all);
    }
    hp_put_zigzag(out, least);
    hp_buf_add(out, (hp_str){width, sizeof width});
    for (size_t m = 0; m * MINI < n; m++)
        put_mini(out, above + m * MINI, n - m * MINI, (unsigned char)width[m]);
}

void hp_put_deltas(hp_buf *out, const int64_t *v, size_t n, bool bits32) {
    hp_put_varint(out, BLOCK);
    hp_put_varint(out, MINI_COUNT);
    hp_put_varint(out, n);
    hp_put_zigzag(out, n ? v[0] : 0);
    int64_t delta[BLOCK];
    for (size_t i = 1; i < n; i += BLOCK) {
        size_t count = n - i < BLOCK ? n - i : BLOCK;
        for (size_t k = 0; k < count; k++) {
            /* Differences wrap around: a reader adds them back up the same way. */
            uint64_t d = (uint64_t)v[i + k] - (uint64_t)v[i + k - 1];
            delta[k] = bits32 ? (int32_t)(uint32_t)d : (int64_t)d;
        }
        put_block(out, delta, count);
    }
}
