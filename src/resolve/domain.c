#include "resolve/domain.h"

#include "resolve/resolve.h"

#include "base/banned.h"

/* Suffixes of two labels under which the public registers names, sorted by bytes: those of South Africa and
 * its neighbours, and the ones that companies of other countries use. A suffix that is not here costs a wrong
 * "same domain" at worst, and the names must be alike all the same. Source: what the registries publish
 * (ZADNA, Nominet, auDA, KeNIC ...). */
static const char *const SUFFIXES[] = {
    "ac.bw",    "ac.ke",      "ac.nz",  "ac.tz",  "ac.ug",  "ac.uk",     "ac.za",     "ac.zm",  "ac.zw",
    "agric.za", "alt.za",     "asn.au", "co.ao",  "co.at",  "co.bw",     "co.id",     "co.il",  "co.in",
    "co.jp",    "co.ke",      "co.kr",  "co.ls",  "co.mw",  "co.mz",     "co.na",     "co.nz",  "co.rw",
    "co.sz",    "co.th",      "co.tz",  "co.ug",  "co.uk",  "co.ve",     "co.za",     "co.zm",  "co.zw",
    "com.ar",   "com.au",     "com.bd", "com.br", "com.bw", "com.cn",    "com.co",    "com.cy", "com.do",
    "com.ec",   "com.eg",     "com.es", "com.et", "com.fj", "com.fr",    "com.gh",    "com.gr", "com.gt",
    "com.hk",   "com.hr",     "com.kw", "com.lb", "com.ls", "com.mm",    "com.mt",    "com.mw", "com.mx",
    "com.my",   "com.na",     "com.ng", "com.np", "com.om", "com.pe",    "com.pg",    "com.ph", "com.pk",
    "com.pl",   "com.pt",     "com.py", "com.qa", "com.ro", "com.ru",    "com.sa",    "com.sg", "com.sv",
    "com.tr",   "com.tw",     "com.ua", "com.uy", "com.ve", "com.vn",    "com.zm",    "edu.au", "edu.za",
    "firm.in",  "gen.in",     "go.ke",  "go.tz",  "go.ug",  "gov.au",    "gov.bw",    "gov.uk", "gov.za",
    "gov.zw",   "grondar.za", "id.au",  "ind.in", "law.za", "ltd.uk",    "me.ke",     "me.uk",  "mil.za",
    "ne.jp",    "ne.ke",      "net.au", "net.br", "net.in", "net.nz",    "net.uk",    "net.za", "ngo.za",
    "nic.za",   "nis.za",     "nom.za", "or.jp",  "or.ke",  "or.tz",     "or.ug",     "org.au", "org.br",
    "org.bw",   "org.in",     "org.ls", "org.mw", "org.na", "org.nz",    "org.sz",    "org.uk", "org.za",
    "org.zm",   "org.zw",     "plc.uk", "sc.ke",  "sch.uk", "school.nz", "school.za", "tm.za",  "web.za",
};

/* Providers of free mail accounts, and access providers that give every subscriber one; sorted by bytes. */
static const char *const FREE_MAIL[] = {
    "126.com",          "163.com",
    "absamail.co.za",   "afrihost.co.za",
    "aim.com",          "aol.co.uk",
    "aol.com",          "att.net",
    "axxess.co.za",     "bellsouth.net",
    "bigpond.com",      "btinternet.com",
    "charter.net",      "comcast.net",
    "cox.net",          "cybermail.co.za",
    "cybersmart.co.za", "discoverymail.co.za",
    "earthlink.net",    "email.com",
    "fastmail.com",     "fastmail.fm",
    "free.fr",          "global.co.za",
    "gmail.com",        "googlemail.com",
    "hey.com",          "hushmail.com",
    "iafrica.com",      "icloud.com",
    "icon.co.za",       "inbox.com",
    "intekom.co.za",    "iway.na",
    "juno.com",         "lantic.net",
    "laposte.net",      "libero.it",
    "live.com",         "mac.com",
    "mail.com",         "mail.ru",
    "me.com",           "msn.com",
    "mtnloaded.co.za",  "mweb.co.za",
    "mweb.com.na",      "naver.com",
    "netactive.co.za",  "ntlworld.com",
    "optonline.net",    "orange.fr",
    "outlook.com",      "pm.me",
    "polka.co.za",      "proton.me",
    "qq.com",           "rediffmail.com",
    "rocketmail.com",   "sbcglobal.net",
    "sfr.fr",           "sky.com",
    "t-online.de",      "talktalk.net",
    "telkomsa.net",     "tiscali.co.za",
    "tutanota.com",     "verizon.net",
    "virgilio.it",      "vodafone.co.za",
    "vodamail.co.za",   "wanadoo.fr",
    "web.de",           "webafrica.org.za",
    "webmail.co.za",    "worldonline.co.za",
    "xsinet.co.za",     "yahoo.com",
    "ymail.com",        "zoho.com",
    "zohomail.com",
};

