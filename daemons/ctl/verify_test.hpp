// SPDX-License-Identifier: GPL-3.0-or-later
// For tests of verify: a station with a journal, history and states, and what verify says of it.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemons/ctl/station_test.hpp"
#include "daemons/ctl/verify.hpp"
#include "lib/store/columns/frame_columns.hpp"
#include "lib/store/history/history.hpp"
#include "lib/store/sqlite/vfs.hpp"
#include "lib/store/state/state_db.hpp"

namespace outstation::ctl {

class VerifyTest : public StationTest {
  protected:
    static constexpr std::uint64_t kRecords = 150;

    [[nodiscard]] std::string stored() const { return state() + "/stored"; }
    void write_journal() {
        const auto journal = open_journal();
        for (std::uint64_t i = 0; i < kRecords; ++i) ASSERT_TRUE(append(journal->stream(StreamId::state)));
    }
    void write_history() {
        store::FakeRoom room(3, 300'000'000'000);
        store::HistoryStore::Opened opened;
        auto store =
            store::HistoryStore::open(*files_, {stored() + "/history", store::FakeRoom::identity()}, opened);
        ASSERT_TRUE(store);
        for (int window = 0; window < 3; ++window) {
            room.measure_window();
            ASSERT_TRUE(room.seal(**store));
        }
    }
    std::unique_ptr<store::StateDb> write_states() {
        std::filesystem::create_directories(stored() + "/state");
        auto states = store::StateDb::open(*vfs_, stored() + "/state/state.db", store::FakeRoom::identity());
        EXPECT_TRUE(states);
        for (std::uint64_t i = 1; i <= 50; ++i) EXPECT_TRUE((*states)->apply(i, {state_record(i)}));
        return std::move(*states);
    }
    int look() {
        const int code = said([&] { return verify(target(true)); });
        report_ = out_.empty() ? nlohmann::json() : nlohmann::json::parse(out_);
        return code;
    }
    // The lines of damage, one text each.
    [[nodiscard]] std::string lines() const { return report_["damage"].dump(); }
    [[nodiscard]] nlohmann::json part(const std::string& name) const {
        for (const nlohmann::json& each : report_["parts"]) {
            if (each["part"] == name) return each;
        }
        return nullptr;
    }
    [[nodiscard]] std::vector<std::string> segments() const {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(stored() + "/journal")) {
            if (entry.path().extension() == ".journal") out.push_back(entry.path());
        }
        std::sort(out.begin(), out.end());
        return out;
    }
    static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
    [[nodiscard]] std::string window(int number) const {
        const char* names[] = {"raw-20260101T00-2h-00123456789a-00000000000000000001.db",
                               "raw-20260101T02-2h-00123456789a-00000000000000000073.db",
                               "raw-20260101T04-2h-00123456789a-00000000000000000145.db"};
        return stored() + "/history/" + names[number];
    }
    static void flip(const std::string& path, std::size_t offset) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(offset));
        const char was = static_cast<char>(file.get());
        file.seekp(static_cast<std::streamoff>(offset));
        file.put(static_cast<char>(was ^ 0x10));
    }

    std::unique_ptr<store::Vfs> vfs_ = store::Vfs::make(*files_).value();
    nlohmann::json report_;
};

}  // namespace outstation::ctl
