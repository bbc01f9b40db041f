#include "base/file.h"
#include "cli/cli.h"
#include "cli/view.h"
#include "profile/profile.h"

#include "base/banned.h"

static hp_code find(hp_cli *c, const char *name, hp_str *path, hp_err *err) {
    const hp_given *dirs = &c->args.opt[HP_O_PROFILE_SEARCH_PATH];
    return hp_profile_find(c->arena, hp_str_of(name), dirs->value, dirs->n, path, err);
}

static hp_code list_all(hp_cli *c, hp_str **paths, size_t *n, hp_err *err) {
    const hp_given *dirs = &c->args.opt[HP_O_PROFILE_SEARCH_PATH];
    return hp_profile_list(c->arena, dirs->value, dirs->n, paths, n, err);
}

static hp_str name_of(hp_str path) {
    hp_str base = hp_path_base(path);
    size_t dot = base.n;
    while (dot > 0 && base.p[dot - 1] != '.') dot--;
    return dot > 1 ? hp_str_cut(base, 0, dot - 1) : base;
}

/* ---- lint ---- */

static void json_lint(hp_json *j, hp_str path, hp_str lines) {
    hp_str line;
    hp_json_object(j);
    hp_json_key(j, "path");
    hp_json_str(j, path);
    hp_json_key(j, "errors");
    hp_json_array(j);
    while (hp_str_next(&lines, '\n', &line)) {
        if (line.n) hp_json_str(j, line);
    }
    hp_json_array_end(j);
    hp_json_object_end(j);
}

static void text_lint(hp_cli *c, hp_str path, hp_str lines, size_t errors) {
    hp_str line;
    while (hp_str_next(&lines, '\n', &line)) {
        hp_put_safe(&c->out, line);
        hp_buf_putc(&c->out, '\n');
    }
    if (c->quiet) return;
    hp_put_safe(&c->out, path);
    hp_buf_puts(&c->out, ": ");
    if (errors) {
        hp_put_counted(&c->out, errors, "error", "errors");
        hp_buf_putc(&c->out, '\n');
    } else {
        hp_buf_puts(&c->out, "ok\n");
    }
}

static hp_code lint(hp_cli *c, hp_str path, hp_json *j, size_t *total, hp_err *err) {
    hp_autobuf lines = hp_buf_new(16 << 20);
    size_t errors = 0;
    HP_TRY(hp_profile_lint(c->arena, path.p, &lines, &errors, err));
    HP_TRY(hp_buf_check(&lines, "the list of errors", err));
    *total += errors;
    if (j) {
        json_lint(j, path, hp_buf_str(&lines));
    } else {
        text_lint(c, path, hp_buf_str(&lines), errors);
    }
    return HP_OK;
}

static hp_code paths_to_lint(hp_cli *c, hp_str **paths, size_t *n, hp_err *err) {
    if (c->args.nword == 0) return list_all(c, paths, n, err);
    *n = c->args.nword;
    *paths = HP_NEW_ARRAY(c->arena, *n, hp_str);
    if (!*paths) return hp_fail_memory(err, "the list of profiles");
    for (size_t i = 0; i < *n; i++) HP_TRY(find(c, c->args.word[i], &(*paths)[i], err));
    return HP_OK;
}

static hp_code lint_paths(hp_cli *c, hp_json *j, size_t *errors, hp_err *err) {
    hp_str *paths;
    size_t n;
    HP_TRY(paths_to_lint(c, &paths, &n, err));
    if (n == 0)
        return hp_fail(err, HP_NOINPUT, "no profile was found; name one, or give --profile-search-path");
    for (size_t i = 0; i < n; i++) HP_TRY(lint(c, paths[i], j, errors, err));
    return HP_OK;
}

hp_code hp_cmd_profile_lint(hp_cli *c, hp_err *err) {
    hp_json j = {0};
    size_t errors = 0;
    if (c->json) {
        j = hp_cli_json(c, "hotpass.profile-lint/1");
        hp_json_key(&j, "profiles");
        hp_json_array(&j);
    }
    HP_TRY(lint_paths(c, c->json ? &j : NULL, &errors, err));
    if (c->json) {
        hp_json_array_end(&j);
        hp_json_key(&j, "errors");
        hp_json_i64(&j, (int64_t)errors);
        hp_cli_json_end(c, &j);
    }
    return errors ? HP_CONFIG : HP_OK;
}

/* ---- show, list ---- */

hp_code hp_cmd_profile_show(hp_cli *c, hp_err *err) {
    hp_str path;
    hp_profile *p;
    hp_autobuf text = hp_buf_new(16 << 20);
    HP_TRY(find(c, c->args.word[0], &path, err));
    HP_TRY(hp_profile_load(c->arena, path.p, &p, err));
    hp_profile_show(p, &text);
    HP_TRY(hp_buf_check(&text, "the profile", err));
    hp_cli_text(c, "hotpass.profile/1", path.p, hp_buf_str(&text));
    return HP_OK;
}

hp_code hp_cmd_profile_list(hp_cli *c, hp_err *err) {
    static const char *const HEADER[] = {"name", "file"};
    hp_str *paths;
    size_t n;
    HP_TRY(list_all(c, &paths, &n, err));
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.profiles/1");
        hp_json_key(&j, "profiles");
        hp_json_array(&j);
        for (size_t i = 0; i < n; i++) {
            hp_json_object(&j);
            hp_json_key(&j, "name");
            hp_json_str(&j, name_of(paths[i]));
            hp_json_key(&j, "path");
            hp_json_str(&j, paths[i]);
            hp_json_object_end(&j);
        }
        hp_json_array_end(&j);
        hp_cli_json_end(c, &j);
        return HP_OK;
    }
    hp_view v = {.arena = c->arena, .ncol = 2, .header = HEADER};
    for (size_t i = 0; i < n; i++) {
        hp_view_add(&v, name_of(paths[i]));
        hp_view_add(&v, paths[i]);
    }
    return hp_view_write(&v, &c->term, 0, &c->out, err);
}
