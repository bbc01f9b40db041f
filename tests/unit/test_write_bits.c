/* Numbers in few bits, and thrift: held against the examples of the specifications, and read back by our own
 * reader, whose tests read what other programs wrote. */
#include "read/parquet.h"
#include "unit.h"
#include "write/bits.h"
#include "write/compact.h"

#include <stdlib.h>

#define assert_buf(b, bytes)                                   \
    do {                                                       \
        assert_int_equal((b)->n, sizeof(bytes) - 1);           \
        assert_memory_equal((b)->p, bytes, sizeof(bytes) - 1); \
    } while (0)

/* Encodings.md: 0 to 7 in three bits are 10001000 11000110 11111010, with the header of one packed group. */
static void the_example_of_the_specification(void **state) {
    (void)state;
    static const uint32_t UP[] = {0, 1, 2, 3, 4, 5, 6, 7};
    hp_autobuf b = hp_buf_new(100);
    hp_put_hybrid(&b, UP, 8, 3);
    assert_buf(&b, "\x03\x88\xC6\xFA");
    hp_buf_clear(&b);
    hp_put_run(&b, 5, 100, 3);
    assert_buf(&b, "\xC8\x01\x05");
    /* 7, 5, 3, 1, 2, 3, 4, 5: the least difference is -2, above it 0 0 0 3 3 3 3, two bits each. */
    static const int64_t DOWN_AND_UP[] = {7, 5, 3, 1, 2, 3, 4, 5};
    hp_buf_clear(&b);
    hp_put_deltas(&b, DOWN_AND_UP, 8, false);
    assert_buf(&b, "\x80\x01\x04\x08\x0E\x03\x02\x00\x00\x00\xC0\x3F\x00\x00\x00\x00\x00\x00");
}

static void hybrids_come_back(void **state) {
    (void)state;
    enum { N = 1000 };
    static uint32_t v[N], back[N];
    unsigned seed = 1;
    for (unsigned bits = 1; bits <= 32; bits++)
        for (size_t n = 0; n < N; n = n * 2 + 1) {
            uint32_t mask = bits == 32 ? UINT32_MAX : (1u << bits) - 1;
            for (size_t i = 0; i < n; i++) {
                seed = seed * 1664525u + 1013904223u;
                /* Runs of many lengths between numbers that differ. */
                v[i] = i && (seed >> 28) > n % 16 ? v[i - 1] : (seed ^ seed >> 16) & mask;
            }
            hp_autobuf b = hp_buf_new(1 << 20);
            hp_put_hybrid(&b, v, n, bits);
            assert_false(b.bad);
            hp_pq_bytes in = {(const uint8_t *)hp_buf_str(&b).p, b.n};
            assert_true(hp_pq_hybrid(&in, bits, back, n));
            assert_memory_equal(v, back, n * sizeof *v);
            assert_int_equal(in.n, 0);
        }
}

static void thrift_is_compact(void **state) {
    (void)state;
    hp_autobuf b = hp_buf_new(1000);
    hp_compact c = {.out = &b};
    hp_compact_open(&c);
    hp_compact_i32(&c, 1, -1);
    hp_compact_i64(&c, 20, 150);
    hp_compact_bool(&c, 21, true);
    hp_compact_bool(&c, 22, false);
    hp_compact_struct(&c, 23);
    hp_compact_i16(&c, 1, 2);
    hp_compact_close(&c);
    hp_compact_text(&c, 24, HP_S("ab"));
    hp_compact_list(&c, 25, HP_COMPACT_I32, 2);
    hp_compact_number(&c, 1);
    hp_compact_number(&c, -2);
    hp_compact_list(&c, 26, HP_COMPACT_BOOL, 15);
    for (int i = 0; i < 15; i++) hp_compact_truth(&c, i == 0);
    hp_compact_close(&c);
    assert_buf(
        &b, "\x15\x01\x06\x28\xAC\x02\x11\x12\x1C\x14\x04\x00\x18\x02"
            "ab\x19\x25\x02\x03\x19\xF1\x0F\x01\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x00");
    for (int i = 0; i < 9; i++) hp_compact_open(&c);
    assert_true(b.bad);
}

static void without_room_it_is_bad(void **state) {
    (void)state;
    static const uint32_t V[100] = {1, 0, 1};
    static const int64_t D[100] = {1, 0, 1};
    for (size_t room = 0; room < 4; room++) {
        hp_autobuf b = hp_buf_new(room);
        hp_put_hybrid(&b, V, 100, 3);
        assert_true(b.bad);
        hp_buf_clear(&b);
        hp_put_deltas(&b, D, 100, false);
        assert_true(b.bad);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_specification),
        cmocka_unit_test(hybrids_come_back),
        cmocka_unit_test(thrift_is_compact),
        cmocka_unit_test(without_room_it_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
