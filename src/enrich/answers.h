/* What providers answered to one call: between providers, who add, and the engine, who decides. */
#ifndef HP_ENRICH_ANSWERS_H
#define HP_ENRICH_ANSWERS_H

#include "enrich/provider.h"

/** Say what happened with the network for one row. */
typedef struct hp_answer_row {
    hp_row_net net;
    hp_str reason;
} hp_answer_row;

/** Hold them; the arrays are those of the call under way. */
struct hp_answers {
    hp_arena *arena; /**< of the texts; dropped and made again for each call */
    HP_VEC(hp_suggestion) list;
    hp_answer_row row[HP_ENRICH_BATCH];
    size_t n; /**< rows that were asked about */
};

/** Make room for the answers about `n` rows, forgetting those before. Errors: HP_RETRY. */
hp_code hp_answers_begin(hp_answers *a, size_t n, hp_err *err);
/** Sort the suggestions by row, field, confidence (highest first), value. */
void hp_answers_sort(hp_answers *a);
/** Release everything; a zeroed one is allowed. */
void hp_answers_free(hp_answers *a);

#endif
