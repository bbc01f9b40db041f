/* Sources: the files and sheets of a run, by number. */
#ifndef HP_TABLE_SOURCE_H
#define HP_TABLE_SOURCE_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/vec.h"
#include "table/table.h"

/** Describe an input file. */
typedef struct hp_source_file {
    hp_str path;  /**< as opened */
    hp_str name;  /**< base name, used in addresses */
    hp_str label; /**< name of the profile's source ("Reachout Database"), or the file's stem */
    uint64_t bytes;
    hp_sha256 sha256;
    hp_xxh3 quick; /**< to see later, quickly, that the file was changed */
    int priority;  /**< survivorship: higher wins */
} hp_source_file;

/** Describe a sheet of an input file. */
typedef struct hp_source_sheet {
    uint32_t file;  /**< index in the files */
    hp_str name;    /**< empty for formats without sheets (csv) */
    uint8_t state;  /**< 0 visible, 1 hidden, 2 very hidden */
    uint32_t index; /**< which of the file's sheets it is, from 0 */
} hp_source_sheet;

/** Say that a cell's value was taken from elsewhere: `where` is the address, a text of the run's pool. */
typedef struct hp_correction {
    hp_cell at;
    hp_vid where;
} hp_correction;

/** Hold the files and sheets of a run; lives in the run. */
typedef struct hp_sources {
    HP_VEC(hp_source_file) file;
    HP_VEC(hp_source_sheet) sheet;
    HP_VEC(hp_correction) corrected; /**< by place */
} hp_sources;

/** Note that a cell was corrected; a later correction takes the place of an earlier one. False when out of
 * memory. */
bool hp_sources_correct(hp_sources *s, hp_cell at, hp_vid where);
/** Return where the value of a cell was taken from; HP_NULL when it is the source's own. */
hp_vid hp_sources_corrected(const hp_sources *s, hp_cell at);

/** Append the address of a cell, row or sheet: "Contact Database.xlsx!Company_Cat!C17", "people.csv!C17",
 * "Book.xlsx!Sheet!17" (row), "Book.xlsx!Sheet" (row 0), nothing for HP_NO_SHEET. */
void hp_address(const hp_sources *s, hp_cell at, hp_buf *out);

#endif
