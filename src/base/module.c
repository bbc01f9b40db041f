#include "base/module.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

#include "base/banned.h"

typedef struct attempt {
    void *handle;
    char reason[600]; /* of the last place that had the file */
} attempt;

static void open_file(attempt *a, const char *file) {
    a->handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!a->handle) snprintf(a->reason, sizeof a->reason, "%s", dlerror());
}

static void open_in(attempt *a, hp_str dir, const char *below, const char *file) {
    char path[8500];
    int n = snprintf(path, sizeof path, "%.*s%s/%s", HP_FMT(dir), below, file);
    if (!a->handle && n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0) open_file(a, path);
}

static void open_ours(attempt *a, const hp_module *m) {
    char exe[4096];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    hp_str self = {exe, n > 0 ? (size_t)n : 0};
    if (hp_str_starts(self, HP_S(HP_BUILD_ROOT "/"))) open_in(a, HP_S(HP_BUILD_ROOT "/"), m->built, m->file);
    open_in(a, HP_S(HP_MODULE_DIR), "", m->file);
    while (self.n && self.p[self.n - 1] != '/') self.n--;
    open_in(a, self, "../lib/hotpass", m->file);
    if (!a->handle && !a->reason[0])
        snprintf(a->reason, sizeof a->reason, "it is neither in %s nor in ../lib/hotpass", HP_MODULE_DIR);
}

/* POSIX lets a data pointer carry a function's address; ISO C has no cast for it. */
static bool take_functions(attempt *a, const hp_module *m) {
    for (size_t i = 0; i < m->functions; i++) {
        void *address = dlsym(a->handle, m->function[i].name);
        if (!address) {
            snprintf(a->reason, sizeof a->reason, "it has no %s", m->function[i].name);
            return false;
        }
        memcpy(m->function[i].at, &address, sizeof address);
    }
    return true;
}

static hp_code load(hp_module *m, hp_err *err) {
    attempt a = {0};
    if (m->built)
        open_ours(&a, m);
    else
        open_file(&a, m->file);
    if (!a.handle || !take_functions(&a, m))
        return hp_fail(err, HP_CONFIG, "%s cannot be loaded: %s; %s", m->file, a.reason, m->install);
    atomic_store_explicit(&m->loaded, true, memory_order_release);
    return HP_OK;
}

hp_code hp_module_load(hp_module *m, hp_err *err) {
    static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
    if (atomic_load_explicit(&m->loaded, memory_order_acquire)) return HP_OK;
    pthread_mutex_lock(&one);
    hp_code code = m->loaded ? HP_OK : load(m, err);
    pthread_mutex_unlock(&one);
    return code;
}
