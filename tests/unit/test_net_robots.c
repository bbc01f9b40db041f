#include "unit.h"

#include "net/robots.h"

static bool allows(const char *file, const char *path) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_robots *r;
    hp_err err = {0};
    assert_ok(hp_robots_read(a, hp_str_of(file), HP_S("hotpass"), &r, &err), err);
    return hp_robots_allows(r, hp_str_of(path));
}

static void finds_its_group(void **state) {
    (void)state;
    assert_true(allows("", "/x"));
    assert_false(allows("User-agent: *\nDisallow: /", "/x"));
    assert_true(allows("User-agent: other\nDisallow: /", "/x"));
    /* A group of its own wins over *, wherever it stands and however it is written. */
    assert_true(allows("User-agent: *\nDisallow: /\n\nuser-AGENT : HotPass/2.0 (x)\nDisallow: /no", "/x"));
    assert_false(allows("User-agent: hotpass\nDisallow: /no\nUser-agent: *\nAllow: /", "/no"));
    assert_true(allows("User-agent: hotpassing\nDisallow: /\n", "/x"));
    /* Several lines name one group; several groups are one. */
    assert_false(allows("User-agent: a\nUser-agent: hotpass\nUser-agent: b\nDisallow: /x", "/x"));
    assert_false(allows(
        "User-agent: hotpass\nDisallow: /x\nUser-agent: b\nDisallow: /y\nUser-agent: hotpass\nDisallow: /z",
        "/z"));
    assert_true(allows(
        "User-agent: hotpass\nDisallow: /x\nUser-agent: b\nDisallow: /y\nUser-agent: hotpass\nDisallow: /z",
        "/y"));
    /* Rules before any group are nobody's; other lines do not end a group. */
    assert_true(allows("Disallow: /\nUser-agent: *\nAllow: /", "/x"));
    assert_false(allows("User-agent: *\nSitemap: https://acme.example/map\nDisallow: /x", "/x"));
    assert_false(allows("User-agent: b\nCrawl-delay: 1\nUser-agent: hotpass\nDisallow: /x", "/x"));
}

/* The examples of RFC 9309, 5.1 and 5.2, and of its section 2.2.2. */
static void matches_as_the_rfc_says(void **state) {
    (void)state;
    assert_true(allows("User-Agent: hotpass\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
                       "/example/page/"));
    assert_false(allows("User-Agent: hotpass\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
                        "/example/page/disallowed.gif"));
    const char *gif = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n";
    assert_false(allows(gif, "/a/b.gif"));
    assert_true(allows(gif, "/a/b.gif?x"));
    assert_false(allows(gif, "/example/x"));
    assert_true(allows(gif, "/publications/x"));
    assert_true(allows("User-agent: *\nAllow: /\nDisallow: /", "/x")); /* on a tie allow wins */
    assert_true(allows("User-agent: *\nDisallow: /\nAllow: /", "/x"));
    assert_false(allows("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b/c"));
    assert_false(allows("User-agent: *\nDisallow: /foo/bar?baz=quz", "/foo/bar?baz=quz"));
    assert_false(allows("User-agent: *\nDisallow: /foo/bar/\xE3\x83\x84", "/foo/bar/%E3%83%84"));
    assert_false(allows("User-agent: *\nDisallow: /foo/bar/%62%61%7A", "/foo/bar/baz"));
    assert_false(allows("User-agent: *\nDisallow: /%7ejoe", "/~joe"));
    assert_true(allows("User-agent: *\nDisallow: /a%3cd.html", "/a<d.html"));
    assert_false(allows("User-agent: *\nDisallow: /", "/index"));
    assert_true(allows("User-agent: *\nDisallow: /", "/robots.txt"));
    assert_true(allows("User-agent: *\nDisallow:", "/x"));
}

static void matches_stars(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool hit;
    } CASE[] = {{"/fish", "/fish.html", true},
                {"/fish", "/Fish.asp", false},
                {"/fish*", "/fishheads", true},
                {"/fish/", "/fish", false},
                {"/*.php", "/index.php?x", true},
                {"/*.php$", "/index.php", true},
                {"/*.php$", "/index.php?", false},
                {"/fish*.php", "/fish/x.php", true},
                {"/a*b*c", "/axxbxxc", true},
                {"/a*b*c$", "/abcbc", true},
                {"/a*b*c$", "/abcbcd", false},
                {"/$", "/", true},
                {"/$", "/x", false},
                {"/a**b", "/ab", true},
                {"*", "/x", true},
                {"/a$b", "/a$b", true},
                {"/a*$", "/abc", true}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        char file[200];
        (void)snprintf(file, sizeof file, "User-agent: *\nDisallow: %s\n", CASE[i].pattern);
        if (allows(file, CASE[i].path) == CASE[i].hit) fail_msg("%s on %s", CASE[i].pattern, CASE[i].path);
    }
}

static void reads_odd_files(void **state) {
    (void)state;
    assert_false(allows("\xEF\xBB\xBFUser-agent: *\rDisallow: /x\r", "/x")); /* mark, ends of lines of old */
    assert_false(allows("User-agent: *  # all\r\nDisallow: /x # here\r\n", "/x"));
    assert_false(allows("  User-agent:*\n\tDisallow:/x", "/x"));
    assert_true(allows("<html>no robots</html>", "/x"));
    assert_true(allows("User-agent: *\nDisallow /x", "/x"));
    /* What lies behind the first 512 KiB does not count; a star for each byte is no trap. */
    static char big[800000];
    memset(big, '\n', sizeof big - 1);
    memcpy(big, "User-agent: *\nDisallow: /a\n", 27);
    memcpy(big + 600000, "Disallow: /b\n", 13);
    assert_false(allows(big, "/a"));
    assert_true(allows(big, "/b"));
    static char stars[4200];
    (void)snprintf(stars, sizeof stars, "User-agent: *\nDisallow: /");
    for (size_t i = strlen(stars), k = 0; k < 4000; k += 2) {
        stars[i++] = '*';
        stars[i++] = 'a';
    }
    assert_true(allows(stars, "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
}

static void reads_the_delay(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_robots *r;
    hp_err err = {0};
    assert_ok(hp_robots_read(a, HP_S("User-agent: *\nCrawl-delay: 2.5\n"), HP_S("hotpass"), &r, &err), err);
    assert_true(hp_robots_delay(r) == 2.5);
    assert_ok(hp_robots_read(a, HP_S("User-agent: x\nCrawl-delay: 9\nUser-agent: *\nCrawl-delay: soon\n"),
                             HP_S("hotpass"), &r, &err),
              err);
    assert_true(hp_robots_delay(r) == 0);
    assert_true(hp_robots_delay(NULL) == 0 && hp_robots_allows(NULL, HP_S("/x")));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_its_group),
                                       cmocka_unit_test(matches_as_the_rfc_says),
                                       cmocka_unit_test(matches_stars), cmocka_unit_test(reads_odd_files),
                                       cmocka_unit_test(reads_the_delay)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
