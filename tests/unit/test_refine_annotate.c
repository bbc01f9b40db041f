/* Patching parts: tags as they go by, over the ends of the window, and what is refused. The copies as a whole
 * are held against other programs in tests/e2e/test_annotate.py. */
#include "read_maker.h"

#include "refine/annotate.h"
#include "refine/annotate_patch.h"

static hp_err E;

/* Writes a part through `edit` into a zip, and returns what came out; free it. */
static hp_buf patched(const char *xml, hp_code (*edit)(hp_patch *p, hp_err *err)) {
    char *bytes = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&bytes, &n);
    hp_zip_out z;
    assert_ok(hp_zip_begin(&z, f, "t", HP_ZIP_LIMIT, HP_COMPRESS_BEST, &E), E);
    assert_ok(hp_member_open(&z, "part", HP_ZIP_SMALL, &E), E);
    maker_part part = {.name = "part", .text = xml, .bytes = strlen(xml)};
    hp_buf source = make_zip(&part, 1);
    hp_zip *from;
    assert_ok(hp_zip_open(hp_buf_str(&source), HP_S("t"), &from, &E), E);
    hp_patch p;
    assert_ok(hp_patch_open(&p, from, 0, HP_S("t"), &z, &E), E);
    do {
        assert_ok(hp_patch_next(&p, &E), E);
        if (p.kind != HP_TAG_NONE) assert_ok(edit(&p, &E), E);
    } while (p.kind != HP_TAG_NONE);
    hp_patch_close(&p);
    hp_buf out = hp_buf_new(64u << 20);
    hp_buf_add(&out, hp_buf_str(&z.text)); /* less than is deflated at once, so all of it */
    hp_zip_free(&z);
    hp_zip_close(from);
    hp_buf_free(&source);
    fclose(f);
    free(bytes);
    return out;
}

static hp_code nothing(hp_patch *p, hp_err *err) {
    (void)p;
    (void)err;
    return HP_OK;
}

static hp_code mark(hp_patch *p, hp_err *err) {
    if (hp_patch_opens(p, HP_S("c"))) HP_TRY(hp_patch_insert(p, HP_S("["), err));
    if (hp_patch_closes(p, HP_S("c"))) HP_TRY(hp_patch_replace(p, HP_S("]"), err));
    return HP_OK;
}

static void what_is_not_touched_stays(void **state) {
    (void)state;
    static const char XML[] =
        "\xEF\xBB\xBF<?xml version='1.0'?><!-- <c> --><a b='>' c=\"<c/>'\"\n>t &lt; <![CDATA[<c>]]><x:c/> <c ></c\n></a>\n";
    hp_buf same = patched(XML, nothing), other = patched(XML, mark);
    assert_view(hp_buf_str(&same), XML);
    assert_view(
        hp_buf_str(&other),
        "\xEF\xBB\xBF<?xml version='1.0'?><!-- <c> --><a b='>' c=\"<c/>'\"\n>t &lt; <![CDATA[<c>]]>[<x:c/> [<c >]</a>\n");
    hp_buf_free(&same);
    hp_buf_free(&other);
}

/* Windows of a mebibyte end anywhere: the pads move each of these bytes over the edge. */
static void tags_may_lie_across_windows(void **state) {
    (void)state;
    static const char TAIL[] = "<c r='>'>v</c><!-- c --><c/></a>", DONE[] = "[<c r='>'>v]<!-- c -->[<c/></a>";
    for (size_t pad = (1u << 20) - sizeof TAIL - 3; pad <= 1u << 20; pad++) {
        hp_buf xml = hp_buf_new(4u << 20), want = hp_buf_new(4u << 20);
        hp_buf_puts(&xml, "<a>");
        for (size_t i = 3; i < pad; i++) hp_buf_putc(&xml, i % 100 ? 'x' : ' ');
        hp_buf_add(&want, hp_buf_str(&xml));
        hp_buf_puts(&xml, TAIL);
        hp_buf_puts(&want, DONE);
        maker_part part = {.name = "part", .text = hp_buf_cstr(&xml), .bytes = xml.n};
        hp_buf source = make_zip(&part, 1);
        hp_zip *from;
        assert_ok(hp_zip_open(hp_buf_str(&source), HP_S("t"), &from, &E), E);
        hp_patch p;
        assert_ok(hp_patch_open(&p, from, 0, HP_S("t"), NULL, &E), E);
        size_t opens = 0, closes = 0;
        do {
            assert_ok(hp_patch_next(&p, &E), E);
            opens += hp_patch_opens(&p, HP_S("c"));
            closes += hp_patch_closes(&p, HP_S("c"));
        } while (p.kind != HP_TAG_NONE);
        assert_int_equal(opens, 2);
        assert_int_equal(closes, 1);
        hp_patch_close(&p);
        hp_zip_close(from);
        hp_buf_free(&source);
        hp_buf_free(&xml);
        hp_buf_free(&want);
    }
}

