// SPDX-License-Identifier: GPL-3.0-or-later
// The typed reader over yaml-cpp nodes.
#include "lib/config/config.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace outstation::config {

namespace detail {

// Mappings, keys in them and texts of lists. Without aliases a text has fewer than octets.
constexpr std::size_t kMaxNodes = 150'000;
constexpr std::size_t kFreeNodes = 10'000;

struct Position {
    int line = 0;
    int column = 0;
    auto operator<=>(const Position&) const = default;
};

struct Entry {
    Position at;
    YAML::Node value;
    bool used = false;
};

struct MappingState {
    Shared* shared;  // owns this mapping
    Position at;
    std::map<std::string, Entry, std::less<>> entries;
};

struct Shared {
    std::string file;
    YAML::Node root;
    std::set<std::pair<Position, std::string>> problems;  // an alias repeats its own
    std::vector<std::unique_ptr<MappingState>>
        mappings;  // all that were read: check() finds unknown keys there
    std::size_t nodes = 0;
    std::size_t most_nodes = kMaxNodes;
    bool told_full = false;

    [[nodiscard]] std::string place(Position at) const {
        return file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
    }
    void problem(Position at, const std::string& text) { problems.emplace(at, place(at) + ": " + text); }
    // Aliases of aliases make a short text as large as one likes.
    [[nodiscard]] bool is_full(Position at) {
        if (nodes < most_nodes) return false;
        if (!std::exchange(told_full, true)) problem(at, "too much is in it, aliases counted");
        return true;
    }
};

}  // namespace detail

namespace {

using detail::Entry;
using detail::MappingState;
using detail::Position;
using detail::Shared;

Position position_of(const YAML::Node& node) {
    const YAML::Mark mark = node.Mark();
    if (mark.is_null()) return {};
    return {mark.line + 1, mark.column + 1};
}

// A handle keeps the whole document alive: it points to the mapping and owns the document.
std::shared_ptr<MappingState> make_mapping(const std::shared_ptr<Shared>& shared, const YAML::Node& node,
                                           Position at) {
    shared->mappings.push_back(std::make_unique<MappingState>());
    std::shared_ptr<MappingState> state(shared, shared->mappings.back().get());
    state->shared = shared.get();
    state->at = at;
    ++shared->nodes;
    if (!node.IsDefined() || node.IsNull()) return state;
    if (!node.IsMap()) {
        shared->problem(at, "expected a mapping (key: value)");
        return state;
    }
    for (const auto& pair : node) {
        ++shared->nodes;
        const Position key_at = position_of(pair.first);
        if (!pair.first.IsScalar()) {
            shared->problem(key_at, "expected a word as key");
            continue;
        }
        const std::string& key = pair.first.Scalar();
        if (!state->entries.emplace(key, Entry{key_at, pair.second, false}).second) {
            shared->problem(key_at, "key '" + key + "' is there twice");
        }
    }
    return state;
}

std::shared_ptr<Shared> owner_of(const std::shared_ptr<MappingState>& state) {
    return {state, state->shared};
}

// The entry, marked as known; nullptr when absent or empty.
Entry* use(MappingState& state, std::string_view key) {
    const auto it = state.entries.find(key);
    if (it == state.entries.end()) return nullptr;
    it->second.used = true;
    return &it->second;
}

// The scalar text of the entry, or nothing (with a problem when it is a list or mapping).
std::optional<std::string> scalar(MappingState& state, std::string_view key, std::string_view expected) {
    Entry* entry = use(state, key);
    if (entry == nullptr) return std::nullopt;
    if (entry->value.IsScalar()) return entry->value.Scalar();
    state.shared->problem(entry->at, "'" + std::string(key) + "': expected " + std::string(expected));
    return std::nullopt;
}

void expected(MappingState& state, std::string_view key, const std::string& what, const std::string& found) {
    const Position at = state.entries.find(key)->second.at;
    state.shared->problem(
        at, "'" + std::string(key) + "': expected " + what + ", found '" + found.substr(0, 80) + "'");
}

}  // namespace

bool Mapping::has(std::string_view key) const {
    return state_->entries.find(key) != state_->entries.end();
}

std::vector<std::string> Mapping::keys() const {
    std::vector<std::string> out;
    for (const auto& [key, entry] : state_->entries) out.push_back(key);
    return out;
}

