// SPDX-License-Identifier: GPL-3.0-or-later
// Tells the service manager about us: sd_notify(3) datagrams to NOTIFY_SOCKET. Without one nothing happens.
#pragma once

#include <optional>
#include <string>

#include "lib/event/loop.hpp"
#include "lib/event/unique_fd.hpp"

namespace outstation::runtime {

class Notifier {
  public:
    // Takes NOTIFY_SOCKET and WATCHDOG_USEC out of the environment.
    Notifier();
    void send(const std::string& assignments) const;  // "READY=1\nSTATUS=..."
    // How often the manager wants to hear from us; nothing when it does not.
    [[nodiscard]] std::optional<Duration> watchdog() const { return watchdog_; }

  private:
    UniqueFd fd_;
    std::optional<Duration> watchdog_;
};

}  // namespace outstation::runtime
