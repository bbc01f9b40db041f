/* Shared strings: the texts of a workbook, each interned once. */
#ifndef HP_READ_STRINGS_H
#define HP_READ_STRINGS_H

#include "read/text.h"
#include "read/xml.h"
#include "read/zip.h"

/** Hold the shared strings by their index. */
typedef struct hp_strings {
    hp_vid *id; /**< on the heap */
    size_t n;
    uint32_t *repaired; /**< indexes of those whose bytes were not valid, ascending; on the heap */
    size_t nrepaired;
} hp_strings;

/** Read the shared strings part `entry` of a workbook, `file` in messages: piece by piece on all threads, or
 * as a whole where its XML is odd. Errors: HP_DATA, and as hp_zip_read and hp_texts_intern. */
hp_code hp_strings_read(hp_run *run, hp_zip *z, size_t entry, hp_str file, hp_strings *out, hp_err *err);
/** Release strings; zeroed ones are allowed. */
void hp_strings_free(hp_strings *s);
/** Tell whether the bytes of a string were repaired. */
bool hp_strings_repaired(const hp_strings *s, uint32_t index);

/** Hold what joining runs of rich text needs. */
typedef struct hp_rich {
    hp_buf scratch, joined;
} hp_rich;

/** Make one. */
hp_rich hp_rich_new(void);
/** Release it. */
void hp_rich_free(hp_rich *r);
/** Read a string item (si, is: ECMA-376 part 1, 18.4.8) that just started up to its end: its text, or its
 * runs joined; phonetic runs (rPh) are left out. `*out` points into the input or into `r`. False on bad XML
 * or when out of memory. */
bool hp_rich_text(hp_xml *x, hp_rich *r, hp_str *out);

#endif
