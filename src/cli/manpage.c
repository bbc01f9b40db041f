/* Man pages (troff with the man macros) made from the command tables. Syntax: groff_man(7). */
#include "cli/cli.h"
#include "cli/docs.h"

#include "base/banned.h"

/* Writes text as troff: backslashes and hyphens escaped; lines end up without a leading dot or quote because
 * callers begin them with a word or a macro. */
static void put_troff(hp_buf *out, const char *text) {
    for (const char *p = text; *p; p++) {
        bool line_begins = p == text || p[-1] == '\n';
        if (line_begins && (*p == '.' || *p == '\'')) hp_buf_puts(out, "\\&");
        switch (*p) {
        case '\\': hp_buf_puts(out, "\\e"); break;
        case '-': hp_buf_puts(out, "\\-"); break;
        case '"': hp_buf_puts(out, "\\(dq"); break;
        case '\'': hp_buf_puts(out, "\\(aq"); break;
        case '`': hp_buf_puts(out, "\\(ga"); break;
        case '^': hp_buf_puts(out, "\\(ha"); break;
        case '~': hp_buf_puts(out, "\\(ti"); break;
        default: hp_buf_putc(out, *p);
        }
    }
}

static void put_paragraphs(hp_buf *out, const char *text) {
    hp_str rest = hp_str_of(text), line;
    while (hp_str_next(&rest, '\n', &line)) {
        if (line.n == 0) {
            hp_buf_puts(out, ".PP\n");
            continue;
        }
        hp_autobuf copy = hp_buf_new(16 << 10);
        hp_buf_add(&copy, line);
        put_troff(out, hp_buf_cstr(&copy));
        hp_put_carry(out, &copy);
        hp_buf_putc(out, '\n');
    }
}

/* Writes "hotpass-profile-lint". */
static void put_page_name(hp_buf *out, const hp_command *cmd, bool upper) {
    hp_buf_puts(out, upper ? "HOTPASS" : "hotpass");
    if (*cmd->full) hp_buf_putc(out, '-');
    for (const char *p = cmd->full; *p; p++) hp_buf_putc(out, *p == ' ' ? '-' : upper ? hp_upper(*p) : *p);
}

static void put_option_man(hp_buf *out, const hp_option *o) {
    hp_buf_puts(out, ".TP\n");
    if (o->letter) hp_buf_printf(out, "\\fB\\-%c\\fR, ", o->letter);
    hp_buf_puts(out, "\\fB\\-\\-");
    if (o->negatable) hp_buf_puts(out, "[no\\-]");
    put_troff(out, o->name);
    hp_buf_puts(out, "\\fR");
    if (o->arg) hp_buf_printf(out, " \\fI%s\\fR", o->arg);
    hp_buf_putc(out, '\n');
    hp_autobuf notes = hp_buf_new(1024);
    hp_put_option_notes(&notes, o);
    hp_put_carry(out, &notes);
    put_troff(out, o->help);
    if (notes.n) {
        hp_buf_puts(out, " (");
        put_troff(out, hp_buf_cstr(&notes));
        hp_buf_puts(out, ")");
    }
    hp_buf_puts(out, ".\n");
}

static void put_options_man(hp_buf *out, const char *title, const hp_option_id *ids) {
    if (!ids || *ids == HP_O_END) return;
    hp_buf_printf(out, ".SH %s\n", title);
    for (; *ids != HP_O_END; ids++) put_option_man(out, hp_option_get(*ids));
}

static void put_commands_man(hp_buf *out, const hp_command *cmd) {
    hp_buf_puts(out, ".SH COMMANDS\n");
    for (const hp_command *s = cmd->sub; s->name; s++) {
        if (s->hidden) continue;
        hp_buf_puts(out, ".TP\n\\fB");
        put_troff(out, s->name);
        hp_buf_puts(out, "\\fR");
        if (s->alias) hp_buf_printf(out, ", \\fB%s\\fR", s->alias);
        hp_buf_putc(out, '\n');
        put_troff(out, s->summary);
        hp_buf_puts(out, ".\n");
    }
}

