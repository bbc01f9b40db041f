/* What a column's values look like: cheap shapes, not the cleaning rules, so that mapping
 * needs no profile of the country. */
#include "map/parts.h"

#include "base/hash.h"
#include "base/utf8.h"
#include "base/banned.h"

enum { SAMPLE = 200 };

/* Words that organisations carry and people do not, legal forms included; compared without
 * case, as whole words. */
static const char *const ORG_WORDS[] = {"academy",     "aero",         "ag",           "agency",
                                        "air",         "airfield",     "airlines",     "airport",
                                        "airways",     "assurance",    "attorneys",    "aviation",
                                        "avionics",    "bank",         "boerdery",     "brokers",
                                        "bv",          "cc",           "center",       "centre",
                                        "charters",    "church",       "clinic",       "club",
                                        "college",     "company",      "construction", "consultants",
                                        "consulting",  "corp",         "corporation",  "department",
                                        "engineering", "enterprises",  "farm",         "farms",
                                        "flight",      "flying",       "foundation",   "gmbh",
                                        "group",       "guesthouse",   "helicopters",  "holdings",
                                        "hospital",    "hotel",        "inc",          "incorporated",
                                        "industries",  "institute",    "insurance",    "international",
                                        "investments", "kg",           "laboratories", "limited",
                                        "llc",         "llp",          "lodge",        "logistics",
                                        "ltd",         "ltda",         "medical",      "ministry",
                                        "motors",      "motorsport",   "municipality", "npc",
                                        "npo",         "nv",           "office",       "oy",
                                        "partners",    "pharmacy",     "plc",          "primary",
                                        "products",    "properties",   "pty",          "rentals",
                                        "restaurant",  "sa",           "sarl",         "school",
                                        "schools",     "securities",   "security",     "services",
                                        "shop",        "societe",      "society",      "solutions",
                                        "srl",         "store",        "studio",       "supplies",
                                        "systems",     "technologies", "technology",   "tours",
                                        "trading",     "training",     "transport",    "travel",
                                        "trust",       "university",   "ventures",     "wholesale",
                                        "works"};

static const char *const FORMS[] = {"mr",   "mrs",     "ms",  "miss", "mx",  "dr",   "prof",
                                    "adv",  "rev",     "sir", "mnr",  "mev", "herr", "frau",
                                    "capt", "captain", "col", "eng",  "hon"};

/* Small words inside the names of people. */
static const char *const PARTICLES[] = {"van", "der", "de",  "du", "le", "la", "von", "den", "di",
                                        "da",  "dos", "bin", "al", "el", "zu", "ter", "ten", "st"};

static bool among(hp_str word, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (hp_str_ieq(word, hp_str_of(list[i]))) return true;
    }
    return false;
}
#define AMONG(word, list) among(word, list, sizeof(list) / sizeof *(list))

static bool alnum_or_high(char c) { return hp_is_alnum(c) || (unsigned char)c >= 0x80; }

/* Takes the next run of letters and digits (any byte beyond ASCII counts as one). */
static bool next_word(hp_str s, size_t *i, hp_str *word) {
    while (*i < s.n && !alnum_or_high(s.p[*i])) ++*i;
    size_t from = *i;
    while (*i < s.n && alnum_or_high(s.p[*i])) ++*i;
    *word = hp_str_cut(s, from, *i);
    return word->n > 0;
}

static size_t digits_in(hp_str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += hp_is_digit(s.p[i]);
    return n;
}

static bool looks_email(hp_str s) {
    size_t at = hp_str_chr(s, '@', 0);
    if (at == SIZE_MAX || at == 0 || !alnum_or_high(s.p[at - 1])) return false;
    size_t i = at + 1, dot = 0;
    for (; i < s.n && (hp_is_alnum(s.p[i]) || s.p[i] == '-' || s.p[i] == '.'); i++) {
        if (s.p[i] == '.') dot = i;
    }
    return dot > at + 1;
}

static bool starts_fold(hp_str s, const char *prefix) {
    size_t n = strlen(prefix);
    return s.n > n && hp_str_ieq(hp_str_cut(s, 0, n), (hp_str){prefix, n});
}

