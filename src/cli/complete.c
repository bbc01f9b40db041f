/* Completion scripts for bash, zsh and fish, made from the command tables. */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/docs.h"

#include "base/banned.h"

/* Lists profile names whatever the shell; the first line is the header. */
#define LIST_PROFILES "hotpass profile list 2>/dev/null | cut -f1 | tail -n +2"

/* Writes a command's name as part of an identifier: "profile lint" as profile_lint, hotpass itself as
 * nothing. */
static void put_ident(hp_buf *out, const hp_command *cmd) {
    for (const char *p = cmd->full; *p; p++) hp_buf_putc(out, hp_is_alnum(*p) ? *p : '_');
}

/* Writes text between single quotes, as POSIX shells and zsh read it; fish takes \' as well. */
static void put_quoted(hp_buf *out, const char *text, bool fish) {
    hp_buf_putc(out, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '\'') {
            hp_buf_puts(out, fish ? "\\'" : "'\\''");
        } else if (*p == '\\' && fish) {
            hp_buf_puts(out, "\\\\");
        } else {
            hp_buf_putc(out, *p);
        }
    }
    hp_buf_putc(out, '\'');
}

/* Returns the first sentence-like part of a help text, since shells show one line. */
static hp_str brief(const char *help) {
    hp_str s = hp_str_of(help);
    size_t end = hp_str_chr(s, ';', 0), colon = hp_str_chr(s, ':', 0);
    return hp_str_cut(s, 0, end < colon ? end : colon);
}

/* Calls `fn` for the command's own options, then the global ones. */
static void each_option(const hp_command *cmd, void (*fn)(hp_buf *, const hp_command *, const hp_option *),
                        hp_buf *out) {
    for (const hp_option_id *o = cmd->options; o && *o != HP_O_END; o++) fn(out, cmd, hp_option_get(*o));
    for (const hp_option_id *o = hp_global_options(); *o != HP_O_END; o++) fn(out, cmd, hp_option_get(*o));
}

/* ---- bash ---- */

/* Writes the case arm that follows the words to a command: the state is the command so far, a blank, the next
 * word. */
static void bash_step(const hp_command *group, const hp_command *cmd, hp_buf *out) {
    hp_buf_printf(out, "        \"%s %s\"", group->full, cmd->name);
    if (cmd->alias) hp_buf_printf(out, " | \"%s %s\"", group->full, cmd->alias);
    hp_buf_printf(out, ") cmd=\"%s\" ;;\n", cmd->full);
}

static void bash_steps(const hp_command *cmd, void *ctx) {
    for (const hp_command *s = cmd->sub; s && s->name; s++) {
        if (!s->hidden) bash_step(cmd, s, ctx);
    }
}

static void bash_option(hp_buf *out, const hp_command *cmd, const hp_option *o) {
    (void)cmd;
    hp_buf_printf(out, " --%s", o->name);
    if (o->negatable) hp_buf_printf(out, " --no-%s", o->name);
    if (o->letter) hp_buf_printf(out, " -%c", o->letter);
}

/* Writes the names of the limits, what ends each between them. */
static void put_limit_names(hp_buf *out, const char *end) {
    for (int id = 0; id < HP_LIMIT_COUNT; id++)
        hp_buf_printf(out, "%s%s%s", id ? " " : "", hp_limit_get((hp_limit_id)id)->name, end);
}

/* Writes what completes a value of a type. */
static void bash_values(hp_buf *out, hp_opt_type type, const char *const *choices) {
    switch (type) {
    case HP_OPT_FILE: hp_buf_puts(out, "_hotpass_paths -f"); break;
    case HP_OPT_DIR: hp_buf_puts(out, "_hotpass_paths -d"); break;
    case HP_OPT_PROFILE: hp_buf_puts(out, "_hotpass_paths -f -W \"$(" LIST_PROFILES ")\""); break;
    case HP_OPT_COMMAND:
        hp_buf_puts(out, "_hotpass_words \"");
        for (const hp_command *c = hp_root()->sub; c->name; c++) {
            if (!c->hidden) hp_buf_printf(out, "%s ", c->name);
        }
        hp_buf_puts(out, "\"");
        break;
    case HP_OPT_LIMIT:
        hp_buf_puts(out, "_hotpass_words \"");
        put_limit_names(out, "");
        hp_buf_puts(out, "\"");
        break;
    case HP_OPT_ENUM:
        hp_buf_puts(out, "_hotpass_words \"");
        for (size_t i = 0; choices[i]; i++) hp_buf_printf(out, "%s%s", i ? " " : "", choices[i]);
        hp_buf_puts(out, "\"");
        break;
    default: hp_buf_puts(out, ":");
    }
}

