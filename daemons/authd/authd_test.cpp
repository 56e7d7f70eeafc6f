// SPDX-License-Identifier: GPL-3.0-or-later
// authd's service on virtual time, with cheap scrypt: login, lock-out, sessions over restarts, tokens, files.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemons/authd/service.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::authd {
namespace {

using namespace std::chrono_literals;
using wire::LoginOutcome;
using wire::PasswordOutcome;
constexpr crypto::ScryptCost kCheap{4, 8, 1};

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
        loop_.advance(0ns);
        return out;
    }
    std::string token() { return login("admin", password_).session.token; }
    bool stands(const std::string& session, bool passive = true) {
        return service_->check({session, false, passive}).has_value();
    }
    PasswordOutcome change(const std::string& session, const std::string& current, const std::string& next) {
        PasswordOutcome out{};
        service_->change_password({session, current, next},
                                  [&](Result<wire::PasswordReply> reply) { out = reply.value().outcome; });
        loop_.advance(0ns);
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

TEST_F(AuthdTest, ASessionFromTheFutureHasEnded) {
    const std::string mine = token();
    service_->flush([] {});
    loop_.advance(0ns);
    loop_.step_wall(-1h);  // a box without a battery starts in the past
    start();
    EXPECT_FALSE(stands(mine));
}

TEST(SourceKeyTest, OneHostIsOneSource) {
    EXPECT_EQ(source_key("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(source_key("::ffff:192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(source_key("2001:db8:1:2:3:4:5:6"), source_key("2001:db8:1:2:ffff::1"));
    EXPECT_NE(source_key("2001:db8:1:2::1"), source_key("2001:db8:1:3::1"));
    EXPECT_NE(source_key("fe80::1%eth0"), source_key("fe80::2%eth0"));
    EXPECT_EQ(source_key("rubbish"), "rubbish");
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

TEST(ThreadWorkerTest, RunsJobsInOrderAndCallsBackOnTheLoop) {
    const auto loop = make_epoll_loop().value();
    std::vector<int> order;
    {
        ThreadWorker worker(*loop);
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(worker.run(
                Place::file, [] {},
                [&, i] {
                    order.push_back(i);
                    if (i == 2) loop->stop();
                }));
        }
        loop->run();
    }
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(ThreadWorkerTest, HasALimitAndStopsWithWorkWaiting) {
    const auto loop = make_epoll_loop().value();
    ThreadWorker worker(*loop);
    int taken = 0;
    while (taken < 1000 && worker.run(
                               Place::file, [] { std::this_thread::sleep_for(2ms); }, [] { FAIL(); }))
        ++taken;
    EXPECT_LT(taken, 100);
    EXPECT_FALSE(worker.run(
        Place::known, [] {}, [] { FAIL(); }));
}

TEST(ThreadWorkerTest, StrangersLeaveRoomForKnownPeopleAndFiles) {
    const auto loop = make_epoll_loop().value();
    std::mutex hold;
    ThreadWorker worker(*loop);
    const std::lock_guard held(hold);
    const auto wait = [&hold] { const std::lock_guard until(hold); };
    const auto nothing = [] {};
    for (int i = 0; i < 100; ++i)
        (void)worker.run(Place::stranger, i == 0 ? std::function<void()>(wait) : nothing, nothing);
    EXPECT_FALSE(worker.run(Place::stranger, nothing, nothing));
    EXPECT_TRUE(worker.run(Place::known, nothing, nothing));
    EXPECT_TRUE(worker.run(Place::file, nothing, nothing));
}

}  // namespace
}  // namespace outstation::authd
