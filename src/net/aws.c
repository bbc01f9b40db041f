#include "net/aws.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/vault.h"

#include "base/banned.h"

enum { FILE_BYTES = 1 << 20 };

/* ---- the files ---- */

/* Reads "[ profile  name ]" as "profile name"; quotes around the name are allowed. */
static bool section_is(hp_str line, hp_str want) {
    size_t end = hp_str_chr(line, ']', 0);
    if (end == SIZE_MAX) return false;
    hp_str name = hp_str_trim(hp_str_cut(line, 1, end)), prefix = HP_S("profile ");
    if (hp_str_starts(want, prefix) && hp_str_starts(name, HP_S("profile")) && name.n > 7
        && hp_is_space(name.p[7])) {
        name = hp_str_trim(hp_str_cut(name, 7, name.n));
        want = hp_str_cut(want, prefix.n, want.n);
    }
    if (name.n >= 2 && name.p[0] == '"' && name.p[name.n - 1] == '"') name = hp_str_cut(name, 1, name.n - 1);
    return hp_str_eq(name, want);
}

/* Reads "key = value"; false when there is no '='. */
static bool split(hp_str line, hp_str *key, hp_str *value) {
    size_t at = hp_str_chr(line, '=', 0);
    if (at == SIZE_MAX) return false;
    *key = hp_str_trim(hp_str_cut(line, 0, at));
    *value = hp_str_trim(hp_str_cut(line, at + 1, line.n));
    return true;
}

static bool is_comment(hp_str line) {
    hp_str text = hp_str_trim(line);
    return text.n == 0 || text.p[0] == '#' || text.p[0] == ';';
}

bool hp_aws_ini_has(hp_str text, hp_str section) {
    hp_str line;
    while (hp_str_next(&text, '\n', &line))
        if (line.n && line.p[0] == '[' && section_is(line, section)) return true;
    return false;
}

bool hp_aws_ini_get(hp_str text, hp_str section, hp_str group, hp_str key, hp_str *out) {
    bool inside = false, in_group = group.n == 0;
    hp_str line, name, value;
    while (hp_str_next(&text, '\n', &line)) {
        if (is_comment(line)) continue;
        if (line.p[0] == '[') {
            inside = section_is(line, section);
            in_group = group.n == 0;
            continue;
        }
        bool indented = hp_is_space(line.p[0]);
        if (!inside || !split(line, &name, &value)) continue;
        if (!indented && group.n) in_group = value.n == 0 && hp_str_ieq(name, group);
        if (indented == (group.n != 0) && in_group && hp_str_ieq(name, key)) {
            *out = value;
            return true;
        }
    }
    return false;
}

/* One of the two files: its name, and its bytes, which hold secrets. */
typedef struct ini {
    hp_str path;
    hp_buf bytes;
} ini;

static void wipe(ini *f) {
    if (f->bytes.p) sodium_memzero(f->bytes.p, f->bytes.n);
    hp_buf_free(&f->bytes);
}

