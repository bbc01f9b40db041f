/* Contracts as files. The same contract gives the same bytes. */
#ifndef HP_WRITE_CONTRACT_H
#define HP_WRITE_CONTRACT_H

#include "base/buf.h"
#include "profile/contract.h"

/** Append a contract as YAML of the Open Data Contract Standard 3.1.0. The values that a column allows become
 * a quality rule, since `enum` is of 3.2; units and the mark of personal data become customProperties. */
void hp_contract_odcs(const hp_contract *c, hp_buf *out);
/** Append a contract as a Frictionless data package (JSON), a resource for each table. Quality rules with a
 * tolerance, which a table schema does not have, stand in the member "quality" of the field, as ODCS has
 * them.
 */
void hp_contract_frictionless(const hp_contract *c, hp_buf *out);

#endif
