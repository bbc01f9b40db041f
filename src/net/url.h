/* URLs: only http and https, without user names, in one normal form (parsed by libcurl, as it is what
 * connects). */
#ifndef HP_NET_URL_H
#define HP_NET_URL_H

#include "base/arena.h"
#include "base/buf.h"

/** The most bytes of a URL that is asked for. */
#define HP_URL_BYTES 4096u

/** Hold a URL in parts; texts live in the arena it was read into, NUL-terminated. */
typedef struct hp_url {
    hp_str text;   /**< the whole, without fragment */
    hp_str scheme; /**< "http" or "https" */
    hp_str host;   /**< lower case; numeric IPv4 forms ("0x7f.1") are spelled out; IPv6 in brackets */
    hp_str origin; /**< scheme://host[:port], without the scheme's own port */
    hp_str path;   /**< with query: "/a?b=c" */
    long port;
} hp_url;

/** Read a URL, absolute, or relative to `base` (may be NULL). Errors: HP_USAGE with the reason in a few words
 * ("the scheme file is not http or https", "it holds a user name"), HP_CONFIG
 * (libcurl is not installed), HP_RETRY. */
hp_code hp_url_read(hp_arena *a, hp_str text, const hp_url *base, hp_url *out, hp_err *err);
/** Append a URL as it may stand in a message: its query, which may hold a name that was searched for, as
 * "?...". */
void hp_url_show(const hp_url *u, hp_buf *out);
/** Append a text percent-encoded for a place within a URL's query or path (all but unreserved characters). */
void hp_url_escape(hp_str s, hp_buf *out);

#endif
