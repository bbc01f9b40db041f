/* Packages: parts, the relationships between them, and which of them is the workbook (ECMA-376 part 2). */
#ifndef HP_READ_PACKAGE_H
#define HP_READ_PACKAGE_H

#include "base/vec.h"
#include "read/xml.h"
#include "read/zip.h"

/** Hold a relationship from one part to another. */
typedef struct hp_rel {
    hp_str id;
    hp_str type; /**< last segment of its type: "worksheet"; the same in transitional and strict documents */
    hp_str target; /**< normalised part name; empty when outside of the package */
} hp_rel;

/** Hold the relationships of a part; the texts live in the arena they were read into, the list on the heap.
 */
typedef struct hp_rels {
    HP_VEC(hp_rel) list;
    hp_smap by_id;
} hp_rels;

/** Read the relationships of a part ("" = of the package); none when it has no such part. Errors: HP_DATA,
 * HP_RETRY. */
hp_code hp_rels_read(hp_zip *z, hp_arena *a, hp_str file, hp_str part, hp_rels *out, hp_err *err);
/** Release relationships; zeroed ones are allowed. */
void hp_rels_free(hp_rels *r);
/** Find a relationship by id; NULL when absent. */
const hp_rel *hp_rels_get(const hp_rels *r, hp_str id);
/** Find the first relationship of a type; NULL when absent. */
const hp_rel *hp_rels_of_type(const hp_rels *r, hp_str type);

/** Find the entry of the workbook part: by relationship, by content type, by name. Errors: HP_DATA (another
 * kind of file, which the message names if it knows it), HP_RETRY. */
hp_code hp_package_workbook(hp_zip *z, hp_arena *a, hp_str file, size_t *entry, hp_err *err);
/** Return the folder of a part name: "xl" for "xl/workbook.xml". */
hp_str hp_part_folder(hp_str part);
/** Decode an attribute into the arena; p is NULL on an unknown entity (x->why says so) or when out of memory.
 */
hp_str hp_xml_attr_text(hp_xml *x, hp_arena *a, hp_str raw);
/** Fail because of the XML of a part: HP_DATA naming file, part and offset when x->why says what is wrong,
 * HP_RETRY else. */
hp_code hp_fail_xml(const hp_xml *x, hp_str file, hp_str part, hp_err *err);
/** Pass a code on; the message of HP_DATA, which tells of a limit that a grid is over, gets the names of file
 * and part in front. */
hp_code hp_fail_grid(hp_code code, hp_str file, hp_str part, hp_err *err);

#endif
