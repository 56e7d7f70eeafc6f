// SPDX-License-Identifier: GPL-3.0-or-later
// Encoded definitions.
#include "lib/wire/definitions.hpp"

#include <protozero/pbf_writer.hpp>

namespace outstation::wire {

void append_definition(std::string& body, std::string_view series) {
    constexpr protozero::pbf_tag_type kSeries = 1;  // lib/wire/records.proto, FrameBody
    protozero::pbf_writer(body).add_message(kSeries, series.data(), series.size());
}

}  // namespace outstation::wire
