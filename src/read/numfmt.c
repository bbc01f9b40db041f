#include "read/number.h"

#include "base/banned.h"

/* What the scan of a format code has found so far. */
typedef struct found {
    bool date, time, elapsed;
} found;

/* Returns the length of the part of a format code that is layout, not a placeholder: quoted text, an escaped,
 * spacing or filling character; 0 when the code goes on with something else. */
static size_t literal(hp_str s) {
    switch (s.p[0]) {
    case '"': {
        size_t to = hp_str_chr(s, '"', 1);
        return to == SIZE_MAX ? s.n : to + 1;
    }
    case '\\':
    case '_':
    case '*': return s.n < 2 ? 1 : 2;
    default: return 0;
    }
}

/* Takes [h], [mm] and the like for elapsed time; colours, conditions and locales are passed over. */
static size_t bracket(hp_str s, found *f) {
    size_t to = hp_str_chr(s, ']', 1);
    if (to == SIZE_MAX) return s.n;
    hp_str inner = hp_str_cut(s, 1, to);
    size_t same = 0;
    while (same < inner.n && hp_lower(inner.p[same]) == hp_lower(inner.p[0])) same++;
    char c = inner.n ? hp_lower(inner.p[0]) : 0;
    if (same == inner.n && (c == 'h' || c == 'm' || c == 's')) f->elapsed = true;
    return to + 1;
}

/* Takes one placeholder at the start of `s`. An m is minutes beside hours or seconds, else a month; since
 * either makes the format one of dates or times, only formats with nothing else have to be told apart, and
 * those are months. */
static size_t placeholder(hp_str s, found *f) {
    static const hp_str words[] = {HP_S("General"), HP_S("AM/PM"), HP_S("A/P")};
    for (size_t i = 0; i < 3; i++) {
        if (!hp_str_ieq(hp_str_cut(s, 0, words[i].n), words[i])) continue;
        if (i > 0) f->time = true;
        return words[i].n;
    }
    char c = hp_lower(s.p[0]);
    if (c == 'e' && s.n > 1 && (s.p[1] == '+' || s.p[1] == '-'))
        return 2; /* an exponent, not the year of an era */
    if (c == 'y' || c == 'd' || c == 'e') f->date = true;
    if (c == 'h' || c == 's') f->time = true;
    return 1;
}

hp_numfmt hp_numfmt_of_code(hp_str code) {
    found f = {0};
    bool month = false;
    while (code.n && code.p[0] != ';') {
        size_t n = literal(code);
        if (n == 0 && code.p[0] == '[') n = bracket(code, &f);
        if (n == 0) {
            month = month || hp_lower(code.p[0]) == 'm';
            n = placeholder(code, &f);
        }
        code = hp_str_cut(code, n, code.n);
    }
    if (f.elapsed) return HP_NUMFMT_ELAPSED;
    if (f.date || (month && !f.time)) return HP_NUMFMT_DATE;
    return f.time ? HP_NUMFMT_TIME : HP_NUMFMT_NUMBER;
}

hp_numfmt hp_numfmt_builtin(uint32_t id) {
    /* 27-36 and 50-58 are dates of the Chinese, Japanese and Korean versions; 32-35 and 55-56 of them may be
     * times there. */
    if ((id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58))
        return HP_NUMFMT_DATE;
    if ((id >= 18 && id <= 21) || id == 45 || id == 47) return HP_NUMFMT_TIME;
    return id == 46 ? HP_NUMFMT_ELAPSED : HP_NUMFMT_NUMBER;
}
