/* The contract of a result: what refine promises about its tables under a profile. */
#ifndef HP_REFINE_CONTRACT_H
#define HP_REFINE_CONTRACT_H

#include "profile/contract.h"
#include "profile/profile.h"

/** Make the contract of what refine yields under a profile: every column of every table, in order, with its
 * form, unit, meaning and an invented example (merge/columns.def, refine/sheets.def, refine/contract.def),
 * and what the profile expects of them. `version` is the contract's own. It refers to the profile's texts.
 * Errors: HP_CONFIG (the profile expects something of a column that there is not), HP_RETRY. */
hp_code hp_refine_contract(hp_arena *a, const hp_profile *p, hp_str version, hp_contract **out, hp_err *err);

#endif
