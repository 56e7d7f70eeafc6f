// SPDX-License-Identifier: GPL-3.0-or-later
// What an agent answers in v1 and v2c, read back by the driver's own parser.
#include "tests/sim/agent.hpp"

#include <gtest/gtest.h>

#include "tests/sim/snmprec.hpp"

namespace outstation::sim {
namespace {

using namespace snmp;

using Varbinds = std::vector<std::pair<std::string, Tag>>;

struct Answer {
    std::int64_t status = -1;  // there was none
    std::int64_t index = 0;
    Varbinds varbinds;
};

class Kept : public Outbox {
  public:
    void send(std::string_view bytes, const Departure& departure) override {
        all.emplace_back(bytes);
        last = departure;
    }
    std::vector<std::string> all;
    Departure last;
};

class AgentTest : public testing::Test {
  protected:
    AgentTest() { show("1.3.6.1.1.1|2|1\n1.3.6.1.1.2|2|2\n1.3.6.1.1.3|4|three\n1.3.6.1.2.1|65|9\n"); }
    void show(const std::string& recording) {
        device_.mib = std::make_shared<const Mib>(parse_snmprec(recording).mib);
    }
    void behave(const std::string& text) {
        device_.behaviours = std::make_shared<const std::vector<Scheduled>>(1, parse_behaviour(text).value());
    }
    Answer ask(Tag pdu, std::vector<std::string> oids, std::int64_t first = 0, std::int64_t second = 0,
               Version version = Version::v2c) {
        std::array<char, 4096> buffer;
        BackWriter out(buffer);
        for (auto it = oids.rbegin(); it != oids.rend(); ++it)
            request_varbind(out, encode_oid(*it).value(), {});
        finish_pdu(out, pdu, 77, first, second);
        finish_message(out, version, "public");
        kept_.all.clear();
        agent_.receive(device_, state_, out.bytes(), {1.7e9, elapsed_s_}, kept_);
        Answer answer;
        if (kept_.all.empty()) return answer;
        const auto response = parse_response(kept_.all.back());
        if (!response) return answer;
        EXPECT_EQ(response->version, version);
        id_ = response->request_id;
        answer.status = response->error_status;
        answer.index = response->error_index;
        Cursor list = response->varbinds;
        Varbind varbind;
        malformed_ = false;
        while (take_varbind(list, varbind, malformed_))
            answer.varbinds.emplace_back(decode_oid(varbind.oid).value(), varbind.value.tag);
        return answer;
    }

