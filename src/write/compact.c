#include "write/compact.h"

#include "base/banned.h"

enum { TRUE_FIELD = 1, FALSE_FIELD = 2, I16 = 4, LIST = 9 };

void hp_put_varint(hp_buf *out, uint64_t v) {
    for (; v >= 0x80; v >>= 7) hp_buf_putc(out, (char)(0x80 | (v & 0x7F)));
    hp_buf_putc(out, (char)v);
}

void hp_put_zigzag(hp_buf *out, int64_t v) {
    hp_put_varint(out, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

static void put_header(hp_compact *c, int field, int type) {
    int16_t *last = &c->last[c->depth - 1];
    int step = field - *last;
    *last = (int16_t)field;
    if (step > 0 && step <= 15) {
        hp_buf_putc(c->out, (char)(step << 4 | type));
        return;
    }
    hp_buf_putc(c->out, (char)type);
    hp_put_zigzag(c->out, field);
}

void hp_compact_open(hp_compact *c) {
    if (c->depth == sizeof c->last / sizeof *c->last) {
        c->out->bad = true;
        return;
    }
    c->last[c->depth++] = 0;
}

void hp_compact_close(hp_compact *c) {
    hp_buf_putc(c->out, 0);
    if (c->depth) c->depth--;
}

void hp_compact_struct(hp_compact *c, int field) {
    put_header(c, field, HP_COMPACT_STRUCT);
    hp_compact_open(c);
}

void hp_compact_i32(hp_compact *c, int field, int32_t v) {
    put_header(c, field, HP_COMPACT_I32);
    hp_put_zigzag(c->out, v);
}

void hp_compact_i64(hp_compact *c, int field, int64_t v) {
    put_header(c, field, HP_COMPACT_I64);
    hp_put_zigzag(c->out, v);
}

void hp_compact_i16(hp_compact *c, int field, int16_t v) {
    put_header(c, field, I16);
    hp_put_zigzag(c->out, v);
}

void hp_compact_bool(hp_compact *c, int field, bool v) { put_header(c, field, v ? TRUE_FIELD : FALSE_FIELD); }

void hp_compact_text(hp_compact *c, int field, hp_str s) {
    put_header(c, field, HP_COMPACT_BINARY);
    hp_compact_bytes(c, s);
}

void hp_compact_list(hp_compact *c, int field, hp_compact_type of, size_t n) {
    put_header(c, field, LIST);
    if (n < 15) {
        hp_buf_putc(c->out, (char)(n << 4 | of));
        return;
    }
    hp_buf_putc(c->out, (char)(0xF0 | of));
    hp_put_varint(c->out, n);
}

void hp_compact_number(hp_compact *c, int64_t v) { hp_put_zigzag(c->out, v); }

void hp_compact_bytes(hp_compact *c, hp_str s) {
    hp_put_varint(c->out, s.n);
    hp_buf_add(c->out, s);
}

void hp_compact_truth(hp_compact *c, bool v) { hp_buf_putc(c->out, v ? TRUE_FIELD : FALSE_FIELD); }
