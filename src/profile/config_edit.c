/* Setting a key in a file of configuration: only the bytes of the value change, or a line is added, so that
 * comments and order stay. The result is read again, and must say what it said before but for that key. */
#include "base/file.h"
#include "base/limits.h"
#include "profile/config.h"
#include "profile/keys.h"

#include "base/banned.h"

typedef struct edit {
    hp_arena *a;
    hp_str bytes;
    const hp_config_key *key;
    const hp_str *item;
    size_t n;
    hp_buf *out;
} edit;

static bool writes_list(const edit *e) {
    return e->n != 1 && (e->key->type == HP_CONFIG_TEXTS || e->key->type == HP_CONFIG_PATHS);
}

static void put_value(edit *e) {
    if (!writes_list(e)) {
        bool bare = e->key->type == HP_CONFIG_FLAG || e->key->type == HP_CONFIG_WHOLE;
        if (bare)
            hp_buf_add(e->out, e->item[0]);
        else
            hp_pshow_scalar(e->out, e->item[0]);
        return;
    }
    hp_buf_putc(e->out, '[');
    for (size_t i = 0; i < e->n; i++) {
        if (i) hp_buf_puts(e->out, ", ");
        hp_buf_json(e->out, e->item[i]); /* quoted: a comma inside means nothing then */
    }
    hp_buf_putc(e->out, ']');
}

/* Offset of a place, both 1-based; columns of the reader count characters. */
static size_t offset_of(hp_str bytes, int line, int column) {
    size_t at = 0;
    for (int l = 1; l < line && at < bytes.n; l++) {
        size_t end = hp_str_chr(bytes, '\n', at);
        at = end == SIZE_MAX ? bytes.n : end + 1;
    }
    for (int c = 1; c < column && at < bytes.n; c++) {
        at++;
        while (at < bytes.n && ((unsigned char)bytes.p[at] & 0xC0) == 0x80) at++;
    }
    return at;
}

static size_t line_end(hp_str bytes, size_t at) {
    size_t end = hp_str_chr(bytes, '\n', at);
    return end == SIZE_MAX ? bytes.n : end;
}

/* The end of a quoted text or a flow list that begins at `from` and ends in the same line; SIZE_MAX if not.
 */
static size_t closed_end(hp_str b, size_t from) {
    char quote = 0;
    int depth = 0;
    for (size_t i = from; i < b.n && b.p[i] != '\n'; i++) {
        char c = b.p[i];
        if (quote == '"' && c == '\\')
            i++;
        else if (quote && c == quote)
            quote = 0;
        else if (!quote && (c == '"' || c == '\''))
            quote = c;
        else if (!quote && c == '[')
            depth++;
        else if (!quote && c == ']')
            depth--;
        if (!quote && depth == 0) return i + 1;
    }
    return SIZE_MAX;
}

/* Where the value of a node ends in its line; SIZE_MAX when it is written over several. */
static size_t value_end(hp_str b, size_t from) {
    if (from < b.n && (b.p[from] == '"' || b.p[from] == '\'' || b.p[from] == '[')) return closed_end(b, from);
    if (from < b.n && (b.p[from] == '-' || b.p[from] == '|' || b.p[from] == '>' || b.p[from] == '{'))
        return SIZE_MAX;
    size_t end = line_end(b, from), comment = hp_str_find(b, HP_S(" #"), from);
    if (comment < end) end = comment;
    while (end > from && hp_is_space(b.p[end - 1])) end--;
    return end;
}

static void replace_bytes(edit *e, size_t from, size_t to) {
    hp_buf_add(e->out, hp_str_cut(e->bytes, 0, from));
    put_value(e);
    hp_buf_add(e->out, hp_str_cut(e->bytes, to, e->bytes.n));
}

/* Puts "key: value" on a line of its own at `at`, the begin of a line. */
static void insert_line(edit *e, size_t at, size_t indent, hp_str name) {
    hp_buf_add(e->out, hp_str_cut(e->bytes, 0, at));
    if (at && e->bytes.p[at - 1] != '\n') hp_buf_putc(e->out, '\n');
    for (size_t i = 0; i < indent; i++) hp_buf_putc(e->out, ' ');
    hp_buf_printf(e->out, "%.*s: ", HP_FMT(name));
    put_value(e);
    hp_buf_putc(e->out, '\n');
    hp_buf_add(e->out, hp_str_cut(e->bytes, at, e->bytes.n));
}

static const hp_node *key_node(const hp_node *map, hp_str name) {
    for (size_t i = 0; map && map->kind == HP_NODE_MAP && i < map->n; i++)
        if (hp_str_eq(map->key[i]->text, name)) return map->key[i];
    return NULL;
}

static bool replace(edit *e, const hp_node *key, const hp_node *value) {
    size_t after = offset_of(e->bytes, key->line, key->column) + key->text.n + (key->quoted ? 2 : 0);
    size_t from = value->kind == HP_NODE_NULL && !value->text.n
                      ? SIZE_MAX
                      : offset_of(e->bytes, value->line, value->column);
    if (from == SIZE_MAX) { /* "key:" without a value */
        if (after >= e->bytes.n || e->bytes.p[after] != ':') return false;
        hp_buf_add(e->out, hp_str_cut(e->bytes, 0, after + 1));
        hp_buf_putc(e->out, ' ');
        put_value(e);
        hp_buf_add(e->out, hp_str_cut(e->bytes, after + 1, e->bytes.n));
        return true;
    }
    size_t to = value_end(e->bytes, from);
    if (to == SIZE_MAX) return false;
    replace_bytes(e, from, to);
    return true;
}

