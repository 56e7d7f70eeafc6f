// SPDX-License-Identifier: GPL-3.0-or-later
// The table has a line a route; numbers are hexadecimal, addresses as they lie in memory (big-endian).
#include "daemons/webd/networks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <sstream>

namespace outstation::webd {
namespace {

constexpr unsigned kUp = 1;  // RTF_UP of linux/route.h
constexpr int kShortest = 16;
constexpr int kLongest = 30;

}  // namespace

std::vector<Network> parse_networks(std::string_view table) {
    std::vector<Network> out;
    std::istringstream lines{std::string(table)};
    std::string line;
    std::getline(lines, line);  // the heads of the columns
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string interface;
        std::uint32_t destination = 0;
        std::uint32_t gateway = 0;
        unsigned flags = 0;
        unsigned unused = 0;
        std::uint32_t mask = 0;
        words >> interface >> std::hex >> destination >> gateway >> flags >> unused >> unused >> unused >>
            mask;
        const int prefix = std::popcount(mask);
        if (!words || gateway != 0 || (flags & kUp) == 0 || prefix < kShortest || prefix > kLongest) continue;
        std::string subnet = ipv4_text(ntohl(destination)) + "/" + std::to_string(prefix);
        const bool is_there = std::any_of(out.begin(), out.end(),
                                          [&subnet](const Network& one) { return one.subnet == subnet; });
        if (!is_there) out.push_back({std::move(subnet), std::move(interface)});
    }
    return out;
}

std::vector<Network> read_networks(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream table;
    table << in.rdbuf();
    return parse_networks(table.str());
}

}  // namespace outstation::webd
