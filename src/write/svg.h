/* Charts as inline SVG. Lengths are shares of the width, so that a chart fits any page and its text keeps its
 * size; colours are classes, which the page's style gives (report_style.c). */
#ifndef HP_WRITE_SVG_H
#define HP_WRITE_SVG_H

#include "base/buf.h"

/** Hold one part of a bar. */
typedef struct hp_svg_part {
    double share;      /**< of the width, 0..1 */
    const char *class; /**< "a", "b", "warn": a word of ours, never a text of the data */
} hp_svg_part;

/** Append a bar of parts side by side on a track. It repeats numbers that stand beside it, so it is hidden
 * from screen readers. */
void hp_svg_bar(hp_buf *out, const hp_svg_part *part, size_t n);
/** Append a bar of `after` with a notch at `before` (both 0..1; less than 0: none), hidden as above. */
void hp_svg_bullet(hp_buf *out, double before, double after);

/** Hold a column of a chart. */
typedef struct hp_svg_column {
    hp_str label; /**< below it */
    uint64_t count;
    const char *class;
} hp_svg_column;

/** Append a chart of columns with their counts above them and labels below; `id` (letters) makes the ids of
 * its title and description, which screen readers read. */
void hp_svg_columns(hp_buf *out, const char *id, hp_str title, hp_str desc, const hp_svg_column *column,
                    size_t n);

/** Name the signs of a verdict; each has a shape of its own. */
typedef enum hp_svg_sign { HP_SIGN_OK, HP_SIGN_WARN, HP_SIGN_STOP, HP_SIGN_INFO } hp_svg_sign;

/** Append a sign of `size` pixels in the colour of the text, hidden from screen readers: words say it too. */
void hp_svg_sign_put(hp_buf *out, hp_svg_sign sign, int size);

#endif
