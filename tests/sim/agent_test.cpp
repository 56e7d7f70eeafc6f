// SPDX-License-Identifier: GPL-3.0-or-later
// What an agent answers, read back by the driver's own parser.
#include "tests/sim/agent.hpp"

#include <gtest/gtest.h>

#include "tests/sim/snmprec.hpp"

namespace outstation::sim {
namespace {

using namespace snmp;

struct Answer {
    std::int64_t status = -1;
    std::vector<std::pair<std::string, Tag>> varbinds;
};

class AgentTest : public testing::Test {
  protected:
    Answer ask(Tag pdu, std::vector<std::string> oids, std::int64_t first = 0, std::int64_t second = 0) {
        std::array<char, 4096> buffer;
        BackWriter out(buffer);
        for (auto it = oids.rbegin(); it != oids.rend(); ++it)
            request_varbind(out, encode_oid(*it).value(), {});
        finish_request(out, pdu, "public", 77, first, second);
        bytes_ = agent_.answer(mib_, out.bytes(), {});
        Answer answer;
        const auto response = parse_response(bytes_);
        if (!response) return answer;
        EXPECT_EQ(response->request_id, 77U);
        answer.status = response->error_status;
        Cursor list = response->varbinds;
        Varbind varbind;
        bool malformed = false;
        while (take_varbind(list, varbind, malformed))
            answer.varbinds.emplace_back(decode_oid(varbind.oid).value(), varbind.value.tag);
        EXPECT_FALSE(malformed);
        return answer;
    }

    Mib mib_ = parse_snmprec("1.3.6.1.1.1|2|1\n1.3.6.1.1.2|2|2\n1.3.6.1.1.3|4|three\n1.3.6.1.2.1|65|9\n").mib;
    Agent agent_{AgentOptions{}};
    std::string_view bytes_;
};

using Varbinds = std::vector<std::pair<std::string, Tag>>;

TEST_F(AgentTest, GetGivesValuesAndExceptions) {
    const Varbinds expected = {{"1.3.6.1.1.2", Tag::integer},
                               {"1.3.6.1.1.9", Tag::no_such_instance},
                               {"1.3.6.1.7.1", Tag::no_such_object}};
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.2", "1.3.6.1.1.9", "1.3.6.1.7.1"}).varbinds, expected);
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

TEST_F(AgentTest, NoAnswerIsLargerThanAllowed) {
    std::string text;
    for (int i = 1; i <= 100; ++i)
        text += "1.3.6.1.5." + std::to_string(i) + "|4|" + std::string(60, 'x') + "\n";
    mib_ = parse_snmprec(text).mib;
    agent_ = Agent(AgentOptions{"public", 484});
    const Answer bulk = ask(Tag::get_bulk_request, {"1.3.6.1.5"}, 0, 100);
    EXPECT_LE(bytes_.size(), 484U);
    EXPECT_EQ(bulk.varbinds.size(), 6U);
    std::vector<std::string> many;
    for (int i = 1; i <= 10; ++i) many.push_back("1.3.6.1.5." + std::to_string(i));
    const Answer get = ask(Tag::get_request, many);
    EXPECT_EQ(get.status, kTooBig);
    EXPECT_TRUE(get.varbinds.empty());
}

TEST_F(AgentTest, AnotherCommunityAndBrokenRequestsGetNoAnswer) {
    agent_ = Agent(AgentOptions{"private", 1472});
    EXPECT_EQ(ask(Tag::get_request, {"1.3.6.1.1.1"}).status, -1);
    EXPECT_TRUE(agent_.answer(mib_, "0", {}).empty());
    EXPECT_TRUE(agent_.answer(mib_, {}, {}).empty());
}

}  // namespace
}  // namespace outstation::sim
