#include "base/log.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/banned.h"

/* Fewer digits than this are no phone number; shorter secrets would blot out ordinary words. */
enum { PHONE_DIGITS = 7, SECRET_BYTES = 4, DIGEST_DIGITS = 12 };

static bool is_hex(char c) { return hp_is_digit(c) || (hp_lower(c) >= 'a' && hp_lower(c) <= 'f'); }

static char at(hp_str s, size_t i) { return i < s.n ? s.p[i] : '\0'; }

/* Returns the end of the run of ASCII letters and digits at `i`. */
static size_t word_end(hp_str s, size_t i) {
    while (hp_is_alnum(at(s, i))) i++;
    return i;
}

static bool starts_word(hp_str s, size_t i) { return i == 0 || !hp_is_alnum(s.p[i - 1]); }

/* ---- secrets ---- */

typedef struct secret_search {
    hp_str text;
    size_t from, found, length;
} secret_search;

static void find_secret(hp_str bytes, void *ctx) {
    secret_search *q = ctx;
    if (bytes.n < SECRET_BYTES) return;
    size_t i = hp_str_find(q->text, bytes, q->from);
    if (i == SIZE_MAX || i > q->found || (i == q->found && bytes.n < q->length)) return;
    q->found = i;
    q->length = bytes.n;
}

static void next_secret(secret_search *q, size_t from) {
    *q = (secret_search){q->text, from, SIZE_MAX, 0};
    hp_secret_each(find_secret, q);
}

/* ---- what looks like a number and may stay ---- */

static bool digits_at(hp_str s, size_t i, size_t n) {
    for (size_t k = 0; k < n; k++) {
        if (!hp_is_digit(at(s, i + k))) return false;
    }
    return true;
}

static size_t skip_zone(hp_str s, size_t i) {
    if (at(s, i) == 'Z') return i + 1;
    bool offset = (at(s, i) == '+' || at(s, i) == '-') && digits_at(s, i + 1, 2) && at(s, i + 3) == ':'
                  && digits_at(s, i + 4, 2);
    return offset ? i + 6 : i;
}

/* Returns the end of an ISO 8601 date, with its time if it has one, that starts at `i`; `i` when there is
 * none. */
static size_t skip_date(hp_str s, size_t i) {
    hp_date d;
    size_t end = i + 10;
    if (!hp_date_parse_iso(hp_str_cut(s, i, end), &d)) return i;
    if (hp_is_digit(at(s, end)) || (at(s, end) == '-' && hp_is_digit(at(s, end + 1)))) return i;
    bool time = (at(s, end) == 'T' || at(s, end) == ' ') && digits_at(s, end + 1, 2) && at(s, end + 3) == ':'
                && digits_at(s, end + 4, 2);
    if (!time) return end;
    end += 6;
    if (at(s, end) == ':' && digits_at(s, end + 1, 2)) end += 3;
    if (at(s, end) == '.' || at(s, end) == ',') {
        size_t k = end + 1;
        while (hp_is_digit(at(s, k))) k++;
        if (k > end + 1) end = k;
    }
    return skip_zone(s, end);
}

/* As skip_date, for the basic form 20251014T093000Z. */
static size_t skip_compact_time(hp_str s, size_t i) {
    bool is =
        digits_at(s, i, 8) && at(s, i + 8) == 'T' && digits_at(s, i + 9, 6) && !hp_is_digit(at(s, i + 15));
    return is ? skip_zone(s, i + 15) : i;
}

/* As skip_date, for a UUID (RFC 9562: 8-4-4-4-12 hex digits). */
static size_t skip_uuid(hp_str s, size_t i) {
    static const unsigned char group[] = {8, 4, 4, 4, 12};
    size_t k = i;
    for (size_t g = 0; g < sizeof group; g++) {
        if (g && at(s, k++) != '-') return i;
        for (size_t n = 0; n < group[g]; n++) {
            if (!is_hex(at(s, k++))) return i;
        }
    }
    return hp_is_alnum(at(s, k)) ? i : k;
}

