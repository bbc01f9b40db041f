#include "base/doc_build.h"

#include <libfyaml.h>

#include "base/banned.h"

/* Owns the two objects of libfyaml, which must go in this order. */
typedef struct reader {
    struct fy_diag *diag;
    struct fy_parser *parser;
} reader;

static void close_reader(reader *r) {
    if (r->parser) fy_parser_destroy(r->parser);
    if (r->diag) fy_diag_destroy(r->diag);
}

static hp_code open_reader(reader *r, hp_str bytes, hp_err *err) {
    struct fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    r->diag = fy_diag_create(&quiet);
    if (!r->diag) return hp_fail_memory(err, "a YAML reader");
    fy_diag_set_collect_errors(r->diag, true);
    struct fy_parse_cfg cfg = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
        .diag = r->diag,
    };
    r->parser = fy_parser_create(&cfg);
    bool ready = r->parser && fy_parser_set_string(r->parser, bytes.n ? bytes.p : "", bytes.n) == 0;
    return ready ? HP_OK : hp_fail_memory(err, "a YAML reader");
}

/* Reports the first thing that libfyaml found wrong. */
static hp_code fail_syntax(hp_doc_build *b, reader *r) {
    void *at = NULL;
    const struct fy_diag_error *e = fy_diag_errors_iterate(r->diag, &at);
    if (!e) return hp_fail(b->err, HP_CONFIG, "%s: not YAML", b->name);
    return HP_DOC_FAIL(b, e->line, e->column, "%s", e->msg);
}

static hp_str token_text(struct fy_token *t) {
    size_t n = 0;
    const char *p = t ? fy_token_get_text(t, &n) : NULL;
    return p ? (hp_str){p, n} : HP_S("");
}

/* YAML 1.2 core schema, 10.3.2. */
static bool is_null(hp_str s) {
    return s.n == 0 || hp_str_eq(s, HP_S("~")) || hp_str_eq(s, HP_S("null")) || hp_str_eq(s, HP_S("Null"))
           || hp_str_eq(s, HP_S("NULL"));
}

/* The tags of the core schema change nothing, but for !!str; others ask for what we do not do. */
static bool is_known_tag(hp_str tag) {
    static const char *const known[] = {"str", "int", "float", "bool", "null", "seq", "map"};
    hp_str prefix = HP_S("tag:yaml.org,2002:");
    if (!hp_str_starts(tag, prefix)) return tag.n == 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (hp_str_eq(hp_str_cut(tag, prefix.n, tag.n), hp_str_of(known[i]))) return true;
    }
    return false;
}

static hp_code take_scalar(hp_doc_build *b, struct fy_event *e, hp_node n, hp_str anchor, hp_str tag) {
    struct fy_token *value = e->scalar.value;
    n.text = token_text(value);
    /* Texts end up as names, paths and expressions, which end at a NUL. */
    if (hp_str_chr(n.text, '\0', 0) != SIZE_MAX)
        return HP_DOC_FAIL(b, n.line, n.column, "a text with a NUL (\\0); remove it");
    enum fy_scalar_style style = value ? fy_token_scalar_style(value) : FYSS_PLAIN;
    n.quoted = hp_str_eq(tag, HP_S("tag:yaml.org,2002:str")) || style != FYSS_PLAIN;
    /* libfyaml marks what is inside the quotes. */
    if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && n.column > 1) n.column--;
    n.kind = !n.quoted && is_null(n.text) ? HP_NODE_NULL : HP_NODE_SCALAR;
    return hp_doc_scalar(b, n, anchor);
}

/* Takes one event; `place` holds the last place seen, for nodes that are not written (`key:` and nothing). */
static hp_code take_event(hp_doc_build *b, struct fy_event *e, hp_node *place) {
    const struct fy_mark *mark = fy_event_start_mark(e);
    if (mark) *place = (hp_node){.line = mark->line + 1, .column = mark->column + 1};
    hp_node n = *place;
    switch (e->type) {
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END: return hp_doc_close(b);
    case FYET_ALIAS: return hp_doc_alias(b, token_text(e->alias.anchor), n.line, n.column);
    case FYET_MAPPING_START: n.kind = HP_NODE_MAP; break;
    case FYET_SEQUENCE_START: n.kind = HP_NODE_LIST; break;
    case FYET_SCALAR: n.kind = HP_NODE_SCALAR; break;
    default: return HP_OK;
    }
    hp_str anchor = token_text(fy_event_get_anchor_token(e)), tag = token_text(fy_event_get_tag_token(e));
    if (!is_known_tag(tag))
        return HP_DOC_FAIL(b, n.line, n.column, "unknown tag %.*s; remove it", HP_FMT(tag));
    return n.kind == HP_NODE_SCALAR ? take_scalar(b, e, n, anchor, tag) : hp_doc_open(b, n, anchor);
}

static hp_code read_events(hp_doc_build *b, reader *r) {
    hp_node place = {.line = 1, .column = 1};
    for (;;) {
        struct fy_event *e = fy_parser_parse(r->parser);
        if (!e) break;
        hp_code code = take_event(b, e, &place);
        fy_parser_event_free(r->parser, e);
        HP_TRY(code);
    }
    return fy_parser_get_stream_error(r->parser) ? fail_syntax(b, r) : HP_OK;
}

hp_code hp_yaml_read(hp_arena *a, hp_str bytes, const char *name, hp_node **out, hp_err *err) {
    __attribute__((cleanup(hp_doc_build_free))) hp_doc_build b = {.arena = a, .name = name, .err = err};
    __attribute__((cleanup(close_reader))) reader r = {0};
    HP_TRY(hp_doc_check_bytes(&b, bytes));
    HP_TRY(open_reader(&r, bytes, err));
    HP_TRY(read_events(&b, &r));
    return hp_doc_finish(&b, out);
}
