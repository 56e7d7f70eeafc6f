// SPDX-License-Identifier: GPL-3.0-or-later
// The Net-SNMP library behind plain types: messages built and parsed, one GET.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace outstation::oracle {

using Arcs = std::vector<std::uint32_t>;

struct Value {
    Arcs oid;
    std::uint8_t tag = 0;
    std::uint64_t number = 0;  // sign-extended for INTEGER
    std::string bytes;         // of strings; of OIDs the arcs, dotted
};

struct Message {
    int version = 1;  // as it travels: 0 for v1, 1 for v2c, 3 for v3
    std::uint8_t pdu = 0;
    std::uint32_t request_id = 0;
    std::string community;    // of v3 the context
    std::int64_t first = 0;   // error-status, or non-repeaters
    std::int64_t second = 0;  // error-index, or max-repetitions
    std::vector<Value> values;
};

// Names of protocols as snmpd's createUser has them; empty: none.
struct V3User {
    std::string name;
    std::string auth{};
    std::string auth_passphrase{};
    std::string priv{};
    std::string priv_passphrase{};
    std::string context{};
    // The agent's engine. Empty: it is asked for.
    std::string engine_id{};
    std::uint32_t boots = 0;
    std::uint32_t time = 0;
};

class NetSnmp {
  public:
    // A session of SNMPv3 to 127.0.0.1; nothing is sent until get(), when the engine is known.
    NetSnmp(std::uint16_t port, const V3User& user);
    // Of a user whose engine is known: the keys at it.
    [[nodiscard]] static std::string auth_key(const V3User& user);
    [[nodiscard]] static std::string priv_key(const V3User& user);
    // A session of v1 (0) or v2c (1) to 127.0.0.1; nothing is sent until get().
    NetSnmp(std::uint16_t port, const std::string& community, int version = 1);
    ~NetSnmp();
    NetSnmp(const NetSnmp&) = delete;
    NetSnmp& operator=(const NetSnmp&) = delete;

    // Empty when the library refuses.
    [[nodiscard]] std::string build(const Message& message);
    [[nodiscard]] bool parse(std::string_view bytes, Message& out);
    [[nodiscard]] std::vector<Value> get(const std::vector<Arcs>& oids);

  private:
    struct State;
    [[nodiscard]] bool is_v3() const;
    std::unique_ptr<State> state_;
};

}  // namespace outstation::oracle
