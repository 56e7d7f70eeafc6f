// SPDX-License-Identifier: GPL-3.0-or-later
// Polls the configured devices: who is due, what became of the cycle, what of it goes to stored. Knows no
// socket and no other daemon: parts are given. Threads: the loop's. Ownership: the parts outlive it; nothing
// is called back after it is destroyed.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "daemons/polld/credentials.hpp"
#include "daemons/polld/device_packs.hpp"
#include "daemons/polld/pack_series.hpp"
#include "daemons/polld/recall.hpp"
#include "daemons/polld/schedule.hpp"
#include "daemons/polld/series_book.hpp"
#include "daemons/polld/state_watch.hpp"
#include "daemons/polld/strain.hpp"
#include "daemons/polld/translator.hpp"
#include "daemons/polld/uplink.hpp"
#include "drivers/snmp/engine.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::polld {

class Poller {
  public:
    struct Parts {
        Loop& loop;
        snmp::Engine& engine;
        SeriesBook& book;
        Uplink& uplink;
        StateSource& states;
        std::function<Stamp()> stamp;
        Uplink::Tell tell;
        PackShelf* packs = nullptr;  // none: what is read from every device is all
    };
    struct Counters {
        std::uint64_t polls = 0;
        std::uint64_t values = 0;
        std::uint64_t skipped = 0;   // due while the one before was not done
        Duration worst_lateness{0};  // of a poll, since the start
    };
    explicit Poller(Parts parts);
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    // Devices that did not change go on undisturbed; one whose address, credential or interval changed keeps
    // its state and is polled soon.
    void configure(const wire::ConfigReply& config);
    // To be called before Uplink::on_connected(): stored is asked for the states it has, and Uplink held
    // until it has answered.
    void on_store_connected() { recall(); }
    // `stored` does not take all series of this device: told as `too_many_series`, once until polld starts
    // again.
    void on_series_refused(const std::string& device);
    // No poll is started any more; what comes of those under way is still taken.
    void stop();

    [[nodiscard]] std::vector<wire::PollStatus> status(const std::string& device) const;  // empty: all
    // Fails with not_found.
    [[nodiscard]] Result<wire::WhyReply> why(const std::string& device, const std::string& metric) const;
    // nullptr: there is none with this id. Until the next configure().
    [[nodiscard]] const wire::DeviceConfig* config_of(const std::string& device) const {
        const auto it = devices_.find(device);
        return it == devices_.end() ? nullptr : &it->second->config;
    }
    [[nodiscard]] std::size_t devices() const { return devices_.size(); }
    [[nodiscard]] std::size_t devices_up() const;
    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    // One configured device and all that is known of it here.
    struct Device {
        Device(const std::string& id, SeriesBook& book, PackShelf* shelf)
            : translator(id, book), watch(id), packs(shelf), pack_series(id, book) {}
        // How many lie between two polls.
        [[nodiscard]] unsigned intervals() const { return std::max(backed_off(failures), strain.stretch()); }
        wire::DeviceConfig config;
        std::uint64_t credential = 0;  // its revision; 0: it cannot be had
        std::optional<snmp::Engine::DeviceId> engine_id;
        Translator translator;
        StateWatch watch;
        DevicePacks packs;
        PackSeries pack_series;
        wire::PollStatus status;
        std::int64_t last_answer_ns = 0;  // wall clock; of this run, as are the others
        std::int64_t last_error_ns = 0;
        std::string last_error;
        MonoTime due;
        MonoTime started;
        unsigned failures = 0;
        Strain strain;
        bool recall_asked = false;
        Timer timer;
        std::string engine;  // of SNMPv3, as in engines_
    };
    // Which devices have which SNMPv3 engine, by its id.
    using Engines = std::multimap<std::string_view, Device*>;

    void put(const wire::DeviceConfig& config);
    void retarget(Device& device, const Credentials::Ready* credential);
    void begin(Device& device);
    void schedule(Device& device, MonoTime due);
    void schedule_after(Device& device, MonoTime started);
    void poll(Device& device);
    void on_cycle(Device& device, const snmp::Cycle& cycle);
    void note_agent(Device& device, const snmp::Cycle& cycle, const wire::WireStamp& stamp);
    void note_engine(Device& device, const std::string& id, const wire::WireStamp& stamp);
    void forget_engine(Device& device);
    [[nodiscard]] Device* sharing(const Device& device) const;
    void inform(const Device& device);
    // As told in the attribute; the version is the one that was answered.
    [[nodiscard]] const char* fallback_of(const Device& device, snmp::Version version) const;
    void take_packs(Device& device, const snmp::Cycle& cycle, wire::SampleRecord& record);
    void note_strain(Device& device, const snmp::Cycle& cycle, const wire::WireStamp& stamp);
    void note_status(Device& device, const snmp::Cycle& cycle);
    void recall();
    void on_recalled(const Result<StateSource::States>& states);
    void on_book_full(const std::string& device, bool total);
    void untell(const std::vector<wire::StateRecord>& states);

    Parts parts_;
    Credentials credentials_;
    std::map<std::string, std::unique_ptr<Device>> devices_;  // by id
    Engines engines_;
    Counters counters_;
    bool stopped_ = false;
    bool recalling_ = false;
    unsigned recall_failures_ = 0;   // in a row
    std::vector<std::string> full_;  // devices that reached their number of series: told with the next record
    std::set<std::string> told_full_;  // those of which it was said
    Timer recall_again_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outstation::polld
