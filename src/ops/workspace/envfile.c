#include "ops/workspace/envfile.h"

#include <sodium.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/vault.h"
#include "net/sessions.h"
#include "ops/workspace/context.h"

#include "base/banned.h"

/* Lines whose value stands in the configuration, or nowhere. */
static const struct {
    const char *name;
    hp_config_id id;
} PLAIN[] = {{"OPENLINEAGE_NAMESPACE", HP_C_LINEAGE_NAMESPACE},
             {"HOTPASS_S3_ENDPOINT", HP_C_S3_ENDPOINT},
             {"HOTPASS_BUCKET", HP_C_BUCKET},
             {"AWS_DEFAULT_REGION", HP_C_REGION},
             {"PREFECT_PROFILE", HP_C_PREFECT_PROFILE},
             {"PREFECT_WORKSPACE", HP_C_PREFECT_WORKSPACE}};

static const struct {
    const char *name, *secret;
} SECRETS[] = {{"PREFECT_API_KEY", "prefect.api_key"},
               {"MARQUEZ_API_KEY", "marquez.api_key"},
               {"AWS_ACCESS_KEY_ID", "aws.access_key_id"},
               {"AWS_SECRET_ACCESS_KEY", "aws.secret_access_key"},
               {"AWS_SESSION_TOKEN", "aws.session_token"}};

enum { MAX_LINES = 24 };

typedef struct maker {
    hp_arena *a;
    const hp_config *c;
    hp_envfile_line *line;
    size_t n;
    bool oom;
} maker;

static void add(maker *m, const char *name, hp_str value, hp_str from) {
    m->oom |= !value.p || !from.p;
    m->line[m->n++] = (hp_envfile_line){.name = name, .value = value, .from = from};
}

/* The value of the configuration, unless only the program itself says so. */
static bool add_configured(maker *m, const char *name, hp_config_id id) {
    hp_config_from from;
    const hp_config_value *v = hp_config_get(m->c, id, &from);
    if (from == HP_CONFIG_BUILTIN || !v->n) return false;
    hp_str value = v->item[0];
    /* Clients of OpenLineage add the path themselves. */
    if (id == HP_C_LINEAGE_URL) {
        while (value.n && value.p[value.n - 1] == '/') value.n--;
        if (hp_str_ends(value, HP_S("/api/v1"))) value.n -= 7;
    }
    add(m, name, value, v->place);
    return true;
}

/* Latest tunnel first; one whose process is gone leads nowhere. */
static void add_service(maker *m, const char *name, hp_config_id id, const hp_net_session *s, size_t n,
                        bool prefect) {
    if (add_configured(m, name, id)) return;
    const hp_net_session *from = NULL;
    hp_str url = hp_net_sessions_url(m->a, s, n, prefect, &from);
    if (url.p && !url.n)
        add(m, name, hp_str_of(prefect ? "http://127.0.0.1:4200/api" : "http://127.0.0.1:5000"),
            HP_S("built-in"));
    else
        add(m, name, url, from ? hp_arena_printf(m->a, "tunnel %.*s", HP_FMT(from->label)) : url);
}

/* The context that holds, unless the configuration says which profile. */
static hp_code add_context(maker *m, hp_err *err) {
    hp_contexts all;
    HP_TRY(hp_contexts_read(m->a, hp_config_text(m->c, HP_C_STATE_DIR), &all, err));
    if (!all.n) return HP_OK;
    const hp_context *x = &all.item[all.n - 1];
    hp_str from = hp_arena_printf(m->a, "context %.*s", HP_FMT(hp_context_name(x)));
    if (x->profile.n) add(m, "HOTPASS_PREFECT_PROFILE", x->profile, from);
    if (x->kube_namespace.n) add(m, "HOTPASS_KUBE_NAMESPACE", x->kube_namespace, from);
    return HP_OK;
}

/* user:password has a variable of its own; keys of Prefect have no colon. */
static hp_code name_of(maker *m, const char *dir, size_t i, const char **out, hp_err *err) {
    hp_secret *secret;
    *out = SECRETS[i].name;
    if (strcmp(*out, "PREFECT_API_KEY") != 0) return HP_OK;
    HP_TRY(hp_vault_get(m->a, dir, hp_str_of(SECRETS[i].secret), &secret, err));
    if (hp_str_chr(hp_secret_reveal(secret), ':', 0) != SIZE_MAX) *out = "PREFECT_API_AUTH_STRING";
    hp_secret_free(secret);
    return HP_OK;
}

