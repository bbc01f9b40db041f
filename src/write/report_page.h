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

#endif
