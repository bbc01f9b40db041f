/* When a request is made again, and how long one waits before. */
#ifndef HP_NET_RETRY_H
#define HP_NET_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/** Tell whether a status says "not now": 408, 425, 429, 500, 502, 503, 504. */
bool hp_retry_status(long status);
/** Return the milliseconds to wait before attempt number `attempt` (1 = the first retry): 500 doubled each
 * time, at most 30,000, of which a part between a half and the whole is taken by `random`, so that many
 * clients do not come back together. */
uint32_t hp_retry_wait(unsigned attempt, uint64_t random);

/** Pace the requests to one host: so many at once, then one each interval (GCRA, ITU-T I.371). */
typedef struct hp_pace {
    uint64_t due; /**< when the next one is due if no burst were allowed; milliseconds */
} hp_pace;
/** Return when a request may begin, not before `now`. */
uint64_t hp_pace_next(const hp_pace *p, uint64_t now, uint32_t interval_ms, uint32_t burst);
/** Count a request that begins at `now`. */
void hp_pace_take(hp_pace *p, uint64_t now, uint32_t interval_ms);
/** Hold the host back until a time (it said Retry-After). */
void hp_pace_hold(hp_pace *p, uint64_t until, uint32_t interval_ms, uint32_t burst);

#endif
