// SPDX-License-Identifier: GPL-3.0-or-later
// Reading packs and what they extend.
#include "drivers/pack/library.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>

#include "drivers/pack/read_field.hpp"
#include "drivers/pack/read_profile.hpp"
#include "drivers/pack/read_rules.hpp"
#include "drivers/pack/words.hpp"
#include "lib/config/config.hpp"

namespace outstation::pack {
namespace {

using config::Mapping;
using Texts = std::map<std::string, std::string>;

constexpr std::size_t kMaxParts = 10'000;  // rules, metrics or tags of a pack, with what it extends
constexpr std::size_t kMaxOpen = 32;       // files that extend each other

std::string folder_of(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    return slash == std::string::npos ? "" : file.substr(0, slash + 1);
}

std::string name_of(const std::string& file) {
    std::string name = file.substr(folder_of(file).size());
    const std::size_t dot = name.rfind(".yaml");
    return dot == std::string::npos ? name : name.substr(0, dot);
}

std::vector<Oid> read_probes(Mapping& from) {
    std::vector<Oid> out;
    for (auto item : from.items("probe", "OID")) out.push_back(read_oid(item, "OID"));
    return out;
}

void read_matches(Mapping& root, Pack& out) {
    Match profile;
    profile.object_ids = read_texts(root, "sysobjectid");
    if (!profile.object_ids.empty()) out.matches.push_back(std::move(profile));
    for (auto item : root.items("match", "word")) {
        Match one;
        if (item.has("word")) {
            one.always = item.choice("word", "", {"always"}) == "always";
        } else {
            one.object_ids = read_texts(item, "sys_object_id");
            one.descriptions = read_patterns(item, "sys_descr");
            one.probes = read_probes(item);
            one.not_object_ids = read_texts(item, "not_sys_object_id");
            one.not_descriptions = read_patterns(item, "not_sys_descr");
            if (one.object_ids.empty() && one.descriptions.empty() && one.probes.empty())
                item.problem("", "expected sys_object_id, sys_descr or probe");
        }
        out.matches.push_back(std::move(one));
    }
}

void read_identity(Mapping& root, const char* key, std::map<std::string, Field>& out) {
    auto identity = root.mapping(key);
    for (const char* word : {"vendor", "class", "model", "version", "serial"})
        if (identity.has(word)) out[word] = read_field(identity, word, {});
}

void read_vendors(Mapping& root, Pack& out) {
    for (auto& item : root.mappings("vendors")) {
        VendorHint hint;
        hint.enterprise = static_cast<std::uint32_t>(item.integer("enterprise", 0, 0, UINT32_MAX));
        hint.description = read_pattern(item, "sys_descr");
        hint.vendor = item.text("vendor", "");
        hint.kind = item.text("class", "");
        hint.last_resort = item.boolean("last_resort", false);
        hint.is_shared = item.boolean("shared", false);
        if (hint.enterprise == 0 && !hint.description)
            item.problem("vendor", "expected 'enterprise' or 'sys_descr'");
        out.vendors.push_back(std::move(hint));
    }
}

template <typename Part>
bool has_room(const std::vector<Part>& out, const std::vector<Part>& more) {
    return out.size() + more.size() <= kMaxParts;
}

// What the pack does not say itself comes from what it extends. False: it would be too much.
bool inherit(Pack& out, const Pack& parent) {
    if (!has_room(out.rules, parent.rules) || !has_room(out.metrics, parent.metrics) ||
        !has_room(out.tags, parent.tags))
        return false;
    for (const auto& [word, field] : parent.identity) out.identity.emplace(word, field);
    for (const auto& [word, field] : parent.fallback) out.fallback.emplace(word, field);
    out.rules.insert(out.rules.end(), parent.rules.begin(), parent.rules.end());
    out.metrics.insert(out.metrics.end(), parent.metrics.begin(), parent.metrics.end());
    out.tags.insert(out.tags.end(), parent.tags.begin(), parent.tags.end());
    return true;
}

class Loader {
  public:
    Loader(const Texts& texts, Library& out) : texts_(texts), out_(out) {}

    // The pack of this file, or nullptr when it is refused.
    const Pack* load(const std::string& file) {
        if (const auto known = done_.find(file); known != done_.end())
            return known->second ? &*known->second : nullptr;
        if (!open_.insert(file).second) return nullptr;
        auto pack = read(file);
        open_.erase(file);
        ++out_.read;
        if (!pack) {
            out_.refused.push_back(pack.error());
            out_.refused_files.push_back(file);
        }
        auto& kept = done_[file];
        if (pack) kept = std::move(*pack);
        return kept ? &*kept : nullptr;
    }

  private:
    Result<Pack> read(const std::string& file) {
        if (texts_.at(file).size() > config::kMaxFileBytes)
            return fail(ErrorCode::config, file + ": larger than 1 MiB");
        auto document = config::Document::parse(texts_.at(file), file);
        auto root = document.root();
        Pack out;
        out.file = file;
        out.name = name_of(file);
        out.is_native = root.has("pack");
        if (out.is_native) out.name = root.required_text("pack");
        out.title = root.text("name", "");
        out.title_zh = root.text("zh", "");
        root.accept("description");
        out.words = read_map(root, "words");
        read_matches(root, out);
        read_identity(root, "identity", out.identity);
        read_identity(root, "fallback", out.fallback);
        read_vendors(root, out);
        out.excludes = read_texts(root, "excludes");
        read_profile(root, out);
        read_rules(root, out);
        for (auto item : root.items("extends", "file")) extend(item, out);
        if (auto ok = document.check(); !ok) return fail(ok.error());
        return out;
    }

