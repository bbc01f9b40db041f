/* Sealing is XChaCha20-Poly1305 (libsodium: crypto_aead_xchacha20poly1305_ietf), with the name as associated
 * data: a sealed value that somebody moves under another name does not open. */
#include "base/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/json.h"
#include "base/keyring.h"

#include "base/banned.h"

#define SCHEMA "hotpass.credentials/1"
enum {
    KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    BASE64 = sodium_base64_VARIANT_ORIGINAL,
    MAX_NAME = 64,
    SOON_S = 14 * 86400,
    MAX_FILE = 4 << 20
};

bool hp_vault_name_ok(hp_str name) {
    if (name.n == 0 || name.n > MAX_NAME || !(name.p[0] >= 'a' && name.p[0] <= 'z')) return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!(c >= 'a' && c <= 'z') && !hp_is_digit(c) && c != '.' && c != '_' && c != '-') return false;
    }
    return true;
}

static hp_code path_in(hp_arena *a, const char *dir, const char *name, hp_str *out, hp_err *err) {
    *out = hp_path_join(a, hp_str_of(dir), hp_str_of(name));
    return out->p ? HP_OK : hp_fail_memory(err, "the vault");
}

/* ---- reading ---- */

static hp_code damaged(const char *path, const hp_node *at, hp_err *err) {
    return hp_fail(
        err, HP_CONFIG,
        "%s:%d:%d: this is no vault of hotpass, or it was changed by hand; move it away and set the credentials again",
        path, at ? at->line : 1, at ? at->column : 1);
}

static bool two_digits(hp_str s, size_t at, int64_t *out) {
    return hp_is_digit(s.p[at]) && hp_str_i64(hp_str_cut(s, at, at + 2), out);
}

/* "2025-10-14T09:30:00Z", as hp_time_iso writes it. */
static bool read_time(hp_str s, int64_t *out) {
    hp_date d;
    int64_t h, m, sec;
    if (s.n != 20 || !hp_date_parse_iso(hp_str_cut(s, 0, 10), &d)) return false;
    if (s.p[10] != 'T' || s.p[13] != ':' || s.p[16] != ':' || s.p[19] != 'Z') return false;
    if (!two_digits(s, 11, &h) || !two_digits(s, 14, &m) || !two_digits(s, 17, &sec)) return false;
    *out = hp_days_from_civil(d.year, d.month, d.day) * 86400 + h * 3600 + m * 60 + sec;
    return true;
}

static hp_str optional(const hp_node *n, const char *key) {
    hp_str text = {"", 0};
    hp_node_text(hp_node_get(n, key), &text);
    return text;
}

/* Sealed, or kept elsewhere; when it ends is a time or nothing. */
static bool read_item(const hp_node *n, hp_vault_item *v) {
    int64_t when;
    *v = (hp_vault_item){.name = optional(n, "name"),
                         .updated_at = optional(n, "updated_at"),
                         .expires_at = optional(n, "expires_at"),
                         .nonce = optional(n, "nonce"),
                         .sealed = optional(n, "sealed"),
                         .in_keyring = hp_str_eq(optional(n, "kept_in"), HP_S(HP_VAULT_SERVICE))};
    return hp_vault_name_ok(v->name) && v->updated_at.n && (v->in_keyring || (v->nonce.n && v->sealed.n))
           && (!v->expires_at.n || read_time(v->expires_at, &when));
}

static hp_code read_items(hp_arena *a, const char *path, const hp_node *doc, hp_vault *out, hp_err *err) {
    hp_str schema = {"", 0};
    const hp_node *items = hp_node_get(doc, "items");
    hp_node_text(hp_node_get(doc, "schema"), &schema);
    if (!hp_str_eq(schema, HP_S(SCHEMA)) || !items || items->kind != HP_NODE_LIST)
        return damaged(path, doc, err);
    out->item = HP_NEW_ARRAY(a, items->n + 1, hp_vault_item);
    if (!out->item) return hp_fail_memory(err, "the vault");
    for (size_t i = 0; i < items->n; i++) {
        if (!read_item(items->item[i], &out->item[i])) return damaged(path, items->item[i], err);
    }
    out->n = items->n;
    return HP_OK;
}

static hp_code check_mode(const char *path, hp_err *err) {
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & 077))
        return hp_fail(err, HP_NOPERM,
                       "%s: others may read it (mode %03o); run chmod 600 on it, or hotpass doctor --autofix",
                       path, st.st_mode & 0777u);
    return HP_OK;
}

hp_code hp_vault_read(hp_arena *a, const char *dir, hp_vault *out, hp_err *err) {
    hp_str path;
    hp_node *doc = NULL;
    HP_TRY(path_in(a, dir, HP_VAULT_FILE, &path, err));
    *out = (hp_vault){.dir = hp_str_of(dir)};
    if (!hp_exists(path.p)) return HP_OK;
    HP_TRY(check_mode(path.p, err));
    HP_TRY(hp_doc_read(a, path.p, &doc, err));
    return read_items(a, path.p, doc, out, err);
}

