// SPDX-License-Identifier: GPL-3.0-or-later
// Reads and writes tokens.yaml, and makes tokens.
#include "daemons/authd/tokens.hpp"

#include <algorithm>
#include <cctype>

#include "lib/config/config.hpp"
#include "lib/config/yaml_text.hpp"
#include "lib/crypto/bytes.hpp"

namespace outstation::authd {
namespace {

constexpr std::string_view kPrefix = "ost_";  // lets secret scanners find one that leaked
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kLongestName = 64;
constexpr std::uint64_t kLatestNs = 1ULL << 62U;

bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= kLongestName &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return (c < 0x80 && std::isalnum(c) != 0) || c == '-' || c == '_' || c == '.';
           });
}

}  // namespace

Result<Tokens> Tokens::read(const std::string& path) {
    auto document = config::Document::read(path);
    if (!document) return fail(document.error());
    Tokens tokens;
    auto root = document->root();
    for (auto& mapping : root.mappings("tokens")) {
        Token token;
        const std::string name = mapping.required_text("name");
        token.sha256 = mapping.required_text("token_sha256");
        token.created_ns = static_cast<std::int64_t>(mapping.integer("created_ns", 0, 0, kLatestNs));
        tokens.tokens_[name] = std::move(token);
    }
    if (const auto checked = document->check(); !checked) return fail(checked.error());
    return tokens;
}

std::string Tokens::encode() const {
    std::string text = "# Written by authd.\n";
    if (!tokens_.empty()) text += "tokens:\n";
    for (const auto& [name, token] : tokens_) {
        text += "  - name: " + config::in_quotes(name) +
                "\n    token_sha256: " + config::in_quotes(token.sha256) +
                "\n    created_ns: " + std::to_string(std::max<std::int64_t>(token.created_ns, 0)) + "\n";
    }
    return text;
}

Result<std::string> Tokens::add(const std::string& name, std::int64_t created_ns) {
    if (!is_name(name))
        return fail(ErrorCode::malformed, "a token's name is 1 to 64 letters, digits, '-', '_' and '.'");
    if (tokens_.contains(name)) return fail(ErrorCode::refused, "there is a token of that name");
    if (tokens_.size() >= kMostTokens)
        return fail(ErrorCode::exhausted, "more than " + std::to_string(kMostTokens) + " tokens");
    const auto bytes = crypto::random_bytes(kTokenBytes);
    if (!bytes) return fail(bytes.error());
    std::string text = std::string(kPrefix) + crypto::to_base64url(*bytes);
    tokens_[name] = Token{crypto::to_hex(crypto::sha256(text)), created_ns};
    return text;
}

Result<void> Tokens::remove(const std::string& name) {
    if (tokens_.erase(name) == 0) return fail(ErrorCode::not_found, "there is no token of that name");
    return {};
}

std::optional<std::string> Tokens::name_of(const std::string& text) const {
    const std::string sha256 = crypto::to_hex(crypto::sha256(text));
    for (const auto& [name, token] : tokens_) {
        if (token.sha256 == sha256) return name;
    }
    return std::nullopt;
}

std::vector<wire::TokenInfo> Tokens::list() const {
    std::vector<wire::TokenInfo> list;
    for (const auto& [name, token] : tokens_) list.push_back({name, token.created_ns});
    return list;
}

}  // namespace outstation::authd
