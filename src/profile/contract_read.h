/* Private to src/profile/contract*.c: reading the members of a contract file, with errors that name the
 * place.
 */
#ifndef HP_PROFILE_CONTRACT_READ_H
#define HP_PROFILE_CONTRACT_READ_H

#include "profile/contract.h"

/** Hold a contract file that is being read. */
typedef struct hp_cread {
    hp_arena *a;
    const char *path;
    hp_err *err;
} hp_cread;

/** Fail with HP_CONFIG and the place of a node. */
hp_code hp_cfail(const hp_cread *r, const hp_node *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/** Return "file:line"; fails when out of memory. */
hp_code hp_cwhere(const hp_cread *r, const hp_node *at, hp_str *out);
/** Read a member that is a text, number or boolean as text; empty when it is absent or null. */
hp_code hp_ctext(const hp_cread *r, const hp_node *map, const char *key, hp_str *out);
/** Read a member that is true or false; *out stays when it is absent or null. */
hp_code hp_cflag(const hp_cread *r, const hp_node *map, const char *key, bool *out);
/** Read a whole number from 0 on; *out stays when it is absent or null. */
hp_code hp_ccount(const hp_cread *r, const hp_node *map, const char *key, int64_t *out);
/** Read a member that is a list of texts, or one text; nothing when it is absent. Nulls are passed over,
 * *null (may be NULL) tells whether there was one. */
hp_code hp_ctexts(const hp_cread *r, const hp_node *map, const char *key, hp_str **out, size_t *n,
                  bool *null);
/** Read a bound. */
hp_code hp_cbound(const hp_cread *r, const hp_node *map, const char *key, bool exclusive, hp_bound *out);
/** Return the member when it is a list of maps, NULL when it is absent; anything else is an error. */
hp_code hp_cmaps(const hp_cread *r, const hp_node *map, const char *key, const hp_node **out);
/** Allocate zeroed elements in the file's arena. */
hp_code hp_carray(const hp_cread *r, size_t n, size_t size, void *out);

/** Read the member "quality" of a table or column: rules as ODCS has them, in either form. */
hp_code hp_cread_rules(const hp_cread *r, const hp_node *of, hp_contract_rule **out, size_t *n);

/** Read an ODCS document. */
hp_code hp_contract_read_odcs(const hp_cread *r, const hp_node *doc, hp_contract *c);
/** Read a Frictionless package, resource or table schema. */
hp_code hp_contract_read_frictionless(const hp_cread *r, const hp_node *doc, hp_contract *c);

#endif
