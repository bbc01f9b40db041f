/* What zip.c and zip_stream.c share: the open zip, and the checks before an entry is inflated. */
#ifndef HP_READ_ZIP_OWN_H
#define HP_READ_ZIP_OWN_H

#include <stdatomic.h>

#include "base/map.h"
#include "read/zip.h"
#include "read/zip_dir.h"

/* Only `begun` and `inflated` are written once the zip is open, so that threads may share it. */
struct hp_zip {
    hp_arena *arena;
    hp_str file, bytes;
    hp_zip_entry *entry;
    size_t n;
    hp_smap by_name;
    atomic_bool *begun;        /* which entries were inflated, or are being */
    _Atomic uint64_t inflated; /* bytes of all of those */
};

/** Check what the directory says about an entry, before anything is allotted for it, and count it. Errors: as
 * hp_zip_read. */
hp_code hp_zip_begin_entry(hp_zip *z, size_t entry, hp_err *err);
/** Fail because an entry is bad at a byte of the file. Returns HP_DATA. */
hp_code hp_zip_fail_part(const hp_zip *z, size_t entry, uint64_t at, hp_err *err, const char *why);

#endif
