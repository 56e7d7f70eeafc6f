// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody set in the browser: the station's name and site, credentials, where discovery may look. A
// file of confd's own beside station.yaml, with the same schema; what station.yaml says goes before it. It
// names secrets and holds none. Written whole and put in its place when it is on disk. Threads: the loop's.
#pragma once

#include <string>
#include <vector>

#include "daemons/confd/station_file.hpp"
#include "lib/model/result.hpp"

namespace outstation::confd {

class ChosenSettings {
  public:
    enum class By { console, browser };
    static constexpr std::size_t kMostCredentials = 64;
    static constexpr std::size_t kMostSubnets = 64;

    explicit ChosenSettings(std::string path) : path_(std::move(path)) {}
    // Into `station` behind what it says. config: the file has mistakes, io: it cannot be read; then what was
    // read before is added.
    [[nodiscard]] Result<void> add_to(StationFile& station);

    // Each change is in the file when it returns, and in force with the next add_to(). `station`: what
    // station.yaml says. config: a value is wrong; refused: station.yaml says it, there is too much of it, or
    // the file has mistakes or was changed by hand.
    [[nodiscard]] Result<void> name(const wire::NameStation& wish, const StationFile& station);
    [[nodiscard]] Result<void> put(const CredentialRef& credential, const StationFile& station);
    // Whether put() would take it: asked before its secrets are written.
    [[nodiscard]] Result<void> may_put(const CredentialRef& credential, const StationFile& station) const;
    // Who is no console may send no credential of station.yaml anywhere, and one that was set in the browser
    // no farther than its first scope did: else who took webd over could have it sent to any address. Setting
    // it again, for which it has to be known, makes its next scope the first. refused: it would.
    [[nodiscard]] Result<void> set(const wire::DiscoveryScope& scope, const StationFile& station, By by);

  private:
    [[nodiscard]] Result<void> read();
    [[nodiscard]] Result<StationFile> with(const CredentialRef& credential, const StationFile& station) const;
    [[nodiscard]] Result<void> may_send(const wire::DiscoveryScope& scope, const StationFile& station) const;
    [[nodiscard]] Result<StationFile> checked(const StationFile& next) const;
    [[nodiscard]] Result<void> keep(const StationFile& next);

    std::string path_;
    StationFile chosen_;
    std::string text_;  // of the file, as it was read or written last
    bool is_readable_ = true;
};

// The credential with the names that its secrets have, which are in no other's way. malformed: its name is no
// word of at most 40 letters, or a passphrase or a community is missing or too short.
[[nodiscard]] Result<CredentialRef> reference_of(const wire::Credential& credential);

}  // namespace outstation::confd
