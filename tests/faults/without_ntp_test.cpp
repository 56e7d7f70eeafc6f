// SPDX-License-Identifier: GPL-3.0-or-later
// A box that nobody tells the time for hours or a month: its clock drifts, then it steps at the next sync.
// Nothing is lost or doubled or told as missing. What is not sealed yet is repaired; what is keeps the stamp
// of the clock as it stood (docs/formats/history.md).
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "lib/event/sim_loop.hpp"
#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/store.hpp"
#include "tests/faults/findings.hpp"

namespace outstation::faults {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr auto kPoll = 20min;
const std::string kBoot = "0123456789abcdef";

struct Absence {
    Duration span;                            // without a word of the time
    std::int64_t ppm;                         // that the box's clock is fast; below zero: slow
    std::int64_t mono_ns = 1000 * kSecondNs;  // of the monotonic clock at the start
};

class Box {
  public:
    explicit Box(std::int64_t mono_ns) : mono_ns_(mono_ns) {}

    bool open() {
        store_.reset();
        store::Journal::Options options;
        options.directory = "journal";
        options.bulk_segment_octets = options.urgent_segment_octets = 65536;
        store::StoreOpened opened;
        auto made = store::open_journal_store({loop_, files_, worker_, worker_, worker_}, options, opened);
        if (!made || !opened.damage.empty() || !opened.history.empty()) return false;
        store_ = std::move(*made);
        store_->configure({1s, 0, 0s});
        gauge_ = store_->define({0, "sw", "up", {}, SeriesKind::gauge, "", 1.0}).value();
        return true;
    }
    // Records at the poll interval, with the clock as it is.
    void poll(Duration span, ClockQuality quality, std::int64_t ppm = 0) {
        for (Duration end = span; end > 0s; end -= kPoll) {
            ahead_ns_ += kPoll / 1ns * ppm / 1'000'000;
            loop_.advance(kPoll);
            const std::int64_t wall_ns = loop_.wall().time_since_epoch().count();
            const auto elapsed = static_cast<std::uint64_t>(loop_.now().time_since_epoch().count());
            wire::SampleRecord record;
            record.device = "sw";
            record.stamp = {wall_ns,
                            static_cast<std::int64_t>(static_cast<std::uint64_t>(mono_ns_) + elapsed), kBoot,
                            quality};
            record.gauge_series = {gauge_};
            record.gauges = {static_cast<double>(++sent_)};
            measured_[sent_] = {wall_ns - ahead_ns_, wall_ns};
            store_->append({"polld", 1, sent_}, {record}, [this](const auto& result) {
                if (result) ++acknowledged_;
            });
        }
        loop_.advance(2s);
    }
    // The clock is set.
    void sync() {
        loop_.step_wall(Duration(-ahead_ns_));
        ahead_ns_ = 0;
    }
    [[nodiscard]] std::uint64_t sent() const { return sent_; }
    [[nodiscard]] std::int64_t ahead_ns() const { return ahead_ns_; }
    // What a chart has of each record is there once, and so is the record. From record `exact` on its time is
    // right to a second; those before are as the clock stood, or better.
    [[nodiscard]] Findings look(std::uint64_t exact) {
        Findings out;
        if (acknowledged_ != sent_) out.add(&Findings::other, "not acknowledged");
        look_at_records(out);
        look_at_times(exact, out);
        const auto ledger = ask(&store::Store::ledger, wire::LedgerRequest{});
        if (!ledger || !ledger->entries.empty()) out.add(&Findings::other, "the ledger tells of a gap");
        return out;
    }

