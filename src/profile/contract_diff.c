/* What changes between two contracts mean for those who use the data. */
#include <math.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "profile/contract.h"

#include "base/banned.h"

/* Everything that may change, with the verdict: one place to read the rules, and what the docs quote. */
#define BREAKS true
#define HOLDS  false

typedef struct differ {
    hp_arena *a;
    HP_VEC(hp_change) list;
    hp_str table, column;
    bool bad;
} differ;

static hp_str dup(differ *d, hp_str s) {
    hp_str copy = hp_arena_dup(d->a, s);
    if (!copy.p) d->bad = true;
    return copy.p ? copy : HP_S("");
}

static void tell(differ *d, bool breaking, const char *what, hp_str before, hp_str after,
                 const char *reason) {
    const hp_change c = {.table = d->table,
                         .column = d->column,
                         .what = what,
                         .before = dup(d, before),
                         .after = dup(d, after),
                         .breaking = breaking,
                         .reason = reason};
    if (!hp_vec_push(&d->list, c)) d->bad = true;
}

static hp_str yes_no(bool b) { return b ? HP_S("true") : HP_S("false"); }

/* Tells a change of a text: of its kind when there was one and when there is one. */
static void tell_text(differ *d, hp_str before, hp_str after, const char *const what[3], bool const breaks[3],
                      const char *const reason[3]) {
    if (hp_str_eq(before, after)) return;
    int i = before.n == 0 ? 0 : after.n == 0 ? 1 : 2;
    tell(d, breaks[i], what[i], before, after, reason[i]);
}

/* ---- types ---- */

/* Tells whether every value of one type is a value of the other. */
static bool is_narrower(hp_logical from, hp_logical to) {
    return from == HP_L_ANY || (from == HP_L_NUMBER && (to == HP_L_INTEGER || to == HP_L_YEAR))
           || (from == HP_L_INTEGER && to == HP_L_YEAR);
}

static hp_str type_text(const hp_contract_column *c) {
    return c->type == HP_L_OTHER ? c->type_name : hp_str_of(hp_logical_name(c->type));
}

static void diff_type(differ *d, const hp_contract_column *x, const hp_contract_column *y) {
    hp_str a = type_text(x), b = type_text(y);
    if (!hp_str_eq(a, b)) {
        if (is_narrower(x->type, y->type))
            tell(d, HOLDS, "type_narrowed", a, b, "every value is still of the type it was");
        else if (is_narrower(y->type, x->type))
            tell(d, BREAKS, "type_widened", a, b, "values may come that were not of the type before");
        else
            tell(d, BREAKS, "type_changed", a, b, "whoever reads the old type cannot read the new one");
    }
    if (x->physical.n && y->physical.n && !hp_str_eq(x->physical, y->physical))
        tell(d, BREAKS, "physical_type_changed", x->physical, y->physical,
             "whoever reads the store's own type finds another one");
}

static void diff_format(differ *d, const hp_contract_column *x, const hp_contract_column *y) {
    static const char *const WHAT[] = {"format_added", "format_removed", "format_changed"};
    static const bool BREAK[] = {HOLDS, BREAKS, BREAKS};
    static const char *const WHY[] = {"a promise more", "values need no longer be of the format",
                                      "values are written another way"};
    tell_text(d, x->format, y->format, WHAT, BREAK, WHY);
}

static void diff_pattern(differ *d, const hp_contract_column *x, const hp_contract_column *y) {
    static const char *const WHAT[] = {"pattern_added", "pattern_removed", "pattern_changed"};
    static const bool BREAK[] = {HOLDS, BREAKS, BREAKS};
    static const char *const WHY[] = {
        "a promise more", "values need no longer match",
        "nothing says that what matches the new pattern matches the old one too"};
    tell_text(d, x->pattern, y->pattern, WHAT, BREAK, WHY);
}

static void diff_unit(differ *d, const hp_contract_column *x, const hp_contract_column *y) {
    static const char *const WHAT[] = {"unit_added", "unit_removed", "unit_changed"};
    static const bool BREAK[] = {HOLDS, BREAKS, BREAKS};
    static const char *const WHY[] = {"a promise more", "nothing says any longer what the values measure",
                                      "the same value means something else"};
    tell_text(d, x->unit, y->unit, WHAT, BREAK, WHY);
}

/* ---- flags ---- */

