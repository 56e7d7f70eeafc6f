// SPDX-License-Identifier: GPL-3.0-or-later
// Writing roll-up blocks as they fill.
#include "lib/store/history/roll_up_writer.hpp"

#include <algorithm>

namespace outstation::store {
namespace {

constexpr std::size_t kManyBuckets = 1U << 18;  // about 30 MB

}  // namespace

Result<void> RollUpWriter::added(const SequenceRange& sequences) {
    sequences_ = sequences_.last == 0 ? sequences
                                      : SequenceRange{std::min(sequences_.first, sequences.first),
                                                      std::max(sequences_.last, sequences.last)};
    if (gathered_.buckets() < kManyBuckets) return {};
    if (const auto ok = write(RollUp::Take::finished); !ok) return ok;
    sequences_ = sequences;  // the newest bucket stays, and is made from these
    return {};
}

Result<void> RollUpWriter::finish() {
    return write(RollUp::Take::all);
}

Result<void> RollUpWriter::write(RollUp::Take which) {
    const auto rows = gathered_.take(which, sequences_, writer_.seed());
    if (!rows) return fail(rows.error());
    for (const BlockRow& row : *rows) {
        if (const auto ok = writer_.add(row); !ok) return ok;
    }
    writer_.count(gathered_.values(), 0);
    return {};
}

}  // namespace outstation::store
