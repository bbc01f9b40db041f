/* Profiles: what a user declares about sources, columns, cleaning, merging. One YAML (or JSON) file drives
 * everything. */
#ifndef HP_PROFILE_PROFILE_H
#define HP_PROFILE_PROFILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/hash.h"
#include "profile/compliance.h"
#include "profile/network.h"
#include "profile/suite.h"
#include "table/field.h"

/** Map a source column (by header, case and white space aside) to a field; order in the file counts when
 * several feed one field. */
typedef struct hp_profile_column {
    hp_str header;  /**< as in the sheet; "Unnamed: N" or "[E]" name a column without header */
    hp_field field; /**< HP_F_NONE: ignored on purpose (`~` or `ignore`) */
    bool required;  /**< absent = error of stage validate */
    int line;       /**< in the profile, for messages */
} hp_profile_column;

/** Set a field for every row of a sheet that gives no value of its own. */
typedef struct hp_profile_constant {
    hp_field field;
    hp_str value;
    int line;
} hp_profile_constant;

/** Say what follows for each severity, by hp_gx_severity: 1 + hp_on_failure; 0: nothing is said here. */
typedef struct hp_profile_actions {
    uint8_t of[HP_GX_SEVERITIES];
} hp_profile_actions;

/** Name the suites and contracts that a table is held against. */
typedef struct hp_profile_checks {
    size_t nsuite;
    hp_str *suite; /**< paths as written; see hp_profile_checks_path */
    size_t ncontract;
    hp_str *contract;
    hp_profile_actions actions; /**< instead of the profile's */
    hp_str dir;                 /**< of the file that names them */
    const hp_node *node;        /**< the map that names them, for messages */
} hp_profile_checks;

/** Declare a sheet of a source. */
typedef struct hp_profile_sheet {
    hp_str name; /**< sheet name, case and outer white space aside; may be a glob */
    hp_entity entity;
    bool required;            /**< absent = error of stage validate (default true) */
    int header_row;           /**< 1-based; 0 = auto; -1 = none (columns are named by their letters: "[A]") */
    bool join_key, join_name; /**< contact, address, note sheets: by record_id, else by organisation name
                                 (default both) */
    hp_str id_prefix;         /**< for record ids; empty = the source's */
    size_t ncolumn;
    hp_profile_column *column; /**< empty = mapped automatically */
    size_t nconstant;
    hp_profile_constant *constant;
    hp_profile_checks checks; /**< of the sheet as it was read */
    int line;
} hp_profile_sheet;

/** Declare a source: files that match a pattern. */
typedef struct hp_profile_source {
    hp_str name;         /**< label in outputs, e.g. "Reachout Database" */
    hp_str format;       /**< xlsx, csv, ... or empty = by suffix and content */
    hp_str path_pattern; /**< case-insensitive glob on the file name (a directory part is ignored) */
    int priority;        /**< survivorship: higher wins */
    hp_str id_prefix;    /**< for record ids; empty = slug of the name */
    bool required;       /**< absent = error instead of a finding (default false) */
    size_t nsheet;
    hp_profile_sheet *sheet;  /**< empty = every sheet, mapped automatically */
    hp_profile_checks checks; /**< of each of its sheets, as they were read */
    int line;
} hp_profile_source;

/** Give more names to a field, for automatic mapping. */
typedef struct hp_profile_synonyms {
    hp_field field;
    size_t n;
    hp_str *name;
} hp_profile_synonyms;

/** State an expectation on the output. */
typedef struct hp_profile_expectation {
    hp_str column; /**< output column */
    hp_str kind;   /**< "not_null" or "matches_regex" */
    hp_str regex;
    double mostly;        /**< 0..1, default 1 */
    hp_on_failure action; /**< default HP_ON_FAILURE_WARN */
    int line;
} hp_profile_expectation;

/** Declare a provider of enrichment: `enrich.providers`. */
typedef struct hp_profile_provider {
    hp_str name;       /**< how reports call it; the provider's by default */
    hp_str provider;   /**< lookup, history, derived, registry, website, ...: enrich/providers.c */
    hp_str path;       /**< its file, relative to the working directory; empty = where the provider looks */
    double confidence; /**< of its suggestions; below 0 = the provider's own */
    const hp_node *settings; /**< a map that the provider itself reads; NULL = none */
    int line;
} hp_profile_provider;

/** Say what may be added from elsewhere: the block `enrich`. */
typedef struct hp_profile_enrich {
    bool allow_network; /**< default false */
    size_t nchain;
    hp_str *chain; /**< fetcher_chain: names of providers, or of groups of them; none = all, in their order */
    size_t nfield;
    hp_field *field;  /**< backfillable_fields; none = all that are understood */
    double threshold; /**< confidence from which a value is applied; default 0.7 */
    bool evidence;    /**< provenance_required: suggestions without evidence are dropped; default true */
    size_t nprovider;
    hp_profile_provider *provider;
    hp_profile_network network;
} hp_profile_enrich;

