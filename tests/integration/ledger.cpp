// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger of reliability tests: a producer that notes on disk what stored acknowledged, and the check that
// all of it is there, once.
//   ledger produce RUN_DIR FILE SECONDS   one record each 20 ms; a line "counter first_sequence" a batch
//                                         that was acknowledged
//   ledger flood RUN_DIR FILE SECONDS     the same with large records, as many as are taken
//                                         both end early on SIGTERM, when everything is acknowledged
//   ledger check RUN_DIR FILE             prints "acknowledged N, lost L, doubled D, phantom P"; exit code 0
//                                         when all are 0
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "daemons/polld/uplink.hpp"
#include "lib/ipc/client.hpp"
#include "lib/runtime/signals.hpp"
#include "lib/runtime/stamp.hpp"

namespace {

using namespace outstation;
using namespace std::chrono_literals;

constexpr const char* kDevice = "ledger-device";

// What is produced: records of so many values, a few at a time.
struct Load {
    std::size_t values;
    std::size_t at_once;
    std::size_t most_kept;  // while they wait to be acknowledged
    Duration every;
};
constexpr Load kSteady{1, 1, SIZE_MAX, 20ms};
constexpr Load kFlood{2000, 50, 3000, 5ms};  // more than stored lets wait

// The real link, noting each acknowledgement before the producer hears of it.
class NotingLink : public polld::StoreLink {
  public:
    NotingLink(ipc::Client& client, int file) : client_(client), file_(file) {}
    [[nodiscard]] bool connected() const override { return client_.connected(); }
    void define(const wire::DefineSeries& series) override {
        [[maybe_unused]] const auto sent = client_.send(series);
    }
    void append(const wire::AppendStates&, Answer) override {}
    void append(const wire::AppendSamples& batch, Answer answer) override {
        client_.request<wire::Appended>(batch, 60s, [this, answer](const Result<wire::Appended>& result) {
            if (result) note(*result);
            answer(result);
        });
    }

