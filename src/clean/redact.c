#include "clean/redact_parts.h"

#include "base/clock.h"
#include "clean/phone_door.h"
#include "clean/value.h"

#include "base/banned.h"

/* Fewest and most digits of a phone number (E.164: 15), and of one that a word announces. */
enum { PHONE_LEAST = 9, PHONE_MOST = 15, TOLD_LEAST = 6 };

const char *hp_redact_kind_name(hp_redact_kind k) {
    static const char *const NAME[] = {"email", "phone", "id", "name"};
    return NAME[k];
}

static char at(hp_str s, size_t i) { return i < s.n ? s.p[i] : '\0'; }

hp_str hp_redact_before(hp_str text, size_t i) {
    size_t end = i, marks = 0;
    while (end > 0 && (hp_in(text.p[end - 1], " \t") || (hp_in(text.p[end - 1], ":.,-#") && marks++ < 2)))
        end--;
    size_t from = end;
    while (from > 0 && hp_redact_word(text.p[from - 1])) from--;
    return hp_str_cut(text, from, end);
}

/* ---- e-mail addresses ---- */

static bool is_local(char c) { return hp_redact_word(c) || (c && strchr("._+-'!#$&*~^`{|}/=?%", c)); }

static bool is_domain(char c) { return hp_redact_word(c) || c == '-' || c == '.'; }

/* Returns the bytes of what stands for '@' at `i`: "@", "[at]", "(at)", with blanks around the latter. */
static size_t at_sign(hp_str s, size_t i) {
    size_t k = i;
    if (at(s, i) == '@') return 1;
    while (at(s, k) == ' ') k++;
    hp_str rest = hp_str_cut(s, k, k + 4);
    if (!hp_str_ieq(rest, HP_S("[at]")) && !hp_str_ieq(rest, HP_S("(at)"))) return 0;
    for (k += 4; at(s, k) == ' ';) k++;
    return k - i;
}

static size_t email(hp_str s, size_t i) {
    size_t k = i;
    while (is_local(at(s, k))) k++;
    size_t sign = k > i ? at_sign(s, k) : 0;
    if (sign == 0) return i;
    size_t from = k + sign, dot = 0;
    for (k = from; is_domain(at(s, k)); k++)
        if (s.p[k] == '.' && k > from && is_domain(at(s, k + 1)) && at(s, k + 1) != '.') dot = k;
    while (k > from && (s.p[k - 1] == '.' || s.p[k - 1] == '-')) k--;
    return dot && dot < k ? k : i;
}

/* ---- numbers ---- */

/* A run of digits with what may part them. */
typedef struct number {
    size_t end, ndigit;
    char digit[24]; /* the first of them */
    bool parted;
} number;

/* Takes digits and single separators behind `i`: a blank, a hyphen, a dot, a slash, brackets. */
static number take_number(hp_str s, size_t i, size_t most) {
    number n = {.end = i};
    size_t k = i;
    while (k < s.n) {
        if (hp_is_digit(s.p[k])) {
            if (n.ndigit < sizeof n.digit) n.digit[n.ndigit] = s.p[k];
            n.ndigit++;
            n.end = ++k;
            if (n.ndigit == most && !hp_is_digit(at(s, k))) break;
            continue;
        }
        size_t gap = k;
        for (int marks = 0; marks < 2 && hp_in(at(s, gap), " -./()"); marks++) gap++;
        if (gap == k || !hp_is_digit(at(s, gap)) || n.ndigit == 0) break;
        n.parted = true;
        k = gap;
    }
    return n;
}

static bool is_luhn(const char *digit, size_t n) {
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(digit[n - 1 - i] - '0');
        if (i % 2) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return sum % 10 == 0;
}

/* South African identity numbers: YYMMDD, four of order and sex, citizenship 0 to 2, one more, and a check
 * digit by Luhn (Identification Act 68 of 1997). */
static bool is_za_id(const char *d) {
    hp_date date = {.year = 2000 + (d[0] - '0') * 10 + d[1] - '0',
                    .month = (d[2] - '0') * 10 + d[3] - '0',
                    .day = (d[4] - '0') * 10 + d[5] - '0'};
    bool day = hp_date_valid(&date);
    date.year -= 100;
    return (day || hp_date_valid(&date)) && d[10] <= '2' && is_luhn(d, 13);
}

static const char ID_WORDS[] = "id idno identity passport paspoort licence license licensed lisensie rsaid";
static const char FILL_WORDS[] = "no nr number nommer num is nos number";
static const char PHONE_WORDS[] =
    "tel telephone phone telefoon cell cellphone mobile mobiel sel selfoon fax whatsapp call ring sms landline dial";

/* Tells whether a word of the list stands before `i`, perhaps with "no" or "number" between. */
static bool announced(hp_str s, size_t i, const char *list) {
    hp_str word = hp_redact_before(s, i);
    for (int skipped = 0; skipped < 2 && word.n && hp_word_in(word, FILL_WORDS); skipped++)
        word = hp_redact_before(s, (size_t)(word.p - s.p));
    return word.n && hp_word_in(word, list);
}

