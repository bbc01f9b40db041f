/* The gate: whether this process may use the network. Flag, profile and environment must agree; any of them
 * can say no, and nobody says yes by keeping silent. */
#ifndef HP_NET_GATE_H
#define HP_NET_GATE_H

#include "base/buf.h"

/** Name the guards, in the order in which they are asked; the first that says no is the one that is named. */
typedef enum hp_gate_guard {
    HP_GATE_FLAG,    /**< --allow-network of the command line */
    HP_GATE_PROFILE, /**< enrich.allow_network of the profile */
    HP_GATE_FEATURE, /**< the environment variable FEATURE_ENABLE_REMOTE_RESEARCH: 1, true, yes or on in any
                        case */
    HP_GATE_ALLOW,   /**< the environment variable ALLOW_NETWORK_RESEARCH, likewise */
    HP_GATE_GUARDS
} hp_gate_guard;

/** Hold what the guards look at. All-zero is "nobody said anything", which is no. Texts belong to the caller.
 */
typedef struct hp_gate_inputs {
    bool flag_given;     /**< --allow-network stands on the command line, in either form */
    bool flag;           /**< and says yes */
    bool profile;        /**< the profile says yes */
    const char *feature; /**< value of FEATURE_ENABLE_REMOTE_RESEARCH, NULL = not set */
    const char *allow;   /**< value of ALLOW_NETWORK_RESEARCH, NULL = not set */
} hp_gate_inputs;

/** Prove that all guards said yes. Nobody outside of gate.c can make one, and whatever opens connections asks
 * for one, so that no code can open a socket without having been at the gate. */
typedef struct hp_gate_pass hp_gate_pass;

/** Hold the answer of the gate. */
typedef struct hp_gate {
    const hp_gate_pass *pass;  /**< NULL when a guard said no; lives as long as the process */
    bool says[HP_GATE_GUARDS]; /**< what each guard said */
    hp_gate_guard blocked_by;  /**< the first that said no; HP_GATE_GUARDS when open */
    hp_gate_inputs in;         /**< what was asked about, for explaining */
    uint64_t requests;         /**< sent to other machines since, by everybody behind this gate: what
                                  --max-requests counts */
    uint64_t cached;           /**< answers that were had from the cache instead, robots.txt not counted */
} hp_gate;

/** Ask all guards. Pure: the same inputs, the same answer. */
void hp_gate_ask(const hp_gate_inputs *in, hp_gate *out);
/** Fill in the two environment variables from this process's environment. */
void hp_gate_environment(hp_gate_inputs *in);
/** Read a value of --allow-network: 1, true, yes or on (any case; also the bare flag, as NULL) are yes; 0,
 * false, no and off are no. False when the text is none of them: nor is "", which a variable that is not set
 * gives. */
bool hp_gate_flag_read(const char *text, bool *out);
/** Return a word for a guard, as provenance records it behind "blocked: ": "flag", "profile",
 * "FEATURE_ENABLE_REMOTE_RESEARCH", "ALLOW_NETWORK_RESEARCH". */
const char *hp_gate_word(hp_gate_guard g);
/** Append who says what, one guard a line, and what would have to change, for --explain-network. */
void hp_gate_explain(const hp_gate *gate, hp_buf *out);
/** Append one sentence: that the network may be used, or who forbids it and how that is changed. */
void hp_gate_sentence(const hp_gate *gate, hp_buf *out);
/** Fail with HP_NOPERM and that sentence unless a pass is given; for whoever is about to open connections. */
hp_code hp_gate_require(const hp_gate_pass *pass, hp_err *err);

#endif
