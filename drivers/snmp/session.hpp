// SPDX-License-Identifier: GPL-3.0-or-later
// How messages of one target are sealed and believed, whatever its version: the engine sees PDUs and targets,
// nothing of communities, users and keys. Threads: one.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "drivers/snmp/usm_session.hpp"

namespace outstation::snmp {

// As whom we speak.
struct Security {
    Version version = Version::v2c;
    std::string community{};                // v1, v2c
    std::shared_ptr<const UsmUser> user{};  // v3
    std::string context{};                  // v3
};

// A datagram whose shape is sound; nothing in it is believed yet.
struct Incoming {
    Version version = Version::v2c;
    std::uint32_t id = 0;  // request-id; of v3 msgID
    Response response{};   // of v1 and v2c
    V3Message v3{};
};
// Fails with malformed, naming what broke.
[[nodiscard]] Result<void> parse_incoming(std::string_view datagram, Incoming& out);

class Session {
  public:
    Session(Security security, const EngineState& known, MonoTime now);

    [[nodiscard]] bool has_to_probe() const { return usm_ && usm_->has_to_probe(); }
    // v1 has no GETBULK.
    [[nodiscard]] bool has_bulk() const { return version_ != Version::v1; }
    // What is spoken: of a device that never answered version 2c and answers version 1, that.
    [[nodiscard]] Version version() const { return version_; }
    // A cycle begins; version 2c is tried again now and then with who speaks version 1 only.
    void on_cycle();
    // A try of a request had no answer, and another is due.
    void on_silence(bool is_last_try);
    // Whether a request that is sent again has to be another message (RFC 3412 section 6.2).
    [[nodiscard]] bool renews_ids() const { return usm_ != nullptr; }
    // How much longer a message is than its PDU, at most.
    [[nodiscard]] std::size_t overhead() const;

    // A whole message, when has_to_probe().
    void probe(BackWriter& out, std::uint32_t id) const;
    // Around the PDU that is the only thing in `out`. False: it cannot be sealed.
    [[nodiscard]] bool seal(BackWriter& out, std::uint32_t id, MonoTime now);
    // An answer whose id is of a request in flight; see UsmSession::take().
    [[nodiscard]] Taken take(const Incoming& incoming, MonoTime now, std::span<char> scratch, bool is_once);

    // All tries of a request had no answer; see UsmSession::on_silence().
    [[nodiscard]] Taken on_timeout();

    // What was found out before a restart; nothing when more is known already.
    void know(const EngineState& engine, Version version, MonoTime now);
    [[nodiscard]] EngineState engine(MonoTime now) const;
    [[nodiscard]] std::string take_notice();

  private:
    [[nodiscard]] Taken take_community(const Incoming& incoming);

    Security security_;
    Version version_;
    bool is_heard_ = false;   // answered since version_ was chosen
    unsigned fallbacks_ = 0;  // cycles in a row that went over to version 1
    unsigned cycles_ = 0;
    std::unique_ptr<UsmSession> usm_;  // v3
};

}  // namespace outstation::snmp
