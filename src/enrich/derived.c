/* derived: what a row's own values imply. A website is at the domain of an e-mail address that is the
 * organisation's own; a province follows from the address, the postal code, the dialling code.
 *
 * Confidence, as a share of the provider's (0.90): the website and the province that the address names, all
 * of it; the postal code 0.80/0.90; a dialling code of one province 0.75/0.90, of two 0.60/0.90, which is
 * below the usual threshold; a mail account "info" at the domain of the website 0.50/0.90, since nobody has
 * said that it exists: it is a suggestion for people. */
#include "base/mem.h"
#include "enrich/provider.h"
#include "resolve/domain.h"
#include "resolve/resolve.h"

#include "base/banned.h"

static const double BASE = 0.90, POSTAL = 0.80, DIAL = 0.75, DIAL_TWO = 0.60, GUESS = 0.50;

typedef struct {
    const hp_profile *profile;
    const hp_clean_ctx *clean;
    double confidence;
    bool za; /* the profile's country is South Africa: rows without a country are there */
} derived;

/* One call of `ask` for one row. */
typedef struct {
    const derived *d;
    const hp_enrich_row *row;
    size_t ask;
    hp_answers *out;
} question;

static hp_code suggest(const question *q, hp_field f, hp_str value, double share, hp_field from,
                       hp_err *err) {
    hp_buf text = hp_buf_new(200);
    hp_buf_printf(&text, "this row: %s", hp_field_get(from)->name);
    hp_suggestion s = {.ask = q->ask,
                       .field = f,
                       .value = value,
                       .confidence = share / BASE * q->d->confidence,
                       .evidence = hp_buf_str(&text)};
    hp_code code = hp_buf_check(&text, "a place", err);
    if (code == HP_OK) code = hp_suggest(q->out, &s, err);
    hp_buf_free(&text);
    return code;
}

/* ---- website and e-mail ---- */

static hp_code website(const question *q, hp_err *err) {
    hp_str email = q->row->value[HP_F_CONTACT_EMAIL];
    size_t at = hp_str_chr(email, '@', 0);
    if (at == SIZE_MAX) return HP_OK;
    hp_str host = hp_str_cut(email, at + 1, email.n), domain = hp_registrable_domain(host);
    if (domain.n == 0 || hp_is_free_mail(q->d->profile, host) || hp_is_shared_host(domain)) return HP_OK;
    hp_autobuf url = hp_buf_new(4096);
    hp_buf_printf(&url, "https://%.*s", HP_FMT(domain));
    HP_TRY(hp_buf_check(&url, "a website", err));
    return suggest(q, HP_F_WEBSITE, hp_buf_str(&url), BASE, HP_F_CONTACT_EMAIL, err);
}

static hp_code email(const question *q, hp_err *err) {
    hp_str domain = hp_registrable_domain(q->row->value[HP_F_WEBSITE]);
    if (q->row->value[HP_F_WEBSITE].n == 0 || domain.n == 0 || hp_is_shared_host(domain)
        || hp_is_free_mail(q->d->profile, domain))
        return HP_OK;
    hp_autobuf address = hp_buf_new(4096);
    hp_buf_printf(&address, "info@%.*s", HP_FMT(domain));
    HP_TRY(hp_buf_check(&address, "an e-mail address", err));
    return suggest(q, HP_F_CONTACT_EMAIL, hp_buf_str(&address), GUESS, HP_F_WEBSITE, err);
}

/* ---- province ---- */

static const char *const PROVINCES[] = {"Eastern Cape",  "Free State", "Gauteng",
                                        "KwaZulu-Natal", "Limpopo",    "Mpumalanga",
                                        "Northern Cape", "North West", "Western Cape"};

static bool is_gap(hp_str s, size_t at) {
    return at >= s.n || (!hp_is_alnum(s.p[at]) && (unsigned char)s.p[at] < 0x80);
}

