/* What the kernels of expectations share. Private to src/check.
 *
 * A column is *coded* once: its distinct values get numbers, in the order of their first row, and each row
 * the number of its value. A kernel tests each distinct value, whatever the number of rows. */
#ifndef HP_CHECK_ENGINE_H
#define HP_CHECK_ENGINE_H

#include "base/map.h"
#include "check/instant.h"
#include "check/validation.h"
#include "profile/expectations.h"

/** Hold a column by its distinct values. Two cells are the same value when type and text are, and numbers
 * when they are equal ("1" and "1.0"). */
typedef struct hp_coded {
    const hp_column *col;
    uint32_t *code; /**< of each row looked at: 0 = missing, else 1 + the number of its value */
    uint32_t n;     /**< distinct values; what follows has one element for each */
    hp_vid *vid;
    uint8_t *type; /**< hp_type */
    uint64_t *count;
    uint64_t missing;     /**< rows without a value */
    unsigned types;       /**< bit hp_type: some value is of this type */
    double *number;       /**< see hp_coded_numbers; NULL until then */
    uint32_t not_number;  /**< a value that is no number; n when all are */
    uint8_t *is_number;   /**< of each */
    hp_instant *instant;  /**< see hp_coded_instants; NULL until then */
    uint32_t not_instant; /**< a value that is no date; n when all are */
    uint8_t *is_instant;  /**< of each */
} hp_coded;

/** Hold what is at hand. */
typedef struct hp_checker {
    hp_run *run;
    const hp_table *data;
    hp_arena *cache;  /**< lives as long as the validation is made */
    hp_coded **coded; /**< columns of the table, those that were asked for */
    uint32_t *slot;   /**< for each text of the pool: base + its number in the column coded last */
    size_t nslot;
    uint32_t base;
    /* of the expectation at hand */
    hp_arena *scratch;
    const hp_expectation *e;
    hp_expectation_id id;
    const char *where;
    hp_outcome *o;
    size_t n;            /**< rows looked at */
    const uint32_t *row; /**< their numbers, when a row_condition leaves some out; NULL = all */
    double mostly;
    bool out_of_memory; /**< a part of a message could not be made: hp_except fails */
} hp_checker;

/** Evaluate one kind of expectation into k->o: counts and list, or success and observed value. */
typedef hp_code hp_kernel(hp_checker *k, hp_err *err);

/* ---- kwargs (engine.c) ---- */
/** Return a kwarg; NULL when it is absent or null. */
const hp_node *hp_kw(const hp_checker *k, const char *name);
/** Return a kwarg's text, empty without one. */
hp_str hp_kw_text(const hp_checker *k, const char *name);
/** Return a flag, or what holds without one. */
bool hp_kw_flag(const hp_checker *k, const char *name, bool fallback);
/** Read a number ("Infinity" too); false without one. */
bool hp_kw_number(const hp_checker *k, const char *name, double *out);
/** Read a scalar as a number, infinities included. */
bool hp_number_of(const hp_node *n, double *out);