/* A bare host name: labels of lower-case letters, digits and hyphens, the last one of letters. */
static bool looks_host(hp_str s) {
    size_t slash = hp_str_chr(s, '/', 0), dot = SIZE_MAX;
    hp_str host = hp_str_cut(s, 0, slash);
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (c == '.')
            dot = i;
        else if (!(c >= 'a' && c <= 'z') && !hp_is_digit(c) && c != '-')
            return false;
    }
    if (dot == SIZE_MAX || dot == 0 || host.n - dot < 3 || host.n - dot > 13) return false;
    return digits_in(hp_str_cut(host, dot, host.n)) == 0;
}

static bool looks_website(hp_str s) {
    if (hp_str_chr(s, ' ', 0) != SIZE_MAX || hp_str_chr(s, '@', 0) != SIZE_MAX) return false;
    return starts_fold(s, "http://") || starts_fold(s, "https://") || starts_fold(s, "www.") || looks_host(s);
}

/* Counts the digit groups of "14/10/2025", "2025-10-14T09:30": 0 when anything else is in it. */
static bool looks_date(hp_str s, hp_type type) {
    if (type == HP_T_DATE) return true;
    size_t group[3] = {0}, g = 0, i = 0;
    char sep = 0;
    for (; i < s.n; i++) {
        char c = s.p[i];
        if (hp_is_digit(c))
            group[g]++;
        else if (g < 2 && group[g] && (c == '-' || c == '/' || c == '.') && (!sep || c == sep))
            sep = c, g++;
        else
            break;
    }
    if (i < s.n && s.p[i] != ' ' && s.p[i] != 'T') return false;
    if (g == 2)
        return (group[0] == 4 && group[1] <= 2 && group[2] <= 2 && group[2])
               || (group[0] <= 2 && group[1] <= 2 && (group[2] == 4 || group[2] == 2));
    /* 19151111, as registers write dates of birth */
    int64_t n;
    return g == 0 && s.n == 8 && hp_str_i64(s, &n) && n > 18000000 && n < 21000000 && n / 100 % 100 <= 12
           && n % 100 <= 31;
}

bool hp_value_is_number(hp_str s, hp_type type) {
    double d;
    return type == HP_T_NUMBER || type == HP_T_BOOL || (s.n < 32 && hp_str_f64(s, &d));
}

/* Skips "Tel:", "Cell " and the like. */
static hp_str behind_label(hp_str s) {
    size_t i = 0;
    while (i < s.n && i < 8 && (hp_is_alpha(s.p[i]) || s.p[i] == '.' || s.p[i] == ':' || s.p[i] == ' ')) i++;
    return i < s.n && (hp_is_digit(s.p[i]) || s.p[i] == '+' || s.p[i] == '(') ? hp_str_cut(s, i, s.n) : s;
}

/* 0 no phone, 1 could be one, 2 can hardly be another number. Looks at the first number of the cell. */
static int looks_phone(hp_str s, hp_type type) {
    s = behind_label(s);
    size_t digits = 0, seps = 0, dots = 0, i = 0;
    for (; i < s.n && digits < 16; i++) {
        char c = s.p[i];
        if (hp_is_digit(c))
            digits++;
        else if (c == ' ' || c == '-' || c == '(' || c == ')' || (unsigned char)c == 0xC2
                 || (unsigned char)c == 0xA0)
            seps++;
        else if (c == '.')
            dots++;
        else if (c != '+' || i > 1)
            break;
    }
    bool tail_ok =
        i == s.n || s.p[i] == '/' || s.p[i] == ';' || s.p[i] == ',' || s.p[i] == 'x' || s.p[i] == 'e';
    if (digits < 7 || digits > 15 || !tail_ok || dots == 1 || (type == HP_T_NUMBER && dots)) return 0;
    bool sure = s.p[0] == '+' || s.p[0] == '0' || (seps && digits >= 9)
                || (digits == 11 && hp_str_starts(s, HP_S("27")));
    return sure && digits >= 9 ? 2 : 1;
}

