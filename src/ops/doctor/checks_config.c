/* Checks of the configuration, of who answers for the data, of credentials and tunnels. No secret is read. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/vault.h"
#include "net/sessions.h"
#include "ops/doctor/parts.h"

#include "base/banned.h"

HP_DOCTOR_LOOK(config) {
    hp_str path = d->config.project.path;
    hp_doctor_ran(d, r, "%.*s, %.*s, the environment", HP_FMT(path), HP_FMT(d->config.user.path));
    hp_doctor_expected(d, r, "known keys with values of their type");
    hp_doctor_lines(d, r, d->config_lines);
    if (d->config.errors) {
        hp_doctor_got(d, r, "%zu errors", d->config.errors);
        hp_doctor_bad(d, r, "correct them; docs/reference/config.md lists the keys");
        r->verdict = HP_DOCTOR_BROKEN;
    } else {
        hp_doctor_got(d, r, d->config.project.found ? "no error" : "no error; there is no %.*s",
                      HP_FMT(path));
        for (size_t i = 0; i < d->config.nunused; i++)
            hp_doctor_detail(d, r, "%.*s", HP_FMT(d->config.unused[i]));
    }
}

/* A value that another place overrides by a different one. */
HP_DOCTOR_LOOK(precedence) {
    hp_doctor_ran(d, r, "environment, project's and user's file");
    hp_doctor_expected(d, r, "no variable stands above another value of a file");
    for (int id = 0; id < HP_CONFIG_COUNT; id++) {
        const hp_config_value *e = &d->config.said[HP_CONFIG_ENVIRONMENT][id];
        for (int from = HP_CONFIG_PROJECT; from >= HP_CONFIG_USER && e->given; from--) {
            const hp_config_value *v = &d->config.said[from][id];
            if (!v->given || (v->n == e->n && v->n && hp_str_eq(v->item[0], e->item[0]))) continue;
            hp_doctor_detail(d, r, "%s: %.*s stands above %.*s", hp_config_key_get((hp_config_id)id)->name,
                             HP_FMT(e->place), HP_FMT(v->place));
        }
    }
    hp_doctor_got(d, r, r->detail.n ? "%zu do" : "none", r->detail.n);
    if (r->detail.n)
        hp_doctor_bad(d, r, "unset the variable unless it is meant; hotpass config show --origin");
}

/* ---- governance ---- */

static void say_origin(hp_doctor *d, hp_doctor_result *r, hp_config_id id) {
    hp_config_from from;
    const hp_config_value *v = hp_config_get(&d->config, id, &from);
    hp_str place = v->place.n ? v->place : hp_str_of(hp_config_from_name(from));
    hp_doctor_ran(d, r, "%s", hp_config_key_get(id)->name);
    if (v->given && v->n)
        hp_doctor_got(d, r, "%.*s (%.*s)", HP_FMT(v->item[0]), HP_FMT(place));
    else
        hp_doctor_got(d, r, "nothing");
}

HP_DOCTOR_LOOK(intent) {
    say_origin(d, r, HP_C_INTENT);
    hp_doctor_expected(d, r, "at least one purpose");
    if (!hp_config_text(&d->config, HP_C_INTENT))
        hp_doctor_bad(d, r, "hotpass config set governance.intent \"PURPOSE\"");
}

HP_DOCTOR_LOOK(owner) {
    say_origin(d, r, HP_C_DATA_OWNER);
    hp_doctor_expected(d, r, "a role or a team");
    if (!hp_config_text(&d->config, HP_C_DATA_OWNER))
        hp_doctor_bad(d, r, "hotpass config set governance.data_owner \"TEAM\", or --autofix");
}

HP_DOCTOR_LOOK(review) {
    say_origin(d, r, HP_C_REVIEW_DAYS);
    hp_doctor_expected(d, r, "a number of days");
    if (!hp_config_text(&d->config, HP_C_REVIEW_DAYS))
        hp_doctor_bad(d, r, "hotpass config set governance.review_interval_days 180, or --autofix");
}

/* ---- secrets ---- */

static void look_at_mode(hp_doctor *d, hp_str path, void (*fn)(hp_doctor *d, hp_str path, void *ctx),
                         void *ctx) {
    struct stat st;
    if (path.p && lstat(path.p, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077)) fn(d, path, ctx);
}

void hp_doctor_open_secrets(hp_doctor *d, void (*fn)(hp_doctor *d, hp_str path, void *ctx), void *ctx) {
    hp_str home = hp_config_home(d->a), *names = NULL;
    size_t n = 0;
    if (home.n) {
        look_at_mode(d, hp_path_join(d->a, home, HP_S("credentials.json")), fn, ctx);
        look_at_mode(d, hp_path_join(d->a, home, HP_S("credentials.key")), fn, ctx);
    }
    look_at_mode(d, hp_path_join(d->a, hp_str_of(d->state_dir), HP_S("credentials.json")), fn, ctx);
    if (hp_list_dir(d->a, ".", &names, &n, NULL) != HP_OK) return;
    for (size_t i = 0; i < n; i++) {
        bool example = hp_str_ends(names[i], HP_S(".example")) || hp_str_ends(names[i], HP_S(".template"));
        if (!example && (hp_str_eq(names[i], HP_S(".env")) || hp_str_starts(names[i], HP_S(".env."))))
            look_at_mode(d, names[i], fn, ctx);
    }
}

static void tell(hp_doctor *d, hp_str path, void *r) {
    struct stat st;
    if (stat(path.p, &st) == 0)
        hp_doctor_detail(d, r, "%.*s has mode %03o", HP_FMT(path), (unsigned)(st.st_mode & 0777));
}

