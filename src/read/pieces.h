/* An XML part that is read in pieces: what stands inside one of its elements is cut behind end tags of that
 * element's children, so that threads can parse the pieces side by side while the rest is still inflated. */
#ifndef HP_READ_PIECES_H
#define HP_READ_PIECES_H

#include "read/xml.h"
#include "read/zip.h"

/** Hold a part on its way. Zero-initialise; close with hp_pieces_close. */
typedef struct hp_pieces {
    hp_zip_stream *stream;
    hp_buf head;  /**< the part up to the first piece; `open` points into it */
    hp_buf carry; /**< inflated, and not yet in a piece */
    hp_str child; /**< local name of the children */
    hp_str open[2];
    unsigned depth; /**< of the element that is cut up: so many of `open` are open where a piece begins */
    bool ended;     /**< the stream is at its end */
} hp_pieces;

/** Bytes that stand behind each piece and may be read, though they mean nothing. */
#define HP_PIECE_SLACK 64
/** The most bytes that a piece may need: the cap of the buffers that pieces are read into. */
#define HP_PIECE_MOST (40u << 20)

/** Begin to read an entry whose element `parent` (local name), which is the root or stands in `root`, has
 * nearly all of the part inside: reads up to and with its start tag. *fit is false for a part that cannot be
 * read in pieces: in another encoding than UTF-8, without that element near its begin, with another root or
 * merged areas before it, or not XML up to there; it has to be read as a whole then. Errors: as
 * hp_zip_stream_read. */
hp_code hp_pieces_open(hp_pieces *p, hp_zip *z, size_t entry, hp_str root, hp_str parent, hp_str child,
                       bool *fit, hp_err *err);
/** Inflate the next piece into `to`, which is cleared first; *made is false behind the last one. A piece ends
 * behind what looks like an end tag of a child: inside of a comment or CDATA it may look so and be none, so a
 * piece that is not whole XML says that the part has to be read as a whole. The last piece goes up to the end
 * of the part. Errors: as hp_zip_stream_read, HP_RETRY. */
hp_code hp_pieces_next(hp_pieces *p, hp_buf *to, bool *made, hp_err *err);
/** Make a scanner that stands at `from` in a piece, between two children. */
void hp_pieces_scan(const hp_pieces *p, hp_str piece, const char *from, hp_xml *x);
/** Release it, whether at its end or not. */
void hp_pieces_close(hp_pieces *p);

#endif
