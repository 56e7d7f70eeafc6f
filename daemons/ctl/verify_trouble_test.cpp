// SPDX-License-Identifier: GPL-3.0-or-later
// What verify cannot read, what it does not know, and what is missing: named, while the rest is looked at.
#include "daemons/ctl/verify_test.hpp"
#include "lib/store/journal/crc32c.hpp"
#include "lib/store/sqlite/database.hpp"
#include "lib/store/sqlite/page_checksum.hpp"

namespace outstation::ctl {
namespace {

class VerifyTroubleTest : public VerifyTest {
  protected:
    // One frame of columns: two records, relative to what was before unless `keyed`.
    static void append_samples(store::JournalStream& stream, store::FrameEncoder& encoder, bool keyed) {
        wire::FrameBody body;
        for (std::uint64_t i = 0; i < 2; ++i) {
            wire::SampleRecord& record = body.samples.emplace_back();
            const std::uint64_t number = stream.next_sequence() + i;
            record.device = "sw-01";
            record.stamp.wall_ns = kStartNs + static_cast<std::int64_t>(number) * 1'000'000'000;
            std::mt19937_64 random(number);
            for (std::uint32_t id = 1; id <= 200; ++id) {
                record.gauge_series.push_back(id);
                record.gauges.push_back(static_cast<double>(random()));
            }
        }
        append_columns(stream, body, encoder.encode(body, keyed).value());
    }
    static void append_columns(store::JournalStream& stream, const wire::FrameBody& body,
                               const std::string& payload) {
        ASSERT_TRUE(stream.prepare(payload.size(), kStartNs));
        store::FrameInfo info;
        info.first_sequence = stream.next_sequence();
        info.records = static_cast<std::uint32_t>(body.samples.size());
        info.t0_ns = body.samples.front().stamp.wall_ns;
        info.t1_ns = body.samples.back().stamp.wall_ns;
        ASSERT_TRUE(stream.write_columns(info, payload));
    }
    // Another format version in the head that begins with `magic`, with checksums that are right.
    static void make_newer(const std::string& path, const std::string& magic, std::size_t crc_at) {
        std::string bytes = content(path);
        const std::size_t at = bytes.find(magic);
        ASSERT_NE(at, std::string::npos);
        bytes[at + magic.size()] = 9;
        const std::uint32_t crc = store::crc32c(std::string_view(bytes).substr(at, crc_at));
        for (std::size_t i = 0; i < 4; ++i) bytes[at + crc_at + i] = static_cast<char>(crc >> (8 * i));
        if (path.ends_with(".db")) {
            const std::size_t number = at / store::kPageOctets;
            std::string page = bytes.substr(number * store::kPageOctets, store::kPageOctets);
            store::seal_page(page, number);
            page.copy(bytes.data() + number * store::kPageOctets, page.size());
        }
        put(path, bytes);
    }
};

TEST_F(VerifyTroubleTest, ASegmentThatWasSetAsideIsNamed) {
    write_journal();
    const std::string first = segments().front();
    std::filesystem::rename(first, first + ".bad");
    EXPECT_EQ(look(), kDamaged);
    ASSERT_EQ(report_["damage"].size(), 1U) << lines();
    EXPECT_EQ(report_["damage"][0]["file"], "journal/" + name_of(first) + ".bad");
    EXPECT_EQ(part("journal state")["damaged"], 1);
}

TEST_F(VerifyTroubleTest, WhateverWasSetAsideIsNamed) {
    write_journal();
    write_history();
    write_states();
    std::filesystem::copy_file(window(1), window(1) + ".bad");
    put(stored() + "/journal/identity.bad", "?");
    put(stored() + "/state/state.db.aside", "?");
    EXPECT_EQ(look(), kDamaged);
    EXPECT_EQ(report_["damaged"], 3) << lines();
    for (const std::string& name : {"history/" + name_of(window(1)) + ".bad",
                                    std::string("journal/identity.bad"), std::string("state/state.db.aside")})
        EXPECT_NE(lines().find('"' + name + '"'), std::string::npos) << lines();
}

// As an error of the disk is: a directory can be opened, and not read.
TEST_F(VerifyTroubleTest, WhatTheDiskCannotReadIsNamedAndTheRestIsLookedAt) {
    write_journal();
    write_history();
    write_states();
    const auto files = segments();
    for (const std::string& path : {files[1], window(1), stored() + "/journal/identity"}) {
        std::filesystem::remove(path);
        std::filesystem::create_directory(path);
    }
    EXPECT_EQ(look(), kDamaged);
    for (const std::string& name :
         {"journal/" + name_of(files[1]), "history/" + name_of(window(1)), std::string("journal/identity")})
        EXPECT_NE(lines().find('"' + name + '"'), std::string::npos) << lines();
    EXPECT_EQ(part("journal state")["files"], files.size());
    EXPECT_EQ(part("history raw")["records"], 2 * 24 * 3);
    EXPECT_EQ(part("states")["records"], 50);
    std::filesystem::remove(stored() + "/state/state.db");
    std::filesystem::create_directory(stored() + "/state/state.db");
    EXPECT_EQ(look(), kDamaged);
    EXPECT_EQ(part("states")["damaged"], 1) << lines();
    EXPECT_EQ(part("history raw")["files"], 3);
}

TEST_F(VerifyTroubleTest, FilesOfAnotherFormatAreNamedAndTheRestIsLookedAt) {
    write_journal();
    write_history();
    write_states();
    const auto files = segments();
    make_newer(files[1], "OSTNJRNL", 76);
    make_newer(window(1), "OSTNHIST", 116);
    EXPECT_EQ(look(), kUsage);
    EXPECT_EQ(report_["damaged"], 0) << lines();
    EXPECT_EQ(report_["unknown"], 2);
    ASSERT_EQ(report_["passed_over"].size(), 2U);
    EXPECT_EQ(report_["passed_over"][0]["file"], "journal/" + name_of(files[1]));
    EXPECT_EQ(report_["passed_over"][1]["file"], "history/" + name_of(window(1)));
    EXPECT_EQ(part("journal state")["unknown"], 1);
    EXPECT_EQ(part("history raw")["records"], 2 * 24 * 3);
    EXPECT_EQ(part("states")["records"], 50);
    EXPECT_EQ(said([&] { return verify(target()); }), kUsage);
    EXPECT_EQ(out_.find("nothing is damaged"), std::string::npos) << out_;
    EXPECT_NE(out_.find("not looked at: "), std::string::npos) << out_;
    flip(window(0), 5000);
    EXPECT_EQ(look(), kDamaged);
}

TEST_F(VerifyTroubleTest, AFrameOfColumnsThatCannotBeDecodedIsNamed) {
    {
        const auto journal = open_journal();
        store::FrameEncoder encoder;
        for (int i = 0; i < 3; ++i) append_samples(journal->stream(StreamId::samples), encoder, false);
    }
    EXPECT_EQ(look(), kDone) << out_;
    EXPECT_EQ(part("journal samples")["records"], 6);
    const std::string path = segments().front();
    const std::string whole = content(path);
    flip(path, store::kSegmentHeaderOctets + store::kFrameHeaderOctets + 9);
    EXPECT_EQ(look(), kDamaged);
    EXPECT_EQ(report_["damaged"], 3) << lines();  // those behind it need it
    put(path, whole);
    {
        const auto journal = open_journal();
        wire::FrameBody body;
        body.samples.resize(1);
        append_columns(journal->stream(StreamId::samples), body, "rubbish, and its checksum is right");
    }
    EXPECT_EQ(look(), kDamaged);
    ASSERT_EQ(report_["damaged"], 1) << lines();
    EXPECT_EQ(report_["damage"][0]["first_sequence"], 7);
}

TEST_F(VerifyTroubleTest, SamplesThatAreNeitherInHistoryNorInTheJournalAreFound) {
    write_history();
    const auto journal = open_journal();
    store::JournalStream& samples = journal->stream(StreamId::samples);
    store::FrameEncoder encoder;
    while (samples.next_sequence() < 300) append_samples(samples, encoder, true);
    ASSERT_TRUE(samples.drop_to(216));
    EXPECT_EQ(look(), kDone) << out_;
    while (samples.view().first_sequence() <= 217) ASSERT_TRUE(samples.drop_oldest().value());
    EXPECT_EQ(look(), kDamaged);
    ASSERT_EQ(report_["damaged"], 1) << lines();
    EXPECT_EQ(report_["damage"][0]["first_sequence"], 217);
    EXPECT_EQ(report_["damage"][0]["last_sequence"], samples.view().first_sequence() - 1);
    // Unless the ledger says why.
    wire::FrameBody body;
    body.ledger.resize(1);
    body.ledger[0].account = wire::Account::dropped;
    body.ledger[0].first_sequence = 217;
    body.ledger[0].last_sequence = samples.view().first_sequence() - 1;
    const std::string bytes = wire::encode(body);
    store::JournalStream& ledger = journal->stream(StreamId::ledger);
    ASSERT_TRUE(ledger.prepare(bytes.size(), kStartNs));
    store::FrameInfo info;
    info.first_sequence = info.records = 1;
    ASSERT_TRUE(ledger.write(info, bytes));
    EXPECT_EQ(look(), kDone) << out_;
    std::filesystem::remove_all(stored() + "/history");
    EXPECT_EQ(look(), kDamaged);
    EXPECT_EQ(report_["damage"][0]["last_sequence"], 216) << lines();
}

TEST_F(VerifyTroubleTest, WhatCouldNotBeReadWhenItWasSealedIsNamed) {
    write_journal();
    store::FakeRoom room(1, 300'000'000'000);
    room.measure_window();
    const std::uint64_t last = room.last();
    {
        store::HistoryStore::Opened opened;
        auto store =
            store::HistoryStore::open(*files_, {stored() + "/history", store::FakeRoom::identity()}, opened)
                .value();
        auto sealer = store->seal({1, last + 2}, store::FakeRoom::kStartNs, {{last + 1, last + 2}}).value();
        ASSERT_TRUE(sealer->add(store::FakeRoom::device_name(0), room.records(), {}));
        ASSERT_TRUE(sealer->commit());
    }
    EXPECT_EQ(look(), kDamaged);
    ASSERT_EQ(report_["damaged"], 1) << lines();
    EXPECT_EQ(report_["damage"][0]["first_sequence"], last + 1);
    EXPECT_EQ(report_["damage"][0]["last_sequence"], last + 2);
}

}  // namespace
}  // namespace outstation::ctl
