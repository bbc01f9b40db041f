#include "base/toml_door.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wextra"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <new>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

struct walk {
    hp_toml_met *met;
    void *ctx;
};

bool tell(const walk &w, hp_toml_kind kind, const std::string &text, const toml::source_region &at) {
    return w.met(w.ctx, kind, text.data(), text.size(), static_cast<int>(at.begin.line),
                 static_cast<int>(at.begin.column));
}

template <typename number> std::string digits(number x) {
    char text[64];
    auto end = std::to_chars(text, text + sizeof text, x).ptr;
    return std::string(text, end);
}

template <typename value> std::string streamed(const value &x) {
    std::ostringstream out;
    out << x;
    return out.str();
}

bool go(const walk &w, const toml::node &n);

bool go_table(const walk &w, const toml::table &t) {
    std::vector<std::pair<const toml::key *, const toml::node *>> entries;
    for (const auto &[key, value] : t) entries.emplace_back(&key, &value);
    std::sort(entries.begin(), entries.end(),
              [](const auto &a, const auto &b) { return a.first->source().begin < b.first->source().begin; });
    if (!tell(w, HP_TOML_MAP, "", t.source())) return false;
    for (const auto &[key, value] : entries)
        if (!tell(w, HP_TOML_TEXT, std::string(key->str()), key->source()) || !go(w, *value)) return false;
    return tell(w, HP_TOML_CLOSE, "", t.source());
}

bool go_array(const walk &w, const toml::array &a) {
    if (!tell(w, HP_TOML_LIST, "", a.source())) return false;
    for (const auto &item : a)
        if (!go(w, item)) return false;
    return tell(w, HP_TOML_CLOSE, "", a.source());
}

bool go(const walk &w, const toml::node &n) {
    const auto &at = n.source();
    if (auto t = n.as_table()) return go_table(w, *t);
    if (auto a = n.as_array()) return go_array(w, *a);
    if (auto s = n.as_string()) return tell(w, HP_TOML_TEXT, s->get(), at);
    if (auto i = n.as_integer()) return tell(w, HP_TOML_WORD, digits(i->get()), at);
    if (auto f = n.as_floating_point()) return tell(w, HP_TOML_WORD, digits(f->get()), at);
    if (auto b = n.as_boolean()) return tell(w, HP_TOML_WORD, b->get() ? "true" : "false", at);
    if (auto d = n.as_date()) return tell(w, HP_TOML_WORD, streamed(d->get()), at);
    if (auto t = n.as_time()) return tell(w, HP_TOML_WORD, streamed(t->get()), at);
    return tell(w, HP_TOML_WORD, streamed(n.as_date_time()->get()), at);
}

} // namespace

extern "C" hp_toml_end hp_toml_walk(const char *bytes, size_t n, hp_toml_met *met, void *ctx, char *why,
                                    size_t cap, int *line, int *column) try {
    const toml::table doc = toml::parse(std::string_view(bytes, n));
    return go_table({met, ctx}, doc) ? HP_TOML_DONE : HP_TOML_STOPPED;
} catch (const toml::parse_error &e) {
    std::snprintf(why, cap, "%.*s", static_cast<int>(e.description().size()), e.description().data());
    *line = static_cast<int>(e.source().begin.line);
    *column = static_cast<int>(e.source().begin.column);
    return HP_TOML_WRONG;
} catch (const std::exception &) {
    return HP_TOML_NO_MEMORY;
}
