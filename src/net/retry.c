#include "net/retry.h"

#include "base/banned.h"

enum { FIRST_MS = 500, MOST_MS = 30000 };

bool hp_retry_status(long status) {
    return status == 408 || status == 425 || status == 429 || status == 500
           || (status >= 502 && status <= 504);
}

uint32_t hp_retry_wait(unsigned attempt, uint64_t random) {
    uint32_t most = FIRST_MS;
    for (unsigned i = 1; i < attempt && most < MOST_MS; i++) most *= 2;
    if (most > MOST_MS) most = MOST_MS;
    return most / 2 + (uint32_t)(random % (most - most / 2 + 1));
}

static uint64_t slack(uint32_t interval_ms, uint32_t burst) {
    return burst > 1 ? (uint64_t)interval_ms * (burst - 1) : 0;
}

uint64_t hp_pace_next(const hp_pace *p, uint64_t now, uint32_t interval_ms, uint32_t burst) {
    uint64_t early = slack(interval_ms, burst);
    uint64_t at = p->due > early ? p->due - early : 0;
    return at > now ? at : now;
}

void hp_pace_take(hp_pace *p, uint64_t now, uint32_t interval_ms) {
    p->due = (p->due > now ? p->due : now) + interval_ms;
}

void hp_pace_hold(hp_pace *p, uint64_t until, uint32_t interval_ms, uint32_t burst) {
    uint64_t due = until + slack(interval_ms, burst);
    if (due > p->due) p->due = due;
}
