#include "check/check.h"

#include <stdio.h>

#include "base/mem.h"
#include "check/pattern.h"

#include "base/banned.h"

/* An expectation, from the table below or from the profile. */
typedef struct expectation {
    const char *column, *kind;
    const char *regex;      /* of matches_regex */
    const char *const *set; /* of in_set, ended by NULL */
    double mostly;
    bool fail;
    bool required; /* from required_fields: its findings have a rule of their own */
    const char *where;
    size_t at; /* column of the data */
} expectation;

typedef struct checker {
    hp_run *run;
    const hp_table *data;
    hp_vid *slug;   /* key of each row; NULL when the table has none */
    uint8_t *known; /* for each value: what is known of it under the expectation at hand */
    size_t values;
    hp_pattern *pattern;
    hp_buf text;
} checker;

/* What `known` holds. */
enum { UNKNOWN, EXPECTED, UNEXPECTED };

/* ---- tests of one value ---- */

static bool is_in(hp_str v, const char *const *set) {
    for (; *set; set++)
        if (hp_str_eq(v, hp_str_of(*set))) return true;
    return false;
}

static bool is_share(hp_str v) {
    double x;
    return hp_str_f64(v, &x) && x >= 0 && x <= 1;
}

static hp_code test_value(checker *c, const expectation *e, hp_vid v, bool *ok, hp_err *err) {
    hp_str text = hp_text(c->run->pool, v);
    if (c->pattern) return hp_pattern_match(c->pattern, text, ok, err);
    *ok = e->set ? is_in(text, e->set) : is_share(text);
    return HP_OK;
}

/* Each distinct value is tested once. */
static hp_code test_cell(checker *c, const expectation *e, hp_vid v, bool *ok, hp_err *err) {
    if (c->known[v] == UNKNOWN) {
        HP_TRY(test_value(c, e, v, ok, err));
        c->known[v] = *ok ? EXPECTED : UNEXPECTED;
    }
    *ok = c->known[v] == EXPECTED;
    return HP_OK;
}

/* ---- one expectation ---- */

static hp_code report(checker *c, const expectation *e, size_t row, hp_vid v, hp_err *err) {
    hp_buf_clear(&c->text);
    if (c->slug) hp_buf_add(&c->text, hp_text(c->run->pool, c->slug[row]));
    hp_buf_printf(&c->text, ": %s %s", e->column, e->kind);
    HP_TRY(hp_buf_check(&c->text, "a finding", err));
    hp_vid note;
    HP_TRY(hp_intern(c->run->pool, hp_buf_str(&c->text), &note, err));
    hp_rule rule = e->required ? HP_R_REQUIRED_MISSING : HP_R_EXPECTATION_FAILED;
    return hp_find(c->run, rule, (hp_cell){HP_NO_SHEET, 0, HP_NO_COL}, v, note, err);
}

static hp_code check_rows(checker *c, const expectation *e, hp_check_result *r, hp_err *err) {
    const hp_vid *v = c->data->col[e->at].v;
    bool not_null = strcmp(e->kind, "not_null") == 0, unique = strcmp(e->kind, "unique") == 0;
    memset(c->known, UNKNOWN, c->values);
    for (size_t row = 0; row < c->data->nrow; row++) {
        bool ok = v[row] != HP_NULL;
        if (!ok && !not_null) continue;
        r->evaluated++;
        if (unique) {
            ok = c->known[v[row]] == UNKNOWN;
            c->known[v[row]] = EXPECTED;
        } else if (!not_null) {
            HP_TRY(test_cell(c, e, v[row], &ok, err));
        }
        if (ok) continue;
        r->unexpected++;
        HP_TRY(report(c, e, row, v[row], err));
    }
    return HP_OK;
}

static hp_code check_one(checker *c, const expectation *e, hp_check_result *r, hp_err *err) {
    *r = (hp_check_result){
        .column = hp_str_of(e->column), .kind = hp_str_of(e->kind), .mostly = e->mostly, .fail = e->fail};
    c->pattern = NULL;
    if (e->regex) HP_TRY(hp_pattern_compile(hp_str_of(e->regex), e->where, &c->pattern, err));
    hp_code code = check_rows(c, e, r, err);
    hp_pattern_free(c->pattern);
    /* Counts are compared, not shares: 17 of 20 is not less than 0.85. */
    r->success = (double)(r->evaluated - r->unexpected) >= r->mostly * (double)r->evaluated - 1e-9;
    return code;
}

/* ---- the built-in expectations ---- */

static const char *const STATUSES[] = {"deliverable", "risky", "undeliverable", "unknown", NULL};
enum { BUILT_IN = 18 };

static size_t list_built_in(const hp_profile *p, expectation *out) {
    const expectation ALL[] = {
        {.column = "organization_name", .kind = "not_null", .mostly = 1},
        {.column = "organization_slug", .kind = "not_null", .mostly = 1},
        {.column = "organization_slug", .kind = "unique", .mostly = 1},
        {.column = "country", .kind = "not_null", .mostly = 1},
        {.column = "data_quality_score", .kind = "not_null", .mostly = 1},
        {.column = "data_quality_score", .kind = "between_0_and_1", .mostly = 1},
        {.column = "contact_primary_email",
         .kind = "matches_regex",
         .mostly = p->email_threshold,
         .regex = "^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}$"},
        {.column = "contact_primary_phone",
         .kind = "matches_regex",
         .mostly = p->phone_threshold,
         .regex = "^\\+\\d{6,}$"},
        {.column = "website", .kind = "matches_regex", .mostly = p->website_threshold, .regex = "^https?://"},
        {.column = "contact_primary_email_status", .kind = "in_set", .mostly = 1, .set = STATUSES},
        {.column = "contact_primary_phone_status", .kind = "in_set", .mostly = 1, .set = STATUSES},
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
        .column = output_name(column.p), .mostly = in->mostly, .fail = in->fail, .where = where.p};
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
    expectation e = {
        .column = output_name(hp_field_get(field)->name), .kind = "not_null", .mostly = 1, .required = true};
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

static hp_code check_all(checker *c, const hp_profile *p, hp_verdict **out, hp_err *err) {
    expectation *list;
    size_t n;
    HP_TRY(list_all(c, p, &list, &n, err));
    hp_verdict *v = HP_NEW(c->run->arena, hp_verdict);
    hp_check_result *result = HP_NEW_ARRAY(c->run->arena, n, hp_check_result);
    if (!v || !result) return hp_fail_memory(err, "the expectations");
    *v = (hp_verdict){.result = result, .n = n, .success = true};
    for (size_t i = 0; i < n; i++) {
        HP_TRY(check_one(c, &list[i], &result[i], err));
        if (result[i].success) continue;
        v->success = false;
        v->stop |= result[i].fail;
    }
    *out = v;
    return HP_OK;
}

hp_code hp_check_output(hp_run *run, const hp_profile *p, const hp_table *data, hp_verdict **out,
                        hp_err *err) {
    size_t slug = hp_table_find(data, HP_S("organization_slug"));
    checker c = {.run = run,
                 .data = data,
                 .slug = slug == SIZE_MAX ? NULL : data->col[slug].v,
                 .text = hp_buf_new(1u << 20)};
    c.values = (size_t)hp_pool_count(run->pool) + 1;
    hp_autofree uint8_t *known = hp_malloc(c.values);
    if (!known) return hp_fail_memory(err, "the checks");
    c.known = known;
    hp_code code = check_all(&c, p, out, err);
    hp_buf_free(&c.text);
    return code;
}
