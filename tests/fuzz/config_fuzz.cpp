// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as station.yaml: a station without mistakes, or mistakes that each name the place.
#include <cstdlib>

#include "daemons/confd/station_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 65536) return 0;
    auto document = outstation::config::Document::parse(
        std::string_view(reinterpret_cast<const char*>(data), size), "f.yaml");
    const auto file = outstation::confd::read_station(document.root());
    for (const std::string& problem : document.problems()) {
        if (problem.rfind("f.yaml:", 0) != 0) std::abort();
    }
    if (!document.problems().empty()) return 0;
    for (const auto& device : file.devices) {
        if (!outstation::confd::is_word(device.id) || device.port == 0 || device.port > 65535) std::abort();
    }
    return 0;
}
