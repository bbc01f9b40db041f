/* Whole files that are compressed. */
#ifndef HP_READ_UNPACK_H
#define HP_READ_UNPACK_H

#include "base/buf.h"

/** Name the compressions of whole files. */
typedef enum hp_packing { HP_PACKING_NONE, HP_PACKING_GZIP, HP_PACKING_ZSTD } hp_packing;

/** Tell by its first bytes how a file is compressed. */
hp_packing hp_packing_of(hp_str bytes);
/** Unpack a file that hp_packing_of knows into `out`, which gets a cap of its own and is freed by the caller
 * in any case: all members of a gzip file (RFC 1952), all frames of a zstd one (RFC 8878); zeros behind a
 * gzip file, with which tapes and block devices fill up, are passed over. `name` stands for the file in
 * messages. Errors: HP_DATA naming the byte (damaged, cut short, a checksum that does not fit; over the
 * limits part-size, inflated-size, inflate-ratio, wall-clock), HP_RETRY. */
hp_code hp_unpack(hp_str name, hp_str bytes, hp_buf *out, hp_err *err);

#endif
