/* Scrubbing: no secret and no personal value leaves in a log, an error on its way to a log, or evidence. */
#ifndef HP_BASE_LOG_H
#define HP_BASE_LOG_H

#include "base/buf.h"

/** Append `text` to `out` with e-mail addresses, phone numbers (7 digits and more with separators or a
 * leading +), URL user info, and values of secrets registered by hp_secret replaced by "[email]", "[phone]",
 * "[secret]". Works by value, not by key name. Long digit runs inside hex digests, ISO dates and times, and
 * file cell references stay. */
void hp_scrub(hp_str text, hp_buf *out);

#endif
