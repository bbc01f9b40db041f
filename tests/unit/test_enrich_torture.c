/* Makes the n-th allocation fail, for every n of a whole enrichment: an error that says so, nothing
 * half-written, nothing kept, and never a result that lacks what there was no memory for. */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/threads.h"
#include "refine/enrichment.h"

static const char PEOPLE[] = "Company,Website,E-mail,Telephone,Address,Province\n"
                             "Acme Aviation (Pty) Ltd,,,,,\n"
                             "Blue Ridge CC,,office@blueridge.co.za,,\"12 Lake Rd, Durban, KwaZulu-Natal\",\n"
                             "Zeta,https://zeta.test,,,,\n";
static const char TABLE[] = "organization_name,website,contact_email,contact_phone,province\n"
                            "ACME AVIATION,www.acme.co.za,Info@Acme.co.za,011 555 1234,gp\n"
                            "Acme Aviation CC,www.other.co.za,,,\n";
static const char REGISTRY[] = "organization_name,contact_phone\nZeta,011 555 4321\n";

static char dir[] = "/tmp/hotpass-enrich-XXXXXX";
static char in[64], out[64], home[64];

static hp_code run_once(hp_err *err) {
    const char *dirs[] = {"profiles"};
    hp_enrichment_options o = {.profile = "generic",
                               .profile_dirs = dirs,
                               .nprofile_dirs = 1,
                               .input = in,
                               .output = out,
                               .home = home,
                               .threshold = -1};
    hp_enrichment e;
    hp_code code = hp_enrichment_run(&o, &e, err);
    if (code == HP_OK) hp_enrichment_free(&e);
    return code;
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
    assert_ok(hp_read_file(out, &now, &err), err);
    uint64_t held = hp_mem_used(NULL);
    for (uint64_t n = 1; n <= total; n++) {
        err = (hp_err){0};
        hp_mem_fail_at(n);
        hp_code code = run_once(&err);
        hp_mem_fail_at(0);
        failed += code != HP_OK;
        if (code != HP_OK && (code != HP_RETRY || err.message[0] == '\0'))
            fail_msg("allocation %llu of %llu: code %d: %s", (unsigned long long)n, (unsigned long long)total,
                     (int)code, err.message);
        hp_buf_clear(&now);
        assert_ok(hp_read_file(out, &now, &err), err);
        if (!hp_str_eq(hp_buf_str(&whole), hp_buf_str(&now)))
            fail_msg("allocation %llu left another output", (unsigned long long)n);
        if (hp_mem_used(NULL) != held) fail_msg("allocation %llu leaks", (unsigned long long)n);
    }
    assert_true(failed > total * 9 / 10);
}

static bool put(const char *name, hp_str text, char *path, size_t n) {
    snprintf(path, n, "%s/%s", dir, name);
    return hp_write_file(path, text, NULL) == HP_OK;
}

static int set_up(void **state) {
    (void)state;
    char path[128];
    setenv("SOURCE_DATE_EPOCH", "1760432400", 1);
    if (!mkdtemp(dir)) return 1;
    snprintf(home, sizeof home, "%s/home", dir);
    snprintf(out, sizeof out, "%s/out.xlsx", dir);
    bool ok = put("in.csv", HP_S(PEOPLE), in, sizeof in)
              && put("home/lookups/organizations.csv", HP_S(TABLE), path, sizeof path)
              && put("home/registries/sacaa.csv", HP_S(REGISTRY), path, sizeof path);
    return ok ? 0 : 1;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_failed_allocation_ends_well)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
