/* What the checks of the machine make of facts that no test can arrange: a full disk, little memory, an old
 * clock. */
#include "ops/doctor/parts.h"

#include "unit.h"

static hp_arena *arena;
static hp_doctor_options options;

static int set_up(void **state) {
    (void)state;
    arena = hp_arena_new(NULL);
    return arena ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    hp_arena_drop(arena);
    return 0;
}

/* A machine on which all is well. */
static hp_doctor healthy(void) {
    return (hp_doctor){.a = arena,
                       .o = &options,
                       .output_path = "dist/refined.xlsx",
                       .facts = {.now = 1800000000,
                                 .newest = 1800000000,
                                 .newest_path = HP_S("hotpass.yaml"),
                                 .disk_known = true,
                                 .disk_free = UINT64_C(10) << 30,
                                 .inodes_free = 100000,
                                 .inodes_total = 200000,
                                 .input_bytes = 1 << 20,
                                 .memory_available = UINT64_C(4) << 30,
                                 .open_files = 1024,
                                 .file_size = UINT64_MAX,
                                 .address_space = UINT64_MAX,
                                 .umask = 022,
                                 .charset_from = HP_S("LANG"),
                                 .charset = HP_S("en_ZA.UTF-8"),
                                 .tmp = HP_S("/tmp")}};
}

static hp_doctor_result look(hp_doctor *d, const char *id) {
    size_t n;
    const hp_doctor_check *checks = hp_doctor_checks(&n);
    hp_doctor_result r = {0};
    for (size_t i = 0; i < n && !r.check; i++)
        if (strcmp(checks[i].id, id) == 0) r.check = &checks[i];
    assert_non_null(r.check);
    r.check->look(d, &r);
    assert_false(d->oom);
    return r;
}

static void expect(hp_doctor d, const char *id, hp_doctor_verdict verdict, const char *says) {
    hp_doctor_result r = look(&d, id);
    hp_str copy = hp_arena_dup(arena, r.got);
    if (r.verdict != verdict) fail_msg("%s is %s: %s", id, hp_doctor_verdict_name(r.verdict), copy.p);
    assert_contains(copy.p, says);
    /* Whoever is told that something is wrong is told what to do. */
    assert_true((verdict == HP_DOCTOR_FAIL || verdict == HP_DOCTOR_NOTE) == (r.next.n > 0));
    if (r.detail.n && verdict == HP_DOCTOR_FAIL) assert_true(r.detail.p[0].n > 0);
    hp_vec_free(&r.detail);
}

static void a_healthy_machine_is_well(void **state) {
    (void)state;
    static const char *const IDS[] = {"machine.disk",  "machine.inodes", "machine.memory",
                                      "machine.clock", "machine.limits", "machine.umask",
                                      "machine.tmp",   "machine.locale", "machine.libraries"};
    for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++) expect(healthy(), IDS[i], HP_DOCTOR_OK, "");
}

static void room(void **state) {
    (void)state;
    hp_doctor d = healthy();
    d.facts.disk_free = 10 << 20;
    expect(d, "machine.disk", HP_DOCTOR_FAIL, "10.0 MiB");
    d.facts.disk_free = UINT64_C(10) << 30;
    d.facts.input_bytes = UINT64_C(5) << 30;
    expect(d, "machine.disk", HP_DOCTOR_FAIL, "10.0 GiB");
    d.facts.input_bytes = UINT64_MAX / 2; /* no overflow */
    expect(d, "machine.disk", HP_DOCTOR_FAIL, "10.0 GiB");
    d.facts.disk_known = false;
    expect(d, "machine.disk", HP_DOCTOR_SKIP, "does not tell");
    d = healthy();
    d.facts.inodes_free = 3;
    expect(d, "machine.inodes", HP_DOCTOR_FAIL, "3");
    d.facts.inodes_total = 0; /* btrfs counts none */
    expect(d, "machine.inodes", HP_DOCTOR_SKIP, "does not count");
}

static void memory(void **state) {
    (void)state;
    hp_doctor d = healthy();
    d.facts.memory_available = 64 << 20;
    expect(d, "machine.memory", HP_DOCTOR_FAIL, "64.0 MiB");
    d = healthy();
    d.facts.memory_limit = 128 << 20;
    expect(d, "machine.memory", HP_DOCTOR_FAIL, "128.0 MiB, the limit of the control group");
    d.facts.memory_limit = UINT64_C(64) << 30;
    expect(d, "machine.memory", HP_DOCTOR_OK, "4.0 GiB");
    d.facts.memory_available = d.facts.memory_limit = 0;
    expect(d, "machine.memory", HP_DOCTOR_SKIP, "does not tell");
}

