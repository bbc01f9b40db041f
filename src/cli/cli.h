/* The program around a command: what it gets, how it talks. stdout is data, stderr is talk. */
#ifndef HP_CLI_CLI_H
#define HP_CLI_CLI_H

#include "base/buf.h"
#include "base/json.h"
#include "cli/options.h"
#include "profile/config.h"
#include "table/run.h"

/** Say what the streams are connected to. */
typedef struct hp_term {
    bool out_tty, err_tty;     /**< stdout, stderr are terminals */
    bool out_color, err_color; /**< and may be coloured */
    size_t width;              /**< columns of the terminal, 80 when not known */
} hp_term;

/** Hold one call of the program. */
typedef struct hp_cli {
    hp_args args;
    hp_arena *arena;
    hp_run run;       /**< open when the command needs it (hp_needs) */
    hp_config config; /**< read when the command needs it (hp_needs) */
    hp_buf out;       /**< data on its way to stdout */
    hp_term term;
    bool json, quiet, verbose;
    bool log_json;                  /**< --log-format json */
    bool flushed;                   /**< some data has left already */
    struct hp_telemetry *telemetry; /**< NULL = off */
    bool reader_gone; /**< whoever read stdout has closed it: an error, but no news to anybody */
} hp_cli;

/** Find out what the streams are connected to; NO_COLOR and TERM=dumb switch colours off, as does `no_color`.
 */
void hp_term_look(hp_term *t, bool no_color);

/** Read the configuration into c->config, and give options that are not on the command line what it says
 * about them. Errors: HP_CONFIG, as hp_config_load. */
hp_code hp_cli_configure(hp_cli *c, hp_err *err);

/* ---- stdout ---- */

/** Write what is in c->out to stdout and clear it. Errors: HP_IO (disk full, the reader of a pipe gone). */
hp_code hp_cli_flush(hp_cli *c, hp_err *err);
/** Flush when enough has gathered, for commands whose output may be long. Errors: as hp_cli_flush. */
hp_code hp_cli_flush_some(hp_cli *c, hp_err *err);
/** Set what is said if a signal ends the command from here on; a literal, without the name of the program and
 * the end of the line. */
void hp_cli_last_words(const char *words);
/** Say it; only for signal handlers. */
void hp_cli_say_last_words(void);
/** Begin a JSON document of a schema ("hotpass.map/1"): opens the object and writes its schema member. */
hp_json hp_cli_json(hp_cli *c, const char *schema);
/** End the document that hp_cli_json began. */
void hp_cli_json_end(hp_cli *c, hp_json *j);
/** Put out a text: as it is, or with --json as {"schema", "name", "text"}. */
void hp_cli_text(hp_cli *c, const char *schema, const char *name, hp_str text);

/* ---- stderr ---- */

/** Write bytes to stderr; what cannot be written is lost. */
void hp_talk(hp_str text);
/** Write one event as a line of JSON to stderr: {"event":name,"data":data}; `data` is JSON already. Values
 * that look like secrets, e-mail addresses or phone numbers are scrubbed. */
void hp_talk_event(const char *name, hp_str data);
/** Report an error: on stderr as text or event, with --json also on stdout as {"schema":"hotpass.error/1",
 * ...}. Data not yet flushed is dropped. */
void hp_cli_report(hp_cli *c, const hp_err *err);

/* ---- small things ---- */

/** Append a number with commas: 1,644. */
void hp_put_thousands(hp_buf *out, uint64_t n);
/** Append a count with its noun: "1 row", "1,644 rows". */
void hp_put_counted(hp_buf *out, uint64_t n, const char *one, const char *many);
/** Append a size: "812 B", "1.4 MB" (powers of 1000). */
void hp_put_size(hp_buf *out, uint64_t bytes);
/** Append text as one printable line: controls and invisible reordering marks are escaped, as \n, \t or
 * \u{9b}. */
void hp_put_safe(hp_buf *out, hp_str s);
/** Append text broken at blanks so that no line is longer than `width`, each but the first indented; empty
 * lines stay. The first line begins at column `indent`. */
void hp_put_wrapped(hp_buf *out, hp_str text, size_t indent, size_t width);
/** Append `s` shortened to `width` columns, with an ellipsis when something was cut. */
void hp_put_cut(hp_buf *out, hp_str s, size_t width);
/** Mark a buffer as incomplete when a part that went into it is: memory ran out on the way. */
static inline void hp_put_carry(hp_buf *out, const hp_buf *part) { out->bad |= part->bad; }
/** Append spaces. */
void hp_put_spaces(hp_buf *out, size_t n);
/** Append text in bold when `on`. */
void hp_put_bold(hp_buf *out, bool on, const char *s);
/** Tell whether the command line forbids the network (--allow-network=false): then no socket is opened, not
 * even for the lineage and telemetry that configuration or environment ask for. */
static inline bool hp_cli_offline(const hp_cli *c) {
    const hp_given *flag = &c->args.opt[HP_O_ALLOW_NETWORK];
    return flag->given && !flag->on;
}

#endif
