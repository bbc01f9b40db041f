#include "read/encoding.h"

#include "base/utf8.h"

#include "base/banned.h"

enum { SAMPLE = 1 << 16 };

static hp_encoding by_mark(hp_str s, size_t *bom) {
    *bom = 2;
    if (hp_str_starts(s, HP_S("\xFF\xFE"))) return HP_ENC_UTF16LE;
    if (hp_str_starts(s, HP_S("\xFE\xFF"))) return HP_ENC_UTF16BE;
    *bom = hp_str_starts(s, HP_S("\xEF\xBB\xBF")) ? 3 : 0;
    return HP_ENC_UTF8;
}

/* Tells text without NULs, UTF-16 and binary apart: Latin text has a NUL in every other byte of UTF-16. */
static hp_encoding by_nuls(hp_str s) {
    size_t nul[2] = {0, 0};
    s = hp_str_cut(s, 0, SAMPLE);
    for (size_t i = 0; i < s.n; i++) nul[i % 2] += s.p[i] == '\0';
    size_t half = s.n / 2;
    if (nul[1] > half / 3 && nul[0] <= half / 20) return HP_ENC_UTF16LE;
    if (nul[0] > half / 3 && nul[1] <= half / 20) return HP_ENC_UTF16BE;
    return nul[0] + nul[1] > s.n / 10 ? HP_ENC_BINARY : HP_ENC_UTF8;
}

/* Tells whether the bytes make more sense as UTF-8 than as a code page: a file in a code page has hardly any
 * valid sequence. */
static bool is_mostly_utf8(hp_str s) {
    size_t valid = 0, invalid = 0;
    for (size_t i = 0; i < s.n;) {
        if ((unsigned char)s.p[i] < 0x80) {
            i++;
            continue;
        }
        size_t from = i;
        hp_utf8_next(s, &i);
        if (i - from > 1) {
            valid++;
        } else {
            invalid++;
        }
    }
    return valid >= invalid;
}

hp_encoding hp_encoding_guess(hp_str s, size_t *bom) {
    hp_encoding e = by_mark(s, bom);
    if (*bom) return e;
    e = by_nuls(s);
    if (e != HP_ENC_UTF8 || hp_utf8_valid(s, NULL) || is_mostly_utf8(s)) return e;
    return HP_ENC_CP1252;
}

/* Finds the name in <?xml ... encoding="NAME" ...?>. */
static hp_str declared(hp_str s) {
    if (!hp_str_starts(s, HP_S("<?xml"))) return HP_S("");
    size_t end = hp_str_find(hp_str_cut(s, 0, 256), HP_S("?>"), 0);
    s = hp_str_cut(s, 0, end == SIZE_MAX ? 0 : end);
    size_t at = hp_str_find(s, HP_S("encoding"), 0);
    if (at == SIZE_MAX) return HP_S("");
    while (at < s.n && s.p[at] != '"' && s.p[at] != '\'') at++;
    if (at == s.n) return HP_S("");
    size_t to = hp_str_chr(s, s.p[at], at + 1);
    return to == SIZE_MAX ? HP_S("") : hp_str_cut(s, at + 1, to);
}

hp_encoding hp_encoding_of_xml(hp_str s, size_t *bom) {
    hp_encoding e = by_mark(s, bom);
    if (*bom) return e;
    if (hp_str_starts(s, (hp_str){"<\0?\0", 4})) return HP_ENC_UTF16LE;
    if (hp_str_starts(s, (hp_str){"\0<\0?", 4})) return HP_ENC_UTF16BE;
    hp_str name = declared(s);
    bool latin = hp_str_ieq(name, HP_S("windows-1252")) || hp_str_ieq(name, HP_S("iso-8859-1"));
    return latin ? HP_ENC_CP1252 : HP_ENC_UTF8;
}

static uint32_t unit_at(hp_encoding e, const char *p) {
    unsigned char a = (unsigned char)p[0], b = (unsigned char)p[1];
    return e == HP_ENC_UTF16LE ? (uint32_t)b << 8 | a : (uint32_t)a << 8 | b;
}

static void decode_utf16(hp_encoding e, hp_str s, hp_buf *out) {
    size_t i = 0;
    while (i + 1 < s.n) {
        uint32_t u = unit_at(e, s.p + i);
        i += 2;
        if (u >= 0xD800 && u < 0xDC00 && i + 1 < s.n) {
            uint32_t low = unit_at(e, s.p + i);
            if (low >= 0xDC00 && low < 0xE000) {
                u = 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        hp_buf_putu(out, u); /* an unpaired surrogate becomes U+FFFD there */
    }
    if (i < s.n) hp_buf_putu(out, 0xFFFD);
}

static void decode_cp1252(hp_str s, hp_buf *out) {
    /* 0x80-0x9F by the table of the WHATWG Encoding Standard; 0xFFFD where Microsoft's table leaves a code
     * open. */
    static const uint16_t high[32] = {0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                      0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
                                      0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                      0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        hp_buf_putu(out, c >= 0x80 && c < 0xA0 ? high[c - 0x80] : c);
    }
}

void hp_encoding_decode(hp_encoding e, hp_str bytes, hp_buf *out) {
    switch (e) {
    case HP_ENC_UTF16LE:
    case HP_ENC_UTF16BE: decode_utf16(e, bytes, out); break;
    case HP_ENC_CP1252: decode_cp1252(bytes, out); break;
    case HP_ENC_UTF8:
    case HP_ENC_BINARY: hp_buf_add(out, bytes); break;
    }
}
