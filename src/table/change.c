#include "table/change.h"

static uint64_t key_of(hp_kind kind, hp_type type, hp_vid value) {
    return (uint64_t)kind << 40 | (uint64_t)type << 32 | value;
}

bool hp_change_begin(hp_changes *c, hp_kind kind, hp_type type, hp_vid value, bool *fresh) {
    uint32_t at;
    if (!hp_imap_add(&c->at, key_of(kind, type, value), (uint32_t)c->first.n, &at, fresh)) return false;
    return !*fresh || hp_vec_push(&c->first, (uint32_t)c->rule.n);
}

bool hp_change_add(hp_changes *c, hp_rule rule, hp_vid note) {
    return hp_vec_push(&c->rule, ((hp_change_rule){.note = note, .rule = (uint16_t)rule}));
}

const hp_change_rule *hp_change_find(const hp_changes *c, hp_kind kind, hp_type type, hp_vid value,
                                     size_t *n) {
    uint32_t at;
    *n = 0;
    if (!c->at.n || !hp_imap_get(&c->at, key_of(kind, type, value), &at) || at >= c->first.n) return NULL;
    size_t end = at + 1 < c->first.n ? c->first.p[at + 1] : c->rule.n;
    *n = end - c->first.p[at];
    return c->rule.p + c->first.p[at];
}

void hp_changes_free(hp_changes *c) {
    hp_vec_free(&c->rule);
    hp_vec_free(&c->first);
    hp_imap_free(&c->at);
}
