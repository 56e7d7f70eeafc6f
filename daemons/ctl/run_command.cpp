// SPDX-License-Identifier: GPL-3.0-or-later
// The supervisor with a face: starts the station, says how to reach it, stops it on Ctrl-C.
#include "daemons/ctl/run_command.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <csignal>
#include <iostream>

#include "daemons/ctl/supervisor.hpp"
#include "lib/ipc/client.hpp"
#include "lib/runtime/process.hpp"
#include "lib/wire/auth_messages.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::ctl {
namespace {

using namespace std::chrono_literals;

class Runner {
  public:
    Runner(const RunOptions& options, std::unique_ptr<Loop> loop)
        : options_(options),
          loop_(std::move(loop)),
          log_("run"),
          webd_(make_client("webd")),
          authd_(make_client("authd")),
          stored_(make_client("stored")) {}

    Result<int> run() {
        if (const auto locked = lock(); !locked) return fail(locked.error());
        auto specs = plan_run(options_);
        if (!specs) return fail(specs.error());
        Supervisor::Options how;
        how.notify_path = run_dir_of(options_) + "/notify.sock";
        auto signals = runtime::Signals::watch(*loop_, {SIGINT, SIGTERM, SIGHUP, SIGCHLD},
                                               [this](int n) { on_signal(n); });
        if (!signals) return fail(signals.error());
        auto supervisor = Supervisor::make(*loop_, log_, std::move(how));
        if (!supervisor) return fail(supervisor.error());
        supervisor_ = std::move(*supervisor);
        supervisor_->start(*specs, [this] { on_all_ready(); });
        loop_->run();
        return exit_code_;
    }

  private:
    std::unique_ptr<ipc::Client> make_client(const std::string& daemon) {
        return std::make_unique<ipc::Client>(*loop_, run_dir_of(options_) + "/" + daemon + ".sock",
                                             wire::Hello{"outstation", OUTSTATION_VERSION, 1});
    }

    // One supervisor a directory.
    Result<void> lock() {
        if (const auto whole = runtime::must_be_restored(options_.state_dir); !whole) return whole;
        for (const std::string& directory : {options_.state_dir, run_dir_of(options_)}) {
            if (const auto made = runtime::make_directories(directory, 0700); !made) return made;
        }
        lock_ = UniqueFd(open((options_.state_dir + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        if (!lock_) return fail_errno(options_.state_dir + "/lock", errno);
        if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
            return fail(ErrorCode::refused, "a station runs in " + options_.state_dir + " already");
        }
        return {};
    }

    void on_signal(int number) {
        if (number == SIGCHLD) return supervisor_->reap();
        if (number == SIGHUP) return supervisor_->signal_all(SIGHUP);
        stop(exit_code_);
    }

    void stop(int exit_code) {
        exit_code_ = exit_code;
        supervisor_->stop([this] { loop_->stop(); });
    }

    void on_all_ready() {
        webd_->start();
        authd_->start();
        stored_->start();
        webd_->request<wire::StatusReply>(
            wire::StatusRequest{}, 5s, [this](Result<wire::StatusReply> status) {
                if (status) {
                    for (const auto& field : status->details) {
                        if (field.name == "certificate_sha256") fingerprint_ = field.value;
                    }
                }
                authd_->request<wire::FirstPasswordReply>(
                    wire::FirstPasswordRequest{}, 5s,
                    [this](Result<wire::FirstPasswordReply> first) { print_welcome(first); });
            });
    }

    void print_welcome(const Result<wire::FirstPasswordReply>& first) {
        const std::string host = options_.addresses.empty() ? "localhost" : options_.addresses.front();
        std::cout << "\n  Outstation " OUTSTATION_VERSION " is running.\n\n"
                  << "    Open          https://" << host << ":" << options_.port << "/\n"
                  << "    Certificate   SHA-256 " << fingerprint_ << "\n";
        if (first && !first->password.empty()) {
            std::cout << "    User          " << first->user << "\n"
                      << "    Password      " << first->password
                      << "   (first password: you choose your own after signing in)\n"
                      << "                  shown again by: outstation password first\n";
        } else {
            std::cout << "    Password      the one you chose (lost: outstation password reset USER)\n";
        }
        std::cout << "    Data          " << options_.state_dir << "\n\n"
                  << "  Compare the certificate's fingerprint with what the browser shows. Ctrl-C stops the "
                     "station.\n\n"
                  << std::flush;
        if (options_.check) await_value(60);
    }

    // --check: a first value is durable within so many seconds.
    void await_value(int seconds_left) {
        stored_->request<wire::StoreStatus>(
            wire::StoreStatusRequest{}, 5s, [this, seconds_left](Result<wire::StoreStatus> status) {
                for (const auto& stream : status ? status->streams : std::vector<wire::StreamStatus>{}) {
                    if (stream.stream == StreamId::samples && stream.durable_sequence > 0) {
                        std::cout << "  check: " << stream.durable_sequence << " records and "
                                  << status->series << " series are on disk\n"
                                  << std::flush;
                        return stop(0);
                    }
                }
                if (seconds_left == 0) {
                    std::cerr << "  check: no value reached the disk in a minute\n";
                    return stop(1);
                }
                again_ = loop_->after(1s, [this, seconds_left] { await_value(seconds_left - 1); });
            });
    }

    RunOptions options_;
    std::unique_ptr<Loop> loop_;
    runtime::Log log_;
    UniqueFd lock_;
    std::unique_ptr<Supervisor> supervisor_;
    std::unique_ptr<ipc::Client> webd_;
    std::unique_ptr<ipc::Client> authd_;
    std::unique_ptr<ipc::Client> stored_;
    std::string fingerprint_ = "(webd did not answer)";
    Timer again_;
    int exit_code_ = 0;
};

}  // namespace

int run_station(const RunOptions& options) {
    auto loop = make_epoll_loop();
    if (!loop) {
        std::cerr << "outstation: " << loop.error().text << "\n";
        return 1;
    }
    Runner runner(options, std::move(*loop));
    const auto exit_code = runner.run();
    if (exit_code) return *exit_code;
    std::cerr << "outstation: " << exit_code.error().text << "\n";
    return exit_code.error().code == ErrorCode::config ? 2 : 1;
}

}  // namespace outstation::ctl
