/* The block `ingest`: which files are sources, which sheets they have, what their columns mean. Map files
 * have the same form. */
#include "profile/keys.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/banned.h"

/* Nobody ranks more sources than this; a bound keeps the check for equal ones a table. */
#define PRIORITY_MAX 1000

/* ---- columns ---- */

/* What one line under `columns` says. No field: ignored on purpose. */
typedef struct column_spec {
    hp_field *field;
    size_t n;
    bool required;
} column_spec;

static void read_feeds(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    if (v->kind == HP_NODE_SCALAR && hp_str_eq(v->text, HP_S("ignore"))) return;
    hp_pt_fields.read(l, k, v, obj);
}

static const hp_ptype FEEDS = {"field, list of fields, or ignore", read_feeds, NULL};

static const hp_pkey COLUMN_KEYS[] = {
    {.name = "field",
     .type = &FEEDS,
     .at = offsetof(column_spec, field),
     .count = offsetof(column_spec, n),
     .flags = HP_PK_REQUIRED,
     .help = "the field or fields that the column feeds"},
    {.name = "required",
     .type = &hp_pt_flag,
     .at = offsetof(column_spec, required),
     .fallback = "false",
     .help = "a sheet without the column stops the run"},
};

static const hp_pblock COLUMN = {
    .name = "ingest.sources.sheets.columns",
    .help =
        "A line is `header: field`, `header: [field, field]`, `header: ignore`, or `header: {field: …, required: true}`. Several "
        "columns may feed one field: their order here counts. A column without a header is called `\"Unnamed: 4\"` (its number, from 0) "
        "or `\"[E]\"` (its letter), both in quotes.",
    .key = COLUMN_KEYS,
    .nkey = sizeof COLUMN_KEYS / sizeof *COLUMN_KEYS,
    .size = sizeof(column_spec),
};

/* Each in a place of its own, since a member may be set but once (see load.c). */
static column_spec *read_spec(hp_pload *l, const hp_node *v) {
    column_spec *spec = hp_parray(l, 1, sizeof *spec);
    if (!spec) return NULL;
    if (v->kind == HP_NODE_MAP) {
        hp_pblock_read(l, &COLUMN, v, spec);
    } else if (v->kind != HP_NODE_NULL) {
        read_feeds(l, &COLUMN_KEYS[0], v, spec);
    }
    return spec;
}

/* Returns the number of letters of "[E]" style names, 0 for other texts. Excel's last column is XFD. */
static size_t letters_of(hp_str header) {
    if (header.n < 3 || header.n > 5 || header.p[0] != '[' || header.p[header.n - 1] != ']') return 0;
    for (size_t i = 1; i + 1 < header.n; i++) {
        if (!hp_is_alpha(header.p[i])) return 0;
    }
    return header.n - 2;
}

static hp_str header_text(hp_pload *l, hp_str raw) {
    hp_str header = hp_pdup(l, hp_str_trim(raw));
    char *p = (char *)(uintptr_t)header.p; /* our own copy */
    for (size_t i = 0; letters_of(header) && i < header.n && !l->oom; i++) p[i] = hp_upper(p[i]);
    return header;
}

typedef struct column_list {
    HP_VEC(hp_profile_column) list;
    hp_smap seen;
} column_list;

static void free_columns(column_list *c) {
    hp_vec_free(&c->list);
    hp_smap_free(&c->seen);
}

static void add_column(hp_pload *l, column_list *c, const hp_node *key, const hp_node *v) {
    hp_str header = header_text(l, key->text);
    int before;
    if (header.n == 0) {
        hp_perr(
            l, key,
            "a column needs its header; call a column without one \"Unnamed: 4\" (its number, from 0) or \"[E]\"");
        return;
    }
    if (hp_pseen(l, &c->seen, hp_pfold(l, header), key->line, &before)) {
        hp_perr(
            l, key,
            "column \"%.*s\" is mapped twice (first in line %d); name both fields in one line: [field, field]",
            HP_FMT(header), before);
        return;
    }
    const column_spec *spec = read_spec(l, v);
    if (!spec) return;
    hp_profile_column column = {.header = header, .required = spec->required, .line = key->line};
    for (size_t i = 0; i < (spec->n ? spec->n : 1); i++) {
        column.field = spec->n ? spec->field[i] : HP_F_NONE;
        if (!hp_vec_push(&c->list, column)) l->oom = true;
    }
}

