/* The types of values: each knows how to read itself into a member and how to write itself back. */
#include "profile/keys.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "base/banned.h"

/* ---- fields and their older names ---- */

/* Names of output columns that users of profiles know as field names, and the other way round. */
static const struct {
    const char *field, *output;
} OUTPUTS[] = {
    {"record_id", "source_record_ids"},         {"address", "address_primary"},
    {"category", "organization_category"},      {"contact_name", "contact_primary_name"},
    {"contact_role", "contact_primary_role"},   {"contact_email", "contact_primary_email"},
    {"contact_phone", "contact_primary_phone"},
};

/* organisation_name is organization_name. */
static hp_str american(hp_str name, char *out, size_t cap) {
    if (name.n >= cap || !hp_str_starts(name, HP_S("organisation_"))) return name;
    memcpy(out, name.p, name.n);
    out[6] = 'z'; /* the s of "organisation" */
    return (hp_str){out, name.n};
}

static hp_field find_output(hp_str name) {
    for (size_t i = 0; i < sizeof OUTPUTS / sizeof *OUTPUTS; i++) {
        if (hp_str_eq(hp_str_of(OUTPUTS[i].output), name)) return hp_field_find(hp_str_of(OUTPUTS[i].field));
    }
    return HP_F_NONE;
}

hp_field hp_pfield_find(hp_str name) {
    char spelled[64];
    name = american(name, spelled, sizeof spelled);
    hp_field f = hp_field_find(name);
    if (f == HP_F_NONE && hp_str_eq(name, HP_S("source_record_id"))) f = HP_F_RECORD_ID;
    return f == HP_F_NONE ? find_output(name) : f;
}

hp_str hp_pfield_output(hp_str name) {
    for (size_t i = 0; i < sizeof OUTPUTS / sizeof *OUTPUTS; i++) {
        if (hp_str_eq(hp_str_of(OUTPUTS[i].field), name)) return hp_str_of(OUTPUTS[i].output);
    }
    hp_field f = hp_pfield_find(name); /* organisation_name -> organization_name */
    return f != HP_F_NONE && hp_str_starts(name, HP_S("organisation_")) ? hp_str_of(hp_field_get(f)->name)
                                                                        : name;
}

static void unknown_field(hp_pload *l, const hp_node *v) {
    const char *names[HP_FIELD_COUNT];
    size_t n = 0;
    for (int f = 1; f < HP_FIELD_COUNT; f++) names[n++] = hp_field_get((hp_field)f)->name;
    hp_autobuf hint = hp_buf_new(2048);
    hp_pnear(&hint, v->text, names, n, "the fields are");
    hp_perr(l, v, "unknown field \"%.*s\"%s", HP_FMT(v->text), hp_buf_cstr(&hint));
}

hp_field hp_pfield_read(hp_pload *l, const hp_node *v, const char *where) {
    hp_str is = {0};
    if (!hp_node_text(v, &is)) {
        is = hp_pnode_text(l, v);
        hp_perr(l, v, "\"%s\" needs the name of a field, not %.*s", where, HP_FMT(is));
        return HP_F_NONE;
    }
    hp_field f = hp_pfield_find(is);
    if (f == HP_F_NONE) unknown_field(l, v);
    return f;
}

/* ---- helpers ---- */

hp_str hp_pfold(hp_pload *l, hp_str s) {
    hp_autobuf one = hp_buf_new(HP_LIMIT_DOC_BYTES), low = hp_buf_new(HP_LIMIT_DOC_BYTES);
    hp_str rest = hp_str_trim(s);
    bool blank = false;
    for (size_t i = 0; i < rest.n;) {
        size_t from = i;
        uint32_t cp = hp_utf8_next(rest, &i);
        if (cp <= ' ' || cp == 0xA0) {
            blank = true;
            continue;
        }
        if (blank) hp_buf_putc(&one, ' ');
        blank = false;
        hp_buf_add(&one, hp_str_cut(rest, from, i));
    }
    hp_utf8_lower(hp_buf_str(&one), &low);
    if (low.bad || one.bad) l->oom = true;
    return hp_pdup(l, hp_buf_str(&low));
}

