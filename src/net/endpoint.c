#include "net/endpoint.h"

#include <curl/curl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "net/address.h"
#include "net/curl_own.h"
#include "net/http.h"
#include "net/http_own.h"
#include "net/tunnel.h"
#include "net/url.h"

#include "base/banned.h"

/* Honest answers have a few kilobytes of headers; a service that takes a connection does so at once. */
enum { ANSWER_HEADER_BYTES = 256 << 10, ENDPOINT_CONNECT_MS = 5000, POLL_MS = 1000, URL_MORE = 8 << 10 };
/* Per second: less is a line that nobody waits for. */
enum { STALL_BYTES = 256, UPLOAD_BUFFER = 512 << 10 };

struct hp_endpoint {
    hp_endpoint_policy policy;
    hp_arena *arena;
    hp_str base;
    CURLM *multi;
    CURL *easy;
    struct curl_slist *header;
    hp_buf body;
    size_t header_bytes;
    bool over;           /* more came than may */
    const char *refused; /* words for the address that was refused */
    uint64_t random;
    /* of the request under way */
    const hp_endpoint_ask *ask;
    uint64_t sent;   /* bytes of its file */
    hp_code stopped; /* what a function of the caller has returned, and why */
    hp_err why;
};

hp_endpoint_policy hp_endpoint_policy_usual(void) {
    return (hp_endpoint_policy){
        .attempt_ms = 10000, .deadline_ms = 30000, .retries = 3, .max_bytes = 64u << 20, .stop_fd = -1};
}

static uint64_t now_ms(void) { return hp_clock_mono() / 1000000; }

/* ---- what libcurl calls ---- */

