// SPDX-License-Identifier: GPL-3.0-or-later
// OIDs and values of the switch.
#include "tests/bench/snmp/workload.hpp"

#include <algorithm>
#include <array>

#include "drivers/snmp/ber.hpp"

namespace outstation::bench {
namespace {

using snmp::BackWriter;
using snmp::Tag;

Instance make_instance(const std::string& dotted, Tag tag, std::string_view content) {
    std::array<char, 256> buffer;
    BackWriter out(buffer);
    Instance made{snmp::encode_oid(dotted).value(), {}};
    out.element(tag, content);
    out.element(Tag::oid, made.oid);
    out.close(Tag::sequence, 0);
    made.varbind = out.bytes();
    return made;
}

std::string number_content(std::uint64_t value) {
    std::array<char, 16> buffer;
    BackWriter out(buffer);
    out.integer(static_cast<std::int64_t>(value));
    return std::string(out.bytes().substr(2));
}

// Counters of a port that has been up for weeks: the octets are long, the rest is shorter.
std::uint64_t counter(std::size_t column, std::size_t row) {
    constexpr std::array<std::uint64_t, kColumns> kBase = {
        12,       3,      5, 1, 98123456789012, 76123456789, 123'456'789, 2345678, 87123456, 66123456789012,
        22345678, 1345678};
    return kBase[column] + (row + 1) * (row + 7) * 104729 % (kBase[column] + 1);
}

}  // namespace

const std::vector<std::string>& scalar_oids() {
    static const std::vector<std::string> oids = [] {
        std::vector<std::string> made;
        for (const char* tail :
             {"1.1", "1.2", "1.3", "1.5", "1.6", "2.1", "4.3", "4.9", "4.10",   "6.5",
              "6.6", "6.7", "6.8", "6.9", "7.1", "7.2", "7.3", "7.4", "25.1.1", "25.1.6"}) {
            made.push_back("1.3.6.1.2.1." + std::string(tail) + ".0");
        }
        return made;
    }();
    return oids;
}

const std::vector<std::string>& column_oids() {
    static const std::vector<std::string> oids = [] {
        std::vector<std::string> made;
        for (const char* tail :
             {"2.2.1.13", "2.2.1.14", "2.2.1.19", "2.2.1.20", "31.1.1.1.6", "31.1.1.1.7", "31.1.1.1.8",
              "31.1.1.1.9", "31.1.1.1.10", "31.1.1.1.11", "31.1.1.1.12", "31.1.1.1.13"}) {
            made.push_back("1.3.6.1.2.1." + std::string(tail));
        }
        return made;
    }();
    return oids;
}

std::shared_ptr<const snmp::Plan> make_plan() {
    const auto plan = std::make_shared<snmp::Plan>();
    for (const auto& oid : scalar_oids()) plan->scalars.push_back(snmp::encode_oid(oid).value());
    plan->tables.emplace_back();
    for (const auto& oid : column_oids()) plan->tables[0].columns.push_back(snmp::encode_oid(oid).value());
    return plan;
}

std::vector<Instance> make_instances() {
    std::vector<Instance> made;
    for (std::size_t i = 0; i < kScalars; ++i) {
        const bool text = i == 0 || i == 3 || i == 4;
        made.push_back(text ? make_instance(scalar_oids()[i], Tag::octet_string, "Access switch, room 3")
                       : i == 1
                           ? make_instance(scalar_oids()[i], Tag::oid,
                                           snmp::encode_oid("1.3.6.1.4.1.8072.3.2.10").value())
                           : make_instance(scalar_oids()[i], Tag::counter32, number_content(345678 * i)));
    }
    for (std::size_t column = 0; column < kColumns; ++column) {
        const Tag tag = column < 4 ? Tag::counter32 : Tag::counter64;
        for (std::size_t row = 0; row < kRows; ++row) {
            made.push_back(make_instance(column_oids()[column] + "." + std::to_string(row + 1), tag,
                                         number_content(counter(column, row))));
        }
    }
    std::sort(made.begin(), made.end(),
              [](const Instance& a, const Instance& b) { return snmp::compare_oid(a.oid, b.oid) < 0; });
    return made;
}

std::size_t rows_per_reply(const std::vector<Instance>& instances, std::size_t head_bytes) {
    std::size_t largest = 0;
    for (const Instance& instance : instances) {
        if (instance.oid.size() > 9) largest = std::max(largest, instance.varbind.size());
    }
    return (kMaxReplyBytes - head_bytes) / (largest * kColumns);
}

std::uint32_t device_ipv4(std::size_t device) {
    return 0x7f010001U + static_cast<std::uint32_t>(device);
}

std::string device_text(std::size_t device) {
    const std::uint32_t ipv4 = device_ipv4(device);
    return "127." + std::to_string(ipv4 >> 16 & 255U) + "." + std::to_string(ipv4 >> 8 & 255U) + "." +
           std::to_string(ipv4 & 255U);
}

}  // namespace outstation::bench