/** Hold a profile. Lives in the arena it was loaded into; all texts UTF-8. */
typedef struct hp_profile {
    hp_str path;      /**< file it came from, as shown in messages */
    hp_sha256 sha256; /**< of the file's bytes */
    hp_str name, display_name, summary;
    /* ingest */
    size_t nsource;
    hp_profile_source *source; /**< none = every xlsx or csv of the directory, mapped automatically */
    /* refine */
    size_t nsynonyms;
    hp_profile_synonyms *synonyms;
    hp_str country; /**< ISO 3166-1 alpha-2 region for phones, postal codes, provinces; default "ZA" */
    bool day_first; /**< 03/04/2025 is 3 April (default true) */
    double match_threshold; /**< similarity of names (Jaro-Winkler) that domain and phone matches need;
                               default 0.92 */
    double map_threshold;   /**< score from which a column is mapped; default 0.7 */
    double email_threshold, phone_threshold,
        website_threshold; /**< `mostly` of the output checks; 0.85, 0.85, 0.75 */
    size_t nplaceholder;
    hp_str *placeholder; /**< more texts that mean "nothing known" (compared folded) */
    size_t nfiller;
    hp_str *filler; /**< glob patterns of filler organisation names, e.g. "Unknown Organisation *" */
    size_t nfree_domain;
    hp_str *free_domain; /**< more free-mail domains */
    size_t nrequired;
    hp_field *required_field;
    size_t nexpectation;
    hp_profile_expectation *expectation;
    /* suites and contracts */
    hp_profile_actions actions; /**< default: critical stops the run, warning and info are reported */
    hp_profile_checks output;   /**< of the table Data */
    /* compliance */
    hp_str privacy_basis; /**< default "Legitimate Interest" */
    hp_profile_compliance compliance;
    /* enrich */
    hp_profile_enrich enrich;
    const hp_node *doc; /**< the file as read, for the keys that no stage uses yet */
} hp_profile;

/** Load a profile from a file. Unknown keys, wrong types and contradictions are errors (HP_CONFIG) with
 * file:line:column and the nearest known key. Errors: HP_CONFIG, HP_NOINPUT. */
hp_code hp_profile_load(hp_arena *a, const char *path, hp_profile **out, hp_err *err);
/** Load a profile from bytes; `path` names them in messages and tells JSON by its suffix. Errors: HP_CONFIG,
 * HP_RETRY. */
hp_code hp_profile_parse(hp_arena *a, hp_str bytes, const char *path, hp_profile **out, hp_err *err);
/** Check a profile file and append every error to `lines`, one a line with file:line:column, in file order;
 * *nerrors is their number. HP_OK when the file could be read, however many errors it has. Errors:
 * HP_NOINPUT, HP_NOPERM, HP_IO, HP_RETRY. */
hp_code hp_profile_lint(hp_arena *a, const char *path, hp_buf *lines, size_t *nerrors, hp_err *err);
/** Write the reference of all keys and fields as Markdown (docs/reference/profile.md), from the tables that
 * the loader goes by. */
void hp_profile_reference(hp_buf *out);
/** Find a profile by name in `dirs` (then ./profiles, then the installed ones): NAME.yaml, .yml, .json; a
 * name with a suffix or a slash is a path. *path is in the arena. Errors: HP_CONFIG with the places searched
 * and the nearest name. */
hp_code hp_profile_find(hp_arena *a, hp_str name, const char *const *dirs, size_t ndirs, hp_str *path,
                        hp_err *err);
/** List the profiles of the same places, by name, first found wins. Errors: HP_RETRY. */
hp_code hp_profile_list(hp_arena *a, const char *const *dirs, size_t ndirs, hp_str **paths, size_t *n,
                        hp_err *err);
/** Overlay a saved map (`hotpass map --save`): its sources replace the profile's, whose suites and contracts
 * stay with sources and sheets of the same name that name none. Errors: HP_CONFIG. */
hp_code hp_profile_overlay_map(hp_arena *a, hp_profile *p, const char *path, hp_err *err);
/** Return the path of a suite or contract that the profile names: relative ones begin at the folder of the
 * file that names it. NUL-terminated, in the arena; p is NULL when out of memory. */
hp_str hp_profile_checks_path(hp_arena *a, const hp_profile_checks *c, hp_str name);
/** Return what follows when an expectation of `severity` is not met; the first of `more` that says so wins
 * over the profile. Each may be NULL. */
hp_on_failure hp_profile_action(const hp_profile *p, const hp_profile_checks *const *more, size_t n,
                                hp_gx_severity severity);
/** Return the word of a profile: "fail", "warn", "quarantine". */
const char *hp_on_failure_name(hp_on_failure f);
/** Return the output column that carries a field (contact_email: contact_primary_email), or the name itself.
 */
hp_str hp_pfield_output(hp_str name);
/** Write the profile as it is after defaults, as YAML, for `profile show`. */
void hp_profile_show(const hp_profile *p, hp_buf *out);

#endif
