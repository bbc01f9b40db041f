/* hotpass plan research: the dry run of enrichment by the network. */
#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/plan.h"
#include "cli/view.h"
#include "net/url.h"

#include "base/banned.h"

/* ---- gathering ---- */

static hp_code is_cached(hp_plan *p, hp_str text, bool *out, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_netcache_entry e = {0};
    hp_url url;
    hp_err why = {0};
    bool found = false;
    if (!a) return hp_fail_memory(err, "the plan");
    hp_code code = p->cache ? hp_url_read(a, text, NULL, &url, &why) : HP_USAGE;
    if (code != HP_OK && code != HP_USAGE) return hp_fail(err, code, "%s", why.message);
    if (code == HP_OK) HP_TRY(hp_netcache_get(p->cache, url.text, a, &e, &found, err));
    *out = found && e.fresh;
    return HP_OK;
}

static hp_code add(hp_plan *p, hp_plan_request r, hp_err *err) {
    hp_arena *a = p->c->arena;
    r.provider = hp_arena_dup(a, r.provider);
    r.url = hp_arena_dup(a, r.url);
    r.entity = hp_arena_dup(a, r.entity);
    r.slug = hp_arena_dup(a, r.slug);
    HP_TRY(is_cached(p, r.url, &r.cached, err));
    bool ok = r.provider.p && r.url.p && r.entity.p && r.slug.p && hp_vec_push(&p->list, r);
    return ok ? HP_OK : hp_fail_memory(err, "the plan");
}

static hp_code take(void *ctx, const hp_enrich_request *r, hp_err *err) {
    hp_plan *p = ctx;
    if (p->only != SIZE_MAX && r->row->row != p->only) return HP_OK;
    if (p->slug.n && !hp_str_eq(p->slug, r->row->slug)) return HP_OK;
    return add(p,
               (hp_plan_request){.provider = r->name,
                                 .url = r->url,
                                 .entity = r->row->value[HP_F_ORGANIZATION_NAME],
                                 .slug = r->row->slug,
                                 .row = r->row->row,
                                 .wanted = r->row->wanted},
               err);
}

/* The cache is looked into, not made and not changed. */
static hp_code open_cache(hp_plan *p, hp_err *err) {
    const hp_profile_network *n = &p->profile->enrich.network;
    hp_str home = hp_str_of(hp_args_text(&p->c->args, HP_O_STATE_DIR));
    hp_str path = n->cache.n ? hp_arena_dup(p->c->arena, n->cache)
                             : hp_path_join(p->c->arena, home, HP_S("cache/http.db"));
    if (!path.p) return hp_fail_memory(err, "the plan");
    if (!hp_exists(path.p)) return HP_OK;
    hp_netcache_policy policy = {
        .path = path.p, .ttl = (int64_t)n->cache_hours * 3600, .now = hp_clock_now(), .read_only = true};
    return hp_netcache_open(&policy, &p->cache, err);
}

/* Finds the one row that is asked about, by its number or its slug, in the sheets that were enriched. */
static hp_code find_row(hp_plan *p, hp_err *err) {
    const hp_enrichment *e = &p->done;
    for (size_t i = 0; i < e->nsheet && p->row == SIZE_MAX; i++) {
        const hp_table *t = e->sheet[i].out;
        size_t slug = hp_table_find(t, HP_S("organization_slug"));
        if (!e->sheet[i].enriched) continue;
        p->sheet = t;
        if (p->only != SIZE_MAX && p->only < t->nrow) p->row = p->only;
        for (size_t r = 0; p->only == SIZE_MAX && slug != SIZE_MAX && r < t->nrow && p->row == SIZE_MAX; r++)
            if (hp_str_eq(hp_text(e->run.pool, t->col[slug].v[r]), p->slug)) p->row = r;
    }
    if (p->row != SIZE_MAX) return HP_OK;
    const char *path = hp_args_text(&p->c->args, HP_O_DATASET);
    if (p->slug.n)
        return hp_fail(err, HP_FINDINGS, "%s: no row has organization_slug \"%.*s\"", path, HP_FMT(p->slug));
    return hp_fail(err, HP_FINDINGS, "%s: has no row %zu; its rows are counted from 0", path, p->only);
}

static hp_code read_dataset(hp_plan *p, hp_err *err) {
    const hp_args *args = &p->c->args;
    const hp_given *dirs = &args->opt[HP_O_PROFILE_SEARCH_PATH];
    hp_enrichment_options o = {.profile = hp_args_text(args, HP_O_PROFILE),
                               .profile_dirs = dirs->value,
                               .nprofile_dirs = dirs->n,
                               .input = hp_args_text(args, HP_O_DATASET),
                               .entity = hp_args_text(args, HP_O_DATASET) ? NULL : p->entity.p,
                               .home = hp_args_text(args, HP_O_STATE_DIR),
                               .threshold = -1,
                               .network_given = args->opt[HP_O_ALLOW_NETWORK].given,
                               .network = args->opt[HP_O_ALLOW_NETWORK].on,
                               .dry_run = true,
                               .plan = take,
                               .plan_ctx = p,
                               .reading = {.password_file = hp_args_text(args, HP_O_PASSWORD_FILE)}};
    HP_TRY(hp_enrichment_run(&o, &p->done, err));
    p->ran = true;
    return p->only != SIZE_MAX || p->slug.n ? find_row(p, err) : HP_OK;
}

