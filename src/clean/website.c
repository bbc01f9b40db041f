#include "clean/value.h"

/* Takes "http://", "https:" and their misspellings ("http//", "http:\\", "http://http://") off the front. */
static hp_str without_scheme(hp_str s, bool *had) {
    for (;;) {
        size_t n = s.n >= 5 && hp_str_ieq(hp_str_cut(s, 0, 5), HP_S("https")) ? 5 : 4;
        if (s.n <= n || !hp_str_ieq(hp_str_cut(s, 0, 4), HP_S("http")) || !hp_in(s.p[n], ":;/\\")) return s;
        while (n < s.n && hp_in(s.p[n], ":;/\\")) n++;
        s = hp_str_cut(s, n, s.n);
        *had = true;
    }
}

/* Tells whether a scheme other than http stands in front: "ftp://", "javascript:"; a port is no scheme. */
static bool has_other_scheme(hp_str s) {
    size_t n = 0;
    while (n < s.n && (hp_is_alnum(s.p[n]) || hp_in(s.p[n], "+-."))) n++;
    return n > 0 && n < s.n && s.p[n] == ':' && !(n + 1 < s.n && hp_is_digit(s.p[n + 1]));
}

static bool is_ip4(hp_str host) {
    hp_str part;
    int64_t n;
    size_t parts = 0;
    for (; hp_str_next(&host, '.', &part); parts++) {
        if (part.n > 3 || !hp_str_i64(part, &n) || n < 0 || n > 255) return false;
    }
    return parts == 4;
}

/* Drops "www." as often as it stands there, so that cleaning twice gives the same, and a dot behind the host.
 */
static hp_str bare_host(hp_str host) {
    while (hp_str_starts(host, HP_S("www."))) host = hp_str_cut(host, 4, host.n);
    while (host.n && host.p[host.n - 1] == '.') host.n--;
    return host;
}

/* Cuts the path before a query, a fragment, what no path may hold, or a second address, which goes to
 * `second`, and drops slashes and punctuation behind. */
static hp_str bare_path(hp_str path, hp_str *second) {
    static const hp_str next[] = {HP_S("/www."), HP_S("/http:"), HP_S("/https:"), HP_S(",www."),
                                  HP_S(",http")};
    size_t end = 0;
    while (end < path.n && !hp_in(path.p[end], "?#<>\"\\^`{|}")) end++;
    path.n = end;
    for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
        size_t at = hp_str_ifind(path, next[i], 0);
        if (at == SIZE_MAX) continue;
        *second = hp_str_cut(path, at + 1, path.n);
        path.n = at;
    }
    bool open = hp_str_chr(path, '(', 0) != SIZE_MAX;
    while (path.n && hp_in(path.p[path.n - 1], open ? "/.,;:'!" : "/.,;:')]!")) path.n--;
    return path;
}

/* Splits "host:port"; false when the port is none. The ports of http and https go. */
static bool split_port(hp_str *host, hp_str *port) {
    size_t colon = hp_str_chr(*host, ':', 0);
    *port = hp_str_cut(*host, colon, host->n);
    if (colon == SIZE_MAX) return true;
    int64_t n;
    bool ok = hp_str_i64(hp_str_cut(*port, 1, port->n), &n) && n >= 1 && n <= 65535;
    if (port->n == 1 || (ok && (n == 80 || n == 443))) port->n = 0;
    ok |= port->n == 0;
    host->n = colon;
    return ok;
}

/* Drops brackets, quotes and punctuation around a word; a parenthesis at the end stays when one was opened in
 * the word. */
static hp_str bare_word(hp_str s) {
    while (s.n && hp_in(s.p[0], " <>()[]\"'`.,;")) s = hp_str_cut(s, 1, s.n);
    bool open = hp_str_chr(s, '(', 0) != SIZE_MAX;
    while (s.n && hp_in(s.p[s.n - 1], open ? " <>\"'`.,;" : " <>)[]\"'`.,;")) s.n--;
    return s;
}

/* The parts of an address. */
typedef struct {
    hp_str host, port, path;
    hp_str next; /* a second address that stands behind it without a blank */
    bool marked; /* http or www. in front: nothing else looks like that */
} web;

