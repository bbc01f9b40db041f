/* What the cleaning functions share; for this folder only. */
#ifndef HP_CLEAN_VALUE_H
#define HP_CLEAN_VALUE_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "clean/clean.h"

/* Room for a text of HP_LIMIT_VALUE_BYTES in any form: the longest compatibility decomposition is 11 times
 * its character's bytes, and tidying looks at four times the limit, because full-width text shrinks. */
#define HP_CLEAN_SCRATCH (64u * HP_LIMIT_VALUE_BYTES)

/** Say what becomes of line breaks. */
typedef enum hp_lines { HP_LINES_BLANK, HP_LINES_COMMA, HP_LINES_KEEP } hp_lines;

/** Note a finding about the value; one with the same rule and reason is noted once. */
void hp_note(hp_clean_out *out, hp_rule rule, const char *reason);
/** Tidy a text: control and invisible characters out, NFKC, outer white space off, runs of white space to one
 * blank, cut at HP_LIMIT_VALUE_BYTES. The view is into `in` or `scratch`. */
hp_str hp_tidy(hp_str in, hp_lines lines, hp_buf *scratch, hp_clean_out *out);
/** Begin cleaning a value: resets the findings, tidies, and deals with placeholders (`zero`: "0" is one too).
 * False when nothing is left to clean. */
bool hp_begin(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_lines lines, bool zero, hp_buf *scratch,
              hp_clean_out *out, hp_str *text);
/** As hp_is_placeholder, setting *bad when memory ran out. */
bool hp_says_nothing(const hp_clean_ctx *ctx, hp_str text, bool *bad);
/** Tell whether a text is made of zeros (and what stands between them in dates and phone numbers). */
bool hp_is_zeros(hp_str text);
/** Add a member to the list value unless it is there already. */
void hp_add_member(hp_buf *list, hp_str member);
/** View a list value with its members on lines of their own (in `lines` when it is one), so that a cleaned
 * list can be cleaned again. */
hp_str hp_list_lines(hp_str in, hp_buf *lines);
/** Append a text folded for lookup in a table: letters and digits only, "&" as "and". */
void hp_squeeze(hp_str text, hp_buf *out);
/** Compare a squeezed text with a table's ASCII name, whose blanks and punctuation do not count. */
bool hp_squeezed_is(hp_str squeezed, const char *name);
/** Append a text in lower case, in NFKC again (some lower case letters compose with a mark behind them). */
void hp_lower_nfkc(hp_str s, hp_buf *out);
/** Cut ".0" off a number that is whole ("12.0" is "12"); other texts come back as they are. */
hp_str hp_whole_part(hp_str number);
/** Tell whether a text holds a letter (of any script). */
bool hp_has_letter(hp_str s);
/** Drop bytes of an ASCII set from both ends. */
hp_str hp_strip(hp_str s, const char *set);
/** Tell whether `c` is one of the bytes of `set`. */
static inline bool hp_in(char c, const char *set) { return c != '\0' && strchr(set, c) != NULL; }
/** Tell whether a word (ASCII, any case) is in a blank-separated list of lower-case words. */
bool hp_word_in(hp_str word, const char *list);
/** Check a host name (RFC 1123 labels, letters of other scripts allowed) with at least two labels, the last
 * one of letters; gives NULL or the reason for which it is none. */
const char *hp_host_fault(hp_str host);
/** Tell whether a host is in one of the domains that RFC 2606 section 3 keeps for examples. */
bool hp_is_example_domain(hp_str host);

#endif