int64_t hp_vault_expiry(const hp_vault_item *item) {
    int64_t when = 0;
    return item->expires_at.n && read_time(item->expires_at, &when) ? when : 0;
}

bool hp_vault_ends_soon(const hp_vault_item *item, int64_t now) {
    int64_t end = hp_vault_expiry(item), set = 0;
    if (end <= now || !read_time(item->updated_at, &set)) return false;
    return end - now <= SOON_S && end - now <= (end - set) / 4;
}

/* ---- the key ---- */

static hp_code make_key(const char *path, hp_err *err) {
    unsigned char key[KEY_BYTES];
    char hex[2 * KEY_BYTES + 2];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return hp_fail(err, HP_CANTCREAT, "%s: cannot make the key: %s", path, strerrordesc_np(errno));
    crypto_aead_xchacha20poly1305_ietf_keygen(key);
    sodium_bin2hex(hex, sizeof hex, key, sizeof key);
    hex[sizeof hex - 2] = '\n';
    bool ok = write(fd, hex, sizeof hex - 1) == (ssize_t)sizeof hex - 1 && fsync(fd) == 0;
    ok &= close(fd) == 0;
    sodium_memzero(key, sizeof key);
    sodium_memzero(hex, sizeof hex);
    if (ok) return HP_OK;
    unlink(path);
    return hp_fail(err, HP_IO, "%s: cannot write the key", path);
}

static hp_code load_key(const char *path, unsigned char key[KEY_BYTES], hp_err *err) {
    hp_secret *hex = NULL;
    size_t n = 0;
    HP_TRY(hp_secret_from_file(path, &hex, err));
    hp_str text = hp_secret_reveal(hex);
    bool ok = sodium_hex2bin(key, KEY_BYTES, text.p, text.n, NULL, &n, NULL) == 0 && n == KEY_BYTES;
    hp_secret_free(hex);
    return ok ? HP_OK
              : hp_fail(err, HP_CONFIG,
                        "%s: is no key of hotpass; credentials sealed with the right one need that back",
                        path);
}

/* ---- sealing ---- */

static bool decode(hp_str text, unsigned char *out, size_t cap, size_t *n) {
    return sodium_base642bin(out, cap, text.p, text.n, NULL, n, NULL, BASE64) == 0;
}

static hp_str encode(hp_arena *a, const unsigned char *bytes, size_t n) {
    size_t cap = sodium_base64_ENCODED_LEN(n, BASE64);
    char *text = hp_arena_raw(a, cap);
    if (!text) return (hp_str){0};
    sodium_bin2base64(text, cap, bytes, n, BASE64);
    return hp_str_of(text);
}

static hp_code seal(hp_arena *a, const unsigned char *key, const hp_secret *secret, hp_vault_item *v,
                    hp_err *err) {
    hp_str plain = hp_secret_reveal(secret);
    unsigned char nonce[NONCE_BYTES], *sealed = hp_arena_raw(a, plain.n + TAG_BYTES);
    unsigned long long n = 0;
    if (!sealed) return hp_fail_memory(err, "the vault");
    randombytes_buf(nonce, sizeof nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, &n, (const unsigned char *)plain.p, plain.n,
                                               (const unsigned char *)v->name.p, v->name.n, NULL, nonce, key);
    v->nonce = encode(a, nonce, sizeof nonce);
    v->sealed = encode(a, sealed, (size_t)n);
    return v->nonce.p && v->sealed.p ? HP_OK : hp_fail_memory(err, "the vault");
}

static hp_code unseal(hp_arena *a, const unsigned char *key, const hp_vault_item *v, hp_secret **out,
                      hp_err *err) {
    unsigned char nonce[NONCE_BYTES], *sealed = hp_arena_raw(a, v->sealed.n + 1);
    unsigned char *plain = sodium_malloc(v->sealed.n + 1);
    size_t n = 0, nonce_n = 0;
    unsigned long long plain_n = 0;
    hp_code code = sealed && plain ? HP_OK : hp_fail_memory(err, "the vault");
    bool ok =
        code == HP_OK && decode(v->nonce, nonce, sizeof nonce, &nonce_n) && nonce_n == sizeof nonce
        && decode(v->sealed, sealed, v->sealed.n, &n)
        && crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &plain_n, NULL, sealed, n,
                                                      (const unsigned char *)v->name.p, v->name.n, nonce, key)
               == 0;
    if (ok) *out = hp_secret_new((hp_str){(const char *)plain, (size_t)plain_n});
    if (ok && !*out) code = hp_fail_memory(err, "a secret");
    if (!ok && code == HP_OK)
        code = hp_fail(err, HP_CONFIG,
                       "\"%.*s\" does not open: it was sealed with another key, or changed; set it again",
                       HP_FMT(v->name));
    sodium_free(plain);
    return code;
}

