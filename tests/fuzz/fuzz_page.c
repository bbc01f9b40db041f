/* Web pages: any bytes give facts that are valid UTF-8 on one line, and never more than are kept. JSON-LD is
 * also read as such. */
#include <stdint.h>

#include "base/utf8.h"
#include "enrich/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const hp_page *p) {
    size_t bad;
    if (p->fact.n > HP_PAGE_FACTS || p->link.n > HP_PAGE_FACTS) __builtin_trap();
    for (size_t i = 0; i < p->fact.n; i++) {
        hp_str v = p->fact.p[i].value;
        if (v.n == 0 || !hp_utf8_valid(v, &bad) || p->fact.p[i].field == HP_F_NONE) __builtin_trap();
        for (size_t k = 0; k < v.n; k++)
            if ((unsigned char)v.p[k] < ' ') __builtin_trap();
    }
}

static void read_page(hp_str bytes, const char *type) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_page p = {0};
    hp_err err = {0};
    if (a && hp_page_read(a, bytes, hp_str_of(type), &p, &err) == HP_OK) look_at(&p);
    hp_page_free(&p);
}

static void read_jsonld(hp_str bytes) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_page p = {.arena = a};
    hp_err err = {0};
    if (a && hp_jsonld_read(&p, bytes, &err) == HP_OK) look_at(&p);
    hp_page_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_str bytes = {(const char *)data, size};
    read_page(bytes, "text/html");
    read_page(bytes, "text/html; charset=shift_jis");
    read_jsonld(bytes);
    return 0;
}
