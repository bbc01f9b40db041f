/* What the report is filled with: masked values, the places with the most findings, the previous run. */
#include "table_builder.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "refine/report.h"

static hp_run R;
static hp_err E;
static char dir[] = "/tmp/hotpass-report-XXXXXX";

static int open_run(void **state) {
    (void)state;
    E = (hp_err){0};
    tb_open(&R);
    return 0;
}

static int close_run(void **state) {
    (void)state;
    hp_run_close(&R);
    return 0;
}

/* ---- a source made by hand ---- */

static const char *const CELLS[][4] = {{"Company", "E-mail", "Founded", "Remarks"},
                                       {"Kite Works", "ann@kite.example", "1999-01-01", "call 011 555 0100"},
                                       {"Loop", NULL, NULL, NULL},
                                       {"Roll", "x", NULL, NULL}};
static const hp_field FIELDS[] = {HP_F_ORGANIZATION_NAME, HP_F_CONTACT_EMAIL, HP_F_LAST_INTERACTION_DATE,
                                  HP_F_NONE};
static const hp_previous NO_PREVIOUS = {.quality = -1};

/* A mapped sheet of CELLS; the last column is not mapped. */
static hp_mapped *mapped(hp_entity entity) {
    hp_mapped *m = HP_NEW(R.arena, hp_mapped);
    m->sheet = tb_sheet(&R, tb_file(&R, "Book", 1), "List");
    m->raw = TB_TABLE(&R, m->sheet, CELLS);
    m->entity = entity;
    m->first = 1;
    m->nbind = 4;
    m->bind = HP_NEW_ARRAY(R.arena, 4, hp_binding);
    for (uint32_t c = 0; c < 4; c++)
        m->bind[c] = (hp_binding){.col = c, .header = hp_str_of(CELLS[0][c]), .field = FIELDS[c]};
    return m;
}

/* A report of that sheet; `R` is lent to the result for the time. */
typedef struct made {
    hp_refine_options o;
    hp_refine_result r;
    hp_profile p;
    hp_mapped *sheet;
    hp_previous previous;
    hp_report_source in;
    hp_report out;
} made;

static made *begin(hp_entity entity, bool show_values) {
    made *m = HP_NEW(R.arena, made);
    m->sheet = mapped(entity);
    m->o = (hp_refine_options){.show_values = show_values, .input_dir = "in"};
    m->p = (hp_profile){.name = HP_S("generic"), .path = HP_S("generic.yaml")};
    m->previous = NO_PREVIOUS;
    hp_table *data = hp_table_new(R.arena, 0, 0, false);
    m->in = (hp_report_source){&m->o, &m->r, data, &m->sheet, 1, &m->previous};
    return m;
}

static const hp_report *finish(made *m) {
    m->r.run = R; /* borrowed: the run is closed by close_run */
    m->r.profile = &m->p;
    assert_ok(hp_report_make(&m->in, &m->out, &E), E);
    R = m->r.run;
    return &m->out;
}

static void find(const made *m, hp_rule rule, uint32_t col, uint32_t row, const char *value) {
    hp_cell at = {.sheet = m->sheet->sheet, .row = row, .col = col};
    assert_ok(hp_find(&R, rule, at, value ? tb_vid(&R, value) : HP_NULL, HP_NULL, &E), E);
}

static hp_str value_of(const hp_report *r, hp_rule rule) {
    for (size_t i = 0; i < r->nrule; i++)
        if (hp_str_eq(r->rule[i].rule, hp_str_of(hp_rule_get(rule)->name))) return r->rule[i].value;
    fail_msg("no findings of %s", hp_rule_get(rule)->name);
    return (hp_str){0};
}

/* ---- masks ---- */

static const struct {
    hp_rule rule;
    uint32_t col;
    const char *value, *masked;
} MASKS[] = {
    /* the rule says so */
    {HP_R_EMAIL_INVALID, 1, "ann@kite",
     "a\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2@\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2"},
    {HP_R_PHONE_INVALID, 3, "011 555 0100",
     "\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2"
     "00"},
    /* the field says so */
    {HP_R_CELL_ERROR, 1, "Ann", "A\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2"},
    /* neither: shown */
    {HP_R_KEY_UNMATCHED, 0, "Kite Works", "Kite Works"},
    {HP_R_DATE_INVALID, 2, "31-02-2025", "31-02-2025"},
};

