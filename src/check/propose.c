#include "check/propose.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "check/pattern.h"
#include "check/propose_parts.h"
#include "profile/suite_make.h"

#include "base/banned.h"

/* The tolerances, each with its reason; docs/reference/suite-init.md lists them. */
enum {
    ROWS_LESS = 2,    /* a next delivery may have half as many rows */
    ROWS_MORE = 2,    /* ... or twice as many */
    FILL_SLACK = 5,   /* per cent of the rows by which a column that is not full may be emptier */
    FORM_SLACK = 2,   /* per cent of the values that may be of another form, beside those that are */
    RANGE_SLACK = 10, /* per cent of its width by which a range is wider on both sides */
    SET_ROWS = 20,    /* fewer values are no vocabulary */
    SET_VALUES = 20,  /* more are none either */
    SET_REPEATS = 5,  /* how often a value occurs on average */
    SET_SHARE = 95,   /* per cent of the values that those in the set must be */
    SET_TEXT = 60,    /* bytes; longer texts are sentences */
    UNIQUE_ROWS = 20  /* fewer values are different by chance */
};

typedef struct proposer {
    hp_run *run;
    hp_maker m;
    const hp_table *t;
} proposer;

static hp_node *notes(proposer *p, hp_str text) {
    hp_node *meta = hp_make_map(&p->m);
    hp_make_put(&p->m, meta, "notes", hp_make_text(&p->m, text));
    return meta;
}

static void propose(proposer *p, const char *type, hp_node *kwargs, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void propose(proposer *p, const char *type, hp_node *kwargs, const char *fmt, ...) {
    hp_autobuf text = hp_buf_new(4096);
    va_list ap;
    va_start(ap, fmt);
    hp_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    p->m.bad |= text.bad;
    hp_make_expect(&p->m, type, kwargs, notes(p, hp_buf_str(&text)), HP_GX_CRITICAL, HP_S("suite init"));
}

static hp_node *about(proposer *p, const hp_column_look *l) {
    hp_node *kwargs = hp_make_map(&p->m);
    hp_make_put(&p->m, kwargs, "column", hp_make_text(&p->m, l->col->name));
    return kwargs;
}

/* Puts a share, in hundredths, rounded down: what the data has must be enough. */
static int put_mostly(proposer *p, hp_node *kwargs, uint64_t good, uint64_t all, int slack) {
    int percent = (int)(good * 100 / all) - slack;
    if (percent < 0) percent = 0;
    hp_make_put(&p->m, kwargs, "mostly", hp_make_f64(&p->m, percent / 100.0));
    return percent;
}

/* ---- columns ---- */

static unsigned long long ull(uint64_t n) { return (unsigned long long)n; }

static void propose_fill(proposer *p, const hp_column_look *l) {
    const char *type = "expect_column_values_to_not_be_null";
    if (l->filled == 0) return;
    hp_node *kwargs = about(p, l);
    if (l->filled == l->nrow) {
        propose(p, type, kwargs, "all %llu rows have a value", ull(l->filled));
        return;
    }
    if (l->filled * 100 <= l->nrow * (FILL_SLACK + 1)) return; /* nothing would be left of it */
    put_mostly(p, kwargs, l->filled, l->nrow, FILL_SLACK);
    propose(p, type, kwargs, "%llu of %llu rows have a value; %d per cent fewer are accepted", ull(l->filled),
            ull(l->nrow), FILL_SLACK);
}

static void propose_form(proposer *p, const hp_column_look *l) {
    if (!l->form) return;
    hp_node *kwargs = about(p, l);
    bool digits = strcmp(l->form->text, "digits") == 0, all = l->fit == l->filled;
    if (digits && all && l->width) {
        hp_autobuf regex = hp_buf_new(64);
        hp_buf_printf(&regex, "^[0-9]{%zu}$", l->width);
        hp_make_put(&p->m, kwargs, "regex", hp_make_text(&p->m, hp_buf_str(&regex)));
    } else {
        hp_make_put(&p->m, kwargs, "regex", hp_make_text(&p->m, hp_str_of(l->form->regex)));
    }
    const char *type = "expect_column_values_to_match_regex";
    if (all) {
        propose(p, type, kwargs, "all %llu values are %s", ull(l->fit), l->form->text);
        return;
    }
    put_mostly(p, kwargs, l->fit, l->filled, FORM_SLACK);
    propose(p, type, kwargs, "%llu of the values are %s; the others, and %d per cent more, are accepted",
            ull(l->fit), l->form->text, FORM_SLACK);
}

/* A range of numbers is widened, then rounded outwards to a step that is a hundredth of its width or less. */
static void propose_range(proposer *p, const hp_column_look *l) {
    double span = l->most - l->least;
    if (span <= 0) span = fabs(l->most) > 0 ? fabs(l->most) : 1;
    double step = pow(10, floor(log10(span)) - 1), slack = span * RANGE_SLACK / 100;
    if (l->whole && step < 1) step = 1;
    double low = floor((l->least - slack) / step) * step, high = ceil((l->most + slack) / step) * step;
    if (l->least >= 0 && low < 0) low = 0;
    if (!isfinite(low) || !isfinite(high) || low > l->least || high < l->most) return;
    hp_node *kwargs = about(p, l);
    char text[2][40];
    snprintf(text[0], sizeof *text, "%.12g", low);
    snprintf(text[1], sizeof *text, "%.12g", high);
    double given[2];
    bool ok = hp_str_f64(hp_str_of(text[0]), &given[0]) && hp_str_f64(hp_str_of(text[1]), &given[1]);
    if (!ok || given[0] > l->least || given[1] < l->most) return; /* digits beyond the twelfth decide */
    hp_make_put(&p->m, kwargs, "min_value", hp_make_f64(&p->m, given[0]));
    hp_make_put(&p->m, kwargs, "max_value", hp_make_f64(&p->m, given[1]));
    propose(p, "expect_column_values_to_be_between", kwargs,
            "the range of the numbers that there are, wider by %d per cent on both sides and rounded",
            RANGE_SLACK);
}

static void propose_earliest(proposer *p, const hp_column_look *l) {
    hp_autobuf first = hp_buf_new(64);
    hp_node *kwargs = about(p, l);
    hp_buf_printf(&first, "%.*s-01-01", HP_FMT(hp_str_cut(l->first, 0, 4)));
    hp_make_put(&p->m, kwargs, "min_value", hp_make_text(&p->m, hp_buf_str(&first)));
    propose(p, "expect_column_values_to_be_between", kwargs,
            "the beginning of the earliest year; later dates have no end");
}

/* ---- sets ---- */

/* Looks at a value that may stand in a file which others read. */
static bool may_be_told(hp_str s) {
    size_t digits = 0;
    if (s.n > SET_TEXT) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '@' || s.p[i] == '\n') return false;
        digits += hp_is_digit(s.p[i]);
    }
    return digits < 6; /* a phone, an account, an identifier */
}

