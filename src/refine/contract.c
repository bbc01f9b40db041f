#include "refine/contract.h"

#include <math.h>
#include <stdio.h>

#include "refine/refine.h"

#include "base/banned.h"

/* What contract.def says of a column. */
enum { NOTHING = 0, REQUIRED = 1, UNIQUE = 2, KEY = 4, PERSONAL = 8, DATE = 16, TEXTS = 32 };

typedef enum table_id {
#define HP_CONTRACT_TABLE(id, sheet, resource, page, text, granularity) T_##id,
#include "refine/contract.def"
    T_COUNT
} table_id;

typedef struct table_facts {
    const char *sheet, *resource;
    bool page;
    const char *text, *granularity;
} table_facts;

static const table_facts TABLE[] = {
#define HP_CONTRACT_TABLE(id, sheet, resource, page, text, granularity) \
    {sheet, resource, page, text, granularity},
#include "refine/contract.def"
};

typedef struct usual_facts {
    const char *column;
    size_t threshold; /* offset in hp_profile */
    const char *regex, *text;
} usual_facts;

static const usual_facts USUAL[] = {
#define HP_USUAL(column, member, regex, text) {column, offsetof(hp_profile, member), regex, text},
#include "profile/usual.def"
};
enum { NUSUAL = sizeof USUAL / sizeof *USUAL };

typedef struct column_facts {
    table_id table;
    const char *column, *unit;
    unsigned flags;
    const char *values, *example;
} column_facts;

