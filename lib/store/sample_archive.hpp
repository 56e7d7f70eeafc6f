// SPDX-License-Identifier: GPL-3.0-or-later
// Every sample there is, wherever it lies: sealed ones in history, those behind them in memory. What is in
// memory is durable in the journal, so that the journal may let go of what is sealed and of nothing else.
// Threads: add() by the flush worker, seal() and what history() changes by the keeper; the rest by any, but
// reader() by one at a time. Ownership: file system and dictionary outlive it.
#pragma once

#include <mutex>

#include "lib/store/clocks/clocks.hpp"
#include "lib/store/history/reader.hpp"
#include "lib/store/recent/recent.hpp"
#include "lib/store/series_catalog.hpp"
#include "lib/store/window_definitions.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::store {

class SampleArchive {
  public:
    static constexpr std::uint64_t kSmallestWindowOctets = 192U << 10;
    struct Opened {
        HistoryStore::Opened history;
        std::optional<Error> catalog;  // it could not be read
    };
    // Makes the directory; its parent must exist. The dictionary is given the series of the catalogue, or
    // where that cannot be read those of all files.
    [[nodiscard]] static Result<std::shared_ptr<SampleArchive>> open(FileSystem& files,
                                                                     const std::string& directory,
                                                                     const Epochs& epochs,
                                                                     Dictionary& dictionary, Opened& opened);

    // Numbers before the first one that add() will give were let go before this version sealed anything: no
    // window has to have them.
    void begin_at(std::uint64_t first_sequence) { begin_ = first_sequence; }
    // The records and batches of a durable frame, in the order of their sequences. What is sealed already is
    // passed over; numbers that are left out are missing for ever. clocks() must have learned their stamps.
    void add(std::uint64_t first_sequence, const wire::FrameBody& body);
    // Records that cannot be read, for the answers that would have them; also of windows that were sealed
    // without them.
    void add_damage(const wire::DamagedSpan& span);

    [[nodiscard]] std::uint64_t sealed_to() const { return history_->sealed_to(); }
    [[nodiscard]] std::size_t unsealed_octets() const { return recent_.octets(); }
    // Of all its files.
    [[nodiscard]] std::uint64_t octets() const { return history_->octets() + catalog_.octets(); }
    // What seal() will take at most, about: files of history are never smaller than a few pages, and rows in
    // memory are about twice what they are sealed.
    [[nodiscard]] std::uint64_t octets_to_seal(const Dictionary& dictionary) const {
        return kSmallestWindowOctets + unsealed_octets() + catalog_.coming_octets(dictionary);
    }
    // Puts everything in memory into history, but what the journal has dropped: it begins at `kept`. False:
    // there is nothing. The records are in history and in the catalogue is every series, durable, when it
    // returns well.
    [[nodiscard]] Result<bool> seal(const Dictionary& dictionary, std::uint64_t kept, std::int64_t now_ns);

    [[nodiscard]] Recent& recent() { return recent_; }
    [[nodiscard]] Clocks& clocks() { return clocks_; }
    [[nodiscard]] HistoryStore& history() const { return *history_; }
    [[nodiscard]] HistoryReader& reader() { return reader_; }
    [[nodiscard]] std::vector<wire::DamagedSpan> damage() const;

  private:
    SampleArchive(FileSystem& files, const std::string& directory, std::unique_ptr<HistoryStore> history);
    [[nodiscard]] SequenceRange next_window();
    [[nodiscard]] std::vector<SequenceRange> missing(const SequenceRange& window) const;
    // Appends which series the device has.
    [[nodiscard]] Result<void> seal_device(Sealer& sealer, const std::string& device, std::uint64_t last,
                                           std::vector<std::uint32_t>& series) const;
    [[nodiscard]] Result<void> seal_definitions(Sealer& sealer, const Dictionary& dictionary,
                                                std::vector<std::uint32_t> series);
    [[nodiscard]] std::int64_t middle_ns(std::uint64_t last, std::int64_t now_ns) const;
    void forget_to(std::uint64_t last);

    std::unique_ptr<HistoryStore> history_;
    HistoryReader reader_;
    SeriesCatalog catalog_;
    WindowDefinitions definitions_;
    Recent recent_;
    Clocks clocks_;
    std::uint64_t begin_ = 1;

    mutable std::mutex mutex_;  // guards what follows
    std::vector<SequenceRange> present_;
    std::vector<wire::BatchMark> batches_;
    std::vector<wire::DamagedSpan> damage_;
};

}  // namespace outstation::store