static const char *set(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static hp_code read_ini(hp_arena *a, const char *variable, const char *usual, ini *f, hp_err *err) {
    const char *named = set(variable), *home = set("HOME");
    f->bytes = hp_buf_new(FILE_BYTES);
    if (!named && !home) return HP_OK;
    f->path = named ? hp_arena_dup(a, hp_str_of(named)) : hp_arena_printf(a, "%s/.aws/%s", home, usual);
    if (!f->path.p) return hp_fail_memory(err, "a path");
    if (!named && !hp_exists(f->path.p)) return HP_OK;
    if (named && strcmp(named, "/dev/null") == 0) return HP_OK; /* how one says that there is none */
    return hp_read_file(f->path.p, &f->bytes, err);
}

/* What is read from: both files, and how the profile is called in each. */
typedef struct source {
    ini credentials, config;
    hp_str profile, section; /* "staging", "profile staging" */
    bool named;              /* AWS_PROFILE says it */
} source;

static bool in_config(const source *s, hp_str group, hp_str key, hp_str *out) {
    return hp_aws_ini_get(hp_buf_str(&s->config.bytes), s->section, group, key, out);
}

static bool in_files(const source *s, const char *key, hp_str *out, hp_str *path) {
    *path = s->credentials.path;
    if (hp_aws_ini_get(hp_buf_str(&s->credentials.bytes), s->profile, HP_S(""), hp_str_of(key), out))
        return true;
    *path = s->config.path;
    return in_config(s, HP_S(""), hp_str_of(key), out);
}

static hp_code open_source(hp_arena *a, source *s, hp_err *err) {
    const char *profile = set("AWS_PROFILE");
    s->named = profile != NULL;
    s->profile = hp_arena_dup(a, hp_str_of(profile ? profile : "default"));
    bool usual = s->profile.p && hp_str_eq(s->profile, HP_S("default"));
    s->section = usual ? s->profile : hp_arena_printf(a, "profile %.*s", HP_FMT(s->profile));
    if (!s->profile.p || !s->section.p) return hp_fail_memory(err, "a profile");
    HP_TRY(read_ini(a, "AWS_SHARED_CREDENTIALS_FILE", "credentials", &s->credentials, err));
    HP_TRY(read_ini(a, "AWS_CONFIG_FILE", "config", &s->config, err));
    if (usual && !hp_aws_ini_has(hp_buf_str(&s->config.bytes), s->section))
        s->section = HP_S("profile default");
    if (!s->named || usual) return HP_OK;
    if (hp_aws_ini_has(hp_buf_str(&s->credentials.bytes), s->profile)
        || hp_aws_ini_has(hp_buf_str(&s->config.bytes), s->section))
        return HP_OK;
    return hp_fail(err, HP_CONFIG,
                   "the profile %.*s of AWS_PROFILE stands neither in %.*s nor, as [profile %.*s], in %.*s",
                   HP_FMT(s->profile), HP_FMT(s->credentials.path), HP_FMT(s->profile),
                   HP_FMT(s->config.path));
}

/* ---- keys ---- */

static hp_code take_keys(hp_arena *a, hp_aws *out, hp_str id, hp_str secret, hp_str token, hp_str from,
                         hp_err *err) {
    if (!id.n || !secret.n)
        return hp_fail(err, HP_CONFIG,
                       "%.*s: the %s is missing; both halves of the keys have to be said in one place",
                       HP_FMT(from), id.n ? "secret access key" : "access key id");
    out->keys.id = hp_arena_dup(a, id);
    out->keys_from = from;
    out->secret = hp_secret_new(secret);
    if (token.n) out->token = hp_secret_new(token);
    if (!out->keys.id.p || !out->secret || (token.n && !out->token)) return hp_fail_memory(err, "the keys");
    out->keys.secret = out->secret;
    out->keys.token = out->token;
    return HP_OK;
}

static hp_code keys_of_environment(hp_arena *a, hp_aws *out, hp_err *err) {
    const char *id = set("AWS_ACCESS_KEY_ID"), *secret = set("AWS_SECRET_ACCESS_KEY");
    if (!id && !secret) return HP_OK;
    return take_keys(a, out, hp_str_of(id), hp_str_of(secret), hp_str_of(set("AWS_SESSION_TOKEN")),
                     HP_S("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"), err);
}

static hp_code keys_of_profile(hp_arena *a, const source *s, hp_aws *out, hp_err *err) {
    static const char *const OTHER[] = {"role_arn", "sso_session", "sso_start_url", "credential_process",
                                        "web_identity_token_file"};
    hp_str id = HP_S(""), secret = HP_S(""), token = HP_S(""), path, ignored;
    bool has = in_files(s, "aws_access_key_id", &id, &path);
    has |= in_files(s, "aws_secret_access_key", &secret, &path);
    (void)in_files(s, "aws_session_token", &token, &ignored);
    if (has) {
        hp_str from = hp_arena_printf(a, "%.*s [%.*s]", HP_FMT(path), HP_FMT(s->profile));
        return from.p ? take_keys(a, out, id, secret, token, from, err) : hp_fail_memory(err, "the keys");
    }
    for (size_t i = 0; i < sizeof OTHER / sizeof *OTHER; i++) {
        if (!in_files(s, OTHER[i], &id, &path)) continue;
        out->why_none = hp_arena_printf(
            a,
            "profile %.*s (%.*s) gets its keys by %s; let the AWS CLI do that: eval \"$(aws configure export-credentials --profile %.*s --format env)\"",
            HP_FMT(s->profile), HP_FMT(path), OTHER[i], HP_FMT(s->profile));
        return out->why_none.p ? HP_OK : hp_fail_memory(err, "the keys");
    }
    return HP_OK;
}

static hp_code from_vault(hp_arena *a, const char *vault, const char *name, hp_secret **out, hp_err *err) {
    hp_err why = {0};
    hp_code code = hp_vault_get(a, vault, hp_str_of(name), out, &why);
    if (code == HP_OK || code == HP_NOINPUT) return HP_OK;
    if (err) *err = why;
    return code;
}

static hp_code keys_of_vault(hp_arena *a, const char *vault, hp_aws *out, hp_err *err) {
    hp_secret *id = NULL, *secret = NULL, *token = NULL;
    hp_code code = from_vault(a, vault, "aws.access_key_id", &id, err);
    if (code == HP_OK) code = from_vault(a, vault, "aws.secret_access_key", &secret, err);
    if (code == HP_OK) code = from_vault(a, vault, "aws.session_token", &token, err);
    if (code == HP_OK && (id || secret))
        code = take_keys(a, out, id ? hp_secret_reveal(id) : HP_S(""),
                         secret ? hp_secret_reveal(secret) : HP_S(""),
                         token ? hp_secret_reveal(token) : HP_S(""), HP_S("hotpass credentials"), err);
    hp_secret_free(id);
    hp_secret_free(secret);
    hp_secret_free(token);
    return code;
}

static hp_code find_keys(hp_arena *a, const source *s, const char *vault, hp_aws *out, hp_err *err) {
    HP_TRY(keys_of_environment(a, out, err));
    if (!out->secret && s->named) HP_TRY(keys_of_profile(a, s, out, err));
    if (!out->secret && !s->named && vault) HP_TRY(keys_of_vault(a, vault, out, err));
    if (!out->secret && !s->named) HP_TRY(keys_of_profile(a, s, out, err));
    return HP_OK;
}

/* ---- region and endpoint ---- */

static hp_code copy(hp_arena *a, hp_str value, hp_str *out, hp_err *err) {
    *out = hp_arena_dup(a, value);
    return out->p ? HP_OK : hp_fail_memory(err, "the settings");
}

static hp_code find_region(hp_arena *a, const source *s, hp_aws *out, hp_err *err) {
    const char *said = set("AWS_REGION");
    hp_str value, path;
    if (!said) said = set("AWS_DEFAULT_REGION");
    if (said) return copy(a, hp_str_of(said), &out->region, err);
    return in_files(s, "region", &value, &path) ? copy(a, value, &out->region, err) : HP_OK;
}

static bool endpoint_of_profile(hp_arena *a, const source *s, const char *service, hp_str *out) {
    hp_str services;
    if (in_config(s, HP_S(""), HP_S("services"), &services)) {
        hp_str section = hp_arena_printf(a, "services %.*s", HP_FMT(services));
        if (section.p
            && hp_aws_ini_get(hp_buf_str(&s->config.bytes), section, hp_str_of(service), HP_S("endpoint_url"),
                              out))
            return true;
    }
    return in_config(s, HP_S(""), HP_S("endpoint_url"), out);
}

static hp_code find_endpoint(hp_arena *a, const source *s, const char *service, hp_aws *out, hp_err *err) {
    char name[64] = "AWS_ENDPOINT_URL_";
    size_t n = strlen(name);
    hp_str value;
    for (const char *p = service; *p && n + 1 < sizeof name; p++) name[n++] = hp_upper(*p);
    name[n] = 0;
    const char *said = set(name), *from = said ? name : "AWS_ENDPOINT_URL";
    if (!said) said = set("AWS_ENDPOINT_URL");
    if (said) {
        HP_TRY(copy(a, hp_str_of(from), &out->endpoint_from, err));
        return copy(a, hp_str_of(said), &out->endpoint, err);
    }
    if (!endpoint_of_profile(a, s, service, &value)) return HP_OK;
    HP_TRY(copy(a, s->config.path, &out->endpoint_from, err));
    return copy(a, value, &out->endpoint, err);
}

static hp_code read_all(hp_arena *a, source *s, const char *service, const char *vault, hp_aws *out,
                        hp_err *err) {
    hp_str style;
    HP_TRY(open_source(a, s, err));
    HP_TRY(find_keys(a, s, vault, out, err));
    HP_TRY(find_region(a, s, out, err));
    HP_TRY(find_endpoint(a, s, service, out, err));
    out->virtual_host =
        in_config(s, HP_S("s3"), HP_S("addressing_style"), &style) && hp_str_ieq(style, HP_S("virtual"));
    return HP_OK;
}

hp_code hp_aws_read(hp_arena *a, const char *service, const char *vault, hp_aws *out, hp_err *err) {
    source s = {0};
    hp_aws made = {0};
    hp_code code = read_all(a, &s, service, vault, &made, err);
    wipe(&s.credentials);
    wipe(&s.config);
    if (code != HP_OK) {
        hp_aws_free(&made);
        return code;
    }
    *out = made;
    return HP_OK;
}

void hp_aws_free(hp_aws *s) {
    hp_secret_free(s->secret);
    hp_secret_free(s->token);
    s->secret = s->token = NULL;
    s->keys = (hp_aws_keys){0};
}
