/* Comparing names: similarity, a cheap bound on it, and the verdict on two organisation names. */
#ifndef HP_RESOLVE_COMPARE_H
#define HP_RESOLVE_COMPARE_H

#include "base/str.h"

/* Names are compared by their first 512 bytes and 32 words: a longer one is a sentence, and the cost of
 * comparing is quadratic. */
#define HP_NAME_BYTES 512u
#define HP_NAME_WORDS 32u

/** Name what the words that two names do not share say (see hp_name_differ). */
typedef enum hp_name_difference {
    HP_DIFF_NONE, /**< the same words, perhaps in another order, or words that are spellings of each other */
    HP_DIFF_WITHIN, /**< all words of one are in the other, which has more */
    HP_DIFF_WORDS   /**< each has a word that the other lacks, and they are no spellings of each other; or
                       numbers differ */
} hp_name_difference;

/** Hold what bounds the similarity of a name without reading it. */
typedef struct hp_name_sketch {
    uint64_t letters; /**< bit for each letter and digit that occurs; other bytes share bits */
    uint32_t n;       /**< bytes */
} hp_name_sketch;

/** Make the sketch of a name key. */
hp_name_sketch hp_name_sketch_of(hp_str key);
/** Return an upper bound of hp_name_similarity, from the sketches. */
double hp_name_bound(hp_name_sketch a, hp_name_sketch b);
/** Return the similarity of two name keys, 0..1: Jaro-Winkler of the keys, or of the keys with their words
 * sorted, whichever is more. The order of the arguments does not matter. */
double hp_name_similarity(hp_str a, hp_str b);
/** Return hp_name_similarity, or where that is below `enough` and more than 0.8, the share of letters that
 * need no mending (1 - Damerau-Levenshtein distance / length of the longer name, for names up to 64 bytes) if
 * that is more: one letter too many can cost Jaro's measure a tenth when it shifts letters that repeat. */
double hp_name_likeness(hp_str a, hp_str b, double enough);
/** Tell how the words of two name keys differ; *shared gets the number of words of the one with fewer that
 * the other has too. */
hp_name_difference hp_name_differ(hp_str a, hp_str b, size_t *shared);
/** Return the number of words in a name key. */
size_t hp_name_words(hp_str key);

#endif
