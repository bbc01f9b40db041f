/* Regular expressions (PCRE2) with a bound on what one match may cost. */
#ifndef HP_CHECK_PATTERN_H
#define HP_CHECK_PATTERN_H

#include "base/err.h"
#include "base/str.h"

/** Hold a compiled regular expression. */
typedef struct hp_pattern hp_pattern;

/** Compile a regular expression (UTF-8, PCRE2 syntax). `where` names it in messages ("profiles/a.yaml:12").
 * Release with hp_pattern_free. Errors: HP_CONFIG (syntax, with the place in the expression), HP_RETRY. */
hp_code hp_pattern_compile(hp_str regex, const char *where, hp_pattern **out, hp_err *err);
/** Tell in *matches whether the expression is found in a text. Errors: HP_CONFIG (too many steps), HP_RETRY.
 */
hp_code hp_pattern_match(hp_pattern *p, hp_str text, bool *matches, hp_err *err);
/** Release; NULL is allowed. */
void hp_pattern_free(hp_pattern *p);

#endif
