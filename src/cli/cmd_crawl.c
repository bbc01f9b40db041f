/* hotpass crawl: one website, as the provider website reads many. */
#include "base/clock.h"
#include "base/utf8.h"
#include "cli/research.h"
#include "cli/telemetry.h"
#include "cli/view.h"
#include "enrich/client.h"
#include "enrich/enrich.h"
#include "enrich/site.h"

#include "base/banned.h"

typedef struct crawl {
    hp_cli *c;
    hp_profile *profile;
    hp_gate gate;
    hp_str target; /* with a scheme */
    hp_site site;
    bool done; /* the gate was open, and the visit is over */
    uint64_t began;
} crawl;

static const hp_field FIELDS[] = {
    HP_F_ORGANIZATION_NAME, HP_F_CONTACT_EMAIL, HP_F_CONTACT_PHONE, HP_F_FAX, HP_F_ADDRESS, HP_F_CITY,
    HP_F_PROVINCE,          HP_F_POSTAL_CODE,   HP_F_COUNTRY};
enum { NFIELDS = sizeof FIELDS / sizeof *FIELDS };

/* ---- how it went ---- */

static bool is_read(const crawl *w) {
    const hp_site_page *first = hp_site_first(&w->site);
    return w->done && first->end == HP_HTTP_ANSWERED && first->status < 400;
}

static hp_code outcome(const crawl *w) {
    if (is_read(w)) return HP_OK;
    return !w->done || hp_site_first(&w->site)->end == HP_HTTP_BLOCKED ? HP_NOPERM : HP_UNAVAILABLE;
}

static const char *status_of(const crawl *w) {
    if (!w->done) return "skipped";
    return is_read(w) ? "success" : hp_site_first(&w->site)->end == HP_HTTP_BLOCKED ? "blocked" : "error";
}

static void put_message(const crawl *w, hp_buf *out) {
    const hp_site_page *first = hp_site_first(&w->site);
    if (!w->done) {
        hp_gate_sentence(&w->gate, out);
    } else if (is_read(w)) {
        hp_put_counted(out, w->site.npage, "page", "pages");
        hp_buf_puts(out, " read, ");
        hp_put_counted(out, w->site.fact.n, "value", "values");
        hp_buf_puts(out, " found");
    } else if (first->end == HP_HTTP_ANSWERED) {
        hp_buf_printf(out, "http %ld", first->status);
    } else {
        hp_buf_printf(out, first->end == HP_HTTP_BLOCKED ? "blocked: %.*s" : "failed: %.*s",
                      HP_FMT(first->reason));
    }
}

/* ---- JSON ---- */

static void json_time(hp_json *j, const char *key, int64_t time) {
    char text[21];
    hp_json_key(j, key);
    hp_time_iso(time, text);
    hp_json_cstr(j, time ? text : NULL);
}

static void json_page(hp_json *j, const hp_site_page *p) {
    static const char *const END[] = {
        [HP_HTTP_ANSWERED] = "answered", [HP_HTTP_BLOCKED] = "blocked", [HP_HTTP_FAILED] = "failed"};
    hp_json_object(j);
    hp_json_key(j, "url");
    hp_json_str(j, p->url);
    hp_json_key(j, "end");
    hp_json_cstr(j, END[p->end]);
    hp_json_key(j, "reason");
    hp_json_cstr(j, p->reason.n ? p->reason.p : NULL);
    hp_json_key(j, "status");
    hp_json_i64(j, p->status);
    hp_json_key(j, "content_length");
    hp_json_i64(j, (int64_t)p->bytes);
    hp_json_key(j, "content_type");
    hp_json_str(j, p->type);
    hp_json_key(j, "cached");
    hp_json_bool(j, p->cached);
    json_time(j, "time", p->time);
    hp_json_key(j, "values");
    hp_json_i64(j, (int64_t)p->facts);
    hp_json_object_end(j);
}

static void json_fact(hp_json *j, const hp_site *s, const hp_site_fact *f) {
    hp_json_object(j);
    hp_json_key(j, "field");
    hp_json_cstr(j, hp_field_get(f->field)->name);
    hp_json_key(j, "value");
    hp_json_str(j, f->value);
    hp_json_key(j, "confidence");
    hp_json_f64(j, f->confidence);
    hp_json_key(j, "place");
    hp_json_cstr(j, hp_fact_place_word(f->place));
    hp_json_key(j, "url");
    hp_json_str(j, s->page[f->page].url);
    hp_json_object_end(j);
}

static void json_plan(const crawl *w, hp_json *j) {
    hp_field_set withheld = hp_enrich_withheld(w->profile);
    hp_json_key(j, "plan");
    hp_json_object(j);
    hp_json_key(j, "target_urls");
    hp_json_array(j);
    hp_json_str(j, w->target);
    hp_json_array_end(j);
    hp_json_key(j, "allow_network");
    hp_json_bool(j, w->gate.pass != NULL);
    for (int held = 0; held < 2; held++) {
        hp_json_key(j, held ? "withheld_fields" : "backfill_fields");
        hp_json_array(j);
        for (size_t i = 0; i < NFIELDS; i++)
            if (hp_field_in(withheld, FIELDS[i]) == (held == 1))
                hp_json_cstr(j, hp_field_get(FIELDS[i])->name);
        hp_json_array_end(j);
    }
    hp_research_json_rate(j, w->profile);
    hp_json_object_end(j);
}

