/* Every class of error of a profile, with its place; then what a good file means. */
#include "profile/profile.h"

#include "base/file.h"
#include "base/utf8.h"
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/profile-XXXXXX";
static char file[64];

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(file, sizeof file, "%s/p.yaml", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(file);
    return rmdir(folder);
}

static void write_text(const char *text) {
    hp_err e = {0};
    assert_ok(hp_write_file(file, hp_str_of(text), &e), e);
}

static hp_profile *load(hp_arena *a, const char *text) {
    hp_profile *p = NULL;
    hp_err e = {0};
    write_text(text);
    assert_ok(hp_profile_load(a, file, &p, &e), e);
    return p;
}

/* A profile that is wrong in one way, and the message behind the path. */
typedef struct mistake {
    const char *text, *message;
} mistake;

static void check(const mistake *m) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_profile *p = NULL;
    hp_err e = {0};
    char expected[1600];
    write_text(m->text);
    snprintf(expected, sizeof expected, "%s:%s", file, m->message);
    hp_code code = hp_profile_load(a, file, &p, &e);
    if (code != HP_CONFIG || e.code != HP_CONFIG || p) fail_msg("code %d for:\n%s", (int)code, m->text);
    assert_string_equal(e.message, expected);
    assert_string_equal(e.stage, "profile");
}

#define CHECK_ALL(list) \
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) check(&list[i])

static void unknown_names_get_the_nearest(void **state) {
    (void)state;
    static const mistake list[] = {
        {"name: x\ningest:\n  sorces: []\n",
         "3:3: unknown key \"sorces\" in ingest; did you mean \"sources\"?"},
        {"name: x\nrefin: {}\n", "2:1: unknown key \"refin\" in the profile; did you mean \"refine\"?"},
        {"name: x\nrefine:\n  deduplication: {treshold: 0.9}\n",
         "3:19: unknown key \"treshold\" in refine.deduplication; did you mean \"threshold\"?"},
        {"name: x\nrefine:\n  normalization:\n    date:\n      qqqqqqqqq: 1\n",
         "5:7: unknown key \"qqqqqqqqq\" in refine.normalization.date; the keys here are day_first"},
        {"name: x\nrefine:\n  mappings:\n    organization_nam: [a]\n",
         "4:5: unknown field \"organization_nam\"; did you mean \"organization_name\"?"},
        {"name: x\ncompliance:\n  pii_fields: [contact_email, websit]\n",
         "3:31: unknown field \"websit\"; did you mean \"website\"?"},
        {"name: x\ningest:\n  sources:\n    - {name: A, path_pattern: a.csv}\nsource_priorities: {B1: 2}\n",
         "5:21: source_priorities names no source: \"B1\"; the sources are A"},
        {"name: x\nsource_priorities: {B: 2}\n",
         "2:21: source_priorities names no source: \"B\"; the profile declares none"},
    };
    CHECK_ALL(list);
}

