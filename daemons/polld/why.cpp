// SPDX-License-Identifier: GPL-3.0-or-later
// One group of facts a function.
#include "daemons/polld/why.hpp"

#include <algorithm>

#include "daemons/polld/metrics_table.hpp"
#include "drivers/snmp/oid.hpp"
#include "lib/crypto/bytes.hpp"

namespace outstation::polld {
namespace {

// What asks for an OID: polld itself for every device, or a device pack.
constexpr const char* kBuiltIn = "built-in";
constexpr const char* kPack = "pack";

const char* pdu_name(snmp::Tag pdu) {
    if (pdu == snmp::Tag::get_bulk_request) return "GETBULK";
    return pdu == snmp::Tag::get_next_request ? "GETNEXT" : "GET";
}

wire::PollExchange exchange_of(const snmp::Exchange& last, std::int64_t offset_ns) {
    wire::PollExchange out;
    if (last.sent == MonoTime{}) return out;
    out.sent_ns = last.sent.time_since_epoch().count() + offset_ns;
    out.pdu = pdu_name(last.pdu);
    out.oid = snmp::decode_oid(last.oid).value_or("");
    out.varbinds = last.varbinds;
    out.repetitions = last.repetitions;
    out.tries = last.tries;
    out.request_bytes = last.request_bytes;
    out.reply_bytes = last.reply_bytes;
    out.reply_ns = std::uint64_t{last.reply_us} * 1000;
    out.error_status = last.error_status;
    return out;
}

// Behind the tables of the standard plan stand those of packs.
std::string name_of_table(std::size_t table) {
    constexpr auto kStandard = static_cast<std::size_t>(TableId::count);
    return table < kStandard ? table_name(table) : "pack " + std::to_string(table - kStandard + 1);
}

// One that is not asked for now has no part of its own.
std::string part_of_pack(const PackPlan* plan, const std::string& text) {
    const auto oid = pack::parse_oid(text);
    if (plan == nullptr || !oid) return kPack;
    if (plan->has_scalar(*oid)) return kScalarsName;
    const auto table = plan->table_of(*oid);
    return table ? name_of_table(*table) : kPack;
}

wire::PollPart part_of_cost(const std::string& name, const snmp::PartCost& cost) {
    wire::PollPart out;
    out.name = name;
    out.requests = cost.requests;
    out.bytes = cost.bytes;
    out.time_ns = std::uint64_t{cost.time_us} * 1000;
    if (cost.error != snmp::CycleError::none) out.error = snmp::cycle_error_name(cost.error);
    return out;
}

// The lower of two limits of which 0 is none.
std::uint32_t lower(std::uint32_t a, std::uint32_t b) {
    return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

}  // namespace

const char* protocol_name(snmp::Version version) {
    return version == snmp::Version::v1 ? "SNMPv1" : version == snmp::Version::v3 ? "SNMPv3" : "SNMPv2c";
}

void tell_learned(const snmp::Learned& learned, std::int64_t offset_ns, wire::WhyReply& reply) {
    const snmp::DeviceMemory& memory = learned.memory;
    reply.exchange = exchange_of(memory.last, offset_ns);
    reply.version = protocol_name(learned.version);
    reply.has_bulk = learned.version != snmp::Version::v1 && memory.has_bulk();
    reply.timeout_ns = static_cast<std::uint64_t>(learned.timeout.count());
    reply.smoothed_rtt_ns = static_cast<std::uint64_t>(learned.rtt.count());
    reply.scalars_per_request = static_cast<std::uint32_t>(memory.scalars_per_request);
    reply.absent_scalars = static_cast<std::uint32_t>(
        std::count(memory.absent_scalars.begin(), memory.absent_scalars.end(), true));
    reply.engine_id = crypto::to_hex(learned.engine.id);
    reply.engine_boots = learned.engine.boots;
    reply.engine_time_s = learned.engine.time;
    reply.parts.push_back(part_of_cost(kScalarsName, memory.scalars_cost));
    for (std::size_t i = 0; i < memory.tables.size(); ++i) {
        const snmp::TableMemory& table = memory.tables[i];
        wire::PollPart part = part_of_cost(name_of_table(i), table.cost);
        part.rows = table.known ? table.rows : 0;
        part.most_rows = lower(table.max_repetitions, table.window);
        part.most_columns = table.max_columns;
        reply.parts.push_back(std::move(part));
    }
}

void tell_sources(const SeriesBook& book, const DevicePacks& packs, const PackSeries& of_packs,
                  const SeriesKey& wanted, wire::WhyReply& reply) {
    for (std::uint32_t number = 1; number <= book.size(); ++number) {
        const SeriesInfo& info = book.info(number);
        if (info.key.device != wanted.device || info.key.metric != wanted.metric) continue;
        if (reply.sources.size() == kMostSources) {
            reply.more_sources = true;
            return;
        }
        const std::string part = part_of(info.oid);
        const bool is_of_pack = of_packs.has(number) || (part.empty() && !info.oid.empty());
        reply.sources.push_back({wire::SeriesDef::of(number, info),
                                 is_of_pack ? part_of_pack(packs.asked(), info.oid) : part,
                                 is_of_pack ? kPack : kBuiltIn});
    }
}

}  // namespace outstation::polld
