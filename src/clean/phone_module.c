/* Calls of libphonenumber go through here, to the module that is loaded on first use. */
#include "clean/phone_door.h"

#include "base/module.h"

#ifdef HP_PHONE_LINKED

hp_code hp_phone_ready(hp_err *err) {
    (void)err;
    return HP_OK;
}

hp_phone_verdict hp_phone_parse(const char *text, size_t n, const char *region, char e164[24]) {
    return hp_phone_parse_module(text, n, region, e164);
}

int hp_phone_calling_code(const char *region) { return hp_phone_calling_code_module(region); }

#else

static __typeof__(&hp_phone_parse_module) parse;
static __typeof__(&hp_phone_calling_code_module) calling_code;

static const hp_module_function FUNCTION[] = {{"hp_phone_parse_module", &parse},
                                              {"hp_phone_calling_code_module", &calling_code}};

hp_code hp_phone_ready(hp_err *err) {
    static hp_module module = {
        .file = "libhotpass_phone.so",
        .built = "src/clean",
        .install = "install hotpass again",
        .function = FUNCTION,
        .functions = sizeof FUNCTION / sizeof *FUNCTION,
    };
    return hp_module_load(&module, err);
}

hp_phone_verdict hp_phone_parse(const char *text, size_t n, const char *region, char e164[24]) {
    return hp_phone_ready(NULL) == HP_OK ? parse(text, n, region, e164) : HP_PHONE_INVALID;
}

int hp_phone_calling_code(const char *region) {
    return hp_phone_ready(NULL) == HP_OK ? calling_code(region) : 0;
}

#endif
