#include "net/sessions.h"

#include "base/doc.h"
#include "base/file.h"
#include "net/owner.h"
#include "net/ports.h"

#include "base/banned.h"

static const char *why_gone(const hp_node *s, hp_process *who) {
    static const char UNKNOWN[] = "which process it has was not recorded, so nobody can tell";
    hp_str boot = {"", 0};
    hp_process now;
    int64_t pid = 0, start = 0;
    if (!hp_node_i64(hp_node_get(s, "pid"), &pid) || pid <= 0 || pid > INT32_MAX) return UNKNOWN;
    who->pid = (pid_t)pid;
    if (!hp_process_look(who->pid, &now)) return "its process is gone";
    hp_node_i64(hp_node_get(s, "process_start"), &start);
    if (!hp_node_text(hp_node_get(s, "boot_id"), &boot) || !boot.n || start <= 0) return UNKNOWN;
    if (!hp_str_eq(boot, hp_str_of(now.boot))) return "the machine was started anew since";
    if ((uint64_t)start != now.start) return "its process is gone, and the number belongs to another one now";
    *who = now;
    return NULL;
}

static int64_t local_port(const hp_node *s, const char *name) {
    int64_t port = 0;
    const hp_node *forward = hp_node_get(hp_node_get(s, "metadata"), name);
    return hp_node_i64(hp_node_get(forward, "local_port"), &port) && port > 0 && port < 65536 ? port : 0;
}

hp_code hp_net_sessions(hp_arena *a, const char *state_dir, hp_net_session **out, size_t *n, hp_err *err) {
    hp_node *doc = NULL;
    hp_str path = hp_path_join(a, hp_str_of(state_dir), HP_S(HP_NET_FILE));
    if (!path.p) return hp_fail_memory(err, "the tunnels");
    *out = NULL;
    *n = 0;
    if (!hp_exists(path.p)) return HP_OK;
    HP_TRY(hp_owner_check(state_dir, err));
    HP_TRY(hp_owner_check(path.p, err));
    HP_TRY(hp_doc_read(a, path.p, &doc, err));
    const hp_node *sessions = hp_node_get(doc, "sessions");
    if (!sessions || sessions->kind != HP_NODE_LIST)
        return hp_fail(err, HP_CONFIG, "%s: it has no list of sessions", path.p);
    hp_net_session *list = HP_NEW_ARRAY(a, sessions->n + 1, hp_net_session);
    if (!list) return hp_fail_memory(err, "the tunnels");
    for (size_t i = 0; i < sessions->n; i++) {
        const hp_node *s = sessions->item[i];
        list[i].label = HP_S("?");
        hp_node_text(hp_node_get(s, "label"), &list[i].label);
        list[i].gone = why_gone(s, &list[i].who);
        list[i].prefect_port = local_port(s, "prefect");
        list[i].marquez_port = local_port(s, "marquez");
    }
    *out = list;
    *n = sessions->n;
    return HP_OK;
}

hp_str hp_net_sessions_url(hp_arena *a, const hp_net_session *s, size_t n, bool prefect,
                           const hp_net_session **from) {
    for (size_t i = n; i-- > 0;) {
        int64_t port = prefect ? s[i].prefect_port : s[i].marquez_port;
        if (s[i].gone || !port) continue;
        if (from) *from = &s[i];
        return hp_arena_printf(a, "http://127.0.0.1:%lld%s", (long long)port, prefect ? "/api" : "");
    }
    return HP_S("");
}

bool hp_net_session_holds(const hp_net_session *s, bool prefect) {
    return hp_port_look(&s->who, (int)(prefect ? s->prefect_port : s->marquez_port)) == HP_PORT_OURS;
}