/* "A12345678", and what "passport" or "ID" announces. */
static size_t document(hp_str s, size_t i) {
    size_t k = i, letters = 0, digits = 0;
    for (; hp_is_alnum(at(s, k)); k++) {
        letters += hp_is_alpha(s.p[k]);
        digits += hp_is_digit(s.p[k]);
    }
    bool passport = letters == 1 && digits == 8 && at(s, i) >= 'A' && at(s, i) <= 'Z';
    bool told = digits >= TOLD_LEAST && digits > letters && announced(s, i, ID_WORDS);
    return passport || told ? k : i;
}

static size_t identity(hp_str s, size_t i) {
    if (!hp_is_digit(at(s, i))) return document(s, i);
    number n = take_number(s, i, 13);
    if (n.ndigit == 13 && is_za_id(n.digit)) return n.end;
    n = take_number(s, i, 19);
    bool card = (n.ndigit == 15 || n.ndigit == 16) && n.digit[0] >= '3' && n.digit[0] <= '6'
                && is_luhn(n.digit, n.ndigit);
    bool told = n.ndigit >= TOLD_LEAST && n.ndigit <= 19 && announced(s, i, ID_WORDS);
    return card || told ? n.end : document(s, i);
}

/* An ISO date or time, an amount with decimals, a part of a longer word: no phone. */
static bool is_plain(hp_str s, size_t i, const number *n) {
    hp_date d;
    bool date = hp_date_parse_iso(hp_str_cut(s, i, i + 10), &d);
    bool glued = hp_redact_word(at(s, n->end)) || at(s, n->end) == '@' || at(s, n->end) == '%';
    return date || glued;
}

static size_t phone(const hp_redactor *r, hp_str s, size_t i) {
    size_t first = i;
    char e164[24];
    while (first < i + 2 && hp_in(at(s, first), "+(")) first++;
    if (!hp_is_digit(at(s, first))) return i;
    bool plus = first > i && hp_str_chr(hp_str_cut(s, i, first), '+', 0) != SIZE_MAX;
    number n = take_number(s, first, PHONE_MOST);
    if (n.ndigit < TOLD_LEAST || n.ndigit > PHONE_MOST || is_plain(s, first, &n)) return i;
    if (announced(s, i, PHONE_WORDS)) return n.end;
    if (n.ndigit < PHONE_LEAST || (!plus && n.digit[0] != '0' && n.ndigit < 11)) return i;
    /* What the region cannot dial is a number of something else, unless it has the form of an international
     * one. */
    bool valid = hp_phone_parse(s.p + i, n.end - i, r->region, e164) == HP_PHONE_VALID;
    return valid || (plus && n.ndigit >= 10) ? n.end : i;
}

/* ---- the walk ---- */

/* Tells whether something of ours stands at `i`: "[email]". Its end goes to *end. */
static bool is_mark(hp_str s, size_t i, size_t *end) {
    for (int k = 0; k < HP_REDACT_KINDS; k++) {
        hp_str name = hp_str_of(hp_redact_kind_name((hp_redact_kind)k));
        *end = i + name.n + 2;
        if (at(s, i) == '[' && hp_str_eq(hp_str_cut(s, i + 1, i + 1 + name.n), name)
            && at(s, *end - 1) == ']')
            return true;
    }
    return false;
}

static bool find_at(const hp_redactor *r, hp_str s, size_t i, hp_redact_span *out) {
    for (int k = 0; k < HP_REDACT_KINDS; k++) {
        if (!(r->kinds & 1u << k)) continue;
        size_t end = k == HP_REDACT_EMAIL   ? email(s, i)
                     : k == HP_REDACT_PHONE ? phone(r, s, i)
                     : k == HP_REDACT_ID    ? identity(s, i)
                                            : hp_redact_name(r, s, i);
        if (end <= i) continue;
        *out = (hp_redact_span){i, end, (hp_redact_kind)k};
        return true;
    }
    return false;
}

/* Identity numbers are looked for before phones: thirteen digits that begin with a nought could be either. */
static bool find_id_first(const hp_redactor *r, hp_str s, size_t i, hp_redact_span *out) {
    if (r->kinds & 1u << HP_REDACT_ID && email(s, i) == i) {
        size_t end = identity(s, i);
        if (end > i) {
            *out = (hp_redact_span){i, end, HP_REDACT_ID};
            return true;
        }
    }
    return find_at(r, s, i, out);
}

bool hp_redact_next(const hp_redactor *r, hp_str text, size_t from, hp_redact_span *out) {
    for (size_t i = from, end; i < text.n;) {
        if (is_mark(text, i, &end)) {
            i = end;
            continue;
        }
        bool start = i == 0 || !hp_redact_word(text.p[i - 1]);
        bool able = hp_redact_word(text.p[i]) || hp_in(text.p[i], "+(");
        if (start && able && find_id_first(r, text, i, out)) return true;
        i++;
    }
    return false;
}

bool hp_redact(const hp_redactor *r, hp_str text, hp_buf *out, uint64_t count[HP_REDACT_KINDS]) {
    hp_redact_span s;
    size_t done = 0;
    while (hp_redact_next(r, text, done, &s)) {
        hp_buf_add(out, hp_str_cut(text, done, s.from));
        hp_buf_printf(out, "[%s]", hp_redact_kind_name(s.kind));
        count[s.kind]++;
        done = s.to;
    }
    hp_buf_add(out, hp_str_cut(text, done, text.n));
    return done > 0;
}
