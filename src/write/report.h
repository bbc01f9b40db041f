/* Reports: what a run made of its inputs, as one page to look at (HTML) or a text to paste (Markdown). The
 * model is plain data: who fills it (src/refine/report.c) decides what is told, masked and left out; the
 * writers only lay it out. Texts are plain text, escaped by the writers. Same model, same bytes. */
#ifndef HP_WRITE_REPORT_H
#define HP_WRITE_REPORT_H

#include "base/buf.h"
#include "table/issue.h"

/** Mark a number that is not known: there is no previous run, or it did not say. */
#define HP_UNKNOWN UINT64_MAX

/** Say how a run ended. */
typedef enum hp_report_state {
    HP_REPORT_PASSED,   /**< every expectation is met */
    HP_REPORT_WARNINGS, /**< some are not, none of which stops a run */
    HP_REPORT_STOPPED   /**< one that does is not: nothing was written */
} hp_report_state;

/** Name a fact of the run: "Profile", "aviation". */
typedef struct hp_report_fact {
    hp_str name, value;
} hp_report_fact;

/** Return "Passed", "Passed with warnings", "Stopped". */
const char *hp_report_state_name(hp_report_state s);

/** Hold how full a column is: before, of the source rows that could hold it; after, of the result's. */
typedef struct hp_report_fill {
    hp_str column, text;
    uint64_t before, before_of, after, after_of;
    uint64_t was, was_of; /**< after, in the previous run; HP_UNKNOWN */
} hp_report_fill;

/** Hold how many organisations have a quality score of about `label`. */
typedef struct hp_report_level {
    hp_str label;
    uint64_t count;
} hp_report_level;

/** Hold the findings of a rule. */
typedef struct hp_report_rule {
    hp_str rule, text;
    hp_severity severity;
    uint64_t count, was; /**< HP_UNKNOWN */
    hp_str cells;        /**< the first: "Book.xlsx!List!C5, !C9, …" */
    hp_str value;        /**< of the first, masked if need be; empty */
} hp_report_rule;

/** Hold the findings about one place: a row, a column, a sheet. */
typedef struct hp_report_place {
    hp_str place;        /**< "Book.xlsx!List!17" */
    hp_str name;         /**< what is there: a header, a source; empty */
    uint64_t rows;       /**< of a column or sheet; 0 of a row */
    uint64_t warn, info; /**< findings: warnings and errors, and the others */
    hp_str rules;        /**< "phone_invalid 12, placeholder 3" */
    hp_str cells;        /**< the first; empty */
} hp_report_place;

/** Hold a list of places, of which only the worst are listed. */
typedef struct hp_report_places {
    hp_report_place *list;
    size_t n, all;
} hp_report_places;

/** Hold a value that is not as expected. */
typedef struct hp_report_offender {
    hp_str place, value; /**< value may be empty */
    hp_str why;          /**< command that tells where the value came from, to be copied; may be empty */
} hp_report_offender;

/** Hold what came of an expectation. */
typedef struct hp_report_check {
    hp_str column, expectation;
    bool success, stops;
    uint64_t evaluated, unexpected;
    double mostly;
    hp_report_offender *offender; /**< the first of `unexpected` */
    size_t noffender;
} hp_report_check;

/** Say whether a number got better or worse; most do neither by themselves. */
typedef enum hp_report_trend { HP_TREND_NONE, HP_TREND_BETTER, HP_TREND_WORSE } hp_report_trend;

/** Hold what is not as it was in the previous run. */
typedef struct hp_report_change {
    hp_str what, was, now, change;
    hp_report_trend trend;
} hp_report_change;

/** Hold quarantined rows with one reason. */
typedef struct hp_report_reason {
    hp_str reason, text;
    uint64_t count;
    hp_str rows; /**< addresses of the first */
} hp_report_reason;

/** Hold an input file. */
typedef struct hp_report_input {
    hp_str name, label, sha256;
    uint64_t bytes, rows;
} hp_report_input;

/** Hold a file that the run wrote. */
typedef struct hp_report_output {
    hp_str path, sha256;
    uint64_t bytes;
} hp_report_output;

/** Hold a thing to do, and where. */
typedef struct hp_report_step {
    hp_str text, where; /**< `where` may be empty */
} hp_report_step;

/** Hold a report; everything lives in the arena of whoever fills it. */
typedef struct hp_report {
    hp_str title, when; /**< "2026-11-24 08:28 UTC" */
    hp_str version;     /**< of hotpass */
    hp_report_state state;
    hp_str verdict, why; /**< "Passed", "20 of 20 expectations are met." */
    bool masked;         /**< values that may be personal are */
    bool no_result;      /**< nothing was made of the rows: what became of them is left out */
    hp_str all_runs;     /**< address of the list of runs; empty */
    /* rows: in = out + merged + quarantined */
    uint64_t rows_in, rows_out, merged, quarantined, duplicates, attached, contacts, conflicts;
    uint64_t findings, warnings; /**< all; those that are warnings or errors */
    double quality;              /**< mean, 0..1 */
    /* the previous run */
    bool previous;
    hp_str previous_note; /**< when it was, or why it cannot be compared; empty when there is none */
    uint64_t was_in, was_out, was_quarantined, was_contacts; /**< HP_UNKNOWN */
    double was_quality;                                      /**< less than 0: not known */
    size_t nchange;
    hp_report_change *change;

    size_t nstep;
    hp_report_step *step;
    size_t nfill;
    hp_report_fill *fill;
    size_t nlevel;
    hp_report_level *level; /**< ascending */
    size_t nrule;
    hp_report_rule *rule; /**< gravest and most frequent first */
    hp_report_places sheets, columns, rows;
    size_t ncheck;
    hp_report_check *check;
    size_t nreason;
    hp_report_reason *reason;
    size_t ninput;
    hp_report_input *input;
    size_t noutput;
    hp_report_output *output;
    size_t nfact;
    hp_report_fact *fact;
} hp_report;

/** Name the form of a report. */
typedef enum hp_report_form { HP_REPORT_NONE, HP_REPORT_HTML, HP_REPORT_MD } hp_report_form;

/** Return the form that the suffix of a path asks for (.html, .htm, .md); HP_REPORT_NONE for another one. */
hp_report_form hp_report_form_of(const char *path);
/** Append a report as a page that needs nothing but itself: no script, no network (a content security policy
 * forbids both), light and dark, for screens of any width and for paper. */
void hp_report_html(const hp_report *r, hp_buf *out);
/** Append a report as Markdown (GFM). */
void hp_report_md(const hp_report *r, hp_buf *out);

/** Hold a line of the list of runs. */
typedef struct hp_report_run {
    hp_str id, href; /**< "20261124T082822Z-daa55370bf6a", "20261124T082822Z-daa55370bf6a/index.html" */
    bool known;      /**< what follows could be read */
    hp_str when, profile;
    hp_report_state state;
    uint64_t rows_in, rows_out, quarantined, warnings;
    double quality;
} hp_report_run;

/** Append the page that lists runs, in the order given, which is that of time: newest first. */
void hp_report_index(const hp_report_run *run, size_t n, hp_buf *out);

#endif
