/* Suites that are made, not read: nodes built one by one, and the file that a suite becomes. */
#ifndef HP_PROFILE_SUITE_MAKE_H
#define HP_PROFILE_SUITE_MAKE_H

#include "base/buf.h"
#include "base/vec.h"
#include "profile/suite.h"

/** Build a suite. Zero-initialise but for the arena, in which everything lives; end with hp_make_suite, or
 * hp_make_drop. Want of memory is remembered in `bad`, so that many additions can be checked once; nodes may
 * be NULL then. */
typedef struct hp_maker {
    hp_arena *a;
    HP_VEC(hp_expectation) list;
    bool bad;
} hp_maker;

/** Make a text. */
hp_node *hp_make_text(hp_maker *m, hp_str s);
/** Make a word that is no text: a number as written, true, false. */
hp_node *hp_make_word(hp_maker *m, hp_str s);
/** Make a number, in its shortest form. */
hp_node *hp_make_f64(hp_maker *m, double v);
/** Make a whole number. */
hp_node *hp_make_i64(hp_maker *m, int64_t v);
/** Make an empty list. */
hp_node *hp_make_list(hp_maker *m);
/** Make a list of texts. */
hp_node *hp_make_texts(hp_maker *m, const hp_str *s, size_t n);
/** Make an empty map. */
hp_node *hp_make_map(hp_maker *m);
/** Append to a list. */
void hp_make_add(hp_maker *m, hp_node *list, hp_node *value);
/** Append an entry to a map; the key is not copied. */
void hp_make_put(hp_maker *m, hp_node *map, const char *key, hp_node *value);

/** Append an expectation. `type` is not copied; `meta` may be NULL. */
void hp_make_expect(hp_maker *m, const char *type, hp_node *kwargs, hp_node *meta, hp_gx_severity severity,
                    hp_str where);
/** Hand out the suite. Errors: HP_RETRY, also when anything was short of memory before. */
hp_code hp_make_suite(hp_maker *m, hp_str name, const hp_node *meta, hp_suite **out, hp_err *err);
/** Give a suite up. */
void hp_make_drop(hp_maker *m);

/** Append a suite as a file of Great Expectations 1.x: JSON, indented, keys in the order given. */
void hp_suite_json(const hp_suite *s, hp_buf *out);
#endif
