#include "cli/telemetry.h"

#include <stdlib.h>

#include "base/log.h"
#include "check/check.h"
#include "ops/telemetry/telemetry.h"

#include "base/banned.h"

/* ---- beginning and end ---- */

static void warn(const hp_cli *c, const char *what, const hp_err *why) {
    hp_autobuf message = hp_buf_new(16 << 10), line = hp_buf_new(64 << 10);
    if (c->quiet) return;
    hp_scrub(hp_str_of(why->message), &message);
    if (c->log_json) {
        hp_json j = {.out = &line};
        hp_json_object(&j);
        hp_json_key(&j, "message");
        hp_json_str(&j, hp_buf_str(&message));
        hp_json_object_end(&j);
        hp_talk_event("telemetry.warning", hp_buf_str(&line));
        return;
    }
    hp_buf_printf(&line, "hotpass: warning: telemetry %s: ", what);
    hp_put_safe(&line, hp_buf_str(&message));
    hp_buf_putc(&line, '\n');
    if (!line.bad) hp_talk(hp_buf_str(&line));
}

void hp_tell_begin(hp_cli *c) {
    hp_err why = {0};
    char context[56];
    if (hp_cli_offline(c)) return;
    if (hp_telemetry_begin(&c->config, c->args.command->full, &c->telemetry, &why) != HP_OK)
        warn(c, "is off", &why);
    hp_telemetry_context(c->telemetry, context);
    if (*context) (void)setenv("TRACEPARENT", context, 1); /* no other thread is there yet */
}

static void tell_outcome(const hp_cli *c, hp_code code, const hp_err *err) {
    hp_autobuf body = hp_buf_new(16 << 10);
    const char *word = hp_exit_name(code);
    bool failed = code != HP_OK && code != HP_PARTIAL;
    if (err->message[0])
        hp_buf_puts(&body, err->message);
    else
        hp_buf_printf(&body, "hotpass %s: %s", c->args.command->full, word ? word : "ended");
    hp_telemetry_log(c->telemetry, failed ? HP_LOG_ERROR : HP_LOG_INFO, "run.end", hp_buf_str(&body),
                     HP_LABELS({"hotpass.command", c->args.command->full}, {"exit", word ? word : ""}));
}

void hp_tell_end(hp_cli *c, hp_code code, const hp_err *err) {
    hp_err why = {0};
    if (!c->telemetry) return;
    tell_outcome(c, code, err);
    if (err->stage[0]) hp_telemetry_stage_failed(c->telemetry, err->stage);
    hp_telemetry_end(c->telemetry, code, hp_exit_name(code));
    if (hp_telemetry_send(c->telemetry, &why) != HP_OK) warn(c, "was not sent", &why);
    hp_telemetry_free(c->telemetry);
    c->telemetry = NULL;
}

/* ---- refine ---- */

static void tell_stages(hp_telemetry *t, const hp_refine_result *r) {
    static const struct {
        const char *stage;
        hp_metric_id metric;
    } PART[] = {
        {"read", HP_M_LOAD},          {"clean", HP_M_AGGREGATION},        {"comply", HP_M_AGGREGATION},
        {"attach", HP_M_AGGREGATION}, {"resolve", HP_M_AGGREGATION},      {"merge", HP_M_AGGREGATION},
        {"check", HP_M_VALIDATION},   {"check-sources", HP_M_VALIDATION}, {"write", HP_M_WRITE}};
    double sum[HP_METRICS] = {0};
    bool any[HP_METRICS] = {false};
    for (size_t i = 0; i < r->ntime; i++) {
        hp_telemetry_stage_done(t, r->time[i].stage, r->time[i].items, r->time[i].seconds);
        for (size_t k = 0; k < sizeof PART / sizeof *PART; k++) {
            if (strcmp(PART[k].stage, r->time[i].stage) != 0) continue;
            sum[PART[k].metric] += r->time[i].seconds;
            any[PART[k].metric] = true;
        }
    }
    if (any[HP_M_LOAD])
        hp_telemetry_measure(t, HP_M_LOAD, sum[HP_M_LOAD], HP_LABELS({"source", "base_pipeline"}));
    if (any[HP_M_AGGREGATION]) hp_telemetry_measure(t, HP_M_AGGREGATION, sum[HP_M_AGGREGATION], NULL);
    if (any[HP_M_VALIDATION]) hp_telemetry_measure(t, HP_M_VALIDATION, sum[HP_M_VALIDATION], NULL);
    if (any[HP_M_WRITE]) hp_telemetry_measure(t, HP_M_WRITE, sum[HP_M_WRITE], NULL);
}

