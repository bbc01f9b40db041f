/* hotpass prefect execute: one flow run, as a worker starts it. */
#include <stdlib.h>

#include "cli/prefect.h"
#include "net/tunnel_state.h"
#include "ops/prefect/execute.h"

#include "base/banned.h"

static void talk(void *ctx, hp_str line) {
    const hp_cli *c = ctx;
    if (c->quiet) return;
    hp_talk(line);
    hp_talk(HP_S("\n"));
}

static hp_code run_id(const hp_cli *c, hp_str *out, hp_err *err) {
    const char *id = c->args.nword ? c->args.word[0] : getenv("PREFECT__FLOW_RUN_ID");
    if (!id || !*id)
        return hp_fail(
            err, HP_USAGE,
            "there is no flow run: a worker of Prefect says it by PREFECT__FLOW_RUN_ID; by hand, give its id");
    *out = hp_str_of(id);
    if (hp_prefect_is_id(*out)) return HP_OK;
    return hp_fail(err, HP_USAGE, "%.80s is no id of a flow run (8-4-4-4-12 hexadecimal digits)", id);
}

static void put_json(hp_cli *c, hp_str id, const hp_execution *x) {
    hp_json j = hp_cli_json(c, "hotpass.prefect-execute/1");
    hp_json_key(&j, "flow_run_id");
    hp_json_str(&j, id);
    hp_json_key(&j, "ran");
    hp_json_bool(&j, x->ran);
    hp_json_key(&j, "state");
    hp_json_cstr(&j, x->type[0] ? x->type : NULL);
    hp_json_key(&j, "exit_code");
    hp_json_i64(&j, x->exit_code);
    hp_json_key(&j, "message");
    hp_json_str(&j, x->message);
    hp_json_key(&j, "delivered");
    hp_json_bool(&j, x->delivered);
    hp_cli_json_end(c, &j);
}

static hp_code execute(hp_cli *c, hp_prefect_session *s, hp_err *err) {
    hp_execution x;
    hp_str state_dir;
    hp_execute_options o = {.where = &s->where,
                            .api = s->api,
                            .stop_fd = s->stop_fd,
                            .deliver_ms = (int)c->args.opt[HP_O_DELIVER_WITHIN].number * 1000,
                            .retries = c->args.opt[HP_O_RETRIES].number,
                            .retry_delay_s = c->args.opt[HP_O_RETRY_DELAY].number,
                            .talk = talk,
                            .ctx = c};
    HP_TRY(run_id(c, &o.run_id, err));
    HP_TRY(hp_state_dir(c->arena, &state_dir, err));
    o.state_dir = state_dir.p;
    HP_TRY(hp_prefect_execute(&o, c->arena, &x, err));
    if (c->json) {
        put_json(c, o.run_id, &x);
    } else if (!c->quiet) {
        hp_buf_puts(&c->out, x.type[0] ? x.type : "not run");
        hp_buf_puts(&c->out, ": ");
        hp_put_safe(&c->out, x.message);
        hp_buf_putc(&c->out, '\n');
    }
    return HP_OK;
}

hp_code hp_cmd_prefect_execute(hp_cli *c, hp_err *err) {
    hp_prefect_session s;
    hp_code code = hp_prefect_begin(c, &s, err);
    if (code == HP_OK) code = execute(c, &s, err);
    hp_prefect_end(&s);
    return code;
}
