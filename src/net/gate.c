/* One decision, made once, by a pure function; its proof is a pointer that only this file can hand out. */
#include "net/gate.h"

#include <stdlib.h>

#include "base/banned.h"

struct hp_gate_pass {
    int mark;
};
static const hp_gate_pass THE_PASS = {1};

/* What each guard is called, and what makes it say yes. */
static const struct guard {
    const char *word, *where, *to_open;
} GUARD[HP_GATE_GUARDS] = {
    [HP_GATE_FLAG] = {"flag", "command line", "give --allow-network"},
    [HP_GATE_PROFILE] = {"profile", "profile", "set enrich.allow_network: true in the profile"},
    [HP_GATE_FEATURE] = {"FEATURE_ENABLE_REMOTE_RESEARCH", "environment",
                         "set FEATURE_ENABLE_REMOTE_RESEARCH=1"},
    [HP_GATE_ALLOW] = {"ALLOW_NETWORK_RESEARCH", "environment", "set ALLOW_NETWORK_RESEARCH=true"},
};

static bool one_of(hp_str s, const char *a, const char *b, const char *c) {
    return hp_str_ieq(s, hp_str_of(a)) || hp_str_ieq(s, hp_str_of(b)) || hp_str_ieq(s, hp_str_of(c));
}

bool hp_gate_flag_read(const char *text, bool *out) {
    hp_str s = hp_str_of(text);
    *out = !text || one_of(s, "true", "1", "yes");
    return *out || one_of(s, "false", "0", "no");
}

void hp_gate_ask(const hp_gate_inputs *in, hp_gate *out) {
    *out = (hp_gate){.in = *in, .blocked_by = HP_GATE_GUARDS};
    out->says[HP_GATE_FLAG] = in->flag_given && in->flag;
    out->says[HP_GATE_PROFILE] = in->profile;
    out->says[HP_GATE_FEATURE] = hp_str_eq(hp_str_of(in->feature), HP_S("1"));
    out->says[HP_GATE_ALLOW] = one_of(hp_str_of(in->allow), "true", "1", "yes");
    for (int g = HP_GATE_GUARDS - 1; g >= 0; g--)
        if (!out->says[g]) out->blocked_by = (hp_gate_guard)g;
    if (out->blocked_by == HP_GATE_GUARDS) out->pass = &THE_PASS;
}

void hp_gate_environment(hp_gate_inputs *in) {
    in->feature = getenv("FEATURE_ENABLE_REMOTE_RESEARCH");
    in->allow = getenv("ALLOW_NETWORK_RESEARCH");
}

const char *hp_gate_word(hp_gate_guard g) { return g < HP_GATE_GUARDS ? GUARD[g].word : "open"; }

/* What a guard saw. Values of variables are not repeated: who exports a secret under the wrong name should
 * not read it in a log. */
static const char *seen(const hp_gate *gate, int g) {
    const char *value = g == HP_GATE_FEATURE ? gate->in.feature : gate->in.allow;
    if (g == HP_GATE_FLAG)
        return !gate->in.flag_given ? "--allow-network is not given"
               : gate->in.flag      ? "--allow-network is given"
                                    : "--allow-network=false is given";
    if (g == HP_GATE_PROFILE)
        return gate->in.profile ? "enrich.allow_network is true" : "enrich.allow_network is not true";
    if (!value) return "is not set";
    return gate->says[g]          ? "is set"
           : g == HP_GATE_FEATURE ? "is set, but not to 1"
                                  : "is set, but not to true, 1 or yes";
}

void hp_gate_explain(const hp_gate *gate, hp_buf *out) {
    hp_buf_printf(out, "network: %s\n", gate->pass ? "allowed" : "not allowed");
    for (int g = 0; g < HP_GATE_GUARDS; g++) {
        bool env = g == HP_GATE_FEATURE || g == HP_GATE_ALLOW;
        hp_buf_printf(out, "  %-3s  %s: %s%s%s", gate->says[g] ? "yes" : "no", GUARD[g].where,
                      env ? GUARD[g].word : "", env ? " " : "", seen(gate, g));
        if (!gate->says[g]) hp_buf_printf(out, "; %s", GUARD[g].to_open);
        hp_buf_putc(out, '\n');
    }
}

void hp_gate_sentence(const hp_gate *gate, hp_buf *out) {
    if (gate->pass) {
        hp_buf_puts(out, "the network may be used: command line, profile and environment agree");
        return;
    }
    const struct guard *g = &GUARD[gate->blocked_by];
    hp_buf_printf(out,
                  "the network may not be used: the %s says no (%s); --explain-network shows every guard",
                  g->where, g->to_open);
}

hp_code hp_gate_require(const hp_gate_pass *pass, hp_err *err) {
    if (pass == &THE_PASS) return HP_OK;
    return hp_fail(err, HP_NOPERM,
                   "the network may not be used: command line, profile and environment must all allow it; "
                   "--explain-network shows who says no");
}