HP_DOCTOR_LOOK(secret_files) {
    hp_doctor_ran(d, r, "modes of the store of credentials, its key, and .env files");
    hp_doctor_expected(d, r, "600: nobody else may read them");
    hp_doctor_open_secrets(d, tell, r);
    hp_doctor_got(d, r, r->detail.n ? "%zu can be read by others" : "as it should be", r->detail.n);
    if (r->detail.n)
        hp_doctor_bad(d, r, "chmod 600 FILE, or --autofix; change the secrets if others may have read them");
}

/* Names in the store stand there in the clear; the values are sealed. */
static bool is_stored(const hp_node *store, const char *name) {
    const hp_node *items = hp_node_get(store, "items");
    for (size_t i = 0; items && items->kind == HP_NODE_LIST && i < items->n; i++) {
        hp_str is;
        if (hp_node_text(hp_node_get(items->item[i], "name"), &is) && hp_str_eq(is, hp_str_of(name)))
            return true;
    }
    return false;
}

static bool is_set(const char *name) {
    const char *v = getenv(name);
    return v && *v;
}

HP_DOCTOR_LOOK(credentials) {
    hp_str home = hp_config_home(d->a);
    hp_str path = home.n ? hp_path_join(d->a, home, HP_S("credentials.json")) : (hp_str){"", 0};
    const char *prefect = hp_config_text(&d->config, HP_C_PREFECT_URL);
    bool cloud = prefect && strncmp(prefect, "https://", 8) == 0;
    bool bucket = hp_config_text(&d->config, HP_C_BUCKET) != NULL;
    hp_node *store = NULL;
    if (!cloud && !bucket) {
        hp_doctor_skip(d, r, "the configuration names no service that needs one");
        return;
    }
    if (path.n && hp_exists(path.p)) hp_doc_read(d->a, path.p, &store, NULL);
    hp_doctor_ran(d, r, "names in %.*s and in the environment", HP_FMT(path));
    hp_doctor_expected(d, r, "a credential for each service");
    if (cloud && !is_set("PREFECT_API_KEY") && !is_set("PREFECT_API_AUTH_STRING")
        && !is_stored(store, "prefect.api_key"))
        hp_doctor_detail(d, r, "prefect.api_key, for %s: PREFECT_API_KEY is not set", prefect);
    bool aws = is_set("AWS_ACCESS_KEY_ID") || is_set("AWS_PROFILE") || is_set("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (bucket && !aws
        && !(is_stored(store, "aws.access_key_id") && is_stored(store, "aws.secret_access_key")))
        hp_doctor_detail(
            d, r,
            "aws.access_key_id and aws.secret_access_key, for the bucket: neither AWS_PROFILE nor AWS_ACCESS_KEY_ID is set");
    hp_doctor_got(d, r, r->detail.n ? "%zu missing" : "they are there", r->detail.n);
    if (r->detail.n) hp_doctor_bad(d, r, "hotpass credentials set NAME");
}

HP_DOCTOR_LOOK(expiry) {
    hp_str home = hp_config_home(d->a);
    hp_vault vault = {0};
    hp_err e = {0};
    size_t known = 0;
    hp_doctor_ran(d, r, "when the credentials end that are kept");
    hp_doctor_expected(d, r, "none has ended, or does soon");
    if (!home.n || hp_vault_read(d->a, home.p, &vault, &e) != HP_OK) {
        hp_doctor_skip(d, r, "%s", e.message[0] ? e.message : "there is no place for credentials");
        return;
    }
    for (size_t i = 0; i < vault.n; i++) {
        const hp_vault_item *v = &vault.item[i];
        int64_t end = hp_vault_expiry(v);
        known += end != 0;
        if (end && end <= d->facts.now)
            hp_doctor_detail(d, r, "%.*s ended at %.*s", HP_FMT(v->name), HP_FMT(v->expires_at));
        else if (hp_vault_ends_soon(v, d->facts.now))
            hp_doctor_detail(d, r, "%.*s ends at %.*s", HP_FMT(v->name), HP_FMT(v->expires_at));
    }
    hp_doctor_got(d, r, "%zu of %zu whose end is known", r->detail.n, known);
    if (r->detail.n) hp_doctor_bad(d, r, "get a new one, and hotpass credentials set NAME --expires TIME");
}

/* ---- tunnels ---- */

HP_DOCTOR_LOOK(tunnels) {
    hp_str path = hp_doctor_text(d, "%s/" HP_NET_FILE, d->state_dir);
    hp_net_session *list;
    size_t n;
    hp_err e = {0};
    hp_doctor_ran(d, r, "%.*s and the processes it names", HP_FMT(path));
    hp_doctor_expected(d, r, "each tunnel lives");
    if (hp_net_sessions(d->a, d->state_dir, &list, &n, &e) != HP_OK) {
        hp_doctor_got(d, r, "%s", e.message);
        hp_doctor_bad(d, r, "remove %.*s, and open the tunnels again", HP_FMT(path));
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (list[i].gone)
            hp_doctor_detail(d, r, "%.*s (pid %lld): %s", HP_FMT(list[i].label), (long long)list[i].who.pid,
                             list[i].gone);
    if (n)
        hp_doctor_got(d, r, "%zu of %zu are gone", r->detail.n, n);
    else
        hp_doctor_got(d, r, "no tunnel is recorded");
    if (r->detail.n) hp_doctor_bad(d, r, "hotpass net down --label LABEL, then hotpass net up");
}