/* As skip_date, for an IPv4 address in its usual spelling (a leading zero, as phones have it, is not). */
static size_t skip_ipv4(hp_str s, size_t i) {
    size_t k = i;
    for (int part = 0; part < 4; part++) {
        if (part && at(s, k++) != '.') return i;
        size_t from = k;
        int v = 0;
        while (hp_is_digit(at(s, k)) && k - from < 3) v = v * 10 + (s.p[k++] - '0');
        if (k == from || v > 255 || (k - from > 1 && s.p[from] == '0')) return i;
    }
    return hp_is_alnum(at(s, k)) || (at(s, k) == '.' && hp_is_digit(at(s, k + 1))) ? i : k;
}

/* As skip_date, for a decimal fraction with one digit before the point, as durations have it: no phone is
 * grouped so. */
static size_t skip_fraction(hp_str s, size_t i) {
    if (!hp_is_digit(at(s, i)) || at(s, i + 1) != '.' || (i > 0 && strchr("+.-(", s.p[i - 1]))) return i;
    size_t k = i + 2;
    while (hp_is_digit(at(s, k))) k++;
    bool alone = k > i + 2 && at(s, k) != '.' && at(s, k) != '-' && !hp_is_alnum(at(s, k));
    return alone ? k : i;
}

/* Tells whether a word is a hex digest (or a run id cut from one): hex, long, with a letter in it. */
static bool is_digest(hp_str word) {
    bool letter = false;
    for (size_t i = 0; i < word.n; i++) {
        if (!is_hex(word.p[i])) return false;
        letter |= hp_is_alpha(word.p[i]);
    }
    return word.n >= DIGEST_DIGITS && letter;
}

/* Tells whether a word is a cell reference: one to three capitals, then one to seven digits (ECMA-376:
 * XFD1048576). */
static bool is_cell(hp_str word) {
    size_t letters = 0;
    while (at(word, letters) >= 'A' && at(word, letters) <= 'Z') letters++;
    size_t digits = word.n - letters;
    return letters >= 1 && letters <= 3 && digits >= 1 && digits <= 7 && digits_at(word, letters, digits);
}

/* Returns the end of what stays as it is at `i`, the start of a word. */
static size_t skip_plain(hp_str s, size_t i) {
    size_t (*const skip[])(hp_str, size_t) = {skip_date, skip_compact_time, skip_uuid, skip_ipv4,
                                              skip_fraction};
    for (size_t k = 0; k < sizeof skip / sizeof *skip; k++) {
        size_t end = skip[k](s, i);
        if (end > i) return end;
    }
    size_t end = word_end(s, i);
    hp_str word = hp_str_cut(s, i, end);
    return is_digest(word) || is_cell(word) ? end : i;
}

/* ---- phones ---- */

/* Returns the bytes of a separator inside a phone number, 0 when there is none: blanks, dots, brackets,
 * slashes, hyphens, also U+00A0 and U+2010-2015. */
static size_t separator(hp_str s, size_t i) {
    char c = at(s, i);
    if (c && strchr(" -.()/\t", c)) return 1;
    hp_str rest = hp_str_cut(s, i, s.n);
    if (hp_str_starts(rest, HP_S("\xC2\xA0"))) return 2;
    bool dash = hp_str_starts(rest, HP_S("\xE2\x80")) && (unsigned char)at(s, i + 2) >= 0x90
                && (unsigned char)at(s, i + 2) <= 0x95;
    return dash ? 3 : 0;
}

/* Returns where the next group of digits begins, at most three separators on; `i` when none does. */
static size_t next_group(hp_str s, size_t i) {
    size_t k = i;
    for (int n = 0; n < 3; n++) {
        size_t len = separator(s, k);
        if (len == 0) return i;
        k += len;
        if (hp_is_digit(at(s, k))) return skip_plain(s, k) > k ? i : k;
    }
    return i;
}

/* Returns the end of a phone number whose first digit is at `i`; `i` when there are too few digits. */
static size_t skip_phone(hp_str s, size_t i) {
    size_t digits = 0, k = i;
    for (;;) {
        for (; hp_is_digit(at(s, k)); k++) digits++;
        size_t next = hp_is_alpha(at(s, k)) ? k : next_group(s, k);
        if (next == k) break;
        k = next;
    }
    return digits >= PHONE_DIGITS ? k : i;
}

/* ---- e-mail addresses ---- */

static bool is_local(char c) {
    return hp_is_alnum(c) || (unsigned char)c >= 0x80 || (c && strchr("._+-'!#$&*~^`{|}", c));
}

