#include "check/json_door.h"

#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized" /* gcc 12 sees one in its own std::regex */
#endif
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wextra"
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#define VALIJSON_USE_EXCEPTIONS 1 /* else it ends the program */
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/constraint_builder.hpp>
#include <valijson/constraints/concrete_constraints.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>
#pragma GCC diagnostic pop

extern "C" {
#include "check/pattern.h"
}

using nlohmann::json;
using valijson::adapters::NlohmannJsonAdapter;

/* valijson is given schemas in a form of its own making: everything of drafts 4, 6 and 7 said in draft 7's
 * words, and three things kept away from it. Patterns go to PCRE2, which has limits where std::regex
 * overflows the stack; `format` is only a note; and each schema counts a step when it is entered, so that
 * schemas made to branch without end are stopped. */
namespace {

constexpr unsigned long kMostSteps = 2000000; /* about a second */
constexpr int kDeepest = 200;        /* nesting of a value: recursive schemas go as deep on the stack */
constexpr size_t kLongestName = 256; /* of a member, where names are held against patterns by std::regex */
const char kPattern[] = "x-hotpass-pattern", kStep[] = "x-hotpass-step";

/* What is wrong with a schema, for the user. */
struct bad_schema {
    std::string what;
};

/* What stops a match: a pattern or the schema itself costs too much. */
struct stopped {
    hp_code code;
    hp_err err;
};

/* ---- constraints of our own ---- */

struct steps {
    unsigned long taken = 0;
    std::string where;
};

class step_constraint : public valijson::constraints::PolyConstraint {
  public:
    explicit step_constraint(steps *count) : count_(count) {}
    bool validate(const valijson::adapters::Adapter &, const std::vector<std::string> &,
                  valijson::ValidationResults *) const override {
        if (++count_->taken <= kMostSteps) return true;
        stopped s{};
        s.code = hp_fail(&s.err, HP_CONFIG,
                         "%s: the JSON schema takes more than %lu steps on one value; simplify it",
                         count_->where.c_str(), kMostSteps);
        throw s;
    }

  private:
    Constraint *cloneInto(void *at) const override { return new (at) step_constraint(*this); }
    size_t sizeOf() const override { return sizeof *this; }
    steps *count_;
};

class pattern_constraint : public valijson::constraints::PolyConstraint {
  public:
    explicit pattern_constraint(std::shared_ptr<hp_pattern> pattern) : pattern_(std::move(pattern)) {}
    bool validate(const valijson::adapters::Adapter &target, const std::vector<std::string> &,
                  valijson::ValidationResults *) const override {
        if (!target.isString()) return true;
        std::string text = target.asString();
        bool matches = false;
        stopped s{};
        s.code = hp_pattern_match(pattern_.get(), {text.data(), text.size()}, &matches, &s.err);
        if (s.code != HP_OK) throw s;
        return matches;
    }

  private:
    Constraint *cloneInto(void *at) const override { return new (at) pattern_constraint(*this); }
    size_t sizeOf() const override { return sizeof *this; }
    std::shared_ptr<hp_pattern> pattern_;
};

class step_builder : public valijson::ConstraintBuilder {
  public:
    explicit step_builder(steps *count) : count_(count) {}
    valijson::constraints::Constraint *make(const valijson::adapters::Adapter &) const override {
        return new step_constraint(count_);
    }

  private:
    steps *count_;
};

class pattern_builder : public valijson::ConstraintBuilder {
  public:
    explicit pattern_builder(const steps *count) : count_(count) {}
    valijson::constraints::Constraint *make(const valijson::adapters::Adapter &value) const override {
        std::string text = value.asString();
        hp_pattern *pattern = nullptr;
        stopped s{};
        s.code =
            hp_pattern_compile_python({text.data(), text.size()}, count_->where.c_str(), &pattern, &s.err);
        if (s.code != HP_OK) throw s;
        return new pattern_constraint(std::shared_ptr<hp_pattern>(pattern, hp_pattern_free));
    }

