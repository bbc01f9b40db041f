/* hotpass bucket put, get, ls, verify. */
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/bucket.h"
#include "cli/progress.h"

#include "base/banned.h"

/* Hold one call. */
typedef struct call {
    hp_cli *c;
    hp_bucket *b;
    hp_bucket_told told;
    hp_bucket_put how;
    hp_progress progress;
    hp_str prefix; /* of keys */
} call;

static void drop(call *k) {
    hp_progress_end(&k->progress);
    hp_bucket_told_free(&k->told);
    hp_bucket_close(k->b);
}

#define CALL(k, c) __attribute__((cleanup(drop))) call k = {.c = (c)}

static hp_code url_of(call *k, hp_str key, hp_str *out, hp_err *err) {
    hp_autobuf url = hp_buf_new(16u << 10);
    hp_bucket_url(k->b, key, &url);
    *out = url.bad ? *out : hp_arena_dup(k->c->arena, hp_buf_str(&url));
    return !url.bad && out->p ? HP_OK : hp_fail_memory(err, "a URL");
}

static hp_code join(call *k, hp_str below, hp_str *key, hp_err *err) {
    *key = hp_arena_printf(k->c->arena, "%.*s%.*s", HP_FMT(k->prefix), HP_FMT(below));
    return key->p ? HP_OK : hp_fail_memory(err, "a key");
}

/* Takes the key of the URL as a prefix, whether or not it ends in a slash. */
static hp_code take_prefix(call *k, hp_err *err) {
    k->prefix = hp_bucket_key(k->b);
    if (hp_bucket_is_prefix(k->b)) return HP_OK;
    return join(k, HP_S("/"), &k->prefix, err);
}

static void draw(void *ctx, uint64_t done, uint64_t total) { hp_progress_report(ctx, "bytes", done, total); }

static void allow_interruption(void) {
    hp_cli_last_words("interrupted; the same command goes on where it was");
}

/* ---- put ---- */

static hp_code read_how(call *k, hp_err *err) {
    const hp_args *args = &k->c->args;
    const char *until = hp_args_text(args, HP_O_RETAIN_UNTIL);
    const char *days = hp_config_text(&k->c->config, HP_C_EVIDENCE_RETAIN_DAYS);
    const hp_given *verify = &args->opt[HP_O_READ_BACK];
    hp_date d;
    int64_t n;
    k->how = (hp_bucket_put){.overwrite = args->opt[HP_O_OVERWRITE].on,
                             .unverified = verify->given && !verify->on,
                             .dry_run = args->opt[HP_O_DRY_RUN].on,
                             .progress = draw,
                             .ctx = &k->progress};
    if (until && hp_date_parse_iso(hp_str_of(until), &d)) {
        k->how.retain_until = (hp_days_from_civil(d.year, d.month, d.day) + 1) * 86400 - 1;
        if (k->how.retain_until <= hp_clock_now())
            return hp_fail(err, HP_USAGE, "--retain-until %s is in the past", until);
    } else if (days && hp_str_i64(hp_str_of(days), &n)) {
        k->how.retain_until = hp_clock_now() + n * 86400;
    }
    if (k->how.retain_until) k->how.retain_mode = hp_args_text(args, HP_O_RETAIN_MODE);
    return HP_OK;
}

static hp_code put_one(call *k, const char *path, hp_str key, bool only, hp_err *err) {
    static const char *const OUTCOME[] = {"stored", "present", "would-store", "differs"};
    hp_bucket_done done;
    hp_bucket_line line = {.path = hp_str_of(path)};
    HP_TRY(url_of(k, key, &line.url, err));
    HP_TRY(hp_bucket_store(k->b, path, key, &k->how, &done, err));
    if (done.outcome == HP_BUCKET_DIFFERS && only)
        return hp_fail(err, HP_CANTCREAT,
                       "%.*s: is there with other content, and stays; name another key, or give --overwrite",
                       HP_FMT(line.url));
    line.outcome = OUTCOME[done.outcome];
    line.bytes = done.bytes;
    line.sha256 = hp_arena_dup(k->c->arena, hp_str_of(done.sha256.hex));
    line.verified = done.verified;
    line.parts = done.parts;
    line.reused = done.reused;
    if (!line.sha256.p) return hp_fail_memory(err, "the result");
    return hp_bucket_add(&k->told, &line, done.outcome != HP_BUCKET_DIFFERS, err);
}

static hp_code skip(call *k, hp_str path, const char *why, hp_err *err) {
    hp_bucket_line line = {
        .path = path, .outcome = "skipped", .why = hp_arena_dup(k->c->arena, hp_str_of(why))};
    return line.why.p ? hp_bucket_add(&k->told, &line, false, err) : hp_fail_memory(err, "the result");
}

