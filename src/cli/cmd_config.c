#include "base/file.h"
#include "cli/cli.h"
#include "cli/view.h"
#include "profile/config.h"

#include "base/banned.h"

static const char *file_option(const hp_cli *c) { return hp_args_text(&c->args, HP_O_CONFIG); }

/* ---- show ---- */

static hp_str joined(hp_arena *a, const hp_config_value *v) {
    hp_autobuf text = hp_buf_new(1 << 20);
    for (size_t i = 0; i < v->n; i++) hp_buf_printf(&text, "%s%.*s", i ? ", " : "", HP_FMT(v->item[i]));
    return hp_arena_dup(a, hp_buf_str(&text));
}

static void json_value(hp_json *j, const hp_config_key *k, const hp_config_value *v) {
    bool list = k->type == HP_CONFIG_TEXTS || k->type == HP_CONFIG_PATHS;
    int64_t number;
    if (v->n == 0 && !list) {
        hp_json_null(j);
        return;
    }
    if (list) hp_json_array(j);
    for (size_t i = 0; i < v->n; i++) {
        if (k->type == HP_CONFIG_FLAG)
            hp_json_bool(j, hp_str_eq(v->item[i], HP_S("true")));
        else if (k->type == HP_CONFIG_WHOLE && hp_str_i64(v->item[i], &number))
            hp_json_i64(j, number);
        else
            hp_json_str(j, v->item[i]);
    }
    if (list) hp_json_array_end(j);
}

static void json_file(hp_json *j, const char *scope, const hp_config_file *f) {
    hp_json_object(j);
    hp_json_key(j, "scope");
    hp_json_cstr(j, scope);
    hp_json_key(j, "path");
    hp_json_str(j, f->path);
    hp_json_key(j, "found");
    hp_json_bool(j, f->found);
    hp_json_object_end(j);
}