static void read_columns(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    if (v->kind == HP_NODE_SCALAR && hp_str_eq(v->text, HP_S("auto"))) return;
    if (v->kind != HP_NODE_MAP) {
        hp_str is = hp_pnode_text(l, v);
        hp_perr(l, v, "\"columns\" must be auto, or a map (lines of \"header: field\"), not %.*s",
                HP_FMT(is));
        return;
    }
    __attribute__((cleanup(free_columns))) column_list c = {0};
    for (size_t i = 0; i < v->n && !l->oom; i++) add_column(l, &c, v->key[i], v->item[i]);
    hp_profile_column *list = hp_parray(l, c.list.n, sizeof *list);
    if (!list || !obj || l->oom) return;
    if (c.list.n) memcpy(list, c.list.p, c.list.n * sizeof *list);
    *(hp_profile_column **)hp_pat(obj, k->at) = list;
    *(size_t *)hp_pat(obj, k->count) = c.list.n;
}

/* How many entries from `c` on belong to its header. */
static size_t same_header(const hp_profile_column *c, size_t left) {
    size_t n = 1;
    while (n < left && hp_str_eq(c[n].header, c->header)) n++;
    return n;
}

static void show_column(hp_pshow *s, const hp_profile_column *c, size_t n) {
    hp_pshow_key(s, c->header);
    hp_buf_puts(s->out, c->required ? " {field: " : " ");
    if (n > 1) hp_buf_putc(s->out, '[');
    for (size_t i = 0; i < n; i++) {
        const char *field = c[i].field == HP_F_NONE ? "ignore" : hp_field_get(c[i].field)->name;
        hp_buf_printf(s->out, "%s%s", i ? ", " : "", field);
    }
    if (n > 1) hp_buf_putc(s->out, ']');
    hp_buf_puts(s->out, c->required ? ", required: true}\n" : "\n");
}

static void show_columns(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_profile_column *const *list = hp_pcat(obj, k->at);
    size_t n = *(const size_t *)hp_pcat(obj, k->count), same;
    hp_pshow_key(s, hp_str_of(k->name));
    hp_buf_puts(s->out, n ? "\n" : " auto\n");
    s->depth++;
    for (size_t i = 0; i < n; i += same) {
        same = same_header(*list + i, n - i);
        show_column(s, *list + i, same);
    }
    s->depth--;
}

static const hp_ptype COLUMNS = {"auto, or map of header to field", read_columns, show_columns};

/* ---- constants ---- */

static void read_constants(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    if (v->kind != HP_NODE_MAP) {
        hp_pt_map.read(l, k, v, obj);
        return;
    }
    hp_profile_constant *list = hp_parray(l, v->n, sizeof *list);
    bool seen[HP_FIELD_COUNT] = {false};
    size_t n = 0;
    for (size_t i = 0; i < v->n && list; i++) {
        hp_field f = hp_pfield_read(l, v->key[i], k->name);
        hp_str text;
        if (f == HP_F_NONE) continue;
        if (!hp_node_text(v->item[i], &text)) {
            hp_perr(l, v->item[i], "constant \"%.*s\" must be a text", HP_FMT(v->key[i]->text));
        } else if (seen[f]) {
            hp_perr(l, v->key[i], "a second constant for field \"%s\"; remove one of them",
                    hp_field_get(f)->name);
        } else {
            list[n++] = (hp_profile_constant){f, hp_pdup(l, text), v->key[i]->line};
        }
        seen[f] = true;
    }
    if (!list || !obj) return;
    *(hp_profile_constant **)hp_pat(obj, k->at) = list;
    *(size_t *)hp_pat(obj, k->count) = n;
}

