#include "base/limits.h"
#include "merge/merger.h"

#include "base/banned.h"

/* Bytes bound characters from above, so that counting them keeps within what a cell can hold. Kept free for
 * the remark. */
enum { REMARK_BYTES = 40 };

hp_joiner hp_join_begin(hp_merger *m, const char *separator) {
    hp_buf_clear(&m->text);
    return (hp_joiner){.m = m, .separator = separator};
}

void hp_join_add(hp_joiner *j, hp_str text) {
    if (text.n == 0) return;
    hp_buf *b = &j->m->text;
    size_t glue = j->n ? strlen(j->separator) : 0;
    /* The first text always goes in: a single value is as long as its source has it. */
    if (j->n && (j->dropped || b->n + glue + text.n > HP_LIMIT_CELL_TEXT - REMARK_BYTES)) {
        j->dropped++;
        return;
    }
    if (j->n++) hp_buf_puts(b, j->separator);
    hp_buf_add(b, text);
}

hp_code hp_report_cut(hp_merger *m, const char *column, size_t dropped, hp_err *err) {
    const hp_org *o = &m->in->org[m->rank[0]];
    hp_cell at = {o->at.sheet, o->at.row, HP_NO_COL};
    return hp_findf(m->run, HP_R_CELL_LIMIT, at, HP_NULL, err, "%.*s: %s: %zu left out",
                    HP_FMT(hp_str_cut(hp_text(m->run->pool, m->golden->slug), 0, 200)), column, dropped);
}

hp_code hp_join_end(hp_joiner *j, const char *column, hp_vid *out, hp_err *err) {
    hp_buf *b = &j->m->text;
    if (j->dropped) {
        hp_buf_printf(b, "%s\xE2\x80\xA6 and %zu more", j->separator, j->dropped);
        HP_TRY(hp_report_cut(j->m, column, j->dropped, err));
    }
    HP_TRY(hp_buf_check(b, column, err));
    return hp_intern(j->m->run->pool, hp_buf_str(b), out, err);
}

/* Tells whether a member of a list was added already. */
static bool is_in(const hp_joiner *j, hp_str text) {
    hp_str rest = hp_buf_str(&j->m->text);
    for (size_t step = strlen(j->separator); rest.n;) {
        size_t end = hp_str_find(rest, hp_str_of(j->separator), 0);
        if (hp_str_ieq(hp_str_cut(rest, 0, end == SIZE_MAX ? rest.n : end), text)) return true;
        rest = hp_str_cut(rest, end == SIZE_MAX ? rest.n : end + step, rest.n);
    }
    return false;
}

void hp_join_pick(hp_joiner *j, hp_pick_id id) {
    const hp_pick *pick = hp_pick_get(id);
    const hp_candidate *c = j->m->candidate.p + j->m->pick[id].first;
    for (uint32_t i = 0; i < j->m->pick[id].n; i++) {
        hp_str text = hp_text(j->m->run->pool, c[i].v), part;
        if (!pick->split) {
            hp_join_add(j, text);
            continue;
        }
        while (hp_str_next(&text, pick->split, &part)) {
            part = hp_str_trim(part);
            if (!is_in(j, part)) hp_join_add(j, part);
        }
    }
}
