#include <stdio.h>

#include "profile/profile.h"
#include "resolve/domain.h"
#include "resolve/resolve.h"
#include "unit.h"

static void registrable_domains(void **state) {
    (void)state;
    static const struct {
        const char *host, *domain;
    } CASE[] = {
        {"www.a.co.za", "a.co.za"},
        {"a.co.za", "a.co.za"},
        {"co.za", ""},
        {"x.y.z.a.co.za", "a.co.za"},
        {"https://www.kestrel.example/path/to?x=1#y", "kestrel.example"},
        {"https://kestrel.example", "kestrel.example"},
        {"kestrel.example?x=a.b", "kestrel.example"},
        {"mail.kestrel.test", "kestrel.test"},
        {"https://user:word@www.kestrel.example:8080/", "kestrel.example"},
        {"info@mail.kestrel-invented.org.za", "kestrel-invented.org.za"},
        {"Kestrel.CO.ZA", "Kestrel.CO.ZA"},
        {"WWW.Kestrel.CO.ZA", "Kestrel.CO.ZA"},
        {"kestrel.example.", "kestrel.example"},
        {"shop.school.za", "shop.school.za"},
        {"a.b.co.uk", "b.co.uk"},
        {"a.b.com", "b.com"},
        {"m\xC3\xBCnchen.example", "m\xC3\xBCnchen.example"},
        {"localhost", ""},
        {"192.168.1.20", ""},
        {"https://10.0.0.1:80/x", ""},
        {"http://[2001:db8::1]/", ""},
        {"a..za", ""},
        {".co.za", ""},
        {"not a host.example", ""},
        {"", ""},
        {"https://", ""},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_str host = hp_str_of(CASE[i].host);
        hp_str got = hp_registrable_domain(host);
        assert_view(got, CASE[i].domain);
        if (got.n) assert_true(got.p >= host.p && got.p + got.n <= host.p + host.n);
    }
}

static void every_listed_suffix_is_found(void **state) {
    (void)state;
    /* The first and last rows of the sorted tables, and some between: a table out of order loses entries. */
    static const char *const SUFFIX[] = {"ac.bw",  "ac.za",     "alt.za", "co.ao",  "co.ke",  "co.na",
                                         "co.uk",  "co.zw",     "com.au", "com.br", "com.zm", "edu.za",
                                         "gov.za", "law.za",    "net.za", "nom.za", "org.au", "org.za",
                                         "plc.uk", "school.za", "tm.za",  "web.za"};
    for (size_t i = 0; i < sizeof SUFFIX / sizeof *SUFFIX; i++) {
        char host[64];
        snprintf(host, sizeof host, "www.kestrel.%s", SUFFIX[i]);
        assert_view(hp_registrable_domain(hp_str_of(host)), host + 4);
    }
}

static void free_mail(void **state) {
    (void)state;
    static const char *const FREE[] = {"gmail.com",      "GMAIL.COM",       "googlemail.com", "yahoo.com",
                                       "yahoo.co.uk",    "yahoo.co.za",     "hotmail.com",    "hotmail.co.za",
                                       "outlook.com",    "live.com",        "live.co.za",     "icloud.com",
                                       "me.com",         "aol.com",         "gmx.de",         "gmx.net",
                                       "proton.me",      "protonmail.com",  "protonmail.ch",  "zoho.com",
                                       "mweb.co.za",     "mail.mweb.co.za", "telkomsa.net",   "webmail.co.za",
                                       "vodamail.co.za", "iafrica.com",     "absamail.co.za", "lantic.net",
                                       "polka.co.za",    "126.com",         "zohomail.com"};
    static const char *const OWN[] = {"kestrel.example",
                                      "kestrel-invented.co.za",
                                      "gmail.kestrel-invented.co.za",
                                      "notgmail.com",
                                      "co.za",
                                      "",
                                      "localhost"};
    for (size_t i = 0; i < sizeof FREE / sizeof *FREE; i++)
        if (!hp_is_free_mail(NULL, hp_str_of(FREE[i]))) fail_msg("%s is free mail", FREE[i]);
    for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++)
        if (hp_is_free_mail(NULL, hp_str_of(OWN[i]))) fail_msg("%s is not free mail", OWN[i]);
}

static void a_profile_adds_free_mail(void **state) {
    (void)state;
    hp_str more[] = {HP_S("dorp.example")};
    hp_profile p = {.free_domain = more, .nfree_domain = 1};
    assert_true(hp_is_free_mail(&p, HP_S("dorp.example")));
    assert_true(hp_is_free_mail(&p, HP_S("mail.Dorp.example")));
    assert_false(hp_is_free_mail(NULL, HP_S("dorp.example")));
    assert_true(hp_is_free_mail(&p, HP_S("gmail.com")));
}

static void pages_of_many(void **state) {
    (void)state;
    assert_true(hp_is_shared_host(HP_S("facebook.com")));
    assert_true(hp_is_shared_host(HP_S("bit.ly")));
    assert_true(hp_is_shared_host(HP_S("youtube.com")));
    assert_false(hp_is_shared_host(HP_S("kestrel.example")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registrable_domains), cmocka_unit_test(every_listed_suffix_is_found),
        cmocka_unit_test(free_mail),           cmocka_unit_test(a_profile_adds_free_mail),
        cmocka_unit_test(pages_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
