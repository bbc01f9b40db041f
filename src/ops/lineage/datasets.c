/* The datasets of an event: files that were read and written, with their columns, what each column is made
 * of, counts and verdicts. A column of a workbook is called Sheet!Header, of a file that is one table Header.
 */
#include "base/file.h"
#include "ops/lineage/facet.h"

#include "base/banned.h"

/* What is at hand while datasets are written. */
typedef struct told {
    hp_json *j;
    const hp_lineage_run *r;
    const hp_node *doc;
} told;

static const hp_node *item(const hp_node *list, size_t i) {
    return list && i < list->n ? list->item[i] : NULL;
}
static size_t count(const hp_node *list) { return list && list->kind == HP_NODE_LIST ? list->n : 0; }
static bool is(const hp_node *map, const char *key, hp_str text) {
    return hp_str_eq(hp_facet_get(map, key), text);
}

static int64_t number(const hp_node *map, const char *key) {
    int64_t v = 0;
    const hp_node *n = hp_node_get(map, key);
    return n && hp_node_i64(n, &v) ? v : 0;
}

static void put_field_name(hp_buf *out, hp_str sheet, hp_str column) {
    if (sheet.n) hp_buf_printf(out, "%.*s!", HP_FMT(sheet));
    hp_buf_add(out, column);
}

static void field_key(hp_json *j, hp_str sheet, hp_str column) {
    hp_autobuf name = hp_buf_new(70000);
    put_field_name(&name, sheet, column);
    hp_json_key_str(j, hp_buf_str(&name));
    j->out->bad |= name.bad;
}

static void field_text(hp_json *j, const char *key, hp_str sheet, hp_str column) {
    hp_autobuf name = hp_buf_new(70000);
    put_field_name(&name, sheet, column);
    hp_facet_text(j, key, hp_buf_str(&name));
    j->out->bad |= name.bad;
}

static void put_id(const told *t, hp_str path) {
    hp_autobuf name = hp_buf_new(16384);
    hp_lineage_put_dataset(path, &name);
    hp_facet_text(t->j, "namespace", t->r->ns);
    hp_facet_text(t->j, "name", hp_buf_str(&name));
    t->j->out->bad |= name.bad;
}

/* A column may stand in a list twice: it is taken for two fields. */
static bool is_repeat(const hp_node *columns, size_t at) {
    hp_str name = hp_facet_get(item(columns, at), "column");
    for (size_t i = 0; i < at; i++)
        if (is(item(columns, i), "column", name)) return true;
    return false;
}

/* ---- facets that inputs and outputs have ---- */

/* A source is the directory that files lie in. */
static void put_place(const told *t, hp_str path) {
    hp_autobuf dir = hp_buf_new(16384), uri = hp_buf_new(16384);
    hp_lineage_put_dataset(path, &dir);
    while (dir.n > 1 && dir.p[dir.n - 1] != '/') dir.n--;
    if (dir.n > 1) dir.n--;
    hp_buf_printf(&uri, "file://%.*s", HP_FMT(hp_buf_str(&dir)));
    hp_facet(t->j, t->r, "dataSource", "1-0-1/DatasourceDatasetFacet");
    hp_facet_text(t->j, "name", hp_buf_str(&dir));
    hp_facet_text(t->j, "uri", hp_buf_str(&uri));
    hp_json_object_end(t->j);
    t->j->out->bad |= dir.bad || uri.bad;
}

static void put_about(const told *t, const hp_node *file, const char *text) {
    hp_str sha256 = hp_facet_get(file, "sha256");
    put_place(t, hp_facet_get(file, "path"));
    hp_facet(t->j, t->r, "documentation", "1-1-0/DocumentationDatasetFacet");
    hp_facet_text(t->j, "description", hp_str_of(text));
    hp_json_object_end(t->j);
    if (sha256.n == 0) return;
    hp_facet(t->j, t->r, "version", "1-0-1/DatasetVersionDatasetFacet");
    hp_facet_text(t->j, "datasetVersion", sha256);
    hp_json_object_end(t->j);
}

static void put_columns(const told *t, const hp_node *table, hp_str sheet) {
    const hp_node *columns = hp_node_get(table, "columns");
    for (size_t i = 0; i < count(columns); i++) {
        const hp_node *c = item(columns, i);
        hp_str type = hp_facet_get(c, "type");
        if (is_repeat(columns, i)) continue;
        hp_json_object(t->j);
        field_text(t->j, "name", sheet, hp_facet_get(c, "column"));
        hp_facet_text(t->j, "type", type.n ? type : HP_S("text"));
        hp_json_object_end(t->j);
    }
}

