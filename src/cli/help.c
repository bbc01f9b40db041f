#include "cli/docs.h"

#include "base/utf8.h"
#include "cli/cli.h"

#include "base/banned.h"

/* Column at which the texts of a list begin. */
enum { TEXT_COLUMN = 29 };

const char *hp_opt_type_name(hp_opt_type t) {
    static const char *const NAMES[] = {
        [HP_OPT_FLAG] = "flag",       [HP_OPT_STRING] = "string", [HP_OPT_INT] = "integer",
        [HP_OPT_BYTES] = "size",      [HP_OPT_DATE] = "date",     [HP_OPT_ENUM] = "choice",
        [HP_OPT_FILE] = "file",       [HP_OPT_DIR] = "directory", [HP_OPT_PROFILE] = "profile",
        [HP_OPT_COMMAND] = "command", [HP_OPT_LIMIT] = "limit",
    };
    return NAMES[t];
}

void hp_put_usage(hp_buf *out, const hp_command *cmd) {
    hp_buf_puts(out, "hotpass");
    if (*cmd->full) hp_buf_printf(out, " %s", cmd->full);
    if (cmd->sub) hp_buf_puts(out, cmd->run ? " [COMMAND]" : " COMMAND");
    hp_buf_puts(out, cmd->sub && cmd->run ? " ..." : " [options]");
    for (const hp_argument *a = cmd->args; a && a->name; a++) {
        hp_buf_printf(out, a->optional ? " [%s%s]" : " %s%s", a->name, a->many ? "..." : "");
    }
}

void hp_put_option(hp_buf *out, const hp_option *o) {
    if (o->letter) {
        hp_buf_printf(out, "-%c, ", o->letter);
    } else {
        hp_buf_puts(out, "    ");
    }
    hp_buf_printf(out, o->negatable ? "--[no-]%s" : "--%s", o->name);
    if (o->arg) hp_buf_printf(out, " %s", o->arg);
}

void hp_put_option_notes(hp_buf *out, const hp_option *o) {
    const char *sep = "";
    if (o->choices) {
        for (size_t i = 0; o->choices[i]; i++)
            hp_buf_printf(out, "%s%s", i ? ", " : "one of ", o->choices[i]);
        sep = "; ";
    }
    if (o->repeatable) {
        hp_buf_printf(out, "%smay be given more than once", sep);
        sep = "; ";
    }
    if (o->fallback) hp_buf_printf(out, "%sdefault: %s", sep, o->fallback);
}

/* Writes "  term   text", the text wrapped in its column, below the term when that is too long. */
static void item(hp_buf *out, hp_str term, hp_str text, bool color, size_t width) {
    size_t w = hp_utf8_width(term) + 2;
    hp_put_spaces(out, 2);
    if (color) hp_buf_puts(out, "\033[1m");
    hp_buf_add(out, term);
    if (color) hp_buf_puts(out, "\033[0m");
    if (w + 2 > TEXT_COLUMN) {
        hp_buf_putc(out, '\n');
        w = 0;
    }
    hp_put_spaces(out, TEXT_COLUMN - w);
    hp_put_wrapped(out, text, TEXT_COLUMN, width);
    hp_buf_putc(out, '\n');
}

static void title(hp_buf *out, const char *text, bool color) {
    hp_buf_putc(out, '\n');
    hp_put_bold(out, color, text);
    hp_buf_putc(out, '\n');
}

void hp_put_limit_value(hp_buf *out, const hp_limit_info *l, uint64_t v) {
    static const char UNITS[] = " KMGT";
    size_t power = 0;
    if (v == 0) {
        hp_buf_puts(out, "none");
    } else if (l->unit == HP_LIMIT_BYTES) {
        for (; v % 1024 == 0 && power + 2 < sizeof UNITS; power++) v /= 1024;
        hp_buf_printf(out, power ? "%llu%c" : "%llu", (unsigned long long)v, UNITS[power]);
    } else {
        hp_buf_printf(out, "%llu", (unsigned long long)v);
    }
}

void hp_put_limits(hp_buf *out, bool color, size_t width) {
    hp_put_wrapped(
        out,
        HP_S(
            "Limits on what is read, with their defaults. One that is hit ends the command with exit code 65; "
            "--limit NAME=VALUE raises or lowers it."),
        0, width);
    hp_buf_putc(out, '\n');
    title(out, "Limits", color);
    for (int id = 0; id < HP_LIMIT_COUNT; id++) {
        const hp_limit_info *l = hp_limit_get((hp_limit_id)id);
        hp_autobuf term = hp_buf_new(256);
        hp_buf_printf(&term, "%s=", l->name);
        hp_put_limit_value(&term, l, l->standard);
        item(out, hp_buf_str(&term), hp_str_of(l->reason), color, width);
        hp_put_carry(out, &term);
    }
}

void hp_put_commands(hp_buf *out, const hp_command *group, bool color, size_t width) {
    for (const hp_command *c = group->sub; c && c->name; c++) {
        if (c->hidden) continue;
        hp_autobuf text = hp_buf_new(4096);
        hp_buf_puts(&text, c->summary);
        if (c->alias) hp_buf_printf(&text, " (also: %s)", c->alias);
        item(out, hp_str_of(c->name), hp_buf_str(&text), color, width);
        hp_put_carry(out, &text);
    }
}