Mapping::Kind Mapping::kind(std::string_view key) const {
    const auto it = state_->entries.find(key);
    if (it == state_->entries.end() || it->second.value.IsNull()) return Kind::absent;
    if (it->second.value.IsMap()) return Kind::mapping;
    return it->second.value.IsSequence() ? Kind::list : Kind::scalar;
}

void Mapping::accept(std::string_view key) {
    (void)use(*state_, key);
}

std::string Mapping::text(std::string_view key, std::string fallback) {
    return scalar(*state_, key, "text").value_or(std::move(fallback));
}

std::string Mapping::required_text(std::string_view key) {
    if (!has(key)) {
        problem(key, "'" + std::string(key) + "' is missing");
        return {};
    }
    auto value = text(key, "");
    if (value.empty()) problem(key, "'" + std::string(key) + "': expected text that is not empty");
    return value;
}

std::uint64_t Mapping::integer(std::string_view key, std::uint64_t fallback, std::uint64_t min,
                               std::uint64_t max) {
    const std::string what = "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
    const auto value = scalar(*state_, key, what);
    if (!value) return fallback;
    std::uint64_t number = 0;
    const char* end = value->data() + value->size();
    const auto [rest, error] = std::from_chars(value->data(), end, number);
    if (error == std::errc{} && rest == end && number >= min && number <= max) return number;
    expected(*state_, key, what, *value);
    return fallback;
}

double Mapping::number(std::string_view key, double fallback) {
    const auto value = scalar(*state_, key, "a number");
    if (!value) return fallback;
    double number = 0;
    const char* end = value->data() + value->size();
    const auto [rest, error] = std::from_chars(value->data(), end, number);
    if (error == std::errc{} && rest == end && std::isfinite(number)) return number;
    expected(*state_, key, "a number", *value);
    return fallback;
}

bool Mapping::boolean(std::string_view key, bool fallback) {
    const auto value = scalar(*state_, key, "true or false");
    if (!value) return fallback;
    if (*value == "true" || *value == "false") return *value == "true";
    expected(*state_, key, "true or false", *value);
    return fallback;
}

Duration Mapping::duration(std::string_view key, Duration fallback, Duration min, Duration max) {
    const std::string what =
        "a time from " + format_duration(min) + " to " + format_duration(max) + " (like '10 s')";
    const auto value = scalar(*state_, key, what);
    if (!value) return fallback;
    const auto parsed = parse_duration(*value);
    if (parsed && *parsed >= min && *parsed <= max) return *parsed;
    expected(*state_, key, what, *value);
    return fallback;
}

std::uint64_t Mapping::bytes(std::string_view key, std::uint64_t fallback, std::uint64_t min,
                             std::uint64_t max) {
    const std::string what =
        "a size from " + std::to_string(min) + " B to " + std::to_string(max) + " B (like '20 GiB')";
    const auto value = scalar(*state_, key, what);
    if (!value) return fallback;
    const auto parsed = parse_bytes(*value);
    if (parsed && *parsed >= min && *parsed <= max) return *parsed;
    expected(*state_, key, what, *value);
    return fallback;
}

std::string Mapping::choice(std::string_view key, std::string fallback,
                            const std::vector<std::string>& words) {
    std::string what = "one of";
    for (const std::string& word : words) what += " " + word;
    const auto value = scalar(*state_, key, what);
    if (!value) return fallback;
    if (std::find(words.begin(), words.end(), *value) != words.end()) return *value;
    expected(*state_, key, what, *value);
    return fallback;
}

std::string Mapping::time_zone(std::string_view key, std::string fallback, const std::string& directory) {
    const std::string what = "the name of a time zone (like 'Asia/Shanghai')";
    const auto value = scalar(*state_, key, what);
    if (!value) return fallback;
    const ZoneAnswer answer = look_up_zone(*value, directory);
    if (answer == ZoneAnswer::known) return *value;
    if (answer == ZoneAnswer::unknown) {
        expected(*state_, key, what, *value);
    } else {
        problem(key, "'" + std::string(key) + "': there is no time zone database in " + directory +
                         " (package tzdata)");
    }
    return fallback;
}

