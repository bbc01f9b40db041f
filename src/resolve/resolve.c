#include "resolve/resolve.h"

#include <stdlib.h>

#include "base/mem.h"
#include "resolve/linker.h"

#include "base/banned.h"

static hp_code open_linker(hp_linker *l, hp_err *err) {
    size_t n = l->in->norg;
    l->parent = HP_NEW_ARRAY(l->tmp, n, uint32_t);
    l->name = HP_NEW_ARRAY(l->tmp, n, hp_str);
    l->sketch = HP_NEW_ARRAY(l->tmp, n, hp_name_sketch);
    l->near = HP_NEW_ARRAY(l->tmp, n, hp_near);
    if (!l->parent || !l->name || !l->sketch || !l->near)
        return hp_fail_memory(err, "the records to resolve");
    for (uint32_t i = 0; i < n; i++) {
        l->parent[i] = i;
        l->name[i] = hp_text(l->run->pool, l->in->org[i].name_key);
        l->sketch[i] = hp_name_sketch_of(l->name[i]);
        l->people |= l->in->org[i].person;
    }
    return HP_OK;
}

/* ---- near misses become findings ---- */

static hp_cell name_cell(const hp_org *o) {
    const hp_datum *name = &o->f[HP_F_ORGANIZATION_NAME];
    return name->v != HP_NULL ? name->at : (hp_cell){o->at.sheet, o->at.row, HP_NO_COL};
}

static void describe_shared(const hp_linker *l, const hp_near *near, hp_buf *out) {
    hp_str on = hp_text(l->run->pool, near->on);
    switch ((hp_near_kind)near->kind) {
    case HP_NEAR_DOMAIN:
        /* A free-mail address is personal; a domain is not. */
        if (hp_str_chr(on, '@', 0) != SIZE_MAX)
            hp_buf_puts(out, "the same e-mail address");
        else
            hp_buf_printf(out, "the same domain %.*s", HP_FMT(on));
        break;
    case HP_NEAR_PHONE: hp_buf_puts(out, "the same phone"); break;
    case HP_NEAR_SPELLING: hp_buf_puts(out, "the same province"); break;
    case HP_NEAR_PERSON: hp_buf_puts(out, "nothing but the name agrees"); break;
    case HP_NEAR_NAME:
        hp_buf_puts(out, "several organisations bear this name and nothing tells which");
        break;
    case HP_NEAR_PLACE: hp_buf_puts(out, "the same place, but other phones and domains"); break;
    case HP_NEAR_NONE: break;
    }
}

static hp_code report_near(hp_linker *l, uint32_t i, hp_buf *note, hp_err *err) {
    const hp_near *near = &l->near[i];
    const hp_org *o = &l->in->org[i], *other = &l->in->org[near->other];
    hp_buf_clear(note);
    describe_shared(l, near, note);
    hp_buf_printf(note, ", names %d %% alike: ", (int)((double)near->score * 100 + 0.5));
    hp_address(&l->run->sources, name_cell(other), note);
    if (!other->person)
        hp_buf_printf(note, " (%.*s)", HP_FMT(hp_text(l->run->pool, other->f[HP_F_ORGANIZATION_NAME].v)));
    HP_TRY(hp_buf_check(note, "a finding", err));
    hp_vid text;
    HP_TRY(hp_intern(l->run->pool, hp_buf_str(note), &text, err));
    hp_vid value = o->person ? HP_NULL : o->f[HP_F_ORGANIZATION_NAME].v;
    return hp_find(l->run, HP_R_POSSIBLE_DUPLICATE, name_cell(o), value, text, err);
}

static hp_code report_near_misses(hp_linker *l, hp_err *err) {
    hp_autobuf note = hp_buf_new(64u << 20);
    for (uint32_t i = 0; i < l->in->norg; i++) {
        if (l->near[i].kind == HP_NEAR_NONE || hp_link_root(l, i) == hp_link_root(l, l->near[i].other))
            continue;
        HP_TRY(report_near(l, i, &note, err));
    }
    return HP_OK;
}

/* ---- clusters ---- */

