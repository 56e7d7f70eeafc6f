// SPDX-License-Identifier: GPL-3.0-or-later
// Matching segment by segment; a station has some dozens of routes, so the list is walked.
#include "lib/http/router.hpp"

#include <optional>

namespace outstation::http {
namespace {

bool is_param(const std::string& part) {
    return part.size() > 2 && part.front() == '{' && part.back() == '}';
}

std::optional<std::map<std::string, std::string>> fit(const std::vector<std::string>& pattern,
                                                      const std::vector<std::string>& segments) {
    if (pattern.size() != segments.size()) return std::nullopt;
    std::map<std::string, std::string> params;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_param(pattern[i]) && !segments[i].empty()) {
            params.emplace(pattern[i].substr(1, pattern[i].size() - 2), segments[i]);
        } else if (pattern[i] != segments[i]) {
            return std::nullopt;
        }
    }
    return params;
}

void allow(std::string& text, Method method) {
    if (!text.empty()) text += ", ";
    text += method_name(method);
    if (method == Method::get) text += ", HEAD";
}

}  // namespace

void Router::add(Method method, std::string_view pattern) {
    Route route{method, {}};
    while (!pattern.empty()) {
        pattern.remove_prefix(1);  // the slash
        const auto end = std::min(pattern.find('/'), pattern.size());
        route.pattern.emplace_back(pattern.substr(0, end));
        pattern.remove_prefix(end);
    }
    routes_.push_back(std::move(route));
}

Router::Match Router::match(Method method, const std::vector<std::string>& segments) const {
    if (method == Method::head) method = Method::get;
    Match match;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        auto params = fit(routes_[i].pattern, segments);
        if (!params) continue;
        if (routes_[i].method == method) return Match{Match::Kind::found, i, std::move(*params), {}};
        match.kind = Match::Kind::wrong_method;
        allow(match.allow, routes_[i].method);
    }
    return match;
}

}  // namespace outstation::http
