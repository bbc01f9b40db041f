#include "cli/cli.h"
#include "cli/docs.h"

#include "base/banned.h"

static hp_code put_man(hp_cli *c, hp_buf *out, hp_err *err) {
    const hp_command *cmd = hp_root();
    for (size_t i = 1; i < c->args.nword; i++) {
        const hp_command *next = hp_command_find(cmd, hp_str_of(c->args.word[i]));
        if (!next)
            return hp_fail(err, HP_USAGE, "there is no command \"%s\"; see hotpass help", c->args.word[i]);
        cmd = next;
    }
    hp_put_man(out, cmd);
    return HP_OK;
}

hp_code hp_cmd_docs(hp_cli *c, hp_err *err) {
    hp_autobuf text = hp_buf_new(4 << 20);
    const char *topic = c->args.word[0];
    if (strcmp(topic, "tools") == 0) {
        hp_json j = hp_cli_json(c, "hotpass.tools/1");
        hp_json_tools(&j);
        hp_cli_json_end(c, &j);
        return HP_OK;
    }
    if (strcmp(topic, "man") == 0) {
        HP_TRY(put_man(c, &text, err));
    } else if (!hp_put_reference(&text, topic)) {
        return hp_fail(err, HP_BUG, "nobody writes the topic \"%s\"", topic);
    }
    HP_TRY(hp_buf_check(&text, "the document", err));
    hp_cli_text(c, "hotpass.docs/1", topic, hp_buf_str(&text));
    return HP_OK;
}
