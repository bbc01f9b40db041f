/* The scanner knows tags and nothing else of XML: that a part is sound was seen when the run read it. So much
 * is checked that nothing runs out of bounds. */
#include "refine/annotate_patch.h"

#include "base/limits.h"
#include "read/encoding.h"

#include "base/banned.h"

/* Read at a time. */
#define STEP (1u << 20)
/* A tag of more than this is none; a text of the largest size is passed on in pieces, but CDATA is not. */
#define MOST (HP_LIMIT_TEXT_BYTES + STEP)

hp_code hp_patch_fail(const hp_patch *p, hp_err *err, const char *why) {
    return hp_fail(err, HP_DATA, "%.*s: part %.*s, byte %llu: %s", HP_FMT(p->file), HP_FMT(p->part),
                   (unsigned long long)(p->before + p->at), why);
}

void hp_patch_close(hp_patch *p) {
    hp_zip_stream_close(p->from);
    hp_part_free(&p->whole);
    hp_buf_free(&p->window);
    *p = (hp_patch){0};
}

/* ---- the window ---- */

/* Writes what was passed over; `to` is an offset in the window. */
static hp_code write_up_to(hp_patch *p, size_t to, hp_err *err) {
    hp_str done = hp_str_cut(hp_buf_str(&p->window), p->written, to);
    p->written = to;
    return p->to ? hp_member_put(p->to, done, err) : HP_OK;
}

/* Gets more bytes behind those that are not a whole tag yet. */
static hp_code fill(hp_patch *p, hp_err *err) {
    HP_TRY(write_up_to(p, p->at, err));
    p->window.n -= p->at;
    if (p->window.n && p->at) memmove(p->window.p, p->window.p + p->at, p->window.n);
    p->before += p->at;
    p->at = p->written = 0;
    if (p->window.n > MOST) return hp_patch_fail(p, err, "a tag without end");
    char *room = hp_buf_room(&p->window, STEP);
    if (!room) return hp_fail_memory(err, "a part of a workbook");
    size_t got = 0;
    HP_TRY(hp_zip_stream_read(p->from, room, STEP, &got, err));
    p->window.n += got;
    p->last = got < STEP;
    return HP_OK;
}

/* Skips the declaration, which names the encoding that the part had, and a byte order mark: some parts have
 * two, of which reading takes one. */
static size_t declaration_end(hp_str bytes) {
    size_t from = hp_str_starts(bytes, HP_S("\xEF\xBB\xBF")) ? 3 : 0;
    bool declared = hp_str_starts(hp_str_cut(bytes, from, bytes.n), HP_S("<?xml"));
    size_t end = declared ? hp_str_find(bytes, HP_S("?>"), from) : SIZE_MAX;
    return end == SIZE_MAX ? from : end + 2;
}

/* A converted part stands in the window as a whole. */
static hp_code open_converted(hp_patch *p, hp_zip *z, size_t entry, hp_err *err) {
    hp_zip_stream_close(p->from);
    p->from = NULL;
    HP_TRY(hp_zip_read_xml(z, entry, &p->whole, err));
    hp_buf_clear(&p->window);
    p->window.max = p->whole.bytes.n + 1;
    hp_buf_add(&p->window, hp_str_cut(p->whole.bytes, declaration_end(p->whole.bytes), p->whole.bytes.n));
    hp_part_free(&p->whole);
    HP_TRY(hp_buf_check(&p->window, "a part of a workbook", err));
    p->last = true;
    return HP_OK;
}

hp_code hp_patch_open(hp_patch *p, hp_zip *z, size_t entry, hp_str file, hp_zip_out *to, hp_err *err) {
    *p = (hp_patch){.file = file, .part = hp_zip_name(z, entry), .window = hp_buf_new(MOST + STEP)};
    HP_TRY(hp_zip_stream_open(z, entry, &p->from, err));
    HP_TRY(fill(p, err));
    size_t bom;
    if (hp_encoding_of_xml(hp_buf_str(&p->window), &bom) != HP_ENC_UTF8)
        HP_TRY(open_converted(p, z, entry, err));
    p->to = to;
    return HP_OK;
}

void hp_patch_open_bytes(hp_patch *p, hp_str bytes, hp_str file, hp_str part, hp_zip_out *to) {
    *p = (hp_patch){.file = file, .part = part, .to = to, .window = hp_buf_new(bytes.n + 1), .last = true};
    hp_buf_add(&p->window, bytes); /* a bad window is empty, and noticed by whoever looks for the root */
}

/* ---- tags ---- */

/* Returns the length of what begins with `open` and ends with `close`; 0 when its end is not there. */
static size_t up_to(hp_str s, size_t from, hp_str close) {
    size_t at = hp_str_find(s, close, from);
    return at == SIZE_MAX ? 0 : at + close.n;
}

/* Returns the length of a start tag, whose values may hold ">". */
static size_t start_tag(hp_str s) {
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] == '>') return i + 1;
        if (s.p[i] != '"' && s.p[i] != '\'') continue;
        const char *end = memchr(s.p + i + 1, s.p[i], s.n - i - 1);
        if (!end) return 0;
        i = (size_t)(end - s.p);
    }
    return 0;
}

/* Returns the length of what the bytes begin with; 0 when its end is not there. */
static size_t length_of(hp_str s) {
    if (s.p[0] != '<') {
        const char *tag = memchr(s.p, '<', s.n);
        return tag ? (size_t)(tag - s.p) : s.n;
    }
    if (s.n < 9 && s.n > 1 && s.p[1] == '!') return 0;
    if (hp_str_starts(s, HP_S("<!--"))) return up_to(s, 4, HP_S("-->"));
    if (hp_str_starts(s, HP_S("<![CDATA["))) return up_to(s, 9, HP_S("]]>"));
    if (hp_str_starts(s, HP_S("<?"))) return up_to(s, 2, HP_S("?>"));
    return start_tag(s);
}

