/* Resolving: which rows are the same organisation. */
#ifndef HP_RESOLVE_RESOLVE_H
#define HP_RESOLVE_RESOLVE_H

#include "profile/profile.h"
#include "table/mapped.h"
#include "table/record.h"
#include "table/run.h"

/** Build records from the cleaned sheets: organisation rows with their contacts, addresses and notes,
 * attached by key within their workbook, else by normalised name (first within the workbook, then in any).
 * A row whose blank name cell lies in a merged area that begins further up belongs to the organisation of
 * that row. Contact rows without an organisation make one of their own; filler rows (a name in the raw cell
 * that cleaning made null) and rows without a name go to quarantine. Errors: HP_RETRY, HP_DATA. */
hp_code hp_attach(hp_run *run, const hp_profile *p, const hp_cleaned *const *sheets, size_t n,
                  hp_records **out, hp_err *err);
/** Cluster organisation records: same normalised name (unless what else they carry contradicts, see
 * namesakes.c), or same registrable domain with similar name, or same phone with similar name; union-find,
 * every merge with its reason, never on a null. Pairs that nearly match become findings. The rules in full
 * stand in resolve/organizations.c and resolve/people.c. Errors: HP_RETRY.
 */
hp_code hp_resolve(hp_run *run, const hp_profile *p, const hp_records *in, hp_clusters **out, hp_err *err);
/** Return the Jaro-Winkler similarity of two UTF-8 texts by bytes (the first 512), 0..1 (Winkler 1990: prefix
 * up to 4 with weight 0.1, where Jaro is above 0.7). */
double hp_jaro_winkler(hp_str a, hp_str b);
/** Find the registrable domain in a host name or URL: "www.a.co.za" -> "a.co.za" (public suffixes of one and
 * two labels as listed in resolve/domain.c). Empty when there is none. The view points into `host`. */
hp_str hp_registrable_domain(hp_str host);
/** Tell whether a domain gives free mail accounts (gmail.com, mweb.co.za ...; the profile may add more; `p`
 * may be NULL). */
bool hp_is_free_mail(const hp_profile *p, hp_str domain);

#endif
