/* Enriching a file: read it, fill blanks (enrich/enrich.h), write it with its provenance. */
#ifndef HP_REFINE_ENRICHMENT_H
#define HP_REFINE_ENRICHMENT_H

#include "enrich/enrich.h"
#include "refine/refine.h"

/** Say what to enrich and where to. */
typedef struct hp_enrichment_options {
    const char *profile;             /**< name or path */
    const char *const *profile_dirs; /**< --profile-search-path, in order */
    size_t nprofile_dirs;
    const char *input, *output;
    const char
        *entity; /**< name of an organisation that stands in no file, in place of `input`: only with `plan` */
    const char *home;            /**< directory of lookups, history, registries; ".hotpass" */
    double threshold;            /**< below 0 = the profile's */
    bool network_given, network; /**< --allow-network, and what it says */
    uint64_t max_requests;
    hp_compress compress;
    bool dry_run;
    hp_enrich_plan_fn
        *plan; /**< as in hp_enrich_options; then nothing is written, and `output` may be NULL */
    void *plan_ctx;
    hp_read_options reading;
    hp_progress_fn *progress;
    void *progress_ctx;
} hp_enrichment_options;

/** Hold the result. Free with hp_enrichment_free. */
typedef struct hp_enrichment {
    hp_run run;
    hp_profile *profile;
    hp_gate gate;
    hp_enrich_sheet *sheet;
    size_t nsheet;
    size_t skipped; /**< sheets without cells (charts), which cannot be kept */
    hp_enrich_result result;
    hp_output_file
        *output; /**< the workbook; or the table, `NAME.provenance.csv` and the other sheets beside it */
    size_t noutput;
    uint64_t failures; /**< hp_mem_failures at the beginning */
    double seconds;
    hp_code code; /**< HP_OK, or HP_PARTIAL when sheets were skipped */
} hp_enrichment;

/** Load the profile and ask the gate, without going on: for --explain-network. Errors: HP_CONFIG, HP_NOINPUT.
 */
hp_code hp_enrichment_gate(const hp_enrichment_options *o, hp_enrichment *out, hp_err *err);
/** Enrich a file: every sheet, column and row with a value is kept, in its order; a sheet Provenance comes
 * last (or gets more rows, where the input has one). Outputs that hold one table get the enriched sheet, and
 * files beside them the provenance and the other sheets. On an error nothing is written, and err names the
 * stage. Errors: HP_USAGE (the output is the input, no form that can be written), and those of reading,
 * hp_enrich and writing. */
hp_code hp_enrichment_run(const hp_enrichment_options *o, hp_enrichment *out, hp_err *err);
/** Write what happened in the form of run.json (docs/reference/run-json.md), as far as it applies. */
void hp_enrichment_json(const hp_enrichment_options *o, const hp_enrichment *e, hp_buf *out);
/** Name the file beside a flat output that holds a sheet: "enriched.provenance.csv". Letters and digits stay,
 * all else becomes "-"; it lives in the arena, NUL-terminated. Errors: HP_RETRY. */
hp_code hp_enrichment_beside(hp_arena *a, const char *output, const char *sheet, const char **path,
                             hp_err *err);
/** Release a result; a zeroed one is allowed. */
void hp_enrichment_free(hp_enrichment *e);

#endif
