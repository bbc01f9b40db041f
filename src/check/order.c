/* Order: as what values are compared, and bounds. */
#include "check/engine.h"

#include <math.h>

#include "base/banned.h"

static const char *type_name(const hp_coded *c, uint32_t d) {
    static const char *const NAME[] = {
        [HP_T_NONE] = "nothing",       [HP_T_TEXT] = "text",   [HP_T_NUMBER] = "a number",
        [HP_T_BOOL] = "true or false", [HP_T_DATE] = "a date", [HP_T_ERROR] = "an error"};
    return NAME[c->type[d]];
}

hp_code hp_order(hp_checker *k, hp_coded *c, bool dates, hp_mode *mode, bool *ok, hp_err *err) {
    *ok = true;
    *mode = HP_BY_INSTANT;
    if (dates || c->types == 1u << HP_T_DATE) {
        HP_TRY(hp_coded_instants(k, c, err));
        if (c->not_instant == c->n) return HP_OK;
        *ok = false;
        return hp_except(k, err, "%s in column \"%.*s\" cannot be read as a date",
                         hp_coded_cell(k, c, c->not_instant), HP_FMT(c->col->name));
    }
    *mode = HP_BY_NUMBER;
    HP_TRY(hp_coded_numbers(k, c, err));
    if (c->not_number == c->n) return HP_OK;
    *mode = HP_BY_TEXT;
    if (c->types == 1u << HP_T_TEXT) return HP_OK;
    *ok = false;
    return hp_except(k, err,
                     "column \"%.*s\" has values of several types, which cannot be compared: %s is %s",
                     HP_FMT(c->col->name), hp_coded_cell(k, c, c->not_number), type_name(c, c->not_number));
}

static int compare_instants(hp_instant a, hp_instant b) { return (a.us > b.us) - (a.us < b.us); }

int hp_compare(const hp_checker *k, hp_mode mode, const hp_coded *a, uint32_t d, const hp_coded *b,
               uint32_t e) {
    if (mode == HP_BY_NUMBER) return (a->number[d] > b->number[e]) - (a->number[d] < b->number[e]);
    if (mode == HP_BY_INSTANT) return compare_instants(a->instant[d], b->instant[e]);
    return hp_str_cmp(hp_coded_text(k, a, d), hp_coded_text(k, b, e));
}

/* ---- bounds ---- */

static const char *const NAME[2] = {"min_value", "max_value"};

static hp_code read_one(hp_checker *k, hp_bounds *b, int side, bool dates, bool *ok, hp_err *err) {
    const hp_node *n = hp_kw(k, NAME[side]);
    b->strict[side] = hp_kw_flag(k, side ? "strict_max" : "strict_min", false);
    if (!n) return HP_OK;
    hp_mode mode = HP_BY_TEXT;
    b->text[side] = n->text;
    if (hp_number_of(n, &b->number[side]))
        mode = HP_BY_NUMBER;
    else if (dates && hp_instant_parse(n->text, &b->instant[side]))
        mode = HP_BY_INSTANT;
    bool first = !b->has[0] && !b->has[1];
    b->has[side] = true;
    if (first) b->mode = mode;
    *ok = b->mode == mode && (!dates || mode == HP_BY_INSTANT);
    if (*ok) return HP_OK;
    if (dates)
        return hp_except(k, err, "%s \"%.*s\" cannot be read as a date", NAME[side],
                         HP_FMT(hp_str_cut(n->text, 0, 60)));
    return hp_except(k, err, "min_value and max_value are of different types");
}

static bool crossed(const hp_bounds *b) {
    if (!b->has[0] || !b->has[1]) return false;
    if (b->mode == HP_BY_NUMBER) return b->number[0] > b->number[1];
    if (b->mode == HP_BY_INSTANT) return compare_instants(b->instant[0], b->instant[1]) > 0;
    return hp_str_cmp(b->text[0], b->text[1]) > 0;
}