static void a_part_that_ends_in_a_tag_is_refused(void **state) {
    (void)state;
    static const char *const CUT[] = {"<a><b", "<a b='", "<a><!-- ", "<a><![CDATA[", "<a><?x ?"};
    for (size_t i = 0; i < sizeof CUT / sizeof *CUT; i++) {
        hp_patch p;
        hp_patch_open_bytes(&p, hp_str_of(CUT[i]), HP_S("f"), HP_S("part"), NULL);
        hp_code code = HP_OK;
        do code = hp_patch_next(&p, &E);
        while (code == HP_OK && p.kind != HP_TAG_NONE);
        assert_int_equal(code, HP_DATA);
        assert_contains(E.message, "f: part part, byte");
        hp_patch_close(&p);
    }
}

static void attributes_are_set_added_and_taken_out(void **state) {
    (void)state;
    static const struct {
        const char *tag, *value, *made;
    } CASES[] = {{"<c r='A1' s='3' t=\"s\">", "7", "<c r='A1' s=\"7\" t=\"s\">"},
                 {"<c s = '3'\n/>", "7", "<c s=\"7\"\n/>"},
                 {"<c/>", "7", "<c s=\"7\"/>"},
                 {"<c>", "7", "<c s=\"7\">"},
                 {"<x:c r='s=\"1\"'>", "7", "<x:c r='s=\"1\"' s=\"7\">"},
                 {"<c s='1' r='A1'/>", NULL, "<c r='A1'/>"},
                 {"<c ss='1'>", NULL, "<c ss='1'>"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        hp_autobuf out = hp_buf_new(1000);
        hp_str value = CASES[i].value ? hp_str_of(CASES[i].value) : (hp_str){NULL, 0};
        hp_tag_set(&out, hp_str_of(CASES[i].tag), HP_S("s"), value);
        assert_view(hp_buf_str(&out), CASES[i].made);
    }
}

/* Another encoding becomes UTF-8, and the declaration of it goes. */
static void another_encoding_becomes_utf8(void **state) {
    (void)state;
    static const char UTF16[] = "\xFF\xFE<\0?\0x\0m\0l\0 \0v\0=\0'\0"
                                "1\0'\0 \0e\0n\0c\0o\0d\0i\0n\0g\0=\0'\0u\0t\0f\0-\0"
                                "1\0"
                                "6\0'\0?\0>\0<\0a\0>\0\xE4\0<\0/\0a\0>";
    maker_part part = {.name = "part", .text = UTF16, .bytes = sizeof UTF16};
    hp_buf source = make_zip(&part, 1);
    hp_zip *from;
    assert_ok(hp_zip_open(hp_buf_str(&source), HP_S("t"), &from, &E), E);
    hp_patch p;
    assert_ok(hp_patch_open(&p, from, 0, HP_S("t"), NULL, &E), E);
    assert_ok(hp_patch_next(&p, &E), E);
    assert_view(p.name, "a");
    assert_ok(hp_patch_next(&p, &E), E);
    assert_view(p.bytes, "\xC3\xA4");
    hp_patch_close(&p);
    hp_zip_close(from);
    hp_buf_free(&source);
}

/* Annotations on no cell of a sheet are passed over; nothing else is touched then. */
static void nothing_to_mark_is_a_copy(void **state) {
    (void)state;
    hp_buf b = make_book((maker_book){.sheet = SHEET("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>")});
    hp_run run = {0};
    hp_book *book;
    hp_annotated count;
    assert_ok(hp_run_open(&run, &E), E);
    assert_ok(hp_book_open_bytes(&run, hp_buf_str(&b), "b.xlsx", &book, &E), E);
    const hp_annotation a[] = {{.sheet = 1, .row = 1}, {.sheet = 0, .row = 0, .col = HP_NO_COL}};
    FILE *f = tmpfile();
    assert_ok(hp_annotate_book(book, a, 2, f, "copy", &count, &E), E);
    assert_int_equal(count.cells, 0);
    assert_int_equal(ftell(f), b.n); /* no part is new, none is longer */
    fclose(f);
    hp_book_close(book);
    hp_run_close(&run);
    hp_buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_touched_stays),
        cmocka_unit_test(tags_may_lie_across_windows),
        cmocka_unit_test(a_part_that_ends_in_a_tag_is_refused),
        cmocka_unit_test(attributes_are_set_added_and_taken_out),
        cmocka_unit_test(another_encoding_becomes_utf8),
        cmocka_unit_test(nothing_to_mark_is_a_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
