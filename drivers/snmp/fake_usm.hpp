// SPDX-License-Identifier: GPL-3.0-or-later
// The agent's side of the User-based Security Model, for tests and benchmarks: opens requests, reports what
// is wrong with them, seals answers, and lies where it is told to. Threads: one.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "drivers/snmp/usm_keys.hpp"
#include "drivers/snmp/v3_message.hpp"

namespace outstation::snmp {

class FakeUsm {
  public:
    // usmStats that a report may be about (RFC 3414 section 5).
    static constexpr char kNoReport = 0;
    static constexpr char kUnsupportedLevel = 1;
    static constexpr char kNotInTime = 2;
    static constexpr char kUnknownUser = 3;
    static constexpr char kUnknownEngine = 4;
    static constexpr char kWrongDigest = 5;
    static constexpr char kDecryption = 6;

    FakeUsm(std::string id, std::shared_ptr<const UsmUser> known);

    struct Opened {
        bool is_sound = false;  // it is a message of v3
        char report = kNoReport;
        V3Message message;
        ScopedPdu scoped;  // when there is nothing to report; lives as long as `scratch`
    };
    [[nodiscard]] Opened open(std::string_view datagram, std::span<char> scratch);
    // Around the PDU that is the only thing in `out`, with the level of the request. Aborts when it does not
    // fit.
    void seal(BackWriter& out, const Opened& request);
    // The whole report; authenticated when it is about time, as RFC 3414 section 3.2 has it.
    void report(BackWriter& out, const Opened& request);

    std::string engine_id;
    std::shared_ptr<const UsmUser> user;
    std::uint32_t boots = 7;
    std::uint32_t time = 1000;
    bool is_silent_about_privacy = false;  // no report of what it cannot decrypt
    // Changes the head of an answer or report before it is signed; the MAC's size is that of head.mac.
    std::function<void(V3Message& head)> twist;
    std::function<void(std::string& context)> twist_context;  // of answers

  private:
    void finish(BackWriter& out, const Opened& request, std::uint8_t level);

    UsmKeys keys_;
};

}  // namespace outstation::snmp