static void values_that_may_be_personal_are_masked(void **state) {
    (void)state;
    made *m = begin(HP_E_ORGANIZATION, false);
    for (size_t i = 0; i < sizeof MASKS / sizeof *MASKS; i++)
        find(m, MASKS[i].rule, MASKS[i].col, 2, MASKS[i].value);
    /* An address in a text that nobody said was personal. */
    find(m, HP_R_PROVINCE_UNKNOWN, 3, 2, "ask bob@home.example");
    const hp_report *r = finish(m);
    assert_true(r->masked);
    for (size_t i = 0; i < sizeof MASKS / sizeof *MASKS; i++)
        assert_view(value_of(r, MASKS[i].rule), MASKS[i].masked);
    assert_true(hp_str_find(value_of(r, HP_R_PROVINCE_UNKNOWN), HP_S("bob@home"), 0) == SIZE_MAX);
}

static void they_are_shown_when_asked_for(void **state) {
    (void)state;
    made *m = begin(HP_E_ORGANIZATION, true);
    for (size_t i = 0; i < sizeof MASKS / sizeof *MASKS; i++)
        find(m, MASKS[i].rule, MASKS[i].col, 2, MASKS[i].value);
    const hp_report *r = finish(m);
    assert_false(r->masked);
    for (size_t i = 0; i < sizeof MASKS / sizeof *MASKS; i++)
        assert_view(value_of(r, MASKS[i].rule), MASKS[i].value);
}

/* Of people who stand for themselves, the organisation's name is the person's. */
static void names_of_people_are_masked_too(void **state) {
    (void)state;
    made *m = begin(HP_E_PERSON, false);
    find(m, HP_R_KEY_UNMATCHED, 0, 2, "Ann Bower");
    assert_view(value_of(finish(m), HP_R_KEY_UNMATCHED), "A\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2");
}

/* A value of the result goes by its column; of one that no source feeds nobody knows. */
static void values_of_the_result_go_by_their_column(void **state) {
    (void)state;
    static const struct {
        const char *column, *value, *shown;
    } CASES[] = {{"website", "https://kite.example", "https://kite.example"},
                 {"province", "Gauteng", "Gauteng"},
                 {"contact_primary_name", "Ann", "A\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2"},
                 {"contact_primary_lead_score", "2", "2\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2"}};
    made *m = begin(HP_E_ORGANIZATION, false);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        hp_autobuf out = hp_buf_new(1 << 16);
        hp_vid v = tb_vid(&R, CASES[i].value);
        m->r.run = R;
        hp_report_output_value(&m->in, hp_str_of(CASES[i].column), v, &out);
        assert_string_equal(hp_buf_cstr(&out), CASES[i].shown);
    }
}

static void a_long_value_is_cut_visibly(void **state) {
    (void)state;
    made *m = begin(HP_E_ORGANIZATION, true);
    hp_autobuf text = hp_buf_new(1 << 16);
    for (int i = 0; i < 500; i++) hp_buf_puts(&text, "\xC3\xA9");
    find(m, HP_R_KEY_UNMATCHED, 0, 2, hp_buf_cstr(&text));
    hp_str v = value_of(finish(m), HP_R_KEY_UNMATCHED);
    assert_true(v.n < 80 && hp_str_ends(v, HP_S("\xC3\xA9\xE2\x80\xA6")));
}

/* ---- places ---- */

static void the_worst_places_come_first(void **state) {
    (void)state;
    made *m = begin(HP_E_ORGANIZATION, false);
    for (uint32_t row = 2; row <= 40; row++) find(m, HP_R_PLACEHOLDER, 2, row, "-");
    find(m, HP_R_PHONE_INVALID, 1, 30, "12");
    find(m, HP_R_EMAIL_INVALID, 1, 30, "x");
    find(m, HP_R_PHONE_INVALID, 1, 7, "12");
    const hp_report *r = finish(m);
    assert_int_equal(r->findings, 42);
    assert_int_equal(r->warnings, 3);
    assert_int_equal(r->rows.all, 39);
    assert_true(r->rows.n < r->rows.all); /* and the page says so */
    assert_view(r->rows.list[0].place, "Book.xlsx!List!30");
    assert_view(r->rows.list[0].rules, "phone_invalid 1, email_invalid 1, placeholder 1");
    assert_view(r->rows.list[0].cells, "Book.xlsx!List!C30, !B30, !B30");
    assert_view(r->rows.list[1].place, "Book.xlsx!List!7");
    assert_view(r->rows.list[2].place, "Book.xlsx!List!2"); /* of equal ones the first */
    assert_view(r->columns.list[0].place, "Book.xlsx!List!B");
    assert_view(r->columns.list[0].name, "E-mail, read as contact_email");
    assert_int_equal(r->columns.list[0].warn, 3);
    assert_view(r->columns.list[1].cells, "Book.xlsx!List!C2, !C3, !C4, !C5, \xE2\x80\xA6");
    assert_int_equal(r->sheets.n, 1);
    assert_int_equal(r->sheets.list[0].info, 39);
    assert_int_equal(r->sheets.list[0].rows, 3);
    assert_view(r->rule[0].rule, "phone_invalid"); /* warnings before what is more frequent */
    assert_view(r->rule[2].rule, "placeholder");
}