static bool looks_organization(hp_str s) {
    hp_str word;
    for (size_t i = 0; next_word(s, &i, &word);) {
        if (AMONG(word, ORG_WORDS)) return true;
    }
    return false;
}

/* "Thandi van der Merwe", "NKOSI, Thabo": two to five words, capital first but for particles, no digit. */
static bool looks_person(hp_str s) {
    size_t words = 0, i = 0;
    hp_str word;
    if (s.n > 60 || digits_in(s) || hp_str_chr(s, '@', 0) != SIZE_MAX || hp_str_chr(s, '&', 0) != SIZE_MAX)
        return false;
    size_t paren = hp_str_chr(s, '(', 0); /* "Name (Role)" */
    s = hp_str_cut(s, 0, paren);
    while (next_word(s, &i, &word)) {
        size_t at = 0;
        bool capital = hp_cp_upper(hp_utf8_next(word, &at)) || (unsigned char)word.p[0] >= 0xE0;
        if (!capital && !AMONG(word, PARTICLES)) return false;
        words++;
    }
    return words >= 2 && words <= 5 && !looks_organization(s);
}

static bool looks_form(hp_str s) {
    if (s.n && s.p[s.n - 1] == '.') s.n--;
    return AMONG(s, FORMS);
}

static void look_at(hp_str s, hp_type type, hp_content *out) {
    int phone;
    out->n++;
    if (looks_email(s))
        out->email++;
    else if (looks_website(s))
        out->website++;
    else if (looks_date(s, type))
        out->date++;
    else if ((phone = looks_phone(s, type)) > 0) {
        out->phone++;
        out->strong_phone += phone == 2;
    } else if (looks_organization(s))
        out->organization++;
    else if (looks_person(s))
        out->person++;
    if (hp_value_is_number(s, type)) out->number++;
    if (looks_form(s)) out->form++;
    if (s.n <= 40 && digits_in(s) && hp_str_chr(s, ' ', 0) == SIZE_MAX) out->code++;
}

void hp_content_of(const hp_pool *pool, const hp_column *c, size_t from, size_t to, hp_content *out) {
    hp_vid seen[2 * SAMPLE] = {0}; /* a small open table */
    *out = (hp_content){.distinct = true};
    for (size_t r = from; r < to && out->n < SAMPLE; r++) {
        hp_str s = hp_str_trim(hp_text(pool, c->v[r]));
        if (s.n == 0) continue;
        size_t slot = hp_hash_u64(c->v[r]) % (2 * SAMPLE);
        while (seen[slot] && seen[slot] != c->v[r]) slot = (slot + 1) % (2 * SAMPLE);
        if (seen[slot]) out->distinct = false;
        seen[slot] = c->v[r];
        look_at(s, hp_cell_type(c, r), out);
    }
}

bool hp_value_is_data(hp_str s, hp_type type) {
    return looks_email(s) || looks_website(s) || looks_date(s, type) || looks_phone(s, type) > 0;
}

hp_kind hp_infer_kind(const hp_run *run, const hp_column *c, size_t from, size_t to, double *share) {
    hp_content k;
    hp_content_of(run->pool, c, from, to, &k);
    const struct {
        hp_kind kind;
        size_t n;
    } likely[] = {{HP_K_EMAIL, k.email},
                  {HP_K_WEBSITE, k.website},
                  {HP_K_DATE, k.date},
                  {HP_K_PHONE, k.phone},
                  {HP_K_ORG_NAME, k.organization},
                  {HP_K_PERSON, k.person},
                  {HP_K_ID, k.distinct && k.n > 2 ? k.code : 0}};
    size_t best = 0;
    for (size_t i = 1; i < sizeof likely / sizeof *likely; i++) {
        if (likely[i].n > likely[best].n) best = i;
    }
    *share = hp_content_share(&k, likely[best].n);
    if (*share >= 0.5) return likely[best].kind;
    *share = k.n ? 1 - *share : 0;
    return HP_K_TEXT;
}
