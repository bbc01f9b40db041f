#include "unit.h"

#include "base/mem.h"
#include "enrich/charset.h"
#include "enrich/page.h"
#include "enrich/site.h"

/* Reads a page and writes its facts, one a line: field, place, value. */
static const char *facts(const char *html, const char *type, hp_buf *out) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_page p;
    hp_err err = {0};
    assert_ok(hp_page_read(a, hp_str_of(html), hp_str_of(type), &p, &err), err);
    hp_buf_clear(out);
    for (size_t i = 0; i < p.fact.n; i++)
        hp_buf_printf(out, "%s/%s=%.*s\n", hp_field_get(p.fact.p[i].field)->name,
                      hp_fact_place_word(p.fact.p[i].place), HP_FMT(p.fact.p[i].value));
    hp_page_free(&p);
    return hp_buf_cstr(out);
}

#define FACTS(html, expected)                                                             \
    do {                                                                                  \
        hp_autobuf fb_ = hp_buf_new(1u << 20);                                            \
        assert_string_equal(facts((html), "text/html; charset=utf-8", &fb_), (expected)); \
    } while (0)

static void reads_links(void **state) {
    (void)state;
    FACTS("<a href='mailto:Info@Acme.Example?subject=Hi'>Mail</a>", "contact_email/link=Info@Acme.Example\n");
    FACTS("<a href='MAILTO:info%40acme.example'>x</a>", "contact_email/link=info@acme.example\n");
    FACTS("<a href=' tel:+27-11-555-0100;ext=1 '>x</a>", "contact_phone/link=+27-11-555-0100\n");
    FACTS("<a href='tel:+27%2011%20555%200100'>x</a>", "contact_phone/link=+27 11 555 0100\n");
    FACTS("<a href='fax:+27115550101'>x</a>", "fax/link=+27115550101\n");
    FACTS("<a href='https://acme.example/'>x</a>", "");
    /* One that text says too is one fact, at the place that is trusted more. */
    FACTS("<p>info@acme.example</p><a href='mailto:INFO@acme.example'>x</a>",
          "contact_email/link=INFO@acme.example\n");
}

static void reads_jsonld(void **state) {
    (void)state;
    FACTS(
        "<script type='application/ld+json'>{\"@context\":\"https://schema.org\",\"@type\":\"LocalBusiness\","
        "\"name\":\"Acme\",\"email\":\"mailto:a@acme.example\",\"telephone\":[\"+27 11 555 0100\",\"+27 11 555 0101\"],"
        "\"address\":{\"@type\":\"PostalAddress\",\"streetAddress\":\"1 Main Rd\",\"addressLocality\":\"Springs\","
        "\"addressRegion\":\"Gauteng\",\"postalCode\":1559,\"addressCountry\":{\"@type\":\"Country\",\"name\":\"ZA\"}},"
        "\"contactPoint\":[{\"email\":\"b@acme.example\"}]}</script>",
        "organization_name/JSON-LD=Acme\ncontact_email/JSON-LD=a@acme.example\n"
        "contact_phone/JSON-LD=+27 11 555 0100\ncontact_phone/JSON-LD=+27 11 555 0101\n"
        "address/JSON-LD=1 Main Rd\ncity/JSON-LD=Springs\nprovince/JSON-LD=Gauteng\npostal_code/JSON-LD=1559\n"
        "country/JSON-LD=ZA\ncontact_email/JSON-LD=b@acme.example\n");
    FACTS(
        "<script type='application/ld+json; charset=utf-8'>{\"@graph\":[{\"@type\":\"WebPage\",\"publisher\":"
        "{\"@type\":[\"Thing\",\"Organization\"],\"email\":\"a@acme.example\"}}]}</script>",
        "contact_email/JSON-LD=a@acme.example\n");
    /* People are none of it, nor is what is no JSON. */
    FACTS(
        "<script type='application/ld+json'>{\"@type\":\"Person\",\"email\":\"thandi@acme.example\"}</script>",
        "");
    FACTS(
        "<script type='application/ld+json'>{\"@type\":\"Organization\",\"email\":\"a@acme.example\"</script>",
        "");
    FACTS(
        "<script type='application/json'>{\"@type\":\"Organization\",\"email\":\"a@acme.example\"}</script>",
        "");
    FACTS("<script>var mail = 'a@acme.example';</script>", "");
}

