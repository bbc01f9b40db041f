/* hotpass plan research: the dry run of enrichment by the network. */
#include "base/clock.h"
#include "base/file.h"
#include "base/vec.h"
#include "cli/research.h"
#include "cli/view.h"
#include "net/cache.h"
#include "net/url.h"
#include "refine/enrichment.h"

#include "base/banned.h"

typedef struct request {
    hp_str provider, url, entity, slug;
    size_t row; /* of the table; SIZE_MAX = none */
    hp_field_set wanted;
    bool cached;
} request;

typedef struct plan {
    hp_cli *c;
    hp_profile *profile;
    hp_gate gate;
    hp_netcache *cache;
    hp_enrichment done; /* of the dataset */
    bool ran;
    size_t only; /* row; SIZE_MAX = all */
    hp_str slug; /* empty = all */
    HP_VEC(request) list;
} plan;

/* ---- gathering ---- */

static hp_code is_cached(plan *p, hp_str text, bool *out, hp_err *err) {
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

static hp_code add(plan *p, request r, hp_err *err) {
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
    plan *p = ctx;
    if (p->only != SIZE_MAX && r->row->row != p->only) return HP_OK;
    if (p->slug.n && !hp_str_eq(p->slug, r->row->slug)) return HP_OK;
    return add(p,
               (request){.provider = r->name,
                         .url = r->url,
                         .entity = r->row->value[HP_F_ORGANIZATION_NAME],
                         .slug = r->row->slug,
                         .row = r->row->row,
                         .wanted = r->row->wanted},
               err);
}

/* The cache is looked into, not made. */
static hp_code open_cache(plan *p, hp_err *err) {
    const hp_profile_network *n = &p->profile->enrich.network;
    hp_str home = hp_str_of(hp_args_text(&p->c->args, HP_O_STATE_DIR));
    hp_str path = n->cache.n ? hp_arena_dup(p->c->arena, n->cache)
                             : hp_path_join(p->c->arena, home, HP_S("cache/http.db"));
    if (!path.p) return hp_fail_memory(err, "the plan");
    if (!hp_exists(path.p)) return HP_OK;
    hp_netcache_policy policy = {
        .path = path.p, .ttl = (int64_t)n->cache_hours * 3600, .now = hp_clock_now()};
    return hp_netcache_open(&policy, &p->cache, err);
}

static hp_code read_dataset(plan *p, hp_err *err) {
    const hp_args *args = &p->c->args;
    const hp_given *dirs = &args->opt[HP_O_PROFILE_SEARCH_PATH];
    hp_enrichment_options o = {.profile = hp_args_text(args, HP_O_PROFILE),
                               .profile_dirs = dirs->value,
                               .nprofile_dirs = dirs->n,
                               .input = hp_args_text(args, HP_O_DATASET),
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
    return HP_OK;
}

static hp_code gather(plan *p, hp_err *err) {
    const hp_given *urls = &p->c->args.opt[HP_O_URL];
    int64_t row;
    const char *id = hp_args_text(&p->c->args, HP_O_ROW_ID),
               *dataset = hp_args_text(&p->c->args, HP_O_DATASET);
    p->slug = hp_str_of(hp_args_text(&p->c->args, HP_O_SLUG));
    if (!dataset && urls->n == 0)
        return hp_fail(err, HP_USAGE, "say what for: --dataset or --url; see hotpass help plan research");
    if (!dataset && (id || p->slug.n)) return hp_fail(err, HP_USAGE, "--row-id and --slug need --dataset");
    if (id && (!hp_str_i64(hp_str_of(id), &row) || row < 0))
        return hp_fail(err, HP_USAGE, "--row-id must be a number of a row, counted from 0, not \"%s\"", id);
    if (id) p->only = (size_t)row;
    HP_TRY(open_cache(p, err));
    for (size_t i = 0; i < urls->n; i++)
        HP_TRY(add(p,
                   (request){.provider = HP_S("website"), .url = hp_str_of(urls->value[i]), .row = SIZE_MAX},
                   err));
    return dataset ? read_dataset(p, err) : HP_OK;
}

/* ---- JSON ---- */

static void json_text(hp_json *j, const char *key, hp_str s) {
    hp_json_key(j, key);
    if (s.n)
        hp_json_str(j, s);
    else
        hp_json_null(j);
}

static void json_fields(hp_json *j, const char *key, hp_field_set set) {
    hp_json_key(j, key);
    hp_json_array(j);
    for (int f = 1; f < HP_FIELD_COUNT; f++)
        if (hp_field_in(set, (hp_field)f)) hp_json_cstr(j, hp_field_get((hp_field)f)->name);
    hp_json_array_end(j);
}

static void json_request(hp_json *j, const request *r) {
    hp_json_object(j);
    json_text(j, "provider", r->provider);
    json_text(j, "url", r->url);
    hp_json_key(j, "row_index");
    if (r->row == SIZE_MAX)
        hp_json_null(j);
    else
        hp_json_i64(j, (int64_t)r->row);
    json_text(j, "entity_name", r->entity);
    json_text(j, "entity_slug", r->slug);
    json_fields(j, "fields", r->wanted);
    hp_json_key(j, "cached");
    hp_json_bool(j, r->cached);
    hp_json_object_end(j);
}

static size_t requests_of(const plan *p, hp_str provider) {
    size_t n = 0;
    for (size_t i = 0; i < p->list.n; i++) n += hp_str_eq(p->list.p[i].provider, provider);
    return n;
}

static void json_step(hp_json *j, const plan *p, const hp_enrich_count *k) {
    bool research = k->strategy == HP_STRATEGY_RESEARCH;
    size_t n = research ? requests_of(p, hp_str_of(k->name)) : 0;
    hp_autobuf message = hp_buf_new(4096);
    if (research && n)
        hp_put_counted(&message, n, "first request", "first requests");
    else if (research)
        hp_buf_puts(&message, "nothing to ask");
    else if (!k->opened)
        hp_buf_puts(&message, "has nothing to answer from");
    else
        hp_put_counted(&message, k->filled, "field would be filled", "fields would be filled");
    hp_json_object(j);
    hp_json_key(j, "name");
    hp_json_cstr(j, k->name);
    hp_json_key(j, "status");
    hp_json_cstr(j, research ? (n ? "planned" : "skipped") : k->opened && k->filled ? "success" : "skipped");
    hp_json_key(j, "message");
    hp_json_str(j, hp_buf_str(&message));
    hp_json_object_end(j);
    hp_put_carry(j->out, &message);
}

static void json_plan(hp_json *j, const plan *p) {
    hp_field_set wanted = 0;
    for (size_t i = 0; i < p->list.n; i++) wanted |= p->list.p[i].wanted;
    bool one = p->only != SIZE_MAX || p->slug.n;
    hp_json_key(j, "plan");
    hp_json_object(j);
    json_text(j, "entity_name", one && p->list.n ? p->list.p[0].entity : HP_S(""));
    json_text(j, "entity_slug", one && p->list.n ? p->list.p[0].slug : p->slug);
    hp_json_key(j, "target_urls");
    hp_json_array(j);
    for (size_t i = 0; i < p->list.n; i++) hp_json_str(j, p->list.p[i].url);
    hp_json_array_end(j);
    hp_json_key(j, "allow_network");
    hp_json_bool(j, p->gate.pass != NULL);
    json_fields(j, "backfill_fields", wanted);
    json_fields(j, "consent_needed_for", hp_enrich_withheld(p->profile));
    hp_research_json_rate(j, p->profile);
    hp_json_object_end(j);
}

static void put_json(plan *p) {
    hp_json j = hp_cli_json(p->c, "hotpass.research-plan/1");
    hp_json_key(&j, "success");
    hp_json_bool(&j, true);
    hp_research_json_gate(&j, &p->gate);
    json_plan(&j, p);
    hp_json_key(&j, "steps");
    hp_json_array(&j);
    for (size_t i = 0; p->ran && i < p->done.result.ncount; i++) json_step(&j, p, &p->done.result.count[i]);
    hp_json_array_end(&j);
    hp_json_key(&j, "requests");
    hp_json_array(&j);
    for (size_t i = 0; i < p->list.n; i++) json_request(&j, &p->list.p[i]);
    hp_json_array_end(&j);
    hp_cli_json_end(p->c, &j);
}

/* ---- text ---- */

static hp_code put_text(plan *p, hp_err *err) {
    static const char *const HEADER[] = {"row", "organisation", "provider", "cached", "first request"};
    hp_view v = {.arena = p->c->arena, .ncol = 5, .header = HEADER};
    hp_buf *out = &p->c->out;
    size_t cached = 0;
    for (size_t i = 0; i < p->list.n; i++) {
        const request *r = &p->list.p[i];
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
    hp_put_counted(out, p->list.n, "first request", "first requests");
    hp_buf_puts(out, ", ");
    hp_put_thousands(out, cached);
    hp_buf_puts(out, " of them in the cache; ");
    hp_gate_sentence(&p->gate, out);
    hp_buf_putc(out, '\n');
    return p->list.n ? hp_view_write(&v, &p->c->term, 2, out, err) : HP_OK;
}

hp_code hp_cmd_plan_research(hp_cli *c, hp_err *err) {
    plan p = {.c = c, .only = SIZE_MAX};
    HP_TRY(hp_research_profile(c, &p.profile, err));
    hp_research_gate(c, p.profile, &p.gate);
    hp_code code = gather(&p, err);
    if (code == HP_OK && c->json)
        put_json(&p);
    else if (code == HP_OK)
        code = put_text(&p, err);
    if (p.ran) hp_enrichment_free(&p.done);
    hp_netcache_close(p.cache);
    hp_vec_free(&p.list);
    return code;
}
