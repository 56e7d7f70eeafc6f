// SPDX-License-Identifier: GPL-3.0-or-later
// Tables, back-off, and the supervisor with real children.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemons/ctl/run_plan.hpp"
#include "daemons/ctl/supervisor.hpp"
#include "daemons/ctl/table.hpp"

namespace outstation::ctl {
namespace {

using namespace std::chrono_literals;

TEST(Table, ChineseTextLinesUp) {
    EXPECT_EQ(display_width("机房-1"), 6U);
    Table table({"NAME", "STATE"});
    table.add({"核心交换机", "up"});
    table.add({"ups", "down"});
    EXPECT_EQ(table.text(), "NAME        STATE\n核心交换机  up\nups         down\n");
}

TEST(Table, NumbersForPeople) {
    EXPECT_EQ(short_duration(59.9), "59 s");
    EXPECT_EQ(short_duration(3661), "1 h 1 min");
    EXPECT_EQ(short_bytes(1536), "1.5 KiB");
}

TEST(BackOff, DoublesToTenSecondsAndForgivesALongRun) {
    BackOff back_off;
    EXPECT_EQ(back_off.next(0s), 100ms);
    EXPECT_EQ(back_off.next(0s), 200ms);
    for (int i = 0; i < 10; ++i) (void)back_off.next(0s);
    EXPECT_EQ(back_off.next(0s), 10s);
    EXPECT_EQ(back_off.next(5s), 100ms);
}

class SupervisorTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(dir_), nullptr);
        loop_ = make_epoll_loop().value();
        Supervisor::Options options;
        options.notify_path = std::string(dir_) + "/notify.sock";
        options.watchdog = 300ms;
        supervisor_ = Supervisor::make(*loop_, log_, std::move(options)).value();
        signals_ = runtime::Signals::watch(*loop_, {SIGCHLD}, [this](int) { supervisor_->reap(); }).value();
        log_.set_level(runtime::Level::error);
    }
    void TearDown() override { std::filesystem::remove_all(dir_); }
    std::string path(const std::string& name) const { return std::string(dir_) + "/" + name; }
    std::string content(const std::string& name) const {
        std::ifstream in(path(name));
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // Runs the loop until `done`, twenty seconds at most: a sanitizer on a busy machine is slow.
    void run_until(const std::function<bool()>& done) {
        const MonoTime end = loop_->now() + 20s;
        Timer tick;
        std::function<void()> look = [&] {
            if (done() || loop_->now() > end) return loop_->stop();
            tick = loop_->after(5ms, look);
        };
        look();
        loop_->run();
        EXPECT_TRUE(done());
    }
    ChildSpec shell(const std::string& name, const std::string& script) const {
        return {name, {"/bin/sh", "-c", script}, false};
    }

    char dir_[32] = "/tmp/outstation-sup-XXXXXX";
    std::unique_ptr<Loop> loop_;
    runtime::Log log_{"test"};
    std::unique_ptr<Supervisor> supervisor_;
    std::unique_ptr<runtime::Signals> signals_;
};

TEST_F(SupervisorTest, RestartsWhatEndsAndStopsInReverseOrder) {
    const std::string trap = "trap 'echo NAME >> " + path("stops") + "; exit 0' TERM; ";
    auto with_name = [&](const std::string& name) {
        std::string text = trap;
        return text.replace(text.find("NAME"), 4, name);
    };
    supervisor_->start(
        {shell("first", with_name("first") + "while :; do sleep 0.02; done"),
         shell("second", with_name("second") + "echo x >> " + path("starts") + "; if [ $(wc -l < " +
                             path("starts") + ") -lt 3 ]; then exit 1; fi; while :; do sleep 0.02; done")},
        nullptr);
    run_until([&] { return content("starts") == "x\nx\nx\n"; });
    bool stopped = false;
    const Timer settle =
        loop_->after(100ms, [&] { supervisor_->stop([&] { stopped = true; }); });  // the trap is set by then
    run_until([&] { return stopped; });
    EXPECT_EQ(content("stops"), "second\nfirst\n");
}

TEST_F(SupervisorTest, AProgramThatIsNotThereIsTriedAgain) {
    bool ready = false;
    supervisor_->start({{"ghost", {path("ghost")}, false}, shell("other", "sleep 5")}, [&] { ready = true; });
    run_until([&] { return ready; });
    std::ofstream(path("ghost")) << "#!/bin/sh\necho here > " << path("seen") << "\nsleep 5\n";
    std::filesystem::permissions(path("ghost"), std::filesystem::perms::owner_all);
    run_until([&] { return content("seen") == "here\n"; });
}

TEST_F(SupervisorTest, ASilentWatchdogIsKilledAndStartedAgain) {
    // READY=1 comes from a child of ours by its own pid; then it hangs.
    const std::string program =
        "import os,socket,time\n"
        "open('" +
        path("starts") +
        "','a').write('x')\n"
        "s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n"
        "s.sendto(b'READY=1',os.environ['NOTIFY_SOCKET'])\n"
        "time.sleep(30)\n";
    bool ready = false;
    supervisor_->start({{"hung", {"python3", "-c", program}, true}}, [&] { ready = true; });
    run_until([&] { return ready && content("starts").size() >= 2; });
}

TEST(RunPlan, OrdersExtrasThenDaemonsAndRefusesAWrongFile) {
    char dir[] = "/tmp/outstation-plan-XXXXXX";
    ASSERT_NE(mkdtemp(dir), nullptr);
    RunOptions options;
    options.state_dir = dir;
    options.bin_dir = "/bin";
    options.with_file = std::string(dir) + "/with.yaml";
    std::ofstream(options.with_file) << "processes:\n  - {name: sim, command: [sim, --room, x]}\n";
    const auto plan = plan_run(options);
    ASSERT_TRUE(plan) << plan.error().text;
    std::string order;
    for (const auto& spec : *plan) order += spec.name + " ";
    EXPECT_EQ(order, "sim stored confd authd probed polld alertd webd ");
    std::ofstream(options.with_file) << "processes:\n  - {nme: sim}\n";
    EXPECT_FALSE(plan_run(options));
    std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace outstation::ctl