  private:
    struct Measured {
        std::int64_t true_ns = 0;
        std::int64_t shown_ns = 0;  // by the box's clock
    };
    template <typename Reply, typename Request>
    Result<Reply> ask(void (store::Store::*question)(const Request&, store::Store::Answer<Reply>),
                      const Request& request) {
        Result<Reply> out = fail(ErrorCode::timeout, "no answer");
        ((*store_).*question)(request, [&](Result<Reply> reply) { out = std::move(reply); });
        loop_.advance(1ms);
        return out;
    }
    void look_at_records(Findings& out) {
        std::uint64_t next = 1;
        while (next <= sent_) {
            const auto reply = ask(&store::Store::replay, wire::ReplayRequest{StreamId::samples, next, 0});
            if (!reply || reply->samples.empty() || reply->first_sequence != next) break;
            for (const auto& record : reply->samples) {
                if (record.gauges.at(0) != static_cast<double>(next++))
                    out.add(&Findings::phantom, "record " + std::to_string(next - 1) + " is another");
            }
        }
        if (next != sent_ + 1) out.add(&Findings::lost, "the records end at " + std::to_string(next));
    }
    void look_at_times(std::uint64_t exact, Findings& out) {
        const std::int64_t to_ns = loop_.wall().time_since_epoch().count() + 3600 * kSecondNs;
        const auto reply = ask(&store::Store::range, wire::RangeRequest{{gauge_}, 0, to_ns, 0, 0});
        if (!reply) return out.add(&Findings::other, reply.error().text);
        const auto& column = reply->columns.at(0);
        std::map<std::uint64_t, std::int64_t> shown;
        for (std::size_t i = 0; i < column.wall_ns.size(); ++i) {
            const auto number = static_cast<std::uint64_t>(column.gauges[i]);
            if (!shown.emplace(number, column.wall_ns[i]).second)
                out.add(&Findings::doubled, "record " + std::to_string(number) + " is shown twice");
        }
        for (const auto& [number, measured] : measured_) {
            const auto found = shown.find(number);
            if (found == shown.end()) {
                out.add(&Findings::lost, "record " + std::to_string(number) + " is not shown");
                continue;
            }
            const std::int64_t off = std::abs(found->second - measured.true_ns);
            const std::int64_t allowed =
                number >= exact ? kSecondNs
                                : std::max(kSecondNs, std::abs(measured.shown_ns - measured.true_ns));
            if (off > allowed)
                out.add(&Findings::other, "record " + std::to_string(number) + " is shown " +
                                              std::to_string(off / 1'000'000) + " ms off");
        }
    }

    store::FakeFileSystem files_;
    SimLoop loop_{WallTime(1'700'006'400s)};  // midnight: windows begin at even hours
    store::InlineWorker worker_;
    std::unique_ptr<store::Store> store_;
    std::int64_t mono_ns_;
    std::int64_t ahead_ns_ = 0;  // of the true time
    std::uint32_t gauge_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::map<std::uint64_t, Measured> measured_;
};

// The clock is right, then alone, then set an hour after a window began, and right again until that is
// sealed.
Findings run(const Absence& absence) {
    Box box(absence.mono_ns);
    if (!box.open()) return Findings::failure("does not open");
    box.poll(2h, ClockQuality::synchronised);
    box.poll(absence.span, ClockQuality::free_running, absence.ppm);
    const std::uint64_t window = box.sent() + 2;  // the one at the border may be sealed with those before it
    box.poll(1h, ClockQuality::free_running, absence.ppm);
    box.sync();
    box.poll(20min, ClockQuality::synchronised);
    Findings found = box.look(window);
    if (!found.what.empty()) return found;
    box.poll(4h, ClockQuality::synchronised);
    found = box.look(window);
    if (!found.what.empty()) return found;
    return box.open() ? box.look(window) : Findings::failure("does not open again");
}

TEST(WithoutNtp, TheClockDriftsAndStepsAtTheNextSync) {
    const Absence absences[] = {{4h, 100}, {72h, -100}, {4h, -100}, {30 * 24h, 100}, {30 * 24h, -20}};
    Tally tally("R7", "without NTP for hours and a month");
    for (const Absence& absence : absences) {
        if (tally.trials() == campaign_size(2)) return;
        const auto hours = std::chrono::duration_cast<std::chrono::hours>(absence.span).count();
        tally.count(run(absence), std::to_string(hours) + " h with " + std::to_string(absence.ppm) + " ppm");
    }
}

// The monotonic clock comes to the end of its 64 bits, which takes 292 years or a device that lies.
TEST(WithoutNtp, AMonotonicClockThatWrapsCostsNothing) {
    Box box(INT64_MAX - 3 * 3600 * kSecondNs);
    ASSERT_TRUE(box.open());
    box.poll(24h, ClockQuality::synchronised);
    EXPECT_EQ(box.look(1).what, "");
    ASSERT_TRUE(box.open());
    EXPECT_EQ(box.look(1).what, "");
}

}  // namespace
}  // namespace outstation::faults
