/* One attempt of one request: what libcurl is told, and what it may not do. */
#include "net/http_own.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"

#include "base/banned.h"

/* Honest answers have a few kilobytes of headers. */
enum { HEADER_BYTES = 256 << 10, CONNECT_MS = 10000, SLOW_BYTES = 16, SLOW_SECONDS = 20 };

/* ---- what libcurl calls ---- */

/* The one place of the program that opens a socket to another machine. The address is the one that will be
 * connected to, whatever the name meant a moment ago. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address) {
    hp_call *c = ctx;
    if (purpose != CURLSOCKTYPE_IPCXN || hp_gate_require(c->http->gate->pass, NULL) != HP_OK) {
        c->refused = "the gate";
        return CURL_SOCKET_BAD;
    }
    hp_address_class kind = hp_address_of(&address->addr);
    bool proxy = c->http->policy.proxy != NULL; /* then it is the proxy's address, which the user named */
    if (!proxy && !hp_address_allowed(kind, hp_host_private(c->http, c->url.host))) {
        c->refused = hp_address_word(kind);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_body(char *p, size_t size, size_t n, void *ctx) {
    hp_call *c = ctx;
    hp_buf_add(&c->body, (hp_str){p, size * n});
    if (c->body.over) c->over = true;
    return c->body.bad ? CURL_WRITEFUNC_ERROR : size * n;
}

static size_t take_header(char *p, size_t size, size_t n, void *ctx) {
    hp_call *c = ctx;
    (void)p;
    c->header_bytes += size * n;
    if (c->header_bytes > HEADER_BYTES) c->over = true;
    return c->over ? 0 : size * n;
}

/* Counts what comes over the wire: packed bytes that unpack to nothing never reach take_body. */
static int watch(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up) {
    hp_call *c = ctx;
    (void)total, (void)up_total, (void)up;
    if (now > 0 && (uint64_t)now > c->http->policy.max_bytes) c->over = true;
    return c->over ? 1 : 0;
}

/* ---- beginning ---- */

static bool add_header(hp_call *c, const char *name, hp_str value) {
    hp_autobuf line = hp_buf_new(16u << 10);
    hp_buf_printf(&line, "%s: %.*s", name, HP_FMT(value));
    struct curl_slist *longer = line.bad ? NULL : curl_slist_append(c->headers, hp_buf_cstr(&line));
    if (longer) c->headers = longer;
    return longer != NULL;
}

/* A validator holds for the URL that gave it only. */
static bool add_validators(hp_call *c) {
    if (!c->have || !hp_str_eq(c->kept.url, c->url.text)) return true;
    bool ok = c->kept.etag.n == 0 || add_header(c, "If-None-Match", c->kept.etag);
    return ok && (c->kept.last_modified.n == 0 || add_header(c, "If-Modified-Since", c->kept.last_modified));
}

static bool add_headers(hp_call *c) {
    bool ok = add_header(c, "Accept", hp_str_of(c->ask.accept ? c->ask.accept : "*/*")) && add_validators(c);
    /* A key is for the service that the user named, not for where it sends us. */
    if (ok && c->ask.secret && hp_str_eq(c->home, c->url.origin))
        ok = add_header(c, c->ask.secret_header, hp_secret_reveal(c->ask.secret));
    return ok;
}

#define SET(option, value) ok = ok && curl_easy_setopt(e, option, value) == CURLE_OK

static bool set_limits(hp_call *c, uint64_t now) {
    const hp_http_policy *p = &c->http->policy;
    uint64_t left = c->deadline > now ? c->deadline - now : 1;
    CURL *e = c->easy;
    bool ok = true;
    SET(CURLOPT_TIMEOUT_MS, (long)(left < p->attempt_ms ? left : p->attempt_ms));
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    SET(CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)p->max_bytes);
    SET(CURLOPT_FOLLOWLOCATION, 0L); /* every hop goes through the guards of http.c */
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, watch);
    SET(CURLOPT_XFERINFODATA, c);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, c);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, c);
    return ok;
}

static bool set_guards(hp_call *c) {
    const hp_http_policy *p = &c->http->policy;
    CURL *e = c->easy;
    bool ok = true;
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, c);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (p->ca_file) SET(CURLOPT_CAINFO, p->ca_file);
    SET(CURLOPT_PROXY, p->proxy ? p->proxy : ""); /* "" also forgets http_proxy of the environment */
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    return ok;
}