static hp_node *member(proposer *p, const hp_column_look *l, hp_str s) {
    if (l->of_type[HP_T_BOOL] == 0) return hp_make_text(&p->m, s);
    return hp_make_word(&p->m, hp_str_ieq(s, HP_S("true")) ? HP_S("true") : HP_S("false"));
}

/* Tells whether values may be a vocabulary: texts or booleans throughout. Numbers have a range. */
static bool has_words(const hp_column_look *l) {
    bool one_type = l->of_type[HP_T_TEXT] == l->filled || l->of_type[HP_T_BOOL] == l->filled;
    return one_type && !l->numbers && l->first.n == 0;
}

static int by_text(const void *a, const void *b) {
    const hp_str *x = a, *y = b;
    return hp_str_cmp(*x, *y);
}

/* Collects the values that may stand in a set, sorted; false when some value forbids a set. *in gets the
 * number of rows that have one of them. */
static bool collect(const proposer *p, const hp_column_look *l, hp_str value[SET_VALUES], size_t *n,
                    uint64_t *in) {
    *n = 0;
    *in = 0;
    for (size_t i = 0; i < l->seen.n; i++) {
        hp_str s = hp_text(p->run->pool, l->seen.p[i].v);
        if (!may_be_told(s)) return false;
        if (l->seen.p[i].count < HP_PROPOSE_SEEN) continue;
        value[(*n)++] = s;
        *in += l->seen.p[i].count;
    }
    qsort(value, *n, sizeof *value, by_text);
    return *in * 100 >= l->filled * SET_SHARE;
}

static void propose_set(proposer *p, const hp_column_look *l) {
    const char *type = "expect_column_values_to_be_in_set";
    hp_str value[SET_VALUES];
    size_t n;
    uint64_t in;
    if (!has_words(l) || l->filled < SET_ROWS || l->seen.n > SET_VALUES || l->seen.n * SET_REPEATS > l->filled
        || !collect(p, l, value, &n, &in))
        return;
    hp_node *kwargs = about(p, l), *set = hp_make_list(&p->m);
    for (size_t i = 0; i < n; i++) hp_make_add(&p->m, set, member(p, l, value[i]));
    hp_make_put(&p->m, kwargs, "value_set", set);
    if (in == l->filled) {
        propose(p, type, kwargs, "the %zu values that there are, each in %d rows or more", n,
                HP_PROPOSE_SEEN);
        return;
    }
    put_mostly(p, kwargs, in, l->filled, 0);
    propose(p, type, kwargs,
            "the %zu values that are in %d rows or more; the share of the rarer ones is accepted", n,
            HP_PROPOSE_SEEN);
}

/* ---- what may be proposed of a column ---- */

static bool is_personal(const hp_propose_hint *hint, hp_str header) {
    switch (hint->kind) {
    case HP_K_PERSON:
    case HP_K_ORG_NAME:
    case HP_K_EMAIL:
    case HP_K_PHONE:
    case HP_K_ADDRESS:
    case HP_K_WEBSITE:
    case HP_K_POSTAL: return true;
    default: return hint->personal || hp_header_names_people(header);
    }
}