static void findings_without_a_place_are_counted_by_rule_alone(void **state) {
    (void)state;
    made *m = begin(HP_E_ORGANIZATION, false);
    hp_cell nowhere = {.sheet = HP_NO_SHEET, .col = HP_NO_COL};
    assert_ok(hp_findf(&R, HP_R_SOURCE_ABSENT, nowhere, HP_NULL, &E, "Old list"), E);
    const hp_report *r = finish(m);
    assert_int_equal(r->nrule, 1);
    assert_view(r->rule[0].cells, "");
    assert_int_equal(r->sheets.n + r->columns.n + r->rows.n, 0);
    assert_int_equal(r->nstep, 1);
}

static void nothing_to_correct_is_said(void **state) {
    (void)state;
    const hp_report *r = finish(begin(HP_E_ORGANIZATION, false));
    assert_int_equal(r->state, HP_REPORT_PASSED);
    assert_int_equal(r->nstep, 1);
    assert_view(r->step[0].text, "There is nothing to correct.");
}

/* ---- fill ---- */

static const hp_fill *fill_of(const hp_refine_result *r, const char *column) {
    for (size_t i = 0; i < r->nfill; i++)
        if (strcmp(r->fill[i].column, column) == 0) return &r->fill[i];
    fail_msg("no column %s", column);
    return NULL;
}

static void fill_is_counted_before_and_after(void **state) {
    (void)state;
    made *m = begin(HP_E_ORGANIZATION, false);
    static const char *const RESULT[][2] = {{"Kite Works", NULL}, {"Loop", "a@b.example"}, {"Roll", NULL}};
    hp_table *data = TB_TABLE(&R, 0, RESULT);
    data->col[0].name = HP_S("organization_name");
    data->col[1].name = HP_S("contact_primary_email");
    m->r.run = R;
    assert_ok(hp_fill_measure(&m->r, &m->sheet, 1, data, &E), E);
    R = m->r.run;
    const hp_fill *name = fill_of(&m->r, "organization_name"),
                  *email = fill_of(&m->r, "contact_primary_email"),
                  *role = fill_of(&m->r, "contact_primary_role");
    assert_int_equal(name->before, 3);
    assert_int_equal(name->before_of, 3);
    assert_int_equal(name->after, 3);
    assert_int_equal(email->before, 2);
    assert_int_equal(email->after, 1);
    assert_int_equal(role->before_of, 3); /* the sheet has contact columns, though not this one */
    assert_int_equal(role->before, 0);
}

/* A sheet of addresses has no organisation rows, and no contact columns. */
static void sheets_that_cannot_hold_a_column_do_not_count(void **state) {
    (void)state;
    made *m = begin(HP_E_ADDRESS, false);
    m->sheet->nbind = 1;
    m->r.run = R;
    assert_ok(hp_fill_measure(&m->r, &m->sheet, 1, hp_table_new(R.arena, 0, 0, false), &E), E);
    R = m->r.run;
    for (size_t i = 0; i < m->r.nfill; i++) assert_int_equal(m->r.fill[i].before_of, 0);
}

/* ---- the previous run ---- */

static const char *write_previous(const char *json) {
    static char path[96];
    snprintf(path, sizeof path, "%s/run.json", dir);
    assert_ok(hp_write_file(path, hp_str_of(json), &E), E);
    return path;
}

static const char PREVIOUS[] =
    "{\"schema\":\"hotpass.run/1\",\"version\":\"" HP_VERSION
    "\",\"started_at\":\"2025-10-14T09:00:00Z\",\"profile\":{\"sha256\":\"\"},"
    "\"inputs\":[{\"path\":\"in/Book.xlsx\",\"sha256\":\"old\"},{\"path\":\"in/Gone.xlsx\",\"sha256\":\"x\"}],"
    "\"counts\":{\"rows_in\":9,\"rows_out\":4,\"merged\":0,\"quarantined\":5,\"contacts\":0,\"conflicts\":0},"
    "\"quality_mean\":0.25,\"fill\":[{\"column\":\"website\",\"filled\":2}],"
    "\"findings\":[{\"rule\":\"phone_invalid\",\"count\":3},{\"rule\":\"no_such_rule\",\"count\":1},"
    "{\"rule\":\"placeholder\",\"count\":2}]}";

