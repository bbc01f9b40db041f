/* The directory of a zip: where its entries are, as its end, its central headers and its local headers agree.
 */
#ifndef HP_READ_ZIP_DIR_H
#define HP_READ_ZIP_DIR_H

#include "base/arena.h"

/** Phrases of messages, here because zips that are no workbooks get others (extract.c). */
#define HP_ZIP_NONE     "is no workbook, or only a part of one"
#define HP_ZIP_MEND     "open it in a spreadsheet program and save it again, or get a fresh copy"
#define HP_ZIP_MISTRUST "no spreadsheet program writes that: check where it comes from"

/** Describe an entry as the central directory does (APPNOTE.TXT 4.3.12); offsets are those in the file. */
typedef struct hp_zip_entry {
    hp_str raw;       /**< name as it is written; bytes of the file */
    hp_str name;      /**< by hp_part_resolve; in the arena */
    uint64_t central; /**< where its central header begins */
    uint64_t local;   /**< where its local header begins */
    uint64_t data;    /**< where its packed bytes begin, all of which are inside the file */
    uint64_t packed, size;
    uint32_t crc;
    uint16_t method, flags;
    bool folder; /**< a name that ends in a slash: no part */
} hp_zip_entry;

/** Name what flags and method say. */
enum {
    HP_ZIP_ENCRYPTED = 0x2041, /* bits 0 (encrypted), 6 (strongly) and 13 (so are the headers) */
    HP_ZIP_STORED = 0,
    HP_ZIP_DEFLATED = 8,
};

/** Read the directory of a zip in memory into the arena. Every entry's packed bytes are inside the file,
 * before the directory, and belong to it alone; names are no paths out of the package and no two are the same
 * part. `file` names it in messages, which say the byte. Errors: HP_DATA (no zip, cut short, damaged, lying,
 * more than one disk, over the limit zip-entries), HP_RETRY. */
hp_code hp_zip_dir_read(hp_str bytes, hp_str file, hp_arena *a, hp_zip_entry **out, size_t *n, hp_err *err);

#endif
