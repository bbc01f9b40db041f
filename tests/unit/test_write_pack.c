/* Packing: the same text gives the same bytes, wherever the compressor's tables happen to lie. */
#include "unit.h"

#include "base/mem.h"
#include "write/pack.h"

static void short_texts_do_not_depend_on_addresses(void **state) {
    (void)state;
    enum { PACKERS = 64, ROUNDS = 20 };
    static const char TEXT[] = "<si><t>1</t></si><si><t>=2</t></si><si><t>3</t></si>";
    hp_packer *packer[PACKERS];
    hp_packed wanted = {0}, out = {0};
    hp_err err;
    for (size_t round = 0; round < ROUNDS; round++) {
        void *spacer = hp_malloc(4096 * (round + 1) * 3); /* other addresses in each round */
        for (size_t i = 0; i < PACKERS; i++) {
            packer[i] = hp_packer_new(HP_COMPRESS_FAST);
            assert_non_null(packer[i]);
            hp_packed *to = round || i ? &out : &wanted;
            hp_packed_clear(to);
            assert_ok(hp_pack(packer[i], HP_S(TEXT), to, &err), err);
            assert_true(hp_str_eq(hp_buf_str(&to->bytes), hp_buf_str(&wanted.bytes)));
        }
        for (size_t i = 0; i < PACKERS; i++) hp_packer_free(packer[i]);
        hp_free(spacer);
    }
    hp_buf_free(&wanted.bytes);
    hp_buf_free(&out.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(short_texts_do_not_depend_on_addresses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
