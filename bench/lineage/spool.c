/* Records runs in a store of lineage as hotpass refine does, each opening the store twice: spool DIR RUNS
 * RUN.JSON. Prints the microseconds that one run took. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "ops/lineage/store.h"

static int fail(const hp_err *err) {
    fprintf(stderr, "spool: %s\n", err->message);
    return 1;
}

static hp_code record(const char *dir, const hp_node *doc, hp_err *err) {
    char id[37];
    hp_lineage_store *s;
    const hp_lineage_ending complete = {.type = HP_LINEAGE_COMPLETE, .doc = doc};
    hp_lineage_uuid(hp_lineage_now(), id);
    const hp_lineage_run r = {.id = hp_str_of(id),
                              .ns = HP_S("hotpass.local"),
                              .producer = HP_S("https://hotpass.example/lineage"),
                              .command = HP_S("refine"),
                              .profile = HP_S("aviation"),
                              .nominal = hp_clock_now()};
    HP_TRY(hp_lineage_open(dir, true, &s, err));
    hp_code code = hp_lineage_begin(s, &r, true, err);
    hp_lineage_close(s);
    HP_TRY(code);
    HP_TRY(hp_lineage_open(dir, true, &s, err));
    code = hp_lineage_end(s, r.id, &complete, err);
    hp_lineage_close(s);
    return code;
}

int main(int argc, char **argv) {
    hp_err err = {0};
    hp_arena *a = hp_arena_new(NULL);
    hp_node *doc;
    if (argc != 4 || !a) return 2;
    long runs = strtol(argv[2], NULL, 10);
    if (hp_doc_read(a, argv[3], &doc, &err) != HP_OK) return fail(&err);
    uint64_t begun = hp_clock_mono();
    for (long i = 0; i < runs; i++)
        if (record(argv[1], doc, &err) != HP_OK) return fail(&err);
    printf("%.0f\n", (double)(hp_clock_mono() - begun) / 1e3 / (double)runs);
    hp_arena_drop(a);
    return 0;
}
