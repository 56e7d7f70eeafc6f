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
    std::uint8_t pdu = 0;
    std::uint32_t request_id = 0;
    std::string community;
    std::int64_t first = 0;   // error-status, or non-repeaters
    std::int64_t second = 0;  // error-index, or max-repetitions
    std::vector<Value> values;
};

class NetSnmp {
  public:
    // A session to 127.0.0.1; nothing is sent until get().
    NetSnmp(std::uint16_t port, const std::string& community);
    ~NetSnmp();
    NetSnmp(const NetSnmp&) = delete;
    NetSnmp& operator=(const NetSnmp&) = delete;

    // Empty when the library refuses.
    [[nodiscard]] std::string build(const Message& message);
    [[nodiscard]] bool parse(std::string_view bytes, Message& out);
    [[nodiscard]] std::vector<Value> get(const std::vector<Arcs>& oids);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace outstation::oracle
