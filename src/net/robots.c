/* Two passes over the file would be one too many: rules for this program and for "*" are gathered side by
 * side, and the latter forgotten when the former exist. */
#include "net/robots.h"

#include "base/buf.h"
#include "base/vec.h"

#include "base/banned.h"

/* Longer patterns cannot match a URL that is sent. */
enum { PATTERN_BYTES = 4096 };

typedef struct rule {
    hp_str pattern; /* normalised */
    bool allow;
} rule;

struct hp_robots {
    size_t nrule;
    rule *rule;
    double delay;
};

typedef HP_VEC(rule) rules;

/* What is gathered for one kind of group: [0] those that name the program, [1] those for "*". */
typedef struct gather {
    hp_arena *a;
    hp_str agent;
    rules rule[2];
    double delay[2];
    bool named[2];    /* a group of the kind was seen */
    bool within[2];   /* the current group is of the kind */
    bool after_rules; /* the next user-agent line begins a new group */
} gather;

static int hex_value(char c) {
    if (hp_is_digit(c)) return c - '0';
    c = hp_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unreserved(char c) { return hp_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

static void put_percent(hp_buf *out, unsigned char c) {
    static const char HEX[] = "0123456789ABCDEF";
    hp_buf_putc(out, '%');
    hp_buf_putc(out, HEX[c >> 4]);
    hp_buf_putc(out, HEX[c & 15]);
}

/* Writes octets in the one form in which patterns and paths are compared (RFC 9309, 2.2.2): unreserved
 * characters as they are, others escaped if they were or if they are no ASCII. */
static void normalise(hp_str s, hp_buf *out) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        int high = c == '%' && i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
        int low = high >= 0 ? hex_value(s.p[i + 2]) : -1;
        if (low >= 0) {
            char decoded = (char)(high * 16 + low);
            if (unreserved(decoded)) {
                hp_buf_putc(out, decoded);
            } else {
                put_percent(out, (unsigned char)decoded);
            }
            i += 2;
        } else if ((unsigned char)c >= 0x80 || (unsigned char)c <= ' ') {
            put_percent(out, (unsigned char)c);
        } else {
            hp_buf_putc(out, c);
        }
    }
}

/* Tells whether a pattern with '*' and a final '$' matches the beginning of a path. The last star is the only
 * one that ever has to be tried again, so the time is at most the product of the lengths. */
static bool matches(hp_str pattern, hp_str path) {
    bool anchored = pattern.n && pattern.p[pattern.n - 1] == '$';
    if (anchored) pattern.n--;
    size_t p = 0, s = 0, star = SIZE_MAX, mark = 0;
    for (;;) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            mark = s;
        } else if (p == pattern.n && (!anchored || s == path.n)) {
            return true;
        } else if (p < pattern.n && s < path.n && pattern.p[p] == path.p[s]) {
            p++;
            s++;
        } else if (star != SIZE_MAX && mark < path.n) {
            p = star + 1;
            s = ++mark;
        } else {
            return false;
        }
    }
}

/* The product token is what letters, '-' and '_' a value begins with: "Hotpass/1.0 (x)" is hotpass. */
static hp_str token_of(hp_str value) {
    size_t n = 0;
    while (n < value.n && (hp_is_alpha(value.p[n]) || value.p[n] == '-' || value.p[n] == '_')) n++;
    return hp_str_cut(value, 0, n);
}

static void begin_agent(gather *g, hp_str value) {
    if (g->after_rules) g->within[0] = g->within[1] = g->after_rules = false;
    int kind = value.n && value.p[0] == '*' ? 1 : 0;
    if (kind == 0 && !hp_str_ieq(token_of(value), g->agent)) return;
    g->within[kind] = g->named[kind] = true;
}

