#include "base/log.h"
#include "base/secret.h"
#include "unit.h"

static void check(const char *in, const char *out) {
    hp_autobuf b = hp_buf_new(10000);
    hp_scrub(hp_str_of(in), &b);
    assert_false(b.bad);
    assert_view(hp_buf_str(&b), out);
}

static void stays(const char *text) { check(text, text); }

static void addresses_go(void **state) {
    (void)state;
    check("mail thandi.m+x@aero-sky.example now", "mail [email] now");
    check("<THANDI@AERO.EXAMPLE>, bob@x.example.", "<[email]>, [email].");
    check("a@b.example", "[email]");
    check("jos\xC3\xA9@m\xC3\xBCller.example;x", "[email];x");
    check("?to=bob%40x.example&cc=o'neil@x.example", "?to=[email]&cc=[email]");
    check("\"john doe\"@x.example", "[email]");
    check("mailto:0821234567@sms.example", "mailto:[email]");
    check("123456789abcdef0@x.example", "[email]");
    stays("user@localhost");
    stays("@mention and a @ b");
    stays("x@");
}

static void phones_go(void **state) {
    (void)state;
    check("call +27 (0)82 123-4567.", "call [phone].");
    check("0821234567", "[phone]");
    check("(011) 555 0123, +27.82.123.4567", "[phone], [phone]");
    check("tel:+27821234567;ext=1", "tel:[phone];ext=1");
    check("27832269672 is a number typed as one", "[phone] is a number typed as one");
    check("012\xC2\xA0"
          "345\xC2\xA0"
          "6789",
          "[phone]");
    check("012\xE2\x80\x93"
          "345\xE2\x80\x93"
          "6789",
          "[phone]");
    check("tel0821234567", "tel[phone]");
    check("phone_0821234567x", "phone_[phone]x");
    check("082 123 4567ext 3", "[phone]ext 3");
    check("seen 2025-10-14 082 123 4567", "seen 2025-10-14 [phone]");
    check("082 123 4567 2025-10-14", "[phone] 2025-10-14");
    stays("12 rows, 345678 cells");
    stays("1,048,576 rows");
}

static void evidence_stays(void **state) {
    (void)state;
    stays("sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  out.xlsx");
    stays("1234567890123456789012345678901234567890123456789012345678901abc");
    stays("dist/refined-data-20251014T093000Z-0123456789ab.zip");
    stays("at 2025-10-14, 2025-10-14T09:30:00Z, 2025-10-14 09:30:00.123456+02:00");
    stays("SACAA Flight Schools.xlsx!Sheet 1!C17 and XFD1048576");
    stays("run 550e8400-e29b-41d4-a716-446655440000");
    stays("from 10.0.0.1 and 192.168.100.200:8080");
    stays("stage read: 0.12345678 s");
    stays("");
}

static void url_user_info_goes(void **state) {
    (void)state;
    check("https://user:p@ss:w0rd@host.example/x?y=1", "https://[secret]@host.example/x?y=1");
    check("s3://key@bucket", "s3://[secret]@bucket");
    stays("https://host.example/a@b");
    stays("https://host.example:8080/");
}

static void secrets_go_wherever_they_stand(void **state) {
    (void)state;
    hp_secret *a = hp_secret_new(HP_S("hunter2")), *b = hp_secret_new(HP_S("hunter2-and-more")),
              *tiny = hp_secret_new(HP_S("e"));
    check("xhunter2x hunter2 hunter2-and-more", "x[secret]x [secret] [secret]");
    check("hunter2", "[secret]");
    check("bob@x.example hunter2 0821234567", "[email] [secret] [phone]");
    hp_secret_free(a);
    hp_secret_free(b);
    hp_secret_free(tiny);
    stays("hunter2");
}

/* No text, however it is cut, may lead outside itself (the sanitizers watch) or take more than linear time.
 */
static void hostile_text_ends(void **state) {
    (void)state;
    static const char *const piece[] = {"@",   "a@b.c", "\"",         "://",  "+",  "(", "1",
                                        "12-", "%40",   "2025-10-14", "\xC2", "ff", ".", "x"};
    enum { PIECES = sizeof piece / sizeof *piece };
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < 3000; i++) {
        hp_autobuf in = hp_buf_new(1000), out = hp_buf_new(10000);
        for (int k = 0; k < 12; k++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            hp_buf_puts(&in, piece[(x >> 33) % PIECES]);
        }
        char exact[200];
        memcpy(exact + sizeof exact - in.n, in.p, in.n); /* ends where the array ends */
        hp_scrub((hp_str){exact + sizeof exact - in.n, in.n}, &out);
        assert_false(out.bad);
    }
    for (size_t p = 0; p < PIECES; p++) {
        hp_autobuf in = hp_buf_new(400000), out = hp_buf_new(8000000);
        for (int k = 0; k < 30000; k++) hp_buf_puts(&in, piece[p]);
        hp_scrub(hp_buf_str(&in), &out);
        assert_false(out.bad);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_go),       cmocka_unit_test(phones_go),
        cmocka_unit_test(evidence_stays),     cmocka_unit_test(secrets_go_wherever_they_stand),
        cmocka_unit_test(url_user_info_goes), cmocka_unit_test(hostile_text_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
