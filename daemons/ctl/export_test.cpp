// SPDX-License-Identifier: GPL-3.0-or-later
// Exports from a played stored: every page is asked for, every row is quoted, what is missing is told.
#include "daemons/ctl/export_command.hpp"

#include <atomic>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "daemons/ctl/played_daemons_test.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::ctl {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;  // 2026-01-01

class ExportTest : public PlayedDaemons {
  protected:
    static wire::SeriesDef series(std::uint32_t id, const std::string& device, SeriesKind kind) {
        wire::SeriesDef out;
        out.id = id;
        out.device = device;
        out.metric = kind == SeriesKind::counter ? "if_in_octets_total" : "temperature_celsius";
        out.labels = {{"if_name", "port \"1\", left"}};
        out.kind = kind;
        return out;
    }
    // Two devices on two pages; ranges in two pieces of one second each.
    void serve_samples(std::vector<wire::DamagedSpan> damaged = {}) {
        auto& server = serve("stored");
        server.on<wire::LatestRequest>(
            [](ipc::Peer&, const wire::LatestRequest& request, const ipc::Responder& responder) {
                wire::LatestReply reply;
                if (!request.all) return responder.reply(reply);  // some are in history only
                reply.more = request.after_id == 0;
                reply.rows.resize(reply.more ? 2 : 1);
                reply.rows[0].series =
                    series(reply.more ? 1 : 3, reply.more ? "sw-1" : "sw-2", SeriesKind::counter);
                if (reply.more) reply.rows[1].series = series(2, "sw-1", SeriesKind::gauge);
                responder.reply(reply);
            });
        server.on<wire::RangeRequest>([damaged](ipc::Peer&, const wire::RangeRequest& request,
                                                const ipc::Responder& responder) {
            wire::RangeReply reply;
            reply.damaged = damaged;
            const bool first = request.from_ns < kStart + kSecond;
            for (const std::uint32_t id : request.series) {
                const bool counter = id != 2;
                wire::RangeColumn column;
                column.series =
                    series(id, id < 3 ? "sw-1" : "sw-2", counter ? SeriesKind::counter : SeriesKind::gauge);
                column.wall_ns = {first ? kStart : kStart + kSecond + 1};
                if (counter) column.counters = {first ? 18'446'744'073'709'551'615U : 7U};
                if (!counter) column.gauges = {first ? 21.5 : std::nan("")};
                reply.columns.push_back(column);
            }
            reply.complete_to_ns = first ? kStart + kSecond : request.to_ns;
            responder.reply(reply);
        });
    }
    void serve_ledger(wire::Account account, StreamId stream, std::vector<wire::DamagedSpan> damaged = {}) {
        servers_.back()->on<wire::LedgerRequest>([account, stream, damaged](ipc::Peer&,
                                                                            const wire::LedgerRequest&,
                                                                            const ipc::Responder& responder) {
            wire::LedgerReply reply;
            reply.damaged = damaged;
            wire::LedgerRecord record;
            record.account = account;
            record.stream = stream;
            record.device = "sw-1";
            record.from_ns = kStart;
            record.to_ns = kStart + 60 * kSecond;
            record.reason = "device_down";
            reply.entries.push_back({4, record});
            responder.reply(reply);
        });
    }
    [[nodiscard]] ExportOptions options(RowFormat format = RowFormat::csv) const {
        ExportOptions out;
        out.format = format;
        out.from_ns = kStart;
        out.to_ns = kStart + 2 * kSecond;
        return out;
    }
};

TEST_F(ExportTest, SamplesComeInCsvPageByPage) {
    serve_samples();
    serve_ledger(wire::Account::not_collected, StreamId::samples);
    run();
    EXPECT_EQ(said([&] { return export_samples(target(), options()); }), kDone) << err_;
    const std::string labels = "\"if_name=\"\"port \\\"\"1\\\"\", left\"\"\"";
    const std::string counter = ",if_in_octets_total," + labels + ",counter,";
    const std::string gauge = ",temperature_celsius," + labels + ",gauge,";
    EXPECT_EQ(out_,
              "time,device,metric,labels,kind,value\r\n"
              "2026-01-01T00:00:00Z,sw-1" +
                  counter + "18446744073709551615\r\n" + "2026-01-01T00:00:00Z,sw-1" + gauge + "21.5\r\n" +
                  "2026-01-01T00:00:01.000000001Z,sw-1" + counter + "7\r\n" +
                  "2026-01-01T00:00:01.000000001Z,sw-1" + gauge + "NaN\r\n" + "2026-01-01T00:00:00Z,sw-2" +
                  counter + "18446744073709551615\r\n" + "2026-01-01T00:00:01.000000001Z,sw-2" + counter +
                  "7\r\n");
    EXPECT_EQ(err_,
              "outstation: not_collected: sw-1, 2026-01-01T00:00:00Z to 2026-01-01T00:01:00Z, device_down\n");
}

