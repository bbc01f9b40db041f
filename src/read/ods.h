/* OpenDocument spreadsheets (OASIS OpenDocument 1.3 part 3): the tables of content.xml. */
#ifndef HP_READ_ODS_H
#define HP_READ_ODS_H

#include "read/fill.h"
#include "read/xml.h"
#include "read/zip.h"

/** Hold the spreadsheet inside an ods file; zero-initialise. */
typedef struct hp_ods {
    hp_part content; /**< content.xml, inflated */
    size_t *table;   /**< one a sheet: where its element begins in the content */
} hp_ods;

/** Read a duration as xsd:duration writes a time ("PT09H30M00S") in the form of hp_serial_text. Returns its
 * length, 0 when it is none, or has years or months. */
size_t hp_duration_text(hp_str duration, char out[40]);
/** Append the text of the paragraph that just started, up to its end: spaces, tabs and line breaks by their
 * elements, notes and annotations left out. White space is kept as it stands: OpenDocument 1.3 part 3, 6.1.2,
 * would have it collapsed, but LibreOffice neither writes nor reads it so. False on bad XML (x->why says so)
 * or when `out` is full. */
bool hp_ods_paragraph(hp_xml *x, hp_buf *out);

#endif
