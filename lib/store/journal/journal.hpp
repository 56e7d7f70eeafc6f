// SPDX-License-Identifier: GPL-3.0-or-later
// The journal of a station: its identity and epochs, the lock that keeps a second writer out, one
// JournalStream a stream, and retention. Format: docs/formats/journal.md. Threads: as stream.hpp.
#pragma once

#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/store/journal/stream.hpp"

namespace outstation::store {

struct Limits {
    std::uint64_t octets = 0;     // 0: no limit
    std::chrono::seconds age{0};  // 0: no limit
};

class Journal {
  public:
    struct Options {
        std::string directory;                           // made when it does not exist; its parent must exist
        std::uint64_t bulk_segment_octets = 16U << 20;   // samples, logs, flows
        std::uint64_t urgent_segment_octets = 1U << 20;  // state, audit, jobs
        std::int64_t now_ns = 0;                         // wall clock
        std::function<Identity()> make_identity;         // for tests; random by default
        // Whose samples others than the segments have, by pieces of them; asked when the identity is lost.
        std::function<Result<std::vector<SegmentHeader>>(const StationId&)> other_samples;
    };
    struct Opened {
        bool fresh = false;      // the identity was made now
        bool new_epoch = false;  // begun now: the station was restored, or its identity was lost
        std::vector<Damage> damage;
        std::vector<StreamId> torn_tails;
        std::vector<Damage> gaps;  // stated by earlier openings
    };

    // Begins a new epoch when the mark `new-epoch` asks for one, or when the identity is missing or damaged;
    // one that the device does not read fails with io. Fails with refused when another writer has it, its
    // format is newer than this program, or the segments of another station are in the way.
    [[nodiscard]] static Result<std::unique_ptr<Journal>> open(FileSystem& files, Options options,
                                                               Opened& opened);

    [[nodiscard]] const Identity& identity() const { return epochs_.identity; }
    [[nodiscard]] const Epochs& epochs() const { return epochs_; }
    [[nodiscard]] JournalStream& stream(StreamId id) const { return *streams_.at(id); }
    [[nodiscard]] std::uint64_t octets() const;  // of all its files
    // Of what else lay in the directory when it was opened: segments of others, an identity that was set
    // aside.
    [[nodiscard]] std::uint64_t other_octets() const { return other_octets_; }
    [[nodiscard]] SetAside& set_aside() { return set_aside_; }

    // From now on no file is made or grows that would take all of them above `octets` (0: no limit): the
    // stream that wants it is exhausted until enough was dropped. The ledger can always go on: room for its
    // next segment is kept, and a larger one is never denied. What the streams need to work at all is not
    // denied either: the newest segment of each, the next one, and the ledger's spare.
    void set_limit(std::uint64_t octets) { limit_octets_ = octets; }
    // What the next segment of each stream in use, and spares that are missing, will take beside octets().
    // Any thread, as octets().
    [[nodiscard]] std::uint64_t coming_octets() const;
    // How large the segments may be together (for plan_trim), so that under the limit each stream that is in
    // use can make its next one, and each that was denied one gets it; 0: no limit.
    [[nodiscard]] std::uint64_t target_octets() const;

    // A segment that the limits ask to let go.
    struct Victim {
        Segment segment;
        bool aged = false;  // else it goes for its size
    };
    // Which whole segments must go, oldest first of each stream, so that each stream keeps its own limits and
    // all together keep `total_octets` (0: no limit). For the total, bulk streams give first, then jobs, the
    // ledger, state and audit last. The segment that is written to never goes. How old a segment is, by its
    // newest stamp: clocks/ages.hpp; `steady_ns`: how long the clock goes as it does.
    [[nodiscard]] std::vector<Victim> plan_trim(
        const std::map<StreamId, Limits>& limits, std::uint64_t total_octets, std::int64_t now_ns,
        std::int64_t steady_ns = std::numeric_limits<std::int64_t>::max()) const;
    // Unlinks those that are still there. Returns how many. Where that makes room for what
    // was missing, such as the ledger's next segment, it is made.
    [[nodiscard]] Result<std::size_t> drop(const std::vector<Victim>& victims);

  private:
    explicit Journal(FileSystem& files) : files_(files), set_aside_(files) {}
    [[nodiscard]] Result<void> may_grow(StreamId id, std::uint64_t octets);
    [[nodiscard]] std::uint64_t effective_limit() const;
    [[nodiscard]] std::uint64_t next_octets(StreamId id, const JournalStream& stream) const;
    [[nodiscard]] std::uint64_t missing_spares() const;
    [[nodiscard]] Result<void> load_epochs(const Options& options, Opened& opened,
                                           const std::vector<std::string>& names);
    [[nodiscard]] Result<void> find_epochs(const Options& options, Opened& opened,
                                           const std::vector<std::string>& names);
    [[nodiscard]] Result<void> begin_epoch(const Options& options);
    [[nodiscard]] Result<void> measure_others(const std::string& directory);
    [[nodiscard]] Result<void> open_streams(const Options& options, Opened& opened,
                                            const std::vector<std::string>& names);

    FileSystem& files_;
    std::unique_ptr<FileLock> lock_;
    Epochs epochs_;
    SetAside set_aside_;
    std::map<StreamId, std::unique_ptr<JournalStream>> streams_;
    std::uint64_t other_octets_ = 0;
    std::uint64_t limit_octets_ = 0;
    std::map<StreamId, std::uint64_t> wanted_octets_;  // of the segment that was denied last
};

}  // namespace outstation::store
