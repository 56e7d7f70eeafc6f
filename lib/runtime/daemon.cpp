// SPDX-License-Identifier: GPL-3.0-or-later
// The life cycle, step by step.
#include "lib/runtime/daemon.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "lib/runtime/control.hpp"
#include "lib/runtime/notify.hpp"
#include "lib/runtime/options.hpp"
#include "lib/runtime/process.hpp"
#include "lib/runtime/signals.hpp"
#include "lib/runtime/stamp.hpp"

namespace outstation::runtime {
namespace {

using namespace std::chrono_literals;

// Stages the file (or nothing, which means the defaults) and commits it when it has no mistakes.
Result<void> load(const Daemon& daemon, App& app, const std::string& file) {
    auto document = file.empty() ? Result<config::Document>(config::Document::parse("", "defaults"))
                                 : config::Document::read(file);
    const bool absent = !document && document.error().code == ErrorCode::not_found;
    if (absent && daemon.config_optional) document = config::Document::parse("", file);
    if (!document) return fail(document.error());
    app.stage(document->root());
    const auto checked = document->check();
    if (checked) app.commit();
    return checked;
}

class Life : public Context {
  public:
    Life(const Daemon& daemon, Options options, App& app, std::unique_ptr<Loop> loop)
        : daemon_(daemon),
          options_(std::move(options)),
          app_(app),
          loop_(std::move(loop)),
          log_(daemon.name),
          stamper_(*loop_) {
        log_.set_level(options_.log_level);
    }

    int run() {
        const auto ready = prepare();
        if (!ready) {
            log_.error("START_FAILED", ready.error().text);
            return 1;
        }
        log_.info("READY", "version " OUTSTATION_VERSION);
        notifier_.send("READY=1");
        ping_watchdog();
        loop_->run();
        log_.info("STOPPED", "exit code " + std::to_string(exit_code_));
        return exit_code_;
    }

    [[nodiscard]] Loop& loop() override { return *loop_; }
    [[nodiscard]] Log& log() override { return log_; }
    [[nodiscard]] ipc::Server& server() override { return *server_; }
    [[nodiscard]] const std::string& state_dir() const override { return options_.state_dir; }
    [[nodiscard]] const std::string& run_dir() const override { return options_.run_dir; }
    [[nodiscard]] std::uint64_t incarnation() const override { return incarnation_; }
    [[nodiscard]] Stamp stamp() override { return stamper_.now(); }
    [[nodiscard]] std::unique_ptr<ipc::Client> client(const std::string& daemon) override {
        return std::make_unique<ipc::Client>(*loop_, options_.run_dir + "/" + daemon + ".sock",
                                             wire::Hello{daemon_.name, OUTSTATION_VERSION, incarnation_});
    }
    void fatal(const Error& error) override {
        log_.error("FATAL", error.text);
        exit_code_ = 1;
        loop_->stop();
    }

  private:
    Result<void> prepare() {
        auto signals =
            Signals::watch(*loop_, {SIGTERM, SIGINT, SIGHUP}, [this](int number) { on_signal(number); });
        if (!signals) return fail(signals.error());
        signals_ = std::move(*signals);
        std::signal(SIGPIPE, SIG_IGN);
        harden_process();
        if (const auto made = make_directories(options_.run_dir, 0755); !made) return made;
        const std::filesystem::path above(options_.state_dir + "/..");
        if (const auto whole = must_be_restored(above.lexically_normal()); !whole) return whole;
        if (const auto made = make_directories(options_.state_dir, 0700); !made) return made;
        if (const auto listening = listen(); !listening) return listening;
        return app_.start(*this);
    }

    Result<void> listen() {
        ipc::Server::Options options;
        options.path = options_.run_dir + "/" + daemon_.name + ".sock";
        options.allowed_uids = uids_of(daemon_.peers);
        options.on_refused = [this](const std::string& text) { log_.warning("PEER_REFUSED", text); };
        auto server = ipc::Server::listen(*loop_, std::move(options));
        if (!server) return fail(server.error());
        server_ = std::move(*server);
        control_.serve(*server_);
        return {};
    }

    void on_signal(int number) {
        if (number == SIGHUP) return reload();
        if (draining_) return loop_->stop();
        draining_ = true;
        log_.info("STOPPING", number == SIGTERM ? "asked by SIGTERM" : "asked by SIGINT");
        notifier_.send("STOPPING=1");
        drain_limit_ = loop_->after(10s, [this] {
            log_.warning("DRAIN_TIMEOUT", "not drained in 10 s");
            loop_->stop();
        });
        app_.drain([this] { loop_->stop(); });
    }

    void reload() {
        const auto loaded = load(daemon_, app_, options_.config_file);
        if (loaded) {
            log_.info("RELOADED", options_.config_file);
        } else {
            log_.error("RELOAD_REFUSED", "nothing was changed: " + loaded.error().text);
        }
    }

    void ping_watchdog() {
        const auto period = notifier_.watchdog();
        if (!period) return;
        notifier_.send("WATCHDOG=1");
        watchdog_timer_ = loop_->after(*period / 2, [this] { ping_watchdog(); });
    }

    const Daemon& daemon_;
    Options options_;
    App& app_;
    std::unique_ptr<Loop> loop_;
    Log log_;
    Notifier notifier_;
    std::uint64_t incarnation_ = make_incarnation();
    Stamper stamper_;
    Control control_{*loop_, log_, daemon_.name,
                     Control::Source{[this](std::vector<wire::StatusField>& out) { app_.describe(out); },
                                     [this](Metrics& out) { app_.metrics(out); }}};
    std::unique_ptr<Signals> signals_;
    std::unique_ptr<ipc::Server> server_;
    bool draining_ = false;
    int exit_code_ = 0;
    Timer drain_limit_;
    Timer watchdog_timer_;
};

}  // namespace

int run(const Daemon& daemon, int argc, char** argv) {
    int exit_code = 0;
    const auto options = parse_options(daemon.name, daemon.summary, argc, argv, exit_code);
    if (!options) return exit_code;
    Log log(daemon.name);
    auto app = daemon.make();
    if (const auto loaded = load(daemon, *app, options->config_file); !loaded) {
        for (std::size_t at = 0; at <= loaded.error().text.size();) {
            const std::size_t end = std::min(loaded.error().text.find('\n', at), loaded.error().text.size());
            log.error("CONFIG_WRONG", loaded.error().text.substr(at, end - at));
            at = end + 1;
        }
        return 2;
    }
    if (options->check_config) return 0;
    auto loop = make_epoll_loop();
    if (!loop) {
        log.error("START_FAILED", loop.error().text);
        return 1;
    }
    Life life(daemon, *options, *app, std::move(*loop));
    exit_code = life.run();
    app.reset();  // its workers post to the loop: it goes first
    return exit_code;
}

}  // namespace outstation::runtime
