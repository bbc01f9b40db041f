/* history: what earlier outputs knew. */
#include "enrich/shelf.h"

#include "base/banned.h"

static hp_code open_history(const hp_provider_env *env, void **state, hp_err *err) {
    static const hp_shelf_options OPTIONS = {.folder = "history", .newest = true};
    return hp_shelf_open(env, &OPTIONS, state, err);
}

const hp_provider hp_provider_history = {
    .name = "history",
    .source = "historical_data",
    .strategy = HP_STRATEGY_DETERMINISTIC,
    .confidence = 0.85,
    .text =
        "earlier outputs: the three files in `.hotpass/history` whose names sort last, the last one first",
    .open = open_history,
    .ask = hp_shelf_ask,
    .close = hp_shelf_close,
};