static const column_facts PROMISE[] = {
#define HP_PROMISE(table, column, unit, flags, values, example) \
    {T_##table, column, unit, flags, values, example},
#include "refine/contract.def"
};
enum { NPROMISE = sizeof PROMISE / sizeof *PROMISE };

typedef struct reference_facts {
    table_id table;
    const char *column;
    table_id other;
    const char *key;
} reference_facts;

static const reference_facts REFERENCE[] = {
#define HP_REFERENCE(table, column, other, key) {T_##table, column, T_##other, key},
#include "refine/contract.def"
};
enum { NREFERENCE = sizeof REFERENCE / sizeof *REFERENCE };

static const hp_output_column *columns_of(table_id t, size_t *n) {
    switch (t) {
    case T_DATA: return hp_data_columns(n);
    case T_CONTACTS: return hp_contact_columns(n);
    case T_QUARANTINE: return hp_sheet_columns(HP_SHEET_QUARANTINE, n);
    case T_FINDINGS: return hp_sheet_columns(HP_SHEET_FINDINGS, n);
    default: return hp_sheet_columns(HP_SHEET_SUMMARY, n);
    }
}

static const column_facts *facts_of(table_id t, const char *column) {
    for (size_t i = 0; i < NPROMISE; i++)
        if (PROMISE[i].table == t && strcmp(PROMISE[i].column, column) == 0) return &PROMISE[i];
    return NULL;
}

/* ---- columns ---- */

static void take_style(hp_contract_column *c, hp_style style, bool texts) {
    bool score = style == HP_STYLE_SCORE || style == HP_STYLE_QUALITY;
    bool count = style == HP_STYLE_INT;
    c->type = score ? HP_L_NUMBER : count ? texts ? HP_L_ANY : HP_L_INTEGER : HP_L_STRING;
    c->physical = c->type == HP_L_STRING ? HP_S("text") : c->type == HP_L_ANY ? HP_S("") : HP_S("number");
    c->unit = score ? HP_S("share, 0 to 1") : count ? HP_S("count") : HP_S("");
    if (score || c->type == HP_L_INTEGER) c->min.text = HP_S("0");
    if (score) c->max.text = HP_S("1");
}

static hp_code take_values(hp_arena *a, hp_contract_column *c, const char *values, hp_err *err) {
    hp_str rest = hp_str_of(values), part;
    size_t n = 1;
    for (size_t i = 0; i < rest.n; i++) n += rest.p[i] == '|';
    c->value = HP_NEW_ARRAY(a, n, hp_str);
    if (!c->value) return hp_fail_memory(err, "the contract");
    while (hp_str_next(&rest, '|', &part)) c->value[c->nvalue++] = part;
    return HP_OK;
}

static hp_code take_example(hp_arena *a, hp_contract_column *c, const char *example, hp_err *err) {
    c->example = HP_NEW_ARRAY(a, 1, hp_str);
    if (!c->example) return hp_fail_memory(err, "the contract");
    c->example[c->nexample++] = hp_str_of(example);
    return HP_OK;
}

static hp_code take_facts(hp_arena *a, hp_contract_column *c, const column_facts *f, hp_err *err) {
    if (f->unit) c->unit = hp_str_of(f->unit);
    if (f->flags & DATE) c->type = HP_L_DATE;
    c->required = f->flags & (REQUIRED | KEY);
    c->unique = f->flags & (UNIQUE | KEY);
    c->key = f->flags & KEY ? 1 : 0;
    c->personal = f->flags & PERSONAL;
    if (f->values) HP_TRY(take_values(a, c, f->values, err));
    return f->example ? take_example(a, c, f->example, err) : HP_OK;
}

static hp_code make_columns(hp_arena *a, table_id id, size_t rules, hp_contract_table *t, hp_err *err) {
    size_t n;
    const hp_output_column *from = columns_of(id, &n);
    t->column = HP_NEW_ARRAY(a, n, hp_contract_column);
    if (!t->column) return hp_fail_memory(err, "the contract");
    t->ncolumn = n;
    for (size_t i = 0; i < n; i++) {
        hp_contract_column *c = &t->column[i];
        const column_facts *f = facts_of(id, from[i].name);
        *c = (hp_contract_column){.name = hp_str_of(from[i].name),
                                  .description = hp_str_of(from[i].text),
                                  .min_length = -1,
                                  .max_length = -1};
        take_style(c, from[i].style, f && f->flags & TEXTS);
        if (f) HP_TRY(take_facts(a, c, f, err));
        c->type_name = hp_str_of(hp_logical_name(c->type));
        c->rule = HP_NEW_ARRAY(a, rules + 1, hp_contract_rule);
        if (!c->rule) return hp_fail_memory(err, "the contract");
    }
    return HP_OK;
}

/* ---- what is expected of most values ---- */

/* A share of values that must fit becomes a share of those that need not, in per cent. Two decimals of a per
 * cent are what a profile can say; more would be the noise of binary fractions. */
static double tolerance(double mostly) { return round((1 - mostly) * 1e4) / 1e2; }

static hp_contract_rule *add_rule(hp_contract_column *c, hp_metric metric, double mostly, bool fail) {
    hp_contract_rule *r = &c->rule[c->nrule++];
    *r = (hp_contract_rule){.metric = metric,
                            .low = -(double)INFINITY,
                            .high = tolerance(mostly),
                            .severity = fail ? HP_S("error") : HP_S("warning")};
    r->percent = r->high > 0;
    if (!r->percent) r->low = 0; /* exactly none */
    return r;
}

static hp_contract_column *find_column(hp_contract_table *t, hp_str name) {
    for (size_t i = 0; i < t->ncolumn; i++)
        if (hp_str_eq(t->column[i].name, name)) return &t->column[i];
    return NULL;
}

static hp_code describe(hp_arena *a, hp_contract_rule *r, const char *text, hp_err *err) {
    r->description = r->percent ? hp_arena_printf(a, "in at least %g %% of the rows: %s", 100 - r->high, text)
                                : hp_arena_printf(a, "in every row: %s", text);
    return r->description.p ? HP_OK : hp_fail_memory(err, "the contract");
}

static hp_code take_usual(hp_arena *a, const hp_profile *p, hp_contract_table *data, hp_err *err) {
    for (size_t i = 0; i < NUSUAL; i++) {
        double mostly;
        memcpy(&mostly, (const char *)p + USUAL[i].threshold, sizeof mostly);
        hp_contract_rule *r =
            add_rule(find_column(data, hp_str_of(USUAL[i].column)), HP_M_INVALID, mostly, false);
        r->pattern = hp_str_of(USUAL[i].regex);
        HP_TRY(describe(a, r, USUAL[i].text, err));
    }
    return HP_OK;
}

static hp_code no_column(const hp_profile *p, int line, hp_str column, hp_err *err) {
    return hp_fail(err, HP_CONFIG,
                   "%.*s:%d: something is expected of the column \"%.*s\", which no result has",
                   HP_FMT(p->path), line, HP_FMT(hp_str_cut(column, 0, 200)));
}

/* Finds a rule that says the same already; the graver of two counts. */
static bool is_said(hp_contract_column *c, hp_metric metric, hp_str pattern, double mostly, bool fail) {
    for (size_t i = 0; i < c->nrule; i++) {
        hp_contract_rule *r = &c->rule[i];
        bool same =
            r->metric == metric && hp_str_eq(r->pattern, pattern) && fabs(r->high - tolerance(mostly)) < 1e-9;
        if (!same) continue;
        if (fail) r->severity = HP_S("error");
        return true;
    }
    return false;
}

static hp_code take_expectations(hp_arena *a, const hp_profile *p, hp_contract_table *data, hp_err *err) {
    for (size_t i = 0; i < p->nexpectation; i++) {
        const hp_profile_expectation *e = &p->expectation[i];
        hp_contract_column *c = find_column(data, e->column);
        if (!c) return no_column(p, e->line, e->column, err);
        bool regex = hp_str_eq(e->kind, HP_S("matches_regex")), fail = e->action != HP_ON_FAILURE_WARN;
        /* Under severity fail or quarantine there is no result that has it missing. */
        if (!regex && fail && e->mostly >= 1) c->required = true;
        if (is_said(c, regex ? HP_M_INVALID : HP_M_NULLS, e->regex, e->mostly, fail)) continue;
        hp_contract_rule *r = add_rule(c, regex ? HP_M_INVALID : HP_M_NULLS, e->mostly, fail);
        if (regex) r->pattern = e->regex;
        HP_TRY(describe(a, r, regex ? "a value matches the pattern" : "a value is there", err));
    }
    return HP_OK;
}

static hp_code take_required(hp_arena *a, const hp_profile *p, hp_contract_table *data, hp_err *err) {
    for (size_t i = 0; i < p->nrequired; i++) {
        hp_str name = hp_str_of(hp_field_get(p->required_field[i])->name);
        hp_contract_column *c = find_column(data, hp_pfield_output(name));
        if (!c) return no_column(p, 0, name, err);
        if (c->required || is_said(c, HP_M_NULLS, HP_S(""), 1, false)) continue;
        HP_TRY(describe(a, add_rule(c, HP_M_NULLS, 1, false), "a value is there", err));
    }
    return HP_OK;
}

/* ---- tables ---- */

static hp_code make_references(hp_arena *a, table_id id, hp_contract_table *t, hp_err *err) {
    t->reference = HP_NEW_ARRAY(a, NREFERENCE, hp_contract_reference);
    if (!t->reference) return hp_fail_memory(err, "the contract");
    for (size_t i = 0; i < NREFERENCE; i++) {
        if (REFERENCE[i].table != id) continue;
        hp_str *name = HP_NEW_ARRAY(a, 2, hp_str);
        if (!name) return hp_fail_memory(err, "the contract");
        name[0] = hp_str_of(REFERENCE[i].column);
        name[1] = hp_str_of(REFERENCE[i].key);
        t->reference[t->nreference++] = (hp_contract_reference){
            .n = 1, .from = name, .to = name + 1, .table = hp_str_of(TABLE[REFERENCE[i].other].resource)};
    }
    return HP_OK;
}

static hp_code make_table(hp_arena *a, const hp_profile *p, table_id id, hp_contract_table *t, hp_err *err) {
    *t = (hp_contract_table){.name = hp_str_of(TABLE[id].resource),
                             .physical = hp_str_of(TABLE[id].sheet),
                             .path = HP_S("refined.xlsx"),
                             .page = TABLE[id].page,
                             .description = hp_str_of(TABLE[id].text),
                             .granularity = hp_str_of(TABLE[id].granularity)};
    size_t rules = id == T_DATA ? NUSUAL + p->nexpectation + p->nrequired : 0;
    HP_TRY(make_columns(a, id, rules, t, err));
    return make_references(a, id, t, err);
}

static hp_code make_head(hp_arena *a, const hp_profile *p, hp_str version, hp_contract *c, hp_err *err) {
    c->form = HP_CONTRACT_ODCS;
    c->path = HP_S("");
    c->id = hp_arena_printf(a, "hotpass-%.*s", HP_FMT(p->name));
    c->name = p->display_name.n ? p->display_name : p->name;
    c->version = version;
    c->status = HP_S("active");
    c->description = p->summary;
    c->table = HP_NEW_ARRAY(a, T_COUNT, hp_contract_table);
    c->ntable = T_COUNT;
    return c->id.p && c->table ? HP_OK : hp_fail_memory(err, "the contract");
}

hp_code hp_refine_contract(hp_arena *a, const hp_profile *p, hp_str version, hp_contract **out, hp_err *err) {
    hp_contract *c = HP_NEW(a, hp_contract);
    if (!c) return hp_fail_memory(err, "the contract");
    HP_TRY(make_head(a, p, version, c, err));
    for (int t = 0; t < T_COUNT; t++) HP_TRY(make_table(a, p, (table_id)t, &c->table[t], err));
    HP_TRY(take_usual(a, p, &c->table[T_DATA], err));
    HP_TRY(take_expectations(a, p, &c->table[T_DATA], err));
    HP_TRY(take_required(a, p, &c->table[T_DATA], err));
    *out = c;
    return HP_OK;
}
