// SPDX-License-Identifier: GPL-3.0-or-later
// Splitting first, decoding after, so that an escaped slash stays inside its segment.
#include "lib/http/target.hpp"

#include <algorithm>
#include <optional>

namespace outstation::http {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_blank) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if (is_control(c)) return std::nullopt;
        decoded += c;
    }
    return decoded;
}

bool add_segments(std::string_view path, std::vector<std::string>& segments) {
    if (path.empty() || path.front() != '/') return false;
    path.remove_prefix(1);
    if (path.empty()) return true;
    for (bool last = false; !last;) {
        const auto slash = path.find('/');
        last = slash == std::string_view::npos;
        auto segment = decode(path.substr(0, slash), false);
        if (!segment || *segment == "." || *segment == ".." || segments.size() == kMaxSegments) return false;
        segments.push_back(std::move(*segment));
        if (!last) path.remove_prefix(slash + 1);
    }
    return true;
}

bool add_field(std::string_view pair, std::vector<QueryField>& query) {
    if (pair.empty()) return true;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decode(pair.substr(0, equals), true);
    auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value || query.size() == kMaxQueryFields) return false;
    const bool twice = std::any_of(query.begin(), query.end(),
                                   [&name](const QueryField& field) { return field.name == *name; });
    if (twice) return false;
    query.push_back({std::move(*name), std::move(*value)});
    return true;
}

bool add_query(std::string_view text, std::vector<QueryField>& query) {
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        if (!add_field(text.substr(0, end), query)) return false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
    if (text.size() > kMaxTargetBytes) return fail(ErrorCode::malformed, "target too long");
    const auto question = std::min(text.find('?'), text.size());
    Target target;
    target.path = std::string(text.substr(0, question));
    if (!add_segments(target.path, target.segments)) return fail(ErrorCode::malformed, "path");
    if (!add_query(text.substr(std::min(question + 1, text.size())), target.query))
        return fail(ErrorCode::malformed, "query");
    return target;
}

}  // namespace outstation::http
