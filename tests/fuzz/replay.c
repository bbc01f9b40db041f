/* Replays files through a fuzz target: every file of the directories given, each also cut short at some
 * places. */
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How many places a file is cut at; every byte would take minutes under the sanitizers. */
#define CUTS 40

static int replay_file(const char *path) {
    hp_err err = {0};
    hp_autobuf bytes = hp_buf_new(64 << 20);
    if (hp_read_file(path, &bytes, &err) != HP_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (size_t i = 0; i <= CUTS; i++) LLVMFuzzerTestOneInput((const uint8_t *)bytes.p, bytes.n * i / CUTS);
    return 0;
}

static int replay_dir(const char *dir, size_t *files) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_str *names;
    size_t n;
    hp_err err = {0};
    if (!a || hp_list_dir(a, dir, &names, &n, &err) != HP_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (size_t i = 0; i < n; i++)
        if (replay_file(hp_path_join(a, hp_str_of(dir), names[i]).p)) return 1;
    *files += n;
    return 0;
}

int main(int argc, char **argv) {
    size_t files = 0;
    for (int i = 1; i < argc; i++)
        if (replay_dir(argv[i], &files)) return 1;
    if (files == 0) {
        fprintf(stderr, "no corpus: nothing was replayed\n");
        return 1;
    }
    /* In the form of cmocka, so that the run counts it. */
    printf(
        "[==========] Running 1 test(s).\n[ RUN      ] replay\n[       OK ] replay\n[==========] 1 test(s) run.\n[  PASSED  ] 1 test(s).\n");
    return 0;
}
