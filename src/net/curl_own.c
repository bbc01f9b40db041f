#include "net/curl_own.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"

#include "base/banned.h"

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
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, begin);
    return began == CURLE_OK ? HP_OK : hp_fail_memory(err, "libcurl");
}
