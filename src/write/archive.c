/* Archives: a zip with the outputs and their full digests. */
#include "write/write.h"

#include <errno.h>
#include <zip.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/utf8.h"

#include "base/banned.h"

/* Workbooks are zips already: the lowest level takes what is left in them at a third of the time. */
#define LEVEL_PACKED 1

/* libzip, given a name, writes a temporary file of its own, which nobody would remove when a signal ends the
 * program. It is given the output's stream instead, as a source that can be written but never read. */
typedef struct sink {
    FILE *f;
    zip_error_t error;
} sink;

static zip_int64_t sink_fail(sink *s, int zip_code, int number) {
    zip_error_set(&s->error, zip_code, number);
    return -1;
}

static zip_int64_t sink_seek(sink *s, void *data, zip_uint64_t n) {
    const zip_source_args_seek_t *to = ZIP_SOURCE_GET_ARGS(zip_source_args_seek_t, data, n, &s->error);
    if (!to) return -1;
    return fseeko(s->f, (off_t)to->offset, to->whence) == 0 ? 0 : sink_fail(s, ZIP_ER_SEEK, errno);
}

static zip_int64_t sink_call(void *state, void *data, zip_uint64_t n, zip_source_cmd_t command) {
    sink *s = state;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(
            ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
            ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_BEGIN_WRITE,
            ZIP_SOURCE_COMMIT_WRITE, ZIP_SOURCE_ROLLBACK_WRITE, ZIP_SOURCE_WRITE, ZIP_SOURCE_SEEK_WRITE,
            ZIP_SOURCE_TELL_WRITE, ZIP_SOURCE_REMOVE, -1);
    case ZIP_SOURCE_STAT: return sink_fail(s, ZIP_ER_READ, ENOENT); /* there is no archive yet */
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&s->error, data, n);
    case ZIP_SOURCE_WRITE:
        return fwrite(data, 1, (size_t)n, s->f) == n ? (zip_int64_t)n : sink_fail(s, ZIP_ER_WRITE, errno);
    case ZIP_SOURCE_SEEK_WRITE: return sink_seek(s, data, n);
    case ZIP_SOURCE_TELL_WRITE: return ftello(s->f);
    case ZIP_SOURCE_COMMIT_WRITE: return fflush(s->f) == 0 ? 0 : sink_fail(s, ZIP_ER_WRITE, errno);
    case ZIP_SOURCE_BEGIN_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_REMOVE:
    case ZIP_SOURCE_FREE: return 0;
    default: return sink_fail(s, ZIP_ER_OPNOTSUPP, 0);
    }
}

static zip_t *sink_open(sink *s) {
    zip_source_t *source = zip_source_function_create(sink_call, s, NULL);
    zip_t *z = source ? zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, NULL) : NULL;
    if (!z) zip_source_free(source);
    return z;
}

/* MS-DOS date and time (APPNOTE 4.4.6) of a UTC time, which span 1980 to 2107; libzip's own conversion would
 * ask for the time zone. */
static void dos_time(int64_t unix_seconds, zip_uint16_t *time, zip_uint16_t *date) {
    hp_date d = hp_date_of_unix(unix_seconds);
    if (d.year < 1980) d = (hp_date){.year = 1980, .month = 1, .day = 1};
    if (d.year > 2107) d = (hp_date){.year = 2107, .month = 12, .day = 31};
    *time = (zip_uint16_t)(d.hour << 11 | d.minute << 5 | d.second / 2);
    *date = (zip_uint16_t)((d.year - 1980) << 9 | d.month << 5 | d.day);
}

static bool is_packed(const char *name) {
    hp_str s = hp_str_of(name);
    return s.n > 5 && hp_str_ieq(hp_str_cut(s, s.n - 5, s.n), HP_S(".xlsx"));
}

static bool add_member(zip_t *z, const char *name, zip_source_t *source) {
    /* A name that is not UTF-8 goes in as the bytes it has. */
    zip_flags_t encoding = hp_utf8_valid(hp_str_of(name), NULL) ? ZIP_FL_ENC_UTF_8 : ZIP_FL_ENC_GUESS;
    zip_int64_t i = source ? zip_file_add(z, name, source, encoding) : -1;
    if (i < 0) {
        zip_source_free(source);
        return false;
    }
    zip_uint16_t time, date;
    dos_time(hp_clock_now(), &time, &date);
    return zip_set_file_compression(z, (zip_uint64_t)i, ZIP_CM_DEFLATE, is_packed(name) ? LEVEL_PACKED : 0)
               == 0
           && zip_file_set_dostime(z, (zip_uint64_t)i, time, date, 0) == 0
           && zip_file_set_external_attributes(z, (zip_uint64_t)i, 0, ZIP_OPSYS_UNIX, 0100644u << 16) == 0;
}

/* Adds "<digest>  <name>"; a name with a backslash or a line end is escaped and the line marked, as sha256sum
 * does it. */
static void put_sum(hp_buf *sums, const hp_sha256 *digest, const char *name) {
    if (strpbrk(name, "\\\n\r")) hp_buf_putc(sums, '\\');
    hp_buf_printf(sums, "%s  ", digest->hex);
    for (const char *c = name; *c; c++) {
        if (*c == '\\')
            hp_buf_puts(sums, "\\\\");
        else if (*c == '\n')
            hp_buf_puts(sums, "\\n");
        else if (*c == '\r')
            hp_buf_puts(sums, "\\r");
        else
            hp_buf_putc(sums, *c);
    }
    hp_buf_putc(sums, '\n');
}

static hp_code add_all(zip_t *z, const char *path, const char *const *files, const char *const *names,
                       size_t n, hp_buf *sums, hp_err *err) {
    for (size_t i = 0; i < n; i++) {
        hp_sha256 digest;
        HP_TRY(hp_sha256_file(files[i], &digest, err));
        put_sum(sums, &digest, names[i]);
        if (!add_member(z, names[i], zip_source_file(z, files[i], 0, -1)))
            return hp_fail(err, HP_IO, "%s: %s cannot be added: %s", path, names[i], zip_strerror(z));
    }
    HP_TRY(hp_buf_check(sums, "SHA256SUMS", err));
    if (!add_member(z, "SHA256SUMS", zip_source_buffer(z, sums->p, sums->n, 0)))
        return hp_fail(err, HP_IO, "%s: SHA256SUMS cannot be added: %s", path, zip_strerror(z));
    return HP_OK;
}

hp_code hp_write_archive(const char *path, const char *const *files, const char *const *names, size_t n,
                         hp_out *out, hp_err *err) {
    HP_TRY(hp_out_begin(out, path, true, err));
    sink s = {.f = out->f};
    zip_error_init(&s.error);
    zip_t *z = sink_open(&s);
    hp_autobuf sums = hp_buf_new(1 << 20);
    hp_code code = z ? add_all(z, path, files, names, n, &sums, err) : hp_fail_memory(err, "the archive");
    if (z && code == HP_OK && zip_close(z) != 0)
        code = hp_fail(err, HP_IO, "%s: the archive cannot be written: %s; is the disk full?", path,
                       zip_strerror(z));
    if (z && code != HP_OK) zip_discard(z);
    zip_error_fini(&s.error);
    if (code != HP_OK) hp_out_abandon(out);
    return code;
}