  private:
    void note(const wire::Appended& appended) const {
        char line[64];
        const int n =
            std::snprintf(line, sizeof line, "%llu %llu\n", static_cast<unsigned long long>(appended.counter),
                          static_cast<unsigned long long>(appended.first_sequence));
        if (write(file_, line, static_cast<std::size_t>(n)) != n || fdatasync(file_) != 0) std::abort();
    }
    ipc::Client& client_;
    int file_;
};

wire::SampleRecord make_record(const Loop& loop, const std::vector<std::uint32_t>& series,
                               std::uint64_t number) {
    wire::SampleRecord record;
    record.device = kDevice;
    record.stamp.wall_ns = loop.wall().time_since_epoch().count();
    record.counter_series = series;
    record.counters = {number};
    std::mt19937_64 random(number);
    while (record.counters.size() < series.size())
        record.counters.push_back(1'000'000 * number + random() % 1'000'000);
    return record;
}

int produce(const std::string& run_dir, const char* file, int seconds, const Load& load) {
    const auto loop = make_epoll_loop().value();
    const int fd = open(file, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return 1;
    ipc::Client client(*loop, run_dir + "/stored.sock",
                       wire::Hello{"ledger", OUTSTATION_VERSION, runtime::make_incarnation()});
    NotingLink link(client, fd);
    polld::SeriesBook book;
    std::vector<std::uint32_t> series;
    for (std::size_t i = 0; i < load.values; ++i) {
        const std::string name = i == 0 ? "ledger_value" : "ledger_value_" + std::to_string(i);
        series.push_back(book.number_of(SeriesInfo{{kDevice, name, {}}, SeriesKind::counter, "", 1}));
    }
    polld::Uplink::Options options;
    options.max_records = 1;
    options.max_bytes = SIZE_MAX;  // nothing is dropped that stored may have
    polld::Uplink uplink(*loop, link, book, options);
    client.on_connected([&] { uplink.on_connected(); });
    client.on_disconnected([&](const Error&) { uplink.on_disconnected(); });
    client.start();
    std::uint64_t made = 0;
    Timer tick, limit;
    MonoTime end = loop->now() + std::chrono::seconds(seconds);
    const auto signals = runtime::Signals::watch(*loop, {SIGTERM}, [&](int) { end = loop->now(); });
    if (!signals) return 1;
    std::function<void()> make = [&] {
        if (loop->now() >= end) {
            limit = loop->after(60s, [&] { loop->stop(); });
            return uplink.drain([&] { loop->stop(); });
        }
        for (std::size_t i = 0; i < load.at_once && uplink.kept_records() < load.most_kept; ++i)
            uplink.add(make_record(*loop, series, ++made));
        tick = loop->after(load.every, make);
    };
    make();
    loop->run();
    std::printf("made %llu, left %zu\n", static_cast<unsigned long long>(made), uplink.kept_records());
    return uplink.kept_records() == 0 ? 0 : 1;
}

// Every record of the samples stream, in order.
Result<std::map<std::uint64_t, std::vector<std::uint64_t>>> read_back(const std::string& run_dir) {
    const auto loop = make_epoll_loop().value();
    ipc::Client client(*loop, run_dir + "/stored.sock", wire::Hello{"ledger", OUTSTATION_VERSION, 1});
    client.start();
    std::map<std::uint64_t, std::vector<std::uint64_t>> sequences;  // by value
    std::uint64_t next = 1;
    for (;;) {
        Result<wire::ReplayReply> reply;
        client.request<wire::ReplayReply>(wire::ReplayRequest{StreamId::samples, next, 1000}, 10s,
                                          [&](Result<wire::ReplayReply> r) {
                                              reply = std::move(r);
                                              loop->stop();
                                          });
        loop->run();
        if (!reply) return fail(reply.error());
        // A kill can tear the write of what was not acknowledged: the store states that gap.
        for (const auto& gap : reply->gaps) next = std::max(next, gap.first_sequence + gap.count);
        if (reply->samples.empty() && !reply->more) return sequences;
        if (reply->first_sequence != next)
            return fail(ErrorCode::bug, "the stream has a hole before " + std::to_string(next));
        for (const auto& record : reply->samples) {
            if (record.device == kDevice && record.counters.empty())
                return fail(ErrorCode::bug, "the record " + std::to_string(next) + " has lost its values");
            if (record.device == kDevice) sequences[record.counters.front()].push_back(next);
            ++next;
        }
    }
}

int check(const std::string& run_dir, const char* file) {
    const auto found = read_back(run_dir);
    if (!found) {
        std::printf("cannot read back: %s\n", found.error().text.c_str());
        return 1;
    }
    std::map<std::uint64_t, std::uint64_t> acknowledged;
    std::ifstream in(file);
    std::uint64_t counter = 0;
    std::uint64_t sequence = 0;
    while (in >> counter >> sequence) acknowledged[counter] = sequence;
    int lost = 0;
    int doubled = 0;
    int phantom = 0;
    for (const auto& [value, at] : acknowledged) {
        const auto it = found->find(value);
        // A resend is acknowledged without its sequence (0): then it only has to be there.
        if (it == found->end() || (at != 0 && it->second.front() != at)) ++lost;
    }
    for (const auto& [value, at] : *found) {
        if (at.size() > 1) ++doubled;
        if (acknowledged.count(value) == 0) ++phantom;
    }
    std::printf("acknowledged %zu, lost %d, doubled %d, phantom %d\n", acknowledged.size(), lost, doubled,
                phantom);
    return acknowledged.empty() || lost + doubled + phantom > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 5 && std::strcmp(argv[1], "produce") == 0)
        return produce(argv[2], argv[3], std::atoi(argv[4]), kSteady);
    if (argc == 5 && std::strcmp(argv[1], "flood") == 0)
        return produce(argv[2], argv[3], std::atoi(argv[4]), kFlood);
    if (argc == 4 && std::strcmp(argv[1], "check") == 0) return check(argv[2], argv[3]);
    std::fprintf(stderr, "usage: ledger produce|flood RUN_DIR FILE SECONDS | ledger check RUN_DIR FILE\n");
    return 2;
}
