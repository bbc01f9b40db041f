/* Holding tables against a contract. */
#ifndef HP_CHECK_HOLD_H
#define HP_CHECK_HOLD_H

#include "check/validation.h"
#include "profile/contract.h"

/** Hold what came of one table of a contract. */
typedef struct hp_held {
    const hp_contract_table *table;
    const hp_table *data; /**< as it was held: texts that mean null are null */
    hp_contract_suite expected;
    hp_validation *validation; /**< of expected.suite */
    size_t kept, broken; /**< promises; what is promised of a column that is absent is one broken promise */
    bool *absent;        /**< of each outcome: its column is not there, which another outcome tells */
} hp_held;

/** Hold a table against one of a contract. `others` has the table for each of the contract's tables, NULL
 * where it is not at hand: references are looked up there. Lives in the run's arena. Errors: HP_CONFIG (a
 * pattern of the contract is wrong or too costly, with its line), HP_RETRY. */
hp_code hp_hold(hp_run *run, const hp_contract *c, const hp_contract_table *t, const hp_table *data,
                const hp_table *const *others, hp_held *out, hp_err *err);
/** Find the table of a contract whose columns a table has most of, NULL when it has none of any. */
const hp_contract_table *hp_hold_likeliest(const hp_contract *c, const hp_table *data);

#endif
