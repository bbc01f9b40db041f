/* The baseline: what held when all was well, as a flat list of names and values, so that a difference can be
 * told in one line. Of environment variables only the names are kept. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "ops/doctor/parts.h"

#include "base/banned.h"

#define SCHEMA "hotpass.baseline/1"

typedef struct fact {
    hp_str name, value;
} fact;

typedef HP_VEC(fact) facts;

static void add(hp_doctor *d, facts *f, hp_str name, hp_str value) {
    if (!hp_vec_push(f, ((fact){name, value}))) d->oom = true;
}

static void add_file(hp_doctor *d, facts *f, hp_str name, hp_str path) {
    hp_sha256 sha;
    if (path.n && hp_exists(path.p) && hp_sha256_file(path.p, &sha, NULL) == HP_OK)
        add(d, f, name, hp_doctor_text(d, "sha256 %s", sha.hex));
}

/* Variables that change what hotpass, or what it talks to, does. */
static bool matters(hp_str name) {
    static const char *const BEGINS[] = {"HOTPASS_", "PREFECT_", "OPENLINEAGE_", "MARQUEZ_", "AWS_",
                                         "OTEL_",    "S3_",      "LC_",          "SSH_AUTH"};
    static const char *const NAMES[] = {"TZ",         "LANG",        "TMPDIR",     "SOURCE_DATE_EPOCH",
                                        "http_proxy", "https_proxy", "HTTPS_PROXY"};
    for (size_t i = 0; i < sizeof BEGINS / sizeof *BEGINS; i++)
        if (hp_str_starts(name, hp_str_of(BEGINS[i]))) return true;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (hp_str_eq(name, hp_str_of(NAMES[i]))) return true;
    return false;
}

static int by_name(const void *a, const void *b) {
    return hp_str_cmp(((const fact *)a)->name, ((const fact *)b)->name);
}

/* The schema of the inputs: a renamed or missing column is what mostly stops a pipeline that worked. Nothing
 * is noted of inputs that cannot be mapped: the checks tell that. */
static void add_columns(hp_doctor *d, facts *f) {
    hp_autobuf said = hp_buf_new(64 << 10);
    hp_node *doc = NULL;
    int status = 0;
    if (!d->o->program || !d->profile || !d->ninput) return;
    if (hp_doctor_map(d, &doc, &status, &said, NULL) != HP_OK) return;
    const hp_node *sheets = hp_node_get(doc, "sheets");
    for (size_t i = 0; sheets && sheets->kind == HP_NODE_LIST && i < sheets->n; i++) {
        const hp_node *columns = hp_node_get(sheets->item[i], "columns");
        hp_str file = {"", 0}, sheet = {"", 0}, header;
        hp_autobuf list = hp_buf_new(1 << 20);
        hp_node_text(hp_node_get(sheets->item[i], "file"), &file);
        hp_node_text(hp_node_get(sheets->item[i], "sheet"), &sheet);
        for (size_t k = 0; columns && columns->kind == HP_NODE_LIST && k < columns->n; k++)
            if (hp_node_text(hp_node_get(columns->item[k], "header"), &header))
                hp_buf_printf(&list, "%s%.*s", list.n ? ", " : "", HP_FMT(header));
        add(d, f, hp_doctor_text(d, "columns %.*s%s%.*s", HP_FMT(file), sheet.n ? ", " : "", HP_FMT(sheet)),
            hp_doctor_text(d, "%.*s", HP_FMT(hp_buf_str(&list))));
    }
}

static void collect(hp_doctor *d, facts *f) {
    add(d, f, HP_S("version"), HP_S(HP_VERSION));
    for (size_t i = 0; i < d->o->nlibrary; i++)
        add(d, f, hp_doctor_text(d, "library %s", d->o->library[i].name),
            hp_str_of(d->o->library[i].running));
    add_file(d, f, hp_doctor_text(d, "profile %.*s", HP_FMT(d->profile_path)), d->profile_path);
    add_file(d, f, hp_doctor_text(d, "configuration %.*s", HP_FMT(d->config.project.path)),
             d->config.project.path);
    add_file(d, f, hp_doctor_text(d, "configuration %.*s", HP_FMT(d->config.user.path)), d->config.user.path);
    for (char **e = environ; e && *e; e++) {
        hp_str name = hp_str_cut(hp_str_of(*e), 0, strcspn(*e, "="));
        if (matters(name)) add(d, f, hp_doctor_text(d, "variable %.*s", HP_FMT(name)), HP_S("is set"));
    }
    for (size_t i = 0; i < d->ninput; i++)
        add_file(d, f, hp_doctor_text(d, "input %.*s", HP_FMT(d->input[i].name)), d->input[i].path);
    add_columns(d, f);
    if (f->n) qsort(f->p, f->n, sizeof *f->p, by_name);
}

