/* The block `enrich.network`. */
#include "profile/keys.h"
#include "base/banned.h"

#define NETWORK(member) .at = offsetof(hp_profile_network, member)
#define WHOLE(key, member, low, high, standard, text)                                                    \
    {                                                                                                    \
        .name = key, .type = &hp_pt_whole, NETWORK(member), .lo = low, .hi = high, .fallback = standard, \
        .help = text                                                                                     \
    }

static const hp_pkey NETWORK_KEYS[] = {
    {.name = "allow_private_hosts",
     .type = &hp_pt_texts,
     .at = offsetof(hp_profile_network, private_host),
     .count = offsetof(hp_profile_network, nprivate),
     .help =
         "hosts, as they stand in URLs, that may be at loopback, private or carrier addresses (a search service of one's "
         "own); `\"*\"` for every host. Link-local, multicast and reserved addresses are never asked"},
    WHOLE("timeout_seconds", timeout, 1, 600, "10", "time of one attempt, to the last byte"),
    WHOLE("deadline_seconds", deadline, 1, 3600, "60",
          "time of a request with its retries, redirects and pauses"),
    WHOLE("max_kilobytes", max_kilobytes, 1, 65536, "2048",
          "an answer that is longer, packed or unpacked, is given up"),
    WHOLE("max_redirects", redirects, 0, 20, "5",
          "redirects that are followed; each is checked as the first address is"),
    WHOLE(
        "retries", retries, 0, 10, "3",
        "further attempts after 408, 425, 429, 5xx or a broken connection, with growing pauses or as Retry-After says"),
    WHOLE("concurrency", concurrency, 1, 64, "16", "requests under way at once"),
    WHOLE("per_host", per_host, 1, 8, "1", "and to one host"),
    {.name = "min_interval_seconds",
     .type = &hp_pt_number,
     NETWORK(interval),
     .hi = 86400,
     .fallback = "1",
     .help =
         "pause between requests to one host; a longer Crawl-delay of its robots.txt counts, up to half a minute"},
    WHOLE("burst", burst, 1, 1000, "1", "requests to a host that may begin without that pause"),
    WHOLE("pages_per_site", pages, 1, 20, "4",
          "pages of a website that are read: the first one, then those about contact"),
    {.name = "proxy",
     .type = &hp_pt_text,
     NETWORK(proxy),
     .help =
         "URL of a proxy; those of the environment are not used. Behind a proxy only it knows the addresses of names"},
    {.name = "ca_file",
     .type = &hp_pt_text,
     NETWORK(ca_file),
     .help = "file of certificates to trust instead of the system's; certificates are always verified"},
    {.name = "contact",
     .type = &hp_pt_text,
     NETWORK(contact),
     .help = "address or URL of who runs this, for the operators of servers; part of the User-Agent"},
    {.name = "cache",
     .type = &hp_pt_text,
     NETWORK(cache),
     .help = "file in which answers are kept; by default `.hotpass/cache/http.db`"},
    WHOLE("cache_hours", cache_hours, 0, 87600, "168",
          "time for which an answer is used without asking again"),
    WHOLE("cache_megabytes", cache_megabytes, 1, 1048576, "512",
          "size of the answers kept; the least recently used go first"),
};
const hp_pblock hp_pb_network = {
    .name = "enrich.network",
    .help = "How the network is used, once `allow_network`, the command line and the environment "
            "allow it.",
    .key = NETWORK_KEYS,
    .nkey = sizeof NETWORK_KEYS / sizeof *NETWORK_KEYS};