static const hp_report_change *change_of(const hp_report *r, const char *what) {
    for (size_t i = 0; i < r->nchange; i++)
        if (hp_str_eq(r->change[i].what, hp_str_of(what))) return &r->change[i];
    return NULL;
}

static void changes_are_told(void **state) {
    (void)state;
    made *m = begin(HP_E_ORGANIZATION, false);
    assert_ok(hp_previous_load(R.arena, write_previous(PREVIOUS), &m->previous, &E), E);
    m->r.rows_in = 9;
    m->r.quarantined = 2;
    m->r.quality_mean = 0.5;
    find(m, HP_R_PHONE_INVALID, 1, 2, "12");
    find(m, HP_R_PLACEHOLDER, 1, 3, "-");
    find(m, HP_R_PLACEHOLDER, 1, 4, "-");
    const hp_report *r = finish(m);
    assert_true(r->previous);
    assert_view(r->previous_note, "Compared with the run of 2025-10-14 09:00 UTC.");
    assert_null(change_of(r, "Rows read"));
    const hp_report_change *q = change_of(r, "Rows in quarantine"),
                           *p = change_of(r, "Findings phone_invalid");
    assert_view(q->change, "\xE2\x88\x92"
                           "3");
    assert_int_equal(q->trend, HP_TREND_BETTER);
    assert_view(p->was, "3");
    assert_view(p->now, "1");
    assert_view(change_of(r, "Mean quality")->change, "+25.0 points");
    assert_null(change_of(r, "Findings placeholder")); /* as it was */
    assert_view(change_of(r, "File Book.xlsx")->change, "changed");
    assert_view(change_of(r, "File Gone.xlsx")->change, "gone");
    assert_int_equal(hp_previous_fill(&m->previous, "website"), 2);
    assert_true(hp_previous_fill(&m->previous, "province") == HP_UNKNOWN);
}

static void no_previous_run_is_no_error(void **state) {
    (void)state;
    hp_previous p;
    assert_ok(hp_previous_load(R.arena, "/nonexistent/run.json", &p, &E), E);
    assert_false(p.known);
    assert_view(p.note, "");
}

static void a_previous_run_that_cannot_be_read_is_told(void **state) {
    (void)state;
    static const char *const BAD[] = {"{", "[]", "{\"schema\":\"hotpass.run/2\"}", "null", ""};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        hp_previous p;
        assert_ok(hp_previous_load(R.arena, write_previous(BAD[i]), &p, &E), E);
        assert_false(p.known);
        assert_true(p.note.n > 0);
    }
}

/* What stands in it may be anything: whoever can write the file may have. */
static void odd_values_of_it_are_not_known(void **state) {
    (void)state;
    hp_previous p;
    assert_ok(hp_previous_load(
                  R.arena,
                  write_previous("{\"schema\":\"hotpass.run/1\",\"counts\":[1],\"findings\":{\"a\":1},"
                                 "\"fill\":3,\"inputs\":[1,null,{\"path\":[]}],\"quality_mean\":\"x\"}"),
                  &p, &E),
              E);
    assert_true(p.known);
    assert_true(p.rows_in == HP_UNKNOWN && p.quality < 0);
    made *m = begin(HP_E_ORGANIZATION, false);
    m->previous = p;
    finish(m);
}

static int set_up(void **state) {
    (void)state;
    setenv("SOURCE_DATE_EPOCH", "1760432400", 1);
    return mkdtemp(dir) ? 0 : 1;
}

static int tear_down(void **state) {
    (void)state;
    char path[96];
    snprintf(path, sizeof path, "%s/run.json", dir);
    unlink(path);
    return rmdir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_run, close_run)
        CASE(values_that_may_be_personal_are_masked),
        CASE(they_are_shown_when_asked_for),
        CASE(names_of_people_are_masked_too),
        CASE(values_of_the_result_go_by_their_column),
        CASE(a_long_value_is_cut_visibly),
        CASE(the_worst_places_come_first),
        CASE(findings_without_a_place_are_counted_by_rule_alone),
        CASE(nothing_to_correct_is_said),
        CASE(fill_is_counted_before_and_after),
        CASE(sheets_that_cannot_hold_a_column_do_not_count),
        CASE(changes_are_told),
        CASE(no_previous_run_is_no_error),
        CASE(a_previous_run_that_cannot_be_read_is_told),
        CASE(odd_values_of_it_are_not_known),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