static bool is_white(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/* Splits the tag that the bytes are. */
static void understand(hp_patch *p) {
    hp_str s = p->bytes;
    p->kind = HP_TAG_OTHER;
    p->depth = p->open;
    p->name = p->qname = p->attrs = HP_S("");
    if (s.n < 3 || s.p[0] != '<' || s.p[1] == '!' || s.p[1] == '?') return;
    bool close = s.p[1] == '/', empty = !close && s.p[s.n - 2] == '/';
    size_t from = close ? 2 : 1, to = from, end = s.n - (empty ? 2 : 1);
    while (to < end && !is_white(s.p[to])) to++;
    p->qname = hp_str_cut(s, from, to);
    size_t colon = hp_str_chr(p->qname, ':', 0);
    p->name = colon == SIZE_MAX ? p->qname : hp_str_cut(p->qname, colon + 1, p->qname.n);
    p->attrs = hp_str_cut(s, to, end);
    p->kind = close ? HP_TAG_CLOSE : empty ? HP_TAG_EMPTY : HP_TAG_OPEN;
    p->depth = close ? p->open : p->open + 1;
    if (p->kind == HP_TAG_OPEN) p->open++;
    if (close && p->open > 0) p->open--;
}

hp_code hp_patch_next(hp_patch *p, hp_err *err) {
    size_t n = 0;
    for (;;) {
        hp_str rest = hp_str_cut(hp_buf_str(&p->window), p->at, p->window.n);
        n = rest.n ? length_of(rest) : 0;
        if (n) break;
        if (!p->last) {
            HP_TRY(fill(p, err));
            continue;
        }
        if (rest.n) return hp_patch_fail(p, err, "the part ends in the middle of a tag");
        p->kind = HP_TAG_NONE;
        return write_up_to(p, p->at, err);
    }
    p->bytes = hp_str_cut(hp_buf_str(&p->window), p->at, p->at + n);
    p->at += n;
    understand(p);
    return HP_OK;
}

hp_code hp_patch_insert(hp_patch *p, hp_str bytes, hp_err *err) {
    HP_TRY(write_up_to(p, p->at - p->bytes.n, err));
    return p->to ? hp_member_put(p->to, bytes, err) : HP_OK;
}

hp_code hp_patch_replace(hp_patch *p, hp_str bytes, hp_err *err) {
    HP_TRY(hp_patch_insert(p, bytes, err));
    p->written = p->at;
    return HP_OK;
}

/* ---- attributes ---- */

bool hp_tag_next_attr(hp_str *rest, hp_tag_attr *out) {
    hp_str s = *rest;
    size_t i = 0;
    while (i < s.n && is_white(s.p[i])) i++;
    size_t from = i;
    while (i < s.n && s.p[i] != '=' && !is_white(s.p[i])) i++;
    size_t name_end = i;
    while (i < s.n && (is_white(s.p[i]) || s.p[i] == '=')) i++;
    if (name_end == from || i >= s.n || (s.p[i] != '"' && s.p[i] != '\'')) return false;
    size_t end = hp_str_chr(s, s.p[i], i + 1);
    if (end == SIZE_MAX) return false;
    *out = (hp_tag_attr){.name = hp_str_cut(s, from, name_end),
                         .value = hp_str_cut(s, i + 1, end),
                         .whole = hp_str_cut(s, 0, end + 1)};
    *rest = hp_str_cut(s, end + 1, s.n);
    return true;
}

bool hp_tag_value(hp_str attrs, hp_str name, hp_str *value) {
    for (hp_tag_attr a; hp_tag_next_attr(&attrs, &a);) {
        if (!hp_str_eq(a.name, name)) continue;
        *value = a.value;
        return true;
    }
    return false;
}

bool hp_tag_number(hp_str attrs, hp_str name, uint32_t *value) {
    hp_str text;
    if (!hp_tag_value(attrs, name, &text) || text.n == 0 || text.n > 9) return false;
    uint32_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (!hp_is_digit(text.p[i])) return false;
        n = n * 10 + (uint32_t)(text.p[i] - '0');
    }
    *value = n;
    return true;
}

static void put_attr(hp_buf *out, hp_str name, hp_str value) {
    hp_buf_putc(out, ' ');
    hp_buf_add(out, name);
    hp_buf_puts(out, "=\"");
    hp_buf_add(out, value);
    hp_buf_putc(out, '"');
}

void hp_tag_set(hp_buf *out, hp_str tag, hp_str name, hp_str value) {
    size_t end = tag.n - (tag.n > 2 && tag.p[tag.n - 2] == '/' ? 2 : 1), at = 1;
    while (at < end && !is_white(tag.p[at])) at++;
    hp_buf_add(out, hp_str_cut(tag, 0, at));
    hp_str rest = hp_str_cut(tag, at, end);
    bool done = value.p == NULL;
    for (hp_tag_attr a; hp_tag_next_attr(&rest, &a);) {
        if (!hp_str_eq(a.name, name)) {
            hp_buf_add(out, a.whole);
        } else if (!done) {
            put_attr(out, name, value);
            done = true;
        }
    }
    if (!done) put_attr(out, name, value);
    hp_buf_add(out, rest);
    hp_buf_add(out, hp_str_cut(tag, end, tag.n));
}