    Device device_{"agent", "127.0.0.1", 161};
    DeviceState state_{device_};
    Agent agent_{AgentOptions{}};
    Kept kept_;
    double elapsed_s_ = 0;
    std::uint32_t id_ = 0;
    bool malformed_ = false;
};

TEST_F(AgentTest, GetGivesValuesAndExceptions) {
    const Varbinds expected = {{"1.3.6.1.1.2", Tag::integer},
                               {"1.3.6.1.1.9", Tag::no_such_instance},
                               {"1.3.6.1.7.1", Tag::no_such_object}};
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.2", "1.3.6.1.1.9", "1.3.6.1.7.1"}).varbinds, expected);
    EXPECT_EQ(id_, 77U);
}

TEST_F(AgentTest, GetNextWalksToTheEnd) {
    const Varbinds expected = {{"1.3.6.1.1.1", Tag::integer}, {"1.3.6.1.2.1", Tag::end_of_mib_view}};
    EXPECT_EQ(ask(Tag::get_next_request, {"1.3.6.1", "1.3.6.1.2.1"}).varbinds, expected);
}

TEST_F(AgentTest, GetBulkTakesNonRepeatersOnceAndRowsInTurn) {
    const Varbinds expected = {{"1.3.6.1.2.1", Tag::counter32},
                               {"1.3.6.1.1.1", Tag::integer},
                               {"1.3.6.1.1.3", Tag::octet_string},
                               {"1.3.6.1.1.2", Tag::integer},
                               {"1.3.6.1.2.1", Tag::counter32}};
    EXPECT_EQ(ask(Tag::get_bulk_request, {"1.3.6.1.2", "1.3.6.1.1", "1.3.6.1.1.2"}, 1, 2).varbinds, expected);
}

TEST_F(AgentTest, GetBulkEndsWithTheView) {
    const Varbinds expected = {{"1.3.6.1.2.1", Tag::counter32}, {"1.3.6.1.2.1", Tag::end_of_mib_view}};
    EXPECT_EQ(ask(Tag::get_bulk_request, {"1.3.6.1.2"}, 0, 50).varbinds, expected);
}

// RFC 1157 section 4.1, RFC 3584 section 4.2.2.
TEST_F(AgentTest, Version1NamesWhatIsMissingAndHasNoCounter64) {
    show("1.3.6.1.1.1|2|1\n1.3.6.1.1.2|70|2\n1.3.6.1.1.3|2|3\n");
    const auto as_v1 = [this](Tag pdu, std::vector<std::string> oids) {
        return ask(pdu, std::move(oids), 0, 0, Version::v1);
    };
    const Answer missing = as_v1(Tag::get_request, {"1.3.6.1.1.1", "1.3.6.1.1.2"});
    EXPECT_EQ(missing.status, kNoSuchName);
    EXPECT_EQ(missing.index, 2);
    EXPECT_EQ(missing.varbinds, (Varbinds{{"1.3.6.1.1.1", Tag::null}, {"1.3.6.1.1.2", Tag::null}}));
    EXPECT_EQ(as_v1(Tag::get_next_request, {"1.3.6.1.1.1"}).varbinds,
              (Varbinds{{"1.3.6.1.1.3", Tag::integer}}));
    EXPECT_EQ(as_v1(Tag::get_next_request, {"1.3.6.1.1.3"}).status, kNoSuchName);
    EXPECT_EQ(as_v1(Tag::get_bulk_request, {"1.3.6.1.1"}).status, -1);
}

TEST_F(AgentTest, NothingIsWritten) {
    EXPECT_EQ(ask(kSetRequest, {"1.3.6.1.1.1"}).status, 6);
    EXPECT_EQ(ask(kSetRequest, {"1.3.6.1.1.1"}, 0, 0, Version::v1).status, kNoSuchName);
}

TEST_F(AgentTest, NoAnswerIsLargerThanAllowed) {
    std::string text;
    for (int i = 1; i <= 100; ++i)
        text += "1.3.6.1.5." + std::to_string(i) + "|4|" + std::string(60, 'x') + "\n";
    show(text);
    agent_ = Agent(AgentOptions{"public", {}, 484});
    const Answer bulk = ask(Tag::get_bulk_request, {"1.3.6.1.5"}, 0, 100);
    EXPECT_LE(kept_.all.back().size(), 484U);
    EXPECT_EQ(bulk.varbinds.size(), 6U);
    std::vector<std::string> many;
    for (int i = 1; i <= 10; ++i) many.push_back("1.3.6.1.5." + std::to_string(i));
    const Answer get = ask(Tag::get_request, many);
    EXPECT_EQ(get.status, kTooBig);
    EXPECT_TRUE(get.varbinds.empty());
    EXPECT_EQ(ask(Tag::get_request, many, 0, 0, Version::v1).varbinds.size(), 10U);
}

TEST_F(AgentTest, ValuesLongerThanAPageAreSentWhole) {
    show("1.3.6.1.5.1|4|" + std::string(5000, 'x') + "\n");
    agent_ = Agent(AgentOptions{"public", {}, 65507});
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.5.1"}).varbinds.size(), 1U);
    EXPECT_GT(kept_.all.back().size(), 5000U);
}

TEST_F(AgentTest, AnotherCommunityAndBrokenRequestsGetNoAnswer) {
    agent_ = Agent(AgentOptions{"private"});
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.1"}).status, -1);
    agent_.receive(device_, state_, "0", {}, kept_);
    agent_.receive(device_, state_, {}, {}, kept_);
    EXPECT_TRUE(kept_.all.empty());
}

TEST_F(AgentTest, AWalkMayGoInCirclesOrBack) {
    const auto after = [this](const char* oid) {
        return ask(Tag::get_next_request, {oid}).varbinds.at(0).first;
    };
    behave("loop 2");
    EXPECT_EQ(after("1.3.6.1.1.1"), "1.3.6.1.1.2");
    EXPECT_EQ(after("1.3.6.1.1.2"), "1.3.6.1.1.1");
    behave("stuck");
    EXPECT_EQ(after("1.3.6.1.1.2"), "1.3.6.1.1.2");
    behave("backwards 2");
    EXPECT_EQ(after("1.3.6.1.1.3"), "1.3.6.1.1.2");
    behave("endless");
    EXPECT_EQ(after("1.3.6.1.1.3"), "1.3.6.1.1.4");
    EXPECT_EQ(after("1.3.6.1.1.127"), "1.3.6.1.1.128");
    EXPECT_EQ(ask(Tag::get_bulk_request, {"1.3.6.1.1.2"}, 0, 4).varbinds.back().first, "1.3.6.1.1.6");
}

TEST_F(AgentTest, ALiarHasOtherTypesLengthsAndInstances) {
    const std::vector<std::string> two = {"1.3.6.1.1.1", "1.3.6.1.1.3"};
    behave("lie");
    EXPECT_EQ(ask(Tag::get_request, two).varbinds,
              (Varbinds{{"1.3.6.1.1.1", Tag::octet_string}, {"1.3.6.1.1.3", Tag::integer}}));
    for (const char* text : {"truncated", "bad-lengths"}) {
        behave(text);
        EXPECT_TRUE(ask(Tag::get_request, two).varbinds.empty()) << text;
        EXPECT_TRUE(malformed_) << text;
    }
    behave("other-oids");
    EXPECT_EQ(ask(Tag::get_request, two).varbinds.at(0).first, "1.3.6.1.1.2");
    behave("shuffled");
    EXPECT_EQ(ask(Tag::get_request, two).varbinds.at(0).first, "1.3.6.1.1.3");
    behave("empty");
    EXPECT_TRUE(ask(Tag::get_request, two).varbinds.empty());
    behave("extra");
    EXPECT_EQ(ask(Tag::get_request, two).varbinds.size(), 3U);
    behave("giant");
    EXPECT_EQ(ask(Tag::get_request, two).varbinds.size(), 3U);
    EXPECT_GT(kept_.all.back().size(), 64'000U);
    EXPECT_LE(kept_.all.back().size(), 65'507U);
}

TEST_F(AgentTest, ErrorsNamesAndBytesAsTold) {
    behave("too-big");
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.1"}).status, kTooBig);
    behave("gen-err");
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.1"}).status, kGenErr);
    behave("no-bulk");
    EXPECT_EQ(ask(Tag::get_bulk_request, {"1.3.6.1.1"}, 0, 5).status, -1);
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.1"}).status, 0);
    behave("v1-only");
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.1"}).status, -1);
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.1"}, 0, 0, Version::v1).status, 0);
    behave("wrong-id 3");
    (void)ask(Tag::get_request, {"1.3.6.1.1.1"});
    EXPECT_EQ(id_, 80U);
    for (const char* text : {"random-bytes", "cut"}) {
        behave(text);
        EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.1"}).status, -1) << text;
        EXPECT_EQ(kept_.all.size(), 1U) << text;
    }
}

TEST_F(AgentTest, AnswersGetLostLateAndDoubled) {
    behave("silent from 10 s");
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.1"}).status, 0);
    elapsed_s_ = 10;
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.1"}).status, -1);
    behave("doubled 3");
    (void)ask(Tag::get_request, {"1.3.6.1.1.1"});
    EXPECT_EQ(kept_.all.size(), 3U);
    behave("latency 200 ms");
    (void)ask(Tag::get_request, {"1.3.6.1.1.1"});
    EXPECT_EQ(kept_.last.after, std::chrono::milliseconds(200));
    behave("wrong-address");
    (void)ask(Tag::get_request, {"1.3.6.1.1.1"});
    EXPECT_TRUE(kept_.last.from_other_address);
    behave("forger 5");
    (void)ask(Tag::get_request, {"1.3.6.1.1.1"});
    EXPECT_EQ(kept_.all.size(), 6U);
    EXPECT_EQ(id_, 77U);
    behave("loss 50 %");
    int answered = 0;
    for (int i = 0; i < 1000; ++i) answered += ask(Tag::get_request, {"1.3.6.1.1.1"}).status == 0 ? 1 : 0;
    EXPECT_NEAR(answered, 250, 60);  // there and back
}

TEST_F(AgentTest, ARestartTakesAWhileAndBeginsAtZero) {
    show("1.3.6.1.2.1.1.3.0|67|5000\n1.3.6.1.2.1.2.2.1.10.1|65~|7000 rate 10\n");
    behave("restart 5 s every 60 s");
    const auto value = [this](double elapsed_s) {
        elapsed_s_ = elapsed_s;
        if (ask(Tag::get_request, {"1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.2.2.1.10.1"}).status != 0)
            return std::pair<std::uint64_t, std::uint64_t>{};
        Cursor list = parse_response(kept_.all.back())->varbinds;
        std::pair<std::uint64_t, std::uint64_t> out;
        Varbind varbind;
        bool malformed = false;
        EXPECT_TRUE(take_varbind(list, varbind, malformed) &&
                    parse_unsigned(varbind.value.content, out.first));
        EXPECT_TRUE(take_varbind(list, varbind, malformed) &&
                    parse_unsigned(varbind.value.content, out.second));
        return out;
    };
    using Pair = std::pair<std::uint64_t, std::uint64_t>;
    EXPECT_EQ(value(10), (Pair{5000, 7100}));
    EXPECT_EQ(value(62), Pair{});
    EXPECT_EQ(value(75), (Pair{1000, 100}));
    EXPECT_EQ(value(135), (Pair{1000, 100}));
}

}  // namespace
}  // namespace outstation::sim
