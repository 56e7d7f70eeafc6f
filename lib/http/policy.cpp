// SPDX-License-Identifier: GPL-3.0-or-later
// Security headers, caching, entity tags.
#include "lib/http/policy.hpp"

#include <algorithm>

#include "lib/crypto/bytes.hpp"

namespace outstation::http {
namespace {

constexpr std::pair<std::string_view, std::string_view> kSecurityHeaders[] = {
    {"Content-Security-Policy", kContentSecurityPolicy},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Embedder-Policy", "require-corp"},
};
constexpr std::size_t kEtagCharacters = 22;  // 132 bits

bool has(const Response& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [name](const Field& field) { return field.name == name; });
}

std::string make_etag(const std::string& body) {
    const auto digest = crypto::sha256(body);
    const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
    return crypto::to_base64url(bytes).substr(0, kEtagCharacters);
}

void tag(const Request& request, Response& response) {
    const bool reads = request.method == Method::get || request.method == Method::head;
    if (!reads || response.status != 200 || !response.body) return;
    if (response.etag.empty()) response.etag = make_etag(*response.body);
    if (!matches_etag(request.header("if-none-match"), response.etag)) return;
    response.status = 304;
    response.content_type.clear();
    response.body.reset();
    std::erase_if(response.headers, [](const Field& field) { return field.name == "Content-Encoding"; });
}

}  // namespace

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
    while (!if_none_match.empty()) {
        const auto end = std::min(if_none_match.find(','), if_none_match.size());
        std::string_view tag = trim(if_none_match.substr(0, end));
        if_none_match.remove_prefix(std::min(end + 1, if_none_match.size()));
        if (tag == "*") return true;
        if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
        if (tag.size() == etag.size() + 2 && tag.front() == '"' && tag.back() == '"' &&
            tag.substr(1, etag.size()) == etag)
            return true;
    }
    return false;
}

void complete_response(const Request& request, Response& response) {
    tag(request, response);
    if (!has(response, "Cache-Control"))
        response.with("Cache-Control", response.etag.empty() ? "no-store" : "private, no-cache");
    if (!response.etag.empty()) response.with("ETag", '"' + response.etag + '"');
    if (!response.content_type.empty()) response.with("Content-Type", response.content_type);
    for (const auto& [name, value] : kSecurityHeaders) response.with(std::string(name), std::string(value));
}

}  // namespace outstation::http
