/* Contracts as suites: each promise becomes an expectation, or is listed as one that nobody holds. */
#include <math.h>

#include "profile/contract_forms.h"
#include "profile/suite_make.h"

#include "base/banned.h"

typedef struct maker {
    hp_maker m;
    const hp_contract_table *t;
    const hp_contract_facts *facts;
    HP_VEC(hp_unchecked) unchecked;
} maker;

static void leave(maker *k, hp_str column, const char *what, const char *reason, hp_str where) {
    const hp_unchecked u = {column, hp_str_of(what), hp_str_of(reason), where};
    if (!hp_vec_push(&k->unchecked, u)) k->m.bad = true;
}

/* Formats what is left out, for words that only the contract has. */
static const char *words(maker *k, const char *fmt, hp_str s) {
    hp_autobuf text = hp_buf_new(4096);
    hp_buf_printf(&text, "%s \"%.*s\"", fmt, HP_FMT(hp_str_cut(s, 0, 200)));
    const char *copy = hp_arena_dup(k->m.a, hp_buf_str(&text)).p;
    if (text.bad || !copy) k->m.bad = true;
    return copy ? copy : "";
}

static hp_node *promise(maker *k, hp_str text) {
    hp_node *meta = hp_make_map(&k->m);
    hp_make_put(&k->m, meta, "promise", hp_make_text(&k->m, text));
    return meta;
}

static hp_node *about(maker *k, const hp_contract_column *c) {
    hp_node *kwargs = hp_make_map(&k->m);
    hp_make_put(&k->m, kwargs, "column", hp_make_text(&k->m, c->name));
    return kwargs;
}

static void expect(maker *k, const hp_contract_column *c, const char *type, hp_node *kwargs,
                   const char *promised) {
    hp_make_expect(&k->m, type, kwargs, promise(k, hp_str_of(promised)), HP_GX_CRITICAL, c->where);
}

/* ---- columns ---- */

static void expect_regex(maker *k, const hp_contract_column *c, hp_str regex, const char *promised) {
    hp_node *kwargs = about(k, c);
    hp_make_put(&k->m, kwargs, "regex", hp_make_text(&k->m, regex));
    expect(k, c, "expect_column_values_to_match_regex", kwargs, promised);
}

/* A date format: one of strftime (Frictionless), or of Java's DateTimeFormatter (ODCS). */
static void expect_date_format(maker *k, const hp_contract_column *c) {
    hp_node *kwargs = about(k, c);
    hp_autobuf format = hp_buf_new(4096);
    if (hp_str_eq(c->format, HP_S("any"))) {
        expect(k, c, "expect_column_values_to_be_dateutil_parseable", kwargs, "a date in any form");
        return;
    }
    bool known = true;
    if (hp_str_chr(c->format, '%', 0) != SIZE_MAX)
        hp_buf_add(&format, c->format);
    else
        known = hp_form_of_java(c->format, &format);
    if (format.bad) k->m.bad = true;
    if (!known) {
        leave(k, c->name, words(k, "format", c->format), "this form of dates is not known", c->where);
        return;
    }
    hp_make_put(&k->m, kwargs, "strftime_format", hp_make_text(&k->m, hp_buf_str(&format)));
    expect(k, c, "expect_column_values_to_match_strftime_format", kwargs, "a date in its format");
}

static void expect_type(maker *k, const hp_contract_column *c) {
    bool dated = c->type == HP_L_DATE || c->type == HP_L_TIME || c->type == HP_L_TIMESTAMP;
    if (c->odd) {
        leave(k, c->name, words(k, "type", c->type_name), "its values are written in a way of their own",
              c->where);
    } else if (c->type == HP_L_OTHER) {
        leave(k, c->name, words(k, "type", c->type_name), "no column of a table has such values", c->where);
    } else if (dated && c->format.n && !hp_form_is_iso(c->type, c->format)) {
        expect_date_format(k, c);
    } else {
        const hp_form_of_type *form = hp_form_of_type_get(c->type);
        if (form->regex) expect_regex(k, c, hp_str_of(form->regex), form->promise);
    }
}

