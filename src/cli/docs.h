/* Writers that turn the tables into help, completion, man pages and reference pages. */
#ifndef HP_CLI_DOCS_H
#define HP_CLI_DOCS_H

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "cli/command.h"

/** Append the usage of a command: "hotpass map [options] [DIR]". */
void hp_put_usage(hp_buf *out, const hp_command *cmd);
/** Append an option's spellings and its value: "-o, --output-path FILE". */
void hp_put_option(hp_buf *out, const hp_option *o);
/** Append what else there is to say about an option: "repeatable; default: data", nothing when there is no
 * more. */
void hp_put_option_notes(hp_buf *out, const hp_option *o);
/** Return "flag", "string", "integer" ... */
const char *hp_opt_type_name(hp_opt_type t);

/** Append the help of a command, of a group or of hotpass itself, at most `width` columns wide. */
void hp_put_help(hp_buf *out, const hp_command *cmd, bool color, size_t width);
/** Append the limits that --limit raises, with what holds now and why. */
void hp_put_limits(hp_buf *out, bool color, size_t width);
/** Append the value of a limit as the command line takes it: "4G", "65535", "none". */
void hp_put_limit_value(hp_buf *out, const hp_limit_info *l, uint64_t v);
/** Append the commands of a group, one line each. */
void hp_put_commands(hp_buf *out, const hp_command *group, bool color, size_t width);
/** Write a command with its options, arguments and examples as a JSON object. */
void hp_json_command(hp_json *j, const hp_command *cmd);

/** Append the completion script of a shell ("bash", "zsh", "fish"). */
void hp_put_completion(hp_buf *out, const char *shell);
/** Append the man page (troff, man macros, section 1) of a command. */
void hp_put_man(hp_buf *out, const hp_command *cmd);
/** Write the member `tools`: each command as a tool that an assistant could call, with a JSON Schema of its
 * arguments. */
void hp_json_tools(hp_json *j);
/** Append a reference page: "cli", "profile", "findings", "limits", "exit-codes", "ssot", "expectations",
 * "providers" (Markdown); false for another topic. */
bool hp_put_reference(hp_buf *out, const char *topic);

#endif
