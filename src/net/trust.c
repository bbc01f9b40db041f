#include "net/trust.h"

#include <sodium.h>
#include <stdio.h>

#include "base/file.h"
#include "base/proc.h"
#include "net/process.h"

#include "base/banned.h"

enum { MAX_FILE = 4 << 20, MAX_KEYS = 64, SCAN_MS = 20000, MAX_BLOB = 8192 };

/* How known_hosts calls a host: a port other than 22 is part of the name. */
static hp_str name_of(hp_arena *a, hp_str host, int port) {
    return port == 22 || port == 0 ? hp_arena_dup(a, host)
                                   : hp_arena_printf(a, "[%.*s]:%d", HP_FMT(host), port);
}

static bool fingerprint_of(hp_str blob, char out[64]) {
    unsigned char raw[MAX_BLOB], sum[crypto_hash_sha256_BYTES];
    size_t n;
    if (sodium_base642bin(raw, sizeof raw, blob.p, blob.n, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL)
        != 0)
        return false;
    crypto_hash_sha256(sum, raw, n);
    memcpy(out, "SHA256:", 7);
    sodium_bin2base64(out + 7, 64 - 7, sum, sizeof sum, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    return true;
}

/* Reads "name type blob [comment]"; false for other lines (comments, markers, hashed names). */
static bool read_line(hp_str line, hp_str name, hp_host_key *out) {
    hp_str rest = hp_str_trim(line), first, type, blob;
    if (!hp_str_next(&rest, ' ', &first) || !hp_str_next(&rest, ' ', &type)
        || !hp_str_next(&rest, ' ', &blob))
        return false;
    if (!hp_str_eq(first, name)) return false;
    *out = (hp_host_key){.type = type, .blob = blob};
    return fingerprint_of(blob, out->fingerprint);
}

static hp_code read_keys(hp_arena *a, hp_str text, hp_str name, hp_host_key **out, size_t *n, hp_err *err) {
    hp_str rest = hp_arena_dup(a, text), line;
    hp_host_key *key = HP_NEW_ARRAY(a, MAX_KEYS, hp_host_key);
    size_t k = 0;
    if (!rest.p || !key) return hp_fail_memory(err, "keys of a host");
    while (k < MAX_KEYS && hp_str_next(&rest, '\n', &line)) k += read_line(line, name, &key[k]);
    *out = key;
    *n = k;
    return HP_OK;
}

hp_code hp_trust_scan(hp_arena *a, hp_str host, int port, hp_host_key **out, size_t *n, hp_err *err) {
    char number[16];
    hp_str copy = hp_arena_dup(a, host), name = name_of(a, host, port);
    snprintf(number, sizeof number, "%d", port ? port : 22);
    if (!copy.p || !name.p) return hp_fail_memory(err, "keys of a host");
    const char *const argv[] = {"ssh-keyscan", "-T", "8", "-p", number, "--", copy.p, NULL};
    hp_autobuf text = hp_buf_new(MAX_FILE), talk = hp_buf_new(1 << 16);
    hp_proc_result r;
    const char *const *withheld;
    HP_TRY(hp_process_withhold(a, &withheld, err));
    hp_code code = hp_proc_run(argv, withheld, SCAN_MS, &text, &talk, &r, err);
    if (code == HP_NOINPUT)
        return hp_fail(err, HP_UNAVAILABLE, "ssh-keyscan: no such program on PATH; install openssh-client");
    if (code != HP_OK) return code;
    HP_TRY(read_keys(a, hp_buf_str(&text), name, out, n, err));
    if (*n) return HP_OK;
    return hp_fail(err, HP_UNAVAILABLE,
                   "%.*s, port %s: no ssh server shows a key there; check the name and --port", HP_FMT(host),
                   number);
}

/* Lines in forms that read_line does not judge (hashed names, lists, patterns, markers, tabs). */
static bool is_plain(hp_str text) {
    hp_str line, first;
    while (hp_str_next(&text, '\n', &line)) {
        hp_str rest = hp_str_trim(line);
        if (!rest.n || rest.p[0] == '#') continue;
        if (hp_str_chr(rest, '\t', 0) != SIZE_MAX || !hp_str_next(&rest, ' ', &first)) return false;
        for (const char *p = "|@,*?!"; *p; p++)
            if (hp_str_chr(first, *p, 0) != SIZE_MAX) return false;
    }
    return true;
}

/* Refuses a file that has the host in such a line: it may pin another key, or revoke this one. */
static hp_code check_lines(hp_arena *a, const char *path, hp_str text, hp_str name, hp_err *err) {
    if (is_plain(text)) return HP_OK;
    const char *const argv[] = {"ssh-keygen", "-F", name.p, "-f", path, NULL};
    hp_autobuf found = hp_buf_new(MAX_FILE), talk = hp_buf_new(1 << 16);
    hp_proc_result r;
    const char *const *withheld;
    hp_host_key ignored;
    hp_str line;
    HP_TRY(hp_process_withhold(a, &withheld, err));
    hp_code code = hp_proc_run(argv, withheld, SCAN_MS, &found, &talk, &r, err);
    if (code == HP_NOINPUT)
        return hp_fail(err, HP_UNAVAILABLE, "ssh-keygen: no such program on PATH; install openssh-client");
    HP_TRY(code);
    for (hp_str rest = hp_buf_str(&found); hp_str_next(&rest, '\n', &line);)
        if (line.n && line.p[0] != '#' && !read_line(line, name, &ignored))
            return hp_fail(
                err, HP_NOPERM,
                "%s: it has %.*s in a line that is not changed here (hashed, with several names, or "
                "marked): look at it with ssh-keygen -F '%.*s' -f FILE, remove it with -R, or leave "
                "--known-hosts out",
                path, HP_FMT(name), HP_FMT(name));
    return HP_OK;
}

hp_code hp_trust_pinned(hp_arena *a, const char *path, hp_str host, int port, hp_host_key **out, size_t *n,
                        hp_err *err) {
    hp_autobuf text = hp_buf_new(MAX_FILE);
    hp_str name = name_of(a, host, port);
    if (!name.p) return hp_fail_memory(err, "keys of a host");
    if (hp_exists(path)) {
        HP_TRY(hp_read_file(path, &text, err));
        HP_TRY(check_lines(a, path, hp_buf_str(&text), name, err));
    }
    return read_keys(a, hp_buf_str(&text), name, out, n, err);
}

hp_code hp_trust_pin(hp_arena *a, const char *path, hp_str host, int port, const hp_host_key *key, size_t n,
                     hp_err *err) {
    hp_autobuf old = hp_buf_new(MAX_FILE), text = hp_buf_new(2 * MAX_FILE);
    hp_str name = name_of(a, host, port), line;
    hp_host_key ignored;
    if (!name.p) return hp_fail_memory(err, "keys of a host");
    if (hp_exists(path)) HP_TRY(hp_read_file(path, &old, err));
    for (hp_str rest = hp_buf_str(&old); hp_str_next(&rest, '\n', &line);) {
        if (line.n == 0 || read_line(line, name, &ignored)) continue;
        hp_buf_add(&text, line);
        hp_buf_putc(&text, '\n');
    }
    for (size_t i = 0; i < n; i++)
        hp_buf_printf(&text, "%.*s %.*s %.*s\n", HP_FMT(name), HP_FMT(key[i].type), HP_FMT(key[i].blob));
    HP_TRY(hp_buf_check(&text, "known_hosts", err));
    return hp_write_file(path, hp_buf_str(&text), err);
}

bool hp_trust_meets(const hp_host_key *pinned, size_t npinned, const hp_host_key *shown, size_t nshown) {
    for (size_t i = 0; i < npinned; i++) {
        for (size_t k = 0; k < nshown; k++) {
            if (hp_str_eq(pinned[i].blob, shown[k].blob)) return true;
        }
    }
    return false;
}