static void expect_text_format(maker *k, const hp_contract_column *c) {
    if (c->format.n == 0 || (c->type != HP_L_STRING && c->type != HP_L_ANY)) return;
    const hp_form_of_text *form = hp_form_of_text_get(c->format);
    if (form)
        expect_regex(k, c, hp_str_of(form->regex), form->promise);
    else
        leave(k, c->name, words(k, "format", c->format), "this format has no check", c->where);
}

static bool is_numeric(hp_logical t) { return t == HP_L_NUMBER || t == HP_L_INTEGER || t == HP_L_YEAR; }

/* A value of the contract as the column has them: a number, or a text. */
static hp_node *value(maker *k, const hp_contract_column *c, hp_str text) {
    double x;
    bool number = is_numeric(c->type) && hp_str_f64(text, &x) && isfinite(x);
    return number ? hp_make_f64(&k->m, x) : hp_make_text(&k->m, text);
}

static hp_node *values(maker *k, const hp_contract_column *c, const hp_str *text, size_t n) {
    hp_node *list = hp_make_list(&k->m);
    for (size_t i = 0; i < n; i++) hp_make_add(&k->m, list, value(k, c, text[i]));
    return list;
}

static void expect_set(maker *k, const hp_contract_column *c) {
    if (c->nvalue == 0) return;
    hp_node *kwargs = about(k, c);
    hp_make_put(&k->m, kwargs, "value_set", values(k, c, c->value, c->nvalue));
    expect(k, c, "expect_column_values_to_be_in_set", kwargs, "one of the values that are listed");
}

static bool put_bound(maker *k, const hp_contract_column *c, const hp_bound *b, hp_node *kwargs,
                      const char *name, const char *strict) {
    double x;
    if (!b->text.p) return true;
    if (is_numeric(c->type) && !hp_str_f64(b->text, &x)) {
        leave(k, c->name, words(k, name, b->text), "it is no number, and the column holds numbers", c->where);
        return false;
    }
    hp_make_put(&k->m, kwargs, name, value(k, c, b->text));
    if (b->exclusive) hp_make_put(&k->m, kwargs, strict, hp_make_word(&k->m, HP_S("true")));
    return true;
}

static void expect_range(maker *k, const hp_contract_column *c) {
    if (!c->min.text.p && !c->max.text.p) return;
    hp_node *kwargs = about(k, c);
    if (!put_bound(k, c, &c->min, kwargs, "min_value", "strict_min")
        || !put_bound(k, c, &c->max, kwargs, "max_value", "strict_max"))
        return;
    if (c->type == HP_L_DATE || c->type == HP_L_TIMESTAMP)
        hp_make_put(&k->m, kwargs, "parse_strings_as_datetimes", hp_make_word(&k->m, HP_S("true")));
    /* What is no number at all is told cell by cell, instead of the whole range not being held. */
    hp_make_put(&k->m, kwargs, "allow_cross_type_comparisons", hp_make_word(&k->m, HP_S("true")));
    expect(k, c, "expect_column_values_to_be_between", kwargs, "within the range");
}

static void expect_lengths(maker *k, const hp_contract_column *c) {
    if (c->min_length < 0 && c->max_length < 0) return;
    hp_node *kwargs = about(k, c);
    if (c->min_length >= 0) hp_make_put(&k->m, kwargs, "min_value", hp_make_i64(&k->m, c->min_length));
    if (c->max_length >= 0) hp_make_put(&k->m, kwargs, "max_value", hp_make_i64(&k->m, c->max_length));
    expect(k, c, "expect_column_value_lengths_to_be_between", kwargs, "as long as is promised");
}

static void expect_pattern(maker *k, const hp_contract_column *c) {
    if (c->pattern.n == 0) return;
    hp_autobuf whole = hp_buf_new(c->pattern.n + 16);
    hp_buf_printf(&whole, c->whole ? "^(?:%.*s)$" : "%.*s", HP_FMT(c->pattern));
    if (whole.bad) k->m.bad = true;
    expect_regex(k, c, hp_buf_str(&whole), "matches the pattern");
}

/* ---- quality rules ---- */

static hp_gx_severity severity_of(hp_str s) {
    static const char *const MILD[] = {"warning", "warn", "medium", "low", "minor"};
    if (hp_str_ieq(s, HP_S("info"))) return HP_GX_INFO;
    for (size_t i = 0; i < sizeof MILD / sizeof *MILD; i++)
        if (hp_str_ieq(s, hp_str_of(MILD[i]))) return HP_GX_WARNING;
    return HP_GX_CRITICAL;
}

