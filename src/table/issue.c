#include "table/issue.h"

static const hp_rule_info RULES[HP_RULE_COUNT] = {
#define HP_RULE(id, name, severity, personal, text) [HP_R_##id] = {name, HP_SEV_##severity, personal, text},
#include "table/rules.def"
#undef HP_RULE
};

const hp_rule_info *hp_rule_get(hp_rule rule) { return &RULES[rule]; }

const char *hp_severity_name(hp_severity s) {
    static const char *const NAMES[] = {"info", "warn", "error"};
    return NAMES[s];
}
