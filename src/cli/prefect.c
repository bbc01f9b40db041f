#include "cli/prefect.h"

#include <unistd.h>

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
