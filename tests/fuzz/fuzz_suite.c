/* Suites: any bytes are an error with a place, or a suite; one that is read is held against a small table, so
 * that conditions, patterns, partitions and parameters meet any bytes too. */
#include <stdint.h>

#include "base/arena.h"
#include "check/validation.h"
#include "profile/suite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);

/* As in fuzz_profile.c: what libfyaml loses. */
const char *__lsan_default_suppressions(void) { return "leak:libfyaml"; }

static const char *const CELL[][3] = {
    {"a", "1", "2024-02-29"}, {"b", "2.5", "Jan 1 1970"}, {"", "1", "{\"a\": 1}"}, {"a", "x", ""}};
static const hp_type TYPE[] = {HP_T_TEXT, HP_T_NUMBER, HP_T_DATE};

static hp_table *make_table(hp_run *run) {
    static const char *const NAME[] = {"x", "y", "z"};
    hp_table *t = hp_table_new(run->arena, 4, 3, false);
    for (size_t c = 0; t && c < 3; c++) {
        t->col[c].name = hp_str_of(NAME[c]);
        t->col[c].type = hp_arena_zero(run->arena, 4);
        for (size_t r = 0; r < 4; r++) {
            if (!t->col[c].type
                || hp_intern(run->pool, hp_str_of(CELL[r][c]), &t->col[c].v[r], NULL) != HP_OK)
                return NULL;
            t->col[c].type[r] = (uint8_t)(r == 3 ? HP_T_TEXT : TYPE[c]);
        }
    }
    return t;
}

static void check(const char *path, hp_str bytes) {
    static const hp_suite_parameter GIVEN[] = {{.name = {"n", 1}, .value = {"3", 1}}};
    hp_run run = {0};
    hp_err err = {0};
    hp_suite *suite;
    hp_validation *v;
    if (hp_run_open(&run, &err) != HP_OK) return;
    hp_table *t = make_table(&run);
    hp_code code = hp_suite_parse(run.arena, bytes, path, GIVEN, 1, &suite, &err);
    if (t && code == HP_OK) code = hp_validate(&run, t, suite, &v, &err);
    if (code != HP_OK && !err.message[0]) __builtin_trap();
    if (t && code == HP_OK) {
        hp_autobuf out = hp_buf_new(1u << 24);
        hp_validation_json(&run, v, &(hp_result_options){.most = 3}, &out);
    }
    hp_run_close(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check("fuzz.json", (hp_str){(const char *)data, size});
    check("fuzz.yaml", (hp_str){(const char *)data, size});
    return 0;
}