static void json_step(const crawl *w, hp_json *j) {
    hp_autobuf message = hp_buf_new(4096);
    put_message(w, &message);
    hp_json_key(j, "steps");
    hp_json_array(j);
    hp_json_object(j);
    hp_json_key(j, "name");
    hp_json_cstr(j, "native_crawl");
    hp_json_key(j, "status");
    hp_json_cstr(j, status_of(w));
    hp_json_key(j, "message");
    hp_json_str(j, hp_buf_str(&message));
    hp_json_key(j, "artifacts");
    hp_json_object(j);
    hp_json_key(j, "pages");
    hp_json_array(j);
    for (size_t i = 0; i < w->site.npage; i++) json_page(j, &w->site.page[i]);
    hp_json_array_end(j);
    hp_json_key(j, "values");
    hp_json_array(j);
    for (size_t i = 0; i < w->site.fact.n; i++) json_fact(j, &w->site, &w->site.fact.p[i]);
    hp_json_array_end(j);
    hp_json_object_end(j);
    hp_json_object_end(j);
    hp_json_array_end(j);
    hp_put_carry(j->out, &message);
}

static void put_json(const crawl *w) {
    hp_json j = hp_cli_json(w->c, "hotpass.crawl/1");
    hp_json_key(&j, "success");
    hp_json_bool(&j, is_read(w));
    hp_research_json_gate(&j, &w->gate);
    json_plan(w, &j);
    json_step(w, &j);
    hp_json_key(&j, "title");
    hp_json_cstr(&j, w->site.title.n ? w->site.title.p : NULL);
    hp_json_key(&j, "elapsed_seconds");
    hp_json_f64(&j, hp_clock_fixed() ? 0 : (double)(hp_clock_mono() - w->began) / 1e9);
    hp_cli_json_end(w->c, &j);
}

/* ---- text ---- */

static hp_code put_values(const crawl *w, hp_err *err) {
    static const char *const HEADER[] = {"field", "value", ">confidence", "place", "page"};
    hp_view v = {.arena = w->c->arena, .ncol = 5, .header = HEADER};
    for (size_t i = 0; i < w->site.fact.n; i++) {
        const hp_site_fact *f = &w->site.fact.p[i];
        hp_view_add(&v, hp_str_of(hp_field_get(f->field)->name));
        hp_view_add(&v, f->value);
        hp_view_addf(&v, "%.2f", f->confidence);
        hp_view_add(&v, hp_str_of(hp_fact_place_word(f->place)));
        hp_view_add(&v, w->site.page[f->page].url);
    }
    return w->site.fact.n ? hp_view_write(&v, &w->c->term, 2, &w->c->out, err) : HP_OK;
}

static hp_code put_text(const crawl *w, hp_err *err) {
    hp_buf *out = &w->c->out;
    hp_put_safe(out, w->done ? hp_site_first(&w->site)->url : w->target);
    hp_buf_puts(out, ": ");
    put_message(w, out);
    hp_buf_putc(out, '\n');
    for (size_t i = 1; i < w->site.npage; i++) {
        const hp_site_page *p = &w->site.page[i];
        if (p->end == HP_HTTP_ANSWERED && p->status < 400) continue;
        hp_buf_puts(out, "  ");
        hp_put_safe(out, p->url);
        if (p->reason.n)
            hp_buf_printf(out, ": %.*s\n", HP_FMT(p->reason));
        else
            hp_buf_printf(out, ": http %ld\n", p->status);
    }
    return put_values(w, err);
}

/* ---- the command ---- */

static hp_code visit(crawl *w, hp_err *err) {
    hp_client *client;
    hp_client_env env = {.profile = w->profile,
                         .home = hp_args_text(&w->c->args, HP_O_STATE_DIR),
                         .gate = &w->gate,
                         .max_requests = (uint64_t)w->c->args.opt[HP_O_MAX_REQUESTS].number,
                         .now = hp_clock_now()};
    uint64_t wanted = 0;
    for (size_t i = 0; i < NFIELDS; i++) wanted |= hp_field_bit(FIELDS[i]);
    wanted &= ~hp_enrich_withheld(w->profile);
    HP_TRY(hp_client_open(&env, &client, err));
    hp_code code = hp_site_begin(&w->site, w->c->arena, hp_client_http(client), w->target, wanted,
                                 (size_t)w->profile->enrich.network.pages, err);
    if (code == HP_OK) code = hp_http_run(hp_client_http(client), err);
    hp_client_close(client);
    w->done = code == HP_OK;
    return code;
}

static hp_code tell(crawl *w, hp_err *err) {
    if (w->c->json)
        put_json(w);
    else
        HP_TRY(put_text(w, err));
    return outcome(w);
}

static hp_code run(crawl *w, hp_err *err) {
    hp_str word = hp_str_of(w->c->args.word[0]);
    bool bare = hp_str_find(word, HP_S("://"), 0) == SIZE_MAX;
    if (bare && hp_str_chr(hp_str_trim(word), ' ', 0) != SIZE_MAX)
        return hp_fail(
            err, HP_USAGE,
            "\"%.*s\" is no website; for an organisation by its name: hotpass plan research --entity "
            "NAME",
            HP_FMT(hp_str_cut(word, 0, 200)));
    w->target = bare ? hp_arena_printf(w->c->arena, "https://%.*s", HP_FMT(word)) : word;
    if (!w->target.p) return hp_fail_memory(err, "a URL");
    if (w->gate.pass) HP_TRY(visit(w, err));
    return tell(w, err);
}

hp_code hp_cmd_crawl(hp_cli *c, hp_err *err) {
    crawl w = {.c = c, .began = hp_clock_mono()};
    HP_TRY(hp_research_profile(c, &w.profile, err));
    hp_research_gate(c, w.profile, &w.gate);
    if (c->args.opt[HP_O_EXPLAIN_NETWORK].on) {
        hp_research_explain(c, &w.gate);
        return HP_OK;
    }
    hp_code code = run(&w, err);
    hp_tell_crawl(c, &w.site, (double)(hp_clock_mono() - w.began) / 1e9);
    hp_site_free(&w.site);
    return code;
}
