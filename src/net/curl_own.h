/* Private to src/net: libcurl, loaded and made ready once a process. Before hp_curl_begin has succeeded no
 * function of libcurl may be called. */
#ifndef HP_NET_CURL_OWN_H
#define HP_NET_CURL_OWN_H

#include "base/err.h"

/** Make libcurl ready, with its memory from base/mem.h; the first call counts. Errors: HP_CONFIG (it is not
 * installed), HP_RETRY. */
hp_code hp_curl_begin(hp_err *err);

#endif
