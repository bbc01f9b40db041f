/* Archives: a zip with the outputs and their full digests. */
#include "write/write.h"

#include <zip.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"

/* MS-DOS date and time (APPNOTE 4.4.6) of a UTC time; libzip's own conversion would ask for the time zone. */
static void dos_time(int64_t unix_seconds, zip_uint16_t *time, zip_uint16_t *date) {
    hp_date d = hp_date_of_unix(unix_seconds);
    if (d.year < 1980) d = (hp_date){.year = 1980, .month = 1, .day = 1};
    *time = (zip_uint16_t)(d.hour << 11 | d.minute << 5 | d.second / 2);
    *date = (zip_uint16_t)((d.year - 1980) << 9 | d.month << 5 | d.day);
}

static bool add_member(zip_t *z, const char *name, zip_source_t *source) {
    zip_int64_t i = source ? zip_file_add(z, name, source, ZIP_FL_ENC_UTF_8) : -1;
    if (i < 0) {
        zip_source_free(source);
        return false;
    }
    zip_uint16_t time, date;
    dos_time(hp_clock_now(), &time, &date);
    return zip_file_set_dostime(z, (zip_uint64_t)i, time, date, 0) == 0 &&
           zip_file_set_external_attributes(z, (zip_uint64_t)i, 0, ZIP_OPSYS_UNIX, 0100644u << 16) == 0;
}

static hp_code add_all(zip_t *z, const char *path, const char *const *files, const char *const *names, size_t n,
                       hp_buf *sums, hp_err *err) {
    for (size_t i = 0; i < n; i++) {
        hp_sha256 digest;
        HP_TRY(hp_sha256_file(files[i], &digest, err));
        hp_buf_printf(sums, "%s  %s\n", digest.hex, names[i]);
        if (!add_member(z, names[i], zip_source_file(z, files[i], 0, -1)))
            return hp_fail(err, HP_IO, "%s: %s cannot be added: %s", path, names[i], zip_strerror(z));
    }
    HP_TRY(hp_buf_check(sums, "SHA256SUMS", err));
    if (!add_member(z, "SHA256SUMS", zip_source_buffer(z, sums->p, sums->n, 0)))
        return hp_fail(err, HP_IO, "%s: SHA256SUMS cannot be added: %s", path, zip_strerror(z));
    return HP_OK;
}

hp_code hp_write_archive(const char *path, const char *const *files, const char *const *names, size_t n, hp_out *out,
                         hp_err *err) {
    HP_TRY(hp_out_begin(out, path, false, err));
    int fault = 0;
    zip_t *z = zip_open(out->temp, ZIP_CREATE | ZIP_TRUNCATE, &fault);
    hp_autobuf sums = hp_buf_new(1 << 20);
    hp_code code = z ? add_all(z, path, files, names, n, &sums, err)
                     : hp_fail(err, HP_IO, "%s: the archive cannot be begun (libzip error %d)", path, fault);
    if (z && code == HP_OK && zip_close(z) != 0) {
        code = hp_fail(err, HP_IO, "%s: the archive cannot be written: %s; is the disk full?", path, zip_strerror(z));
    }
    if (z && code != HP_OK) zip_discard(z);
    if (code != HP_OK) hp_out_abandon(out);
    return code;
}
