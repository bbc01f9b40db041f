/* The files of a new workspace as a table, and writing them. */
#include "ops/workspace/workspace.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#include "base/banned.h"

static const hp_workspace_item ITEMS[] = {
    {"hotpass.yaml",
     "# What options would say each time; docs/reference/config.md lists all keys.\n"
     "# \"hotpass config show --origin\" tells which value holds, and who says so.\n"
     "profile: contacts\n"
     "\n"
     "pipeline:\n"
     "  input_dir: data\n"
     "  output_path: dist/refined.xlsx\n"
     "  report_path: dist/report.html\n"
     "  dist_dir: dist\n"
     "\n"
     "governance:\n"
     "  data_owner: Data Governance       # who answers for the data: a role or a team\n"
     "  intent: [Baseline refinement]     # what the data are used for\n"
     "  classification: internal          # public, internal, confidential, pii, sensitive_pii\n"
     "  review_interval_days: 180\n",
     "configuration"},
    {"profiles/contacts.yaml",
     "# How your files are understood. Without sources every file of the input directory is read, and its columns are\n"
     "# mapped by their names and by what their cells look like: \"hotpass map\" shows how, and why.\n"
     "# All keys and fields: docs/reference/profile.md; \"hotpass profile lint\" finds mistakes.\n"
     "name: contacts\n"
     "display_name: Contacts\n"
     "default_country_code: ZA            # phones without a country are of this one\n"
     "\n"
     "refine:\n"
     "  mappings:                         # other names of columns in your files\n"
     "    organization_name: [company, organisation]\n"
     "    contact_email: [e_mail]\n"
     "  required_fields: [organization_name]\n"
     "  expectations:\n"
     "    - {column: organization_name, kind: not_null}\n",
     "profile"},
    {"expectations/sample_contacts.json",
     "{\n"
     "  \"name\": \"sample_contacts\",\n"
     "  \"expectations\": [\n"
     "    {\"type\": \"expect_column_values_to_not_be_null\", \"kwargs\": {\"column\": \"Organization\"}},\n"
     "    {\"type\": \"expect_column_values_to_match_regex\", \"kwargs\": {\"column\": \"Email\", \"regex\": \"^[^@ ]+@[^@ ]+$\", \"mostly\": 0.9}}\n"
     "  ]\n"
     "}\n",
     "suite of expectations"},
#include "ops/workspace/deployments.def" /* prefect/deployments of the tree, made by scripts/embed */
    {"data/README.md",
     "# Inputs\n\n"
     "Put workbooks (.xlsx, .xls, .ods) and data files (.csv, .tsv, .ndjson, .parquet) here. They are only read, never changed.\n"
     "`sample-contacts.csv` holds invented contacts, to try things out; remove it when your own files are here.\n\n"
     "    hotpass inspect data/sample-contacts.csv\n"
     "    hotpass map\n"
     "    hotpass refine\n",
     "what belongs there"},
    {"data/sample-contacts.csv",
     "Organization,Contact,Email,Phone,Website,Province\n"
     "Acme Aviation (Pty) Ltd,Thandi Nkosi,thandi@acme-aviation.example,011 555 0101,www.acme-aviation.example,Gauteng\n"
     "ACME AVIATION,T. Nkosi,Thandi@Acme-Aviation.example,+27 11 555 0101,acme-aviation.example,GP\n"
     "Beta Flight School,Pieter Botha,pieter@betaflight.example,021 555 0202,https://betaflight.example,Western Cape\n"
     "Gamma Air Charter,,info@gamma-air.example,031 555 0303,,KZN\n"
     "Delta Helicopters,Naledi Mokoena,naledi@delta-heli.example,n/a,delta-heli.example,Free State\n",
     "invented contacts"},
    {".gitignore",
     "# Results and personal data do not belong into a history that is never forgotten.\n"
     "/dist/\n"
     "/.hotpass/\n"
     ".env\n"
     ".env.*\n"
     "/data/*\n"
     "!/data/README.md\n"
     "!/data/sample-contacts.csv\n",
     "what git must not take"},
    {"dist/incidents", NULL, "evidence of incidents"},
    {"dist/input-archives", NULL, "archives of inputs"},
};
enum { NITEM = sizeof ITEMS / sizeof *ITEMS };

const hp_workspace_item *hp_workspace_items(size_t *n) {
    *n = NITEM;
    return ITEMS;
}

static hp_code look_first(const hp_str *paths, const char *dir, hp_err *err) {
    if (hp_exists(dir) && !hp_is_dir(dir))
        return hp_fail(err, HP_CANTCREAT,
                       "%s: is no directory; name a new one, or one to make the workspace in", dir);
    for (size_t i = 0; i < NITEM; i++) {
        if (ITEMS[i].text && hp_exists(paths[i].p))
            return hp_fail(
                err, HP_CANTCREAT,
                "%s: is there already, and is not overwritten; name another directory, or move it away",
                paths[i].p);
        HP_TRY(hp_out_probe(paths[i].p, err));
    }
    return HP_OK;
}

static hp_code make_dirs(hp_arena *a, hp_str path, hp_err *err) {
    for (size_t i = 1; i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/') continue;
        hp_str part = hp_arena_dup(a, hp_str_cut(path, 0, i));
        if (!part.p) return hp_fail_memory(err, "a path");
        if (mkdir(part.p, 0777) != 0 && errno != EEXIST)
            return hp_fail(err, HP_CANTCREAT, "%s: cannot make the directory: %s", part.p,
                           strerrordesc_np(errno));
    }
    return HP_OK;
}

hp_code hp_workspace_make(hp_arena *a, const char *dir, bool dry_run, hp_err *err) {
    hp_str paths[NITEM];
    for (size_t i = 0; i < NITEM; i++) {
        paths[i] = hp_path_join(a, hp_str_of(dir), hp_str_of(ITEMS[i].path));
        if (!paths[i].p) return hp_fail_memory(err, "a path");
    }
    HP_TRY(look_first(paths, dir, err));
    hp_code code = HP_OK;
    for (size_t i = 0; i < NITEM && code == HP_OK && !dry_run; i++) {
        code = ITEMS[i].text ? hp_write_file(paths[i].p, hp_str_of(ITEMS[i].text), err)
                             : make_dirs(a, paths[i], err);
        for (size_t k = 0; k < i && code != HP_OK; k++)
            if (ITEMS[k].text) unlink(paths[k].p);
    }
    return code;
}
