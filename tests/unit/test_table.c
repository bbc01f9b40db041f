#include "unit.h"

#include "base/hash.h"
#include "base/mem.h"
#include "table/field.h"
#include "table/issue.h"
#include "table/run.h"

static void interning_gives_one_id_a_text(void **state) {
    (void)state;
    hp_pool *p = hp_pool_new();
    hp_err err;
    char text[32];
    hp_vid ids[5000];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++) {
            int n = snprintf(text, sizeof text, "text %d", i);
            hp_vid id;
            assert_ok(hp_intern(p, (hp_str){text, (size_t)n}, &id, &err), err);
            if (round) assert_int_equal(id, ids[i]);
            ids[i] = id;
        }
    assert_int_equal(hp_pool_count(p), 5000);
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "text %d", i);
        assert_view(hp_text(p, ids[i]), text);
    }
    hp_vid null = 7;
    assert_ok(hp_intern(p, HP_S(""), &null, &err), err);
    assert_int_equal(null, HP_NULL);
    assert_view(hp_text(p, HP_NULL), "");
    hp_pool_free(p);
}

static void large_texts_and_nul_bytes_are_kept(void **state) {
    (void)state;
    hp_pool *p = hp_pool_new();
    hp_err err;
    char *big = hp_malloc(3 << 20);
    memset(big, 'x', 3 << 20);
    hp_vid a, b, c;
    assert_ok(hp_intern(p, (hp_str){big, 3 << 20}, &a, &err), err);
    assert_ok(hp_intern(p, (hp_str){"a\0b", 3}, &b, &err), err);
    assert_ok(hp_intern(p, (hp_str){"a\0c", 3}, &c, &err), err);
    assert_int_not_equal(b, c);
    assert_int_equal(hp_text(p, a).n, 3 << 20);
    hp_free(big);
    hp_pool_free(p);
}

static void texts_of_all_lengths_are_found_many_at_once(void **state) {
    (void)state;
    enum { N = 2600, LENGTHS = 130 }; /* more than are looked for at once; each twice, near and far */
    hp_pool *p = hp_pool_new();
    hp_err err;
    static char room[LENGTHS * 10][LENGTHS + 1];
    static hp_str text[N];
    static uint64_t hash[N];
    static hp_vid v[N];
    for (unsigned i = 0; i < N; i++) {
        unsigned k = i % 4 == 1 ? i / 2 - i / 2 % 2 : i / 2; /* now and then the one of just before */
        char *own = room[k];
        size_t n = k % LENGTHS + 1;
        memset(own, 'a' + (int)(k / LENGTHS), n);
        own[n / 2] = '.';
        hash[i] = hp_hash_text(text[i] = (hp_str){own, n});
    }
    for (int round = 0; round < 2; round++) {
        assert_ok(hp_intern_all(p, text, hash, N, v, &err), err);
        for (unsigned i = 0; i < N; i++) {
            hp_vid one;
            assert_true(hp_str_eq(hp_text(p, v[i]), text[i]));
            assert_ok(hp_intern(p, text[i], &one, &err), err);
            assert_int_equal(one, v[i]);
            assert_true(v[i] <= i + 1);
        }
    }
    assert_int_equal(v[0], 1);
    hp_pool_free(p);
}

static void a_pool_is_known_by_its_serial(void **state) {
    (void)state;
    hp_pool *p = hp_pool_new();
    uint64_t first = hp_pool_serial(p);
    assert_int_not_equal(first, 0);
    hp_pool_free(p);
    p = hp_pool_new(); /* at the same address, perhaps */
    assert_int_not_equal(hp_pool_serial(p), first);
    hp_pool_free(p);
}

/* The table of texts grows in place; each text is found again at every size of it. Lengths around 65,535 are
 * stored in another way than others. */
