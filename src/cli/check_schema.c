/* Schemas as suites: a table of the schema, with what the data tell about tolerances, and the keys that other
 * files hold. */
#include "base/file.h"
#include "cli/check.h"
#include "cli/dataset.h"
#include "profile/suite_make.h"

#include "base/banned.h"

/* ---- which table ---- */

static hp_code pick(const hp_check *k, const hp_contract *s, const char *path, const hp_table *data,
                    const hp_contract_table **out, hp_err *err) {
    const char *wanted = hp_args_text(&k->c->args, HP_O_TABLE);
    *out = NULL;
    if (wanted)
        *out = hp_contract_find(s, hp_str_of(wanted));
    else if (s->ntable == 1)
        *out = &s->table[0];
    else
        *out = hp_contract_find(s, data->name);
    if (*out) return HP_OK;
    hp_autobuf list = hp_buf_new(1u << 16);
    for (size_t i = 0; i < s->ntable; i++)
        hp_buf_printf(&list, "%s%.*s", i ? ", " : "", HP_FMT(s->table[i].name));
    return hp_fail(err, HP_USAGE, "%s: says nothing of a table \"%s\"; name one with --table: %s", path,
                   wanted ? wanted : "", hp_buf_cstr(&list));
}

/* ---- what the data tell ---- */

static uint64_t filled(const hp_table *t, hp_str name) {
    size_t col = hp_table_find(t, name), n = 0;
    for (size_t r = 0; col != SIZE_MAX && r < t->nrow; r++) n += t->col[col].v[r] != HP_NULL;
    return n;
}

/* Takes the keys out of a table that is referred to. */
static hp_code collect(hp_check *k, const hp_contract_reference *ref, const hp_table *t, const hp_node **out,
                       hp_err *err) {
    hp_maker m = {.a = k->c->run.arena};
    hp_node *list = hp_make_list(&m);
    for (size_t r = 0; r < t->nrow; r++) {
        hp_node *key = hp_make_list(&m);
        for (size_t i = 0; i < ref->n; i++) {
            size_t col = hp_table_find(t, ref->to[i]);
            if (col == SIZE_MAX)
                return hp_fail(err, HP_CONFIG,
                               "%.*s: refers to the column \"%.*s\", which \"%.*s\" does not have",
                               HP_FMT(ref->where), HP_FMT(ref->to[i]), HP_FMT(ref->table));
            hp_make_add(&m, key, hp_make_text(&m, hp_text(k->c->run.pool, t->col[col].v[r])));
        }
        hp_make_add(&m, list, key);
    }
    *out = list;
    return m.bad ? hp_fail_memory(err, "the keys of a table") : HP_OK;
}

/* Reads the file of a resource, beside the schema. */
static hp_code keys_of(hp_check *k, const char *path, const hp_contract_table *other,
                       const hp_contract_reference *ref, const hp_node **out, hp_err *err) {
    hp_str schema = hp_str_of(path), base = hp_path_base(schema);
    hp_str file = hp_path_join(k->c->arena,
                               base.n == schema.n ? HP_S(".") : hp_str_cut(schema, 0, schema.n - base.n - 1),
                               other->path);
    hp_dataset d;
    hp_table *t;
    if (!file.p) return hp_fail_memory(err, "a path");
    HP_TRY(hp_dataset_open(k->c, file.p, &d, err));
    hp_code code = hp_dataset_read(k->c, &d, hp_dataset_first(&d), &t, err);
    if (code == HP_OK) code = collect(k, ref, t, out, err);
    hp_dataset_close(&d);
    return code;
}

static hp_code learn(hp_check *k, const hp_contract *s, const char *path, const hp_contract_table *t,
                     const hp_table *data, hp_contract_facts *out, hp_err *err) {
    uint64_t *n = HP_NEW_ARRAY(k->c->arena, t->ncolumn + 1, uint64_t);
    const hp_node **keys = HP_NEW_ARRAY(k->c->arena, t->nreference + 1, const hp_node *);
    if (!n || !keys) return hp_fail_memory(err, "the schema");
    for (size_t i = 0; i < t->ncolumn; i++) n[i] = filled(data, t->column[i].name);
    for (size_t i = 0; i < t->nreference; i++) {
        const hp_contract_reference *ref = &t->reference[i];
        const hp_contract_table *other = ref->table.n ? hp_contract_find(s, ref->table) : NULL;
        if (other && other != t && other->path.n) HP_TRY(keys_of(k, path, other, ref, &keys[i], err));
    }
    *out = (hp_contract_facts){.rows = data->nrow, .filled = n, .keys = keys};
    return HP_OK;
}

hp_code hp_check_schema(hp_check *k, const char *path, const hp_table *data, hp_suite **out, hp_err *err) {
    hp_contract *s;
    const hp_contract_table *t;
    hp_contract_facts facts;
    hp_contract_suite made;
    if (hp_contract_load(k->c->arena, path, &s, err) != HP_OK) return hp_err_in(err, "schema");
    HP_TRY(pick(k, s, path, data, &t, err));
    HP_TRY(learn(k, s, path, t, data, &facts, err));
    HP_TRY(hp_contract_expect(k->c->run.arena, t, &facts, &made, err));
    for (size_t i = 0; i < made.nunchecked; i++)
        if (!hp_vec_push(&k->unchecked, made.unchecked[i])) return hp_fail_memory(err, "the schema");
    made.suite->path = hp_str_of(path);
    *out = made.suite;
    return HP_OK;
}
