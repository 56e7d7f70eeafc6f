// SPDX-License-Identifier: GPL-3.0-or-later
// authd's service: the first start, login, lock-out, tokens, files.
#include "daemons/authd/authd_test.hpp"

#include <sys/stat.h>

#include <fstream>

namespace outstation::authd {
namespace {

using namespace std::chrono_literals;
using wire::LoginOutcome;
using wire::PasswordOutcome;

TEST_F(AuthdTest, TheFirstStartMakesAnAdminWithAPasswordOfItsOwn) {
    EXPECT_GE(password_.size(), 12U);
    EXPECT_EQ(password_.find_first_not_of("abcdefghijkmnpqrstuvwxyz23456789"), std::string::npos);
    for (const char* name : {"users.yaml", "first-password"}) {
        struct stat info {};
        ASSERT_EQ(stat(path(name).c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777U, 0600U) << name;
    }
    const auto reply = login("admin", password_);
    EXPECT_EQ(reply.outcome, LoginOutcome::ok);
    EXPECT_EQ(reply.session.role, wire::Role::admin);
    EXPECT_TRUE(reply.session.must_change_password);
    EXPECT_EQ(reply.session.idle_timeout_s, 900U);
    EXPECT_EQ(reply.session.token.size(), 43U);
    EXPECT_EQ(reply.session.csrf.size(), 43U);
    start();
    EXPECT_EQ(service_->first_password().password, password_);  // not made again
}

TEST_F(AuthdTest, RefusesWrongPasswordsAndUnknownUsersAlike) {
    EXPECT_EQ(login("admin", "wrong").outcome, LoginOutcome::bad_credentials);
    EXPECT_EQ(login("nobody", password_).outcome, LoginOutcome::bad_credentials);
    EXPECT_EQ(login("", "").outcome, LoginOutcome::bad_credentials);
    EXPECT_EQ(service_->failed_logins(), 3U);
}

TEST_F(AuthdTest, FiveFailuresLockTheUserForFifteenMinutes) {
    for (const char* user : {"admin", "no-such-user"}) {
        for (int i = 0; i < 4; ++i)
            EXPECT_EQ(login(user, "wrong", user).outcome, LoginOutcome::bad_credentials);
        const auto fifth = login(user, "wrong", user);
        EXPECT_EQ(fifth.outcome, LoginOutcome::locked);
        EXPECT_EQ(fifth.retry_after_s, 900U);
    }
    EXPECT_EQ(login("admin", password_, "192.0.2.9").outcome, LoginOutcome::locked);
    loop_.advance(14min + 59s);
    EXPECT_EQ(login("admin", password_).retry_after_s, 1U);
    loop_.advance(1s);
    EXPECT_EQ(login("admin", password_).outcome, LoginOutcome::ok);
}

TEST_F(AuthdTest, ASuccessForgetsFailures) {
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 4; ++i) login("admin", "wrong", "round " + std::to_string(round));
        EXPECT_EQ(login("admin", password_, "round " + std::to_string(round)).outcome, LoginOutcome::ok);
    }
}

TEST_F(AuthdTest, ABurstUnderWayGainsNothing) {
    int locked = 0;
    for (int i = 0; i < 10; ++i) {
        service_->login({"admin", "wrong", "192.0.2.1"}, [&](Result<wire::LoginReply> reply) {
            locked += reply.value().outcome == LoginOutcome::locked ? 1 : 0;
        });
    }
    loop_.advance(0ns);
    EXPECT_EQ(locked, 6);  // five turned away at once, and the fifth attempt locked the user
    EXPECT_EQ(login("admin", password_).outcome, LoginOutcome::locked);
}

TEST_F(AuthdTest, OneSourceHasTwentyTriesAMinute) {
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(login("user" + std::to_string(i), "wrong").outcome, LoginOutcome::bad_credentials);
    const auto reply = login("admin", password_);
    EXPECT_EQ(reply.outcome, LoginOutcome::locked);
    EXPECT_LE(reply.retry_after_s, 60U);
    EXPECT_EQ(login("admin", password_, "192.0.2.2").outcome, LoginOutcome::ok);
    loop_.advance(1min);
    EXPECT_EQ(login("admin", password_).outcome, LoginOutcome::ok);
}

TEST_F(AuthdTest, ABusyWorkerTurnsPeopleAwayWithoutCountingIt) {
    worker_.full = true;
    for (int i = 0; i < 10; ++i) {
        const auto reply = login("admin", password_);
        EXPECT_EQ(reply.outcome, LoginOutcome::busy);
        EXPECT_EQ(reply.retry_after_s, 1U);
    }
    worker_.full = false;
    EXPECT_EQ(login("admin", password_).outcome, LoginOutcome::ok);
}

TEST_F(AuthdTest, StrangersDoNotLockAUserOutOfAKnownPlace) {
    const std::string home = "192.0.2.44";
    ASSERT_EQ(login("admin", password_, home).outcome, LoginOutcome::ok);
    start();  // known places survive a restart
    for (int i = 0; i < 5; ++i) login("admin", "wrong", "203.0.113." + std::to_string(i));
    EXPECT_EQ(login("admin", password_, "203.0.113.9").outcome, LoginOutcome::locked);
    EXPECT_EQ(login("admin", password_, home).outcome, LoginOutcome::ok);
    for (int i = 0; i < 5; ++i) login("admin", "wrong", home);
    EXPECT_EQ(login("admin", password_, home).outcome, LoginOutcome::locked);  // five are five there too
}

TEST_F(AuthdTest, ASuccessBesideAttemptsUnderWayGivesNoExtraTries) {
    const auto nothing = [](Result<wire::LoginReply>) {};
    for (int round = 0; round < 3; ++round) {
        const std::string source = "192.0.2." + std::to_string(round);
        service_->login({"admin", password_, source}, nothing);
        service_->login({"admin", "wrong", source}, nothing);
        loop_.advance(0ns);
    }
    int wrong = 0;
    for (int i = 0; i < 20; ++i) {
        const bool bad = login("admin", "wrong", "198.51.100.1").outcome == LoginOutcome::bad_credentials;
        wrong += bad ? 1 : 0;
    }
    EXPECT_LE(wrong, 4);
}

TEST_F(AuthdTest, AFloodOfNamesAndPlacesNeitherGrowsNorLocksAnybodyOut) {
    Lockout lockout;
    const Attempt admin{"admin", "192.0.2.1", true, false};
    for (int i = 0; i < kFailuresToLock; ++i) {
        ASSERT_EQ(lockout.begin(admin, loop_.now()), Duration{0});
        lockout.failed(admin, loop_.now());
    }
    for (int i = 0; i < 10'000; ++i) {
        const Attempt flood{"user" + std::to_string(i), "source" + std::to_string(i), false, false};
        ASSERT_EQ(lockout.begin(flood, loop_.now()), Duration{0}) << i;
        lockout.failed(flood, loop_.now());
    }
    EXPECT_LE(lockout.counted(), 2 * kMostCounted);
    EXPECT_GT(lockout.begin(admin, loop_.now()), 14min);  // the lock of a user is not flooded away
    EXPECT_EQ(lockout.begin({"eve", "new place", true, false}, loop_.now()), Duration{0});
}

TEST_F(AuthdTest, APasswordThatWasChangedMeanwhileOpensNothing) {
    const std::string mine = token();
    wire::LoginReply reply;
    worker_.slow = true;
    service_->login({"admin", password_, "192.0.2.1"},
                    [&](Result<wire::LoginReply> r) { reply = r.value(); });
    bool changed = false;
    service_->change_password({mine, password_, "something else entirely"},
                              [&](Result<wire::PasswordReply> r) { changed = r.has_value(); });
    worker_.slow = false;
    service_->reset_password({"admin", "korrekt pferd batterie"}, [](Result<wire::Done>) {});
    loop_.advance(0ns);
    for (const auto& done : worker_.late) done();
    loop_.advance(0ns);
    EXPECT_EQ(reply.outcome, LoginOutcome::bad_credentials);
    EXPECT_FALSE(changed);
    EXPECT_EQ(login("admin", "korrekt pferd batterie").outcome, LoginOutcome::ok);
}

TEST_F(AuthdTest, TooLongNamesAreNotCounted) {
    bool refused = false;
    service_->login({std::string(65, 'u'), "x", "192.0.2.1"},
                    [&](Result<wire::LoginReply> r) { refused = !r; });
    EXPECT_TRUE(refused);
    service_->login({"u", std::string(1025, 'x'), "192.0.2.1"},
                    [&](Result<wire::LoginReply> r) { refused = refused && !r; });
    EXPECT_TRUE(refused);
}

TEST_F(AuthdTest, TheFirstPasswordIsNotShownOnceItIsOld) {
    const std::string first = crypto::read_small_file(path("first-password")).value();
    ASSERT_EQ(change(token(), password_, "korrekt pferd batterie"), PasswordOutcome::ok);
    std::ofstream(path("first-password")) << first;  // as after a power cut before the removal
    EXPECT_TRUE(service_->first_password().password.empty());
    start();
    EXPECT_FALSE(std::filesystem::exists(path("first-password")));
}

TEST(SourceKeyTest, OneHostIsOneSource) {
    EXPECT_EQ(source_key("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(source_key("::ffff:192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(source_key("2001:db8:1:2:3:4:5:6"), source_key("2001:db8:1:2:ffff::1"));
    EXPECT_NE(source_key("2001:db8:1:2::1"), source_key("2001:db8:1:3::1"));
    EXPECT_NE(source_key("fe80::1%eth0"), source_key("fe80::2%eth0"));
    EXPECT_EQ(source_key("rubbish"), "rubbish");
}

TEST_F(AuthdTest, TokensAreReadOnlyPersonsAndSurviveARestart) {
    std::string text;
    service_->add_token({"grafana"}, [&](Result<wire::TokenReply> reply) { text = reply.value().token; });
    loop_.advance(0ns);
    EXPECT_EQ(text.rfind("ost_", 0), 0U);
    start();
    const auto check = service_->check({text, true, false});
    ASSERT_TRUE(check);
    EXPECT_TRUE(check->session.bearer);
    EXPECT_EQ(check->session.role, wire::Role::viewer);
    EXPECT_EQ(check->session.user, "token:grafana");
    EXPECT_FALSE(service_->check({text, false, false}));  // a token is no cookie
    ASSERT_EQ(service_->list_tokens().tokens.size(), 1U);
    service_->remove_token({"grafana"}, [](Result<wire::Done> reply) { EXPECT_TRUE(reply); });
    loop_.advance(0ns);
    EXPECT_FALSE(service_->check({text, true, false}));
    service_->remove_token({"grafana"}, [](Result<wire::Done> reply) { EXPECT_FALSE(reply); });
}

TEST_F(AuthdTest, TokenNamesAreCheckedAndOneChangeGoesAtATime) {
    ErrorCode code{};
    const auto keep = [&](Result<wire::TokenReply> reply) { code = reply.error().code; };
    for (const char* wrong : {"", "a b", "a\"b", "x/y"}) {
        code = ErrorCode::bug;
        service_->add_token({wrong}, keep);
        EXPECT_EQ(code, ErrorCode::malformed) << wrong;
    }
    service_->add_token({"one"}, [](Result<wire::TokenReply> reply) { EXPECT_TRUE(reply); });
    service_->add_token({"two"}, keep);
    EXPECT_EQ(code, ErrorCode::exhausted);
    loop_.advance(0ns);
    service_->add_token({"one"}, keep);
    EXPECT_EQ(code, ErrorCode::refused);
}

TEST_F(AuthdTest, NoSecretIsOnDiskExceptTheFirstPassword) {
    const auto session = login("admin", password_).session;
    std::string token;
    service_->add_token({"x"}, [&](Result<wire::TokenReply> reply) { token = reply.value().token; });
    loop_.advance(0ns);
    ASSERT_EQ(change(session.token, password_, "korrekt pferd batterie"), PasswordOutcome::ok);
    const std::string all = everything_on_disk();
    EXPECT_NE(all.find("$scrypt$"), std::string::npos);
    for (const std::string& secret :
         {session.token, token, token.substr(4), std::string("korrekt"), password_})
        EXPECT_EQ(all.find(secret), std::string::npos) << secret;
}

TEST_F(AuthdTest, AFailedWriteChangesNothing) {
    const std::string mine = token();
    std::filesystem::create_directory(path("users.yaml.new"));
    bool failed = false;
    service_->change_password({mine, password_, "korrekt pferd batterie"},
                              [&](Result<wire::PasswordReply> reply) { failed = !reply; });
    loop_.advance(0ns);
    EXPECT_TRUE(failed);
    EXPECT_EQ(login("admin", password_).outcome, LoginOutcome::ok);
    std::filesystem::remove(path("users.yaml.new"));
    EXPECT_EQ(change(mine, password_, "korrekt pferd batterie"), PasswordOutcome::ok);
}

TEST_F(AuthdTest, ABrokenUsersFileStopsTheStartAndIsLeftAlone) {
    std::ofstream(path("users.yaml")) << "users:\n  - name: admin\n    rule: admin\n";
    Service other(loop_, log_, worker_, folder_, kCheap);
    EXPECT_FALSE(other.start());
    EXPECT_NE(crypto::read_small_file(path("users.yaml"))->find("rule: admin"), std::string::npos);
}

TEST_F(AuthdTest, ABrokenSessionsFileOnlySignsPeopleOut) {
    const std::string mine = token();
    std::ofstream(path("sessions.yaml")) << "{{{";
    start();
    EXPECT_FALSE(stands(mine));
    EXPECT_EQ(login("admin", password_).outcome, LoginOutcome::ok);
}

}  // namespace
}  // namespace outstation::authd
