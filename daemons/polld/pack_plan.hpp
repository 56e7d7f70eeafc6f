// SPDX-License-Identifier: GPL-3.0-or-later
// A plan of one device: what is read from every device, and behind it what its packs need. Immutable;
// threads: any.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "drivers/pack/needs.hpp"
#include "drivers/pack/values.hpp"
#include "drivers/snmp/plan.hpp"

namespace outstation::polld {

class PackPlan {
  public:
    // What packs cost at most: columns, and values that are not in tables; the rest is left out.
    static constexpr std::size_t kMaxColumns = 1024;
    static constexpr std::size_t kMaxValues = 1024;
    static constexpr std::size_t kMaxRead = 50'000;  // values of a cycle

    // Behind the standard plan: which of these are there at all.
    [[nodiscard]] static std::shared_ptr<const PackPlan> to_look_for(const std::set<pack::Oid>& probes);
    [[nodiscard]] static std::shared_ptr<const PackPlan> to_read(const pack::Needs& needs);

    // The same without the tables of the standard plan: to know what a device is.
    [[nodiscard]] static std::shared_ptr<const PackPlan> to_identify(const std::set<pack::Oid>& probes);
    [[nodiscard]] static std::shared_ptr<const PackPlan> to_identify(const pack::Needs& needs);

    // A piece of all that is below `root`: at most `rows` values behind `after`, which is below it, too.
    [[nodiscard]] static std::shared_ptr<const PackPlan> to_record(const pack::Oid& root,
                                                                   const pack::Oid& after,
                                                                   std::uint32_t rows);

    [[nodiscard]] const std::shared_ptr<const snmp::Plan>& plan() const { return plan_; }
    // What packs need of a cycle of this plan.
    [[nodiscard]] pack::ValueTable values_of(const snmp::Cycle& cycle) const;
    // It is one of the scalars, or in this table of the plan, if in any.
    [[nodiscard]] bool has_scalar(const pack::Oid& oid) const;
    [[nodiscard]] std::optional<std::size_t> table_of(const pack::Oid& oid) const;
    // Nothing that packs need failed; another table may have.
    [[nodiscard]] bool is_whole(const snmp::Cycle& cycle) const;

  private:
    PackPlan() = default;
    void begin(const pack::Needs& needs);
    void begin_bare();
    void add_probes(const std::set<pack::Oid>& probes);
    void add_scalars(const std::set<pack::Oid>& oids);
    void add_tables(const std::set<pack::Oid>& columns, const std::set<pack::Oid>& known);

    std::shared_ptr<const snmp::Plan> plan_;
    std::vector<pack::Oid> scalars_;               // as the plan's
    std::vector<std::vector<pack::Oid>> columns_;  // as the plan's tables; an empty OID: packs do not need it
};

// What of the needs the values have.
[[nodiscard]] pack::Needs found_of(const pack::Needs& needs, const pack::Values& values);
// polld reads it from every device and tells it under a name of its own.
[[nodiscard]] bool is_standard(const pack::Oid& oid);

}  // namespace outstation::polld
