/* Enrichment: blanks are filled from providers, each value with where it came from; nothing is overwritten.
 */
#ifndef HP_ENRICH_ENRICH_H
#define HP_ENRICH_ENRICH_H

#include "enrich/provider.h"
#include "net/gate.h"

/** Hold a request that research would make. Views are valid within the call. */
typedef struct hp_enrich_request {
    const hp_provider *provider;
    hp_str name; /**< of the provider, as the profile calls it */
    hp_str url;
    const hp_enrich_row *row;
    size_t sheet; /**< index in the sheets */
} hp_enrich_request;

/** Take a request that research would make; an error ends hp_enrich. */
typedef hp_code hp_enrich_plan_fn(void *ctx, const hp_enrich_request *r, hp_err *err);

/** Return the fields that research may not ask about without a recorded consent (POPIA): the personal ones of
 * a profile that demands it. */
hp_field_set hp_enrich_withheld(const hp_profile *p);

/** Say how to enrich. */
typedef struct hp_enrich_options {
    const char *home;      /**< directory of lookups, history, registries; ".hotpass" */
    const char *input;     /**< the file that the sheets come from, for the history; NULL = none */
    double threshold;      /**< confidence from which values are applied; below 0 = the profile's */
    hp_gate *gate;         /**< of the network; NULL = closed */
    uint64_t max_requests; /**< 0 = no limit */
    hp_enrich_plan_fn
        *plan; /**< providers that use the network are not asked; what they would ask for is told */
    void *plan_ctx;
} hp_enrich_options;

/** Hold a sheet on its way. */
typedef struct hp_enrich_sheet {
    hp_str name;         /**< of the sheet; empty for formats without sheets */
    uint32_t sheet;      /**< number in the run's sources */
    const hp_table *raw; /**< as the reader gave it */
    const hp_table *in;  /**< the same with named columns (table/shape.h) */
    /* results */
    hp_table
        *out; /**< `in` with blanks filled, and the five columns last; `in` itself when it was not enriched */
    bool enriched;
    uint64_t rows, filled_rows; /**< data rows; those in which something was filled */
} hp_enrich_sheet;

/** Count what a provider did. */
typedef struct hp_enrich_count {
    const char *provider, *name, *source;
    hp_strategy strategy;
    bool opened;        /**< it had something to ask, and was allowed to */
    uint64_t asked;     /**< rows */
    uint64_t filled;    /**< fields */
    uint64_t suggested; /**< fields listed and not applied */
} hp_enrich_count;

/** Hold the result; lives in the run's arena. */
typedef struct hp_enrich_result {
    hp_table *provenance; /**< the sheet Provenance: a row for each filled field and each suggestion */
    uint64_t rows, filled_rows, filled, suggested;
    uint64_t unwanted; /**< suggestions dropped: the value is none of its kind, or has no evidence */
    hp_enrich_count *count;
    size_t ncount;
    double threshold;
} hp_enrich_result;

/** Enrich sheets: the sheet Data of hotpass where there is one, else every sheet that says whose its rows are
 * (enrich/target.h), else only the five columns are added to the first. Providers are asked in the order of
 * the profile's fetcher_chain; the first whose suggestion reaches the threshold fills a field, and those
 * after it see the new value. A row that nothing was filled in is "original", 1.0, "none". The same inputs,
 * profile and time give the same tables. Errors: HP_CONFIG (the profile), those of the providers, HP_RETRY.
 */
hp_code hp_enrich(hp_run *run, const hp_profile *p, const hp_enrich_options *o, hp_enrich_sheet *sheet,
                  size_t n, hp_enrich_result *out, hp_err *err);

/** How many columns say where a row's values came from. */
#define HP_PROVENANCE_COLUMNS 5
/** Return their names, in the order in which they stand last: provenance_source, _timestamp, _confidence,
 * _strategy, _network_status. */
const char *const *hp_provenance_names(void);
/** Return the names of the columns of the sheet Provenance. */
const char *const *hp_provenance_sheet_names(size_t *n);

#endif
