/* How the end of a request is told to the engine. */
#ifndef HP_ENRICH_ENDS_H
#define HP_ENRICH_ENDS_H

#include "enrich/provider.h"
#include "net/http.h"

/** Say for a row how its request ended: a status of 400 or more but 404 and 410, which are answers too, is a
 * failure. Errors: HP_RETRY. */
hp_code hp_answer_end(hp_answers *out, size_t ask, hp_http_end end, hp_str reason, long status, hp_err *err);

#endif
