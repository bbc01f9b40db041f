/* Text into HTML and Markdown: cell values are hostile, and stay text whatever they hold. */
#ifndef HP_WRITE_MARKUP_H
#define HP_WRITE_MARKUP_H

#include "base/buf.h"

/** Append a text as HTML, fit for content and for attribute values in double quotes: & < > " ' as references,
 * line ends and tabs as spaces, controls and marks that reorder or hide text as "\u{202e}", invalid UTF-8 as
 * U+FFFD. */
void hp_html_text(hp_buf *out, hp_str s);
/** As hp_html_text for a text of unknown direction: within <bdi>, so that it cannot reorder its neighbours.
 */
void hp_html_value(hp_buf *out, hp_str s);
/** As hp_html_value for names and addresses: a line may break behind ! _ and /, where a reader would break
 * it. */
void hp_html_name(hp_buf *out, hp_str s);
/** Append a text as Markdown (CommonMark, GFM) that stays text within a line and in the cell of a table, but
 * not where a line begins, which some words of ours do:
 * punctuation escaped, `<` and `&` as references, unsafe characters as in hp_html_text. */
void hp_md_text(hp_buf *out, hp_str s);
/** Append a value as a code span; one with a backquote or a bar, which a code span in a table cannot hold, as
 * hp_md_text. Nothing for an empty one. */
void hp_md_code(hp_buf *out, hp_str s);
/** Append a number with commas: 1,234,567. */
void hp_put_grouped(hp_buf *out, uint64_t n);

#endif
