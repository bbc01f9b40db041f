/* Kernels of each value of a column: missing, unique, types, sets, bounds, order, lengths, z-scores. */
#include "check/engine.h"
#include "base/node.h"
#include "check/stats.h"

#include "base/banned.h"

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "a validation"); }

/* ---- missing ---- */

static hp_code nulls(hp_checker *k, bool wanted, hp_err *err) {
    hp_coded *c;
    HP_TRY(hp_column_of(k, "column", &c, err));
    uint8_t *bad = c ? HP_NEW_ARRAY(k->scratch, k->n + 1, uint8_t) : NULL;
    if (!c) return HP_OK;
    if (!bad) return no_memory(err);
    for (size_t i = 0; i < k->n; i++) bad[i] = (c->code[i] == 0) != wanted;
    HP_TRY(hp_list_rows(k, c, bad, 0, err));
    k->o->missing = c->missing;
    return HP_OK;
}

hp_code hp_k_not_null(hp_checker *k, hp_err *err) { return nulls(k, false, err); }
hp_code hp_k_null(hp_checker *k, hp_err *err) { return nulls(k, true, err); }

/* ---- each distinct value ---- */

static hp_code marks(hp_checker *k, hp_coded **c, uint8_t **bad, hp_err *err) {
    HP_TRY(hp_column_of(k, "column", c, err));
    *bad = *c ? HP_NEW_ARRAY(k->scratch, (*c)->n + 1, uint8_t) : NULL;
    return *c && !*bad ? no_memory(err) : HP_OK;
}

hp_code hp_k_unique(hp_checker *k, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    for (uint32_t d = 0; d < c->n; d++) bad[d] = c->count[d] > 1;
    return hp_list_marked(k, c, bad, err);
}

static hp_code set_kernel(hp_checker *k, bool wanted, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    const hp_node *list = hp_kw(k, "value_set");
    __attribute__((cleanup(hp_set_free))) hp_set set = {0};
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    if (!list) return hp_list_marked(k, c, bad, err); /* null is every value there is */
    bool dates = hp_kw_flag(k, "parse_strings_as_datetimes", false) || (c->types & 1u << HP_T_DATE);
    HP_TRY(hp_set_make(k, list->item, list->n, dates, &set, err));
    for (uint32_t d = 0; d < c->n; d++) bad[d] = (hp_set_find(k, &set, c, d) != SIZE_MAX) != wanted;
    return hp_list_marked(k, c, bad, err);
}

hp_code hp_k_in_set(hp_checker *k, hp_err *err) { return set_kernel(k, true, err); }
hp_code hp_k_not_in_set(hp_checker *k, hp_err *err) { return set_kernel(k, false, err); }

hp_code hp_k_between(hp_checker *k, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    hp_bounds b;
    bool ok, dates = hp_kw_flag(k, "parse_strings_as_datetimes", false);
    bool cross = hp_kw_flag(k, "allow_cross_type_comparisons", false);
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    HP_TRY(hp_bounds_read(k, dates, &b, &ok, err));
    if (!ok) return HP_OK;
    HP_TRY(hp_bounds_fit(k, &b, c, dates, cross, &ok, err));
    if (!ok) return HP_OK;
    for (uint32_t d = 0; d < c->n; d++) bad[d] = !hp_within_value(k, &b, c, d);
    return hp_list_marked(k, c, bad, err);
}