/* Services are at loopback and inside networks as well; but nobody's service is where clouds keep
 * credentials. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address) {
    hp_endpoint *s = ctx;
    hp_address_class kind = hp_address_of(&address->addr);
    if (purpose != CURLSOCKTYPE_IPCXN || !hp_address_allowed(kind, true)) {
        s->refused = hp_address_word(kind);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t read_file(char *p, size_t size, size_t n, void *ctx) {
    hp_endpoint *s = ctx;
    const hp_endpoint_file *f = s->ask->file;
    uint64_t left = f->bytes - s->sent, room = size * n;
    ssize_t got = pread(f->fd, p, (size_t)(left < room ? left : room), (off_t)(f->from + s->sent));
    if (got < 0 || (got == 0 && left)) {
        s->stopped =
            hp_fail(&s->why, HP_IO, "the file cannot be read any more, or became shorter while it was sent");
        return CURL_READFUNC_ABORT;
    }
    s->sent += (uint64_t)got;
    return (size_t)got;
}

/* A connection that was kept may turn out closed: libcurl then sends on another from the beginning. */
static int seek_file(void *ctx, curl_off_t offset, int origin) {
    hp_endpoint *s = ctx;
    if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_FAIL;
    s->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* Hands a piece to the caller; false when it is for the answer's own body. */
static bool hand_on(hp_endpoint *s, hp_str piece, bool *fine) {
    long status = 0;
    if (!s->ask->take) return false;
    (void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 300) return false;
    s->stopped = s->ask->take(s->ask->ctx, status, piece, &s->why);
    *fine = s->stopped == HP_OK;
    return true;
}

static size_t take_body(char *p, size_t size, size_t n, void *ctx) {
    hp_endpoint *s = ctx;
    bool fine;
    if (hand_on(s, (hp_str){p, size * n}, &fine)) return fine ? size * n : CURL_WRITEFUNC_ERROR;
    hp_buf_add(&s->body, (hp_str){p, size * n});
    if (s->body.over) s->over = true;
    return s->body.bad ? CURL_WRITEFUNC_ERROR : size * n;
}

static size_t take_header(char *p, size_t size, size_t n, void *ctx) {
    hp_endpoint *s = ctx;
    (void)p;
    s->header_bytes += size * n;
    if (s->header_bytes > ANSWER_HEADER_BYTES) s->over = true;
    return s->over ? 0 : size * n;
}

/* ---- making, ending ---- */

hp_code hp_endpoint_new(const char *base, const hp_endpoint_policy *policy, hp_endpoint **out, hp_err *err) {
    hp_err why = {0};
    hp_url url;
    HP_TRY(hp_curl_begin(err));
    hp_endpoint *s = hp_calloc(1, sizeof *s);
    if (s) s->arena = hp_arena_new(NULL);
    if (s) s->multi = curl_multi_init();
    if (s) s->easy = curl_easy_init();
    if (!s || !s->arena || !s->multi || !s->easy) {
        hp_endpoint_free(s);
        return hp_fail_memory(err, "a connection");
    }
    s->policy = *policy;
    s->body = hp_buf_new(policy->max_bytes);
    hp_code code = hp_url_read(s->arena, hp_str_of(base), NULL, &url, &why);
    if (code != HP_OK) {
        hp_endpoint_free(s);
        if (code == HP_RETRY) return hp_fail_memory(err, "a URL");
        return hp_fail(err, HP_CONFIG, "%.200s is no URL of a service: %.200s", base, why.message);
    }
    s->base = url.text;
    while (s->base.n && s->base.p[s->base.n - 1] == '/') s->base.n--;
    *out = s;
    return HP_OK;
}

void hp_endpoint_free(hp_endpoint *s) {
    if (!s) return;
    if (s->easy) curl_easy_cleanup(s->easy);
    if (s->multi) (void)curl_multi_cleanup(s->multi);
    curl_slist_free_all(s->header);
    hp_buf_free(&s->body);
    hp_arena_drop(s->arena);
    hp_free(s);
}

hp_str hp_endpoint_base(const hp_endpoint *s) { return s->base; }

/* ---- one attempt ---- */

static bool add_header(hp_endpoint *s, const char *line) {
    struct curl_slist *longer = curl_slist_append(s->header, line);
    if (longer) s->header = longer;
    return longer != NULL;
}

static bool add_headers(hp_endpoint *s, const hp_endpoint_ask *ask) {
    hp_autobuf line = hp_buf_new(16u << 10);
    hp_buf_printf(&line, "Content-Type: %s", ask->type ? ask->type : "application/json");
    bool ok = add_header(s, "Accept: application/json, */*;q=0.5") && add_header(s, "Expect:");
    if (ask->body.p || ask->file) ok = ok && !line.bad && add_header(s, hp_buf_cstr(&line));
    for (const char *const *h = ask->header; ok && h && *h; h++) ok = add_header(s, *h);
    hp_autobuf own = hp_buf_new(64u << 10);
    if (ok && ask->sign) s->stopped = ask->sign(ask->ctx, &own, &s->why);
    for (size_t i = 0; ok && i < own.n; i += strlen(own.p + i) + 1) ok = add_header(s, own.p + i);
    if (ok && s->policy.auth == HP_AUTH_BEARER) {
        hp_buf_clear(&line);
        hp_buf_printf(&line, "Authorization: Bearer %.*s", HP_FMT(hp_secret_reveal(s->policy.secret)));
        ok = !line.bad && add_header(s, hp_buf_cstr(&line));
    }
    return ok;
}

#define SET(option, value) ok = ok && curl_easy_setopt(e, option, value) == CURLE_OK

static bool set_guards(hp_endpoint *s, uint64_t ms) {
    CURL *e = s->easy;
    bool ok = true;
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, s);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (s->policy.ca_file) SET(CURLOPT_CAINFO, s->policy.ca_file);
    SET(CURLOPT_PROXY, ""); /* "" also forgets http_proxy of the environment */
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a name server that says nothing does not hold up a deadline or Ctrl-C */
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_TIMEOUT_MS, (long)ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)ENDPOINT_CONNECT_MS);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, s);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, s);
    return ok;
}

static bool set_basic(hp_endpoint *s) {
    CURL *e = s->easy;
    bool ok = true;
    hp_autobuf word = hp_buf_new(16u << 10);
    if (s->policy.auth != HP_AUTH_BASIC) return true;
    hp_buf_add(&word, hp_secret_reveal(s->policy.secret));
    SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    SET(CURLOPT_USERPWD, hp_buf_cstr(&word));
    return ok && !word.bad;
}