    void extend(Mapping& item, Pack& out) {
        const std::string name = item.required_text("file");
        const std::string file = folder_of(out.file) + name;
        if (open_.size() > kMaxOpen) {
            item.problem("file", "more than " + std::to_string(kMaxOpen) + " files extend each other");
        } else if (texts_.find(file) == texts_.end()) {
            if (out.is_native) return item.problem("file", "'" + name + "' is not there");
            // Libraries of profiles are handed on in parts.
            out_.notes.push_back(item.where() + ": '" + name +
                                 "' is not there, the profile is used without it");
        } else if (const Pack* parent = load(file)) {
            if (!inherit(out, *parent))
                item.problem("file", "with '" + name + "' there are more than " + std::to_string(kMaxParts) +
                                         " rules, metrics or tags");
        } else {
            const bool circle = open_.find(file) != open_.end();
            item.problem("file", "'" + name + (circle ? "' extends this file" : "' is refused itself"));
        }
    }

    const Texts& texts_;
    Library& out_;
    std::map<std::string, std::optional<Pack>> done_;
    std::set<std::string> open_;
};

// What several files lead to is told once.
void add_told(const Library& of_file, Library& out) {
    for (std::size_t at = 0; at < of_file.refused.size(); ++at) {
        const std::string& file = of_file.refused_files[at];
        if (std::find(out.refused_files.begin(), out.refused_files.end(), file) != out.refused_files.end())
            continue;
        out.refused.push_back(of_file.refused[at]);
        out.refused_files.push_back(file);
    }
    for (const std::string& note : of_file.notes)
        if (std::find(out.notes.begin(), out.notes.end(), note) == out.notes.end()) out.notes.push_back(note);
}

Pack card_of(const Pack& pack) {
    Pack out;
    out.name = pack.name;
    out.file = pack.file;
    out.is_native = pack.is_native;
    out.matches = pack.matches;
    out.excludes = pack.excludes;
    return out;
}

bool is_chosen(const Pack& pack) {
    return !pack.matches.empty() || !pack.vendors.empty();
}

void load_into(const Texts& texts, const std::set<std::string>* only, Library& out) {
    Loader loader(texts, out);
    for (const auto& [file, text] : texts) {
        if (only != nullptr && only->find(file) == only->end()) continue;
        const Pack* pack = loader.load(file);
        if (pack == nullptr) continue;
        out.words.insert(pack->words.begin(), pack->words.end());
        if (is_chosen(*pack)) out.packs.push_back(*pack);
    }
    for (Pack& pack : out.packs) translate(out.words, pack);
}

Result<std::string> read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail_errno(path, errno);
    std::string text(config::kMaxFileBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) return fail(ErrorCode::io, path + ": cannot be read");
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > config::kMaxFileBytes) return fail(ErrorCode::config, path + ": larger than 1 MiB");
    text.shrink_to_fit();  // a daemon keeps it
    return text;
}

// Every *.yaml of the folder.
Result<void> read_folder(const std::string& folder, PackTexts& out) {
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        if (entry->path().extension() != ".yaml") continue;
        const std::string path = entry->path().string();
        auto text = read_text(path);
        if (text) {
            out.texts[path] = std::move(*text);
        } else {
            out.unreadable[path] = text.error();
        }
    }
    if (error) return fail(ErrorCode::io, folder + ": " + error.message());
    return {};
}

void refuse(const PackTexts& read, Library& out) {
    for (const auto& [file, error] : read.unreadable) {
        out.refused.push_back(error);
        out.refused_files.push_back(file);
    }
}

}  // namespace

Library load_packs(const Texts& texts) {
    Library out;
    load_into(texts, nullptr, out);
    return out;
}

// File after file, nothing of which is kept: what others extend is read again.
Library load_cards(const Texts& texts) {
    Library out;
    for (const auto& [file, text] : texts) {
        Library of_file;
        Loader loader(texts, of_file);
        const Pack* pack = loader.load(file);
        add_told(of_file, out);
        ++out.read;
        if (pack == nullptr) continue;
        out.words.insert(pack->words.begin(), pack->words.end());
        if (is_chosen(*pack)) out.packs.push_back(card_of(*pack));
    }
    return out;
}

std::shared_ptr<const Pack> load_pack(const Texts& texts, const std::string& file, const Words& words) {
    Library of_file;
    Loader loader(texts, of_file);
    const Pack* pack = texts.find(file) == texts.end() ? nullptr : loader.load(file);
    if (pack == nullptr) return nullptr;
    auto out = std::make_shared<Pack>(*pack);
    translate(words, *out);
    return out;
}

Result<PackTexts> read_pack_texts(const std::string& folder) {
    PackTexts out;
    if (auto ok = read_folder(folder, out); !ok) return fail(ok.error());
    return out;
}

Result<Library> read_packs(const std::vector<std::string>& paths) {
    Texts texts;
    std::set<std::string> wanted;
    Library out;
    for (const std::string& path : paths) {
        std::error_code error;
        const bool is_folder = std::filesystem::is_directory(path, error);
        const std::string folder = std::filesystem::path(path).parent_path().string();
        if (!is_folder) {
            auto text = read_text(path);
            if (!text) return fail(text.error());
            texts[path] = std::move(*text);
            wanted.insert(path);
            if (folder.empty()) continue;
        }
        PackTexts read;
        if (auto ok = read_folder(is_folder ? path : folder, read); !ok) return fail(ok.error());
        if (is_folder) {
            refuse(read, out);
            for (const auto& [file, text] : read.texts) wanted.insert(file);
        }
        texts.merge(read.texts);
    }
    load_into(texts, &wanted, out);
    return out;
}

}  // namespace outstation::pack
