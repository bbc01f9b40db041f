#include "cli/research.h"

#include "base/banned.h"

hp_code hp_research_profile(hp_cli *c, hp_profile **out, hp_err *err) {
    const hp_given *dirs = &c->args.opt[HP_O_PROFILE_SEARCH_PATH];
    hp_str path, name = hp_str_of(hp_args_text(&c->args, HP_O_PROFILE));
    hp_code code = hp_profile_find(c->arena, name, dirs->value, dirs->n, &path, err);
    if (code == HP_OK) code = hp_profile_load(c->arena, path.p, out, err);
    return code == HP_OK ? HP_OK : hp_err_in(err, "profile");
}

void hp_research_gate(const hp_cli *c, const hp_profile *p, hp_gate *out) {
    const hp_given *flag = &c->args.opt[HP_O_ALLOW_NETWORK];
    hp_gate_inputs in = {.flag_given = flag->given, .flag = flag->on, .profile = p->enrich.allow_network};
    hp_gate_environment(&in);
    hp_gate_ask(&in, out);
}

void hp_research_json_gate(hp_json *j, const hp_gate *g) {
    hp_json_key(j, "network");
    hp_json_object(j);
    hp_json_key(j, "open");
    hp_json_bool(j, g->pass != NULL);
    hp_json_key(j, "blocked_by");
    hp_json_cstr(j, g->pass ? NULL : hp_gate_word(g->blocked_by));
    hp_json_key(j, "says");
    hp_json_object(j);
    for (int i = 0; i < HP_GATE_GUARDS; i++) {
        hp_json_key(j, hp_gate_word((hp_gate_guard)i));
        hp_json_bool(j, g->says[i]);
    }
    hp_json_object_end(j);
    hp_json_key(j, "requests");
    hp_json_i64(j, (int64_t)g->requests);
    hp_json_object_end(j);
}

void hp_research_explain(hp_cli *c, const hp_gate *g) {
    if (!c->json) {
        hp_gate_explain(g, &c->out);
        return;
    }
    hp_json j = hp_cli_json(c, "hotpass.network/1");
    hp_research_json_gate(&j, g);
    hp_cli_json_end(c, &j);
}

void hp_research_json_rate(hp_json *j, const hp_profile *p) {
    const hp_profile_network *n = &p->enrich.network;
    hp_json_key(j, "rate_limit");
    hp_json_object(j);
    hp_json_key(j, "min_interval_seconds");
    hp_json_f64(j, n->interval);
    hp_json_key(j, "burst");
    hp_json_i64(j, n->burst);
    hp_json_key(j, "per_host");
    hp_json_i64(j, n->per_host);
    hp_json_key(j, "concurrency");
    hp_json_i64(j, n->concurrency);
    hp_json_object_end(j);
}
