// SPDX-License-Identifier: GPL-3.0-or-later
// For tests of commands: daemons played on a thread, and what a command prints kept.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "daemons/ctl/outcome.hpp"
#include "daemons/ctl/said_test.hpp"
#include "lib/ipc/server.hpp"

namespace outstation::ctl {

class PlayedDaemons : public SaidTest {
  protected:
    void SetUp() override { ASSERT_NE(mkdtemp(dir_), nullptr); }
    void TearDown() override {
        if (thread_.joinable()) {
            loop_->post([this] { loop_->stop(); });
            thread_.join();
        }
        servers_.clear();
        std::filesystem::remove_all(dir_);
    }
    ipc::Server& serve(const std::string& name) {
        ipc::Server::Options options;
        options.path = std::string(dir_) + "/" + name + ".sock";
        return *servers_.emplace_back(ipc::Server::listen(*loop_, std::move(options)).value());
    }
    void serve_status(const std::string& name) {
        serve(name).on<wire::StatusRequest>(
            [](ipc::Peer&, const wire::StatusRequest&, const ipc::Responder& responder) {
                responder.reply(wire::StatusReply{});
            });
    }
    void run() {
        thread_ = std::thread([this] { loop_->run(); });
    }
    [[nodiscard]] Target target(bool json = false) const { return {dir_, json}; }

    char dir_[32] = "/tmp/outstation-ctl-XXXXXX";
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    std::vector<std::unique_ptr<ipc::Server>> servers_;
    std::thread thread_;
};

}  // namespace outstation::ctl
