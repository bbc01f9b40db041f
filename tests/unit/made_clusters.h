/* Clusters of records made by hand, for the tests of resolve. */
#ifndef HP_TESTS_MADE_CLUSTERS_H
#define HP_TESTS_MADE_CLUSTERS_H

#include "made_records.h"
#include "resolve/resolve.h"

static inline hp_clusters *resolve(made *m) {
    hp_clusters *c = NULL;
    assert_ok(hp_resolve(&m->run, &m->profile, made_records(m), &c, &m->err), m->err);
    /* What holds for every outcome: members and offsets are a partition, matches span each cluster. */
    assert_int_equal(c->member_start[c->ncluster], m->org.n);
    assert_int_equal(c->match_start[c->ncluster], c->nmatch);
    assert_int_equal(c->nmatch, m->org.n - c->ncluster);
    uint32_t seen = 0;
    for (uint32_t k = 0; k < c->ncluster; k++) {
        assert_true(c->member_start[k] < c->member_start[k + 1]);
        assert_true(c->member[c->member_start[k]] >= seen);
        seen = c->member[c->member_start[k]];
        for (uint32_t i = c->member_start[k]; i < c->member_start[k + 1]; i++) {
            assert_int_equal(c->cluster[c->member[i]], k);
            assert_true(i == c->member_start[k] || c->member[i - 1] < c->member[i]);
        }
        for (uint32_t i = c->match_start[k]; i < c->match_start[k + 1]; i++) {
            assert_true(c->match[i].a < c->match[i].b);
            assert_int_equal(c->cluster[c->match[i].a], k);
            assert_int_equal(c->cluster[c->match[i].b], k);
            assert_int_not_equal(c->match[i].on, HP_NULL);
        }
    }
    return c;
}

static inline uint64_t near_misses(const made *m) { return m->run.issues.by_rule[HP_R_POSSIBLE_DUPLICATE]; }

static inline const char *note(const made *m, size_t i) { return made_text(m, m->run.issues.list.p[i].note); }

static inline void open_one(made *m) {
    made_open(m);
    made_sheet(m, "A.xlsx", "S", "A", 1);
}

#endif
