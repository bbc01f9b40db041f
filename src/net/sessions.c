#include "net/sessions.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "base/doc.h"
#include "base/file.h"

#include "base/banned.h"

/* Files of /proc have no size, so hp_read_file does not read them. */
static hp_str read_kernel(const char *path, char *text, size_t cap) {
    FILE *f = fopen(path, "re");
    if (!f) return (hp_str){"", 0};
    size_t n = fread(text, 1, cap, f);
    fclose(f);
    return hp_str_trim((hp_str){text, n});
}

/* The start of a process in clock ticks since the boot (proc(5), field 22); 0 when there is none. The name of
 * the program stands in brackets before it and may hold anything. */
static int64_t start_of(int64_t pid) {
    char path[64], text[2048];
    int64_t start = 0;
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    hp_str all = read_kernel(path, text, sizeof text), field = {"", 0};
    size_t end = all.n;
    while (end && all.p[end - 1] != ')') end--;
    all = hp_str_trim(hp_str_cut(all, end, all.n));
    for (int i = 3; i <= 22; i++)
        if (!hp_str_next(&all, ' ', &field)) return 0;
    hp_str_i64(field, &start);
    return start;
}

static const char *why_gone(const hp_node *s, int64_t pid, hp_str boot) {
    hp_str was = {"", 0};
    int64_t start = 0;
    if (pid <= 0 || pid > INT32_MAX) return NULL;
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH) return "its process is gone";
    if (hp_node_text(hp_node_get(s, "boot_id"), &was) && was.n && boot.n && !hp_str_eq(was, boot))
        return "the machine was started anew since";
    if (hp_node_i64(hp_node_get(s, "process_start"), &start) && start && start_of(pid) != start)
        return "its process is gone, and the number belongs to another one now";
    return NULL;
}

static int64_t local_port(const hp_node *s, const char *name) {
    int64_t port = 0;
    const hp_node *forward = hp_node_get(hp_node_get(s, "metadata"), name);
    return hp_node_i64(hp_node_get(forward, "local_port"), &port) && port > 0 && port < 65536 ? port : 0;
}

hp_code hp_net_sessions(hp_arena *a, const char *state_dir, hp_net_session **out, size_t *n, hp_err *err) {
    char text[128];
    hp_node *doc = NULL;
    hp_str path = hp_path_join(a, hp_str_of(state_dir), HP_S(HP_NET_FILE));
    if (!path.p) return hp_fail_memory(err, "the tunnels");
    *out = NULL;
    *n = 0;
    if (!hp_exists(path.p)) return HP_OK;
    HP_TRY(hp_doc_read(a, path.p, &doc, err));
    const hp_node *sessions = hp_node_get(doc, "sessions");
    if (!sessions || sessions->kind != HP_NODE_LIST)
        return hp_fail(err, HP_CONFIG, "%s: it has no list of sessions", path.p);
    hp_net_session *list = HP_NEW_ARRAY(a, sessions->n + 1, hp_net_session);
    if (!list) return hp_fail_memory(err, "the tunnels");
    hp_str boot = read_kernel("/proc/sys/kernel/random/boot_id", text, sizeof text);
    for (size_t i = 0; i < sessions->n; i++) {
        const hp_node *s = sessions->item[i];
        list[i].label = HP_S("?");
        hp_node_text(hp_node_get(s, "label"), &list[i].label);
        if (!hp_node_i64(hp_node_get(s, "pid"), &list[i].pid)) list[i].pid = 0;
        list[i].gone = why_gone(s, list[i].pid, boot);
        list[i].prefect_port = local_port(s, "prefect");
        list[i].marquez_port = local_port(s, "marquez");
    }
    *out = list;
    *n = sessions->n;
    return HP_OK;
}

hp_str hp_net_sessions_url(hp_arena *a, const hp_net_session *s, size_t n, bool prefect, hp_str *label) {
    for (size_t i = n; i-- > 0;) {
        int64_t port = prefect ? s[i].prefect_port : s[i].marquez_port;
        if (s[i].gone || !port) continue;
        if (label) *label = s[i].label;
        return hp_arena_printf(a, "http://127.0.0.1:%lld%s", (long long)port, prefect ? "/api" : "");
    }
    return HP_S("");
}