static void show_constants(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_profile_constant *const *list = hp_pcat(obj, k->at);
    size_t n = *(const size_t *)hp_pcat(obj, k->count);
    if (n == 0) return;
    hp_pshow_key(s, hp_str_of(k->name));
    hp_buf_putc(s->out, '\n');
    s->depth++;
    for (size_t i = 0; i < n; i++)
        hp_pshow_pair(s, hp_str_of(hp_field_get((*list)[i].field)->name), (*list)[i].value);
    s->depth--;
}

static const hp_ptype CONSTANTS = {"map of field to text", read_constants, show_constants};

/* ---- entity, header row, join ---- */

static void read_entity(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    hp_entity e = HP_E_ORGANIZATION, *to = hp_pat(obj, k->at);
    if (!hp_node_text(v, &(hp_str){0}) || !hp_entity_find(v->text, &e)) {
        hp_pt_choice.read(l, k, v, NULL); /* says what it may be */
    } else if (to) {
        *to = e;
    }
}

static void show_entity(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_entity *e = hp_pcat(obj, k->at);
    hp_pshow_pair(s, hp_str_of(k->name), hp_str_of(hp_entity_name(*e)));
}

static const hp_ptype ENTITY = {"one of", read_entity, show_entity};

static void read_header_row(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    int64_t row = -2;
    int *to = hp_pat(obj, k->at);
    hp_str text = {0};
    if (hp_node_text(v, &text) && hp_str_eq(text, HP_S("auto"))) {
        row = 0;
    } else if (hp_str_eq(text, HP_S("none"))) {
        row = -1;
    } else if (!hp_node_i64(v, &row) || row < 1 || row > 1048576) {
        hp_str is = hp_pnode_text(l, v);
        hp_perr(l, v, "\"header_row\" must be auto, none, or the number of a row (from 1), not %.*s",
                HP_FMT(is));
        return;
    }
    if (to) *to = (int)row;
}

static void show_header_row(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const int *row = hp_pcat(obj, k->at);
    char number[16];
    snprintf(number, sizeof number, "%d", *row);
    hp_pshow_pair(s, hp_str_of(k->name),
                  *row < 0    ? HP_S("none")
                  : *row == 0 ? HP_S("auto")
                              : hp_str_of(number));
}

static const hp_ptype HEADER_ROW = {"auto, none, or number of a row", read_header_row, show_header_row};

static void read_join(hp_pload *l, const hp_pkey *k, const hp_node *v, void *obj) {
    const hp_node *one = v, *const *item = v->kind == HP_NODE_LIST ? (const hp_node *const *)v->item : &one;
    size_t n = v->kind == HP_NODE_LIST ? v->n : 1;
    bool key = false, name = false;
    for (size_t i = 0; i < n; i++) {
        hp_str text = {0};
        hp_node_text(item[i], &text);
        if (hp_str_eq(text, HP_S("key"))) {
            key = true;
        } else if (hp_str_eq(text, HP_S("name"))) {
            name = true;
        } else {
            hp_pt_choice.read(l, k, item[i], NULL);
        }
    }
    if (n == 0) hp_perr(l, v, "\"join\" is an empty list; name key, name, or both");
    hp_profile_sheet *sheet = obj;
    if (!sheet) return;
    sheet->join_key = key;
    sheet->join_name = name;
}

static void show_join(hp_pshow *s, const hp_pkey *k, const void *obj) {
    const hp_profile_sheet *sheet = obj;
    if (sheet->entity == HP_E_ORGANIZATION || sheet->entity == HP_E_PERSON) return;
    hp_str both[2] = {HP_S("key"), HP_S("name")};
    size_t from = sheet->join_key ? 0 : 1, to = sheet->join_name ? 2 : 1;
    hp_pshow_texts(s, hp_str_of(k->name), both + from, to - from);
}

static const hp_ptype JOIN = {"list of", read_join, show_join};

