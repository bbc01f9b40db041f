/* Styles: which cell formats show a number as a date, a time or a duration. */
#ifndef HP_READ_STYLES_H
#define HP_READ_STYLES_H

#include "read/number.h"
#include "read/xml.h"

/** Hold what each cell format (an index into cellXfs, as in a cell's attribute s) makes of a number. */
typedef struct hp_styles {
    uint8_t *kind; /**< hp_numfmt; on the heap */
    size_t n;
} hp_styles;

/** Read the styles part; `x` stands at its start, `file` and `part` name it in messages. Errors: HP_DATA (bad
 * XML, over the limits cell-formats or number-formats), HP_RETRY. */
hp_code hp_styles_read(hp_xml *x, hp_str file, hp_str part, hp_styles *out, hp_err *err);
/** Release styles; zeroed ones are allowed. */
void hp_styles_free(hp_styles *s);
/** Return what a cell format makes of a number; one that the workbook does not define shows it as it is. */
static inline hp_numfmt hp_styles_kind(const hp_styles *s, uint32_t style) {
    return style < s->n ? (hp_numfmt)s->kind[style] : HP_NUMFMT_NUMBER;
}

#endif
