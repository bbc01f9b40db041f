/* What a sheet says about organisations: which column holds which field, for the input and for lookup tables.
 */
#ifndef HP_ENRICH_TARGET_H
#define HP_ENRICH_TARGET_H

#include "enrich/provider.h"

/** Hold what is understood of a sheet. Lives in the run's arena. */
typedef struct hp_known {
    const hp_table *raw;             /**< as the reader gave it, with the row of headers */
    size_t first;                    /**< index in `raw` of the first data row */
    bool refined;                    /**< it is the sheet Data of hotpass: columns by name, values clean */
    uint32_t col[HP_FIELD_COUNT];    /**< column that a value of the field goes to; HP_NO_COL = none */
    const hp_vid *v[HP_FIELD_COUNT]; /**< values of the field, by index in `raw`; NULL = none. Clean values
                                        where `cleaned` */
    const hp_vid *name_key;          /**< keys of the names by index in `raw`; NULL = to be made */
    uint32_t slug, registration;     /**< columns; HP_NO_COL = none */
    bool cleaned;
} hp_known;

/** Understand a sheet: the sheet Data of hotpass by the names of its columns, any other by mapping it
 * automatically (map/map.h), or by `decl` where that is given. `clean`: have the values of the latter
 * cleaned. *out is NULL when nothing in it is a name, an e-mail address, a website or a registration number.
 * Findings go to the run. Errors: HP_RETRY.
 */
hp_code hp_known_make(hp_run *run, const hp_profile *p, const hp_profile_sheet *decl, const hp_table *raw,
                      uint32_t sheet, bool clean, hp_known **out, hp_err *err);
/** Return the first member of what row `i` (an index in raw) has for a field; empty when it has nothing. */
hp_str hp_known_value(const hp_known *k, const hp_pool *pool, hp_field f, size_t i);
/** Return the registrable domain that stands for an organisation: of its website, else of its e-mail address
 * where that is no free mail; hosts of many (facebook.com) stand for nobody. Empty when there is none. */
hp_str hp_known_domain(const hp_profile *p, hp_str website, hp_str email);
/** Write a registration number as letters and digits, upper case: "2001/012345/07" and "2001 012345 07" are
 * one. */
void hp_registration_key(hp_str text, hp_buf *out);

#endif
