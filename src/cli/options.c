#include "cli/options.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/doc.h"
#include "net/gate.h"

#include "base/banned.h"

/* Ways to write the options of one command: every option, and --no-x beside --x. */
enum { MAX_SPELLINGS = 2 * HP_O_COUNT };

typedef struct reader {
    hp_arena *arena;
    hp_args *out;
    hp_err *err;
    char *const *argv;
    int argc, i;
} reader;

/* A spelling of an option that the command line may use. */
typedef struct spelling {
    hp_option_id id;
    bool off; /* --no-NAME */
    hp_str name;
} spelling;

static hp_code see_help(reader *r, const char *message) {
    const char *full = r->out->command->full;
    if (!message) return hp_fail_memory(r->err, "a message");
    bool asks = hp_str_ends(hp_str_of(message), HP_S("?"));
    return hp_fail(r->err, HP_USAGE, "%s%s hotpass help%s%s", message, asks ? " See" : "; see",
                   *full ? " " : "", full);
}

/* Fails with HP_USAGE, a formatted message, and the way to help. */
#define USAGE(r, ...) see_help((r), hp_arena_printf((r)->arena, __VA_ARGS__).p)

bool hp_option_of(const hp_command *cmd, hp_option_id id) {
    const hp_option_id *list[] = {cmd->options, hp_global_options()};
    for (size_t k = 0; k < 2; k++) {
        for (const hp_option_id *o = list[k]; o && *o != HP_O_END; o++) {
            if (*o == id) return true;
        }
    }
    return false;
}

/* ---- finding an option ---- */

static bool add_spelling(reader *r, spelling *list, size_t *n, hp_option_id id) {
    const hp_option *o = hp_option_get(id);
    list[(*n)++] = (spelling){id, false, hp_str_of(o->name)};
    if (!o->negatable) return true;
    hp_str no = hp_arena_printf(r->arena, "no-%s", o->name);
    if (!no.p) return false;
    list[(*n)++] = (spelling){id, true, no};
    return true;
}

static hp_code spellings(reader *r, spelling *list, size_t *n) {
    *n = 0;
    for (int id = HP_O_END + 1; id < HP_O_COUNT; id++) {
        if (!hp_option_of(r->out->command, (hp_option_id)id)) continue;
        if (!add_spelling(r, list, n, (hp_option_id)id)) return hp_fail_memory(r->err, "the options");
    }
    return HP_OK;
}

static hp_code unknown_option(reader *r, const spelling *list, size_t n, hp_str name) {
    const char *names[MAX_SPELLINGS];
    for (size_t k = 0; k < n; k++) names[k] = list[k].name.p;
    const char *near = hp_nearest(name, names, n);
    if (near) return USAGE(r, "unknown option --%.*s; did you mean --%s?", HP_FMT(name), near);
    for (int id = HP_O_END + 1; id < HP_O_COUNT && r->out->command == hp_root(); id++) {
        if (hp_str_eq(name, hp_str_of(hp_option_get((hp_option_id)id)->name)))
            return USAGE(r, "option --%.*s belongs behind the command", HP_FMT(name));
    }
    return USAGE(r, "unknown option --%.*s", HP_FMT(name));
}

static hp_code ambiguous_option(reader *r, const spelling *list, size_t n, hp_str name) {
    hp_autobuf which = hp_buf_new(512);
    for (size_t k = 0; k < n; k++) {
        if (hp_str_starts(list[k].name, name))
            hp_buf_printf(&which, "%s--%.*s", which.n ? ", " : "", HP_FMT(list[k].name));
    }
    return USAGE(r, "option --%.*s could be %s", HP_FMT(name), hp_buf_cstr(&which));
}

