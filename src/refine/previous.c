/* The previous run, as its run.json tells it. */
#include "refine/report.h"

#include "base/banned.h"

/* A run of 10,000 files has a run.json of a few megabytes. */
#define MOST_BYTES (64u << 20)

static uint64_t number(const hp_node *n, const char *key) {
    int64_t v;
    return hp_node_i64(hp_node_get(n, key), &v) && v >= 0 ? (uint64_t)v : HP_UNKNOWN;
}

static hp_str words(const hp_node *n, const char *key) {
    hp_str s;
    return hp_node_text(hp_node_get(n, key), &s) ? s : (hp_str){"", 0};
}

static const hp_node *list(const hp_node *n, const char *key) {
    const hp_node *l = hp_node_get(n, key);
    return l && l->kind == HP_NODE_LIST ? l : NULL;
}

static void take_rules(const hp_node *findings, hp_previous *out) {
    for (size_t i = 0; findings && i < findings->n; i++) {
        hp_str name = words(findings->item[i], "rule");
        uint64_t count = number(findings->item[i], "count");
        for (int rule = 0; rule < HP_RULE_COUNT && count != HP_UNKNOWN; rule++)
            if (hp_str_eq(name, hp_str_of(hp_rule_get((hp_rule)rule)->name))) out->by_rule[rule] = count;
    }
}

static void take(const hp_node *root, hp_previous *out) {
    const hp_node *counts = hp_node_get(root, "counts");
    out->when = words(root, "started_at");
    out->version = words(root, "version");
    out->profile_sha256 = words(hp_node_get(root, "profile"), "sha256");
    out->rows_in = number(counts, "rows_in");
    out->rows_out = number(counts, "rows_out");
    out->merged = number(counts, "merged");
    out->quarantined = number(counts, "quarantined");
    out->contacts = number(counts, "contacts");
    out->conflicts = number(counts, "conflicts");
    if (!hp_node_f64(hp_node_get(root, "quality_mean"), &out->quality)) out->quality = -1;
    take_rules(list(root, "findings"), out);
    out->inputs = list(root, "inputs");
    out->fill = list(root, "fill");
    out->known = true;
}

hp_code hp_previous_load(hp_arena *a, const char *path, hp_previous *out, hp_err *err) {
    hp_autobuf bytes = hp_buf_new(MOST_BYTES);
    hp_err why = {0};
    hp_node *root = NULL;
    *out = (hp_previous){.quality = -1};
    if (!hp_exists(path)) return HP_OK;
    hp_code code = hp_read_file(path, &bytes, &why);
    if (code == HP_OK) code = hp_json_read(a, hp_buf_str(&bytes), path, &root, &why);
    if (code == HP_RETRY) return hp_fail_memory(err, "the previous run.json");
    if (code == HP_OK && hp_str_eq(words(root, "schema"), HP_S("hotpass.run/1"))) {
        take(root, out);
        return HP_OK;
    }
    out->note =
        code == HP_OK
            ? hp_arena_printf(a, "The run.json of before is not the record of a run that this version knows.")
            : hp_arena_printf(a, "The previous run.json cannot be read: %s.", why.message);
    return out->note.p ? HP_OK : hp_fail_memory(err, "the previous run.json");
}

uint64_t hp_previous_fill(const hp_previous *p, const char *column) {
    for (size_t i = 0; p->known && p->fill && i < p->fill->n; i++)
        if (hp_str_eq(words(p->fill->item[i], "column"), hp_str_of(column)))
            return number(p->fill->item[i], "filled");
    return HP_UNKNOWN;
}
