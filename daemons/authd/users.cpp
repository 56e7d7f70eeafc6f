// SPDX-License-Identifier: GPL-3.0-or-later
// Reads and writes users.yaml, and judges passwords.
#include "daemons/authd/users.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>

#include "lib/config/config.hpp"
#include "lib/config/yaml_text.hpp"

namespace outstation::authd {
namespace {

constexpr std::string_view kRoles[] = {"viewer", "technician", "operator", "admin"};
constexpr std::size_t kFewestDifferent = 5;

wire::Role role_from(const std::string& name) {
    const auto* it = std::find(std::begin(kRoles), std::end(kRoles), name);
    return static_cast<wire::Role>(it - std::begin(kRoles));
}

User read_user(config::Mapping& mapping) {
    User user;
    user.name = mapping.required_text("name");
    user.role = role_from(mapping.choice("role", "viewer", {std::begin(kRoles), std::end(kRoles)}));
    user.password_hash = mapping.required_text("password_hash");
    user.must_change_password = mapping.boolean("must_change_password", false);
    return user;
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

}  // namespace

std::string_view role_name(wire::Role role) {
    const auto index = static_cast<std::size_t>(role);
    return index < std::size(kRoles) ? kRoles[index] : kRoles[0];
}

Result<Users> Users::read(const std::string& path) {
    auto document = config::Document::read(path);
    if (!document) return fail(document.error());
    Users users;
    auto root = document->root();
    for (auto& mapping : root.mappings("users")) users.users_.push_back(read_user(mapping));
    if (const auto checked = document->check(); !checked) return fail(checked.error());
    if (users.users_.empty()) return fail(ErrorCode::config, path + ": no users");
    return users;
}

const User* Users::find(const std::string& name) const {
    const auto it =
        std::find_if(users_.begin(), users_.end(), [&](const User& user) { return user.name == name; });
    return it == users_.end() ? nullptr : &*it;
}

void Users::put(User user) {
    const auto it =
        std::find_if(users_.begin(), users_.end(), [&](const User& old) { return old.name == user.name; });
    if (it == users_.end()) {
        users_.push_back(std::move(user));
    } else {
        *it = std::move(user);
    }
}

std::string Users::encode() const {
    std::string text = "# Written by authd.\nusers:\n";
    for (const User& user : users_) {
        text += "  - name: " + config::in_quotes(user.name) +
                "\n    role: " + std::string(role_name(user.role)) +
                "\n    password_hash: " + config::in_quotes(user.password_hash) +
                "\n    must_change_password: " + (user.must_change_password ? "true" : "false") + "\n";
    }
    return text;
}

bool is_weak(const std::string& password, const std::string& user) {
    const auto characters = static_cast<std::size_t>(
        std::count_if(password.begin(), password.end(), [](char c) { return !is_continuation(c); }));
    if (characters < kShortestPassword || characters > kLongestPassword ||
        password.size() > 4 * kLongestPassword)
        return true;
    const bool has_control =
        std::any_of(password.begin(), password.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    const bool has_name = !user.empty() && lower(password).find(lower(user)) != std::string::npos;
    return has_control || has_name ||
           std::set<char>(password.begin(), password.end()).size() < kFewestDifferent;
}

}  // namespace outstation::authd
