// SPDX-License-Identifier: GPL-3.0-or-later
// Round trips, hostile bytes, and protoc as the independent reader of what we write.
#include "lib/wire/wire.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "lib/wire/latest_writer.hpp"
#include "lib/wire/records.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::wire {
namespace {

FrameBody example() {
    FrameBody body;
    body.series.push_back(SeriesDef{7,
                                    "sw-01",
                                    "if_in_octets_total",
                                    {{"if_name", "GE0/1"}},
                                    SeriesKind::counter,
                                    "1.3.6.1.2.1.31.1.1.1.6.1",
                                    1.0});
    body.batches.push_back(BatchMark{"polld", 99, 3, 1000, 1});
    SampleRecord sample;
    sample.device = "sw-01";
    sample.stamp = WireStamp{1'763'700'000'000'000'000, -5, "", ClockQuality::synchronised};
    sample.counter_series = {7};
    sample.counters = {UINT64_MAX};
    sample.gauge_series = {8, 9};
    sample.gauges = {21.5, -0.0};
    body.samples.push_back(sample);
    body.boot_id = "0123456789abcdef";
    LedgerRecord entry;
    entry.stamp = sample.stamp;
    entry.account = Account::dropped;
    entry.device = "sw-01";
    entry.from_ns = -1;
    entry.to_ns = 1'763'700'000'000'000'000;
    entry.first_sequence = 1;
    entry.last_sequence = UINT64_MAX;
    entry.reason = "size";
    entry.step_ns = 60;
    body.ledger.push_back(entry);
    StateRecord alarm;
    alarm.device = "sw-01";
    alarm.kind = kAlarmKind;
    alarm.component = "GE0/1";
    alarm.alarm = AlarmState{.rule = "interface-down",
                             .step = AlarmStep::reopened,
                             .revision = 12,
                             .open = true,
                             .severity = Severity::major,
                             .occurrence = 9,
                             .raised_ns = 1'763'700'000'000'000'000,
                             .since_ns = -2,
                             .reopened = 1,
                             .by = "root",
                             .text = "看过",
                             .acknowledged_by = "ops",
                             .acknowledged_ns = 3,
                             .assignee = "li",
                             .shelved_until_ns = 4,
                             .value = 0.0,
                             .limit = -1.5,
                             .name_zh = "端口断开",
                             .name_en = "Interface down",
                             .token = "5f"};
    body.states.push_back(alarm);
    return body;
}

TEST(Wire, RoundTripKeepsEveryField) {
    const FrameBody body = example();
    const auto back = decode<FrameBody>(encode(body));
    ASSERT_TRUE(back) << back.error().text;
    EXPECT_EQ(*back, body);
}

TEST(Wire, EveryTruncationIsMalformedOrShorterNeverACrash) {
    const std::string bytes = encode(example());
    int refused = 0;
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        const auto back = decode<FrameBody>(std::string_view(bytes).substr(0, n));
        if (!back) {
            EXPECT_EQ(back.error().code, ErrorCode::malformed);
            ++refused;
        }
    }
    EXPECT_GT(refused, static_cast<int>(bytes.size()) / 2);
}

TEST(Wire, WrongWireTypeIsNamed) {
    const std::string bytes = "\x0a\x01x";  // field 1 of Appended is a number, here it is text
    const auto back = decode<Appended>(bytes);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().text, "Appended field 1: wrong wire type");
}

TEST(Wire, NumbersThatDoNotFitAreRefused) {
    EXPECT_FALSE(decode<StreamStatus>("\x08\xff\xff\x03"));                    // enum of 8 bits
    EXPECT_FALSE(decode<SeriesDef>(std::string("\x08\xff\xff\xff\xff\x1f")));  // 33 bits
}

TEST(Wire, UnknownFieldsOfANewerPeerAreSkipped) {
    const auto back = decode<Appended>(std::string("\x08\x05\xf8\x07\x01", 5));  // field 1 = 5, field 127 = 1
    ASSERT_TRUE(back) << back.error().text;
    EXPECT_EQ(back->counter, 5U);
}

TEST(Wire, RepeatedMessagesAreBounded) {
    std::string bytes;
    for (std::size_t i = 0; i <= kMaxElements; ++i) bytes += std::string("\x0a\x00", 2);
    EXPECT_FALSE(decode<DefineSeries>(bytes));
}

TEST(Wire, AccountsHaveWords) {
    for (const char* word : {"not_collected", "dropped", "thinned", "damaged", "unknown"}) {
        const auto account = account_from(word);
        ASSERT_TRUE(account) << word;
        EXPECT_EQ(word_of(*account), word);
    }
    EXPECT_EQ(account_from("not_collected"), Account::not_collected);
    EXPECT_EQ(word_of(static_cast<Account>(9)), "unknown");
    EXPECT_FALSE(account_from("lost"));
}

TEST(Wire, LatestRowsAreWrittenAsTheyAreEncoded) {
    LatestReply reply;
    reply.more = true;
    reply.rows.resize(4);
    reply.rows[1].series = example().series[0];
    reply.rows[1].wall_ns = 1'763'700'000'000'000'000;
    reply.rows[1].counter = UINT64_MAX;
    reply.rows[1].previous_wall_ns = -1;
    reply.rows[2].series.device = std::string(5000, 'x');
    reply.rows[2].gauge = -1.5;
    reply.rows[2].previous_gauge = -0.0;
    LatestRow& longest = reply.rows[3];
    longest = {reply.rows[1].series, INT64_MIN, UINT64_MAX, 0.1, INT64_MIN, UINT64_MAX, 0.2};
    LatestWriter writer(0);
    std::size_t before = 0;
    for (const LatestRow& row : reply.rows) {
        before = writer.octets() + encode(row.series).size();
        writer.add(encode(row.series), row);
    }
    EXPECT_LE(writer.octets(), before + LatestWriter::kMaxRowOctets);
    EXPECT_EQ(writer.finish(true).bytes, encode(reply));
    EXPECT_EQ(LatestWriter(9).finish(false).bytes, encode(LatestReply{}));
}

// protoc reads our bytes by the .proto file: the schema and the code cannot drift apart unseen.
TEST(Wire, ProtocReadsWhatWeWrite) {
    if (std::system("command -v protoc >/dev/null 2>&1") != 0) GTEST_SKIP() << "protoc is not installed";
    char path[] = "/tmp/outstation-wire-XXXXXX";
    const int fd = mkstemp(path);
    ASSERT_GE(fd, 0);
    std::ofstream(path, std::ios::binary) << encode(example());
    const std::string command =
        std::string("protoc -I lib/wire --decode=outstation.FrameBody lib/wire/records.proto < ") + path;
    FILE* pipe = popen(command.c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string text;
    char buffer[512];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
    EXPECT_EQ(pclose(pipe), 0);
    std::remove(path);
    for (const char* expected :
         {"metric: \"if_in_octets_total\"", "counters: 18446744073709551615", "gauges: 21.5",
          "wall_ns: 1763700000000000000", "mono_ns: -5", "quality: SYNCHRONISED", "kind: COUNTER"}) {
        EXPECT_NE(text.find(expected), std::string::npos) << expected << " in\n" << text;
    }
}

}  // namespace
}  // namespace outstation::wire