/* Takes a word apart; `low` holds its host in lower case. Returns NULL or what is wrong with it. */
static const char *take_apart(hp_str s, hp_buf *low, web *w) {
    s = bare_word(s);
    s = without_scheme(s, &w->marked);
    if (has_other_scheme(s)) return "not a web scheme";
    while (s.n && hp_in(s.p[0], "/\\")) s = hp_str_cut(s, 1, s.n);
    size_t end = 0;
    while (end < s.n && !hp_in(s.p[end], "/?#\\,")) end++;
    hp_lower_nfkc(hp_str_cut(s, 0, end), low);
    w->host = hp_buf_str(low);
    w->path = bare_path(hp_str_cut(s, end, s.n), &w->next);
    if (end < s.n && s.p[end] == ',') {
        w->path.n = 0;
        w->next = hp_str_cut(s, end + 1, s.n);
    }
    if (w->host.n == 0) return "no host";
    if (hp_str_chr(w->host, '@', 0) != SIZE_MAX) return w->marked ? "a user name in it" : "an e-mail address";
    if (!split_port(&w->host, &w->port)) return "bad port";
    w->marked |= hp_str_starts(w->host, HP_S("www."));
    w->host = bare_host(w->host);
    return is_ip4(w->host) ? NULL : hp_host_fault(w->host);
}

/* Takes a word between white space, ";" and "|" off the front, with connectives left out. */
static bool next_word(hp_str *rest, hp_str *word) {
    while (rest->n) {
        size_t from = 0, to;
        while (from < rest->n && hp_in(rest->p[from], " ;|\n")) from++;
        for (to = from; to < rest->n && !hp_in(rest->p[to], " ;|\n");) to++;
        *word = hp_str_cut(*rest, from, to);
        *rest = hp_str_cut(*rest, to, rest->n);
        if (word->n && !hp_word_in(*word, "and or en of & / - , www: web: website: url: site:")) return true;
    }
    return false;
}

/* Finds the first address of a cell. In a sentence ("ask Mr.Smith for it") only one with http or www. in
 * front counts; `every` tells whether it is none. Returns NULL or what is wrong with the first word. */
static const char *first_address(hp_str text, hp_buf *low, web *found, bool *every) {
    const char *fault = NULL;
    bool all_good = true;
    hp_str rest = text, word;
    while (next_word(&rest, &word)) {
        web w = {0};
        low->n = 0; /* `bad` stays */
        const char *f = take_apart(word, low, &w);
        all_good &= f == NULL;
        if (f && !fault) fault = f;
    }
    *every = all_good;
    for (rest = text; next_word(&rest, &word);) {
        *found = (web){0};
        low->n = 0; /* `bad` stays */
        if (!take_apart(word, low, found) && (all_good || found->marked)) return NULL;
    }
    return fault ? fault : "no host";
}

static bool same_address(const web *a, const web *b) {
    return hp_str_eq(a->host, b->host) && hp_str_eq(a->port, b->port) && hp_str_eq(a->path, b->path);
}

/* Counts the addresses of a word that are not the one found. */
static size_t count_others(hp_str word, const web *found, bool all_good, bool *bad) {
    size_t n = 0;
    hp_autobuf low = hp_buf_new(HP_CLEAN_SCRATCH);
    while (word.n) {
        web w = {0};
        low.n = 0; /* `bad` stays */
        bool good = !take_apart(word, &low, &w) && (all_good || w.marked);
        n += good && !same_address(&w, found) && !hp_is_example_domain(w.host);
        word = w.next;
    }
    *bad |= low.bad;
    return n;
}

/* Says how many addresses of a cell are left behind. */
static void note_others(hp_str text, const web *found, bool all_good, hp_clean_out *out) {
    static const char *const MORE[] = {"1 more", "2 more", "3 more", "4 more", "5 more", "6 or more"};
    size_t n = 0, most = sizeof MORE / sizeof *MORE;
    hp_str word;
    while (next_word(&text, &word)) n += count_others(word, found, all_good, &out->value.bad);
    if (n) hp_note(out, HP_R_WEBSITE_EXTRA, MORE[n < most ? n - 1 : most - 1]);
}

void hp_clean_website(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH), low = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text;
    if (!hp_begin(ctx, in, type, HP_LINES_KEEP, true, &scratch, out, &text)) return;
    web w;
    bool every;
    const char *fault = first_address(text, &low, &w, &every);
    out->value.bad |= low.bad;
    if (out->value.bad) return;
    if (fault) {
        hp_note(out, HP_R_WEBSITE_INVALID, fault);
    } else if (hp_is_example_domain(w.host)) {
        hp_note(out, HP_R_PLACEHOLDER, "domain for examples");
    } else {
        hp_buf_puts(&out->value, "https://");
        hp_buf_add(&out->value, w.host);
        hp_buf_add(&out->value, w.port);
        hp_buf_add(&out->value, w.path);
        note_others(text, &w, every, out);
    }
}