/* Turns counts at [i + 1] into offsets. */
static void sum_up(uint32_t *start, size_t n) {
    for (size_t i = 0; i < n; i++) start[i + 1] += start[i];
}

static hp_code number_clusters(hp_linker *l, hp_clusters *c, hp_err *err) {
    size_t n = l->in->norg;
    c->cluster = HP_NEW_ARRAY(l->run->arena, n, uint32_t);
    if (!c->cluster) return hp_fail_memory(err, "the clusters");
    for (uint32_t i = 0; i < n; i++) {
        uint32_t root = hp_link_root(l, i); /* never after i, so numbered already */
        c->cluster[i] = root == i ? (uint32_t)c->ncluster++ : c->cluster[root];
    }
    return HP_OK;
}

static hp_code list_members(hp_linker *l, hp_clusters *c, hp_err *err) {
    size_t n = l->in->norg;
    c->member = HP_NEW_ARRAY(l->run->arena, n, uint32_t);
    c->member_start = HP_NEW_ARRAY(l->run->arena, c->ncluster + 1, uint32_t);
    uint32_t *next = HP_NEW_ARRAY(l->tmp, c->ncluster + 1, uint32_t);
    if (!c->member || !c->member_start || !next) return hp_fail_memory(err, "the clusters");
    for (size_t i = 0; i < n; i++) c->member_start[c->cluster[i] + 1]++;
    sum_up(c->member_start, c->ncluster);
    memcpy(next, c->member_start, (c->ncluster + 1) * sizeof *next);
    for (uint32_t i = 0; i < n; i++) c->member[next[c->cluster[i]]++] = i;
    return HP_OK;
}

static int by_cluster(const void *a, const void *b, void *clusters) {
    const hp_match *x = a, *y = b;
    const uint32_t *cluster = ((const hp_clusters *)clusters)->cluster;
    if (cluster[x->a] != cluster[y->a]) return cluster[x->a] < cluster[y->a] ? -1 : 1;
    if (x->a != y->a) return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

static hp_code list_matches(hp_linker *l, hp_clusters *c, hp_err *err) {
    c->nmatch = l->match.n;
    c->match = HP_NEW_ARRAY(l->run->arena, c->nmatch, hp_match);
    c->match_start = HP_NEW_ARRAY(l->run->arena, c->ncluster + 1, uint32_t);
    if (!c->match || !c->match_start) return hp_fail_memory(err, "the clusters");
    if (c->nmatch) memcpy(c->match, l->match.p, c->nmatch * sizeof *c->match);
    if (c->nmatch) qsort_r(c->match, c->nmatch, sizeof *c->match, by_cluster, c);
    for (size_t i = 0; i < c->nmatch; i++) c->match_start[c->cluster[c->match[i].a] + 1]++;
    sum_up(c->match_start, c->ncluster);
    return HP_OK;
}

static hp_code link_all(hp_linker *l, hp_err *err) {
    HP_TRY(open_linker(l, err));
    HP_TRY(hp_link_organizations(l, err));
    hp_run_progress(l->run, "resolve", l->in->norg, l->in->norg);
    if (l->people) HP_TRY(hp_link_people(l, err));
    return report_near_misses(l, err);
}

hp_code hp_resolve(hp_run *run, const hp_profile *p, const hp_records *in, hp_clusters **out, hp_err *err) {
    hp_autoarena *tmp = hp_arena_new(run->arena);
    hp_clusters *c = HP_NEW(run->arena, hp_clusters);
    if (!tmp || !c) return hp_fail_memory(err, "the records to resolve");
    hp_linker l = {.run = run, .p = p, .in = in, .tmp = tmp};
    l.threshold = p && p->match_threshold > 0 ? p->match_threshold : 0.92;
    hp_code code = link_all(&l, err);
    if (code == HP_OK) code = number_clusters(&l, c, err);
    if (code == HP_OK) code = list_members(&l, c, err);
    if (code == HP_OK) code = list_matches(&l, c, err);
    hp_vec_free(&l.match);
    hp_vec_free(&l.id);
    if (code == HP_OK) *out = c;
    return code;
}
