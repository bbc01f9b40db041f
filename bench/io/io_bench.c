/* Reads and writes through the library and says what each step took.
 *
 *     io_bench read FILE                        all sheets into interned columns
 *     io_bench write IN OUT [fast|best]         reading and writing apart; the suffix of OUT decides the form
 *
 * Prints rows, cells, distinct texts and a line a stage (stage.h). Exit 3: this format is not there yet. */
#include "stage.h"

#include "read/reader.h"
#include "write/write.h"

enum { NOT_YET = 3 };

typedef struct work {
    hp_run run;
    hp_table **sheet;
    size_t nsheet;
} work;

static hp_code read_sheets(work *w, hp_book *b, hp_err *err) {
    size_t n;
    const hp_book_sheet *s = hp_book_sheets(b, &n);
    w->sheet = calloc(n ? n : 1, sizeof *w->sheet);
    if (!w->sheet) return hp_fail(err, HP_RETRY, "out of memory");
    for (size_t i = 0; i < n; i++)
        if (s[i].readable) HP_TRY(hp_book_read(&w->run, b, i, 0, &w->sheet[w->nsheet++], err));
    return HP_OK;
}

static hp_code read_all(work *w, const char *path, hp_err *err) {
    hp_book *b;
    stage_t0 since = stage_begin();
    HP_TRY(hp_book_open(&w->run, path, &b, err));
    hp_code code = read_sheets(w, b, err);
    hp_book_close(b);
    if (code == HP_OK) stage_end("read", since);
    return code;
}

static void tell(const work *w) {
    size_t rows = 0, cells = 0;
    for (size_t i = 0; i < w->nsheet; i++) {
        const hp_table *t = w->sheet[i];
        rows += t->nrow;
        for (size_t c = 0; c < t->ncol; c++)
            for (size_t r = 0; r < t->nrow; r++) cells += t->col[c].v[r] != HP_NULL;
    }
    printf("rows=%zu\ncells=%zu\ndistinct=%u\n", rows, cells, hp_pool_count(w->run.pool));
}

/* Makes the first row the header, and numbers of the columns that peers write as numbers too. */
static void dress(const hp_run *run, hp_table *t) {
    for (size_t c = 0; t->nrow && c < t->ncol; c++) {
        hp_column *col = &t->col[c];
        hp_str n = col->name = hp_text(run->pool, col->v[0]);
        col->v++;
        if (col->type) col->type++;
        if (col->lex) col->lex++;
        if (hp_str_eq(n, HP_S("record_id")) || hp_str_eq(n, HP_S("employees"))
            || hp_str_eq(n, HP_S("annual_spend")))
            col->style = HP_STYLE_INT;
    }
    if (t->nrow) t->nrow--;
}

static hp_code write_all(work *w, const char *path, const char *level, hp_err *err) {
    hp_table *t = w->sheet[0];
    hp_out_sheet sheet = {.name = "Contacts", .table = t};
    const hp_book_options how = {.compress =
                                     strcmp(level, "best") == 0 ? HP_COMPRESS_BEST : HP_COMPRESS_FAST};
    hp_out out;
    dress(&w->run, t);
    stage_t0 since = stage_begin();
    if (hp_form_of(path) == HP_FORM_XLSX)
        HP_TRY(hp_write_book(w->run.pool, &sheet, 1, &how, path, &out, err));
    else
        HP_TRY(hp_write_flat(w->run.pool, t, path, &out, err));
    HP_TRY(hp_out_commit(&out, err));
    stage_end("write", since);
    return HP_OK;
}

/* Tells whether the library writes what is asked for. */
static bool there(int argc, char **argv) {
    hp_err err = {0};
    return argc < 4 || hp_can_write(argv[3], &err) == HP_OK;
}

int main(int argc, char **argv) {
    bool writes = argc > 3 && strcmp(argv[1], "write") == 0;
    if (!writes && (argc != 3 || strcmp(argv[1], "read") != 0)) {
        fputs("usage: io_bench read FILE | io_bench write IN OUT [fast|best]\n", stderr);
        return 2;
    }
    if (!there(argc, argv)) {
        fputs("io_bench: not there yet\n", stderr);
        return NOT_YET;
    }
    hp_err err = {0};
    work w = {0};
    hp_code code = hp_run_open(&w.run, &err);
    if (code == HP_OK) code = read_all(&w, argv[2], &err);
    if (code == HP_OK && writes)
        code = write_all(&w, argv[3], argc > 4 ? argv[4] : "fast", &err);
    else if (code == HP_OK)
        tell(&w);
    if (code != HP_OK) fprintf(stderr, "io_bench: %s\n", err.message);
    free(w.sheet);
    hp_run_close(&w.run);
    return code == HP_OK ? 0 : 1;
}
