/* Zip archives written to a stream that can seek, member after member; only src/write, what patches workbooks
 * (src/refine/annotate*) and tests include this. */
#ifndef HP_WRITE_ZIP_OUT_H
#define HP_WRITE_ZIP_OUT_H

#include <stdio.h>

#include "write/pack.h"

/** Name the size or offset from which on a zip needs the 64-bit form of its fields (APPNOTE 4.5.3). */
#define HP_ZIP_LIMIT 0xFFFFFFFFull

/** Say of a member how large it may become. */
typedef enum hp_member_size {
    HP_ZIP_SMALL, /**< under the limit, as most parts of a workbook */
    HP_ZIP_ANY    /**< anything: its header has room for the 64-bit form */
} hp_member_size;

/** Hold a zip on its way: what its directory will say, and the member being written. */
typedef struct hp_zip_out {
    FILE *f;
    const char *shown; /**< the path for messages */
    uint64_t limit;    /**< HP_ZIP_LIMIT, or less in tests */
    uint64_t at;       /**< where the next byte goes */
    uint64_t entries;
    hp_buf directory, head, name;
    hp_packer *packer;
    hp_buf text;         /**< of the member: what is not deflated yet, */
    hp_packed block;     /**< ... what is not written yet, */
    uint64_t start;      /**< ... where its header stands, */
    uint64_t raw;        /**< ... bytes given, */
    uint32_t crc;        /**< ... their CRC-32, */
    hp_member_size size; /**< ... whether its header has room */
} hp_zip_out;

/** Begin a zip at the start of `f`, which stays the caller's; free with hp_zip_free in every outcome. Errors:
 * HP_RETRY. */
hp_code hp_zip_begin(hp_zip_out *z, FILE *f, const char *shown, uint64_t limit, hp_compress level,
                     hp_err *err);
/** Begin a member of deflated bytes, dated 1980-01-01. Room for the 64-bit form is the padding that packages
 * know (ECMA-376 part 2, annex on zip: growth hint). Errors: HP_IO, HP_RETRY. */
hp_code hp_member_open(hp_zip_out *z, const char *name, hp_member_size size, hp_err *err);
/** Take a piece of the member. Errors: HP_IO, HP_RETRY. */
hp_code hp_member_put(hp_zip_out *z, hp_str bytes, hp_err *err);
/** Take a piece of the member that is deflated already. Errors: HP_IO, HP_RETRY. */
hp_code hp_member_take(hp_zip_out *z, const hp_packed *block, hp_err *err);
/** End the member: its sizes are put into its header. Errors: HP_IO, HP_RETRY, HP_BUG (HP_ZIP_SMALL was not
 * true). */
hp_code hp_member_close(hp_zip_out *z, hp_err *err);
/** Add a member in one piece. Errors as the three before. */
hp_code hp_zip_add(hp_zip_out *z, const char *name, hp_str bytes, hp_err *err);
/** Describe a member as another zip has it, packed by whatever method. */
typedef struct hp_zip_member {
    hp_str name, bytes; /**< as they are */
    uint64_t raw;       /**< size of the content */
    uint32_t crc;       /**< ... its CRC-32 */
    uint32_t when;      /**< date and time in the form of a zip (4.4.6), the date in the upper half */
    uint16_t method, flags;
} hp_zip_member;
/** Add a member as another zip has it: its packed bytes, date, method and checksum are taken over, not
 * looked at. Errors: HP_IO, HP_RETRY. */
hp_code hp_zip_copy(hp_zip_out *z, const hp_zip_member *m, hp_err *err);
/** Write the directory, flush, and compare the file's length with what was written. Errors: HP_IO, HP_RETRY.
 */
hp_code hp_zip_finish(hp_zip_out *z, hp_err *err);
/** Release the memory of a zip; a zeroed one is allowed. */
void hp_zip_free(hp_zip_out *z);

#endif
