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

/** Make one for texts of a run. */
hp_texts hp_texts_new(hp_run *run, bool escapes);
/** Release the scratch memory. */
void hp_texts_free(hp_texts *t);
/** Intern a text of a file. Bytes that are not valid UTF-8, and NULs (which would end the text in other
 * programs), become U+FFFD and set *repaired; it is left alone otherwise. Errors: as hp_intern. */
hp_code hp_texts_intern(hp_texts *t, hp_str text, hp_vid *out, bool *repaired, hp_err *err);
/** Append `text` with its _xHHHH_ escapes undone; pairs of surrogates become one character, what is no
 * character U+FFFD. */
void hp_unescape(hp_str text, hp_buf *out);

#endif