/* A prefix stands in ids that are joined by "; " and split at ":". */
static void check_prefix(hp_pload *l, const hp_node *n, hp_str prefix) {
    for (size_t i = 0; i < prefix.n; i++) {
        if (hp_is_alnum(prefix.p[i]) || prefix.p[i] == '-' || prefix.p[i] == '_') continue;
        hp_perr(l, hp_node_get(n, "id_prefix"),
                "\"id_prefix\" may hold letters, digits, - and _ only, not \"%.*s\"", HP_FMT(prefix));
        return;
    }
}

/* ---- sheets ---- */

/* Tells whether an error stands within a node that was just read: what follows from it need not be said too.
 */
static bool failed_within(const hp_pload *l, const hp_node *n) {
    return l->errors.n && l->errors.p[l->errors.n - 1].line >= n->line;
}

static bool feeds(const hp_profile_sheet *s, hp_field f) {
    for (size_t i = 0; i < s->ncolumn; i++) {
        if (s->column[i].field == f) return true;
    }
    for (size_t i = 0; i < s->nconstant; i++) {
        if (s->constant[i].field == f) return true;
    }
    return false;
}

static void check_letters(hp_pload *l, const hp_node *columns, const hp_profile_sheet *s) {
    for (size_t i = 0; i < columns->n; i++) {
        if (letters_of(hp_str_trim(columns->key[i]->text))) continue;
        hp_perr(l, columns->key[i],
                "sheet \"%.*s\" has no header row, so its columns are named by letter, \"[A]\", not \"%.*s\"",
                HP_FMT(s->name), HP_FMT(columns->key[i]->text));
    }
}

static void check_joins(hp_pload *l, const hp_node *columns, const hp_profile_sheet *s) {
    bool key = s->join_key && feeds(s, HP_F_RECORD_ID),
         name = s->join_name && feeds(s, HP_F_ORGANIZATION_NAME);
    if (key || name) return;
    const char *needed =
        s->join_key ? s->join_name ? "record_id or organization_name" : "record_id" : "organization_name";
    hp_perr(
        l, columns,
        "no column of %s sheet \"%.*s\" feeds %s, so its rows cannot find their organisation; map one, or change \"join\"",
        hp_entity_name(s->entity), HP_FMT(s->name), needed);
}

static void check_subject(hp_pload *l, const hp_node *columns, const hp_profile_sheet *s) {
    if (s->entity == HP_E_ORGANIZATION) {
        if (!feeds(s, HP_F_ORGANIZATION_NAME))
            hp_perr(
                l, columns,
                "no column of organization sheet \"%.*s\" feeds organization_name; map the one that names the organisation",
                HP_FMT(s->name));
    } else if (s->entity == HP_E_PERSON) {
        if (!feeds(s, HP_F_CONTACT_NAME) && !feeds(s, HP_F_CONTACT_FIRST_NAME)
            && !feeds(s, HP_F_CONTACT_LAST_NAME))
            hp_perr(
                l, columns,
                "no column of person sheet \"%.*s\" feeds contact_name, contact_first_name or contact_last_name; map one",
                HP_FMT(s->name));
    } else {
        check_joins(l, columns, s);
    }
}

static void begin_sheet(const hp_node *n, void *obj) {
    hp_profile_sheet *s = obj;
    s->line = n->line;
    s->join_key = s->join_name = true;
}

static void end_sheet(hp_pload *l, const hp_node *n, void *obj) {
    const hp_profile_sheet *s = obj;
    const hp_node *columns = hp_node_get(n, "columns"), *join = hp_node_get(n, "join");
    hp_pchecks_end(l, n, &((hp_profile_sheet *)obj)->checks);
    check_prefix(l, n, s->id_prefix);
    if (failed_within(l, n)) return;
    if (join && (s->entity == HP_E_ORGANIZATION || s->entity == HP_E_PERSON))
        hp_perr(
            l, join,
            "\"join\" is for contact, address and note sheets; %s sheet \"%.*s\" joins nothing: remove it",
            hp_entity_name(s->entity), HP_FMT(s->name));
    if (!columns || columns->kind != HP_NODE_MAP) return;
    if (s->header_row < 0) check_letters(l, columns, s);
    if (s->ncolumn && !failed_within(l, n)) check_subject(l, columns, s);
}

