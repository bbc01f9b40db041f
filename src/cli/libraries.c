#define PCRE2_CODE_UNIT_WIDTH 8

#include "cli/libraries.h"

#include <expat.h>
#include <jansson.h>
#include <libdeflate.h>
#include <libfyaml.h>
#include <pcre2.h>
#include <sodium.h>
#include <utf8proc.h>
#include <xxhash.h>
#include <zip.h>

#include "base/banned.h"

static const char *three(hp_arena *a, unsigned x, unsigned y, unsigned z) {
    return hp_arena_printf(a, "%u.%u.%u", x, y, z).p;
}

void hp_cli_libraries(hp_arena *a, hp_doctor_library list[HP_LIBRARIES]) {
    char pcre[64] = "";
    pcre2_config(PCRE2_CONFIG_VERSION, pcre);
    hp_str number = hp_str_of(pcre); /* "10.42 2022-12-11" */
    XML_Expat_Version expat = XML_ExpatVersionInfo();
    unsigned xx = XXH_versionNumber();
    const hp_doctor_library all[HP_LIBRARIES] = {
        {"expat", three(a, (unsigned)expat.major, (unsigned)expat.minor, (unsigned)expat.micro),
         three(a, XML_MAJOR_VERSION, XML_MINOR_VERSION, XML_MICRO_VERSION)},
        {"jansson", jansson_version_str(), JANSSON_VERSION},
        {"libdeflate", LIBDEFLATE_VERSION_STRING, NULL},
        {"libfyaml", fy_library_version(), NULL},
        {"libsodium", sodium_version_string(), SODIUM_VERSION_STRING},
        {"libzip", zip_libzip_version(), LIBZIP_VERSION},
        {"pcre2", hp_arena_dup(a, hp_str_cut(number, 0, hp_str_chr(number, ' ', 0))).p,
         hp_arena_printf(a, "%d.%d", PCRE2_MAJOR, PCRE2_MINOR).p},
        {"utf8proc", utf8proc_version(),
         three(a, UTF8PROC_VERSION_MAJOR, UTF8PROC_VERSION_MINOR, UTF8PROC_VERSION_PATCH)},
        {"xxhash", three(a, xx / 10000, xx / 100 % 100, xx % 100),
         three(a, XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE)},
    };
    memcpy(list, all, sizeof all);
}
