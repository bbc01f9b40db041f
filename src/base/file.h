/* Files: read-only inputs, outputs that exist only when complete. */
#ifndef HP_BASE_FILE_H
#define HP_BASE_FILE_H

#include <stdio.h>
#include "base/arena.h"
#include "base/buf.h"

/** View a whole file in memory, mapped read-only. */
typedef struct hp_filemap {
    hp_str bytes;
    int fd;
    size_t forgotten; /**< bytes at the begin whose pages were let go of */
} hp_filemap;

/** Map a regular file for reading; close with hp_unmap. Errors: HP_NOINPUT (absent, a directory), HP_NOPERM,
 * HP_IO, HP_DATA (over `max` bytes). An empty file maps to an empty view. */
hp_code hp_map_file(const char *path, uint64_t max, hp_filemap *out, hp_err *err);
/** Let go of the pages before `until`, which were read and are not needed again: they count as the process's
 * memory as long as they are mapped. Reading them again is allowed, and slow. Views outside of the mapping do
 * nothing. */
void hp_map_forget(hp_filemap *m, const char *until);
/** Release a mapping; a zeroed one is allowed. */
void hp_unmap(hp_filemap *m);
/** Read a whole regular file into `out` (its cap is the limit). Errors as hp_map_file. */
hp_code hp_read_file(const char *path, hp_buf *out, hp_err *err);

/** Read standard input to its end into `out`; over its cap fails as over the limit file-size. Errors: HP_DATA
 * (that limit, wall-clock), HP_IO, HP_RETRY. */
hp_code hp_read_stdin(hp_buf *out, hp_err *err);

/** Read a regular file in pieces, calling `fn` for each in turn until one fails. Errors: as hp_map_file, and
 * what `fn` returns. */
hp_code hp_read_pieces(const char *path, hp_code (*fn)(void *ctx, hp_str piece), void *ctx, hp_err *err);

/** Name standard output as an output: what is written there goes out piece by piece, and cannot be taken
 * back.
 */
#define HP_STDOUT "/dev/stdout"

/** Hold an output on its way: a temporary file in the directory of `path`, renamed over it by hp_out_commit;
 * or, for HP_STDOUT, a stream of its own on standard output. */
typedef struct hp_out {
    FILE *f;         /**< write here; NULL when only the name is wanted (a library writes the file) */
    char path[4096]; /**< the final name */
    char temp[4200]; /**< the temporary name, in the same directory; empty for standard output */
} hp_out;

/** Find out whether `path` could be written, before any work is done: its directory exists or can be made, is
 * writable, and `path` is no directory. Makes nothing. Errors: HP_CANTCREAT, HP_NOPERM, and what to do. */
hp_code hp_out_probe(const char *path, hp_err *err);
/** Begin an output: makes the temporary file (mode 0644 less umask). `open` false leaves f NULL and an empty
 * file at temp (not for HP_STDOUT). */
hp_code hp_out_begin(hp_out *o, const char *path, bool open, hp_err *err);
/** Finish an output: flush, fsync, rename over the final name, fsync the directory. On error the temporary
 * file is removed and the previous output is untouched. Errors: HP_IO (disk full), HP_CANTCREAT. */
hp_code hp_out_commit(hp_out *o, hp_err *err);
/** Give an output up: close and remove the temporary file. A zeroed one, or one already committed, is
 * allowed. */
void hp_out_abandon(hp_out *o);
/** Remove the temporary files of all outputs under way; safe to call from a signal handler. */
void hp_out_abandon_all(void);
/** Write a whole file the safe way. */
hp_code hp_write_file(const char *path, hp_str bytes, hp_err *err);

/** Make the directories above a path that are not there yet (mode 0777 less umask). Errors: HP_CANTCREAT,
 * HP_NOPERM, HP_IO. */
hp_code hp_make_parents(const char *path, hp_err *err);
/** Append a line to a file that is only ever appended to, making it (mode 0644 less umask; 0600 when `own`)
 * and the directories above it: one write under a lock, so that programs that do so at once do not mix their
 * lines, then fsync. A last line that a crash cut short is ended first. `line` has no newline. Errors:
 * HP_CANTCREAT, HP_NOPERM, HP_IO, HP_RETRY. */
hp_code hp_append_line_as(const char *path, hp_str line, bool own, hp_err *err);
/** As hp_append_line_as, for everybody to read. */
static inline hp_code hp_append_line(const char *path, hp_str line, hp_err *err) {
    return hp_append_line_as(path, line, false, err);
}
/** Remove a file, or a directory with all that is in it; links are removed, not followed. Absent is fine.
 * Errors: HP_NOPERM, HP_IO. */
hp_code hp_remove_tree(const char *path, hp_err *err);

/** List the names in a directory (not "." and ".."), sorted by bytes, in the arena. Errors: HP_NOINPUT
 * (absent, no directory), HP_NOPERM, HP_IO. */
hp_code hp_list_dir(hp_arena *a, const char *path, hp_str **names, size_t *n, hp_err *err);
/** Tell whether a path names a directory. */
bool hp_is_dir(const char *path);
/** Tell whether a path names something that exists. */
bool hp_exists(const char *path);
/** Match a file name against a glob pattern (*, ?, [set]), ignoring the case of ASCII letters. */
bool hp_glob_imatch(hp_str pattern, hp_str name);
/** Return the part of a path behind its last slash. */
hp_str hp_path_base(hp_str path);
/** Join a directory and a name with one slash, in the arena, NUL-terminated. */
hp_str hp_path_join(hp_arena *a, hp_str dir, hp_str name);

#endif
