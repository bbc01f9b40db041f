/* Prints what the detectors find in the lines of standard input: for each line the spans as `from to kind`, with tabs
 * between them. Arguments: names of people that are known, one a line of the file named. */
#include <stdio.h>

#include "base/file.h"
#include "clean/redact.h"

static void find_spans(const hp_redactor *r, hp_str line) {
    hp_redact_span s;
    bool first = true;
    for (size_t i = 0; hp_redact_next(r, line, i, &s); i = s.to) {
        printf("%s%zu %zu %s", first ? "" : "\t", s.from, s.to, hp_redact_kind_name(s.kind)); /* lint: allow banned: a bench */
        first = false;
    }
    putchar('\n');
}

int main(int argc, char **argv) {
    hp_err err = {0};
    hp_arena *a = hp_arena_new(NULL);
    hp_redactor r = {.region = "ZA", .kinds = HP_REDACT_ALL};
    hp_buf names = hp_buf_new(64 << 20), text = hp_buf_new(256 << 20);
    hp_str rest, line;
    if (!a || (argc > 1 && hp_read_file(argv[1], &names, &err) != HP_OK) || hp_read_stdin(&text, &err) != HP_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (rest = hp_buf_str(&names); hp_str_next(&rest, '\n', &line);)
        if (hp_redactor_know(&r, a, line, &err) != HP_OK) return 1;
    for (rest = hp_buf_str(&text); hp_str_next(&rest, '\n', &line);) find_spans(&r, line);
    hp_redactor_free(&r);
    hp_buf_free(&names);
    hp_buf_free(&text);
    hp_arena_drop(a);
    return 0;
}
