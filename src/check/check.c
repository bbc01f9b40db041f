/* The checks of the output: the profile's expectations and the built-in ones become a suite. */
#include "check/check.h"

#include "base/mem.h"
#include "base/node.h"

#include "base/banned.h"

/* An expectation, from the table below or from the profile. */
typedef struct expectation {
    const char *column, *kind;
    const char *regex; /* of matches_regex */
    const char *set;   /* of in_set, with | between the values */
    double mostly;
    hp_on_failure action;
    bool required; /* from required_fields: its findings have a rule of their own */
    const char *where;
    size_t at; /* column of the data */
} expectation;

typedef struct checker {
    hp_run *run;
    const hp_table *data;
    hp_vid *slug; /* key of each row; NULL when the table has none */
} checker;

/* ---- the built-in expectations ---- */

enum {
    USUAL = 0
#define HP_USUAL(column, member, regex, text) +1
#include "profile/usual.def"
    ,
    BUILT_IN = 15 + USUAL
};

static size_t list_built_in(const hp_profile *p, expectation *out) {
    const expectation ALL[] = {
        {.column = "organization_name", .kind = "not_null", .mostly = 1},
        {.column = "organization_slug", .kind = "not_null", .mostly = 1},
        {.column = "organization_slug", .kind = "unique", .mostly = 1},
        {.column = "country", .kind = "not_null", .mostly = 1},
        {.column = "data_quality_score", .kind = "not_null", .mostly = 1},
        {.column = "data_quality_score", .kind = "between_0_and_1", .mostly = 1},
#define HP_USUAL(name, member, pattern, text) \
    {.column = name, .kind = "matches_regex", .mostly = p->member, .regex = pattern},
#include "profile/usual.def"
        {.column = "contact_primary_email_status", .kind = "in_set", .mostly = 1, .set = HP_CHANNEL_STATUSES},
        {.column = "contact_primary_phone_status", .kind = "in_set", .mostly = 1, .set = HP_CHANNEL_STATUSES},
        {.column = "contact_primary_email_confidence", .kind = "between_0_and_1", .mostly = 1},
        {.column = "contact_primary_phone_confidence", .kind = "between_0_and_1", .mostly = 1},
        {.column = "contact_primary_lead_score", .kind = "between_0_and_1", .mostly = 1},
        {.column = "contact_email_confidence_avg", .kind = "between_0_and_1", .mostly = 1},
        {.column = "contact_phone_confidence_avg", .kind = "between_0_and_1", .mostly = 1},
        {.column = "contact_verification_score_avg", .kind = "between_0_and_1", .mostly = 1},
        {.column = "contact_lead_score_avg", .kind = "between_0_and_1", .mostly = 1},
    };
    _Static_assert(sizeof ALL == BUILT_IN * sizeof *ALL, "room for all");
    memcpy(out, ALL, sizeof ALL);
    return BUILT_IN;
}

/* ---- the profile's ---- */

/* Expectations may name a canonical field where the output column is called otherwise. */
static const char *output_name(const char *column) {
    static const char *const ALIAS[][2] = {
        {"contact_name", "contact_primary_name"},
        {"contact_role", "contact_primary_role"},
        {"contact_email", "contact_primary_email"},
        {"contact_phone", "contact_primary_phone"},
        {"address", "address_primary"},
        {"category", "organization_category"},
    };
    for (size_t i = 0; i < sizeof ALIAS / sizeof *ALIAS; i++)
        if (strcmp(column, ALIAS[i][0]) == 0) return ALIAS[i][1];
    return column;
}

static hp_code unknown_column(const checker *c, const expectation *e, hp_err *err) {
    hp_str best = {0};
    unsigned least = 5;
    for (size_t i = 0; i < c->data->ncol; i++) {
        unsigned d = hp_str_distance(hp_str_of(e->column), c->data->col[i].name);
        if (d >= least) continue;
        least = d;
        best = c->data->col[i].name;
    }
    return hp_fail(err, HP_CONFIG, "%s: expectation on \"%s\", but the output has no such column%s%.*s%s",
                   e->where, e->column, best.n ? "; did you mean \"" : "", HP_FMT(best), best.n ? "\"?" : "");
}

