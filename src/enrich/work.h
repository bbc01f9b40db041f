/* Private to src/enrich: the sheets under work, and what is written down about each row. */
#ifndef HP_ENRICH_WORK_H
#define HP_ENRICH_WORK_H

#include "enrich/answers.h"
#include "enrich/chain.h"
#include "enrich/target.h"

/** Hold a line of the sheet Provenance. */
typedef struct hp_trace {
    uint32_t sheet; /**< index in the sheets */
    uint32_t row;   /**< index in its table */
    hp_field field;
    uint32_t link; /**< index in the chain */
    hp_vid old, new;
    hp_vid source, evidence;
    double confidence;
    int64_t time;
    bool applied;
    const char *reason; /**< why it was not */
} hp_trace;

/** Hold what is known of a row once all were asked. */
typedef struct hp_row_state {
    bool data;     /**< it is a row of data, not a title above the header */
    bool filled;   /**< something was filled; the next four are of the value with the highest confidence */
    uint32_t link; /**< index in the chain */
    hp_vid source;
    double confidence;
    int64_t time;
    bool left;     /**< research could have been asked about it, and was not */
    uint8_t net;   /**< hp_row_net, the gravest */
    hp_vid reason; /**< of `net` */
} hp_row_state;

/** Hold a sheet under work. */
typedef struct hp_work_sheet {
    hp_enrich_sheet *sheet;
    hp_known *known;              /**< NULL: nothing in it is understood */
    uint32_t *raw_of;             /**< index in raw of each row of the table */
    uint32_t col[HP_FIELD_COUNT]; /**< column of the output that a field goes to; HP_NO_COL = none */
    hp_row_state *row;
} hp_work_sheet;

/** Hold the work. */
typedef struct hp_work {
    hp_run *run;
    const hp_profile *p;
    const hp_enrich_options *o;
    hp_clean_ctx clean;
    hp_chain chain;
    double threshold;
    hp_field_set fillable; /**< what may be filled */
    hp_field_set withheld; /**< what research may not be asked about without consent (POPIA) */
    hp_work_sheet *sheet;
    size_t nsheet;
    HP_VEC(hp_trace) trace;
    hp_answers answers;
    hp_enrich_result *out;
} hp_work;

/** Put the five columns behind the others, in place of older ones. Errors: HP_RETRY. */
hp_code hp_put_columns(hp_work *w, hp_work_sheet *s, hp_err *err);
/** Make the sheet Provenance. Errors: HP_RETRY. */
hp_code hp_make_provenance(hp_work *w, hp_table **out, hp_err *err);

#endif
