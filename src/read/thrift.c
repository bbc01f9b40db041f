#include "read/thrift.h"

#include "base/banned.h"

/* Parquet's structs nest six deep. */
enum { MAX_DEPTH = 32 };

static uint8_t next_byte(hp_thrift *t) {
    if (t->bad || t->at >= t->bytes.n) {
        t->bad = true;
        return 0;
    }
    return (uint8_t)t->bytes.p[t->at++];
}

static uint64_t varint(hp_thrift *t) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = next_byte(t);
        v |= (uint64_t)(b & 0x7F) << shift;
        if (!(b & 0x80)) return t->bad ? 0 : v;
    }
    t->bad = true;
    return 0;
}

static int64_t zigzag(hp_thrift *t) {
    uint64_t v = varint(t);
    return (int64_t)((v >> 1) ^ (~(v & 1) + 1));
}

bool hp_thrift_field(hp_thrift *t, int *id, int *type) {
    uint8_t head = next_byte(t);
    *type = head & 0x0F;
    if (t->bad || *type == HP_THRIFT_STOP) return false;
    int64_t number = head >> 4 ? *id + (head >> 4) : zigzag(t);
    if (number < 0 || number > INT16_MAX) t->bad = true;
    *id = t->bad ? 0 : (int)number;
    return !t->bad;
}

int64_t hp_thrift_int(hp_thrift *t, int type) {
    switch (type) {
    case HP_THRIFT_TRUE: return 1;
    case HP_THRIFT_FALSE: return 0;
    case HP_THRIFT_BYTE: return (int8_t)next_byte(t);
    case HP_THRIFT_I16:
    case HP_THRIFT_I32:
    case HP_THRIFT_I64: return zigzag(t);
    default: t->bad = true; return 0;
    }
}

static hp_str take(hp_thrift *t, uint64_t n) {
    if (t->bad || n > t->bytes.n - t->at) {
        t->bad = true;
        return HP_S("");
    }
    hp_str s = hp_str_cut(t->bytes, t->at, t->at + (size_t)n);
    t->at += (size_t)n;
    return s;
}

hp_str hp_thrift_binary(hp_thrift *t, int type) {
    if (type != HP_THRIFT_BINARY) t->bad = true;
    return take(t, varint(t));
}

size_t hp_thrift_list(hp_thrift *t, int type, int *element) {
    if (type != HP_THRIFT_LIST && type != HP_THRIFT_SET) t->bad = true;
    uint8_t head = next_byte(t);
    *element = head & 0x0F;
    uint64_t n = head >> 4 == 15 ? varint(t) : head >> 4;
    if (t->bad || n > t->bytes.n - t->at) { /* every element takes a byte or more */
        t->bad = true;
        return 0;
    }
    return (size_t)n;
}

static void skip(hp_thrift *t, int type, int depth);

static void skip_list(hp_thrift *t, int type, int depth) {
    int element;
    size_t n = hp_thrift_list(t, type, &element);
    for (size_t i = 0; i < n && !t->bad; i++) {
        if (element == HP_THRIFT_TRUE || element == HP_THRIFT_FALSE)
            next_byte(t); /* in a list a boolean is a byte of its own */
        else
            skip(t, element, depth + 1);
    }
}

static void skip_map(hp_thrift *t, int depth) {
    uint64_t n = varint(t);
    if (n == 0) return;
    uint8_t types = next_byte(t);
    if (n > t->bytes.n - t->at) t->bad = true;
    for (uint64_t i = 0; i < n && !t->bad; i++) {
        skip(t, types >> 4, depth + 1);
        skip(t, types & 0x0F, depth + 1);
        if ((types >> 4) <= HP_THRIFT_FALSE && (types & 0x0F) <= HP_THRIFT_FALSE) t->bad = true;
    }
}

static void skip(hp_thrift *t, int type, int depth) {
    if (depth > MAX_DEPTH) t->bad = true;
    if (t->bad) return;
    int id = 0, inner;
    switch (type) {
    case HP_THRIFT_BINARY: hp_thrift_binary(t, type); break;
    case HP_THRIFT_DOUBLE: take(t, 8); break;
    case HP_THRIFT_LIST:
    case HP_THRIFT_SET: skip_list(t, type, depth); break;
    case HP_THRIFT_MAP: skip_map(t, depth); break;
    case HP_THRIFT_STRUCT:
        while (hp_thrift_field(t, &id, &inner)) skip(t, inner, depth + 1);
        break;
    default: hp_thrift_int(t, type);
    }
}

void hp_thrift_skip(hp_thrift *t, int type) { skip(t, type, 0); }