bool hp_pseen(hp_pload *l, hp_smap *seen, hp_str s, int line, int *before) {
    uint32_t first = 0;
    bool added = true;
    if (!hp_smap_add(seen, s, (uint32_t)line, &first, &added)) l->oom = true;
    *before = (int)first;
    return !added;
}

hp_str hp_pnode_text(hp_pload *l, const hp_node *v) {
    switch (v->kind) {
    case HP_NODE_LIST: return HP_S("a list");
    case HP_NODE_MAP: return HP_S("a map");
    case HP_NODE_NULL: return HP_S("nothing");
    case HP_NODE_SCALAR: break;
    }
    hp_str shown = v->text.n > 80 ? hp_str_cut(v->text, 0, 80) : v->text;
    hp_str quoted = hp_arena_printf(l->a, "\"%.*s\"", HP_FMT(shown));
    if (!quoted.p) l->oom = true;
    return quoted.p ? quoted : HP_S("?");
}

static void wrong(hp_pload *l, const hp_pkey *k, const hp_node *v, const char *wanted) {
    hp_str is = hp_pnode_text(l, v);
    hp_perr(l, v, "\"%s\" must be %s, not %.*s", k->name, wanted, HP_FMT(is));
}

/* ---- texts ---- */

static void read_text(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    hp_str text, *to = hp_pat(obj, k->at);
    if (!hp_node_text(v, &text)) {
        wrong(l, k, v, "a text");
    } else if ((k->flags & HP_PK_REQUIRED) && hp_str_trim(text).n == 0) {
        hp_perr(l, v, "\"%s\" is empty: %s", k->name, k->help);
    } else if (to) {
        *to = hp_pdup(l, text);
    }
}

static void show_text(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_str *text = hp_pcat(obj, k->at);
    if (text->n) hp_pshow_pair(s, hp_str_of(k->name), *text);
}

/* The items of a list; a single value counts as a list of one. */
static size_t items_of(const hp_node *v, const hp_node *const **items, const hp_node **one) {
    *one = v;
    *items = v->kind == HP_NODE_LIST ? (const hp_node *const *)v->item : one;
    return v->kind == HP_NODE_LIST ? v->n : 1;
}

/* Copies the texts of a list behind those that `to` holds already (another key of the same meaning may have
 * set some). */
static void append_texts(hp_pload *l, const hp_pkey *k, const hp_node *v, hp_str **to, size_t *n) {
    const hp_node *one, *const *item;
    size_t count = items_of(v, &item, &one);
    hp_str *list = hp_parray(l, *n + count, sizeof *list);
    if (!list) return;
    if (*n) memcpy(list, *to, *n * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        hp_str text;
        if (hp_node_text(item[i], &text)) {
            list[(*n)++] = hp_pdup(l, text);
        } else {
            wrong(l, k, item[i], "a text or a list of texts");
        }
    }
    *to = list;
}

static void read_texts(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    hp_str *none = NULL;
    size_t zero = 0;
    append_texts(l, k, v, obj ? hp_pat(obj, k->at) : &none, obj ? hp_pat(obj, k->count) : &zero);
}

static void show_texts(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_str *const *text = hp_pcat(obj, k->at);
    const size_t *n = hp_pcat(obj, k->count);
    if (*n == 0 && (k->flags & HP_PK_SILENT)) return;
    hp_pshow_texts(s, hp_str_of(k->name), *text, *n);
}

/* ---- booleans and numbers ---- */

static void read_flag(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    bool flag, *to = hp_pat(obj, k->at);
    if (!hp_node_bool(v, &flag)) {
        wrong(l, k, v, "true or false");
    } else if (to) {
        *to = flag;
    }
}

static void show_flag(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const bool *flag = hp_pcat(obj, k->at);
    hp_pshow_key(s, hp_str_of(k->name));
    hp_buf_puts(s->out, *flag ? " true\n" : " false\n");
}

static void read_whole(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    int64_t number;
    int *to = hp_pat(obj, k->at);
    if (!hp_node_i64(v, &number)) {
        wrong(l, k, v, "a whole number");
    } else if ((double)number < k->lo || (double)number > k->hi) {
        hp_perr(l, v, "\"%s\" must be from %.0f to %.0f, not %lld", k->name, k->lo, k->hi, (long long)number);
    } else if (to) {
        *to = (int)number;
    }
}