/* A file that cannot be read is listed, and does not keep the others back. */
static hp_code put_below(call *k, hp_str path, hp_str below, hp_err *err) {
    hp_err why = {0};
    hp_str key;
    HP_TRY(join(k, below, &key, err));
    hp_code code = put_one(k, path.p, key, false, &why);
    bool local = code == HP_NOINPUT || (code == HP_NOPERM && hp_str_starts(hp_str_of(why.message), path));
    if (local) return skip(k, path, why.message, err);
    if (code != HP_OK && err) *err = why;
    return code;
}

static hp_code put_files(call *k, hp_str dir, const hp_bucket_files *files, hp_err *err) {
    for (size_t i = 0; i < files->skipped.n; i++) {
        hp_str path = hp_path_join(k->c->arena, dir, files->skipped.p[i]);
        if (!path.p) return hp_fail_memory(err, "a path");
        HP_TRY(skip(k, path, "is no regular file", err));
    }
    for (size_t i = 0; i < files->file.n; i++) {
        hp_str path = hp_path_join(k->c->arena, dir, files->file.p[i]);
        if (!path.p) return hp_fail_memory(err, "a path");
        HP_TRY(put_below(k, path, files->file.p[i], err));
    }
    return HP_OK;
}

static hp_code put_dir(call *k, const char *dir, hp_err *err) {
    hp_bucket_files files = {0};
    HP_TRY(take_prefix(k, err));
    hp_code code = hp_bucket_walk(k->c->arena, dir, &files, err);
    if (code == HP_OK) code = put_files(k, hp_str_of(dir), &files, err);
    hp_bucket_files_free(&files);
    return code;
}

static hp_code put_file(call *k, const char *path, hp_err *err) {
    hp_str key = hp_bucket_key(k->b);
    k->prefix = key;
    if (hp_bucket_is_prefix(k->b)) HP_TRY(join(k, hp_path_base(hp_str_of(path)), &key, err));
    return put_one(k, path, key, true, err);
}

hp_code hp_cmd_bucket_put(hp_cli *c, hp_err *err) {
    CALL(k, c);
    const char *path = c->args.word[0];
    HP_TRY(read_how(&k, err));
    if (!hp_exists(path)) return hp_fail(err, HP_NOINPUT, "%s: there is no such file or directory", path);
    HP_TRY(hp_bucket_of(c, c->args.nword > 1 ? c->args.word[1] : NULL, &k.b, err));
    allow_interruption();
    hp_progress_begin(&k.progress, c);
    hp_code code = hp_is_dir(path) ? put_dir(&k, path, err) : put_file(&k, path, err);
    hp_progress_end(&k.progress);
    HP_TRY(code);
    hp_bucket_tell(c, &k.told, "hotpass.bucket-put/1");
    return k.told.bad ? HP_PARTIAL : HP_OK;
}

/* ---- get ---- */

static hp_code get_one(call *k, hp_str key, const char *path, hp_err *err) {
    hp_bucket_object o;
    bool found, kept = false;
    hp_bucket_line line = {.path = hp_str_of(path), .outcome = "would-fetch"};
    HP_TRY(url_of(k, key, &line.url, err));
    HP_TRY(hp_bucket_look(k->b, k->c->arena, key, &o, &found, err));
    if (!found) return hp_fail(err, HP_NOINPUT, "%.*s: there is no such object", HP_FMT(line.url));
    if (!k->how.dry_run) {
        HP_TRY(hp_bucket_fetch(k->b, key, path, k->how.overwrite, &kept, err));
        line.outcome = kept ? "present" : "fetched";
        line.verified = o.sha256.n != 0;
    }
    line.bytes = o.bytes;
    line.sha256 = o.sha256;
    return hp_bucket_add(&k->told, &line, true, err);
}

/* A link on the way below the target would lead out of it. */
static hp_code check_way(call *k, hp_str to, hp_str base, hp_err *err) {
    for (size_t slash = 0; (slash = hp_str_chr(base, '/', slash)) != SIZE_MAX; slash++) {
        struct stat st;
        hp_str part = hp_str_cut(base, 0, slash);
        hp_str dir = to.n ? hp_path_join(k->c->arena, to, part) : hp_arena_dup(k->c->arena, part);
        if (!dir.p) return hp_fail_memory(err, "a path");
        if (lstat(dir.p, &st) == 0 && S_ISLNK(st.st_mode))
            return hp_fail(err, HP_CANTCREAT,
                           "%s: is a link, and nothing is written through it; move it away", dir.p);
    }
    return HP_OK;
}

