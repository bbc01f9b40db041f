/* Where a deflate stream's last block begins (RFC 1951). Nothing is inflated: symbols are passed over. */
#include "write/pack.h"

#include "base/banned.h"

/* The table of a code has an entry for each value of the next LOOK bits; longer codes are read bit by bit. */
enum { LOOK = 10, LONGEST = 15, LITERALS = 288, DISTANCES = 32, LENGTHS = 19 };

typedef struct code {
    uint16_t look[1 << LOOK];    /* symbol << 4 | length; 0 for a longer code */
    uint16_t count[LONGEST + 1]; /* codes of each length */
    uint16_t symbol[LITERALS];   /* in the order of their codes */
} code;

typedef struct bits {
    const unsigned char *p;
    uint64_t n, at; /* in bits */
} bits;

/* The next bits, first one lowest, zeros behind the end; at least 56. */
static inline uint64_t peek(const bits *b) {
    uint64_t word = 0, byte = b->at / 8;
    if (byte + 8 <= b->n / 8)
        memcpy(&word, b->p + byte, 8);
    else
        for (uint64_t i = 0; byte + i < b->n / 8; i++) word |= (uint64_t)b->p[byte + i] << (8 * i);
    return word >> (b->at % 8);
}

static inline unsigned take(bits *b, unsigned n) {
    unsigned v = (unsigned)(peek(b) & ((1u << n) - 1));
    b->at += n;
    return v;
}

static unsigned reversed(unsigned value, unsigned n) {
    unsigned r = 0;
    for (unsigned i = 0; i < n; i++) r |= (value >> i & 1) << (n - 1 - i);
    return r;
}

/* Makes a code of its lengths (3.2.2). */
static void make_code(code *c, const uint8_t *length, unsigned n) {
    uint16_t at[LONGEST + 2] = {0};
    memset(c, 0, sizeof *c);
    for (unsigned s = 0; s < n; s++) c->count[length[s]]++;
    c->count[0] = 0;
    for (unsigned k = 1; k <= LONGEST; k++) at[k + 1] = (uint16_t)(at[k] + c->count[k]);
    for (unsigned s = 0; s < n; s++)
        if (length[s]) c->symbol[at[length[s]]++] = (uint16_t)s;
    unsigned value = 0, i = 0;
    for (unsigned k = 1; k <= LOOK; k++, value <<= 1)
        for (unsigned j = 0; j < c->count[k]; j++, value++, i++)
            for (unsigned e = reversed(value, k); e < 1u << LOOK; e += 1u << k)
                c->look[e] = (uint16_t)((unsigned)c->symbol[i] << 4 | k);
}

/* The next symbol, its length of the code in *n; n stays 0 for none. */
static unsigned slow_symbol(const code *c, uint64_t next, unsigned *n) {
    unsigned value = 0, first = 0, i = 0;
    for (unsigned k = 1; k <= LONGEST; k++) {
        value |= (unsigned)(next >> (k - 1) & 1);
        if (value - first < c->count[k]) {
            *n = k;
            return c->symbol[i + value - first];
        }
        i += c->count[k];
        first = (first + c->count[k]) << 1;
        value <<= 1;
    }
    return 0;
}

static inline unsigned symbol(const code *c, uint64_t next, unsigned *n) {
    unsigned e = c->look[next & ((1u << LOOK) - 1)];
    if (e) {
        *n = e & 15;
        return e >> 4;
    }
    *n = 0;
    return slow_symbol(c, next, n);
}

/* Bits behind a length or distance symbol (3.2.5). */
static inline unsigned length_bits(unsigned s) { return s < 265 || s >= 285 ? 0 : (s - 261) / 4; }
static inline unsigned distance_bits(unsigned s) { return s < 4 ? 0 : s / 2 - 1; }

/* Passes over the symbols of a block. A literal takes 15 bits at most, a match 48: fewer than peek gives. */
static bool pass_symbols(bits *b, const code *literal, const code *distance) {
    while (b->at < b->n) {
        uint64_t next = peek(b);
        unsigned n, s = symbol(literal, next, &n);
        if (n == 0 || s > 285) return false;
        b->at += n;
        if (s < 256) continue;
        if (s == 256) return b->at <= b->n;
        unsigned extra = length_bits(s), d = symbol(distance, next >> (n + extra), &n);
        if (n == 0 || d > 29) return false;
        b->at += extra + n + distance_bits(d);
    }
    return false;
}

static bool pass_stored(bits *b) {
    b->at = (b->at + 7) / 8 * 8;
    uint64_t word = peek(b);
    b->at += 32 + 8 * (word & 0xFFFF);
    return (word & 0xFFFF) == (~(word >> 16) & 0xFFFF) && b->at <= b->n;
}

static bool pass_fixed(bits *b) {
    uint8_t length[LITERALS];
    code literal, distance;
    for (unsigned s = 0; s < LITERALS; s++) length[s] = s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8;
    make_code(&literal, length, LITERALS);
    memset(length, 5, DISTANCES);
    make_code(&distance, length, DISTANCES);
    return pass_symbols(b, &literal, &distance);
}

/* Reads the lengths of both codes (3.2.7). */
static bool read_lengths(bits *b, const code *lengths, uint8_t *length, unsigned n) {
    for (unsigned i = 0; i < n;) {
        unsigned used, s = symbol(lengths, peek(b), &used), times = 1, value = s;
        if (used == 0) return false;
        b->at += used;
        if (s == 16) {
            if (i == 0) return false;
            value = length[i - 1];
            times = 3 + take(b, 2);
        } else if (s >= 17) {
            value = 0;
            times = s == 17 ? 3 + take(b, 3) : 11 + take(b, 7);
        }
        if (times > n - i) return false;
        memset(length + i, (int)value, times);
        i += times;
    }
    return true;
}

static bool pass_dynamic(bits *b) {
    static const uint8_t ORDER[LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    unsigned literals = 257 + take(b, 5), distances = 1 + take(b, 5), lengths = 4 + take(b, 4);
    uint8_t length[LITERALS + DISTANCES] = {0}, own[LENGTHS] = {0};
    code literal, distance;
    for (unsigned i = 0; i < lengths; i++) own[ORDER[i]] = (uint8_t)take(b, 3);
    make_code(&literal, own, LENGTHS);
    if (literals > LITERALS || !read_lengths(b, &literal, length, literals + distances)) return false;
    make_code(&literal, length, literals);
    make_code(&distance, length + literals, distances);
    return pass_symbols(b, &literal, &distance);
}

bool hp_deflate_end(hp_str stream, uint64_t *last, uint64_t *bits_used) {
    bits b = {(const unsigned char *)stream.p, 8 * (uint64_t)stream.n, 0};
    while (b.at + 3 <= b.n) {
        uint64_t start = b.at;
        bool final = take(&b, 1);
        unsigned kind = take(&b, 2);
        if (kind == 3 || !(kind == 0 ? pass_stored(&b) : kind == 1 ? pass_fixed(&b) : pass_dynamic(&b)))
            return false;
        if (!final) continue;
        *last = start;
        *bits_used = b.at;
        return true;
    }
    return false;
}