/* How many cells of each column have no value. */
static void put_nulls(const told *t, const hp_node *table, hp_str sheet) {
    const hp_node *columns = hp_node_get(table, "columns");
    for (size_t i = 0; i < count(columns); i++) {
        const hp_node *c = item(columns, i);
        int64_t filled = number(c, "filled"), rows = number(table, "rows");
        if (is_repeat(columns, i)) continue;
        field_key(t->j, sheet, hp_facet_get(c, "column"));
        hp_json_object(t->j);
        hp_json_key(t->j, "nullCount");
        hp_json_i64(t->j, rows > filled ? rows - filled : 0);
        hp_json_key(t->j, "count");
        hp_json_i64(t->j, filled);
        hp_json_object_end(t->j);
    }
}

static void put_count(const told *t, const char *key, int64_t v) {
    hp_json_key(t->j, key);
    hp_json_i64(t->j, v);
}

/* ---- verdicts ---- */

/* Tells whether a check was made of a file's sheets: "Book.xlsx!Sheet" or "people.csv"; or of a table of the
 * result. */
static bool is_of(hp_str data, hp_str name) {
    return hp_str_starts(data, name) && (data.n == name.n || data.p[name.n] == '!');
}

static void put_assertion(const told *t, const hp_node *c, hp_str sheet) {
    hp_str column = hp_facet_get(c, "column"), kind = hp_facet_get(c, "expectation");
    bool success = false;
    (void)hp_node_bool(hp_node_get(c, "success"), &success);
    hp_json_object(t->j);
    hp_facet_text(t->j, "assertion", kind.n ? kind : HP_S("expectation"));
    hp_json_key(t->j, "success");
    hp_json_bool(t->j, success);
    if (column.n) field_text(t->j, "column", sheet, column);
    hp_facet_text(t->j, "severity", is(c, "severity", HP_S("fail")) ? HP_S("error") : HP_S("warn"));
    hp_json_object_end(t->j);
}

static void put_assertions(const told *t, hp_str name, bool sheets) {
    const hp_node *checks = hp_node_get(t->doc, "checks");
    size_t n = 0;
    for (size_t i = 0; i < count(checks); i++) n += is_of(hp_facet_get(item(checks, i), "data"), name);
    if (n == 0) return;
    hp_facet(t->j, t->r, "dataQualityAssertions", "1-1-0/DataQualityAssertionsDatasetFacet");
    hp_json_key(t->j, "assertions");
    hp_json_array(t->j);
    for (size_t i = 0; i < count(checks); i++) {
        const hp_node *c = item(checks, i);
        hp_str data = hp_facet_get(c, "data");
        if (!is_of(data, name)) continue;
        hp_str sheet = data.n > name.n ? hp_str_cut(data, name.n + 1, data.n) : sheets ? name : HP_S("");
        put_assertion(t, c, sheet);
    }
    hp_json_array_end(t->j);
    hp_json_object_end(t->j);
}

/* ---- inputs ---- */

static void put_input_facets(const told *t, const hp_node *file) {
    const hp_node *tables = hp_node_get(file, "tables");
    hp_json_key(t->j, "facets");
    hp_json_object(t->j);
    put_about(t, file, "A source: only the columns that are read are listed.");
    hp_facet(t->j, t->r, "schema", "1-2-0/SchemaDatasetFacet");
    hp_json_key(t->j, "fields");
    hp_json_array(t->j);
    for (size_t i = 0; i < count(tables); i++)
        put_columns(t, item(tables, i), hp_facet_get(item(tables, i), "sheet"));
    hp_json_array_end(t->j);
    hp_json_object_end(t->j);
    hp_json_object_end(t->j);
}

static void put_input_quality(const told *t, const hp_node *file) {
    const hp_node *tables = hp_node_get(file, "tables");
    int64_t rows = 0;
    for (size_t i = 0; i < count(tables); i++) rows += number(item(tables, i), "rows");
    hp_json_key(t->j, "inputFacets");
    hp_json_object(t->j);
    hp_facet(t->j, t->r, "inputStatistics", "1-0-0/InputStatisticsInputDatasetFacet");
    put_count(t, "rowCount", rows);
    put_count(t, "size", number(file, "bytes"));
    put_count(t, "fileCount", 1);
    hp_json_object_end(t->j);
    hp_facet(t->j, t->r, "dataQualityMetrics", "1-0-3/DataQualityMetricsInputDatasetFacet");
    put_count(t, "rowCount", rows);
    put_count(t, "bytes", number(file, "bytes"));
    hp_json_key(t->j, "columnMetrics");
    hp_json_object(t->j);
    for (size_t i = 0; i < count(tables); i++)
        put_nulls(t, item(tables, i), hp_facet_get(item(tables, i), "sheet"));
    hp_json_object_end(t->j);
    hp_json_object_end(t->j);
    put_assertions(t, hp_path_base(hp_facet_get(file, "path")), false);
    hp_json_object_end(t->j);
}

