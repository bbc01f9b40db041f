#include <stdlib.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/utf8.h"
#include "merge/merger.h"

#include "base/banned.h"

hp_code hp_each_row(const hp_merger *m, uint32_t cluster,
                    hp_code (*fn)(void *ctx, hp_origin at, int entity, hp_err *err), void *ctx, hp_err *err) {
    for (uint32_t i = m->clusters->member_start[cluster]; i < m->clusters->member_start[cluster + 1]; i++) {
        const hp_org *o = &m->in->org[m->order[i]];
        HP_TRY(fn(ctx, o->at, o->person ? HP_E_PERSON : HP_E_ORGANIZATION, err));
        hp_origin last = o->at;
        for (uint32_t k = 0; k < o->ncontact; k++) {
            /* A row that gives several contacts gives them one after the other. */
            hp_origin at = m->in->contact[o->contact + k].at;
            bool same = (at.sheet == last.sheet && at.row == last.row)
                        || (at.sheet == o->at.sheet && at.row == o->at.row);
            if (!same) HP_TRY(fn(ctx, at, HP_E_CONTACT, err));
            last = at;
        }
        for (uint32_t k = 0; k < o->nmore; k++) {
            const hp_attached *a = &m->in->attached[o->more + k];
            HP_TRY(fn(ctx, a->at, a->entity, err));
        }
    }
    return HP_OK;
}

static hp_vid later(const hp_merger *m, hp_vid a, hp_vid b) {
    return a == b || hp_str_cmp(hp_text(m->run->pool, a), hp_text(m->run->pool, b)) >= 0 ? a : b;
}

static hp_vid last_date(const hp_merger *m, uint32_t cluster) {
    hp_vid date = HP_NULL;
    for (uint32_t i = m->clusters->member_start[cluster]; i < m->clusters->member_start[cluster + 1]; i++) {
        const hp_org *o = &m->in->org[m->order[i]];
        date = later(m, date, o->f[HP_F_LAST_INTERACTION_DATE].v);
        for (uint32_t k = 0; k < o->ncontact; k++)
            date = later(m, date, m->in->contact[o->contact + k].last_date);
    }
    return date;
}

static hp_vid best_name(const hp_merger *m, uint32_t cluster) {
    for (uint32_t i = m->clusters->member_start[cluster]; i < m->clusters->member_start[cluster + 1]; i++) {
        hp_vid name = m->in->org[m->order[i]].f[HP_F_ORGANIZATION_NAME].v;
        if (name != HP_NULL) return name;
    }
    return HP_NULL;
}

/* ---- since ---- */

typedef struct leaving {
    hp_merger *m;
    hp_vid name, note;
} leaving;

static hp_code quarantine_row(void *ctx, hp_origin at, int entity, hp_err *err) {
    leaving *l = ctx;
    return hp_quarantine_row(l->m->run, HP_R_Q_BEFORE_SINCE, at, entity, l->name, l->note, err);
}

static hp_code quarantine_cluster(hp_merger *m, uint32_t cluster, hp_vid date, hp_err *err) {
    leaving l = {.m = m, .name = best_name(m, cluster), .note = date};
    return hp_each_row(m, cluster, quarantine_row, &l, err);
}

static hp_code count_row(void *n, hp_origin at, int entity, hp_err *err) {
    (void)at;
    (void)err;
    if (entity != HP_E_ORGANIZATION && entity != HP_E_PERSON) ++*(uint64_t *)n;
    return HP_OK;
}

static hp_code keep_cluster(hp_merger *m, uint32_t cluster, hp_vid date, hp_err *err) {
    hp_golden_row *r = &m->row[m->nrow++];
    *r = (hp_golden_row){.cluster = cluster, .name = best_name(m, cluster), .date = date};
    hp_str name = hp_text(m->run->pool, r->name);
    for (size_t i = 0; i < 8; i++) r->prefix = r->prefix << 8 | (i < name.n ? (unsigned char)name.p[i] : 0);
    m->out->duplicates += m->clusters->member_start[cluster + 1] - m->clusters->member_start[cluster] - 1;
    return hp_each_row(m, cluster, count_row, &m->out->attached, err);
}

