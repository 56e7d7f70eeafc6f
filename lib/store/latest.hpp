// SPDX-License-Identifier: GPL-3.0-or-later
// The last two values of every series, in memory. Threads: one.
#pragma once

#include <vector>

#include "lib/store/clocks/clocks.hpp"
#include "lib/store/dictionary.hpp"
#include "lib/wire/store_messages.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {

class LatestTable {
  public:
    static constexpr std::uint32_t kMaxRows = 5000;
    static constexpr std::size_t kMaxOctets = 4U << 20;  // of an answer: well below what a message may have

    // `stamp` is the record's, repaired. One that cannot be true counts as measured, but not as the newest.
    void add(const wire::SampleRecord& record, const RepairedStamp& stamp);
    // Only for series that have no value yet.
    void add_older(const wire::SampleRecord& record);
    [[nodiscard]] bool has(std::uint32_t id) const {
        return id > 0 && id <= rows_.size() && rows_[id - 1].last.wall_ns != 0;
    }
    [[nodiscard]] wire::Encoded<wire::LatestReply> answer(const wire::LatestRequest& request,
                                                          const Dictionary& dictionary) const;
    [[nodiscard]] std::int64_t newest_ns() const { return newest_ns_; }

  private:
    struct Point {
        std::int64_t wall_ns = 0;  // 0: none
        union {
            std::uint64_t counter = 0;
            double gauge;
        };
    };
    struct Row {
        Point last;
        Point previous;
    };
    static void put_row(SeriesKind kind, const Row& row, wire::LatestRow& out);
    void put_all(const wire::SampleRecord& record, std::int64_t wall_ns, bool older);

    std::vector<Row> rows_;  // by series number - 1
    std::int64_t newest_ns_ = 0;
};

}  // namespace outstation::store
