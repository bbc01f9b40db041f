/* The table of providers. */
#include "enrich/provider.h"

#include "base/banned.h"

#define HP_PROVIDER(name) extern const hp_provider hp_provider_##name;
#include "profile/providers.def"

const hp_provider *const *hp_providers(size_t *n) {
    static const hp_provider *const PROVIDER[] = {
#define HP_PROVIDER(name) &hp_provider_##name,
#include "profile/providers.def"
    };
    *n = sizeof PROVIDER / sizeof *PROVIDER;
    return PROVIDER;
}
