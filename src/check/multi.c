/* Kernels of several columns, row by row. */
#include "base/mem.h"
#include "check/engine.h"

#include "base/banned.h"

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "a validation"); }

/* The columns of a list, coded. */
typedef struct columns {
    size_t n;
    hp_coded **c;
} columns;

/* Codes the columns that a kwarg lists; n is 0, and the exception set, when one is not there. */
static hp_code code_list(hp_checker *k, const char *kwarg, columns *out, hp_err *err) {
    const hp_node *list = hp_kw(k, kwarg);
    *out = (columns){.c = HP_NEW_ARRAY(k->scratch, list->n + 1, hp_coded *)};
    if (!out->c) return no_memory(err);
    for (size_t i = 0; i < list->n; i++) {
        HP_TRY(hp_column_named(k, list->item[i]->text, &out->c[i], err));
        if (!out->c[i]) return HP_OK;
    }
    out->n = list->n;
    return list->n ? HP_OK : hp_except(k, err, "%s is empty", kwarg);
}

static bool passes(const columns *s, size_t i, hp_str rule) {
    size_t missing = 0;
    for (size_t j = 0; j < s->n; j++) missing += s->c[j]->code[i] == 0;
    if (hp_str_starts(rule, HP_S("any"))) return missing > 0;
    return !hp_str_eq(rule, HP_S("never")) && missing == s->n;
}

/* Marks the rows that are passed over; *n gets how many. */
static uint8_t *passed_rows(hp_checker *k, const columns *s, uint64_t *n) {
    hp_str rule = hp_kw_text(k, "ignore_row_if");
    uint8_t *pass = HP_NEW_ARRAY(k->scratch, k->n + 1, uint8_t);
    *n = 0;
    for (size_t i = 0; pass && i < k->n; i++) *n += pass[i] = passes(s, i, rule);
    return pass;
}

/* ---- compound keys ---- */

/* Marks a row whose values nobody shares: further columns cannot change that. */
enum { ALONE = UINT32_MAX };

/* Sends the rows of groups with one member away. */
static bool part_alone(hp_checker *k, uint32_t *group, size_t groups) {
    uint32_t *members = hp_calloc(groups + 1, sizeof *members);
    if (!members) return false;
    for (size_t i = 0; i < k->n; i++)
        if (group[i] != ALONE) members[group[i]]++;
    for (size_t i = 0; i < k->n; i++)
        if (group[i] != ALONE && members[group[i]] == 1) group[i] = ALONE;
    hp_free(members);
    return true;
}

/* Splits groups by one more column. */
static bool split(hp_checker *k, uint32_t *group, const hp_coded *c) {
    hp_imap seen = {0};
    bool added, made = true;
    for (size_t i = 0; made && i < k->n; i++)
        if (group[i] != ALONE)
            made = hp_imap_add(&seen, (uint64_t)group[i] << 32 | c->code[i], (uint32_t)seen.n, &group[i],
                               &added);
    size_t groups = seen.n;
    hp_imap_free(&seen);
    return made && part_alone(k, group, groups);
}

/* Groups rows by the values of all columns: of those in a group, ALONE apart, all are equal. The column with
 * the most values goes first, since it leaves the least to be looked at. */
static uint32_t *group_rows(hp_checker *k, const columns *s) {
    uint32_t *group = HP_NEW_ARRAY(k->scratch, k->n + 1, uint32_t);
    size_t first = 0;
    for (size_t j = 1; j < s->n; j++)
        if (s->c[j]->n > s->c[first]->n) first = j;
    if (!group) return NULL;
    memcpy(group, s->c[first]->code, k->n * sizeof *group);
    bool made = part_alone(k, group, (size_t)s->c[first]->n + 1);
    for (size_t j = 0; made && j < s->n; j++)
        if (j != first) made = split(k, group, s->c[j]);
    return made ? group : NULL;
}

hp_code hp_k_compound_unique(hp_checker *k, hp_err *err) {
    columns s;
    uint64_t passed;
    HP_TRY(code_list(k, "column_list", &s, err));
    if (!s.n) return HP_OK;
    uint8_t *pass = passed_rows(k, &s, &passed);
    uint32_t *group = pass ? group_rows(k, &s) : NULL;
    if (!group) return no_memory(err);
    /* Rows that are passed over share their values with such rows only. */
    for (size_t i = 0; i < k->n; i++) pass[i] = !pass[i] && group[i] != ALONE;
    return hp_list_rows(k, NULL, pass, passed, err);
}

/* ---- within a record ---- */

static bool same(const hp_checker *k, const hp_coded *a, uint32_t x, const hp_coded *b, uint32_t y) {
    if (x == 0 || y == 0) return x == y;
    if (a->type[x - 1] != b->type[y - 1]) return false;
    if (a->vid[x - 1] == b->vid[y - 1]) return true;
    (void)k;
    return a->type[x - 1] == HP_T_NUMBER && a->is_number[x - 1] && b->is_number[y - 1]
           && a->number[x - 1] == b->number[y - 1];
}

static bool has_twins(const hp_checker *k, const columns *s, size_t i) {
    for (size_t a = 0; a < s->n; a++)
        for (size_t b = a + 1; b < s->n; b++)
            if (same(k, s->c[a], s->c[a]->code[i], s->c[b], s->c[b]->code[i])) return true;
    return false;
}

hp_code hp_k_within_record(hp_checker *k, hp_err *err) {
    columns s;
    uint64_t passed;
    HP_TRY(code_list(k, "column_list", &s, err));
    if (!s.n) return HP_OK;
    uint8_t *pass = passed_rows(k, &s, &passed);
    if (!pass) return no_memory(err);
    for (size_t j = 0; j < s.n; j++) HP_TRY(hp_coded_numbers(k, s.c[j], err));
    for (size_t i = 0; i < k->n; i++) pass[i] = !pass[i] && has_twins(k, &s, i);
    return hp_list_rows(k, NULL, pass, passed, err);
}

