#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf8.h"

#include "base/banned.h"

/* Enough for one write to be worth its system call. */
enum { FLUSH_AT = 64 << 10 };

/* A handler has to find it, and sees a pointer whole or not at all. */
static const char *volatile last_words;

void hp_cli_last_words(const char *words) { last_words = words; }

void hp_cli_say_last_words(void) {
    const char *words = last_words;
    if (!words) return;
    static const char before[] = "hotpass: ";
    ssize_t told = write(STDERR_FILENO, before, sizeof before - 1);
    told += write(STDERR_FILENO, words, strlen(words));
    told += write(STDERR_FILENO, "\n", 1);
    (void)told; /* there is no other way to tell */
}

void hp_term_look(hp_term *t, bool no_color) {
    const char *plain = getenv("NO_COLOR"), *term = getenv("TERM");
    bool color = !no_color && !(plain && *plain) && !(term && strcmp(term, "dumb") == 0);
    *t = (hp_term){.out_tty = isatty(STDOUT_FILENO), .err_tty = isatty(STDERR_FILENO), .width = 80};
    t->out_color = color && t->out_tty;
    t->err_color = color && t->err_tty;
    struct winsize size;
    bool known = (t->out_tty && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
                 || (t->err_tty && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0);
    if (known && size.ws_col >= 20) t->width = size.ws_col;
}

/* Writes everything; the errno of the first failure, or 0. */
static int write_all(int fd, hp_str s) {
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        s = hp_str_cut(s, (size_t)n, s.n);
    }
    return 0;
}

hp_code hp_cli_flush(hp_cli *c, hp_err *err) {
    HP_TRY(hp_buf_check(&c->out, "the output", err));
    hp_str data = hp_buf_str(&c->out);
    int failed = write_all(STDOUT_FILENO, data);
    c->flushed |= data.n > 0;
    hp_buf_clear(&c->out);
    if (!failed) return HP_OK;
    c->reader_gone = failed == EPIPE;
    return hp_fail(err, HP_IO, "standard output cannot be written: %s", strerrordesc_np(failed));
}

hp_code hp_cli_flush_some(hp_cli *c, hp_err *err) {
    return c->out.n >= FLUSH_AT || c->out.bad ? hp_cli_flush(c, err) : HP_OK;
}

hp_json hp_cli_json(hp_cli *c, const char *schema) {
    hp_json j = {.out = &c->out, .pretty = c->term.out_tty};
    hp_json_object(&j);
    hp_json_key(&j, "schema");
    hp_json_cstr(&j, schema);
    return j;
}

void hp_cli_json_end(hp_cli *c, hp_json *j) {
    hp_json_object_end(j);
    hp_buf_putc(&c->out, '\n');
}

void hp_cli_text(hp_cli *c, const char *schema, const char *name, hp_str text) {
    if (!c->json) {
        hp_buf_add(&c->out, text);
        return;
    }
    hp_json j = hp_cli_json(c, schema);
    hp_json_key(&j, "name");
    hp_json_cstr(&j, name);
    hp_json_key(&j, "text");
    hp_json_str(&j, text);
    hp_cli_json_end(c, &j);
}

/* ---- stderr ---- */

void hp_talk(hp_str text) { (void)write_all(STDERR_FILENO, text); }

void hp_talk_event(const char *name, hp_str data) {
    hp_autobuf line = hp_buf_new(1 << 20);
    hp_buf_puts(&line, "{\"event\":");
    hp_buf_json(&line, hp_str_of(name));
    hp_buf_puts(&line, ",\"data\":");
    hp_buf_add(&line, data);
    hp_buf_puts(&line, "}\n");
    if (!line.bad) hp_talk(hp_buf_str(&line));
}

/* Writes the members of an error into an open object. */
static void error_members(const hp_cli *c, const hp_err *err, hp_str message, hp_json *j) {
    const char *full = c->args.command->full;
    hp_json_key(j, "command");
    hp_json_cstr(j, *full ? full : NULL);
    hp_json_key(j, "stage");
    hp_json_cstr(j, err->stage[0] ? err->stage : NULL);
    hp_json_key(j, "code");
    hp_json_i64(j, err->code);
    hp_json_key(j, "exit");
    hp_json_cstr(j, hp_exit_name(err->code));
    hp_json_key(j, "message");
    hp_json_str(j, message);
}

static void report_event(const hp_cli *c, const hp_err *err) {
    hp_autobuf data = hp_buf_new(64 << 10);
    hp_autobuf scrubbed = hp_buf_new(16 << 10);
    hp_scrub(hp_str_of(err->message), &scrubbed);
    hp_json j = {.out = &data};
    hp_json_object(&j);
    error_members(c, err, hp_buf_str(&scrubbed), &j);
    hp_json_object_end(&j);
    hp_talk_event("error", hp_buf_str(&data));
}

