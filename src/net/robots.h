/* robots.txt: what a site asks of programs that read it (RFC 9309). */
#ifndef HP_NET_ROBOTS_H
#define HP_NET_ROBOTS_H

#include "base/arena.h"

/** The bytes of a robots.txt that are looked at; RFC 9309, 2.5 asks for 500 KiB at least. */
#define HP_ROBOTS_BYTES (512u << 10)

/** Hold the rules of a file that concern one program. */
typedef struct hp_robots hp_robots;

/** Read a robots.txt for the program called `agent` (a product token: letters, '-' and '_'): all groups that
 * name it, without regard to case, or else those for "*". Never fails for what is in the file; lines that are
 * none are passed over. The rules live in `a` and keep no view of `bytes`. Errors: HP_RETRY. */
hp_code hp_robots_read(hp_arena *a, hp_str bytes, hp_str agent, hp_robots **out, hp_err *err);
/** Tell whether the path with query ("/a?b=c") of a URL may be fetched: the longest rule that matches
 * decides, allow before disallow, and without one it may. /robots.txt always may. NULL rules allow
 * everything. */
bool hp_robots_allows(const hp_robots *r, hp_str path);
/** Return the seconds that the site wants between requests (Crawl-delay, not part of the RFC but common); 0 =
 * it says nothing. */
double hp_robots_delay(const hp_robots *r);

#endif
