#include "merge/merge.h"

#include "base/banned.h"

const hp_output_column *hp_data_columns(size_t *n) {
    static const hp_output_column COLUMNS[] = {
#define HP_DATA_COLUMN(id, name, style, text) {name, HP_STYLE_##style, text},
#include "merge/columns.def"
    };
    *n = sizeof COLUMNS / sizeof *COLUMNS;
    return COLUMNS;
}

const hp_output_column *hp_contact_columns(size_t *n) {
    static const hp_output_column COLUMNS[] = {
#define HP_CONTACT_COLUMN(id, name, style, text) {name, HP_STYLE_##style, text},
#include "merge/columns.def"
    };
    *n = sizeof COLUMNS / sizeof *COLUMNS;
    return COLUMNS;
}
