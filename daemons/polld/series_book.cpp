// SPDX-License-Identifier: GPL-3.0-or-later
// Keys to numbers.
#include "daemons/polld/series_book.hpp"

#include <utility>

namespace outstation::polld {

bool SeriesBook::may_define(const std::string& device) {
    Account& account = accounts_[device];
    const bool total = log_.size() >= limits_.total;
    if (!total && account.definitions < limits_.per_device) {
        ++account.definitions;
        return true;
    }
    ++turned_away_;
    bool& told = total ? total_full_ : account.full;
    if (!std::exchange(told, true) && on_full_) on_full_(device, total);
    return false;
}

std::uint32_t SeriesBook::number_of(const SeriesInfo& info) {
    const auto known = by_key_.find(info.key);
    if (known == by_key_.end()) {
        if (!may_define(info.key.device)) return kNone;
        const std::uint32_t number = size() + 1;
        infos_.push_back(info);
        by_key_.insert(number);
        log_.push_back(number);
        return number;
    }
    const std::uint32_t number = *known;
    if (!(infos_[number - 1] == info) && may_define(info.key.device)) {
        infos_[number - 1] = info;
        log_.push_back(number);
    }
    return number;
}

void SeriesBook::leave_out(std::uint32_t number) {
    if (number == kNone || number > size()) return;
    if (left_out_.size() <= number) left_out_.resize(number + 1);
    left_out_[number] = true;
}

std::vector<std::uint32_t> SeriesBook::changed_since(std::size_t version) const {
    return {log_.begin() + static_cast<std::ptrdiff_t>(version), log_.end()};
}

}  // namespace outstation::polld
