/* The tables of keys that drive loading, linting, showing and the reference of profiles. Private to
 * src/profile. */
#ifndef HP_PROFILE_KEYS_H
#define HP_PROFILE_KEYS_H

#include "base/map.h"
#include "base/vec.h"
#include "profile/profile.h"

typedef struct hp_pkey hp_pkey;
typedef struct hp_pblock hp_pblock;

/** Hold one error of a profile file. */
typedef struct hp_perror {
    int line, column;
    hp_str text; /**< without the place */
} hp_perror;

/** Remember which key set a value, so that a second key of the same meaning cannot silently win. */
typedef struct hp_pset {
    const hp_node *key, *value;
} hp_pset;

/** Collect what a load finds: every error, in file order once sorted. Only memory stops it early. */
typedef struct hp_pload {
    hp_arena *a;
    const char *path;
    HP_VEC(hp_perror) errors;
    hp_imap set_at; /**< address of a member -> index in `set` */
    HP_VEC(hp_pset) set;
    bool oom;
} hp_pload;

/** Write YAML at a depth. */
typedef struct hp_pshow {
    hp_buf *out;
    int depth;
    bool item;          /**< the next line begins a list item: "- " */
    const hp_node *doc; /**< what the file says for the block being written: reserved keys are copied from it;
                           may be NULL */
} hp_pshow;

/** Describe a type of value: how the reference calls it, how it is read into its member, how it is written
 * back. `obj` is the struct that holds the member, NULL for a reserved key, which is checked and forgotten.
 */
typedef struct hp_ptype {
    const char *text;
    void (*read)(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj);
    void (*show)(hp_pshow *s, const hp_pkey *k, const void *obj);
} hp_ptype;

/** Mark a key. */
enum {
    HP_PK_REQUIRED = 1, /**< must be present */
    HP_PK_RESERVED = 2, /**< checked, but no stage uses it yet */
    HP_PK_ALIAS =
        4, /**< another way to say what a sibling or a deeper key says; not shown by `profile show` */
    HP_PK_SILENT = 8 /**< an empty list is not shown by `profile show` */
};

/** Describe a key: where its value goes, what it may be, what the reference says. */
struct hp_pkey {
    const char *name;
    const hp_ptype *type;
    size_t at, count;       /**< offsets in the block's struct: of the member, and of a list's length */
    const hp_pblock *block; /**< of a nested block, or of a list's items */
    const char *choices;    /**< words separated by blanks */
    double lo, hi;          /**< of numbers */
    unsigned flags;
    const char *fallback; /**< default, in the words of the file; NULL = none */
    const char *help;
};

/** Describe a map with known keys. */
struct hp_pblock {
    const char *name; /**< path in messages: "ingest.sources" */
    const char *help;
    const hp_pkey *key;
    size_t nkey;
    size_t size;                                           /**< of its struct, when it is an item of a list */
    void (*begin)(const hp_node *n, void *obj);            /**< sets what defaults cannot; may be NULL */
    void (*end)(hp_pload *l, const hp_node *n, void *obj); /**< looks for contradictions; may be NULL */
};

