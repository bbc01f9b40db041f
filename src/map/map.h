/* Mapping: source headers to canonical fields, with the reason for each choice. */
#ifndef HP_MAP_MAP_H
#define HP_MAP_MAP_H

#include "profile/profile.h"
#include "table/mapped.h"
#include "table/run.h"

/** Map a raw sheet. `decl` is its declaration in the profile, or NULL to map by synonyms and content. Finds
 * the header row below banners, makes headers unique (blank ones become "Unnamed: N", repeated ones get
 * ".1"), binds columns. *out is NULL (with a finding) when the sheet cannot be used. Errors (stage validate):
 * HP_DATA for a missing required column or a declared sheet without data rows, naming file!Sheet, the column,
 * what was found, and the profile's line. */
hp_code hp_map_sheet(hp_run *run, const hp_profile *p, const hp_profile_source *source,
                     const hp_profile_sheet *decl, const hp_table *raw, uint32_t sheet, hp_mapped **out,
                     hp_err *err);
/** Find the header row of a raw grid: the index of the row that best looks like headers (texts, distinct, few
 * gaps, followed by rows of other kinds) among the first 30, or the first one where the format names its
 * columns; SIZE_MAX when the grid has none. */
size_t hp_find_header(const hp_run *run, const hp_profile *p, const hp_table *raw);
/** Score how well a header text names a field: 1 for the name or a synonym (0.7 to 1 for a word that may mean
 * several fields, "name"), else the best similarity, below 1. 0 when out of memory. */
double hp_map_score_header(const hp_profile *p, hp_str header, hp_field f);
/** Score how well a header text names each field, as hp_map_score_header; score[HP_F_NONE] is 0. Errors:
 * HP_RETRY. */
hp_code hp_map_score_fields(const hp_profile *p, hp_str header, double score[HP_FIELD_COUNT], hp_err *err);
/** Infer the kind of a column's values from a sample; *share is the fraction that fit.
 * HP_K_TEXT when nothing special fits. */
hp_kind hp_infer_kind(const hp_run *run, const hp_column *c, size_t from, size_t to, double *share);
/** Return "declared", "exact name", "similar name", "content" or "not mapped". */
const char *hp_map_reason_name(hp_map_reason r);
/** Write mapped sheets as a map file (YAML that hp_profile_overlay_map reads). */
void hp_map_save(const hp_run *run, const hp_mapped *const *sheets, size_t n, hp_buf *out);

#endif