static void bash_command(const hp_command *cmd, void *ctx) {
    hp_buf *out = ctx;
    hp_buf_printf(out, "    \"%s\")\n        opts=\"", cmd->full);
    each_option(cmd, bash_option, out);
    hp_buf_puts(out, "\"\n        [[ $cur == -* ]] && _hotpass_words \"$opts\" && return\n        ");
    if (cmd->sub) {
        hp_buf_puts(out, "_hotpass_words \"");
        for (const hp_command *s = cmd->sub; s->name; s++) {
            if (!s->hidden)
                hp_buf_printf(out, "%s%s%s ", s->name, s->alias ? " " : "", s->alias ? s->alias : "");
        }
        hp_buf_puts(out, "\"");
    } else if (cmd->args) {
        bash_values(out, cmd->args->type, cmd->args->choices);
    } else {
        hp_buf_puts(out, ":");
    }
    hp_buf_puts(out, "\n        ;;\n");
}

static void put_bash(hp_buf *out) {
    hp_buf_puts(
        out,
        "# bash completion for hotpass, made by `hotpass completion bash`\n"
        "_hotpass_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\"); }\n"
        "_hotpass_paths() {\n"
        "    compopt -o filenames 2>/dev/null\n"
        "    mapfile -t COMPREPLY < <(compgen \"$@\" -- \"$cur\")\n"
        "}\n"
        "_hotpass() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd= opts i\n"
        "    COMPREPLY=()\n"
        "    # Bash takes --opt=value for three words.\n"
        "    if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        case \"$cmd ${COMP_WORDS[i]}\" in\n");
    hp_command_each(bash_steps, out);
    hp_buf_puts(out, "        esac\n    done\n    case $prev in\n");
    for (int id = HP_O_END + 1; id < HP_O_COUNT; id++) {
        const hp_option *o = hp_option_get((hp_option_id)id);
        if (o->type == HP_OPT_FLAG) continue;
        hp_buf_printf(out, "    --%s", o->name);
        if (o->letter) hp_buf_printf(out, " | -%c", o->letter);
        hp_buf_puts(out, ") ");
        bash_values(out, o->type, o->choices);
        hp_buf_puts(out, "; return ;;\n");
    }
    hp_buf_puts(out, "    esac\n    case $cmd in\n");
    hp_command_each(bash_command, out);
    hp_buf_puts(out, "    esac\n}\ncomplete -F _hotpass hotpass\n");
}

/* ---- zsh ---- */

/* Writes text for a spec of _arguments or _describe, within single quotes. */
static void put_zsh(hp_buf *out, hp_str text) {
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\'') {
            hp_buf_puts(out, "'\\''");
            continue;
        }
        if (c == '[' || c == ']' || c == ':' || c == '\\') hp_buf_putc(out, '\\');
        hp_buf_putc(out, c);
    }
}

static void zsh_action(hp_buf *out, hp_opt_type type, const char *const *choices) {
    switch (type) {
    case HP_OPT_FILE: hp_buf_puts(out, "_files"); break;
    case HP_OPT_DIR: hp_buf_puts(out, "_files -/"); break;
    case HP_OPT_PROFILE: hp_buf_puts(out, "_hotpass_profiles"); break;
    case HP_OPT_COMMAND: hp_buf_puts(out, "_hotpass_commands"); break;
    case HP_OPT_LIMIT:
        hp_buf_putc(out, '(');
        put_limit_names(out, "=");
        hp_buf_putc(out, ')');
        break;
    case HP_OPT_ENUM:
        hp_buf_putc(out, '(');
        for (size_t i = 0; choices[i]; i++) hp_buf_printf(out, "%s%s", i ? " " : "", choices[i]);
        hp_buf_putc(out, ')');
        break;
    default: hp_buf_putc(out, ' ');
    }
}

