// SPDX-License-Identifier: GPL-3.0-or-later
// Keys to numbers.
#include "daemons/polld/series_book.hpp"

namespace outstation::polld {

std::uint32_t SeriesBook::number_of(const SeriesInfo& info) {
    const auto [it, added] = by_key_.try_emplace(info.key, size() + 1);
    if (added) {
        infos_.push_back(info);
        log_.push_back(it->second);
    } else if (!(infos_[it->second - 1] == info)) {
        infos_[it->second - 1] = info;
        log_.push_back(it->second);
    }
    return it->second;
}

std::vector<std::uint32_t> SeriesBook::changed_since(std::size_t version) const {
    return {log_.begin() + static_cast<std::ptrdiff_t>(version), log_.end()};
}

}  // namespace outstation::polld
