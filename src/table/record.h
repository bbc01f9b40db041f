/* Records: organisations with their contacts, each value with the cell it came from. */
#ifndef HP_TABLE_RECORD_H
#define HP_TABLE_RECORD_H

#include "table/field.h"
#include "table/table.h"

/** Hold a value and the cell it stands in. v may be a list value where the field allows one. */
typedef struct hp_datum {
    hp_vid v;
    hp_cell at;
} hp_datum;

/** Name the ways in which a row came to its organisation. */
typedef enum hp_joined {
    HP_JOINED_ITSELF,    /**< it is a row of organisations */
    HP_JOINED_MADE,      /**< a contact row whose organisation stands nowhere else: it made one */
    HP_JOINED_BELOW,     /**< the merged area of the name begins in a row further up */
    HP_JOINED_KEY,       /**< by the key, in its workbook */
    HP_JOINED_NAME,      /**< by the name, in its workbook */
    HP_JOINED_ELSEWHERE, /**< by the name, in another workbook */
    HP_JOINED_COUNT
} hp_joined;

/** Hold how a row came to its organisation, and by what: the key, or the name as it is compared. */
typedef struct hp_join {
    hp_vid on;   /**< HP_NULL when nothing was compared */
    uint8_t how; /**< hp_joined */
} hp_join;

/** Hold a contact: one person (or one anonymous channel) of an organisation. Name, role, e-mails and phones
 * belong together. */
typedef struct hp_contact {
    hp_origin at;  /**< the row */
    uint32_t file; /**< source file */
    uint32_t org;  /**< index of its organisation record */
    hp_join join;  /**< how the row came to it */
    hp_datum name, title, role;
    uint32_t email, nemail; /**< range in hp_records.datum */
    uint32_t phone, nphone; /**< range in hp_records.datum */
    hp_vid notes;
    hp_vid last_date;             /**< ISO date, or HP_NULL */
    hp_vid consent, consent_date; /**< as the row has them, or HP_NULL */
} hp_contact;

/** Hold an organisation row with what was attached to it. */
typedef struct hp_org {
    hp_origin at;
    uint32_t file;
    bool person;      /**< the row describes a person who stands for itself */
    bool made;        /**< by a contact row whose organisation stands nowhere else */
    hp_vid record_id; /**< "reachout:12" */
    hp_vid name_key;  /**< normalised name: legal form, case, punctuation, accents, & and "and" aside; HP_NULL
                         = none */
    hp_vid consent; /**< what its rows say of consent whose people are not known, or were left out for want of
                       it: a refusal if there is one; HP_NULL = nothing */
    hp_datum f[HP_FIELD_COUNT]; /**< organisation fields only; contact fields stay null but for birth date and
                                   national id */
    uint32_t contact, ncontact; /**< range in hp_records.contact */
    uint32_t more, nmore;       /**< range in hp_records.attached: address and note rows merged into f */
} hp_org;

/** Name a row that was attached to an organisation (contact, address, note). */
typedef struct hp_attached {
    hp_origin at;
    hp_join join;
    uint8_t entity; /**< hp_entity */
} hp_attached;

/** Hold the records of a run. Arrays live in the run's arena; contacts are grouped by organisation, in
 * reading order. */
typedef struct hp_records {
    hp_org *org;
    size_t norg;
    hp_contact *contact;
    size_t ncontact;
    hp_datum *datum;
    size_t ndatum;
    hp_attached *attached;
    size_t nattached;
    uint64_t rows_in; /**< data rows of all sheets that were used */
    uint64_t by_entity[HP_ENTITY_COUNT];
} hp_records;

/** Name the reasons for which two organisation records are the same. */
typedef enum hp_match_reason {
    HP_MATCH_NAME,   /**< the same normalised name */
    HP_MATCH_DOMAIN, /**< the same registrable domain (web, or e-mail that is not free mail) and similar names
                      */
    HP_MATCH_PHONE,  /**< the same phone and similar names */
    HP_MATCH_PERSON, /**< people: the same name and one more thing that agrees */
    HP_MATCH_REASON_COUNT
} hp_match_reason;

/** Hold one reason for a merge: records a < b. */
typedef struct hp_match {
    uint32_t a, b;
    uint8_t reason; /**< hp_match_reason */
    float score;    /**< similarity of the names, 0..1 */
    hp_vid on;      /**< the shared value: name key, domain, phone */
} hp_match;

/** Hold the clusters: cluster[i] of record i, numbered 0 .. ncluster-1 by their first record; members listed
 * by cluster. */
typedef struct hp_clusters {
    uint32_t *cluster;
    size_t ncluster;
    uint32_t *member;       /**< record numbers, grouped by cluster, ascending within */
    uint32_t *member_start; /**< ncluster + 1 offsets into member */
    hp_match *match;        /**< accepted pairs, sorted by cluster of a, then a, b */
    size_t nmatch;
    uint32_t *match_start; /**< ncluster + 1 offsets into match */
} hp_clusters;

/** Say in words how a row came to its organisation: "by its key", ... */
const char *hp_joined_name(hp_joined how);

/** Return "same name", "same domain, similar name", ... */
const char *hp_match_reason_name(hp_match_reason r);

#endif
