/* Commands as tools: what an assistant is told of them, made from the tables. */
#include "cli/docs.h"

#include "base/banned.h"

static void pair(hp_json *j, const char *key, const char *value) {
    hp_json_key(j, key);
    hp_json_cstr(j, value);
}

/* "explain-provenance" -> "explain_provenance", "FILE[!SHEET]" -> "file" */
static void put_name(hp_buf *out, const char *name) {
    for (const char *p = name; *p && (hp_is_alnum(*p) || strchr("-_. ", *p)); p++)
        hp_buf_putc(out, *p == '-' ? '_' : *p == ' ' ? '.' : hp_lower(*p));
}

static const char *json_type(hp_opt_type t) {
    return t == HP_OPT_FLAG ? "boolean" : t == HP_OPT_INT ? "integer" : "string";
}

static void put_enum(hp_json *j, const char *const *choices) {
    if (!choices) return;
    hp_json_key(j, "enum");
    hp_json_array(j);
    for (; *choices; choices++) hp_json_cstr(j, *choices);
    hp_json_array_end(j);
}

/* Writes the schema of a member; one that may be given several times is an array of it. */
static void put_member(hp_json *j, const char *name, hp_opt_type type, bool many, const char *const *choices,
                       const char *help) {
    hp_autobuf key = hp_buf_new(256);
    put_name(&key, name);
    hp_json_key_str(j, hp_buf_str(&key));
    hp_json_object(j);
    pair(j, "type", many ? "array" : json_type(type));
    if (many) {
        hp_json_key(j, "items");
        hp_json_object(j);
        pair(j, "type", json_type(type));
    }
    put_enum(j, choices);
    if (many) hp_json_object_end(j);
    pair(j, "description", help);
    hp_json_object_end(j);
}

static void put_required(hp_json *j, const hp_command *cmd) {
    hp_json_key(j, "required");
    hp_json_array(j);
    for (const hp_argument *a = cmd->args; a && a->name; a++) {
        hp_autobuf key = hp_buf_new(256);
        put_name(&key, a->name);
        if (!a->optional) hp_json_str(j, hp_buf_str(&key));
    }
    hp_json_array_end(j);
}

/* An option may be called as an argument is: `net logs LABEL`. */
static bool is_argument(const hp_command *cmd, const char *name) {
    hp_autobuf option = hp_buf_new(256);
    put_name(&option, name);
    for (const hp_argument *a = cmd->args; a && a->name; a++) {
        hp_autobuf argument = hp_buf_new(256);
        put_name(&argument, a->name);
        if (hp_str_eq(hp_buf_str(&argument), hp_buf_str(&option))) return true;
    }
    return false;
}

static void put_schema(hp_json *j, const hp_command *cmd) {
    hp_json_key(j, "inputSchema");
    hp_json_object(j);
    pair(j, "type", "object");
    hp_json_key(j, "properties");
    hp_json_object(j);
    for (const hp_argument *a = cmd->args; a && a->name; a++)
        put_member(j, a->name, a->type, a->many, a->choices, a->help);
    for (const hp_option_id *id = cmd->options; id && *id != HP_O_END; id++) {
        const hp_option *o = hp_option_get(*id);
        if (!is_argument(cmd, o->name)) put_member(j, o->name, o->type, o->repeatable, o->choices, o->help);
    }
    hp_json_object_end(j);
    put_required(j, cmd);
    hp_json_key(j, "additionalProperties");
    hp_json_bool(j, false);
    hp_json_object_end(j);
}

/* Writes the words of a command line: "contracts emit" -> ["contracts", "emit"]. */
static void put_words(hp_json *j, hp_str full, const char *last) {
    hp_str word;
    hp_json_key(j, "command");
    hp_json_array(j);
    while (hp_str_next(&full, ' ', &word)) hp_json_str(j, word);
    if (last) hp_json_cstr(j, last);
    hp_json_array_end(j);
}

static void put_tool(const hp_command *cmd, void *ctx) {
    hp_json *j = ctx;
    if (!*cmd->full || !cmd->run) return;
    hp_autobuf name = hp_buf_new(256);
    hp_buf_puts(&name, "hotpass.");
    put_name(&name, cmd->full);
    hp_json_object(j);
    pair(j, "name", hp_buf_cstr(&name));
    put_words(j, hp_str_of(cmd->full), NULL);
    pair(j, "description", cmd->summary);
    put_schema(j, cmd);
    hp_json_object_end(j);
    if (strcmp(cmd->full, "qa") != 0) return;
    /* Older assistants know the technical acceptance under a name of its own. */
    static const hp_command ACCEPTANCE = {.name = "ta"};
    hp_json_object(j);
    pair(j, "name", "hotpass.ta.check");
    put_words(j, HP_S("qa"), "ta");
    pair(j, "description", "run the five quality gates that a release has to pass");
    put_schema(j, &ACCEPTANCE);
    hp_json_object_end(j);
}

void hp_json_tools(hp_json *j) {
    hp_json_key(j, "tools");
    hp_json_array(j);
    hp_command_each(put_tool, j);
    hp_json_array_end(j);
}
