#include "clean_case.h"

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const clean_case emails[] = {
    {"jane@acme.example", "jane@acme.example"},
    {" Jane.Doe@ACME.Example ", "jane.doe@acme.example"},
    {"jane+news@acme.example", "jane+news@acme.example"},
    {"o'neil@acme.example", "o'neil@acme.example"},
    {"jane@acme.example.", "jane@acme.example !email_repaired"},
    {".jane@acme.example", "jane@acme.example !email_repaired"},
    {"mailto:jane@acme.example", "jane@acme.example !email_repaired"},
    {"mailto:jane@acme.example?subject=Hello", "jane@acme.example !email_repaired"},
    {"E-mail: jane@acme.example", "jane@acme.example !email_repaired"},
    {"<jane@acme.example>", "jane@acme.example !email_repaired"},
    {"Jane Doe <jane@acme.example>", "jane@acme.example !email_repaired"},
    {"Doe, Jane <jane@acme.example>", "jane@acme.example !email_repaired"},
    {"Jane <jane@acme.example>, Joe <joe@acme.example>",
     "jane@acme.example|joe@acme.example !email_repaired"},
    {"joe@acme.example, Jane <jane@acme.example>", "joe@acme.example|jane@acme.example !email_repaired"},
    {"jane at acme.example", "jane@acme.example !email_repaired"},
    {"jane(at)acme[dot]example", "jane@acme.example !email_repaired"},
    {"jane (at) acme (dot) example", "jane@acme.example !email_repaired"},
    {"jane @ acme.example", "jane@acme.example !email_repaired"},
    {"jane@acme.example (work)", "jane@acme.example !email_repaired"},
    {"jane\xEF\xBC\xA0"
     "acme.example",
     "jane@acme.example"},
    {"a@acme.example; b@acme.example", "a@acme.example|b@acme.example"},
    {"a@acme.example,b@acme.example|c@acme.example", "a@acme.example|b@acme.example|c@acme.example"},
    {"a@acme.example / b@acme.example", "a@acme.example|b@acme.example"},
    {"a@acme.example/b@acme.example", "a@acme.example|b@acme.example"},
    {"a@acme.example\nb@acme.example", "a@acme.example|b@acme.example"},
    {"a@acme.example b@acme.example", "a@acme.example|b@acme.example"},
    {"a@acme.example and b@acme.example", "a@acme.example|b@acme.example"},
    {"a@acme.example; A@ACME.EXAMPLE", "a@acme.example"},
    {"a@acme.example; ;", "a@acme.example"},
    {"a@acme.example; n/a", "a@acme.example !placeholder"},
    {"a@acme.example; rubbish", "a@acme.example !email_invalid(no @)"},
    {"a/b@acme.example", "a/b@acme.example"},
    {"jane@b\xC3\xBC"
     "cher.example",
     "jane@b\xC3\xBC"
     "cher.example"},
    {"jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example"},
    {"info@example.com", "!placeholder(domain for examples)"},
    {"info@mail.example.org", "!placeholder(domain for examples)"},
    {"info@myexample.com", "info@myexample.com"},
    {"no email", "!placeholder"},
    {"0", "!placeholder", HP_T_NUMBER},
    {"jane", "!email_invalid(no @)"},
    {"12345", "!email_invalid(no @)", HP_T_NUMBER},
    {"jane@", "!email_invalid(no domain)"},
    {"@acme.example", "!email_invalid(nothing before @)"},
    {"a@b", "!email_invalid(no dot in the domain)"},
    {"a@b.", "!email_invalid(no dot in the domain)"},
    {"a b@c d", "!email_invalid(blank inside)"},
    {"jane doe@acme.example", "!email_invalid(blank inside)"},
    {"x@y@z", "!email_invalid(several @)"},
    {"a..b@acme.example", "!email_invalid(misplaced dot before @)"},
    {"jane.@acme.example", "!email_invalid(misplaced dot before @)"},
    {"j\xC3\xA9@acme.example", "!email_invalid(bad character before @)"},
    {"jane@acme.123", "!email_invalid(no top-level domain)"},
    {"jane@acme.x", "!email_invalid(no top-level domain)"},
    {"jane@-acme.example", "!email_invalid(bad domain name)"},
    {"jane@acme..example", "!email_invalid(bad domain name)"},
    {"jane@ac_me.example", "!email_invalid(bad domain name)"},
    {X64 "@acme.example", X64 "@acme.example"},
    {X64 "x@acme.example", "!email_invalid(part before @ too long)"},
    {";", "!placeholder"},
    {"meet at noon", "!email_invalid(no @)"},
};

static void test_emails(void **state) {
    (void)state;
    hp_clean_ctx ctx = clean_ctx();
    CLEAN_CHECK(hp_clean_email, &ctx, emails);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_emails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