static void diff_flags(differ *d, const hp_contract_column *x, const hp_contract_column *y) {
    if (x->required != y->required)
        tell(d, x->required, x->required ? "required_dropped" : "required_added", yes_no(x->required),
             yes_no(y->required),
             x->required ? "values may be missing now" : "a promise more: values are never missing");
    if (x->unique != y->unique)
        tell(d, x->unique, x->unique ? "unique_dropped" : "unique_added", yes_no(x->unique),
             yes_no(y->unique),
             x->unique ? "a value may occur twice now" : "a promise more: no value occurs twice");
    if ((x->key > 0) != (y->key > 0))
        tell(d, BREAKS, x->key ? "key_dropped" : "key_extended", yes_no(x->key > 0), yes_no(y->key > 0),
             "the rows are told apart by other columns");
    if (x->personal != y->personal)
        tell(d, HOLDS, "personal_changed", yes_no(x->personal), yes_no(y->personal),
             "the data is as it was; whoever keeps it may have to treat it otherwise");
}

/* ---- ranges ---- */

/* Compares bounds as numbers, or as texts where one is none: dates by ISO 8601 are in the order of their
 * texts. */
static int compare(hp_str a, hp_str b) {
    double x, y;
    if (hp_str_f64(a, &x) && hp_str_f64(b, &y)) return (x > y) - (x < y);
    return hp_str_cmp(a, b);
}

static hp_str bound_text(differ *d, const hp_bound *b, const char *sign) {
    if (!b->text.p) return HP_S("");
    hp_str s = hp_arena_printf(d->a, "%s%s %.*s", sign, b->exclusive ? "" : "=", HP_FMT(b->text));
    if (!s.p) d->bad = true;
    return s.p ? s : HP_S("");
}

/* side: 1 for an upper bound, -1 for a lower one. */
static void diff_bound(differ *d, const hp_bound *x, const hp_bound *y, int side) {
    if (!x->text.p && !y->text.p) return;
    int further; /* > 0: the new bound lets more through */
    if (!x->text.p || !y->text.p) {
        further = x->text.p ? 1 : -1;
    } else {
        further = side * compare(y->text, x->text);
        if (further == 0) further = (int)x->exclusive - (int)y->exclusive;
    }
    if (further == 0) return;
    const char *sign = side > 0 ? "<" : ">";
    tell(d, further > 0, further > 0 ? "range_widened" : "range_narrowed", bound_text(d, x, sign),
         bound_text(d, y, sign),
         further > 0 ? "values may come that were outside before"
                     : "every value is still within the old range");
}

static void diff_lengths(differ *d, const hp_contract_column *x, const hp_contract_column *y) {
    const int64_t pair[2][2] = {{x->min_length, y->min_length}, {x->max_length, y->max_length}};
    for (int i = 0; i < 2; i++) {
        hp_bound b[2] = {{.text = {NULL, 0}}, {.text = {NULL, 0}}};
        for (int k = 0; k < 2; k++) {
            if (pair[i][k] < 0) continue;
            b[k].text = hp_arena_printf(d->a, "%lld", (long long)pair[i][k]);
            if (!b[k].text.p) d->bad = true;
        }
        size_t before = d->list.n;
        diff_bound(d, &b[0], &b[1], i ? 1 : -1);
        for (size_t k = before; k < d->list.n; k++)
            d->list.p[k].what = d->list.p[k].breaking ? "length_widened" : "length_narrowed";
    }
}

/* ---- sets ---- */

static bool holds(const hp_str *set, size_t n, hp_str v) {
    for (size_t i = 0; i < n; i++)
        if (hp_str_eq(set[i], v)) return true;
    return false;
}

/* Lists what one set has and the other has not. */
static hp_str missing_from(differ *d, const hp_str *set, size_t n, const hp_str *other, size_t m) {
    hp_autobuf list = hp_buf_new(1 << 20);
    hp_smap there = {0};
    for (size_t i = 0; i < m; i++)
        if (!hp_smap_put(&there, other[i], 1)) d->bad = true;
    for (size_t i = 0; i < n; i++) {
        uint32_t one;
        if (hp_smap_get(&there, set[i], &one)) continue;
        hp_buf_printf(&list, "%s%.*s", list.n ? ", " : "", HP_FMT(set[i]));
    }
    hp_smap_free(&there);
    if (list.bad && !list.over) d->bad = true;
    return dup(d, hp_buf_str(&list));
}

