/* Project configuration: hotpass.yaml, the user's own file, the environment; which value holds, and why. */
#ifndef HP_PROFILE_CONFIG_H
#define HP_PROFILE_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"

/** Name the keys (profile/config_keys.def). */
typedef enum hp_config_id {
#define HP_CONFIG_KEY(id, ...) HP_C_##id,
#include "profile/config_keys.def"
#undef HP_CONFIG_KEY
    HP_CONFIG_COUNT
} hp_config_id;

/** Say what a value may be. */
typedef enum hp_config_type {
    HP_CONFIG_TEXT,   /**< any text of one line */
    HP_CONFIG_TEXTS,  /**< a list of them; one alone need not be a list */
    HP_CONFIG_NAME,   /**< a text without white space at its ends and without control characters */
    HP_CONFIG_PATH,   /**< a path, relative to the working directory */
    HP_CONFIG_PATHS,  /**< a list of paths */
    HP_CONFIG_FLAG,   /**< true or false */
    HP_CONFIG_WHOLE,  /**< a whole number within bounds */
    HP_CONFIG_SIZE,   /**< a size: 512M, 2G */
    HP_CONFIG_CHOICE, /**< one of some words */
    HP_CONFIG_URL     /**< http:// or https://, without a user or password */
} hp_config_type;

/** Describe a key. */
typedef struct hp_config_key {
    const char *name; /**< with its section: "pipeline.input_dir" */
    hp_config_type type;
    const char *choices;  /**< words separated by blanks; NULL for other types */
    int64_t lo, hi;       /**< of numbers and sizes */
    const char *fallback; /**< what holds when nobody says anything; NULL = nothing */
    const char *env[2];   /**< environment variables that say it, the first one first; NULL = none */
    const char *option;   /**< long name of the option that says it; NULL = none */
    const char *help;
} hp_config_key;

/** Name where a value comes from, weakest first. */
typedef enum hp_config_from {
    HP_CONFIG_BUILTIN,
    HP_CONFIG_USER,
    HP_CONFIG_PROJECT,
    HP_CONFIG_ENVIRONMENT,
    HP_CONFIG_FROM_COUNT
} hp_config_from;

/** Hold what one place says about a key. */
typedef struct hp_config_value {
    bool given;
    size_t n;     /**< items; 1 unless the key is a list */
    hp_str *item; /**< NUL-terminated, as the type wants them: a flag is "true" or "false" */
    hp_str place; /**< "hotpass.yaml:3:5", "HOTPASS_PROFILE"; empty for a built-in one */
} hp_config_value;

/** Hold one file of configuration. */
typedef struct hp_config_file {
    hp_str path; /**< empty when there is none to look for */
    bool found;
} hp_config_file;

/** Hold the configuration: what each place says about each key. Lives in its arena. */
typedef struct hp_config {
    hp_config_value said[HP_CONFIG_FROM_COUNT][HP_CONFIG_COUNT];
    hp_config_file user, project;
    size_t errors; /**< in files and environment; the keys at fault are as if not given */
    size_t nunused;
    hp_str *unused; /**< keys of TOML files that mean nothing here, as "file:line:column: ...", and variables
                       of the environment that are set aside: "OPENLINEAGE_URL: ..." */
} hp_config;

/** Describe a key. */
const hp_config_key *hp_config_key_get(hp_config_id id);
/** Find a key by its name; false when there is none. */
bool hp_config_find(hp_str name, hp_config_id *out);
/** Return the word for a place: "built-in", "user", "project", "environment". */
const char *hp_config_from_name(hp_config_from from);
/** Return the word for a type: "text", "list of paths" ... */
const char *hp_config_type_name(hp_config_type type);

/** Return the value that holds and (`from` may be NULL) where it comes from; given is false when nobody says
 * anything. */
const hp_config_value *hp_config_get(const hp_config *c, hp_config_id id, hp_config_from *from);
/** Return the environment variable that says where others are told of runs (`id` LINEAGE_URL or OTLP) and
 * holds no URL, which is no error: the key is given with no value. NULL when there is none. */
const char *hp_config_mistyped(const hp_config *c, hp_config_id id);
/** Return the text that holds, of a list the first one, NUL-terminated; NULL when there is none. */
const char *hp_config_text(const hp_config *c, hp_config_id id);
/** Return a flag that holds. */
bool hp_config_on(const hp_config *c, hp_config_id id);

/** Read the configuration that holds for the working directory: the user's file
 * ($XDG_CONFIG_HOME/hotpass/config.yaml, else ~/.config), the project's (`path`, else $HOTPASS_CONFIG, else
 * hotpass.yaml, or hotpass.toml where there is only that), the environment. A file that ends in .toml may
 * also use the names of the program before this one: [profile] name, [orchestrator] deployment ... A file
 * that is named must exist. Every error (unknown key, wrong type, secret) goes to `lines`, one a line with
 * file:line:column, and counts in c->errors; the rest is read on. Errors: HP_NOINPUT (a named file),
 * HP_NOPERM, HP_IO, HP_RETRY. */
hp_code hp_config_read(hp_arena *a, const char *path, hp_config *out, hp_buf *lines, hp_err *err);
/** As hp_config_read, but the first error in a file or the environment is an error. Errors: also HP_CONFIG.
 */
hp_code hp_config_load(hp_arena *a, const char *path, hp_config *out, hp_err *err);
/** Take bytes as a file of configuration. `path` names them in messages. Errors: HP_RETRY. */
hp_code hp_config_parse(hp_arena *a, hp_str bytes, const char *path, hp_config_from from, hp_config *out,
                        hp_buf *lines, hp_err *err);
/** Check a value for a key, and make its items. `where` begins the message. Errors: HP_CONFIG, HP_RETRY. */
hp_code hp_config_check(hp_arena *a, hp_config_id id, const hp_str *text, size_t n, const char *where,
                        hp_config_value *out, hp_err *err);

/** Return the bytes of a file of configuration with a key set, comments and order kept. The result reads as
 * before but for that key, else it is an error and the file is better edited by hand. Errors: HP_CONFIG,
 * HP_RETRY. */
hp_code hp_config_edit(hp_arena *a, hp_str bytes, const char *path, hp_config_id id, const hp_str *item,
                       size_t n, hp_buf *out, hp_err *err);
/** Set a key in a file of configuration, which is made if it does not exist, and replaced whole. Errors: as
 * hp_config_edit, and HP_CANTCREAT, HP_IO. */
hp_code hp_config_set(hp_arena *a, const char *path, hp_config_id id, const hp_str *item, size_t n,
                      hp_err *err);
/** Return the directory for the user's own files of hotpass ($XDG_CONFIG_HOME/hotpass, else
 * ~/.config/hotpass), NUL-terminated; empty without HOME. Errors: p is NULL when out of memory. */
hp_str hp_config_home(hp_arena *a);
/** Write the reference of all keys as Markdown (docs/reference/config.md). */
void hp_config_reference(hp_buf *out);

#endif
