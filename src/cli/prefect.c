#include "cli/prefect.h"

#include <unistd.h>

#include "base/file.h"
#include "cli/net.h"

#include "base/banned.h"

hp_code hp_prefect_begin(hp_cli *c, hp_prefect_session *s, hp_err *err) {
    *s = (hp_prefect_session){.stop_fd = -1};
    hp_str vault = hp_config_home(c->arena);
    if (!vault.p) return hp_fail_memory(err, "a path");
    hp_prefect_hints hints = {.url = hp_args_text(&c->args, HP_O_PREFECT_URL),
                              .key_file = hp_args_text(&c->args, HP_O_PREFECT_KEY_FILE),
                              .vault = vault.n ? vault.p : NULL};
    HP_TRY(hp_prefect_find(c->arena, &c->config, &hints, &s->where, err));
    HP_TRY(hp_net_signals(&s->stop_fd, err));
    return hp_prefect_open(&s->where, s->stop_fd, &s->api, err);
}

void hp_prefect_end(hp_prefect_session *s) {
    hp_prefect_close(s->api);
    hp_prefect_where_free(&s->where);
    if (s->stop_fd >= 0) close(s->stop_fd);
}

hp_code hp_prefect_named(hp_cli *c, hp_prefect_session *s, hp_prefect_deployment *out, hp_err *err) {
    const char *name = c->args.nword ? c->args.word[0] : hp_config_text(&c->config, HP_C_PREFECT_DEPLOYMENT);
    return hp_prefect_deployment_find(s->api, c->arena, hp_str_of(name), out, err);
}

hp_code hp_prefect_manifests(hp_cli *c, hp_option_id only, hp_manifest **out, size_t *n, hp_err *err) {
    const char *dir = hp_args_text(&c->args, HP_O_MANIFEST_DIR);
    const hp_given *wanted = &c->args.opt[only];
    hp_autobuf lines = hp_buf_new(1u << 20);
    size_t errors = 0;
    HP_TRY(hp_manifests_read(c->arena, dir, out, n, &lines, &errors, err));
    if (errors) {
        hp_talk(hp_buf_str(&lines));
        return hp_fail(err, HP_CONFIG, "%s: %zu error%s in the manifests, see above; nothing was sent", dir,
                       errors, errors == 1 ? "" : "s");
    }
    return hp_manifests_only(*out, n, wanted->value, wanted->n, err);
}

hp_str hp_prefect_pool(hp_cli *c) { return hp_str_of(hp_config_text(&c->config, HP_C_PREFECT_POOL)); }

hp_code hp_prefect_project(hp_cli *c, hp_str *out, hp_err *err) {
    char here[4096];
    const char *said = hp_config_text(&c->config, HP_C_PREFECT_PROJECT);
    if (!said && !getcwd(here, sizeof here))
        return hp_fail(err, HP_IO, "the working directory has no name; set prefect.project in hotpass.yaml");
    *out = hp_arena_dup(c->arena, said ? hp_str_of(said) : hp_path_base(hp_str_of(here)));
    return out->p ? HP_OK : hp_fail_memory(err, "a project");
}