static const hp_vault_item *find(const hp_vault *v, hp_str name) {
    for (size_t i = 0; i < v->n; i++)
        if (hp_str_eq(v->item[i].name, name)) return &v->item[i];
    return NULL;
}

static hp_code absent(hp_arena *a, const hp_vault *v, hp_str name, hp_err *err) {
    const char **names = HP_NEW_ARRAY(a, v->n + 1, const char *);
    if (!names) return hp_fail_memory(err, "the vault");
    for (size_t i = 0; i < v->n; i++) names[i] = hp_arena_dup(a, v->item[i].name).p;
    const char *near = hp_nearest(name, names, v->n);
    return hp_fail(err, HP_NOINPUT, "no credential \"%.*s\" is kept%s%s%s", HP_FMT(name),
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

hp_code hp_vault_get(hp_arena *a, const char *dir, hp_str name, hp_secret **out, hp_err *err) {
    hp_vault v;
    hp_str path;
    unsigned char key[KEY_BYTES];
    if (sodium_init() < 0) return hp_fail_memory(err, "the vault");
    HP_TRY(hp_vault_read(a, dir, &v, err));
    const hp_vault_item *item = find(&v, name);
    if (!item) return absent(a, &v, name, err);
    if (item->in_keyring) return hp_keyring_get(dir, hp_arena_dup(a, name).p, out, err);
    HP_TRY(path_in(a, dir, HP_VAULT_KEY, &path, err));
    HP_TRY(load_key(path.p, key, err));
    hp_code code = unseal(a, key, item, out, err);
    sodium_memzero(key, sizeof key);
    return code;
}

/* ---- changing ---- */

static void put_items(const hp_vault *v, hp_buf *out) {
    hp_json j = {.out = out, .pretty = true};
    hp_json_object(&j);
    hp_json_key(&j, "schema");
    hp_json_cstr(&j, SCHEMA);
    hp_json_key(&j, "items");
    hp_json_array(&j);
    for (size_t i = 0; i < v->n; i++) {
        const hp_vault_item *item = &v->item[i];
        const hp_str text[] = {item->name,       item->updated_at,
                               item->expires_at, hp_str_of(item->in_keyring ? HP_VAULT_SERVICE : ""),
                               item->nonce,      item->sealed};
        static const char *const KEY[] = {"name", "updated_at", "expires_at", "kept_in", "nonce", "sealed"};
        hp_json_object(&j);
        for (size_t k = 0; k < sizeof KEY / sizeof *KEY; k++) {
            if (!text[k].n) continue;
            hp_json_key(&j, KEY[k]);
            hp_json_str(&j, text[k]);
        }
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    hp_buf_putc(out, '\n');
}

static hp_code write_items(hp_arena *a, const hp_vault *v, hp_err *err) {
    hp_autobuf text = hp_buf_new(MAX_FILE);
    hp_str path;
    hp_out o = {0};
    HP_TRY(path_in(a, v->dir.p, HP_VAULT_FILE, &path, err));
    put_items(v, &text);
    HP_TRY(hp_buf_check(&text, "the vault", err));
    HP_TRY(hp_out_begin(&o, path.p, true, err));
    if (fchmod(fileno(o.f), 0600) != 0 || fwrite(text.p, 1, text.n, o.f) != text.n) {
        hp_out_abandon(&o);
        return hp_fail(err, HP_IO, "%s: cannot write it", path.p);
    }
    return hp_out_commit(&o, err);
}

static hp_code make_dir(const char *dir, hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_str path = hp_str_of(dir);
    for (size_t i = 1; a && i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/') continue;
        hp_str part = hp_arena_dup(a, hp_str_cut(path, 0, i));
        if (!part.p) return hp_fail_memory(err, "the vault");
        if (mkdir(part.p, 0700) != 0 && errno != EEXIST)
            return hp_fail(err, HP_CANTCREAT, "%s: cannot make the directory: %s", part.p,
                           strerrordesc_np(errno));
    }
    return a ? HP_OK : hp_fail_memory(err, "the vault");
}

/* Whoever changes a vault holds its lock from reading to writing; closing the file gives it back. */
static hp_code lock(hp_arena *a, const char *dir, int *fd, hp_err *err) {
    hp_str path;
    HP_TRY(path_in(a, dir, ".credentials.lock", &path, err));
    *fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int done = *fd < 0 ? -1 : flock(*fd, LOCK_EX);
    if (done == 0) return HP_OK;
    return hp_fail(err, HP_CANTCREAT, "%s: cannot lock the vault: %s", path.p, strerrordesc_np(errno));
}

static hp_code seal_item(hp_arena *a, const char *dir, const hp_secret *secret, hp_vault_item *item,
                         hp_err *err) {
    unsigned char key[KEY_BYTES];
    hp_str path;
    HP_TRY(path_in(a, dir, HP_VAULT_KEY, &path, err));
    if (!hp_exists(path.p)) HP_TRY(make_key(path.p, err));
    HP_TRY(load_key(path.p, key, err));
    hp_code code = seal(a, key, secret, item, err);
    sodium_memzero(key, sizeof key);
    return code;
}

/* Puts an item where its name belongs, in place of the one that is there. */
static hp_code place(hp_arena *a, hp_vault *v, const hp_vault_item *item, hp_err *err) {
    hp_vault next = {.dir = v->dir, .item = HP_NEW_ARRAY(a, v->n + 2, hp_vault_item)};
    if (!next.item) return hp_fail_memory(err, "the vault");
    bool placed = false;
    for (size_t i = 0; i < v->n; i++) {
        int order = hp_str_cmp(v->item[i].name, item->name);
        if (order >= 0 && !placed) next.item[next.n++] = *item;
        placed |= order >= 0;
        if (order != 0) next.item[next.n++] = v->item[i];
    }
    if (!placed) next.item[next.n++] = *item;
    *v = next;
    return HP_OK;
}

/* What a new item says of itself, without its secret. */
static hp_code describe(hp_arena *a, hp_str name, const hp_vault_how *how, hp_vault_item *item, hp_err *err) {
    char now[21], then[21] = "";
    hp_time_iso(hp_clock_now(), now);
    if (how->expires) hp_time_iso(how->expires, then);
    *item = (hp_vault_item){.name = hp_arena_dup(a, name),
                            .updated_at = hp_arena_dup(a, hp_str_of(now)),
                            .expires_at = hp_arena_dup(a, hp_str_of(then)),
                            .in_keyring = how->place == HP_VAULT_KEYRING
                                          || (how->place == HP_VAULT_AUTO && hp_keyring_there(NULL))};
    return item->name.p && item->updated_at.p && item->expires_at.p ? HP_OK
                                                                    : hp_fail_memory(err, "the vault");
}

static hp_code put_locked(hp_arena *a, const char *dir, const hp_secret *secret, const hp_vault_item *new,
                          hp_err *err) {
    hp_vault v;
    hp_vault_item item = *new;
    bool was;
    HP_TRY(hp_vault_read(a, dir, &v, err));
    const hp_vault_item *old = find(&v, item.name);
    if (old && old->in_keyring && !item.in_keyring) HP_TRY(hp_keyring_remove(dir, item.name.p, &was, err));
    if (item.in_keyring)
        HP_TRY(hp_keyring_put(dir, item.name.p, secret, err));
    else
        HP_TRY(seal_item(a, dir, secret, &item, err));
    HP_TRY(place(a, &v, &item, err));
    return write_items(a, &v, err);
}

hp_code hp_vault_put(hp_arena *a, const char *dir, hp_str name, const hp_secret *secret,
                     const hp_vault_how *how, bool *in_keyring, hp_err *err) {
    static const hp_vault_how USUAL = {0};
    hp_vault_item item;
    int fd = -1;
    if (sodium_init() < 0) return hp_fail_memory(err, "the vault");
    HP_TRY(describe(a, name, how ? how : &USUAL, &item, err));
    HP_TRY(make_dir(dir, err));
    hp_code code = lock(a, dir, &fd, err);
    if (code == HP_OK) code = put_locked(a, dir, secret, &item, err);
    if (code == HP_OK && in_keyring) *in_keyring = item.in_keyring;
    if (fd >= 0) close(fd);
    return code;
}

static hp_code remove_locked(hp_arena *a, const char *dir, hp_str name, bool *was, hp_err *err) {
    hp_vault v;
    size_t n = 0;
    HP_TRY(hp_vault_read(a, dir, &v, err));
    const hp_vault_item *item = find(&v, name);
    if (item && item->in_keyring) HP_TRY(hp_keyring_remove(dir, hp_arena_dup(a, name).p, was, err));
    for (size_t i = 0; i < v.n; i++)
        if (!hp_str_eq(v.item[i].name, name)) v.item[n++] = v.item[i];
    *was = n < v.n;
    v.n = n;
    return *was ? write_items(a, &v, err) : HP_OK;
}

hp_code hp_vault_remove(hp_arena *a, const char *dir, hp_str name, bool *was, hp_err *err) {
    int fd = -1;
    *was = false;
    if (!hp_is_dir(dir)) return HP_OK;
    hp_code code = lock(a, dir, &fd, err);
    if (code == HP_OK) code = remove_locked(a, dir, name, was, err);
    if (fd >= 0) close(fd);
    return code;
}
