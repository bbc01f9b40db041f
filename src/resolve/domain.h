/* Domains that say nothing about whose they are. */
#ifndef HP_RESOLVE_DOMAIN_H
#define HP_RESOLVE_DOMAIN_H

#include "base/str.h"

/** Tell whether a registrable domain hosts pages of many (facebook.com, wixsite.com ...), so that two
 * organisations which share it share nothing. */
bool hp_is_shared_host(hp_str domain);

#endif
