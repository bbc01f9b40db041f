/* Progress: one line on a terminal, or events for programs. */
#ifndef HP_CLI_PROGRESS_H
#define HP_CLI_PROGRESS_H

#include "cli/cli.h"

/** Hold what the progress line needs to remember. */
typedef struct hp_progress {
    bool line;   /**< draw a line on stderr */
    bool events; /**< write events to stderr */
    bool color;
    size_t width;
    uint64_t begun, stage_begun, drawn; /**< of hp_clock_mono */
    uint64_t done, total;               /**< of the last report */
    bool shown;
    char stage[24];
    struct hp_telemetry *telemetry; /**< is told when a stage begins; may be NULL */
} hp_progress;

/** Begin: a line when stderr is a terminal and nobody asked for quiet, events with --log-format json, else
 * nothing. */
void hp_progress_begin(hp_progress *p, const hp_cli *c);
/** Take a report of a stage (an hp_progress_fn; `ctx` is the hp_progress). Draws at most ten times a second,
 * and nothing in the first fifth of one, so that short runs do not flicker. */
void hp_progress_report(void *ctx, const char *stage, uint64_t done, uint64_t total);
/** Take the line away. */
void hp_progress_end(hp_progress *p);
/** Append the line for a stage that began `ns` nanoseconds ago: what, how far, how fast, how long still. */
void hp_progress_line(const char *stage, uint64_t done, uint64_t total, uint64_t ns, hp_buf *out);

#endif
