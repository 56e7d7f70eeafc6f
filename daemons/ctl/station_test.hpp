// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: a directory with the files of a station, and commands that are run with what they print kept.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

#include "daemons/ctl/outcome.hpp"
#include "daemons/ctl/said_test.hpp"
#include "lib/store/history/fake_room.hpp"
#include "lib/store/journal/journal.hpp"
#include "lib/wire/records.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::ctl {

inline std::atomic<int> came = 0;  // the signal may land on any thread

// What a signal would have done to the process is done in the end, when all is in order.
class SignalsOfThisProcess {
  public:
    SignalsOfThisProcess() {
        came = 0;
        struct sigaction action {};
        action.sa_handler = [](int number) { came = number; };
        for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
    }
    ~SignalsOfThisProcess() {
        for (const int number : {SIGINT, SIGTERM, SIGHUP}) (void)signal(number, SIG_DFL);
    }
};

class StationTest : public SaidTest {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(dir_), nullptr);
        std::filesystem::create_directories(state() + "/stored");
        std::filesystem::create_directories(state() + "/confd/secrets");
    }
    void TearDown() override { std::filesystem::remove_all(dir_); }

    [[nodiscard]] std::string at(const std::string& name) const { return std::string(dir_) + "/" + name; }
    [[nodiscard]] std::string state() const { return at("station"); }
    [[nodiscard]] Target target(bool json = false) const { return {at("run"), json, state()}; }

    static void put(const std::string& path, const std::string& content, mode_t mode = 0600) {
        std::ofstream(path, std::ios::binary) << content;
        ASSERT_EQ(chmod(path.c_str(), mode), 0);
    }
    static std::string content(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // Paths below a directory with mode and content ("/" for a directory).
    static std::map<std::string, std::string> tree(const std::string& top) {
        std::map<std::string, std::string> out;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
            struct stat info {};
            EXPECT_EQ(lstat(entry.path().c_str(), &info), 0);
            out[entry.path().string().substr(top.size() + 1)] =
                std::to_string(info.st_mode) + (entry.is_regular_file() ? content(entry.path()) : "/");
        }
        return out;
    }

    // The journal of the station, small segments.
    [[nodiscard]] std::unique_ptr<store::Journal> open_journal() { return open_journal(state(), opened_); }
    [[nodiscard]] std::unique_ptr<store::Journal> open_journal(const std::string& station,
                                                               store::Journal::Opened& opened) {
        store::Journal::Options options;
        options.directory = station + "/stored/journal";
        options.bulk_segment_octets = options.urgent_segment_octets = 16384;
        options.make_identity = &store::FakeRoom::identity;
        auto journal = store::Journal::open(*files_, std::move(options), opened);
        EXPECT_TRUE(journal) << journal.error().text;
        return journal ? std::move(*journal) : nullptr;
    }
    static wire::StateRecord state_record(std::uint64_t number) {
        wire::StateRecord record;
        record.device = "ups-" + std::to_string(number % 50);
        record.stamp.wall_ns = kStartNs + static_cast<std::int64_t>(number) * 1'000'000'000;
        record.kind = number % 2 == 0 ? "device_up" : "device_down";
        std::mt19937_64 random(number);
        while (record.reason.size() < 200) record.reason += static_cast<char>('0' + random() % 70);
        return record;
    }
    // One frame of one record.
    static Result<void> append(store::JournalStream& stream) {
        wire::FrameBody body;
        const std::uint64_t sequence = stream.next_sequence();
        body.states = {state_record(sequence)};
        const std::string bytes = wire::encode(body);
        const std::int64_t time_ns = body.states[0].stamp.wall_ns;
        if (const auto room = stream.prepare(bytes.size(), time_ns); !room) return fail(room.error());
        store::FrameInfo info;
        info.first_sequence = sequence;
        info.records = 1;
        info.t0_ns = info.t1_ns = time_ns;
        return stream.write(info, bytes);
    }

    static constexpr std::int64_t kStartNs = 1'767'225'600'000'000'000;
    char dir_[32] = "/tmp/outstation-care-XXXXXX";
    std::unique_ptr<store::FileSystem> files_ = store::make_real_file_system();
    store::Journal::Opened opened_;
};

}  // namespace outstation::ctl
