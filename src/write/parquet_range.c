/* The least and the largest value of a page, a chunk: what lets readers skip. */
#include "write/parquet.h"

#include "base/utf8.h"

#include "base/banned.h"

/* Bytes of a text that statistics keep. */
#define CUT 64

static double double_of(uint64_t bits) {
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

int hp_bound_cmp(hp_leaf_kind kind, const hp_bound *a, const hp_bound *b) {
    if (kind == HP_LEAF_DOUBLE) {
        double x = double_of(a->bits), y = double_of(b->bits);
        return (x > y) - (x < y);
    }
    if (kind != HP_LEAF_TEXT)
        return ((int64_t)a->bits > (int64_t)b->bits) - ((int64_t)a->bits < (int64_t)b->bits);
    if (a->bits != b->bits) return a->bits < b->bits ? -1 : 1;
    return hp_str_cmp(a->text, b->text);
}

void hp_range_add(hp_range *r, hp_leaf_kind kind, hp_bound v) {
    if (!r->any) {
        *r = (hp_range){true, v, v};
        return;
    }
    if (hp_bound_cmp(kind, &v, &r->least) < 0) r->least = v;
    if (hp_bound_cmp(kind, &v, &r->most) > 0) r->most = v;
}

void hp_range_join(hp_range *r, hp_leaf_kind kind, const hp_range *other) {
    if (!other->any) return;
    hp_range_add(r, kind, other->least);
    hp_range_add(r, kind, other->most);
}

/* Cuts a text at the end of a character. */
static hp_str cut_text(hp_str s) {
    size_t n = CUT;
    while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80) n--;
    return hp_str_cut(s, 0, n);
}

/* Puts the text that comes next after all that begin with `s`: the last character that has a next one is
 * raised. UTF-8 is in the order of the code points. False when there is none. */
static bool put_next(hp_buf *out, hp_str s) {
    while (s.n > 0) {
        size_t at = s.n - 1;
        while (at > 0 && ((unsigned char)s.p[at] & 0xC0) == 0x80) at--;
        size_t i = at;
        uint32_t cp = hp_utf8_next(s, &i);
        s.n = at;
        if (cp == 0x10FFFF) continue;
        hp_buf_add(out, s);
        hp_buf_putu(out, cp == 0xD7FF ? 0xE000 : cp + 1);
        return true;
    }
    return false;
}

static bool put_text(hp_buf *out, hp_str s, bool most) {
    hp_str cut = s.n > CUT ? cut_text(s) : s;
    if (cut.n == s.n || (most && !put_next(out, cut))) {
        hp_buf_add(out, s);
        return true;
    }
    if (!most) hp_buf_add(out, cut);
    return false;
}

bool hp_bound_put(hp_buf *out, hp_leaf_kind kind, const hp_bound *b, bool most) {
    uint64_t bits = b->bits;
    size_t n = kind == HP_LEAF_BOOL ? 1 : kind == HP_LEAF_DATE ? 4 : 8;
    char bytes[8];
    if (kind == HP_LEAF_TEXT) return put_text(out, b->text, most);
    /* Zero has two signs, and a range holds both (ColumnOrder of parquet.thrift). */
    if (kind == HP_LEAF_DOUBLE && bits << 1 == 0) bits = most ? 0 : 1ull << 63;
    memcpy(bytes, &bits, sizeof bytes);
    hp_buf_add(out, (hp_str){bytes, n});
    return true;
}