static void tell_counts(hp_telemetry *t, const hp_refine_result *r) {
    hp_telemetry_text(t, HP_A_PROFILE, r->profile->name);
    hp_telemetry_whole(t, HP_A_ROWS_IN, r->rows_in);
    hp_telemetry_whole(t, HP_A_ROWS_OUT, r->rows_out);
    hp_telemetry_whole(t, HP_A_MERGED, r->merged);
    hp_telemetry_whole(t, HP_A_QUARANTINED, r->quarantined);
    hp_telemetry_whole(t, HP_A_CONTACTS, r->contacts);
    hp_telemetry_whole(t, HP_A_FOUND, r->run.issues.list.n);
    hp_telemetry_count(t, HP_M_RECORDS, r->rows_in, HP_LABELS({"source", "base_pipeline"}));
    hp_telemetry_count(t, HP_M_OUTCOMES, r->quarantined, HP_LABELS({"outcome", "quarantined"}));
    if (r->failing_stage) return; /* there is no result */
    hp_telemetry_count(t, HP_M_OUTCOMES, r->rows_out, HP_LABELS({"outcome", "out"}));
    hp_telemetry_count(t, HP_M_OUTCOMES, r->merged, HP_LABELS({"outcome", "merged"}));
    hp_telemetry_real(t, HP_A_QUALITY_MEAN, r->quality_mean);
    hp_telemetry_measure(t, HP_M_QUALITY, r->quality_mean, NULL);
}

static void tell_findings(hp_telemetry *t, const hp_run *run) {
    static const hp_log_level LEVEL[] = {
        [HP_SEV_INFO] = HP_LOG_INFO, [HP_SEV_WARN] = HP_LOG_WARN, [HP_SEV_ERROR] = HP_LOG_ERROR};
    for (int rule = 0; rule < HP_RULE_COUNT; rule++) {
        uint64_t n = run->issues.by_rule[rule];
        const hp_rule_info *info = hp_rule_get((hp_rule)rule);
        const char *severity = hp_severity_name(info->severity);
        if (n == 0) continue;
        hp_autobuf body = hp_buf_new(256), number = hp_buf_new(32);
        hp_buf_printf(&number, "%llu", (unsigned long long)n);
        hp_buf_printf(&body, "%s: ", info->name);
        hp_put_counted(&body, n, "finding", "findings");
        hp_telemetry_count(t, HP_M_FINDINGS, n, HP_LABELS({"rule", info->name}, {"severity", severity}));
        hp_telemetry_log(
            t, LEVEL[info->severity], "finding", hp_buf_str(&body),
            HP_LABELS({"rule", info->name}, {"severity", severity}, {"count", hp_buf_cstr(&number)}));
    }
}

static void tell_check(hp_telemetry *t, const hp_check_result *r) {
    hp_autobuf kind = hp_buf_new(256), suite = hp_buf_new(256), body = hp_buf_new(1024), of = hp_buf_new(32),
               bad = hp_buf_new(32);
    hp_buf_add(&kind, hp_str_cut(r->kind, 0, 200));
    hp_buf_add(&suite, hp_str_cut(r->suite, 0, 200));
    hp_buf_printf(&of, "%llu", (unsigned long long)r->evaluated);
    hp_buf_printf(&bad, "%llu", (unsigned long long)r->unexpected);
    hp_buf_printf(&body, "%s is not met: %s of %s values are unexpected", hp_buf_cstr(&kind),
                  hp_buf_cstr(&bad), hp_buf_cstr(&of));
    hp_telemetry_count(t, HP_M_FAILURES, r->unexpected ? r->unexpected : 1,
                       HP_LABELS({"rule", hp_buf_cstr(&kind)}, {"stage", hp_check_stage(r)}));
    hp_telemetry_log(
        t, r->action == HP_ON_FAILURE_STOP ? HP_LOG_ERROR : HP_LOG_WARN, "check.failed", hp_buf_str(&body),
        HP_LABELS({"stage", hp_check_stage(r)}, {"suite", hp_buf_cstr(&suite)}, {"rule", hp_buf_cstr(&kind)},
                  {"evaluated", hp_buf_cstr(&of)}, {"unexpected", hp_buf_cstr(&bad)}));
}

