#include "net/probe.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/curl_own.h"

#include "base/banned.h"

enum { SETTLE_MS = 500, MAX_ANSWER = 1 << 20 };

typedef struct question {
    const char *called, *path;
} question;

static const question QUESTIONS[] = {
    [HP_SERVICE_TCP] = {"a service", NULL},
    [HP_SERVICE_PREFECT] = {"Prefect", "/api/health"},
    [HP_SERVICE_MARQUEZ] = {"Marquez", "/api/v1/namespaces"},
};

/* ---- HTTP ---- */

static size_t take(char *bytes, size_t size, size_t n, void *ctx) {
    hp_buf *b = ctx;
    hp_buf_add(b, (hp_str){bytes, size * n});
    return b->bad ? 0 : size * n; /* too much of an answer ends the transfer */
}

static bool is_answer(hp_service s, hp_str body) {
    hp_str text = hp_str_trim(body);
    if (s == HP_SERVICE_PREFECT) return hp_str_eq(text, HP_S("true"));
    return hp_str_starts(text, HP_S("{")) && hp_str_find(text, HP_S("\"namespaces\""), 0) != SIZE_MAX;
}

static bool set_up(CURL *h, const char *url, int timeout_ms, hp_buf *body, char *words) {
    return curl_easy_setopt(h, CURLOPT_URL, url) == CURLE_OK
           && curl_easy_setopt(h, CURLOPT_NOPROXY, "*") == CURLE_OK
           && curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == CURLE_OK
           && curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK
           && curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK
           && curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take) == CURLE_OK
           && curl_easy_setopt(h, CURLOPT_WRITEDATA, body) == CURLE_OK
           && curl_easy_setopt(h, CURLOPT_ERRORBUFFER, words) == CURLE_OK
           && curl_easy_setopt(h, CURLOPT_USERAGENT, "hotpass") == CURLE_OK;
}

static hp_code ask(CURL *h, const hp_forward *f, int timeout_ms, hp_err *err) {
    const question *q = &QUESTIONS[f->service];
    char url[128], words[CURL_ERROR_SIZE] = "";
    hp_autobuf body = hp_buf_new(MAX_ANSWER);
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", f->local, q->path);
    if (!set_up(h, url, timeout_ms, &body, words)) return hp_fail_memory(err, "a probe");
    CURLcode failed = curl_easy_perform(h);
    long status = 0;
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    if (failed)
        return hp_fail(err, HP_UNAVAILABLE, "%s does not answer at %s: %s", q->called, url,
                       words[0] ? words : curl_easy_strerror(failed));
    if (status != 200)
        return hp_fail(err, HP_UNAVAILABLE, "what answers at %s is not a well %s: HTTP %ld", url, q->called,
                       status);
    if (!is_answer(f->service, hp_buf_str(&body)))
        return hp_fail(err, HP_UNAVAILABLE, "what answers at %s is not %s: its answer has another form", url,
                       q->called);
    return HP_OK;
}

static hp_code probe_http(const hp_forward *f, int timeout_ms, hp_err *err) {
    HP_TRY(hp_curl_begin(err));
    CURL *h = curl_easy_init();
    if (!h) return hp_fail_memory(err, "a probe");
    hp_code code = ask(h, f, timeout_ms, err);
    curl_easy_cleanup(h);
    return code;
}

/* ---- TCP ---- */

static hp_code probe_tcp(const hp_forward *f, hp_err *err) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)f->local)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0) return hp_fail(err, HP_IO, "cannot make a socket: %s", strerrordesc_np(errno));
    bool fine = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    if (fine) {
        struct pollfd p = {fd, POLLIN, 0};
        char byte;
        /* Silence is good; so is a service that speaks first. */
        fine = poll(&p, 1, SETTLE_MS) <= 0 || recv(fd, &byte, 1, 0) > 0;
    }
    close(fd);
    if (fine) return HP_OK;
    return hp_fail(err, HP_UNAVAILABLE, "the connection through 127.0.0.1:%d to %.*s:%d is closed at once",
                   f->local, HP_FMT(f->host), f->port);
}

hp_code hp_probe(const hp_forward *f, int timeout_ms, hp_err *err) {
    return f->service == HP_SERVICE_TCP ? probe_tcp(f, err) : probe_http(f, timeout_ms, err);
}