/* What is wrong with one object, or the place it would go to, does not keep the others back. */
static hp_code get_below(call *k, hp_str key, hp_str path, hp_str to, hp_err *err) {
    hp_err why = {0};
    hp_code code = check_way(k, to, hp_str_cut(key, k->prefix.n, key.n), &why);
    if (code == HP_OK) code = get_one(k, key, path.p, &why);
    if (code == HP_IO || code == HP_CANTCREAT || code == HP_NOINPUT || code == HP_NOPERM) {
        hp_bucket_line line = {.path = path, .outcome = "skipped"};
        line.why = hp_arena_dup(k->c->arena, hp_str_of(why.message));
        if (!line.why.p) return hp_fail_memory(err, "the result");
        HP_TRY(url_of(k, key, &line.url, err));
        return hp_bucket_add(&k->told, &line, false, err);
    }
    if (code != HP_OK && err) *err = why;
    return code;
}

/* The objects below a prefix, collected first: what a list is read with is what objects are read with. */
typedef struct collected {
    hp_arena *arena;
    HP_VEC(hp_bucket_object) object;
} collected;

static hp_code collect(void *ctx, const hp_bucket_object *o, hp_err *err) {
    collected *l = ctx;
    hp_bucket_object copy = *o;
    copy.key = hp_arena_dup(l->arena, o->key);
    copy.sha256 = hp_arena_dup(l->arena, o->sha256);
    copy.retain_mode = HP_S("");
    bool kept = copy.key.p && copy.sha256.p && hp_vec_push(&l->object, copy);
    return kept ? HP_OK : hp_fail_memory(err, "a list");
}

/* Lists what the URL names: one object if there is one of this key, else what is below it. */
static hp_code name_objects(call *k, collected *l, bool *one, hp_err *err) {
    hp_bucket_object o;
    *one = false;
    l->arena = k->c->arena;
    if (!hp_bucket_is_prefix(k->b))
        HP_TRY(hp_bucket_look(k->b, k->c->arena, hp_bucket_key(k->b), &o, one, err));
    if (*one) return collect(l, &o, err);
    HP_TRY(take_prefix(k, err));
    return hp_bucket_list(k->b, k->prefix, collect, l, err);
}

static hp_code get_all(call *k, const collected *l, bool one, const char *to, hp_err *err) {
    for (size_t i = 0; i < l->object.n; i++) {
        hp_str key = l->object.p[i].key, below = hp_str_cut(key, one ? 0 : k->prefix.n, key.n);
        hp_str base = one ? hp_path_base(key) : below, path = hp_str_of(to);
        /* An object store takes any key, also one that would be a path to somewhere else. */
        HP_TRY(hp_bucket_key_safe(base, err));
        if (!to)
            path = base;
        else if (!one || hp_is_dir(to))
            path = hp_path_join(k->c->arena, path, base);
        if (!path.p) return hp_fail_memory(err, "a path");
        HP_TRY(one ? get_one(k, key, path.p, err) : get_below(k, key, path, hp_str_of(to), err));
    }
    return HP_OK;
}

hp_code hp_cmd_bucket_get(hp_cli *c, hp_err *err) {
    CALL(k, c);
    collected l = {0};
    bool one;
    k.how.overwrite = c->args.opt[HP_O_OVERWRITE].on;
    k.how.dry_run = c->args.opt[HP_O_DRY_RUN].on;
    HP_TRY(hp_bucket_of(c, c->args.word[0], &k.b, err));
    allow_interruption();
    hp_code code = name_objects(&k, &l, &one, err);
    if (code == HP_OK && l.object.n == 0)
        code = hp_fail(err, HP_NOINPUT, "%s: there is nothing of that name", c->args.word[0]);
    if (code == HP_OK) code = get_all(&k, &l, one, c->args.nword > 1 ? c->args.word[1] : NULL, err);
    hp_vec_free(&l.object);
    HP_TRY(code);
    hp_bucket_tell(c, &k.told, "hotpass.bucket-get/1");
    return k.told.bad ? HP_PARTIAL : HP_OK;
}

/* ---- ls ---- */

