#include "unit.h"

#include <arpa/inet.h>

#include "net/address.h"
#include "net/retry.h"
#include "net/url.h"

/* The networks of IANA's special-purpose registries: first and last address of each, and the neighbours
 * outside. */
static void classes_of_ipv4(void **state) {
    (void)state;
    static const struct {
        const char *text;
        hp_address_class kind;
    } CASE[] = {
        {"0.0.0.0", HP_ADDRESS_RESERVED},       {"0.255.255.255", HP_ADDRESS_RESERVED},
        {"1.0.0.0", HP_ADDRESS_PUBLIC},         {"9.255.255.255", HP_ADDRESS_PUBLIC},
        {"10.0.0.0", HP_ADDRESS_PRIVATE},       {"10.255.255.255", HP_ADDRESS_PRIVATE},
        {"11.0.0.0", HP_ADDRESS_PUBLIC},        {"100.63.255.255", HP_ADDRESS_PUBLIC},
        {"100.64.0.0", HP_ADDRESS_CGNAT},       {"100.127.255.255", HP_ADDRESS_CGNAT},
        {"100.128.0.0", HP_ADDRESS_PUBLIC},     {"126.255.255.255", HP_ADDRESS_PUBLIC},
        {"127.0.0.1", HP_ADDRESS_LOOPBACK},     {"127.255.255.255", HP_ADDRESS_LOOPBACK},
        {"128.0.0.0", HP_ADDRESS_PUBLIC},       {"169.253.255.255", HP_ADDRESS_PUBLIC},
        {"169.254.0.0", HP_ADDRESS_LINK_LOCAL}, {"169.254.169.254", HP_ADDRESS_LINK_LOCAL},
        {"169.255.0.0", HP_ADDRESS_PUBLIC},     {"172.15.255.255", HP_ADDRESS_PUBLIC},
        {"172.16.0.0", HP_ADDRESS_PRIVATE},     {"172.31.255.255", HP_ADDRESS_PRIVATE},
        {"172.32.0.0", HP_ADDRESS_PUBLIC},      {"192.0.0.1", HP_ADDRESS_RESERVED},
        {"192.0.1.0", HP_ADDRESS_PUBLIC},       {"192.0.2.1", HP_ADDRESS_RESERVED},
        {"192.88.99.1", HP_ADDRESS_RESERVED},   {"192.167.255.255", HP_ADDRESS_PUBLIC},
        {"192.168.0.0", HP_ADDRESS_PRIVATE},    {"192.168.255.255", HP_ADDRESS_PRIVATE},
        {"192.169.0.0", HP_ADDRESS_PUBLIC},     {"198.17.255.255", HP_ADDRESS_PUBLIC},
        {"198.18.0.0", HP_ADDRESS_RESERVED},    {"198.19.255.255", HP_ADDRESS_RESERVED},
        {"198.20.0.0", HP_ADDRESS_PUBLIC},      {"198.51.100.7", HP_ADDRESS_RESERVED},
        {"203.0.113.7", HP_ADDRESS_RESERVED},   {"223.255.255.255", HP_ADDRESS_PUBLIC},
        {"224.0.0.1", HP_ADDRESS_MULTICAST},    {"239.255.255.255", HP_ADDRESS_MULTICAST},
        {"240.0.0.1", HP_ADDRESS_RESERVED},     {"255.255.255.255", HP_ADDRESS_RESERVED},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_address_class kind;
        assert_true(hp_address_literal(hp_str_of(CASE[i].text), &kind));
        if (kind != CASE[i].kind) fail_msg("%s is a %s", CASE[i].text, hp_address_word(kind));
    }
}

