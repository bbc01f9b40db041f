#include "cli/cli.h"
#include "cli/docs.h"

#include "base/banned.h"

static hp_code find(hp_cli *c, const hp_command **out, hp_err *err) {
    const hp_command *cmd = hp_root();
    for (size_t i = 0; i < c->args.nword; i++) {
        hp_str word = hp_str_of(c->args.word[i]);
        const hp_command *next = hp_command_find(cmd, word);
        if (!next) {
            const char *near = hp_command_nearest(cmd, word);
            return hp_fail(err, HP_USAGE, "there is no command \"%.*s\"%s%s%s hotpass help", HP_FMT(word),
                           near ? "; did you mean " : "", near ? near : "", near ? "? See" : "; see");
        }
        cmd = next;
    }
    *out = cmd;
    return HP_OK;
}

static void add_command(const hp_command *cmd, void *ctx) { hp_json_command(ctx, cmd); }

static void put_json(hp_cli *c, const hp_command *cmd) {
    hp_json j = hp_cli_json(c, "hotpass.help/1");
    hp_json_key(&j, "commands");
    hp_json_array(&j);
    if (cmd == hp_root()) {
        hp_command_each(add_command, &j);
    } else {
        hp_json_command(&j, cmd);
        for (const hp_command *s = cmd->sub; s && s->name; s++) hp_json_command(&j, s);
    }
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

static void put_limits_json(hp_cli *c) {
    hp_json j = hp_cli_json(c, "hotpass.help/1");
    hp_json_key(&j, "limits");
    hp_json_array(&j);
    for (int id = 0; id < HP_LIMIT_COUNT; id++) {
        const hp_limit_info *l = hp_limit_get((hp_limit_id)id);
        hp_json_object(&j);
        hp_json_key(&j, "name");
        hp_json_cstr(&j, l->name);
        hp_json_key(&j, "default");
        hp_json_i64(&j, (int64_t)l->standard);
        hp_json_key(&j, "value");
        hp_json_cstr(&j, hp_limit_value_name((hp_limit_id)id));
        hp_json_key(&j, "reason");
        hp_json_cstr(&j, l->reason);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

/* The one topic that is no command. */
static bool wants_limits(const hp_cli *c) {
    return c->args.nword == 1 && strcmp(c->args.word[0], "limits") == 0;
}

hp_code hp_cmd_help(hp_cli *c, hp_err *err) {
    const hp_command *cmd = c->args.command;
    size_t width = c->term.out_tty ? c->term.width : 80;
    /* `hotpass refine --help` comes here too. */
    bool option = c->args.opt[HP_O_HELP].on, limits = !option && wants_limits(c);
    if (!option && !limits) HP_TRY(find(c, &cmd, err));
    if (c->json && limits) {
        put_limits_json(c);
    } else if (c->json) {
        put_json(c, cmd);
    } else if (limits) {
        hp_put_limits(&c->out, c->term.out_color, width);
    } else {
        hp_put_help(&c->out, cmd, c->term.out_color, width);
    }
    return HP_OK;
}
