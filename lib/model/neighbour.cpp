// SPDX-License-Identifier: GPL-3.0-or-later
// Fields between bars.
#include "lib/model/neighbour.hpp"

#include <algorithm>

namespace outstation {
namespace {

constexpr char kBar = '|';

std::string field_text(std::string field) {
    std::replace(field.begin(), field.end(), kBar, '/');
    return field;
}

std::string take_field(std::string_view& text) {
    const std::size_t bar = text.find(kBar);
    std::string out(text.substr(0, bar));
    text.remove_prefix(bar == std::string_view::npos ? text.size() : bar + 1);
    return out;
}

}  // namespace

std::string neighbour_key(const Neighbour& neighbour) {
    const std::string& who = !neighbour.remote_id.empty()     ? neighbour.remote_id
                             : !neighbour.remote_name.empty() ? neighbour.remote_name
                                                              : neighbour.remote_address;
    return field_text(neighbour.protocol) + kBar + field_text(neighbour.local_port) + kBar + field_text(who);
}

std::string neighbour_text(const Neighbour& neighbour) {
    return field_text(neighbour.remote_name) + kBar + field_text(neighbour.remote_port) + kBar +
           field_text(neighbour.remote_id) + kBar + field_text(neighbour.remote_address);
}

Neighbour parse_neighbour(std::string protocol, std::string local_port, std::string_view text) {
    Neighbour out;
    out.protocol = std::move(protocol);
    out.local_port = std::move(local_port);
    for (std::string* field : {&out.remote_name, &out.remote_port, &out.remote_id, &out.remote_address})
        *field = take_field(text);
    return out;
}

bool is_announced(std::string_view protocol) {
    return protocol == "lldp" || protocol == "cdp";
}

}  // namespace outstation
