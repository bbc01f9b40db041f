/* A sheet on its way through map and clean: raw cells, the columns' meaning, cleaned values. */
#ifndef HP_TABLE_MAPPED_H
#define HP_TABLE_MAPPED_H

#include "table/field.h"
#include "table/table.h"

/** Say why a column got its field. */
typedef enum hp_map_reason {
    HP_MAP_DECLARED, /**< the profile or the saved map names it */
    HP_MAP_EXACT,    /**< the header is the field's name or a synonym */
    HP_MAP_SIMILAR,  /**< the header is like one */
    HP_MAP_CONTENT,  /**< the values look like the kind */
    HP_MAP_NOT       /**< not mapped */
} hp_map_reason;

/** Bind a source column to a canonical field. */
typedef struct hp_binding {
    uint32_t col;   /**< column of the raw table (index, 0-based; also its letter) */
    hp_str header;  /**< as in the sheet after making it unique, e.g. "Unnamed: 4" */
    hp_field field; /**< HP_F_NONE when not mapped */
    hp_map_reason reason;
    double score;       /**< 0..1 */
    hp_field runner_up; /**< second best field, HP_F_NONE when there is none */
    double runner_score;
    bool ignored; /**< the profile says so: no finding */
} hp_binding;

/** Hold a sheet whose columns have a meaning. */
typedef struct hp_mapped {
    const hp_table *raw;
    uint32_t sheet; /**< index in the run's sources */
    uint32_t file;  /**< index of its file */
    hp_entity entity;
    uint32_t header_row; /**< 1-based row in the sheet; 0 when the sheet has none */
    size_t first;        /**< index in `raw` of the first data row */
    size_t nbind;
    hp_binding *bind;                /**< all columns, mapped and not, in sheet order */
    hp_vid constant[HP_FIELD_COUNT]; /**< values that the profile sets for every row where the sheet gives
                                        none */
    bool join_key, join_name; /**< how rows find their organisation, for contact, address and note sheets */
    hp_str id_prefix; /**< put before record ids: "reachout" gives reachout:12; NULL p = the file's label */
    const struct hp_profile_source *source; /**< that claims its file; NULL when none does */
    const struct hp_profile_sheet *decl;    /**< that declares it; NULL when none does */
    uint8_t *kept_out; /**< of each data row: 1 when it is in quarantine already; NULL when none is */
} hp_mapped;

/** Hold a mapped sheet with its cleaned values: for binding b (mapped ones only, else NULL) and data row r (0
 * = raw row `first`), v[b][r] is the cleaned value (a list value, HP_LIST_SEP, for kinds that allow several),
 * extra[b][r] what comes with it: the role split from "Name (Role)" for people (of a list member by member,
 * HP_LIST_SEP, some empty), the comparison key (see hp_name_key) for organisation names; NULL column for
 * other kinds. A filler organisation name ("Unknown Organisation 175") cleans to null. */
typedef struct hp_cleaned {
    const hp_mapped *in;
    size_t nrow;
    hp_vid **v;
    hp_vid **extra;
    uint8_t *withheld; /**< for each data row: 1 when its personal values were left out; NULL = of none */
    uint8_t *personal; /**< for each binding: 1 when its values are of those; NULL with `withheld` */
    uint8_t
        *redacted; /**< for each binding: 1 when it is free text of which parts were replaced; NULL = none */
    hp_vid *
        refused; /**< for each data row: why it is kept out for want of consent, or HP_NULL; NULL = none is */
} hp_cleaned;

#endif
