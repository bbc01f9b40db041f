#include "read/pieces.h"

#include "base/mem.h"
#include "base/threads.h"
#include "read/encoding.h"

#include "base/banned.h"

/* A piece is inflated and parsed while it is in the cache of its processor; a child that is larger than
 * MAX_PIECE goes to whoever reads the part as a whole. */
#define HEAD       (64u << 10)
#define LEAST_HEAD 200u /* however small the pieces: a start tag has to fit in */
#define PIECE      (96u << 10)
#define MAX_PIECE  (16u << 20)

/* Appends up to n inflated bytes. */
static hp_code inflate(hp_pieces *p, hp_buf *to, size_t n, hp_err *err) {
    size_t got = 0;
    char *room = hp_buf_room(to, n + HP_PIECE_SLACK);
    if (!room) return hp_fail_memory(err, "a part of a workbook");
    HP_TRY(hp_zip_stream_read(p->stream, room, n, &got, err));
    to->n += got;
    if (got < n) p->ended = true;
    return HP_OK;
}

/* Scans the head up to the start tag of the element that is to be cut up; false when it is not there. */
static bool find_parent(hp_xml *x, hp_str root, hp_str parent) {
    unsigned depth = root.n ? 2 : 1;
    for (;;) {
        hp_xml_event e = hp_xml_next(x);
        if (e == HP_XML_BAD || e == HP_XML_EOF) return false;
        if (e == HP_XML_START && x->depth == 1 && root.n && !hp_str_eq(x->name, root)) return false;
        if (e == HP_XML_START && hp_str_eq(x->name, HP_S("mergeCells"))) return false; /* out of its place */
        if (e != HP_XML_START || x->depth != depth || !hp_str_eq(x->name, parent)) continue;
        hp_str name, value;
        while (hp_xml_attr(x, &name, &value)) {}
        return !x->why && !x->empty;
    }
}

static bool read_head(hp_pieces *p, hp_str root, hp_str parent) {
    size_t bom;
    hp_str bytes = hp_buf_str(&p->head);
    if (hp_encoding_of_xml(bytes, &bom) != HP_ENC_UTF8) return false;
    hp_xml x;
    hp_xml_init(&x, bytes);
    if (!find_parent(&x, root, parent)) return false;
    for (unsigned i = 0; i < x.depth; i++) p->open[i] = x.open[i];
    p->depth = x.depth;
    hp_buf_add(&p->carry, hp_str_cut(bytes, hp_xml_offset(&x), bytes.n));
    return !p->carry.bad;
}

hp_code hp_pieces_open(hp_pieces *p, hp_zip *z, size_t entry, hp_str root, hp_str parent, hp_str child,
                       bool *fit, hp_err *err) {
    *p = (hp_pieces){.head = hp_buf_new(2 * HEAD), .carry = hp_buf_new(HP_PIECE_MOST), .child = child};
    HP_TRY(hp_zip_stream_open(z, entry, &p->stream, err));
    size_t most = hp_piece_bytes(HEAD);
    HP_TRY(inflate(p, &p->head, most < LEAST_HEAD ? LEAST_HEAD : most, err));
    *fit = read_head(p, root, parent);
    return HP_OK;
}

/* Returns where the last end tag of a child ends, looking back from the end as far as `from`; 0 when there is
 * none. */
static size_t last_end(hp_str s, size_t from, hp_str child) {
    for (size_t n = s.n; n > from;) {
        const char *at = memrchr(s.p + from, '>', n - from);
        if (!at) return 0;
        n = (size_t)(at - s.p);
        if (n < child.n + 2) return 0;
        const char *name = at - child.n;
        if ((name[-1] == '/' || name[-1] == ':') && memcmp(name, child.p, child.n) == 0) return n + 1;
    }
    return 0;
}

hp_code hp_pieces_next(hp_pieces *p, hp_buf *to, bool *made, hp_err *err) {
    hp_buf_clear(to);
    hp_buf_add(to, hp_buf_str(&p->carry));
    hp_buf_clear(&p->carry);
    size_t end = 0, seen = 0;
    while (!p->ended && end == 0 && to->n < MAX_PIECE) {
        size_t had = seen; /* no end tag ends in what was looked at before */
        HP_TRY(inflate(p, to, hp_piece_bytes(PIECE), err));
        seen = to->n;
        end = last_end(hp_buf_str(to), had, p->child);
    }
    if (end == 0 || p->ended) end = to->n;
    hp_buf_add(&p->carry, hp_str_cut(hp_buf_str(to), end, to->n));
    bool enough = hp_buf_room(to, HP_PIECE_SLACK) != NULL && !p->carry.bad;
    if (!enough || to->bad) return hp_fail_memory(err, "a part of a workbook");
    memset(to->p + end, 0, HP_PIECE_SLACK);
    to->n = end;
    *made = end > 0;
    return HP_OK;
}

void hp_pieces_scan(const hp_pieces *p, hp_str piece, const char *from, hp_xml *x) {
    hp_xml_init(x, piece);
    x->p = from;
    x->root = true;
    x->depth = p->depth;
    for (unsigned i = 0; i < p->depth; i++) x->open[i] = p->open[i];
}

void hp_pieces_close(hp_pieces *p) {
    hp_zip_stream_close(p->stream);
    hp_buf_free(&p->head);
    hp_buf_free(&p->carry);
    *p = (hp_pieces){0};
}
