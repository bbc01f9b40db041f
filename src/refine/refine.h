/* The pipeline: read, map, clean, check, resolve, merge, write, in one page of code. */
#ifndef HP_REFINE_REFINE_H
#define HP_REFINE_REFINE_H

#include "clean/comply.h"
#include "merge/merge.h"
#include "profile/profile.h"
#include "table/mapped.h"
#include "table/run.h"
#include "write/write.h"

/** Say what to refine and where to. */
typedef struct hp_refine_options {
    const char *profile;             /**< name or path */
    const char *const *profile_dirs; /**< --profile-search-path, in order */
    size_t nprofile_dirs;
    const char *map_file; /**< --map, or NULL */
    const char *input_dir;
    const char *const *outputs; /**< --output-path, one or more */
    size_t noutputs;
    hp_compress compress;       /**< of workbooks */
    const char *const *reports; /**< --report-path: .html, .md */
    size_t nreports;
    bool show_values; /**< in reports; else what may be personal is masked */
    bool archive;
    const char *dist_dir; /**< for the archive and the data docs */
    const char *annotate; /**< --annotate: directory for annotated copies of the sources, or NULL */
    const char *const
        *retry; /**< --retry-quarantine: corrected quarantines of earlier runs; later ones win */
    size_t nretry;
    hp_str since;       /**< ISO date or empty */
    bool no_provenance; /**< --no-provenance: no store for `hotpass why` */
    bool dry_run;
    hp_read_options reading;
    hp_progress_fn *progress;
    void *progress_ctx;
} hp_refine_options;

/** Hold the time of a stage. */
typedef struct hp_stage_time {
    const char *stage;
    double seconds;
    uint64_t items;
} hp_stage_time;

/** Hold an output file. */
typedef struct hp_output_file {
    hp_str path;
    const char
        *kind; /**< "workbook", "csv", "annotated", "report", "provenance", "run", "archive", "data-docs" */
    const char *table; /**< that it holds; NULL: all, or none */
    uint64_t bytes;
    hp_sha256 sha256;
    hp_xxh3 quick;
} hp_output_file;

/** Hold how full a column of the result is: `after` of rows_out rows; and how full it was where it came from:
 * `before` of `before_of` source rows that could hold it (those with contact columns, or those of
 * organisations), any text counting. */
typedef struct hp_fill {
    const char *column;
    uint64_t before, before_of, after;
} hp_fill;

/** Hold a sheet that was read, and how many cells of its mapped columns have a value. */
typedef struct hp_read_sheet {
    const hp_mapped *in;
    uint64_t rows;
    uint64_t *filled; /**< of each binding */
} hp_read_sheet;

/** Hold a table of the result, and how many cells of its columns have a value. */
typedef struct hp_made_table {
    const char *name;
    uint64_t rows;
    uint64_t *filled; /**< of each column */
    size_t ncol;
} hp_made_table;

/** Hold what was taken from a corrected quarantine. */
typedef struct hp_retried {
    const char *path;
    hp_sha256 sha256;
    uint64_t rows, cells; /**< that were corrected */
} hp_retried;

/** Hold the result of a run: what run.json and the summary say. Free with hp_refine_free. */
typedef struct hp_refine_result {
    hp_run run;
    hp_profile *profile;
    uint64_t rows_in, rows_out, merged, quarantined; /**< rows_in = rows_out + merged + quarantined */
    uint64_t duplicates, attached, contacts, conflicts;
    double quality_mean;
    hp_fill *fill; /**< of the columns that sources feed */
    size_t nfill;
    hp_read_sheet *sheet;
    size_t nsheet;
    hp_made_table table[2]; /**< Data, Contacts */
    size_t ntable;          /**< 0 when the run stopped before there was a result */
    struct {
        uint64_t books, cells, comments; /**< copies, and what they show */
        uint64_t elsewhere;              /**< findings that stand in none: of sheets, or of the run */
    } annotated;
    hp_comply_count comply;
    hp_retried *retried;
    size_t nretried;
    struct hp_verdict *verdict;
    hp_stage_time time[16];
    size_t ntime;
    hp_output_file *output;
    size_t noutput;
    uint64_t started;  /**< hp_clock_mono at the beginning */
    uint64_t failures; /**< hp_mem_failures at the beginning */
    double seconds;
    const char *failing_stage; /**< that stopped the run; NULL when none did */
    hp_code code;              /**< exit code of the run */
} hp_refine_result;

/** Run the pipeline. On an error nothing is written, on a stop at a check nothing but annotated copies, the
 * previous outputs are intact, and err names the stage. */
hp_code hp_refine(const hp_refine_options *o, hp_refine_result *out, hp_err *err);
/** Release a result; a zeroed one is allowed. */
void hp_refine_free(hp_refine_result *r);
/** Write run.json (docs/reference/run-json.md). */
void hp_refine_run_json(const hp_refine_result *r, const hp_refine_options *o, hp_buf *out);
/** Map the files of a directory without going on: for `hotpass map`. The sheets live in the run's arena. */
hp_code hp_refine_map(const hp_refine_options *o, hp_run *run, hp_profile **profile, hp_mapped ***sheets,
                      size_t *n, hp_err *err);

/** Name the sheets that explain a run. */
typedef enum hp_sheet_id { HP_SHEET_QUARANTINE, HP_SHEET_FINDINGS, HP_SHEET_SUMMARY } hp_sheet_id;
/** Return the columns of such a sheet (docs/reference/ssot.md is made from them). */
const hp_output_column *hp_sheet_columns(hp_sheet_id sheet, size_t *n);

#endif
