#include "base/keyring.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/module.h"

#include "base/banned.h"

/* ---- libsecret ---- */

/* As libsecret's header has it (secret-schema.h), without the whole of GLib behind it: the layout is part of
 * its interface, version 1. */
typedef struct secret_schema {
    const char *name;
    int flags;
    struct {
        const char *name;
        int type;
    } attribute[32];
    int reserved;
    void *reserved_too[7];
} secret_schema;

typedef struct gerror {
    uint32_t domain;
    int code;
    char *message;
} gerror;

static const secret_schema SCHEMA = {.name = "org.hotpass.Credential",
                                     .attribute = {{"name", 0}, {"directory", 0}}};

static void *(*service_get)(int flags, void *cancel, gerror **error);
static int (*store)(const secret_schema *, const char *collection, const char *label, const char *secret,
                    void *cancel, gerror **error, ...);
static char *(*lookup)(const secret_schema *, void *cancel, gerror **error, ...);
static int (*clear)(const secret_schema *, void *cancel, gerror **error, ...);
static void (*secret_free)(char *secret);
static void (*error_free)(gerror *error);
static void *(*cancel_new)(void);
static void (*cancel_now)(void *cancel);
static void (*unref)(void *object);

static const hp_module_function FUNCTIONS[] = {
    {"secret_service_get_sync", &service_get},
    {"secret_password_store_sync", &store},
    {"secret_password_lookup_sync", &lookup},
    {"secret_password_clear_sync", &clear},
    {"secret_password_free", &secret_free},
    {"g_error_free", &error_free},
    {"g_cancellable_new", &cancel_new},
    {"g_cancellable_cancel", &cancel_now},
    {"g_object_unref", &unref},
};
static hp_module libsecret = {.file = "libsecret-1.so.0",
                              .install = "install the package libsecret-1-0",
                              .function = FUNCTIONS,
                              .functions = sizeof FUNCTIONS / sizeof *FUNCTIONS};

/* ---- a call with a deadline ---- */

/* Long enough to type a password into the keyring's window. */
enum { DEADLINE_S = 60 };

typedef struct call {
    void *cancel;
    gerror *error;
    pthread_t watch;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool over, watched;
} call;

static void *watch(void *ctx) {
    call *c = ctx;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += DEADLINE_S;
    pthread_mutex_lock(&c->mutex);
    while (!c->over && pthread_cond_timedwait(&c->ended, &c->mutex, &until) == 0) continue;
    bool late = !c->over;
    pthread_mutex_unlock(&c->mutex);
    if (late) cancel_now(c->cancel);
    return NULL;
}

static void begin(call *c) {
    *c =
        (call){.mutex = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER, .cancel = cancel_new()};
    c->watched = pthread_create(&c->watch, NULL, watch, c) == 0;
}

static void end(call *c) {
    pthread_mutex_lock(&c->mutex);
    c->over = true;
    pthread_cond_signal(&c->ended);
    pthread_mutex_unlock(&c->mutex);
    if (c->watched) pthread_join(c->watch, NULL);
    if (c->error) error_free(c->error);
    unref(c->cancel);
}

static hp_code said(const call *c, const char *name, hp_err *err) {
    return hp_fail(err, HP_NOPERM,
                   "the Secret Service does not give \"%s\" free: %s; unlock the keyring of this session",
                   name, c->error->message);
}

/* ---- the door ---- */

static hp_code find_service(hp_err *err) {
    const char *bus = getenv("DBUS_SESSION_BUS_ADDRESS");
    if (!bus || !*bus) return hp_fail(err, HP_UNAVAILABLE, "this session has no bus");
    if (hp_module_load(&libsecret, err) != HP_OK) return HP_UNAVAILABLE;
    call c;
    begin(&c);
    void *service = service_get(1 << 1 /* SECRET_SERVICE_OPEN_SESSION */, c.cancel, &c.error);
    hp_code code =
        service ? HP_OK : hp_fail(err, HP_UNAVAILABLE, "no Secret Service answers: %s", c.error->message);
    if (service) unref(service);
    end(&c);
    return code;
}

bool hp_keyring_there(const char **why) {
    static _Thread_local hp_err e;
    e = (hp_err){0};
    bool there = find_service(&e) == HP_OK;
    if (why) *why = e.message;
    return there;
}

static hp_code unreachable(const char *name, const hp_err *why, hp_err *err) {
    return hp_fail(err, HP_UNAVAILABLE, "\"%s\" is kept in the Secret Service of your session: %s", name,
                   why->message);
}

hp_code hp_keyring_put(const char *dir, const char *name, const hp_secret *secret, hp_err *err) {
    char label[96];
    hp_str bytes = hp_secret_reveal(secret);
    HP_TRY(find_service(err));
    if (memchr(bytes.p, 0, bytes.n)) return hp_fail(err, HP_DATA, "the value of \"%s\" has a NUL byte", name);
    char *text = sodium_malloc(bytes.n + 1);
    if (!text) return hp_fail_memory(err, "a secret");
    memcpy(text, bytes.p, bytes.n);
    text[bytes.n] = 0;
    snprintf(label, sizeof label, "hotpass: %s", name);
    call c;
    begin(&c);
    store(&SCHEMA, NULL, label, text, c.cancel, &c.error, "name", name, "directory", dir, (char *)NULL);
    hp_code code = c.error ? said(&c, name, err) : HP_OK;
    end(&c);
    sodium_free(text);
    return code;
}

hp_code hp_keyring_get(const char *dir, const char *name, hp_secret **out, hp_err *err) {
    hp_err why = {0};
    if (find_service(&why) != HP_OK) return unreachable(name, &why, err);
    call c;
    begin(&c);
    char *text = lookup(&SCHEMA, c.cancel, &c.error, "name", name, "directory", dir, (char *)NULL);
    hp_code code = c.error ? said(&c, name, err) : HP_OK;
    if (code == HP_OK && !text)
        code = hp_fail(err, HP_NOINPUT, "\"%s\" is no longer in the Secret Service; set it again", name);
    hp_secret *s = code == HP_OK ? hp_secret_new(hp_str_of(text)) : NULL;
    if (code == HP_OK && !s) code = hp_fail_memory(err, "a secret");
    if (text) secret_free(text);
    end(&c);
    if (code == HP_OK) *out = s;
    return code;
}

hp_code hp_keyring_remove(const char *dir, const char *name, bool *was, hp_err *err) {
    hp_err why = {0};
    if (find_service(&why) != HP_OK) return unreachable(name, &why, err);
    call c;
    begin(&c);
    *was = clear(&SCHEMA, c.cancel, &c.error, "name", name, "directory", dir, (char *)NULL);
    hp_code code = c.error ? said(&c, name, err) : HP_OK;
    end(&c);
    return code;
}