static void expect_rule(maker *k, const hp_contract_rule *r, const char *type, hp_node *kwargs) {
    hp_str text = r->description.n ? r->description
                  : r->name.n      ? r->name
                                   : hp_str_of(hp_metric_name(r->metric));
    hp_make_expect(&k->m, type, kwargs, promise(k, text), severity_of(r->severity), r->where);
}

static void leave_rule(maker *k, hp_str column, const hp_contract_rule *r, const char *reason) {
    hp_str name = r->metric == HP_M_OTHER ? r->kind : hp_str_of(hp_metric_name(r->metric));
    leave(k, column, words(k, "quality rule", name), reason, r->where);
}

/* Returns the greatest number of bad rows that a rule allows of n. */
static double allowed(const hp_contract_rule *r, double n) {
    double high = r->percent ? r->high * n / 100 : r->high;
    double most = r->high_open ? ceil(high - 1e-9) - 1 : floor(high + 1e-9);
    return most < 0 ? -1 : most > n ? n : most;
}

/* Puts the tolerance of a rule that counts bad rows of n, of which `spent` are bad for another reason
 * already. Returns why it cannot be held; NULL when it can. */
static const char *put_tolerance(maker *k, const hp_contract_rule *r, bool counted, uint64_t n,
                                 uint64_t spent, hp_node *kwargs) {
    if (r->outside) return "it names a number that the count must not be";
    if (r->low > 0 || (r->low_open && r->low >= 0)) return "it wants some rows to be bad";
    if (r->high < 0 || (r->high_open && r->high <= 0)) return "no count is as low as that";
    if (r->high <= 0) return NULL; /* none at all: what an expectation wants anyway */
    double mostly;
    if (counted) {
        double most = allowed(r, (double)n) - (double)spent;
        mostly = n == 0 || most <= 0 ? 1 : ((double)n - most) / (double)n;
    } else {
        if (!r->percent) return "the number of rows is not known";
        mostly = 1 - fmin(r->high, 100) / 100;
    }
    if (mostly < 1) hp_make_put(&k->m, kwargs, "mostly", hp_make_f64(&k->m, fmax(mostly, 0)));
    return NULL;
}

static uint64_t rows(const maker *k) { return k->facts ? k->facts->rows : 0; }

static uint64_t filled(const maker *k, const hp_contract_column *c) {
    return k->facts ? k->facts->filled[c - k->t->column] : 0;
}

static void rule_on_values(maker *k, const hp_contract_column *c, const hp_contract_rule *r, const char *type,
                           uint64_t n, uint64_t spent, const char *arg, hp_node *given) {
    hp_node *kwargs = about(k, c);
    if (arg) hp_make_put(&k->m, kwargs, arg, given);
    const char *reason = put_tolerance(k, r, k->facts != NULL, n, spent, kwargs);
    if (reason)
        leave_rule(k, c->name, r, reason);
    else
        expect_rule(k, r, type, kwargs);
}

static void rule_missing(maker *k, const hp_contract_column *c, const hp_contract_rule *r) {
    bool null = r->null_missing;
    hp_node *list = hp_make_list(&k->m);
    for (size_t i = 0; i < r->nvalue; i++) {
        null |= r->value[i].n == 0; /* an empty text is null here */
        if (r->value[i].n) hp_make_add(&k->m, list, value(k, c, r->value[i]));
    }
    /* The two kinds of missing share one tolerance, of the rows; what nulls take of it is known. */
    uint64_t nulls = rows(k) - filled(k, c);
    if (null) rule_on_values(k, c, r, "expect_column_values_to_not_be_null", rows(k), 0, NULL, NULL);
    if (!list || list->n == 0) return;
    hp_contract_rule rest = *r;
    if (r->percent && k->facts) { /* per cent of the rows, not of the values */
        rest.high = allowed(r, (double)rows(k));
        rest.percent = rest.high_open = false;
    }
    rule_on_values(k, c, &rest, "expect_column_values_to_not_be_in_set", filled(k, c), null ? nulls : 0,
                   "value_set", list);
}