static void show_whole(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const int *number = hp_pcat(obj, k->at);
    hp_pshow_key(s, hp_str_of(k->name));
    hp_buf_printf(s->out, " %d\n", *number);
}

static void read_real(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj, const char *wanted) {
    double number, *to = hp_pat(obj, k->at);
    if (!hp_node_f64(v, &number) || !(number >= k->lo && number <= k->hi)) {
        wrong(l, k, v, wanted);
    } else if (to) {
        *to = number;
    }
}

static void read_ratio(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    read_real(l, k, v, obj, "a number from 0 to 1");
}

static void read_number(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    read_real(l, k, v, obj, "a number that is not negative");
}

static void show_real(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const double *number = hp_pcat(obj, k->at);
    hp_pshow_key(s, hp_str_of(k->name));
    hp_buf_printf(s->out, " %.15g\n", *number);
}

/* ---- words of a list ---- */

static void read_country(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    hp_str text, *to = hp_pat(obj, k->at);
    if (!hp_node_text(v, &text) || text.n != 2 || !hp_is_alpha(text.p[0]) || !hp_is_alpha(text.p[1])) {
        wrong(l, k, v, "a country code of two letters (ZA)");
    } else if (to) {
        char code[2] = {hp_upper(text.p[0]), hp_upper(text.p[1])};
        *to = hp_pdup(l, (hp_str){code, 2});
    }
}

static bool is_choice(const hp_pkey *k, hp_str word) {
    hp_str rest = hp_str_of(k->choices), one;
    while (hp_str_next(&rest, ' ', &one)) {
        if (hp_str_eq(one, word)) return true;
    }
    return false;
}

/* "a, b or c" */
static void say_choices(hp_buf *out, const hp_pkey *k) {
    hp_str rest = hp_str_of(k->choices), one;
    for (bool first = true; hp_str_next(&rest, ' ', &one); first = false) {
        hp_buf_printf(out, "%s%.*s", first ? "" : rest.n ? ", " : " or ", HP_FMT(one));
    }
}

static bool check_choice(hp_pload *l, const hp_pkey *k, const hp_node *v) {
    hp_str word;
    if (hp_node_text(v, &word) && is_choice(k, word)) return true;
    hp_autobuf names = hp_buf_new(1024);
    say_choices(&names, k);
    wrong(l, k, v, hp_buf_cstr(&names));
    return false;
}

static void read_choice(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    hp_str *to = hp_pat(obj, k->at);
    if (check_choice(l, k, v) && to) *to = hp_pdup(l, v->text);
}

static void read_choices(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    const hp_node *one, *const *item;
    size_t n = items_of(v, &item, &one);
    bool good = true;
    for (size_t i = 0; i < n; i++) good = check_choice(l, k, item[i]) && good;
    if (good && obj) read_texts(l, k, v, obj);
}

/* ---- fields ---- */

static void read_field(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    hp_field *to = hp_pat(obj, k->at), f = hp_pfield_read(l, v, k->name);
    if (to) *to = f;
}

static void read_fields(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    const hp_node *one, *const *item;
    size_t count = items_of(v, &item, &one);
    hp_field *old = obj ? *(hp_field **)hp_pat(obj, k->at) : NULL;
    size_t zero = 0, *n = obj ? hp_pat(obj, k->count) : &zero;
    hp_field *list = hp_parray(l, *n + count, sizeof *list);
    if (!list) return;
    if (*n) memcpy(list, old, *n * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        hp_field f = hp_pfield_read(l, item[i], k->name);
        bool known = f == HP_F_NONE;
        for (size_t j = 0; j < *n && !known; j++) known = list[j] == f;
        if (!known) list[(*n)++] = f;
    }
    if (obj) *(hp_field **)hp_pat(obj, k->at) = list;
}

static void show_field(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_field *f = hp_pcat(obj, k->at);
    hp_pshow_pair(s, hp_str_of(k->name), hp_str_of(hp_field_get(*f)->name));
}

