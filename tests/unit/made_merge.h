/* Merging records made by hand, and looking at the outcome. */
#ifndef HP_TESTS_MADE_MERGE_H
#define HP_TESTS_MADE_MERGE_H

#include "made_records.h"
#include "merge/merge.h"

/* Makes clusters: `of` gives each record's, numbered by first record; NULL = all records are one. Matches are
 * added by the caller. */
static inline hp_clusters *made_clusters(made *m, const uint32_t *of) {
    hp_arena *a = m->run.arena;
    size_t n = m->org.n;
    hp_clusters *c = HP_NEW(a, hp_clusters);
    c->cluster = HP_NEW_ARRAY(a, n, uint32_t);
    c->member = HP_NEW_ARRAY(a, n, uint32_t);
    c->member_start = HP_NEW_ARRAY(a, n + 2, uint32_t);
    c->match_start = HP_NEW_ARRAY(a, n + 2, uint32_t);
    c->match = HP_NEW_ARRAY(a, n + 1, hp_match);
    for (size_t i = 0; i < n; i++) {
        c->cluster[i] = of ? of[i] : 0;
        if (c->cluster[i] >= c->ncluster) c->ncluster = c->cluster[i] + 1;
    }
    uint32_t at = 0;
    for (uint32_t k = 0; k < c->ncluster; k++) {
        c->member_start[k] = at;
        for (uint32_t i = 0; i < n; i++)
            if (c->cluster[i] == k) c->member[at++] = i;
    }
    c->member_start[c->ncluster] = at;
    return c;
}

/* Adds a match of the last cluster. */
static inline void made_match(made *m, hp_clusters *c, uint32_t a, uint32_t b, hp_match_reason reason,
                              float score, const char *on) {
    c->match[c->nmatch++] = (hp_match){a, b, (uint8_t)reason, score, made_value(m, on)};
    for (uint32_t k = c->cluster[a] + 1; k <= c->ncluster; k++) c->match_start[k] = (uint32_t)c->nmatch;
}

static inline hp_golden *made_golden_since(made *m, const hp_clusters *c, const char *since) {
    hp_golden *g = NULL;
    assert_ok(hp_merge(&m->run, &m->profile, made_records(m), c, hp_str_of(since), &g, &m->err), m->err);
    return g;
}

static inline hp_golden *made_golden(made *m, const uint32_t *of) {
    return made_golden_since(m, made_clusters(m, of), "");
}

static inline hp_vid made_vid_at(const hp_table *t, size_t row, const char *column) {
    size_t c = hp_table_find(t, hp_str_of(column));
    if (c == SIZE_MAX) fail_msg("no column %s", column);
    assert_true(row < t->nrow);
    return t->col[c].v[row];
}

/* Fail unless a cell holds a text; NULL = null. */
static inline void made_assert_cell(const made *m, const hp_table *t, size_t row, const char *column,
                                    const char *wanted) {
    hp_vid v = made_vid_at(t, row, column);
    const char *got = made_text(m, v);
    if (wanted ? strcmp(got, wanted) != 0 : v != HP_NULL)
        fail_msg("%s[%zu]: got \"%s\", wanted \"%s\"", column, row, got, wanted ? wanted : "");
}

#define assert_data(row, column, wanted)    made_assert_cell(&m, g->data, (row), (column), (wanted))
#define assert_contact(row, column, wanted) made_assert_cell(&m, g->contacts, (row), (column), (wanted))

#endif