void hp_tell_refine(const hp_cli *c, const hp_refine_result *r, hp_code code) {
    hp_telemetry *t = c->telemetry;
    if (!t) return;
    tell_stages(t, r);
    if (code != HP_OK) return; /* nothing but the times is left of a run that failed */
    tell_counts(t, r);
    tell_findings(t, &r->run);
    for (size_t i = 0; r->verdict && i < r->verdict->n; i++)
        if (!r->verdict->result[i].success) tell_check(t, &r->verdict->result[i]);
    if (r->failing_stage) hp_telemetry_stage_failed(t, r->failing_stage);
}

/* ---- enrich, crawl ---- */

static const char *strategy_word(hp_strategy s) {
    return s == HP_STRATEGY_RESEARCH ? "research" : "deterministic";
}

void hp_tell_enrich(const hp_cli *c, const hp_enrichment *e, hp_code code) {
    hp_telemetry *t = c->telemetry;
    const hp_enrich_result *r = &e->result;
    if (!t || code != HP_OK) return;
    hp_telemetry_stage_done(t, "read", e->nsheet, -1);
    hp_telemetry_stage_done(t, "enrich", r->rows, -1);
    hp_telemetry_stage_done(t, "write", r->rows, -1);
    hp_telemetry_text(t, HP_A_PROFILE, e->profile->name);
    hp_telemetry_whole(t, HP_A_ROWS_IN, r->rows);
    hp_telemetry_whole(t, HP_A_FILLED, r->filled);
    hp_telemetry_count(t, HP_M_RECORDS, r->rows, HP_LABELS({"source", "enhanced_pipeline"}));
    hp_telemetry_count(t, HP_M_RESEARCH_QUERIES, e->gate.requests, NULL);
    if (e->gate.pass) {
        hp_telemetry_count(t, HP_M_ENRICH_HITS, e->gate.cached, NULL);
        hp_telemetry_count(t, HP_M_ENRICH_MISSES, e->gate.requests, NULL);
    }
    hp_telemetry_measure(t, HP_M_ENRICH_DURATION, e->seconds,
                         HP_LABELS({"network_used", e->gate.requests ? "true" : "false"}));
    for (size_t i = 0; i < r->ncount; i++) {
        const hp_enrich_count *p = &r->count[i];
        const char *strategy = strategy_word(p->strategy);
        if (!p->opened) continue;
        hp_telemetry_count(t, HP_M_ENRICH_RECORDS, p->asked,
                           HP_LABELS({"fetcher", p->provider}, {"strategy", strategy}));
        hp_telemetry_count(
            t, HP_M_ENRICH_FILLED, p->filled,
            HP_LABELS({"fetcher", p->provider}, {"strategy", strategy}, {"outcome", "filled"}));
        hp_telemetry_count(
            t, HP_M_ENRICH_FILLED, p->suggested,
            HP_LABELS({"fetcher", p->provider}, {"strategy", strategy}, {"outcome", "suggested"}));
    }
}

void hp_tell_crawl(const hp_cli *c, const hp_site *s, double seconds) {
    hp_telemetry *t = c->telemetry;
    if (!t || s->npage == 0) return;
    hp_telemetry_measure(t, HP_M_CRAWL_DURATION, seconds, NULL);
    for (size_t i = 0; i < s->npage; i++) {
        const hp_site_page *p = &s->page[i];
        hp_telemetry_count(t, p->cached ? HP_M_CACHE_HITS : HP_M_CACHE_MISSES, 1, NULL);
        if (p->end != HP_HTTP_ANSWERED || p->status >= 400)
            hp_telemetry_count(t, HP_M_CRAWL_FAILURES, 1,
                               HP_LABELS({"reason", p->end == HP_HTTP_BLOCKED  ? "blocked"
                                                    : p->end == HP_HTTP_FAILED ? "failed"
                                                                               : "http"}));
    }
}
