#include "enrich/answers.h"

#include <stdlib.h>

#include "base/banned.h"

hp_code hp_answers_begin(hp_answers *a, size_t n, hp_err *err) {
    hp_arena_drop(a->arena);
    a->arena = hp_arena_new(NULL);
    a->list.n = 0;
    a->n = n;
    memset(a->row, 0, sizeof a->row);
    return a->arena ? HP_OK : hp_fail_memory(err, "the answers of a provider");
}

void hp_answers_free(hp_answers *a) {
    hp_arena_drop(a->arena);
    a->arena = NULL;
    hp_vec_free(&a->list);
}

static bool dup(hp_answers *a, hp_str *s) {
    if (s->n == 0) return true;
    *s = hp_arena_dup(a->arena, *s);
    return s->p != NULL;
}

hp_code hp_suggest(hp_answers *a, const hp_suggestion *s, hp_err *err) {
    if (s->ask >= a->n || s->value.n == 0) return HP_OK;
    hp_suggestion own = *s;
    bool ok = dup(a, &own.value) && dup(a, &own.source) && dup(a, &own.evidence);
    return ok && hp_vec_push(&a->list, own) ? HP_OK : hp_fail_memory(err, "the suggestions");
}

hp_code hp_answer_net(hp_answers *a, size_t ask, hp_row_net what, hp_str reason, hp_err *err) {
    if (ask >= a->n || what < a->row[ask].net) return HP_OK;
    hp_answer_row row = {.net = what, .reason = reason};
    if (!dup(a, &row.reason)) return hp_fail_memory(err, "the answers of a provider");
    a->row[ask] = row;
    return HP_OK;
}

static int compare(const void *x, const void *y) {
    const hp_suggestion *a = x, *b = y;
    if (a->ask != b->ask) return a->ask < b->ask ? -1 : 1;
    if (a->field != b->field) return a->field < b->field ? -1 : 1;
    if (a->confidence != b->confidence) return a->confidence > b->confidence ? -1 : 1;
    int by_value = hp_str_cmp(a->value, b->value);
    return by_value ? by_value : hp_str_cmp(a->evidence, b->evidence);
}

void hp_answers_sort(hp_answers *a) {
    if (a->list.n > 1) qsort(a->list.p, a->list.n, sizeof *a->list.p, compare);
}
