/* Loading: the sheets of the claimed files, read and mapped. */
#include "base/mem.h"
#include "base/threads.h"
#include "refine/load.h"

#include "base/banned.h"

/* Files up to this size are read side by side, one a thread; of a larger one the threads share the sheets. By
 * the size alone, so that values get the same numbers whatever the number of threads. */
#define SMALL_FILE (4u << 20)

enum { DEPTH = 8 }; /* files under way */

/* Small files that are read side by side. */
typedef struct flock {
    hp_run *run;
    const hp_profile *p;
    const hp_claim *claims;
    size_t first, n, all;
    size_t begun;
    hp_arena **arena; /* one a file: what they are read into lives as long as the run */
    struct {
        size_t number; /* in the flock */
        hp_loaded_file file;
    } slot[DEPTH];
    hp_mapped_list *list;
} flock;

static hp_code begin_file(void *ctx, size_t slot, bool *made, hp_err *err) {
    flock *s = ctx;
    (void)err;
    *made = s->begun < s->n;
    if (!*made) return HP_OK;
    s->slot[slot].number = s->begun++;
    s->slot[slot].file = (hp_loaded_file){.p = s->p, .claim = &s->claims[s->first + s->slot[slot].number]};
    return HP_OK;
}

static hp_code read_file(void *ctx, size_t slot, hp_err *err) {
    flock *s = ctx;
    hp_loaded_file *f = &s->slot[slot].file;
    HP_TRY(hp_file_open(f, s->run, err));
    return hp_file_read_apart(f, s->run, s->arena[s->slot[slot].number], err);
}

static hp_code take_file(void *ctx, size_t slot, hp_err *err) {
    flock *s = ctx;
    hp_run_progress(s->run, "read", s->first + s->slot[slot].number, s->all);
    HP_TRY(hp_file_take(&s->slot[slot].file, s->run, s->list, err));
    hp_file_close(&s->slot[slot].file);
    return HP_OK;
}

static hp_code load_flock(flock *s, hp_err *err) {
    static const hp_pipeline pipeline = {DEPTH, begin_file, read_file, take_file};
    hp_autofree hp_arena **arena = hp_calloc(s->n, sizeof *arena);
    for (size_t i = 0; arena && i < s->n; i++) {
        arena[i] = hp_arena_new(s->run->arena);
        if (!arena[i]) return hp_fail_memory(err, "the input files");
    }
    if (!arena) return hp_fail_memory(err, "the input files");
    s->arena = arena;
    hp_code code = hp_pipeline_run(&pipeline, s, err);
    for (size_t i = 0; i < DEPTH; i++) hp_file_close(&s->slot[i].file);
    return code;
}

static hp_code load_alone(hp_run *run, const hp_profile *p, const hp_claim *claim, hp_mapped_list *list,
                          hp_err *err) {
    hp_loaded_file f = {.p = p, .claim = claim};
    hp_code code = hp_file_open(&f, run, err);
    if (code == HP_OK) code = hp_file_take(&f, run, list, err);
    hp_file_close(&f);
    return code;
}

static bool is_small(const hp_claim *claim) {
    struct stat s;
    return stat(claim->path.p, &s) == 0 && s.st_size <= SMALL_FILE;
}

static hp_code load_files(hp_run *run, const hp_profile *p, const hp_claim *claims, size_t n,
                          hp_mapped_list *list, hp_err *err) {
    for (size_t i = 0, next; i < n; i = next) {
        next = i;
        while (next < n && is_small(&claims[next])) next++;
        hp_run_progress(run, "read", i, n);
        if (next > i + 1) {
            flock s = {
                .run = run, .p = p, .claims = claims, .first = i, .n = next - i, .all = n, .list = list};
            HP_TRY(load_flock(&s, err));
        } else {
            next = i + 1;
            HP_TRY(load_alone(run, p, &claims[i], list, err));
        }
    }
    return HP_OK;
}

/* Nothing can be used: names the first sheets, and what was found wrong with each. */
static hp_code fail_unusable(const hp_run *run, const hp_profile *p, size_t nfiles, hp_err *err) {
    hp_autobuf found = hp_buf_new(1 << 20);
    size_t told = 0;
    for (size_t i = 0; i < run->issues.list.n && told < 4; i++) {
        const hp_issue *issue = &run->issues.list.p[i];
        bool about = issue->rule == HP_R_SHEET_EMPTY || issue->rule == HP_R_SHEET_UNMAPPABLE
                     || issue->rule == HP_R_SHEET_UNCLAIMED;
        if (!about) continue;
        hp_buf_puts(&found, told++ ? ", " : " (");
        hp_address(&run->sources, issue->at, &found);
        hp_buf_printf(&found, ": %s", hp_rule_get((hp_rule)issue->rule)->name);
    }
    if (told) hp_buf_puts(&found, ")");
    return hp_fail(
        err, HP_DATA,
        "no sheet of the %zu input file(s) could be used%s: none names an organisation or a person; see `hotpass map` for "
        "what was found, and declare the sheets in %.*s",
        nfiles, hp_buf_cstr(&found), HP_FMT(p->path));
}

hp_code hp_load(hp_run *run, const hp_profile *p, const hp_claim *claims, size_t n, hp_mapped ***sheets,
                size_t *nsheets, hp_err *err) {
    hp_mapped_list list = {0};
    hp_code code = load_files(run, p, claims, n, &list, err);
    if (code == HP_OK && list.n == 0) code = fail_unusable(run, p, n, err);
    if (code == HP_OK) {
        *sheets = HP_NEW_ARRAY(run->arena, list.n, hp_mapped *);
        *nsheets = list.n;
        if (!*sheets)
            code = hp_fail_memory(err, "the list of sheets");
        else
            memcpy(*sheets, list.p, list.n * sizeof *list.p);
    }
    hp_vec_free(&list);
    return code;
}
