// SPDX-License-Identifier: GPL-3.0-or-later
// Looking into the zoneinfo database.
#include "lib/config/time_zone.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace outstation::config {
namespace {

constexpr std::size_t kMaxNameOctets = 64;
constexpr std::string_view kMagic = "TZif";  // RFC 8536 §3.1

bool is_name(std::string_view name) {
    const bool letters = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '+' || c == '/';
    });
    return letters && !name.empty() && name.size() <= kMaxNameOctets && name.front() != '/' &&
           name.back() != '/';
}

bool is_zone_file(const std::string& path) {
    char magic[kMagic.size()] = {};
    std::ifstream in(path, std::ios::binary);
    return in.read(magic, sizeof magic) && std::string_view(magic, sizeof magic) == kMagic;
}

}  // namespace

std::string zoneinfo_directory() {
    const char* value = std::getenv("TZDIR");
    return value == nullptr || *value == '\0' ? "/usr/share/zoneinfo" : value;
}

ZoneAnswer look_up_zone(std::string_view name, const std::string& directory) {
    if (is_name(name) && is_zone_file(directory + "/" + std::string(name))) return ZoneAnswer::known;
    return is_zone_file(directory + "/UTC") ? ZoneAnswer::unknown : ZoneAnswer::no_database;
}

}  // namespace outstation::config