/* Adds a key to a section that is there, behind the line of the section's own key. */
static bool add_to_section(edit *e, const hp_node *key, const hp_node *section, hp_str name) {
    if (section->kind == HP_NODE_SCALAR || section->kind == HP_NODE_LIST) return false;
    size_t at = line_end(e->bytes, offset_of(e->bytes, key->line, key->column));
    size_t indent = section->kind == HP_NODE_MAP && section->n ? (size_t)section->key[0]->column - 1 : 2;
    insert_line(e, at < e->bytes.n ? at + 1 : at, indent, name);
    return true;
}

static bool append(edit *e, hp_str section, hp_str name) {
    hp_buf_add(e->out, e->bytes);
    if (e->bytes.n && e->bytes.p[e->bytes.n - 1] != '\n') hp_buf_putc(e->out, '\n');
    if (section.n) hp_buf_printf(e->out, "%.*s:\n  ", HP_FMT(section));
    hp_buf_printf(e->out, "%.*s: ", HP_FMT(name));
    put_value(e);
    hp_buf_putc(e->out, '\n');
    return true;
}

static bool edit_text(edit *e, const hp_node *root) {
    hp_str full = hp_str_of(e->key->name);
    size_t dot = hp_str_chr(full, '.', 0);
    hp_str section = dot == SIZE_MAX ? (hp_str){"", 0} : hp_str_cut(full, 0, dot);
    hp_str name = dot == SIZE_MAX ? full : hp_str_cut(full, dot + 1, full.n);
    const hp_node *map = root, *head = NULL;
    if (section.n) {
        head = key_node(root, section);
        if (!head) return append(e, section, name);
        for (size_t i = 0; i < root->n; i++)
            if (root->key[i] == head) map = root->item[i];
    }
    const hp_node *key = key_node(map, name);
    for (size_t i = 0; key && i < map->n; i++)
        if (map->key[i] == key) return replace(e, key, map->item[i]);
    return head ? add_to_section(e, head, map, name) : append(e, section, name);
}

static bool same_value(const hp_config_value *x, const hp_config_value *y) {
    if (x->given != y->given || x->n != y->n) return false;
    for (size_t i = 0; i < x->n; i++)
        if (!hp_str_eq(x->item[i], y->item[i])) return false;
    return true;
}

/* Reads what was written, and holds it against what it was made from. */
static hp_code verify(edit *e, const char *path, hp_config_id id, const hp_config *before, hp_err *err) {
    hp_config *after = HP_NEW(e->a, hp_config);
    hp_config_value wanted = {0};
    hp_autobuf lines = hp_buf_new(1 << 20);
    if (!after) return hp_fail_memory(err, "the configuration");
    HP_TRY(hp_config_parse(e->a, hp_buf_str(e->out), path, HP_CONFIG_PROJECT, after, &lines, err));
    HP_TRY(hp_config_check(e->a, id, e->item, e->n, path, &wanted, err));
    bool same = after->errors <= before->errors && same_value(&after->said[HP_CONFIG_PROJECT][id], &wanted);
    for (int k = 0; k < HP_CONFIG_COUNT && same; k++)
        same = k == (int)id
               || same_value(&after->said[HP_CONFIG_PROJECT][k], &before->said[HP_CONFIG_PROJECT][k]);
    if (same) return HP_OK;
    return hp_fail(
        err, HP_CONFIG,
        "%s: \"%s\" stands there in a form that cannot be changed without touching the rest; edit it by hand",
        path, e->key->name);
}

hp_code hp_config_edit(hp_arena *a, hp_str bytes, const char *path, hp_config_id id, const hp_str *item,
                       size_t n, hp_buf *out, hp_err *err) {
    hp_config *before = HP_NEW(a, hp_config);
    hp_autobuf lines = hp_buf_new(1 << 20);
    hp_node *root = NULL;
    hp_config_value value = {0};
    if (!before) return hp_fail_memory(err, "the configuration");
    HP_TRY(hp_config_check(a, id, item, n, "the new value", &value, err));
    HP_TRY(hp_config_parse(a, bytes, path, HP_CONFIG_PROJECT, before, &lines, err));
    if (hp_str_ends(hp_str_of(path), HP_S(".json")) || hp_config_is_toml(path))
        return hp_fail(err, HP_CONFIG, "%s: only YAML is edited; change it by hand", path);
    HP_TRY(hp_yaml_read(a, bytes, path, &root, err));
    edit e = {a, bytes, hp_config_key_get(id), value.item, value.n, out};
    if (root->kind != HP_NODE_MAP && root->kind != HP_NODE_NULL)
        return hp_fail(err, HP_CONFIG, "%s: is not made of \"key: value\" lines; edit it by hand", path);
    if (!edit_text(&e, root)) hp_buf_clear(out);
    HP_TRY(hp_buf_check(out, "the file of configuration", err));
    return verify(&e, path, id, before, err);
}

hp_code hp_config_set(hp_arena *a, const char *path, hp_config_id id, const hp_str *item, size_t n,
                      hp_err *err) {
    hp_autobuf old = hp_buf_new(HP_LIMIT_DOC_BYTES), new = hp_buf_new(2 * HP_LIMIT_DOC_BYTES);
    if (hp_exists(path)) HP_TRY(hp_read_file(path, &old, err));
    HP_TRY(hp_config_edit(a, hp_buf_str(&old), path, id, item, n, &new, err));
    return hp_write_file(path, hp_buf_str(&new), err);
}