static void show_fields(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_field *const *list = hp_pcat(obj, k->at);
    const size_t *n = hp_pcat(obj, k->count);
    hp_pshow_key(s, hp_str_of(k->name));
    hp_buf_puts(s->out, " [");
    for (size_t i = 0; i < *n; i++)
        hp_buf_printf(s->out, "%s%s", i ? ", " : "", hp_field_get((*list)[i])->name);
    hp_buf_puts(s->out, "]\n");
}

/* ---- blocks ---- */

static void read_map(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    (void)obj;
    if (v->kind != HP_NODE_MAP) wrong(l, k, v, "a map (lines of \"key: value\")");
}

/* Keeps the node for whoever knows what it means. */
static void read_node(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    const hp_node **to = hp_pat(obj, k->at);
    read_map(l, k, v, obj);
    if (to && v->kind == HP_NODE_MAP) *to = v;
}

static void show_kept(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_node *const *n = hp_pcat(obj, k->at);
    if (!*n) return;
    hp_pshow_key(s, hp_str_of(k->name));
    hp_buf_putc(s->out, ' ');
    hp_pshow_node(s->out, *n);
    hp_buf_putc(s->out, '\n');
}

static void read_block(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    hp_pblock_read(l, k->block, v, hp_pat(obj, k->at));
}

static void show_block(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_node *doc = s->doc;
    size_t before = s->out->n, start;
    hp_pshow_key(s, hp_str_of(k->name));
    hp_buf_putc(s->out, '\n');
    start = s->out->n;
    s->depth++;
    s->doc = hp_node_get(doc, k->name);
    hp_pshow_block(s, k->block, hp_pcat(obj, k->at));
    s->doc = doc;
    s->depth--;
    if (s->out->n == start) s->out->n = before; /* a block without a line would read as null */
}

static void read_item(hp_pload *l, const hp_pblock *b, const hp_node *v, void *item) {
    if (item) {
        hp_pblock_defaults(l, b, item);
        if (b->begin) b->begin(v, item);
    }
    hp_pblock_read(l, b, v, item);
}

/* An item that cannot be read keeps its place, so that item i of the list is element i of the array. */
static void read_items(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    if (v->kind != HP_NODE_LIST) {
        wrong(l, k, v, "a list (each item begins with \"- \")");
        return;
    }
    char *array = obj ? hp_parray(l, v->n, k->block->size) : NULL;
    for (size_t i = 0; i < v->n && !l->oom; i++) {
        read_item(l, k->block, v->item[i], array ? array + i * k->block->size : NULL);
    }
    if (!obj || l->oom) return;
    *(void **)hp_pat(obj, k->at) = array;
    *(size_t *)hp_pat(obj, k->count) = v->n;
}

static void show_items(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const char *const *array = hp_pcat(obj, k->at);
    const size_t *n = hp_pcat(obj, k->count);
    hp_pshow_key(s, hp_str_of(k->name));
    const hp_node *doc = s->doc;
    hp_buf_puts(s->out, *n ? "\n" : " []\n");
    s->depth += 2;
    s->doc = NULL;
    for (size_t i = 0; i < *n; i++) {
        s->item = true;
        hp_pshow_block(s, k->block, *array + i * k->block->size);
    }
    s->doc = doc;
    s->depth -= 2;
}

const hp_ptype hp_pt_text = {"text", read_text, show_text};
const hp_ptype hp_pt_texts = {"list of texts", read_texts, show_texts};
const hp_ptype hp_pt_flag = {"true or false", read_flag, show_flag};
const hp_ptype hp_pt_whole = {"whole number", read_whole, show_whole};
const hp_ptype hp_pt_ratio = {"number 0..1", read_ratio, show_real};
const hp_ptype hp_pt_number = {"number", read_number, show_real};
const hp_ptype hp_pt_country = {"country code", read_country, show_text};
const hp_ptype hp_pt_choice = {"one of", read_choice, show_text};
const hp_ptype hp_pt_choices = {"list of", read_choices, show_texts};
const hp_ptype hp_pt_field = {"field", read_field, show_field};
const hp_ptype hp_pt_fields = {"list of fields", read_fields, show_fields};
const hp_ptype hp_pt_map = {"map", read_map, NULL};
const hp_ptype hp_pt_node = {"map", read_node, show_kept};
const hp_ptype hp_pt_block = {"block", read_block, show_block};
const hp_ptype hp_pt_items = {"list of blocks", read_items, show_items};