static void list_json(hp_cli *c, const collected *l, uint64_t bytes) {
    hp_json j = hp_cli_json(c, "hotpass.bucket-ls/1");
    hp_json_key(&j, "count");
    hp_json_i64(&j, (int64_t)l->object.n);
    hp_json_key(&j, "bytes");
    hp_json_i64(&j, (int64_t)bytes);
    hp_json_key(&j, "objects");
    hp_json_array(&j);
    for (size_t i = 0; i < l->object.n; i++) {
        char changed[21];
        hp_time_iso(l->object.p[i].changed, changed);
        hp_json_object(&j);
        hp_json_key(&j, "key");
        hp_json_str(&j, l->object.p[i].key);
        hp_json_key(&j, "bytes");
        hp_json_i64(&j, (int64_t)l->object.p[i].bytes);
        hp_json_key(&j, "changed_at");
        hp_json_cstr(&j, changed);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

static void list_text(hp_cli *c, const collected *l, uint64_t bytes) {
    for (size_t i = 0; i < l->object.n; i++) {
        char changed[21];
        hp_autobuf size = hp_buf_new(32);
        hp_time_iso(l->object.p[i].changed, changed);
        hp_put_size(&size, l->object.p[i].bytes);
        hp_buf_printf(&c->out, "%s  %9s  ", changed, hp_buf_cstr(&size));
        hp_put_safe(&c->out, l->object.p[i].key);
        hp_buf_putc(&c->out, '\n');
    }
    if (c->quiet) return;
    hp_put_counted(&c->out, l->object.n, "object", "objects");
    hp_buf_puts(&c->out, ", ");
    hp_put_size(&c->out, bytes);
    hp_buf_putc(&c->out, '\n');
}

hp_code hp_cmd_bucket_ls(hp_cli *c, hp_err *err) {
    CALL(k, c);
    collected l = {0};
    bool one;
    uint64_t bytes = 0;
    HP_TRY(hp_bucket_of(c, c->args.nword ? c->args.word[0] : NULL, &k.b, err));
    hp_code code = name_objects(&k, &l, &one, err);
    for (size_t i = 0; i < l.object.n; i++) bytes += l.object.p[i].bytes;
    if (code == HP_OK && c->json) list_json(c, &l, bytes);
    if (code == HP_OK && !c->json) list_text(c, &l, bytes);
    hp_vec_free(&l.object);
    return code;
}

/* ---- verify ---- */

static hp_code verify_one(call *k, hp_str key, const char *path, hp_err *err) {
    static const char *const VERDICT[] = {"same", "changed", "missing", "unrecorded"};
    hp_bucket_object o = {0};
    hp_bucket_verdict verdict;
    hp_bucket_line line = {.path = hp_str_of(path)};
    HP_TRY(url_of(k, key, &line.url, err));
    HP_TRY(hp_bucket_verify(k->b, k->c->arena, key, path, &o, &verdict, err));
    line.outcome = VERDICT[verdict];
    line.bytes = o.bytes;
    line.sha256 = o.sha256;
    line.verified = verdict == HP_BUCKET_SAME;
    return hp_bucket_add(&k->told, &line, line.verified, err);
}

static hp_code verify_dir(call *k, const char *dir, hp_err *err) {
    hp_bucket_files files = {0};
    HP_TRY(take_prefix(k, err));
    hp_code code = hp_bucket_walk(k->c->arena, dir, &files, err);
    for (size_t i = 0; code == HP_OK && i < files.file.n; i++) {
        hp_str path = hp_path_join(k->c->arena, hp_str_of(dir), files.file.p[i]), key;
        code = path.p ? join(k, files.file.p[i], &key, err) : hp_fail_memory(err, "a path");
        if (code == HP_OK) code = verify_one(k, key, path.p, err);
    }
    hp_bucket_files_free(&files);
    return code;
}

static hp_code verify_file(call *k, const char *path, hp_err *err) {
    hp_str key = hp_bucket_key(k->b);
    k->prefix = key;
    if (hp_bucket_is_prefix(k->b)) HP_TRY(join(k, hp_path_base(hp_str_of(path)), &key, err));
    return verify_one(k, key, path, err);
}

static hp_code verify_records(call *k, hp_err *err) {
    collected l = {0};
    bool one;
    hp_code code = name_objects(k, &l, &one, err);
    for (size_t i = 0; code == HP_OK && i < l.object.n; i++)
        code = verify_one(k, l.object.p[i].key, NULL, err);
    if (code == HP_OK && l.object.n == 0)
        code = hp_fail(err, HP_NOINPUT, "there is nothing to verify: no object of that name");
    hp_vec_free(&l.object);
    return code;
}

static bool is_url(const char *word) { return hp_str_find(hp_str_of(word), HP_S("://"), 0) != SIZE_MAX; }

hp_code hp_cmd_bucket_verify(hp_cli *c, hp_err *err) {
    CALL(k, c);
    const char *const *word = c->args.word;
    const char *path = c->args.nword && !is_url(word[0]) ? word[0] : NULL;
    const char *url = c->args.nword > 1 ? word[1] : c->args.nword && !path ? word[0] : NULL;
    if (c->args.nword > 1 && !path)
        return hp_fail(err, HP_USAGE, "%s: the first of two has to be a file or directory", word[0]);
    if (path && !hp_exists(path))
        return hp_fail(err, HP_NOINPUT, "%s: there is no such file or directory", path);
    HP_TRY(hp_bucket_of(c, url, &k.b, err));
    HP_TRY(!path             ? verify_records(&k, err)
           : hp_is_dir(path) ? verify_dir(&k, path, err)
                             : verify_file(&k, path, err));
    hp_bucket_tell(c, &k.told, "hotpass.bucket-verify/1");
    return k.told.bad ? HP_FINDINGS : HP_OK;
}