static void report_line(const hp_cli *c, const hp_err *err) {
    const char *full = c->args.command->full;
    hp_autobuf line = hp_buf_new(16 << 10);
    hp_put_bold(&line, c->term.err_color, *full ? full : "hotpass");
    hp_buf_puts(&line, ": ");
    if (err->stage[0]) hp_buf_printf(&line, "stage %s: ", err->stage);
    hp_put_safe(&line, hp_str_of(err->message));
    hp_buf_putc(&line, '\n');
    hp_talk(hp_buf_str(&line));
}

void hp_cli_report(hp_cli *c, const hp_err *err) {
    hp_buf_clear(&c->out);
    if (c->reader_gone) return;
    if (c->log_json) {
        report_event(c, err);
    } else {
        report_line(c, err);
    }
    if (!c->json) return;
    hp_json j = hp_cli_json(c, "hotpass.error/1");
    error_members(c, err, hp_str_of(err->message), &j);
    hp_cli_json_end(c, &j);
    hp_err again = {0};
    (void)hp_cli_flush(c, &again); /* there is nobody left to tell */
}

/* ---- small things ---- */

void hp_put_thousands(hp_buf *out, uint64_t n) {
    char digits[32];
    size_t at = sizeof digits, count = 0;
    do {
        if (count && count % 3 == 0) digits[--at] = ',';
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
        count++;
    } while (n);
    hp_buf_add(out, (hp_str){digits + at, sizeof digits - at});
}

void hp_put_counted(hp_buf *out, uint64_t n, const char *one, const char *many) {
    hp_put_thousands(out, n);
    hp_buf_putc(out, ' ');
    hp_buf_puts(out, n == 1 ? one : many);
}

void hp_put_size(hp_buf *out, uint64_t bytes) {
    static const char *const UNIT[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double v = (double)bytes;
    size_t u = 0;
    while (v >= 999.5 && u + 1 < sizeof UNIT / sizeof *UNIT) {
        v /= 1000;
        u++;
    }
    hp_buf_printf(out, u && v < 9.95 ? "%.1f %s" : "%.0f %s", v, UNIT[u]);
}

void hp_put_safe(hp_buf *out, hp_str s) {
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        uint32_t cp = hp_utf8_next(s, &i);
        bool invalid = cp == 0xFFFD && i - from == 1;
        if (cp == '\n' || cp == '\t' || cp == '\r') {
            hp_buf_puts(out, cp == '\n' ? "\\n" : cp == '\t' ? "\\t" : "\\r");
        } else if (hp_cp_unsafe(cp)) {
            hp_buf_printf(out, "\\u{%x}", cp);
        } else if (invalid) {
            hp_buf_putu(out, cp);
        } else {
            hp_buf_add(out, hp_str_cut(s, from, i));
        }
    }
}

void hp_put_spaces(hp_buf *out, size_t n) {
    while (n-- > 0) hp_buf_putc(out, ' ');
}

void hp_put_bold(hp_buf *out, bool on, const char *s) {
    if (on) hp_buf_puts(out, "\033[1m");
    hp_buf_puts(out, s);
    if (on) hp_buf_puts(out, "\033[0m");
}

/* Wraps one line of the source text. */
static void wrap_line(hp_buf *out, hp_str line, size_t indent, size_t width) {
    size_t column = indent;
    bool first = true;
    hp_str word;
    while (hp_str_next(&line, ' ', &word)) {
        size_t w = hp_utf8_width(word);
        if (!first && column + 1 + w > width) {
            hp_buf_putc(out, '\n');
            hp_put_spaces(out, indent);
            column = indent;
        } else if (!first) {
            hp_buf_putc(out, ' ');
            column++;
        }
        hp_buf_add(out, word);
        column += w;
        first = false;
    }
}

void hp_put_wrapped(hp_buf *out, hp_str text, size_t indent, size_t width) {
    hp_str line;
    for (bool first = true; hp_str_next(&text, '\n', &line); first = false) {
        if (!first) hp_buf_putc(out, '\n');
        if (!first && line.n) hp_put_spaces(out, indent);
        wrap_line(out, line, indent, width);
    }
}

void hp_put_cut(hp_buf *out, hp_str s, size_t width) {
    if (hp_utf8_width(s) <= width) {
        hp_buf_add(out, s);
        return;
    }
    size_t used = 0, end = 0;
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        hp_utf8_next(s, &i);
        size_t w = hp_utf8_width(hp_str_cut(s, from, i));
        if (used + w + 1 > width) break;
        used += w;
        end = i;
    }
    hp_buf_add(out, hp_str_cut(s, 0, end));
    if (width > 0) hp_buf_puts(out, "\xE2\x80\xA6");
}
