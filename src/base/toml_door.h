/* Private to src/base: the door to toml++ (headers only, TOML 1.0), which knows the place of every key and
 * value. */
#ifndef HP_BASE_TOML_DOOR_H
#define HP_BASE_TOML_DOOR_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Name what a walk meets: keys and values of a map by turn. */
typedef enum hp_toml_kind {
    HP_TOML_MAP,
    HP_TOML_LIST,
    HP_TOML_CLOSE, /**< the end of a map or a list */
    HP_TOML_TEXT,  /**< a key, or a text in quotes */
    HP_TOML_WORD   /**< a number, a boolean, a date */
} hp_toml_kind;

/** Say how a walk ended. */
typedef enum hp_toml_end { HP_TOML_DONE, HP_TOML_WRONG, HP_TOML_STOPPED, HP_TOML_NO_MEMORY } hp_toml_end;

/** Take what is met; the text is valid within the call. False stops the walk. */
typedef bool hp_toml_met(void *ctx, hp_toml_kind kind, const char *text, size_t n, int line, int column);

/** Parse bytes and walk the document in the order of its lines. For HP_TOML_WRONG, `why`, line and column
 * say what is no TOML. */
hp_toml_end hp_toml_walk(const char *bytes, size_t n, hp_toml_met *met, void *ctx, char *why, size_t cap,
                         int *line, int *column);

#ifdef __cplusplus
}
#endif
#endif
