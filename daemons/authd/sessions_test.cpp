// SPDX-License-Identifier: GPL-3.0-or-later
// authd's service: sessions over time, restarts and other passwords.
#include "daemons/authd/authd_test.hpp"

namespace outstation::authd {
namespace {

using namespace std::chrono_literals;
using wire::LoginOutcome;
using wire::PasswordOutcome;

TEST_F(AuthdTest, ASessionFromTheFutureHasEnded) {
    const std::string mine = token();
    service_->flush([] {});
    loop_.advance(0ns);
    loop_.step_wall(-1h);  // a box without a battery starts in the past
    start();
    EXPECT_FALSE(stands(mine));
}

TEST_F(AuthdTest, SessionsEndAfterFifteenIdleMinutes) {
    const std::string session = token();
    loop_.advance(14min);
    EXPECT_TRUE(stands(session, true));  // the page polls: no use by a person
    loop_.advance(1min);
    EXPECT_FALSE(stands(session));
    const std::string other = token();
    for (int i = 0; i < 5; ++i) {
        loop_.advance(14min);
        EXPECT_TRUE(stands(other, false));
    }
}

TEST_F(AuthdTest, SessionsEndAfterTwelveHours) {
    const std::string session = token();
    for (int i = 0; i < 71; ++i) {
        loop_.advance(10min);
        EXPECT_TRUE(stands(session, false)) << i;
    }
    loop_.advance(10min);
    EXPECT_FALSE(stands(session, false));
}

TEST_F(AuthdTest, LogoutEndsTheSession) {
    const std::string session = token();
    const std::string other = token();
    bool on_disk = false;
    service_->logout({session}, [&](Result<wire::Done> reply) { on_disk = reply.has_value(); });
    EXPECT_FALSE(stands(session));
    EXPECT_TRUE(stands(other));
    EXPECT_FALSE(on_disk);
    loop_.advance(0ns);
    EXPECT_TRUE(on_disk);
    start();
    EXPECT_FALSE(stands(session));
    EXPECT_TRUE(stands(other));
    EXPECT_FALSE(stands(""));
    EXPECT_FALSE(stands("rubbish"));
}

TEST_F(AuthdTest, AnEndOfASessionThatTheDiskRefusesIsToldAndTriedAgain) {
    const std::string session = token();
    loop_.advance(0ns);
    std::filesystem::create_directory(path("sessions.yaml.new"));
    bool refused = false;
    service_->logout({session}, [&](Result<wire::Done> reply) { refused = !reply; });
    loop_.advance(0ns);
    EXPECT_TRUE(refused);
    EXPECT_FALSE(stands(session));
    std::filesystem::remove(path("sessions.yaml.new"));
    loop_.advance(11s);
    start();
    EXPECT_FALSE(stands(session));
}

TEST_F(AuthdTest, ASessionOfAnOldPasswordHasEndedWhateverIsOnDisk) {
    const std::string thief = token();
    const std::string changed = token();
    loop_.advance(0ns);
    std::filesystem::create_directory(path("sessions.yaml.new"));
    ASSERT_EQ(change(changed, password_, "korrekt pferd batterie"), PasswordOutcome::ok);
    EXPECT_TRUE(stands(changed));
    start();  // as after a power cut: the file has both sessions as they were
    EXPECT_EQ(service_->sessions(), 2U);
    EXPECT_FALSE(stands(thief));
    bool refused = false;
    service_->change_password({thief, "korrekt pferd batterie", "something else entirely"},
                              [&](Result<wire::PasswordReply> reply) { refused = !reply; });
    EXPECT_TRUE(refused);
}

TEST_F(AuthdTest, SessionsSurviveARestartAndKeepTheirAge) {
    const auto before = login("admin", password_).session;
    loop_.advance(10min);
    service_->flush([] {});
    loop_.advance(0ns);
    start();
    const auto check = service_->check({before.token, false, true});
    ASSERT_TRUE(check);
    EXPECT_EQ(check->session.csrf, before.csrf);
    loop_.advance(5min);
    EXPECT_FALSE(stands(before.token));
}

TEST_F(AuthdTest, OfSessionsThatAreTooManyTheOldestGivesWay) {
    std::vector<std::string> tokens;
    for (std::size_t i = 0; i < kSessionsOfUser + 2; ++i) {
        tokens.push_back(token());
        loop_.advance(1s);
    }
    EXPECT_EQ(service_->sessions(), kSessionsOfUser);
    EXPECT_FALSE(stands(tokens[0]));
    EXPECT_FALSE(stands(tokens[1]));
    EXPECT_TRUE(stands(tokens[2]));
}

TEST_F(AuthdTest, ChangingThePasswordEndsOtherSessionsAndTheFirstPassword) {
    const std::string mine = token();
    const std::string other = token();
    EXPECT_EQ(change(mine, password_, "korrekt pferd batterie"), PasswordOutcome::ok);
    EXPECT_TRUE(stands(mine));
    EXPECT_FALSE(stands(other));
    EXPECT_TRUE(service_->first_password().password.empty());
    EXPECT_EQ(login("admin", password_).outcome, LoginOutcome::bad_credentials);
    start();
    const auto reply = login("admin", "korrekt pferd batterie");
    EXPECT_EQ(reply.outcome, LoginOutcome::ok);
    EXPECT_FALSE(reply.session.must_change_password);
}

TEST_F(AuthdTest, RefusesWeakPasswordsAndAWrongCurrentOne) {
    const std::string mine = token();
    for (const std::string& weak : {std::string("short"), std::string("elevenchars"), std::string(40, 'a'),
                                    std::string("my Admin password"), std::string(257, 'x') + "abcdef",
                                    std::string("with\ncontrol chars"), password_}) {
        EXPECT_EQ(change(mine, password_, weak), PasswordOutcome::weak) << weak;
    }
    EXPECT_EQ(change(mine, "wrong", "korrekt pferd batterie"), PasswordOutcome::bad_credentials);
    EXPECT_EQ(change(mine, password_, "十二个汉字也是一个好口令的"), PasswordOutcome::ok);
}

TEST_F(AuthdTest, GuessingThePasswordThroughASessionLocksToo) {
    const std::string mine = token();
    for (int i = 0; i < 4; ++i) change(mine, "wrong", "korrekt pferd batterie");
    EXPECT_EQ(change(mine, "wrong", "korrekt pferd batterie"), PasswordOutcome::locked);
    EXPECT_EQ(change(mine, password_, "korrekt pferd batterie"), PasswordOutcome::locked);
}

TEST_F(AuthdTest, TheConsoleResetsAPasswordAndTheLock) {
    const std::string mine = token();
    for (int i = 0; i < 5; ++i) login("admin", "wrong");
    Result<wire::Done> done;
    const auto keep = [&](Result<wire::Done> reply) { done = std::move(reply); };
    service_->reset_password({"nobody", "korrekt pferd batterie"}, keep);
    EXPECT_EQ(done.error().code, ErrorCode::not_found);
    service_->reset_password({"admin", "short"}, keep);
    EXPECT_EQ(done.error().code, ErrorCode::refused);
    service_->reset_password({"admin", "korrekt pferd batterie"}, keep);
    loop_.advance(0ns);
    EXPECT_TRUE(done);
    EXPECT_FALSE(stands(mine));
    EXPECT_EQ(login("admin", "korrekt pferd batterie").outcome, LoginOutcome::ok);
}

TEST_F(AuthdTest, AResetThatIsNotOnDiskForgivesNobody) {
    const std::string home = "192.0.2.44";
    ASSERT_EQ(login("admin", password_, home).outcome, LoginOutcome::ok);
    for (int i = 0; i < 5; ++i) login("admin", "wrong", "203.0.113." + std::to_string(i));
    std::filesystem::create_directory(path("users.yaml.new"));
    bool refused = false;
    service_->reset_password({"admin", "korrekt pferd batterie"},
                             [&](Result<wire::Done> reply) { refused = !reply; });
    loop_.advance(0ns);
    EXPECT_TRUE(refused);
    EXPECT_EQ(login("admin", password_, "203.0.113.9").outcome, LoginOutcome::locked);
    EXPECT_EQ(login("admin", password_, home).outcome, LoginOutcome::ok);
}

}  // namespace
}  // namespace outstation::authd