#define SHEET(member) .at = offsetof(hp_profile_sheet, member)
static const hp_pkey SHEET_KEYS[] = {
    {.name = "name",
     .type = &hp_pt_text,
     SHEET(name),
     .flags = HP_PK_REQUIRED,
     .help = "the sheet's name, case and outer blanks aside; may be a pattern with * and ?"},
    {.name = "entity",
     .type = &ENTITY,
     SHEET(entity),
     .fallback = "organization",
     .choices = "organization contact address note person",
     .help = "what a row describes; organization rows may carry a contact of their own"},
    {.name = "required",
     .type = &hp_pt_flag,
     SHEET(required),
     .fallback = "true",
     .help = "a workbook without the sheet stops the run"},
    {.name = "header_row",
     .type = &HEADER_ROW,
     SHEET(header_row),
     .fallback = "auto",
     .help =
         "where the headers stand; auto finds them below banner rows, none: columns are named by letter, \"[A]\""},
    {.name = "join",
     .type = &JOIN,
     SHEET(join_key),
     .choices = "key name",
     .help =
         "how contact, address and note rows find their organisation: key by record_id, name by normalised name; both by default"},
    {.name = "id_prefix",
     .type = &hp_pt_text,
     SHEET(id_prefix),
     .help = "put before record ids; the source's by default"},
    {.name = "columns",
     .type = &COLUMNS,
     SHEET(column),
     .count = offsetof(hp_profile_sheet, ncolumn),
     .block = &COLUMN,
     .help = "what each column means; auto (the default) maps them by synonyms and content"},
    {.name = "constants",
     .type = &CONSTANTS,
     SHEET(constant),
     .count = offsetof(hp_profile_sheet, nconstant),
     .help = "values for every row that gives none of its own"},
    HP_PCHECK_KEYS(hp_profile_sheet, "the sheet as it was read, by its headers"),
};

static const hp_pblock SHEETS = {
    .name = "ingest.sources.sheets",
    .help = "A sheet of a source.",
    .key = SHEET_KEYS,
    .nkey = sizeof SHEET_KEYS / sizeof *SHEET_KEYS,
    .size = sizeof(hp_profile_sheet),
    .begin = begin_sheet,
    .end = end_sheet,
};

/* ---- sources ---- */

static void check_sheet_names(hp_pload *l, const hp_node *sheets, const hp_profile_source *src) {
    __attribute__((cleanup(hp_smap_free))) hp_smap seen = {0};
    for (size_t i = 0; i < src->nsheet && !l->oom; i++) {
        int before;
        hp_str name = src->sheet[i].name;
        if (name.n && hp_pseen(l, &seen, hp_pfold(l, name), src->sheet[i].line, &before))
            hp_perr(l, sheets->item[i],
                    "sheet \"%.*s\" is declared twice in source \"%.*s\" (first in line %d); keep one",
                    HP_FMT(name), HP_FMT(src->name), before);
    }
}

static void begin_source(const hp_node *n, void *obj) { ((hp_profile_source *)obj)->line = n->line; }

static void end_source(hp_pload *l, const hp_node *n, void *obj) {
    const hp_profile_source *src = obj;
    hp_pchecks_end(l, n, &((hp_profile_source *)obj)->checks);
    check_prefix(l, n, src->id_prefix);
    hp_str pattern = src->path_pattern;
    if (pattern.n && hp_path_base(pattern).n == 0)
        hp_perr(l, hp_node_get(n, "path_pattern"),
                "\"path_pattern\" names a directory; end it in a pattern for file names, such as \"*.xlsx\"");
    if (src->nsheet) check_sheet_names(l, hp_node_get(n, "sheets"), src);
}

