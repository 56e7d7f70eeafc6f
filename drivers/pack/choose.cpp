// SPDX-License-Identifier: GPL-3.0-or-later
// Which packs a device gets.
#include <algorithm>

#include "drivers/pack/library.hpp"
#include "drivers/pack/system.hpp"

namespace outstation::pack {
namespace {

constexpr int kDescriptionWeight = 3;  // a word of sysDescr says more than three arcs of sysObjectID
constexpr int kProbeWeight = 2;

// A star takes as little as will do, and more when what follows it does not fit: only the last one has to.
bool matches_glob(std::string_view glob, std::string_view text) {
    std::size_t at = 0;
    std::size_t in_glob = 0;
    std::size_t star = glob.npos;  // the last one
    std::size_t taken = 0;         // by it: up to here
    while (at < text.size()) {
        if (in_glob < glob.size() && glob[in_glob] == '*') {
            star = in_glob++;
            taken = at;
        } else if (in_glob < glob.size() && glob[in_glob] == text[at]) {
            ++in_glob, ++at;
        } else if (star != glob.npos) {
            in_glob = star + 1;
            at = ++taken;
        } else {
            return false;
        }
    }
    return glob.find_first_not_of('*', in_glob) == glob.npos;
}

int arcs_of(std::string_view glob) {
    return static_cast<int>(std::count(glob.begin(), glob.end(), '.')) +
           (glob.find('*') == glob.npos ? 2 : 0);
}

const std::string* best_object_id(const std::vector<std::string>& globs, const std::string& object_id) {
    const std::string* best = nullptr;
    for (const std::string& glob : globs) {
        if (glob.empty()) continue;
        const std::string_view bare = glob.front() == '.' ? std::string_view(glob).substr(1) : glob;
        if (matches_glob(bare, object_id) && (best == nullptr || arcs_of(glob) > arcs_of(*best)))
            best = &glob;
    }
    return best;
}

const Pattern* first_match(const std::vector<Pattern>& patterns, const std::string& text) {
    for (const Pattern& pattern : patterns)
        if (pattern.matches(text)) return &pattern;
    return nullptr;
}

bool has_any(const Values& values, const Oid& oid) {
    if (values.find(oid) != nullptr) return true;
    const auto* next = values.next(oid);
    return next != nullptr && is_under(next->first, oid);
}

void add_reason(Choice& out, std::string_view what, std::string_view which) {
    if (!out.why.empty()) out.why.append(", ");
    out.why.append(what).append(which);
}

// Every kind of condition that is there must hold.
std::optional<Choice> try_match(const Match& match, const System& system, const Values& values) {
    if (match.always) return Choice{nullptr, 0, "always"};
    Choice out;
    if (best_object_id(match.not_object_ids, system.object_id) != nullptr ||
        first_match(match.not_descriptions, system.description) != nullptr)
        return std::nullopt;
    if (!match.object_ids.empty()) {
        const auto* glob = best_object_id(match.object_ids, system.object_id);
        if (glob == nullptr) return std::nullopt;
        out.specificity += arcs_of(*glob);
        add_reason(out, "sysObjectID ", *glob);
    }
    if (!match.descriptions.empty()) {
        const auto* pattern = first_match(match.descriptions, system.description);
        if (pattern == nullptr) return std::nullopt;
        out.specificity += kDescriptionWeight;
        add_reason(out, "sysDescr ", pattern->expression());
    }
    if (!match.probes.empty()) {
        const auto probe = std::find_if(match.probes.begin(), match.probes.end(),
                                        [&](const Oid& oid) { return has_any(values, oid); });
        if (probe == match.probes.end()) return std::nullopt;
        out.specificity += kProbeWeight;
        add_reason(out, "probe ", format_oid(*probe));
    }
    return out;
}

std::optional<Choice> best_match(const Pack& pack, const System& system, const Values& values) {
    std::optional<Choice> best;
    for (const Match& match : pack.matches) {
        auto one = try_match(match, system, values);
        if (one && (!best || one->specificity > best->specificity)) best = std::move(one);
    }
    if (best) best->pack = &pack;
    return best;
}

bool is_excluded(const Choice& choice, const std::vector<Choice>& before) {
    for (const Choice& other : before) {
        const auto& names = other.pack->excludes;
        if (std::find(names.begin(), names.end(), choice.pack->name) != names.end()) return true;
    }
    return false;
}

}  // namespace

System read_system(const Values& values) {
    System out;
    const auto text = [&values](std::uint32_t column) {
        const Value* value = values.find({1, 3, 6, 1, 2, 1, 1, column, 0});  // SNMPv2-MIB, RFC 3418
        return value == nullptr ? std::string() : value->text;
    };
    out.description = text(1);
    out.object_id = text(2);
    out.name = text(5);
    return out;
}

std::vector<Choice> choose_packs(const Library& library, const Values& values) {
    const System system = read_system(values);
    std::vector<Choice> found;
    for (const Pack& pack : library.packs)
        if (auto choice = best_match(pack, system, values)) found.push_back(std::move(*choice));
    std::stable_sort(found.begin(), found.end(),
                     [](const Choice& a, const Choice& b) { return a.specificity > b.specificity; });
    std::vector<Choice> out;
    bool has_profile = false;
    for (Choice& choice : found) {
        if (is_excluded(choice, out) || (!choice.pack->is_native && has_profile)) continue;
        has_profile = has_profile || !choice.pack->is_native;
        out.push_back(std::move(choice));
    }
    return out;
}

}  // namespace outstation::pack