static void wrong_types_say_what_is_wanted(void **state) {
    (void)state;
    static const mistake list[] = {
        {"- a\n", "1:1: a profile is a map; begin with \"name: ...\" (see docs/reference/profile.md)"},
        {"name: [x]\n", "1:7: \"name\" must be a text, not a list"},
        {"name: x\ndefault_country_code: South Africa\n",
         "2:23: \"default_country_code\" must be a country code of two letters (ZA), not \"South Africa\""},
        {"name: x\ningest: 5\n", "2:9: ingest must be a map (lines of \"key: value\"), not \"5\""},
        {"name: x\ningest:\n  chunk_size: many\n",
         "3:15: \"chunk_size\" must be a whole number, not \"many\""},
        {"name: x\ningest:\n  chunk_size: 0\n", "3:15: \"chunk_size\" must be from 1 to 1048576, not 0"},
        {"name: x\ningest:\n  staging_enabled: perhaps\n",
         "3:20: \"staging_enabled\" must be true or false, not \"perhaps\""},
        {"name: x\ningest:\n  staging_format: xml\n",
         "3:19: \"staging_format\" must be parquet or csv, not \"xml\""},
        {"name: x\ningest:\n  sources: {name: A}\n",
         "3:12: \"sources\" must be a list (each item begins with \"- \"), not a map"},
        {"name: x\ningest:\n  sources: [A]\n",
         "3:13: ingest.sources must be a map (lines of \"key: value\"), not \"A\""},
        {"name: x\nrefine:\n  fillers: [{a: b}]\n",
         "3:13: \"fillers\" must be a text or a list of texts, not a map"},
        {"name: x\nrefine:\n  mappings: [a]\n",
         "3:13: \"mappings\" must be a map (lines of \"key: value\"), not a list"},
        {"name: x\nenrich:\n  fetcher_chain: [deterministic, guess]\n",
         "3:34: \"fetcher_chain\" must be deterministic, lookup_tables, research, lookup, registry, history, derived, registry_api, search or website, not \"guess\""},
        {"name: x\nenrich:\n  providers: [{provider: oracle}]\n",
         "3:26: \"provider\" must be lookup, registry, history, derived, registry_api, search or website, not \"oracle\""},
        {"name: x\nenrich:\n  providers: [{provider: lookup, settings: [a]}]\n",
         "3:44: \"settings\" must be a map (lines of \"key: value\"), not a list"},
        {"name: x\nenrich:\n  providers: [{provider: lookup, confidence: 2}]\n",
         "3:46: \"confidence\" must be a number from 0 to 1, not \"2\""},
        {"name: x\nresearch_rate_limit: {burst: 0}\n", "2:30: \"burst\" must be from 1 to 1000, not 0"},
        {"name: x\nresearch_rate_limit: {min_interval_seconds: -1}\n",
         "2:45: \"min_interval_seconds\" must be a number that is not negative, not \"-1\""},
        {"name: x\nauthority_sources:\n  - {url: a}\n",
         "3:5: \"name\" is missing in authority_sources: name of the register"},
    };
    CHECK_ALL(list);
}

static void numbers_have_their_range(void **state) {
    (void)state;
    static const mistake list[] = {
        {"name: x\nrefine:\n  deduplication: {threshold: 1.5}\n",
         "3:30: \"threshold\" must be a number from 0 to 1, not \"1.5\""},
        {"name: x\nrefine:\n  thresholds: {email: -0.1}\n",
         "3:23: \"email\" must be a number from 0 to 1, not \"-0.1\""},
        {"name: x\nrefine:\n  thresholds: {email: nan}\n",
         "3:23: \"email\" must be a number from 0 to 1, not \"nan\""},
        {"name: x\nenrich: {confidence_threshold: high}\n",
         "2:32: \"confidence_threshold\" must be a number from 0 to 1, not \"high\""},
        {"name: x\ningest:\n  sources:\n    - {name: A, path_pattern: a, priority: 99999999999999999999}\n",
         "4:44: \"priority\" must be a whole number, not \"99999999999999999999\""},
    };
    CHECK_ALL(list);
}

#define SOURCE "name: x\ningest:\n  sources:\n    - name: A\n      path_pattern: a.xlsx\n      sheets:\n"

static void sources_and_sheets_must_be_whole(void **state) {
    (void)state;
    static const mistake list[] = {
        {"display_name: X\n",
         "1:1: \"name\" is missing in the profile: the profile's name, as the file is called"},
        {"name:\n", "1:1: \"name\" has no value"},
        {"name: ' '\n", "1:7: \"name\" is empty: the profile's name, as the file is called"},
        {"name: x\ningest:\n  sources:\n    - path_pattern: a.csv\n",
         "4:7: \"name\" is missing in ingest.sources: its name in outputs: source_datasets"},
        {"name: x\ningest:\n  sources:\n    - {name: A, path_pattern: data/}\n",
         "4:31: \"path_pattern\" names a directory; end it in a pattern for file names, such as \"*.xlsx\""},
        {"name: x\ningest:\n  sources:\n    - {name: A, path_pattern: a, id_prefix: 'a:b'}\n",
         "4:45: \"id_prefix\" may hold letters, digits, - and _ only, not \"a:b\""},
        {SOURCE "        - entity: contact\n",
         "7:11: \"name\" is missing in ingest.sources.sheets: the sheet's name, case and outer blanks aside; may be a pattern with * and ?"},
        {SOURCE "        - {name: S, entity: people}\n",
         "7:29: \"entity\" must be organization, contact, address, note or person, not \"people\""},
        {SOURCE "        - {name: S, header_row: 0}\n",
         "7:33: \"header_row\" must be auto, none, or the number of a row (from 1), not \"0\""},
        {SOURCE "        - {name: S, header_row: first}\n",
         "7:33: \"header_row\" must be auto, none, or the number of a row (from 1), not \"first\""},
        {SOURCE "        - {name: S, entity: note, join: [key, id]}\n",
         "7:47: \"join\" must be key or name, not \"id\""},
        {SOURCE "        - {name: S, entity: note, join: []}\n",
         "7:41: \"join\" is an empty list; name key, name, or both"},
        {SOURCE "        - {name: S, columns: manual}\n",
         "7:30: \"columns\" must be auto, or a map (lines of \"header: field\"), not \"manual\""},
        {SOURCE
         "        - name: S\n          columns:\n            Name: organization_name\n            Tel: [contact_phone, contact_phon]\n",
         "10:34: unknown field \"contact_phon\"; did you mean \"contact_phone\"?"},
        {SOURCE "        - name: S\n          columns:\n            Name: {required: true}\n",
         "9:19: \"field\" is missing in ingest.sources.sheets.columns: the field or fields that the column feeds"},
        {SOURCE "        - name: S\n          columns:\n            '': organization_name\n",
         "9:13: a column needs its header; call a column without one \"Unnamed: 4\" (its number, from 0) or \"[E]\""},
        {SOURCE "        - name: S\n          constants: {catgory: a}\n",
         "8:23: unknown field \"catgory\"; did you mean \"category\"?"},
        {SOURCE "        - name: S\n          constants: {category: [a]}\n",
         "8:33: constant \"category\" must be a text"},
    };
    CHECK_ALL(list);
}

