// SPDX-License-Identifier: GPL-3.0-or-later
// The devices of the benchmark: one process on one loopback socket that answers for every 127/8 address. An
// answer is made once and then copied, so that the far side is never what is measured.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace outstation::bench {

class Responder {
  public:
    // Starts the process; answers leave so much later than they are asked for. Ends the program with a
    // message when it cannot.
    explicit Responder(std::chrono::milliseconds delay = {});
    ~Responder();
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    std::uint16_t port_ = 0;
    pid_t pid_ = 0;
};

}  // namespace outstation::bench
