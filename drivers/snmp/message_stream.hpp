// SPDX-License-Identifier: GPL-3.0-or-later
// SNMP messages in a stream, one behind the other, told apart by their BER lengths (RFC 3430 section 2.1).
// What it holds is bounded. Pure logic: no socket.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace outstation::snmp {

class MessageStream {
  public:
    static constexpr std::size_t kMostBytes = 65535;  // of a message

    // What came next. A caller that takes all messages before the next append() makes it hold less than one
    // message and what was appended.
    void append(std::string_view bytes);
    // The next message, valid until append(); empty: it is not whole yet, or the stream is broken.
    [[nodiscard]] std::string_view take();
    // No message begins where one should, or it is too long: nothing can be found in it any more.
    [[nodiscard]] bool is_broken() const { return is_broken_; }
    [[nodiscard]] std::size_t held() const { return bytes_.size() - taken_; }

  private:
    std::string bytes_;
    std::size_t taken_ = 0;
    bool is_broken_ = false;
};

}  // namespace outstation::snmp