static void diff_set(differ *d, const hp_contract_column *x, const hp_contract_column *y) {
    if (x->nvalue == 0 && y->nvalue == 0) return;
    if (x->nvalue == 0 || y->nvalue == 0) {
        tell(d, x->nvalue > 0, x->nvalue ? "enum_dropped" : "enum_added",
             missing_from(d, x->value, x->nvalue, NULL, 0), missing_from(d, y->value, y->nvalue, NULL, 0),
             x->nvalue ? "any value may come now" : "a promise more: only these values come");
        return;
    }
    hp_str gone = missing_from(d, x->value, x->nvalue, y->value, y->nvalue);
    hp_str fresh = missing_from(d, y->value, y->nvalue, x->value, x->nvalue);
    if (fresh.n) tell(d, BREAKS, "enum_widened", HP_S(""), fresh, "values may come that nobody reckons with");
    if (gone.n) tell(d, HOLDS, "enum_narrowed", gone, HP_S(""), "every value is still one of the old ones");
}

/* ---- quality rules ---- */

static bool same_texts(const hp_str *a, size_t n, const hp_str *b, size_t m) {
    if (n != m) return false;
    for (size_t i = 0; i < n; i++)
        if (!holds(b, m, a[i])) return false;
    return true;
}

/* Tells whether two rules count the same thing; only their tolerance may differ then. */
static bool same_rule(const hp_contract_rule *x, const hp_contract_rule *y) {
    if (x->metric != y->metric || x->percent != y->percent || !hp_str_eq(x->pattern, y->pattern)
        || x->null_missing != y->null_missing || x->outside != y->outside)
        return false;
    if (x->metric == HP_M_OTHER)
        return hp_str_eq(x->kind, y->kind) && hp_str_eq(x->description, y->description);
    return same_texts(x->value, x->nvalue, y->value, y->nvalue);
}

static hp_str rule_text(differ *d, const hp_contract_rule *r) {
    hp_autobuf t = hp_buf_new(1 << 20);
    hp_str name = r->metric == HP_M_OTHER ? r->kind : hp_str_of(hp_metric_name(r->metric));
    hp_buf_add(&t, name);
    if (r->metric == HP_M_OTHER) {
        hp_buf_printf(&t, " %.*s", HP_FMT(r->description));
    } else {
        if (isfinite(r->low)) hp_buf_printf(&t, " %s %g", r->low_open ? ">" : ">=", r->low);
        if (isfinite(r->high)) hp_buf_printf(&t, " %s %g", r->high_open ? "<" : "<=", r->high);
        hp_buf_puts(&t, r->percent ? " percent" : "");
    }
    if (t.bad && !t.over) d->bad = true;
    return dup(d, hp_buf_str(&t));
}

/* Tells whether what a rule lets through is no more than what another one does. */
static bool is_within(const hp_contract_rule *inner, const hp_contract_rule *outer) {
    bool low = inner->low > outer->low || (inner->low >= outer->low && (inner->low_open || !outer->low_open));
    bool high =
        inner->high < outer->high || (inner->high <= outer->high && (inner->high_open || !outer->high_open));
    return low && high;
}

static bool equal_rule(const hp_contract_rule *x, const hp_contract_rule *y) {
    return is_within(x, y) && is_within(y, x);
}

static bool has_equal(const hp_contract_rule *r, size_t n, const hp_contract_rule *like) {
    for (size_t i = 0; i < n; i++)
        if (same_rule(&r[i], like) && equal_rule(&r[i], like)) return true;
    return false;
}

/* Finds the rule that counts the same as one of `own`; of several the one that is equal, else one that is the
 * partner of no other. */
static const hp_contract_rule *find_rule(const hp_contract_rule *r, size_t n, const hp_contract_rule *like,
                                         const hp_contract_rule *own, size_t m) {
    const hp_contract_rule *found = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!same_rule(&r[i], like)) continue;
        if (equal_rule(&r[i], like)) return &r[i];
        if (!found && !has_equal(own, m, &r[i])) found = &r[i];
    }
    return found;
}