static void json_show(hp_cli *c, const hp_config *cfg) {
    hp_json j = hp_cli_json(c, "hotpass.config/1");
    hp_json_key(&j, "files");
    hp_json_array(&j);
    json_file(&j, "project", &cfg->project);
    json_file(&j, "user", &cfg->user);
    hp_json_array_end(&j);
    hp_json_key(&j, "keys");
    hp_json_array(&j);
    for (int id = 0; id < HP_CONFIG_COUNT; id++) {
        hp_config_from from;
        const hp_config_key *k = hp_config_key_get((hp_config_id)id);
        const hp_config_value *v = hp_config_get(cfg, (hp_config_id)id, &from);
        hp_json_object(&j);
        hp_json_key(&j, "key");
        hp_json_cstr(&j, k->name);
        hp_json_key(&j, "value");
        json_value(&j, k, v);
        hp_json_key(&j, "from");
        hp_json_cstr(&j, hp_config_from_name(from));
        hp_json_key(&j, "origin");
        if (v->place.n)
            hp_json_str(&j, v->place);
        else
            hp_json_null(&j);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

static hp_str origin_of(hp_cli *c, const hp_config_value *v, hp_config_from from) {
    if (from == HP_CONFIG_BUILTIN) return hp_str_of(v->given ? "built-in" : "");
    return hp_arena_printf(c->arena, "%s %.*s", hp_config_from_name(from), HP_FMT(v->place));
}

static hp_code text_show(hp_cli *c, const hp_config *cfg, hp_err *err) {
    static const char *const HEADER[] = {"key", "value", "origin"};
    bool origin = c->args.opt[HP_O_ORIGIN].on;
    hp_view v = {.arena = c->arena, .ncol = origin ? 3 : 2, .header = HEADER};
    for (int id = 0; id < HP_CONFIG_COUNT; id++) {
        hp_config_from from;
        const hp_config_value *value = hp_config_get(cfg, (hp_config_id)id, &from);
        hp_view_add(&v, hp_str_of(hp_config_key_get((hp_config_id)id)->name));
        hp_view_add(&v, joined(c->arena, value));
        if (origin) hp_view_add(&v, origin_of(c, value, from));
    }
    return hp_view_write(&v, &c->term, 0, &c->out, err);
}

hp_code hp_cmd_config_show(hp_cli *c, hp_err *err) {
    HP_TRY(hp_config_load(c->arena, file_option(c), &c->config, err));
    if (!c->json) return text_show(c, &c->config, err);
    json_show(c, &c->config);
    return HP_OK;
}

/* ---- get, set ---- */

static hp_code find_key(hp_str name, hp_config_id *id, hp_err *err) {
    if (hp_config_find(name, id)) return HP_OK;
    const char *names[HP_CONFIG_COUNT];
    for (int k = 0; k < HP_CONFIG_COUNT; k++) names[k] = hp_config_key_get((hp_config_id)k)->name;
    const char *near = hp_nearest(name, names, HP_CONFIG_COUNT);
    return hp_fail(err, HP_USAGE, "there is no key \"%.*s\"%s%s%s", HP_FMT(name),
                   near ? "; did you mean \"" : "; \"hotpass config show\" lists them", near ? near : "",
                   near ? "\"?" : "");
}

hp_code hp_cmd_config_get(hp_cli *c, hp_err *err) {
    hp_config_id id;
    hp_config_from from;
    HP_TRY(find_key(hp_str_of(c->args.word[0]), &id, err));
    HP_TRY(hp_config_load(c->arena, file_option(c), &c->config, err));
    const hp_config_value *v = hp_config_get(&c->config, id, &from);
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.config-value/1");
        hp_json_key(&j, "key");
        hp_json_cstr(&j, hp_config_key_get(id)->name);
        hp_json_key(&j, "value");
        json_value(&j, hp_config_key_get(id), v);
        hp_json_key(&j, "from");
        hp_json_cstr(&j, hp_config_from_name(from));
        hp_cli_json_end(c, &j);
        return v->given ? HP_OK : HP_FINDINGS;
    }
    for (size_t i = 0; i < v->n; i++) {
        hp_put_safe(&c->out, v->item[i]);
        hp_buf_putc(&c->out, '\n');
    }
    return v->given ? HP_OK : HP_FINDINGS;
}

/* The file that set changes: the one named, else the project's. */
static hp_code project_path(hp_cli *c, hp_str *path, hp_err *err) {
    hp_autobuf ignored = hp_buf_new(1 << 20);
    const char *named = file_option(c);
    if (named) {
        *path = hp_str_of(named);
        return HP_OK;
    }
    HP_TRY(hp_config_read(c->arena, NULL, &c->config, &ignored, err));
    *path = c->config.project.path;
    return HP_OK;
}

hp_code hp_cmd_config_set(hp_cli *c, hp_err *err) {
    hp_config_id id;
    hp_str path = {0};
    size_t n = c->args.nword - 1;
    HP_TRY(find_key(hp_str_of(c->args.word[0]), &id, err));
    HP_TRY(project_path(c, &path, err));
    hp_str *item = HP_NEW_ARRAY(c->arena, n + 1, hp_str);
    if (!item) return hp_fail_memory(err, "the values");
    for (size_t i = 0; i < n; i++) item[i] = hp_str_of(c->args.word[i + 1]);
    if (c->args.opt[HP_O_DRY_RUN].on) {
        hp_config_value value = {0};
        HP_TRY(hp_config_check(c->arena, id, item, n, "the new value", &value, err));
    } else {
        HP_TRY(hp_config_set(c->arena, path.p, id, item, n, err));
    }
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.config-set/1");
        hp_json_key(&j, "key");
        hp_json_cstr(&j, hp_config_key_get(id)->name);
        hp_json_key(&j, "path");
        hp_json_str(&j, path);
        hp_json_key(&j, "written");
        hp_json_bool(&j, !c->args.opt[HP_O_DRY_RUN].on);
        hp_cli_json_end(c, &j);
    } else if (!c->quiet) {
        hp_put_safe(&c->out, path);
        hp_buf_printf(&c->out, ": %s %s\n", hp_config_key_get(id)->name,
                      c->args.opt[HP_O_DRY_RUN].on ? "would be set" : "is set");
    }
    return HP_OK;
}

/* ---- validate ---- */

static void put_unused(hp_cli *c) {
    for (size_t i = 0; i < c->config.nunused; i++) {
        hp_put_safe(&c->out, c->config.unused[i]);
        hp_buf_putc(&c->out, '\n');
    }
}

hp_code hp_cmd_config_validate(hp_cli *c, hp_err *err) {
    hp_autobuf lines = hp_buf_new(16 << 20);
    HP_TRY(hp_config_read(c->arena, file_option(c), &c->config, &lines, err));
    hp_str rest = hp_buf_str(&lines), line;
    hp_json j = {0};
    if (c->json) {
        j = hp_cli_json(c, "hotpass.config-validate/1");
        hp_json_key(&j, "files");
        hp_json_array(&j);
        json_file(&j, "project", &c->config.project);
        json_file(&j, "user", &c->config.user);
        hp_json_array_end(&j);
        hp_json_key(&j, "errors");
        hp_json_array(&j);
    }
    while (hp_str_next(&rest, '\n', &line)) {
        if (!line.n) continue;
        if (c->json) {
            hp_json_str(&j, line);
        } else {
            hp_put_safe(&c->out, line);
            hp_buf_putc(&c->out, '\n');
        }
    }
    if (c->json) {
        hp_json_array_end(&j);
        hp_json_key(&j, "unused");
        hp_json_array(&j);
        for (size_t i = 0; i < c->config.nunused; i++) hp_json_str(&j, c->config.unused[i]);
        hp_json_array_end(&j);
        hp_cli_json_end(c, &j);
    } else if (!c->quiet) {
        put_unused(c);
        hp_put_counted(&c->out, c->config.errors, "error", "errors");
        hp_buf_putc(&c->out, '\n');
    }
    return c->config.errors ? HP_CONFIG : HP_OK;
}