static void put_inputs(const told *t) {
    const hp_node *inputs = hp_node_get(t->doc, "inputs");
    hp_json_key(t->j, "inputs");
    hp_json_array(t->j);
    for (size_t i = 0; i < count(inputs); i++) {
        const hp_node *file = item(inputs, i);
        hp_json_object(t->j);
        put_id(t, hp_facet_get(file, "path"));
        put_input_facets(t, file);
        put_input_quality(t, file);
        hp_json_object_end(t->j);
    }
    if (!t->doc && t->r->input.n) {
        hp_json_object(t->j);
        put_id(t, t->r->input);
        hp_json_object_end(t->j);
    }
    hp_json_array_end(t->j);
}

/* ---- outputs ---- */

static const hp_node *find_table(const told *t, hp_str name) {
    const hp_node *tables = hp_node_get(t->doc, "tables");
    for (size_t i = 0; i < count(tables); i++)
        if (is(item(tables, i), "table", name)) return item(tables, i);
    return NULL;
}

/* Calls for each table of the result that a file holds; `sheet` is empty for a file that is one table. */
static void each_table(const told *t, const hp_node *file,
                       void (*fn)(const told *t, const hp_node *table, hp_str sheet)) {
    const hp_node *names = hp_node_get(file, "tables");
    bool book = is(file, "kind", HP_S("workbook"));
    hp_str name;
    for (size_t i = 0; i < count(names); i++) {
        if (!hp_node_text(item(names, i), &name)) continue;
        const hp_node *table = find_table(t, name);
        if (table) fn(t, table, book ? name : HP_S(""));
    }
}

/* The words of OpenLineage for how a column comes about (ColumnLineageDatasetFacet, "transformations"). */
static void put_transformation(hp_json *j, hp_str how) {
    bool joined = hp_str_eq(how, HP_S("all")) || hp_str_eq(how, HP_S("latest")),
         same = hp_str_eq(how, HP_S("identity"));
    static const struct {
        hp_str how;
        const char *text;
    } TEXT[] = {{{"first", 5}, "cleaned, of the best-ranked row that has a value"},
                {{"all", 3}, "cleaned, the values of all rows joined"},
                {{"contact", 7}, "cleaned, of the primary contact, or of the others"},
                {{"latest", 6}, "the latest of all rows"},
                {{"identity", 8}, "as it is; blanks may have been filled"},
                {{"computed", 8}, "computed"}};
    const char *text = "computed";
    for (size_t i = 0; i < sizeof TEXT / sizeof *TEXT; i++)
        if (hp_str_eq(TEXT[i].how, how)) text = TEXT[i].text;
    hp_json_key(j, "transformations");
    hp_json_array(j);
    hp_json_object(j);
    hp_facet_text(j, "type", HP_S("DIRECT"));
    hp_facet_text(j, "subtype",
                  joined ? HP_S("AGGREGATION")
                  : same ? HP_S("IDENTITY")
                         : HP_S("TRANSFORMATION"));
    hp_facet_text(j, "description", hp_str_of(text));
    hp_json_key(j, "masking");
    hp_json_bool(j, false);
    hp_json_object_end(j);
    hp_json_array_end(j);
}

/* Of a person who stands for itself, the name is that of the organisation. */
static bool feeds(const hp_node *sheet, hp_str field, hp_str wanted) {
    if (hp_str_eq(field, wanted)) return true;
    return hp_str_eq(wanted, HP_S("organization_name")) && is(sheet, "entity", HP_S("person"))
           && (hp_str_eq(field, HP_S("contact_name")) || hp_str_eq(field, HP_S("contact_first_name"))
               || hp_str_eq(field, HP_S("contact_last_name")));
}

static bool feeds_any(const hp_node *sheet, hp_str field, const hp_node *fields) {
    hp_str wanted;
    for (size_t i = 0; i < count(fields); i++)
        if (hp_node_text(item(fields, i), &wanted) && feeds(sheet, field, wanted)) return true;
    return false;
}

static void put_source_field(const told *t, const hp_node *file, const hp_node *sheet, const hp_node *column,
                             hp_str how) {
    hp_json_object(t->j);
    put_id(t, hp_facet_get(file, "path"));
    field_text(t->j, "field", hp_facet_get(sheet, "sheet"), hp_facet_get(column, "column"));
    put_transformation(t->j, how);
    hp_json_object_end(t->j);
}

