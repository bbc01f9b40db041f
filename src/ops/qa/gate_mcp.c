/* QG-4: what an assistant would be told. hotpass serves no tools yet; what it would say of them is checked.
 */
#include "base/clock.h"
#include "ops/qa/call.h"

#include "base/banned.h"

static const char *const REQUIRED[] = {
    "hotpass.refine",        "hotpass.enrich", "hotpass.qa",      "hotpass.explain_provenance",
    "hotpass.plan.research", "hotpass.crawl",  "hotpass.ta.check"};

static const hp_node *tool(const hp_node *tools, const char *name) {
    for (size_t i = 0; tools && i < tools->n; i++) {
        hp_str text = {0};
        hp_node_text(hp_node_get(tools->item[i], "name"), &text);
        if (hp_str_eq(text, hp_str_of(name))) return tools->item[i];
    }
    return NULL;
}

static bool text_is(const hp_node *n, const char *key, const char *text) {
    hp_str value = {0};
    return hp_node_text(hp_node_get(n, key), &value) && hp_str_eq(value, hp_str_of(text));
}

static hp_code check_required(hp_qa_run *q, const hp_node *tools, hp_err *err) {
    hp_autobuf missing = hp_buf_new(1024);
    uint64_t since = hp_clock_mono();
    for (size_t i = 0; i < sizeof REQUIRED / sizeof *REQUIRED; i++)
        if (!tool(tools, REQUIRED[i])) hp_buf_printf(&missing, "%s%s", missing.n ? ", " : "", REQUIRED[i]);
    if (missing.n)
        return hp_qa_add(q, HP_QA_FAILED, since, "required-tools",
                         "the tools that operators know are described", err, "this version has no %s",
                         hp_buf_cstr(&missing));
    return hp_qa_add(q, HP_QA_PASSED, since, "required-tools", "the tools that operators know are described",
                     err, "%zu tools", tools->n);
}

/* Appends what is wrong with a tool's schema (JSON Schema, an object whose members have types and meanings).
 */
static void check_schema(const hp_node *t, hp_buf *why) {
    hp_str name = {0};
    hp_node_text(hp_node_get(t, "name"), &name);
    const hp_node *schema = hp_node_get(t, "inputSchema"), *members = hp_node_get(schema, "properties"),
                  *required = hp_node_get(schema, "required");
    bool shaped = text_is(schema, "type", "object") && members && members->kind == HP_NODE_MAP;
    if (!shaped || !hp_node_get(t, "description"))
        hp_buf_printf(why, "%s%.*s is not described", why->n ? ", " : "", HP_FMT(name));
    for (size_t i = 0; shaped && i < members->n; i++)
        if (!hp_node_get(members->item[i], "type") || !hp_node_get(members->item[i], "description"))
            hp_buf_printf(why, "%s%.*s.%.*s has no type or no meaning", why->n ? ", " : "", HP_FMT(name),
                          HP_FMT(members->key[i]->text));
    for (size_t i = 0; shaped && required && i < required->n; i++) {
        hp_autobuf key = hp_buf_new(256);
        hp_buf_add(&key, required->item[i]->text);
        if (!hp_node_get(members, hp_buf_cstr(&key)))
            hp_buf_printf(why, "%s%.*s wants %s, which is no member", why->n ? ", " : "", HP_FMT(name),
                          hp_buf_cstr(&key));
    }
}

/* Appends the gates that the tool qa does not offer. */
static void check_targets(const hp_node *tools, hp_buf *why) {
    const hp_node *target = hp_node_get(
        hp_node_get(hp_node_get(tool(tools, "hotpass.qa"), "inputSchema"), "properties"), "target");
    const hp_node *list = hp_node_get(target, "enum");
    size_t n;
    const hp_qa_gate *g = hp_qa_gates(&n);
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; list && k < list->n; k++)
            found |= hp_str_eq(list->item[k]->text, hp_str_of(g[i].word));
        if (!found) hp_buf_printf(why, "%shotpass.qa does not offer %s", why->n ? ", " : "", g[i].word);
    }
}

