/* website: what the organisation's own site says about how to reach it. */
#include "base/map.h"
#include "base/mem.h"
#include "enrich/client.h"
#include "enrich/ends.h"
#include "enrich/provider.h"
#include "enrich/settings.h"
#include "enrich/site.h"

#include "base/banned.h"

/* What a page can say; the name only tells whose page it is. */
static const hp_field UNDERSTOOD[] = {HP_F_CONTACT_EMAIL, HP_F_CONTACT_PHONE, HP_F_FAX,         HP_F_ADDRESS,
                                      HP_F_CITY,          HP_F_PROVINCE,      HP_F_POSTAL_CODE, HP_F_COUNTRY};

/* The confidence of structured data, by which `confidence` of the profile is measured. */
static const double BEST = 0.92;

/* What a site of somebody else is worth. */
static const double ANOTHER = 0.7;

typedef struct website {
    hp_client *client;
    size_t pages;
    double factor; /* 1, unless the profile trusts websites more or less than usual */
} website;

static void close_website(void *state) {
    website *w = state;
    if (!w) return;
    hp_client_close(w->client);
    hp_free(w);
}

static hp_code open_website(const hp_provider_env *env, void **state, hp_err *err) {
    static const char *const KNOWN[] = {NULL};
    HP_TRY(hp_settings_check(env, KNOWN, err));
    website *w = hp_calloc(1, sizeof *w);
    if (!w) return hp_fail_memory(err, "a provider");
    w->pages = (size_t)env->profile->enrich.network.pages;
    w->factor = env->item->confidence >= 0 ? env->item->confidence / BEST : 1;
    hp_client_env client = {.profile = env->profile,
                            .home = env->home,
                            .gate = env->gate,
                            .max_requests = env->max_requests,
                            .now = env->now};
    hp_code code = hp_client_open(&client, &w->client, err);
    if (code != HP_OK) {
        close_website(w);
        return code;
    }
    *state = w;
    return HP_OK;
}

/* ---- a batch ---- */

typedef struct batch {
    hp_arena *arena;
    hp_site *site;
    size_t nsite;
    size_t *site_of; /* row -> site, SIZE_MAX = none */
    hp_smap seen;    /* URL -> site */
} batch;

static hp_field_set understood(void) {
    hp_field_set set = 0;
    for (size_t i = 0; i < sizeof UNDERSTOOD / sizeof *UNDERSTOOD; i++) set |= hp_field_bit(UNDERSTOOD[i]);
    return set;
}

static hp_code address_of(hp_arena *a, const hp_enrich_row *row, hp_str *out, hp_err *err) {
    *out = row->plain_site.n ? row->plain_site : row->value[HP_F_WEBSITE];
    if (out->n == 0 && row->domain.n) *out = hp_arena_printf(a, "https://%.*s/", HP_FMT(row->domain));
    if (out->n && hp_str_find(*out, HP_S("://"), 0) == SIZE_MAX)
        *out = hp_arena_printf(a, "https://%.*s", HP_FMT(*out));
    return out->n && !out->p ? hp_fail_memory(err, "a website") : HP_OK;
}

/* Several rows of one site are one visit, which keeps what any of them wants. */
static hp_code begin(website *w, batch *b, const hp_enrich_row *row, size_t n, hp_err *err) {
    for (size_t i = 0; i < n; i++) {
        hp_field_set wanted = row[i].wanted & understood();
        hp_str url;
        uint32_t at;
        bool fresh;
        b->site_of[i] = SIZE_MAX;
        HP_TRY(address_of(b->arena, &row[i], &url, err));
        if (!wanted || url.n == 0) continue;
        if (!hp_smap_add(&b->seen, url, (uint32_t)b->nsite, &at, &fresh))
            return hp_fail_memory(err, "websites");
        b->site_of[i] = at;
        wanted |= hp_field_bit(HP_F_ORGANIZATION_NAME);
        if (!fresh) {
            b->site[at].wanted |= wanted;
            continue;
        }
        b->nsite++;
        HP_TRY(hp_site_begin(&b->site[at], b->arena, hp_client_http(w->client), url, wanted, w->pages, err));
    }
    return HP_OK;
}

