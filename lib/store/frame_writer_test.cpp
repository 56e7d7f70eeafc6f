// SPDX-License-Identifier: GPL-3.0-or-later
// Which frames of samples stand alone, and which define series.
#include "lib/store/journal/format.hpp"
#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

constexpr std::size_t kFlagsAt = 45;  // docs/formats/journal.md, "Frame"

struct FrameWriterTest : StoreTest {
    // Each record is a frame of its own.
    void poll(const std::string& device, std::uint64_t value, const std::string& interface = "1",
              const std::string& oid = "1.3.6.1") {
        auto def = counter_def(device, interface);
        def.oid = oid;
        wire::SampleRecord record = counter_sample(store->define(def).value(), value);
        record.device = device;
        store->append({"polld", incarnation, ++counter}, {record}, [](const Result<Accepted>&) {});
        loop.advance(std::chrono::seconds(10));
    }
    // Numbers of those that have this flag.
    [[nodiscard]] std::vector<std::size_t> frames_with(std::uint8_t flag) const {
        std::vector<std::size_t> out;
        std::size_t frame = 0;
        for (const std::string& path : files.paths()) {
            if (path.find("/samples-") == std::string::npos) continue;
            const std::string bytes = files.contents(path);
            for (std::size_t at = bytes.find("OFRM"); at != std::string::npos;
                 at = bytes.find("OFRM", at + 1)) {
                if ((bytes[at + kFlagsAt] & flag) != 0) out.push_back(frame);
                ++frame;
            }
        }
        EXPECT_EQ(frame, counter);
        return out;
    }
    [[nodiscard]] std::size_t payload_of_last_frame() const {
        std::size_t out = 0;
        for (const std::string& path : files.paths()) {
            if (path.find("/samples-") == std::string::npos) continue;
            const std::string bytes = files.contents(path);
            for (std::size_t at = bytes.find("OFRM"); at != std::string::npos;
                 at = bytes.find("OFRM", at + 1))
                out = static_cast<std::uint8_t>(bytes[at + 4]) +
                      256U * static_cast<std::uint8_t>(bytes[at + 5]) +
                      65536U * static_cast<std::uint8_t>(bytes[at + 6]);
        }
        return out;
    }
    [[nodiscard]] std::vector<std::size_t> keyed() const { return frames_with(kFlagKeyed); }
    std::uint64_t counter = 0;
};

// Devices that answer in turns are not forgotten before each of them was heard eight times.
TEST_F(FrameWriterTest, AFrameStandsAloneWhenEachDeviceHadEightRecords) {
    for (std::uint64_t round = 0; round < 20; ++round) {
        for (const char* device : {"a", "b", "c"}) poll(device, 600 * round);
    }
    EXPECT_EQ(keyed(), (std::vector<std::size_t>{0, 24, 48}));
    EXPECT_EQ(replay_all().size(), counter);
}

TEST_F(FrameWriterTest, SeriesThatComeAndGoMakeNoDeviceCountTwice) {
    for (std::uint64_t round = 0; round < 20; ++round) {
        for (const char* device : {"a", "b", "c"}) poll(device, 600 * round, std::to_string(round % 4));
    }
    EXPECT_EQ(keyed(), (std::vector<std::size_t>{0, 24, 48}));
    EXPECT_EQ(replay_all().size(), counter);
}

TEST_F(FrameWriterTest, ASeriesThatChangesItsOidIsDefinedAgain) {
    for (const char* oid : {"1.3.6.1", "1.3.6.1", "1.3.6.2", "1.3.6.2"}) poll("a", 600, "1", oid);
    for (int i = 0; i < 2; ++i) poll("a", 600, "2", "1.3.6.2");
    EXPECT_EQ(keyed(), std::vector<std::size_t>{0});
    EXPECT_EQ(frames_with(kFlagDefinitions), (std::vector<std::size_t>{0, 2, 4}));
}

// A unit that changes at each poll costs its own definition, not that of everybody.
TEST_F(FrameWriterTest, OneThatChangesMakesNoOtherBeDefinedAgain) {
    constexpr std::uint32_t kSeries = 2000;
    segment_octets = 1U << 20;
    open();
    const auto poll_all = [&](const std::string& oid) {
        wire::SampleRecord record = counter_sample(0, 0);
        record.counter_series.clear();
        record.counters.clear();
        for (std::uint32_t i = 0; i < kSeries; ++i) {
            auto def = counter_def("sw-01", std::to_string(i));
            if (i == 7) def.oid = oid;
            record.counter_series.push_back(store->define(def).value());
            record.counters.push_back(counter * 600);
        }
        store->append({"polld", incarnation, ++counter}, {record}, [](const Result<Accepted>&) {});
        loop.advance(std::chrono::seconds(10));
    };
    for (int poll = 0; poll < 8; ++poll) poll_all("1.3.6.1");
    const std::size_t steady = payload_of_last_frame();
    for (int poll = 0; poll < 6; ++poll) poll_all("1.3.6." + std::to_string(poll));
    RecordProperty("octets_steady", static_cast<int>(steady));
    RecordProperty("octets_changed", static_cast<int>(payload_of_last_frame()));
    EXPECT_LT(payload_of_last_frame(), steady + 200);
    store.reset();
    open();
    EXPECT_EQ(store->series(8)->oid, "1.3.6.5");
    EXPECT_EQ(replay_all().size(), counter);
}

}  // namespace
}  // namespace outstation::store
