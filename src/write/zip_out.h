/* Zip archives written to a stream that can seek, member after member; only src/write and its tests include
 * this. */
#ifndef HP_WRITE_ZIP_OUT_H
#define HP_WRITE_ZIP_OUT_H

#include <stdio.h>

#include "base/buf.h"

/** Name the size or offset from which on a zip needs the 64-bit form of its fields (APPNOTE 4.5.3). */
#define HP_ZIP_LIMIT 0xFFFFFFFFull

/** Hold the compressor of a zip. */
typedef struct hp_packer hp_packer;

/** Hold a zip on its way: what its directory will say, and the member being written. */
typedef struct hp_zip_out {
    FILE *f;
    const char *shown; /**< the path for messages */
    uint64_t limit;    /**< HP_ZIP_LIMIT, or less in tests */
    uint64_t at;       /**< where the next byte goes */
    uint64_t entries;
    hp_buf directory;
    hp_packer *packer;
    uint64_t raw; /**< of the member: bytes given, */
    uint32_t crc; /**< ... their CRC-32 */
} hp_zip_out;

/** Begin a zip at the start of `f`, which stays the caller's; free with hp_zip_free in every outcome. Errors:
 * HP_RETRY. */
hp_code hp_zip_begin(hp_zip_out *z, FILE *f, const char *shown, uint64_t limit, hp_err *err);
/** Give the bytes of a member in pieces, through hp_zip_put. May be called twice for the same member, with
 * the same result. */
typedef hp_code hp_zip_pour(void *ctx, hp_zip_out *z, hp_err *err);
/** Add a member of deflated bytes, of any size, dated 1980-01-01: a member that turns out to need the 64-bit
 * form is poured again. Errors: HP_IO, and what `pour` returns. */
hp_code hp_zip_add(hp_zip_out *z, const char *name, hp_zip_pour *pour, void *ctx, hp_err *err);
/** Take a piece of the member. Errors: HP_IO. */
hp_code hp_zip_put(hp_zip_out *z, hp_str bytes, hp_err *err);
/** Write the directory, flush, and compare the file's length with what was written. Errors: HP_IO, HP_RETRY.
 */
hp_code hp_zip_finish(hp_zip_out *z, hp_err *err);
/** Release the memory of a zip; a zeroed one is allowed. */
void hp_zip_free(hp_zip_out *z);

#endif
