/* The inside of merging: ranks of records, the values that compete for a field, the people of an
 * organisation. */
#ifndef HP_MERGE_MERGER_H
#define HP_MERGE_MERGER_H

#include "base/buf.h"
#include "base/vec.h"
#include "merge/merge.h"

/** Name the columns of the sheet Data. */
typedef enum hp_data_col {
#define HP_DATA_COLUMN(id, name, style, text) HP_D_##id,
#include "merge/columns.def"
    HP_DATA_COL_COUNT
} hp_data_col;

/** Name the columns of the sheet Contacts. */
typedef enum hp_contact_col {
#define HP_CONTACT_COLUMN(id, name, style, text) HP_C_##id,
#include "merge/columns.def"
    HP_CONTACT_COL_COUNT
} hp_contact_col;

/** Hold a value that competes for a field. */
typedef struct hp_candidate {
    hp_vid v;
    hp_cell at;
    uint32_t record; /**< organisation record it belongs to */
    hp_vid date;     /**< last interaction date of its row, or HP_NULL */
} hp_candidate;

/** Say how the value of a field is found. */
typedef enum hp_pick_mode {
    HP_PICK_FIRST,   /**< the best-ranked record's value; others are conflicts */
    HP_PICK_ALL,     /**< all values, joined */
    HP_PICK_CONTACT, /**< from the primary contact, or (secondary) the other channels */
    HP_PICK_LATEST   /**< the latest date */
} hp_pick_mode;

/** Describe a field of selection_provenance. */
typedef struct hp_pick {
    const char *key;
    hp_data_col col;
    hp_field field; /**< HP_F_NONE for contacts */
    hp_pick_mode mode;
    char split;    /**< for HP_PICK_ALL: values are lists with this separator; 0 = whole values */
    bool personal; /**< values of losers may be personal or free text: not repeated in the provenance */
} hp_pick;

/** Name the fields of selection_provenance, in the order of their keys (provenance.c describes them). */
typedef enum hp_pick_id {
    HP_P_ADDRESS,
    HP_P_AREA,
    HP_P_CITY,
    HP_P_CONTACT_EMAIL,
    HP_P_CONTACT_NAME,
    HP_P_CONTACT_PHONE,
    HP_P_CONTACT_ROLE,
    HP_P_SECONDARY_EMAILS,
    HP_P_SECONDARY_PHONES,
    HP_P_COUNTRY,
    HP_P_DESCRIPTION,
    HP_P_FAX,
    HP_P_LAST_DATE,
    HP_P_NOTES,
    HP_P_CATEGORY,
    HP_P_NAME,
    HP_P_TYPE,
    HP_P_PLANES,
    HP_P_POSTAL_CODE,
    HP_P_PRIORITY,
    HP_P_PROVINCE,
    HP_P_STATUS,
    HP_P_TRADING_AS,
    HP_P_WEBSITE,
    HP_PICK_COUNT
} hp_pick_id;

/** Hold a range of an array. */
typedef struct hp_range {
    uint32_t first, n;
} hp_range;

/** Hold one person of an organisation: contacts of the same name or e-mail address, as one. */
typedef struct hp_person {
    hp_candidate name, role;
    hp_vid title, fold; /**< fold: name for comparing */
    uint32_t words;     /**< in the name */
    uint32_t rank,
        order; /**< of the first contact: rank of its record, position among the organisation's contacts */
    hp_range email, phone; /**< in hp_merger.channel */
    hp_range row;          /**< in hp_merger.contact */
} hp_person;

/** Hold a contact of the organisation that is being merged. */
typedef struct hp_member {
    const hp_contact *c;
    uint32_t rank, order, person;
} hp_member;

/** Remember which person of the organisation at hand a value (name, e-mail, phone) belongs to. */
typedef struct hp_mark {
    uint32_t stamp, person;
} hp_mark;

/** Hold an output row before its columns are written. */
typedef struct hp_golden_row {
    uint64_t prefix; /**< first eight bytes of the name, for sorting */
    uint32_t cluster;
    hp_vid name, slug, date;
} hp_golden_row;

/** Hold a row of the sheet Contacts. */
typedef struct hp_contact_row {
    hp_vid v[HP_CONTACT_COL_COUNT];
} hp_contact_row;

