// SPDX-License-Identifier: GPL-3.0-or-later
// Verifying: a whole station is well, each kind of damage is named, and nothing is ever written.
#include "daemons/ctl/verify_test.hpp"

#include <atomic>
#include <thread>

#include "daemons/ctl/time_text.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

TEST_F(VerifyTest, AStationThatRestsIsWellAndStaysAsItIs) {
    write_journal();
    write_history();
    write_states();
    const auto before = tree(state());
    EXPECT_EQ(look(), kDone) << out_;
    EXPECT_EQ(tree(state()), before);
    EXPECT_EQ(part("journal state")["records"], kRecords);
    EXPECT_EQ(part("journal state")["files"], segments().size());
    EXPECT_GT(segments().size(), 2U);
    EXPECT_EQ(part("history raw")["files"], 3);
    EXPECT_EQ(part("history raw")["records"], 3 * 24 * 3);
    EXPECT_EQ(part("states")["records"], 50);
    EXPECT_EQ(said([&] { return verify(target()); }), kDone);
    EXPECT_NE(out_.find("journal state"), std::string::npos) << out_;
    EXPECT_NE(out_.find("nothing is damaged\n"), std::string::npos) << out_;
}

TEST_F(VerifyTest, ARestoredStationIsWellOverTheBorderOfItsEpochs) {
    write_journal();
    write_history();
    std::ofstream(stored() + "/journal/new-epoch").close();
    EXPECT_EQ(look(), kDone) << out_;
    {
        const auto journal = open_journal();
        EXPECT_TRUE(opened_.new_epoch);
        for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(journal->stream(StreamId::state)));
    }
    EXPECT_EQ(look(), kDone) << out_;
    EXPECT_EQ(part("journal state")["records"], kRecords + 20);
    // The last segment of the former epoch.
    std::filesystem::remove(segments().end()[-2]);
    EXPECT_EQ(look(), kDamaged);
    EXPECT_EQ(report_["damage"].at(0)["last_sequence"], kRecords);
    EXPECT_NE(lines().find("records are missing before this segment"), std::string::npos) << lines();
}

TEST_F(VerifyTest, ARunningStationIsWellAndStaysAsItIs) {
    write_history();
    const auto states = write_states();  // its log is not in the database yet
    const auto journal = open_journal();
    for (std::uint64_t i = 0; i < 20; ++i) ASSERT_TRUE(append(journal->stream(StreamId::state)));
    const auto before = tree(state());
    EXPECT_TRUE(before.contains("stored/state/state.db-wal"));
    EXPECT_EQ(look(), kDone) << out_;
    EXPECT_EQ(tree(state()), before);
    EXPECT_EQ(part("states")["records"], 50);
    // Nobody is kept out, or in.
    EXPECT_TRUE(append(journal->stream(StreamId::state)));
}

