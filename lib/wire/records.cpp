// SPDX-License-Identifier: GPL-3.0-or-later
// Encoding of the records.
#include "lib/wire/records.hpp"

#include <algorithm>

#include "lib/model/counter.hpp"
#include "lib/wire/codec.hpp"

namespace outstation::wire {
namespace {

constexpr std::string_view kAccounts[] = {"unknown", "not_collected", "dropped", "thinned", "damaged"};
constexpr std::string_view kSeverities[] = {"none", "critical", "major", "minor", "warning"};
constexpr std::string_view kSteps[] = {"unknown",      "raised",   "escalated", "eased",
                                       "acknowledged", "assigned", "noted",     "shelved",
                                       "unshelved",    "cleared",  "reopened",  "restated"};

// Of a number that this version does not know the first one.
template <typename Enum, std::size_t N>
std::string_view word_in(const std::string_view (&words)[N], Enum value) {
    const auto number = static_cast<std::size_t>(value);
    return words[number < N ? number : 0];
}

}  // namespace

std::string_view word_of(Account account) {
    return word_in(kAccounts, account);
}
std::string_view word_of(Severity severity) {
    return word_in(kSeverities, severity);
}
std::string_view word_of(AlarmStep step) {
    return word_in(kSteps, step);
}

std::optional<Account> account_from(std::string_view word) {
    const auto* it = std::find(std::begin(kAccounts), std::end(kAccounts), word);
    if (it == std::end(kAccounts)) return std::nullopt;
    return static_cast<Account>(it - std::begin(kAccounts));
}

bool SeriesDef::is_32_bit() const {
    return std::any_of(labels.begin(), labels.end(), [](const WireLabel& label) {
        return label.name == kWidthLabel && label.value == kWidth32;
    });
}

SeriesInfo SeriesDef::info() const {
    SeriesInfo out;
    out.key.device = device;
    out.key.metric = metric;
    for (const WireLabel& label : labels) out.key.labels.push_back({label.name, label.value});
    out.kind = kind;
    out.oid = oid;
    out.scale = scale == 0.0 ? 1.0 : scale;
    return out;
}

SeriesDef SeriesDef::of(std::uint32_t id, const SeriesInfo& info) {
    SeriesDef out;
    out.id = id;
    out.device = info.key.device;
    out.metric = info.key.metric;
    for (const Label& label : info.key.labels) out.labels.push_back({label.name, label.value});
    out.kind = info.kind;
    out.oid = info.oid;
    out.scale = info.scale;
    return out;
}

OUTSTATION_WIRE_MESSAGE(SeriesDef);
OUTSTATION_WIRE_MESSAGE(SampleRecord);
OUTSTATION_WIRE_MESSAGE(StateRecord);
OUTSTATION_WIRE_MESSAGE(LedgerRecord);
OUTSTATION_WIRE_MESSAGE(FrameBody);

bool StateRecord::is_event() const {
    return kind != "attribute" && kind != "interface_name" && kind != "interface_descr" &&
           kind != "interface_alias" && kind != "interface_gone" && kind != "component_state" &&
           kind != "component_gone" && kind != "neighbour_seen" && kind != "neighbour_gone" &&
           kind != "component_part";
}

}  // namespace outstation::wire
