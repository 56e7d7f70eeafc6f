// SPDX-License-Identifier: GPL-3.0-or-later
// Estimates of roll-ups.
#include "lib/store/history/roll_up_size.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

// A bucket's row has five numbers where a sample has one: with fewer rows a bucket than this, a roll-up would
// not be smaller.
constexpr std::uint64_t kRowsWorthABucket = 4;
// How large a bucket's row is at most, in rows of what it is made from: few of them in a block pack badly.
constexpr double kSizeOfMinute = 3;
constexpr double kSizeOfBucket = 8;
constexpr std::uint64_t kLeastOctets = 32U << 10;  // of a file: a page a table and index

// How many buckets of this level there are in a file, about, and not fewer.
std::uint64_t buckets_of(const Head& head, Level level) {
    const std::uint64_t minutes = head.level == Level::raw ? head.minutes : head.records;
    const auto length_ns = static_cast<std::uint64_t>(bucket_ns(level));
    const auto span_ns = static_cast<std::uint64_t>(span_end_ns(head.span, head.start_ns) - head.start_ns);
    const std::uint64_t stamps_ns =
        static_cast<std::uint64_t>(head.t1_ns) - static_cast<std::uint64_t>(head.t0_ns);
    return std::min(minutes, head.devices * (std::min(span_ns, stamps_ns) / length_ns + 2));
}

// The roll-up's rows in those of the file.
double part_of(const Head& head, Level level) {
    const double size = level == Level::m1 ? kSizeOfMinute : kSizeOfBucket;
    return static_cast<double>(buckets_of(head, level)) * size / static_cast<double>(head.records);
}

}  // namespace

bool is_worth(const Head& head, Level level) {
    const std::uint64_t buckets = buckets_of(head, level);
    return buckets > 0 && head.records / buckets >= kRowsWorthABucket;
}

std::uint64_t octets_rolled_up(const HistoryFileInfo& file, Level level) {
    if (file.head.records == 0 || file.octets <= kLeastOctets) return file.octets;
    const double part = std::min(part_of(file.head, level), 1.0);
    return kLeastOctets + static_cast<std::uint64_t>(part * static_cast<double>(file.octets - kLeastOctets));
}

std::uint64_t room_to_roll_up(const HistoryFileInfo& file, Level level) {
    return octets_rolled_up(file, level) + kLeastOctets;
}

std::uint64_t room_for_hours(const HistoryFileInfo& file) {
    if (file.head.records == 0) return 2 * kLeastOctets;
    const double part = part_of(file.head, Level::h1);
    return 2 * kLeastOctets + static_cast<std::uint64_t>(part * static_cast<double>(file.octets));
}

}  // namespace outstation::store
