/* Sets of values: numbers equal numbers and texts that are one, texts equal texts, dates equal dates. */
#include "check/engine.h"

#include <stdlib.h>

#include "base/banned.h"

typedef struct hp_set_number {
    double x;
    size_t member;
} hp_set_number;

typedef struct hp_set_instant {
    int64_t us;
    size_t member;
} hp_set_instant;

static int by_number(const void *a, const void *b) {
    const hp_set_number *x = a, *y = b;
    if (x->x != y->x) return x->x < y->x ? -1 : 1;
    return x->member < y->member ? -1 : 1;
}

static int by_instant(const void *a, const void *b) {
    const hp_set_instant *x = a, *y = b;
    if (x->us != y->us) return x->us < y->us ? -1 : 1;
    return x->member < y->member ? -1 : 1;
}

void hp_set_free(hp_set *s) { hp_smap_free(&s->text); }

static bool add(hp_set *s, const hp_node *n, size_t member) {
    double x;
    bool flag, fresh;
    uint32_t at;
    hp_instant t;
    s->same[member] = member;
    if (n->kind == HP_NODE_NULL) {
        if (s->null == SIZE_MAX) s->null = member;
        s->same[member] = SIZE_MAX; /* no value is it */
        return true;
    }
    if (!n->quoted && hp_str_f64(n->text, &x)) {
        s->number[s->nnumber++] = (hp_set_number){x, member};
        return true;
    }
    if (s->instant && hp_instant_parse(n->text, &t))
        s->instant[s->ninstant++] = (hp_set_instant){t.us, member};
    bool word = !n->quoted && (hp_str_ieq(n->text, HP_S("true")) || hp_str_ieq(n->text, HP_S("false")));
    if (word && hp_node_bool(n, &flag)) {
        if (s->word[flag] == SIZE_MAX) s->word[flag] = member;
        s->same[member] = s->word[flag];
        return true;
    }
    if (!hp_smap_add(&s->text, n->text, (uint32_t)member, &at, &fresh)) return false;
    s->same[member] = at;
    return true;
}

static void find_same(hp_set *s) {
    for (size_t i = 1; i < s->nnumber; i++)
        if (s->number[i].x == s->number[i - 1].x)
            s->same[s->number[i].member] = s->same[s->number[i - 1].member];
    for (size_t i = 1; i < s->ninstant; i++)
        if (s->instant[i].us == s->instant[i - 1].us)
            s->same[s->instant[i].member] = s->same[s->instant[i - 1].member];
}

size_t hp_set_distinct(const hp_set *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) n += s->same[i] == i;
    return n;
}

hp_code hp_set_make(hp_checker *k, hp_node *const *item, size_t n, bool dates, hp_set *out, hp_err *err) {
    *out = (hp_set){.word = {SIZE_MAX, SIZE_MAX}, .null = SIZE_MAX, .n = n};
    out->number = HP_NEW_ARRAY(k->scratch, n + 1, hp_set_number);
    if (dates) out->instant = HP_NEW_ARRAY(k->scratch, n + 1, hp_set_instant);
    out->same = HP_NEW_ARRAY(k->scratch, n + 1, size_t);
    bool made = out->number && out->same && (!dates || out->instant);
    for (size_t i = 0; made && i < n; i++) made = add(out, item[i], i);
    if (!made) {
        hp_set_free(out);
        return hp_fail_memory(err, "a set of values");
    }
    qsort(out->number, out->nnumber, sizeof *out->number, by_number);
    if (out->ninstant) qsort(out->instant, out->ninstant, sizeof *out->instant, by_instant);
    find_same(out);
    return HP_OK;
}

static size_t find_number(const hp_set *s, double x) {
    size_t lo = 0, hi = s->nnumber;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s->number[mid].x < x)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->nnumber && s->number[lo].x == x ? s->number[lo].member : SIZE_MAX;
}

static size_t find_instant(const hp_set *s, hp_str text) {
    hp_instant t;
    size_t lo = 0, hi = s->ninstant;
    if (!s->ninstant || !hp_instant_parse(text, &t)) return SIZE_MAX;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s->instant[mid].us < t.us)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->ninstant && s->instant[lo].us == t.us ? s->instant[lo].member : SIZE_MAX;
}

static size_t find_word(const hp_set *s, hp_str text) {
    if (hp_str_ieq(text, HP_S("true"))) return s->word[1];
    return hp_str_ieq(text, HP_S("false")) ? s->word[0] : SIZE_MAX;
}

static size_t find_text(const hp_set *s, hp_str text) {
    double x;
    uint32_t at;
    if (hp_smap_get(&s->text, text, &at)) return at;
    size_t found = find_word(s, text);
    if (found == SIZE_MAX && s->nnumber && hp_str_f64(text, &x)) found = find_number(s, x);
    return found != SIZE_MAX ? found : find_instant(s, text);
}

static size_t find(const hp_checker *k, const hp_set *s, const hp_coded *c, uint32_t d) {
    hp_str text = hp_coded_text(k, c, d);
    double x;
    uint32_t at;
    size_t found;
    switch ((hp_type)c->type[d]) {
    case HP_T_NUMBER: return hp_str_f64(text, &x) ? find_number(s, x) : SIZE_MAX;
    case HP_T_BOOL:
        found = find_word(s, text);
        return found != SIZE_MAX ? found : find_number(s, hp_str_ieq(text, HP_S("true"))); /* as in Python */
    case HP_T_DATE: return hp_smap_get(&s->text, text, &at) ? at : find_instant(s, text);
    default: return find_text(s, text);
    }
}

size_t hp_set_find(const hp_checker *k, const hp_set *s, const hp_coded *c, uint32_t d) {
    size_t member = find(k, s, c, d);
    return member == SIZE_MAX ? member : s->same[member];
}