static hp_code take_from_profile(checker *c, const hp_profile *p, const hp_profile_expectation *in,
                                 expectation *e, hp_err *err) {
    hp_str column = hp_arena_dup(c->run->arena, in->column), regex = hp_arena_dup(c->run->arena, in->regex);
    hp_str where = hp_arena_printf(c->run->arena, "%.*s:%d", HP_FMT(p->path), in->line);
    if (!column.p || !regex.p || !where.p) return hp_fail_memory(err, "the expectations");
    *e = (expectation){
        .column = output_name(column.p), .mostly = in->mostly, .action = in->action, .where = where.p};
    if (hp_str_eq(in->kind, HP_S("not_null")))
        e->kind = "not_null";
    else if (hp_str_eq(in->kind, HP_S("matches_regex")))
        e->kind = "matches_regex", e->regex = regex.p;
    else
        return hp_fail(err, HP_CONFIG, "%s: unknown expectation \"%.*s\" (not_null, matches_regex)", where.p,
                       HP_FMT(in->kind));
    e->at = hp_table_find(c->data, hp_str_of(e->column));
    return e->at == SIZE_MAX ? unknown_column(c, e, err) : HP_OK;
}

/* Adds "not null" for a required field, if nothing on the list says so already. */
static hp_code take_required(checker *c, const hp_profile *p, hp_field field, expectation *list, size_t *n,
                             hp_err *err) {
    expectation e = {.column = output_name(hp_field_get(field)->name),
                     .kind = "not_null",
                     .mostly = 1,
                     .action = HP_ON_FAILURE_WARN,
                     .required = true};
    hp_str where = hp_arena_printf(c->run->arena, "%.*s: required_fields", HP_FMT(p->path));
    if (!where.p) return hp_fail_memory(err, "the expectations");
    e.where = where.p;
    e.at = hp_table_find(c->data, hp_str_of(e.column));
    if (e.at == SIZE_MAX) return unknown_column(c, &e, err);
    for (size_t i = 0; i < *n; i++)
        if (list[i].at == e.at && strcmp(list[i].kind, e.kind) == 0) return HP_OK;
    list[(*n)++] = e;
    return HP_OK;
}

/* Lists what applies: a built-in expectation only where the table has its column. */
static hp_code list_all(checker *c, const hp_profile *p, expectation **out, size_t *n, hp_err *err) {
    expectation *list = HP_NEW_ARRAY(c->run->arena, BUILT_IN + p->nexpectation + p->nrequired, expectation);
    if (!list) return hp_fail_memory(err, "the expectations");
    size_t all = list_built_in(p, list), kept = 0;
    for (size_t i = 0; i < all; i++) {
        list[i].at = hp_table_find(c->data, hp_str_of(list[i].column));
        list[i].where = "built-in expectation";
        list[i].action = HP_ON_FAILURE_WARN;
        if (list[i].at != SIZE_MAX) list[kept++] = list[i];
    }
    for (size_t i = 0; i < p->nexpectation; i++)
        HP_TRY(take_from_profile(c, p, &p->expectation[i], &list[kept++], err));
    for (size_t i = 0; i < p->nrequired; i++)
        HP_TRY(take_required(c, p, p->required_field[i], list, &kept, err));
    *out = list;
    *n = kept;
    return HP_OK;
}

/* ---- as a suite ---- */

/* The kinds of a profile, by the names that they have in suites. */
static const struct {
    const char *kind, *type;
} KIND[] = {{"not_null", "expect_column_values_to_not_be_null"},
            {"unique", "expect_column_values_to_be_unique"},
            {"matches_regex", "expect_column_values_to_match_regex"},
            {"in_set", "expect_column_values_to_be_in_set"},
            {"between_0_and_1", "expect_column_values_to_be_between"}};

static hp_node *set_of(hp_arena *a, const char *set) {
    hp_str rest = hp_str_of(set), one;
    size_t n = 1;
    for (size_t i = 0; i < rest.n; i++) n += rest.p[i] == '|';
    hp_node *list = hp_node_make(a, HP_NODE_LIST, n);
    while (hp_str_next(&rest, '|', &one)) list = hp_node_push(list, hp_node_words(a, one));
    return list;
}

static hp_node *kwargs_of(hp_arena *a, const expectation *e) {
    hp_node *m = hp_node_make(a, HP_NODE_MAP, 5);
    m = hp_node_put(a, m, "column", hp_node_words(a, hp_str_of(e->column)));
    m = hp_node_put(a, m, "mostly", hp_node_number(a, e->mostly));
    if (e->regex) return hp_node_put(a, m, "regex", hp_node_words(a, hp_str_of(e->regex)));
    if (e->set) return hp_node_put(a, m, "value_set", set_of(a, e->set));
    if (strcmp(e->kind, "between_0_and_1") != 0) return m;
    m = hp_node_put(a, m, "min_value", hp_node_number(a, 0));
    m = hp_node_put(a, m, "max_value", hp_node_number(a, 1));
    /* What is no number is a value at fault, with its row. */
    return hp_node_put(a, m, "allow_cross_type_comparisons", hp_node_plain(a, HP_S("true")));
}