static void rule_invalid(maker *k, const hp_contract_column *c, const hp_contract_rule *r) {
    if (r->nvalue && r->pattern.n && r->high > 0) {
        leave_rule(k, c->name, r, "it has both values and a pattern, and a tolerance for the two together");
        return;
    }
    if (r->nvalue == 0 && r->pattern.n == 0)
        leave_rule(k, c->name, r, "it says neither which values are valid nor which pattern");
    if (r->nvalue)
        rule_on_values(k, c, r, "expect_column_values_to_be_in_set", filled(k, c), 0, "value_set",
                       values(k, c, r->value, r->nvalue));
    if (r->pattern.n)
        rule_on_values(k, c, r, "expect_column_values_to_match_regex", filled(k, c), 0, "regex",
                       hp_make_text(&k->m, r->pattern));
}

static void rule_rows(maker *k, const hp_contract_rule *r) {
    hp_node *kwargs = hp_make_map(&k->m);
    if (r->outside || r->percent) {
        leave_rule(k, HP_S(""), r,
                   r->percent ? "a share of what is not said" : "it names a number of rows that must not be");
        return;
    }
    double low = r->low_open ? floor(r->low) + 1 : ceil(r->low);
    double high = r->high_open ? ceil(r->high) - 1 : floor(r->high);
    if (isfinite(low)) hp_make_put(&k->m, kwargs, "min_value", hp_make_f64(&k->m, fmax(low, 0)));
    if (isfinite(high)) hp_make_put(&k->m, kwargs, "max_value", hp_make_f64(&k->m, fmax(high, 0)));
    expect_rule(k, r, "expect_table_row_count_to_be_between", kwargs);
}

static void rule_duplicates(maker *k, const hp_contract_rule *r) {
    hp_node *kwargs = hp_make_map(&k->m), *list = hp_make_list(&k->m);
    for (size_t i = 0; i < r->nvalue; i++) hp_make_add(&k->m, list, hp_make_text(&k->m, r->value[i]));
    for (size_t i = 0; r->nvalue == 0 && i < k->t->ncolumn; i++)
        hp_make_add(&k->m, list, hp_make_text(&k->m, k->t->column[i].name));
    hp_make_put(&k->m, kwargs, "column_list", list);
    const char *reason = put_tolerance(k, r, k->facts != NULL, rows(k), 0, kwargs);
    if (reason)
        leave_rule(k, HP_S(""), r, reason);
    else
        expect_rule(k, r, "expect_compound_columns_to_be_unique", kwargs);
}

static void column_rule(maker *k, const hp_contract_column *c, const hp_contract_rule *r) {
    switch (r->metric) {
    case HP_M_NULLS:
        rule_on_values(k, c, r, "expect_column_values_to_not_be_null", rows(k), 0, NULL, NULL);
        break;
    case HP_M_DUPLICATES:
        rule_on_values(k, c, r, "expect_column_values_to_be_unique", filled(k, c), 0, NULL, NULL);
        break;
    case HP_M_MISSING: rule_missing(k, c, r); break;
    case HP_M_INVALID: rule_invalid(k, c, r); break;
    case HP_M_ROWS: rule_rows(k, r); break;
    default: leave_rule(k, c->name, r, "only rules of the library are held");
    }
}

static void table_rule(maker *k, const hp_contract_rule *r) {
    if (r->metric == HP_M_ROWS)
        rule_rows(k, r);
    else if (r->metric == HP_M_DUPLICATES)
        rule_duplicates(k, r);
    else
        leave_rule(k, HP_S(""), r,
                   r->metric == HP_M_OTHER ? "only rules of the library are held" : "it belongs to a column");
}

/* ---- keys ---- */

static void expect_unique_together(maker *k, const hp_str *name, size_t n, const char *promised) {
    hp_node *kwargs = hp_make_map(&k->m);
    hp_make_put(&k->m, kwargs, "column_list", hp_make_texts(&k->m, name, n));
    hp_make_expect(&k->m, "expect_compound_columns_to_be_unique", kwargs, promise(k, hp_str_of(promised)),
                   HP_GX_CRITICAL, k->t->where);
}

static size_t key_columns(const hp_contract_table *t) {
    size_t n = 0;
    for (size_t i = 0; i < t->ncolumn; i++) n += t->column[i].key > 0;
    return n;
}