static void zsh_spec(hp_buf *out, const hp_option *o, const char *prefix) {
    hp_buf_puts(out, "        ");
    if (o->repeatable) {
        hp_buf_puts(out, "'*'");
    } else if (o->letter) {
        hp_buf_printf(out, "'(-%c --%s)'", o->letter, o->name);
    }
    if (o->letter) {
        hp_buf_printf(out, "{-%c%s,--%s%s}'[", o->letter, o->arg ? "+" : "", o->name, o->arg ? "=" : "");
    } else {
        hp_buf_printf(out, "'--%s%s%s[", prefix, o->name, o->arg ? "=" : "");
    }
    put_zsh(out, brief(o->help));
    hp_buf_putc(out, ']');
    if (o->arg) {
        hp_buf_printf(out, ":%s:", o->arg);
        zsh_action(out, o->type, o->choices);
    }
    hp_buf_puts(out, "' \\\n");
}

static void zsh_option(hp_buf *out, const hp_command *cmd, const hp_option *o) {
    (void)cmd;
    zsh_spec(out, o, "");
    if (o->negatable) zsh_spec(out, o, "no-");
}

static void zsh_arguments(hp_buf *out, const hp_command *cmd) {
    for (const hp_argument *a = cmd->args; a && a->name; a++) {
        hp_buf_puts(out, a->many ? "        '*:" : a->optional ? "        '::" : "        ':");
        put_zsh(out, hp_str_of(a->name));
        hp_buf_putc(out, ':');
        zsh_action(out, a->type, a->choices);
        hp_buf_puts(out, "' \\\n");
    }
}

static void zsh_members(hp_buf *out, const hp_command *cmd) {
    hp_buf_puts(out, "        ':command:->command' '*::argument:->argument'\n"
                     "    case $state in\n    command)\n        local -a list=(\n");
    for (const hp_command *s = cmd->sub; s->name; s++) {
        if (s->hidden) continue;
        hp_buf_printf(out, "            '%s:", s->name);
        put_zsh(out, hp_str_of(s->summary));
        hp_buf_puts(out, "'\n");
    }
    hp_buf_puts(out,
                "        )\n        _describe command list ;;\n    argument)\n        case $words[1] in\n");
    for (const hp_command *s = cmd->sub; s->name; s++) {
        if (s->hidden) continue;
        hp_buf_printf(out, "        %s%s%s) _hotpass_", s->name, s->alias ? " | " : "",
                      s->alias ? s->alias : "");
        put_ident(out, s);
        hp_buf_puts(out, " ;;\n");
    }
    hp_buf_puts(out, "        esac ;;\n    esac\n");
}

static void zsh_command(const hp_command *cmd, void *ctx) {
    hp_buf *out = ctx;
    hp_buf_puts(out, cmd == hp_root() ? "_hotpass" : "_hotpass_");
    put_ident(out, cmd);
    hp_buf_puts(out, cmd->sub ? "() {\n    local curcontext=$curcontext state line\n    _arguments -s -C \\\n"
                              : "() {\n    _arguments -s \\\n");
    each_option(cmd, zsh_option, out);
    if (cmd->sub) {
        zsh_members(out, cmd);
    } else {
        zsh_arguments(out, cmd);
        hp_buf_puts(out, "        && return\n");
    }
    hp_buf_puts(out, "}\n");
}

static void put_zsh_script(hp_buf *out) {
    hp_buf_puts(out, "#compdef hotpass\n# zsh completion for hotpass, made by `hotpass completion zsh`\n"
                     "_hotpass_profiles() {\n    compadd -- ${(f)\"$(" LIST_PROFILES ")\"}\n    _files\n}\n"
                     "_hotpass_commands() {\n    compadd --");
    for (const hp_command *c = hp_root()->sub; c->name; c++) {
        if (!c->hidden) hp_buf_printf(out, " %s", c->name);
    }
    hp_buf_puts(out, "\n}\n");
    hp_command_each(zsh_command, out);
    /* Works when sourced, and when autoloaded from fpath, where the file's body is the function's. */
    hp_buf_puts(
        out, "if [[ $funcstack[1] == _hotpass ]]; then _hotpass \"$@\"; else compdef _hotpass hotpass; fi\n");
}