TEST_F(VerifyTest, WhatIsWrittenMeanwhileIsNoDamage) {
    const auto journal = open_journal();
    std::atomic<bool> stop = false;
    std::atomic<std::uint64_t> written = 0;
    std::thread writer([&] {
        while (!stop && append(journal->stream(StreamId::state))) {
            ++written;
            if (journal->stream(StreamId::state).segments() > 3)
                (void)journal->stream(StreamId::state).drop_oldest();
        }
    });
    for (int looks = 0; looks < 30 || (written < 10 && looks < 10'000); ++looks)
        EXPECT_EQ(look(), kDone) << out_;
    stop = true;
    writer.join();
    EXPECT_GE(written, 10U);
}

TEST_F(VerifyTest, EveryDamagedOctetOfASegmentIsFound) {
    write_journal();
    const std::string path = segments().front();
    const std::string whole = content(path);
    std::size_t end = whole.size() - store::kTrailerOctets;
    while (whole[end - 1] == 0) --end;
    for (std::size_t at = 0; at < end; at += at < 80 ? 1 : 211) {
        if (at >= 80 && at < store::kSegmentHeaderOctets) continue;  // zero, and ignored
        flip(path, at);
        EXPECT_EQ(look(), kDamaged) << at;
        flip(path, at);
    }
    for (std::size_t at = whole.size() - store::kTrailerOctets; at < whole.size(); ++at) {
        flip(path, at);
        EXPECT_EQ(look(), kDamaged) << at;
        flip(path, at);
    }
    EXPECT_EQ(look(), kDone) << out_;
}

TEST_F(VerifyTest, DamageInTheJournalNamesItsRecords) {
    write_journal();
    const auto files = segments();
    flip(files[0], store::kSegmentHeaderOctets + store::kFrameHeaderOctets + 5);
    EXPECT_EQ(look(), kDamaged);
    EXPECT_EQ(report_["damage"][0]["first_sequence"], 1);
    EXPECT_EQ(report_["damage"][0]["last_sequence"], 1);
    EXPECT_EQ(part("journal state")["records"], kRecords - 1);
    EXPECT_EQ(said([&] { return verify(target()); }), kDamaged);
    EXPECT_NE(out_.find("journal/state-00000000000000000001.journal, records 1 to 1:"), std::string::npos)
        << out_;
}

TEST_F(VerifyTest, AMissingSegmentIsFoundButNotADroppedOne) {
    write_journal();
    const auto files = segments();
    std::filesystem::remove(files[0]);
    EXPECT_EQ(look(), kDone) << out_;
    std::filesystem::remove(files[2]);
    EXPECT_EQ(look(), kDamaged);
    EXPECT_NE(lines().find("missing before this segment"), std::string::npos) << lines();
}

// A station that was cut off in the middle of a write.
TEST_F(VerifyTest, ATornEndIsToldUntilTheStationSettlesIt) {
    write_journal();
    const std::string path = segments().back();
    std::string bytes = content(path);
    std::size_t end = bytes.size();
    while (bytes[end - 1] == 0) --end;
    flip(path, end - 1);
    EXPECT_EQ(look(), kDamaged);
    EXPECT_NE(lines().find("cut short"), std::string::npos) << lines();
    (void)open_journal();
    EXPECT_EQ(look(), kDone) << out_;
}

TEST_F(VerifyTest, DamageInHistoryNamesFileAndTime) {
    write_journal();
    write_history();
    const std::string name = "raw-20260101T02-2h-00123456789a-00000000000000000073.db";
    const std::string path = stored() + "/history/" + name;
    ASSERT_TRUE(std::filesystem::exists(path));
    const std::size_t size = std::filesystem::file_size(path);
    for (std::size_t at = 3; at < size; at += 509) {
        flip(path, at);
        EXPECT_EQ(look(), kDamaged) << at;
        EXPECT_NE(lines().find(name), std::string::npos) << lines();
        flip(path, at);
    }
    EXPECT_EQ(look(), kDone) << out_;
    flip(path, 3);
    EXPECT_EQ(said([&] { return verify(target()); }), kDamaged);
    EXPECT_NE(out_.find("2026-01-01T02:00:00Z"), std::string::npos) << out_;
}

TEST_F(VerifyTest, ASequenceInNoHistoryFileIsFound) {
    write_journal();
    write_history();
    ASSERT_TRUE(std::filesystem::remove(stored() +
                                        "/history/raw-20260101T02-2h-00123456789a-00000000000000000073.db"));
    EXPECT_EQ(look(), kDamaged);
    EXPECT_EQ(report_["damage"][0]["first_sequence"], 73);
    EXPECT_EQ(report_["damage"][0]["last_sequence"], 144);
}

TEST_F(VerifyTest, DamagedStatesAreFound) {
    write_journal();
    write_states();
    const std::string path = stored() + "/state/state.db";
    const std::string whole = content(path);
    std::size_t found = 0;
    for (std::size_t page = 0; page < whole.size(); page += 4096) {
        std::string changed = whole;
        changed[page + 20 + page / 4096 % 4000] ^= 1;
        put(path, changed);
        if (look() == kDamaged) ++found;
    }
    EXPECT_EQ(found, whole.size() / 4096);
    put(path, "no database at all");
    EXPECT_EQ(look(), kDamaged);
    EXPECT_NE(lines().find("state/state.db"), std::string::npos) << lines();
    EXPECT_EQ(lines().find("outstation-verify"), std::string::npos) << lines();
}

// The copy of the states, which may be large.
TEST_F(VerifyTest, AVerifyThatIsInterruptedLeavesNothing) {
    write_journal();
    write_states();
    std::filesystem::resize_file(stored() + "/state/state.db", 32U << 20U);
    const std::string folder = at("copies");
    std::filesystem::create_directory(folder);
    setenv("TMPDIR", folder.c_str(), 1);
    err_.clear();
    const SignalsOfThisProcess signals;
    // It may be through before the other thread has seen the copy.
    for (int tries = 0; tries < 50 && err_.find("interrupted") == std::string::npos; ++tries) {
        std::atomic<bool> through = false;
        std::thread person([&] {
            while (!through && std::filesystem::is_empty(folder))
                std::this_thread::sleep_for(std::chrono::microseconds(100));
            if (!through) kill(getpid(), SIGINT);
        });
        look();
        through = true;
        person.join();
        EXPECT_TRUE(std::filesystem::is_empty(folder));
    }
    unsetenv("TMPDIR");
    EXPECT_NE(err_.find("interrupted"), std::string::npos) << err_;
    EXPECT_EQ(came, SIGINT);
}

TEST_F(VerifyTest, WhereNoStationIsThereIsNothingToVerify) {
    EXPECT_EQ(look(), kUsage);
    EXPECT_EQ(json::parse(err_)["error"]["code"], "not_found");
}

TEST(TimeText, IsWrittenAndReadInUtc) {
    EXPECT_EQ(iso_time(1'767'225'600'000'000'000), "2026-01-01T00:00:00Z");
    EXPECT_EQ(iso_time(1'767'225'600'250'999'999), "2026-01-01T00:00:00.250Z");
    EXPECT_EQ(parse_time("2026-01-01").value(), 1'767'225'600'000'000'000);
    EXPECT_EQ(parse_time("2026-01-01T00:00:00.25Z").value(), 1'767'225'600'250'000'000);
    EXPECT_EQ(parse_time("2026-01-01 01:30").value(), 1'767'231'000'000'000'000);
    for (const char* wrong : {"", "now", "2026-02-30", "2026-01-01T", "2026-01-01T24:00", "2026-01-01T10",
                              "2026-01-01T10:00:00+08:00", "1969-01-01", "2026-01-01T10:00:00.Z"})
        EXPECT_FALSE(parse_time(wrong)) << wrong;
}

}  // namespace
}  // namespace outstation::ctl