/* Calls put_source_field for the source columns of a column, or only counts them. */
static size_t sources_of(const told *t, const hp_node *column, bool put) {
    const hp_node *inputs = hp_node_get(t->doc, "inputs"), *fields = hp_node_get(column, "fields");
    hp_str how = hp_facet_get(column, "how");
    size_t n = 0;
    for (size_t i = 0; count(fields) && i < count(inputs); i++) {
        const hp_node *sheets = hp_node_get(item(inputs, i), "tables");
        for (size_t s = 0; s < count(sheets); s++) {
            const hp_node *columns = hp_node_get(item(sheets, s), "columns");
            for (size_t c = 0; c < count(columns); c++) {
                if (!feeds_any(item(sheets, s), hp_facet_get(item(columns, c), "field"), fields)) continue;
                n++;
                if (put) put_source_field(t, item(inputs, i), item(sheets, s), item(columns, c), how);
            }
        }
    }
    return n;
}

static void put_lineage(const told *t, const hp_node *table, hp_str sheet) {
    const hp_node *columns = hp_node_get(table, "columns");
    for (size_t i = 0; i < count(columns); i++) {
        const hp_node *c = item(columns, i);
        if (sources_of(t, c, false) == 0) continue;
        field_key(t->j, sheet, hp_facet_get(c, "column"));
        hp_json_object(t->j);
        hp_json_key(t->j, "inputFields");
        hp_json_array(t->j);
        (void)sources_of(t, c, true);
        hp_json_array_end(t->j);
        hp_json_object_end(t->j);
    }
}

static void put_table_assertions(const told *t, const hp_node *table, hp_str sheet) {
    if (is(table, "table", HP_S("Data"))) put_assertions(t, HP_S("Data"), sheet.n > 0);
}

static int64_t rows_of(const told *t, const hp_node *file) {
    const hp_node *names = hp_node_get(file, "tables");
    hp_str name;
    const hp_node *first = count(names) && hp_node_text(item(names, 0), &name) ? find_table(t, name) : NULL;
    return first ? number(first, "rows") : -1;
}

static void put_tables(const told *t, const hp_node *file) {
    hp_facet(t->j, t->r, "schema", "1-2-0/SchemaDatasetFacet");
    hp_json_key(t->j, "fields");
    hp_json_array(t->j);
    each_table(t, file, put_columns);
    hp_json_array_end(t->j);
    hp_json_object_end(t->j);
    hp_facet(t->j, t->r, "columnLineage", "1-2-0/ColumnLineageDatasetFacet");
    hp_json_key(t->j, "fields");
    hp_json_object(t->j);
    each_table(t, file, put_lineage);
    hp_json_object_end(t->j);
    hp_json_object_end(t->j);
    hp_facet(t->j, t->r, "dataQualityMetrics", "1-0-1/DataQualityMetricsDatasetFacet");
    put_count(t, "rowCount", rows_of(t, file));
    put_count(t, "bytes", number(file, "bytes"));
    hp_json_key(t->j, "columnMetrics");
    hp_json_object(t->j);
    each_table(t, file, put_nulls);
    hp_json_object_end(t->j);
    hp_json_object_end(t->j);
    each_table(t, file, put_table_assertions);
}

static void put_output(const told *t, const hp_node *file) {
    int64_t rows = rows_of(t, file);
    hp_json_object(t->j);
    put_id(t, hp_facet_get(file, "path"));
    hp_json_key(t->j, "facets");
    hp_json_object(t->j);
    put_about(t, file,
              "A result of hotpass; run.json and provenance.sqlite beside it say how it came about.");
    if (rows >= 0) put_tables(t, file);
    hp_json_object_end(t->j);
    hp_json_key(t->j, "outputFacets");
    hp_json_object(t->j);
    hp_facet(t->j, t->r, "outputStatistics", "1-0-2/OutputStatisticsOutputDatasetFacet");
    if (rows >= 0) put_count(t, "rowCount", rows);
    put_count(t, "size", number(file, "bytes"));
    put_count(t, "fileCount", 1);
    hp_json_object_end(t->j);
    hp_json_object_end(t->j);
    hp_json_object_end(t->j);
}

/* Reports and the provenance store are about data, and hold none of their own. */
static bool is_data(const hp_node *file) {
    static const hp_str KIND[] = {{"workbook", 8}, {"csv", 3}, {"ndjson", 6}, {"parquet", 7}};
    for (size_t i = 0; i < sizeof KIND / sizeof *KIND; i++)
        if (is(file, "kind", KIND[i])) return true;
    return false;
}

void hp_lineage_datasets(hp_json *j, const hp_lineage_run *r, hp_lineage_type type, const hp_node *doc) {
    const told t = {j, r, doc};
    const hp_node *outputs = hp_node_get(doc, "outputs");
    put_inputs(&t);
    hp_json_key(j, "outputs");
    hp_json_array(j);
    for (size_t i = 0; type == HP_LINEAGE_COMPLETE && i < count(outputs); i++)
        if (is_data(item(outputs, i))) put_output(&t, item(outputs, i));
    hp_json_array_end(j);
}
