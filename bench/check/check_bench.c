/* Holds a csv file against a suite through the library and says what each step took.
 *
 *     check_bench FILE SUITE
 *
 * Prints a line a stage (bench/io/stage.h), then one an expectation: verdict=SUCCESS UNEXPECTED. */
#include <inttypes.h>

#include "../io/stage.h"

#include "check/validation.h"
#include "read/reader.h"

/* Makes the first row the names of the columns. */
static void name_columns(const hp_run *run, hp_table *t) {
    for (size_t c = 0; t->nrow && c < t->ncol; c++) {
        hp_column *col = &t->col[c];
        col->name = hp_text(run->pool, col->v[0]);
        col->v++;
        if (col->type) col->type++;
        if (col->lex) col->lex++;
    }
    if (t->nrow) t->origin++, t->nrow--;
}

static hp_code read_table(hp_run *run, const char *path, hp_table **out, hp_err *err) {
    hp_book *b;
    stage_t0 since = stage_begin();
    HP_TRY(hp_book_open(run, path, &b, err));
    hp_code code = hp_book_read(run, b, 0, 0, out, err);
    hp_book_close(b);
    if (code != HP_OK) return code;
    name_columns(run, *out);
    stage_end("load", since);
    return HP_OK;
}

static hp_code check(hp_run *run, const char *data, const char *suite, hp_err *err) {
    hp_table *t = NULL;
    hp_suite *s = NULL;
    hp_validation *v = NULL;
    HP_TRY(read_table(run, data, &t, err));
    stage_t0 since = stage_begin();
    HP_TRY(hp_suite_load(run->arena, suite, NULL, 0, &s, err));
    HP_TRY(hp_validate(run, t, s, &v, err));
    stage_end("check", since);
    for (size_t i = 0; i < v->n; i++)
        printf("verdict=%d %" PRIu64 "\n", v->outcome[i].success,
               v->outcome[i].counted ? v->outcome[i].unexpected_count : 0);
    return HP_OK;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: check_bench FILE SUITE\n", stderr);
        return 2;
    }
    hp_err err = {0};
    hp_run run = {0};
    hp_code code = hp_run_open(&run, &err);
    if (code == HP_OK) code = check(&run, argv[1], argv[2], &err);
    if (code != HP_OK) fprintf(stderr, "check_bench: %s\n", err.message);
    hp_run_close(&run);
    return code == HP_OK ? 0 : 1;
}
