/* Writing a profile back as YAML, and the reference of its keys as Markdown: both walk the tables of keys. */
#include "profile/keys.h"
#include "base/banned.h"

/* ---- YAML ---- */

static void indent(hp_pshow *s) {
    for (int i = s->item ? 2 : 0; i < s->depth * 2; i++) hp_buf_putc(s->out, ' ');
    if (s->item) hp_buf_puts(s->out, "- ");
    s->item = false;
}

/* Characters that mean nothing to YAML anywhere inside a plain scalar, in flow lists too. */
static bool is_plain_char(char c) {
    return hp_is_alnum(c) || (unsigned char)c >= 0x80 || (c && strchr(" _-./()+@&';=$", c));
}

static bool is_plain(hp_str s) {
    if (s.n == 0 || s.p[s.n - 1] == ' ') return false;
    if (!hp_is_alnum(s.p[0]) && s.p[0] != '_' && (unsigned char)s.p[0] < 0x80) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_plain_char(s.p[i])) return false;
    }
    return true;
}

/* Words that readers of YAML, old ones too, take for something other than text. */
static bool is_special(hp_str s) {
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    double number;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (hp_str_ieq(s, hp_str_of(words[i]))) return true;
    }
    return hp_str_f64(s, &number);
}

void hp_pshow_scalar(hp_buf *out, hp_str text) {
    if (is_plain(text) && !is_special(text)) {
        hp_buf_add(out, text);
    } else {
        hp_buf_json(out, text); /* a JSON string is a double-quoted scalar of YAML 1.2 */
    }
}

void hp_pshow_key(hp_pshow *s, hp_str key) {
    indent(s);
    hp_pshow_scalar(s->out, key);
    hp_buf_putc(s->out, ':');
}

void hp_pshow_pair(hp_pshow *s, hp_str key, hp_str value) {
    hp_pshow_key(s, key);
    hp_buf_putc(s->out, ' ');
    hp_pshow_scalar(s->out, value);
    hp_buf_putc(s->out, '\n');
}

void hp_pshow_texts(hp_pshow *s, hp_str key, const hp_str *text, size_t n) {
    hp_pshow_key(s, key);
    hp_buf_puts(s->out, " [");
    for (size_t i = 0; i < n; i++) {
        if (i) hp_buf_puts(s->out, ", ");
        hp_pshow_scalar(s->out, text[i]);
    }
    hp_buf_puts(s->out, "]\n");
}

/* Copies a node of the file as flow YAML. Documents nest at most 64 deep. */
void hp_pshow_node(hp_buf *out, const hp_node *n) {
    switch (n->kind) {
    case HP_NODE_NULL: hp_buf_puts(out, "null"); return;
    case HP_NODE_SCALAR:
        if (!n->quoted && is_plain(n->text)) {
            hp_buf_add(out, n->text);
        } else {
            hp_pshow_scalar(out, n->text);
        }
        return;
    case HP_NODE_LIST:
    case HP_NODE_MAP: break;
    }
    bool map = n->kind == HP_NODE_MAP;
    hp_buf_putc(out, map ? '{' : '[');
    for (size_t i = 0; i < n->n; i++) {
        if (i) hp_buf_puts(out, ", ");
        if (map) hp_pshow_scalar(out, n->key[i]->text);
        if (map) hp_buf_puts(out, ": ");
        hp_pshow_node(out, n->item[i]);
    }
    hp_buf_putc(out, map ? '}' : ']');
}

static void show_reserved(hp_pshow *s, const hp_pkey *k) {
    const hp_node *n = hp_node_get(s->doc, k->name);
    if (!n || n->kind == HP_NODE_NULL) return;
    hp_pshow_key(s, hp_str_of(k->name));
    hp_buf_putc(s->out, ' ');
    hp_pshow_node(s->out, n);
    hp_buf_putc(s->out, '\n');
}

void hp_pshow_block(hp_pshow *s, const hp_pblock *b, const void *obj) {
    for (size_t i = 0; i < b->nkey; i++) {
        const hp_pkey *k = &b->key[i];
        if (k->flags & HP_PK_RESERVED) {
            show_reserved(s, k);
        } else if (!(k->flags & HP_PK_ALIAS) && k->type->show) {
            k->type->show(s, k, obj);
        }
    }
}

void hp_profile_show(const hp_profile *p, hp_buf *out) {
    hp_pshow s = {.out = out, .doc = p->doc};
    hp_pshow_block(&s, &hp_pb_root, p);
}

/* ---- reference ---- */

