/* Makes the n-th allocation fail, for every n of a whole refine run on a tiny input: an error that says so,
 * nothing half-written, nothing kept. Leaks show in the byte count, and in LeakSanitizer. */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/threads.h"
#include "refine/refine.h"

static const char CSV[] =
    "Company,Contact person,E-mail,Phone,Province,Website,Last contacted,Notes\n"
    "Kite Works (Pty) Ltd,Ann Bower (Owner),ann@kiteworks.example,011 555 0100,Gauteng,kiteworks.example,2025-10-14,=x\n"
    "Kite works,Ben Cole,ben@kiteworks.example; sales@kiteworks.example,082 123 4567,gp,,14/10/2025,second\n"
    "Unknown Organisation 7,,,000-000-0001,Unspecified,,1970-01-01,\n"
    ",,,,,,,nothing to hold on to\n"
    "Loop & Roll CC,\"Drew, Eve\",eve@loop,12,Kwa-Zulu Natal,not a url,soon,\n";

/* A source and a result with rows for the quarantine, and a contract that is kept. */
static const char PROFILE[] =
    "name: torture\ningest:\n  sources:\n  - {name: List, path_pattern: '*.csv', suite: suite.json, schema: schema.json,\n"
    "     severity: {critical: quarantine}}\noutput: {suite: suite.yaml, severity: {critical: quarantine}}\n";
static const char SUITE[] =
    "{\"expectations\": [{\"type\": \"expect_column_values_to_not_match_regex\", \"kwargs\": {\"column\": \"Phone\", "
    "\"regex\": \"^12$\"}}, {\"type\": \"expect_column_to_exist\", \"severity\": \"info\", \"kwargs\": {\"column\": \"Fax\"}}]}";
static const char SCHEMA[] =
    "{\"fields\": [{\"name\": \"Company\"}, {\"name\": \"Phone\", \"type\": \"string\"}]}";
static const char RESULT[] =
    "expectations:\n- {type: expect_column_values_to_not_be_null, kwargs: {column: website}}\n";

static char dir[] = "/tmp/hotpass-torture-XXXXXX";
static char in[64], out[64], page[64], text[64], notes[64], retry[64], profile[64];

static hp_code run_once(hp_err *err) {
    const char *outputs[] = {out}, *reports[] = {page, text}, *retries[] = {retry};
    hp_refine_options o = {.profile = profile,
                           .input_dir = in,
                           .outputs = outputs,
                           .noutputs = 1,
                           .reports = reports,
                           .nreports = 2,
                           .archive = true,
                           .annotate = notes,
                           .retry = retries,
                           .nretry = 1,
                           .dist_dir = dir};
    hp_refine_result r;
    hp_code code = hp_refine(&o, &r, err);
    if (code == HP_OK) hp_refine_free(&r);
    return code;
}

static bool has_temporary(const char *path) {
    hp_arena *a = hp_arena_new(NULL);
    hp_str *names;
    size_t n;
    bool temp = false;
    assert_int_equal(hp_list_dir(a, path, &names, &n, NULL), HP_OK);
    for (size_t i = 0; i < n; i++) temp |= hp_str_ends(names[i], HP_S(".tmp"));
    hp_arena_drop(a);
    return temp;
}

static void every_failed_allocation_ends_well(void **state) {
    (void)state;
    hp_err err = {0};
    hp_threads_set(1);
    assert_ok(run_once(&err), err); /* what is made once for a process is made now */
    uint64_t before = hp_mem_count();
    assert_ok(run_once(&err), err);
    uint64_t total = hp_mem_count() - before, failed = 0;
    assert_true(total > 200);
    hp_autobuf whole = hp_buf_new(1 << 20), now = hp_buf_new(1 << 20);
    assert_ok(hp_read_file(out, &whole, &err), err);
    uint64_t held = hp_mem_used(NULL);
    for (uint64_t n = 1; n <= total; n++) {
        err = (hp_err){0};
        hp_mem_fail_at(n);
        hp_code code = run_once(&err);
        hp_mem_fail_at(0);
        if (code != HP_OK) {
            failed++;
            if (code != HP_RETRY)
                fail_msg("allocation %llu of %llu: code %d: %s", (unsigned long long)n,
                         (unsigned long long)total, (int)code, err.message);
            assert_true(err.message[0] != '\0');
        }
        hp_buf_clear(&now);
        assert_ok(hp_read_file(out, &now, &err), err);
        if (!hp_str_eq(hp_buf_str(&whole), hp_buf_str(&now)))
            fail_msg("allocation %llu left another output", (unsigned long long)n);
        if (has_temporary(dir) || has_temporary(notes))
            fail_msg("allocation %llu left a temporary file", (unsigned long long)n);
        if (n == 1) held = hp_mem_used(NULL); /* the two buffers above have grown once */
        if (hp_mem_used(NULL) != held) fail_msg("allocation %llu leaks", (unsigned long long)n);
    }
    assert_true(failed > total * 9 / 10);
}

static hp_code write_checks(hp_err *err) {
    static const struct {
        const char *name, *text;
    } FILE_OF[] = {
        {"torture.yaml", PROFILE}, {"suite.json", SUITE}, {"schema.json", SCHEMA}, {"suite.yaml", RESULT}};
    for (size_t i = 0; i < sizeof FILE_OF / sizeof *FILE_OF; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s/%s", dir, FILE_OF[i].name);
        HP_TRY(hp_write_file(path, hp_str_of(FILE_OF[i].text), err));
    }
    return HP_OK;
}

static int set_up(void **state) {
    (void)state;
    hp_err err = {0};
    setenv("SOURCE_DATE_EPOCH", "1760432400", 1);
    if (!mkdtemp(dir)) return 1;
    snprintf(in, sizeof in, "%s/in", dir);
    snprintf(notes, sizeof notes, "%s/notes", dir);
    snprintf(out, sizeof out, "%s/refined.xlsx", dir);
    snprintf(page, sizeof page, "%s/report.html", dir);
    snprintf(text, sizeof text, "%s/report.md", dir);
    char path[80];
    snprintf(path, sizeof path, "%s/list.csv", in);
    snprintf(profile, sizeof profile, "%s/torture.yaml", dir);
    hp_code code = hp_write_file(path, HP_S(CSV), &err);
    if (code == HP_OK) code = write_checks(&err);
    hp_sha256 sha;
    hp_sha256_of(HP_S(CSV), &sha);
    hp_autobuf rows = hp_buf_new(4096);
    hp_buf_printf(&rows,
                  "source_file,sheet,row,reason,organization_name,record,source_sha256\n"
                  "list.csv,,4,filler_organization,Osprey,Company: Osprey | Phone: 011 555 0199,%s\n",
                  sha.hex);
    snprintf(retry, sizeof retry, "%s/kept.csv", dir);
    if (code == HP_OK) code = hp_write_file(retry, hp_buf_str(&rows), &err);
    return code != HP_OK;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_failed_allocation_ends_well)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
