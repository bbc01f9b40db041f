/* The provenance store: what is added is found again, by row, slug, contact and output. */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "why/store.h"

static char path[] = "/tmp/hp-store-XXXXXX";
static hp_err E;

/* Row i has the slug "s<i>" and i % 3 people. */
static void put_row(hp_buf *b, size_t i) {
    hp_buf_clear(b);
    hp_autobuf slug = hp_buf_new(64);
    hp_buf_printf(&slug, "s%zu", i);
    hp_why_put_text(b, hp_buf_str(&slug));
    for (int k = 0; k < 4; k++) hp_why_put(b, 0); /* records, matches, values, derived */
    hp_why_put(b, i % 3);
    for (size_t k = 0; k < i % 3; k++) {
        hp_why_put(b, k); /* reach */
        hp_why_put(b, 50);
        hp_why_put(b, 0);
        hp_why_put(b, 0);
    }
}

static void add_rows(hp_store_writer *w, size_t rows) {
    hp_autobuf row = hp_buf_new(1 << 10), block = hp_buf_new(1 << 20), packed = hp_buf_new(1 << 20);
    int64_t contact = 0;
    for (size_t i = 0; i < rows; i += HP_STORE_BLOCK) {
        int64_t first_contact = contact;
        hp_buf_clear(&block);
        for (size_t k = i; k < i + HP_STORE_BLOCK && k < rows; k++) {
            put_row(&row, k);
            hp_buf_add(&block, hp_buf_str(&row));
            contact += (int64_t)(k % 3);
        }
        hp_store_pack(hp_buf_str(&block), &packed);
        assert_ok(hp_store_add(w, HP_ST_BLOCK, &E, "iiiib", (int64_t)HP_BLOCK_DATA, (int64_t)i, first_contact,
                               (int64_t)block.n, hp_buf_str(&packed)),
                  E);
    }
}

static void write_store(size_t rows, const char *vocabulary) {
    hp_store_writer *w;
    hp_sha256 own;
    hp_store_vocabulary(&own);
    assert_ok(hp_write_file(path, HP_S(""), &E), E);
    assert_ok(hp_store_begin(path, path, &w, &E), E);
    hp_store_add(w, HP_ST_META, &E, "ss", HP_S("schema"), HP_S("hotpass.provenance/1"));
    hp_store_add(w, HP_ST_META, &E, "ss", HP_S("version"), HP_S("9"));
    hp_store_add(w, HP_ST_META, &E, "ss", HP_S("vocabulary"), hp_str_of(vocabulary ? vocabulary : own.hex));
    hp_store_add(w, HP_ST_META, &E, "ss", HP_S("rows"), HP_S("200"));
    hp_store_add(w, HP_ST_OUTPUT, &E, "ssss", HP_S("a/out.csv"), HP_S("csv"), HP_S("aa"), HP_S("11"));
    hp_store_add(w, HP_ST_OUTPUT, &E, "ssss", HP_S("b/out.csv"), HP_S("csv"), HP_S("bb"), HP_S("22"));
    hp_store_add(w, HP_ST_FILE, &E, "isssssii", (int64_t)0, HP_S("in.csv"), HP_S("d/in.csv"), HP_S("In"),
                 HP_S("cc"), HP_S("33"), (int64_t)77, (int64_t)-2);
    hp_store_add(w, HP_ST_SHEET, &E, "iis", (int64_t)0, (int64_t)0, HP_S(""));
    hp_store_add(w, HP_ST_HEADER, &E, "iis", (int64_t)0, (int64_t)4, HP_S("Phone"));
    hp_store_add(w, HP_ST_COLUMN, &E, "sissss", HP_S("Data"), (int64_t)0, HP_S("city"), HP_S("city"),
                 HP_S("first"), HP_S("town"));
    hp_store_add(w, HP_ST_SLUG, &E, "si", HP_S("s77"), (int64_t)77);
    add_rows(w, rows);
    assert_ok(hp_store_end(w, HP_OK, &E), E);
}

