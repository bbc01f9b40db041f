/* Private to src/enrich: the sheets under work, and what is written down about each row. */
#ifndef HP_ENRICH_WORK_H
#define HP_ENRICH_WORK_H

#include "clean/redact.h"
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
    hp_field_set *unsaved; /**< of each row: fields whose cell holds a formula without a saved result, which
                              is no blank; NULL: none does */
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
    hp_redactor redactor;  /**< of free text that is filled in; no kinds: it stays as it is */
    hp_work_sheet *sheet;
    size_t nsheet;
    HP_VEC(hp_trace) trace;
    hp_answers answers;
    hp_enrich_result *out;
} hp_work;

/** Hold what a row may not be given for want of consent. */
typedef struct hp_withheld {
    hp_field_set research; /**< by research */
    hp_field_set all;      /**< by anybody */
} hp_withheld;

/** Settle which fields may be filled: those of the profile, less what nobody but its source can know. */
void hp_settle_fields(hp_work *w);
/** Understand the sheets, and give those that are to be enriched cells of their own. Errors: HP_RETRY. */
hp_code hp_choose_sheets(hp_work *w, hp_enrich_sheet *sheet, size_t n, hp_err *err);
/** Decide what a row (an index in raw) may not be given. */
void hp_row_consent(hp_work *w, const hp_work_sheet *s, size_t raw, hp_buf *scratch, hp_withheld *out);

/** Put the five columns behind the others, in place of older ones. Errors: HP_RETRY. */
hp_code hp_put_columns(hp_work *w, hp_work_sheet *s, hp_err *err);
/** Make the sheet Provenance. Errors: HP_RETRY. */
hp_code hp_make_provenance(hp_work *w, hp_table **out, hp_err *err);

#endif