static void contradictions_are_errors(void **state) {
    (void)state;
    static const mistake list[] = {
        {SOURCE
         "        - name: S\n          columns:\n            Name: organization_name\n            '  NAME ': website\n",
         "10:13: column \"NAME\" is mapped twice (first in line 9); name both fields in one line: [field, field]"},
        {SOURCE "        - name: S\n          columns:\n            Site: website\n",
         "9:13: no column of organization sheet \"S\" feeds organization_name; map the one that names the organisation"},
        {SOURCE
         "        - name: S\n          entity: contact\n          columns:\n            Mail: contact_email\n",
         "10:13: no column of contact sheet \"S\" feeds record_id or organization_name, so its rows cannot find their organisation; map "
         "one, or change \"join\""},
        {SOURCE
         "        - name: S\n          entity: address\n          join: key\n          columns:\n            Co: organization_name\n",
         "11:13: no column of address sheet \"S\" feeds record_id, so its rows cannot find their organisation; map one, or change \"join\""},
        {SOURCE
         "        - name: S\n          entity: person\n          columns:\n            Mail: contact_email\n",
         "10:13: no column of person sheet \"S\" feeds contact_name, contact_first_name or contact_last_name; map one"},
        {SOURCE "        - name: S\n          join: name\n",
         "8:17: \"join\" is for contact, address and note sheets; organization sheet \"S\" joins nothing: remove it"},
        {SOURCE
         "        - name: S\n          header_row: none\n          columns:\n            Name: organization_name\n",
         "10:13: sheet \"S\" has no header row, so its columns are named by letter, \"[A]\", not \"Name\""},
        {SOURCE "        - name: S\n        - name: s\n",
         "8:11: sheet \"s\" is declared twice in source \"A\" (first in line 7); keep one"},
        {SOURCE "        - name: S\n          constants: {organization_type: a, organisation_type: b}\n",
         "8:45: a second constant for field \"organization_type\"; remove one of them"},
        {"name: x\ningest:\n  sources:\n    - {name: A, path_pattern: a}\n    - {name: a, path_pattern: b}\n",
         "5:7: source \"a\" is declared twice (first in line 4); give each a name of its own"},
        {"name: x\ningest:\n  sources:\n    - {name: A, path_pattern: a, priority: 2}\n    - {name: B, path_pattern: b, priority: 2}\n",
         "5:44: sources \"A\" and \"B\" have the same priority, 2; give each its own, so that one wins"},
        {"name: x\ningest:\n  sources:\n    - {name: A, path_pattern: a}\n    - {name: B, path_pattern: b}\nsource_priorities: {A: 1, B: 1}\n",
         "5:7: sources \"A\" and \"B\" have the same priority, 1; give each its own, so that one wins"},
        {"name: x\ningest:\n  sources:\n    - {name: A, path_pattern: a, priority: 2}\nsource_priorities: {A: 1}\n",
         "5:24: source \"A\" has priority 2 in line 4, but 1 here; keep one of them"},
        {"name: x\ndefault_country_code: ZA\nrefine:\n  normalization:\n    phone: {country: US}\n",
         "5:13: \"country\" says US, but \"default_country_code\" in line 2 says ZA; keep one of them"},
        {"name: x\nrefine:\n  expectations:\n    - {column: website, kind: matches_regex}\n",
         "4:7: expectation matches_regex of column \"website\" needs \"regex\""},
        {"name: x\nrefine:\n  expectations:\n    - {column: website, kind: not_null, regex: a}\n",
         "4:48: expectation not_null of column \"website\" takes no \"regex\"; use kind: matches_regex"},
        {"name: x\nname: y\n", "2:1: duplicate key \"name\" (first on line 1); remove one of them"},
    };
    CHECK_ALL(list);
}

