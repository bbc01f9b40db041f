#include "enrich/ends.h"

#include <stdio.h>

#include "base/banned.h"

hp_code hp_answer_end(hp_answers *out, size_t ask, hp_http_end end, hp_str reason, long status, hp_err *err) {
    char text[32];
    if (end == HP_HTTP_BLOCKED) return hp_answer_net(out, ask, HP_NET_BLOCKED, reason, err);
    if (end == HP_HTTP_FAILED) return hp_answer_net(out, ask, HP_NET_FAILED, reason, err);
    if (status < 400 || status == 404 || status == 410)
        return hp_answer_net(out, ask, HP_NET_USED, HP_S(""), err);
    (void)snprintf(text, sizeof text, "http %ld", status);
    return hp_answer_net(out, ask, HP_NET_FAILED, hp_str_of(text), err);
}
