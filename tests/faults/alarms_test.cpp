// SPDX-License-Identifier: GPL-3.0-or-later
// alertd and stored over their real sockets, each killed at any moment: every alarm is told once, and what
// alertd answers is the fold of the journal (oracle O4).
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <random>
#include <set>

#include "daemons/alertd/app.hpp"
#include "daemons/alertd/rules_file.hpp"
#include "daemons/stored/app.hpp"

namespace outstation::faults {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRules =
    "rules:\n"
    "  - {id: hot, name: {zh: 热, en: Hot}, kind: threshold, metric: celsius, above: {minor: 28}}\n";
constexpr const char* kBoot = "0123456789abcdef";

wire::WireStamp stamp_of(Loop& loop) {
    return {loop.wall().time_since_epoch().count(), loop.now().time_since_epoch().count(), kBoot,
            ClockQuality::unknown};
}

class Context : public runtime::Context {
  public:
    Context(Loop& loop, std::string directory, const std::string& name, std::uint64_t incarnation)
        : loop_(loop), directory_(std::move(directory)), name_(name), log_(name), incarnation_(incarnation) {
        std::filesystem::create_directories(directory_ + "/" + name);
        state_dir_ = directory_ + "/" + name;
        ipc::Server::Options options;
        options.path = directory_ + "/" + name + ".sock";
        server_ = ipc::Server::listen(loop_, std::move(options)).value();
        log_.set_level(runtime::Level::error);
    }
    Loop& loop() override { return loop_; }
    runtime::Log& log() override { return log_; }
    ipc::Server& server() override { return *server_; }
    std::unique_ptr<ipc::Client> client(const std::string& daemon) override {
        return std::make_unique<ipc::Client>(loop_, directory_ + "/" + daemon + ".sock",
                                             wire::Hello{name_, "0", incarnation_});
    }
    const std::string& state_dir() const override { return state_dir_; }
    const std::string& run_dir() const override { return directory_; }
    std::uint64_t incarnation() const override { return incarnation_; }
    Stamp stamp() override {
        const auto now = stamp_of(loop_);
        return {now.wall_ns, now.mono_ns, now.boot_id, now.quality};
    }
    void fatal(const Error& error) override { ADD_FAILURE() << name_ << ": " << error.text; }

