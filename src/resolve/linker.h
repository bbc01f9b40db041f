/* Linking: union-find over records, and the blocks of records that are worth comparing. */
#ifndef HP_RESOLVE_LINKER_H
#define HP_RESOLVE_LINKER_H

#include "base/map.h"
#include "base/vec.h"
#include "resolve/compare.h"
#include "resolve/resolve.h"

/* Names at least this similar, but not enough to merge, are worth a person's look when a domain or phone is
 * shared. */
#define HP_NEAR_SIMILARITY 0.80
/* The same for names in one province that begin with the same word, when nothing is shared. */
#define HP_TYPO_SIMILARITY 0.94
/* A domain or phone of more records than this is a switchboard or a hosting company: only neighbours by name
 * are compared. */
#define HP_BLOCK_MAX 1000u
/* The same for names that only begin alike, of which there may be many blocks. */
#define HP_TYPO_BLOCK_MAX 200u
/* Neighbours by name that are compared in a block over its maximum. */
#define HP_BLOCK_WINDOW 20u

/** Say what kind of thing two near misses share. */
typedef enum hp_near_kind {
    HP_NEAR_NONE,
    HP_NEAR_DOMAIN,
    HP_NEAR_PHONE,
    HP_NEAR_SPELLING,
    HP_NEAR_PERSON,
    HP_NEAR_NAME, /**< the same name, which several organisations bear, and nothing tells which this is */
    HP_NEAR_PLACE /**< the same name and place, but other phones and domains */
} hp_near_kind;

/** Hold the record that a record nearly matches. */
typedef struct hp_near {
    uint32_t other;
    float score;
    hp_vid on;
    uint8_t kind; /**< hp_near_kind */
} hp_near;

/** Name the kinds of things that tell organisations of one name apart; bits, so that they add up to sets. */
typedef enum hp_id_kind {
    HP_ID_PHONE = 1,
    HP_ID_DOMAIN = 2,    /**< registrable domain of the website or of an e-mail address; no shared host */
    HP_ID_FREE_MAIL = 4, /**< whole e-mail address, where the mail is free */
    /* These may tell that two are one, never that they are not: */
    HP_ID_PERSON = 8,  /**< name of a contact */
    HP_ID_ADDRESS = 16 /**< street address */
} hp_id_kind;

/** Hold a thing that identifies a record, more or less. */
typedef struct hp_identifier {
    hp_vid v;
    uint32_t kind; /**< hp_id_kind */
} hp_identifier;

/** Name a thing of a record that others may share. */
typedef struct hp_block_item {
    uint64_t key; /**< equal for things that are the same */
    hp_vid on;    /**< the thing, to be named as reason */
    uint32_t record;
} hp_block_item;

/** Collect items. */
typedef HP_VEC(hp_block_item) hp_block_items;

/** Hold the state of resolving. Arrays have one entry a record and live in `tmp`. */
typedef struct hp_linker {
    hp_run *run;
    const hp_profile *p;
    const hp_records *in;
    hp_arena *tmp;
    double threshold;
    bool people;      /**< some records are people */
    uint32_t *parent; /**< union-find; the root of a set is its lowest record */
    hp_str *name;     /**< text of the name key */
    hp_name_sketch *sketch;
    hp_near *near;
    hp_vid *city, *province;  /**< folded for comparing; HP_NULL when not known */
    uint32_t *id_start;       /**< norg + 1 offsets into `id` */
    bool *namesake;           /**< another organisation bears the same name */
    hp_imap had_by;           /**< while identifiers are collected: the record that had each last */
    HP_VEC(hp_identifier) id; /**< what identifies the organisations, by record, each thing once */
    uint64_t *address;        /**< hash of the folded address, 0 when there is none; only when `people` */
    HP_VEC(hp_match) match;
} hp_linker;

/** Compare two records of a block, a < b, and link them or note the near miss. `on` is what they share. */
typedef hp_code hp_pair_fn(hp_linker *l, uint32_t a, uint32_t b, hp_vid on, hp_err *err);

/** Describe a kind of block: what to do with a pair, what to do with the whole block after that (NULL:
 * nothing; it is not called for blocks over `max`), how many records are compared each with each, and what
 * the records share, for the announcement that there are more. */
typedef struct hp_block_kind {
    hp_pair_fn *pair;
    hp_code (*finish)(hp_linker *l, const uint32_t *record, size_t n, hp_vid on, hp_err *err);
    size_t max;
    bool fold_names; /**< of organisations with one name key that are linked already only the first is
                        compared */
    bool name_value; /**< the shared thing may be named in a finding (a domain: yes, a phone: no) */
    const char *shared;
} hp_block_kind;

/** Return the lowest record of the set that `i` is in. */
uint32_t hp_link_root(hp_linker *l, uint32_t i);
/** Join the sets of two records and keep the reason; nothing happens when they are one already. Errors:
 * HP_RETRY. */
hp_code hp_link(hp_linker *l, uint32_t a, uint32_t b, hp_match_reason reason, double score, hp_vid on,
                hp_err *err);
/** Note that two records nearly match; each record keeps its nearest. */
void hp_link_near(hp_linker *l, uint32_t a, uint32_t b, hp_near_kind kind, double score, hp_vid on);
/** Note on a record that it nearly matches another, whichever comes first in the input. */
void hp_link_doubt(hp_linker *l, uint32_t record, uint32_t other, hp_near_kind kind, double score, hp_vid on);
/** Add an item. Errors: HP_RETRY. */
hp_code hp_block_add(hp_block_items *items, uint64_t key, hp_vid on, uint32_t record, hp_err *err);
/** Group items by key and compare the records within each group. Sorts `items`. Errors: HP_RETRY. */
hp_code hp_block_compare(hp_linker *l, hp_block_items *items, const hp_block_kind *kind, hp_err *err);

/** Tell whether a record is an organisation with a name, so that it can match another. */
bool hp_is_organization(const hp_linker *l, uint32_t i);
/** Fill in what organisations are told apart by: `id`, `id_start`, `city`, `province`. Errors: HP_RETRY. */
hp_code hp_find_evidence(hp_linker *l, hp_err *err);
/** Link organisations of the same name unless the evidence is against it; fill in `namesake`. Errors:
 * HP_RETRY. */
hp_code hp_link_same_names(hp_linker *l, hp_err *err);
/** Link organisations: by name, by domain, by phone; note names that are spelled alike. Errors: HP_RETRY. */
hp_code hp_link_organizations(hp_linker *l, hp_err *err);
/** Link people: the same name and one more thing that agrees, or a similar one and two. Errors: HP_RETRY. */
hp_code hp_link_people(hp_linker *l, hp_err *err);

#endif
