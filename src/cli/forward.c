#include "cli/forward.h"

#include "base/banned.h"

static hp_code forward_one(hp_cli *c, hp_option_id id, const char **to, size_t *n, hp_err *err) {
    const hp_option *o = hp_option_get(id);
    const hp_given *g = &c->args.opt[id];
    if (o->type == HP_OPT_FLAG) {
        hp_str flag = hp_arena_printf(c->arena, g->on ? "--%s" : "--no-%s", o->name);
        if (!flag.p) return hp_fail_memory(err, "the options");
        to[(*n)++] = flag.p;
        return HP_OK;
    }
    for (size_t i = 0; i < g->n; i++) {
        hp_str value = hp_arena_printf(c->arena, "--%s=%s", o->name, g->value[i]);
        if (!value.p) return hp_fail_memory(err, "the options");
        to[(*n)++] = value.p;
    }
    return HP_OK;
}

hp_code hp_cli_forward(hp_cli *c, const hp_option_id *ids, const char *const **out, size_t *n, hp_err *err) {
    size_t most = 1, k = 0;
    for (const hp_option_id *id = ids; *id != HP_O_END; id++) most += c->args.opt[*id].n + 1;
    const char **to = HP_NEW_ARRAY(c->arena, most, const char *);
    if (!to) return hp_fail_memory(err, "the options");
    for (const hp_option_id *id = ids; *id != HP_O_END; id++)
        if (c->args.opt[*id].given) HP_TRY(forward_one(c, *id, to, &k, err));
    *out = to;
    *n = k;
    return HP_OK;
}
