/* Planning: which files of the input directory are read, and as which source of the profile. */
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "read/reader.h"
#include "refine/stages.h"

static const hp_cell WHOLE_RUN = {.sheet = HP_NO_SHEET, .col = HP_NO_COL};

/* The pattern may name a directory (as in "data/old*.xlsx"); only the file name counts, the directory is
 * --input-dir. "*.csv" means people.csv.gz too. */
static const hp_profile_source *claimant(const hp_profile *p, hp_str name) {
    for (size_t i = 0; i < p->nsource; i++) {
        hp_str pattern = hp_path_base(p->source[i].path_pattern);
        if (hp_glob_imatch(pattern, name) || hp_glob_imatch(pattern, hp_name_unpacked(name)))
            return &p->source[i];
    }
    return NULL;
}

bool hp_would_claim(const hp_profile *p, hp_str name) {
    return hp_name_readable(name) && (p->nsource == 0 || claimant(p, name));
}

static hp_code report_absent(hp_run *run, const hp_profile *p, const hp_claim *claims, size_t n,
                             hp_err *err) {
    for (size_t i = 0; i < p->nsource; i++) {
        const hp_profile_source *s = &p->source[i];
        bool found = false;
        for (size_t k = 0; k < n && !found; k++) found = claims[k].source == s;
        if (found) continue;
        if (s->required)
            return hp_fail(
                err, HP_NOINPUT,
                "source \"%.*s\" is required, but no file matches \"%.*s\"; put it there or set required: false "
                "(%.*s:%d)",
                HP_FMT(s->name), HP_FMT(s->path_pattern), HP_FMT(p->path), s->line);
        HP_TRY(hp_findf(run, HP_R_SOURCE_ABSENT, WHOLE_RUN, HP_NULL, err, "%.*s (%.*s)", HP_FMT(s->name),
                        HP_FMT(s->path_pattern)));
    }
    return HP_OK;
}

static hp_code no_source(const hp_profile *p, const char *dir, hp_str *names, size_t n, hp_err *err) {
    hp_autobuf found = hp_buf_new(4096);
    for (size_t i = 0; i < n && i < 8; i++) hp_buf_printf(&found, "%s%.*s", i ? ", " : "", HP_FMT(names[i]));
    if (n > 8) hp_buf_printf(&found, " and %zu more", n - 8);
    if (n == 0)
        return hp_fail(err, HP_NOINPUT,
                       "%s: the input directory is empty; put the workbooks there or give --input-dir", dir);
    return hp_fail(
        err, HP_NOINPUT,
        "%s: no file is a source of profile \"%.*s\" (found: %s); give --input-dir another directory, or another "
        "--profile (generic takes any xlsx or csv), or add the source to %.*s",
        dir, HP_FMT(p->name), hp_buf_cstr(&found), HP_FMT(p->path));
}

/* A file's name as it is shown: names are bytes to the system, but text in a workbook. */
static hp_code shown_name(hp_run *run, hp_str name, hp_str *out, hp_err *err) {
    *out = name;
    if (hp_utf8_valid(name, NULL)) return HP_OK;
    hp_autobuf b = hp_buf_new(4096);
    hp_utf8_repair(name, &b);
    HP_TRY(hp_buf_check(&b, "the name of an input", err));
    *out = hp_arena_dup(run->arena, hp_buf_str(&b));
    return out->p ? HP_OK : hp_fail_memory(err, "the list of inputs");
}

static hp_code claim_files(hp_run *run, const hp_profile *p, const char *dir, hp_str *names, size_t n,
                           hp_claim *claims, size_t *nclaims, hp_err *err) {
    for (size_t i = 0; i < n; i++) {
        hp_str path = hp_path_join(run->arena, hp_str_of(dir), names[i]);
        if (!path.p) return hp_fail_memory(err, "the list of inputs");
        if (hp_is_dir(path.p)) continue;
        const hp_profile_source *s = claimant(p, names[i]);
        hp_str shown;
        HP_TRY(shown_name(run, names[i], &shown, err));
        if (hp_name_readable(names[i]) && (s || p->nsource == 0))
            claims[(*nclaims)++] = (hp_claim){.path = path, .name = shown, .source = s};
        else
            HP_TRY(hp_findf(run, HP_R_FILE_UNCLAIMED, WHOLE_RUN, HP_NULL, err, "%.*s", HP_FMT(shown)));
    }
    return HP_OK;
}

hp_code hp_plan(hp_run *run, const hp_profile *p, const char *dir, hp_claim **claims, size_t *n,
                hp_err *err) {
    hp_str *names;
    size_t nnames;
    HP_TRY(hp_list_dir(run->arena, dir, &names, &nnames, err));
    if (nnames > HP_LIMIT_INPUT_FILES)
        return hp_fail_limit(err, HP_L_INPUT_FILES, "%s: %zu files, the limit is %u: split the directory",
                             dir, nnames, HP_LIMIT_INPUT_FILES);
    *claims = HP_NEW_ARRAY(run->arena, nnames + 1, hp_claim);
    if (!*claims) return hp_fail_memory(err, "the list of inputs");
    *n = 0;
    HP_TRY(claim_files(run, p, dir, names, nnames, *claims, n, err));
    if (*n == 0) return no_source(p, dir, names, nnames, err);
    return report_absent(run, p, *claims, *n, err);
}
