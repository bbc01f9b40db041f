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

hp_code hp_cmd_help(hp_cli *c, hp_err *err) {
    const hp_command *cmd = c->args.command;
    /* `hotpass refine --help` comes here too. */
    if (!c->args.opt[HP_O_HELP].on) HP_TRY(find(c, &cmd, err));
    if (c->json) {
        put_json(c, cmd);
    } else {
        hp_put_help(&c->out, cmd, c->term.out_color, c->term.out_tty ? c->term.width : 80);
    }
    return HP_OK;
}