static bool set_request(hp_call *c) {
    CURL *e = c->easy;
    bool ok = add_headers(c);
    SET(CURLOPT_PRIVATE, c);
    SET(CURLOPT_URL, c->url.text.p);
    SET(CURLOPT_HTTPGET, 1L);
    SET(CURLOPT_USERAGENT, c->http->agent);
    SET(CURLOPT_HTTPHEADER, c->headers);
    SET(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    return ok;
}

hp_code hp_transfer_begin(hp_call *c, uint64_t now, hp_err *err) {
    hp_buf_free(&c->body);
    c->body = hp_buf_new(c->http->policy.max_bytes);
    c->header_bytes = 0;
    c->over = false;
    c->refused = NULL;
    c->easy = curl_easy_init();
    bool ok = c->easy && set_limits(c, now) && set_guards(c) && set_request(c)
              && curl_multi_add_handle(c->http->multi, c->easy) == CURLM_OK;
    if (ok) return HP_OK;
    if (c->easy) curl_easy_cleanup(c->easy);
    c->easy = NULL;
    return hp_fail_memory(err, "a request");
}

/* ---- ending ---- */

static hp_str header(hp_call *c, const char *name) {
    struct curl_header *h;
    if (curl_easy_header(c->easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK) return HP_S("");
    return hp_arena_dup(c->arena, hp_str_of(h->value));
}

hp_code hp_transfer_read(hp_call *c, CURLcode code, hp_attempt *out, hp_err *err) {
    curl_off_t after = 0;
    *out = (hp_attempt){.code = code};
    (void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &out->status);
    (void)curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &after);
    out->retry_after = after;
    out->location = header(c, "Location");
    out->etag = header(c, "ETag");
    out->last_modified = header(c, "Last-Modified");
    out->content_type = header(c, "Content-Type");
    hp_str control = header(c, "Cache-Control");
    bool whole = out->location.p && out->etag.p && out->last_modified.p && out->content_type.p && control.p;
    if (!whole || code == CURLE_OUT_OF_MEMORY || (c->body.bad && !c->body.over))
        return hp_fail_memory(err, "an answer");
    out->no_store = hp_str_ifind(control, HP_S("no-store"), 0) != SIZE_MAX;
    return HP_OK;
}

void hp_transfer_end(hp_call *c) {
    if (c->easy) {
        (void)curl_multi_remove_handle(c->http->multi, c->easy);
        curl_easy_cleanup(c->easy);
    }
    curl_slist_free_all(c->headers);
    c->easy = NULL;
    c->headers = NULL;
}

const char *hp_transfer_reason(CURLcode code, bool *again) {
    static const struct {
        CURLcode code;
        const char *words;
        bool again;
    } REASON[] = {
        {CURLE_OPERATION_TIMEDOUT, "timeout", true},
        {CURLE_COULDNT_RESOLVE_HOST, "the name of the host is not known", false},
        {CURLE_COULDNT_RESOLVE_PROXY, "the name of the proxy is not known", false},
        {CURLE_COULDNT_CONNECT, "no connection", true},
        {CURLE_PEER_FAILED_VERIFICATION, "certificate", false},
        {CURLE_SSL_CACERT_BADFILE, "the file of certificates cannot be read", false},
        {CURLE_SSL_CONNECT_ERROR, "TLS", false},
        {CURLE_BAD_CONTENT_ENCODING, "damaged compression", false},

        {CURLE_FILESIZE_EXCEEDED, "too many bytes", false},
        {CURLE_GOT_NOTHING, "the connection was closed without an answer", true},
        {CURLE_RECV_ERROR, "the connection broke", true},
        {CURLE_SEND_ERROR, "the connection broke", true},
        {CURLE_PARTIAL_FILE, "the connection broke", true},
        {CURLE_HTTP2, "the connection broke", true},
        {CURLE_HTTP2_STREAM, "the connection broke", true},
        {CURLE_WEIRD_SERVER_REPLY, "no HTTP", false},
        {CURLE_UNSUPPORTED_PROTOCOL, "no HTTP", false},
    };
    for (size_t i = 0; i < sizeof REASON / sizeof *REASON; i++) {
        if (REASON[i].code != code) continue;
        *again = REASON[i].again;
        return REASON[i].words;
    }
    *again = false;
    return "the transfer failed";
}
