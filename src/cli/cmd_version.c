#include "cli/cli.h"
#include "cli/libraries.h"

#include "base/banned.h"

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static void put_json(hp_cli *c, const hp_doctor_library *list) {
    hp_json j = hp_cli_json(c, "hotpass.version/1");
    hp_json_key(&j, "version");
    hp_json_cstr(&j, HP_VERSION);
    hp_json_key(&j, "compiler");
    hp_json_cstr(&j, COMPILER);
    hp_json_key(&j, "libraries");
    hp_json_object(&j);
    for (size_t i = 0; i < HP_LIBRARIES; i++) {
        hp_json_key(&j, list[i].name);
        hp_json_cstr(&j, list[i].running);
    }
    hp_json_object_end(&j);
    hp_cli_json_end(c, &j);
}

hp_code hp_cmd_version(hp_cli *c, hp_err *err) {
    (void)err;
    hp_doctor_library list[HP_LIBRARIES];
    if (!c->json) hp_buf_puts(&c->out, "hotpass " HP_VERSION "\n");
    if (!c->json && !c->verbose) return HP_OK;
    hp_cli_libraries(c->arena, list);
    if (c->json) {
        put_json(c, list);
        return HP_OK;
    }
    hp_buf_puts(&c->out, "compiled by " COMPILER "\n");
    for (size_t i = 0; i < HP_LIBRARIES; i++)
        hp_buf_printf(&c->out, "  %-14s %s\n", list[i].name, list[i].running ? list[i].running : "?");
    return HP_OK;
}