static void reads_microdata(void **state) {
    (void)state;
    FACTS(
        "<div itemscope itemtype='https://schema.org/FlightSchool'><span itemprop=name>Blue Sky</span>"
        "<div itemprop=address itemscope itemtype='http://schema.org/PostalAddress'>"
        "<span itemprop=streetAddress>Hangar 4,\n Rand Airport</span><meta itemprop=postalCode content=1401></div>"
        "<b itemprop=telephone content='+27115550100'>call</b></div>",
        "organization_name/microdata=Blue Sky\naddress/microdata=Hangar 4, Rand Airport\n"
        "postal_code/microdata=1401\ncontact_phone/microdata=+27115550100\n");
    FACTS("<div itemscope itemtype='https://schema.org/Person'><i itemprop=telephone>011 555 0100</i></div>",
          "");
    FACTS(
        "<div itemscope itemtype='https://schema.org/PostalAddress'><i itemprop=addressLocality>Springs</i></div>",
        "city/microdata=Springs\n");
    FACTS("<i itemprop=telephone>011 555 0100</i>", "");
}

static void reads_text(void **state) {
    (void)state;
    FACTS("<p>Write to info@acme.example, or (sales@acme.example).</p>",
          "contact_email/text=info@acme.example\ncontact_email/text=sales@acme.example\n");
    FACTS("<p>logo@2x.png a@b @c d@ x@y.z1 user@localhost</p>", "");
    FACTS("<p>Tel: (011) 555-0100<br>Fax: 011 555 0199<br>+27 82 555 0123</p>",
          "contact_phone/text=(011) 555-0100\nfax/text=011 555 0199\ncontact_phone/text=+27 82 555 0123\n");
    /* Numbers that nothing announces are no phones: dates, prices, registrations. */
    FACTS("<p>2023-01-15 10:00, R 1 250 000.00, reg. 2001/012345/07, ISBN 978-3-16-148410-0</p>", "");
    FACTS("<p>Tel: 011 555 0100 2001/012345/07</p>", "contact_phone/text=011 555 0100\n");
    FACTS("<style>a@b.example</style><noscript>c@d.example</noscript><template>e@f.example</template>", "");
    FACTS("info@<b>acme</b>.example", "contact_email/text=info@acme.example\n");
    FACTS("<td>info@acme.example<td>next", "contact_email/text=info@acme.example\n");
}

static void reads_address_elements(void **state) {
    (void)state;
    FACTS(
        "<address>12 Wing Street<br>Springs,<br>1559<br>Tel: 011 555 0100<br><a href='mailto:a@acme.example'>a@acme.example</a>"
        "</address>",
        "address/address element=12 Wing Street, Springs, 1559\ncontact_email/link=a@acme.example\n"
        "contact_phone/text=011 555 0100\n");
    FACTS("<address>Written by the team</address>", "");
}

static void finds_pages_about_contact(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_page p;
    hp_err err = {0};
    hp_str html = HP_S("<title> Acme \n Flying </title><a href=/about>About</a><a href='/p/7'>Contact us</a>"
                       "<a href=/news>News</a><a href=''>Contact</a>");
    assert_ok(hp_page_read(a, html, HP_S(""), &p, &err), err);
    assert_int_equal(p.link.n, 2);
    assert_view(p.link.p[0].href, "/about");
    assert_view(p.link.p[1].href, "/p/7");
    assert_true(p.link.p[1].rank > p.link.p[0].rank);
    hp_page_free(&p);
}

/* ---- character sets ---- */

static void reads_characters(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *type, *text;
    } CASE[] = {
        {"caf\xC3\xA9", 5, "text/html; charset=utf-8", "caf\xC3\xA9"},
        {"caf\xC3\xA9", 5, "text/html; charset=iso-8859-1",
         "caf\xC3\xA9"},                                           /* declared wrongly, and yet UTF-8 */
        {"caf\xE9", 4, "text/html; charset=utf-8", "caf\xC3\xA9"}, /* the other way round */
        {"caf\xE9 \x80", 6, "text/html; charset=iso-8859-1", "caf\xC3\xA9 \xE2\x82\xAC"},
        {"caf\xE9", 4, "text/html", "caf\xC3\xA9"},
        {"caf\xE9", 4, "text/html; charset=nonsense", "caf\xC3\xA9"},
        {"\x83\x65", 2, "text/html; charset=\"Shift_JIS\"", "\xE3\x83\x86"},
        {"<meta charset='koi8-r'>\xF2", 24, "text/html", "<meta charset='koi8-r'>\xD0\xA0"},
        {"\xEF\xBB\xBFx", 4, "text/html; charset=utf-16", "x"},
        {"\xFF\xFEx\0y\0", 6, "", "xy"},
        {"a\0b", 3, "", "a b"},
        {"\x1b$B%F\x1b(B", 8, "text/html; charset=iso-2022-jp", "\xE3\x83\x86"},
        {"\x83", 1, "text/html; charset=Shift_JIS", "\xEF\xBF\xBD"},
        {"", 0, "text/html", ""},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_autobuf out = hp_buf_new(1000);
        hp_charset_read((hp_str){CASE[i].bytes, CASE[i].n}, hp_str_of(CASE[i].type), &out);
        if (!hp_str_eq(hp_buf_str(&out), hp_str_of(CASE[i].text)))
            fail_msg("case %zu: got \"%.*s\"", i, HP_FMT(hp_buf_str(&out)));
    }
}

