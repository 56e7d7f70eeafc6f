// SPDX-License-Identifier: GPL-3.0-or-later
// What a device answers, as the evaluator sees it: one value of an OID, and the next OID. A recording is one
// such thing; a poller's walk is another. Threads: an object belongs to one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "drivers/pack/oid.hpp"

namespace outstation::pack {

enum class Type {
    integer,
    unsigned_number,
    counter32,
    counter64,
    ticks,
    octets,
    object_id,
    address,
};  // RFC 2578 section 7.1; an Opaque float (Net-SNMP) is octets: its decimals

struct Value {
    Type type = Type::octets;
    std::string text;  // decimal number, octets as they came, dotted OID, dotted address
};

class Values {
  public:
    using Entry = std::pair<const Oid, Value>;
    virtual ~Values() = default;
    // The value of exactly this OID, or nullptr. What is returned lives as long as this object.
    [[nodiscard]] virtual const Value* find(const Oid& oid) const = 0;
    // The first value after this OID, or nullptr.
    [[nodiscard]] virtual const Entry* next(const Oid& oid) const = 0;
    // Otherwise what is not there may only not have been read.
    [[nodiscard]] virtual bool is_whole() const { return true; }
};

class ValueTable : public Values {
  public:
    void set(Oid oid, Value value) { entries_.insert_or_assign(std::move(oid), std::move(value)); }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] const Value* find(const Oid& oid) const override {
        const auto it = entries_.find(oid);
        return it == entries_.end() ? nullptr : &it->second;
    }
    [[nodiscard]] const Entry* next(const Oid& oid) const override {
        const auto it = entries_.upper_bound(oid);
        return it == entries_.end() ? nullptr : &*it;
    }
    [[nodiscard]] bool is_whole() const override { return is_whole_; }
    void set_whole(bool is_whole) { is_whole_ = is_whole; }

  private:
    std::map<Oid, Value> entries_;
    bool is_whole_ = true;
};

}  // namespace outstation::pack