#define SOURCE(member) .at = offsetof(hp_profile_source, member)
static const hp_pkey SOURCE_KEYS[] = {
    {.name = "name",
     .type = &hp_pt_text,
     SOURCE(name),
     .flags = HP_PK_REQUIRED,
     .help = "its name in outputs: source_datasets"},
    {.name = "path_pattern",
     .type = &hp_pt_text,
     SOURCE(path_pattern),
     .flags = HP_PK_REQUIRED,
     .help =
         "which files: a pattern with * and ? for the file name, in quotes; case and a leading directory do not matter"},
    {.name = "format",
     .type = &hp_pt_choice,
     SOURCE(format),
     .choices = "auto xlsx csv",
     .help = "auto (the default) goes by suffix and content"},
    {.name = "priority",
     .type = &hp_pt_whole,
     SOURCE(priority),
     .lo = -PRIORITY_MAX,
     .hi = PRIORITY_MAX,
     .fallback = "0",
     .help = "who wins when sources disagree: the higher; no two sources may share one, except 0"},
    {.name = "id_prefix",
     .type = &hp_pt_text,
     SOURCE(id_prefix),
     .help = "put before record ids (reachout:12); the slug of the name by default"},
    {.name = "required",
     .type = &hp_pt_flag,
     SOURCE(required),
     .fallback = "false",
     .help = "a directory without such a file stops the run; else it is a finding"},
    {.name = "sheets",
     .type = &hp_pt_items,
     SOURCE(sheet),
     .count = offsetof(hp_profile_source, nsheet),
     .block = &SHEETS,
     .help = "its sheets; without them every sheet is mapped by synonyms and content"},
    HP_PCHECK_KEYS(hp_profile_source, "each of its sheets as they were read"),
};

static const hp_pblock SOURCES = {
    .name = "ingest.sources",
    .help = "A source: the files whose names match a pattern.",
    .key = SOURCE_KEYS,
    .nkey = sizeof SOURCE_KEYS / sizeof *SOURCE_KEYS,
    .size = sizeof(hp_profile_source),
    .begin = begin_source,
    .end = end_source,
};

static void check_source_names(hp_pload *l, const hp_node *n, void *obj) {
    const hp_profile *p = obj;
    const hp_node *sources = hp_node_get(n, "sources");
    __attribute__((cleanup(hp_smap_free))) hp_smap seen = {0};
    for (size_t i = 0; i < p->nsource && !l->oom; i++) {
        int before;
        hp_str name = p->source[i].name;
        if (name.n && hp_pseen(l, &seen, hp_pfold(l, name), p->source[i].line, &before))
            hp_perr(l, sources->item[i],
                    "source \"%.*s\" is declared twice (first in line %d); give each a name of its own",
                    HP_FMT(name), before);
    }
}

#define SOURCES_KEY                                                                             \
    {                                                                                           \
        .name = "sources", .type = &hp_pt_items, .at = offsetof(hp_profile, source),            \
        .count = offsetof(hp_profile, nsource), .block = &SOURCES,                              \
        .help = "the sources; without any, every workbook and csv file of the directory is one" \
    }
static const hp_pkey INGEST_KEYS[] = {
    SOURCES_KEY,
    {.name = "chunk_size",
     .type = &hp_pt_whole,
     .lo = 1,
     .hi = 1048576,
     .flags = HP_PK_RESERVED,
     .help = "rows read at a time; this reader needs no such limit"},
    {.name = "staging_enabled",
     .type = &hp_pt_flag,
     .flags = HP_PK_RESERVED,
     .help = "keep a copy of each sheet that was read"},
    {.name = "staging_format",
     .type = &hp_pt_choice,
     .choices = "parquet csv",
     .flags = HP_PK_RESERVED,
     .help = "format of those copies"},
};
const hp_pblock hp_pb_ingest = {
    .name = "ingest",
    .help = "What is read.",
    .key = INGEST_KEYS,
    .nkey = sizeof INGEST_KEYS / sizeof *INGEST_KEYS,
    .end = check_source_names,
};

