/* Limits: facts of formats as constants, everything that a user may raise as a value that holds for the
 * process. The numbers and their reasons are in limits.def. */
#ifndef HP_BASE_LIMITS_H
#define HP_BASE_LIMITS_H

#include "base/err.h"
#include "base/str.h"

/** Name the limits that can be raised (base/limits.def). */
typedef enum hp_limit_id {
#define HP_LIMIT(id, name, value, unit, reason) HP_L_##id,
#define HP_FIXED(name, value, reason)
#include "base/limits.def"
#undef HP_LIMIT
#undef HP_FIXED
    HP_LIMIT_COUNT
} hp_limit_id;

/** Say what a limit counts. */
typedef enum hp_limit_unit {
    HP_LIMIT_BYTES,
    HP_LIMIT_COUNTED,
    HP_LIMIT_TIMES,
    HP_LIMIT_SECONDS
} hp_limit_unit;

/** Describe a limit: its name on the command line, its default (0: none), its unit, and why it is there. */
typedef struct hp_limit_info {
    const char *name;
    uint64_t standard;
    hp_limit_unit unit;
    const char *reason;
} hp_limit_info;

/** Describe a limit that nobody can raise. */
typedef struct hp_fixed_info {
    const char *name;
    uint64_t value;
    const char *reason;
} hp_fixed_info;

/** Return what holds for a limit now; 0 is "no limit" where the default is. */
uint64_t hp_limit(hp_limit_id id);
/** Set a limit for the whole process, before threads work. */
void hp_limit_put(hp_limit_id id, uint64_t value);
/** Set the limit that "name=value" says: sizes like 512M or 8G, others as plain numbers. Errors: HP_USAGE
 * with the nearest name, and all of them. */
hp_code hp_limit_set(hp_str name_equals_value, hp_err *err);
/** Take all limits back to their defaults. */
void hp_limit_reset(void);
/** Return the description of a limit. */
const hp_limit_info *hp_limit_get(hp_limit_id id);
/** List the limits that nobody can raise. */
const hp_fixed_info *hp_limit_fixed(size_t *n);
/** Return what stands for a value of this limit on the command line: "SIZE", "N", "SECONDS". */
const char *hp_limit_value_name(hp_limit_id id);

/** Fail because a limit was hit: the message, and how to raise the limit. Returns HP_DATA. */
hp_code hp_fail_limit(hp_err *err, hp_limit_id id, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
#define hp_fail_limit(err, id, ...) hp_code_of((hp_fail_limit)((err), (id), __VA_ARGS__), HP_DATA)

/** Tell whether the command has used up its time (the limit wall-clock, counted from when it was set): to be
 * asked between batches, not for every row. Errors: HP_DATA. */
hp_code hp_deadline_check(hp_err *err);

/* What a spreadsheet can address, and what fits into it. */
#define HP_LIMIT_SHEET_ROWS  1048576u
#define HP_LIMIT_SHEET_COLS  16384u
#define HP_LIMIT_CELL_TEXT   32767u
#define HP_LIMIT_SHEET_LINKS 65530u
/* Sizes of arrays, and of what is written by hand. */
#define HP_LIMIT_XML_DEPTH   64
#define HP_LIMIT_JSON_DEPTH  128
#define HP_LIMIT_DOC_BYTES   (4u << 20)
#define HP_LIMIT_DOC_NODES   200000u
#define HP_LIMIT_VALUE_BYTES 10000u
/* What is done in one call. */
#define HP_LIMIT_BACKFILL_WINDOWS 100000u

/* What can be raised, in the types that messages and comparisons are written for. */
#define HP_LIMIT_FILE_BYTES         hp_limit(HP_L_FILE_BYTES)
#define HP_LIMIT_PART_BYTES         hp_limit(HP_L_PART_BYTES)
#define HP_LIMIT_INFLATED_BYTES     hp_limit(HP_L_INFLATED_BYTES)
#define HP_LIMIT_POOL_BYTES         hp_limit(HP_L_POOL_BYTES)
#define HP_LIMIT_TEXT_BYTES         hp_limit(HP_L_TEXT_BYTES)
#define HP_LIMIT_INFLATE_RATIO_FROM hp_limit(HP_L_INFLATE_RATIO_FROM)
#define HP_LIMIT_CELLS              hp_limit(HP_L_CELLS)
#define HP_LIMIT_PASSWORD_ROUNDS    hp_limit(HP_L_PASSWORD_ROUNDS)
#define HP_LIMIT_INFLATE_RATIO      hp_limit_small(HP_L_INFLATE_RATIO)
#define HP_LIMIT_SHEET_AREAS        hp_limit_small(HP_L_SHEET_AREAS)
#define HP_LIMIT_ZIP_ENTRIES        hp_limit_small(HP_L_ZIP_ENTRIES)
#define HP_LIMIT_SHEETS             hp_limit_small(HP_L_SHEETS)
#define HP_LIMIT_INPUT_FILES        hp_limit_small(HP_L_INPUT_FILES)
#define HP_LIMIT_GUESSES            hp_limit_small(HP_L_GUESSES)
#define HP_LIMIT_CELL_COMMENTS      hp_limit_small(HP_L_CELL_COMMENTS)
#define HP_LIMIT_XML_ATTRIBUTES     hp_limit_small(HP_L_XML_ATTRIBUTES)
#define HP_LIMIT_CELL_FORMATS       hp_limit_small(HP_L_CELL_FORMATS)
#define HP_LIMIT_NUMBER_FORMATS     hp_limit_small(HP_L_NUMBER_FORMATS)

/** Return a limit of what is counted in 32 bits; values beyond are its end. */
static inline unsigned hp_limit_small(hp_limit_id id) {
    uint64_t v = hp_limit(id);
    return v < UINT32_MAX ? (unsigned)v : UINT32_MAX;
}

#endif
