/* Compound files (MS-CFB): a file system in a file, in which Office kept documents before 2007 and keeps
 * encrypted ones since. */
#ifndef HP_READ_CFB_H
#define HP_READ_CFB_H

#include "base/err.h"
#include "base/str.h"

/** Hold an open compound file. */
typedef struct hp_cfb hp_cfb;

/** Hold a stream that is read from its beginning to its end; release with hp_cfb_stream_close. */
typedef struct hp_cfb_stream {
    const hp_cfb *file;
    hp_str name;      /**< as it was asked for; for messages */
    uint64_t size;    /**< bytes in all */
    uint64_t at;      /**< bytes read */
    bool mini;        /**< it is in the mini stream */
    uint32_t *sector; /**< the sectors it is in, in order; on the heap */
} hp_cfb_stream;

/** Tell whether the bytes begin as a compound file does (MS-CFB 2.2). */
bool hp_cfb_is(hp_str bytes);
/** Open a compound file over bytes that outlive it; `name` stands for it in messages. Reads header, sector
 * table and directory. Errors: HP_DATA (damaged: names the byte), HP_RETRY. */
hp_code hp_cfb_open(hp_str bytes, hp_str name, hp_cfb **out, hp_err *err);
/** Close a compound file; NULL is allowed. */
void hp_cfb_close(hp_cfb *c);
/** Tell whether the root has a stream of this name (ASCII, case ignored as MS-CFB 2.6.4 says). */
bool hp_cfb_has(const hp_cfb *c, hp_str stream);
/** Open a stream of the root: follows its whole chain of sectors. Errors: HP_DATA (absent, longer than the
 * file, a chain that ends early, runs out of the file or in a circle), HP_RETRY. */
hp_code hp_cfb_stream_open(hp_cfb *c, hp_str stream, hp_cfb_stream *out, hp_err *err);
/** Read exactly `n` bytes. Errors: HP_DATA (the stream, or the file, ends before). */
hp_code hp_cfb_stream_read(hp_cfb_stream *s, void *to, size_t n, hp_err *err);
/** Release a stream; a zeroed one is allowed. */
void hp_cfb_stream_close(hp_cfb_stream *s);

#endif
