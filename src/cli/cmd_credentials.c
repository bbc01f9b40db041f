#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vault.h"
#include "cli/cli.h"
#include "cli/view.h"
#include "profile/config.h"

#include "base/banned.h"

static hp_code vault_dir(hp_cli *c, const char **dir, hp_err *err) {
    hp_str home = hp_config_home(c->arena);
    if (!home.p) return hp_fail_memory(err, "a path");
    if (!home.n)
        return hp_fail(err, HP_CONFIG,
                       "neither XDG_CONFIG_HOME nor HOME is set, so there is no place for credentials");
    *dir = home.p;
    return HP_OK;
}

static hp_code check_name(const char *name, hp_err *err) {
    if (hp_vault_name_ok(hp_str_of(name))) return HP_OK;
    /* Somebody may have put the secret where the name belongs: it is not repeated. */
    return hp_fail(
        err, HP_USAGE,
        "a name is made of a-z, 0-9, '.', '_' and '-', like prefect.api_key; the value is read from standard input");
}

/* ---- set ---- */

/* Reads a line from the terminal without showing it. Ctrl-C comes as a character then, so that the terminal
 * is never left mute. */
static hp_code ask(hp_cli *c, const char *name, hp_secret **out, hp_err *err) {
    struct termios was, mute;
    if (c->args.opt[HP_O_NO_INPUT].on)
        return hp_fail(
            err, HP_USAGE,
            "the value is read from standard input: printf %%s \"$VALUE\" | hotpass credentials set %s",
            name);
    if (tcgetattr(STDIN_FILENO, &was) != 0)
        return hp_fail(err, HP_NOINPUT, "standard input: cannot be read without an echo");
    mute = was;
    mute.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    hp_talk(hp_arena_printf(c->arena, "Value of %s (not shown): ", name));
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &mute);
    hp_code code = hp_secret_from_fd(STDIN_FILENO, "standard input", out, err);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
    hp_talk(HP_S("\n"));
    if (code != HP_OK || !memchr(hp_secret_reveal(*out).p, 3, hp_secret_reveal(*out).n)) return code;
    hp_secret_free(*out);
    *out = NULL;
    return hp_fail(err, HP_SIGINT, "nothing was set");
}

/* A date, which is the end of the secret's last day, or a time from now: 90s, 30m, 8h, 90d. */
static bool read_expiry(hp_str s, int64_t *out) {
    static const struct {
        char unit;
        int64_t seconds;
    } UNIT[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    hp_date d;
    int64_t n;
    if (hp_date_parse_iso(s, &d)) {
        *out = (hp_days_from_civil(d.year, d.month, d.day) + 1) * 86400;
        return true;
    }
    for (size_t i = 0; i < sizeof UNIT / sizeof *UNIT; i++) {
        if (s.n < 2 || s.p[s.n - 1] != UNIT[i].unit) continue;
        if (!hp_str_i64(hp_str_cut(s, 0, s.n - 1), &n) || n < 1
            || n > 36500 * INT64_C(86400) / UNIT[i].seconds)
            return false;
        *out = hp_clock_now() + n * UNIT[i].seconds;
        return true;
    }
    return false;
}

static hp_code read_how(hp_cli *c, hp_vault_how *how, hp_err *err) {
    const char *expires = hp_args_text(&c->args, HP_O_EXPIRES);
    HP_TRY(hp_cli_configure(c, err));
    const char *store = hp_args_text(&c->args, HP_O_STORE);
    *how = (hp_vault_how){.place = !store || strcmp(store, "auto") == 0 ? HP_VAULT_AUTO
                                   : strcmp(store, "file") == 0         ? HP_VAULT_SEALED
                                                                        : HP_VAULT_KEYRING};
    if (expires && !read_expiry(hp_str_of(expires), &how->expires))
        return hp_fail(err, HP_USAGE,
                       "--expires: \"%s\" is neither a date (2026-12-31) nor a time from now (8h, 90d)",
                       expires);
    return HP_OK;
}

static void tell_set(hp_cli *c, const char *name, const char *dir, bool in_keyring) {
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.credentials-set/1");
        hp_json_key(&j, "name");
        hp_json_cstr(&j, name);
        hp_json_key(&j, "directory");
        hp_json_cstr(&j, dir);
        hp_json_key(&j, "kept_in");
        hp_json_cstr(&j, in_keyring ? HP_VAULT_SERVICE : "file");
        hp_cli_json_end(c, &j);
    } else if (!c->quiet && in_keyring) {
        hp_buf_printf(&c->out, "%s is kept in the Secret Service of this session\n", name);
    } else if (!c->quiet) {
        hp_buf_printf(&c->out, "%s is kept in ", name);
        hp_put_safe(&c->out, hp_str_of(dir));
        hp_buf_puts(&c->out, "/" HP_VAULT_FILE "\n");
    }
}