/* Finds a long option by its name or an unambiguous prefix. */
static hp_code find_long(reader *r, hp_str name, spelling *out) {
    spelling list[MAX_SPELLINGS];
    size_t n, found = 0, at = 0;
    HP_TRY(spellings(r, list, &n));
    for (size_t k = 0; k < n; k++) {
        if (hp_str_eq(list[k].name, name)) {
            *out = list[k];
            return HP_OK;
        }
        if (name.n && hp_str_starts(list[k].name, name)) {
            found++;
            at = k;
        }
    }
    if (found == 0) return unknown_option(r, list, n, name);
    if (found > 1) return ambiguous_option(r, list, n, name);
    *out = list[at];
    return HP_OK;
}

static hp_code find_short(reader *r, char letter, spelling *out) {
    for (int id = HP_O_END + 1; id < HP_O_COUNT; id++) {
        const hp_option *o = hp_option_get((hp_option_id)id);
        if (o->letter != letter || !hp_option_of(r->out->command, (hp_option_id)id)) continue;
        *out = (spelling){(hp_option_id)id, false, hp_str_of(o->name)};
        return HP_OK;
    }
    return USAGE(r, "unknown option -%c", letter);
}

/* ---- values ---- */

static hp_code not_a_choice(reader *r, const char *what, const char *const *choices, const char *value) {
    hp_autobuf list = hp_buf_new(512);
    size_t n = 0;
    for (; choices[n]; n++) hp_buf_printf(&list, "%s%s", n ? ", " : "", choices[n]);
    const char *near = hp_nearest(hp_str_of(value), choices, n);
    if (near) return USAGE(r, "%s cannot be \"%s\"; did you mean %s?", what, value, near);
    return USAGE(r, "%s cannot be \"%s\"; it is one of %s", what, value, hp_buf_cstr(&list));
}

static bool is_choice(const char *const *choices, const char *value) {
    for (size_t k = 0; choices[k]; k++) {
        if (strcmp(choices[k], value) == 0) return true;
    }
    return false;
}

static hp_code check_number(reader *r, const hp_option *o, const char *value, int64_t *number) {
    bool bytes = o->type == HP_OPT_BYTES;
    bool ok = bytes ? hp_bytes_parse(hp_str_of(value), number) : hp_str_i64(hp_str_of(value), number);
    if (!ok && bytes)
        return USAGE(r, "--%s is no size: \"%s\"; write a number with K, M or G, like 512M", o->name, value);
    if (!ok) return USAGE(r, "--%s is no whole number: \"%s\"", o->name, value);
    if (*number < o->min && bytes)
        return USAGE(r, "--%s %s is too little; at least %lldK", o->name, value, (long long)o->min >> 10);
    if (*number < o->min || *number > o->max)
        return USAGE(r, "--%s must be from %lld to %lld, not %s", o->name, (long long)o->min,
                     (long long)o->max, value);
    return HP_OK;
}

static hp_code check_value(reader *r, const hp_option *o, const char *value, int64_t *number) {
    hp_date date;
    switch (o->type) {
    case HP_OPT_INT:
    case HP_OPT_BYTES: return check_number(r, o, value, number);
    case HP_OPT_DATE:
        if (hp_date_parse_iso(hp_str_of(value), &date)) return HP_OK;
        return USAGE(r, "--%s is no date: \"%s\"; write YYYY-MM-DD", o->name, value);
    case HP_OPT_ENUM:
        if (is_choice(o->choices, value)) return HP_OK;
        return not_a_choice(r, hp_arena_printf(r->arena, "--%s", o->name).p, o->choices, value);
    default:
        if (*value || o->type == HP_OPT_STRING) return HP_OK;
        return USAGE(r, "--%s needs a value %s, not an empty one", o->name, o->arg);
    }
}

static hp_code add_value(reader *r, hp_option_id id, const char *value) {
    const hp_option *o = hp_option_get(id);
    hp_given *g = &r->out->opt[id];
    HP_TRY(check_value(r, o, value, &g->number));
    /* No option can be given more often than there are words. */
    if (!g->value) g->value = hp_arena_array(r->arena, (size_t)r->argc, sizeof *g->value);
    if (!g->value) return hp_fail_memory(r->err, "the options");
    if (!o->repeatable) g->n = 0;
    g->value[g->n++] = value;
    g->given = true;
    return HP_OK;
}

