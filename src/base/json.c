#include "base/json.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "base/banned.h"

enum { MAX_DEPTH = 64 };

static void new_line(hp_json *j) {
    if (!j->pretty) return;
    hp_buf_putc(j->out, '\n');
    for (int i = 0; i < j->depth; i++) hp_buf_puts(j->out, "  ");
}

/* Writes what stands before a key, or before a value that has none. */
static void separate(hp_json *j) {
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (j->depth == 0) return;
    uint64_t bit = 1ull << (j->depth - 1);
    if (j->nonempty & bit) hp_buf_putc(j->out, ',');
    j->nonempty |= bit;
    new_line(j);
}

static void open_container(hp_json *j, char c) {
    separate(j);
    if (j->depth == MAX_DEPTH) {
        j->out->bad = true;
        return;
    }
    hp_buf_putc(j->out, c);
    j->nonempty &= ~(1ull << j->depth);
    j->depth++;
}

static void close_container(hp_json *j, char c) {
    if (j->depth == 0) {
        j->out->bad = true;
        return;
    }
    j->depth--;
    if (j->nonempty & 1ull << j->depth) new_line(j);
    hp_buf_putc(j->out, c);
}

void hp_json_object(hp_json *j) { open_container(j, '{'); }
void hp_json_object_end(hp_json *j) { close_container(j, '}'); }
void hp_json_array(hp_json *j) { open_container(j, '['); }
void hp_json_array_end(hp_json *j) { close_container(j, ']'); }

void hp_json_key_str(hp_json *j, hp_str key) {
    separate(j);
    hp_buf_json(j->out, key);
    hp_buf_puts(j->out, j->pretty ? ": " : ":");
    j->after_key = true;
}

void hp_json_key(hp_json *j, const char *key) { hp_json_key_str(j, hp_str_of(key)); }

void hp_json_raw(hp_json *j, hp_str json) {
    separate(j);
    hp_buf_add(j->out, json);
}

void hp_json_str(hp_json *j, hp_str s) {
    separate(j);
    hp_buf_json(j->out, s);
}

void hp_json_cstr(hp_json *j, const char *s) {
    if (s) {
        hp_json_str(j, hp_str_of(s));
    } else {
        hp_json_null(j);
    }
}

void hp_json_i64(hp_json *j, int64_t v) {
    separate(j);
    hp_buf_printf(j->out, "%lld", (long long)v);
}

/* Writes the fewest of 1 to 17 significant digits that read back as `v`; 17 always do (IEEE 754 binary64). */
static int shortest(double v, char *out, size_t size) {
    int n = 0;
    for (int digits = 1; digits <= 17; digits++) {
        n = snprintf(out, size, "%.*g", digits, v);
        double back;
        if (hp_str_f64((hp_str){out, (size_t)n}, &back) && back == v) break;
    }
    return n;
}

void hp_json_f64(hp_json *j, double v) {
    if (!isfinite(v)) {
        hp_json_null(j);
    } else if (v == 0 && signbit(v)) {
        hp_json_raw(j, HP_S("-0.0")); /* readers take "-0" for an integer and lose the sign */
    } else if (v == trunc(v) && fabs(v) < 9007199254740992.0) {
        hp_json_i64(j, (int64_t)v); /* %g would write 100 as 1e+02; below 2^53 every whole number is exact */
    } else {
        char text[40];
        locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = uselocale(c);
        int n = shortest(v, text, sizeof text);
        uselocale(before);
        hp_json_raw(j, (hp_str){text, (size_t)n});
    }
}

void hp_json_bool(hp_json *j, bool v) { hp_json_raw(j, v ? HP_S("true") : HP_S("false")); }
void hp_json_null(hp_json *j) { hp_json_raw(j, HP_S("null")); }