TEST_F(ExportTest, JsonIsOneObjectALine) {
    serve_samples();
    serve_ledger(wire::Account::not_collected, StreamId::state);
    run();
    EXPECT_EQ(said([&] { return export_samples(target(), options(RowFormat::json)); }), kDone);
    EXPECT_EQ(err_, "");
    std::istringstream lines(out_);
    std::vector<nlohmann::json> rows;
    for (std::string line; std::getline(lines, line);) rows.push_back(nlohmann::json::parse(line));
    ASSERT_EQ(rows.size(), 6U);
    EXPECT_EQ(rows[0]["value"].get<std::uint64_t>(), 18'446'744'073'709'551'615U);
    EXPECT_EQ(rows[0]["labels"]["if_name"], "port \"1\", left");
    EXPECT_EQ(rows[1]["value"], 21.5);
    EXPECT_EQ(rows[3]["value"], "NaN");
}

TEST_F(ExportTest, DamageIsToldOnceAndByTheExitCode) {
    serve_samples({{kStart, kStart + kSecond, 5, 9}});
    serve_ledger(wire::Account::not_collected, StreamId::state);
    run();
    EXPECT_EQ(said([&] { return export_samples(target(), options()); }), kAway);
    EXPECT_EQ(err_,
              "outstation: damaged, not in the export: 2026-01-01T00:00:00Z to 2026-01-01T00:00:01Z, records "
              "5 to 9\n");
    EXPECT_NE(out_.find("sw-2"), std::string::npos);  // the rest is there
}

TEST_F(ExportTest, DamageOfAnUnknownTimeIsCalledThat) {
    serve_samples({{0, 0, 5, 9}});
    serve_ledger(wire::Account::not_collected, StreamId::state);
    run();
    EXPECT_EQ(said([&] { return export_samples(target(), options()); }), kAway);
    EXPECT_EQ(err_, "outstation: damaged, not in the export: at an unknown time, records 5 to 9\n");
}

TEST_F(ExportTest, DamageOfTheLedgerIsNoDamageOfSamples) {
    serve_samples();
    serve_ledger(wire::Account::not_collected, StreamId::state, {{0, 0, 12, 14}});
    run();
    EXPECT_EQ(said([&] { return export_samples(target(), options()); }), kDone);
    EXPECT_EQ(err_, "outstation: the gap ledger itself is damaged: more may be missing than is told here\n");
    EXPECT_EQ(said([&] { return export_ledger(target(), options()); }), kAway);
    EXPECT_NE(err_.find("records 12 to 14"), std::string::npos) << err_;
}

TEST_F(ExportTest, ANameThatNothingHasIsAMistake) {
    auto& server = serve("stored");
    server.on<wire::LatestRequest>(
        [](ipc::Peer&, const wire::LatestRequest&, const ipc::Responder& responder) {
            responder.reply(wire::LatestReply{});
        });
    server.on<wire::EventsRequest>(
        [](ipc::Peer&, const wire::EventsRequest&, const ipc::Responder& responder) {
            responder.reply(wire::EventsReply{});
        });
    serve_ledger(wire::Account::not_collected, StreamId::state);
    run();
    auto to_file = options();
    to_file.output = std::string(dir_) + "/in.csv";
    std::ofstream(to_file.output) << "older";
    to_file.device = "sw-l";
    EXPECT_EQ(said([&] { return export_samples(target(), to_file); }), kFailed);
    EXPECT_EQ(err_, "outstation: there is no series of the device sw-l\n");
    EXPECT_EQ(said([&] { return export_events(target(), to_file); }), kFailed);
    EXPECT_EQ(err_, "outstation: there is no event of the device sw-l\n");
    to_file.device = "";
    to_file.metric = "tempreature";
    EXPECT_EQ(said([&] { return export_samples(target(), to_file); }), kFailed);
    EXPECT_EQ(std::filesystem::file_size(to_file.output), 5U);
    to_file.metric = "";
    EXPECT_EQ(said([&] { return export_samples(target(), to_file); }), kDone);  // a station that is new
}

TEST_F(ExportTest, WhatTheLedgerHasAsDamagedCountsToo) {
    serve_samples();
    serve_ledger(wire::Account::damaged, StreamId::samples);
    run();
    EXPECT_EQ(said([&] { return export_samples(target(), options()); }), kAway);
    EXPECT_NE(err_.find("damaged: sw-1"), std::string::npos) << err_;
}

