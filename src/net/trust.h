/* Host keys: fetched, shown as fingerprints, and pinned in a file of our own. */
#ifndef HP_NET_TRUST_H
#define HP_NET_TRUST_H

#include "base/arena.h"

/** Hold one public key of a host. */
typedef struct hp_host_key {
    hp_str type;          /**< "ssh-ed25519" */
    hp_str blob;          /**< base64, as known_hosts has it (sshd(8)) */
    char fingerprint[64]; /**< "SHA256:" and the base64 of the digest without padding, as ssh-keygen -l has it
                           */
} hp_host_key;

/** Fetch the keys that a host shows now, with ssh-keyscan. The host was checked by hp_host_check. Errors:
 * HP_UNAVAILABLE, HP_RETRY. */
hp_code hp_trust_scan(hp_arena *a, hp_str host, int port, hp_host_key **out, size_t *n, hp_err *err);
/** Read the keys pinned for a host in a known_hosts file; none if the file is not there. Errors: HP_NOPERM
 * (it has the host in a line that is hashed, marked or for several hosts), HP_UNAVAILABLE (no ssh-keygen),
 * those of hp_read_file. */
hp_code hp_trust_pinned(hp_arena *a, const char *path, hp_str host, int port, hp_host_key **out, size_t *n,
                        hp_err *err);
/** Pin these keys, and no others, for a host; the lines of other hosts stay. Errors: as hp_write_file. */
hp_code hp_trust_pin(hp_arena *a, const char *path, hp_str host, int port, const hp_host_key *key, size_t n,
                     hp_err *err);
/** Tell whether one of the pinned keys is among those that are shown. */
bool hp_trust_meets(const hp_host_key *pinned, size_t npinned, const hp_host_key *shown, size_t nshown);

#endif
