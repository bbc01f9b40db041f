/* The public C interface of libhotpass: refine a directory of workbooks from a program of your own. Stable
 * from 1.0 on. */
#ifndef HOTPASS_HOTPASS_H
#define HOTPASS_HOTPASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Say what to refine and where to. Zero-initialise; NULL and 0 mean the default of the command line. */
typedef struct hotpass_options {
    const char *profile; /**< name or path; default "generic" */
    const char *const
        *profile_dirs;     /**< NULL-terminated; searched before ./profiles and the installed ones */
    const char *input_dir; /**< default "data" */
    const char *const
        *outputs;         /**< NULL-terminated paths ending in .xlsx or .csv; default "dist/refined.xlsx" */
    bool archive;         /**< also write dist_dir/refined-data-<UTC>-<hex>.zip */
    const char *dist_dir; /**< default "dist" */
    unsigned jobs;        /**< threads; 0 = the processors that may be used */
    uint64_t max_memory;  /**< bytes; 0 = no budget */
    const char *password_file; /**< its first line opens encrypted workbooks; nobody else may read it */
} hotpass_options;

/** Hold the counts of a run: rows_in = rows_out + merged + quarantined. */
typedef struct hotpass_result {
    uint64_t rows_in, rows_out, merged, quarantined, contacts;
    int exit_code;      /**< as the program's: 0, or 1 when a check of severity fail did */
    char message[1400]; /**< on an error: what, where, what to do next */
} hotpass_result;

/** Refine. Returns 0, or the exit code that the program would end with; `result` (caller's, may be NULL) is
 * filled either way. Inputs are never modified; on an error nothing is written. Not to be called from two
 * threads at once. */
int hotpass_refine(const hotpass_options *options, hotpass_result *result);

/** Return the version, e.g. "0.1.0". Static text. */
const char *hotpass_version(void);

#ifdef __cplusplus
}
#endif
#endif
