/* Cleaning: one pure function per kind of value, run once per distinct value. */
#ifndef HP_CLEAN_CLEAN_H
#define HP_CLEAN_CLEAN_H

#include "profile/profile.h"
#include "table/mapped.h"
#include "table/run.h"

/** Hold what cleaning needs to know of the profile; read-only, shared by threads. */
typedef struct hp_clean_ctx {
    char country[3]; /**< default region, ISO 3166-1 alpha-2 */
    bool day_first;
    const hp_profile *profile; /**< placeholders, fillers; may be NULL */
} hp_clean_ctx;

/** How many findings one value can have. */
#define HP_CLEAN_RULES 8

/** Collect the outcome of cleaning one value. The buffers are cleared by the caller; `value` empty = null. A
 * list value has its members separated by HP_LIST_SEP. `rules` names what was found; `reason` says more in a
 * word or two ("too short", "no @"), static text. */
typedef struct hp_clean_out {
    hp_buf value;
    hp_buf
        extra; /**< what comes with it: the role of "Name (Role)" (of a list member by member, an empty one
                  for who has none; empty when nobody has any), the comparison key of an organisation name */
    uint16_t rule[HP_CLEAN_RULES];      /**< hp_rule */
    const char *reason[HP_CLEAN_RULES]; /**< NULL when the rule says it all */
    hp_type typed;                      /**< type of the value: HP_T_TEXT, HP_T_DATE */
    uint8_t nrule;
} hp_clean_out;

/** Clean one value: pure, no global state, idempotent (cleaning its own output changes nothing and finds
 * nothing). `type` is the type the cell had. Placeholders become null with rule PLACEHOLDER. */
typedef void hp_clean_fn(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out);

hp_clean_fn hp_clean_text;     /**< trims, NFKC, control characters out, runs of blanks to one */
hp_clean_fn hp_clean_org_name; /**< text, case kept; its comparison key in extra; filler names become null
                                  with rule Q_FILLER */
hp_clean_fn
    hp_clean_person; /**< list; "Name (Role)", "Name - Role", "Surname, First": name in value, role in extra;
                        several where each part can only be a person ("A B (CEO), C D; E F - CFO") */
hp_clean_fn hp_clean_email; /**< list; mailto:, trailing dots, " at " mended; ASCII lower case; syntax of RFC
                               5321 atoms */
hp_clean_fn hp_clean_phone; /**< list of E.164 numbers; several numbers in a cell; extension dropped with a
                               finding-free note */
hp_clean_fn hp_clean_website; /**< https, host lower case without www., path kept, query and fragment dropped;
                                 must be a host name */
hp_clean_fn hp_clean_province; /**< canonical name of the country's provinces, aliases and spellings folded */
hp_clean_fn hp_clean_country;  /**< English short name of ISO 3166-1 */
hp_clean_fn hp_clean_address;  /**< text; line breaks to ", " */
hp_clean_fn hp_clean_postal;   /**< ZA: four digits, zero-padded when a number lost them; others: text of 3-10
                                  letters and digits */
hp_clean_fn
    hp_clean_date; /**< ISO date; day first unless the profile says otherwise; 1970-01-01 is a placeholder */
hp_clean_fn hp_clean_status; /**< text */
hp_clean_fn hp_clean_id;     /**< text; "12.0" from a number cell is "12" */

/** Hold a step of cleaning: its stable name, what it does, and what it made of what. */
typedef struct hp_clean_step {
    const char *name, *text;
    hp_str old, new; /**< new may be empty, and a list (HP_LIST_SEP) */
} hp_clean_step;
/** Name the steps, at most two, that lead from a value of a kind to what it was cleaned to; 0 when it was
 * clean. `scratch` (capped well above HP_LIMIT_VALUE_BYTES) holds the text between them. */
size_t hp_clean_steps(hp_kind kind, hp_str raw, hp_str clean, hp_buf *scratch, hp_clean_step step[2]);

/** Return the function for a kind. */
hp_clean_fn *hp_clean_for(hp_kind kind);
/** Make the context of a profile. */
void hp_clean_ctx_init(hp_clean_ctx *ctx, const hp_profile *p);
/** Tell whether a trimmed text is a placeholder ("Unknown", "-", "n/a", "tba", "Unspecified" ...; compared
 * folded). */
bool hp_is_placeholder(const hp_clean_ctx *ctx, hp_str text);
/** Tell whether an organisation name is filler ("Unknown Organisation 175"). */
bool hp_is_filler_name(const hp_clean_ctx *ctx, hp_str name);

/** Write the key by which organisation names are compared: folded, legal forms of many countries dropped
 * ((Pty) Ltd, CC, NPC, Inc, GmbH ...), "&" as "and", punctuation and blanks to one blank. Empty when nothing
 * is left. */
void hp_name_key(hp_str name, hp_buf *out);

/** Clean a mapped sheet: each distinct value once, in parallel batches; findings go to the run, one for each
 * cell. The cleaned arrays live in the run's arena. Errors: HP_RETRY. */
hp_code hp_clean_sheet(hp_run *run, const hp_profile *p, const hp_mapped *in, hp_cleaned **out, hp_err *err);

#endif
