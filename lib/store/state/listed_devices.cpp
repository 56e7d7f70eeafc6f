// SPDX-License-Identifier: GPL-3.0-or-later
// One file, replaced as a whole.
#include "lib/store/state/listed_devices.hpp"

#include "lib/store/journal/new_file.hpp"
#include "lib/store/journal/packing.hpp"

namespace outstation::store {
namespace {

constexpr const char* kName = "devices";
constexpr std::string_view kMagic = "OSTNDEVS";
constexpr std::size_t kHeadOctets = 20;  // magic 8, sequence 8, count 4
constexpr std::size_t kMaxOctets = 64U << 20;

std::string encode(const ListedDevices& listed) {
    Packer out;
    out.put(kMagic).put(listed.before).put(static_cast<std::uint32_t>(listed.names.size()));
    for (const std::string& name : listed.names)
        out.put(static_cast<std::uint32_t>(name.size())).put(std::string_view(name));
    out.put_crc();
    return out.take();
}

ListedDevices parse(std::string_view bytes) {
    if (bytes.size() < kHeadOctets + 4 || !crc_holds(bytes, bytes.size() - 4)) return {};
    Unpacker in(bytes);
    if (in.bytes(kMagic.size()) != kMagic) return {};
    ListedDevices out;
    out.before = in.get<std::uint64_t>();
    for (auto count = in.get<std::uint32_t>(); count > 0; --count) {
        if (bytes.size() - 4 - in.position() < 4) return {};
        const auto octets = in.get<std::uint32_t>();
        if (bytes.size() - 4 - in.position() < octets) return {};
        out.names.emplace(in.bytes(octets));
    }
    return out;
}

}  // namespace

Result<void> write_listed(FileSystem& files, const std::string& directory, const ListedDevices& listed) {
    const auto removed = files.remove(directory + "/" + kName + ".new");  // half made
    if (!removed && removed.error().code != ErrorCode::not_found) return removed;
    const std::string bytes = encode(listed);
    return make_file(files, directory, kName, bytes, bytes.size());
}

ListedDevices read_listed(FileSystem& files, const std::string& directory) {
    const auto file = files.open(directory + "/" + kName, FileSystem::Mode::read);
    if (!file) return {};
    const auto bytes = (*file)->read(0, kMaxOctets);
    return bytes ? parse(*bytes) : ListedDevices();
}

}  // namespace outstation::store