static bool set_file(hp_endpoint *s, const hp_endpoint_ask *ask) {
    CURL *e = s->easy;
    bool ok = true;
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)ask->file->bytes);
    SET(CURLOPT_READFUNCTION, read_file);
    SET(CURLOPT_READDATA, s);
    SET(CURLOPT_SEEKFUNCTION, seek_file);
    SET(CURLOPT_SEEKDATA, s);
    SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
    return ok;
}

static bool set_request(hp_endpoint *s, const hp_endpoint_ask *ask, const char *url) {
    CURL *e = s->easy;
    bool ok = add_headers(s, ask) && set_basic(s);
    SET(CURLOPT_URL, url);
    SET(CURLOPT_USERAGENT, HP_HTTP_AGENT "/" HP_VERSION);
    SET(CURLOPT_HTTPHEADER, s->header);
    if (!ask->raw) SET(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    if (ask->stall_ms) {
        SET(CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES);
        SET(CURLOPT_LOW_SPEED_TIME, (long)(ask->stall_ms / 1000));
    }
    if (ask->file) {
        ok = ok && set_file(s, ask);
    } else if (strcmp(ask->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    } else if (ask->body.p) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body.n);
        SET(CURLOPT_POSTFIELDS, ask->body.p);
    }
    SET(CURLOPT_CUSTOMREQUEST, ask->method);
    return ok;
}

/* Drives the transfer to its end, or to the signal that ends it. */
static hp_code drive(hp_endpoint *s, CURLcode *result, hp_err *err) {
    struct curl_waitfd stop = {.fd = s->policy.stop_fd, .events = CURL_WAIT_POLLIN};
    unsigned nstop = s->policy.stop_fd >= 0 ? 1 : 0;
    for (;;) {
        int running, left;
        CURLMcode code = curl_multi_perform(s->multi, &running);
        const CURLMsg *m = code == CURLM_OK ? curl_multi_info_read(s->multi, &left) : NULL;
        if (m) {
            *result = m->data.result;
            return HP_OK;
        }
        stop.revents = 0;
        if (code == CURLM_OK) code = curl_multi_poll(s->multi, &stop, nstop, POLL_MS, NULL);
        if (code == CURLM_OUT_OF_MEMORY) return hp_fail_memory(err, "a request");
        if (code != CURLM_OK)
            return hp_fail(err, HP_BUG, "libcurl refused a call (%s)", curl_multi_strerror(code));
        if (stop.revents) HP_TRY(hp_stop_wait(s->policy.stop_fd, 0, err));
    }
}

static hp_code stop_with(const hp_endpoint *s, hp_err *err) {
    if (err) *err = s->why;
    return s->stopped;
}

static hp_code attempt(hp_endpoint *s, const hp_endpoint_ask *ask, const char *url, uint64_t ms,
                       CURLcode *result, hp_err *err) {
    uint64_t failures = hp_mem_failures();
    hp_buf_clear(&s->body);
    s->header_bytes = 0;
    s->over = false;
    s->refused = NULL;
    s->ask = ask;
    s->sent = 0;
    s->stopped = HP_OK;
    curl_easy_reset(s->easy); /* keeps the connection */
    curl_slist_free_all(s->header);
    s->header = NULL;
    bool ready = set_guards(s, ms) && set_request(s, ask, url);
    if (s->stopped != HP_OK) return stop_with(s, err);
    if (!ready || curl_multi_add_handle(s->multi, s->easy) != CURLM_OK)
        return hp_fail_memory(err, "a request");
    hp_code code = drive(s, result, err);
    (void)curl_multi_remove_handle(s->multi, s->easy);
    if (code == HP_OK && s->stopped != HP_OK) return stop_with(s, err);
    /* libcurl may call want of memory a broken connection. */
    if (code == HP_OK && hp_mem_failures() != failures) return hp_fail_memory(err, "a request");
    return code;
}

/* ---- attempts ---- */

