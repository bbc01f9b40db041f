/* Providers: who answers when a row has blanks. One file each, one line in the table (profile/providers.def).
 *
 * A provider is opened once a run with what the profile says about it, asked for many rows at a time, closed.
 * It never sees a table and never changes one: it suggests, and the engine (enrich/enrich.h) decides what is
 * applied, by threshold and order, and writes down where each value came from. */
#ifndef HP_ENRICH_PROVIDER_H
#define HP_ENRICH_PROVIDER_H

#include "clean/clean.h"
#include "profile/profile.h"
#include "table/run.h"

struct hp_gate; /* net/gate.h: whether sockets may be opened, and who says no */

/** Say how values are come by; the column provenance_strategy. */
typedef enum hp_strategy {
    HP_STRATEGY_DETERMINISTIC, /**< from what lies on this machine: the same answer every time */
    HP_STRATEGY_RESEARCH       /**< from what others say today */
} hp_strategy;

/** Name a set of fields: bit f is field f. */
typedef uint64_t hp_field_set;
/** Make the set of one field. */
static inline hp_field_set hp_field_bit(hp_field f) { return (hp_field_set)1 << f; }
/** Tell whether a field is in a set. */
static inline bool hp_field_in(hp_field_set s, hp_field f) { return (s >> f & 1) != 0; }

/** Ask about one row. All views are valid until `ask` returns; empty means not known. */
typedef struct hp_enrich_row {
    size_t row;          /**< its place in the sheet's table, for messages */
    hp_field_set wanted; /**< what may be suggested: blank, with a column, allowed by the profile, and
                            with a lawful basis where the strategy is research. Other suggestions are
                            dropped; a provider need not look for them */
    hp_str value[HP_FIELD_COUNT]; /**< what the row has, cleaned (clean/clean.h); of a list the first member.
                                     A field that an earlier provider of the chain filled has its new value */
    hp_str name_key;              /**< hp_name_key of the organisation's name */
    hp_str domain; /**< registrable domain of the website, else of the e-mail address where it is neither
                      free mail nor a shared host */
    hp_str registration; /**< company registration number, letters and digits only, upper case */
    hp_str slug;         /**< organization_slug */
    hp_str plain_site;   /**< the website as the file has it where that is http:// with a port; else empty.
                            Cleaning makes https:// of it, which nobody speaks at that port */
} hp_enrich_row;

/** Suggest a value for a field of a row that was asked about. */
typedef struct hp_suggestion {
    size_t ask; /**< index in the rows of this call */
    hp_field field;
    hp_str value;      /**< UTF-8, not empty; the engine cleans it as refine would, and drops what does not
                          stand cleaning (an e-mail address that is none) */
    double confidence; /**< 0..1 */
    hp_str source;     /**< the column provenance_source where it is not the provider's: "sacaa_registry" */
    hp_str evidence;   /**< where it can be looked up: a URL, or "file.csv!17", "file.xlsx!Sheet!17" */
    int64_t time;      /**< when the evidence was seen, seconds since 1970; 0 = now (hp_clock_now) */
} hp_suggestion;

/** Say what happened with the network for a row; research providers only. */
typedef enum hp_row_net {
    HP_NET_NOT_USED, /**< nothing was asked for this row */
    HP_NET_USED,     /**< asked, and there was an answer, perhaps that nothing is known (a cached one too) */
    HP_NET_BLOCKED,  /**< a guard said no: robots.txt, address, budget of requests; `reason` names it */
    HP_NET_FAILED    /**< asked, and no answer came; `reason` says why */
} hp_row_net;

/** Collect the answers of one call of `ask`. Made and cleared by the engine; add through the functions. */
typedef struct hp_answers hp_answers;

/** Add a suggestion; the texts are copied. May be called by one thread at a time. Errors: HP_RETRY. */
hp_code hp_suggest(hp_answers *a, const hp_suggestion *s, hp_err *err);
/** Say what happened with the network for row `ask`; `reason` (copied) in a few words: "robots.txt",
 * "timeout", "http 503". Later calls for the row replace it unless that would hide a graver outcome
 * (failed over blocked over used). Errors: HP_RETRY. */
hp_code hp_answer_net(hp_answers *a, size_t ask, hp_row_net what, hp_str reason, hp_err *err);

/** Hold what a provider gets when it is opened; valid until it is closed. */
typedef struct hp_provider_env {
    hp_run *run; /**< its arena and pool for what must stay; tables are read into it. Only the calling thread
                    may use it, and not while rows are being asked about by threads of the provider's own */
    const hp_profile *profile;
    const hp_profile_provider *item; /**< what `enrich.providers` says: name, path, confidence, settings */
    const hp_clean_ctx *clean;
    const char *home;      /**< directory of lookups, history, registries, caches (".hotpass") */
    const char *input;     /**< the file being enriched: history must not answer from it */
    int64_t now;           /**< hp_clock_now */
    struct hp_gate *gate;  /**< of the network; NULL when a provider without network is opened */
    uint64_t max_requests; /**< --max-requests; 0 = no limit */
} hp_provider_env;

/** Describe a provider. */
typedef struct hp_provider {
    const char *name;   /**< as in enrich.fetcher_chain: "lookup" */
    const char *group;  /**< a word that stands for it and others in the chain: "lookup_tables"; NULL = none.
                           "deterministic" and "research" stand for all of that strategy */
    const char *source; /**< the column provenance_source: "lookup_table" */
    hp_strategy strategy;
    bool network;      /**< it opens sockets: never opened unless the gate says yes */
    double confidence; /**< of its suggestions, unless the profile sets another */
    const char *text;  /**< what it does, for the reference */
    /** Open with its configuration. *state stays NULL when there is nothing to ask (no file in .hotpass): no
     * error, it is left out. A file that the profile names and that is not there is one. Errors: HP_CONFIG,
     * HP_NOINPUT, HP_DATA, HP_RETRY. */
    hp_code (*open)(const hp_provider_env *env, void **state, hp_err *err);
    /** Answer for `n` rows, as many at once as it likes: research providers fetch for all of them side by
     * side. Called from one thread, again and again with other rows. What goes wrong for one row is said by
     * hp_answer_net, not by an error. Suggestions come in any order: the engine sorts them by row, then
     * field, then confidence, then value. Errors: what stops the command (HP_RETRY, HP_IO, HP_SIGINT). */
    hp_code (*ask)(void *state, const hp_enrich_row *row, size_t n, hp_answers *out, hp_err *err);
    /** Tell which URL would be asked first for a row, without opening anything; empty = it would not be asked
     * about. Only of providers that use the network; NULL = cannot tell. Errors: HP_CONFIG, HP_RETRY. */
    hp_code (*plan)(const hp_provider_env *env, const hp_enrich_row *row, hp_arena *a, hp_str *url,
                    hp_err *err);
    /** Release everything; must end what is under way. */
    void (*close)(void *state);
} hp_provider;

/** The most rows of one call of `ask`. */
#define HP_ENRICH_BATCH 1024

/** Return the table of providers, in their usual order. */
const hp_provider *const *hp_providers(size_t *n);

#endif