  private:
    Loop& loop_;
    std::string directory_;
    std::string name_;
    std::string state_dir_;
    runtime::Log log_;
    std::uint64_t incarnation_;
    std::unique_ptr<ipc::Server> server_;
};

// A daemon that can be killed: it goes without a chance to finish anything.
template <typename App>
struct Daemon {
    std::unique_ptr<Context> context;
    std::unique_ptr<App> app;
    void kill() {
        app.reset();
        context.reset();
    }
};

class AlarmsTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(directory_), nullptr);
        start_stored();
        start_alertd();
        producer_ = std::make_unique<ipc::Client>(*loop_, std::string(directory_) + "/stored.sock",
                                                  wire::Hello{"polld", "0", 7});
        producer_->on_connected([this] { send_again(); });
        producer_->start();
        asker_ = std::make_unique<ipc::Client>(*loop_, std::string(directory_) + "/alertd.sock",
                                               wire::Hello{"ctl", "0", 8});
        asker_->start();
    }
    void TearDown() override {
        asker_.reset();
        producer_.reset();
        alertd_.kill();
        stored_.kill();
        std::filesystem::remove_all(directory_);
    }
    void start_stored() {
        stored_.kill();
        stored_.context = std::make_unique<Context>(*loop_, directory_, "stored", 1);
        stored_.app = std::make_unique<stored::App>();
        ASSERT_TRUE(stored_.app->start(*stored_.context));
    }
    void start_alertd(bool with_rules = true) {
        alertd_.kill();
        alertd_.context = std::make_unique<Context>(*loop_, directory_, "alertd", ++starts_);
        alertd_.app = std::make_unique<alertd::App>();
        if (with_rules) {
            auto rules = config::Document::parse(kRules, "rules.yaml");
            alertd_.app->stage(rules.root());
            ASSERT_TRUE(rules.check());
            alertd_.app->commit();
        }
        ASSERT_TRUE(alertd_.app->start(*alertd_.context));
    }

    // polld's part: batches are kept until they are answered, and sent again in order.
    void sample(double celsius) {
        wire::SampleRecord record;
        record.device = "env-01";
        record.stamp = stamp_of(*loop_);
        record.gauge_series = {1};
        record.gauges = {celsius};
        kept_.push_back({++counter_, {record}});
        send(kept_.back());
    }
    void send(const wire::AppendSamples& batch) {
        producer_->request<wire::Appended>(batch, 30s, [this](const Result<wire::Appended>& answer) {
            if (!answer) return;
            while (!kept_.empty() && kept_.front().counter <= answer->counter) kept_.pop_front();
        });
    }
    void send_again() {
        (void)producer_->send(wire::DefineSeries{{{1, "env-01", "celsius", {}, SeriesKind::gauge, "", 1.0}}});
        for (const auto& batch : kept_) send(batch);
    }

    void run_for(Duration span) {
        const Timer end = loop_->after(span, [this] { loop_->stop(); });
        loop_->run();
    }
    // Looks every few milliseconds; what waits to be flushed is.
    void run_until(const std::function<bool()>& done) {
        const MonoTime end = loop_->now() + 60s;
        bool is_done = done();
        while (!is_done && loop_->now() < end) {
            stored_.app->drain([] {});
            run_for(5ms);
            is_done = done();
        }
        ASSERT_TRUE(is_done);  // not asked again: alertd may have noticed a kill since
    }
    template <typename Reply, typename Request>
    Result<Reply> ask(ipc::Client& client, const Request& request) {
        auto out = std::make_shared<std::optional<Result<Reply>>>();
        client.request<Reply>(request, 30s, [out](Result<Reply> reply) { *out = std::move(reply); });
        run_until([&] { return out->has_value(); });
        return out->value_or(fail(ErrorCode::timeout, "no answer"));
    }
    // The alarms, once alertd follows and all steps are on disk.
    std::vector<wire::AlarmRow> alarms(bool open) {
        std::vector<wire::AlarmRow> rows;
        run_until([&] {
            const auto reply = ask<wire::AlarmsReply>(*asker_, wire::AlarmsRequest{true, "", 0});
            if (!reply || reply->behind) return false;
            rows = reply->alarms;
            return rows.size() == 1 && rows[0].record.alarm->open == open && rows[0].recorded;
        });
        return rows;
    }
    std::vector<wire::StateRecord> journal() {
        std::vector<wire::StateRecord> states;
        run_until([&] {  // again while the connection is made
            const auto reply = ask<wire::ReplayReply>(*producer_, wire::ReplayRequest{StreamId::state, 1, 0});
            if (reply) states = reply->states;
            return reply.has_value();
        });
        return states;
    }

    // 1: alertd says so in both of its lists, as what is not recorded; 0: it does not; -1: it does not
    // answer.
    int store_failed() {
        const auto told = std::make_shared<int>(-1);
        asker_->request<wire::AlarmsReply>(
            wire::AlarmsRequest{}, 1s, [told](const Result<wire::AlarmsReply>& reply) {
                if (!reply) return;
                *told = !reply->alarms.empty() && reply->alarms[0].id == alertd::kStoreFailed &&
                        !reply->alarms[0].recorded;
            });
        wire::AlarmListRequest request;
        request.id = alertd::kStoreFailed;
        const auto listed = std::make_shared<int>(0);
        asker_->request<wire::AlarmList>(request, 1s, [listed](const Result<wire::AlarmList>& reply) {
            if (reply) *listed = static_cast<int>(reply->alarms.size());
        });
        run_for(1100ms);
        return *told == *listed ? *told : -1;
    }
    bool within_a_minute(const std::function<bool()>& done) {
        const MonoTime end = loop_->now() + 60s;
        while (loop_->now() < end) {
            if (done()) return true;
        }
        return false;
    }

    char directory_[32] = "/tmp/outstation-alarms-XXXXXX";
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    Daemon<stored::App> stored_;
    Daemon<alertd::App> alertd_;
    std::uint64_t starts_ = 100;
    std::unique_ptr<ipc::Client> producer_;
    std::unique_ptr<ipc::Client> asker_;
    std::uint64_t counter_ = 0;
    std::deque<wire::AppendSamples> kept_;
};

TEST_F(AlarmsTest, EachIsToldOnceWhoeverIsKilledAndWhen) {
    std::mt19937 random(3);
    constexpr int kRounds = 12;
    for (int round = 0; round < kRounds; ++round) {
        sample(round % 2 == 0 ? 30 : 20);
        run_for(std::chrono::microseconds(random() % 3000));
        const auto who = random() % 4;
        if (who == 1 || who == 3) start_alertd();
        if (who == 2 || who == 3) start_stored();
        const auto rows = alarms(round % 2 == 0);
        ASSERT_EQ(rows.size(), 1U);
        ASSERT_EQ(rows[0].record.alarm->revision, static_cast<std::uint64_t>(round + 1)) << "round " << round;
    }
    const auto records = journal();
    ASSERT_EQ(records.size(), static_cast<std::size_t>(kRounds));
    alertd::AlarmBook fold;
    for (int round = 0; round < kRounds; ++round) {
        const auto step = round == 0       ? wire::AlarmStep::raised
                          : round % 2 == 0 ? wire::AlarmStep::reopened
                                           : wire::AlarmStep::cleared;
        EXPECT_EQ(records[static_cast<std::size_t>(round)].alarm->step, step) << round;
        fold.apply(records[static_cast<std::size_t>(round)]);
    }
    EXPECT_EQ(alarms(false)[0].record, fold.alarms().begin()->second.newest);
}

