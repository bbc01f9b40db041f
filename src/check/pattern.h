/* Regular expressions (PCRE2) with a bound on what one match may cost. */
#ifndef HP_CHECK_PATTERN_H
#define HP_CHECK_PATTERN_H

#include "base/err.h"
#include "base/str.h"

/** Hold a compiled regular expression. One thread at a time. */
typedef struct hp_pattern hp_pattern;

/** Compile a regular expression (UTF-8, PCRE2 syntax). `where` names it in messages ("profiles/a.yaml:12").
 * Release with hp_pattern_free. Errors: HP_CONFIG (syntax, with the place in the expression), HP_RETRY. */
hp_code hp_pattern_compile(hp_str regex, const char *where, hp_pattern **out, hp_err *err);
/** Compile one that was written for Python's `re`, as those of suites are: \d, \w, \s and \b know all of
 * Unicode, $ also stands before a line feed at the end, \Z is the end itself, {,n} is {0,n}, \uXXXX and
 * \UXXXXXXXX are code points. Great Expectations searches: write ^ where the start is meant
 * (expect_column_values_to_match_regex and its kin are pandas' str.contains). */
hp_code hp_pattern_compile_python(hp_str regex, const char *where, hp_pattern **out, hp_err *err);
/** Compile a LIKE pattern of SQL, which covers the whole value: % is any text, _ one character, \ makes the
 * next one plain. Case matters. */
hp_code hp_pattern_compile_like(hp_str like, const char *where, hp_pattern **out, hp_err *err);
/** Tell in *matches whether the expression is found in a text. Errors: HP_CONFIG (too many steps), HP_RETRY.
 */
hp_code hp_pattern_match(hp_pattern *p, hp_str text, bool *matches, hp_err *err);
/** Release; NULL is allowed. */
void hp_pattern_free(hp_pattern *p);

#endif
