// SPDX-License-Identifier: GPL-3.0-or-later
// polld's Poller with a store that acknowledges everything and compares every value with what the device
// really has, and looks for forgeries in every text. Threads: the loop's. Ownership: the loop and the socket
// outlive it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemons/polld/pack_shelf.hpp"
#include "daemons/polld/poller.hpp"
#include "tests/hostile/fleet.hpp"

namespace outstation::hostile {

// The packs of the tree; aborts when one has a mistake. Of the folder that tests run in: the tree's root.
[[nodiscard]] polld::PackShelf shipped_packs();

class Watcher : public polld::StoreLink, public polld::StateSource {
  public:
    Watcher(Loop& loop, snmp::DatagramSocket& socket, const Fleet& fleet);
    void configure(const wire::ConfigReply& config) { poller_.configure(config); }

    // Of one device.
    struct Account {
        const Member* member = nullptr;
        std::uint64_t records = 0;
        std::uint64_t first_whole = 0;                  // the record that first had the most values
        std::uint64_t whole = 0;                        // records with the most values that it ever had
        std::size_t values = 0;                         // that most
        std::uint64_t not_up = 0;                       // records that say that it does not answer
        std::string down;                               // the first event that is not one of a good device
        std::map<std::string, unsigned> engine_events;  // by kind
        // Records since then that have less.
        [[nodiscard]] std::uint64_t cut_short() const { return records + 1 - first_whole - whole; }
    };
    [[nodiscard]] const std::map<std::string, Account>& accounts() const { return accounts_; }
    [[nodiscard]] std::uint64_t values() const { return values_; }
    [[nodiscard]] std::uint64_t false_values() const { return false_values_; }
    [[nodiscard]] const std::string& first_false() const { return first_false_; }
    [[nodiscard]] const polld::Poller& poller() const { return poller_; }
    [[nodiscard]] const snmp::Engine& engine() const { return engine_; }

    [[nodiscard]] bool connected() const override { return true; }
    void define(const wire::DefineSeries& definitions) override;
    void append(const wire::AppendSamples& batch, StoreLink::Answer answer) override;
    void append(const wire::AppendStates& batch, StoreLink::Answer answer) override;
    void ask(StateSource::Answer answer) override;

  private:
    void look(const wire::SampleRecord& record);
    void look(const wire::StateRecord& record);
    // What the device can only have from a forgery.
    void look(const std::string& device, const std::string& what, const std::string& text);
    // `value`: raw × scale.
    void compare(Account& account, std::uint32_t series, double value);
    void tell_false(const std::string& what);
    void acknowledge(std::uint64_t counter, StoreLink::Answer answer);

    Loop& loop_;
    std::map<std::string, Account> accounts_;
    std::uint64_t values_ = 0;
    std::uint64_t false_values_ = 0;
    std::string first_false_;
    snmp::Engine engine_;
    polld::PackShelf packs_;  // those that are shipped
    polld::SeriesBook book_;
    polld::Uplink uplink_;
    polld::Poller poller_;
};

}  // namespace outstation::hostile
