/* What is written down about a run on this machine while it is under way, so that whatever ends the process,
 * the next call can settle it. One file for each run in <state>/prefect, for nobody else's eyes. */
#ifndef HP_OPS_PREFECT_RECORD_H
#define HP_OPS_PREFECT_RECORD_H

#include "net/process.h"
#include "ops/prefect/api.h"

/** Hold what is to be sent: a request whose repetition does no harm. */
typedef struct hp_prefect_letter {
    hp_str path, body; /**< POST */
} hp_prefect_letter;

/** Hold the record of a run. Texts live in an arena. */
typedef struct hp_prefect_record {
    hp_str run_id;
    hp_str url;                /**< of the server it belongs to */
    hp_process who;            /**< the process that looks after it */
    hp_prefect_letter *letter; /**< what could not be delivered, in order */
    size_t nletter;
} hp_prefect_record;

/** Write a record, in place of the one that is there. Errors: HP_CANTCREAT, HP_NOPERM, HP_IO, HP_RETRY. */
hp_code hp_prefect_record_write(hp_arena *a, const char *state_dir, const hp_prefect_record *r, hp_err *err);
/** Tell whether there is a record of a run. */
bool hp_prefect_record_there(hp_arena *a, const char *state_dir, hp_str run_id);
/** Remove the record of a run; none is fine. Errors: HP_NOPERM, HP_IO, HP_RETRY. */
hp_code hp_prefect_record_remove(hp_arena *a, const char *state_dir, hp_str run_id, hp_err *err);
/** Settle the runs of this server whose process is gone: deliver what it could not, and give one that is
 * neither ended nor told to run again the state CRASHED (CANCELLED when it was being cancelled), its task
 * runs too. *settled counts them. A run of another server, or whose process lives, is left. Errors: as
 * hp_prefect_call; what was not settled stays. */
hp_code hp_prefect_settle(hp_prefect *p, hp_arena *a, const char *state_dir, size_t *settled, hp_err *err);
/** Set the state of every task run of a flow run that has not ended. Errors: as hp_prefect_call. */
hp_code hp_prefect_end_tasks(hp_prefect *p, hp_arena *a, hp_str run_id, const char *type, hp_err *err);

#endif
