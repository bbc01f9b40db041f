#include "base/limits.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/doc.h"

#include "base/banned.h"

#define BYTES   HP_LIMIT_BYTES
#define COUNT   HP_LIMIT_COUNTED
#define TIMES   HP_LIMIT_TIMES
#define SECONDS HP_LIMIT_SECONDS
#define HP_FIXED(name, value, reason)
#define HP_LIMIT(id, name, value, unit, reason) [HP_L_##id] = {name, value, unit, reason},
static const hp_limit_info LIMITS[HP_LIMIT_COUNT] = {
#include "base/limits.def"
};
#undef HP_LIMIT
#undef HP_FIXED
#define HP_LIMIT(id, name, value, unit, reason)
#define HP_FIXED(name, value, reason) {name, value, reason},
static const hp_fixed_info FIXED[] = {
#include "base/limits.def"
};
#undef HP_LIMIT
#undef HP_FIXED

/* Set before threads are started, so that they need no lock. */
#define HP_FIXED(name, value, reason)
#define HP_LIMIT(id, name, value, unit, reason) [HP_L_##id] = (value),
static uint64_t now[HP_LIMIT_COUNT] = {
#include "base/limits.def"
};
#undef HP_LIMIT
#undef HP_FIXED

static uint64_t deadline; /* on the clock of hp_clock_mono; 0 = none */

uint64_t hp_limit(hp_limit_id id) { return now[id]; }

void hp_limit_put(hp_limit_id id, uint64_t value) {
    now[id] = value;
    if (id != HP_L_WALL_CLOCK) return;
    uint64_t from = hp_clock_mono();
    deadline = value == 0                                  ? 0
               : value > (UINT64_MAX - from) / 1000000000u ? UINT64_MAX
                                                           : from + value * 1000000000u;
}

void hp_limit_reset(void) {
    for (int id = 0; id < HP_LIMIT_COUNT; id++) hp_limit_put((hp_limit_id)id, LIMITS[id].standard);
}

const hp_limit_info *hp_limit_get(hp_limit_id id) { return &LIMITS[id]; }

const hp_fixed_info *hp_limit_fixed(size_t *n) {
    *n = sizeof FIXED / sizeof *FIXED;
    return FIXED;
}

const char *hp_limit_value_name(hp_limit_id id) {
    static const char *const NAME[] = {[HP_LIMIT_BYTES] = "SIZE",
                                       [HP_LIMIT_COUNTED] = "N",
                                       [HP_LIMIT_TIMES] = "N",
                                       [HP_LIMIT_SECONDS] = "SECONDS"};
    return NAME[LIMITS[id].unit];
}

static hp_code unknown_limit(hp_str name, hp_err *err) {
    const char *names[HP_LIMIT_COUNT];
    hp_autobuf list = hp_buf_new(4096);
    for (int id = 0; id < HP_LIMIT_COUNT; id++) {
        names[id] = LIMITS[id].name;
        hp_buf_printf(&list, "%s%s", id ? ", " : "", names[id]);
    }
    const char *near = hp_nearest(name, names, HP_LIMIT_COUNT);
    return hp_fail(err, HP_USAGE, "there is no limit \"%.*s\"%s%s%s the limits are %s", HP_FMT(name),
                   near ? "; did you mean " : ";", near ? near : "", near ? "?" : "", hp_buf_cstr(&list));
}

static hp_code bad_value(const hp_limit_info *l, hp_str value, hp_err *err) {
    if (l->unit == HP_LIMIT_BYTES)
        return hp_fail(err, HP_USAGE, "limit %s: \"%.*s\" is no size; write a number with K, M or G, like 8G",
                       l->name, HP_FMT(value));
    return hp_fail(err, HP_USAGE, "limit %s: \"%.*s\" is no whole number of at least %d%s", l->name,
                   HP_FMT(value), l->standard != 0, l->unit == HP_LIMIT_SECONDS ? " (seconds)" : "");
}

hp_code hp_limit_set(hp_str name_equals_value, hp_err *err) {
    size_t eq = hp_str_chr(name_equals_value, '=', 0);
    hp_str name = hp_str_cut(name_equals_value, 0, eq);
    if (eq == SIZE_MAX)
        return hp_fail(err, HP_USAGE, "a limit is written NAME=VALUE, not \"%.*s\"", HP_FMT(name));
    int id = 0;
    while (id < HP_LIMIT_COUNT && !hp_str_eq(name, hp_str_of(LIMITS[id].name))) id++;
    if (id == HP_LIMIT_COUNT) return unknown_limit(name, err);
    const hp_limit_info *l = &LIMITS[id];
    hp_str value = hp_str_cut(name_equals_value, eq + 1, name_equals_value.n);
    int64_t v;
    bool is_value = l->unit == HP_LIMIT_BYTES ? hp_bytes_parse(value, &v) : hp_str_i64(value, &v);
    /* Nothing is read under a limit of 0, so that it can only be meant as "none", where that exists. */
    if (!is_value || v < 0 || (v == 0 && l->standard != 0)) return bad_value(l, value, err);
    hp_limit_put((hp_limit_id)id, (uint64_t)v);
    return HP_OK;
}

hp_code(hp_fail_limit)(hp_err *err, hp_limit_id id, const char *fmt, ...) {
    char text[1200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return hp_fail(err, HP_DATA, "%s; raise it with --limit %s=%s", text, LIMITS[id].name,
                   hp_limit_value_name(id));
}

hp_code hp_deadline_check(hp_err *err) {
    if (deadline == 0 || hp_clock_mono() < deadline) return HP_OK;
    return hp_fail_limit(err, HP_L_WALL_CLOCK, "has taken longer than the limit of %llu s",
                         (unsigned long long)now[HP_L_WALL_CLOCK]);
}