TEST_F(ExportTest, AFileIsThereWhenItIsWhole) {
    serve_samples();
    run();  // nobody answers for the ledger
    auto to_file = options();
    to_file.output = std::string(dir_) + "/samples.csv";
    EXPECT_NE(said([&] { return export_samples(target(), to_file); }), kDone);
    EXPECT_FALSE(std::filesystem::exists(to_file.output));
    for (const auto& file : std::filesystem::directory_iterator(dir_))
        EXPECT_EQ(file.path().filename().string().rfind("stored.sock", 0), 0U) << file.path();
    loop_->post([this] { serve_ledger(wire::Account::not_collected, StreamId::state); });
    EXPECT_EQ(said([&] { return export_samples(target(), to_file); }), kDone) << err_;
    EXPECT_EQ(out_, "6 rows in " + to_file.output + "\n");
    std::ifstream in(to_file.output);
    std::string head;
    std::getline(in, head);
    EXPECT_EQ(head, "time,device,metric,labels,kind,value\r");
}

TEST_F(ExportTest, EventsAreThoseOfTheTimeAsked) {
    serve("stored").on<wire::EventsRequest>([](ipc::Peer&, const wire::EventsRequest& request,
                                               const ipc::Responder& responder) {
        wire::EventsReply reply;
        // Four events, newest first, two a page; the clock was wrong at the second.
        const std::uint64_t end = request.before_sequence == 0 ? 5 : request.before_sequence;
        for (std::uint64_t sequence = end - 1; sequence > 0 && reply.events.size() < 2; --sequence) {
            wire::StateRecord record;
            record.device = "ups-1";
            record.stamp.wall_ns = sequence == 3 ? 0 : kStart + static_cast<std::int64_t>(sequence) * kSecond;
            record.kind = "attribute";
            record.component = "sys_descr";
            record.value = "line 1\nline 2";
            if (sequence == 1) record.text = "uplink";
            reply.events.push_back({sequence, record});
        }
        reply.more = reply.events.back().sequence > 1;
        reply.next_before = reply.events.back().sequence;
        responder.reply(reply);
    });
    serve_ledger(wire::Account::dropped, StreamId::samples);
    run();
    auto some = options();
    some.to_ns = kStart + 4 * kSecond;
    EXPECT_EQ(said([&] { return export_events(target(), some); }), kDone) << err_;
    EXPECT_EQ(out_,
              "time,sequence,device,kind,component,value,reason,text\r\n"
              "2026-01-01T00:00:02Z,2,ups-1,attribute,sys_descr,\"line 1\nline 2\",,\r\n"
              "2026-01-01T00:00:01Z,1,ups-1,attribute,sys_descr,\"line 1\nline 2\",,uplink\r\n");
}

// An answer that leads nowhere would be asked for ever.
TEST_F(ExportTest, MoreWithoutAPlaceToGoOnIsAnError) {
    std::atomic<std::uint64_t> next = 0;
    ipc::Server& server = serve("stored");
    server.on<wire::EventsRequest>(
        [&](ipc::Peer&, const wire::EventsRequest&, const ipc::Responder& responder) {
            wire::EventsReply reply;
            reply.more = true;
            reply.next_before = next;
            responder.reply(reply);
        });
    server.on<wire::LedgerRequest>(
        [&](ipc::Peer&, const wire::LedgerRequest&, const ipc::Responder& responder) {
            wire::LedgerReply reply;
            reply.more = true;
            reply.next_before = next;
            responder.reply(reply);
        });
    run();
    EXPECT_EQ(said([&] { return export_events(target(), options()); }), kFailed);
    EXPECT_NE(err_.find("more, and not where"), std::string::npos) << err_;
    EXPECT_EQ(said([&] { return export_ledger(target(), options()); }), kFailed);
    next = 7;  // again and again
    EXPECT_EQ(said([&] { return export_ledger(target(), options()); }), kFailed);
}

TEST_F(ExportTest, TheLedgerHasARowAnEntry) {
    serve("stored");
    serve_ledger(wire::Account::dropped, StreamId::samples);
    run();
    EXPECT_EQ(said([&] { return export_ledger(target(), options(RowFormat::json)); }), kDone) << err_;
    EXPECT_EQ(out_,
              "{\"sequence\":4,\"account\":\"dropped\",\"stream\":\"samples\",\"device\":\"sw-1\",\"from\":"
              "\"2026-01-"
              "01T00:00:00Z\",\"to\":\"2026-01-01T00:01:00Z\",\"first_sequence\":null,\"last_sequence\":null,"
              "\"reason\":\"device_down\"}\n");
}

TEST_F(ExportTest, WithoutStoredOrWithATimeThatIsNoneNothingIsWritten) {
    auto to_file = options();
    to_file.output = std::string(dir_) + "/none.csv";
    EXPECT_EQ(said([&] { return export_events(target(), to_file); }), kAway);
    to_file.to_ns = to_file.from_ns;
    EXPECT_EQ(said([&] { return export_events(target(), to_file); }), kUsage);
    EXPECT_FALSE(std::filesystem::exists(to_file.output));
}

}  // namespace
}  // namespace outstation::ctl
