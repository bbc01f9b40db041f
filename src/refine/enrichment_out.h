/* Private to src/refine: how an enriched file is written. */
#ifndef HP_REFINE_ENRICHMENT_OUT_H
#define HP_REFINE_ENRICHMENT_OUT_H

#include "refine/enrichment.h"

/** Write the sheets of an enrichment, and list the files in it. Nothing is replaced before all is complete.
 * Errors: those of the writers, HP_USAGE (more sheets than files can be written at once). */
hp_code hp_enrichment_write(const hp_enrichment_options *o, hp_enrichment *e, hp_err *err);
/** Append the record of an enrichment, JSON: what was read, counts, the outputs that are listed. */
void hp_enrichment_record(const hp_enrichment *e, const hp_output_file *input, hp_buf *out);

#endif
