/* The table of expectations that suites may name, with their kwargs. */
#ifndef HP_PROFILE_EXPECTATIONS_H
#define HP_PROFILE_EXPECTATIONS_H

#include "base/buf.h"

/** Name the expectations (profile/expectations.def). */
typedef enum hp_expectation_id {
#define EXPECTATION(id, type, domain, help) HP_X_##id,
#define KWARG(name, type, need, help)
#include "profile/expectations.def"
#undef EXPECTATION
#undef KWARG
    HP_X_COUNT
} hp_expectation_id;

/** Say what an expectation is about, and so which kwargs it takes besides its own. */
typedef enum hp_domain {
    HP_DOMAIN_TABLE,
    HP_DOMAIN_MAP,         /**< each value of `column`; `mostly` */
    HP_DOMAIN_COLUMN,      /**< `column` as a whole */
    HP_DOMAIN_PAIR,        /**< each pair of values of `column_A` and `column_B`; `mostly`, `ignore_row_if` */
    HP_DOMAIN_COLUMN_PAIR, /**< both as a whole */
    HP_DOMAIN_MULTI,       /**< each row of `column_list`; `mostly`, `ignore_row_if` */
    HP_DOMAIN_COUNT
} hp_domain;

/** Name what a kwarg holds. */
typedef enum hp_kwarg_type {
    HP_KW_ANY,
    HP_KW_TEXT,
    HP_KW_TEXTS,  /**< a list of texts */
    HP_KW_NUMBER, /**< a number; "Infinity" too */
    HP_KW_COUNT,  /**< a whole number, 0 or more */
    HP_KW_SHARE,  /**< a number from 0 to 1 */
    HP_KW_FLAG,
    HP_KW_BOUND,  /**< a number or a text */
    HP_KW_VALUES, /**< a list of numbers, texts, booleans, nulls */
    HP_KW_PAIRS,  /**< a list of lists of two such */
    HP_KW_MAP,
    HP_KW_SCHEMA, /**< a JSON Schema: a map, or a text that holds one */
    HP_KW_MATCH_ON,
    HP_KW_IGNORE_PAIR,
    HP_KW_IGNORE_ROW,
    HP_KW_PARSER
} hp_kwarg_type;

/** Say whether a kwarg must be there. */
typedef enum hp_kwarg_need {
    HP_NEED_OPTIONAL, /**< null is as good as absent */
    HP_NEED_REQUIRED,
    HP_NEED_NULLABLE /**< must be there, but null has a meaning */
} hp_kwarg_need;

/** Describe a kwarg. */
typedef struct hp_kwarg_info {
    const char *name;
    hp_kwarg_type type;
    hp_kwarg_need need;
    const char *help;
} hp_kwarg_info;

/** Describe an expectation. */
typedef struct hp_expectation_info {
    const char *type; /**< "expect_column_values_to_be_between" */
    hp_domain domain;
    const char *help;
    size_t first, n; /**< its own kwargs, by their place in the table */
} hp_expectation_info;

/** Return the description of an expectation. */
hp_expectation_info hp_expectation_get(hp_expectation_id id);
/** Find an expectation by its type in snake case; HP_X_COUNT when there is none. */
hp_expectation_id hp_expectation_find(hp_str type);
/** Find a kwarg that an expectation takes; NULL when it takes none of this name. */
const hp_kwarg_info *hp_expectation_kwarg(hp_expectation_id id, hp_str name);
/** List the kwargs that an expectation takes into `out` (room for HP_KWARGS_MOST), its own first, then those
 * of its domain, then those of all; returns how many. */
size_t hp_expectation_kwargs(hp_expectation_id id, const hp_kwarg_info **out);
/** Return the words for what a kwarg holds: "a number". */
const char *hp_kwarg_type_text(hp_kwarg_type t);
/** Return the words that a kwarg may hold (space between them), NULL when it is no choice of words. */
const char *hp_kwarg_choices(hp_kwarg_type t);
/** Write the reference of expectations as Markdown (docs/reference/expectations.md). */
void hp_expectation_reference(hp_buf *out);

/** Bound what hp_expectation_kwargs lists. */
enum { HP_KWARGS_MOST = 24 };

#endif
