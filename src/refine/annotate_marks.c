/* Marks: the cells that are coloured, what their comments say. */
#include <stdlib.h>

#include "base/limits.h"
#include "refine/annotate_parts.h"

#include "base/banned.h"

/* What is told of one finding, and of one cell: a comment is read in a small box. */
#define FINDING_MAX 400
#define COMMENT_MAX 2000

static uint8_t worse(uint8_t a, uint8_t b) { return a > b ? a : b; }

hp_code hp_marks_make(hp_copy *c, uint32_t first, uint32_t n, hp_marked *s, hp_err *err) {
    s->mark = HP_NEW_ARRAY(c->arena, n, hp_mark);
    if (!s->mark) return hp_fail_memory(err, "the annotations");
    for (uint32_t i = first; i < first + n; i++) {
        const hp_annotation *a = &c->note[i];
        hp_mark *m = s->nmark ? &s->mark[s->nmark - 1] : NULL;
        if (!m || m->row != a->row || m->col != a->col) {
            m = &s->mark[s->nmark++];
            *m = (hp_mark){.row = a->row, .col = a->col};
            if (a->col == HP_NO_COL)
                m->row_first = i;
            else
                m->first = i;
        }
        m->severity = worse(m->severity, (uint8_t)a->severity);
        if (a->col == HP_NO_COL)
            m->row_n++;
        else
            m->n++;
    }
    return HP_OK;
}

/* Finds the first mark that does not stand before a cell. */
static size_t lower_bound(const hp_marked *s, uint32_t row, uint32_t col) {
    size_t lo = 0, hi = s->nmark;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const hp_mark *m = &s->mark[mid];
        if (m->row < row || (m->row == row && m->col < col))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

hp_mark *hp_marks_find(const hp_marked *s, uint32_t row, uint32_t col) {
    size_t i = lower_bound(s, row, col);
    return i < s->nmark && s->mark[i].row == row && s->mark[i].col == col ? &s->mark[i] : NULL;
}

void hp_marks_of_row(const hp_marked *s, uint32_t row, size_t *from, size_t *to) {
    *from = lower_bound(s, row, 0);
    *to = *from;
    if (*from < s->nmark && s->mark[*from].row == row) *to = lower_bound(s, row + 1, 0);
}

/* The mark of a row stands behind those of its cells; it joins the one of its cell, or takes its place. Puts
 * the marks of the row to `to`, which is never behind them, and returns their end. */
static size_t settle_row(hp_mark *mark, size_t from, size_t n, size_t to) {
    size_t last = from + n - 1, at = from;
    hp_mark whole = mark[last];
    if (whole.row_n) {
        while (at < last && mark[at].col < whole.col) at++;
        if (at < last && mark[at].col == whole.col) {
            mark[at].row_first = whole.row_first;
            mark[at].row_n = whole.row_n;
            mark[at].severity = worse(mark[at].severity, whole.severity);
            n--;
        } else {
            memmove(&mark[at + 1], &mark[at], (last - at) * sizeof *mark);
            mark[at] = whole;
        }
    }
    memmove(&mark[to], &mark[from], n * sizeof *mark);
    return to + n;
}

void hp_marks_settle(hp_marked *s) {
    size_t to = 0;
    for (size_t i = 0; i < s->nmark;) {
        size_t n = 1;
        while (i + n < s->nmark && s->mark[i + n].row == s->mark[i].row) n++;
        to = settle_row(s->mark, i, n, to);
        i += n;
    }
    s->nmark = to;
}

/* ---- comments ---- */

void hp_marks_choose(hp_copy *c, hp_marked *s) {
    uint64_t room = HP_LIMIT_CELL_COMMENTS;
    for (int severity = HP_SEV_ERROR; severity >= HP_SEV_INFO; severity--)
        for (size_t i = 0; i < s->nmark; i++) {
            if ((int)s->mark[i].severity != severity) continue;
            s->mark[i].commented = room > 0;
            c->count->comments += room > 0;
            c->count->uncovered += room == 0;
            room -= room > 0;
        }
    c->count->cells += s->nmark;
}

static bool says_the_same(const hp_annotation *a, const hp_annotation *b) {
    return hp_str_eq(a->rule, b->rule) && hp_str_eq(a->note, b->note) && hp_str_eq(a->reason, b->reason);
}

/* Ends a text at a whole character. */
static hp_str cut(hp_str s, size_t most) {
    if (s.n <= most) return s;
    while (most > 0 && ((unsigned char)s.p[most] & 0xC0) == 0x80) most--;
    return hp_str_cut(s, 0, most);
}

/* The severity stands in words too: colours are not for everybody. */
static void put_finding(const hp_annotation *a, hp_buf *out) {
    hp_buf_printf(out, "%s %.*s: %.*s", hp_severity_name(a->severity), HP_FMT(a->rule),
                  HP_FMT(cut(a->reason, FINDING_MAX)));
    if (a->note.n == 0) return;
    hp_str note = cut(a->note, FINDING_MAX);
    hp_buf_printf(out, " (%.*s%s)", HP_FMT(note), note.n < a->note.n ? " \xE2\x80\xA6" : "");
}

void hp_marks_text(const hp_copy *c, const hp_mark *m, hp_buf *out) {
    size_t begin = out->n;
    uint32_t all = m->n + m->row_n, said = 0, left = 0;
    const hp_annotation *last = NULL;
    for (uint32_t i = 0; i < all; i++) {
        const hp_annotation *a = &c->note[i < m->n ? m->first + i : m->row_first + (i - m->n)];
        if (last && says_the_same(a, last)) continue;
        last = a;
        if (out->n - begin >= COMMENT_MAX) {
            left++;
            continue;
        }
        if (said++) hp_buf_putc(out, '\n');
        put_finding(a, out);
    }
    if (left) hp_buf_printf(out, "\n\xE2\x80\xA6 and %u more", left);
}
