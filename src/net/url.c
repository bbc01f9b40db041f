/* A thin coat over libcurl's URL parser: a second parser beside the one that connects is how guards are
 * fooled. */
#include "net/url.h"

#include <curl/curl.h>

#include "net/curl_own.h"

#include "base/banned.h"

static void url_cleanup(CURLU **u) { curl_url_cleanup(*u); }

/* Copies a part into the arena; a part that is not there is empty. */
static hp_code part(hp_arena *a, CURLU *u, CURLUPart which, unsigned flags, hp_str *out, hp_err *err) {
    char *text = NULL;
    CURLUcode code = curl_url_get(u, which, &text, flags);
    if (code == CURLUE_OUT_OF_MEMORY) return hp_fail_memory(err, "a URL");
    *out = hp_arena_dup(a, hp_str_of(code == CURLUE_OK ? text : ""));
    curl_free(text);
    return out->p ? HP_OK : hp_fail_memory(err, "a URL");
}

static bool is_http(hp_str scheme) {
    return hp_str_eq(scheme, HP_S("http")) || hp_str_eq(scheme, HP_S("https"));
}

static hp_code check_scheme(hp_str scheme, hp_err *err) {
    if (is_http(scheme)) return HP_OK;
    hp_str shown = hp_str_cut(scheme, 0, 20);
    return hp_fail(err, HP_USAGE, "the scheme %.*s is not http or https", HP_FMT(shown));
}

/* Looks for "word:" in front, since libcurl calls schemes that it was built without errors of their own. */
static hp_code check_prefix(hp_str text, hp_err *err) {
    size_t n = 0;
    while (n < text.n && (hp_is_alnum(text.p[n]) || text.p[n] == '+' || text.p[n] == '-' || text.p[n] == '.'))
        n++;
    if (n == 0 || n == text.n || text.p[n] != ':' || !hp_is_alpha(text.p[0])) return HP_OK;
    char word[24];
    hp_str scheme = hp_str_cut(text, 0, n);
    for (size_t i = 0; i < scheme.n && i < sizeof word; i++) word[i] = hp_lower(scheme.p[i]);
    scheme.p = word;
    if (scheme.n > sizeof word) scheme.n = sizeof word;
    return check_scheme(scheme, err);
}

static hp_code set_url(CURLU *u, hp_str text, hp_err *err) {
    char copy[HP_URL_BYTES + 1];
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    CURLUcode code = curl_url_set(u, CURLUPART_URL, copy, CURLU_URLENCODE);
    if (code == CURLUE_OK) return HP_OK;
    if (code == CURLUE_OUT_OF_MEMORY) return hp_fail_memory(err, "a URL");
    return hp_fail(err, HP_USAGE, "it is no URL (%s)", curl_url_strerror(code));
}

static hp_code check_text(hp_str text, hp_err *err) {
    if (text.n == 0) return hp_fail(err, HP_USAGE, "it is empty");
    if (text.n > HP_URL_BYTES) return hp_fail(err, HP_USAGE, "it is longer than %u bytes", HP_URL_BYTES);
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
            return hp_fail(err, HP_USAGE, "it holds a control character");
    return HP_OK;
}

static hp_code read_parts(hp_arena *a, CURLU *u, hp_url *out, hp_err *err) {
    hp_str user, query, port;
    int64_t number;
    HP_TRY(part(a, u, CURLUPART_SCHEME, 0, &out->scheme, err));
    HP_TRY(check_scheme(out->scheme, err));
    HP_TRY(part(a, u, CURLUPART_USER, 0, &user, err));
    if (user.n) return hp_fail(err, HP_USAGE, "it holds a user name");
    HP_TRY(part(a, u, CURLUPART_HOST, 0, &out->host, err));
    if (out->host.n == 0) return hp_fail(err, HP_USAGE, "it names no host");
    for (size_t i = 0; i < out->host.n; i++) ((char *)out->host.p)[i] = hp_lower(out->host.p[i]);
    HP_TRY(part(a, u, CURLUPART_PORT, CURLU_DEFAULT_PORT, &port, err));
    if (!hp_str_i64(port, &number)) return hp_fail(err, HP_USAGE, "its port is no number");
    out->port = (long)number;
    HP_TRY(part(a, u, CURLUPART_PATH, 0, &out->path, err));
    HP_TRY(part(a, u, CURLUPART_QUERY, 0, &query, err));
    if (query.n) out->path = hp_arena_printf(a, "%.*s?%.*s", HP_FMT(out->path), HP_FMT(query));
    return out->path.p ? HP_OK : hp_fail_memory(err, "a URL");
}

/* Puts the text together from its parts, so that one place has one text. */
static hp_code put_text(hp_arena *a, hp_url *u, hp_err *err) {
    bool usual = u->port == (u->scheme.n == 5 ? 443 : 80);
    u->origin = usual ? hp_arena_printf(a, "%.*s://%.*s", HP_FMT(u->scheme), HP_FMT(u->host))
                      : hp_arena_printf(a, "%.*s://%.*s:%ld", HP_FMT(u->scheme), HP_FMT(u->host), u->port);
    u->text = hp_arena_printf(a, "%.*s%.*s", HP_FMT(u->origin), HP_FMT(u->path));
    return u->origin.p && u->text.p ? HP_OK : hp_fail_memory(err, "a URL");
}

hp_code hp_url_read(hp_arena *a, hp_str text, const hp_url *base, hp_url *out, hp_err *err) {
    hp_url made = {0};
    HP_TRY(hp_curl_begin(err));
    text = hp_str_trim(text);
    HP_TRY(check_text(text, err));
    HP_TRY(check_prefix(text, err));
    __attribute__((cleanup(url_cleanup))) CURLU *u = curl_url();
    if (!u) return hp_fail_memory(err, "a URL");
    if (base) HP_TRY(set_url(u, base->text, err));
    HP_TRY(set_url(u, text, err));
    HP_TRY(read_parts(a, u, &made, err));
    HP_TRY(put_text(a, &made, err));
    *out = made;
    return HP_OK;
}

void hp_url_show(const hp_url *u, hp_buf *out) {
    size_t query = hp_str_chr(u->path, '?', 0);
    hp_buf_add(out, u->origin);
    hp_buf_add(out, hp_str_cut(u->path, 0, query));
    if (query != SIZE_MAX) hp_buf_puts(out, "?...");
}

void hp_url_escape(hp_str s, hp_buf *out) {
    static const char HEX[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (hp_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            hp_buf_putc(out, c);
        } else {
            hp_buf_putc(out, '%');
            hp_buf_putc(out, HEX[(unsigned char)c >> 4]);
            hp_buf_putc(out, HEX[(unsigned char)c & 15]);
        }
    }
}
