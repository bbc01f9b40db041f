#include "enrich/site.h"

#include "base/banned.h"

/* One page on its way: which visit it belongs to, and what it is. */
typedef struct site_ask {
    hp_site *site;
    bool contact;
} site_ask;

enum { TRIES = 3 };

static const char ACCEPT[] = "text/html, application/xhtml+xml;q=0.9, text/plain;q=0.5";

/* ---- trust ---- */

static hp_str without_www(hp_str host) {
    return hp_str_starts(host, HP_S("www.")) ? hp_str_cut(host, 4, host.n) : host;
}

/* Tells whether `name` is `domain` or within it. */
static bool within(hp_str name, hp_str domain) {
    if (hp_str_ieq(name, domain)) return true;
    return name.n > domain.n + 1 && name.p[name.n - domain.n - 1] == '.'
           && hp_str_ieq(hp_str_cut(name, name.n - domain.n, name.n), domain);
}

double hp_site_confidence(const hp_fact *fact, bool contact_page, hp_str host) {
    /* In hundredths, so that sums are exact. The second column is for pages about contact. */
    static const int TRUST[][2] = {[HP_FACT_JSONLD] = {92, 92},
                                   [HP_FACT_MICRODATA] = {90, 90},
                                   [HP_FACT_LINK] = {80, 85},
                                   [HP_FACT_ADDRESS] = {72, 76},
                                   [HP_FACT_TEXT] = {60, 65}};
    int trust = TRUST[fact->place][contact_page];
    if (fact->field == HP_F_CONTACT_EMAIL) {
        size_t at = hp_str_chr(fact->value, '@', 0);
        hp_str domain = hp_str_cut(fact->value, at == SIZE_MAX ? fact->value.n : at + 1, fact->value.n);
        hp_str own = without_www(host);
        /* An address elsewhere may be free mail, or who made the site. */
        trust += within(domain, own) || within(own, domain) ? 3 : -15;
    }
    return (double)trust / 100;
}

/* ---- pages ---- */

static hp_code take_answer(void *ctx, const hp_http_answer *a, hp_err *err);

static bool was_asked(const hp_site *s, hp_str url) {
    for (size_t i = 0; i < s->asked.n; i++)
        if (hp_str_eq(s->asked.p[i], url)) return true;
    return false;
}

static hp_code ask_page(hp_site *s, hp_str url, bool contact, hp_err *err) {
    site_ask *ask = HP_NEW(s->arena, site_ask);
    hp_str copy = hp_arena_dup(s->arena, url);
    if (!ask || !copy.p || !hp_vec_push(&s->asked, copy)) return hp_fail_memory(err, "a website");
    *ask = (site_ask){.site = s, .contact = contact};
    return hp_http_get(
        s->http,
        &(hp_http_ask){.url = copy, .accept = ACCEPT, .crawl = true, .done = take_answer, .ctx = ask}, err);
}

hp_code hp_site_begin(hp_site *s, hp_arena *a, hp_http *http, hp_str url, uint64_t wanted, size_t pages,
                      hp_err *err) {
    hp_err why = {0};
    *s = (hp_site){
        .arena = a, .http = http, .wanted = wanted, .most = pages < HP_SITE_PAGES ? pages : HP_SITE_PAGES};
    hp_code code = hp_url_read(a, url, NULL, &s->start, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "a website");
    return ask_page(s, code == HP_OK ? s->start.text : url, false,
                    err); /* a bad one is blocked, with its reason */
}

void hp_site_free(hp_site *s) {
    hp_vec_free(&s->fact);
    hp_vec_free(&s->asked);
}

const hp_site_page *hp_site_first(const hp_site *s) { return &s->page[0]; }

/* Adds a fact unless a page before had it with as much trust. */
static hp_code add_fact(hp_site *s, hp_site_fact made, hp_err *err) {
    for (size_t i = 0; i < s->fact.n; i++) {
        hp_site_fact *f = &s->fact.p[i];
        if (f->field != made.field || !hp_str_ieq(f->value, made.value)) continue;
        if (made.confidence > f->confidence) *f = made;
        return HP_OK;
    }
    return hp_vec_push(&s->fact, made) ? HP_OK : hp_fail_memory(err, "a website");
}

