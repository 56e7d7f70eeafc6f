// SPDX-License-Identifier: GPL-3.0-or-later
// Columns of a maker's tables, as far as they can be told from a recording.
#include "drivers/pack/draft.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "drivers/pack/needs.hpp"
#include "drivers/pack/redact_words.hpp"
#include "drivers/pack/system.hpp"
#include "drivers/pack/value_text.hpp"

namespace outstation::pack {
namespace {

const Oid kEnterprises = {1, 3, 6, 1, 4, 1};
constexpr std::size_t kLeastEntry = 8;  // arcs before the 1 of a table's entry
constexpr std::size_t kMostExamples = 3;
constexpr std::size_t kMostExample = 40;    // bytes
constexpr std::size_t kMostIdentity = 120;  // bytes

struct Column {
    std::size_t rows = 0;
    Type type = Type::octets;
    std::vector<std::string> examples;
};

// A scalar is its own; of a table ENTRY.1.COLUMN.INDEX (RFC 2578 section 7.1.12) what stands before the
// index.
Oid column_of(const Oid& oid) {
    if (is_scalar(oid)) return oid;
    for (std::size_t at = oid.size() - 2; at-- > kLeastEntry;)
        if (oid[at] == 1 && at + 2 < oid.size())
            return {oid.begin(), oid.begin() + static_cast<std::ptrdiff_t>(at + 2)};
    return {oid.begin(), oid.end() - 1};
}

bool is_read(const Needs& needs, const Oid& oid) {
    if (needs.values.count(oid) > 0) return true;
    const auto after = needs.columns.upper_bound(oid);
    return after != needs.columns.begin() && is_under(oid, *std::prev(after));
}

std::string example_of(const Value& value) {
    std::string text = format_value(value, Format::plain).substr(0, kMostExample);
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > '~') c = '?';
    return text;
}

const char* type_name(Type type) {
    switch (type) {
        case Type::integer:
            return "INTEGER";
        case Type::unsigned_number:
            return "Gauge32";
        case Type::counter32:
            return "Counter32";
        case Type::counter64:
            return "Counter64";
        case Type::ticks:
            return "TimeTicks";
        case Type::object_id:
            return "OID";
        case Type::address:
            return "IpAddress";
        case Type::octets:
            break;
    }
    return "octets";
}

std::map<Oid, Column> unread_columns(const Values& values, const Needs& needs) {
    std::map<Oid, Column> out;
    for (const auto* entry = values.next(kEnterprises);
         entry != nullptr && is_under(entry->first, kEnterprises); entry = values.next(entry->first)) {
        if (is_read(needs, entry->first) || entry->first.size() < kEnterprises.size() + 2) continue;
        Column& column = out[column_of(entry->first)];
        if (column.rows++ == 0) column.type = entry->second.type;
        if (column.examples.size() < kMostExamples) column.examples.push_back(example_of(entry->second));
    }
    return out;
}

std::string line_of(const Oid& oid, const Column& column) {
    std::string out = "#   - {OID: " + format_oid(oid) + ", label: ?, unit: ?}  # ";
    if (!is_scalar(oid)) out += std::to_string(column.rows) + " rows, ";
    out += std::string(type_name(column.type)) + ":";
    for (const std::string& example : column.examples) out += " " + (example.empty() ? "''" : example) + ",";
    out.pop_back();
    return out + "\n";
}

// As YAML has it; empty: it is nothing to write down. Braces would be a template.
std::string quoted(const std::string& text) {
    if (text.size() > kMostIdentity || !is_text(text)) return {};
    std::string out;
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= ' ' && c != '\'' && c != '{' && c != '}') out += c;
    return out.empty() ? out : "'" + out + "'";
}

}  // namespace

std::string draft_pack(const Values& values, const std::vector<Choice>& choices, const Device& device) {
    const std::string object_id = read_system(values).object_id;
    const auto oid = parse_oid(object_id);
    const bool is_known = oid && is_under(*oid, kEnterprises);
    const std::string number = is_known ? std::to_string((*oid)[kEnterprises.size()]) : "unknown";
    std::string out =
        "# Made from a recording: give it a name, and take the # from what you know the meaning of.\n";
    out += "pack: draft-" + number + "\nname: Draft " + number + "\nzh: 草稿 " + number + "\n";
    out += is_known ? "match: {sys_object_id: " + format_oid(*oid) + "}\n"
                    : std::string("match: {sys_descr: '^$'}\n");
    std::string identity;
    for (const auto& [key, text] : {std::pair("vendor", &device.vendor), std::pair("class", &device.kind)})
        if (const std::string value = quoted(*text); !value.empty())
            identity += (identity.empty() ? "" : ", ") + std::string(key) + ": " + value;
    if (!identity.empty()) out += "identity: {" + identity + "}\n";
    const auto columns = unread_columns(values, needs_of(choices, Scope::everything));
    if (columns.empty()) return out + "# Packs read all that the maker's objects say.\n";
    out +=
        "# The maker's objects that no pack reads. A measured value needs a label and a unit "
        "(docs/formats/pack.md); a\n"
        "# state is a rule of \"states:\" instead.\n# sensors:\n";
    std::size_t lines = 0;
    for (const auto& [at, column] : columns)
        if (++lines <= kMostDraftLines) out += line_of(at, column);
    if (lines > kMostDraftLines) out += "# and " + std::to_string(lines - kMostDraftLines) + " more\n";
    return out;
}

}  // namespace outstation::pack