static void clocks(void **state) {
    (void)state;
    hp_doctor d = healthy();
    d.facts.now = 0;
    expect(d, "machine.clock", HP_DOCTOR_FAIL, "1970-01-01T00:00:00Z");
    d = healthy();
    d.facts.newest = d.facts.now + 299;
    expect(d, "machine.clock", HP_DOCTOR_OK, "2027");
    d.facts.newest = d.facts.now + 301;
    expect(d, "machine.clock", HP_DOCTOR_FAIL, "but hotpass.yaml is of 2027");
}

static void zone_is(const char *tz, hp_doctor_verdict verdict) {
    hp_doctor d = healthy();
    d.facts.zone = hp_str_of(tz);
    expect(d, "machine.time_zone", verdict, "TZ=");
}

static void zones(void **state) {
    (void)state;
    static const char *const RULES[] = {"UTC", "SAST-2", ":UTC", "<+0330>-3:30", "EST5EDT,M3.2.0,M11.1.0"};
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) zone_is(RULES[i], HP_DOCTOR_OK);
    zone_is("Africa/Johannesbrug", HP_DOCTOR_FAIL);
    zone_is("Nowhere", HP_DOCTOR_FAIL);
}

static void libraries(void **state) {
    (void)state;
    static const hp_doctor_library LIST[] = {{"a", "1.10.0", "1.9.9"},
                                             {"b", "1.2", "1.2.1"},
                                             {"c", "2.0.1", "2.1.0"},
                                             {"d", "x", "y"},
                                             {"e", NULL, NULL}};
    options.library = LIST;
    options.nlibrary = 3;
    expect(healthy(), "machine.libraries", HP_DOCTOR_FAIL, "1 older");
    options.nlibrary = 2;
    expect(healthy(), "machine.libraries", HP_DOCTOR_OK, "none");
    options.library = &LIST[3];
    expect(healthy(), "machine.libraries", HP_DOCTOR_OK, "none");
    options = (hp_doctor_options){0};
}

static void shell(void **state) {
    (void)state;
    hp_doctor d = healthy();
    d.facts.open_files = 64;
    d.facts.file_size = 1000;
    expect(d, "machine.limits", HP_DOCTOR_FAIL, "2 too low");
    d = healthy();
    d.facts.umask = 0;
    expect(d, "machine.umask", HP_DOCTOR_FAIL, "000");
    d = healthy();
    d.facts.tmp = HP_S("/nonexistent");
    expect(d, "machine.tmp", HP_DOCTOR_FAIL, "no directory");
    d.facts.charset = HP_S("C");
    expect(d, "machine.locale", HP_DOCTOR_NOTE, "LANG=C");
}

static void names_of_leftovers(void **state) {
    (void)state;
    assert_true(hp_doctor_is_leftover(HP_S(".refined.xlsx.0123456789abcdef.tmp")));
    assert_false(hp_doctor_is_leftover(HP_S("refined.xlsx.0123456789abcdef.tmp")));
    assert_false(hp_doctor_is_leftover(HP_S(".refined.xlsx.0123456789abcdeX.tmp")));
    assert_false(hp_doctor_is_leftover(HP_S(".0123456789abcdef.tmp")));
    assert_false(hp_doctor_is_leftover(HP_S(".tmp")));
    assert_false(hp_doctor_is_leftover(HP_S(".mine.tmp")));
}

static void every_check_is_described(void **state) {
    (void)state;
    size_t n;
    const hp_doctor_check *c = hp_doctor_checks(&n);
    assert_true(n > 30);
    for (size_t i = 0; i < n; i++) {
        hp_str id = hp_str_of(c[i].id), group = hp_str_of(c[i].group);
        assert_true(hp_str_starts(id, group) && id.p[group.n] == '.');
        assert_true(*c[i].title && *c[i].why);
        assert_true((c[i].mend != NULL) == (c[i].mends != NULL));
        for (size_t k = 0; k < i; k++) assert_string_not_equal(c[k].id, c[i].id);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_machine_is_well),
        cmocka_unit_test(room),
        cmocka_unit_test(memory),
        cmocka_unit_test(clocks),
        cmocka_unit_test(zones),
        cmocka_unit_test(libraries),
        cmocka_unit_test(shell),
        cmocka_unit_test(names_of_leftovers),
        cmocka_unit_test(every_check_is_described),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