static void put_options(hp_buf *out, const char *name, const hp_option_id *ids, bool color, size_t width) {
    if (!ids || *ids == HP_O_END) return;
    title(out, name, color);
    for (; *ids != HP_O_END; ids++) {
        const hp_option *o = hp_option_get(*ids);
        hp_autobuf term = hp_buf_new(256);
        hp_autobuf text = hp_buf_new(4096);
        hp_put_option(&term, o);
        hp_buf_puts(&text, o->help);
        size_t before = text.n;
        hp_buf_puts(&text, " (");
        hp_put_option_notes(&text, o);
        if (text.n == before + 2) {
            text.n = before;
        } else {
            hp_buf_putc(&text, ')');
        }
        item(out, hp_buf_str(&term), hp_buf_str(&text), color, width);
        hp_put_carry(out, &term);
        hp_put_carry(out, &text);
    }
}

static void put_arguments(hp_buf *out, const hp_command *cmd, bool color, size_t width) {
    if (!cmd->args) return;
    title(out, "Arguments", color);
    for (const hp_argument *a = cmd->args; a->name; a++)
        item(out, hp_str_of(a->name), hp_str_of(a->help), color, width);
}

static void put_examples(hp_buf *out, const hp_command *cmd, bool color, size_t width) {
    if (!cmd->examples) return;
    title(out, "Examples", color);
    for (const hp_example *e = cmd->examples; e->line; e++) {
        hp_buf_printf(out, "  %s\n      ", e->line);
        hp_put_wrapped(out, hp_str_of(e->text), 6, width);
        hp_buf_putc(out, '\n');
    }
}

void hp_put_help(hp_buf *out, const hp_command *cmd, bool color, size_t width) {
    bool root = cmd == hp_root();
    if (width > 100) width = 100;
    hp_autobuf name = hp_buf_new(256);
    hp_buf_printf(&name, "hotpass%s%s", root ? "" : " ", cmd->full);
    hp_put_bold(out, color, hp_buf_cstr(&name));
    hp_put_carry(out, &name);
    hp_buf_printf(out, " - %s\n\nUsage: ", cmd->summary);
    hp_put_usage(out, cmd);
    if (cmd->alias) hp_buf_printf(out, "\nAlso:  hotpass %s", cmd->alias);
    hp_buf_puts(out, "\n\n");
    hp_put_wrapped(out, hp_str_of(cmd->description), 0, width);
    hp_buf_putc(out, '\n');
    if (cmd->sub) {
        title(out, "Commands", color);
        hp_put_commands(out, cmd, color, width);
    }
    put_arguments(out, cmd, color, width);
    put_options(out, "Options", cmd->options, color, width);
    put_options(out, "Options of every command", hp_global_options(), color, width);
    put_examples(out, cmd, color, width);
    if (cmd->sub)
        hp_buf_printf(out, "\nhotpass help %s%sCOMMAND explains a command.\n", cmd->full, root ? "" : " ");
}

/* ---- as JSON ---- */

static void json_choices(hp_json *j, const char *const *choices) {
    if (!choices) return;
    hp_json_key(j, "choices");
    hp_json_array(j);
    for (size_t i = 0; choices[i]; i++) hp_json_cstr(j, choices[i]);
    hp_json_array_end(j);
}

static void json_pair(hp_json *j, const char *key, const char *value) {
    hp_json_key(j, key);
    hp_json_cstr(j, value);
}

static void json_flag(hp_json *j, const char *key, bool value) {
    hp_json_key(j, key);
    hp_json_bool(j, value);
}

static void json_option(hp_json *j, const hp_option *o, bool global) {
    char letter[2] = {o->letter, 0};
    hp_json_object(j);
    json_pair(j, "name", o->name);
    json_pair(j, "short", o->letter ? letter : NULL);
    json_pair(j, "type", hp_opt_type_name(o->type));
    json_pair(j, "value", o->arg);
    json_pair(j, "default", o->fallback);
    json_choices(j, o->choices);
    json_flag(j, "repeatable", o->repeatable);
    json_flag(j, "negatable", o->negatable);
    json_flag(j, "global", global);
    json_pair(j, "help", o->help);
    hp_json_object_end(j);
}

static void json_arguments(hp_json *j, const hp_argument *a) {
    hp_json_key(j, "arguments");
    hp_json_array(j);
    for (; a && a->name; a++) {
        hp_json_object(j);
        json_pair(j, "name", a->name);
        json_pair(j, "type", hp_opt_type_name(a->type));
        json_choices(j, a->choices);
        json_flag(j, "optional", a->optional);
        json_flag(j, "many", a->many);
        json_pair(j, "help", a->help);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

void hp_json_command(hp_json *j, const hp_command *cmd) {
    hp_json_object(j);
    json_pair(j, "name", cmd->full);
    json_pair(j, "alias", cmd->alias);
    json_pair(j, "summary", cmd->summary);
    json_pair(j, "description", cmd->description);
    json_flag(j, "group", cmd->sub != NULL);
    json_arguments(j, cmd->args);
    hp_json_key(j, "options");
    hp_json_array(j);
    for (const hp_option_id *o = cmd->options; o && *o != HP_O_END; o++)
        json_option(j, hp_option_get(*o), false);
    for (const hp_option_id *o = hp_global_options(); *o != HP_O_END; o++)
        json_option(j, hp_option_get(*o), true);
    hp_json_array_end(j);
    hp_json_key(j, "examples");
    hp_json_array(j);
    for (const hp_example *e = cmd->examples; e && e->line; e++) {
        hp_json_object(j);
        json_pair(j, "line", e->line);
        json_pair(j, "text", e->text);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
    hp_json_object_end(j);
}
