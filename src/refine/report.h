/* Filling the report of a run (write/report.h); only src/refine includes this. */
#ifndef HP_REFINE_REPORT_H
#define HP_REFINE_REPORT_H

#include "refine/stages.h"
#include "write/report.h"

/** Hold what is taken from the run.json of the previous run, read before it is replaced. */
typedef struct hp_previous {
    bool known;
    hp_str note; /**< why there is nothing to compare with, when a file stands there; else empty */
    hp_str when, version, profile_sha256;
    uint64_t rows_in, rows_out, merged, quarantined, contacts, conflicts; /**< HP_UNKNOWN */
    double quality;                                                       /**< less than 0: not known */
    uint64_t by_rule[HP_RULE_COUNT];
    const hp_node *inputs, *fill; /**< as in the file; NULL when it says nothing of them */
} hp_previous;

/** Read the previous run.json. A file that is absent, cannot be read or has another schema is no error, but a
 * previous run that is not known. Errors: HP_RETRY. */
hp_code hp_previous_load(hp_arena *a, const char *path, hp_previous *out, hp_err *err);
/** Return how many organisations had a value in a column; HP_UNKNOWN. */
uint64_t hp_previous_fill(const hp_previous *p, const char *column);

/** Hold what a report is made of. */
typedef struct hp_report_source {
    const hp_refine_options *o;
    const hp_refine_result *r;
    const hp_table *data; /**< the result, or what would have been it */
    hp_mapped *const *sheets;
    size_t nsheets;
    const hp_previous *previous;
} hp_report_source;

/** Make the report of a run, in the run's arena. Errors: HP_RETRY. */
hp_code hp_report_make(const hp_report_source *in, hp_report *out, hp_err *err);

/* ---- its parts ---- */

/** Add what came of the expectations. The only place that knows the form of their outcome. */
hp_code hp_report_checks(const hp_report_source *in, hp_report *out, hp_err *err);
/** Add findings by rule, and the sheets, columns and rows with the most. */
hp_code hp_report_findings(const hp_report_source *in, hp_report *out, hp_err *err);
/** Add what changed since the previous run; call it last. */
hp_code hp_report_changes(const hp_report_source *in, hp_report *out, hp_err *err);
/** Append a cell's value as the report may show it: masked when it may be personal, cut when it is long. */
void hp_report_value(const hp_report_source *in, hp_cell at, hp_rule rule, hp_vid value, hp_buf *out);
/** As hp_report_value, long texts whole: for the sheet Findings. */
void hp_report_finding_value(const hp_report_source *in, hp_cell at, hp_rule rule, hp_vid value, hp_buf *out);
/** As hp_report_value for a value of the result, by its column; of one that no source feeds it is taken for
 * personal. */
void hp_report_output_value(const hp_report_source *in, hp_str column, hp_vid value, hp_buf *out);
/** Append the addresses of findings[0..n) of `all`: "Book.xlsx!List!C5, !C9, …". */
void hp_report_cells(const hp_run *run, const hp_issue *const *issue, size_t n, uint64_t all, hp_buf *out);
/** Tell whether some rows describe people who stand for themselves: then names of organisations are personal.
 */
bool hp_report_has_people(const hp_report_source *in);
/** Copy what a buffer holds into the run's arena and clear the buffer. Errors: HP_RETRY. */
hp_code hp_report_text(const hp_report_source *in, hp_buf *b, hp_str *out, hp_err *err);

/* ---- the list of runs ---- */

/** Hold the files of data docs: dist/data-docs/<id>/index.html and run.json, and dist/data-docs/index.html.
 */
typedef struct hp_data_docs {
    hp_str id;
    hp_str page_path, run_path, index_path;
    hp_buf page, run, index; /**< free with hp_data_docs_free */
} hp_data_docs;

/** Make them: the list is of the runs whose directories are there, and this one. Errors: HP_RETRY, HP_DATA.
 */
hp_code hp_data_docs_make(const hp_report_source *in, const hp_report *report, hp_data_docs *out,
                          hp_err *err);
/** Release the buffers; zeroed ones are allowed. */
void hp_data_docs_free(hp_data_docs *d);

#endif