static const char *type_of(const char *kind) {
    for (size_t i = 0; i < sizeof KIND / sizeof *KIND; i++)
        if (strcmp(kind, KIND[i].kind) == 0) return KIND[i].type;
    return "";
}

static hp_code make_suite(const checker *c, const hp_profile *p, const expectation *list, size_t n,
                          hp_suite **out, hp_err *err) {
    hp_arena *a = c->run->arena;
    hp_suite *s = HP_NEW(a, hp_suite);
    hp_expectation *e = HP_NEW_ARRAY(a, n + 1, hp_expectation);
    hp_str path = hp_arena_dup(a, p->path);
    if (!s || !e || !path.p) return hp_fail_memory(err, "the expectations");
    *s = (hp_suite){.name = HP_S(HP_OUTPUT_SUITE), .path = path, .n = n, .expectation = e};
    for (size_t i = 0; i < n; i++) {
        e[i] = (hp_expectation){.type = hp_str_of(type_of(list[i].kind)),
                                .kwargs = kwargs_of(a, &list[i]),
                                .severity =
                                    list[i].action == HP_ON_FAILURE_WARN ? HP_GX_WARNING : HP_GX_CRITICAL,
                                .where = hp_str_of(list[i].where)};
        if (!e[i].kwargs) return hp_fail_memory(err, "the expectations");
    }
    *out = s;
    return HP_OK;
}

/* ---- the verdict ---- */

static hp_code report(const checker *c, const expectation *e, const hp_outcome *o, hp_err *err) {
    hp_rule rule = e->required ? HP_R_REQUIRED_MISSING : HP_R_EXPECTATION_FAILED;
    hp_autobuf text = hp_buf_new(1u << 20);
    for (size_t i = 0; i < o->nunexpected; i++) {
        hp_vid note;
        hp_buf_clear(&text);
        if (c->slug) hp_buf_add(&text, hp_text(c->run->pool, c->slug[o->unexpected[i].row]));
        hp_buf_printf(&text, ": %s %s", e->column, e->kind);
        HP_TRY(hp_buf_check(&text, "a finding", err));
        HP_TRY(hp_intern(c->run->pool, hp_buf_str(&text), &note, err));
        HP_TRY(
            hp_find(c->run, rule, (hp_cell){HP_NO_SHEET, 0, HP_NO_COL}, o->unexpected[i].value, note, err));
    }
    return HP_OK;
}

static hp_check_result summarise(const expectation *e, const hp_validation *v, const hp_outcome *o) {
    return (hp_check_result){.suite = HP_S(HP_OUTPUT_SUITE),
                             .data = HP_S("Data"),
                             .column = hp_str_of(e->column),
                             .kind = hp_str_of(e->kind),
                             .mostly = e->mostly,
                             .action = e->action,
                             .evaluated = o->evaluated,
                             .unexpected = o->unexpected_count,
                             .success = o->success,
                             .validation = v,
                             .outcome = o};
}

static hp_code check_all(checker *c, const hp_profile *p, hp_verdict **out, hp_err *err) {
    expectation *list;
    hp_suite *suite;
    hp_validation *all;
    size_t n;
    HP_TRY(list_all(c, p, &list, &n, err));
    HP_TRY(make_suite(c, p, list, n, &suite, err));
    hp_verdict *v = HP_NEW(c->run->arena, hp_verdict);
    hp_check_result *result = HP_NEW_ARRAY(c->run->arena, n + 1, hp_check_result);
    if (!v || !result) return hp_fail_memory(err, "the expectations");
    *v = (hp_verdict){.result = result, .n = n, .success = true};
    HP_TRY(hp_validate(c->run, c->data, suite, &all, err));
    for (size_t i = 0; i < n; i++) {
        const hp_outcome *o = &all->outcome[i];
        result[i] = summarise(&list[i], all, o);
        HP_TRY(report(c, &list[i], o, err));
        if (o->success) continue;
        v->success = false;
        v->stop |= list[i].action == HP_ON_FAILURE_STOP;
    }
    *out = v;
    return HP_OK;
}

hp_code hp_check_output(hp_run *run, const hp_profile *p, const hp_table *data, hp_verdict **out,
                        hp_err *err) {
    size_t slug = hp_table_find(data, HP_S("organization_slug"));
    checker c = {.run = run, .data = data, .slug = slug == SIZE_MAX ? NULL : data->col[slug].v};
    return check_all(&c, p, out, err);
}