std::vector<std::string> Mapping::texts(std::string_view key) {
    Entry* entry = use(*state_, key);
    std::vector<std::string> out;
    if (entry == nullptr || entry->value.IsNull()) return out;
    if (!entry->value.IsSequence()) {
        problem(key, "'" + std::string(key) + "': expected a list of texts");
        return out;
    }
    for (const auto& item : entry->value) {
        if (state_->shared->is_full(entry->at)) break;
        ++state_->shared->nodes;
        if (item.IsScalar()) {
            out.push_back(item.Scalar());
        } else {
            state_->shared->problem(position_of(item), "expected text");
        }
    }
    return out;
}

Mapping Mapping::mapping(std::string_view key) {
    Entry* entry = use(*state_, key);
    if (entry == nullptr)
        return Mapping(make_mapping(owner_of(state_), YAML::Node(YAML::NodeType::Null), state_->at));
    return Mapping(make_mapping(owner_of(state_), entry->value, entry->at));
}

std::vector<Mapping> Mapping::mappings(std::string_view key) {
    Entry* entry = use(*state_, key);
    std::vector<Mapping> out;
    if (entry == nullptr || entry->value.IsNull()) return out;
    if (!entry->value.IsSequence()) {
        problem(key, "'" + std::string(key) + "': expected a list");
        return out;
    }
    for (const auto& item : entry->value) {
        if (state_->shared->is_full(entry->at)) break;
        out.emplace_back(make_mapping(owner_of(state_), item, position_of(item)));
    }
    return out;
}

std::vector<Mapping> Mapping::items(std::string_view key, std::string_view word) {
    Entry* entry = use(*state_, key);
    std::vector<Mapping> out;
    if (entry == nullptr || entry->value.IsNull()) return out;
    const auto add = [&](const YAML::Node& node, Position at) {
        if (!node.IsScalar()) {
            out.emplace_back(make_mapping(owner_of(state_), node, at));
            return;
        }
        auto state = make_mapping(owner_of(state_), YAML::Node(YAML::NodeType::Null), at);
        state->entries.emplace(word, Entry{at, node, false});
        out.emplace_back(std::move(state));
    };
    if (!entry->value.IsSequence()) {
        add(entry->value, entry->at);
        return out;
    }
    for (const auto& item : entry->value) {
        if (state_->shared->is_full(entry->at)) break;
        add(item, position_of(item));
    }
    return out;
}

void Mapping::problem(std::string_view key, std::string_view text) {
    const auto it = state_->entries.find(key);
    state_->shared->problem(it == state_->entries.end() ? state_->at : it->second.at, std::string(text));
}

std::string Mapping::where() const {
    return state_->shared->place(state_->at);
}

Document Document::parse(std::string_view text, std::string file) {
    auto shared = std::make_shared<Shared>();
    shared->file = std::move(file);
    shared->most_nodes = std::min(detail::kMaxNodes, detail::kFreeNodes + text.size());
    try {
        shared->root = YAML::Load(std::string(text));
    } catch (const YAML::Exception& error) {
        shared->root = YAML::Node(YAML::NodeType::Null);
        shared->problem({error.mark.line + 1, error.mark.column + 1}, "not YAML: " + error.msg);
    }
    return Document(std::move(shared));
}

Result<Document> Document::read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail_errno(path, errno);
    std::string text(kMaxFileBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad()) return fail(ErrorCode::io, path + ": cannot be read");
    if (text.size() > kMaxFileBytes) return fail(ErrorCode::config, path + ": larger than 1 MiB");
    return parse(text, path);
}

Mapping Document::root() {
    return Mapping(make_mapping(shared_, shared_->root, {1, 1}));
}

std::vector<std::string> Document::problems() const {
    auto all = shared_->problems;
    for (const auto& mapping : shared_->mappings) {
        for (const auto& [key, entry] : mapping->entries) {
            if (!entry.used)
                all.emplace(entry.at, shared_->place(entry.at) + ": unknown key '" + key.substr(0, 80) + "'");
        }
    }
    std::vector<std::string> out;
    for (const auto& [at, text] : all) out.push_back(text);
    return out;
}

Result<void> Document::check() const {
    const auto all = problems();
    if (all.empty()) return {};
    std::string text;
    for (const std::string& line : all) text += (text.empty() ? "" : "\n") + line;
    return fail(ErrorCode::config, text);
}

}  // namespace outstation::config
