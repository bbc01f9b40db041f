/* XML: a pull scanner over bytes in memory, made for the parts of a workbook. */
#ifndef HP_READ_XML_H
#define HP_READ_XML_H

#include "base/buf.h"
#include "base/limits.h"

/** Name what the scanner met. */
typedef enum hp_xml_event { HP_XML_EOF, HP_XML_START, HP_XML_END, HP_XML_TEXT, HP_XML_BAD } hp_xml_event;

/** Hold a scanner (XML 1.0, fifth edition, without DTDs: a DOCTYPE is an error, so no entity can expand).
 * Elements are known by their local name, since a workbook may bind SpreadsheetML to any prefix. Views point
 * into the input or, where said, into a buffer. */
typedef struct hp_xml {
    const char *begin, *p, *end;
    hp_str name;         /**< local name of the element that started or ended */
    hp_str text;         /**< of a text event: as it stands in the file */
    bool cdata;          /**< the text is CDATA: nothing in it is to be decoded */
    bool in_tag;         /**< the attributes of the started element are not read to the end */
    bool empty;          /**< the started element was <.../>: its end comes next */
    bool root;           /**< the root element was seen */
    bool repaired;       /**< a character reference named no character and became U+FFFD; set only */
    unsigned attributes; /**< of the started element, read so far */
    unsigned depth;      /**< open elements, the one that just started included */
    const char *why;     /**< what is wrong, after HP_XML_BAD */
    hp_str open[HP_LIMIT_XML_DEPTH]; /**< qualified names of the open elements */
} hp_xml;

/** Make a scanner at the start of `bytes` (UTF-8, a byte order mark is skipped). */
void hp_xml_init(hp_xml *x, hp_str bytes);
/** Go to the next event; attributes that were not read are skipped, comments and processing instructions too.
 */
hp_xml_event hp_xml_next(hp_xml *x);
/** Read the next attribute of the element that just started: qualified name, value as it stands in the file.
 * False after the last one, and on an error, which the next event then is. */
bool hp_xml_attr(hp_xml *x, hp_str *name, hp_str *value);
/** Read the text of the element that just started up to its end, without that of its children. `*out` points
 * into the input, or into `scratch` when something was decoded. False on an error (or a bad scratch: check
 * it). */
bool hp_xml_content(hp_xml *x, hp_buf *scratch, hp_str *out);
/** Go to the end of the element that just started. False on an error. */
bool hp_xml_skip(hp_xml *x);
/** Append raw text or an attribute's value with its references decoded and line ends normalised
 * (XML 1.0, 2.11 and 4.6). False on a reference that no document without a DTD may hold. */
bool hp_xml_decode(hp_xml *x, hp_str raw, hp_buf *out);
/** Tell whether the parent of the element that just started has this local name. */
bool hp_xml_parent_is(const hp_xml *x, hp_str name);
/** Cut the prefix off a qualified name. */
hp_str hp_xml_local(hp_str qname);
/** Return the offset of the scanner in its input. */
static inline size_t hp_xml_offset(const hp_xml *x) { return (size_t)(x->p - x->begin); }

#endif