/* Tells whether what follows makes a street of it: "12 Free State Road". */
static bool is_street(hp_str rest) {
    static const char *const STREET[] = {"street", "st",    "road", "rd",    "avenue",
                                         "ave",    "drive", "lane", "close", "way"};
    rest = hp_str_trim(rest);
    size_t n = 0;
    while (n < rest.n && hp_is_alpha(rest.p[n])) n++;
    for (size_t i = 0; i < sizeof STREET / sizeof *STREET; i++)
        if (hp_str_ieq(hp_str_cut(rest, 0, n), hp_str_of(STREET[i]))) return true;
    return false;
}

/* Finds the full name of a province as words of a part of an address. */
static const char *named_in(hp_str part) {
    for (size_t i = 0; i < sizeof PROVINCES / sizeof *PROVINCES; i++) {
        hp_str name = hp_str_of(PROVINCES[i]);
        for (size_t at = hp_str_ifind(part, name, 0); at != SIZE_MAX; at = hp_str_ifind(part, name, at + 1)) {
            bool begins = at == 0 || is_gap(part, at - 1);
            if (begins && is_gap(part, at + name.n) && !is_street(hp_str_cut(part, at + name.n, part.n)))
                return PROVINCES[i];
        }
    }
    return NULL;
}

/* Reads a part of an address as a province, by a name or an abbreviation: "KZN", "Gauteng 2196". */
static const char *province_of(const question *q, hp_str part, hp_clean_out *clean) {
    const char *name = named_in(part);
    if (name) return name;
    hp_buf_clear(&clean->value);
    hp_buf_clear(&clean->extra);
    hp_clean_province(q->d->clean, part, HP_T_TEXT, clean);
    hp_str value = hp_buf_str(&clean->value);
    for (size_t i = 0; clean->nrule == 0 && i < sizeof PROVINCES / sizeof *PROVINCES; i++)
        if (hp_str_eq(value, hp_str_of(PROVINCES[i]))) return PROVINCES[i];
    return NULL;
}

/* The province that an address names; NULL for none, or for two. */
static const char *province_in(const question *q, hp_str address, hp_clean_out *clean) {
    const char *found = NULL;
    hp_str part;
    while (hp_str_next(&address, ',', &part)) {
        const char *name = province_of(q, hp_str_trim(part), clean);
        if (name && found && strcmp(name, found) != 0) return NULL;
        if (name) found = name;
    }
    return found;
}

static const char *province_of_postal(hp_str code) {
    static const struct {
        int from, to;
        const char *province;
    } RANGE[] = {
#define HP_ZA_POSTAL(from, to, province) {from, to, province},
#include "enrich/za_places.def"
    };
    int64_t n;
    if (code.n != 4 || !hp_str_i64(code, &n)) return NULL;
    for (size_t i = 0; i < sizeof RANGE / sizeof *RANGE; i++)
        if (n >= RANGE[i].from && n <= RANGE[i].to) return RANGE[i].province;
    return NULL;
}

static const char *province_of_dial(hp_str e164, bool *sure) {
    static const struct {
        int code;
        const char *province;
        bool sure;
    } DIALLED[] = {
#define HP_ZA_DIAL(code, province, sure) {code, province, sure},
#include "enrich/za_places.def"
    };
    int64_t n;
    if (e164.n != 12 || !hp_str_starts(e164, HP_S("+27")) || !hp_str_i64(hp_str_cut(e164, 3, 5), &n))
        return NULL;
    for (size_t i = 0; i < sizeof DIALLED / sizeof *DIALLED; i++) {
        if (DIALLED[i].code != n) continue;
        *sure = DIALLED[i].sure;
        return DIALLED[i].province;
    }
    return NULL;
}