  private:
    const steps *count_;
};

/* ---- schemas in draft 7's words ---- */

enum class dialect { draft4, draft6, modern }; /* modern: 2019-09 and later, where $ref has neighbours */

dialect dialect_of(const json &schema) {
    auto found = schema.is_object() ? schema.find("$schema") : schema.end();
    if (!schema.is_object() || found == schema.end() || !found->is_string()) return dialect::modern;
    std::string name = found->get<std::string>();
    if (name.find("draft-04") != std::string::npos || name.find("draft-03") != std::string::npos)
        return dialect::draft4;
    return name.find("draft-0") != std::string::npos ? dialect::draft6 : dialect::modern;
}

const std::vector<std::string> kOneSchema = {
    "not",  "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems",
    "items"};
const std::vector<std::string> kMapsOfSchemas = {"properties", "patternProperties", "definitions", "$defs",
                                                 "dependencies"};
const std::vector<std::string> kListsOfSchemas = {"allOf", "anyOf", "oneOf", "items"};
const std::set<std::string> kSameValue = {"allOf", "anyOf", "oneOf", "not",
                                          "if",    "then",  "else",  "dependencies"};

/* Calls f(subschema, keyword) for each schema right inside one. */
template <class F> void each_inside(json &schema, F f) {
    if (!schema.is_object()) return;
    for (const std::string &key : kOneSchema)
        if (auto at = schema.find(key); at != schema.end() && !at->is_array()) f(*at, key);
    for (const std::string &key : kMapsOfSchemas)
        if (auto at = schema.find(key); at != schema.end() && at->is_object())
            for (auto &item : at->items())
                if (!item.value().is_array()) f(item.value(), key);
    for (const std::string &key : kListsOfSchemas)
        if (auto at = schema.find(key); at != schema.end() && at->is_array())
            for (json &item : *at) f(item, key);
}

/* std::regex backtracks without limit, and names of members go through it: only patterns with at most two
 * open repetitions, each of a single character, are let through. */
void check_name_pattern(const std::string &pattern) {
    int open = 0;
    char before = '\0';
    for (size_t i = 0; i < pattern.size(); before = pattern[i], i++) {
        char c = pattern[i];
        if (c == '\\') {
            i++;
            continue;
        }
        if (c == '[') {
            while (i + 1 < pattern.size() && pattern[i] != ']') i += pattern[i] == '\\' ? 2 : 1;
            if (i >= pattern.size()) break;
            continue;
        }
        bool repeats = c == '*' || c == '+' || c == '{' || (c == '?' && before == ')');
        if (repeats && (before == ')' || ++open > 2))
            throw bad_schema{
                "the name pattern \"" + pattern
                + "\" repeats too much; patternProperties may repeat single characters, at most twice"};
    }
}

void move_key(json &schema, const char *from, const char *to) {
    auto at = schema.find(from);
    if (at == schema.end()) return;
    json value = *at;
    schema.erase(at);
    if (value.is_object() && schema.contains(to) && schema[to].is_object())
        schema[to].update(value);
    else
        schema[to] = value;
}

/* Draft 4 says {"minimum": 3, "exclusiveMinimum": true} for what is {"exclusiveMinimum": 3} since. */
void renew_limit(json &schema, const char *limit, const char *exclusive) {
    auto at = schema.find(exclusive);
    if (at == schema.end() || !at->is_boolean()) return;
    bool is_exclusive = at->get<bool>();
    schema.erase(at);
    if (!is_exclusive || !schema.contains(limit)) return;
    schema[exclusive] = schema[limit];
    schema.erase(limit);
}

void renew_tuples(json &schema) {
    if (!schema.contains("prefixItems")) return;
    if (schema.contains("items")) move_key(schema, "items", "additionalItems");
    move_key(schema, "prefixItems", "items");
}

void refuse_newer(const json &schema) {
    for (const char *key : {"unevaluatedItems", "unevaluatedProperties", "minContains", "maxContains",
                            "$dynamicRef", "$recursiveRef"})
        if (schema.contains(key))
            throw bad_schema{std::string("the keyword \"") + key
                             + "\" is newer than draft 7, which is as far as hotpass goes"};
}

/* Up to draft 7 a $ref has no say but its own; since then its neighbours count too. Schemas that others refer
 * to stay where they are. */
void renew_reference(json &schema, dialect d) {
    if (!schema.contains("$ref")) return;
    json kept = json::object(), rest = schema;
    for (const char *key : {"definitions", "$defs"}) {
        if (schema.contains(key)) kept[key] = schema[key];
        rest.erase(key);
    }
    rest.erase("$ref");
    rest.erase("$schema");
    rest.erase("$id");
    if (d == dialect::modern && !rest.empty())
        kept["allOf"] = json::array({json{{"$ref", schema["$ref"]}}, rest});
    else
        kept["$ref"] = schema["$ref"];
    schema = kept;
}

void check_shapes(const json &schema) {
    if (!schema.is_object() && !schema.is_boolean())
        throw bad_schema{"a schema must be an object, true or false"};
}

void renew(json &schema, dialect d) {
    check_shapes(schema);
    if (!schema.is_object()) return;
    refuse_newer(schema);
    renew_reference(schema, d);
    for (const char *key : {"$schema", "$id", "id", "$anchor", "format", "title", "description", "default",
                            "examples", "$comment"})
        schema.erase(key);
    renew_limit(schema, "minimum", "exclusiveMinimum");
    renew_limit(schema, "maximum", "exclusiveMaximum");
    renew_tuples(schema);
    move_key(schema, "dependentRequired", "dependencies");
    move_key(schema, "dependentSchemas", "dependencies");
    if (auto at = schema.find("pattern"); at != schema.end() && !at->is_string())
        throw bad_schema{"\"pattern\" must be a text"};
    move_key(schema, "pattern", kPattern);
    if (auto at = schema.find("patternProperties"); at != schema.end() && at->is_object())
        for (auto &item : at->items()) check_name_pattern(item.key());
    each_inside(schema, [d](json &inner, const std::string &key) {
        if (!(key == "dependencies" && inner.is_array())) renew(inner, d);
    });
    if (schema.contains("$ref")) return;
    if (!schema.contains("allOf")) schema["allOf"] = json::array();
    if (schema["allOf"].is_array()) schema["allOf"].push_back({{kStep, true}});
}

/* ---- references ---- */

/* Undoes %25 and its like: a reference is a URI, what it holds is a pointer. */
std::string without_percents(const std::string &text) {
    std::string out;
    for (size_t i = 0; i < text.size(); i++) {
        unsigned value = 0;
        int read = 0;
        if (text[i] == '%' && std::sscanf(text.c_str() + i, "%%%2x%n", &value, &read) == 1 && read == 3) {
            out += static_cast<char>(value);
            i += 2;
        } else
            out += text[i];
    }
    return out;
}

json *resolve(json &root, const json &ref) {
    if (!ref.is_string()) throw bad_schema{"\"$ref\" must be a text"};
    std::string text = ref.get<std::string>();
    if (text.empty() || text[0] != '#')
        throw bad_schema{
            "\"$ref\": \"" + text
            + "\" leads out of the schema; only references within it (\"#/definitions/x\") are followed"};
    try {
        return &root.at(json::json_pointer(without_percents(text.substr(1))));
    } catch (const json::exception &) {
        throw bad_schema{"\"$ref\": \"" + text + "\" leads nowhere"};
    }
}

/* A schema that leads back to itself on the same value would never end. */
void check_circles(json &root, json &schema, std::map<const json *, int> &state) {
    int &mine = state[&schema];
    if (mine == 2) return;
    if (mine == 1) throw bad_schema{"\"$ref\" leads in a circle that takes no part of the value"};
    mine = 1;
    if (schema.is_object() && schema.contains("$ref"))
        check_circles(root, *resolve(root, schema["$ref"]), state);
    each_inside(schema, [&](json &inner, const std::string &key) {
        if (kSameValue.count(key)) check_circles(root, inner, state);
    });
    state[&schema] = 2;
}

void check_all_circles(json &root, json &schema, std::map<const json *, int> &state) {
    check_circles(root, schema, state);
    each_inside(schema, [&](json &inner, const std::string &) { check_all_circles(root, inner, state); });
}

bool uses_name_patterns(json &schema) {
    bool found = schema.is_object() && schema.contains("patternProperties");
    each_inside(schema,
                [&found](json &inner, const std::string &) { found = found || uses_name_patterns(inner); });
    return found;
}

/* ---- values ---- */

/* 1.0 is an integer since draft 6: numbers without a fraction become integers. */
void make_integer(json &value) {
    if (!value.is_number_float()) return;
    double v = value.get<double>();
    if (std::trunc(v) == v && std::fabs(v) < 9e15) value = static_cast<int64_t>(v);
}

template <class F> void each_value(json &value, F f) {
    f(value);
    if (!value.is_structured()) return;
    for (auto &item : value.items()) each_value(item.value(), f);
}

/* Tells whether a value may be shown to valijson: not too deep, and no name too long. */
bool is_tame(const json &value, int depth, size_t longest_name) {
    if (depth > kDeepest) return false;
    if (!value.is_structured()) return true;
    for (const auto &item : value.items())
        if ((value.is_object() && item.key().size() > longest_name)
            || !is_tame(item.value(), depth + 1, longest_name))
            return false;
    return true;
}

} // namespace