static void a_growing_pool_finds_every_text_again(void **state) {
    (void)state;
    hp_pool *p = hp_pool_new();
    hp_err err;
    char text[32];
    hp_vid id;
    for (uint32_t i = 1; i <= 300000; i++) {
        int n = snprintf(text, sizeof text, "%u", i * 2654435761u);
        assert_ok(hp_intern(p, (hp_str){text, (size_t)n}, &id, &err), err);
        assert_int_equal(id, i);
        if (i & (i - 1)) continue;
        for (uint32_t k = 1; k <= i; k++) {
            n = snprintf(text, sizeof text, "%u", k * 2654435761u);
            assert_ok(hp_intern(p, (hp_str){text, (size_t)n}, &id, &err), err);
            assert_int_equal(id, k);
        }
    }
    char *big = hp_malloc(70000);
    memset(big, 'y', 70000);
    for (size_t n = 65530; n < 65545; n++) {
        assert_ok(hp_intern(p, (hp_str){big, n}, &id, &err), err);
        assert_int_equal(hp_text(p, id).n, n);
        hp_vid again;
        assert_ok(hp_intern(p, (hp_str){big, n}, &again, &err), err);
        assert_int_equal(again, id);
    }
    hp_free(big);
    hp_pool_free(p);
}

/* Two pools and a table of the second one's values: cells say the same texts after merging and remapping. */
static void a_table_of_another_pool_keeps_its_texts(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_pool *here = hp_pool_new(), *there = hp_pool_new();
    hp_table *t = hp_table_new(a, 3000, 2, true);
    hp_err err;
    hp_vid id;
    char text[32];
    assert_ok(hp_intern(here, HP_S("only here"), &id, &err), err);
    assert_ok(hp_intern(here, HP_S("text 2999"), &id, &err), err);
    for (size_t i = 0; i < 3000; i++) {
        int n = snprintf(text, sizeof text, "text %zu", i);
        assert_ok(hp_intern(there, (hp_str){text, (size_t)n}, &t->col[0].v[i], &err), err);
    }
    t->col[1].lex = t->col[1].v; /* a lexical form is a value too */
    t->col[1].v = t->col[0].v;
    t->col[0].v = HP_NEW_ARRAY(a, 3000, hp_vid);
    hp_vid *map = HP_NEW_ARRAY(a, (size_t)hp_pool_count(there) + 1, hp_vid);
    assert_ok(hp_pool_merge(here, there, map, &err), err);
    hp_table_remap(t, map, 7);
    assert_int_equal(hp_pool_count(here), 3001);
    assert_int_equal(t->col[1].v[2999], id);
    for (size_t i = 0; i < 3000; i++) {
        snprintf(text, sizeof text, "text %zu", i);
        assert_view(hp_text(here, t->col[1].v[i]), text);
        assert_int_equal(t->col[0].v[i], HP_NULL);
        assert_int_equal(t->origin[i].sheet, 7);
    }
    hp_pool_free(here);
    hp_pool_free(there);
}