static bool is_domain(char c) { return hp_is_alnum(c) || (unsigned char)c >= 0x80 || c == '-' || c == '.'; }

/* Returns the end of "@domain.tld" (or "%40domain.tld", as URLs have it) at `i`; `i` when there is none. */
static size_t skip_domain(hp_str s, size_t i) {
    size_t from = at(s, i) == '@'                                                 ? i + 1
                  : at(s, i) == '%' && at(s, i + 1) == '4' && at(s, i + 2) == '0' ? i + 3
                                                                                  : i;
    if (from == i) return i;
    size_t k = from, dot = 0;
    for (; is_domain(at(s, k)); k++) {
        if (s.p[k] == '.' && k > from && is_domain(at(s, k + 1)) && at(s, k + 1) != '.') dot = k;
    }
    while (k > from && (s.p[k - 1] == '.' || s.p[k - 1] == '-')) k--; /* the full stop of a sentence */
    return dot ? k : i;
}

/* Returns the end of an e-mail address that starts at `i`; `i` when there is none. */
static size_t skip_email(hp_str s, size_t i) {
    size_t k = i;
    if (at(s, i) == '"') { /* RFC 5322 quoted-string */
        k = hp_str_chr(s, '"', i + 1);
        if (k == SIZE_MAX || k - i > 66) return i;
        k++;
    } else {
        while (is_local(at(s, k))) k++;
    }
    if (k == i) return i;
    size_t end = skip_domain(s, k);
    return end > k ? end : i;
}

/* ---- URLs ---- */

/* Returns the end of the user info of the URL whose "://" is at `i`, that is the place of its '@' (RFC
 * 3986, 3.2.1); `i` when there is none. The last '@' counts, since passwords hold unescaped ones. */
static size_t skip_user_info(hp_str s, size_t i) {
    if (!hp_str_starts(hp_str_cut(s, i, s.n), HP_S("://"))) return i;
    size_t found = i;
    for (size_t k = i + 3; k < s.n && (unsigned char)s.p[k] > ' ' && !strchr("/?#\"'<>", s.p[k]); k++) {
        if (s.p[k] == '@') found = k;
    }
    return found;
}

/* ---- the walk ---- */

/* Handles what starts at `i` and is replaced; returns its end, or `i` when nothing is. */
static size_t replace_at(hp_str s, size_t i, hp_buf *out) {
    size_t end = skip_user_info(s, i);
    if (end > i) {
        hp_buf_puts(out, "://[secret]");
        return end;
    }
    bool fresh = i == 0 || !is_local(s.p[i - 1]);
    end = fresh ? skip_email(s, i) : i;
    if (end > i) {
        hp_buf_puts(out, "[email]");
        return end;
    }
    size_t first = i;
    while (first < i + 3 && (at(s, first) == '+' || at(s, first) == '(')) first++;
    end = hp_is_digit(at(s, first)) ? skip_phone(s, first) : first;
    if (end == first) return i;
    hp_buf_puts(out, "[phone]");
    return end;
}

/* Takes one step at `i`: replaces or copies, and returns where to go on. */
static size_t scrub_step(hp_str s, size_t i, hp_buf *out) {
    size_t end = starts_word(s, i) && hp_is_alnum(s.p[i]) ? skip_plain(s, i) : i;
    /* "20251014T093000Z@mail.example" is an address all the same. */
    if (end > i && skip_email(s, i) <= end) {
        hp_buf_add(out, hp_str_cut(s, i, end));
        return end;
    }
    end = replace_at(s, i, out);
    if (end > i) return end;
    hp_buf_putc(out, s.p[i]);
    return i + 1;
}

void hp_scrub(hp_str text, hp_buf *out) {
    secret_search secret = {.text = text};
    next_secret(&secret, 0);
    /* Each stretch between two secrets is cleaned by itself, so that no pattern runs over a secret's edge. */
    for (size_t from = 0;;) {
        hp_str part = hp_str_cut(text, from, secret.found);
        for (size_t i = 0; i < part.n;) i = scrub_step(part, i, out);
        if (secret.found == SIZE_MAX) return;
        hp_buf_puts(out, "[secret]");
        from = secret.found + secret.length;
        next_secret(&secret, from);
    }
}
