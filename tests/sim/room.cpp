// SPDX-License-Identifier: GPL-3.0-or-later
// room.yaml, descriptions and recordings to devices.
#include "tests/sim/room.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <set>

#include "lib/config/config.hpp"
#include "tests/sim/description.hpp"
#include "tests/sim/snmprec.hpp"

namespace outstation::sim {
namespace {

using config::Document;
using config::Mapping;

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() >= end.size() && std::string_view(text).substr(text.size() - end.size()) == end;
}

std::shared_ptr<const Mib> share(Recording recording) {
    return std::make_shared<const Mib>(std::move(recording.mib));
}

Result<std::shared_ptr<const Mib>> load_recording(const std::string& path) {
    auto recording = read_snmprec(path);
    if (!recording) return fail(recording.error());
    if (recording->mib.size() == 0) return fail(ErrorCode::config, path + ": no instance in it");
    return share(std::move(*recording));
}

// What was described must be sound to the last line.
Result<std::shared_ptr<const Mib>> load_description(const std::string& path, const Identity& identity) {
    auto document = Document::read(path);
    if (!document) return fail(document.error());
    const std::string text = describe(document->root(), identity);
    if (const auto sound = document->check(); !sound) return fail(sound.error());
    Recording recording = parse_snmprec(text);
    if (!recording.left_out.empty()) return fail(ErrorCode::config, path + ": " + recording.left_out.front());
    return share(std::move(recording));
}

struct Entry {
    Device device;
    std::string play;
};

Entry read_entry(Mapping& mapping, std::uint16_t port) {
    Entry out;
    out.device.id = mapping.required_text("id");
    out.device.address = mapping.required_text("address");
    if (!is_loopback(out.device.address))
        mapping.problem("address", "'address': expected a loopback address");
    out.device.port = static_cast<std::uint16_t>(mapping.integer("port", port, 1, 65535));
    out.device.location = mapping.text("location", "");
    out.play = mapping.required_text("play");
    out.device.name = mapping.text("name", out.device.id);
    out.device.device_class = mapping.text("class", "other");
    return out;
}

}  // namespace

bool is_loopback(const std::string& address) {
    in_addr v4{};
    if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
    in6_addr v6{};
    return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<std::vector<Device>> read_room(const std::string& path, std::uint16_t port) {
    auto document = Document::read(path);
    if (!document) return fail(document.error());
    std::vector<Entry> entries;
    auto root = document->root();
    for (Mapping& mapping : root.mappings("devices")) entries.push_back(read_entry(mapping, port));
    if (const auto sound = document->check(); !sound) return fail(sound.error());
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    std::vector<Device> out;
    for (Entry& entry : entries) {
        const std::string file = folder + entry.play;
        auto mib = ends_with(file, ".snmprec")
                       ? load_recording(file)
                       : load_description(file, {entry.device.id, entry.device.location});
        if (!mib) return fail(mib.error());
        entry.device.mib = std::move(*mib);
        out.push_back(std::move(entry.device));
    }
    return out;
}

Result<std::vector<Device>> parse_device(const std::string& argument) {
    const auto wrong = [&] {
        return fail(ErrorCode::config,
                    "'" + argument.substr(0, 200) + "': expected ADDRESS:PORT[+COUNT]=FILE");
    };
    const std::size_t equals = argument.find('=');
    if (equals == argument.npos) return wrong();
    const std::string place = argument.substr(0, equals);
    const std::size_t colon = place.rfind(':');
    if (colon == place.npos) return wrong();
    std::string address = place.substr(0, colon);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']')
        address = address.substr(1, address.size() - 2);
    if (!is_loopback(address))
        return fail(ErrorCode::config, address + ": only loopback addresses are served");

    const std::size_t plus = std::min(place.find('+', colon), place.size());
    const char* const begin = place.data() + colon + 1;
    std::uint16_t port = 0;
    std::uint16_t count = 1;
    bool sound = std::from_chars(begin, place.data() + plus, port).ptr == place.data() + plus && port != 0;
    if (plus < place.size()) {
        const char* const end = place.data() + place.size();
        sound = sound && std::from_chars(place.data() + plus + 1, end, count).ptr == end && count > 0;
    }
    if (!sound || port + count - 1 > 65535) return wrong();

    const auto mib = load_recording(argument.substr(equals + 1));
    if (!mib) return fail(mib.error());
    std::vector<Device> out;
    for (unsigned i = 0; i < count; ++i)
        out.push_back({place + "#" + std::to_string(i),
                       address,
                       static_cast<std::uint16_t>(port + i),
                       *mib,
                       {},
                       {},
                       {}});
    return out;
}

}  // namespace outstation::sim
