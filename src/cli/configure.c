/* Configuration gives options their values, unless the command line does. */
#include "cli/cli.h"

#include "base/banned.h"

static bool option_by_name(const char *name, hp_option_id *id) {
    for (int o = HP_O_END + 1; o < HP_O_COUNT; o++) {
        if (strcmp(hp_option_get((hp_option_id)o)->name, name) != 0) continue;
        *id = (hp_option_id)o;
        return true;
    }
    return false;
}

hp_code hp_cli_configure(hp_cli *c, hp_err *err) {
    HP_TRY(hp_config_load(c->arena, hp_args_text(&c->args, HP_O_CONFIG), &c->config, err));
    for (int id = 0; id < HP_CONFIG_COUNT; id++) {
        const char *name = hp_config_key_get((hp_config_id)id)->option;
        hp_config_from from;
        const hp_config_value *v = hp_config_get(&c->config, (hp_config_id)id, &from);
        hp_option_id option;
        if (!name || from == HP_CONFIG_BUILTIN || !option_by_name(name, &option)) continue;
        if (!hp_option_of(c->args.command, option)) continue;
        HP_TRY(hp_args_default(c->arena, &c->args, option, v->item, v->n, err));
    }
    const char *log = hp_args_text(&c->args, HP_O_LOG_FORMAT);
    c->log_json = log && strcmp(log, "json") == 0;
    return HP_OK;
}
