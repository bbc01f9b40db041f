/* Contracts: any bytes are an error with a place, or a contract that becomes a suite and differs from itself
 * in nothing. */
#include <stdint.h>

#include "base/arena.h"
#include "profile/contract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);

/* As fuzz_profile.c. */
const char *__lsan_default_suppressions(void) { return "leak:libfyaml"; }

static void use(hp_arena *a, const hp_contract *c, hp_err *err) {
    hp_change *change;
    size_t n = 0;
    for (size_t i = 0; i < c->ntable; i++) {
        hp_contract_suite suite;
        if (hp_contract_expect(a, &c->table[i], NULL, &suite, err) != HP_OK && err->code != HP_RETRY)
            __builtin_trap();
    }
    if (hp_contract_diff(a, c, c, &change, &n, err) == HP_OK && n) __builtin_trap();
}

static void read_as(hp_arena *a, hp_str bytes, const char *name) {
    hp_err err = {0};
    hp_node *doc;
    hp_contract *c;
    bool json = hp_str_ends(hp_str_of(name), HP_S(".json"));
    hp_code code = json ? hp_json_read(a, bytes, name, &doc, &err) : hp_yaml_read(a, bytes, name, &doc, &err);
    if (code == HP_OK) code = hp_contract_of(a, doc, name, &c, &err);
    if (code == HP_OK)
        use(a, c, &err);
    else if (!err.message[0])
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_autoarena *a = hp_arena_new(NULL);
    if (!a) return 0;
    hp_arena_set_budget(a, 256u << 20);
    read_as(a, (hp_str){(const char *)data, size}, "fuzz/fuzz.yaml");
    read_as(a, (hp_str){(const char *)data, size}, "fuzz/fuzz.json");
    return 0;
}
