/* The keys of hotpass.yaml as a table: checking their values, and their reference. */
#include "base/utf8.h"
#include "profile/config.h"
#include "profile/keys.h"

#include "base/banned.h"

static const hp_config_key KEYS[HP_CONFIG_COUNT] = {
#define HP_CONFIG_KEY(id, name, type, choices, lo, hi, fallback, env1, env2, option, help) \
    [HP_C_##id] = {name, HP_CONFIG_##type, choices, lo, hi, fallback, {env1, env2}, option, help},
#include "profile/config_keys.def"
#undef HP_CONFIG_KEY
};

const hp_config_key *hp_config_key_get(hp_config_id id) { return &KEYS[id]; }

bool hp_config_find(hp_str name, hp_config_id *out) {
    for (int id = 0; id < HP_CONFIG_COUNT; id++) {
        if (!hp_str_eq(name, hp_str_of(KEYS[id].name))) continue;
        *out = (hp_config_id)id;
        return true;
    }
    return false;
}

const char *hp_config_from_name(hp_config_from from) {
    static const char *const NAME[] = {"built-in", "user", "project", "environment"};
    return NAME[from];
}

const char *hp_config_type_name(hp_config_type type) {
    static const char *const NAME[] = {
        [HP_CONFIG_TEXT] = "text",           [HP_CONFIG_TEXTS] = "list of texts",
        [HP_CONFIG_NAME] = "name",           [HP_CONFIG_PATH] = "path",
        [HP_CONFIG_PATHS] = "list of paths", [HP_CONFIG_FLAG] = "true or false",
        [HP_CONFIG_WHOLE] = "number",        [HP_CONFIG_SIZE] = "size",
        [HP_CONFIG_CHOICE] = "one of",       [HP_CONFIG_URL] = "http address"};
    return NAME[type];
}

/* ---- values ---- */

static bool is_list(hp_config_type t) { return t == HP_CONFIG_TEXTS || t == HP_CONFIG_PATHS; }

static bool has_control(hp_str s) {
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f) return true;
    return false;
}

static const char *flag_of(hp_str s) {
    static const char *const ON[] = {"true", "yes", "on", "1"}, *const OFF[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < 4; i++) {
        if (hp_str_ieq(s, hp_str_of(ON[i]))) return "true";
        if (hp_str_ieq(s, hp_str_of(OFF[i]))) return "false";
    }
    return NULL;
}

static bool is_choice(const char *choices, hp_str s) {
    hp_str rest = hp_str_of(choices), word;
    while (hp_str_next(&rest, ' ', &word))
        if (hp_str_eq(word, s)) return true;
    return false;
}

/* The part behind "://" up to the first slash: whoever is before an @ there is a user, perhaps with password.
 */
static bool has_user(hp_str url) {
    size_t from = hp_str_find(url, HP_S("://"), 0) + 3;
    size_t slash = hp_str_chr(url, '/', from), at = hp_str_chr(url, '@', from);
    return at != SIZE_MAX && (slash == SIZE_MAX || at < slash);
}

static hp_code check_url(const hp_config_key *k, hp_str s, const char *where, hp_err *err) {
    size_t skip = hp_str_starts(s, HP_S("http://")) ? 7 : hp_str_starts(s, HP_S("https://")) ? 8 : 0;
    if (skip && has_user(s))
        return hp_fail(
            err, HP_CONFIG,
            "%s: \"%s\" holds a user or password, which do not belong into configuration; take them out, and keep "
            "the secret with \"hotpass credentials set\"",
            where, k->name);
    if (!skip || s.n == skip || s.p[skip] == '/' || hp_str_chr(s, ' ', 0) != SIZE_MAX)
        return hp_fail(err, HP_CONFIG, "%s: \"%s\" must be an address like http://host:port, not \"%.*s\"",
                       where, k->name, HP_FMT(s));
    return HP_OK;
}

static hp_code check_number(const hp_config_key *k, hp_str s, const char *where, hp_err *err) {
    int64_t v = 0;
    bool size = k->type == HP_CONFIG_SIZE;
    if (!(size ? hp_bytes_parse(s, &v) : hp_str_i64(s, &v)))
        return hp_fail(err, HP_CONFIG, "%s: \"%s\" must be %s, not \"%.*s\"", where, k->name,
                       size ? "a size like 512M or 2G" : "a whole number", HP_FMT(s));
    if (v < k->lo || v > k->hi)
        return hp_fail(err, HP_CONFIG, "%s: \"%s\" must be from %lld to %lld, not %.*s", where, k->name,
                       (long long)k->lo, (long long)k->hi, HP_FMT(s));
    return HP_OK;
}

