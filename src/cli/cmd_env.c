#include "cli/cli.h"
#include "cli/view.h"
#include "ops/workspace/envfile.h"

#include "base/banned.h"

static hp_str shown(const hp_envfile_line *line) { return line->secret ? HP_S("(secret)") : line->value; }

static void put_json(hp_cli *c, const char *path, bool written, const hp_envfile_line *line, size_t n) {
    hp_json j = hp_cli_json(c, "hotpass.env/1");
    hp_json_key(&j, "path");
    hp_json_cstr(&j, path);
    hp_json_key(&j, "written");
    hp_json_bool(&j, written);
    hp_json_key(&j, "lines");
    hp_json_array(&j);
    for (size_t i = 0; i < n; i++) {
        hp_json_object(&j);
        hp_json_key(&j, "name");
        hp_json_cstr(&j, line[i].name);
        hp_json_key(&j, "value");
        if (line[i].secret)
            hp_json_null(&j);
        else
            hp_json_str(&j, line[i].value);
        hp_json_key(&j, "from");
        hp_json_str(&j, line[i].from);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

static hp_code put_text(hp_cli *c, const char *path, bool written, const hp_envfile_line *line, size_t n,
                        hp_err *err) {
    static const char *const HEADER[] = {"name", "value", "from"};
    hp_view v = {.arena = c->arena, .ncol = 3, .header = HEADER};
    for (size_t i = 0; i < n; i++) {
        hp_view_add(&v, hp_str_of(line[i].name));
        hp_view_add(&v, shown(&line[i]));
        hp_view_add(&v, line[i].from);
    }
    HP_TRY(hp_view_write(&v, &c->term, 0, &c->out, err));
    hp_buf_puts(&c->out, written ? "\nWritten to " : "\nNothing was written; it would go to ");
    hp_put_safe(&c->out, hp_str_of(path));
    hp_buf_puts(&c->out, ", mode 600.\n");
    return HP_OK;
}

hp_code hp_cmd_env(hp_cli *c, hp_err *err) {
    const hp_given *opt = c->args.opt;
    hp_str home = hp_config_home(c->arena);
    const char *target = hp_args_text(&c->args, HP_O_TARGET), *path = hp_args_text(&c->args, HP_O_ENV_FILE);
    hp_envfile_options o = {.target = target,
                            .allow_network = opt[HP_O_ALLOW_NETWORK].on,
                            .credentials = opt[HP_O_INCLUDE_CREDENTIALS].on && home.n,
                            .vault = home.p};
    hp_envfile_line *line;
    size_t n;
    if (!path) path = hp_arena_printf(c->arena, ".env.%s", target).p;
    if (!path || !home.p) return hp_fail_memory(err, "a path");
    if (strchr(target, '/'))
        return hp_fail(err, HP_USAGE, "--target is a word like staging, no path; --output names the file");
    HP_TRY(hp_config_load(c->arena, hp_args_text(&c->args, HP_O_CONFIG), &c->config, err));
    HP_TRY(hp_envfile_lines(c->arena, &c->config, &o, &line, &n, err));
    bool write = !opt[HP_O_DRY_RUN].on;
    if (write) HP_TRY(hp_envfile_write(c->arena, path, &o, line, n, opt[HP_O_FORCE].on, err));
    if (c->json)
        put_json(c, path, write, line, n);
    else if (!c->quiet)
        return put_text(c, path, write, line, n, err);
    return HP_OK;
}