struct hp_json_door {
    steps count;
    valijson::Schema schema;
    bool whole_floats = true;
    size_t longest_name = SIZE_MAX;
};

static void compile(hp_json_door *door, const char *text, size_t n) {
    json root = json::parse(text, text + n);
    dialect d = dialect_of(root);
    door->whole_floats = d != dialect::draft4;
    renew(root, d);
    if (door->whole_floats) each_value(root, make_integer);
    std::map<const json *, int> state;
    check_all_circles(root, root, state);
    if (uses_name_patterns(root)) door->longest_name = kLongestName;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.addConstraintBuilder(kStep, new step_builder(&door->count));
    parser.addConstraintBuilder(kPattern, new pattern_builder(&door->count));
    parser.populateSchema(NlohmannJsonAdapter(root), door->schema);
}

extern "C" hp_code hp_json_door_make(const char *text, size_t n, const char *where, hp_json_door **out,
                                     hp_err *err) {
    try {
        auto door = std::make_unique<hp_json_door>();
        door->count.where = where;
        compile(door.get(), text, n);
        *out = door.release();
        return HP_OK;
    } catch (const std::bad_alloc &) {
        return hp_fail_memory(err, "a JSON schema");
    } catch (const stopped &s) {
        if (err) *err = s.err;
        return s.code;
    } catch (const bad_schema &bad) {
        return hp_fail(err, HP_CONFIG, "%s: JSON schema: %s", where, bad.what.c_str());
    } catch (const std::exception &e) {
        return hp_fail(err, HP_CONFIG, "%s: JSON schema: %s", where, e.what());
    }
}

extern "C" hp_code hp_json_door_match(hp_json_door *door, const char *text, size_t n, bool *matches,
                                      hp_err *err) {
    try {
        json value = json::parse(text, text + n, nullptr, false);
        if (value.is_discarded() || !is_tame(value, 0, door->longest_name)) {
            *matches = false;
            return HP_OK;
        }
        if (door->whole_floats) each_value(value, make_integer);
        door->count.taken = 0;
        valijson::Validator validator;
        *matches = validator.validate(door->schema, NlohmannJsonAdapter(value), nullptr);
        return HP_OK;
    } catch (const std::bad_alloc &) {
        return hp_fail_memory(err, "holding a value against a JSON schema");
    } catch (const stopped &s) {
        if (err) *err = s.err;
        return s.code;
    } catch (const std::exception &) {
        *matches = false; /* a number beyond what a double holds, and the like */
        return HP_OK;
    }
}

extern "C" void hp_json_door_free(hp_json_door *door) { delete door; }