static hp_code check_shapes(hp_qa_run *q, const hp_node *tools, hp_err *err) {
    static const char ID[] = "schema-shape",
                      WHAT[] = "schemas are objects whose members have types and meanings";
    hp_autobuf why = hp_buf_new(4096);
    uint64_t since = hp_clock_mono();
    for (size_t i = 0; i < tools->n; i++) check_schema(tools->item[i], &why);
    check_targets(tools, &why);
    const hp_node *urls = hp_node_get(
        hp_node_get(hp_node_get(tool(tools, "hotpass.plan.research"), "inputSchema"), "properties"), "url");
    if (tool(tools, "hotpass.plan.research") && !text_is(urls, "type", "array"))
        hp_buf_printf(&why, "%shotpass.plan.research.url is no array", why.n ? ", " : "");
    if (why.n) return hp_qa_add(q, HP_QA_FAILED, since, ID, WHAT, err, "%s", hp_buf_cstr(&why));
    return hp_qa_add(q, HP_QA_PASSED, since, ID, WHAT, err, "%zu schemas", tools->n);
}

/* Asks the research tools for a plan, which needs no network. */
static hp_code check_research(hp_qa_run *q, const hp_node *tools, hp_err *err) {
    static const char ID[] = "research-tools-execute",
                      WHAT[] = "plan research and crawl answer without the network";
    hp_autoreply r = {0};
    hp_autobuf why = hp_buf_new(4096);
    uint64_t since = hp_clock_mono();
    if (!tool(tools, "hotpass.plan.research") || !tool(tools, "hotpass.crawl"))
        return hp_qa_add(q, HP_QA_SKIPPED, since, ID, WHAT, err, "this version has no such commands");
    hp_qa_args plan = {0}, crawl = {0};
    HP_QA_ARGS(&plan, "plan", "research", "--entity", "Quality Gate Aviation", "--allow-network=false",
               "--json");
    hp_qa_args_profile(&plan, q->o);
    HP_TRY(hp_qa_call(plan.p, NULL, HP_QA_ASK, &r, err));
    if (!hp_qa_exited(&r, 0) || !hp_qa_json(&r, q->arena)) hp_qa_why(&r, HP_QA_ASK, &why);
    HP_QA_ARGS(&crawl, "crawl", "https://quality-gate.example/", "--allow-network=false", "--json");
    hp_qa_args_profile(&crawl, q->o);
    HP_TRY(hp_qa_call(crawl.p, NULL, HP_QA_ASK, &r, err));
    if (!hp_qa_json(&r, q->arena)) hp_qa_why(&r, HP_QA_ASK, &why);
    if (why.n) return hp_qa_add(q, HP_QA_FAILED, since, ID, WHAT, err, "%s", hp_buf_cstr(&why));
    return hp_qa_add(q, HP_QA_PASSED, since, ID, WHAT, err, "both answered in JSON");
}

hp_code hp_qa_mcp(hp_qa_run *q, hp_err *err) {
    static const char NONE[] =
        "hotpass has no MCP server yet: its tools are described (hotpass docs tools), not served";
    const hp_node *tools;
    uint64_t since = hp_clock_mono();
    HP_TRY(hp_qa_tools(q, &tools, err));
    if (tool(tools, "hotpass.mcp"))
        return hp_qa_add(q, HP_QA_FAILED, since, "instantiate", "the MCP server answers", err,
                         "this version has a server, which the gate does not know how to ask");
    q->not_applicable = true;
    q->reason = hp_str_of(NONE);
    HP_TRY(hp_qa_add(q, HP_QA_SKIPPED, since, "instantiate", "the MCP server answers", err, "%s", NONE));
    if (!tools)
        return hp_qa_add(q, HP_QA_FAILED, since, "required-tools",
                         "the tools that operators know are described", err,
                         "hotpass docs tools printed no list");
    HP_TRY(check_required(q, tools, err));
    HP_TRY(check_shapes(q, tools, err));
    return check_research(q, tools, err);
}