static hp_code add_secrets(maker *m, const char *dir, hp_err *err) {
    hp_vault vault;
    HP_TRY(hp_vault_read(m->a, dir, &vault, err));
    for (size_t i = 0; i < sizeof SECRETS / sizeof *SECRETS; i++)
        for (size_t k = 0; k < vault.n; k++) {
            if (!hp_str_eq(vault.item[k].name, hp_str_of(SECRETS[i].secret))) continue;
            hp_envfile_line line = {
                .value = HP_S(""), .from = HP_S("credentials"), .secret = SECRETS[i].secret};
            HP_TRY(name_of(m, dir, i, &line.name, err));
            m->line[m->n++] = line;
        }
    return HP_OK;
}

hp_code hp_envfile_lines(hp_arena *a, const hp_config *c, const hp_envfile_options *o, hp_envfile_line **out,
                         size_t *n, hp_err *err) {
    hp_net_session *s;
    size_t ns;
    maker m = {.a = a, .c = c, .line = HP_NEW_ARRAY(a, MAX_LINES, hp_envfile_line)};
    if (!m.line) return hp_fail_memory(err, "the environment file");
    HP_TRY(hp_net_sessions(a, hp_config_text(c, HP_C_STATE_DIR), &s, &ns, err));
    add_service(&m, "PREFECT_API_URL", HP_C_PREFECT_URL, s, ns, true);
    add_service(&m, "OPENLINEAGE_URL", HP_C_LINEAGE_URL, s, ns, false);
    for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++) add_configured(&m, PLAIN[i].name, PLAIN[i].id);
    HP_TRY(add_context(&m, err));
    add(&m, "HOTPASS_ENVIRONMENT", hp_str_of(o->target), HP_S("--target"));
    hp_str on = hp_str_of(o->allow_network ? "1" : "0"), said = HP_S("--allow-network");
    add(&m, "FEATURE_ENABLE_REMOTE_RESEARCH", on, said);
    add(&m, "ALLOW_NETWORK_RESEARCH", on, said);
    if (o->credentials) HP_TRY(add_secrets(&m, o->vault, err));
    if (m.oom) return hp_fail_memory(err, "the environment file");
    *out = m.line;
    *n = m.n;
    return HP_OK;
}

/* ---- the file ---- */

/* Readers of such files agree about plain values; others stand in single quotes, as a shell takes them. */
static bool is_plain(hp_str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!hp_is_alnum(s.p[i]) && !strchr("_-./:@%+=,", s.p[i])) return false;
    return true;
}

static void put_value(FILE *f, hp_str s) {
    bool plain = is_plain(s);
    if (!plain) fputc('\'', f);
    for (size_t i = 0; i < s.n; i++) {
        if (!plain && s.p[i] == '\'')
            fputs("'\\''", f);
        else
            fputc(s.p[i], f);
    }
    if (!plain) fputc('\'', f);
}

static hp_code put_line(hp_arena *a, FILE *f, const hp_envfile_options *o, const hp_envfile_line *line,
                        hp_err *err) {
    hp_secret *secret = NULL;
    if (line->secret) HP_TRY(hp_vault_get(a, o->vault, hp_str_of(line->secret), &secret, err));
    fputs(line->name, f);
    fputc('=', f);
    put_value(f, secret ? hp_secret_reveal(secret) : line->value);
    fputc('\n', f);
    hp_secret_free(secret);
    return HP_OK;
}

hp_code hp_envfile_write(hp_arena *a, const char *path, const hp_envfile_options *o,
                         const hp_envfile_line *line, size_t n, bool force, hp_err *err) {
    char buffer[8192];
    hp_out out = {0};
    if (!force && hp_exists(path))
        return hp_fail(err, HP_CANTCREAT, "%s: is there already; --force replaces it", path);
    HP_TRY(hp_out_begin(&out, path, true, err));
    setvbuf(out.f, buffer, _IOFBF, sizeof buffer); /* so that it can be wiped */
    hp_code code =
        fchmod(fileno(out.f), 0600) == 0 ? HP_OK : hp_fail(err, HP_IO, "%s: cannot close it to others", path);
    for (size_t i = 0; i < n && code == HP_OK; i++) code = put_line(a, out.f, o, &line[i], err);
    if (code == HP_OK)
        code = hp_out_commit(&out, err);
    else
        hp_out_abandon(&out);
    sodium_memzero(buffer, sizeof buffer);
    return code;
}
