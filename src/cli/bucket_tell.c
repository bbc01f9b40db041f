#include <stdlib.h>

#include "cli/bucket.h"

#include "base/banned.h"

/* ---- which bucket ---- */

/* An address that the environment gives stands above what AWS clients are told, which stands above files. */
static hp_str endpoint(hp_cli *c) {
    const char *said = hp_args_text(&c->args, HP_O_ENDPOINT_URL);
    hp_config_from from;
    (void)hp_config_get(&c->config, HP_C_S3_ENDPOINT, &from);
    bool aws = getenv("AWS_ENDPOINT_URL_S3") || getenv("AWS_ENDPOINT_URL");
    if (!said && (from == HP_CONFIG_ENVIRONMENT || !aws)) said = hp_config_text(&c->config, HP_C_S3_ENDPOINT);
    return hp_str_of(said);
}

static hp_str usual_url(hp_cli *c) {
    const char *url = hp_config_text(&c->config, HP_C_EVIDENCE_BUCKET),
               *name = hp_config_text(&c->config, HP_C_BUCKET);
    if (!url && name) return hp_arena_printf(c->arena, "s3://%s/", name);
    hp_str text = hp_str_of(url ? url : "file://dist/evidence");
    bool slash = hp_str_ends(text, HP_S("/"));
    return hp_arena_printf(c->arena, "%.*s%s", HP_FMT(text), slash ? "" : "/");
}

hp_code hp_bucket_of(hp_cli *c, const char *url, hp_bucket **out, hp_err *err) {
    const hp_given *part = &c->args.opt[HP_O_PART_SIZE];
    hp_str vault = hp_config_home(c->arena);
    hp_bucket_how how = {.url = url ? hp_str_of(url) : usual_url(c),
                         .endpoint = endpoint(c),
                         .region = hp_str_of(hp_config_text(&c->config, HP_C_REGION)),
                         .vault = vault.n ? vault.p : NULL,
                         .part_bytes = part->given ? (uint64_t)part->number : 0};
    if (!how.url.p || !vault.p) return hp_fail_memory(err, "a bucket");
    return hp_bucket_open(&how, out, err);
}

/* ---- telling ---- */

hp_code hp_bucket_add(hp_bucket_told *t, const hp_bucket_line *line, bool good, hp_err *err) {
    *(good ? &t->good : &t->bad) += 1;
    t->bytes += good ? line->bytes : 0;
    return hp_vec_push(&t->line, *line) ? HP_OK : hp_fail_memory(err, "the result");
}

void hp_bucket_told_free(hp_bucket_told *t) { hp_vec_free(&t->line); }

static void text(hp_json *j, const char *key, hp_str s) {
    hp_json_key(j, key);
    if (s.n)
        hp_json_str(j, s);
    else
        hp_json_null(j);
}

static void number(hp_json *j, const char *key, uint64_t n) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)n);
}

static void line_json(const hp_bucket_line *l, hp_json *j) {
    hp_json_object(j);
    text(j, "path", l->path);
    text(j, "url", l->url);
    text(j, "outcome", hp_str_of(l->outcome));
    number(j, "bytes", l->bytes);
    text(j, "sha256", l->sha256);
    hp_json_key(j, "verified");
    hp_json_bool(j, l->verified);
    if (l->parts) number(j, "parts", l->parts);
    if (l->parts) number(j, "parts_reused", l->reused);
    if (l->why.n) text(j, "why", l->why);
    hp_json_object_end(j);
}

static void tell_json(hp_cli *c, const hp_bucket_told *t, const char *schema) {
    hp_json j = hp_cli_json(c, schema);
    number(&j, "count", t->line.n);
    number(&j, "good", t->good);
    number(&j, "bad", t->bad);
    number(&j, "bytes", t->bytes);
    hp_json_key(&j, "objects");
    hp_json_array(&j);
    for (size_t i = 0; i < t->line.n; i++) line_json(&t->line.p[i], &j);
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

static void line_text(hp_cli *c, const hp_bucket_line *l) {
    hp_buf *out = &c->out;
    hp_buf_printf(out, "%-12s ", l->outcome);
    hp_put_safe(out, l->url.n ? l->url : l->path);
    if (l->bytes || l->sha256.n) {
        hp_buf_puts(out, "  ");
        hp_put_size(out, l->bytes);
    }
    if (l->parts > 1) hp_buf_printf(out, "  %u parts", l->parts);
    if (l->reused) hp_buf_printf(out, ", %u of them there before", l->reused);
    if (l->why.n) {
        hp_buf_puts(out, "  ");
        hp_put_safe(out, l->why);
    }
    hp_buf_putc(out, '\n');
}

void hp_bucket_tell(hp_cli *c, const hp_bucket_told *t, const char *schema) {
    if (c->json) {
        tell_json(c, t, schema);
        return;
    }
    for (size_t i = 0; i < t->line.n; i++) line_text(c, &t->line.p[i]);
    if (c->quiet) return;
    hp_put_counted(&c->out, t->line.n, "object", "objects");
    hp_buf_puts(&c->out, ", ");
    hp_put_size(&c->out, t->bytes);
    if (t->bad) hp_buf_printf(&c->out, "; %zu not as wanted", t->bad);
    hp_buf_putc(&c->out, '\n');
}
