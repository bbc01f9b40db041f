/* Schemas: a table of the schema is held against data at hand, and the tables that it refers to are read
 * beside it.
 */
#include "base/file.h"
#include "check/hold.h"
#include "cli/check.h"
#include "cli/dataset.h"

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

/* ---- tables that are referred to ---- */

static hp_code has_keys(const hp_contract_reference *ref, const hp_table *t, hp_err *err) {
    for (size_t i = 0; i < ref->n; i++)
        if (hp_table_find(t, ref->to[i]) == SIZE_MAX)
            return hp_fail(err, HP_CONFIG,
                           "%.*s: refers to the column \"%.*s\", which \"%.*s\" does not have",
                           HP_FMT(ref->where), HP_FMT(ref->to[i]), HP_FMT(ref->table));
    return HP_OK;
}

/* Reads the file of a resource, beside the schema. */
static hp_code read_other(hp_check *k, const char *path, const hp_contract_table *other, hp_table **out,
                          hp_err *err) {
    hp_str schema = hp_str_of(path), base = hp_path_base(schema);
    hp_str folder = base.n == schema.n ? HP_S(".") : hp_str_cut(schema, 0, schema.n - base.n - 1);
    hp_str file = hp_path_join(k->c->arena, folder, other->path);
    hp_dataset d;
    if (!file.p) return hp_fail_memory(err, "a path");
    HP_TRY(hp_dataset_open(k->c, file.p, &d, err));
    hp_code code = hp_dataset_read(k->c, &d, hp_dataset_first(&d), out, err);
    hp_dataset_close(&d);
    return code;
}

static hp_code read_others(hp_check *k, const char *path, const hp_contract *s, const hp_contract_table *t,
                           const hp_table **others, hp_err *err) {
    for (size_t i = 0; i < t->nreference; i++) {
        const hp_contract_reference *ref = &t->reference[i];
        const hp_contract_table *other = ref->table.n ? hp_contract_find(s, ref->table) : NULL;
        if (!other || other == t || other->path.n == 0) continue;
        hp_table *read = NULL;
        if (!others[other - s->table]) {
            HP_TRY(read_other(k, path, other, &read, err));
            others[other - s->table] = read;
        }
        HP_TRY(has_keys(ref, others[other - s->table], err));
    }
    return HP_OK;
}

hp_code hp_check_schema(hp_check *k, const char *path, const hp_table *data, hp_validation **out,
                        hp_err *err) {
    hp_contract *s;
    const hp_contract_table *t;
    hp_held held;
    if (hp_contract_load(k->c->arena, path, &s, err) != HP_OK) return hp_err_in(err, "schema");
    const hp_table **others = HP_NEW_ARRAY(k->c->arena, s->ntable + 1, const hp_table *);
    if (!others) return hp_fail_memory(err, "the schema");
    HP_TRY(pick(k, s, path, data, &t, err));
    HP_TRY(read_others(k, path, s, t, others, err));
    HP_TRY(hp_hold(&k->c->run, s, t, data, others, &held, err));
    for (size_t i = 0; i < held.expected.nunchecked; i++)
        if (!hp_vec_push(&k->unchecked, held.expected.unchecked[i])) return hp_fail_memory(err, "the schema");
    held.expected.suite->path = hp_str_of(path);
    *out = held.validation;
    return HP_OK;
}
