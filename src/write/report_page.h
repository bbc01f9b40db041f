/* What the report and the list of runs share; only src/write includes this. */
#ifndef HP_WRITE_REPORT_PAGE_H
#define HP_WRITE_REPORT_PAGE_H

#include "write/report.h"

/** Append the head of a page up to <body>, with its style. */
void hp_page_begin(hp_buf *out, hp_str title, hp_str version);
/** Append the end of a page. */
void hp_page_end(hp_buf *out);
/** Return "ok", "warn" or "bad": the class of a state. */
const char *hp_report_state_class(hp_report_state s);

/* ---- pieces (report_parts.c) ---- */

/** Return part / of, 0 when there is nothing. */
double hp_page_ratio(uint64_t part, uint64_t of);
/** Begin a section with its heading; `half`: two stand side by side where there is room. Ends in </section>.
 */
void hp_page_section(hp_buf *out, const char *id, const char *title, bool half);
/** Begin a table that scrolls by itself on a narrow screen, by keyboard too. `heads` are separated by bars;
 * one that begins with # is of a column of numbers, one with = of a column of bars. The caption is for those
 * who hear the page. */
void hp_page_table(hp_buf *out, const char *id, const char *caption, const char *heads);
/** End it. */
void hp_page_table_end(hp_buf *out);
/** Begin a row with its name and, below that, what it means (may be empty). */
void hp_page_row(hp_buf *out, hp_str name, hp_str sub);
/** End it. */
void hp_page_row_end(hp_buf *out);
/** Append a cell with a number. */
void hp_page_number(hp_buf *out, uint64_t n);
/** Append a cell with a name, an address or a list of them. */
void hp_page_value(hp_buf *out, const char *class, hp_str s);
/** Append a sample of a colour and what it means. */
void hp_page_legend(hp_buf *out, const char *class, const char *text);

/* ---- parts (report_findings.c), each a section, or nothing when there is nothing to tell ---- */

/** Append the findings by rule. */
void hp_page_rules(const hp_report *r, hp_buf *out);
/** Append the findings by source. */
void hp_page_sheets(const hp_report *r, hp_buf *out);
/** Append the expectations. */
void hp_page_checks(const hp_report *r, hp_buf *out);
/** Append the columns and rows with the most findings. */
void hp_page_worst(const hp_report *r, hp_buf *out);
/** Append the reasons of quarantine. */
void hp_page_quarantine(const hp_report *r, hp_buf *out);

#endif
