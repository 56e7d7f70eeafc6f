// SPDX-License-Identifier: GPL-3.0-or-later
// What discovery knows is there, over all sweeps: each whole sweep is compared with it. What is new, is
// another than it was, or is gone is told once and stands until somebody accepts or ignores it, or it is
// over. The first look at an address only learns. A sweep to which fewer than half of the known devices
// answered says of none that it is gone: then it is the line. Pure; what it knows is saved and restored as a
// message.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/address_range.hpp"
#include "lib/wire/discovery_messages.hpp"

namespace outstation::polld {

class KnownDevices {
  public:
    static constexpr std::size_t kMost = 4096;
    static constexpr std::size_t kMostOctets = 2U << 20;  // of their texts
    static constexpr std::size_t kMostRanges = 256;

    // A sweep that came to its end.
    struct Swept {
        std::vector<AddressRange> ranges;
        std::vector<wire::Candidate> candidates;
        std::int64_t ended_ns = 0;
        // Answers to polling, by its id.
        std::function<bool(const std::string& id)> is_polled;
        // The sweep asked with the credential at the address, and did not leave it alone.
        std::function<bool(const std::string& credential, const std::string& address)> was_asked;
    };
    struct News {
        std::vector<wire::Difference> told;  // those that are new, or other than they were told
        std::string problem;                 // why none is told as gone; empty: that could be said
    };
    [[nodiscard]] News compare(const Swept& swept);

    // accept: it is as it is now; ignore: not told again unless it becomes another; restore: it stands again.
    // malformed: another action; not_found: there is no such difference.
    [[nodiscard]] Result<void> settle(std::uint64_t id, std::string_view action);
    // What stands, gone and changed before new; those that are ignored behind. `ids`: of configured devices.
    [[nodiscard]] std::vector<wire::Difference> differences() const;
    // It is in the configuration, or not wanted: it is not new any more.
    void see_taken(const std::vector<wire::Candidate>& candidates);

    [[nodiscard]] wire::KnownState saved() const;
    void restore(wire::KnownState saved);

  private:
    struct Match {
        const wire::Candidate* now = nullptr;
        bool is_other = false;  // another device at a known address
    };
    using Matches = std::map<std::size_t, Match>;  // by the place in known_
    using Places = std::multimap<std::string_view, std::size_t>;
    [[nodiscard]] Matches match(const std::vector<wire::Candidate>& candidates) const;
    [[nodiscard]] std::optional<std::size_t> find(
        const Places& places, std::string_view key, const Matches& taken,
        const std::function<bool(const wire::Candidate& before)>& is_wanted) const;
    void learn(const Swept& swept, const wire::Candidate& now, News& news);
    void see(const Swept& swept, std::size_t at, const Match& match, News& news);
    [[nodiscard]] static bool has_moved(const Swept& swept, const wire::Candidate& before,
                                        const wire::Candidate& now);
    void see_gone(const Swept& swept, const Matches& matches, News& news);
    void tell(wire::Known& known, std::string_view kind, std::vector<std::string> fields,
              const wire::Candidate& now, std::int64_t at_ns, News& news);
    void remember(const std::vector<AddressRange>& ranges);
    [[nodiscard]] bool was_looked_at(const wire::Candidate& candidate) const;

    std::vector<wire::Known> known_;
    std::vector<AddressRange> looked_;
    std::uint64_t last_id_ = 0;
    std::size_t octets_ = 0;  // of what is known, while it is compared
};

// The names of what differs, the weightiest first: "device" (another one at its address), "address",
// "serial", "model", "version", "name". What either does not say is no difference.
[[nodiscard]] std::vector<std::string> changed_fields(const wire::Candidate& before,
                                                      const wire::Candidate& now);
// "A1 -> B2" of one of these.
[[nodiscard]] std::string change_text(const wire::Difference& difference);

}  // namespace outstation::polld
