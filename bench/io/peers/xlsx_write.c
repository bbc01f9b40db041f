/* The peer libxlsxwriter: csv to xlsx, row by row, three columns of numbers, the rest text. It also makes the
 * workbooks that the readers are measured on.
 *
 *     xlsx_write IN.csv OUT.xlsx constant|shared
 *
 * constant: its mode of constant memory, strings inline. shared: strings shared, all in memory. */
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "../stage.h"

typedef struct input {
    char *p, *end;
} input;

static bool load(const char *path, input *in) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st)) return false;
    /* Private and writable: fields are unquoted and ended where they stand. One byte more for the last end.
     */
    in->p = mmap(NULL, (size_t)st.st_size + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    in->end = in->p + st.st_size;
    close(fd);
    return in->p != MAP_FAILED;
}

/* Cuts the next field off (RFC 4180); *last tells that a line ended with it. */
static char *next(input *in, bool *last) {
    char *from = in->p, *to = in->p, *p = in->p;
    bool quoted = p < in->end && *p == '"';
    if (quoted) p++;
    for (; p < in->end; p++) {
        if (quoted && *p == '"') {
            if (p + 1 < in->end && p[1] == '"')
                p++;
            else {
                quoted = false;
                continue;
            }
        } else if (!quoted && (*p == ',' || *p == '\n')) {
            break;
        }
        *to++ = *p;
    }
    *last = p >= in->end || *p == '\n';
    in->p = p + 1;
    *to = 0;
    return from;
}

static bool numeric(lxw_col_t col) { return col == 0 || col == 19 || col == 20; }

static lxw_error fill(lxw_worksheet *sheet, input *in) {
    lxw_error bad = LXW_NO_ERROR;
    for (lxw_row_t row = 0; in->p < in->end && bad == LXW_NO_ERROR; row++) {
        bool last = false;
        for (lxw_col_t col = 0; !last; col++) {
            char *rest, *text = next(in, &last);
            double n = row && numeric(col) && *text ? strtod(text, &rest) : 0;
            if (row && numeric(col) && *text && !*rest)
                bad = worksheet_write_number(sheet, row, col, n, NULL);
            else if (*text)
                bad = worksheet_write_string(sheet, row, col, text, NULL);
        }
    }
    return bad;
}

int main(int argc, char **argv) {
    input in;
    if (argc != 4) {
        fputs("usage: xlsx_write IN.csv OUT.xlsx constant|shared\n", stderr);
        return 2;
    }
    if (!load(argv[1], &in)) {
        perror(argv[1]);
        return 1;
    }
    stage_t0 since = stage_begin();
    lxw_workbook_options options = {.constant_memory = strcmp(argv[3], "constant") == 0};
    lxw_workbook *book = workbook_new_opt(argv[2], &options);
    lxw_error bad = fill(workbook_add_worksheet(book, "Contacts"), &in);
    lxw_error end = workbook_close(book);
    if (bad || end) {
        fprintf(stderr, "%s: %s\n", argv[2], lxw_strerror(bad ? bad : end));
        return 1;
    }
    stage_end("write", since);
    return 0;
}