static void set_flag(reader *r, const spelling *s) {
    hp_given *g = &r->out->opt[s->id];
    g->given = true;
    g->on = !s->off;
    g->n++;
}

/* --allow-network=false: the same as --no-allow-network. */
static hp_code set_answer(reader *r, const spelling *s, const char *value) {
    spelling answered = *s;
    bool on;
    if (!hp_gate_flag_read(value, &on))
        return USAGE(r, "--%.*s is true or false, not \"%s\"", HP_FMT(s->name), value);
    answered.off = !on;
    set_flag(r, &answered);
    return HP_OK;
}

/* Takes the next word as a value. A word that begins with two dashes is rather a value forgotten; --opt=--x
 * says it is meant. */
static hp_code next_value(reader *r, const hp_option *o, const char **value) {
    const char *next = r->i + 1 < r->argc ? r->argv[r->i + 1] : NULL;
    if (!next) return USAGE(r, "--%s needs a value %s", o->name, o->arg);
    if (strncmp(next, "--", 2) == 0)
        return USAGE(r, "--%s needs a value %s before %s (write --%s=%s if that is the value)", o->name,
                     o->arg, next, o->name, next);
    r->i++;
    *value = next;
    return HP_OK;
}

/* ---- the words ---- */

static hp_code read_long(reader *r, const char *word) {
    hp_str all = hp_str_of(word + 2);
    size_t eq = hp_str_chr(all, '=', 0);
    spelling s = {0};
    HP_TRY(find_long(r, hp_str_cut(all, 0, eq), &s));
    const hp_option *o = hp_option_get(s.id);
    const char *value = eq == SIZE_MAX ? NULL : all.p + eq + 1;
    if (o->type == HP_OPT_FLAG) {
        if (value && o->answers && !s.off) return set_answer(r, &s, value);
        if (value) return USAGE(r, "--%.*s takes no value", HP_FMT(s.name));
        set_flag(r, &s);
        return HP_OK;
    }
    if (!value) HP_TRY(next_value(r, o, &value));
    return add_value(r, s.id, value);
}

static hp_code read_short(reader *r, const char *word) {
    for (const char *p = word + 1; *p; p++) {
        spelling s = {0};
        HP_TRY(find_short(r, *p, &s));
        const hp_option *o = hp_option_get(s.id);
        if (o->type == HP_OPT_FLAG) {
            set_flag(r, &s);
            continue;
        }
        const char *value = p + 1;
        if (!*value) HP_TRY(next_value(r, o, &value));
        return add_value(r, s.id, value);
    }
    return HP_OK;
}

static hp_code read_command(reader *r, const char *word) {
    const hp_command *group = r->out->command, *cmd = hp_command_find(group, hp_str_of(word));
    if (cmd) {
        r->out->command = cmd;
        return HP_OK;
    }
    const char *near = hp_command_nearest(group, hp_str_of(word));
    const char *space = *group->full ? " " : "";
    if (near)
        return USAGE(r, "unknown command \"%s%s%s\"; did you mean %s%s%s?", group->full, space, word,
                     group->full, space, near);
    return USAGE(r, "unknown command \"%s%s%s\"", group->full, space, word);
}

static hp_code read_word(reader *r, const char *word, bool *options) {
    if (*options && strcmp(word, "--") == 0) {
        *options = false;
        return HP_OK;
    }
    if (*options && strncmp(word, "--", 2) == 0) return read_long(r, word);
    /* A minus is standard input, and "-!A1:C9" an area of it. */
    if (*options && word[0] == '-' && word[1] && word[1] != '!') return read_short(r, word);
    if (r->out->command->sub) return read_command(r, word);
    r->out->word[r->out->nword++] = word;
    return HP_OK;
}

/* ---- what must be there ---- */

