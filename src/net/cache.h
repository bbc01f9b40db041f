/* The cache of answers: one SQLite file that several runs may share and a kill -9 does not damage. */
#ifndef HP_NET_CACHE_H
#define HP_NET_CACHE_H

#include "base/arena.h"

/** Keep answers of servers on disk (mode 0600: pages may hold personal data). Used by one thread at a time;
 * several processes may have the same file open. */
typedef struct hp_netcache hp_netcache;

/** Say where the cache is and how much it may hold. */
typedef struct hp_netcache_policy {
    const char *path;   /**< its directory is made; ":memory:" for tests */
    int64_t ttl;        /**< seconds for which an answer is taken without asking again */
    uint64_t max_bytes; /**< of bodies together; the least recently used go first. 0 = no cap */
    int64_t now;        /**< seconds since 1970 */
    bool read_only;     /**< look only: the file is there already, and nothing of it or beside it changes */
} hp_netcache_policy;

/** Hold an answer. Texts live in the arena it was read into, or are the caller's when it is stored. */
typedef struct hp_netcache_entry {
    long status;
    hp_str url; /**< where it came from in the end, behind redirects */
    hp_str etag, last_modified, content_type, body;
    int64_t time; /**< when the server gave it, or last said that it still holds */
    bool fresh;   /**< within the time to live; set when read */
} hp_netcache_entry;

/** Open (or make) a cache. Errors: HP_CANTCREAT, HP_DATA (not a cache; what to do), HP_RETRY. */
hp_code hp_netcache_open(const hp_netcache_policy *policy, hp_netcache **out, hp_err *err);
/** Close; NULL is allowed. */
void hp_netcache_close(hp_netcache *c);
/** Look for the answer to a request for `url`; *found says whether there is one, fresh or not. Errors: HP_IO,
 * HP_RETRY. */
hp_code hp_netcache_get(hp_netcache *c, hp_str url, hp_arena *a, hp_netcache_entry *out, bool *found,
                        hp_err *err);
/** Store an answer, replacing an older one, and make room for it. It is on disk when this returns, as far as
 * a kill of the process goes. One larger than the whole cache is not stored. Errors: HP_IO (disk full),
 * HP_RETRY. */
hp_code hp_netcache_put(hp_netcache *c, hp_str url, const hp_netcache_entry *e, hp_err *err);
/** Count the answers and the bytes of their bodies. Errors: HP_IO. */
hp_code hp_netcache_size(hp_netcache *c, uint64_t *answers, uint64_t *bytes, hp_err *err);

#endif
