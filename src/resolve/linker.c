#include "resolve/linker.h"

#include <stdlib.h>

#include "base/mem.h"

#include "base/banned.h"

uint32_t hp_link_root(hp_linker *l, uint32_t i) {
    while (l->parent[i] != i) {
        l->parent[i] = l->parent[l->parent[i]];
        i = l->parent[i];
    }
    return i;
}

hp_code hp_link(hp_linker *l, uint32_t a, uint32_t b, hp_match_reason reason, double score, hp_vid on,
                hp_err *err) {
    uint32_t ra = hp_link_root(l, a), rb = hp_link_root(l, b);
    if (ra == rb) return HP_OK;
    hp_match m = {
        .a = a < b ? a : b, .b = a < b ? b : a, .reason = (uint8_t)reason, .score = (float)score, .on = on};
    if (!hp_vec_push(&l->match, m)) return hp_fail_memory(err, "the list of matches");
    /* The lowest record as root, so that clusters are numbered by it; halving paths keeps the trees flat
     * enough. */
    l->parent[ra < rb ? rb : ra] = ra < rb ? ra : rb;
    return HP_OK;
}

void hp_link_doubt(hp_linker *l, uint32_t record, uint32_t other, hp_near_kind kind, double score,
                   hp_vid on) {
    hp_near *near = &l->near[record];
    if (near->kind != HP_NEAR_NONE && near->score >= (float)score) return;
    *near = (hp_near){.other = other, .score = (float)score, .on = on, .kind = (uint8_t)kind};
}

void hp_link_near(hp_linker *l, uint32_t a, uint32_t b, hp_near_kind kind, double score, hp_vid on) {
    hp_link_doubt(l, a < b ? b : a, a < b ? a : b, kind, score, on);
}

hp_code hp_block_add(hp_block_items *items, uint64_t key, hp_vid on, uint32_t record, hp_err *err) {
    hp_block_item item = {.key = key, .on = on, .record = record};
    return hp_vec_push(items, item) ? HP_OK : hp_fail_memory(err, "the blocks of records to compare");
}

static int by_key(const void *a, const void *b) {
    const hp_block_item *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->record < y->record ? -1 : x->record > y->record;
}

/* By name; of one name, what is linked already comes together. */
static int by_name(const void *a, const void *b, void *linker) {
    hp_linker *l = linker;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int c = hp_str_cmp(l->name[x], l->name[y]);
    if (c) return c;
    uint32_t rx = hp_link_root(l, x), ry = hp_link_root(l, y);
    if (rx != ry) return rx < ry ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* Sorts the records of a block by name, and keeps one of the organisations that share a name key and are
 * linked. Returns how many are left. */
static size_t arrange(hp_linker *l, const hp_block_kind *kind, uint32_t *record, size_t n) {
    if (!kind->fold_names && n <= kind->max) return n;
    qsort_r(record, n, sizeof *record, by_name, l);
    if (!kind->fold_names) return n;
    const hp_org *org = l->in->org;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const hp_org *before = kept ? &org[record[kept - 1]] : NULL;
        bool folded = before && before->name_key == org[record[i]].name_key && !before->person
                      && !org[record[i]].person
                      && hp_link_root(l, record[kept - 1]) == hp_link_root(l, record[i]);
        if (!folded) record[kept++] = record[i];
    }
    return kept;
}

static hp_code announce(hp_linker *l, const hp_block_kind *kind, hp_vid on, size_t n, hp_err *err) {
    hp_cell nowhere = {HP_NO_SHEET, 0, HP_NO_COL};
    return hp_findf(l->run, HP_R_POSSIBLE_DUPLICATE, nowhere, kind->name_value ? on : HP_NULL, err,
                    "%zu records share %s; of those, each was compared only with the %u next to it by name",
                    n, kind->shared, HP_BLOCK_WINDOW);
}

static hp_code compare_block(hp_linker *l, const hp_block_kind *kind, uint32_t *record, size_t n, hp_vid on,
                             hp_err *err) {
    n = arrange(l, kind, record, n);
    if (n < 2) return HP_OK;
    size_t reach = n <= kind->max ? n : HP_BLOCK_WINDOW;
    if (n > kind->max) HP_TRY(announce(l, kind, on, n, err));
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n && k - i <= reach; k++) {
            uint32_t a = record[i] < record[k] ? record[i] : record[k];
            uint32_t b = record[i] < record[k] ? record[k] : record[i];
            if (hp_link_root(l, a) != hp_link_root(l, b)) HP_TRY(kind->pair(l, a, b, on, err));
        }
    }
    return kind->finish && n <= kind->max ? kind->finish(l, record, n, on, err) : HP_OK;
}

hp_code hp_block_compare(hp_linker *l, hp_block_items *items, const hp_block_kind *kind, hp_err *err) {
    if (items->n < 2) return HP_OK;
    qsort(items->p, items->n, sizeof *items->p, by_key);
    hp_autofree uint32_t *record = hp_malloc(items->n * sizeof *record);
    if (!record) return hp_fail_memory(err, "a block of records to compare");
    for (size_t i = 0, end; i < items->n; i = end) {
        size_t n = 0;
        for (end = i; end < items->n && items->p[end].key == items->p[i].key; end++) {
            if (n == 0 || record[n - 1] != items->p[end].record) record[n++] = items->p[end].record;
        }
        if (n > 1) HP_TRY(compare_block(l, kind, record, n, items->p[i].on, err));
    }
    return HP_OK;
}