/* ---- outcomes (engine.c) ---- */
/** Say why the expectation cannot be evaluated; returns HP_OK, or HP_RETRY when that cannot be said. */
hp_code hp_except(hp_checker *k, hp_err *err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** Find and code the column that a kwarg names; *out is NULL, and the exception set, when there is none. */
hp_code hp_column_of(hp_checker *k, const char *kwarg, hp_coded **out, hp_err *err);
/** The same for a name. */
hp_code hp_column_named(hp_checker *k, hp_str name, hp_coded **out, hp_err *err);
/** Return the number in the table of the i-th row looked at. */
static inline uint32_t hp_row(const hp_checker *k, size_t i) { return k->row ? k->row[i] : (uint32_t)i; }
/** Count and list the rows whose value has a mark in `bad` (one for each distinct value). */
hp_code hp_list_marked(hp_checker *k, const hp_coded *c, const uint8_t *bad, hp_err *err);
/** Count and list the rows (of those looked at) with a mark in `bad`, n of which are passed over; `c` may be
 * NULL where several columns are concerned. */
hp_code hp_list_rows(hp_checker *k, const hp_coded *c, const uint8_t *bad, uint64_t passed, hp_err *err);
/** Set success by the counts and `mostly`. */
void hp_settle(hp_checker *k);
/** Return where a distinct value stands first, for messages: "file!Sheet!C17". They name cells, not values,
 * which may be personal. */
const char *hp_coded_cell(hp_checker *k, const hp_coded *c, uint32_t d);
/** View a distinct value's text. */
hp_str hp_coded_text(const hp_checker *k, const hp_coded *c, uint32_t d);

/* ---- columns (coded.c) ---- */
/** Code a column of the table, or take it from the cache. Errors: HP_RETRY. */
hp_code hp_code_column(hp_checker *k, size_t column, hp_coded **out, hp_err *err);
/** Read the distinct values as numbers: cells that are, TRUE and FALSE as 1 and 0, and text that is one. */
hp_code hp_coded_numbers(hp_checker *k, hp_coded *c, hp_err *err);
/** Read the distinct values as dates: cells that are, and text that can be read as one. */
hp_code hp_coded_instants(hp_checker *k, hp_coded *c, hp_err *err);
/** Collect the numbers of all rows, missing ones left out, into scratch; the column must be all numbers. */
hp_code hp_coded_series(hp_checker *k, const hp_coded *c, double **out, size_t *n, hp_err *err);
/** Sort the distinct values: numbers, then texts. Returns their order in scratch; NULL without memory. */
uint32_t *hp_coded_sorted(hp_checker *k, const hp_coded *c);

/* ---- order and sets (order.c, set.c) ---- */
/** Say as what values are compared. */
typedef enum hp_mode { HP_BY_NUMBER, HP_BY_INSTANT, HP_BY_TEXT } hp_mode;

/** Find as what a column can be ordered, and read it so; *ok false, and the exception set, when it cannot.
 * `dates`: texts are dates. */
hp_code hp_order(hp_checker *k, hp_coded *c, bool dates, hp_mode *mode, bool *ok, hp_err *err);
/** Compare a value with one of a column that is ordered in the same mode: <0, 0, >0. */
int hp_compare(const hp_checker *k, hp_mode mode, const hp_coded *a, uint32_t d, const hp_coded *b,
               uint32_t e);

/** Hold two bounds. */
typedef struct hp_bounds {
    hp_mode mode;
    bool has[2], strict[2]; /**< lower, upper */
    double number[2];
    hp_instant instant[2];
    hp_str text[2];
} hp_bounds;

/** Read "min_value" and "max_value". An exception when one is greater than the other. */
hp_code hp_bounds_read(hp_checker *k, bool dates, hp_bounds *b, bool *ok, hp_err *err);
/** Tell whether a number lies between. */
bool hp_within(const hp_bounds *b, double x);
/** Make a column comparable with bounds; *ok false, and the exception set, when some value is not, unless
 * `cross`. */
hp_code hp_bounds_fit(hp_checker *k, hp_bounds *b, hp_coded *c, bool dates, bool cross, bool *ok,
                      hp_err *err);
/** Tell whether a value of such a column lies between. */
bool hp_within_value(const hp_checker *k, const hp_bounds *b, const hp_coded *c, uint32_t d);

/** Hold the members of a set. Release with hp_set_free. */
typedef struct hp_set {
    hp_smap text;
    struct hp_set_number *number; /**< sorted */
    size_t nnumber;
    struct hp_set_instant *instant; /**< sorted; NULL when dates play no part */
    size_t ninstant;
    size_t word[2], null; /**< members that are false, true, null; SIZE_MAX = none */
    size_t n;             /**< members */
    size_t *same;         /**< for each, the first one that is the same value */
} hp_set;

/** Make a set of n scalars. `dates`: texts are compared as dates, and so they are with cells that are dates.
 * Errors: HP_RETRY. */
hp_code hp_set_make(hp_checker *k, hp_node *const *item, size_t n, bool dates, hp_set *out, hp_err *err);
/** Release what a set holds. */
void hp_set_free(hp_set *s);
/** Find the member that a value is; SIZE_MAX when it is none. */
size_t hp_set_find(const hp_checker *k, const hp_set *s, const hp_coded *c, uint32_t d);
/** Return how many different members a set has; null is none of them, as no value is it. */
size_t hp_set_distinct(const hp_set *s);

/* ---- row_condition (condition.c) ---- */
/** Leave out the rows that do not meet the expectation's row_condition, if it has one; *ok false, and the
 * exception set, when it names a column that is not there. Errors: HP_CONFIG (syntax, with the suite's line),
 * HP_RETRY. */
hp_code hp_condition_apply(hp_checker *k, bool *ok, hp_err *err);

/* ---- kernels ---- */
/** The kernels, by what they look at. */
hp_kernel hp_k_not_null, hp_k_null, hp_k_unique, hp_k_of_type, hp_k_in_set, hp_k_not_in_set, hp_k_between,
    hp_k_increasing, hp_k_decreasing, hp_k_lengths, hp_k_z_scores;
/** Of texts. */
hp_kernel hp_k_regex, hp_k_strftime, hp_k_dateutil, hp_k_json, hp_k_json_schema;
/** Of the table. */
hp_kernel hp_k_row_count, hp_k_column_count, hp_k_columns_ordered, hp_k_columns_set, hp_k_column_exists;
/** Of a column as a whole. */
hp_kernel hp_k_distinct, hp_k_most_common, hp_k_unique_count, hp_k_non_null_share, hp_k_extreme, hp_k_moment,
    hp_k_quantiles, hp_k_chisquare, hp_k_kl, hp_k_ks_bootstrapped, hp_k_ks_distribution;
/** Of several columns. */
hp_kernel hp_k_pair, hp_k_pair_in_set, hp_k_cramers_phi, hp_k_compound_unique, hp_k_within_record,
    hp_k_multi_sum, hp_k_foreign_key;

#endif
