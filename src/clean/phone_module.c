/* Loads the module with libphonenumber on first use. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "clean/phone_door.h"

#include "base/str.h"

#define MODULE "libhotpass_phone.so"

static struct {
    __typeof__(hp_phone_parse_module) *parse;
    __typeof__(hp_phone_calling_code_module) *calling_code;
    char reason[600]; /* why it could not be loaded */
} module;

static pthread_once_t once = PTHREAD_ONCE_INIT;

#ifdef HP_PHONE_LINKED

static void load(void) {
    module.parse = hp_phone_parse_module;
    module.calling_code = hp_phone_calling_code_module;
}

#else

static bool load_from(const char *dir) {
    char path[4400];
    int n = snprintf(path, sizeof path, "%s/%s", dir, MODULE);
    if (n < 0 || (size_t)n >= sizeof path || access(path, F_OK) != 0) return false;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        snprintf(module.reason, sizeof module.reason, "%s", dlerror());
        return false;
    }
    /* POSIX lets a data pointer carry a function's address here; ISO C has no cast for it. */
    *(void **)&module.parse = dlsym(handle, "hp_phone_parse_module");
    *(void **)&module.calling_code = dlsym(handle, "hp_phone_calling_code_module");
    return module.parse && module.calling_code;
}

/* A program that runs in its build tree takes the module from there; an installed one from the library
 * directory, or, when the whole installation was moved, from ../lib beside it. */
static void load(void) {
    char exe[4096];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    hp_str self = {exe, n > 0 ? (size_t)n : 0};
    if (hp_str_starts(self, HP_S(HP_BUILD_ROOT "/")) && load_from(HP_BUILD_DIR)) return;
    if (load_from(HP_MODULE_DIR)) return;
    while (self.n && self.p[self.n - 1] != '/') self.n--;
    char dir[4200];
    snprintf(dir, sizeof dir, "%.*s../lib/hotpass", HP_FMT(self));
    load_from(dir);
}

#endif

hp_code hp_phone_ready(hp_err *err) {
    pthread_once(&once, load);
    if (module.parse && module.calling_code) return HP_OK;
    return hp_fail(err, HP_CONFIG,
                   "the phone module " MODULE " cannot be loaded (looked in " HP_MODULE_DIR
                   " and ../lib/hotpass%s%s); "
                   "install hotpass again",
                   module.reason[0] ? ": " : "", module.reason);
}

hp_phone_verdict hp_phone_parse(const char *text, size_t n, const char *region, char e164[24]) {
    if (hp_phone_ready(NULL) != HP_OK) return HP_PHONE_INVALID;
    return module.parse(text, n, region, e164);
}

int hp_phone_calling_code(const char *region) {
    return hp_phone_ready(NULL) == HP_OK ? module.calling_code(region) : 0;
}
