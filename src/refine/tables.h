/* What run.json says of tables: the columns that were read and what they were taken for, the columns of the
 * result and what they are made of. From it lineage is told, by those who know no struct of the pipeline. */
#ifndef HP_REFINE_TABLES_H
#define HP_REFINE_TABLES_H

#include "base/json.h"
#include "refine/stages.h"

/** Count rows and filled cells of the mapped columns, into r->sheet. Errors: HP_RETRY. */
hp_code hp_tables_read(hp_refine_result *r, hp_mapped *const *sheets, size_t n, hp_err *err);
/** Count rows and filled cells of Data and Contacts, into r->table. Errors: HP_RETRY. */
hp_code hp_tables_made(hp_refine_result *r, const hp_golden *golden, hp_err *err);

/** Write the member "tables" of an input: sheets with the columns that are mapped. */
void hp_tables_put_input(hp_json *j, const hp_refine_result *r, size_t file);
/** Write the member "tables" of a run: Data and Contacts. */
void hp_tables_put(hp_json *j, const hp_refine_result *r);
/** Write the member "tables" of an output: the names of those that it holds. */
void hp_tables_put_output(hp_json *j, const hp_output_file *f);

#endif
