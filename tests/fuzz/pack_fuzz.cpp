// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as a device pack, and behind a line "---" any text as a recording that it is evaluated over:
// mistakes that name their place, or findings with numbers that are numbers. Redacted the recording is one
// still, with as many values at most, and the draft that is made of it loads. A secret and an address that
// are put into each text are gone.
#include <cmath>
#include <cstdlib>
#include <string>

#include "drivers/pack/draft.hpp"
#include "drivers/pack/evaluate.hpp"
#include "drivers/pack/recording.hpp"
#include "drivers/pack/redact.hpp"
#include "drivers/pack/redact_words.hpp"

namespace {

using namespace outstation::pack;

void require(bool holds) {
    if (!holds) std::abort();
}

constexpr const char* kSecret = "secret";
constexpr const char* kAddress = "<10.77.1.5:";  // the device's own, and what may stand around it

void require_gone(const ValueTable& values, bool is_address_known) {
    for (const auto* entry = values.next({}); entry != nullptr; entry = values.next(entry->first)) {
        const std::string& text = entry->second.text;
        require(text.find(kSecret) == std::string::npos);
        require(!is_address_known || !is_text(text) || text.find(kAddress) == std::string::npos);
    }
}

void redact_planted(const ValueTable& values, const Findings& found) {
    ValueTable planted = values;
    for (const auto* entry = values.next({}); entry != nullptr; entry = values.next(entry->first)) {
        Value value = entry->second;
        if (value.type != Type::octets) continue;
        value.text.insert(value.text.size() / 2, std::string(kAddress) + kSecret);
        planted.set(entry->first, value);
    }
    planted.set({1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10, 77, 1, 5}, {Type::address, "10.77.1.5"});
    require_gone(redact(planted, {{kSecret}, found}).values, true);
}

void evaluate_over(const Library& library, const std::string& lines) {
    const auto recording = parse_recording(lines);
    if (!recording) return;
    const auto choices = choose_packs(library, recording->values);
    const Findings found = evaluate(choices, recording->values);
    const Redacted redacted = redact(recording->values, {{kSecret}, found});
    require_gone(redacted.values, false);
    redact_planted(recording->values, found);
    require(redacted.values.size() + redacted.dropped <= recording->values.size());
    const auto again = parse_recording(recording_text(redacted.values));
    require(redacted.values.size() == 0 || (again && again->bad_lines == 0));
    require(load_packs({{"d.yaml", draft_pack(redacted.values, choices, found.device)}}).refused.empty());
    for (const Reading& one : found.sensors) require(std::isfinite(one.value) && !one.unit.empty());
    for (const MetricValue& one : found.metrics) require(std::isfinite(one.value) && !one.name.empty());
    for (const Space& one : found.memory) require(one.percent || one.total_octets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 16384) return 0;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t line = text.find("\n---\n");
    const Library library = load_packs({{"f.yaml", text.substr(0, line)}});
    for (const outstation::Error& error : library.refused) require(error.text.rfind("f.yaml", 0) == 0);
    if (line != std::string::npos) evaluate_over(library, text.substr(line + 5));
    return 0;
}
