// SPDX-License-Identifier: GPL-3.0-or-later
// Every series of the station in one small file, so that the journal need not be kept for their definitions
// (docs/formats/history.md, "The catalogue"). Threads: any, save by one at a time.
#pragma once

#include <atomic>

#include "lib/store/dictionary.hpp"
#include "lib/store/journal/file_system.hpp"
#include "lib/store/journal/format.hpp"

namespace outstation::store {

class SeriesCatalog {
  public:
    // The directory exists.
    SeriesCatalog(FileSystem& files, const std::string& directory, const Identity& identity);

    // Gives the dictionary what the file has. False: there is no file. malformed: damaged, and what could be
    // read was given; refused: it is of another station.
    [[nodiscard]] Result<bool> load(Dictionary& dictionary);
    // Durable when it returns; does nothing when nothing changed since the last time. io: the old file
    // stands.
    [[nodiscard]] Result<void> save(const Dictionary& dictionary);
    // Of the file; and what save() will take beside it, about. Any thread.
    [[nodiscard]] std::uint64_t octets() const { return octets_; }
    [[nodiscard]] std::uint64_t coming_octets(const Dictionary& dictionary) const;

  private:
    [[nodiscard]] Result<std::string> encode(const Dictionary& dictionary) const;

    FileSystem& files_;
    std::string directory_;
    Identity identity_;
    std::atomic<std::uint64_t> octets_ = 0;
    std::atomic<std::size_t> saved_series_ = 0;
    std::atomic<std::uint32_t> saved_last_ = 0;
    std::atomic<std::uint64_t> saved_changes_ = 0;
};

}  // namespace outstation::store