static void put_cell(hp_buf *out, const char *text) {
    for (const char *c = text; *c; c++) {
        if (*c == '|') hp_buf_putc(out, '\\');
        hp_buf_putc(out, *c);
    }
}

static void put_choices(hp_buf *out, const hp_pkey *k) {
    hp_str rest = hp_str_of(k->choices), one;
    for (bool first = true; hp_str_next(&rest, ' ', &one); first = false)
        hp_buf_printf(out, "%s`%.*s`", first ? "" : ", ", HP_FMT(one));
}

static void put_row(hp_buf *out, const hp_pkey *k) {
    hp_buf_printf(out, "| `%s` | %s", k->name, k->type->text);
    if (k->choices) hp_buf_putc(out, ' ');
    if (k->choices) put_choices(out, k);
    hp_buf_printf(out, " | %s%s%s | ", k->fallback ? "`" : "", k->fallback ? k->fallback : "",
                  k->fallback ? "`" : "");
    if (k->flags & HP_PK_REQUIRED) hp_buf_puts(out, "**required**: ");
    put_cell(out, k->help);
    if (k->flags & HP_PK_RESERVED) hp_buf_puts(out, " (reserved)");
    hp_buf_puts(out, " |\n");
}

static void put_block(hp_buf *out, const hp_pblock *b) {
    hp_buf_printf(out, "\n## %s%s%s\n\n%s\n\n| key | value | default | meaning |\n|---|---|---|---|\n",
                  b == &hp_pb_root ? "" : "`", b == &hp_pb_root ? "The file" : b->name,
                  b == &hp_pb_root ? "" : "`", b->help);
    for (size_t i = 0; i < b->nkey; i++) put_row(out, &b->key[i]);
}

static bool listed(const hp_pblock *const *list, size_t n, const hp_pblock *b) {
    for (size_t i = 0; i < n; i++) {
        if (list[i] == b) return true;
    }
    return false;
}

/* Blocks come after the one that holds them, each once, in the order of its keys. */
static size_t collect(const hp_pblock **list, size_t n, size_t max, const hp_pblock *b) {
    if (n == max || listed(list, n, b)) return n;
    list[n++] = b;
    for (size_t i = 0; i < b->nkey; i++) {
        if (b->key[i].block) n = collect(list, n, max, b->key[i].block);
    }
    return n;
}

static void put_fields(hp_buf *out) {
    hp_buf_puts(
        out,
        "\n## Fields\n\nWhat a column can feed. Older names are understood too: `organisation_name`, `contact_primary_email`, "
        "`address_primary`, `organization_category` and their like.\n\n"
        "| field | kind | several columns | meaning |\n|---|---|---|---|\n");
    for (int f = 1; f < HP_FIELD_COUNT; f++) {
        const hp_field_info *i = hp_field_get((hp_field)f);
        hp_buf_printf(out, "| `%s` | %s | ", i->name, hp_kind_name(i->kind));
        if (!i->joiner) {
            hp_buf_puts(out, "the first with a value");
        } else if (i->joiner[0] == '\x1f') {
            hp_buf_puts(out, "all, as a list");
        } else {
            hp_buf_puts(out, "joined by `");
            put_cell(out, i->joiner);
            hp_buf_puts(out, "`");
        }
        hp_buf_puts(out, " | ");
        put_cell(out, i->text);
        hp_buf_puts(out, " |\n");
    }
}

void hp_profile_reference(hp_buf *out) {
    const hp_pblock *blocks[32];
    size_t n = collect(blocks, 0, 32, &hp_pb_root);
    hp_buf_puts(
        out,
        "# Profiles: reference\n\n"
        "<!-- Generated from the tables in src/profile; change those. -->\n\n"
        "A profile is one YAML file (JSON is read too) that says which files are read, what their columns mean, and how records are "
        "cleaned, matched and checked. It is looked for in each `--profile-search-path`, in `./profiles`, then among the installed "
        "ones; a name with a slash, or ending in `.yaml`, `.yml` or `.json`, is a path.\n\n"
        "An unknown key, a wrong type or a contradiction is an error with file, line and column (exit 78); `hotpass profile lint` "
        "lists all of a file's errors. A single value may stand where a list is asked for. Texts that begin with `*` or `[`, or hold "
        "`: `, need quotes. Keys marked *reserved* are checked, but no stage uses them yet. "
        "[profiles/aviation.yaml](../../profiles/aviation.yaml) is an example with remarks.\n");
    for (size_t i = 0; i < n; i++) put_block(out, blocks[i]);
    put_fields(out);
}
