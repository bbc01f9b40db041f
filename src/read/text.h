/* The border where texts enter: escapes undone, UTF-8 made valid, interned. */
#ifndef HP_READ_TEXT_H
#define HP_READ_TEXT_H

#include "table/run.h"

/** Hold what interning texts of a file needs; free with hp_texts_free. */
typedef struct hp_texts {
    hp_run *run;
    bool escapes;           /**< undo _xHHHH_ (ECMA-376 part 1, 22.9.2.19) */
    hp_buf plain, repaired; /**< scratch */
} hp_texts;

/** Make one for texts of a run; NULL when only hp_texts_clean will be used. */
hp_texts hp_texts_new(hp_run *run, bool escapes);
/** Release the scratch memory. */
void hp_texts_free(hp_texts *t);
/** Intern a text of a file. Bytes that are not valid UTF-8, and NULs (which would end the text in other
 * programs), become U+FFFD and set *repaired; it is left alone otherwise. Errors: as hp_intern. */
hp_code hp_texts_intern(hp_texts *t, hp_str text, hp_vid *out, bool *repaired, hp_err *err);
/** Tell whether a text can go into the pool as it is; false where a closer look (hp_texts_clean) is needed.
 */
bool hp_texts_fit(hp_str text, bool escapes);
/** Make a text fit as hp_texts_intern does, without interning: `*out` is `text`, or points into `t` until the
 * next call. Errors: HP_RETRY, HP_DATA (cap). */
hp_code hp_texts_clean(hp_texts *t, hp_str text, hp_str *out, bool *repaired, hp_err *err);
/** Append `text` with its _xHHHH_ escapes undone; pairs of surrogates become one character, what is no
 * character U+FFFD. */
void hp_unescape(hp_str text, hp_buf *out);

#endif
