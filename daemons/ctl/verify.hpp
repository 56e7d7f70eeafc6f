// SPDX-License-Identifier: GPL-3.0-or-later
// Is what a station keeps still what was written? Every frame, page, block and number is read, and nothing is
// written, locked or settled: beside a running station as well as on one that is stopped. What cannot be read
// is named, and the rest is looked at. Threads: one. Takes as long as reading everything takes.
#pragma once

#include <string>
#include <vector>

#include "daemons/ctl/outcome.hpp"
#include "lib/store/history/coverage.hpp"

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
    std::uint64_t unknown = 0;  // files that were not looked at
};

class VerifyReport {
  public:
    // The part of this name, made when it is not there.
    [[nodiscard]] VerifyPart& part(const std::string& name);
    void add(const std::string& part, VerifyDamage damage);
    // A file of a format that this program does not know: whether it is whole nobody can say.
    void pass_over(const std::string& part, const std::string& file, const std::string& why);
    [[nodiscard]] const std::vector<VerifyPart>& parts() const { return parts_; }
    // The first kMostDamageLines.
    [[nodiscard]] const std::vector<VerifyDamage>& damage() const { return damage_; }
    [[nodiscard]] std::uint64_t damaged() const { return damaged_; }
    [[nodiscard]] const std::vector<VerifyDamage>& passed_over() const { return passed_over_; }
    [[nodiscard]] std::uint64_t unknown() const { return unknown_; }

  private:
    std::vector<VerifyPart> parts_;
    std::vector<VerifyDamage> damage_;
    std::uint64_t damaged_ = 0;
    std::vector<VerifyDamage> passed_over_;
    std::uint64_t unknown_ = 0;
};
inline constexpr std::size_t kMostDamageLines = 1000;

// What the journal tells of history.
struct JournalFindings {
    store::Epochs epochs;
    std::uint64_t first_sample = 0;  // that the journal has; 0: none
    // Samples that are in no file and are no damage: the ledger says that they were dropped, or that a power
    // cut left open whether there ever were any.
    store::Coverage explained;
};

// Each fails when it cannot begin: the directory cannot be listed, or there is no room for a copy. A file
// that goes away meanwhile was dropped or merged. history: its directory may be missing.
[[nodiscard]] Result<JournalFindings> verify_journal(const std::string& directory, VerifyReport& report);
[[nodiscard]] Result<void> verify_history(const std::string& directory, const JournalFindings& journal,
                                          VerifyReport& report);
[[nodiscard]] Result<void> verify_states(const std::string& directory, VerifyReport& report);

inline constexpr const char* kSetAside = "set aside, because the disk could not read it";

// Exit codes of `verify`: kDone, kDamaged, kUsage when it could not look, or not at everything.
inline constexpr int kDamaged = 1;
[[nodiscard]] int verify(const Target& target);

}  // namespace outstation::ctl
