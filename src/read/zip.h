/* The container: parts of a zip in memory, inflated whole or piece by piece, within limits. */
#ifndef HP_READ_ZIP_H
#define HP_READ_ZIP_H

#include "base/arena.h"
#include "base/map.h"

/** Hold an open zip. */
typedef struct hp_zip hp_zip;

/** Hold an inflated part. */
typedef struct hp_part {
    hp_str name;  /**< as in the zip; belongs to the zip */
    hp_str bytes; /**< in UTF-8 when it was read as XML */
    char *heap;   /**< what to free */
} hp_part;

/** Open a zip over bytes that outlive it, reading its whole directory; `file` names it in messages and
 * outlives it too. Errors: HP_DATA (as hp_zip_dir_read), HP_RETRY. */
hp_code hp_zip_open(hp_str bytes, hp_str file, hp_zip **out, hp_err *err);
/** Close a zip; NULL is allowed. */
void hp_zip_close(hp_zip *z);
/** Return the number of entries. */
size_t hp_zip_count(const hp_zip *z);
/** Return the normalised name of an entry: lower case, forward slashes, no leading slash. Valid as long as
 * the zip. */
hp_str hp_zip_name(const hp_zip *z, size_t entry);
/** Find an entry by a part name that hp_part_resolve made, so whatever case and slashes the zip has (ECMA-376
 * part 2, 6.2.2.3: which part names are equivalent). */
bool hp_zip_find(const hp_zip *z, hp_str part, size_t *entry);
/** Return how many bytes an entry declares to inflate to. */
uint64_t hp_zip_size(const hp_zip *z, size_t entry);
/** Hold an entry as it lies in the zip, for whoever copies it unopened. Views belong to the zip's bytes. */
typedef struct hp_zip_lying {
    hp_str name;   /**< as it is written there */
    hp_str packed; /**< its bytes */
    uint64_t size; /**< what it declares to inflate to */
    uint32_t crc;
    uint32_t when; /**< date and time in the form of a zip, the date in the upper half */
    uint16_t method, flags;
} hp_zip_lying;
/** View an entry, folders included, as it lies in the zip. */
hp_zip_lying hp_zip_lies(const hp_zip *z, size_t entry);
/** Inflate an entry; several threads may do so at once. Errors: HP_DATA (encrypted, unknown method, damaged,
 * not of the declared size, over the limits part-size, inflated-size or inflate-ratio), HP_RETRY. */
hp_code hp_zip_read(hp_zip *z, size_t entry, hp_part *out, hp_err *err);
/** Inflate an entry and convert XML in another encoding to UTF-8. */
hp_code hp_zip_read_xml(hp_zip *z, size_t entry, hp_part *out, hp_err *err);
/** Release a part; a zeroed one is allowed. */
void hp_part_free(hp_part *p);
/** Declare a part that is freed when it goes out of scope. */
#define hp_autopart __attribute__((cleanup(hp_part_free))) hp_part

/** Hold an entry that is being inflated. */
typedef struct hp_zip_stream hp_zip_stream;

/** Begin to inflate an entry piece by piece, in memory that does not grow with it. The zip outlives the
 * stream; several streams of it may be open on several threads, each used by one at a time. Errors: as
 * hp_zip_read, what shows while inflating later. */
hp_code hp_zip_stream_open(hp_zip *z, size_t entry, hp_zip_stream **out, hp_err *err);
/** Inflate the next n bytes into `to`: *got is less only at the end, and 0 behind it. The read that gives the
 * last byte has checked size and checksum of the whole. Errors: as hp_zip_read; after one, what was read
 * before is not to be trusted, and each further read fails. */
hp_code hp_zip_stream_read(hp_zip_stream *s, char *to, size_t n, size_t *got, hp_err *err);
/** Close a stream, whether at its end or not; NULL is allowed. */
void hp_zip_stream_close(hp_zip_stream *s);

/** Resolve a part name against a folder ("xl/worksheets") in the arena: backslashes, ".", "..", a leading
 * slash (absolute), and %XX are taken care of, letters are made lower case. p is NULL when out of memory. */
hp_str hp_part_resolve(hp_arena *a, hp_str folder, hp_str name);

#endif
