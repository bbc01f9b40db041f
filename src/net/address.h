/* Addresses: which of them are somebody's public server, and which are this machine, this network or nobody.
 */
#ifndef HP_NET_ADDRESS_H
#define HP_NET_ADDRESS_H

#include "base/str.h"

struct sockaddr;

/** Name the classes of addresses (IANA special-purpose registries of IPv4 and IPv6, RFC 6890). */
typedef enum hp_address_class {
    HP_ADDRESS_PUBLIC,
    HP_ADDRESS_LOOPBACK,   /**< 127.0.0.0/8, ::1 */
    HP_ADDRESS_PRIVATE,    /**< 10/8, 172.16/12, 192.168/16 (RFC 1918), fc00::/7, fec0::/10, 64:ff9b:1::/48 */
    HP_ADDRESS_CGNAT,      /**< 100.64.0.0/10 (RFC 6598): a provider's inside */
    HP_ADDRESS_LINK_LOCAL, /**< 169.254.0.0/16, where clouds keep their credentials; fe80::/10 */
    HP_ADDRESS_MULTICAST,  /**< 224.0.0.0/4, ff00::/8 */
    HP_ADDRESS_RESERVED,   /**< nobody's: 0.0.0.0/8, documentation, benchmarks, broadcast, Teredo, what is not
                              assigned */
    HP_ADDRESS_UNKNOWN     /**< neither IPv4 nor IPv6 */
} hp_address_class;

/** Classify an IPv4 address given as a number (127.0.0.1 is 0x7f000001). */
hp_address_class hp_address_v4(uint32_t address);
/** Classify an IPv6 address. One that carries an IPv4 address (mapped, compatible, NAT64, 6to4) is of the
 * class of that one. */
hp_address_class hp_address_v6(const uint8_t address[16]);
/** Classify the address of a socket. */
hp_address_class hp_address_of(const struct sockaddr *sa);
/** Classify a host of a URL that is an address: "127.0.0.1", "[::1]". False when it is a name. */
bool hp_address_literal(hp_str host, hp_address_class *out);
/** Return the words for a class: "loopback address". */
const char *hp_address_word(hp_address_class c);
/** Tell whether a connection may be made: to public addresses always; to loopback, private and CGNAT ones
 * where `allow_private` says so; to all others never. */
bool hp_address_allowed(hp_address_class c, bool allow_private);
/** Tell whether a port may be asked by HTTP: those below 1024 other than 80 and 443 belong to protocols that
 * could take an HTTP request for something else (mail, file transfer). */
bool hp_port_allowed(long port);

#endif