static size_t characters(hp_str s) {
    size_t n = 0; /* bytes that continue a character do not count */
    for (size_t i = 0; i < s.n; i++) n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

hp_code hp_k_lengths(hp_checker *k, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    hp_bounds b;
    double value = 0;
    bool ok, equal = hp_kw_number(k, "value", &value);
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    HP_TRY(hp_bounds_read(k, false, &b, &ok, err));
    if (!ok) return HP_OK;
    for (uint32_t d = 0; d < c->n; d++) {
        double n = (double)characters(hp_coded_text(k, c, d));
        bad[d] = equal ? n != value : !hp_within(&b, n);
    }
    return hp_list_marked(k, c, bad, err);
}

hp_code hp_k_z_scores(hp_checker *k, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    double threshold = 0, *x;
    size_t n;
    bool sides = hp_kw_flag(k, "double_sided", true);
    hp_kw_number(k, "threshold", &threshold);
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    HP_TRY(hp_coded_numbers(k, c, err));
    if (c->not_number != c->n)
        return hp_except(k, err, "column \"%.*s\" is not numeric: %s is no number", HP_FMT(c->col->name),
                         hp_coded_cell(k, c, c->not_number));
    HP_TRY(hp_coded_series(k, c, &x, &n, err));
    double mean = hp_stat_mean(x, n), stdev = hp_stat_stdev(x, n);
    for (uint32_t d = 0; d < c->n; d++)
        bad[d] = !hp_stat_z_under(c->number[d], mean, stdev, threshold, sides);
    return hp_list_marked(k, c, bad, err);
}

/* ---- order ---- */

static hp_code ordered(hp_checker *k, int wanted, hp_err *err) {
    hp_coded *c;
    hp_mode mode;
    bool ok, strictly = hp_kw_flag(k, "strictly", false);
    HP_TRY(hp_column_of(k, "column", &c, err));
    if (!c) return HP_OK;
    HP_TRY(hp_order(k, c, hp_kw_flag(k, "parse_strings_as_datetimes", false), &mode, &ok, err));
    if (!ok) return HP_OK;
    if (mode == HP_BY_TEXT)
        return hp_except(k, err,
                         "column \"%.*s\" holds text, which has no order of numbers or dates: %s; set "
                         "parse_strings_as_datetimes for dates",
                         HP_FMT(c->col->name), hp_coded_cell(k, c, c->not_number));
    uint8_t *bad = HP_NEW_ARRAY(k->scratch, k->n + 1, uint8_t);
    if (!bad) return no_memory(err);
    uint32_t before = 0;
    for (size_t i = 0; i < k->n; i++) {
        uint32_t code = c->code[i];
        if (code == 0) continue;
        int step = before == 0 ? 1 : wanted * hp_compare(k, mode, c, code - 1, c, before - 1);
        bad[i] = strictly ? step <= 0 : step < 0;
        before = code;
    }
    return hp_list_rows(k, c, bad, c->missing, err);
}

hp_code hp_k_increasing(hp_checker *k, hp_err *err) { return ordered(k, 1, err); }
hp_code hp_k_decreasing(hp_checker *k, hp_err *err) { return ordered(k, -1, err); }

/* ---- types ---- */

/* What a cell may be called in Python, NumPy, pandas, Spark and SQL. */
typedef enum called {
    AS_INT = 1,
    AS_FLOAT = 2,
    AS_TEXT = 4,
    AS_BOOL = 8,
    AS_DATE = 16,
    AS_ZONED = 32
} called;

static const struct {
    const char *name;
    unsigned what;
} CALLED[] = {{"int", AS_INT},
              {"int8", AS_INT},
              {"int16", AS_INT},
              {"int32", AS_INT},
              {"int64", AS_INT},
              {"int_", AS_INT},
              {"uint8", AS_INT},
              {"uint16", AS_INT},
              {"uint32", AS_INT},
              {"uint64", AS_INT},
              {"integer", AS_INT},
              {"bigint", AS_INT},
              {"smallint", AS_INT},
              {"tinyint", AS_INT},
              {"long", AS_INT},
              {"int64dtype", AS_INT},
              {"int32dtype", AS_INT},
              {"longtype", AS_INT},
              {"integertype", AS_INT},
              {"number", AS_INT | AS_FLOAT},
              {"numeric", AS_INT | AS_FLOAT},
              {"decimal", AS_INT | AS_FLOAT},
              {"float", AS_FLOAT},
              {"float16", AS_FLOAT},
              {"float32", AS_FLOAT},
              {"float64", AS_FLOAT},
              {"float_", AS_FLOAT},
              {"double", AS_FLOAT},
              {"double_precision", AS_FLOAT},
              {"real", AS_FLOAT},
              {"float64dtype", AS_FLOAT},
              {"doubletype", AS_FLOAT},
              {"floattype", AS_FLOAT},
              {"str", AS_TEXT},
              {"string", AS_TEXT},
              {"object", AS_TEXT},
              {"object_", AS_TEXT},
              {"o", AS_TEXT},
              {"text", AS_TEXT},
              {"varchar", AS_TEXT},
              {"char", AS_TEXT},
              {"stringdtype", AS_TEXT},
              {"stringtype", AS_TEXT},
              {"str_", AS_TEXT},
              {"bool", AS_BOOL},
              {"bool_", AS_BOOL},
              {"boolean", AS_BOOL},
              {"booleandtype", AS_BOOL},
              {"booleantype", AS_BOOL},
              {"datetime", AS_DATE | AS_ZONED},
              {"date", AS_DATE | AS_ZONED},
              {"datetime64", AS_DATE},
              {"datetime64[ns]", AS_DATE},
              {"datetime64[us]", AS_DATE},
              {"datetime64[s]", AS_DATE},
              {"timestamp", AS_DATE | AS_ZONED},
              {"timestamptz", AS_ZONED},
              {"datetimetz", AS_ZONED},
              {"timestamptype", AS_DATE | AS_ZONED},
              {"datetype", AS_DATE},
              {"datetimetzdtype", AS_ZONED},
              {"datetimetzdtypetype", AS_ZONED},
              {"datetime64[ns, utc]", AS_ZONED}};

static const char *const OBSERVED[] = {"int64", "float64", "object_", "bool_", "datetime64", "Timestamp"};

static bool is_zoned(hp_str iso) {
    size_t t = hp_str_chr(iso, 'T', 0);
    if (t == SIZE_MAX) t = hp_str_chr(iso, ' ', 0);
    if (t == SIZE_MAX) return false;
    hp_str time = hp_str_cut(iso, t + 1, iso.n);
    return hp_str_chr(time, 'Z', 0) != SIZE_MAX || hp_str_chr(time, '+', 0) != SIZE_MAX
           || hp_str_chr(time, '-', 0) != SIZE_MAX;
}

static unsigned called_of(const hp_checker *k, const hp_coded *c, uint32_t d) {
    hp_str text = hp_coded_text(k, c, d);
    int64_t whole;
    switch ((hp_type)c->type[d]) {
    case HP_T_NUMBER:
        return hp_str_i64(text, &whole) || hp_str_chr(text, '.', 0) == SIZE_MAX ? AS_INT : AS_FLOAT;
    case HP_T_BOOL: return AS_BOOL;
    case HP_T_DATE: return is_zoned(text) ? AS_ZONED : AS_DATE;
    default: return AS_TEXT;
    }
}

static bool add_type(hp_str name, unsigned *wanted) {
    for (size_t i = 0; i < sizeof CALLED / sizeof *CALLED; i++)
        if (hp_str_ieq(name, hp_str_of(CALLED[i].name))) {
            *wanted |= CALLED[i].what;
            return true;
        }
    return false;
}

static hp_code wanted_types(hp_checker *k, unsigned *wanted, hp_err *err) {
    const hp_node *list = hp_kw(k, "type_list"), *one = hp_kw(k, "type_");
    *wanted = 0;
    if (!list && !one) *wanted = ~0u;
    if (one && !add_type(one->text, wanted))
        return hp_except(k, err, "there is no type \"%.*s\"", HP_FMT(hp_str_cut(one->text, 0, 60)));
    bool any = !list || list->n == 0;
    for (size_t i = 0; list && i < list->n; i++) any |= add_type(list->item[i]->text, wanted);
    return any ? HP_OK : hp_except(k, err, "none of the types in type_list is known");
}

hp_code hp_k_of_type(hp_checker *k, hp_err *err) {
    hp_coded *c;
    uint8_t *bad;
    unsigned wanted, seen = 0;
    HP_TRY(marks(k, &c, &bad, err));
    if (!c) return HP_OK;
    HP_TRY(wanted_types(k, &wanted, err));
    if (k->o->exception.n) return HP_OK;
    for (uint32_t d = 0; d < c->n; d++) seen |= called_of(k, c, d);
    /* A column with fractions is one of floats, its whole numbers too. */
    bool floats = (seen & AS_FLOAT) && c->types == 1u << HP_T_NUMBER;
    for (uint32_t d = 0; d < c->n; d++) bad[d] = !(wanted & (floats ? AS_FLOAT : called_of(k, c, d)));
    HP_TRY(hp_list_marked(k, c, bad, err));
    if (floats) seen = AS_FLOAT;
    unsigned at = 0;
    while (at < 5 && !(seen >> at & 1)) at++;
    bool one = seen && (seen & (seen - 1)) == 0;
    if (one && !(k->o->observed = hp_node_words(k->run->arena, hp_str_of(OBSERVED[at]))))
        return no_memory(err);
    return HP_OK;
}
