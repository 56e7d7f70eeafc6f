// SPDX-License-Identifier: GPL-3.0-or-later
// Is what a station keeps still what was written? Every frame, page, block and number is read, and nothing is
// written, locked or settled: beside a running station as well as on one that is stopped. Threads: one. Takes
// as long as reading everything takes.
#pragma once

#include <string>
#include <vector>

#include "daemons/ctl/outcome.hpp"
#include "lib/store/journal/epochs.hpp"

namespace outstation::ctl {

// One thing that is not as it was written.
struct VerifyDamage {
    std::string file;
    std::string device;                // of history; empty: all, or not known
    std::uint64_t first_sequence = 0;  // records concerned; 0: none, or not known
    std::uint64_t last_sequence = 0;
    std::int64_t t0_ns = 0;  // their time; both 0: not known
    std::int64_t t1_ns = 0;
    std::string what;
};

struct VerifyPart {
    std::string name;  // "journal samples", "history raw", "states"
    std::size_t files = 0;
    std::uint64_t records = 0;
    std::uint64_t damaged = 0;  // lines of damage
};

class VerifyReport {
  public:
    // The part of this name, made when it is not there.
    [[nodiscard]] VerifyPart& part(const std::string& name);
    void add(const std::string& part, VerifyDamage damage);
    [[nodiscard]] const std::vector<VerifyPart>& parts() const { return parts_; }
    // The first kMostDamageLines.
    [[nodiscard]] const std::vector<VerifyDamage>& damage() const { return damage_; }
    [[nodiscard]] std::uint64_t damaged() const { return damaged_; }

  private:
    std::vector<VerifyPart> parts_;
    std::vector<VerifyDamage> damage_;
    std::uint64_t damaged_ = 0;
};
inline constexpr std::size_t kMostDamageLines = 1000;

// Each: fails when something cannot be read at all (io), or is of a format that this program does not know
// (refused). A file that goes away meanwhile was dropped or merged. `epochs`: whose files they are.
[[nodiscard]] Result<store::Epochs> verify_journal(const std::string& directory, VerifyReport& report);
[[nodiscard]] Result<void> verify_history(const std::string& directory, const store::Epochs& epochs,
                                          VerifyReport& report);
[[nodiscard]] Result<void> verify_states(const std::string& path, VerifyReport& report);

// SQLite never writes the page at 1 GiB (https://www.sqlite.org/fileformat.html section 1.4): it has no
// checksum.
inline constexpr std::uint64_t kLockPage = (1ULL << 30U) / 4096;

// Exit codes of `verify`: kDone, kDamaged, kUsage when it could not look.
inline constexpr int kDamaged = 1;
[[nodiscard]] int verify(const Target& target);

}  // namespace outstation::ctl
