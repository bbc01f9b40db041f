/* UTF-8: validation at the border, decoding, folding (tables by utf8proc). */
#ifndef HP_BASE_UTF8_H
#define HP_BASE_UTF8_H

#include "base/buf.h"

/** Tell whether the bytes are valid UTF-8 (RFC 3629: no surrogates, no overlong forms); *bad gets the first
 * bad offset. */
bool hp_utf8_valid(hp_str s, size_t *bad);
/** Decode the code point at *i and move *i behind it; an invalid byte decodes as U+FFFD and counts one. */
uint32_t hp_utf8_next(hp_str s, size_t *i);
/** Append bytes with invalid ones replaced by U+FFFD; returns how many were replaced. */
size_t hp_utf8_repair(hp_str s, hp_buf *out);
/** Append the NFKC form (UAX #15). Valid UTF-8 in, valid UTF-8 out. */
void hp_utf8_nfkc(hp_str s, hp_buf *out);
/** Append a form for comparing: NFKD, marks removed, case folded, ligatures and the like spelled out (ß ->
 * ss). */
void hp_utf8_fold(hp_str s, hp_buf *out);
/** Append lower case by simple mappings. */
void hp_utf8_lower(hp_str s, hp_buf *out);
/** Append upper case by simple mappings. */
void hp_utf8_upper(hp_str s, hp_buf *out);
/** Append a slug: folded to ASCII letters and digits, everything else (dashes of all kinds too) to single
 * hyphens: "Acme (Pty) Ltd" -> "acme-pty-ltd". A text without any such letter gives nothing. */
void hp_utf8_slug(hp_str s, hp_buf *out);
/** Tell whether a code point is a letter or a digit (general category L*, N*, M*). */
bool hp_cp_alnum(uint32_t cp);
/** Tell whether a code point is an upper-case or title-case letter. */
bool hp_cp_upper(uint32_t cp);
/** Tell whether a code point is a control, or a mark that reorders or hides text: a cell must not be able to
 * steer a terminal, or to show a page's reader something else than it holds. */
bool hp_cp_unsafe(uint32_t cp);
/** Return how many columns the text takes on a terminal. */
size_t hp_utf8_width(hp_str s);

#endif