static void classes_of_ipv6(void **state) {
    (void)state;
    static const struct {
        const char *text;
        hp_address_class kind;
    } CASE[] = {
        {"::1", HP_ADDRESS_LOOPBACK},
        {"::", HP_ADDRESS_RESERVED},
        {"2606:4700::1111", HP_ADDRESS_PUBLIC},
        {"2001:4860:4860::8888", HP_ADDRESS_PUBLIC},
        {"2001:200::1", HP_ADDRESS_PUBLIC},
        {"2001:0:53aa:64c::1", HP_ADDRESS_RESERVED},
        {"2001:db8::1", HP_ADDRESS_RESERVED},
        {"3fff:fff::1", HP_ADDRESS_RESERVED},
        {"3fff:1000::1", HP_ADDRESS_PUBLIC},
        {"fc00::1", HP_ADDRESS_PRIVATE},
        {"fdff:ffff::1", HP_ADDRESS_PRIVATE},
        {"fe80::1", HP_ADDRESS_LINK_LOCAL},
        {"febf::1", HP_ADDRESS_LINK_LOCAL},
        {"fec0::1", HP_ADDRESS_PRIVATE},
        {"ff02::1", HP_ADDRESS_MULTICAST},
        {"100::1", HP_ADDRESS_RESERVED},
        {"4000::1", HP_ADDRESS_RESERVED},
        {"::ffff:127.0.0.1", HP_ADDRESS_LOOPBACK},
        {"::ffff:10.1.2.3", HP_ADDRESS_PRIVATE},
        {"::ffff:169.254.169.254", HP_ADDRESS_LINK_LOCAL},
        {"::ffff:8.8.8.8", HP_ADDRESS_PUBLIC},
        {"::ffff:0:7f00:1", HP_ADDRESS_LOOPBACK},
        {"::127.0.0.1", HP_ADDRESS_LOOPBACK},
        {"64:ff9b::7f00:1", HP_ADDRESS_LOOPBACK},
        {"64:ff9b::808:808", HP_ADDRESS_PUBLIC},
        {"64:ff9b:1::808:808", HP_ADDRESS_PRIVATE},
        {"2002:7f00:1::1", HP_ADDRESS_LOOPBACK},
        {"2002:c0a8:101::1", HP_ADDRESS_PRIVATE},
        {"2002:808:808::1", HP_ADDRESS_PUBLIC},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_address_class kind;
        struct sockaddr_in6 sa = {.sin6_family = AF_INET6};
        assert_true(hp_address_literal(hp_str_of(CASE[i].text), &kind));
        if (kind != CASE[i].kind) fail_msg("%s is a %s", CASE[i].text, hp_address_word(kind));
        assert_int_equal(inet_pton(AF_INET6, CASE[i].text, &sa.sin6_addr), 1);
        assert_int_equal(hp_address_of((const struct sockaddr *)&sa), kind);
    }
}

static void who_may_be_asked(void **state) {
    (void)state;
    for (int c = HP_ADDRESS_PUBLIC; c <= HP_ADDRESS_UNKNOWN; c++) {
        hp_address_class k = (hp_address_class)c;
        bool inside = k == HP_ADDRESS_LOOPBACK || k == HP_ADDRESS_PRIVATE || k == HP_ADDRESS_CGNAT;
        assert_int_equal(hp_address_allowed(k, false), k == HP_ADDRESS_PUBLIC);
        assert_int_equal(hp_address_allowed(k, true), k == HP_ADDRESS_PUBLIC || inside);
    }
    hp_address_class kind;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr = {htonl(0x7f000001)}};
    struct sockaddr other = {.sa_family = AF_UNIX};
    assert_int_equal(hp_address_of((const struct sockaddr *)&v4), HP_ADDRESS_LOOPBACK);
    assert_int_equal(hp_address_of(&other), HP_ADDRESS_UNKNOWN);
    assert_true(hp_address_literal(HP_S("[::1]"), &kind));
    assert_int_equal(kind, HP_ADDRESS_LOOPBACK);
    assert_true(hp_address_literal(HP_S("[fe80::1%25eth0]"), &kind));
    assert_int_equal(kind, HP_ADDRESS_LINK_LOCAL);
    assert_false(hp_address_literal(HP_S("localhost"), &kind));
    assert_false(hp_address_literal(HP_S("1.2.3"), &kind));
    assert_false(hp_address_literal(HP_S(""), &kind));
    assert_true(hp_port_allowed(80) && hp_port_allowed(443) && hp_port_allowed(8080));
    assert_false(hp_port_allowed(25) || hp_port_allowed(22) || hp_port_allowed(0) || hp_port_allowed(70000));
}

/* ---- URLs ---- */

static void read_url(const char *base, const char *text, const char *wanted) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_url from, url = {0};
    hp_err err = {0};
    if (base) assert_ok(hp_url_read(a, hp_str_of(base), NULL, &from, &err), err);
    hp_code code = hp_url_read(a, hp_str_of(text), base ? &from : NULL, &url, &err);
    if (wanted[0] == '!') {
        assert_int_equal(code, HP_USAGE);
        assert_contains(err.message, wanted + 1);
    } else {
        if (code != HP_OK) fail_msg("%s: %s", text, err.message);
        assert_view(url.text, wanted);
    }
}