hp_code hp_cmd_credentials_set(hp_cli *c, hp_err *err) {
    const char *name = c->args.word[0], *dir;
    hp_secret *secret = NULL;
    hp_vault_how how;
    bool in_keyring = false;
    HP_TRY(check_name(name, err));
    HP_TRY(vault_dir(c, &dir, err));
    HP_TRY(read_how(c, &how, err));
    if (isatty(STDIN_FILENO))
        HP_TRY(ask(c, name, &secret, err));
    else
        HP_TRY(hp_secret_from_fd(STDIN_FILENO, "standard input", &secret, err));
    hp_code code = hp_vault_put(c->arena, dir, hp_str_of(name), secret, &how, &in_keyring, err);
    hp_secret_free(secret);
    if (code == HP_OK) tell_set(c, name, dir, in_keyring);
    return code;
}

/* ---- get ---- */

hp_code hp_cmd_credentials_get(hp_cli *c, hp_err *err) {
    const char *name = c->args.word[0], *dir;
    hp_secret *secret = NULL;
    bool reveal = c->args.opt[HP_O_REVEAL].on;
    HP_TRY(check_name(name, err));
    HP_TRY(vault_dir(c, &dir, err));
    HP_TRY(hp_vault_get(c->arena, dir, hp_str_of(name), &secret, err));
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.credentials-get/1");
        hp_json_key(&j, "name");
        hp_json_cstr(&j, name);
        hp_json_key(&j, "value");
        if (reveal)
            hp_json_str(&j, hp_secret_reveal(secret));
        else
            hp_json_null(&j);
        hp_cli_json_end(c, &j);
    } else if (reveal) {
        hp_buf_add(&c->out, hp_secret_reveal(secret));
        hp_buf_putc(&c->out, '\n');
    } else {
        hp_buf_printf(&c->out, "%s is kept; --reveal prints it\n", name);
    }
    hp_secret_free(secret);
    return HP_OK;
}

/* ---- list, rm ---- */

static bool has_ended(const hp_vault_item *item) {
    int64_t end = hp_vault_expiry(item);
    return end && end <= hp_clock_now();
}

static const char *kept_in(const hp_vault_item *item) { return item->in_keyring ? HP_VAULT_SERVICE : "file"; }

hp_code hp_cmd_credentials_list(hp_cli *c, hp_err *err) {
    static const char *const HEADER[] = {"name", "kept in", "updated", "ends"};
    const char *dir;
    hp_vault vault;
    HP_TRY(vault_dir(c, &dir, err));
    HP_TRY(hp_vault_read(c->arena, dir, &vault, err));
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.credentials/1");
        hp_json_key(&j, "directory");
        hp_json_cstr(&j, dir);
        hp_json_key(&j, "credentials");
        hp_json_array(&j);
        for (size_t i = 0; i < vault.n; i++) {
            hp_json_object(&j);
            hp_json_key(&j, "name");
            hp_json_str(&j, vault.item[i].name);
            hp_json_key(&j, "updated_at");
            hp_json_str(&j, vault.item[i].updated_at);
            hp_json_key(&j, "kept_in");
            hp_json_cstr(&j, kept_in(&vault.item[i]));
            hp_json_key(&j, "expires_at");
            hp_json_cstr(&j, vault.item[i].expires_at.n ? vault.item[i].expires_at.p : NULL);
            hp_json_key(&j, "expired");
            hp_json_bool(&j, has_ended(&vault.item[i]));
            hp_json_object_end(&j);
        }
        hp_json_array_end(&j);
        hp_cli_json_end(c, &j);
        return HP_OK;
    }
    hp_view v = {.arena = c->arena, .ncol = 4, .header = HEADER};
    for (size_t i = 0; i < vault.n; i++) {
        hp_view_add(&v, vault.item[i].name);
        hp_view_add(&v, hp_str_of(kept_in(&vault.item[i])));
        hp_view_add(&v, vault.item[i].updated_at);
        hp_view_addf(&v, "%.*s%s", HP_FMT(vault.item[i].expires_at),
                     has_ended(&vault.item[i]) ? " (ended)" : "");
    }
    return hp_view_write(&v, &c->term, 0, &c->out, err);
}

hp_code hp_cmd_credentials_rm(hp_cli *c, hp_err *err) {
    const char *name = c->args.word[0], *dir;
    bool was = false;
    HP_TRY(check_name(name, err));
    HP_TRY(vault_dir(c, &dir, err));
    HP_TRY(hp_vault_remove(c->arena, dir, hp_str_of(name), &was, err));
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.credentials-rm/1");
        hp_json_key(&j, "name");
        hp_json_cstr(&j, name);
        hp_json_key(&j, "removed");
        hp_json_bool(&j, was);
        hp_cli_json_end(c, &j);
    } else if (!c->quiet) {
        hp_buf_printf(&c->out, was ? "%s is removed\n" : "%s was not kept\n", name);
    }
    return was ? HP_OK : HP_FINDINGS;
}
