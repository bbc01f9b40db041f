/* What a run comes to, in the ten seconds a person has for it. */
#ifndef HP_CLI_SUMMARY_H
#define HP_CLI_SUMMARY_H

#include "cli/cli.h"
#include "refine/refine.h"

/** Append the rules with findings, gravest and most frequent first, at most `top` of them, each with its
 * count, its sentence and some cell addresses; never a value that may be personal. Nothing when there are
 * none. */
void hp_put_findings(hp_buf *out, const hp_run *run, size_t top, const hp_term *t);
/** Write a member "findings": a list of {rule, severity, count, cells}. */
void hp_json_findings(hp_json *j, const hp_run *run);
/** Append which files were used, which sources are absent, which files nobody claims or could read; all of
 * them, or the first twenty of each. */
void hp_put_sources(hp_buf *out, const hp_run *run, bool all, const hp_term *t);
/** Append the expectations that stopped a run, the first of them, each with its count and first cells; each
 * line begins with `before`. */
void hp_put_stops(hp_buf *out, const hp_refine_result *r, const char *before, const hp_term *t);
/** Append the summary of a refine run. */
void hp_put_summary(hp_buf *out, const hp_refine_result *r, const hp_refine_options *o, bool verbose,
                    const hp_term *t);

#endif
