/* Tables of networks, most special first; what no line claims is public (IPv4) or nobody's (IPv6). */
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/banned.h"

static const struct net4 {
    uint32_t net;
    int bits;
    hp_address_class kind;
} NET4[] = {
    {0x00000000, 8, HP_ADDRESS_RESERVED},    /* "this network"; Linux takes 0.0.0.0 for loopback */
    {0x0a000000, 8, HP_ADDRESS_PRIVATE},     /* 10/8 */
    {0x64400000, 10, HP_ADDRESS_CGNAT},      /* 100.64/10 */
    {0x7f000000, 8, HP_ADDRESS_LOOPBACK},    /* 127/8 */
    {0xa9fe0000, 16, HP_ADDRESS_LINK_LOCAL}, /* 169.254/16 */
    {0xac100000, 12, HP_ADDRESS_PRIVATE},    /* 172.16/12 */
    {0xc0000000, 24, HP_ADDRESS_RESERVED},   /* 192.0.0/24, protocol assignments */
    {0xc0000200, 24, HP_ADDRESS_RESERVED},   /* 192.0.2/24, documentation */
    {0xc0586300, 24, HP_ADDRESS_RESERVED},   /* 192.88.99/24, 6to4 relays, deprecated */
    {0xc0a80000, 16, HP_ADDRESS_PRIVATE},    /* 192.168/16 */
    {0xc6120000, 15, HP_ADDRESS_RESERVED},   /* 198.18/15, benchmarks */
    {0xc6336400, 24, HP_ADDRESS_RESERVED},   /* 198.51.100/24, documentation */
    {0xcb007100, 24, HP_ADDRESS_RESERVED},   /* 203.0.113/24, documentation */
    {0xe0000000, 4, HP_ADDRESS_MULTICAST},   /* 224/4 */
    {0xf0000000, 4, HP_ADDRESS_RESERVED},    /* 240/4 with broadcast */
};

hp_address_class hp_address_v4(uint32_t address) {
    for (size_t i = 0; i < sizeof NET4 / sizeof *NET4; i++)
        if ((address ^ NET4[i].net) >> (32 - NET4[i].bits) == 0) return NET4[i].kind;
    return HP_ADDRESS_PUBLIC;
}

/* EMBEDS: the IPv4 address that begins at byte `at` decides. */
enum { EMBEDS = -1 };

static const struct net6 {
    uint8_t net[16];
    int bits;
    int kind;
    int at;
} NET6[] = {
    {{[15] = 1}, 128, HP_ADDRESS_LOOPBACK, 0},                         /* ::1 */
    {{0}, 128, HP_ADDRESS_RESERVED, 0},                                /* :: */
    {{[10] = 0xff, 0xff}, 96, EMBEDS, 12},                             /* ::ffff:0:0/96, mapped */
    {{[8] = 0xff, 0xff}, 96, EMBEDS, 12},                              /* ::ffff:0:0:0/96, translated */
    {{0}, 96, EMBEDS, 12},                                             /* ::/96, compatible */
    {{0x00, 0x64, 0xff, 0x9b}, 96, EMBEDS, 12},                        /* 64:ff9b::/96, NAT64 */
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, HP_ADDRESS_PRIVATE, 0}, /* 64:ff9b:1::/48, local NAT64 */
    {{0x20, 0x02}, 16, EMBEDS, 2},                                     /* 2002::/16, 6to4 */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, HP_ADDRESS_RESERVED, 0},            /* 2001:db8::/32, documentation */
    {{0x20, 0x01}, 23, HP_ADDRESS_RESERVED, 0},                        /* 2001::/23, Teredo and its kin */
    {{0x3f, 0xff}, 20, HP_ADDRESS_RESERVED, 0},                        /* 3fff::/20, documentation */
    {{0x20}, 3, HP_ADDRESS_PUBLIC, 0},                                 /* 2000::/3 */
    {{0xfc}, 7, HP_ADDRESS_PRIVATE, 0},                                /* fc00::/7 */
    {{0xfe, 0x80}, 10, HP_ADDRESS_LINK_LOCAL, 0},                      /* fe80::/10 */
    {{0xfe, 0xc0}, 10, HP_ADDRESS_PRIVATE, 0},                         /* fec0::/10, site-local of old */
    {{0xff}, 8, HP_ADDRESS_MULTICAST, 0},                              /* ff00::/8 */
};

static bool within(const uint8_t *a, const uint8_t *net, int bits) {
    int whole = bits / 8, rest = bits % 8;
    if (memcmp(a, net, (size_t)whole) != 0) return false;
    return rest == 0 || (uint8_t)((a[whole] ^ net[whole]) >> (8 - rest)) == 0;
}

static uint32_t big_endian(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

hp_address_class hp_address_v6(const uint8_t address[16]) {
    for (size_t i = 0; i < sizeof NET6 / sizeof *NET6; i++) {
        if (!within(address, NET6[i].net, NET6[i].bits)) continue;
        return NET6[i].kind == EMBEDS ? hp_address_v4(big_endian(address + NET6[i].at))
                                      : (hp_address_class)NET6[i].kind;
    }
    return HP_ADDRESS_RESERVED;
}

hp_address_class hp_address_of(const struct sockaddr *sa) {
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        return hp_address_v4(ntohl(in.sin_addr.s_addr));
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        return hp_address_v6(in6.sin6_addr.s6_addr);
    }
    return HP_ADDRESS_UNKNOWN;
}

bool hp_address_literal(hp_str host, hp_address_class *out) {
    char text[64];
    bool bracket = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (bracket) host = hp_str_cut(host, 1, host.n - 1);
    size_t zone = hp_str_chr(host, '%', 0);
    if (zone != SIZE_MAX) host = hp_str_cut(host, 0, zone);
    if (host.n == 0 || host.n >= sizeof text) return false;
    memcpy(text, host.p, host.n);
    text[host.n] = 0;
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        *out = hp_address_v4(ntohl(v4.s_addr));
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6) != 1) return false;
    *out = hp_address_v6(v6.s6_addr);
    return true;
}

const char *hp_address_word(hp_address_class c) {
    static const char *const WORD[] = {"public address",   "loopback address",   "private address",
                                       "carrier address",  "link-local address", "multicast address",
                                       "reserved address", "unknown address"};
    return WORD[c <= HP_ADDRESS_UNKNOWN ? c : HP_ADDRESS_UNKNOWN];
}

bool hp_address_allowed(hp_address_class c, bool allow_private) {
    bool inside = c == HP_ADDRESS_LOOPBACK || c == HP_ADDRESS_PRIVATE || c == HP_ADDRESS_CGNAT;
    return c == HP_ADDRESS_PUBLIC || (allow_private && inside);
}

bool hp_port_allowed(long port) { return port == 80 || port == 443 || (port >= 1024 && port <= 65535); }
