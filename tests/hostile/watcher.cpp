// SPDX-License-Identifier: GPL-3.0-or-later
// Compares values and attributes with the tables that the agents play, and counts what is not true.
#include "tests/hostile/watcher.hpp"

#include <cmath>
#include <cstdlib>
#include <optional>

#include "daemons/polld/metrics_table.hpp"

namespace outstation::hostile {
namespace {

using namespace std::chrono_literals;

snmp::EngineOptions engine_options() {
    snmp::EngineOptions out;
    out.receive_tick = 2ms;  // as polld has it
    return out;
}

// The number that the device has at an OID, 1 where it has a text there; none: it has nothing.
std::optional<double> truth(const sim::Mib& mib, const std::string& dotted) {
    const auto oid = snmp::encode_oid(dotted);
    const std::size_t at = oid ? mib.find(*oid) : mib.size();
    if (at >= mib.size()) return std::nullopt;
    const snmp::Tag tag = mib.at(at).tag;
    if (tag == snmp::Tag::octet_string || tag == snmp::Tag::oid) return 1;
    std::int64_t number = 0;
    if (!snmp::parse_signed(mib.at(at).content, number)) return std::nullopt;
    return static_cast<double>(number);
}

// What the device says of an attribute; none: there is no such attribute.
std::optional<std::string> true_attribute(const sim::Mib& mib, const std::string& name) {
    for (const polld::Attribute& attribute : polld::kAttributes) {
        if (name != attribute.name) continue;
        const std::size_t at = mib.find(snmp::encode_oid(polld::scalar_oid(attribute.scalar)).value());
        if (at >= mib.size()) return std::nullopt;
        const std::string text(mib.at(at).content);
        return mib.at(at).tag == snmp::Tag::oid ? snmp::decode_oid(text).value_or("") : text;
    }
    return std::nullopt;
}

bool tells_a_forgery(const std::string& text) {
    return text.find(sim::kForgedText) != text.npos ||
           text.find(std::to_string(sim::kForgedNumber)) != text.npos;
}

}  // namespace

polld::PackShelf shipped_packs() {
    polld::PackShelf out;
    const auto mistakes = out.read("drivers/packs/snmp");
    if (!mistakes || !mistakes->empty() || out.cards()->packs.empty()) std::abort();
    return out;
}

Watcher::Watcher(Loop& loop, snmp::DatagramSocket& socket, const Fleet& fleet)
    : loop_(loop),
      engine_(loop, &socket, nullptr, engine_options()),
      packs_(shipped_packs()),
      uplink_(loop, *this, book_),
      poller_({loop, engine_, book_, uplink_, *this,
               [&loop] {
                   Stamp stamp;
                   stamp.wall_ns = loop.wall().time_since_epoch().count();
                   return stamp;
               },
               [](const char*, const std::string&) {}, &packs_}) {
    for (const Member& member : fleet.members()) accounts_[member.device.id].member = &member;
    poller_.on_store_connected();
    uplink_.on_connected();
}

void Watcher::define(const wire::DefineSeries& definitions) {
    for (const wire::SeriesDef& series : definitions.series) {
        for (const wire::WireLabel& label : series.labels) look(series.device, series.metric, label.value);
    }
}

void Watcher::look(const std::string& device, const std::string& what, const std::string& text) {
    if (tells_a_forgery(text)) tell_false(device + ": " + what + " says '" + text + "'");
}

void Watcher::append(const wire::AppendSamples& batch, StoreLink::Answer answer) {
    for (const auto& record : batch.records) look(record);
    acknowledge(batch.counter, std::move(answer));
}

void Watcher::append(const wire::AppendStates& batch, StoreLink::Answer answer) {
    for (const auto& record : batch.records) look(record);
    acknowledge(batch.counter, std::move(answer));
}

void Watcher::acknowledge(std::uint64_t counter, StoreLink::Answer answer) {
    loop_.post([counter, answer = std::move(answer)] { answer(wire::Appended{counter, 1, 1, false}); });
}

void Watcher::ask(StateSource::Answer answer) {
    loop_.post([answer = std::move(answer)] { answer(StateSource::States{}); });
}

void Watcher::look(const wire::SampleRecord& record) {
    Account& account = accounts_.at(record.device);
    ++account.records;
    if (record.size() > account.values) {
        account.values = record.size();
        account.whole = 0;
        account.first_whole = account.records;
    }
    account.whole += record.size() == account.values ? 1 : 0;
    for (std::size_t i = 0; i < record.counters.size(); ++i)
        compare(account, record.counter_series[i], static_cast<double>(record.counters[i]));
    for (std::size_t i = 0; i < record.gauges.size(); ++i)
        compare(account, record.gauge_series[i], record.gauges[i]);
}

void Watcher::compare(Account& account, std::uint32_t series, double value) {
    ++values_;
    const SeriesInfo& info = book_.info(series);
    const std::string& device = account.member->device.id;
    if (info.key.device != device) tell_false(device + " has a series of " + info.key.device);
    if (info.key.metric == "up") account.not_up += value == 1 ? 0 : 1;
    if (info.oid.empty() || info.key.metric == "state_severity") return;  // the pack's, not the device's
    const auto raw = truth(*account.member->device.mib, info.oid);
    const double expected = raw.value_or(NAN) * info.scale;
    if (!(std::abs(value - expected) <= 1e-9 * std::abs(expected)))
        tell_false(device + ": " + info.key.metric + " (" + info.oid + ") is " + std::to_string(value) +
                   ", not " + std::to_string(expected));
}

void Watcher::look(const wire::StateRecord& record) {
    Account& account = accounts_.at(record.device);
    const bool is_worse = record.kind == "device_down" || record.kind == "device_restarted" ||
                          record.kind == "interface_down" || record.kind == "interface_gone";
    if (is_worse && account.down.empty()) account.down = record.kind;
    if (record.kind.starts_with("engine_")) ++account.engine_events[record.kind];
    for (const std::string* text : {&record.component, &record.value, &record.text})
        look(record.device, record.kind, *text);
    if (record.kind != "attribute") return;
    const auto expected = true_attribute(*account.member->device.mib, record.component);
    if (expected && *expected != record.value)
        tell_false(record.device + ": " + record.component + " is '" + record.value + "', not '" + *expected +
                   "'");
}

void Watcher::tell_false(const std::string& what) {
    ++false_values_;
    if (first_false_.empty()) first_false_ = what;
}

}  // namespace outstation::hostile
