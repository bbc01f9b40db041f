/* Purging what earlier runs left: old outputs, archives, reports and runs of gates. Never an input. */
#ifndef HP_OPS_COMPLIANCE_PURGE_H
#define HP_OPS_COMPLIANCE_PURGE_H

#include "base/arena.h"
#include "base/json.h"
#include "base/vec.h"

/** Hold a file or directory that is old enough to go. */
typedef struct hp_purge_item {
    hp_str path;      /**< NUL-terminated */
    const char *kind; /**< "archive", "output", "data-docs", "quality-gate" */
    int64_t made;     /**< seconds since 1970: when its newest file was changed */
    uint64_t bytes, files;
} hp_purge_item;

/** Hold what is to go, and what stays although it is old. */
typedef struct hp_purge {
    hp_arena *arena;
    HP_VEC(hp_purge_item) item;
    uint64_t bytes, files;
    size_t kept; /**< outputs that were changed after the run that wrote them */
} hp_purge;

/** Read a span of time: 30d, 12w, 6m (of 30 days), 1y (of 365), 36h, or ISO 8601 P30D; into seconds. False
 * for anything else. */
bool hp_purge_span(hp_str text, int64_t *seconds);
/** Find what hotpass made below `dir` before `before` (seconds since 1970): archives by their names, outputs
 * by the run.json that lists them as long as their bytes are those of the run, data docs, and runs of quality
 * gates. Links are not followed. `p->arena` is the caller's; release with hp_purge_free. Errors: HP_NOINPUT
 * (no such directory), HP_NOPERM, HP_IO, HP_RETRY. */
hp_code hp_purge_find(hp_purge *p, const char *dir, int64_t before, hp_err *err);
/** Remove what was found, noting each in <dir>/logs/purge.jsonl first. Errors: HP_NOPERM, HP_IO, HP_RETRY. */
hp_code hp_purge_remove(const hp_purge *p, const char *dir, hp_err *err);
/** Release the list. */
void hp_purge_free(hp_purge *p);

#endif
