#include "unit.h"

#include "net/gate.h"

static hp_gate ask(hp_gate_inputs in) {
    hp_gate gate;
    hp_gate_ask(&in, &gate);
    return gate;
}

static const hp_gate_inputs ALL = {
    .flag_given = true, .flag = true, .profile = true, .feature = "1", .allow = "true"};

static void opens_only_when_all_agree(void **state) {
    (void)state;
    for (unsigned bits = 0; bits < 16; bits++) {
        hp_gate gate = ask((hp_gate_inputs){.flag_given = true,
                                            .flag = bits & 1,
                                            .profile = bits & 2,
                                            .feature = bits & 4 ? "1" : "0",
                                            .allow = bits & 8 ? "yes" : NULL});
        assert_int_equal(gate.pass != NULL, bits == 15);
        hp_err err = {0};
        assert_int_equal(hp_gate_require(gate.pass, &err), bits == 15 ? HP_OK : HP_NOPERM);
    }
    assert_null(ask((hp_gate_inputs){0}).pass);
}

static void names_the_first_who_says_no(void **state) {
    (void)state;
    static const hp_gate_guard FIRST[16] = {HP_GATE_FLAG, HP_GATE_PROFILE, HP_GATE_FLAG, HP_GATE_FEATURE,
                                            HP_GATE_FLAG, HP_GATE_PROFILE, HP_GATE_FLAG, HP_GATE_ALLOW,
                                            HP_GATE_FLAG, HP_GATE_PROFILE, HP_GATE_FLAG, HP_GATE_FEATURE,
                                            HP_GATE_FLAG, HP_GATE_PROFILE, HP_GATE_FLAG, HP_GATE_GUARDS};
    for (unsigned bits = 0; bits < 16; bits++) {
        hp_gate gate = ask((hp_gate_inputs){.flag_given = true,
                                            .flag = bits & 1,
                                            .profile = bits & 2,
                                            .feature = bits & 4 ? "1" : NULL,
                                            .allow = bits & 8 ? "1" : "maybe"});
        assert_int_equal(gate.blocked_by, FIRST[bits]);
    }
    assert_string_equal(hp_gate_word(HP_GATE_FEATURE), "FEATURE_ENABLE_REMOTE_RESEARCH");
}

static void reads_the_environment_strictly(void **state) {
    (void)state;
    static const struct {
        const char *feature, *allow;
        bool open;
    } CASE[] = {{"1", "true", true}, {"1", "TRUE", true},   {"1", "Yes", true}, {"1", "1", true},
                {"true", "1", true}, {"on", "ON", true},    {"yes", "1", true}, {"1 ", "1", false},
                {"01", "1", false},  {"", "1", false},      {"2", "1", false},  {"1", "off", false},
                {"1", "", false},    {"1", "truee", false}, {NULL, NULL, false}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        hp_gate_inputs in = ALL;
        in.feature = CASE[i].feature;
        in.allow = CASE[i].allow;
        if ((ask(in).pass != NULL) != CASE[i].open)
            fail_msg("%s, %s", CASE[i].feature ? CASE[i].feature : "-", CASE[i].allow ? CASE[i].allow : "-");
    }
}

static void reads_the_flag(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool known, yes;
    } CASE[] = {{NULL, true, true},      {"", false, false},  {"true", true, true}, {"YES", true, true},
                {"1", true, true},       {"0", true, false},  {"no", true, false},  {"False", true, false},
                {"maybe", false, false}, {"2", false, false}, {"On", true, true},   {"off", true, false}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        bool yes;
        assert_int_equal(hp_gate_flag_read(CASE[i].text, &yes), CASE[i].known);
        assert_int_equal(yes, CASE[i].yes);
    }
}

static void explains(void **state) {
    (void)state;
    hp_autobuf out = hp_buf_new(4096);
    hp_gate_inputs in = ALL;
    in.profile = false;
    in.allow = "hunter2";
    hp_gate gate = ask(in);
    hp_gate_explain(&gate, &out);
    assert_string_equal(
        hp_buf_cstr(&out),
        "network: not allowed\n"
        "  yes  command line: --allow-network is given\n"
        "  no   profile: enrich.allow_network is not true; set enrich.allow_network: true in the profile\n"
        "  yes  environment: FEATURE_ENABLE_REMOTE_RESEARCH is set\n"
        "  no   environment: ALLOW_NETWORK_RESEARCH is set, but not to 1, true, yes or on; set "
        "ALLOW_NETWORK_RESEARCH=true\n");
    hp_buf_clear(&out);
    hp_gate_sentence(&gate, &out);
    assert_contains(hp_buf_cstr(&out), "the profile says no (set enrich.allow_network: true in the profile)");
    gate = ask(ALL);
    hp_buf_clear(&out);
    hp_gate_explain(&gate, &out);
    assert_contains(hp_buf_cstr(&out), "network: allowed\n");
    assert_null(strstr(hp_buf_cstr(&out), "no "));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(opens_only_when_all_agree),
                                       cmocka_unit_test(names_the_first_who_says_no),
                                       cmocka_unit_test(reads_the_environment_strictly),
                                       cmocka_unit_test(reads_the_flag), cmocka_unit_test(explains)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
