/* Files of configuration that were written for the Python program before this one, in TOML: its sections are
 * read by their names there. What it had and this one has no use for is told, not refused. */
#include "profile/config.h"
#include "profile/keys.h"

#include "base/banned.h"

/* A name there, and ours. Names that are the same in both have no line. */
static const struct {
    const char *theirs, *ours;
} RENAMED[] = {
    {"profile.name", "profile"},
    {"telemetry.environment", "environment"},
    {"orchestrator.deployment", "prefect.deployment"},
    {"orchestrator.work_pool", "prefect.work_pool"},
    /* Older files have these without a section. */
    {"input_dir", "pipeline.input_dir"},
    {"output_path", "pipeline.output_path"},
    {"dist_dir", "pipeline.dist_dir"},
    {"archive", "pipeline.archive"},
    {"report_path", "pipeline.report_path"},
    {"log_format", "pipeline.log_format"},
};

static const char *const SECTIONS[] = {"profile",    "pipeline",      "features",   "telemetry",
                                       "compliance", "data_contract", "governance", "orchestrator"};
static const char *const FLAT[] = {
    "expectation_suite", "country_code",    "party_store_path", "report_format", "excel_chunk_size",
    "excel_engine",      "excel_stage_dir", "qa_mode",          "observability", "sensitive_fields"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

bool hp_config_is_toml(const char *path) { return hp_str_ends(hp_str_of(path), HP_S(".toml")); }

hp_str hp_config_toml_name(hp_str theirs) {
    for (size_t i = 0; i < COUNT(RENAMED); i++)
        if (hp_str_eq(theirs, hp_str_of(RENAMED[i].theirs))) return hp_str_of(RENAMED[i].ours);
    return theirs;
}

bool hp_config_toml_section(hp_str name) {
    for (size_t i = 0; i < COUNT(SECTIONS); i++)
        if (hp_str_eq(name, hp_str_of(SECTIONS[i]))) return true;
    return false;
}

bool hp_config_toml_unused(hp_str name) {
    for (size_t i = 0; i < COUNT(FLAT); i++)
        if (hp_str_eq(name, hp_str_of(FLAT[i]))) return true;
    size_t dot = hp_str_chr(name, '.', 0);
    return dot != SIZE_MAX && hp_config_toml_section(hp_str_cut(name, 0, dot));
}
