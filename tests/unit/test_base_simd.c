#include "unit.h"

#include <stdlib.h>

#include "base/simd.h"

/* What each level must find, byte by byte. */
static void marks_agree_with_a_plain_loop(void **state) {
    (void)state;
    enum { MAX = 300 };
    char text[MAX];
    uint64_t bits[5][MAX / 64 + 2];
    uint32_t seed = 1;
    for (hp_simd_level level = HP_SIMD_PORTABLE; level <= HP_SIMD_AVX512; level++) {
        hp_simd_limit(level);
        for (size_t n = 0; n < MAX; n++) {
            for (size_t i = 0; i < n; i++) {
                seed = seed * 1664525u + 1013904223u;
                text[i] = seed >> 30 ? (char)(seed >> 16) : "<,\"\n\0\x80\x01\x7F"[seed >> 20 & 7];
            }
            memset(bits, 0xFF, sizeof bits);
            hp_marks m = {.byte = {'<', '\0', '\n', '\x80'},
                          .bits = {bits[0], bits[1], bits[2], bits[3]},
                          .beyond = bits[4]};
            hp_mark(text, n, &m);
            for (size_t k = 0; k < 5; k++) {
                size_t at = 0;
                for (size_t i = 0; i < n; i++) {
                    bool wanted = k < 4 ? text[i] == m.byte[k] : (text[i] & 0x80) != 0;
                    assert_int_equal(bits[k][i / 64] >> (i % 64) & 1, wanted);
                    assert_int_equal(hp_mark_any(bits[k], i, i + 1), wanted);
                    if (wanted) {
                        assert_int_equal(hp_mark_next(bits[k], at, n), i);
                        assert_true(hp_mark_any(bits[k], at, n));
                        at = i + 1;
                    }
                }
                assert_int_equal(bits[k][n / 64 + 1], 0); /* searches look ahead to it */
                assert_int_equal(hp_mark_next(bits[k], at, n), n);
                assert_false(hp_mark_any(bits[k], at, n));
            }
        }
    }
    hp_simd_limit(HP_SIMD_AVX512);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(marks_agree_with_a_plain_loop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
