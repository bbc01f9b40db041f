/* libcurl on first use (base/module.h). The functions below have the names of libcurl's, so that the callers
 * read as any program over libcurl, with its type checks; they hand on to the library that was loaded. */
#include "net/curl_own.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "base/module.h"

#include "base/banned.h"

/* ---- the functions ---- */

#define CALL(returns, name, parameters, arguments) static __typeof__(&name) name##_at;
#include "net/curl.def"
#undef CALL

static __typeof__(&curl_easy_setopt) easy_setopt_at;
static __typeof__(&curl_easy_getinfo) easy_getinfo_at;
static __typeof__(&curl_multi_setopt) multi_setopt_at;

static const hp_module_function FUNCTION[] = {
#define CALL(returns, name, parameters, arguments) {#name, &name##_at},
#include "net/curl.def"
#undef CALL
    {"curl_easy_setopt", &easy_setopt_at},
    {"curl_easy_getinfo", &easy_getinfo_at},
    {"curl_multi_setopt", &multi_setopt_at},
};

/* Names in brackets, because curl.h has macros of the same names for some. */
#define CALL(returns, name, parameters, arguments) \
    returns(name) parameters { return name##_at arguments; }
#include "net/curl.def"
#undef CALL

/* An option says in its number of what type its argument is (curl.h). */
CURLcode(curl_easy_setopt)(CURL *easy, CURLoption option, ...) {
    va_list list;
    CURLcode code;
    va_start(list, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        code = easy_setopt_at(easy, option, va_arg(list, long));
    else if (option < CURLOPTTYPE_FUNCTIONPOINT || option >= CURLOPTTYPE_BLOB)
        code = easy_setopt_at(easy, option, va_arg(list, void *));
    else if (option < CURLOPTTYPE_OFF_T)
        code = easy_setopt_at(easy, option, va_arg(list, void (*)(void)));
    else
        code = easy_setopt_at(easy, option, va_arg(list, curl_off_t));
    va_end(list);
    return code;
}

CURLMcode(curl_multi_setopt)(CURLM *multi, CURLMoption option, ...) {
    va_list list;
    CURLMcode code;
    va_start(list, option);
    if ((int)option < CURLOPTTYPE_OBJECTPOINT)
        code = multi_setopt_at(multi, option, va_arg(list, long));
    else if ((int)option < CURLOPTTYPE_FUNCTIONPOINT)
        code = multi_setopt_at(multi, option, va_arg(list, void *));
    else
        code = multi_setopt_at(multi, option, va_arg(list, void (*)(void)));
    va_end(list);
    return code;
}

CURLcode(curl_easy_getinfo)(CURL *easy, CURLINFO info, ...) {
    va_list list;
    va_start(list, info);
    CURLcode code = easy_getinfo_at(easy, info, va_arg(list, void *));
    va_end(list);
    return code;
}

/* ---- the beginning ---- */

static void *resize(void *p, size_t n) { return hp_realloc(p, n, 1); }

static char *duplicate(const char *s) {
    size_t n = strlen(s) + 1;
    char *copy = hp_malloc(n);
    if (copy) memcpy(copy, s, n);
    return copy;
}

static CURLcode began;

static void begin(void) {
    began = curl_global_init_mem(CURL_GLOBAL_DEFAULT, hp_malloc, hp_free, resize, duplicate, hp_calloc);
}

hp_code hp_curl_begin(hp_err *err) {
    static hp_module libcurl = {
        .file = "libcurl.so.4",
        .install = "install the package libcurl4",
        .function = FUNCTION,
        .functions = sizeof FUNCTION / sizeof *FUNCTION,
    };
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    HP_TRY(hp_module_load(&libcurl, err));
    (void)pthread_once(&once, begin);
    return began == CURLE_OK ? HP_OK : hp_fail_memory(err, "libcurl");
}