static bool is_unique(const hp_column_look *l) {
    if (l->filled < UNIQUE_ROWS || l->seen.n < l->filled) return false;
    if (l->numbers && !l->whole) return false;
    return !(l->form && l->form->measure) && l->of_type[HP_T_DATE] == 0;
}

static void propose_column(proposer *p, const hp_column_look *l, const hp_propose_hint *hint) {
    bool telling = !is_personal(hint, l->col->name), unique = is_unique(l);
    /* Whole numbers that are all different number things; how far they go means nothing. */
    bool range = telling && l->numbers && !unique;
    propose_fill(p, l);
    if (!range) propose_form(p, l); /* what lies within a range is a number */
    if (range) propose_range(p, l);
    if (telling && l->first.n) propose_earliest(p, l);
    if (telling) propose_set(p, l);
    if (unique)
        propose(p, "expect_column_values_to_be_unique", about(p, l), "all %llu values are different",
                ull(l->filled));
}

/* ---- the table ---- */

static void propose_rows(proposer *p) {
    if (p->t->nrow == 0) return;
    hp_node *kwargs = hp_make_map(&p->m);
    hp_make_put(&p->m, kwargs, "min_value", hp_make_i64(&p->m, (int64_t)(p->t->nrow / ROWS_LESS)));
    hp_make_put(&p->m, kwargs, "max_value", hp_make_i64(&p->m, (int64_t)(p->t->nrow * ROWS_MORE)));
    propose(p, "expect_table_row_count_to_be_between", kwargs,
            "there are %zu rows; half as many to twice as many are accepted", p->t->nrow);
}

static void propose_columns(proposer *p, const bool *named) {
    hp_node *kwargs = hp_make_map(&p->m), *set = hp_make_list(&p->m);
    size_t n = 0;
    for (size_t c = 0; c < p->t->ncol; c++) {
        if (!named[c]) continue;
        hp_make_add(&p->m, set, hp_make_text(&p->m, p->t->col[c].name));
        n++;
    }
    if (n == 0) return;
    hp_make_put(&p->m, kwargs, "column_set", set);
    hp_make_put(&p->m, kwargs, "exact_match", hp_make_word(&p->m, HP_S("false")));
    propose(p, "expect_table_columns_to_match_set", kwargs,
            "the columns that there are, in any order; further ones are accepted");
}

/* Finds the columns that a name means: it has one, and no other column has it. */
static hp_code find_named(const hp_table *t, bool *named, hp_err *err) {
    hp_smap at = {0};
    bool ok = true;
    for (size_t c = 0; c < t->ncol && ok; c++) {
        uint32_t first;
        bool fresh;
        named[c] = t->col[c].name.n > 0;
        if (!named[c]) continue;
        ok = hp_smap_add(&at, t->col[c].name, (uint32_t)c, &first, &fresh);
        if (ok && !fresh) named[c] = named[first] = false;
    }
    hp_smap_free(&at);
    return ok ? HP_OK : hp_fail_memory(err, "the columns");
}

static hp_node *suite_meta(proposer *p, const bool *named) {
    hp_node *meta = notes(
        p, HP_S("Proposed by hotpass suite init, to be edited: the data meets every expectation; each has "
                "a note that says why it is here."));
    hp_node *left = hp_make_list(&p->m);
    for (size_t c = 0; c < p->t->ncol; c++) {
        char letters[8];
        if (named[c]) continue;
        hp_col_letters(p->t->col[c].source, letters);
        hp_make_add(&p->m, left, hp_make_text(&p->m, hp_str_of(letters)));
    }
    if (left && left->n) hp_make_put(&p->m, meta, "left_out", left);
    return meta;
}

static hp_code look_and_propose(proposer *p, const hp_propose_hint *hint, const bool *named,
                                hp_pattern *const *form, hp_err *err) {
    propose_rows(p);
    propose_columns(p, named);
    for (size_t c = 0; c < p->t->ncol; c++) {
        hp_column_look l;
        if (!named[c]) continue;
        hp_code code = hp_column_look_at(p->run, p->t, c, form, &l, err);
        if (code == HP_OK) propose_column(p, &l, &hint[c]);
        hp_column_look_free(&l);
        if (code != HP_OK) return code;
    }
    return HP_OK;
}

hp_code hp_propose(hp_run *run, const hp_table *data, const hp_propose_hint *hint, hp_str name,
                   hp_suite **out, hp_err *err) {
    proposer p = {.run = run, .m = {.a = run->arena}, .t = data};
    hp_pattern **form = NULL;
    bool *named = HP_NEW_ARRAY(run->arena, data->ncol + 1, bool);
    if (!named) return hp_fail_memory(err, "the columns");
    HP_TRY(find_named(data, named, err));
    hp_code code = hp_value_forms_open(&form, run->arena, err);
    if (code == HP_OK) code = look_and_propose(&p, hint, named, form, err);
    hp_value_forms_close(form);
    if (code == HP_OK) return hp_make_suite(&p.m, name, suite_meta(&p, named), out, err);
    hp_make_drop(&p.m);
    return code;
}
