/* What the commands that use the network share. */
#ifndef HP_CLI_RESEARCH_H
#define HP_CLI_RESEARCH_H

#include "cli/cli.h"
#include "net/gate.h"
#include "profile/profile.h"

/** Load the profile that the command line names. Errors: HP_CONFIG, HP_NOINPUT. */
hp_code hp_research_profile(hp_cli *c, hp_profile **out, hp_err *err);
/** Ask the gate: command line, profile, environment. */
void hp_research_gate(const hp_cli *c, const hp_profile *p, hp_gate *out);
/** Write the member `network`: whether it is open, who says what, requests sent. */
void hp_research_json_gate(hp_json *j, const hp_gate *g);
/** Answer --explain-network. */
void hp_research_explain(hp_cli *c, const hp_gate *g);
/** Write the members of an object that say how fast hosts are asked. */
void hp_research_json_rate(hp_json *j, const hp_profile *p);

#endif
