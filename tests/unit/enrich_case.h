/* What tests of providers share: a profile, an environment, one question and its answers. */
#ifndef HP_TESTS_ENRICH_CASE_H
#define HP_TESTS_ENRICH_CASE_H

#include "unit.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "enrich/answers.h"

/** Hold what a provider is opened with. */
typedef struct enrich_case {
    hp_run run;
    hp_profile *profile;
    hp_profile_provider item;
    hp_clean_ctx clean;
    hp_provider_env env;
    hp_answers answers;
    char dir[64];
} enrich_case;

/** Make it: `yaml` is the profile, whose first provider (if any) is the item; `confidence` is what holds. */
static inline void enrich_open(enrich_case *c, const char *yaml, double confidence) {
    hp_err err = {0};
    *c = (enrich_case){.dir = "/tmp/hotpass-enrich-XXXXXX"};
    assert_non_null(mkdtemp(c->dir));
    assert_ok(hp_run_open(&c->run, &err), err);
    assert_ok(hp_profile_parse(c->run.arena, hp_str_of(yaml), "p.yaml", &c->profile, &err), err);
    if (c->profile->enrich.nprovider) c->item = c->profile->enrich.provider[0];
    if (c->item.name.n == 0) c->item.name = HP_S("test");
    c->item.confidence = confidence;
    hp_clean_ctx_init(&c->clean, c->profile);
    c->env = (hp_provider_env){.run = &c->run,
                               .profile = c->profile,
                               .item = &c->item,
                               .clean = &c->clean,
                               .home = c->dir,
                               .now = 1};
}

/** Release it, with the files in its folder. */
static inline void enrich_close(enrich_case *c) {
    hp_str *name;
    size_t n;
    assert_int_equal(hp_list_dir(c->run.arena, c->dir, &name, &n, NULL), HP_OK);
    for (size_t i = 0; i < n; i++) remove(hp_path_join(c->run.arena, hp_str_of(c->dir), name[i]).p);
    remove(c->dir);
    hp_answers_free(&c->answers);
    hp_run_close(&c->run);
}

/** Write a file into its folder; the path is valid as long as the case. */
static inline const char *enrich_file(enrich_case *c, const char *name, const char *text) {
    hp_err err = {0};
    hp_str path = hp_path_join(c->run.arena, hp_str_of(c->dir), hp_str_of(name));
    assert_ok(hp_write_file(path.p, hp_str_of(text), &err), err);
    return path.p;
}

/** Put the sorted answers into `out`: "field=value confidence evidence" a line. */
static inline void enrich_describe(enrich_case *c, hp_buf *out) {
    hp_answers_sort(&c->answers);
    hp_buf_clear(out);
    for (size_t i = 0; i < c->answers.list.n; i++) {
        const hp_suggestion *s = &c->answers.list.p[i];
        hp_buf_printf(out, "%s=%.*s %.4g %.*s\n", hp_field_get(s->field)->name, HP_FMT(s->value),
                      s->confidence, HP_FMT(s->evidence));
    }
}

#endif