TEST_F(AlarmsTest, APersonsStepIsAnsweredWhenItIsOnDisk) {
    sample(30);
    const auto rows = alarms(true);
    ASSERT_EQ(rows.size(), 1U);
    wire::AlarmAct act{rows[0].id, wire::AlarmStep::noted, "somebody else", "filter is dirty", 0};
    ASSERT_TRUE(ask<wire::Done>(*asker_, act));
    start_stored();
    start_alertd();
    const wire::AlarmState state = *alarms(true)[0].record.alarm;
    EXPECT_EQ(state.step, wire::AlarmStep::noted);
    EXPECT_EQ(state.text, "filter is dirty");
    EXPECT_NE(state.by, "somebody else");  // only webd may name another
    act.id = "0000000000000000";
    EXPECT_EQ(ask<wire::Done>(*asker_, act).error().code, ErrorCode::not_found);
}

TEST_F(AlarmsTest, TheStoreThatIsAwayIsAnAlarmThatIsNotRecorded) {
    sample(30);
    const auto rows = alarms(true);
    ASSERT_EQ(rows.size(), 1U);
    const wire::AlarmAct act{rows[0].id, wire::AlarmStep::noted, "", "x", 0};
    asker_->request<wire::Done>(act, 60s, [](const Result<wire::Done>&) {});
    // It is killed with the step under way and comes back late.
    run_for(1ms);
    stored_.kill();
    EXPECT_TRUE(within_a_minute([this] { return store_failed() == 1; }));
    start_stored();
    EXPECT_EQ(alarms(true)[0].record.alarm->text, "x");
    EXPECT_EQ(journal().size(), 2U);
}

// Nothing waits to be written, and it is an alarm all the same, until stored is back.
TEST_F(AlarmsTest, TheStoreThatIsAwayIsAnAlarmWithNothingToWrite) {
    ASSERT_TRUE(within_a_minute([this] { return store_failed() == 0; }));
    stored_.kill();
    ASSERT_TRUE(within_a_minute([this] { return store_failed() == 1; }));
    start_stored();
    EXPECT_TRUE(within_a_minute([this] { return store_failed() == 0; }));
    EXPECT_EQ(journal().size(), 0U);
}