static void the_first_error_counts_the_others(void **state) {
    (void)state;
    char expected[300];
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autobuf lines = hp_buf_new(4096);
    hp_profile *p = NULL;
    hp_err e = {0};
    size_t n = 0;
    /* "name" is found missing last, but stands first. */
    write_text("summary: s\nrefine: {fillerz: a}\ningest: {chunk_size: x}\n");
    assert_int_equal(hp_profile_load(a, file, &p, &e), HP_CONFIG);
    snprintf(expected, sizeof expected, "(and 2 more; \"hotpass profile lint %s\" lists them)", file);
    assert_contains(e.message, ":1:1: \"name\" is missing");
    assert_contains(e.message, expected);
    assert_ok(hp_profile_lint(a, file, &lines, &n, &e), e);
    assert_int_equal(n, 3);
    const char *text = hp_buf_cstr(&lines), *one = strstr(text, ":1:1: "), *two = strstr(text, ":2:10: "),
               *three = strstr(text, ":3:22: ");
    assert_true(one && two && three && one < two && two < three);
}

static void lint_reports_syntax_as_an_error(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autobuf lines = hp_buf_new(4096);
    hp_err e = {0};
    size_t n = 0;
    write_text("name: x\nrefine: [a\n");
    assert_ok(hp_profile_lint(a, file, &lines, &n, &e), e);
    assert_int_equal(n, 1);
    assert_contains(hp_buf_cstr(&lines), "p.yaml:");
    write_text("name: x\n");
    hp_buf_clear(&lines);
    assert_ok(hp_profile_lint(a, file, &lines, &n, &e), e);
    assert_int_equal(n, 0);
    assert_int_equal(lines.n, 0);
    assert_int_equal(hp_profile_lint(a, "no/such/file.yaml", &lines, &n, &e), HP_NOINPUT);
}

static void defaults_stand_when_nothing_is_said(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_profile *p = load(a, "name: x\ningest:\nrefine:\n  fillers:\n");
    assert_view(p->display_name, "x");
    assert_view(p->country, "ZA");
    assert_view(p->privacy_basis, "Legitimate Interest");
    assert_true(p->day_first);
    assert_float_equal(p->match_threshold, 0.92, 1e-12);
    assert_float_equal(p->map_threshold, 0.7, 1e-12);
    assert_float_equal(p->email_threshold, 0.85, 1e-12);
    assert_float_equal(p->phone_threshold, 0.85, 1e-12);
    assert_float_equal(p->website_threshold, 0.75, 1e-12);
    assert_int_equal(p->nsource + p->nsynonyms + p->nfiller + p->nexpectation + p->nrequired, 0);
}

static void columns_mean_what_they_say(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_profile *p =
        load(a, SOURCE "        - name: S\n"
                       "          header_row: 3\n"
                       "          columns:\n"
                       "            Organisation: {field: organisation_name, required: true}\n"
                       "            Area: [province, area]\n"
                       "            \" [e] \": contact_primary_email\n"
                       "            Old: ignore\n"
                       "            Older: {field: ignore, required: false}\n"
                       "          constants: {category: 7}\n"
                       "        - {name: T, entity: note, join: name}\n");
    assert_int_equal(p->nsource, 1);
    const hp_profile_sheet *s = p->source[0].sheet;
    assert_int_equal(p->source[0].nsheet, 2);
    assert_int_equal(s->header_row, 3);
    assert_int_equal(s->entity, HP_E_ORGANIZATION);
    assert_true(s->required && !p->source[0].required);
    assert_int_equal(s->ncolumn, 6);
    static const struct {
        const char *header;
        hp_field field;
        bool required;
        int line;
    } wanted[] = {{"Organisation", HP_F_ORGANIZATION_NAME, true, 10},
                  {"Area", HP_F_PROVINCE, false, 11},
                  {"Area", HP_F_AREA, false, 11},
                  {"[E]", HP_F_CONTACT_EMAIL, false, 12},
                  {"Old", HP_F_NONE, false, 13},
                  {"Older", HP_F_NONE, false, 14}};
    for (size_t i = 0; i < 6; i++) {
        assert_view(s->column[i].header, wanted[i].header);
        assert_int_equal(s->column[i].field, wanted[i].field);
        assert_int_equal(s->column[i].required, wanted[i].required);
        assert_int_equal(s->column[i].line, wanted[i].line);
    }
    assert_int_equal(s->nconstant, 1);
    assert_int_equal(s->constant[0].field, HP_F_CATEGORY);
    assert_view(s->constant[0].value, "7");
    assert_true(s->join_key && s->join_name);
    assert_true(!s[1].join_key && s[1].join_name);
    assert_int_equal(s[1].ncolumn, 0);
    assert_int_equal(s[1].line, 16);
}