/* Tells whether nothing of the request can have been acted upon. */
static bool not_arrived(CURLcode code, long status) {
    if (code == CURLE_OK) return status == 429 || status == 503;
    return code == CURLE_COULDNT_CONNECT;
}

static uint32_t back_off(hp_endpoint *s, unsigned attempts) {
    curl_off_t after = 0;
    s->random = hp_hash_u64(s->random + hp_clock_mono());
    uint32_t wait = hp_retry_wait(attempts, s->random);
    if (curl_easy_getinfo(s->easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK && after > 0 && after < 3600
        && (uint32_t)after * 1000 > wait)
        wait = (uint32_t)after * 1000;
    return wait;
}

static hp_code no_answer(const hp_endpoint *s, const hp_endpoint_ask *ask, const char *reason,
                         unsigned attempts, hp_err *err) {
    return hp_fail(err, HP_UNAVAILABLE,
                   "%s %.*s%.*s: %s (%u attempt%s); is the service up, and its URL right?", ask->method,
                   HP_FMT(s->base), HP_FMT(ask->path), reason, attempts, attempts == 1 ? "" : "s");
}

/* Takes an attempt that brought no answer; *again says whether another may fare better. */
static hp_code take_failure(const hp_endpoint *s, const hp_endpoint_ask *ask, CURLcode result,
                            unsigned attempts, bool *again, hp_err *err) {
    const char *reason = hp_transfer_reason(result, again);
    *again = *again && !s->refused && !s->over && (!ask->once || not_arrived(result, 0));
    if (s->over)
        return hp_fail(err, HP_DATA, "%s %.*s%.*s: the answer is longer than %llu bytes", ask->method,
                       HP_FMT(s->base), HP_FMT(ask->path), (unsigned long long)s->policy.max_bytes);
    if (result == CURLE_OUT_OF_MEMORY) return hp_fail_memory(err, "a request");
    return no_answer(s, ask, s->refused ? s->refused : reason, attempts, err);
}

hp_code hp_endpoint_send(hp_endpoint *s, const hp_endpoint_ask *ask, hp_endpoint_answer *out, hp_err *err) {
    hp_autobuf url = hp_buf_new(HP_URL_BYTES + URL_MORE);
    hp_buf_printf(&url, "%.*s%.*s", HP_FMT(s->base), HP_FMT(ask->path));
    HP_TRY(hp_buf_check(&url, "a URL", err));
    uint64_t end = now_ms() + (ask->deadline_ms ? ask->deadline_ms : s->policy.deadline_ms);
    for (unsigned attempts = 1;; attempts++) {
        uint64_t now = now_ms(), left = end > now ? end - now : 1;
        CURLcode result = CURLE_OK;
        bool again = false;
        long status = 0;
        hp_err why = {0};
        uint64_t most = ask->attempt_ms ? ask->attempt_ms : s->policy.attempt_ms;
        hp_code code = attempt(s, ask, hp_buf_cstr(&url), left < most ? left : most, &result, err);
        if (code != HP_OK) return code;
        (void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
        if (result == CURLE_OK) {
            again = hp_retry_status(status) && (!ask->once || not_arrived(result, status));
        } else {
            code = take_failure(s, ask, result, attempts, &again, &why);
        }
        uint32_t wait = again ? back_off(s, attempts) : 0;
        if (!again || attempts > s->policy.retries || now_ms() + wait >= end) {
            if (code != HP_OK) {
                if (err) *err = why;
                return code;
            }
            *out = (hp_endpoint_answer){.status = status, .body = hp_buf_str(&s->body), .attempts = attempts};
            return HP_OK;
        }
        HP_TRY(hp_endpoint_pause(s, wait, err));
    }
}

hp_str hp_endpoint_header(const hp_endpoint *s, const char *name) {
    struct curl_header *h;
    if (curl_easy_header(s->easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK) return HP_S("");
    return hp_str_of(h->value);
}

hp_code hp_endpoint_pause(const hp_endpoint *s, uint32_t ms, hp_err *err) {
    return hp_stop_wait(s->policy.stop_fd, ms < INT32_MAX ? (int)ms : INT32_MAX, err);
}
