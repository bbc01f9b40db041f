/* Checks of the machine: they judge facts that gather.c has collected. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "ops/doctor/parts.h"

#include "base/banned.h"

/* Room for the result, its report and the archive, of a run that reads little. */
#define LEAST_DISK   (UINT64_C(256) << 20)
#define LEAST_MEMORY (UINT64_C(256) << 20)
/* Cells take several times the bytes of the packed workbook they come from. */
enum { OUTPUT_FACTOR = 4, MEMORY_FACTOR = 8, LEAST_INODES = 1000, LEAST_FILES = 256, SKEW_SECONDS = 300 };
/* 2025-01-01: before this program was written. */
#define LEAST_TIME INT64_C(1735689600)

static hp_str size_text(hp_doctor *d, uint64_t bytes) {
    static const char *const UNIT[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t u = 0;
    double v = (double)bytes;
    for (; v >= 1024 && u + 1 < sizeof UNIT / sizeof *UNIT; u++) v /= 1024;
    return hp_doctor_text(d, u ? "%.1f %s" : "%.0f %s", v, UNIT[u]);
}

/* "1.2.13" and "1.3": which is older, part by part; what is no number ends the comparison. */
static int compare_versions(const char *x, const char *y) {
    hp_str a = hp_str_of(x), b = hp_str_of(y), p, q;
    while (hp_str_next(&a, '.', &p) && hp_str_next(&b, '.', &q)) {
        int64_t m, n;
        if (!hp_str_i64(p, &m) || !hp_str_i64(q, &n)) return 0;
        if (m != n) return m < n ? -1 : 1;
    }
    return 0;
}

HP_DOCTOR_LOOK(libraries) {
    size_t older = 0;
    hp_doctor_ran(d, r, "hotpass " HP_VERSION " and %zu libraries", d->o->nlibrary);
    hp_doctor_expected(d, r, "no library older than the one compiled against");
    for (size_t i = 0; i < d->o->nlibrary; i++) {
        const hp_doctor_library *l = &d->o->library[i];
        if (!l->running || !l->compiled || compare_versions(l->running, l->compiled) >= 0) continue;
        older++;
        hp_doctor_detail(d, r, "%s is %s, compiled against %s", l->name, l->running, l->compiled);
    }
    if (older) {
        hp_doctor_got(d, r, "%zu older", older);
        hp_doctor_bad(d, r, "install the versions that hotpass was built with, or build it anew here");
    } else {
        hp_doctor_got(d, r, "none");
    }
}

static bool on_path(hp_doctor *d, const char *program) {
    hp_str rest = hp_str_of(getenv("PATH")), dir;
    while (hp_str_next(&rest, ':', &dir)) {
        hp_str path = hp_doctor_text(d, "%.*s/%s", HP_FMT(dir), program);
        if (dir.n && access(path.p, X_OK) == 0 && !hp_is_dir(path.p)) return true;
    }
    return false;
}

HP_DOCTOR_LOOK(programs) {
    const char *via = hp_config_text(&d->config, HP_C_NET_VIA);
    bool ssm = via && strcmp(via, "ssm") == 0;
    const char *program = ssm ? "aws" : "ssh";
    if (!hp_config_text(&d->config, HP_C_NET_HOST)) {
        hp_doctor_skip(d, r, "no net.host is configured, so no program is needed");
        return;
    }
    hp_doctor_ran(d, r, "PATH, for %s", program);
    hp_doctor_expected(d, r, "%s is there, for net.via %s", program, via);
    if (on_path(d, program)) {
        hp_doctor_got(d, r, "it is there");
        return;
    }
    hp_doctor_got(d, r, "no %s in PATH", program);
    hp_doctor_bad(d, r,
                  ssm ? "install the AWS CLI with its session manager plugin" : "install the OpenSSH client");
}

HP_DOCTOR_LOOK(locale) {
    hp_str from = d->facts.charset_from, is = d->facts.charset;
    hp_doctor_ran(d, r, "LC_ALL, LC_CTYPE, LANG");
    hp_doctor_expected(d, r, "a locale of UTF-8");
    hp_doctor_got(d, r, from.n ? "%.*s=%.*s" : "none is set%.*s%.*s", HP_FMT(from), HP_FMT(is));
    if (hp_str_ifind(is, HP_S("utf-8"), 0) == SIZE_MAX && hp_str_ifind(is, HP_S("utf8"), 0) == SIZE_MAX)
        hp_doctor_bad(d, r, "export LC_ALL=C.UTF-8");
}

HP_DOCTOR_LOOK(zone) {
    hp_str tz = d->facts.zone;
    hp_doctor_ran(d, r, "TZ, /etc/localtime");
    hp_doctor_expected(d, r, "a zone that exists");
    if (!tz.n) {
        bool set = hp_exists("/etc/localtime");
        hp_doctor_got(d, r, set ? "the machine's" : "UTC: no zone is set");
        return;
    }
    hp_doctor_got(d, r, "TZ=%.*s", HP_FMT(tz));
    hp_str name = tz.p[0] == ':' ? hp_str_cut(tz, 1, tz.n) : tz;
    hp_str file =
        name.n && name.p[0] == '/' ? name : hp_doctor_text(d, "/usr/share/zoneinfo/%.*s", HP_FMT(name));
    /* A rule like "SAST-2" names no file; letters, then a digit. */
    size_t letters = 0;
    while (letters < name.n && hp_is_alpha(name.p[letters])) letters++;
    bool rule = letters >= 3 && letters < name.n && strchr("+-0123456789", name.p[letters]);
    if (!hp_str_eq(name, HP_S("UTC")) && !rule && name.p[0] != '<' && !hp_exists(file.p))
        hp_doctor_bad(d, r, "set TZ to a name of /usr/share/zoneinfo, like Africa/Johannesburg, or unset it");
}

HP_DOCTOR_LOOK(clock) {
    char now[21], then[21];
    hp_time_iso(d->facts.now, now);
    hp_time_iso(d->facts.newest, then);
    hp_doctor_ran(d, r, "the system's clock");
    hp_doctor_expected(d, r, "after 2025-01-01, and no file from the future");
    hp_doctor_got(d, r, "%s", now);
    if (d->facts.now < LEAST_TIME) {
        hp_doctor_bad(d, r, "set the clock: timedatectl set-ntp true");
    } else if (d->facts.newest > d->facts.now + SKEW_SECONDS) {
        hp_doctor_got(d, r, "%s, but %.*s is of %s", now, HP_FMT(d->facts.newest_path), then);
        hp_doctor_bad(
            d, r,
            "find out which clock is wrong, this machine's or that of the file; timedatectl shows this one");
    }
}

HP_DOCTOR_LOOK(disk) {
    uint64_t need =
        d->facts.input_bytes > UINT64_MAX / OUTPUT_FACTOR ? UINT64_MAX : d->facts.input_bytes * OUTPUT_FACTOR;
    if (need < LEAST_DISK) need = LEAST_DISK;
    hp_doctor_ran(d, r, "statvfs of the place of %s", d->output_path);
    if (!d->facts.disk_known) {
        hp_doctor_skip(d, r, "the file system does not tell");
        return;
    }
    hp_str needed = size_text(d, need), is = size_text(d, d->facts.disk_free);
    hp_doctor_expected(d, r, "%.*s free, %d times the inputs or more", HP_FMT(needed), OUTPUT_FACTOR);
    hp_doctor_got(d, r, "%.*s", HP_FMT(is));
    if (d->facts.disk_free < need)
        hp_doctor_bad(d, r, "make room, or write elsewhere: --output-path, --dist-dir");
}

HP_DOCTOR_LOOK(inodes) {
    hp_doctor_ran(d, r, "statvfs of the place of %s", d->output_path);
    if (!d->facts.disk_known || !d->facts.inodes_total) {
        hp_doctor_skip(d, r, "the file system does not count files");
        return;
    }
    hp_doctor_expected(d, r, "%d free inodes", LEAST_INODES);
    hp_doctor_got(d, r, "%llu", (unsigned long long)d->facts.inodes_free);
    if (d->facts.inodes_free < LEAST_INODES)
        hp_doctor_bad(d, r, "remove files that are not needed; df -i shows where they are");
}

HP_DOCTOR_LOOK(memory) {
    uint64_t is = d->facts.memory_available, limit = d->facts.memory_limit;
    bool group = limit && (!is || limit < is);
    if (group) is = limit;
    uint64_t need =
        d->facts.input_bytes > UINT64_MAX / MEMORY_FACTOR ? UINT64_MAX : d->facts.input_bytes * MEMORY_FACTOR;
    if (need < LEAST_MEMORY) need = LEAST_MEMORY;
    hp_doctor_ran(d, r, "/proc/meminfo, the limit of the control group");
    if (!is) {
        hp_doctor_skip(d, r, "this machine does not tell");
        return;
    }
    hp_str needed = size_text(d, need), has = size_text(d, is);
    hp_doctor_expected(d, r, "%.*s available, as far as the inputs tell", HP_FMT(needed));
    hp_doctor_got(d, r, "%.*s%s", HP_FMT(has), group ? ", the limit of the control group" : "");
    if (is < need) hp_doctor_bad(d, r, "end other programs, raise the limit, or run where there is more");
}

HP_DOCTOR_LOOK(limits) {
    const hp_doctor_facts *f = &d->facts;
    hp_doctor_ran(d, r, "getrlimit");
    hp_doctor_expected(d, r, "%d open files; file size and address space for the inputs", LEAST_FILES);
    if (f->open_files < LEAST_FILES)
        hp_doctor_detail(d, r, "open files: %llu (ulimit -n)", (unsigned long long)f->open_files);
    if (f->file_size < LEAST_DISK)
        hp_doctor_detail(d, r, "file size: %llu bytes (ulimit -f)", (unsigned long long)f->file_size);
    if (f->address_space < 4 * LEAST_MEMORY)
        hp_doctor_detail(d, r, "address space: %llu bytes (ulimit -v)", (unsigned long long)f->address_space);
    hp_doctor_got(d, r, r->detail.n ? "%zu too low" : "high enough", r->detail.n);
    if (r->detail.n) hp_doctor_bad(d, r, "raise them in the shell or the unit that starts hotpass");
}

HP_DOCTOR_LOOK(umask) {
    hp_doctor_ran(d, r, "umask");
    hp_doctor_expected(d, r, "nobody else may write: 022 or 077");
    hp_doctor_got(d, r, "%03o", (unsigned)d->facts.umask);
    if (!(d->facts.umask & S_IWOTH)) hp_doctor_bad(d, r, "umask 027");
}

HP_DOCTOR_LOOK(tmp) {
    hp_doctor_ran(d, r, "TMPDIR, else /tmp");
    hp_doctor_expected(d, r, "a directory that can be written");
    hp_doctor_got(d, r, "%.*s", HP_FMT(d->facts.tmp));
    if (hp_is_dir(d->facts.tmp.p) && access(d->facts.tmp.p, W_OK | X_OK) == 0) return;
    hp_doctor_got(d, r, "%.*s is %s", HP_FMT(d->facts.tmp),
                  hp_is_dir(d->facts.tmp.p) ? "not writable" : "no directory");
    hp_doctor_bad(d, r, "set TMPDIR to a directory of yours, or unset it");
}
