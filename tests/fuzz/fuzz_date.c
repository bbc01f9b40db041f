/* Fuzzes dates. The first byte says how to read the rest: as a serial date (a double, in bits or in digits)
 * or as the text of an ISO 8601 cell. What comes out reads as the same date again. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "read/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds) abort();
}

static int two(const char *p) { return (p[0] - '0') * 10 + (p[1] - '0'); }

/* Returns the seconds of hh:mm:ss. */
static int clock_of(hp_str s) {
    must(s.n == 8 && s.p[2] == ':' && s.p[5] == ':');
    must(two(s.p) < 24 && two(s.p + 3) < 60 && two(s.p + 6) < 60);
    return two(s.p) * 3600 + two(s.p + 3) * 60 + two(s.p + 6);
}

/* Returns the serial number that a text of hp_serial_text stands for. */
static double serial_of(hp_str s, bool date1904) {
    if (s.n == 8) return clock_of(s) / 86400.0;
    hp_date d;
    must((s.n == 10 || (s.n == 19 && s.p[10] == 'T')) && hp_date_parse_iso(hp_str_cut(s, 0, 10), &d));
    int64_t day = hp_days_from_civil(d.year, d.month, d.day);
    day -= date1904 ? hp_days_from_civil(1904, 1, 1) : hp_days_from_civil(1899, 12, 30);
    return (double)day + (s.n == 19 ? clock_of(hp_str_cut(s, 11, 19)) / 86400.0 : 0);
}

static void check_elapsed(hp_str s, double serial) {
    size_t colon = hp_str_chr(s, ':', 0);
    int64_t hours = 0;
    must(colon != SIZE_MAX && hp_str_i64(hp_str_cut(s, 0, colon), &hours) && s.n == colon + 6);
    double seconds = (double)hours * 3600 + two(s.p + colon + 1) * 60 + two(s.p + colon + 4);
    must(fabs(seconds - serial * 86400) < 0.51);
}

static void check_serial(double serial, hp_numfmt kind, bool date1904) {
    char out[40], again[40];
    size_t n = hp_serial_text(serial, kind, date1904, out);
    must(n < sizeof out);
    if (n == 0) {
        must(!(serial >= 0 && serial < (date1904 ? 2957003 : 2958465)));
        return;
    }
    hp_str text = {out, n};
    if (kind == HP_NUMFMT_ELAPSED) {
        check_elapsed(text, serial);
        return;
    }
    double back = serial_of(text, date1904), days = serial;
    if (!date1904 && n != 8 && days < 60 - 1 / 86400.0 / 2) days++; /* before the day that never was */
    if (n == 8 && days >= 1 - 1 / 86400.0) days -= 1;
    must(fabs(back - days) < 0.51 / 86400 || fabs(back - days - 1) < 1.6 / 86400 || (n == 8 && back == 0));
    must(hp_iso_text(text, again) == n && memcmp(again, out, n) == 0);
}

static void check_iso(hp_str iso) {
    char out[40], again[40];
    size_t n = hp_iso_text(iso, out);
    must(n == 0 || n == 8 || n == 10 || n == 19);
    must(n == 0 || iso.n >= (n == 8 ? 5 : 10));
    if (n) serial_of((hp_str){out, n}, false);
    must(n == 0 || (hp_iso_text((hp_str){out, n}, again) == n && memcmp(again, out, n) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    hp_str rest = {(const char *)data + 1, size - 1};
    hp_numfmt kind = (hp_numfmt)(data[0] / 4 % 4);
    double serial = 0;
    if (data[0] % 2) {
        check_iso(rest);
    } else if (hp_str_f64(rest, &serial)) {
        check_serial(serial, kind, data[0] & 2);
    } else if (rest.n >= sizeof serial) {
        memcpy(&serial, rest.p, sizeof serial);
        check_serial(serial, kind, data[0] & 2);
    }
    return 0;
}
