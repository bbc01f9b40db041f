/* Private to src/check/propose*.c: what is found out about a column. */
#ifndef HP_CHECK_PROPOSE_PARTS_H
#define HP_CHECK_PROPOSE_PARTS_H

#include "base/vec.h"
#include "check/propose.h"

/** Hold a distinct value. */
typedef struct hp_seen {
    hp_vid v;
    uint64_t count;
} hp_seen;

/** Describe a form of values. */
typedef struct hp_value_form {
    const char *regex, *text;
    bool number, whole, date;
    bool measure; /**< its values are too rarely keys for their being all different to mean anything */
} hp_value_form;

/** Hold what is found out about a column. Release with hp_column_look_free. */
typedef struct hp_column_look {
    const hp_column *col;
    size_t nrow;
    HP_VEC(hp_seen) seen; /**< in the order of their first row */
    uint64_t filled;
    uint64_t of_type[HP_T_ERROR + 1];
    const hp_value_form *form; /**< that most values have; NULL = none, or all are typed in the file */
    uint64_t fit;              /**< values of that form */
    size_t width;              /**< characters of each value; 0 where they differ */
    bool numbers;              /**< every value is a number */
    bool whole;                /**< ... without a fraction */
    double least, most;        /**< of numbers */
    hp_str first;              /**< earliest date, when every value is one by ISO 8601 */
} hp_column_look;

/** Make the patterns of the forms. Errors: HP_RETRY. */
hp_code hp_value_forms_open(struct hp_pattern ***out, hp_arena *a, hp_err *err);
/** Release them. */
void hp_value_forms_close(struct hp_pattern **p);
/** Look at a column. Errors: HP_RETRY. */
hp_code hp_column_look_at(hp_run *run, const hp_table *t, size_t column, struct hp_pattern *const *form,
                          hp_column_look *out, hp_err *err);
/** Release what a look holds. */
void hp_column_look_free(hp_column_look *l);
/** Tell whether a header has a word in it for a person, or for what tells people apart: "Account manager",
 * "Captain", "StaffId". */
bool hp_header_names_people(hp_str header);

#endif
