/* Annotates cells of a workbook by hand, for the end-to-end tests:
 *
 *     annotate_cells IN OUT SHEET,ROW,COLUMN,SEVERITY ...
 *
 * The sheet counts from 0, the row from 1, the column from 0 (-1: the row); the severity is that of
 * hp_severity. It prints the counts. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "refine/annotate.h"

static int fail(const hp_err *err) {
    fprintf(stderr, "%s\n", err->message);
    return (int)err->code;
}

static hp_annotation read_one(const char *arg) {
    unsigned sheet = 0, row = 0, severity = 0;
    int col = 0;
    if (sscanf(arg, "%u,%u,%d,%u", &sheet, &row, &col, &severity) != 4 || severity > HP_SEV_ERROR) exit(2);
    return (hp_annotation){.sheet = sheet,
                           .row = row,
                           .col = col < 0 ? HP_NO_COL : (uint32_t)col,
                           .severity = (hp_severity)severity,
                           .rule = HP_S("by_hand"),
                           .reason = HP_S("a <reason> & more"),
                           .note = hp_str_of(arg)};
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    size_t n = (size_t)argc - 3;
    hp_err err = {0};
    hp_autofree hp_annotation *a = hp_calloc(n + 1, sizeof *a);
    hp_book *book;
    hp_annotated count;
    if (!a) return HP_RETRY;
    hp_mem_set_budget(64u << 20); /* whatever the size of the sheet */
    for (size_t i = 0; i < n; i++) a[i] = read_one(argv[i + 3]);
    if (hp_book_open(NULL, argv[1], &book, &err) != HP_OK) return fail(&err);
    hp_book_parts parts;
    FILE *f = hp_book_has_parts(book, &parts) ? fopen(argv[2], "w+b") : NULL;
    if (!f) return 1;
    hp_code code = hp_annotate_book(book, a, n, f, argv[2], &count, &err);
    fclose(f);
    hp_book_close(book);
    if (code != HP_OK) return fail(&err);
    printf("%llu %llu %llu\n", (unsigned long long)count.cells, (unsigned long long)count.comments,
           (unsigned long long)count.uncovered);
    return 0;
}