hp_code hp_bounds_read(hp_checker *k, bool dates, hp_bounds *b, bool *ok, hp_err *err) {
    *b = (hp_bounds){0};
    *ok = true;
    for (int side = 0; side < 2 && *ok; side++) HP_TRY(read_one(k, b, side, dates, ok, err));
    if (!*ok || !crossed(b)) return HP_OK;
    *ok = false;
    return hp_except(k, err, "min_value cannot be greater than max_value");
}

static bool inside(const hp_bounds *b, int low, int high) {
    return (!b->has[0] || (b->strict[0] ? low > 0 : low >= 0))
           && (!b->has[1] || (b->strict[1] ? high < 0 : high <= 0));
}

static int compare_numbers(double a, double b) { return (a > b) - (a < b); }

bool hp_within(const hp_bounds *b, double x) {
    if (isnan(x)) return false;
    return inside(b, compare_numbers(x, b->number[0]), compare_numbers(x, b->number[1]));
}

/* Texts as bounds of dates are dates. */
static hp_code bounds_as_dates(hp_checker *k, hp_bounds *b, bool *ok, hp_err *err) {
    for (int side = 0; side < 2; side++) {
        if (!b->has[side] || hp_instant_parse(b->text[side], &b->instant[side])) continue;
        *ok = false;
        return hp_except(k, err, "%s \"%.*s\" cannot be read as a date, but the values are dates", NAME[side],
                         HP_FMT(hp_str_cut(b->text[side], 0, 60)));
    }
    b->mode = HP_BY_INSTANT;
    *ok = !crossed(b);
    return *ok ? HP_OK : hp_except(k, err, "min_value cannot be greater than max_value");
}

static hp_code misfit(hp_checker *k, const hp_bounds *b, const hp_coded *c, uint32_t d, bool *ok,
                      hp_err *err) {
    static const char *const WANTED[] = {"a number", "a date", "a text"};
    *ok = false;
    return hp_except(k, err, "%s in column \"%.*s\" is %s and cannot be compared with a bound that is %s",
                     hp_coded_cell(k, c, d), HP_FMT(c->col->name), type_name(c, d), WANTED[b->mode]);
}

hp_code hp_bounds_fit(hp_checker *k, hp_bounds *b, hp_coded *c, bool dates, bool cross, bool *ok,
                      hp_err *err) {
    *ok = true;
    if (!b->has[0] && !b->has[1]) return HP_OK;
    if (b->mode == HP_BY_TEXT && !dates && c->types == 1u << HP_T_DATE)
        HP_TRY(bounds_as_dates(k, b, ok, err));
    if (!*ok) return HP_OK;
    if (b->mode == HP_BY_NUMBER) {
        HP_TRY(hp_coded_numbers(k, c, err));
        return cross || c->not_number == c->n ? HP_OK : misfit(k, b, c, c->not_number, ok, err);
    }
    if (b->mode == HP_BY_INSTANT) {
        HP_TRY(hp_coded_instants(k, c, err));
        return cross || c->not_instant == c->n ? HP_OK : misfit(k, b, c, c->not_instant, ok, err);
    }
    for (uint32_t d = 0; d < c->n && !cross; d++)
        if (c->type[d] != HP_T_TEXT) return misfit(k, b, c, d, ok, err);
    return HP_OK;
}

bool hp_within_value(const hp_checker *k, const hp_bounds *b, const hp_coded *c, uint32_t d) {
    if (!b->has[0] && !b->has[1]) return true;
    if (b->mode == HP_BY_NUMBER) return c->is_number[d] && hp_within(b, c->number[d]);
    if (b->mode == HP_BY_INSTANT)
        return c->is_instant[d]
               && inside(b, compare_instants(c->instant[d], b->instant[0]),
                         compare_instants(c->instant[d], b->instant[1]));
    hp_str text = hp_coded_text(k, c, d);
    return c->type[d] == HP_T_TEXT && inside(b, hp_str_cmp(text, b->text[0]), hp_str_cmp(text, b->text[1]));
}
