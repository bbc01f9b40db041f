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

static bool one_of(const char *text, const char *const word[4]) {
    for (size_t i = 0; text && i < 4; i++)
        if (hp_str_ieq(hp_str_of(text), hp_str_of(word[i]))) return true;
    return false;
}

/* All guards understand the same words: who wrote true where another wants 1 meant yes. */
static bool says_yes(const char *text) {
    static const char *const YES[4] = {"1", "true", "yes", "on"};
    return one_of(text, YES);
}

bool hp_gate_flag_read(const char *text, bool *out) {
    static const char *const NO[4] = {"0", "false", "no", "off"};
    *out = !text || says_yes(text);
    return *out || one_of(text, NO);
}

void hp_gate_ask(const hp_gate_inputs *in, hp_gate *out) {
    *out = (hp_gate){.in = *in, .blocked_by = HP_GATE_GUARDS};
    out->says[HP_GATE_FLAG] = in->flag_given && in->flag;
    out->says[HP_GATE_PROFILE] = in->profile;
    out->says[HP_GATE_FEATURE] = says_yes(in->feature);
    out->says[HP_GATE_ALLOW] = says_yes(in->allow);
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
    return gate->says[g] ? "is set" : "is set, but not to 1, true, yes or on";
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
