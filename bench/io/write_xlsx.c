/* Times the workbook writer alone: a csv file becomes a table, then only hp_write_xlsx is measured.
 *
 *     write_xlsx IN.csv OUT.xlsx [fast|best] [jobs]
 *
 * Prints user and system seconds, wall seconds, bytes, and the resident set before and at its peak. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/threads.h"
#include "read/reader.h"
#include "write/write.h"

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

/* A number of /proc/self/status, in MiB. */
static double status_mib(const char *key) {
    char line[256];
    double kib = 0;
    FILE *f = fopen("/proc/self/status", "re");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0) kib = strtod(line + strlen(key) + 1, NULL);
    if (f) fclose(f);
    return kib / 1024;
}

/* Forgets the peak that reading left behind (proc(5), clear_refs). */
static void forget_peak(void) {
    FILE *f = fopen("/proc/self/clear_refs", "we");
    malloc_trim(0);
    if (!f) return;
    fputs("5", f);
    fclose(f);
}

/* Makes the first row the header, and numbers of the columns that peers write as numbers too. */
static void dress(const hp_run *run, hp_table *t) {
    for (size_t c = 0; c < t->ncol; c++) {
        t->col[c].name = hp_text(run->pool, t->col[c].v[0]);
        t->col[c].v++;
        hp_str n = t->col[c].name;
        if (hp_str_eq(n, HP_S("record_id")) || hp_str_eq(n, HP_S("employees"))
            || hp_str_eq(n, HP_S("annual_spend")))
            t->col[c].style = HP_STYLE_INT;
    }
    t->nrow--;
}

static hp_code load(hp_run *run, const char *path, hp_table **t, hp_err *err) {
    hp_book *b;
    HP_TRY(hp_book_open(run, path, &b, err));
    hp_code code = hp_book_read(run, b, 0, 0, t, err);
    hp_book_close(b);
    return code;
}

static hp_code measure(const hp_run *run, const hp_table *t, const char *path, const char *level,
                       hp_err *err) {
    hp_out_sheet sheet = {.name = "Data", .table = t};
    const hp_book_options o = {.compress = strcmp(level, "best") == 0 ? HP_COMPRESS_BEST : HP_COMPRESS_FAST};
    struct rusage before, after;
    struct stat st;
    forget_peak();
    double rss = status_mib("VmRSS");
    getrusage(RUSAGE_SELF, &before);
    uint64_t since = hp_clock_mono();
    hp_out out;
    HP_TRY(hp_write_book(run->pool, &sheet, 1, &o, path, &out, err));
    uint64_t wall = hp_clock_mono() - since;
    getrusage(RUSAGE_SELF, &after);
    double peak = status_mib("VmHWM");
    HP_TRY(hp_out_commit(&out, err));
    stat(path, &st);
    printf(
        "rows %zu  columns %zu  user %.3f  sys %.3f  wall %.3f  bytes %lld  rss before %.1f MiB  peak %.1f MiB  writer %.1f MiB\n",
        t->nrow, t->ncol, seconds(after.ru_utime) - seconds(before.ru_utime),
        seconds(after.ru_stime) - seconds(before.ru_stime), (double)wall / 1e9, (long long)st.st_size, rss,
        peak, peak - rss);
    return HP_OK;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fputs("usage: write_xlsx IN.csv OUT.xlsx [fast|best] [jobs]\n", stderr);
        return 2;
    }
    hp_err err = {0};
    hp_run run = {0};
    hp_table *t = NULL;
    if (argc > 4) hp_threads_set((unsigned)strtoul(argv[4], NULL, 10));
    hp_code code = hp_run_open(&run, &err);
    if (code == HP_OK) code = load(&run, argv[1], &t, &err);
    if (code == HP_OK) dress(&run, t);
    if (code == HP_OK) code = measure(&run, t, argv[2], argc > 3 ? argv[3] : "fast", &err);
    if (code != HP_OK) fprintf(stderr, "%s\n", err.message);
    hp_run_close(&run);
    return code == HP_OK ? 0 : 1;
}
