// SPDX-License-Identifier: GPL-3.0-or-later
// Page by page where the whole cannot be read.
#include "lib/store/journal/salvage.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

constexpr std::uint64_t kPageOctets = 4096;
// A device that is dying may take seconds for each page that it cannot read: then the rest is given up.
constexpr int kMostBadPages = 64;
// Repeated, it stands at each place where a frame may begin.
constexpr std::string_view kUnknown("OFRM\xff\xff\xff\xff", 8);

void append_unknown(std::string& out, std::uint64_t octets) {
    for (std::uint64_t at = 0; at < octets; at += kUnknown.size())
        out += kUnknown.substr(0, std::min<std::uint64_t>(kUnknown.size(), octets - at));
}

}  // namespace

std::string read_all(const File& file, std::uint64_t octets, Result<void>& all) {
    auto whole = file.read(0, octets);
    if (whole) return std::move(*whole);
    all = fail(whole.error());
    std::string out;
    out.reserve(octets);
    int bad = 0;
    while (out.size() < octets) {
        const std::uint64_t wanted = std::min(kPageOctets, octets - out.size());
        const auto page = bad < kMostBadPages ? file.read(out.size(), wanted) : whole;
        bad += page ? 0 : 1;
        if (page) out += *page;
        append_unknown(out, wanted - (page ? page->size() : 0));
    }
    return out;
}

}  // namespace outstation::store
