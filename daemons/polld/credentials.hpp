// SPDX-License-Identifier: GPL-3.0-or-later
// Credentials as confd gave them, made ready for the engine: keys are made once a credential and passphrase,
// whatever the number of devices. No passphrase is kept, and no fingerprint of one that is good for guessing.
// Threads: the loop's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/snmp/session.hpp"
#include "lib/crypto/keyed_hash.hpp"
#include "lib/wire/config_messages.hpp"

namespace outstation::polld {

// Overwrites what is secret in it.
void wipe(wire::Credential& credential);

class Credentials {
  public:
    struct Ready {
        std::uint64_t revision = 0;  // another one when anything changed
        std::string protocol;        // for people: "SNMPv3"
        bool is_authenticated = false;
        Result<snmp::Security> security;  // or what is wrong with it
    };
    void update(const std::vector<wire::Credential>& given);
    // nullptr: confd does not have it. Valid until the next update().
    [[nodiscard]] const Ready* find(const std::string& name) const;
    // Every community, user and context: what must not be handed on.
    [[nodiscard]] std::vector<std::string> all_names() const;

  private:
    struct Entry {
        std::string fingerprint;  // of all that was given; of passphrases with a key of this process
        Ready ready;
    };
    [[nodiscard]] std::string fingerprint_of(const wire::Credential& credential);

    std::optional<crypto::Hmac> hmac_;      // made when it is needed
    std::map<std::string, Entry> entries_;  // by name
    std::uint64_t revisions_ = 0;
};

}  // namespace outstation::polld