static hp_code province_by_address(const question *q, bool *named, hp_err *err) {
    static const hp_field FROM[] = {HP_F_ADDRESS, HP_F_AREA};
    hp_clean_out clean = {.value = hp_buf_new(1 << 20), .extra = hp_buf_new(1 << 20)};
    hp_code code = HP_OK;
    for (size_t i = 0; i < 2 && code == HP_OK; i++) {
        const char *name = province_in(q, q->row->value[FROM[i]], &clean);
        *named |= name != NULL;
        if (clean.value.bad)
            code = hp_fail_memory(err, "a province");
        else if (name)
            code = suggest(q, HP_F_PROVINCE, hp_str_of(name), BASE, FROM[i], err);
    }
    hp_buf_free(&clean.value);
    hp_buf_free(&clean.extra);
    return code;
}

/* The postal code that an address ends in: a part of its own, since four digits behind a word may be a box.
 */
static hp_str code_at_end(hp_str address) {
    size_t from = address.n;
    while (from > 0 && address.p[from - 1] != ',') from--;
    hp_str code = from ? hp_str_trim(hp_str_cut(address, from, address.n)) : HP_S("");
    return code.n == 4 ? code : HP_S("");
}

/* `named`: the address says the province itself. */
static hp_code province_by_code(const question *q, bool named, hp_err *err) {
    hp_str code = q->row->value[HP_F_POSTAL_CODE];
    if (code.n == 0 && named) return HP_OK;
    hp_field from = code.n ? HP_F_POSTAL_CODE : HP_F_ADDRESS;
    const char *name = province_of_postal(code.n ? code : code_at_end(q->row->value[HP_F_ADDRESS]));
    return name ? suggest(q, HP_F_PROVINCE, hp_str_of(name), POSTAL, from, err) : HP_OK;
}

static hp_code province(const question *q, hp_err *err) {
    hp_str country = q->row->value[HP_F_COUNTRY];
    bool sure = true, named = false;
    if (country.n ? !hp_str_ieq(country, HP_S("South Africa")) : !q->d->za) return HP_OK;
    HP_TRY(province_by_address(q, &named, err));
    HP_TRY(province_by_code(q, named, err));
    const char *name = province_of_dial(q->row->value[HP_F_CONTACT_PHONE], &sure);
    if (!name) return HP_OK;
    return suggest(q, HP_F_PROVINCE, hp_str_of(name), sure ? DIAL : DIAL_TWO, HP_F_CONTACT_PHONE, err);
}

/* ---- the provider ---- */

static hp_code open_derived(const hp_provider_env *env, void **state, hp_err *err) {
    derived *d = hp_calloc(1, sizeof *d);
    if (!d) return hp_fail_memory(err, "a provider");
    *d = (derived){.profile = env->profile,
                   .clean = env->clean,
                   .confidence = env->item->confidence,
                   .za = strcmp(env->clean->country, "ZA") == 0};
    *state = d;
    return HP_OK;
}

static hp_code ask(void *state, const hp_enrich_row *row, size_t n, hp_answers *out, hp_err *err) {
    for (size_t i = 0; i < n; i++) {
        question q = {.d = state, .row = &row[i], .ask = i, .out = out};
        if (hp_field_in(row[i].wanted, HP_F_WEBSITE)) HP_TRY(website(&q, err));
        if (hp_field_in(row[i].wanted, HP_F_CONTACT_EMAIL)) HP_TRY(email(&q, err));
        if (hp_field_in(row[i].wanted, HP_F_PROVINCE)) HP_TRY(province(&q, err));
    }
    return HP_OK;
}

static void close_derived(void *state) { hp_free(state); }

const hp_provider hp_provider_derived = {
    .name = "derived",
    .source = "derived_computation",
    .strategy = HP_STRATEGY_DETERMINISTIC,
    .confidence = 0.90,
    .text =
        "the row itself: website from the domain of an e-mail address that is not free mail, province from address, "
        "postal code (0.80) or dialling code (0.75; 0.60 where two provinces share it), `info@` the website's domain "
        "(0.50, a suggestion)",
    .open = open_derived,
    .ask = ask,
    .close = close_derived,
};
