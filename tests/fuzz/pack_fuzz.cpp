// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as a device pack, and behind a line "---" any text as a recording that it is evaluated over:
// mistakes that name their place, or findings with numbers that are numbers.
#include <cmath>
#include <cstdlib>
#include <string>

#include "drivers/pack/evaluate.hpp"
#include "drivers/pack/recording.hpp"

namespace {

using namespace outstation::pack;

void require(bool holds) {
    if (!holds) std::abort();
}

void evaluate_over(const Library& library, const std::string& lines) {
    const auto recording = parse_recording(lines);
    if (!recording) return;
    const Findings found = evaluate(choose_packs(library, recording->values), recording->values);
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
