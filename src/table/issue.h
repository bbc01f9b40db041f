/* Issues: findings about cells, rows, sheets; all kept, all counted, no cap. */
#ifndef HP_TABLE_ISSUE_H
#define HP_TABLE_ISSUE_H

#include "base/vec.h"
#include "table/table.h"

/** Say how grave a finding is. */
typedef enum hp_severity { HP_SEV_INFO, HP_SEV_WARN, HP_SEV_ERROR } hp_severity;

/** Name the rules (table/rules.def). */
typedef enum hp_rule {
#define HP_RULE(id, name, severity, personal, text) HP_R_##id,
#include "table/rules.def"
#undef HP_RULE
    HP_RULE_COUNT
} hp_rule;

/** Describe a rule: its stable name, severity, whether its values may be personal, and a sentence for people.
 */
typedef struct hp_rule_info {
    const char *name;
    hp_severity severity;
    bool personal;
    const char *text;
} hp_rule_info;

/** Return the description of a rule. */
const hp_rule_info *hp_rule_get(hp_rule rule);
/** Return "info", "warn" or "error". */
const char *hp_severity_name(hp_severity s);

/** Hold one finding. `value` is what stood there, `note` says more (the reason, the other value); both may be
 * HP_NULL. */
typedef struct hp_issue {
    hp_cell at;
    hp_vid value, note;
    uint16_t rule;
} hp_issue;

/** Hold the findings of a run. */
typedef struct hp_issues {
    HP_VEC(hp_issue) list;
    uint64_t by_rule[HP_RULE_COUNT];
} hp_issues;

/** Hold a row that is kept out of the result, and why. `kind` is an hp_entity. */
typedef struct hp_quarantined {
    hp_origin at;
    uint8_t kind;
    uint16_t rule;
    hp_vid name; /**< organisation name as found, or HP_NULL */
    hp_vid note;
} hp_quarantined;

#endif
