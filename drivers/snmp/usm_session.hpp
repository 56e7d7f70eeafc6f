// SPDX-License-Identifier: GPL-3.0-or-later
// SNMPv3 with one agent as one user (RFC 3412 section 7, RFC 3414 section 3): finds out the agent's engine
// and its clock, seals requests, and believes an answer only when it is authentic, in time, of the level
// asked and to the request in flight. It heals itself: an engine that is another, or whose clock went back,
// is found out anew and told. Pure logic: no socket, no timeout. Threads: one. Ownership: the views it gives
// live as long as the datagram and the scratch buffer.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "drivers/snmp/message.hpp"
#include "drivers/snmp/plan.hpp"
#include "drivers/snmp/usm_keys.hpp"
#include "drivers/snmp/v3_message.hpp"
#include "lib/event/loop.hpp"

namespace outstation::snmp {

// What is known of an agent's engine at a moment. The owner may keep it over a restart; it saves a question.
struct EngineState {
    std::string id;  // empty: not known
    std::uint32_t boots = 0;
    std::uint32_t time = 0;
};

// What became of a datagram.
struct Taken {
    enum class Step : std::uint8_t {
        answer,   // to what was asked
        again,    // something was learned: send the request again, with another id
        ignored,  // not from the agent, as far as one can know: the request goes on
        failed,   // asking again will not help
    };
    Step step = Step::ignored;
    Response response{};                  // of an answer
    CycleError error = CycleError::none;  // unless it is an answer
    std::string detail{};                 // for people
};

class UsmSession {
  public:
    UsmSession(std::shared_ptr<const UsmUser> user, std::string context, const EngineState& known,
               MonoTime now);

    // What was known of the engine before a restart; nothing when it has been found out meanwhile.
    void know(const EngineState& known, MonoTime now);
    // No engine is known, or it was silent: probe() has to be sent before any request.
    [[nodiscard]] bool has_to_probe() const { return engine_id_.empty() || is_silent_; }
    // A whole message that asks for nothing but the engine's id.
    static void probe(BackWriter& out, std::uint32_t id);
    // Puts everything around the PDU that is the only thing in `out`; the id is the message's and the PDU's.
    // False: OpenSSL failed; whether it fitted is out.ok().
    [[nodiscard]] bool seal(BackWriter& out, std::uint32_t id, MonoTime now);
    // An answer whose id is of a message in flight. `scratch` is as long as any message. `is_once`: what is
    // in flight must not be sent twice, so that `again` is only what the engine itself did not take.
    [[nodiscard]] Taken take(const V3Message& message, MonoTime now, std::span<char> scratch,
                             bool is_once = false);

    // All tries of a request had no answer: it is looked for again. What that may mean; `ignored`: nothing
    // but that it is not there.
    [[nodiscard]] Taken on_silence();

    // How much longer a message is than its PDU, at most.
    [[nodiscard]] std::size_t overhead() const;
    [[nodiscard]] EngineState state(MonoTime now) const;
    // What the owner should tell a person, once; empty: nothing.
    [[nodiscard]] std::string take_notice() { return std::exchange(notice_, {}); }

  private:
    struct Clock {
        std::uint32_t boots = 0;
        std::uint32_t time = 0;  // the latest received, RFC 3414 section 2.3
        MonoTime at;             // when that was
    };
    [[nodiscard]] std::uint8_t level() const;
    [[nodiscard]] std::uint32_t time_at(const Clock& clock, MonoTime now) const;
    [[nodiscard]] bool is_authentic(const V3Message& message);
    [[nodiscard]] bool believe_time(const V3Message& message, MonoTime now);
    [[nodiscard]] Taken adopt_engine(const V3Message& message, MonoTime now);
    [[nodiscard]] Taken open(const V3Message& message, MonoTime now, std::span<char> scratch);
    [[nodiscard]] Taken take_report(const V3Message& message, const Response& report, MonoTime now);
    [[nodiscard]] Taken on_usm_report(char number, const V3Message& message, MonoTime now);

    std::shared_ptr<const UsmUser> user_;
    std::string context_;
    std::string engine_id_;
    bool is_silent_ = false;
    unsigned adoptions_ = 0;       // of engines, with less than a pause between them
    MonoTime adopted_at_;          // the last of them
    bool is_named_ = false;        // the device said its engine's id, and has not answered a request since
    std::optional<UsmKeys> keys_;  // at that engine, when the user authenticates
    // What authentic messages said of the time. Before there was one, `hint_` is sent.
    std::optional<Clock> clock_;
    std::optional<Clock> forgotten_;  // it, before the engine's clock went back
    Clock hint_;
    std::string notice_;
};

}  // namespace outstation::snmp
