// SPDX-License-Identifier: GPL-3.0-or-later
// Asking stored for records.
#include "daemons/ctl/record_commands.hpp"

#include <algorithm>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemons/ctl/alarm_json.hpp"
#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/table.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

constexpr std::uint64_t kRecordsAsked = 1000;  // in one question
constexpr std::uint32_t kEntriesAsked = 500;

std::string line_of(const json& value, int indent = -1) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

std::size_t records_in(const wire::ReplayReply& reply) {
    return reply.samples.size() + reply.states.size() + reply.ledger.size();
}

// All records of an answer are of one kind.
const std::string& device_of(const wire::ReplayReply& reply, std::size_t i) {
    if (!reply.samples.empty()) return reply.samples[i].device;
    return reply.states.empty() ? reply.ledger[i].device : reply.states[i].device;
}

void print_records(const wire::ReplayReply& reply) {
    for (const auto& gap : reply.gaps)
        std::cout << line_of(
                         {{"gap",
                           {{"epoch", reply.epoch}, {"sequence", gap.first_sequence}, {"count", gap.count}}}})
                  << "\n";
    for (const auto& span : reply.damaged)
        std::cout << line_of({{"damaged",
                               {{"sequence", span.first_sequence}, {"last_sequence", span.last_sequence}}}})
                  << "\n";
    for (std::size_t i = 0; i < records_in(reply); ++i) {
        const std::uint64_t sequence = reply.first_sequence + i;
        json line = {{"epoch", reply.epoch}, {"sequence", sequence}, {"device", device_of(reply, i)}};
        if (!reply.states.empty()) {
            line["kind"] = reply.states[i].kind;
            if (reply.states[i].alarm) line["alarm"] = alarm_json(reply.states[i]);
        }
        for (const auto& batch : reply.batches) {
            if (sequence < batch.first_sequence || sequence >= batch.first_sequence + batch.count) continue;
            line["daemon"] = batch.daemon;
            line["incarnation"] = batch.incarnation;
            line["counter"] = batch.counter;
        }
        std::cout << line_of(line) << "\n";
    }
}

// Where the next question starts; 0: nothing follows.
std::uint64_t behind(const wire::ReplayReply& reply) {
    std::uint64_t next = records_in(reply) == 0 ? 0 : reply.first_sequence + records_in(reply);
    for (const auto& gap : reply.gaps) next = std::max(next, gap.first_sequence + gap.count);
    return next;
}

json entry_json(const wire::StoredLedger& entry) {
    const wire::LedgerRecord& record = entry.record;
    json out = {{"account", std::string(wire::word_of(record.account))},
                {"stream", stream_name(record.stream)},
                {"from_ns", record.from_ns},
                {"reason", record.reason}};
    if (entry.sequence != 0) out["sequence"] = entry.sequence;
    if (record.to_ns != 0) out["to_ns"] = record.to_ns;
    if (!record.device.empty()) out["device"] = record.device;
    if (record.first_sequence != 0) {
        out["first_sequence"] = record.first_sequence;
        out["last_sequence"] = record.last_sequence;
    }
    if (record.step_ns != 0) out["step_ns"] = record.step_ns;
    return out;
}

std::vector<std::string> entry_row(const wire::StoredLedger& entry) {
    const wire::LedgerRecord& record = entry.record;
    const bool timed = record.from_ns != 0;
    return {
        timed ? iso_time(record.from_ns) : "-",
        record.to_ns != 0 ? iso_time(record.to_ns)
        : timed           ? "now"
                          : "-",
        std::string(wire::word_of(record.account)),
        record.device.empty() ? std::string(stream_name(record.stream)) : runtime::printable(record.device),
        runtime::printable(record.reason),
        record.first_sequence == 0
            ? "-"
            : std::to_string(record.first_sequence) + " to " + std::to_string(record.last_sequence)};
}

Result<std::vector<wire::StoredLedger>> read_ledger(Asker& asker, const std::string& device,
                                                    std::uint32_t count) {
    std::vector<wire::StoredLedger> entries;
    wire::LedgerRequest request;
    request.device = device;
    for (bool more = true; more && entries.size() < count;) {
        request.limit = std::min(kEntriesAsked, count - static_cast<std::uint32_t>(entries.size()));
        auto reply = asker.ask<wire::LedgerReply>(request);
        if (!reply) return fail(reply.error());
        entries.insert(entries.end(), reply->entries.begin(), reply->entries.end());
        more = reply->more && reply->next_before != 0;
        request.before_sequence = reply->next_before;
    }
    return entries;
}

}  // namespace

int show_journal(const Target& target, const std::string& stream, std::uint64_t first, std::uint64_t count) {
    const auto id = std::find_if(std::begin(kStreams), std::end(kStreams),
                                 [&](StreamId s) { return stream_name(s) == stream; });
    if (id == std::end(kStreams))
        return failed(target, Error{ErrorCode::not_found, "no stream is named " + stream});
    auto asker = Asker::connect(target.run_dir, "stored");
    if (!asker) return failed(target, asker.error());
    while (count > 0) {
        const auto limit = static_cast<std::uint32_t>(std::min(count, kRecordsAsked));
        const auto reply = asker->ask<wire::ReplayReply>(wire::ReplayRequest{*id, first, limit});
        if (!reply) return failed(target, reply.error());
        print_records(*reply);
        first = behind(*reply);
        if (first == 0) return kDone;
        count -= std::min<std::uint64_t>(count, records_in(*reply));
    }
    return kDone;
}

int show_ledger(const Target& target, const std::string& device, std::uint32_t count) {
    auto asker = Asker::connect(target.run_dir, "stored");
    if (!asker) return failed(target, asker.error());
    const auto entries = read_ledger(*asker, device, count);
    if (!entries) return failed(target, entries.error());
    if (target.json) {
        json rows = json::array();
        for (const auto& entry : *entries) rows.push_back(entry_json(entry));
        std::cout << line_of({{"entries", rows}}, 2) << "\n";
        return kDone;
    }
    Table table({"FROM", "TO", "WHAT", "OF", "WHY", "RECORDS"});
    for (const auto& entry : *entries) table.add(entry_row(entry));
    std::cout << table.text();
    return kDone;
}

}  // namespace outstation::ctl
