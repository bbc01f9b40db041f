#include "base/mem.h"
#include "clean/redact.h"
#include "unit.h"

typedef struct text_case {
    const char *in, *out;
} text_case;

static void check(const hp_redactor *r, const text_case *c, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t count[HP_REDACT_KINDS] = {0};
        hp_autobuf out = hp_buf_new(10000), again = hp_buf_new(10000);
        bool changed = hp_redact(r, hp_str_of(c[i].in), &out, count);
        assert_view(hp_buf_str(&out), c[i].out);
        assert_int_equal(changed, strcmp(c[i].in, c[i].out) != 0);
        /* What was redacted stays as it is. */
        assert_false(hp_redact(r, hp_buf_str(&out), &again, count));
        assert_view(hp_buf_str(&again), c[i].out);
    }
}
#define CHECK(r, cases) check(r, cases, sizeof cases / sizeof *cases)

static const hp_redactor ALL = {.region = "ZA", .kinds = HP_REDACT_ALL};

static void addresses_and_numbers(void **state) {
    (void)state;
    static const text_case CASE[] = {
        {"mail desk@kestrel.example, not the old one.", "mail [email], not the old one."},
        {"Thandi.N+1@mail.kestrel.co.za.", "[email]."},
        {"desk [at] kestrel.example", "[email]"},
        {"call 082 123 4567 or +27 11 555 0100", "call [phone] or [phone]"},
        {"(011) 555-0100 x12", "[phone] x12"},
        {"tel: 555 0100", "tel: [phone]"},
        {"cell no 0821234567", "cell no [phone]"},
        {"+44 20 7946 0958", "[phone]"},
        {"ID 8001015009087", "ID [id]"},
        {"800101 5009 08 7", "[id]"},
        {"8001015009086", "8001015009086"}, /* the check digit is wrong */
        {"passport A12345678 expires 2027-01-01", "passport [id] expires 2027-01-01"},
        {"card 4111 1111 1111 1111", "card [id]"},
        {"licence no 1234567890", "licence no [id]"},
        {"invoice 20251014 of 2025-10-14 for R 1 234.50", "invoice 20251014 of 2025-10-14 for R 1 234.50"},
        {"order 60533207, serial 172S08212", "order 60533207, serial 172S08212"},
        {"10/10/2025 10:30, ISO 9001:2015, -26.0123", "10/10/2025 10:30, ISO 9001:2015, -26.0123"},
        {"", ""},
    };
    CHECK(&ALL, CASE);
}

static void names(void **state) {
    (void)state;
    static const text_case CASE[] = {
        {"Spoke to Thandi Nkosi about the fleet.", "Spoke to [name] about the fleet."},
        {"thandi nkosi", "thandi nkosi"}, /* without capitals nothing tells a name */
        {"Mr van der Merwe is away", "Mr van der Merwe is away"},
        {"Capt. J.P. van der Merwe flies", "Capt. [name] flies"},
        {"Dr Quluba", "Dr [name]"},
        {"the chief pilot is Zsofia Radebe", "the chief pilot is [name]"},
        {"J. Quluba signed", "[name] signed"},
        {"Thandi's number", "[name]'s number"},
        {"Ren\xC3\xA9 O'Neill", "Ren\xC3\xA9 O'Neill"}, /* neither is listed, nothing announces them */
        {"contact Ren\xC3\xA9 O'Neill", "contact [name]"},
        {"Grace period ends in May; Will send it", "Grace period ends in May; Will send it"},
        {"ask for Grace Mokoena", "ask for [name]"},
        {"moved to Port Elizabeth, sold a Robinson R44", "moved to Port Elizabeth, sold a Robinson R44"},
        {"Kestrel Aviation and Blue Ridge Flight Academy", "Kestrel Aviation and Blue Ridge Flight Academy"},
        {"meeting with Kestrel Aviation at Lanseria", "meeting with Kestrel Aviation at Lanseria"},
    };
    CHECK(&ALL, CASE);
}

static void people_that_are_known(void **state) {
    (void)state;
    hp_arena *a = hp_arena_new(NULL);
    hp_redactor r = ALL;
    hp_err e = {0};
    assert_ok(hp_redactor_know(&r, a, HP_S("Wimpie Quluba"), &e), e);
    assert_ok(hp_redactor_know(&r, a, HP_S("Solo"), &e), e);
    static const text_case CASE[] = {
        {"left it at wimpie quluba's desk", "left it at [name]'s desk"},
        {"Wimpie says so", "[name] says so"},
        {"wimpie says so", "wimpie says so"},
        {"Solo flight", "Solo flight"},
        {"WIMPIE QULUBA", "[name]"},
    };
    CHECK(&r, CASE);
    hp_redactor_free(&r);
    hp_arena_drop(a);
}

static void only_the_kinds_that_are_asked_for(void **state) {
    (void)state;
    const hp_redactor r = {.region = "ZA", .kinds = 1u << HP_REDACT_EMAIL};
    static const text_case CASE[] = {
        {"Thandi Nkosi, 082 123 4567, t@k.example", "Thandi Nkosi, 082 123 4567, [email]"}};
    CHECK(&r, CASE);
}

/* Any bytes end, and spans are in order and inside the text. */
static void any_text(void **state) {
    (void)state;
    uint64_t seed = 7;
    static const char ALPHABET[] = "aAzZ09 .@-+()[]'\"/:,\n\xC3\xA9\xE2\x80\x99"
                                   "Dr";
    for (int round = 0; round < 3000; round++) {
        char text[96];
        size_t n = (size_t)round % sizeof text, last = 0;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[i] = ALPHABET[(seed >> 33) % (sizeof ALPHABET - 1)];
        }
        hp_redact_span s;
        for (size_t i = 0; hp_redact_next(&ALL, (hp_str){text, n}, i, &s); i = s.to) {
            assert_true(s.from >= last && s.from < s.to && s.to <= n);
            last = s.to;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_and_numbers),
        cmocka_unit_test(names),
        cmocka_unit_test(people_that_are_known),
        cmocka_unit_test(only_the_kinds_that_are_asked_for),
        cmocka_unit_test(any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