static hp_code check_one(const hp_config_key *k, hp_str s, const char *where, hp_err *err) {
    if (!s.n || has_control(s))
        return hp_fail(err, HP_CONFIG,
                       "%s: \"%s\" needs a text of one line; leave the key out to say nothing", where,
                       k->name);
    switch (k->type) {
    case HP_CONFIG_WHOLE:
    case HP_CONFIG_SIZE: return check_number(k, s, where, err);
    case HP_CONFIG_URL: return check_url(k, s, where, err);
    case HP_CONFIG_FLAG:
        if (flag_of(s)) return HP_OK;
        return hp_fail(err, HP_CONFIG, "%s: \"%s\" must be true or false, not \"%.*s\"", where, k->name,
                       HP_FMT(s));
    case HP_CONFIG_CHOICE:
        if (is_choice(k->choices, s)) return HP_OK;
        return hp_fail(err, HP_CONFIG, "%s: \"%s\" must be one of %s, not \"%.*s\"", where, k->name,
                       k->choices, HP_FMT(s));
    default: return HP_OK;
    }
}

hp_code hp_config_check(hp_arena *a, hp_config_id id, const hp_str *text, size_t n, const char *where,
                        hp_config_value *out, hp_err *err) {
    const hp_config_key *k = &KEYS[id];
    if (n > 1 && !is_list(k->type))
        return hp_fail(err, HP_CONFIG, "%s: \"%s\" takes one value, not %zu", where, k->name, n);
    hp_config_value v = {.given = true, .n = n, .item = HP_NEW_ARRAY(a, n + 1, hp_str)};
    if (!v.item) return hp_fail_memory(err, "the configuration");
    for (size_t i = 0; i < n; i++) {
        hp_str s = hp_str_trim(text[i]);
        HP_TRY(check_one(k, s, where, err));
        v.item[i] = hp_arena_dup(a, k->type == HP_CONFIG_FLAG ? hp_str_of(flag_of(s)) : s);
        if (!v.item[i].p) return hp_fail_memory(err, "the configuration");
    }
    *out = v;
    return HP_OK;
}

/* ---- reference ---- */

static void put_row(hp_buf *out, const hp_config_key *k) {
    hp_buf_printf(out, "| `%s` | %s%s%s | %s | ", k->name, hp_config_type_name(k->type),
                  k->choices ? ": " : "", k->choices ? k->choices : "", k->fallback ? k->fallback : "");
    for (size_t i = 0; i < 2 && k->env[i]; i++) hp_buf_printf(out, "%s`%s`", i ? ", " : "", k->env[i]);
    hp_buf_puts(out, " | ");
    if (k->option) hp_buf_printf(out, "`--%s`", k->option);
    hp_buf_printf(out, " | %s |\n", k->help);
}

void hp_config_reference(hp_buf *out) {
    hp_buf_puts(
        out,
        "# Configuration\n\n<!-- Made by `hotpass docs config`; do not edit. -->\n\n"
        "`hotpass.yaml` in the working directory says what options would say each time. What is said in several places holds in "
        "this order: options, environment, `hotpass.yaml`, the user's `~/.config/hotpass/config.yaml` (below `$XDG_CONFIG_HOME` if "
        "that is set), built-in. `hotpass config show --origin` tells for each key. `$HOTPASS_CONFIG` or `--config FILE` names another "
        "file in place of `hotpass.yaml`; one that ends in `.toml` is read as TOML, and without a `hotpass.yaml` so is `hotpass.toml`. "
        "A name with a dot is a key of a section:\n\n"
        "    profile: aviation\n    pipeline:\n      input_dir: data\n      archive: true\n\n"
        "Paths are relative to the working directory. Unknown keys are errors; in TOML, names of the Python program before this one are read "
        "(`[profile] name`, `[orchestrator] deployment`, `work_pool`, `[telemetry] environment`, the old keys without a section), and what it "
        "had beyond is listed by `hotpass config validate` as not used. Secrets have no place here: "
        "`hotpass credentials set`.\n\n"
        "| Key | Value | Default | Environment | Option | Meaning |\n|---|---|---|---|---|---|\n");
    for (int id = 0; id < HP_CONFIG_COUNT; id++) put_row(out, &KEYS[id]);
}
