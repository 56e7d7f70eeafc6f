// SPDX-License-Identifier: GPL-3.0-or-later
// What an agent says to a request (RFC 3416 section 4.2; of v1 RFC 1157 section 4.1 and RFC 3584 section
// 4.2.2): the list of values and the error, before any message is put around it. Pure.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/request.hpp"
#include "tests/sim/values.hpp"

namespace outstation::sim {

inline constexpr std::int64_t kAuthorizationError = 16;  // RFC 3416 section 3

class View {
  public:
    // `guess`: where the last walk of the device stood. All outlive the view.
    View(const Mib& mib, const DeviceClock& clock, const Conduct& conduct, std::size_t& guess)
        : mib_(mib), clock_(clock), conduct_(conduct), guess_(guess) {}
    // Says this as sysName instead of what the shared Mib has.
    void set_name(std::string_view name) { name_ = name; }

    // `room`: for the list of values, in bytes.
    void answer(const Request& request, std::size_t room);
    [[nodiscard]] std::int64_t status() const { return status_; }
    [[nodiscard]] std::int64_t index() const { return index_; }
    [[nodiscard]] std::string_view varbinds() const { return list_; }

  private:
    // Where a walk stands: at an instance, at one that was made up, or at the end.
    struct Place {
        snmp::OidBytes real;
        std::size_t at = 0;
        std::string invented{};
        [[nodiscard]] snmp::OidBytes oid() const { return invented.empty() ? real : invented; }
    };
    void get(const Request& request);
    void get_next(const Request& request);
    void get_bulk(const Request& request);
    void refuse(const Request& request, std::int64_t status, std::size_t index);
    void finish();

    [[nodiscard]] Place next(snmp::OidBytes oid, std::size_t guess, bool is_v1) const;
    [[nodiscard]] std::size_t bent(std::size_t at, snmp::OidBytes asked) const;
    [[nodiscard]] bool put_place(const Place& place, snmp::OidBytes asked);
    [[nodiscard]] bool put_instance(const Instance& instance, snmp::OidBytes oid);
    [[nodiscard]] bool put(snmp::OidBytes oid, snmp::Tag tag, std::string_view content);

    const Mib& mib_;
    const DeviceClock& clock_;
    const Conduct& conduct_;
    std::size_t& guess_;
    std::string_view name_;
    std::size_t room_ = 0;
    std::int64_t status_ = 0;
    std::int64_t index_ = 0;
    std::string list_;                 // varbinds of the answer, front to back
    std::vector<std::size_t> starts_;  // where each begins
    std::string scratch_;
};

}  // namespace outstation::sim
