/* hotpass deploy: makes Prefect as the manifests say. */
#include "cli/prefect.h"
#include "cli/view.h"
#include "ops/prefect/deploy.h"

#include "base/banned.h"

static void tell_json(hp_cli *c, const hp_prefect_session *s, const hp_deploy_options *o,
                      const hp_deploy_items *items) {
    hp_json j = hp_cli_json(c, "hotpass.deploy/1");
    hp_json_key(&j, "url");
    hp_json_str(&j, hp_prefect_url(s->api));
    hp_json_key(&j, "dry_run");
    hp_json_bool(&j, o->dry_run);
    hp_json_key(&j, "changes");
    hp_json_i64(&j, (int64_t)items->changes);
    hp_json_key(&j, "items");
    hp_json_array(&j);
    for (size_t i = 0; i < items->n; i++) {
        const hp_deploy_item *it = &items->p[i];
        hp_json_object(&j);
        hp_json_key(&j, "kind");
        hp_json_cstr(&j, it->kind);
        hp_json_key(&j, "name");
        hp_json_str(&j, it->name);
        hp_json_key(&j, "action");
        hp_json_cstr(&j, hp_deploy_word(it->verb, false));
        hp_json_key(&j, "id");
        if (it->id.n)
            hp_json_str(&j, it->id);
        else
            hp_json_null(&j);
        hp_json_key(&j, "detail");
        hp_json_str(&j, it->detail);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

static hp_code tell_text(hp_cli *c, const hp_prefect_session *s, const hp_deploy_options *o,
                         const hp_deploy_items *items, hp_err *err) {
    static const char *const HEADER[] = {"kind", "name", "action", "detail"};
    hp_view v = {.arena = c->arena, .ncol = 4, .header = HEADER};
    for (size_t i = 0; i < items->n; i++) {
        const hp_deploy_item *it = &items->p[i];
        hp_view_add(&v, hp_str_of(it->kind));
        hp_view_add(&v, it->name);
        hp_view_add(&v, hp_str_of(hp_deploy_word(it->verb, o->dry_run)));
        hp_view_add(&v, it->detail);
    }
    HP_TRY(hp_view_write(&v, &c->term, 0, &c->out, err));
    hp_buf_putc(&c->out, '\n');
    hp_put_safe(&c->out, hp_prefect_url(s->api));
    if (items->changes == 0) {
        hp_buf_puts(&c->out, ": nothing to change\n");
    } else {
        hp_buf_puts(&c->out, ": ");
        hp_put_counted(&c->out, items->changes, "change", "changes");
        hp_buf_puts(&c->out, o->dry_run ? " to be made; nothing was sent\n" : "\n");
    }
    return HP_OK;
}

static hp_code tell(hp_cli *c, const hp_prefect_session *s, const hp_deploy_options *o,
                    const hp_deploy_items *items, hp_err *err) {
    if (c->json) {
        tell_json(c, s, o, items);
        return HP_OK;
    }
    return c->quiet ? HP_OK : tell_text(c, s, o, items, err);
}

static hp_code deploy(hp_cli *c, hp_prefect_session *s, const hp_manifest *m, size_t n, hp_err *err) {
    hp_deploy_options o = {.dry_run = c->args.opt[HP_O_DEPLOY_DRY_RUN].on,
                           .prune = c->args.opt[HP_O_PRUNE].on,
                           .pool = hp_prefect_pool(c)};
    hp_deploy_items items = {0};
    HP_TRY(hp_prefect_project(c, &o.project, err));
    hp_code code = hp_prefect_deploy(s->api, c->arena, m, n, &o, &items, err);
    /* What was done before the error is worth knowing; with --json the error is the whole answer. */
    if (code == HP_OK) {
        code = tell(c, s, &o, &items, err);
    } else if (!c->json && !o.dry_run && items.changes) {
        hp_autobuf done = hp_buf_new(200);
        hp_put_counted(&done, items.changes, "change was made", "changes were made");
        hp_buf_puts(&done, " before the error; the next call goes on from there\n");
        hp_talk(hp_buf_str(&done));
    }
    hp_vec_free(&items);
    return code;
}

hp_code hp_cmd_deploy(hp_cli *c, hp_err *err) {
    hp_prefect_session s = {.stop_fd = -1};
    hp_manifest *m;
    size_t n;
    if (c->args.opt[HP_O_PRUNE].on && c->args.opt[HP_O_MANIFEST].n)
        return hp_fail(err, HP_USAGE, "--prune looks at all manifests: give it without --only");
    HP_TRY(hp_prefect_manifests(c, HP_O_MANIFEST, &m, &n, err));
    hp_code code = hp_prefect_begin(c, &s, err);
    if (code == HP_OK) code = deploy(c, &s, m, n, err);
    hp_prefect_end(&s);
    return code;
}
