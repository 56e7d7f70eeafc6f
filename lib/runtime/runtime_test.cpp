// SPDX-License-Identifier: GPL-3.0-or-later
// Log text, metrics text, and the life cycle of a small daemon as a child process.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "lib/event/sim_loop.hpp"
#include "lib/runtime/control.hpp"
#include "lib/runtime/daemon.hpp"
#include "lib/runtime/stamp.hpp"

namespace outstation::runtime {
namespace {

using namespace std::chrono_literals;

TEST(Log, HostileTextStaysOneLine) {
    EXPECT_EQ(printable("a\nb\x1b[31m\\"), "a\\x0ab\\x1b[31m\\x5c");
    EXPECT_EQ(printable("机房"), "机房");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m°"),
              "\\xc2\\x9b31m°");  // CSI in one character
    EXPECT_EQ(printable("a\xe2\x80\xae"
                        "b"),
              "a\\xe2\\x80\\xaeb");  // right-to-left override
    EXPECT_EQ(printable("\xe2\x81\xa6\xe2\x80\xa8"), "\\xe2\\x81\\xa6\\xe2\\x80\\xa8");
    EXPECT_EQ(printable("\xff\xc0\xaf\xed\xa0\x80"), "\\xff\\xc0\\xaf\\xed\\xa0\\x80");
    EXPECT_LE(printable(std::string(100000, 'x')).size(), 2052U);
}

TEST(Metrics, IsOpenMetricsText) {
    Metrics metrics;
    metrics.counter("a_things", "Things.", 18446744073709551615ULL, {{"who", "x\"y\\z\n"}});
    metrics.counter("a_things", "Things.", 1);
    metrics.gauge("b_ratio", "Ratio.", 0.1);
    EXPECT_EQ(metrics.text(),
              "# TYPE a_things counter\n# HELP a_things Things.\na_things_total{who=\"x\\\"y\\\\z\\n\"} "
              "18446744073709551615\n"
              "a_things_total 1\n# TYPE b_ratio gauge\n# HELP b_ratio Ratio.\nb_ratio 0.1\n");
}

TEST(Stamp, BootIdIsSixteenBytesAndIncarnationsDiffer) {
    EXPECT_EQ(read_boot_id().size(), 16U);
    EXPECT_NE(make_incarnation(), make_incarnation());
}

TEST(Stamp, BootIdOfTheUnitComesFirst) {
    const std::string text = "0123456789abcdef0123456789ABCDEF";
    const std::string id("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef", 16);
    EXPECT_EQ(parse_boot_id(text), id);
    EXPECT_EQ(parse_boot_id("01234567-89ab-cdef-0123-456789abcdef"), id);
    for (const char* bad : {"", "%b", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdeg",
                            "0123456789abcdef0123456789abcdef0", "0x123456789abcdef0123456789abcde+"})
        EXPECT_FALSE(parse_boot_id(bad)) << bad;
    const std::string kernel = read_boot_id();
    ASSERT_EQ(setenv("OUTSTATION_BOOT_ID", text.c_str(), 1), 0);
    EXPECT_EQ(read_boot_id(), id);
    ASSERT_EQ(setenv("OUTSTATION_BOOT_ID", "nonsense", 1), 0);
    EXPECT_EQ(read_boot_id(), kernel);
    unsetenv("OUTSTATION_BOOT_ID");
}

TEST(Stamp, ClockQualityIsTimesyncdsWhereTheKernelMayNotBeAsked) {
    EXPECT_EQ(clock_quality_of(TIME_OK, 0, "/nonexistent"), ClockQuality::synchronised);
    EXPECT_EQ(clock_quality_of(TIME_ERROR, STA_UNSYNC, "/nonexistent"), ClockQuality::free_running);
    EXPECT_EQ(clock_quality_of(-1, 0, "/nonexistent"), ClockQuality::unknown);
    char directory[] = "/tmp/outstation-timesync-XXXXXX";
    ASSERT_NE(mkdtemp(directory), nullptr);
    EXPECT_EQ(clock_quality_of(-1, 0, directory), ClockQuality::free_running);
    std::ofstream(std::string(directory) + "/synchronized") << "";
    EXPECT_EQ(clock_quality_of(-1, 0, directory), ClockQuality::synchronised);
    EXPECT_EQ(clock_quality_of(TIME_ERROR, STA_UNSYNC, directory), ClockQuality::free_running);
    std::filesystem::remove_all(directory);
}

class TinyApp : public App {
  public:
    void stage(config::Mapping root) override { next_ = root.integer("answer", 42, 1, 100); }
    void commit() override { answer_ = next_; }
    Result<void> start(Context&) override { return {}; }
    void describe(std::vector<wire::StatusField>& out) const override {
        out.push_back({"answer", std::to_string(answer_)});
    }

