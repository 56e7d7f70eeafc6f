// SPDX-License-Identifier: GPL-3.0-or-later
// confd's App over its socket: what others ask while every secret is sealed with a new key; what people set.
#include "daemons/confd/app.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "lib/crypto/private_file.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::confd {
namespace {

using namespace std::chrono_literals;

class TestContext : public runtime::Context {
  public:
    explicit TestContext(std::string directory) : directory_(std::move(directory)) {
        ipc::Server::Options options;
        options.path = directory_ + "/confd.sock";
        server_ = ipc::Server::listen(*loop_, std::move(options)).value();
    }
    Loop& loop() override { return *loop_; }
    runtime::Log& log() override { return log_; }
    ipc::Server& server() override { return *server_; }
    std::unique_ptr<ipc::Client> client(const std::string& daemon) override {
        return client_of("outstation", daemon);
    }
    std::unique_ptr<ipc::Client> client_of(const std::string& program, const std::string& daemon) {
        return std::make_unique<ipc::Client>(*loop_, directory_ + "/" + daemon + ".sock",
                                             wire::Hello{program, "0", 1});
    }
    const std::string& state_dir() const override { return directory_; }
    const std::string& run_dir() const override { return directory_; }
    std::uint64_t incarnation() const override { return 1; }
    Stamp stamp() override { return {}; }
    void fatal(const Error& error) override { ADD_FAILURE() << error.text; }

  private:
    std::string directory_;
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    runtime::Log log_{"confd"};
    std::unique_ptr<ipc::Server> server_;
};

class AppTest : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_NE(mkdtemp(dir_), nullptr);
        context_ = std::make_unique<TestContext>(dir_);
        Secrets secrets(dir_);
        for (int i = 0; i < kSecrets; ++i)
            ASSERT_TRUE(secrets.put("s" + std::to_string(i), "v" + std::to_string(i)));
        key_ = crypto::read_small_file(std::string(dir_) + "/secrets.key").value();
    }
    void TearDown() override { std::filesystem::remove_all(dir_); }
    [[nodiscard]] bool has_new_key() const {
        return crypto::read_small_file(std::string(dir_) + "/secrets.key").value() != key_;
    }

    static constexpr int kSecrets = 50;
    char dir_[32] = "/tmp/outstation-confd-XXXXXX";
    std::unique_ptr<TestContext> context_;
    std::string key_;
};

TEST_F(AppTest, WhileTheKeyChangesOthersAreAnswered) {
    App app;
    ASSERT_TRUE(app.start(*context_));
    const auto console = context_->client("confd");
    const auto other = context_->client("confd");
    console->start();
    other->start();
    std::string answers;
    int left = 3;
    const auto came = [&](const char* what) {
        answers += what;
        if (--left == 0) context_->loop().stop();
    };
    for (int twice = 0; twice < 2; ++twice) {
        console->request<wire::SecretsRekeyed>(wire::RekeySecrets{}, 60s,
                                               [&](Result<wire::SecretsRekeyed> reply) {
                                                   EXPECT_EQ(reply.value().count, 50U);
                                                   came("rekeyed ");
                                               });
    }
    other->request<wire::ConfigReply>(wire::ConfigRequest{}, 60s,
                                      [&](const Result<wire::ConfigReply>&) { came("config "); });
    context_->loop().run();
    EXPECT_EQ(answers, "config rekeyed rekeyed ");
    EXPECT_TRUE(has_new_key());
    EXPECT_EQ(Secrets(dir_).get("s49").value(), "v49");
}

TEST_F(AppTest, AChangeThatWasCutOffGoesOnAfterTheStart) {
    ASSERT_TRUE(Secrets(dir_).begin_rekey());
    App app;
    ASSERT_TRUE(app.start(*context_));
    EXPECT_FALSE(has_new_key());  // it is ready before all is sealed
    const auto console = context_->client("confd");
    console->start();
    console->request<wire::SecretsRekeyed>(wire::RekeySecrets{}, 60s,
                                           [&](const Result<wire::SecretsRekeyed>& reply) {
                                               EXPECT_TRUE(reply);
                                               context_->loop().stop();
                                           });
    context_->loop().run();
    EXPECT_TRUE(has_new_key());
    EXPECT_FALSE(std::filesystem::exists(std::string(dir_) + "/secrets.key.next"));
    EXPECT_EQ(Secrets(dir_).get("s49").value(), "v49");
}

