/* registry: snapshots of public registers. */
#include "enrich/shelf.h"

#include "base/banned.h"

static hp_code open_registry(const hp_provider_env *env, void **state, hp_err *err) {
    static const hp_shelf_options OPTIONS = {.folder = "registries", .suffix = "_registry"};
    return hp_shelf_open(env, &OPTIONS, state, err);
}

const hp_provider hp_provider_registry = {
    .name = "registry",
    .group = "lookup_tables",
    .source = "registry",
    .strategy = HP_STRATEGY_DETERMINISTIC,
    .confidence = 0.98,
    .text =
        "snapshots of registers: every table in `.hotpass/registries`; `sacaa.parquet` is the source `sacaa_registry`",
    .open = open_registry,
    .ask = hp_shelf_ask,
    .close = hp_shelf_close,
};