/* An organisation is found by the slug that its name gives. */
static hp_code name_entity(hp_plan *p, const char *name, hp_err *err) {
    hp_autobuf slug = hp_buf_new(64 << 10);
    p->entity = hp_str_trim(hp_str_of(name));
    hp_utf8_slug(p->entity, &slug);
    HP_TRY(hp_buf_check(&slug, "--entity", err));
    if (slug.n == 0) return hp_fail(err, HP_USAGE, "--entity \"%.200s\" is no name of an organisation", name);
    p->entity = hp_arena_dup(p->c->arena, p->entity);
    p->slug = hp_arena_dup(p->c->arena, hp_buf_str(&slug));
    return p->slug.p && p->entity.p ? HP_OK : hp_fail_memory(err, "the plan");
}

/* Settles which rows are asked about. */
static hp_code settle_rows(hp_plan *p, hp_err *err) {
    const hp_args *args = &p->c->args;
    int64_t row;
    const char *id = hp_args_text(args, HP_O_ROW_ID), *dataset = hp_args_text(args, HP_O_DATASET),
               *entity = hp_args_text(args, HP_O_ENTITY);
    p->slug = hp_str_of(hp_args_text(args, HP_O_SLUG));
    if (!dataset && !entity && args->opt[HP_O_URL].n == 0)
        return hp_fail(err, HP_USAGE,
                       "say what for: --dataset, --entity or --url; see hotpass help plan research");
    if (!dataset && (id || p->slug.n)) return hp_fail(err, HP_USAGE, "--row-id and --slug need --dataset");
    if ((id != NULL) + (p->slug.n > 0) + (entity != NULL) > 1)
        return hp_fail(err, HP_USAGE, "say which row once: --row-id, --slug or --entity");
    if (id && (!hp_str_i64(hp_str_of(id), &row) || row < 0))
        return hp_fail(err, HP_USAGE, "--row-id must be a number of a row, counted from 0, not \"%s\"", id);
    if (id) p->only = (size_t)row;
    return entity ? name_entity(p, entity, err) : HP_OK;
}

static hp_code gather(hp_plan *p, hp_err *err) {
    const hp_given *urls = &p->c->args.opt[HP_O_URL];
    HP_TRY(settle_rows(p, err));
    HP_TRY(open_cache(p, err));
    for (size_t i = 0; i < urls->n; i++)
        HP_TRY(add(
            p,
            (hp_plan_request){.provider = HP_S("website"), .url = hp_str_of(urls->value[i]), .row = SIZE_MAX},
            err));
    if (hp_args_text(&p->c->args, HP_O_DATASET) || p->entity.n) HP_TRY(read_dataset(p, err));
    return p->row != SIZE_MAX ? hp_plan_shelves(p, err) : HP_OK;
}

/* ---- text ---- */

static hp_code put_text(hp_plan *p, hp_err *err) {
    static const char *const HEADER[] = {"row", "organisation", "provider", "cached", "first request"};
    hp_view v = {.arena = p->c->arena, .ncol = 5, .header = HEADER};
    hp_buf *out = &p->c->out;
    size_t cached = 0;
    for (size_t i = 0; i < p->list.n; i++) {
        const hp_plan_request *r = &p->list.p[i];
        cached += r->cached;
        if (r->row == SIZE_MAX)
            hp_view_add(&v, HP_S(""));
        else
            hp_view_addf(&v, "%zu", r->row);
        hp_view_add(&v, r->entity);
        hp_view_add(&v, r->provider);
        hp_view_add(&v, r->cached ? HP_S("yes") : HP_S("no"));
        hp_view_add(&v, r->url);
    }
    for (size_t i = 0; i < p->shelf.n; i++)
        if (p->shelf.p[i].problem.n)
            hp_buf_printf(out, "cannot be read: %.*s\n", HP_FMT(p->shelf.p[i].problem));
    hp_put_counted(out, p->list.n, "first request", "first requests");
    hp_buf_puts(out, ", ");
    hp_put_thousands(out, cached);
    hp_buf_puts(out, " of them in the cache; ");
    hp_gate_sentence(&p->gate, out);
    hp_buf_putc(out, '\n');
    return p->list.n ? hp_view_write(&v, &p->c->term, 2, out, err) : HP_OK;
}

hp_code hp_cmd_plan_research(hp_cli *c, hp_err *err) {
    hp_plan p = {.c = c, .only = SIZE_MAX, .row = SIZE_MAX, .began = hp_clock_mono()};
    HP_TRY(hp_research_profile(c, &p.profile, err));
    hp_research_gate(c, p.profile, &p.gate);
    hp_code code = gather(&p, err);
    if (code == HP_OK && c->json)
        hp_plan_json(&p);
    else if (code == HP_OK)
        code = put_text(&p, err);
    if (code == HP_OK && p.shelf_error) code = HP_FINDINGS;
    if (p.ran) hp_enrichment_free(&p.done);
    hp_netcache_close(p.cache);
    hp_vec_free(&p.list);
    hp_vec_free(&p.shelf);
    return code;
}
