// SPDX-License-Identifier: GPL-3.0-or-later
// search and states against a stored that is played.
#include <nlohmann/json.hpp>

#include "daemons/ctl/played_daemons_test.hpp"
#include "daemons/ctl/state_commands.hpp"
#include "lib/wire/state_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;
constexpr std::int64_t kSince = 1'767'225'600'000'000'000;

class StatesTest : public PlayedDaemons {
  protected:
    void serve_facts() {
        ipc::Server& server = serve("stored");
        server.on<wire::SearchRequest>(
            [this](ipc::Peer&, const wire::SearchRequest& request, const ipc::Responder& responder) {
                searched_ = request;
                responder.reply(wire::FactsReply{
                    {{"ups-1", "", "sys_location", "三楼\x1b机房", "", kSince, 0, 4}}, false, true});
            });
        server.on<wire::StatesRequest>([this](ipc::Peer&, const wire::StatesRequest& request,
                                              const ipc::Responder& responder) {
            asked_.push_back(request);
            const bool first = request.after_attribute.empty();
            responder.reply(wire::FactsReply{{{request.device, first ? "" : "interface:3", "state",
                                               first ? "up" : "down", "", kSince, 0, 1, first ? "" : "eth1"}},
                                             first,
                                             false});
        });
        run();
    }
    wire::SearchRequest searched_;
    std::vector<wire::StatesRequest> asked_;
};

TEST_F(StatesTest, SearchShowsWhereTheWordsStand) {
    serve_facts();
    EXPECT_EQ(said([&] { return search_states(target(), "机房 ups", 7); }), kDone);
    EXPECT_EQ(searched_, (wire::SearchRequest{"机房 ups", 7}));
    EXPECT_NE(out_.find("ups-1"), std::string::npos) << out_;
    EXPECT_NE(out_.find("2026-01-01T00:00:00Z"), std::string::npos) << out_;
    EXPECT_EQ(out_.find('\x1b'), std::string::npos);
    EXPECT_NE(err_.find("not in it yet"), std::string::npos) << err_;
    EXPECT_EQ(said([&] { return search_states(target(true), "x", 1); }), kDone);
    EXPECT_EQ(json::parse(out_)["facts"][0]["sequence"], 4);
}

TEST_F(StatesTest, StatesOfADeviceAreReadToTheEnd) {
    serve_facts();
    EXPECT_EQ(said([&] { return show_states(target(true), "sw-1", "2026-01-01"); }), kDone);
    ASSERT_EQ(asked_.size(), 2U);
    EXPECT_EQ(asked_[1], (wire::StatesRequest{"sw-1", kSince, "", "state", 0}));
    EXPECT_EQ(json::parse(out_)["facts"].size(), 2U);
    EXPECT_EQ(json::parse(out_)["facts"][1]["component"], "interface:3");
    EXPECT_EQ(said([&] { return show_states(target(), "sw-1", ""); }), kDone);
    EXPECT_NE(out_.find("eth1"), std::string::npos) << out_;
    asked_.resize(2);
    EXPECT_EQ(said([&] { return show_states(target(), "sw-1", "yesterday"); }), kUsage);
    EXPECT_EQ(asked_.size(), 2U);
}

}  // namespace
}  // namespace outstation::ctl