/* Tells whether a site names organisations, and none of them is the row's: then it may be a directory, or a
 * domain that was sold. Names agree when one's key is part of the other's. */
static bool names_another(const hp_site *s, hp_str key, bool *bad) {
    bool any = false;
    hp_autobuf other = hp_buf_new(64u << 10);
    for (size_t i = 0; i < s->fact.n && key.n; i++) {
        if (s->fact.p[i].field != HP_F_ORGANIZATION_NAME) continue;
        any = true;
        hp_buf_clear(&other);
        hp_name_key(s->fact.p[i].value, &other);
        *bad |= other.bad;
        hp_str k = hp_buf_str(&other);
        if (k.n && (hp_str_find(k, key, 0) != SIZE_MAX || hp_str_find(key, k, 0) != SIZE_MAX)) return false;
    }
    return any;
}

static hp_code suggest(const website *w, const hp_site *s, const hp_enrich_row *row, size_t at,
                       hp_answers *out, hp_err *err) {
    bool bad = false, another = names_another(s, row->name_key, &bad);
    if (bad) return hp_fail_memory(err, "a website");
    for (size_t i = 0; i < s->fact.n; i++) {
        const hp_site_fact *f = &s->fact.p[i];
        if (f->field == HP_F_ORGANIZATION_NAME || !hp_field_in(row->wanted, f->field)) continue;
        double trust = f->confidence * w->factor * (another ? ANOTHER : 1);
        hp_suggestion made = {.ask = at,
                              .field = f->field,
                              .value = f->value,
                              .confidence = trust < 1 ? trust : 1,
                              .evidence = s->page[f->page].url,
                              .time = s->page[f->page].time};
        HP_TRY(hp_suggest(out, &made, err));
    }
    return HP_OK;
}

static hp_code answer(const website *w, batch *b, const hp_enrich_row *row, size_t n, hp_answers *out,
                      hp_err *err) {
    for (size_t i = 0; i < n; i++) {
        if (b->site_of[i] == SIZE_MAX) continue;
        const hp_site *s = &b->site[b->site_of[i]];
        const hp_site_page *first = hp_site_first(s);
        HP_TRY(hp_answer_end(out, i, first->end, first->reason, first->status, err));
        HP_TRY(suggest(w, s, &row[i], i, out, err));
    }
    return HP_OK;
}

static hp_code ask(void *state, const hp_enrich_row *row, size_t n, hp_answers *out, hp_err *err) {
    website *w = state;
    hp_autoarena *arena = hp_arena_new(NULL);
    if (!arena) return hp_fail_memory(err, "websites");
    batch b = {.arena = arena,
               .site = HP_NEW_ARRAY(arena, n + 1, hp_site),
               .site_of = HP_NEW_ARRAY(arena, n + 1, size_t)};
    hp_code code = b.site && b.site_of ? begin(w, &b, row, n, err) : hp_fail_memory(err, "websites");
    if (code == HP_OK) code = hp_http_run(hp_client_http(w->client), err);
    if (code == HP_OK) code = answer(w, &b, row, n, out, err);
    for (size_t i = 0; b.site && i < b.nsite; i++) hp_site_free(&b.site[i]);
    hp_smap_free(&b.seen);
    return code;
}

static hp_code plan(const hp_provider_env *env, const hp_enrich_row *row, hp_arena *a, hp_str *url,
                    hp_err *err) {
    (void)env;
    *url = HP_S("");
    return row->wanted & understood() ? address_of(a, row, url, err) : HP_OK;
}

const hp_provider hp_provider_website = {
    .name = "website",
    .group = NULL,
    .source = "web_scrape",
    .strategy = HP_STRATEGY_RESEARCH,
    .network = true,
    .confidence = 0.92,
    .text =
        "the organisation's own website: its first page and those about contact. Structured data (JSON-LD, microdata) "
        "counts 0.90 and more, links to mail and phone 0.80 to 0.85, address elements 0.72 and more, running text 0.60 to "
        "0.65; an e-mail address of the site's domain 0.03 more, one of another 0.15 less; all of it times 0.7 where "
        "the site names other organisations only",
    .open = open_website,
    .ask = ask,
    .plan = plan,
    .close = close_website,
};
