#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ops/telemetry/telemetry.h"

#include "base/banned.h"

#define MS UINT64_C(1000000)

void hp_progress_begin(hp_progress *p, const hp_cli *c) {
    const char *term = getenv("TERM");
    bool dumb = term && strcmp(term, "dumb") == 0;
    *p = (hp_progress){.line = c->term.err_tty && !dumb && !c->quiet && !c->log_json,
                       .events = c->log_json && !c->quiet,
                       .telemetry = c->telemetry,
                       .color = c->term.err_color,
                       .width = c->term.width,
                       .begun = hp_clock_mono()};
}

static void put_left(hp_buf *out, double seconds) {
    uint64_t s = (uint64_t)(seconds + 0.5);
    if (s >= 3600) {
        hp_buf_printf(out, "%llu:%02llu:%02llu", (unsigned long long)(s / 3600),
                      (unsigned long long)(s / 60 % 60), (unsigned long long)(s % 60));
    } else {
        hp_buf_printf(out, "%llu:%02llu", (unsigned long long)(s / 60), (unsigned long long)(s % 60));
    }
}

void hp_progress_line(const char *stage, uint64_t done, uint64_t total, uint64_t ns, hp_buf *out) {
    hp_buf_printf(out, "%-8s", stage);
    if (done == 0) return;
    hp_buf_puts(out, " ");
    hp_put_thousands(out, done);
    if (total >= done) {
        hp_buf_puts(out, " of ");
        hp_put_thousands(out, total);
        hp_buf_printf(out, " (%llu%%)", (unsigned long long)(done * 100 / total));
    }
    double rate = ns ? (double)done * 1e9 / (double)ns : 0;
    if (rate < 1) return;
    hp_buf_puts(out, ", ");
    hp_put_thousands(out, (uint64_t)rate);
    hp_buf_puts(out, "/s");
    double left = total > done ? (double)(total - done) / rate : 0;
    if (left < 1) return;
    hp_buf_puts(out, ", ");
    put_left(out, left);
    hp_buf_puts(out, " left");
}

static void draw(hp_progress *p, const char *stage, uint64_t done, uint64_t total, uint64_t now) {
    hp_autobuf line = hp_buf_new(4096);
    hp_autobuf text = hp_buf_new(1024);
    hp_progress_line(stage, done, total, now - p->stage_begun, &text);
    hp_buf_puts(&line, "\r\033[K");
    hp_put_cut(&line, hp_buf_str(&text), p->width - 1);
    hp_talk(hp_buf_str(&line));
    p->shown = true;
    p->drawn = now;
}

static void event(const char *stage, uint64_t done, uint64_t total) {
    hp_autobuf data = hp_buf_new(1024);
    hp_json j = {.out = &data};
    hp_json_object(&j);
    hp_json_key(&j, "stage");
    hp_json_cstr(&j, stage);
    hp_json_key(&j, "done");
    hp_json_i64(&j, (int64_t)done);
    hp_json_key(&j, "total");
    if (total) {
        hp_json_i64(&j, (int64_t)total);
    } else {
        hp_json_null(&j);
    }
    hp_json_object_end(&j);
    hp_talk_event("progress", hp_buf_str(&data));
}

void hp_progress_report(void *ctx, const char *stage, uint64_t done, uint64_t total) {
    hp_progress *p = ctx;
    if (done == 0 && total == 0) hp_telemetry_stage(p->telemetry, stage);
    if (!p->line && !p->events) return;
    uint64_t now = hp_clock_mono();
    bool fresh = strcmp(p->stage, stage) != 0;
    /* A stage counts each sheet from the start. */
    if (fresh || total != p->total || done < p->done) p->stage_begun = now;
    if (fresh) snprintf(p->stage, sizeof p->stage, "%s", stage);
    p->done = done;
    p->total = total;
    if (p->events && (fresh || now - p->drawn >= 1000 * MS)) {
        event(stage, done, total);
        p->drawn = now;
    }
    /* A new stage is always shown: it may be long and say nothing more. */
    bool due = fresh || now - p->drawn >= 100 * MS;
    if (p->line && now - p->begun >= 200 * MS && due) draw(p, stage, done, total, now);
}

void hp_progress_end(hp_progress *p) {
    hp_telemetry_stage(p->telemetry, NULL);
    if (p->shown) hp_talk(HP_S("\r\033[K"));
    p->shown = false;
}
