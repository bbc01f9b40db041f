/* The public interface over the pipeline. */
#include "hotpass/hotpass.h"

#include "base/mem.h"
#include "base/threads.h"
#include "refine/refine.h"

static size_t count(const char *const *list) {
    size_t n = 0;
    while (list && list[n]) n++;
    return n;
}

static hp_refine_options options_of(const hotpass_options *o) {
    static const char *const DEFAULT_OUTPUT[] = {"dist/refined.xlsx", NULL};
    const char *const *outputs = o->outputs ? o->outputs : DEFAULT_OUTPUT;
    return (hp_refine_options){.profile = o->profile ? o->profile : "generic",
                               .profile_dirs = o->profile_dirs,
                               .nprofile_dirs = count(o->profile_dirs),
                               .input_dir = o->input_dir ? o->input_dir : "data",
                               .outputs = outputs,
                               .noutputs = count(outputs),
                               .archive = o->archive,
                               .dist_dir = o->dist_dir ? o->dist_dir : "dist",
                               .reading = {.password_file = o->password_file}};
}

__attribute__((visibility("default"))) int hotpass_refine(const hotpass_options *options,
                                                          hotpass_result *result) {
    hp_threads_set(options->jobs);
    hp_mem_set_budget(options->max_memory);
    hp_refine_options o = options_of(options);
    hp_refine_result r;
    hp_err err = {0};
    hp_code code = hp_refine(&o, &r, &err);
    hotpass_result out = {.exit_code = (int)(code != HP_OK ? code : r.code)};
    if (code == HP_OK) {
        out.rows_in = r.rows_in;
        out.rows_out = r.rows_out;
        out.merged = r.merged;
        out.quarantined = r.quarantined;
        out.contacts = r.contacts;
        hp_refine_free(&r);
    } else {
        memcpy(out.message, err.message, sizeof out.message);
    }
    if (result) *result = out;
    return out.exit_code;
}

__attribute__((visibility("default"))) const char *hotpass_version(void) { return HP_VERSION; }