static void rows_and_contacts_are_found(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_why_store s;
    hp_why_row r;
    write_store(200, NULL);
    assert_ok(hp_store_open(a, path, &s, &E), E);
    assert_int_equal(s.rows[HP_OF_DATA], 200);
    uint64_t row, contact = 0;
    size_t person;
    for (size_t i = 0; i < 200; i++) {
        hp_autobuf slug = hp_buf_new(64);
        hp_buf_printf(&slug, "s%zu", i);
        assert_ok(hp_store_row(&s, i, &r, &E), E);
        assert_view(r.slug, hp_buf_cstr(&slug));
        for (size_t k = 0; k < i % 3; k++) {
            assert_ok(hp_store_contact(&s, contact++, &r, &person, &row, &E), E);
            assert_int_equal(row, i);
            assert_int_equal(person, k);
            assert_int_equal(r.person[person].reach, k);
        }
    }
    assert_int_equal(hp_store_row(&s, 200, &r, &E), HP_DATA); /* whoever asks has looked at s.rows */
    assert_ok(hp_store_find_slug(&s, HP_S("s77"), &row, &E), E);
    assert_int_equal(row, 77);
    assert_ok(hp_store_find_slug(&s, HP_S("s78' OR 1"), &row, &E), E);
    assert_true(row == UINT64_MAX);
    hp_store_close(&s);
}

static void outputs_and_sources_are_known(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_why_store s;
    hp_stored_output o;
    hp_str header;
    write_store(3, NULL);
    assert_ok(hp_store_open(a, path, &s, &E), E);
    assert_view(s.file[0].path, "d/in.csv");
    assert_int_equal(s.file[0].priority, -2);
    assert_int_equal(s.of[HP_OF_DATA].n, 1);
    assert_int_equal(s.of[HP_OF_DATA].col[0].field, HP_F_CITY);
    assert_ok(hp_store_header(&s, 0, 4, &header, &E), E);
    assert_view(header, "Phone");
    assert_ok(hp_store_output(&s, HP_S("a/out.csv"), &o, &E), E);
    assert_view(o.sha256, "aa");
    assert_ok(hp_store_output(&s, HP_S("b/out.csv"), &o, &E), E);
    assert_view(o.sha256, "bb");
    assert_ok(hp_store_output(&s, HP_S("elsewhere/out.csv"), &o, &E), E);
    assert_true(o.path.n > 0);
    assert_ok(hp_store_output(&s, HP_S("other.csv"), &o, &E), E);
    assert_int_equal(o.path.n, 0);
    assert_ok(hp_store_output_of(&s, HP_S("22"), &o, &E), E);
    assert_view(o.path, "b/out.csv");
    hp_store_close(&s);
}

static void what_is_no_store_is_refused(void **state) {
    (void)state;
    hp_autoarena *a = hp_arena_new(NULL);
    hp_why_store s;
    write_store(3, "0000");
    assert_int_equal(hp_store_open(a, path, &s, &E), HP_DATA);
    assert_contains(E.message, "other rules");
    assert_ok(hp_write_file(path, HP_S("not a database at all"), &E), E);
    assert_int_equal(hp_store_open(a, path, &s, &E), HP_DATA);
    assert_contains(E.message, "run hotpass refine again");
    unlink(path);
    assert_int_equal(hp_store_open(a, path, &s, &E), HP_NOINPUT);
    assert_contains(E.message, "--no-provenance");
}

static void same_content_same_bytes(void **state) {
    (void)state;
    hp_autobuf one = hp_buf_new(1 << 22), two = hp_buf_new(1 << 22);
    write_store(200, NULL);
    assert_ok(hp_read_file(path, &one, &E), E);
    write_store(200, NULL);
    assert_ok(hp_read_file(path, &two, &E), E);
    assert_true(hp_str_eq(hp_buf_str(&one), hp_buf_str(&two)));
}

static int set_up(void **state) {
    (void)state;
    int fd = mkstemp(path);
    if (fd < 0) return 1;
    close(fd);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_contacts_are_found),
        cmocka_unit_test(outputs_and_sources_are_known),
        cmocka_unit_test(what_is_no_store_is_refused),
        cmocka_unit_test(same_content_same_bytes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
