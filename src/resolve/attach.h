/* Private to the attaching half of src/resolve: sheets with their bindings by field, the fate of
 * each row, the organisations to be. */
#ifndef HP_RESOLVE_ATTACH_H
#define HP_RESOLVE_ATTACH_H

#include "base/map.h"
#include "base/vec.h"
#include "resolve/resolve.h"

/** Say what becomes of a row. */
typedef enum hp_fate {
    HP_FATE_OUT,     /**< in quarantine */
    HP_FATE_ORG,     /**< an organisation record of its own, perhaps with a contact */
    HP_FATE_CONTACT, /**< a contact of an organisation record */
    HP_FATE_MORE     /**< merged into an organisation record: address, note, row below its merged name */
} hp_fate;

/** Hold a sheet while it is attached. */
typedef struct hp_attach_sheet {
    const hp_cleaned *c;
    const hp_mapped *m;
    uint32_t *bind;                  /**< numbers of the mapped bindings, by field, in their order */
    uint32_t at[HP_FIELD_COUNT + 1]; /**< where each field's begin in `bind` */
    hp_field field[HP_FIELD_COUNT];  /**< the organisation fields that the sheet gives or sets */
    size_t nfield;
    hp_str prefix;     /**< of record ids */
    hp_str row_prefix; /**< of the ids of rows without one: "row-", "sheet-row-" */
    size_t head;       /**< raw row of the headers, SIZE_MAX when none */
    uint8_t *fate;     /**< hp_fate of each data row */
    uint32_t *org;     /**< organisation record of each row that has one */
    hp_join *join;     /**< how each came to it */
} hp_attach_sheet;

/** Hold an organisation record to be. */
typedef struct hp_seed {
    uint32_t sheet, row; /**< position in the sheets, data row */
    hp_datum key, name;
    hp_vid name_key;
    uint32_t next, last; /**< records of the same file and key: the next one; of the first one, the last */
    uint32_t name_sheet; /**< of the first record of a file and name: the last sheet that has the name */
    bool name_twice; /**< of the first record of a file and name: a sheet of the file has the name twice */
} hp_seed;

/** Hold an address, note or continuation row on its way to its organisation. */
typedef struct hp_more {
    uint32_t org, sheet, row;
} hp_more;

/** Hold all of it. */
typedef struct hp_attach_state {
    hp_run *run;
    hp_arena *scratch;
    hp_attach_sheet *sheet;
    size_t nsheet;
    HP_VEC(hp_seed) seed;
    hp_imap by_key;       /**< file << 32 | key -> first seed */
    hp_imap by_file_name; /**< file << 32 | name key -> first seed */
    hp_imap by_name;      /**< name key -> seed of the file with the highest priority */
    HP_VEC(hp_contact) contact;
    HP_VEC(hp_datum) datum;
    HP_VEC(hp_more) more;
    hp_buf text, fold; /**< for one value at a time */
} hp_attach_state;

/** Tell whether rows of a kind make organisation records of their own. */
static inline bool hp_attach_owns(hp_entity e) { return e == HP_E_ORGANIZATION || e == HP_E_PERSON; }

/* No record. */
#define HP_NO_ORG UINT32_MAX

/** Take the first value that the columns of a field (or its constant) give for a row; null
 * when there is none. */
hp_datum hp_attach_value(const hp_attach_sheet *s, hp_field f, size_t row);
/** Take what came with the first value of a field: role, comparison key. */
hp_vid hp_attach_extra(const hp_attach_sheet *s, hp_field f, size_t row);
/** Count the people that a row names; 0 when it names none. */
uint32_t hp_attach_people(const hp_attach_state *st, const hp_attach_sheet *s, size_t row);
/** View a member of a list value, the last one of a list that is too short. */
hp_str hp_attach_member(hp_str list, uint32_t which);
/** Put together the name of one of a row's people, counted from 0: the full name, else given and family name.
 * Errors: HP_RETRY. */
hp_code hp_attach_person(hp_attach_state *st, const hp_attach_sheet *s, size_t row, uint32_t which,
                         hp_datum *out, hp_err *err);
/** Tell whether a row has an e-mail or a phone. */
bool hp_attach_has_channel(const hp_attach_sheet *s, size_t row);
/** Address a cell of a data row; HP_NO_COL for the row. */
static inline hp_cell hp_attach_cell(const hp_attach_sheet *s, size_t row, uint32_t col) {
    return (hp_cell){s->m->sheet, s->m->raw->origin[s->m->first + row].row, col};
}
/** Return the place of a data row. */
static inline hp_origin hp_attach_origin(const hp_attach_sheet *s, size_t row) {
    return s->m->raw->origin[s->m->first + row];
}

/** Decide what becomes of each row: which make organisations, which one the others belong to, which
 * are kept out. Errors: HP_RETRY. */
hp_code hp_attach_decide(hp_attach_state *st, hp_err *err);
/** Make the records of decided rows. Errors: HP_RETRY, HP_DATA (joined notes over the limit). */
hp_code hp_attach_build(hp_attach_state *st, hp_records **out, hp_err *err);

#endif
