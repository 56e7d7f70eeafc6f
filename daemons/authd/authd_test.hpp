// SPDX-License-Identifier: GPL-3.0-or-later
// For tests of authd: its service on virtual time, with cheap scrypt and a worker that does the job at once.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "daemons/authd/service.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::authd {

inline constexpr crypto::ScryptCost kCheap{4, 8, 1};

// Does the job at once and calls back in the next turn.
class InlineWorker : public Worker {
  public:
    explicit InlineWorker(Loop& loop) : loop_(loop) {}
    bool run(Place place, std::function<void()> job, std::function<void()> done) override {
        if (full && place != Place::file) return false;
        job();
        if (slow) {
            late.push_back(std::move(done));
        } else {
            loop_.post(std::move(done));
        }
        return true;
    }
    bool full = false;
    bool slow = false;  // the answers come when the test wants
    std::vector<std::function<void()>> late;

  private:
    Loop& loop_;
};

class AuthdTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(folder_), nullptr);
        start();
        password_ = service_->first_password().password;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void start() {
        service_ = std::make_unique<Service>(loop_, log_, worker_, folder_, kCheap);
        const auto started = service_->start();
        ASSERT_TRUE(started) << started.error().text;
    }
    wire::LoginReply login(const std::string& user, const std::string& password,
                           const std::string& source = "192.0.2.1") {
        wire::LoginReply out;
        service_->login({user, password, source},
                        [&](Result<wire::LoginReply> reply) { out = reply.value(); });
        loop_.advance(Duration{});
        return out;
    }
    std::string token() { return login("admin", password_).session.token; }
    bool stands(const std::string& session, bool passive = true) {
        return service_->check({session, false, passive}).has_value();
    }
    wire::PasswordOutcome change(const std::string& session, const std::string& current,
                                 const std::string& next) {
        wire::PasswordOutcome out{};
        service_->change_password({session, current, next},
                                  [&](Result<wire::PasswordReply> reply) { out = reply.value().outcome; });
        loop_.advance(Duration{});
        return out;
    }
    std::string path(const std::string& name) const { return std::string(folder_) + "/" + name; }
    std::string everything_on_disk() const {
        std::string all;
        for (const auto& entry : std::filesystem::directory_iterator(folder_))
            all += crypto::read_small_file(entry.path()).value();
        return all;
    }

    char folder_[32] = "/tmp/outstation-authd-XXXXXX";
    SimLoop loop_;
    runtime::Log log_{"authd"};
    InlineWorker worker_{loop_};
    std::unique_ptr<Service> service_;
    std::string password_;
};

}  // namespace outstation::authd