static void other_names_of_a_key_reach_the_same_place(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_profile *p = load(
        a,
        "name: x\n"
        "email_validation_threshold: 0.5\n"
        "column_synonyms: {contact_email: [mail]}\n"
        "required_fields: organization_name\n"
        "ingest: {sources: [{name: A, path_pattern: a}]}\n"
        "source_priorities: {a: 4}\n"
        "refine:\n"
        "  synonyms: {contact_primary_email: e-mail}\n"
        "  required_fields: [organization_name, website]\n"
        "  normalization: {phone: {country: de}}\n"
        "  expectations:\n"
        "    - {column: contact_email, kind: expect_column_values_to_match_regex, regex: '@', mostly: 0.5, severity: fail}\n");
    assert_float_equal(p->email_threshold, 0.5, 1e-12);
    assert_view(p->country, "DE");
    assert_int_equal(p->source[0].priority, 4);
    assert_int_equal(p->nsynonyms, 1);
    assert_int_equal(p->synonyms[0].n, 2);
    assert_view(p->synonyms[0].name[0], "mail");
    assert_view(p->synonyms[0].name[1], "e-mail");
    assert_int_equal(p->nrequired, 2);
    assert_int_equal(p->required_field[1], HP_F_WEBSITE);
    const hp_profile_expectation *e = p->expectation;
    assert_view(e->column, "contact_primary_email");
    assert_view(e->kind, "matches_regex");
    assert_int_equal(e->action, HP_ON_FAILURE_STOP);
    assert_float_equal(e->mostly, 0.5, 1e-12);
    assert_int_equal(e->line, 12);
}

/* A key may be as long as the file; the message is cut, between code points. */
static void a_long_text_is_cut_in_the_message(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_autobuf text = hp_buf_new(1 << 20);
    hp_profile *p = NULL;
    hp_err e = {0};
    hp_buf_puts(&text, "name: x\n\"");
    for (int i = 0; i < 5000; i++) hp_buf_puts(&text, "\xE2\x82\xAC");
    hp_buf_puts(&text, "\": 1\n");
    write_text(hp_buf_cstr(&text));
    assert_int_equal(hp_profile_load(a, file, &p, &e), HP_CONFIG);
    assert_contains(e.message, ":2:1: unknown key \"\xE2\x82\xAC");
    assert_true(strlen(e.message) > 500);
    assert_true(hp_utf8_valid(hp_str_of(e.message), NULL));
}

static void equal_values_under_two_names_agree(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    const hp_profile *p =
        load(a, "name: x\ndefault_country_code: US\nrefine: {normalization: {phone: {country: US}}}\n");
    assert_view(p->country, "US");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_names_get_the_nearest),
        cmocka_unit_test(wrong_types_say_what_is_wanted),
        cmocka_unit_test(numbers_have_their_range),
        cmocka_unit_test(sources_and_sheets_must_be_whole),
        cmocka_unit_test(contradictions_are_errors),
        cmocka_unit_test(the_first_error_counts_the_others),
        cmocka_unit_test(lint_reports_syntax_as_an_error),
        cmocka_unit_test(defaults_stand_when_nothing_is_said),
        cmocka_unit_test(columns_mean_what_they_say),
        cmocka_unit_test(other_names_of_a_key_reach_the_same_place),
        cmocka_unit_test(equal_values_under_two_names_agree),
        cmocka_unit_test(a_long_text_is_cut_in_the_message),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