static void diff_rules(differ *d, const hp_contract_rule *x, size_t n, const hp_contract_rule *y, size_t m) {
    for (size_t i = 0; i < n; i++) {
        const hp_contract_rule *now = find_rule(y, m, &x[i], x, n);
        if (!now)
            tell(d, BREAKS, "rule_dropped", rule_text(d, &x[i]), HP_S(""),
                 "nobody holds the data to it any longer");
        else if (x[i].metric == HP_M_OTHER || equal_rule(now, &x[i]))
            continue;
        else if (is_within(now, &x[i]) && !x[i].outside)
            tell(d, HOLDS, "rule_tightened", rule_text(d, &x[i]), rule_text(d, now),
                 "less is let through than before");
        else
            tell(d, BREAKS, "rule_loosened", rule_text(d, &x[i]), rule_text(d, now),
                 "more is let through than before");
    }
    for (size_t i = 0; i < m; i++)
        if (!find_rule(x, n, &y[i], y, m))
            tell(d, HOLDS, "rule_added", HP_S(""), rule_text(d, &y[i]), "a promise more");
}

/* ---- columns ---- */

static void diff_column(differ *d, const hp_contract_column *x, const hp_contract_column *y) {
    diff_type(d, x, y);
    diff_flags(d, x, y);
    diff_format(d, x, y);
    diff_pattern(d, x, y);
    diff_unit(d, x, y);
    diff_bound(d, &x->min, &y->min, -1);
    diff_bound(d, &x->max, &y->max, 1);
    diff_lengths(d, x, y);
    diff_set(d, x, y);
    diff_rules(d, x->rule, x->nrule, y->rule, y->nrule);
    if (!hp_str_eq(x->description, y->description))
        tell(d, HOLDS, "description_changed", x->description, y->description,
             "no check changes; read whether the meaning does");
}

/* Columns of a table by name. */
static bool index_columns(const hp_contract_table *t, hp_smap *at) {
    for (size_t i = 0; i < t->ncolumn; i++)
        if (!hp_smap_put(at, t->column[i].name, (uint32_t)i)) return false;
    return true;
}

/* A column that went is perhaps there under another name: described alike, of the same type. */
static const hp_contract_column *renamed(const hp_contract_column *gone, const hp_contract_table *now,
                                         const hp_smap *before) {
    for (size_t i = 0; i < now->ncolumn; i++) {
        const hp_contract_column *c = &now->column[i];
        uint32_t old;
        if (hp_smap_get(before, c->name, &old)) continue;
        if (c->type == gone->type && gone->description.n && hp_str_eq(c->description, gone->description))
            return c;
    }
    return NULL;
}

static void diff_removed(differ *d, const hp_contract_column *gone, const hp_contract_table *now,
                         const hp_smap *before) {
    const hp_contract_column *other = renamed(gone, now, before);
    if (other)
        tell(d, BREAKS, "column_renamed", gone->name, other->name,
             "whoever reads it by its name finds nothing");
    else
        tell(d, BREAKS, "column_removed", gone->name, HP_S(""), "whoever reads it finds nothing");
}

/* Columns that stayed, but no longer follow each other as they did. */
static void diff_order(differ *d, const hp_contract_table *x, const hp_smap *now) {
    uint32_t last = 0;
    for (size_t i = 0; i < x->ncolumn; i++) {
        uint32_t at;
        if (!hp_smap_get(now, x->column[i].name, &at)) continue;
        if (at < last) {
            d->column = HP_S("");
            tell(d, HOLDS, "columns_reordered", HP_S(""), x->column[i].name,
                 "whoever reads columns by name does not notice; whoever counts them does");
            return;
        }
        last = at;
    }
}

static void diff_columns(differ *d, const hp_contract_table *x, const hp_contract_table *y,
                         const hp_smap *before, const hp_smap *now) {
    for (size_t i = 0; i < x->ncolumn; i++) {
        uint32_t at;
        d->column = x->column[i].name;
        if (hp_smap_get(now, d->column, &at))
            diff_column(d, &x->column[i], &y->column[at]);
        else
            diff_removed(d, &x->column[i], y, before);
    }
    for (size_t i = 0; i < y->ncolumn; i++) {
        uint32_t at;
        d->column = y->column[i].name;
        if (!hp_smap_get(before, d->column, &at))
            tell(d, HOLDS, "column_added", HP_S(""), d->column, "whoever does not know it passes it over");
    }
    diff_order(d, x, now);
}

/* ---- tables ---- */

static bool same_reference(const hp_contract_reference *x, const hp_contract_reference *y) {
    return hp_str_eq(x->table, y->table) && same_texts(x->from, x->n, y->from, y->n)
           && same_texts(x->to, x->n, y->to, y->n);
}

