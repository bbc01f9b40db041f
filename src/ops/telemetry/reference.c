/* docs/reference/telemetry.md, made from the tables. */
#include "ops/telemetry/own.h"

#include "base/banned.h"

static void put_spans(hp_buf *out) {
    hp_buf_puts(out,
                "## Spans\n\nThe root span is the command (`hotpass refine`); below it is one span for each "
                "stage.\n\n| span | stage of run.json | `hotpass.pipeline.items` counts |\n|---|---|---|\n");
#define HP_SPAN(stage, name, items) hp_buf_puts(out, "| `" name "` | `" stage "` | " items " |\n");
#include "ops/telemetry/spans.def"
#undef HP_SPAN
    hp_buf_puts(
        out,
        "\nOther stages are called `pipeline.<stage>`.\n\n| attribute | of the span of | |\n|---|---|---|\n");
#define HP_ATTRIBUTE(id, key, where, help) hp_buf_puts(out, "| `" key "` | a " where " | " help " |\n");
#include "ops/telemetry/attributes.def"
#undef HP_ATTRIBUTE
}

static void put_labels(hp_buf *out, hp_str labels) {
    hp_str word;
    for (bool more = false; hp_str_next(&labels, ' ', &word); more = true)
        if (word.n) hp_buf_printf(out, "%s`%.*s`", more ? ", " : "", HP_FMT(word));
}

static void put_metrics(hp_buf *out) {
    static const char *const KIND[] = {
        [HP_METRIC_COUNTER] = "counter", [HP_METRIC_HISTOGRAM] = "histogram", [HP_METRIC_GAUGE] = "gauge"};
    hp_buf_puts(out, "\n## Metrics\n\n| metric | kind | unit | attributes | |\n|---|---|---|---|---|\n");
    for (int id = 0; id < HP_METRICS; id++) {
        const hp_metric_info *m = hp_metric_get((hp_metric_id)id);
        hp_buf_printf(out, "| `%s` | %s | %s | ", m->name, KIND[m->kind], m->unit);
        put_labels(out, hp_str_of(m->labels));
        hp_buf_printf(out, " | %s |\n", m->help);
    }
    hp_buf_puts(out, "\nHistograms have the bounds ");
    for (size_t i = 0; i < HP_BOUNDS; i++) hp_buf_printf(out, "%s%g", i ? ", " : "", hp_bounds[i]);
    hp_buf_puts(out, " seconds.\n");
}

void hp_telemetry_reference(hp_buf *out) {
    hp_buf_puts(out, "What a command tells an OpenTelemetry receiver when it is over. How it is "
                     "switched on: [how-to/telemetry.md](../how-to/telemetry.md).\n\n");
    put_spans(out);
    put_metrics(out);
    hp_buf_puts(
        out,
        "\n## Log records\n\nEach carries the trace's id and the root span's.\n\n"
        "| event | severity | attributes |\n|---|---|---|\n"
        "| `run.end` | INFO, ERROR | `hotpass.command`, `exit`; the body of an error is its message, scrubbed |\n"
        "| `finding` | by the rule's severity | `rule`, `severity`, `count` |\n"
        "| `check.failed` | WARN, ERROR when it stops the run | `stage`, `suite`, `rule`, `evaluated`, `unexpected` |\n"
        "\n## Resource\n\n`service.name`, `service.version`, `service.instance.id` (drawn for each run), "
        "`deployment.environment`, `governance_classification`, `data_owner`, `telemetry.sdk.*`, and what "
        "OTEL_RESOURCE_ATTRIBUTES says, which stands above these.\n");
}
