/* Private to src/net: libcurl, made ready once a process. */
#ifndef HP_NET_CURL_OWN_H
#define HP_NET_CURL_OWN_H

#include "base/err.h"

/** Make libcurl ready, with its memory from base/mem.h; the first call counts. Errors: HP_RETRY. */
hp_code hp_curl_begin(hp_err *err);

#endif