/** Hold the state of merging. */
typedef struct hp_merger {
    hp_run *run;
    const hp_profile *p;
    const hp_records *in;
    const hp_clusters *clusters;
    hp_arena *tmp;
    hp_golden *out;

    uint32_t *order;   /**< records by cluster (as clusters->member), best-ranked first */
    uint8_t *complete; /**< 0..5 for each record */
    hp_vid *fold;      /**< folded name of each contact, or HP_NULL */
    int max_priority;  /**< of the profile's sources */
    hp_golden_row *row;
    size_t nrow;
    hp_vid *label;                  /**< source label of each file */
    hp_vid country;                 /**< the profile's, by name */
    hp_str *label_json, *cell_json; /**< for each file, for each sheet: parts of provenance, ready to copy */

    /* The organisation at hand. */
    const uint32_t *rank; /**< its records, best first */
    size_t nrank;
    const hp_golden_row *golden;
    size_t at; /**< row of the output */
    HP_VEC(hp_candidate) candidate;
    hp_range pick[HP_PICK_COUNT]; /**< candidates of each field, in `candidate`; the first one survives */
    HP_VEC(hp_member) member;
    HP_VEC(const hp_contact *) contact; /**< grouped by person */
    HP_VEC(hp_person) person;
    HP_VEC(hp_candidate) channel;
    const hp_person *primary; /**< NULL when there is none */

    uint32_t *seen, seen_stamp; /**< for each value: the stamp of the last question "was it there before?" */
    hp_mark *mark;
    uint32_t mark_stamp;
    hp_buf text, json, part;
    HP_VEC(hp_vid) list;
    HP_VEC(hp_contact_row) contact_row;
} hp_merger;

/* ---- rank.c ---- */

/** Rank the records of each cluster: source priority, completeness, last interaction, reading order. Errors:
 * HP_RETRY. */
hp_code hp_rank(hp_merger *m, hp_err *err);
/** Return the source priority of a record. */
int hp_priority_of(const hp_merger *m, uint32_t record);

/* ---- order.c ---- */

/** Name, sort and key the output rows; organisations last touched before `since` go to quarantine. Errors:
 * HP_RETRY. */
hp_code hp_order_rows(hp_merger *m, hp_str since, hp_err *err);
/** Call `fn` for each source row of a cluster: each record's own, its contacts' (unless it is the same), its
 * addresses and notes. */
hp_code hp_each_row(const hp_merger *m, uint32_t cluster,
                    hp_code (*fn)(void *ctx, hp_origin at, int entity, hp_err *err), void *ctx, hp_err *err);

/* ---- fields.c ---- */

/** Describe a field of the provenance. */
const hp_pick *hp_pick_get(hp_pick_id id);
/** Collect the candidates of all fields but those of contacts. Errors: HP_RETRY. */
hp_code hp_collect_fields(hp_merger *m, hp_err *err);
/** Report the single values that lost. Errors: HP_RETRY. */
hp_code hp_report_conflicts(hp_merger *m, hp_err *err);
/** Begin asking which values were there before. */
void hp_seen_begin(hp_merger *m);
/** Tell whether a value was there since hp_seen_begin, and remember it. */
bool hp_seen_before(hp_merger *m, hp_vid v);

/* ---- people.c ---- */

/** Fold the names of all contacts; before anything else is interned by merging. Errors: HP_RETRY. */
hp_code hp_fold_contacts(hp_merger *m, hp_err *err);
/** Make the contacts of the organisation one line a person, in order, the primary one first; add the
 * candidates of the contact fields. Errors: HP_RETRY. */
hp_code hp_collect_people(hp_merger *m, hp_err *err);

/** Return how a person can be reached: 4 by e-mail and phone, 3 by e-mail, 2 by phone, 1: has a name. */
int hp_reach(const hp_person *p);

/* ---- trace.c ---- */

/** Begin the trace when the run asks for it; without it the others do nothing. Errors: HP_RETRY. */
hp_code hp_trace_open(hp_merger *m, hp_err *err);
/** Add the organisation at hand and its people. Errors: HP_RETRY. */
hp_code hp_trace_row(hp_merger *m, hp_err *err);
/** Take the rows with out[row] out of a trace that was handed over, with their people. */
void hp_trace_take_out(hp_trace *t, const uint8_t *out);
/** Hand the trace over to the run's arena; `code` is what merging came to, and comes back. Errors: HP_RETRY.
 */
hp_code hp_trace_close(hp_merger *m, hp_code code, hp_err *err);

/* ---- score.c ---- */