/* load.c */
/** Add an error at a node. */
void hp_perr(hp_pload *l, const hp_node *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** Release what a load holds (not its arena). */
void hp_pload_free(hp_pload *l);
/** Set the members of a block and of the blocks nested in it to their defaults. */
void hp_pblock_defaults(hp_pload *l, const hp_pblock *b, void *obj);
/** Read a map into a struct by the block's table; obj NULL only checks. */
void hp_pblock_read(hp_pload *l, const hp_pblock *b, const hp_node *n, void *obj);
/** Append `; did you mean "x"?` when a name is near, else `; <otherwise> a, b, c`. */
void hp_pnear(hp_buf *out, hp_str word, const char *const *names, size_t n, const char *otherwise);

/* types.c, show.c */
/** The types of values. */
extern const hp_ptype hp_pt_text, hp_pt_texts, hp_pt_flag, hp_pt_whole, hp_pt_ratio, hp_pt_number,
    hp_pt_country, hp_pt_choice, hp_pt_choices, hp_pt_field, hp_pt_fields, hp_pt_map, hp_pt_block,
    hp_pt_items, hp_pt_node;
/** Find a field by its name or an older one (organisation_name, contact_primary_email, address_primary ...).
 */
hp_field hp_pfield_find(hp_str name);
/** Read a field name; HP_F_NONE and an error with the nearest name when there is none. `where` names the key
 * for messages. */
hp_field hp_pfield_read(hp_pload *l, const hp_node *v, const char *where);
/** Return a copy for comparing: outer white space off, inner runs to one blank, lower case. */
hp_str hp_pfold(hp_pload *l, hp_str s);
/** Tell whether a text was seen before, in which line; remembers it. `s` must outlive the map. */
bool hp_pseen(hp_pload *l, hp_smap *seen, hp_str s, int line, int *before);
/** Copy a text into the load's arena; marks the load when out of memory. */
hp_str hp_pdup(hp_pload *l, hp_str s);
/** Allocate a zeroed array in the load's arena; marks the load when out of memory. */
void *hp_parray(hp_pload *l, size_t n, size_t size);
/** Return the word for what a node is: "a list", "a map", "nothing", or the quoted text. */
hp_str hp_pnode_text(hp_pload *l, const hp_node *v);
/** Write `key:` at the depth. */
void hp_pshow_key(hp_pshow *s, hp_str key);
/** Write `key: value`, the value quoted where YAML needs it. */
void hp_pshow_pair(hp_pshow *s, hp_str key, hp_str value);
/** Write a text as a YAML scalar. */
void hp_pshow_scalar(hp_buf *out, hp_str text);
/** Write a list of texts in one line, after `key:`. */
void hp_pshow_texts(hp_pshow *s, hp_str key, const hp_str *text, size_t n);
/** Write a node of the file as flow YAML. */
void hp_pshow_node(hp_buf *out, const hp_node *n);
/** Write the keys of a block. */
void hp_pshow_block(hp_pshow *s, const hp_pblock *b, const void *obj);

/* checks.c */
/** What follows when an expectation is not met. */
extern const hp_ptype hp_pt_on_failure;
/** Its words. */
#define HP_PK_ON_FAILURE "warn fail quarantine"
/** It by the severity that a suite gives: of the profile; of a table, which says only what differs. And what
 * the output must meet. */
extern const hp_pblock hp_pb_actions, hp_pb_own_actions, hp_pb_output;
/** Complete what the keys below have set. */
void hp_pchecks_end(hp_pload *l, const hp_node *n, hp_profile_checks *c);
/** Add an error for each suite and contract that cannot be loaded. */
void hp_pchecks_load(hp_pload *l, const hp_profile *p);
/** Give sources and sheets without checks those of sources and sheets of the same name. */
void hp_pchecks_carry(hp_pload *l, const hp_profile *from, hp_profile *to);

/** List the keys of a struct that has `checks`; `what` is held against them. */
#define HP_PCHECK_KEYS(owner, what)                                                                         \
    {.name = "suite",                                                                                       \
     .type = &hp_pt_texts,                                                                                  \
     .at = offsetof(owner, checks.suite),                                                                   \
     .count = offsetof(owner, checks.nsuite),                                                               \
     .flags = HP_PK_SILENT,                                                                                 \
     .help = "files of expectations for " what "; paths begin at this file's folder"},                      \
        {.name = "contract",                                                                                \
         .type = &hp_pt_texts,                                                                              \
         .at = offsetof(owner, checks.contract),                                                            \
         .count = offsetof(owner, checks.ncontract),                                                        \
         .flags = HP_PK_SILENT,                                                                             \
         .help = "contracts or table schemas (ODCS, Frictionless) for the same; paths as for `suite`"},     \
        {.name = "schema",                                                                                  \
         .type = &hp_pt_texts,                                                                              \
         .at = offsetof(owner, checks.contract),                                                            \
         .count = offsetof(owner, checks.ncontract),                                                        \
         .flags = HP_PK_ALIAS,                                                                              \
         .help = "as `contract`"},                                                                          \
    {                                                                                                       \
        .name = "severity", .type = &hp_pt_block, .at = offsetof(owner, checks.actions),                    \
        .block = &hp_pb_own_actions,                                                                        \
        .help = "what follows when an expectation of these is not met, where it differs from the profile's" \
    }

/* ingest.c, refine.c, blocks.c */
/** The blocks of a profile, and the map file. */
extern const hp_pblock hp_pb_ingest, hp_pb_refine, hp_pb_enrich, hp_pb_network, hp_pb_compliance, hp_pb_root,
    hp_pb_map_file;
/** Read synonyms into the profile; in several blocks under several names. */
extern const hp_ptype hp_pt_synonyms;
/** Check what only the whole file can tell: priorities that are equal, source_priorities that contradict the
 * sources. */
void hp_pcheck_priorities(hp_pload *l, const hp_node *priorities, const hp_node *sources, hp_profile *p);

/** Return the member of a struct, NULL for a reserved key. */
static inline void *hp_pat(void *obj, size_t at) { return obj ? (char *)obj + at : NULL; }
/** Return the member of a constant struct. */
static inline const void *hp_pcat(const void *obj, size_t at) { return (const char *)obj + at; }

/** Tell whether a file of configuration is TOML, by its suffix. */
bool hp_config_is_toml(const char *path);
/** Return our name of a key of such a file; the same when it is not another one. */
hp_str hp_config_toml_name(hp_str theirs);
/** Tell whether such files have a section of this name. */
bool hp_config_toml_section(hp_str name);
/** Tell whether such files have a key of this name, or may have it in its section, that is not used here. */
bool hp_config_toml_unused(hp_str name);

#endif
