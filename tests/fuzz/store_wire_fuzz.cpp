// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of a hostile producer or reader against a whole store in memory: whatever decodes is refused or
// kept, and after a restart everything that was acknowledged is there under its sequence number.
#include <cstdlib>

#include "lib/event/sim_loop.hpp"
#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/store.hpp"
#include "lib/wire/wire.hpp"

using namespace outstation;
using namespace std::chrono_literals;

namespace {

class Target {
  public:
    Target() { open(); }
    void open() {
        store_.reset();
        store::Journal::Options options;
        options.directory = "journal";
        options.bulk_segment_octets = options.urgent_segment_octets = 16384;
        options.make_identity = [] { return store::Identity{}; };
        store::StoreOpened opened;
        auto made = store::open_journal_store({loop_, files_, worker_, worker_, worker_}, options, opened);
        if (!made || !opened.damage.empty()) std::abort();
        store_ = std::move(*made);
    }
    void take(unsigned kind, std::string_view body) {
        switch (kind % 8) {
            case 0:
                return with<wire::DefineSeries>(body, [&](const auto& m) {
                    for (const auto& def : m.series) (void)store_->define(def);
                });
            case 1:
                return with<wire::AppendSamples>(body, [&](const auto& m) { append(m.counter, m.records); });
            case 2:
                return with<wire::AppendStates>(body, [&](const auto& m) { append(m.counter, m.records); });
            case 3:
                return with<wire::LatestRequest>(body, [&](const auto& m) { (void)store_->latest(m); });
            case 4:
                return with<wire::RangeRequest>(body, [&](const auto& m) { store_->range(m, kIgnore); });
            case 5:
                return with<wire::EventsRequest>(body, [&](const auto& m) { store_->events(m, kIgnore); });
            case 6:
                return with<wire::ReplayRequest>(body, [&](const auto& m) { store_->replay(m, kIgnore); });
            default:
                loop_.advance(10s);
        }
    }
    // Everything acknowledged is still there after the store is opened again.
    void finish() {
        store_->flush([] {});
        loop_.advance(1s);
        const auto before = store_->status();
        open();
        const auto after = store_->status();
        for (std::size_t i = 0; i < before.streams.size(); ++i) {
            if (before.streams[i].last_sequence != after.streams[i].last_sequence) std::abort();
            if (before.streams[i].durable_sequence != before.streams[i].last_sequence) std::abort();
        }
        store_.reset();
    }

  private:
    static constexpr auto kIgnore = [](const auto&) {};
    template <typename Message, typename Then>
    void with(std::string_view body, Then then) {
        const auto message = wire::decode<Message>(body);
        if (message) then(*message);
        loop_.advance(1ms);
    }
    template <typename Records>
    void append(std::uint64_t counter, const Records& records) {
        store_->append({"fuzz", 1, counter}, records, [](const Result<store::Accepted>&) {});
    }

    SimLoop loop_;
    store::FakeFileSystem files_;
    store::InlineWorker worker_;
    std::unique_ptr<store::Store> store_;
};

}  // namespace

// The input is a row of {kind u8, length u8, body}.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    Target target;
    while (input.size() >= 2) {
        const auto kind = static_cast<unsigned char>(input[0]);
        const std::size_t octets =
            std::min<std::size_t>(static_cast<unsigned char>(input[1]), input.size() - 2);
        target.take(kind, input.substr(2, octets));
        input.remove_prefix(2 + octets);
    }
    target.finish();
    return 0;
}