/* ---- slugs ---- */

/* A name without any letter or digit that ASCII has still gets a key that is always the same. */
static hp_code slug_of(hp_merger *m, hp_vid name, hp_vid *out, hp_err *err) {
    hp_str text = hp_text(m->run->pool, name);
    hp_buf_clear(&m->text);
    hp_utf8_slug(text, &m->text);
    if (m->text.n == 0) {
        hp_sha256 digest;
        hp_sha256_of(text, &digest);
        hp_buf_printf(&m->text, "org-%.12s", digest.hex);
    }
    HP_TRY(hp_buf_check(&m->text, "a slug", err));
    return hp_intern(m->run->pool, hp_buf_str(&m->text), out, err);
}

static int by_name(const void *a, const void *b, void *merger) {
    const hp_golden_row *x = a, *y = b;
    const hp_pool *pool = ((const hp_merger *)merger)->run->pool;
    if (x->prefix != y->prefix) return x->prefix < y->prefix ? -1 : 1;
    int c = x->name == y->name ? 0 : hp_str_cmp(hp_text(pool, x->name), hp_text(pool, y->name));
    if (c == 0 && x->slug != y->slug) c = hp_str_cmp(hp_text(pool, x->slug), hp_text(pool, y->slug));
    /* Clusters are numbered by their first record. */
    return c ? c : x->cluster < y->cluster ? -1 : x->cluster > y->cluster;
}

static hp_code number_slug(hp_merger *m, hp_smap *taken, hp_vid *slug, hp_err *err) {
    hp_str base = hp_text(m->run->pool, *slug);
    uint32_t next = 2, there;
    hp_smap_get(taken, base, &next);
    for (bool added = false; !added; next++) {
        hp_buf_clear(&m->text);
        hp_buf_printf(&m->text, "%.*s-%u", HP_FMT(base), next);
        HP_TRY(hp_buf_check(&m->text, "a slug", err));
        HP_TRY(hp_intern(m->run->pool, hp_buf_str(&m->text), slug, err));
        if (!hp_smap_add(taken, hp_text(m->run->pool, *slug), 2, &there, &added))
            return hp_fail_memory(err, "the slugs");
    }
    return hp_smap_put(taken, base, next) ? HP_OK : hp_fail_memory(err, "the slugs");
}

/* The slug is the key of a row. All plain ones are taken first, so that a number never takes the slug of a
 * later "Acme 2". */
static hp_code make_slugs_unique(hp_merger *m, hp_smap *taken, hp_err *err) {
    bool *again = HP_NEW_ARRAY(m->tmp, m->nrow, bool);
    if (!again) return hp_fail_memory(err, "the slugs");
    for (size_t i = 0; i < m->nrow; i++) {
        uint32_t there;
        bool added;
        if (!hp_smap_add(taken, hp_text(m->run->pool, m->row[i].slug), 2, &there, &added))
            return hp_fail_memory(err, "the slugs");
        again[i] = !added;
    }
    for (size_t i = 0; i < m->nrow; i++)
        if (again[i]) HP_TRY(number_slug(m, taken, &m->row[i].slug, err));
    return HP_OK;
}

hp_code hp_order_rows(hp_merger *m, hp_str since, hp_err *err) {
    m->row = HP_NEW_ARRAY(m->tmp, m->clusters->ncluster, hp_golden_row);
    if (!m->row) return hp_fail_memory(err, "the merged rows");
    for (uint32_t c = 0; c < m->clusters->ncluster; c++) {
        hp_vid date = last_date(m, c);
        bool old = since.n && date != HP_NULL && hp_str_cmp(hp_text(m->run->pool, date), since) < 0;
        HP_TRY(old ? quarantine_cluster(m, c, date, err) : keep_cluster(m, c, date, err));
    }
    for (size_t i = 0; i < m->nrow; i++) HP_TRY(slug_of(m, m->row[i].name, &m->row[i].slug, err));
    if (m->nrow) qsort_r(m->row, m->nrow, sizeof *m->row, by_name, m);
    hp_smap taken = {0};
    hp_code code = make_slugs_unique(m, &taken, err);
    hp_smap_free(&taken);
    return code;
}