static void expect_key(maker *k) {
    size_t n = key_columns(k->t), at = 0;
    hp_str *name = HP_NEW_ARRAY(k->m.a, n + 1, hp_str);
    if (!name) k->m.bad = true;
    if (n < 2 || !name) return;
    for (size_t i = 0; i < k->t->ncolumn; i++)
        if (k->t->column[i].key) name[at++] = k->t->column[i].name;
    expect_unique_together(k, name, n, "the primary key is unique");
}

static void expect_reference(maker *k, size_t i) {
    const hp_contract_reference *ref = &k->t->reference[i];
    const hp_node *keys = k->facts && k->facts->keys ? k->facts->keys[i] : NULL;
    bool own = ref->table.n == 0 || hp_str_eq(ref->table, k->t->name);
    hp_str column = ref->n == 1 ? ref->from[0] : HP_S("");
    if (!own && !keys) {
        leave(k, column, words(k, "reference to table", ref->table), "that table is not at hand", ref->where);
        return;
    }
    hp_node *kwargs = hp_make_map(&k->m);
    hp_make_put(&k->m, kwargs, "column_list", hp_make_texts(&k->m, ref->from, ref->n));
    hp_make_put(&k->m, kwargs, "ignore_row_if", hp_make_text(&k->m, HP_S("any_value_is_missing")));
    if (own) {
        hp_make_put(&k->m, kwargs, "reference_column_list", hp_make_texts(&k->m, ref->to, ref->n));
    } else { /* shared, not changed */
        hp_node *shared = HP_NEW(k->m.a, hp_node);
        if (shared) *shared = *keys;
        hp_make_put(&k->m, kwargs, "reference_keys", shared);
    }
    hp_make_expect(&k->m, "expect_foreign_key_values_to_exist", kwargs,
                   promise(k, HP_S("a key of the table that is referred to")), HP_GX_CRITICAL, ref->where);
}

/* ---- the table ---- */

static void expect_column(maker *k, const hp_contract_column *c, bool only_key) {
    expect(k, c, "expect_column_to_exist", about(k, c), "the column is there");
    if (c->required || c->key) expect(k, c, "expect_column_values_to_not_be_null", about(k, c), "required");
    if (c->unique || (c->key && only_key))
        expect(k, c, "expect_column_values_to_be_unique", about(k, c), c->key ? "primary key" : "unique");
    expect_type(k, c);
    expect_text_format(k, c);
    expect_set(k, c);
    expect_range(k, c);
    expect_lengths(k, c);
    expect_pattern(k, c);
    for (size_t i = 0; i < c->nrule; i++) column_rule(k, c, &c->rule[i]);
}

static void expect_table(maker *k) {
    bool only_key = key_columns(k->t) == 1;
    for (size_t i = 0; i < k->t->nrule; i++) table_rule(k, &k->t->rule[i]);
    for (size_t i = 0; i < k->t->ncolumn; i++) expect_column(k, &k->t->column[i], only_key);
    expect_key(k);
    for (size_t i = 0; i < k->t->nunique; i++)
        expect_unique_together(k, k->t->unique[i].column, k->t->unique[i].n, "unique together");
    for (size_t i = 0; i < k->t->nreference; i++) expect_reference(k, i);
}

static hp_code take_unchecked(maker *k, hp_contract_suite *out, hp_err *err) {
    hp_unchecked *list = HP_NEW_ARRAY(k->m.a, k->unchecked.n + 1, hp_unchecked);
    if (!list) return hp_fail_memory(err, "a suite");
    if (k->unchecked.n) memcpy(list, k->unchecked.p, k->unchecked.n * sizeof *list);
    out->unchecked = list;
    out->nunchecked = k->unchecked.n;
    return HP_OK;
}

hp_code hp_contract_expect(hp_arena *a, const hp_contract_table *t, const hp_contract_facts *facts,
                           hp_contract_suite *out, hp_err *err) {
    maker k = {.m = {.a = a}, .t = t, .facts = facts};
    hp_contract_suite made = {0};
    expect_table(&k);
    hp_code code = hp_make_suite(&k.m, t->name, NULL, &made.suite, err);
    if (code == HP_OK) code = take_unchecked(&k, &made, err);
    hp_vec_free(&k.unchecked);
    if (code == HP_OK) *out = made;
    return code;
}