static void reads_a_page_of_another_set(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(10000);
    assert_string_equal(
        facts(
            "<div itemscope itemtype='https://schema.org/School'><i itemprop=addressLocality>K\xF6ln</i></div>",
            "text/html; charset=utf-8", &out),
        "city/microdata=K\xC3\xB6ln\n");
}

/* ---- hostile pages: what would take long, or deep ---- */

static void survives_hostile_pages(void **state) {
    (void)state;
    static char page[1u << 20];
    hp_autobuf out = hp_buf_new(1u << 20);
    static const char *const PIECE[] = {"<div>",
                                        "<div itemscope itemprop=email>",
                                        "<a href=x>",
                                        "</x>",
                                        "<p><b>",
                                        "@",
                                        "+1",
                                        "(((((",
                                        "<table><tr><td>",
                                        "<!--",
                                        "<a b=\"<a c='"};
    for (size_t i = 0; i < sizeof PIECE / sizeof *PIECE; i++) {
        size_t n = strlen(PIECE[i]);
        for (size_t at = 0; at + n < sizeof page; at += n) memcpy(page + at, PIECE[i], n);
        page[(sizeof page - 1) / n * n] = 0;
        (void)facts(page, "text/html", &out);
    }
    /* A tag of 150,000 attributes: without thinning out it takes minutes. What follows is still read. */
    size_t n = (size_t)snprintf(page, sizeof page, "<p ");
    for (int i = 0; i < 150000 && n + 40 < sizeof page; i++) n += (size_t)snprintf(page + n, 20, "a%d ", i);
    (void)snprintf(page + n, sizeof page - n, ">info@acme.example");
    assert_string_equal(facts(page, "text/html", &out), "contact_email/text=info@acme.example\n");
}

/* Each allocation fails in turn: the page is read whole, or the error says that memory ran out. */
static void survives_want_of_memory(void **state) {
    (void)state;
    hp_str html = HP_S(
        "<title>x</title><script type='application/ld+json'>{\"@type\":\"School\",\"email\":[\"a@b.example\"]}</script>"
        "<a href='mailto:c@d.example'>m</a><a href=/contact>Contact</a><address>1 Main Road</address>"
        "<div itemscope itemtype='https://schema.org/School'><i itemprop=telephone>+27115550100</i></div>");
    bool done = false;
    for (uint64_t n = 1; !done; n++) {
        hp_autoarena *a = hp_arena_new(NULL);
        hp_page p = {0};
        hp_err err = {0};
        uint64_t before = hp_mem_failures();
        hp_mem_fail_at(n);
        hp_code code = hp_page_read(a, html, HP_S(""), &p, &err);
        hp_mem_fail_at(0);
        done = hp_mem_failures() == before;
        if (done) {
            assert_int_equal(code, HP_OK);
            assert_int_equal(p.fact.n, 4);
        } else if (code != HP_OK) {
            assert_int_equal(code, HP_RETRY);
            assert_contains(err.message, "memory");
        }
        hp_page_free(&p);
    }
}

/* ---- trust ---- */

static double trust(hp_field f, const char *value, hp_fact_place place, bool contact) {
    hp_fact fact = {.field = f, .value = hp_str_of(value), .place = place};
    return hp_site_confidence(&fact, contact, HP_S("www.acme.example"));
}

static void trusts_by_place(void **state) {
    (void)state;
    assert_true(trust(HP_F_CONTACT_PHONE, "1", HP_FACT_JSONLD, false) == 0.92);
    assert_true(trust(HP_F_CONTACT_PHONE, "1", HP_FACT_LINK, false) == 0.80);
    assert_true(trust(HP_F_CONTACT_PHONE, "1", HP_FACT_LINK, true) == 0.85);
    assert_true(trust(HP_F_CONTACT_PHONE, "1", HP_FACT_TEXT, false) == 0.60);
    assert_true(trust(HP_F_CONTACT_EMAIL, "a@acme.example", HP_FACT_LINK, false) == 0.83);
    assert_true(trust(HP_F_CONTACT_EMAIL, "a@mail.acme.example", HP_FACT_LINK, false) == 0.83);
    assert_true(trust(HP_F_CONTACT_EMAIL, "a@notacme.example", HP_FACT_LINK, false) == 0.65);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_links),
                                       cmocka_unit_test(reads_jsonld),
                                       cmocka_unit_test(reads_microdata),
                                       cmocka_unit_test(reads_text),
                                       cmocka_unit_test(reads_address_elements),
                                       cmocka_unit_test(finds_pages_about_contact),
                                       cmocka_unit_test(reads_characters),
                                       cmocka_unit_test(reads_a_page_of_another_set),
                                       cmocka_unit_test(survives_hostile_pages),
                                       cmocka_unit_test(survives_want_of_memory),
                                       cmocka_unit_test(trusts_by_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