/* Without asking the network, a well-formed address is no more than that; a number of the numbering plan can
 * at least be dialled. */
#define HP_EMAIL_CONFIDENCE 0.60
#define HP_PHONE_CONFIDENCE 0.85

/** Return 1 / (1 + e^(-12 (x - 0.5))), with 0 and 1 kept. */
double hp_logistic(double x);
/** Return how likely a person can be reached, 0..1: logistic of the mean confidence of the channels there
 * are. */
double hp_deliverability(bool email, bool phone);
/** Return the lead score of a person, 0..1. */
double hp_lead_score(const hp_merger *m, const hp_person *p);
/** Return the weight of a role, 0.5..1, by the first word of a list that occurs in it. */
double hp_role_weight(hp_str role);
/** Intern a number with up to six decimals, at least one ("0.6", "0.990243"). Errors: HP_RETRY. */
hp_code hp_number(hp_merger *m, double x, hp_vid *out, hp_err *err);

/* ---- provenance.c ---- */

/** Prepare the parts that repeat. Errors: HP_RETRY. */
hp_code hp_provenance_open(hp_merger *m, hp_err *err);
/** Write selection_provenance of the organisation at hand. Errors: HP_RETRY. */
hp_code hp_provenance(hp_merger *m, hp_vid *out, hp_err *err);

/* ---- join.c ---- */

/** Join texts in hp_merger.text up to what a cell can hold; what does not fit is counted. */
typedef struct hp_joiner {
    hp_merger *m;
    const char *separator;
    size_t n, dropped;
} hp_joiner;

/** Begin joining. */
hp_joiner hp_join_begin(hp_merger *m, const char *separator);
/** Add a text; empty ones are passed over. */
void hp_join_add(hp_joiner *j, hp_str text);
/** End joining: "; ... and N more" and a finding when texts were dropped. `column` names it. Errors:
 * HP_RETRY. */
hp_code hp_join_end(hp_joiner *j, const char *column, hp_vid *out, hp_err *err);
/** Report that a cell of the organisation at hand holds less than it should. Errors: HP_RETRY. */
hp_code hp_report_cut(hp_merger *m, const char *column, size_t dropped, hp_err *err);
/** Add the candidates of a field. */
void hp_join_pick(hp_joiner *j, hp_pick_id id);

/* ---- contacts.c ---- */

/** Add the people of the organisation at hand to the rows of Contacts. Errors: HP_RETRY. */
hp_code hp_add_contact_rows(hp_merger *m, hp_err *err);
/** Intern what is known of a person's consent: the gravest word of its rows; HP_NULL when none says anything.
 * Errors: HP_RETRY. */
hp_code hp_person_consent(hp_merger *m, const hp_person *p, hp_vid *out, hp_err *err);
/** Intern what the organisation's rows say of the consent of people who are not known or were left out: the
 * gravest word; HP_NULL when none says anything. Errors: HP_RETRY. */
hp_code hp_nobodys_consent(hp_merger *m, hp_vid *out, hp_err *err);
/** Make the table Contacts of the rows collected. Errors: HP_RETRY. */
hp_code hp_make_contacts(hp_merger *m, hp_err *err);

/* ---- sources.c ---- */

/** Intern the labels of the files. Errors: HP_RETRY. */
hp_code hp_intern_labels(hp_merger *m, hp_err *err);
/** Write what the row of the organisation at hand is made of: datasets, record ids, rows, cells, reasons.
 * Errors: HP_RETRY. */
hp_code hp_write_sources(hp_merger *m, hp_err *err);

/* ---- rows.c ---- */

/** Set a cell of the row at hand. */
static inline void hp_put(hp_merger *m, hp_data_col c, hp_vid v) { m->out->data->col[c].v[m->at] = v; }
/** Set a cell to a whole number. Errors: HP_RETRY. */
hp_code hp_put_count(hp_merger *m, hp_data_col c, size_t n, hp_err *err);
/** End joining and set a cell to the outcome. Errors: HP_RETRY. */
hp_code hp_put_joined(hp_merger *m, hp_joiner *j, hp_data_col c, hp_err *err);

/** Make the empty table Data. Errors: HP_RETRY. */
hp_code hp_make_data(hp_merger *m, hp_err *err);
/** Write the organisation at hand as a row of Data. Errors: HP_RETRY. */
hp_code hp_write_organization(hp_merger *m, hp_err *err);

#endif
