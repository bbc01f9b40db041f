#include "cli/cli.h"
#include "cli/docs.h"

#include "base/banned.h"

hp_code hp_cmd_completion(hp_cli *c, hp_err *err) {
    (void)err;
    hp_autobuf text = hp_buf_new(1 << 20);
    hp_put_completion(&text, c->args.word[0]);
    if (text.bad) c->out.bad = true;
    hp_cli_text(c, "hotpass.completion/1", c->args.word[0], hp_buf_str(&text));
    return HP_OK;
}
