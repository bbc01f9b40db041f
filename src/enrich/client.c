#include "enrich/client.h"

#include "base/file.h"
#include "base/mem.h"

#include "base/banned.h"

struct hp_client {
    hp_arena *arena;
    hp_netcache *cache;
    hp_http *http;
};

static const char *text_or_null(hp_arena *a, hp_str s) { return s.n ? hp_arena_dup(a, s).p : NULL; }

static hp_http_policy policy_of(hp_arena *a, const hp_client_env *env) {
    const hp_profile_network *n = &env->profile->enrich.network;
    return (hp_http_policy){.attempt_ms = (uint32_t)n->timeout * 1000,
                            .deadline_ms = (uint32_t)n->deadline * 1000,
                            .max_bytes = (uint64_t)n->max_kilobytes << 10,
                            .redirects = (uint32_t)n->redirects,
                            .retries = (uint32_t)n->retries,
                            .concurrency = (uint32_t)n->concurrency,
                            .per_host = (uint32_t)n->per_host,
                            .interval_ms = (uint32_t)(n->interval * 1000 + 0.5),
                            .burst = (uint32_t)n->burst,
                            .max_requests = env->max_requests,
                            .private_host = n->private_host,
                            .nprivate = n->nprivate,
                            .proxy = text_or_null(a, n->proxy),
                            .ca_file = text_or_null(a, n->ca_file),
                            .contact = text_or_null(a, n->contact)};
}

static hp_code open_parts(hp_client *c, const hp_client_env *env, hp_err *err) {
    const hp_profile_network *n = &env->profile->enrich.network;
    hp_str path = n->cache;
    c->arena = hp_arena_new(NULL);
    if (!c->arena) return hp_fail_memory(err, "the client");
    if (path.n == 0) path = hp_path_join(c->arena, hp_str_of(env->home), HP_S("cache/http.db"));
    path = hp_arena_dup(c->arena, path);
    if (!path.p) return hp_fail_memory(err, "the client");
    HP_TRY(hp_gate_require(env->gate ? env->gate->pass : NULL, err)); /* before anything is made on disk */
    hp_netcache_policy keep = {.path = path.p,
                               .ttl = (int64_t)n->cache_hours * 3600,
                               .max_bytes = (uint64_t)n->cache_megabytes << 20,
                               .now = env->now};
    HP_TRY(hp_netcache_open(&keep, &c->cache, err));
    hp_http_policy policy = policy_of(c->arena, env);
    return hp_http_new(env->gate, &policy, c->cache, &c->http, err);
}

hp_code hp_client_open(const hp_client_env *env, hp_client **out, hp_err *err) {
    hp_client *c = hp_calloc(1, sizeof *c);
    if (!c) return hp_fail_memory(err, "the client");
    hp_code code = open_parts(c, env, err);
    if (code != HP_OK) {
        hp_client_close(c);
        return code;
    }
    *out = c;
    return HP_OK;
}

hp_http *hp_client_http(hp_client *c) { return c->http; }

void hp_client_close(hp_client *c) {
    if (!c) return;
    hp_http_free(c->http);
    hp_netcache_close(c->cache);
    hp_arena_drop(c->arena);
    hp_free(c);
}