static hp_code needs_command(reader *r) {
    hp_autobuf list = hp_buf_new(512);
    for (const hp_command *c = r->out->command->sub; c->name; c++)
        hp_buf_printf(&list, "%s%s", list.n ? ", " : "", c->name);
    return USAGE(r, "%s needs a command: %s", r->out->command->full, hp_buf_cstr(&list));
}

static hp_code check_word(reader *r, const hp_argument *a, const char *word) {
    if (a->type == HP_OPT_ENUM && !is_choice(a->choices, word))
        return not_a_choice(r, a->name, a->choices, word);
    return *word ? HP_OK : USAGE(r, "%s is empty", a->name);
}

static hp_code check_words(reader *r) {
    const hp_command *cmd = r->out->command;
    size_t k = 0;
    for (const hp_argument *a = cmd->args; a && a->name; a++) {
        if (k == r->out->nword && !a->optional) return USAGE(r, "%s is missing: %s", a->name, a->help);
        do {
            if (k < r->out->nword) HP_TRY(check_word(r, a, r->out->word[k++]));
        } while (a->many && k < r->out->nword);
    }
    if (k == r->out->nword) return HP_OK;
    if (cmd->secret) /* it would stand in logs and terminals then */
        return USAGE(r, "%s takes only %s; a secret is typed when asked for, or comes on standard input",
                     cmd->full, cmd->args->name);
    return USAGE(r, "unexpected argument \"%s\"", r->out->word[k]);
}

static hp_code fill_defaults(reader *r) {
    for (int id = HP_O_END + 1; id < HP_O_COUNT; id++) {
        const hp_option *o = hp_option_get((hp_option_id)id);
        hp_given *g = &r->out->opt[id];
        if (g->given || !o->fallback || !hp_option_of(r->out->command, (hp_option_id)id)) continue;
        HP_TRY(add_value(r, (hp_option_id)id, o->fallback));
        g->given = false;
    }
    return HP_OK;
}

hp_code hp_args_read(hp_arena *a, const hp_command *root, int argc, char *const *argv, hp_args *out,
                     hp_err *err) {
    *out = (hp_args){.command = root};
    reader r = {.arena = a, .out = out, .err = err, .argv = argv, .argc = argc, .i = 1};
    out->word = hp_arena_array(a, (size_t)argc + 1, sizeof *out->word);
    if (!out->word) return hp_fail_memory(err, "the command line");
    bool options = true;
    for (; r.i < argc; r.i++) HP_TRY(read_word(&r, argv[r.i], &options));
    HP_TRY(fill_defaults(&r));
    if (out->opt[HP_O_HELP].on || out->opt[HP_O_VERSION].on) return HP_OK;
    if (!out->command->run) return needs_command(&r);
    return check_words(&r);
}

hp_code hp_args_default(hp_arena *a, hp_args *args, hp_option_id id, const hp_str *value, size_t n,
                        hp_err *err) {
    const hp_option *o = hp_option_get(id);
    hp_given *g = &args->opt[id];
    if (g->given) return HP_OK;
    if (o->type == HP_OPT_FLAG) {
        g->on = n && hp_str_eq(value[0], HP_S("true"));
        return HP_OK;
    }
    g->value = hp_arena_array(a, n + 1, sizeof *g->value);
    if (!g->value) return hp_fail_memory(err, "the options");
    for (g->n = 0; g->n < n; g->n++) g->value[g->n] = value[g->n].p;
    if (o->type == HP_OPT_INT && n) hp_str_i64(value[0], &g->number);
    if (o->type == HP_OPT_BYTES && n) hp_bytes_parse(value[0], &g->number);
    return HP_OK;
}

bool hp_args_want_json(int argc, char *const *argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0) return true;
    }
    return false;
}

const char *hp_args_text(const hp_args *args, hp_option_id id) {
    const hp_given *g = &args->opt[id];
    return g->n && g->value ? g->value[g->n - 1] : NULL;
}
