// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 of what comes in parts. Threads: one object by one thread at a time.
#pragma once

#include <memory>
#include <string_view>

#include "lib/crypto/bytes.hpp"

namespace outstation::crypto {

class RunningDigest {
  public:
    RunningDigest();
    RunningDigest(RunningDigest&&) noexcept;
    RunningDigest& operator=(RunningDigest&&) noexcept;
    ~RunningDigest();

    void add(std::string_view bytes);
    // The digest of all that was added; afterwards it begins anew.
    [[nodiscard]] Digest finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace outstation::crypto
