/* Events of OpenLineage 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json): what happened to a run,
 * as JSON. What is in them comes from files: the run document (docs/reference/run-json.md). */
#ifndef HP_OPS_LINEAGE_EVENT_H
#define HP_OPS_LINEAGE_EVENT_H

#include "base/buf.h"
#include "base/doc.h"

/** Name the types of event. A run has one START, and one of the others. */
typedef enum hp_lineage_type {
    HP_LINEAGE_START,
    HP_LINEAGE_COMPLETE,
    HP_LINEAGE_FAIL,
    HP_LINEAGE_ABORT
} hp_lineage_type;

/** Return "START", "COMPLETE", "FAIL", "ABORT". */
const char *hp_lineage_word(hp_lineage_type t);

/** Name a run of somebody else. All-empty is nobody. */
typedef struct hp_lineage_parent {
    hp_str ns, job, run; /**< namespace, name of the job, UUID of the run */
} hp_lineage_parent;

/** Hold what all events of a run repeat. Texts are the caller's. */
typedef struct hp_lineage_run {
    hp_str id; /**< a UUID, version 7 */
    hp_str ns, producer;
    hp_str command;           /**< "refine", "enrich", "backfill", "resolve" */
    hp_str profile;           /**< name, as given */
    hp_str input;             /**< file that is known before the run to be read; empty: none is */
    hp_lineage_parent parent; /**< in whose name the run was started */
    hp_lineage_parent root;   /**< the first of its parents; empty: the parent itself */
    int64_t nominal;          /**< seconds since 1970 for which it was scheduled */
} hp_lineage_run;

/** Say why a run did not end well. */
typedef struct hp_lineage_failure {
    hp_str message;
    hp_str stage; /**< that failed; empty when it is not known */
    int code;     /**< exit code; -1 when it is not known */
} hp_lineage_failure;

/** Append the name of a run's job: "hotpass.pipeline.PROFILE" for refine,
 * "hotpass.COMMAND.PROFILE" for others, behind the name of the parent's job and a dot, which is how Marquez
 * calls a job whose events have a parent. */
void hp_lineage_put_job(const hp_lineage_run *r, hp_buf *out);
/** Append the name of a dataset: the absolute path of its file, "." and ".." taken out, links not followed.
 */
void hp_lineage_put_dataset(hp_str path, hp_buf *out);
/** Return the time now, milliseconds since 1970: of the machine, whatever SOURCE_DATE_EPOCH says, since
 * others order events by it. */
int64_t hp_lineage_now(void);
/** Make a run id of a time in milliseconds: a UUID, version 7 (RFC 9562 section 5.7). */
void hp_lineage_uuid(int64_t ms, char out[37]);
/** Append an event. `doc` is the run document, NULL before there is one; `why` is NULL for one that ended
 * well. `ms` is when it happened. */
void hp_lineage_event(const hp_lineage_run *r, hp_lineage_type type, int64_t ms, const hp_node *doc,
                      const hp_lineage_failure *why, hp_buf *out);

#endif