static hp_code take_facts(hp_site *s, const hp_page *p, hp_site_page *page, hp_str host, hp_err *err) {
    for (size_t i = 0; i < p->fact.n; i++) {
        const hp_fact *f = &p->fact.p[i];
        if (!(s->wanted >> f->field & 1)) continue;
        page->facts++;
        HP_TRY(add_fact(s,
                        (hp_site_fact){.field = f->field,
                                       .value = f->value,
                                       .place = f->place,
                                       .confidence = hp_site_confidence(f, page->contact, host),
                                       .page = (size_t)(page - s->page)},
                        err));
    }
    return HP_OK;
}

/* Asks for the best of the pages that a page links to: the highest rank, then the first. */
static hp_code follow(hp_site *s, hp_page *p, const hp_url *base, hp_err *err) {
    for (int rank = 5; rank > 0; rank--) {
        for (size_t i = 0; i < p->link.n && s->asked.n < s->most + s->tries - 1; i++) {
            hp_url url;
            hp_err why = {0};
            if (p->link.p[i].rank != rank) continue;
            hp_code code = hp_url_read(s->arena, p->link.p[i].href, base, &url, &why);
            if (code == HP_RETRY) return hp_fail_memory(err, "a website");
            bool own = code == HP_OK && hp_str_eq(without_www(url.host), without_www(base->host));
            if (own && !was_asked(s, url.text) && !hp_str_eq(url.text, base->text))
                HP_TRY(ask_page(s, url.text, true, err));
        }
    }
    return HP_OK;
}

static bool is_html(hp_str type) {
    return type.n == 0 || hp_str_ifind(type, HP_S("html"), 0) != SIZE_MAX
           || hp_str_ieq(hp_str_cut(type, 0, 5), HP_S("text/"));
}

static hp_code read_page(hp_site *s, hp_site_page *page, const hp_http_answer *a, hp_err *err) {
    hp_page p;
    hp_url base;
    if (a->status != 200 || !is_html(a->content_type)) return HP_OK;
    HP_TRY(hp_url_read(s->arena, a->url, NULL, &base, err));
    hp_code code = hp_page_read(s->arena, a->body, a->content_type, &p, err);
    if (code == HP_OK) code = take_facts(s, &p, page, base.host, err);
    if (code == HP_OK && !page->contact) code = follow(s, &p, &base, err);
    if (!page->contact) s->title = p.title;
    hp_page_free(&p);
    return code;
}

/* Other forms of an address that does not answer, since lists leave out what browsers try by themselves:
 * www., and http where nothing listens for https. A certificate that does not hold is no reason to do
 * without. */
static hp_code other_form(hp_site *s, hp_str reason, bool *asked, hp_err *err) {
    hp_str host = s->start.host, text = {0};
    bool https = s->start.scheme.n == 5, www = hp_str_starts(host, HP_S("www."));
    if (!www && hp_str_eq(reason, HP_S("the name of the host is not known")))
        text = hp_arena_printf(s->arena, "%.*s://www.%.*s%.*s", HP_FMT(s->start.scheme), HP_FMT(host),
                               HP_FMT(s->start.path));
    else if (https && s->start.port == 443 && hp_str_eq(reason, HP_S("no connection")))
        text = hp_arena_printf(s->arena, "http://%.*s%.*s", HP_FMT(host), HP_FMT(s->start.path));
    else
        return HP_OK;
    if (!text.p) return hp_fail_memory(err, "a website");
    HP_TRY(hp_url_read(s->arena, text, NULL, &s->start, err));
    if (was_asked(s, s->start.text)) return HP_OK;
    *asked = true;
    return ask_page(s, s->start.text, false, err);
}

static hp_code take_answer(void *ctx, const hp_http_answer *a, hp_err *err) {
    const site_ask *ask = ctx;
    hp_site *s = ask->site;
    bool again = false;
    if (!ask->contact) s->tries++;
    if (a->end == HP_HTTP_FAILED && !ask->contact && s->tries < TRIES)
        HP_TRY(other_form(s, hp_str_of(a->reason), &again, err));
    if (again || s->npage == HP_SITE_PAGES) return HP_OK;
    hp_site_page *page = &s->page[s->npage++];
    *page = (hp_site_page){.url = hp_arena_dup(s->arena, a->url),
                           .end = a->end,
                           .reason = hp_arena_dup(s->arena, hp_str_of(a->reason)),
                           .status = a->status,
                           .bytes = a->body.n,
                           .type = hp_arena_dup(s->arena, a->content_type),
                           .contact = ask->contact,
                           .cached = a->cached,
                           .time = a->time};
    if (!page->url.p || !page->reason.p || !page->type.p) return hp_fail_memory(err, "a website");
    return a->end == HP_HTTP_ANSWERED ? read_page(s, page, a, err) : HP_OK;
}
