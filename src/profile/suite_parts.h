/* What the readers of suites, checkpoints and table schemas share. Private to src/profile. */
#ifndef HP_PROFILE_SUITE_PARTS_H
#define HP_PROFILE_SUITE_PARTS_H

#include "base/vec.h"
#include "profile/suite.h"

/** Hold what a load needs everywhere. */
typedef struct hp_sload {
    hp_arena *a;
    const char *path;
    const hp_suite_parameter *parameter;
    size_t nparameter;
    const hp_node *fallback; /**< the suite's own values of parameters; may be NULL */
    hp_err *err;
} hp_sload;

/** Fail with HP_CONFIG and "path:line:column: ..." */
#define HP_SFAIL(l, at, fmt, ...) \
    hp_fail((l)->err, HP_CONFIG, "%s:%d:%d: " fmt, (l)->path, (at)->line, (at)->column, ##__VA_ARGS__)

/** Read a document by the suffix of its path; JSON that Python wrote with Infinity or NaN is read as well.
 * Errors: HP_CONFIG, HP_RETRY. */
hp_code hp_sdoc_parse(hp_arena *a, hp_str bytes, const char *path, hp_node **out, hp_err *err);
/** As hp_sdoc_parse, from a file. Errors: HP_CONFIG, HP_NOINPUT, HP_IO, HP_RETRY. */
hp_code hp_sdoc_load(hp_arena *a, const char *path, hp_node **out, hp_err *err);
/** Fail unless a node is a map whose keys are all among `names`. `what` names it: "a suite". */
hp_code hp_skeys_check(hp_sload *l, const hp_node *n, const char *what, const char *const *names,
                       size_t count);
/** Replace each {"$PARAMETER": ...} in a node by its value; *out is the node itself where there is none. */
hp_code hp_sparameters(hp_sload *l, const hp_node *n, const hp_node **out);
/** Check an expectation's kwargs against the table of expectations. `at` is its place. */
hp_code hp_skwargs_check(hp_sload *l, hp_str type, const hp_node *kwargs, const hp_node *at);
/** Return the stem of a path: "contacts" of "suites/contacts.json". */
hp_str hp_sstem(hp_str path);
/** Make a node. NULL when out of memory. */
hp_node *hp_snode(hp_arena *a, const hp_node *at, hp_node_kind kind);

#endif