/* ---- fish ---- */

static void fish_step(const hp_command *cmd, void *ctx) {
    hp_buf *out = ctx;
    for (const hp_command *s = cmd->sub; s && s->name; s++) {
        if (s->hidden) continue;
        hp_buf_printf(out, "            case '%s %s'", cmd->full, s->name);
        if (s->alias) hp_buf_printf(out, " '%s %s'", cmd->full, s->alias);
        hp_buf_printf(out, "\n                set cmd '%s'\n", s->full);
    }
}

static void fish_values(hp_buf *out, hp_opt_type type, const char *const *choices) {
    switch (type) {
    case HP_OPT_FILE: hp_buf_puts(out, " -F"); break;
    case HP_OPT_DIR: hp_buf_puts(out, " -f -a '(__fish_complete_directories)'"); break;
    case HP_OPT_PROFILE: hp_buf_puts(out, " -F -a '(" LIST_PROFILES ")'"); break;
    case HP_OPT_COMMAND:
    case HP_OPT_ENUM:
        hp_buf_puts(out, " -f -a '");
        for (size_t i = 0; choices && choices[i]; i++) hp_buf_printf(out, "%s%s", i ? " " : "", choices[i]);
        for (const hp_command *c = hp_root()->sub; !choices && c->name; c++) {
            if (!c->hidden) hp_buf_printf(out, "%s ", c->name);
        }
        hp_buf_puts(out, "'");
        break;
    case HP_OPT_LIMIT:
        hp_buf_puts(out, " -f -a '");
        put_limit_names(out, "=");
        hp_buf_puts(out, "'");
        break;
    default: hp_buf_puts(out, " -f");
    }
}

static void fish_begin(hp_buf *out, const hp_command *cmd) {
    hp_buf_printf(out, "complete -c hotpass -n '__hotpass_is \"%s\"'", cmd->full);
}

static void fish_describe(hp_buf *out, const char *text) {
    hp_autobuf one = hp_buf_new(4096);
    hp_buf_add(&one, brief(text));
    hp_buf_puts(out, " -d ");
    put_quoted(out, hp_buf_cstr(&one), true);
    hp_put_carry(out, &one);
    hp_buf_putc(out, '\n');
}

static void fish_option(hp_buf *out, const hp_command *cmd, const hp_option *o) {
    fish_begin(out, cmd);
    if (o->letter) hp_buf_printf(out, " -s %c", o->letter);
    hp_buf_printf(out, " -l %s", o->name);
    if (o->arg) {
        hp_buf_puts(out, " -r");
        fish_values(out, o->type, o->choices);
    }
    fish_describe(out, o->help);
    if (!o->negatable) return;
    fish_begin(out, cmd);
    hp_buf_printf(out, " -l no-%s", o->name);
    fish_describe(out, o->help);
}

static void fish_command(const hp_command *cmd, void *ctx) {
    hp_buf *out = ctx;
    each_option(cmd, fish_option, out);
    for (const hp_command *s = cmd->sub; s && s->name; s++) {
        if (s->hidden) continue;
        fish_begin(out, cmd);
        hp_buf_printf(out, " -a %s", s->name);
        fish_describe(out, s->summary);
    }
    if (!cmd->args) return;
    fish_begin(out, cmd);
    fish_values(out, cmd->args->type, cmd->args->choices);
    hp_buf_putc(out, '\n');
}

static void put_fish(hp_buf *out) {
    hp_buf_puts(out, "# fish completion for hotpass, made by `hotpass completion fish`\n"
                     "function __hotpass_is\n    set -l cmd ''\n    set -l words (commandline -opc)\n"
                     "    for w in $words[2..-1]\n        switch \"$cmd $w\"\n");
    hp_command_each(fish_step, out);
    hp_buf_puts(out, "        end\n    end\n    test \"$cmd\" = \"$argv[1]\"\nend\ncomplete -c hotpass -f\n");
    hp_command_each(fish_command, out);
}

void hp_put_completion(hp_buf *out, const char *shell) {
    if (strcmp(shell, "zsh") == 0) {
        put_zsh_script(out);
    } else if (strcmp(shell, "fish") == 0) {
        put_fish(out);
    } else {
        put_bash(out);
    }
}