static void reads_urls(void **state) {
    (void)state;
    read_url(NULL, " HTTP://Acme.Example/A?b=c#d ", "http://acme.example/A?b=c");
    read_url(NULL, "https://acme.example:443", "https://acme.example/");
    read_url(NULL, "https://acme.example:8443/x", "https://acme.example:8443/x");
    read_url(NULL, "http://0x7f.1/", "http://127.0.0.1/");
    read_url(NULL, "http://2130706433/", "http://127.0.0.1/");
    read_url(NULL, "http://[::FFFF:127.0.0.1]/", "http://[::ffff:127.0.0.1]/");
    read_url(NULL, "http://acme.example/a b", "http://acme.example/a%20b");
    read_url("https://acme.example/a/b", "../c?d", "https://acme.example/c?d");
    read_url("https://acme.example/a/b", "//other.example/", "https://other.example/");
    read_url("https://acme.example/a/b", "http://other.example", "http://other.example/");
    read_url("https://acme.example/a/b", "?q=1", "https://acme.example/a/b?q=1");
}

static void refuses_urls(void **state) {
    (void)state;
    read_url(NULL, "", "!empty");
    read_url(NULL, "file:///etc/passwd", "!the scheme file is not http or https");
    read_url(NULL, "FILE:///etc/passwd", "!the scheme file");
    read_url("https://acme.example/", "file:///etc/passwd", "!the scheme file");
    read_url("https://acme.example/", "gopher://acme.example/", "!the scheme gopher");
    read_url("https://acme.example/", "javascript:alert(1)", "!the scheme javascript");
    read_url(NULL, "https://user:secret@acme.example/", "!user name");
    read_url(NULL, "https://acme\x01.example/", "!control character");
    read_url(NULL, "https://", "!no URL");
    read_url(NULL, "https://acme.example:99999/", "!no URL");
}

static void shows_urls_without_their_query(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autobuf out = hp_buf_new(1000);
    hp_url url;
    hp_err err = {0};
    assert_ok(hp_url_read(a, HP_S("https://acme.example/find?name=Thandi"), NULL, &url, &err), err);
    hp_url_show(&url, &out);
    assert_view(hp_buf_str(&out), "https://acme.example/find?...");
    assert_view(url.path, "/find?name=Thandi");
    hp_buf_clear(&out);
    hp_url_escape(HP_S("A & B/\xC3\xA9~"), &out);
    assert_view(hp_buf_str(&out), "A%20%26%20B%2F%C3%A9~");
}

/* ---- retries and pace ---- */

static void backs_off(void **state) {
    (void)state;
    static const uint32_t MOST[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(hp_retry_wait(i + 1, 0), MOST[i] / 2);
        for (uint64_t r = 0; r < 100000; r += 37) {
            uint32_t wait = hp_retry_wait(i + 1, r);
            assert_in_range(wait, MOST[i] / 2, MOST[i]);
        }
    }
    assert_in_range(hp_retry_wait(4000000000u, 12345), 15000, 30000);
    assert_true(hp_retry_status(429) && hp_retry_status(503) && hp_retry_status(408));
    assert_false(hp_retry_status(404) || hp_retry_status(501) || hp_retry_status(200));
}

static void paces_a_host(void **state) {
    (void)state;
    hp_pace p = {0};
    uint64_t begun[6], now = 1000;
    for (int i = 0; i < 6; i++) { /* a burst of three, then one each interval */
        now = hp_pace_next(&p, now, 100, 3);
        hp_pace_take(&p, now, 100);
        begun[i] = now;
    }
    static const uint64_t WANTED[] = {1000, 1000, 1000, 1100, 1200, 1300};
    for (int i = 0; i < 6; i++) assert_int_equal(begun[i], WANTED[i]);
    hp_pace_hold(&p, 9000, 100, 3);
    assert_int_equal(hp_pace_next(&p, now, 100, 3), 9000);
    hp_pace_hold(&p, 2000, 100, 3); /* a shorter one does not shorten it */
    assert_int_equal(hp_pace_next(&p, now, 100, 3), 9000);
    assert_int_equal(hp_pace_next(&p, 20000, 100, 3), 20000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_of_ipv4),  cmocka_unit_test(classes_of_ipv6),
        cmocka_unit_test(who_may_be_asked), cmocka_unit_test(reads_urls),
        cmocka_unit_test(refuses_urls),     cmocka_unit_test(shows_urls_without_their_query),
        cmocka_unit_test(backs_off),        cmocka_unit_test(paces_a_host)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
