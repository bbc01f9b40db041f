/* Checkpoints: which data are held against which suites, and what is done with the results. */
#ifndef HP_PROFILE_CHECKPOINT_H
#define HP_PROFILE_CHECKPOINT_H

#include "profile/suite.h"

/** Hold one validation of a checkpoint. */
typedef struct hp_checkpoint_entry {
    hp_str data;  /**< path, perhaps with "!Sheet", relative paths made from the checkpoint's folder; empty
                     when  the file names none (its data comes from elsewhere) */
    hp_str suite; /**< path of the suite, found beside the checkpoint */
    size_t nparameter;
    hp_suite_parameter *parameter; /**< those of the checkpoint, then its own, which come first */
    hp_str where;
} hp_checkpoint_entry;

/** Say what is done with the results. */
typedef enum hp_checkpoint_action_kind {
    HP_ACTION_STORE, /**< each result is written as JSON into a folder */
    HP_ACTION_DOCS,  /**< a page for people is made */
    HP_ACTION_OTHER  /**< one that only Great Expectations has (mail, Slack): not done, and said so */
} hp_checkpoint_action_kind;

/** Hold one action. */
typedef struct hp_checkpoint_action {
    hp_checkpoint_action_kind kind;
    hp_str name;   /**< as the file has it: "store_validation_result", "SlackNotificationAction" */
    hp_str folder; /**< of HP_ACTION_STORE, HP_ACTION_DOCS: where; empty = where the command decides */
    hp_str where;
} hp_checkpoint_action;

/** Hold a checkpoint; lives in the arena it was loaded into. */
typedef struct hp_checkpoint {
    hp_str name, path;
    size_t n;
    hp_checkpoint_entry *entry;
    size_t naction;
    hp_checkpoint_action *action;
} hp_checkpoint;

/** Load a checkpoint (.yml, .yaml, .json): the form of Great Expectations 0.x (`validations` with
 * `batch_request` and `expectation_suite_name`, `action_list`), or our own:
 *
 *     name: nightly
 *     validations:
 *       - data: contacts.xlsx!Contacts
 *         suite: contacts.json
 *         parameters: {min_rows: 100}
 *     actions:
 *       - store: results/
 *       - docs: data-docs/
 *
 * A suite is a path, or a name: NAME.json (.yaml, .yml) in the checkpoint's folder, its sibling folders
 * "suites" and "expectations", or one of those names below it; dots of a name are folders in Great
 * Expectations, so both are tried. Errors: HP_CONFIG with file:line:column, and the places searched;
 * HP_NOINPUT, HP_IO, HP_RETRY. */
hp_code hp_checkpoint_load(hp_arena *a, const char *path, hp_checkpoint **out, hp_err *err);

#endif
