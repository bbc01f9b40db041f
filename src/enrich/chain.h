/* The chain of providers of a run: who is asked, in which order, with which configuration. */
#ifndef HP_ENRICH_CHAIN_H
#define HP_ENRICH_CHAIN_H

#include "enrich/enrich.h"

/** Hold one provider of the chain. */
typedef struct hp_link {
    const hp_provider *provider;
    hp_profile_provider item; /**< with the confidence that holds */
    hp_provider_env env;
    void *state; /**< NULL: not opened */
    uint64_t asked, filled, suggested;
} hp_link;

/** Hold the chain; close it with hp_chain_close. */
typedef struct hp_chain {
    hp_link *link;
    size_t n;
    bool research; /**< research belongs to the chain, whether or not its providers may be asked */
} hp_chain;

/** Open the providers of the profile's chain; those that need the network only when the gate says yes. Those
 * that have nothing to ask are left out. Errors: those of the providers; nothing is left open then. */
hp_code hp_chain_open(hp_run *run, const hp_profile *p, const hp_enrich_options *o, const hp_clean_ctx *clean,
                      hp_chain *out, hp_err *err);
/** Close the providers; a zeroed chain is allowed. */
void hp_chain_close(hp_chain *c);

#endif