static hp_str path_of(hp_doctor *d) { return hp_doctor_text(d, "%s/baseline.json", d->state_dir); }

static void write_facts(const facts *f, hp_buf *out) {
    char now[21];
    hp_json j = {.out = out, .pretty = true};
    hp_time_iso(hp_clock_now(), now);
    hp_json_object(&j);
    hp_json_key(&j, "schema");
    hp_json_cstr(&j, SCHEMA);
    hp_json_key(&j, "saved_at");
    hp_json_cstr(&j, now);
    hp_json_key(&j, "facts");
    hp_json_object(&j);
    for (size_t i = 0; i < f->n; i++) {
        if (i && hp_str_eq(f->p[i].name, f->p[i - 1].name)) continue;
        hp_json_key_str(&j, f->p[i].name);
        hp_json_str(&j, f->p[i].value);
    }
    hp_json_object_end(&j);
    hp_json_object_end(&j);
    hp_buf_putc(out, '\n');
}

hp_code hp_doctor_baseline_save(hp_doctor *d, hp_str *path, hp_err *err) {
    facts f = {0};
    hp_autobuf text = hp_buf_new(16 << 20);
    collect(d, &f);
    write_facts(&f, &text);
    hp_vec_free(&f);
    *path = path_of(d);
    if (d->oom || text.bad) return hp_fail_memory(err, "the baseline");
    mkdir(d->state_dir, 0700);
    return hp_write_file(path->p, hp_buf_str(&text), err);
}

static hp_code read_facts(hp_doctor *d, hp_str path, hp_node **out, hp_err *err) {
    hp_node *doc = NULL;
    hp_str schema = {"", 0};
    if (!hp_exists(path.p))
        return hp_fail(
            err, HP_NOINPUT,
            "%s: there is no baseline yet; save one when all is well: hotpass doctor --baseline save",
            path.p);
    HP_TRY(hp_doc_read(d->a, path.p, &doc, err));
    hp_node_text(hp_node_get(doc, "schema"), &schema);
    *out = hp_node_get(doc, "facts");
    if (!hp_str_eq(schema, HP_S(SCHEMA)) || !*out || (*out)->kind != HP_NODE_MAP)
        return hp_fail(err, HP_CONFIG, "%s: is no baseline (" SCHEMA "); save it again", path.p);
    return HP_OK;
}

/* Both lists are sorted by name: the file's is put in order again, since somebody may have edited it. */
static void compare(const facts *was, const facts *is, hp_buf *lines, size_t *n) {
    for (size_t i = 0, k = 0; i < was->n || k < is->n;) {
        int order = i == was->n ? 1 : k == is->n ? -1 : hp_str_cmp(was->p[i].name, is->p[k].name);
        if (order == 0 && hp_str_eq(was->p[i].value, is->p[k].value)) {
            i++, k++;
            continue;
        }
        ++*n;
        if (order == 0) {
            hp_buf_printf(lines, "%.*s: was %.*s, is %.*s\n", HP_FMT(was->p[i].name), HP_FMT(was->p[i].value),
                          HP_FMT(is->p[k].value));
            i++, k++;
        } else if (order < 0) {
            hp_buf_printf(lines, "%.*s: is gone\n", HP_FMT(was->p[i].name));
            i++;
        } else {
            hp_buf_printf(lines, "%.*s: is new\n", HP_FMT(is->p[k].name));
            k++;
        }
    }
}

hp_code hp_doctor_baseline_compare(hp_doctor *d, hp_buf *lines, size_t *n, hp_err *err) {
    hp_node *saved = NULL;
    facts was = {0}, is = {0};
    HP_TRY(read_facts(d, path_of(d), &saved, err));
    for (size_t i = 0; i < saved->n; i++) {
        hp_str value = {"", 0};
        hp_node_text(saved->item[i], &value);
        add(d, &was, saved->key[i]->text, value);
    }
    if (was.n) qsort(was.p, was.n, sizeof *was.p, by_name);
    collect(d, &is);
    *n = 0;
    compare(&was, &is, lines, n);
    hp_vec_free(&was);
    hp_vec_free(&is);
    if (d->oom) return hp_fail_memory(err, "the baseline");
    return hp_buf_check(lines, "the differences", err);
}
