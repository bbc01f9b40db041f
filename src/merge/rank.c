#include <stdlib.h>

#include "merge/merger.h"

#include "base/banned.h"

int hp_priority_of(const hp_merger *m, uint32_t record) {
    return m->run->sources.file.p[m->in->org[record].file].priority;
}

/* Counts what a record has of e-mails, phones, website, province, address. */
static uint8_t completeness(const hp_merger *m, const hp_org *o) {
    bool email = false, phone = false;
    for (uint32_t i = 0; i < o->ncontact; i++) {
        email |= m->in->contact[o->contact + i].nemail > 0;
        phone |= m->in->contact[o->contact + i].nphone > 0;
    }
    return (uint8_t)(email + phone + (o->f[HP_F_WEBSITE].v != HP_NULL) + (o->f[HP_F_PROVINCE].v != HP_NULL)
                     + (o->f[HP_F_ADDRESS].v != HP_NULL));
}

static int by_rank(const void *a, const void *b, void *merger) {
    const hp_merger *m = merger;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int px = hp_priority_of(m, x), py = hp_priority_of(m, y);
    if (px != py) return px > py ? -1 : 1;
    if (m->complete[x] != m->complete[y]) return m->complete[x] > m->complete[y] ? -1 : 1;
    hp_vid dx = m->in->org[x].f[HP_F_LAST_INTERACTION_DATE].v,
           dy = m->in->org[y].f[HP_F_LAST_INTERACTION_DATE].v;
    /* ISO dates order as bytes; the empty text of a null comes before all of them. */
    int c = dx == dy ? 0 : hp_str_cmp(hp_text(m->run->pool, dy), hp_text(m->run->pool, dx));
    return c ? c : x < y ? -1 : x > y;
}

hp_code hp_rank(hp_merger *m, hp_err *err) {
    size_t n = m->in->norg;
    m->order = HP_NEW_ARRAY(m->tmp, n, uint32_t);
    m->complete = HP_NEW_ARRAY(m->tmp, n, uint8_t);
    if (!m->order || !m->complete) return hp_fail_memory(err, "the ranks of records");
    for (size_t i = 0; i < n; i++) m->complete[i] = completeness(m, &m->in->org[i]);
    if (n) memcpy(m->order, m->clusters->member, n * sizeof *m->order);
    for (size_t c = 0; c < m->clusters->ncluster; c++) {
        uint32_t first = m->clusters->member_start[c], count = m->clusters->member_start[c + 1] - first;
        if (count > 1) qsort_r(m->order + first, count, sizeof *m->order, by_rank, m);
    }
    return HP_OK;
}