static bool add_rule(gather *g, hp_str value, bool allow) {
    g->after_rules = true;
    /* An empty disallow is the old way to allow everything: it matches nothing. */
    if (value.n == 0 || value.n > PATTERN_BYTES || !(g->within[0] || g->within[1])) return true;
    hp_autobuf text = hp_buf_new(3 * PATTERN_BYTES);
    normalise(value, &text);
    rule r = {.pattern = hp_arena_dup(g->a, hp_buf_str(&text)), .allow = allow};
    if (text.bad || !r.pattern.p) return false;
    for (int kind = 0; kind < 2; kind++)
        if (g->within[kind] && !hp_vec_push(&g->rule[kind], r)) return false;
    return true;
}

static void set_delay(gather *g, hp_str value) {
    double seconds;
    g->after_rules = true;
    if (!hp_str_f64(value, &seconds) || !(seconds >= 0 && seconds < 1e6)) return;
    for (int kind = 0; kind < 2; kind++)
        if (g->within[kind]) g->delay[kind] = seconds;
}

static bool read_line(gather *g, hp_str line) {
    line = hp_str_cut(line, 0, hp_str_chr(line, '#', 0));
    size_t colon = hp_str_chr(line, ':', 0);
    if (colon == SIZE_MAX) return true;
    hp_str key = hp_str_trim(hp_str_cut(line, 0, colon));
    hp_str value = hp_str_trim(hp_str_cut(line, colon + 1, line.n));
    if (hp_str_ieq(key, HP_S("user-agent"))) begin_agent(g, value);
    if (hp_str_ieq(key, HP_S("crawl-delay"))) set_delay(g, value);
    if (hp_str_ieq(key, HP_S("allow"))) return add_rule(g, value, true);
    if (hp_str_ieq(key, HP_S("disallow"))) return add_rule(g, value, false);
    return true;
}

static bool read_lines(gather *g, hp_str bytes) {
    if (hp_str_starts(bytes, HP_S("\xEF\xBB\xBF"))) bytes = hp_str_cut(bytes, 3, bytes.n);
    size_t from = 0;
    for (size_t i = 0; i <= bytes.n; i++) {
        if (i < bytes.n && bytes.p[i] != '\n' && bytes.p[i] != '\r') continue;
        if (!read_line(g, hp_str_cut(bytes, from, i))) return false;
        from = i + 1;
    }
    return true;
}

static hp_robots *keep(gather *g) {
    int kind = g->named[0] ? 0 : 1;
    hp_robots *r = HP_NEW(g->a, hp_robots);
    if (!r) return NULL;
    r->delay = g->delay[kind];
    r->nrule = g->rule[kind].n;
    r->rule = HP_NEW_ARRAY(g->a, r->nrule + 1, rule);
    if (!r->rule) return NULL;
    if (r->nrule) memcpy(r->rule, g->rule[kind].p, r->nrule * sizeof(rule));
    return r;
}

hp_code hp_robots_read(hp_arena *a, hp_str bytes, hp_str agent, hp_robots **out, hp_err *err) {
    gather g = {.a = a, .agent = agent};
    bool ok = read_lines(&g, hp_str_cut(bytes, 0, HP_ROBOTS_BYTES));
    hp_robots *r = ok ? keep(&g) : NULL;
    hp_vec_free(&g.rule[0]);
    hp_vec_free(&g.rule[1]);
    if (!r) return hp_fail_memory(err, "a robots.txt");
    *out = r;
    return HP_OK;
}

bool hp_robots_allows(const hp_robots *r, hp_str path) {
    if (!r || hp_str_eq(path, HP_S("/robots.txt"))) return true;
    hp_autobuf text = hp_buf_new(64u << 10);
    normalise(path, &text);
    if (text.bad) return false; /* rather too careful than too free */
    size_t best = 0;            /* length of the rule that decides so far; rules are never empty */
    bool allowed = true;
    for (size_t i = 0; i < r->nrule; i++) {
        const rule *one = &r->rule[i];
        bool outranks = one->pattern.n > best || (one->pattern.n == best && one->allow);
        if (!outranks || !matches(one->pattern, hp_buf_str(&text))) continue;
        best = one->pattern.n;
        allowed = one->allow;
    }
    return allowed;
}

double hp_robots_delay(const hp_robots *r) { return r ? r->delay : 0; }
