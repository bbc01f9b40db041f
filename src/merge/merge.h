/* Merging: a cluster becomes one golden record, and each value says where it came from. */
#ifndef HP_MERGE_MERGE_H
#define HP_MERGE_MERGE_H

#include "merge/trace.h"
#include "profile/profile.h"
#include "table/record.h"
#include "table/run.h"

/** Hold what merging yields: tables for the output, one row an organisation and one row a contact. */
typedef struct hp_golden {
    hp_table *data; /**< the 42 columns, then our own (merge/columns.def) */
    hp_table *contacts;
    uint64_t duplicates; /**< organisation rows merged into another row */
    uint64_t attached;   /**< contact, address and note rows attached */
    uint64_t conflicts;
    uint32_t *cluster; /**< of each row of data */
    hp_trace *trace; /**< NULL unless the run asks for it */
} hp_golden;

/** Merge clusters into golden records: survivorship by source priority, then completeness, then recency, then
 * reading order; contacts stay whole people. `since` (ISO date, empty = none): organisations last touched
 * before it go to quarantine. Rows come out sorted by organisation name, by bytes, then slug. Errors:
 * HP_RETRY. */
hp_code hp_merge(hp_run *run, const hp_profile *p, const hp_records *in, const hp_clusters *clusters,
                 hp_str since, hp_golden **out, hp_err *err);

/** Hear of a source row that a row of Data was made of; `entity` is its hp_entity. */
typedef hp_code hp_source_row_fn(void *ctx, size_t row, hp_origin at, int entity, hp_err *err);
/** Take the rows with out[row] out of Data, and their people out of Contacts: both become new tables, and the
 * counts are of what is left. Calls `fn` for each of the source rows of those taken out. `in` and `clusters`
 * are those that were merged. Errors: HP_RETRY, those of `fn`. */
hp_code hp_golden_take_out(hp_run *run, const hp_records *in, const hp_clusters *clusters, hp_golden *g,
                           const uint8_t *out, hp_source_row_fn *fn, void *ctx, hp_err *err);

/** Describe an output column, for the reference docs. */
typedef struct hp_output_column {
    const char *name;
    hp_style style;
    const char *text;
} hp_output_column;
/** Return the columns of the Data sheet (docs/reference/ssot.md is made from them). */
const hp_output_column *hp_data_columns(size_t *n);
/** Return the field whose values a column of Data shows; HP_F_NONE for one that is computed. *mode gets how
 * they are chosen: "first" (the best-ranked record's), "all" (joined), "contact" (of the primary contact, or
 * the other channels), "latest", or "" for one that is computed. */
hp_field hp_data_field(size_t col, const char **mode);
/** As hp_data_field, of a column of Contacts. */
hp_field hp_contact_field(size_t col, const char **mode);
/** Return the columns of the Contacts sheet. */
const hp_output_column *hp_contact_columns(size_t *n);

#endif