static const hp_pkey MAP_KEYS[] = {
    {.name = "schema", .type = &hp_pt_text, .flags = HP_PK_RESERVED, .help = "version of the file's form"},
    SOURCES_KEY,
};
const hp_pblock hp_pb_map_file = {
    .name = "the map file",
    .help = "A map, as `hotpass map --save` writes it.",
    .key = MAP_KEYS,
    .nkey = sizeof MAP_KEYS / sizeof *MAP_KEYS,
    .end = check_source_names,
};

/* ---- priorities ---- */

static bool find_source(hp_pload *l, const hp_smap *by_name, hp_str name, uint32_t *index) {
    return hp_smap_get(by_name, hp_pfold(l, name), index);
}

static void unknown_source(hp_pload *l, const hp_node *key, const hp_profile *p) {
    const char *names[64];
    size_t n = 0;
    for (size_t i = 0; i < p->nsource && n < 64; i++)
        names[n++] = p->source[i].name.n ? p->source[i].name.p : "";
    hp_autobuf hint = hp_buf_new(4096);
    hp_pnear(&hint, key->text, names, n, n ? "the sources are" : "the profile declares none");
    hp_perr(l, key, "source_priorities names no source: \"%.*s\"%s", HP_FMT(key->text), hp_buf_cstr(&hint));
}

static void set_priority(hp_pload *l, const hp_node *key, const hp_node *v, const hp_node *source,
                         hp_profile_source *src) {
    int64_t number;
    if (!hp_node_i64(v, &number) || number < -PRIORITY_MAX || number > PRIORITY_MAX) {
        hp_str is = hp_pnode_text(l, v);
        hp_perr(l, v, "the priority of \"%.*s\" must be a whole number from -%d to %d, not %.*s",
                HP_FMT(key->text), PRIORITY_MAX, PRIORITY_MAX, HP_FMT(is));
    } else if (hp_node_get(source, "priority") && src->priority != (int)number) {
        hp_perr(l, v, "source \"%.*s\" has priority %d in line %d, but %d here; keep one of them",
                HP_FMT(src->name), src->priority, src->line, (int)number);
    } else {
        src->priority = (int)number;
    }
}

static void set_priorities(hp_pload *l, const hp_node *priorities, const hp_node *sources, hp_profile *p) {
    __attribute__((cleanup(hp_smap_free))) hp_smap by_name = {0};
    uint32_t i;
    for (i = 0; i < p->nsource; i++) {
        if (!hp_smap_put(&by_name, hp_pfold(l, p->source[i].name), i)) l->oom = true;
    }
    for (size_t k = 0; k < priorities->n && !l->oom; k++) {
        const hp_node *key = priorities->key[k];
        if (find_source(l, &by_name, key->text, &i)) {
            set_priority(l, key, priorities->item[k], sources->item[i], &p->source[i]);
        } else {
            unknown_source(l, key, p);
        }
    }
}

void hp_pcheck_priorities(hp_pload *l, const hp_node *priorities, const hp_node *sources, hp_profile *p) {
    if (priorities && priorities->kind == HP_NODE_MAP) set_priorities(l, priorities, sources, p);
    size_t first[PRIORITY_MAX * 2 + 1] = {0}; /* by priority: index + 1 of the source that has it */
    for (size_t i = 0; i < p->nsource; i++) {
        const hp_profile_source *src = &p->source[i];
        size_t *slot = &first[src->priority + PRIORITY_MAX];
        if (src->priority != 0 && *slot) {
            const hp_node *at = hp_node_get(sources->item[i], "priority");
            hp_perr(
                l, at ? at : sources->item[i],
                "sources \"%.*s\" and \"%.*s\" have the same priority, %d; give each its own, so that one wins",
                HP_FMT(p->source[*slot - 1].name), HP_FMT(src->name), src->priority);
        }
        if (!*slot) *slot = i + 1;
    }
}