static void columns_have_letters(void **state) {
    (void)state;
    static const struct {
        uint32_t col;
        const char *letters;
    } CASES[] = {{0, "A"},   {25, "Z"},   {26, "AA"},   {51, "AZ"},
                 {52, "BA"}, {701, "ZZ"}, {702, "AAA"}, {16383, "XFD"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char out[8];
        uint32_t back;
        hp_col_letters(CASES[i].col, out);
        assert_string_equal(out, CASES[i].letters);
        assert_true(hp_col_parse(hp_str_of(out), &back));
        assert_int_equal(back, CASES[i].col);
    }
    uint32_t col;
    assert_false(hp_col_parse(HP_S("XFE"), &col));
    assert_false(hp_col_parse(HP_S(""), &col));
    assert_false(hp_col_parse(HP_S("A1"), &col));
    assert_true(hp_col_parse(HP_S("xfd"), &col));
}

static void addresses_read_as_in_a_spreadsheet(void **state) {
    (void)state;
    hp_run run = {0};
    hp_err err;
    uint32_t book, csv, sheet, none;
    assert_ok(hp_run_open(&run, &err), err);
    hp_source_file f = {.path = HP_S("in/Book.xlsx"), .name = HP_S("Book.xlsx"), .label = HP_S("Book")};
    assert_ok(hp_run_add_file(&run, &f, &book, &err), err);
    f.name = HP_S("people.csv");
    assert_ok(hp_run_add_file(&run, &f, &csv, &err), err);
    assert_ok(hp_run_add_sheet(&run, book, HP_S("Company_Cat"), 0, &sheet, &err), err);
    assert_ok(hp_run_add_sheet(&run, csv, HP_S(""), 0, &none, &err), err);
    const struct {
        hp_cell at;
        const char *text;
    } cases[] = {{{sheet, 17, 2}, "Book.xlsx!Company_Cat!C17"},
                 {{sheet, 1048576, HP_NO_COL}, "Book.xlsx!Company_Cat!1048576"},
                 {{sheet, 0, HP_NO_COL}, "Book.xlsx!Company_Cat"},
                 {{none, 17, 2}, "people.csv!C17"},
                 {{HP_NO_SHEET, 0, HP_NO_COL}, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hp_autobuf out = hp_buf_new(100);
        hp_address(&run.sources, cases[i].at, &out);
        assert_view(hp_buf_str(&out), cases[i].text);
    }
    hp_run_close(&run);
}

static void findings_are_kept_and_counted(void **state) {
    (void)state;
    hp_run run = {0};
    hp_err err;
    assert_ok(hp_run_open(&run, &err), err);
    for (uint32_t i = 0; i < 3000; i++)
        assert_ok(hp_findf(&run, HP_R_PLACEHOLDER, (hp_cell){0, i + 1, 2}, HP_NULL, &err, "note %u", i % 3),
                  err);
    assert_int_equal(run.issues.list.n, 3000);
    assert_int_equal(run.issues.by_rule[HP_R_PLACEHOLDER], 3000);
    assert_view(hp_text(run.pool, run.issues.list.p[2999].note), "note 2");
    hp_run_close(&run);
}

static void a_long_note_ends_at_a_character(void **state) {
    (void)state;
    hp_run run = {0};
    hp_err err;
    char text[2001];
    for (size_t i = 0; i < 1000; i++) memcpy(text + 2 * i, "\xC3\xA9", 2);
    text[2000] = '\0';
    assert_ok(hp_run_open(&run, &err), err);
    assert_ok(hp_findf(&run, HP_R_PLACEHOLDER, (hp_cell){0, 1, 2}, HP_NULL, &err, "x%s", text), err);
    hp_str note = hp_text(run.pool, run.issues.list.p[0].note);
    assert_int_equal(note.n % 2, 1);
    assert_int_equal((unsigned char)note.p[note.n - 1], 0xA9);
    hp_run_close(&run);
}

static void tables_of_words_are_complete(void **state) {
    (void)state;
    for (int r = 0; r < HP_RULE_COUNT; r++) {
        assert_non_null(hp_rule_get((hp_rule)r)->name);
        assert_non_null(hp_rule_get((hp_rule)r)->text);
    }
    for (int f = 1; f < HP_FIELD_COUNT; f++) {
        const hp_field_info *info = hp_field_get((hp_field)f);
        assert_int_equal(hp_field_find(hp_str_of(info->name)), f);
        assert_int_equal(hp_field_of_contact((hp_field)f),
                         strncmp(info->name, "contact_", 8) == 0 || strncmp(info->name, "consent_", 8) == 0);
    }
    assert_int_equal(hp_field_find(HP_S("no such field")), HP_F_NONE);
    for (int e = 0; e < HP_ENTITY_COUNT; e++) {
        hp_entity back;
        assert_true(hp_entity_find(hp_str_of(hp_entity_name((hp_entity)e)), &back));
        assert_int_equal(back, e);
    }
    for (int k = 0; k < HP_KIND_COUNT; k++) assert_non_null(hp_kind_name((hp_kind)k));
}

static void a_table_beyond_the_limit_is_refused(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    assert_null(hp_table_new(a, 1048576, 16384, true));
    hp_table *t = hp_table_new(a, 3, 2, true);
    assert_non_null(t);
    assert_int_equal(t->col[1].source, 1);
    assert_int_equal(t->col[1].v[2], HP_NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interning_gives_one_id_a_text),
        cmocka_unit_test(large_texts_and_nul_bytes_are_kept),
        cmocka_unit_test(texts_of_all_lengths_are_found_many_at_once),
        cmocka_unit_test(a_pool_is_known_by_its_serial),
        cmocka_unit_test(a_growing_pool_finds_every_text_again),
        cmocka_unit_test(a_table_of_another_pool_keeps_its_texts),
        cmocka_unit_test(columns_have_letters),
        cmocka_unit_test(addresses_read_as_in_a_spreadsheet),
        cmocka_unit_test(findings_are_kept_and_counted),
        cmocka_unit_test(a_long_note_ends_at_a_character),
        cmocka_unit_test(tables_of_words_are_complete),
        cmocka_unit_test(a_table_beyond_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
