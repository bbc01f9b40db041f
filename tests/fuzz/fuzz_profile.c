/* Profiles: any bytes are an error with a place, or a profile. */
#include <stdint.h>

#include "base/arena.h"
#include "base/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 loses a kilobyte when a flow sequence ends in the middle of a key that is no simple one
 * (found by this target); the process ends then anyway. */
const char *__lsan_default_suppressions(void) { return "leak:libfyaml"; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_node *node;
    hp_err err = {0};
    if (a && hp_yaml_read(a, (hp_str){(const char *)data, size}, "fuzz.yaml", &node, &err) != HP_OK
        && !err.message[0])
        __builtin_trap();
    if (a && hp_json_read(a, (hp_str){(const char *)data, size}, "fuzz.json", &node, &err) != HP_OK
        && !err.message[0])
        __builtin_trap();
    return 0;
}
