/* Character sets of web pages: what is declared is often wrong, so the bytes have the first word. */
#ifndef HP_ENRICH_CHARSET_H
#define HP_ENRICH_CHARSET_H

#include "base/buf.h"

/** Append `bytes` as valid UTF-8 without NUL: by a byte order mark; as they are when they are UTF-8 already;
 * else by the declared set (`charset=` of a Content-Type header, then of a meta element), else as
 * windows-1252, as browsers do. What has no meaning becomes U+FFFD. Check `out` for want of memory. */
void hp_charset_read(hp_str bytes, hp_str content_type, hp_buf *out);

#endif
