/* Values in place of {"$PARAMETER": ...}: a name, or a sum of names, numbers, dates and spans of time, as
 * Great Expectations computes them. */
#include "base/clock.h"
#include "profile/suite_parts.h"

#include <math.h>

#include "base/banned.h"

/* ---- values ---- */

typedef enum kind { A_NUMBER, A_DATE, A_SPAN, A_NODE } kind;

/* A date in seconds since 1970, a span in seconds, or a node that is no number (a text, a list). */
typedef struct value {
    kind kind;
    double x;
    const hp_node *node;
} value;

typedef struct reader {
    hp_sload *l;
    const hp_node *at;
    hp_str s;
    size_t i;
    int depth;
} reader;

#define FAIL(r, fmt, ...) \
    HP_SFAIL((r)->l, (r)->at, "$PARAMETER \"%.*s\": " fmt, HP_FMT(hp_str_cut((r)->s, 0, 200)), ##__VA_ARGS__)

static hp_code add(reader *r, value *v);

static void skip(reader *r) {
    while (r->i < r->s.n && hp_is_space(r->s.p[r->i])) r->i++;
}

static bool take(reader *r, char c) {
    skip(r);
    if (r->i >= r->s.n || r->s.p[r->i] != c) return false;
    r->i++;
    return true;
}

/* ---- names ---- */

static hp_code node_value(reader *r, const hp_node *n, value *v) {
    double x;
    *v = hp_node_f64(n, &x) ? (value){.kind = A_NUMBER, .x = x} : (value){.kind = A_NODE, .node = n};
    (void)r;
    return HP_OK;
}

/* What was given on the command line is JSON, or a text. */
static hp_code given_value(reader *r, hp_str text, value *v) {
    hp_node *n;
    hp_arena *a = r->l->a;
    hp_code code = hp_json_read(a, text, "parameter", &n, NULL);
    if (code == HP_RETRY) return hp_fail_memory(r->l->err, "a parameter");
    if (code != HP_OK) {
        n = hp_snode(a, r->at, HP_NODE_SCALAR);
        if (!n) return hp_fail_memory(r->l->err, "a parameter");
        n->quoted = true;
        n->text = hp_arena_dup(a, text);
        if (!n->text.p) return hp_fail_memory(r->l->err, "a parameter");
    }
    n->line = r->at->line;
    n->column = r->at->column;
    return node_value(r, n, v);
}

static hp_code find(reader *r, hp_str name, bool *found, value *v) {
    *found = true;
    for (size_t i = 0; i < r->l->nparameter; i++)
        if (hp_str_eq(r->l->parameter[i].name, name)) return given_value(r, r->l->parameter[i].value, v);
    const hp_node *f = r->l->fallback;
    for (size_t i = 0; f && f->kind == HP_NODE_MAP && i < f->n; i++)
        if (hp_str_eq(f->key[i]->text, name)) return node_value(r, f->item[i], v);
    *found = false;
    return HP_OK;
}

static hp_code no_value(reader *r, hp_str name) {
    const char *names[64];
    size_t n = 0;
    for (size_t i = 0; i < r->l->nparameter && n < 64; i++) {
        names[n] = hp_arena_dup(r->l->a, r->l->parameter[i].name).p;
        if (names[n]) n++;
    }
    const char *near = hp_nearest(name, names, n);
    return FAIL(r, "no value is given for \"%.*s\"%s%s%s", HP_FMT(name),
                near ? "; did you mean \"" : "; give one with --param ", near ? near : "",
                near ? "\"?" : "NAME=VALUE");
}

/* ---- functions ---- */

static hp_code take_date(reader *r, value *v) {
    double part[6] = {0, 1, 1, 0, 0, 0};
    size_t n = 0;
    while (!take(r, ')')) {
        value arg;
        if (n == 6 || (n > 0 && !take(r, ',')))
            return FAIL(r, "datetime takes year, month, day, and perhaps a time");
        HP_TRY(add(r, &arg));
        if (arg.kind != A_NUMBER || !(fabs(arg.x) < 100000)) return FAIL(r, "datetime takes whole numbers");
        part[n++] = arg.x;
    }
    hp_date d = {.year = (int)part[0],
                 .month = (int)part[1],
                 .day = (int)part[2],
                 .hour = (int)part[3],
                 .minute = (int)part[4],
                 .second = (int)part[5]};
    if (n < 3 || !hp_date_valid(&d)) return FAIL(r, "there is no such date");
    int64_t day = hp_days_from_civil(d.year, d.month, d.day);
    *v = (value){.kind = A_DATE, .x = (double)(day * 86400 + d.hour * 3600 + d.minute * 60 + d.second)};
    return HP_OK;
}

static double span_unit(hp_str name) {
    static const struct {
        const char *name;
        double seconds;
    } UNIT[] = {{"weeks", 604800}, {"days", 86400}, {"hours", 3600}, {"minutes", 60}, {"seconds", 1}};
    for (size_t i = 0; i < sizeof UNIT / sizeof *UNIT; i++)
        if (hp_str_eq(name, hp_str_of(UNIT[i].name))) return UNIT[i].seconds;
    return 0;
}

static hp_str take_name(reader *r) {
    skip(r);
    size_t from = r->i;
    while (r->i < r->s.n && (hp_is_alnum(r->s.p[r->i]) || memchr("_.:", r->s.p[r->i], 3))) r->i++;
    return hp_str_cut(r->s, from, r->i);
}

static hp_code take_span(reader *r, value *v) {
    *v = (value){.kind = A_SPAN};
    for (size_t n = 0; !take(r, ')'); n++) {
        value arg;
        if (n > 0 && !take(r, ',')) return FAIL(r, "a comma or \")\" is missing in timedelta(...)");
        size_t before = r->i;
        double unit = span_unit(take_name(r));
        if (unit == 0 || !take(r, '=')) {
            r->i = before;
            unit = 86400; /* the first argument of Python's timedelta is days */
            if (n > 0) return FAIL(r, "timedelta takes weeks, days, hours, minutes, seconds");
        }
        HP_TRY(add(r, &arg));
        if (arg.kind != A_NUMBER) return FAIL(r, "timedelta takes numbers");
        v->x += arg.x * unit;
    }
    return HP_OK;
}

static hp_code take_call(reader *r, hp_str name, value *v) {
    if (hp_str_eq(name, HP_S("datetime"))) return take_date(r, v);
    if (hp_str_eq(name, HP_S("timedelta"))) return take_span(r, v);
    if (hp_str_eq(name, HP_S("now"))) {
        *v = (value){.kind = A_DATE, .x = (double)hp_clock_now()};
        return take(r, ')') ? HP_OK : FAIL(r, "now() takes nothing");
    }
    if (!hp_str_eq(name, HP_S("abs")) && !hp_str_eq(name, HP_S("round")) && !hp_str_eq(name, HP_S("trunc")))
        return FAIL(r, "there is no function \"%.*s\"; there are now, datetime, timedelta, abs, round, trunc",
                    HP_FMT(name));
    HP_TRY(add(r, v));
    if (v->kind != A_NUMBER) return FAIL(r, "%.*s takes a number", HP_FMT(name));
    v->x = name.p[0] == 'a' ? fabs(v->x) : name.p[0] == 'r' ? nearbyint(v->x) : trunc(v->x);
    return take(r, ')') ? HP_OK : FAIL(r, "\")\" is missing");
}

/* ---- sums ---- */

static hp_code take_number(reader *r, value *v) {
    size_t from = r->i;
    while (r->i < r->s.n
           && (hp_is_alnum(r->s.p[r->i]) || r->s.p[r->i] == '.'
               || ((r->s.p[r->i] == '-' || r->s.p[r->i] == '+') && hp_lower(r->s.p[r->i - 1]) == 'e')))
        r->i++;
    v->kind = A_NUMBER;
    if (hp_str_f64(hp_str_cut(r->s, from, r->i), &v->x)) return HP_OK;
    return FAIL(r, "\"%.*s\" is no number", HP_FMT(hp_str_cut(r->s, from, r->i)));
}

static hp_code take_atom(reader *r, value *v) {
    bool found;
    if (take(r, '(')) {
        HP_TRY(add(r, v));
        return take(r, ')') ? HP_OK : FAIL(r, "\")\" is missing");
    }
    if (take(r, '-')) {
        if (++r->depth > 40) return FAIL(r, "nested too deep");
        HP_TRY(take_atom(r, v));
        r->depth--;
        if (v->kind != A_NUMBER && v->kind != A_SPAN) return FAIL(r, "only numbers have a sign");
        v->x = -v->x;
        return HP_OK;
    }
    skip(r);
    if (r->i < r->s.n && hp_is_digit(r->s.p[r->i])) return take_number(r, v);
    hp_str name = take_name(r);
    if (name.n == 0) return FAIL(r, "a name or number is missing at character %zu", r->i + 1);
    if (take(r, '(')) return take_call(r, name, v);
    HP_TRY(find(r, name, &found, v));
    return found ? HP_OK : no_value(r, name);
}

static hp_code multiply(reader *r, value *v) {
    HP_TRY(take_atom(r, v));
    for (;;) {
        value w;
        bool times = take(r, '*');
        if (!times && !take(r, '/')) return HP_OK;
        HP_TRY(take_atom(r, &w));
        bool numbers = v->kind == A_NUMBER && w.kind == A_NUMBER;
        bool span =
            (v->kind == A_SPAN && w.kind == A_NUMBER) || (times && v->kind == A_NUMBER && w.kind == A_SPAN);
        if (!numbers && !span) return FAIL(r, "only numbers and spans of time can be multiplied or divided");
        if (!times && w.x == 0) return FAIL(r, "division by zero");
        v->x = times ? v->x * w.x : v->x / w.x;
        if (span) v->kind = A_SPAN;
    }
}

static bool combine(value *v, value w, bool plus) {
    if (v->kind == A_NODE || w.kind == A_NODE || (v->kind == A_NUMBER) != (w.kind == A_NUMBER)) return false;
    bool dates = v->kind == A_DATE && w.kind == A_DATE;
    if (dates ? plus : (w.kind == A_DATE && !plus)) return false;
    v->x = plus ? v->x + w.x : v->x - w.x;
    if (dates)
        v->kind = A_SPAN;
    else if (w.kind == A_DATE)
        v->kind = A_DATE;
    return true;
}

static hp_code add(reader *r, value *v) {
    if (++r->depth > 40) return FAIL(r, "nested too deep");
    HP_TRY(multiply(r, v));
    for (;;) {
        value w;
        bool plus = take(r, '+');
        if (!plus && !take(r, '-')) break;
        HP_TRY(multiply(r, &w));
        if (!combine(v, w, plus)) return FAIL(r, "these cannot be added or subtracted");
    }
    r->depth--;
    return HP_OK;
}

/* ---- in the suite ---- */

static hp_code make_node(reader *r, value v, const hp_node **out) {
    if (v.kind == A_NODE) {
        *out = v.node;
        return HP_OK;
    }
    if (v.kind == A_SPAN) return FAIL(r, "comes to a span of time; add it to a date");
    hp_node *n = hp_snode(r->l->a, r->at, HP_NODE_SCALAR);
    if (!n) return hp_fail_memory(r->l->err, "a parameter");
    if (v.kind == A_NUMBER) {
        bool whole = v.x == (double)(int64_t)v.x && fabs(v.x) < 1e15;
        n->text =
            whole ? hp_arena_printf(r->l->a, "%lld", (long long)v.x) : hp_arena_printf(r->l->a, "%.17g", v.x);
    } else {
        char iso[21];
        if (!(fabs(v.x) < 2e11)) return FAIL(r, "comes to a date before year 1 or after 9999");
        hp_time_iso((int64_t)floor(v.x), iso);
        n->quoted = true;
        n->text = hp_arena_dup(r->l->a, (hp_str){iso, 19}); /* without a zone, as Python's datetime */
    }
    *out = n;
    return n->text.p ? HP_OK : hp_fail_memory(r->l->err, "a parameter");
}

/* {"$PARAMETER": "x", "$PARAMETER.x": 10} gives a value on the spot. */
static const hp_node *local_value(const hp_node *map, hp_str name) {
    for (size_t i = 0; i < map->n; i++) {
        hp_str key = map->key[i]->text, prefix = HP_S("$PARAMETER.");
        if (hp_str_starts(key, prefix) && hp_str_eq(hp_str_cut(key, prefix.n, key.n), name))
            return map->item[i];
    }
    return NULL;
}

static hp_code replace(hp_sload *l, const hp_node *map, const hp_node *what, const hp_node **out) {
    reader r = {.l = l, .at = what};
    if (!hp_node_text(what, &r.s)) return HP_SFAIL(l, what, "$PARAMETER names a parameter");
    hp_str name = hp_str_trim(r.s);
    value v;
    bool found;
    HP_TRY(find(&r, name, &found, &v)); /* names with blanks or signs in them come first */
    const hp_node *local = found ? NULL : local_value(map, name);
    if (local)
        HP_TRY(node_value(&r, local, &v));
    else if (!found) {
        HP_TRY(add(&r, &v));
        skip(&r);
        if (r.i < r.s.n) return FAIL(&r, "\"%.*s\" is not understood", HP_FMT(hp_str_cut(r.s, r.i, r.s.n)));
    }
    return make_node(&r, v, out);
}

static hp_code copy(hp_sload *l, const hp_node *n, size_t from, const hp_node *changed, const hp_node **out) {
    hp_node *c = hp_snode(l->a, n, n->kind);
    hp_node **item = HP_NEW_ARRAY(l->a, n->n, hp_node *);
    if (!c || !item) return hp_fail_memory(l->err, "a suite");
    c->n = n->n;
    c->key = n->key;
    c->item = item;
    memcpy(item, n->item, n->n * sizeof *item);
    item[from] = (hp_node *)(uintptr_t)changed; /* nobody writes to nodes that are read */
    for (size_t i = from + 1; i < n->n; i++) {
        const hp_node *v;
        HP_TRY(hp_sparameters(l, n->item[i], &v));
        item[i] = (hp_node *)(uintptr_t)v;
    }
    *out = c;
    return HP_OK;
}

hp_code hp_sparameters(hp_sload *l, const hp_node *n, const hp_node **out) {
    const hp_node *what = hp_node_get(n, "$PARAMETER");
    if (what) return replace(l, n, what, out);
    for (size_t i = 0; i < n->n; i++) {
        const hp_node *v;
        HP_TRY(hp_sparameters(l, n->item[i], &v));
        if (v != n->item[i]) return copy(l, n, i, v, out);
    }
    *out = n;
    return HP_OK;
}
