/* Cleaning what is clean changes nothing and finds nothing: for every kind, over texts made by chance from
 * pieces that matter. */
#include "clean_case.h"
#include "base/utf8.h"

static const char *const pieces[] = {
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "-",
    " - ",
    "\xE2\x80\x94",
    " \xE2\x80\x93 ",
    "(",
    ")",
    ",",
    ", ",
    ";",
    "/",
    "|",
    ".",
    "'",
    "\"",
    "<",
    ">",
    "@",
    "&",
    "+",
    "#",
    ":",
    "?",
    "_",
    "*",
    "0",
    "00",
    "1",
    "7",
    "12",
    "27",
    "082",
    "082 123 4567",
    "+27115550100",
    "0115550100",
    "ext 4",
    "x12",
    "(0)",
    "2025",
    "2025-10-14",
    "14/10/2025",
    "03/04/25",
    "Oct",
    "October 14",
    "10:30",
    "45000",
    "1970-01-01",
    "jane",
    "Jane",
    "JANE",
    "Doe",
    "DOE",
    "van der",
    "VAN",
    "O'Connor",
    "O'CONNOR",
    "MCDOE",
    "Mc",
    "JP",
    "III",
    "Manager",
    "Owner",
    "acme",
    "Acme",
    "ACME",
    "(Pty) Ltd",
    "CC",
    "S.p.A.",
    "& Sons",
    "The",
    "Unknown",
    "Organisation 7",
    "n/a",
    "none",
    "acme.example",
    "www.",
    "WWW.ACME.EXAMPLE",
    "http://",
    "https://",
    "mailto:",
    "example.com",
    " at ",
    "(at)",
    "[dot]",
    "a@acme.example",
    "b@ACME.example",
    ":8080",
    "/a/b/",
    "?q=1",
    "Gauteng",
    "kzn",
    "W Cape",
    "South Africa",
    "NA",
    "SA",
    "Province",
    "\xC3\xA9",
    "e\xCC\x81",
    "\xC3\x89",
    "\xC3\x9F",
    "\xC4\xB0",
    "\xC4\xB1",
    "\xCE\xA3",
    "\xCF\x82",
    "\xEF\xAC\x81",
    "\xEF\xBC\xA1",
    "\xC2\xA8",
    "\xCC\x88",
    "\xC2\xA0",
    "\xE2\x80\x8B",
    "\xE2\x80\xA6",
    "\x01",
    "\x1F",
    "\xE4\xB8\xAD",
    "\xF0\x9F\x98\x80",
    "\xE1\x84\x80\xE1\x85\xA1",
    "\xEF\xB7\xBA",
    "\xEF\xBC\xA0",
    "\xE2\x91\xA0",
    "\xC7\x86",
    "\xE1\xBE\xB3",
};
enum { PIECES = sizeof pieces / sizeof *pieces, ROUNDS = 10000 };

static uint64_t seed = 42;

static uint32_t roll(uint32_t n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

static void make(hp_buf *to) {
    hp_buf_clear(to);
    for (uint32_t n = 1 + roll(1 + roll(8)); n > 0; n--) hp_buf_puts(to, pieces[roll(PIECES)]);
}

/* Tells whether a finding may come again: what is kept as written is not known the second time either. */
static bool may_repeat(uint16_t rule) {
    return rule == HP_R_PROVINCE_UNKNOWN || rule == HP_R_COUNTRY_UNKNOWN;
}

typedef struct {
    hp_buf in, shown;
    hp_clean_out once, twice;
    size_t values;
} bench;

/* Cleans one member of a result again and compares. */
static void check_member(bench *b, hp_kind kind, const hp_clean_ctx *ctx, hp_str member) {
    hp_buf_clear(&b->twice.value);
    hp_buf_clear(&b->twice.extra);
    hp_clean_for(kind)(ctx, member, b->once.typed, &b->twice);
    bool same = hp_str_eq(hp_buf_str(&b->twice.value), member) && hp_utf8_valid(member, NULL);
    for (size_t i = 0; i < b->twice.nrule; i++) same &= may_repeat(b->twice.rule[i]);
    /* The key of a name stays; the role of a person was taken out. */
    same &= kind == HP_K_ORG_NAME ? hp_str_eq(hp_buf_str(&b->once.extra), hp_buf_str(&b->twice.extra))
                                  : b->twice.extra.n == 0;
    if (same) return;
    hp_buf_clear(&b->shown);
    clean_describe(&b->twice, &b->shown);
    fail_msg("kind %s: \"%.*s\" gave \"%.*s\", which gave \"%s\"", hp_kind_name(kind),
             HP_FMT(hp_buf_str(&b->in)), HP_FMT(member), hp_buf_cstr(&b->shown));
}

static void check_kind(bench *b, hp_kind kind, const hp_clean_ctx *ctx) {
    for (int i = 0; i < ROUNDS; i++) {
        make(&b->in);
        hp_buf_clear(&b->once.value);
        hp_buf_clear(&b->once.extra);
        hp_clean_for(kind)(ctx, hp_buf_str(&b->in), roll(10) ? HP_T_TEXT : HP_T_NUMBER, &b->once);
        assert_false(b->once.value.bad || b->once.extra.bad);
        assert_true(b->once.nrule <= HP_CLEAN_RULES);
        hp_str rest = hp_buf_str(&b->once.value), member;
        b->values += rest.n > 0;
        while (hp_str_next(&rest, HP_LIST_SEP, &member)) check_member(b, kind, ctx, member);
        /* A list as a whole too. */
        if (b->once.value.n) check_member(b, kind, ctx, hp_buf_str(&b->once.value));
    }
}

static void test_idempotent(void **state) {
    (void)state;
    hp_clean_ctx home = clean_ctx(), abroad = clean_ctx();
    memcpy(abroad.country, "DE", 3);
    abroad.day_first = false;
    bench b = {.in = hp_buf_new(4096), .shown = hp_buf_new(1u << 16)};
    b.once.value = b.once.extra = b.twice.value = b.twice.extra = hp_buf_new(1u << 16);
    for (int k = 0; k < HP_KIND_COUNT; k++) {
        b.values = 0;
        check_kind(&b, (hp_kind)k, &home);
        check_kind(&b, (hp_kind)k, &abroad);
        if (b.values < 100)
            fail_msg("only %zu values of kind %s: that tests nothing", b.values, hp_kind_name((hp_kind)k));
    }
    hp_buf_free(&b.in);
    hp_buf_free(&b.shown);
    hp_buf_free(&b.once.value);
    hp_buf_free(&b.once.extra);
    hp_buf_free(&b.twice.value);
    hp_buf_free(&b.twice.extra);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_idempotent)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