  private:
    std::uint64_t next_ = 0;
    std::uint64_t answer_ = 0;
};

class LifeTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(dir_), nullptr);
        config_ = std::string(dir_) + "/tiny.yaml";
    }
    void TearDown() override {
        if (child_ > 0) kill(child_, SIGKILL);
        std::filesystem::remove_all(dir_);
    }
    void write_config(const std::string& text) const { std::ofstream(config_) << text; }
    void spawn(std::vector<std::string> extra = {}) {
        std::vector<std::string> args = {
            "tiny",     "--run-dir", dir_,          "--state-dir", std::string(dir_) + "/state",
            "--config", config_,     "--log-level", "error"};
        args.insert(args.end(), extra.begin(), extra.end());
        child_ = fork();
        if (child_ != 0) return;
        std::vector<char*> argv;
        for (auto& arg : args) argv.push_back(arg.data());
        _exit(run(Daemon{"tiny", "A daemon for the test.", [] { return std::make_unique<TinyApp>(); }, {}},
                  static_cast<int>(argv.size()), argv.data()));
    }
    int wait_exit() {
        int status = -1;
        waitpid(child_, &status, 0);
        child_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    // Asks for the status until `accept` likes the answer, five seconds at most.
    std::string ask_answer(const std::string& wanted) {
        const auto loop = make_epoll_loop().value();
        ipc::Client client(*loop, std::string(dir_) + "/tiny.sock", wire::Hello{"test", "0", 1});
        std::string answer;
        Timer again;
        const Timer end = loop->after(5s, [&] { loop->stop(); });
        std::function<void()> ask = [&] {
            client.request<wire::StatusReply>(wire::StatusRequest{}, 1s,
                                              [&](Result<wire::StatusReply> reply) {
                                                  if (reply) answer = reply->details.at(0).value;
                                                  if (answer == wanted) return loop->stop();
                                                  again = loop->after(20ms, ask);
                                              });
        };
        client.start();
        ask();
        loop->run();
        return answer;
    }

    char dir_[32] = "/tmp/outstation-life-XXXXXX";
    std::string config_;
    pid_t child_ = 0;
};

TEST_F(LifeTest, CheckConfigTellsRightFromWrong) {
    write_config("answer: 7\n");
    spawn({"--check-config"});
    EXPECT_EQ(wait_exit(), 0);
    write_config("answer: 700\nquestion: 1\n");
    spawn({"--check-config"});
    EXPECT_EQ(wait_exit(), 2);
}

TEST_F(LifeTest, ASecondOneIsRefusedAndTheFirstGoesOn) {
    write_config("answer: 7\n");
    spawn();
    EXPECT_EQ(ask_answer("7"), "7");
    const pid_t first = child_;
    spawn();
    EXPECT_EQ(wait_exit(), 1);
    child_ = first;
    EXPECT_EQ(ask_answer("7"), "7");
    kill(child_, SIGTERM);
    EXPECT_EQ(wait_exit(), 0);
}

TEST_F(LifeTest, NobodyStartsWhereARestoreWasCutShort) {
    write_config("answer: 7\n");
    const std::string half = std::string(dir_) + "/.restored";
    std::filesystem::create_directory(half);
    spawn();
    EXPECT_EQ(wait_exit(), 1);
    EXPECT_FALSE(std::filesystem::exists(std::string(dir_) + "/state"));
    std::filesystem::remove(half);
    spawn();
    EXPECT_EQ(ask_answer("7"), "7");
    kill(child_, SIGTERM);
    EXPECT_EQ(wait_exit(), 0);
}

// Units start a daemon as its user: it has no way to become another.
TEST_F(LifeTest, UserIsNoArgument) {
    spawn({"--user", "nobody"});
    EXPECT_EQ(wait_exit(), 2);
}

TEST_F(LifeTest, RunsReloadsAllOrNothingAndStops) {
    write_config("answer: 7\n");
    spawn();
    EXPECT_EQ(ask_answer("7"), "7");
    write_config("answer: 8\nquestion: 1\n");
    kill(child_, SIGHUP);
    EXPECT_EQ(ask_answer("7"), "7");
    write_config("answer: 8\n");
    kill(child_, SIGHUP);
    EXPECT_EQ(ask_answer("8"), "8");
    kill(child_, SIGTERM);
    EXPECT_EQ(wait_exit(), 0);
}

TEST(Control, UpTimeIsNotThatOfAClockThatWasSet) {
    SimLoop loop(WallTime(100s));  // 1970
    Log log("test");
    Control control(loop, log, "test", {});
    const auto started = [&] { return std::chrono::nanoseconds(control.status().started_ns); };
    loop.advance(60s);
    loop.step_wall(300ms);  // no step worth the name: the start is the same
    EXPECT_EQ(started(), 100s);
    loop.step_wall(500'000h);
    EXPECT_EQ(started(), 500'000h + 100s + 300ms);
}

}  // namespace
}  // namespace outstation::runtime
