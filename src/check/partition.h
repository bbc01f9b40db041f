/* Partitions: the expected weights of values or of bins, as partition_object gives them, and the
 * Kullback-Leibler divergence of a column from them. */
#ifndef HP_CHECK_PARTITION_H
#define HP_CHECK_PARTITION_H

#include "base/doc.h"

/** Hold a partition; lives in the arena it was read into. */
typedef struct hp_partition {
    size_t n;
    const double *weight;  /**< n, all but those of the tails: sum 1 with them */
    hp_node *const *value; /**< categorical: n scalars; else NULL */
    const double *edge;    /**< continuous: n + 1, ascending, the first and last may be infinite; else NULL */
    bool has_tails;        /**< continuous: "tail_weights" was given */
    double tail[2];        /**< weight below and above */
} hp_partition;

/** Read a partition_object: {"values", "weights"} or {"bins", "weights", "tail_weights"}. Infinite edges are
 * written Infinity, -Infinity (also inf, .inf). `where` names the expectation in messages. Errors: HP_CONFIG
 * (lengths, order, weights that do not sum to 1), HP_RETRY. */
hp_code hp_partition_read(hp_arena *a, const hp_node *node, const char *where, hp_partition *out,
                          hp_err *err);

/** Hold a divergence and the weights it comes of; lives in the arena it was made in. */
typedef struct hp_kl {
    double divergence;  /**< nats; infinity or NaN where it is not defined, which no threshold allows */
    size_t n;           /**< categorical: expected values, then unexpected ones; continuous: finite bins */
    const double *edge; /**< continuous: n + 1 finite edges; else NULL */
    double *observed, *expected;               /**< n weights each, holdouts applied */
    double observed_tail[2], expected_tail[2]; /**< continuous */
} hp_kl;

/** Compute the divergence of counted values from a categorical partition
 * (expect_column_kl_divergence_to_be_less_than). `count`: occurrences of each of the partition's values;
 * `other`: of the `nother` values that it does not have; `tail_holdout`: the weight given to all of those
 * together, taken from the others in proportion. Errors: HP_CONFIG (holdout outside 0..1), HP_RETRY. */
hp_code hp_kl_values(hp_arena *a, const hp_partition *p, const uint64_t *count, const uint64_t *other,
                     size_t nother, double tail_holdout, const char *where, hp_kl *out, hp_err *err);
/** Compute the divergence of numbers from a continuous partition. `tail_holdout`: weight expected beyond the
 * finite ends; `internal_holdout`: weight shared by the bins that have none. Errors: HP_CONFIG (holdouts
 * outside 0..1, tail holdout beside tail weights or two infinite ends), HP_RETRY. */
hp_code hp_kl_numbers(hp_arena *a, const hp_partition *p, const double *x, size_t n, double tail_holdout,
                      double internal_holdout, const char *where, hp_kl *out, hp_err *err);

#endif
