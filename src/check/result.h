/* What the writers of results share: which values are listed, and how they are shown. Private to src/check.
 */
#ifndef HP_CHECK_RESULT_H
#define HP_CHECK_RESULT_H

#include "base/json.h"
#include "check/validation.h"
#include "table/field.h"

/** Hold what a writer works with. */
typedef struct hp_result {
    const hp_run *run;
    const hp_validation *v;
    const hp_result_options *o;
} hp_result;

/** Return how many unexpected values of an outcome are listed. */
size_t hp_result_listed(const hp_result *r, const hp_outcome *o);
/** Append where an unexpected value stands ("file!Sheet!C17"); of a table that was not read from a file its
 * row ("row 12"). */
void hp_result_origin(const hp_result *r, const hp_outcome *o, const hp_unexpected *u, hp_buf *out);
/** Append the value of a row in a column as people see it: masked unless values may be shown. */
void hp_result_text(const hp_result *r, uint32_t column, hp_vid v, hp_buf *out);
/** Write it as JSON: a number, true, false, null or a text. */
void hp_result_cell(const hp_result *r, hp_json *j, uint32_t column, uint32_t row);
/** Write an unexpected value: a cell, of two columns a list, of several a map. */
void hp_result_value(const hp_result *r, hp_json *j, const hp_outcome *o, const hp_unexpected *u);
/** Write a node that came of a column's values, masked as they are. */
void hp_result_node(const hp_result *r, hp_json *j, const hp_outcome *o, const hp_node *n);
/** Append the columns' names, ", " between them. */
void hp_result_columns(const hp_result *r, const hp_outcome *o, hp_buf *out);
/** Append in one sentence what came of an expectation: "3 of 100 values are not as expected". */
void hp_result_sentence(const hp_result *r, const hp_outcome *o, hp_buf *out);
/** Return "critical", "warning" or "info". */
const char *hp_gx_severity_name(hp_gx_severity s);

#endif
