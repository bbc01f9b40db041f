#include "enrich/chain.h"

#include "base/clock.h"

#include "base/banned.h"

typedef struct {
    hp_run *run;
    const hp_profile *p;
    const hp_enrich_options *o;
    const hp_clean_ctx *clean;
    hp_chain *chain;
} builder;

static bool means(hp_str word, const hp_provider *p) {
    const char *strategy = p->strategy == HP_STRATEGY_RESEARCH ? "research" : "deterministic";
    return hp_str_eq(word, hp_str_of(p->name)) || hp_str_eq(word, hp_str_of(strategy))
           || (p->group && hp_str_eq(word, hp_str_of(p->group)));
}

static bool is_linked(const hp_chain *c, const hp_provider *p) {
    for (size_t i = 0; i < c->n; i++)
        if (c->link[i].provider == p) return true;
    return false;
}

static void link_item(const builder *b, const hp_provider *p, hp_profile_provider item) {
    hp_link *l = &b->chain->link[b->chain->n++];
    if (item.confidence < 0) item.confidence = p->confidence;
    *l = (hp_link){.provider = p, .item = item};
    l->env = (hp_provider_env){.run = b->run,
                               .profile = b->p,
                               .item = &l->item,
                               .clean = b->clean,
                               .home = b->o->home,
                               .input = b->o->input,
                               .now = hp_clock_now(),
                               .gate = p->network ? b->o->gate : NULL,
                               .max_requests = b->o->max_requests};
}

/* Links a provider once: as often as the profile configures it, else as it is by default. */
static void link_provider(const builder *b, const hp_provider *p) {
    const hp_profile_enrich *e = &b->p->enrich;
    bool configured = false;
    if (is_linked(b->chain, p)) return;
    for (size_t i = 0; i < e->nprovider; i++) {
        if (!hp_str_eq(e->provider[i].provider, hp_str_of(p->name))) continue;
        link_item(b, p, e->provider[i]);
        configured = true;
    }
    hp_str name = hp_str_of(p->name);
    if (!configured) link_item(b, p, (hp_profile_provider){.name = name, .provider = name, .confidence = -1});
}

static void link_all(const builder *b) {
    static const hp_str EVERYBODY[] = {{"deterministic", 13}, {"research", 8}};
    const hp_profile_enrich *e = &b->p->enrich;
    const hp_str *word = e->nchain ? e->chain : EVERYBODY;
    size_t words = e->nchain ? e->nchain : sizeof EVERYBODY / sizeof *EVERYBODY, n;
    const hp_provider *const *provider = hp_providers(&n);
    for (size_t w = 0; w < words; w++) {
        b->chain->research |= hp_str_eq(word[w], HP_S("research"));
        for (size_t i = 0; i < n; i++) {
            if (!means(word[w], provider[i])) continue;
            b->chain->research |= provider[i]->strategy == HP_STRATEGY_RESEARCH;
            link_provider(b, provider[i]);
        }
    }
}

static hp_code open_all(const builder *b, hp_err *err) {
    bool open_net = b->o->gate && b->o->gate->pass && !b->o->plan;
    for (size_t i = 0; i < b->chain->n; i++) {
        hp_link *l = &b->chain->link[i];
        if (l->provider->network && !open_net) continue;
        HP_TRY(l->provider->open(&l->env, &l->state, err));
    }
    return HP_OK;
}

hp_code hp_chain_open(hp_run *run, const hp_profile *p, const hp_enrich_options *o, const hp_clean_ctx *clean,
                      hp_chain *out, hp_err *err) {
    size_t n;
    (void)hp_providers(&n);
    *out = (hp_chain){.link = HP_NEW_ARRAY(run->arena, n + p->enrich.nprovider + 1, hp_link)};
    if (!out->link) return hp_fail_memory(err, "the providers");
    builder b = {.run = run, .p = p, .o = o, .clean = clean, .chain = out};
    link_all(&b);
    hp_code code = open_all(&b, err);
    if (code != HP_OK) hp_chain_close(out);
    return code;
}

void hp_chain_close(hp_chain *c) {
    for (size_t i = 0; i < c->n; i++) {
        if (c->link[i].state) c->link[i].provider->close(c->link[i].state);
        c->link[i].state = NULL;
    }
}
