#include "cli/cli.h"
#include "cli/docs.h"

#include "base/banned.h"

/* A workflow: what somebody wants, and the commands for it. */
typedef struct workflow {
    const char *want;
    const char *line[4];
} workflow;

static const workflow WORKFLOWS[] = {
    {"Clean the workbooks of a directory", {"hotpass refine --input-dir data", "xdg-open dist/refined.xlsx"}},
    {"Look first, and correct how the columns are understood",
     {"hotpass inspect \"data/Contact Database.xlsx\"", "hotpass map data --save map.yaml",
      "hotpass refine --input-dir data --map map.yaml"}},
    {"Use a profile that declares sources, sheets and columns",
     {"hotpass profile lint profiles/aviation.yaml",
      "hotpass refine --profile aviation --input-dir examples/aviation --archive"}},
};
enum { NWORKFLOW = sizeof WORKFLOWS / sizeof *WORKFLOWS };

static void put_json(hp_cli *c) {
    hp_json j = hp_cli_json(c, "hotpass.overview/1");
    hp_json_key(&j, "summary");
    hp_json_cstr(&j, hp_root()->summary);
    hp_json_key(&j, "commands");
    hp_json_array(&j);
    for (const hp_command *s = hp_root()->sub; s->name; s++) {
        if (s->hidden) continue;
        hp_json_object(&j);
        hp_json_key(&j, "name");
        hp_json_cstr(&j, s->name);
        hp_json_key(&j, "summary");
        hp_json_cstr(&j, s->summary);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_json_key(&j, "workflows");
    hp_json_array(&j);
    for (size_t i = 0; i < NWORKFLOW; i++) {
        hp_json_object(&j);
        hp_json_key(&j, "want");
        hp_json_cstr(&j, WORKFLOWS[i].want);
        hp_json_key(&j, "commands");
        hp_json_array(&j);
        for (const char *const *l = WORKFLOWS[i].line; *l; l++) hp_json_cstr(&j, *l);
        hp_json_array_end(&j);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

hp_code hp_cmd_overview(hp_cli *c, hp_err *err) {
    (void)err;
    if (c->json) {
        put_json(c);
        return HP_OK;
    }
    hp_buf *out = &c->out;
    bool color = c->term.out_color;
    size_t width = c->term.out_tty && c->term.width < 100 ? c->term.width : 100;
    hp_put_bold(out, color, "hotpass");
    hp_buf_printf(out, " - %s\n\n", hp_root()->summary);
    hp_put_wrapped(out, hp_str_of(hp_root()->description), 0, width);
    hp_buf_puts(out, "\n\n");
    hp_put_bold(out, color, "Commands");
    hp_buf_putc(out, '\n');
    hp_put_commands(out, hp_root(), color, width);
    for (size_t i = 0; i < NWORKFLOW; i++) {
        hp_buf_putc(out, '\n');
        hp_put_bold(out, color, WORKFLOWS[i].want);
        hp_buf_putc(out, '\n');
        for (const char *const *l = WORKFLOWS[i].line; *l; l++) hp_buf_printf(out, "  %s\n", *l);
    }
    hp_buf_puts(out, "\nhotpass help COMMAND explains a command.\n");
    return HP_OK;
}
