/* Taking rows out of the result again, with their people: for what is found at fault only after merging. */
#include "base/map.h"
#include "merge/merger.h"

#include "base/banned.h"

/* What is told of one row of Data. */
typedef struct leaver {
    hp_golden *g;
    hp_source_row_fn *fn;
    void *ctx;
    size_t row;
    uint64_t owners, others; /* source rows of organisations or people, and those attached to them */
} leaver;

static hp_code tell(void *ctx, hp_origin at, int entity, hp_err *err) {
    leaver *l = ctx;
    bool owner = entity == HP_E_ORGANIZATION || entity == HP_E_PERSON;
    if (owner)
        l->owners++;
    else
        l->others++;
    return l->fn(l->ctx, l->row, at, entity, err);
}

static hp_code tell_row(hp_run *run, const hp_records *in, const hp_clusters *clusters, leaver *l,
                        hp_err *err) {
    const hp_merger m = {.run = run, .in = in, .clusters = clusters, .order = clusters->member};
    l->owners = l->others = 0;
    HP_TRY(hp_each_row(&m, l->g->cluster[l->row], tell, l, err));
    l->g->duplicates -= l->owners - 1;
    l->g->attached -= l->others;
    return HP_OK;
}

/* Makes a table of the rows that stay. The one before is left as it is: what was found in it points there. */
static hp_code copy_kept(hp_run *run, const hp_table *t, const uint8_t *out, size_t kept, hp_table **made,
                         hp_err *err) {
    hp_table *n = hp_table_new(run->arena, kept, t->ncol, false);
    if (!n) return hp_fail_memory(err, "the merged rows");
    n->name = t->name;
    for (size_t c = 0; c < t->ncol; c++) {
        const hp_column *from = &t->col[c];
        hp_column *to = &n->col[c];
        size_t at = 0;
        to->name = from->name;
        to->style = from->style;
        to->source = from->source;
        if (from->type) to->type = HP_NEW_ARRAY(run->arena, kept + 1, uint8_t);
        if (from->type && !to->type) return hp_fail_memory(err, "the merged rows");
        for (size_t r = 0; r < t->nrow; r++) {
            if (out[r]) continue;
            to->v[at] = from->v[r];
            if (to->type) to->type[at] = from->type[r];
            at++;
        }
    }
    *made = n;
    return HP_OK;
}

static size_t count_kept(const uint8_t *out, size_t n) {
    size_t kept = 0;
    for (size_t r = 0; r < n; r++) kept += !out[r];
    return kept;
}

/* People leave with their organisation, which they name by its key. */
static hp_code mark_people(const hp_golden *g, const uint8_t *out, uint8_t *gone, hp_err *err) {
    const hp_vid *slug = g->data->col[HP_D_ORGANIZATION_SLUG].v,
                 *of = g->contacts->col[HP_C_ORGANIZATION_SLUG].v;
    __attribute__((cleanup(hp_imap_free))) hp_imap leaving = {0};
    uint32_t there;
    for (size_t r = 0; r < g->data->nrow; r++)
        if (out[r] && !hp_imap_put(&leaving, slug[r], 1)) return hp_fail_memory(err, "the merged rows");
    for (size_t r = 0; r < g->contacts->nrow; r++) gone[r] = hp_imap_get(&leaving, of[r], &there);
    return HP_OK;
}

hp_code hp_golden_take_out(hp_run *run, const hp_records *in, const hp_clusters *clusters, hp_golden *g,
                           const uint8_t *out, hp_source_row_fn *fn, void *ctx, hp_err *err) {
    leaver l = {.g = g, .fn = fn, .ctx = ctx};
    size_t kept = count_kept(out, g->data->nrow), at = 0;
    uint8_t *gone = HP_NEW_ARRAY(run->arena, g->contacts->nrow + 1, uint8_t);
    hp_table *data, *contacts;
    if (!gone) return hp_fail_memory(err, "the merged rows");
    for (l.row = 0; l.row < g->data->nrow; l.row++)
        if (out[l.row]) HP_TRY(tell_row(run, in, clusters, &l, err));
    HP_TRY(mark_people(g, out, gone, err));
    HP_TRY(copy_kept(run, g->data, out, kept, &data, err));
    HP_TRY(copy_kept(run, g->contacts, gone, count_kept(gone, g->contacts->nrow), &contacts, err));
    for (size_t r = 0; r < g->data->nrow; r++)
        if (!out[r]) g->cluster[at++] = g->cluster[r];
    if (g->trace) hp_trace_take_out(g->trace, out);
    g->data = data;
    g->contacts = contacts;
    return HP_OK;
}