/* Providers that give accounts under the suffix of many countries: the first label of the registrable domain.
 */
static const char *const FREE_MAIL_LABELS[] = {
    "gmx", "hotmail", "live", "outlook", "protonmail", "yahoo", "yandex",
};

static const char *const SHARED_HOSTS[] = {
    "bit.ly",          "blogspot.com",
    "business.site",   "facebook.com",
    "fb.com",          "fb.me",
    "github.io",       "godaddysites.com",
    "goo.gl",          "google.co.za",
    "google.com",      "instagram.com",
    "jimdofree.com",   "linkedin.com",
    "linktr.ee",       "mystrikingly.com",
    "tiktok.com",      "tripadvisor.co.za",
    "tripadvisor.com", "tumblr.com",
    "twitter.com",     "wa.me",
    "webnode.com",     "weebly.com",
    "whatsapp.com",    "wikipedia.org",
    "wixsite.com",     "wordpress.com",
    "x.com",           "yellosa.co.za",
    "youtu.be",        "youtube.com",
};

/* Compares ignoring the case of ASCII letters; the tables are in lower case. */
static int compare(hp_str s, const char *word) {
    size_t i = 0;
    for (; i < s.n; i++) {
        int d = (unsigned char)hp_lower(s.p[i]) - (unsigned char)word[i];
        if (d) return d;
    }
    return word[i] ? -1 : 0;
}

static bool is_listed(hp_str s, const char *const *table, size_t n) {
    for (size_t lo = 0, hi = n; lo < hi;) {
        size_t mid = lo + (hi - lo) / 2;
        int c = compare(s, table[mid]);
        if (c == 0) return true;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return false;
}
#define LISTED(s, table) is_listed((s), (table), sizeof(table) / sizeof *(table))

/* Cuts the host out of a URL: without scheme, user, port, path and a final dot. */
static hp_str host_of(hp_str s) {
    size_t scheme = hp_str_find(s, HP_S("://"), 0);
    if (scheme != SIZE_MAX) s = hp_str_cut(s, scheme + 3, s.n);
    size_t end = 0;
    while (end < s.n && s.p[end] != '/' && s.p[end] != '?' && s.p[end] != '#') end++;
    s.n = end;
    for (size_t at; (at = hp_str_chr(s, '@', 0)) != SIZE_MAX;) s = hp_str_cut(s, at + 1, s.n);
    size_t port = hp_str_chr(s, ':', 0);
    if (port != SIZE_MAX) s.n = port;
    if (s.n && s.p[s.n - 1] == '.') s.n--;
    return s;
}

/* Tells whether the bytes can stand in a host name: letters, digits, hyphens, underscores, UTF-8; no empty
 * label. */
static bool is_host(hp_str s) {
    bool after_dot = true;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '.' && after_dot) return false;
        after_dot = c == '.';
        if (!after_dot && !hp_is_alnum(c) && c != '-' && c != '_' && (unsigned char)c < 0x80) return false;
    }
    return !after_dot;
}

/* Returns where the label that ends before `end` begins. */
static size_t label_before(hp_str s, size_t end) {
    while (end > 0 && s.p[end - 1] != '.') end--;
    return end;
}

static bool is_number(hp_str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!hp_is_digit(s.p[i])) return false;
    return true;
}

hp_str hp_registrable_domain(hp_str host) {
    const hp_str none = {"", 0};
    hp_str s = host_of(host);
    if (!is_host(s)) return none;
    size_t top = label_before(s, s.n);
    /* No top-level domain is a number: this is an IPv4 address. */
    if (top == 0 || is_number(hp_str_cut(s, top, s.n))) return none;
    size_t second = label_before(s, top - 1);
    if (!LISTED(hp_str_cut(s, second, s.n), SUFFIXES)) return hp_str_cut(s, second, s.n);
    return second == 0 ? none : hp_str_cut(s, label_before(s, second - 1), s.n);
}

static bool gives_mail(const hp_profile *p, hp_str domain) {
    if (LISTED(domain, FREE_MAIL)) return true;
    for (size_t i = 0; p && i < p->nfree_domain; i++)
        if (hp_str_ieq(domain, p->free_domain[i])) return true;
    return false;
}

bool hp_is_free_mail(const hp_profile *p, hp_str domain) {
    if (gives_mail(p, domain)) return true;
    hp_str own = hp_registrable_domain(domain);
    if (own.n == 0) return false;
    size_t dot = hp_str_chr(own, '.', 0);
    return gives_mail(p, own) || LISTED(hp_str_cut(own, 0, dot), FREE_MAIL_LABELS);
}

bool hp_is_shared_host(hp_str domain) { return LISTED(domain, SHARED_HOSTS); }
