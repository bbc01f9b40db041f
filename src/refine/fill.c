/* How full the columns of the result are, and how full those were that they come from. */
#include "refine/stages.h"

#include "base/banned.h"

/* Output columns that are filled from sources, with the fields that feed them. */
static const struct {
    const char *column;
    hp_field field[3];
} COLUMNS[] = {
    {"organization_name", {HP_F_ORGANIZATION_NAME}},
    {"trading_as", {HP_F_TRADING_AS}},
    {"organization_category", {HP_F_CATEGORY}},
    {"organization_type", {HP_F_ORGANIZATION_TYPE}},
    {"status", {HP_F_STATUS}},
    {"province", {HP_F_PROVINCE}},
    {"country", {HP_F_COUNTRY}},
    {"area", {HP_F_AREA}},
    {"address_primary", {HP_F_ADDRESS}},
    {"city", {HP_F_CITY}},
    {"postal_code", {HP_F_POSTAL_CODE}},
    {"website", {HP_F_WEBSITE}},
    {"contact_primary_name", {HP_F_CONTACT_NAME, HP_F_CONTACT_FIRST_NAME, HP_F_CONTACT_LAST_NAME}},
    {"contact_primary_role", {HP_F_CONTACT_ROLE}},
    {"contact_primary_email", {HP_F_CONTACT_EMAIL}},
    {"contact_primary_phone", {HP_F_CONTACT_PHONE}},
    {"fax", {HP_F_FAX}},
    {"planes", {HP_F_PLANES}},
    {"description", {HP_F_DESCRIPTION}},
    {"notes", {HP_F_NOTES}},
    {"priority", {HP_F_PRIORITY}},
    {"last_interaction_date", {HP_F_LAST_INTERACTION_DATE}},
};
enum { NCOLUMNS = sizeof COLUMNS / sizeof *COLUMNS, MOST_BOUND = 16 };

hp_field hp_fill_field(hp_str column) {
    for (size_t c = 0; c < NCOLUMNS; c++)
        if (hp_str_eq(column, hp_str_of(COLUMNS[c].column))) return COLUMNS[c].field[0];
    return HP_F_NONE;
}

static bool feeds(const hp_mapped *m, size_t c, hp_field f) {
    if (f == HP_F_NONE) return false;
    for (size_t i = 0; i < 3; i++)
        if (COLUMNS[c].field[i] == f) return true;
    /* Of a person who stands for itself, the name is that of the organisation. */
    return c == 0 && m->entity == HP_E_PERSON
           && (f == HP_F_CONTACT_NAME || f == HP_F_CONTACT_FIRST_NAME || f == HP_F_CONTACT_LAST_NAME);
}

/* Tells whether the rows of a sheet could hold a column: those with contact columns, or those of
 * organisations. */
static bool could_hold(const hp_mapped *m, size_t c) {
    if (!hp_field_of_contact(COLUMNS[c].field[0]))
        return m->entity == HP_E_ORGANIZATION || m->entity == HP_E_PERSON;
    for (size_t b = 0; b < m->nbind; b++)
        if (hp_field_of_contact(m->bind[b].field)) return true;
    return false;
}

static uint64_t count_filled(const hp_mapped *m, size_t c) {
    const hp_vid *column[MOST_BOUND];
    size_t n = 0;
    uint64_t filled = 0;
    for (size_t b = 0; b < m->nbind && n < MOST_BOUND; b++)
        if (feeds(m, c, m->bind[b].field)) column[n++] = m->raw->col[m->bind[b].col].v;
    for (size_t row = m->first; n && row < m->raw->nrow; row++) {
        bool any = false;
        for (size_t i = 0; i < n && !any; i++) any = column[i][row] != HP_NULL;
        filled += any;
    }
    return filled;
}

static uint64_t count_values(const hp_table *data, const char *name) {
    size_t c = hp_table_find(data, hp_str_of(name));
    uint64_t n = 0;
    if (c == SIZE_MAX) return 0;
    for (size_t row = 0; row < data->nrow; row++) n += data->col[c].v[row] != HP_NULL;
    return n;
}

hp_code hp_fill_measure(hp_refine_result *r, hp_mapped *const *sheets, size_t n, const hp_table *data,
                        hp_err *err) {
    hp_fill *fill = HP_NEW_ARRAY(r->run.arena, NCOLUMNS, hp_fill);
    if (!fill) return hp_fail_memory(err, "the fill of the columns");
    for (size_t c = 0; c < NCOLUMNS; c++) {
        fill[c] = (hp_fill){.column = COLUMNS[c].column, .after = count_values(data, COLUMNS[c].column)};
        for (size_t s = 0; s < n; s++) {
            if (!could_hold(sheets[s], c)) continue;
            size_t rows = sheets[s]->raw->nrow, first = sheets[s]->first;
            fill[c].before_of += rows > first ? rows - first : 0;
            fill[c].before += count_filled(sheets[s], c);
        }
    }
    r->fill = fill;
    r->nfill = NCOLUMNS;
    return HP_OK;
}