TEST_F(AppTest, WhatIsSetIsInForceAtOnceAndNoSecretComesBack) {
    App app;
    ASSERT_TRUE(app.start(*context_));
    const auto client = context_->client("confd");
    client->start();
    wire::PutCredential put;
    put.credential.name = "room";
    put.credential.protocol = "snmp-v2c";
    put.credential.community = "a-community-of-its-own";
    put.by = "admin";
    const auto fine = [](const Result<wire::Done>& reply) { EXPECT_TRUE(reply); };
    const auto wrong = [](const Result<wire::Done>& reply) { EXPECT_FALSE(reply); };
    client->request<wire::Done>(wire::NameStation{"机房", {"江澜省"}, "admin"}, 10s, fine);
    client->request<wire::Done>(wire::SetScope{{{"10.1.0.0/24"}, {"room"}, 161}, "admin"}, 10s, wrong);
    client->request<wire::Done>(put, 10s, fine);
    client->request<wire::Done>(wire::SetScope{{{"10.1.0.0/24"}, {"room"}, 161}, "admin"}, 10s, fine);
    wire::ConfigReply config;
    client->request<wire::ConfigReply>(wire::ConfigRequest{}, 10s, [&](Result<wire::ConfigReply> reply) {
        config = reply.value();
        context_->loop().stop();
    });
    context_->loop().run();
    EXPECT_EQ(config.generation, 3U);
    EXPECT_EQ(config.station.name, "机房");
    EXPECT_TRUE(config.credentials.empty());
    ASSERT_EQ(config.known_credentials.size(), 1U);
    EXPECT_EQ(config.known_credentials[0].name, "room");
    EXPECT_FALSE(config.known_credentials[0].fixed);
    EXPECT_EQ(config.discovery.at(0).credentials, std::vector<std::string>{"room"});
    EXPECT_EQ(wire::encode(config).find(put.credential.community), std::string::npos);
    EXPECT_EQ(Secrets(dir_).get("browser.room.community").value(), put.credential.community);
}

TEST_F(AppTest, WebdSendsNoCredentialOfStationYamlToAnAddressOfItsChoice) {
    App app;
    auto document =
        config::Document::parse("credentials: [{name: room, community: {secret: s1}}]\n", "station.yaml");
    app.stage(document.root());
    app.commit();
    ASSERT_TRUE(app.start(*context_));
    const auto webd = context_->client_of("webd", "confd");
    webd->start();
    webd->request<wire::Done>(wire::SetScope{{{"10.66.6.6"}, {"room"}, 161}, "admin"}, 10s,
                              [](const Result<wire::Done>& reply) {
                                  ASSERT_FALSE(reply);
                                  EXPECT_EQ(reply.error().code, ErrorCode::refused);
                                  EXPECT_NE(reply.error().text.find("'room'"), std::string::npos);
                              });
    wire::AddDevice add;
    add.device = {"decoy", "decoy", "10.66.6.6", 161, "other", "", 0, "room"};
    webd->request<wire::Done>(add, 10s, [](const Result<wire::Done>& reply) { EXPECT_FALSE(reply); });
    webd->request<wire::ConfigReply>(wire::ConfigRequest{}, 10s, [&](const Result<wire::ConfigReply>& reply) {
        EXPECT_TRUE(reply.value().discovery.empty());
        EXPECT_TRUE(reply.value().devices.empty());
        context_->loop().stop();
    });
    context_->loop().run();
    EXPECT_FALSE(std::filesystem::exists(std::string(dir_) + "/setup.yaml"));
}

TEST_F(AppTest, ACredentialThatIsRefusedLeavesTheSecretsAlone) {
    ASSERT_TRUE(Secrets(dir_).put("browser.room.community", "the one in force"));
    App app;
    auto document =
        config::Document::parse("credentials: [{name: room, community: {secret: s1}}]\n", "station.yaml");
    app.stage(document.root());
    app.commit();
    ASSERT_TRUE(app.start(*context_));
    const auto client = context_->client("confd");
    client->start();
    wire::PutCredential put;
    put.credential.name = "room";
    put.credential.protocol = "snmp-v2c";
    put.credential.community = "another";
    client->request<wire::Done>(put, 10s, [&](const Result<wire::Done>& reply) {
        EXPECT_EQ(reply.error().code, ErrorCode::refused);
        context_->loop().stop();
    });
    context_->loop().run();
    EXPECT_EQ(Secrets(dir_).get("browser.room.community").value(), "the one in force");
}

}  // namespace
}  // namespace outstation::confd
