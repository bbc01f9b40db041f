/* Character encodings of text files and parts; everything goes on as UTF-8. */
#ifndef HP_READ_ENCODING_H
#define HP_READ_ENCODING_H

#include "base/buf.h"

/** Name the encodings that are read. */
typedef enum hp_encoding {
    HP_ENC_UTF8,
    HP_ENC_UTF16LE,
    HP_ENC_UTF16BE,
    HP_ENC_CP1252,
    HP_ENC_BINARY
} hp_encoding;

/** Guess the encoding of a text file: by its byte order mark (*bom gets its length), by the NULs that UTF-16
 * has in every other byte, else UTF-8, unless more bytes are invalid than sequences are valid, which makes it
 * windows-1252. HP_ENC_BINARY: no text at all. */
hp_encoding hp_encoding_guess(hp_str bytes, size_t *bom);
/** Return the encoding that an XML part declares, by byte order mark, first bytes or declaration (XML 1.0,
 * appendix F); UTF-8 for one that is not known, since its bytes are checked anyway. *bom gets the length of
 * the mark. */
hp_encoding hp_encoding_of_xml(hp_str bytes, size_t *bom);
/** Append bytes (without mark) as UTF-8. Unpaired surrogates, an odd last byte and the five codes that
 * windows-1252 leaves open become U+FFFD. UTF-8 is copied as it is. */
void hp_encoding_decode(hp_encoding e, hp_str bytes, hp_buf *out);

#endif