/* ---- sums ---- */

hp_code hp_k_multi_sum(hp_checker *k, hp_err *err) {
    columns s;
    uint64_t passed;
    double total = 0;
    hp_kw_number(k, "sum_total", &total);
    HP_TRY(code_list(k, "column_list", &s, err));
    if (!s.n) return HP_OK;
    uint8_t *pass = passed_rows(k, &s, &passed);
    if (!pass) return no_memory(err);
    for (size_t j = 0; j < s.n; j++) {
        HP_TRY(hp_coded_numbers(k, s.c[j], err));
        if (s.c[j]->not_number != s.c[j]->n)
            return hp_except(k, err, "column \"%.*s\" is not numeric: %s is no number",
                             HP_FMT(s.c[j]->col->name), hp_coded_cell(k, s.c[j], s.c[j]->not_number));
    }
    for (size_t i = 0; i < k->n; i++) {
        double sum = 0;
        for (size_t j = 0; j < s.n; j++) sum += s.c[j]->code[i] ? s.c[j]->number[s.c[j]->code[i] - 1] : 0;
        pass[i] = !pass[i] && sum != total;
    }
    return hp_list_rows(k, NULL, pass, passed, err);
}

/* ---- foreign keys ---- */

/* A key is the texts of its values, each with its length before it, so that no two keys look alike. */
static hp_str key_text(hp_buf *b, const hp_checker *k, const columns *s, size_t i) {
    hp_buf_clear(b);
    for (size_t j = 0; j < s->n; j++) {
        uint32_t code = s->c[j]->code[i];
        hp_str t = code ? hp_coded_text(k, s->c[j], code - 1) : HP_S("");
        hp_buf_printf(b, "%zu:", t.n);
        hp_buf_add(b, t);
    }
    return hp_buf_str(b);
}

static bool add_key(hp_checker *k, hp_smap *keys, hp_buf *b) {
    bool added;
    uint32_t at;
    hp_str copy = {0};
    if (!b->bad) copy = hp_arena_dup(k->scratch, hp_buf_str(b));
    return copy.p && hp_smap_add(keys, copy, 1, &at, &added);
}

static hp_code keys_of_list(hp_checker *k, const hp_node *list, size_t width, hp_smap *keys, hp_err *err) {
    hp_autobuf b = hp_buf_new(1u << 24);
    for (size_t i = 0; i < list->n; i++) {
        const hp_node *key = list->item[i];
        size_t n = key->kind == HP_NODE_LIST ? key->n : 1;
        hp_buf_clear(&b);
        if (n != width)
            return hp_fail(err, HP_CONFIG, "%s: each of reference_keys is a list of %zu texts", k->where,
                           width);
        for (size_t j = 0; j < n; j++) {
            hp_str t = key->kind == HP_NODE_LIST ? key->item[j]->text : key->text;
            hp_buf_printf(&b, "%zu:", t.n);
            hp_buf_add(&b, t);
        }
        if (!add_key(k, keys, &b)) return no_memory(err);
    }
    return HP_OK;
}

static hp_code keys_of_table(hp_checker *k, const columns *s, hp_smap *keys, hp_err *err) {
    hp_autobuf b = hp_buf_new(1u << 24);
    for (size_t i = 0; i < k->n; i++) {
        uint32_t at;
        hp_str key = key_text(&b, k, s, i);
        if (b.bad || (!hp_smap_get(keys, key, &at) && !add_key(k, keys, &b))) return no_memory(err);
    }
    return HP_OK;
}

static void smap_free(hp_smap *m) { hp_smap_free(m); }

static hp_code read_keys(hp_checker *k, size_t width, hp_smap *keys, bool *ok, hp_err *err) {
    const hp_node *list = hp_kw(k, "reference_keys");
    *ok = true;
    if (list && list->kind != HP_NODE_LIST)
        return hp_fail(err, HP_CONFIG, "%s: reference_keys is a list of lists of texts", k->where);
    if (list) return keys_of_list(k, list, width, keys, err);
    columns of;
    size_t about = k->o->ncolumn;
    HP_TRY(code_list(k, "reference_column_list", &of, err));
    k->o->ncolumn = about; /* the columns of the keys are not at fault */
    *ok = of.n == width;
    if (of.n && !*ok)
        return hp_fail(err, HP_CONFIG, "%s: column_list and reference_column_list differ in length",
                       k->where);
    return *ok ? keys_of_table(k, &of, keys, err) : HP_OK;
}

hp_code hp_k_foreign_key(hp_checker *k, hp_err *err) {
    columns s;
    uint64_t passed;
    bool ok;
    uint32_t at;
    __attribute__((cleanup(smap_free))) hp_smap keys = {0};
    hp_autobuf b = hp_buf_new(1u << 24);
    HP_TRY(code_list(k, "column_list", &s, err));
    if (!s.n) return HP_OK;
    HP_TRY(read_keys(k, s.n, &keys, &ok, err));
    if (!ok) return HP_OK;
    uint8_t *pass = passed_rows(k, &s, &passed);
    if (!pass) return no_memory(err);
    for (size_t i = 0; i < k->n; i++) {
        hp_str key = key_text(&b, k, &s, i);
        if (b.bad) return no_memory(err);
        pass[i] = !pass[i] && !hp_smap_get(&keys, key, &at);
    }
    return hp_list_rows(k, NULL, pass, passed, err);
}
