/* Proposing: a suite that a table meets, for people to edit. */
#ifndef HP_CHECK_PROPOSE_H
#define HP_CHECK_PROPOSE_H

#include "profile/suite.h"
#include "table/field.h"
#include "table/run.h"

/** Tell what is known of a column from elsewhere: from its header, and from a look at its values. */
typedef struct hp_propose_hint {
    hp_kind kind;
    bool personal; /**< it says something about a person */
} hp_propose_hint;

/** Propose a suite: the columns and the number of rows; of each column how much of it is filled, the form of
 * its values, their range, the few values that there are, and whether they are unique. The table meets it.
 * `hint` has one entry a column. The rules and tolerances are in docs/reference/suite-init.md, and each
 * expectation's meta.notes says why it is there.
 *
 * No value goes into the suite that may be somebody's: ranges and sets are of columns that are not personal,
 * by hint, header and look, and a set has only values that HP_PROPOSE_SEEN rows share. Columns without a
 * name, or with one that others have too, are left out and listed in meta.left_out. Lives in the run's arena.
 * Errors: HP_RETRY. */
hp_code hp_propose(hp_run *run, const hp_table *data, const hp_propose_hint *hint, hp_str name,
                   hp_suite **out, hp_err *err);

/** How many rows must have a value before it may stand in a set. */
#define HP_PROPOSE_SEEN 3

#endif
