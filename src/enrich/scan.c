/* Running text: e-mail addresses by their @, phone numbers by what announces them. */
#include "enrich/page.h"

#include "base/banned.h"

static bool local_char(char c) { return hp_is_alnum(c) || (c != '\0' && strchr("._%+-'&", c) != NULL); }
static bool domain_char(char c) { return hp_is_alnum(c) || c == '.' || c == '-'; }

/* Names of pictures hold an @ too: logo@2x.png. */
static bool is_picture(hp_str domain) {
    static const char *const END[] = {".png", ".jpg",  ".jpeg", ".gif", ".webp",
                                      ".svg", ".avif", ".js",   ".css"};
    for (size_t i = 0; i < sizeof END / sizeof *END; i++) {
        hp_str end = hp_str_of(END[i]);
        if (domain.n > end.n && hp_str_ieq(hp_str_cut(domain, domain.n - end.n, domain.n), end)) return true;
    }
    return false;
}

/* Cuts the address around the @ at `at`; false when it is none. Whether it stands the stricter rules of
 * cleaning is seen there. */
static bool address_around(hp_str text, size_t at, hp_str *out) {
    size_t from = at, to = at + 1;
    while (from > 0 && at - from < 64 && local_char(text.p[from - 1])) from--;
    while (to < text.n && to - at < 254 && domain_char(text.p[to])) to++;
    while (from < at && !hp_is_alnum(text.p[from])) from++;
    while (to > at + 1 && !hp_is_alnum(text.p[to - 1])) to--;
    hp_str domain = hp_str_cut(text, at + 1, to);
    size_t dot = hp_str_chr(domain, '.', 1);
    bool whole = from < at && dot != SIZE_MAX && dot + 2 < domain.n && hp_is_alpha(domain.p[domain.n - 1]);
    *out = hp_str_cut(text, from, to);
    return whole && !is_picture(domain);
}

static hp_code scan_emails(hp_page *p, hp_str text, hp_err *err) {
    hp_str found;
    for (size_t at = hp_str_chr(text, '@', 0); at != SIZE_MAX; at = hp_str_chr(text, '@', at + 1))
        if (address_around(text, at, &found))
            HP_TRY(hp_page_add(p, HP_F_CONTACT_EMAIL, found, HP_FACT_TEXT, err));
    return HP_OK;
}

/* Cuts the number that begins at `from`: digits with the marks that stand between them, 8 to 15 of them. A
 * blank behind as many digits as numbers have ends it: what follows is something else. */
static bool number_at(hp_str text, size_t from, hp_str *out) {
    size_t i = from, digits = 0, last = from, usual = text.p[from] == '+' ? 11 : 10;
    for (; i < text.n && i - from < 32; i++) {
        char c = text.p[i];
        if (hp_is_digit(c)) {
            digits++;
            last = i + 1;
        } else if (digits >= usual || (!(c != '\0' && strchr(" ()-.", c)) && !(c == '+' && i == from))) {
            break;
        }
    }
    *out = hp_str_cut(text, from, last);
    return digits >= 8 && digits <= 15;
}

/* Says which field the words just before a number announce; HP_F_NONE without any. */
static hp_field announced(hp_str text, size_t at) {
    static const char *const PHONE[] = {"tel",    "phone",    "call us",  "cell",
                                        "mobile", "whatsapp", "landline", "office"};
    hp_str before = hp_str_cut(text, at > 24 ? at - 24 : 0, at);
    for (size_t i = 0; i < before.n;
         i++) { /* an announcement does not reach across another number or a line */
        size_t k = before.n - 1 - i;
        if (hp_is_digit(before.p[k]) || before.p[k] == '\n') {
            before = hp_str_cut(before, k + 1, before.n);
            break;
        }
    }
    if (hp_str_ifind(before, HP_S("fax"), 0) != SIZE_MAX) return HP_F_FAX;
    for (size_t i = 0; i < sizeof PHONE / sizeof *PHONE; i++)
        if (hp_str_ifind(before, hp_str_of(PHONE[i]), 0) != SIZE_MAX) return HP_F_CONTACT_PHONE;
    return HP_F_NONE;
}

static hp_code scan_phones(hp_page *p, hp_str text, hp_err *err) {
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool begins = c == '+' || c == '(' || hp_is_digit(c);
        if (!begins || (i > 0 && (hp_is_alnum(text.p[i - 1]) || text.p[i - 1] == '.'))) continue;
        hp_str found;
        bool number = number_at(text, i, &found);
        hp_field field = announced(text, i);
        if (field == HP_F_NONE && c == '+') field = HP_F_CONTACT_PHONE;
        if (number && field != HP_F_NONE) HP_TRY(hp_page_add(p, field, found, HP_FACT_TEXT, err));
        if (found.n > 1) i += found.n - 1;
    }
    return HP_OK;
}

hp_code hp_page_scan(hp_page *p, hp_str text, hp_err *err) {
    HP_TRY(scan_emails(p, text, err));
    return scan_phones(p, text, err);
}
