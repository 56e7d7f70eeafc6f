// SPDX-License-Identifier: GPL-3.0-or-later
// The stream `state` folded: what is so now of every device and component, what was so before, and words to
// find it by. One SQLite file that can be made again from the journal; what the journal has let go is in it
// alone. The applied sequence stands in the same transaction as what it changed. Not the truth for an answer
// to a producer: that is the journal. Threads: one. Ownership: the Vfs outlives it.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/store/journal/epochs.hpp"
#include "lib/store/state/fact.hpp"
#include "lib/wire/records.hpp"

namespace outstation::store {

class Vfs;

class StateDb {
  public:
    static constexpr std::uint32_t kMaxRows = 1000;          // of any answer
    static constexpr std::size_t kMaxPageOctets = 4U << 20;  // of any answer, and one row more
    static constexpr std::int64_t kMaxFacts = 20480;         // of one device; more are left out
    static constexpr std::int64_t kMaxFactOctets = 8 << 20;  // of one device, about
    static constexpr std::int64_t kMaxEnded = 1000;          // of one device, without a value: the newest
    static constexpr std::uint32_t kMaxPast = 1000;          // past values kept of one attribute, the newest
    static constexpr std::size_t kMaxSearchOctets = 256;     // of what was typed; the rest is not looked at

    // Opens `path`, or makes it; one of a former epoch is gone on with. A file of another station or epoch,
    // of an unknown version or damaged: malformed or refused; the caller renames it and folds the journal
    // again.
    [[nodiscard]] static Result<std::unique_ptr<StateDb>> open(const Vfs& vfs, const std::string& path,
                                                               const Epochs& epochs);
    virtual ~StateDb() = default;

    // The newest sequence that is folded in; 0: none.
    [[nodiscard]] virtual std::uint64_t applied_sequence() const = 0;
    // Folds records `first_sequence` and on, durable when it returns; those that were applied already are
    // passed over. io: those up to applied_sequence() are folded in, and no other.
    [[nodiscard]] virtual Result<void> apply(std::uint64_t first_sequence,
                                             const std::vector<wire::StateRecord>& records) = 0;

    struct Page {
        std::vector<Fact> facts;
        bool more = false;
    };
    // What is so now, by device, component, attribute; of one device, or of all behind `after`'s place.
    [[nodiscard]] virtual Result<Page> now(std::string_view device, const Fact* after,
                                           std::uint32_t limit) = 0;
    // What was so at a moment, of one device, in the same order.
    [[nodiscard]] virtual Result<Page> at(std::string_view device, std::int64_t wall_ns, const Fact* after,
                                          std::uint32_t limit) = 0;
    // Every value that an attribute had, newest first; those that were told before a sequence, 0: all.
    [[nodiscard]] virtual Result<Page> history(std::string_view device, std::string_view component,
                                               std::string_view attribute, std::uint64_t before_sequence,
                                               std::uint32_t limit) = 0;
    // What is so now and has all the words typed, best match first.
    [[nodiscard]] virtual Result<Page> search(std::string_view typed, std::uint32_t limit) = 0;

    // How large the file should be: half of it for facts; new ones, values and names that exceed that are
    // left out. 0: no limit.
    virtual void set_most_octets(std::uint64_t octets) = 0;
    // Where more of the file is in use: lets some of the oldest past values go, true. A quarter of the file
    // is theirs whatever the facts take. What is so now always stays.
    [[nodiscard]] virtual Result<bool> trim_past() = 0;
    // Lets some facts, and their past, of a device go that is none of these, and has no fact of record
    // `since` or a later one; false: there is none.
    [[nodiscard]] virtual Result<bool> forget_others(const std::set<std::string, std::less<>>& devices,
                                                     std::uint64_t since) = 0;
    // Devices of which facts are left out, each once.
    [[nodiscard]] virtual std::vector<std::string> take_left_out() = 0;

    // Brings the pages of the log into the file, so that nothing of it counts any more, and says how many
    // the file has.
    [[nodiscard]] virtual Result<std::uint64_t> checkpoint() = 0;
};

}  // namespace outstation::store
