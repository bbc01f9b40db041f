/* history: what earlier outputs knew. */
#include "enrich/shelf.h"

#include "base/banned.h"

static hp_code open_history(const hp_provider_env *env, void **state, hp_err *err) {
    static const hp_shelf_options OPTIONS = {.folder = "history", .newest = true};
    hp_shelf *s;
    HP_TRY(hp_shelf_open(env, &OPTIONS, &s, err));
    *state = s;
    return HP_OK;
}

static hp_code ask(void *state, const hp_enrich_row *row, size_t n, hp_answers *out, hp_err *err) {
    return hp_shelf_ask(state, row, n, out, err);
}

static void close_history(void *state) { hp_shelf_close(state); }

const hp_provider hp_provider_history = {
    .name = "history",
    .source = "historical_data",
    .strategy = HP_STRATEGY_DETERMINISTIC,
    .confidence = 0.85,
    .text =
        "earlier outputs: the three files in `.hotpass/history` whose names sort last, the last one first",
    .open = open_history,
    .ask = ask,
    .close = close_history,
};
