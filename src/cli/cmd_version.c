#define PCRE2_CODE_UNIT_WIDTH 8

#include <expat.h>
#include <jansson.h>
#include <libdeflate.h>
#include <libfyaml.h>
#include <pcre2.h>
#include <sodium.h>
#include <utf8proc.h>
#include <xxhash.h>
#include <zip.h>

#include "cli/cli.h"

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

typedef struct library {
    const char *name, *version;
} library;

enum { NLIBRARY = 9 };

/* Asks each library that is linked, not the header it was built with, where it can tell. */
static void ask(hp_arena *a, library list[NLIBRARY]) {
    char pcre[64] = "";
    pcre2_config(PCRE2_CONFIG_VERSION, pcre);
    XML_Expat_Version expat = XML_ExpatVersionInfo();
    unsigned xx = XXH_versionNumber();
    const library all[NLIBRARY] = {
        {"expat", hp_arena_printf(a, "%d.%d.%d", expat.major, expat.minor, expat.micro).p},
        {"jansson", jansson_version_str()},
        {"libdeflate", LIBDEFLATE_VERSION_STRING},
        {"libfyaml", fy_library_version()},
        {"libsodium", sodium_version_string()},
        {"libzip", zip_libzip_version()},
        {"pcre2", hp_arena_dup(a, hp_str_of(pcre)).p},
        {"utf8proc", utf8proc_version()},
        {"xxhash", hp_arena_printf(a, "%u.%u.%u", xx / 10000, xx / 100 % 100, xx % 100).p},
    };
    memcpy(list, all, sizeof all);
}

static void put_json(hp_cli *c, const library *list) {
    hp_json j = hp_cli_json(c, "hotpass.version/1");
    hp_json_key(&j, "version");
    hp_json_cstr(&j, HP_VERSION);
    hp_json_key(&j, "compiler");
    hp_json_cstr(&j, COMPILER);
    hp_json_key(&j, "libraries");
    hp_json_object(&j);
    for (size_t i = 0; i < NLIBRARY; i++) {
        hp_json_key(&j, list[i].name);
        hp_json_cstr(&j, list[i].version);
    }
    hp_json_object_end(&j);
    hp_cli_json_end(c, &j);
}

hp_code hp_cmd_version(hp_cli *c, hp_err *err) {
    (void)err;
    library list[NLIBRARY];
    if (!c->json) hp_buf_puts(&c->out, "hotpass " HP_VERSION "\n");
    if (!c->json && !c->verbose) return HP_OK;
    ask(c->arena, list);
    if (c->json) {
        put_json(c, list);
        return HP_OK;
    }
    hp_buf_puts(&c->out, "compiled by " COMPILER "\n");
    for (size_t i = 0; i < NLIBRARY; i++)
        hp_buf_printf(&c->out, "  %-14s %s\n", list[i].name, list[i].version ? list[i].version : "?");
    return HP_OK;
}
