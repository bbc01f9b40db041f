/* Sites: the first page of a website and those about contact, read as far as they say how to reach the
 * organisation. */
#ifndef HP_ENRICH_SITE_H
#define HP_ENRICH_SITE_H

#include "enrich/page.h"
#include "net/http.h"
#include "net/url.h"

/** The most pages of a site. */
#define HP_SITE_PAGES 20

/** Hold one page that was asked for. */
typedef struct hp_site_page {
    hp_str url; /**< asked for, or where the answer came from */
    hp_http_end end;
    hp_str reason; /**< unless answered */
    long status;
    size_t bytes;
    hp_str type;  /**< Content-Type */
    bool contact; /**< reached by a link about contact, not the first page */
    bool cached;
    int64_t time;
    size_t facts; /**< found on it */
} hp_site_page;

/** Hold a value with the page that states it. */
typedef struct hp_site_fact {
    hp_field field;
    hp_str value;
    hp_fact_place place;
    double confidence;
    size_t page;
} hp_site_fact;

/** Hold a visit. Texts live in the arena; release the lists with hp_site_free. */
typedef struct hp_site {
    hp_arena *arena;
    hp_http *http;
    hp_url start;
    hp_str title;
    uint64_t wanted; /**< fields that are kept: bit f is field f */
    size_t most;     /**< pages */
    unsigned tries;  /**< forms of the first address that were tried */
    hp_site_page page[HP_SITE_PAGES];
    size_t npage;
    HP_VEC(hp_site_fact) fact;
    HP_VEC(hp_str) asked; /**< URLs of pages */
} hp_site;

/** Begin a visit: queues the first page; hp_http_run does the rest. `s` stays where it is until then. A URL
 * that is none is a page that was blocked. Errors: HP_RETRY. */
hp_code hp_site_begin(hp_site *s, hp_arena *a, hp_http *http, hp_str url, uint64_t wanted, size_t pages,
                      hp_err *err);
/** Release the lists. */
void hp_site_free(hp_site *s);
/** Tell how the visit went: how its first page ended, behind other forms of its address. */
const hp_site_page *hp_site_first(const hp_site *s);
/** Return how far a value is to be trusted, 0..1: by where it stood, on what kind of page, and for an e-mail
 * address whether it is of the site's own domain. */
double hp_site_confidence(const hp_fact *fact, bool contact_page, hp_str host);

#endif
