/* The trace of merging: for each output row which values stood for what, and where; only kept when the run
 * asks for it (hp_run.explain). */
#ifndef HP_MERGE_TRACE_H
#define HP_MERGE_TRACE_H

#include "base/vec.h"
#include "table/table.h"

/** Hold a value that competed for a column: of those of one column the first survived, or all that were
 * joined. */
typedef struct hp_traced {
    hp_vid v;
    hp_cell at;
    uint32_t record; /**< organisation record it belongs to */
    uint32_t col;    /**< column of the sheet: hp_data_col, of people hp_contact_col */
} hp_traced;

/** Hold a row of the sheet Data. */
typedef struct hp_traced_row {
    size_t value, nvalue;   /**< in hp_trace.value */
    size_t person, nperson; /**< in hp_trace.person: its rows of the sheet Contacts */
    uint32_t cluster;
    hp_vid slug;
} hp_traced_row;

/** Hold a row of the sheet Contacts. Its source rows are values of the column source_cell, without a text. */
typedef struct hp_traced_person {
    size_t value, nvalue;
    uint8_t reach;  /**< 4 by e-mail and phone, 3 by e-mail, 2 by phone, 1 by name only, 0 not at all */
    uint8_t weight; /**< of the role, in hundredths */
    bool primary;
} hp_traced_person;

/** Hold the trace of a run; lives in its arena. */
typedef struct hp_trace {
    HP_VEC(hp_traced) value;
    HP_VEC(hp_traced_row) row;
    HP_VEC(hp_traced_person) person;
    uint32_t *order;   /**< records by cluster (as hp_clusters.member), best-ranked first */
    uint8_t *complete; /**< of each record: how many of e-mail, phone, website, province, address, 0..5 */
} hp_trace;

#endif
