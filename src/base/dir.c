#include "base/file.h"
#include "base/mem.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/banned.h"

static void close_dir_at(DIR **d) {
    if (*d) closedir(*d);
}

typedef HP_VEC(hp_str) names_vec;

static hp_code fail_dir(const char *path, int number, hp_err *err) {
    switch (number) {
    case ENOENT: return hp_fail(err, HP_NOINPUT, "%s: no such directory; check the path", path);
    case ENOTDIR:
        return hp_fail(err, HP_NOINPUT, "%s: is not a directory; name the directory that holds the files",
                       path);
    case EACCES:
    case EPERM:
        return hp_fail(err, HP_NOPERM, "%s: permission denied; make the directory readable for this user",
                       path);
    default: return hp_fail(err, HP_IO, "%s: cannot list: %s", path, strerrordesc_np(number));
    }
}

static int by_bytes(const void *a, const void *b) {
    return hp_str_cmp(*(const hp_str *)a, *(const hp_str *)b);
}

static hp_code read_names(hp_arena *a, DIR *dir, const char *path, names_vec *v, hp_err *err) {
    for (;;) {
        errno = 0;
        const struct dirent *e = readdir(dir);
        if (!e) return errno ? fail_dir(path, errno, err) : HP_OK;
        hp_str name = hp_str_of(e->d_name);
        if (hp_str_eq(name, HP_S(".")) || hp_str_eq(name, HP_S(".."))) continue;
        hp_str copy = hp_arena_dup(a, name);
        if (!copy.p || !hp_vec_push(v, copy)) return hp_fail_memory(err, "the list of files");
    }
}

hp_code hp_list_dir(hp_arena *a, const char *path, hp_str **names, size_t *n, hp_err *err) {
    __attribute__((cleanup(close_dir_at))) DIR *dir = opendir(path);
    if (!dir) return fail_dir(path, errno, err);
    names_vec v = {0};
    hp_code code = read_names(a, dir, path, &v, err);
    hp_str *copy = code == HP_OK ? HP_NEW_ARRAY(a, v.n, hp_str) : NULL;
    if (code == HP_OK && !copy) code = hp_fail_memory(err, "the list of files");
    if (code == HP_OK) {
        if (v.n) memcpy(copy, v.p, v.n * sizeof *v.p);
        qsort(copy, v.n, sizeof *copy, by_bytes);
        *names = copy;
        *n = v.n;
    }
    hp_vec_free(&v);
    return code;
}

/* Reads the set behind the '[' at *i; *hit tells whether `c` is in it. False when no ']' closes it: then '['
 * is plain. */
static bool take_set(hp_str pattern, size_t *i, char c, bool *hit) {
    size_t k = *i + 1;
    bool negated = k < pattern.n && (pattern.p[k] == '!' || pattern.p[k] == '^');
    if (negated) k++;
    size_t first = k;
    bool in = false;
    for (; k < pattern.n && (pattern.p[k] != ']' || k == first); k++) {
        char low = hp_lower(pattern.p[k]), high = low;
        if (k + 2 < pattern.n && pattern.p[k + 1] == '-' && pattern.p[k + 2] != ']') {
            high = hp_lower(pattern.p[k + 2]);
            k += 2;
        }
        in |= (unsigned char)low <= (unsigned char)c && (unsigned char)c <= (unsigned char)high;
    }
    if (k >= pattern.n) return false;
    *i = k + 1;
    *hit = in != negated;
    return true;
}

/* Matches one pattern item other than '*' against the character at *j, moving both on; '?' takes a whole code
 * point. */
static bool match_one(hp_str pattern, size_t *i, hp_str name, size_t *j) {
    char c = hp_lower(name.p[(*j)++]);
    bool hit;
    if (pattern.p[*i] == '[' && take_set(pattern, i, c, &hit)) return hit;
    char want = pattern.p[(*i)++];
    if (want != '?') return hp_lower(want) == c;
    while (*j < name.n && ((unsigned char)name.p[*j] & 0xC0) == 0x80) (*j)++;
    return true;
}

bool hp_glob_imatch(hp_str pattern, hp_str name) {
    size_t i = 0, j = 0;
    /* Only the last '*' needs to be tried again, one character further each time, so the work is at most a
     * product. */
    size_t star = SIZE_MAX, resume = 0;
    while (j < name.n) {
        if (i < pattern.n && pattern.p[i] == '*') {
            star = ++i;
            resume = j;
        } else if (i >= pattern.n || !match_one(pattern, &i, name, &j)) {
            if (star == SIZE_MAX) return false;
            i = star;
            j = ++resume;
        }
    }
    while (i < pattern.n && pattern.p[i] == '*') i++;
    return i == pattern.n;
}