// They are no events of the device, and only alertd's records are alarms.
TEST_F(AlarmsTest, StepsStandAmongStatesAndAreNoEventsUnlessAskedFor) {
    sample(30);
    ASSERT_EQ(alarms(true).size(), 1U);
    const auto events = [this](bool with_alarms) {
        const auto reply =
            ask<wire::EventsReply>(*producer_, wire::EventsRequest{"env-01", 0, 0, false, with_alarms});
        return reply ? reply->events.size() : 99;
    };
    EXPECT_EQ(events(false), 0U);
    EXPECT_EQ(events(true), 1U);
    wire::StateRecord wrong{"env-01", stamp_of(*loop_), wire::kAlarmKind, "", "", ""};
    const auto refused = ask<wire::Appended>(*producer_, wire::AppendStates{++counter_, {wrong}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::malformed);
    // Nor does another producer write one that is as it should be: it would end alarms for good.
    const auto forged = ask<wire::Appended>(*producer_, wire::AppendStates{++counter_, {journal().back()}});
    ASSERT_FALSE(forged);
    EXPECT_EQ(forged.error().text, "only alertd makes alarms");
    ipc::Client as_alertd(*loop_, std::string(directory_) + "/stored.sock", wire::Hello{"alertd", "0", 9});
    as_alertd.start();
    run_until([&as_alertd] { return as_alertd.connected(); });
    wire::StateRecord unknown = journal().back();
    unknown.alarm->severity = static_cast<wire::Severity>(5);
    const auto senseless = ask<wire::Appended>(as_alertd, wire::AppendStates{1, {unknown}});
    ASSERT_FALSE(senseless);
    EXPECT_EQ(senseless.error().text, "alarm of an unknown severity or step");
    EXPECT_EQ(journal().size(), 1U);
}

// The state directory was lost, and confd is not there: shipped rules stand in, and end nothing.
TEST_F(AlarmsTest, RulesThatAreNotKnownEndNoAlarm) {
    sample(30);
    ASSERT_EQ(alarms(true).size(), 1U);
    start_alertd(false);
    EXPECT_EQ(alarms(true).size(), 1U);
    EXPECT_EQ(journal().size(), 1U);
}

TEST_F(AlarmsTest, RulesAreTriedOnThePast) {
    for (const double value : {20.0, 30.0, 20.0, 30.0}) {
        sample(value);
        run_for(2ms);
    }
    run_until([&] { return kept_.empty(); });
    const std::string rules =
        "rules:\n"
        "  - {id: warm, name: {zh: 温, en: Warm}, kind: threshold, metric: celsius, above: {warning: 25}}\n";
    const std::int64_t since = stamp_of(*loop_).wall_ns - 3'600'000'000'000;
    const auto reply = ask<wire::RuleTestReply>(*asker_, wire::RuleTestRequest{"f.yaml", rules, since});
    ASSERT_TRUE(reply) << reply.error().text;
    EXPECT_EQ(reply->records, 4U);
    ASSERT_EQ(reply->firings.size(), 1U);
    EXPECT_EQ(reply->firings[0].record.alarm->rule, "warm");
    EXPECT_EQ(reply->firings[0].times, 2U);
    EXPECT_EQ(reply->firings[0].cleared_ns, 0);
    const auto wrong =
        ask<wire::RuleTestReply>(*asker_, wire::RuleTestRequest{"f.yaml", "rules: [{}]", since});
    EXPECT_NE(wrong.error().text.find("f.yaml:1:9: 'id' is missing"), std::string::npos)
        << wrong.error().text;
    // Nothing of it is an alarm.
    EXPECT_EQ(alarms(true)[0].record.alarm->rule, "hot");
}

// More than a page of states, between samples; and one that nobody waits for ends.
TEST_F(AlarmsTest, RulesAreTriedPageByPage) {
    constexpr std::size_t kStates = 2500;
    wire::WireStamp stamp = stamp_of(*loop_);
    for (std::size_t sent = 0; sent < kStates;) {
        wire::AppendStates batch{++counter_, {}};
        for (std::size_t i = 0; i < 500; ++i, ++sent) {
            stamp.mono_ns += 1'000'000;
            stamp.wall_ns += 1'000'000;
            batch.records.push_back(
                {"sw-01", stamp, sent % 2 == 0 ? "device_down" : "device_up", "", "", "timeout"});
        }
        ASSERT_TRUE(ask<wire::Appended>(*producer_, batch));
    }
    const std::string rules =
        "rules:\n"
        "  - {id: down, name: {zh: 断, en: Down}, kind: state, of: device, severity: {down: minor}}\n";
    const std::int64_t since = stamp.wall_ns - 3'600'000'000'000;
    const auto reply = ask<wire::RuleTestReply>(*asker_, wire::RuleTestRequest{"f.yaml", rules, since});
    ASSERT_TRUE(reply) << reply.error().text;
    EXPECT_EQ(reply->records, kStates);
    ASSERT_EQ(reply->firings.size(), 1U);
    EXPECT_EQ(reply->firings[0].times, kStates / 2);

    std::optional<Result<wire::RuleTestReply>> ended;
    int asked = 0;
    alertd::RuleTrial trial(
        *producer_, alertd::parse_rules(rules, "f.yaml").value(), since, [&asked] { return ++asked < 100; },
        [&ended](const Result<wire::RuleTestReply>& result) { ended = result; });
    trial.start();
    run_until([&ended] { return ended.has_value(); });
    EXPECT_FALSE(*ended);
    EXPECT_EQ(asked, 100);
}

// Whoever reads for long has no end of a queue: what came meanwhile is read, too.
TEST_F(AlarmsTest, ATailThatIsTooLongToKeepIsReadFromTheJournal) {
    struct Seen : alertd::Follower::Observer {
        void on_begin() override { ++begun; }
        void on_series(const wire::SeriesDef&, std::int64_t) override {}
        void on_old_state(const wire::StateRecord&) override {}
        void on_recorded(const wire::StateRecord&) override {}
        void on_old_sample(const wire::SampleRecord& record) override { values.insert(record.gauges[0]); }
        void on_caught_up() override { live = true; }
        void on_state(const wire::StateRecord&) override {}
        void on_sample(const wire::SampleRecord& record) override { values.insert(record.gauges[0]); }
        Duration look_back() const override { return 1h; }
        void on_failed(const Error& error) override { ADD_FAILURE() << error.text; }
        std::set<double> values;
        int begun = 0;
        bool live = false;
    } seen;
    sample(0);
    run_until([this] { return kept_.empty(); });
    ipc::Client client(*loop_, std::string(directory_) + "/stored.sock", wire::Hello{"alertd", "0", 99});
    alertd::Follower follower(*loop_, client, seen, 0);
    client.on_connected([&follower] { follower.begin(); });
    client.start();
    double sent = 0;
    for (; sent < 20 || (!seen.live && sent < 2000); ++sent) {
        sample(sent + 1);
        run_for(100us);
    }
    run_until([&] { return seen.live && seen.values.size() == static_cast<std::size_t>(sent) + 1; });
    EXPECT_EQ(seen.begun, 1);
}

}  // namespace
}  // namespace outstation::faults
