#include "cli/cli.h"
#include "ops/workspace/workspace.h"

#include "base/banned.h"

static void put_json(hp_cli *c, const char *dir, bool dry_run, const hp_workspace_item *item, size_t n) {
    hp_json j = hp_cli_json(c, "hotpass.init/1");
    hp_json_key(&j, "directory");
    hp_json_cstr(&j, dir);
    hp_json_key(&j, "written");
    hp_json_bool(&j, !dry_run);
    hp_json_key(&j, "items");
    hp_json_array(&j);
    for (size_t i = 0; i < n; i++) hp_json_cstr(&j, item[i].path);
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

hp_code hp_cmd_init(hp_cli *c, hp_err *err) {
    size_t n;
    const hp_workspace_item *item = hp_workspace_items(&n);
    const char *dir = c->args.nword ? c->args.word[0] : ".";
    bool dry_run = c->args.opt[HP_O_DRY_RUN].on, here = strcmp(dir, ".") == 0;
    HP_TRY(hp_workspace_make(c->arena, dir, dry_run, err));
    if (c->json) {
        put_json(c, dir, dry_run, item, n);
        return HP_OK;
    }
    if (c->quiet) return HP_OK;
    for (size_t i = 0; i < n; i++) hp_buf_printf(&c->out, "  %-42s %s\n", item[i].path, item[i].help);
    if (dry_run) {
        hp_buf_puts(&c->out, "\nNothing was written.\n");
        return HP_OK;
    }
    hp_buf_puts(&c->out, "\nNext:\n");
    if (!here) {
        hp_buf_puts(&c->out, "  cd ");
        hp_put_safe(&c->out, hp_str_of(dir));
        hp_buf_putc(&c->out, '\n');
    }
    hp_buf_puts(
        &c->out,
        "  hotpass doctor      is all well?\n  hotpass refine      make dist/refined.xlsx of data/\n");
    return HP_OK;
}