static void diff_references(differ *d, const hp_contract_table *x, const hp_contract_table *y,
                            bool breaking) {
    for (size_t i = 0; i < x->nreference; i++) {
        bool there = false;
        for (size_t k = 0; k < y->nreference; k++)
            there |= same_reference(&x->reference[i], &y->reference[k]);
        if (there) continue;
        d->column = x->reference[i].from[0];
        hp_str table = x->reference[i].table;
        if (breaking)
            tell(d, BREAKS, "reference_dropped", table, HP_S(""), "joins may find no partner now");
        else
            tell(d, HOLDS, "reference_added", HP_S(""), table, "a promise more");
    }
}

static void diff_unique(differ *d, const hp_contract_table *x, const hp_contract_table *y, bool breaking) {
    for (size_t i = 0; i < x->nunique; i++) {
        bool there = false;
        const hp_contract_key *k = &x->unique[i];
        for (size_t j = 0; j < y->nunique; j++)
            there |= same_texts(k->column, k->n, y->unique[j].column, y->unique[j].n);
        if (there) continue;
        hp_str names = missing_from(d, k->column, k->n, NULL, 0);
        d->column = HP_S("");
        if (breaking)
            tell(d, BREAKS, "unique_dropped", names, HP_S(""), "the combination may occur twice now");
        else
            tell(d, HOLDS, "unique_added", HP_S(""), names, "a promise more: no combination occurs twice");
    }
}

static void diff_table(differ *d, const hp_contract_table *x, const hp_contract_table *y) {
    hp_smap before = {0}, now = {0};
    d->table = x->name;
    d->column = HP_S("");
    if (x->physical.n && y->physical.n && !hp_str_eq(x->physical, y->physical))
        tell(d, BREAKS, "table_renamed", x->physical, y->physical,
             "whoever opens it by its name finds nothing");
    diff_rules(d, x->rule, x->nrule, y->rule, y->nrule);
    if (index_columns(x, &before) && index_columns(y, &now))
        diff_columns(d, x, y, &before, &now);
    else
        d->bad = true;
    hp_smap_free(&before);
    hp_smap_free(&now);
    diff_references(d, x, y, true);
    diff_references(d, y, x, false);
    diff_unique(d, x, y, true);
    diff_unique(d, y, x, false);
}

static const hp_contract_table *same_table(const hp_contract *c, hp_str name) {
    for (size_t i = 0; i < c->ntable; i++)
        if (hp_str_eq(c->table[i].name, name)) return &c->table[i];
    return NULL;
}

static void diff_contract(differ *d, const hp_contract *x, const hp_contract *y) {
    if (!hp_str_eq(x->id, y->id))
        tell(d, HOLDS, "id_changed", x->id, y->id, "the two may be contracts of different data");
    if (!hp_str_eq(x->status, y->status)) {
        bool retired = hp_str_ieq(y->status, HP_S("retired"));
        tell(d, retired, "status_changed", x->status, y->status,
             retired ? "nobody keeps the promises any longer" : "the promises are as they were");
    }
    for (size_t i = 0; i < x->ntable; i++) {
        const hp_contract_table *now = same_table(y, x->table[i].name);
        if (now) {
            diff_table(d, &x->table[i], now);
            continue;
        }
        d->table = x->table[i].name;
        d->column = HP_S("");
        tell(d, BREAKS, "table_removed", d->table, HP_S(""), "whoever reads it finds nothing");
    }
    for (size_t i = 0; i < y->ntable; i++) {
        if (same_table(x, y->table[i].name)) continue;
        d->table = y->table[i].name;
        d->column = HP_S("");
        tell(d, HOLDS, "table_added", HP_S(""), d->table, "whoever does not know it passes it over");
    }
}

hp_code hp_contract_diff(hp_arena *a, const hp_contract *before, const hp_contract *after, hp_change **out,
                         size_t *n, hp_err *err) {
    differ d = {.a = a};
    diff_contract(&d, before, after);
    hp_change *list = HP_NEW_ARRAY(a, d.list.n + 1, hp_change);
    if (list && d.list.n) memcpy(list, d.list.p, d.list.n * sizeof *list);
    size_t count = d.list.n;
    hp_vec_free(&d.list);
    if (d.bad || !list) return hp_fail_memory(err, "the differences");
    *out = list;
    *n = count;
    return HP_OK;
}