static void put_arguments_man(hp_buf *out, const hp_argument *a) {
    hp_buf_puts(out, ".SH ARGUMENTS\n");
    for (; a->name; a++) {
        hp_buf_puts(out, ".TP\n\\fI");
        put_troff(out, a->name);
        hp_buf_puts(out, "\\fR\n");
        put_troff(out, a->help);
        hp_buf_puts(out, ".\n");
    }
}

static void put_examples_man(hp_buf *out, const hp_example *e) {
    hp_buf_puts(out, ".SH EXAMPLES\n");
    for (; e->line; e++) {
        hp_buf_puts(out, ".TP\n\\fB");
        put_troff(out, e->line);
        hp_buf_puts(out, "\\fR\n");
        put_troff(out, e->text);
        hp_buf_putc(out, '\n');
    }
}

static void put_exits_man(hp_buf *out) {
    size_t n;
    const hp_exit *e = hp_exits(&n);
    hp_buf_puts(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < n; i++) {
        hp_buf_printf(out, ".TP\n.B %d\n", (int)e[i].code);
        put_troff(out, e[i].text);
        hp_buf_putc(out, '\n');
    }
}

/* ---- see also ---- */

typedef struct see {
    hp_buf *out;
    const hp_command *self;
    bool any;
} see;

static void put_see(const hp_command *cmd, void *ctx) {
    see *s = ctx;
    if (cmd == s->self) return;
    hp_buf_puts(s->out, s->any ? ",\n.BR " : ".BR ");
    hp_autobuf name = hp_buf_new(128);
    put_page_name(&name, cmd, false);
    put_troff(s->out, hp_buf_cstr(&name));
    hp_put_carry(s->out, &name);
    hp_buf_puts(s->out, " (1)");
    s->any = true;
}

static void put_see_also(hp_buf *out, const hp_command *cmd) {
    see s = {out, cmd, false};
    hp_buf_puts(out, ".SH SEE ALSO\n");
    if (cmd == hp_root()) {
        hp_command_each(put_see, &s);
    } else {
        put_see(hp_root(), &s);
        for (const hp_command *m = cmd->sub; m && m->name; m++) put_see(m, &s);
    }
    hp_buf_putc(out, '\n');
}

void hp_put_man(hp_buf *out, const hp_command *cmd) {
    hp_buf_puts(out, ".\\\" Made by `hotpass docs man`; do not edit.\n.TH ");
    put_page_name(out, cmd, true);
    hp_buf_puts(out, " 1 \"\" \"hotpass " HP_VERSION "\" \"hotpass\"\n.SH NAME\n");
    hp_autobuf name = hp_buf_new(128);
    put_page_name(&name, cmd, false);
    put_troff(out, hp_buf_cstr(&name));
    hp_put_carry(out, &name);
    hp_buf_puts(out, " \\- ");
    put_troff(out, cmd->summary);
    hp_buf_puts(out, "\n.SH SYNOPSIS\n.nf\n");
    hp_autobuf usage = hp_buf_new(1024);
    hp_put_usage(&usage, cmd);
    if (cmd->alias) hp_buf_printf(&usage, "\nhotpass %s [options]", cmd->alias);
    put_troff(out, hp_buf_cstr(&usage));
    hp_put_carry(out, &usage);
    hp_buf_puts(out, "\n.fi\n.SH DESCRIPTION\n");
    put_paragraphs(out, cmd->description);
    if (cmd->sub) put_commands_man(out, cmd);
    if (cmd->args) put_arguments_man(out, cmd->args);
    put_options_man(out, "OPTIONS", cmd->options);
    put_options_man(out, "OPTIONS OF EVERY COMMAND", hp_global_options());
    if (cmd->examples) put_examples_man(out, cmd->examples);
    put_exits_man(out);
    put_see_also(out, cmd);
}
