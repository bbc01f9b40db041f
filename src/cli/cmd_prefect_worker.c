/* hotpass prefect worker: runs flow runs of a work pool, without any Python. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/forward.h"
#include "cli/prefect.h"
#include "net/tunnel_state.h"
#include "ops/prefect/worker.h"

#include "base/banned.h"

static void talk(void *ctx, const char *what, hp_str run_id, hp_str text) {
    const hp_cli *c = ctx;
    hp_autobuf line = hp_buf_new(16 << 10);
    if (c->quiet) return;
    if (c->log_json) {
        hp_json j = {.out = &line};
        hp_json_object(&j);
        hp_json_key(&j, "what");
        hp_json_cstr(&j, what);
        hp_json_key(&j, "flow_run_id");
        hp_json_str(&j, run_id);
        hp_json_key(&j, "text");
        hp_json_str(&j, text);
        hp_json_object_end(&j);
        hp_talk_event("prefect.worker", hp_buf_str(&line));
        return;
    }
    hp_buf_puts(&line, "prefect worker: ");
    if (run_id.n) hp_buf_printf(&line, "run %.*s ", HP_FMT(run_id));
    hp_buf_puts(&line, what);
    if (text.n) hp_buf_puts(&line, ": ");
    hp_put_safe(&line, text);
    hp_buf_putc(&line, '\n');
    hp_talk(hp_buf_str(&line));
}

/* Beside one of Prefect's own, the list of workers shows whose this is. */
static hp_code name_of(hp_cli *c, const char **out, hp_err *err) {
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    hp_str name = hp_arena_printf(c->arena, "hotpass %s %d", host, (int)getpid());
    if (!name.p) return hp_fail_memory(err, "a name");
    *out = name.p;
    return HP_OK;
}

static hp_code pool_of(const hp_cli *c, const char **out, hp_err *err) {
    const char *pool = hp_args_text(&c->args, HP_O_POOL);
    if (!pool) pool = hp_config_text(&c->config, HP_C_PREFECT_POOL);
    *out = pool ? pool : "hotpass";
    if (!**out) return hp_fail(err, HP_USAGE, "say for which work pool: --pool NAME");
    return HP_OK;
}

static hp_code work(hp_cli *c, hp_prefect_session *s, hp_err *err) {
    hp_str state_dir;
    hp_worked done;
    hp_worker_options o = {.api = s->api,
                           .stop_fd = s->stop_fd,
                           .concurrency = (size_t)c->args.opt[HP_O_CONCURRENCY].number,
                           .once = c->args.opt[HP_O_ONCE].on,
                           .poll_ms = (uint32_t)c->args.opt[HP_O_POLL].number * 1000,
                           .talk = talk,
                           .ctx = c};
    static const hp_option_id PASS[] = {HP_O_PREFECT_URL, HP_O_PREFECT_KEY_FILE, HP_O_DELIVER_WITHIN,
                                        HP_O_RETRIES,     HP_O_RETRY_DELAY,      HP_O_END};
    HP_TRY(hp_cli_forward(c, PASS, &o.pass, &o.npass, err));
    HP_TRY(pool_of(c, &o.pool, err));
    HP_TRY(name_of(c, &o.name, err));
    HP_TRY(hp_state_dir(c->arena, &state_dir, err));
    o.state_dir = state_dir.p;
    setenv("HOTPASS_STATE_DIR", state_dir.p, 1); /* the same for runs in other directories */
    hp_code code = hp_prefect_work(&o, &done, err);
    if (code != HP_OK) return code;
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.prefect-worker/1");
        hp_json_key(&j, "runs");
        hp_json_i64(&j, (int64_t)done.runs);
        hp_cli_json_end(c, &j);
    }
    return HP_OK;
}

hp_code hp_cmd_prefect_worker(hp_cli *c, hp_err *err) {
    hp_prefect_session s;
    hp_code code = hp_prefect_begin(c, &s, err);
    if (code == HP_OK) code = work(c, &s, err);
    hp_prefect_end(&s);
    return code;
}
