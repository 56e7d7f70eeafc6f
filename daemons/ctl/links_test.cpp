// SPDX-License-Identifier: GPL-3.0-or-later
// links against daemons that are played.
#include <nlohmann/json.hpp>

#include "daemons/ctl/links_command.hpp"
#include "daemons/ctl/played_daemons_test.hpp"
#include "lib/wire/config_messages.hpp"
#include "lib/wire/store_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;

class LinksTest : public PlayedDaemons {
  protected:
    void serve_room() {
        serve("confd").on<wire::ConfigRequest>(
            [](ipc::Peer&, const wire::ConfigRequest&, const ipc::Responder& responder) {
                wire::ConfigReply config;
                for (const char* id : {"acc-01", "core-01", "ups-01"}) config.devices.emplace_back().id = id;
                responder.reply(config);
            });
        serve("stored").on<wire::DeviceStatesRequest>(
            [this](ipc::Peer&, const wire::DeviceStatesRequest& request, const ipc::Responder& responder) {
                asked_.push_back(request);
                wire::DeviceStatesReply reply;
                wire::DeviceStateRow& row = reply.devices.emplace_back();
                row.device = request.after.empty() ? "acc-01" : "core-01";
                row.attributes = {{"sys_name", row.device}};
                reply.more = request.after.empty();
                row.neighbours = {{"k", "XGE1", "lldp", reply.more ? "core-01|XGE7||" : "pho\x1bne|x||", 1}};
                responder.reply(reply);
            });
        run();
    }
    std::vector<wire::DeviceStatesRequest> asked_;
};

TEST_F(LinksTest, ShowsEachLinkWithItsEvidence) {
    serve_room();
    EXPECT_EQ(said([&] { return show_links(target(), ""); }), kDone);
    ASSERT_EQ(asked_.size(), 2U);
    EXPECT_EQ(asked_[1], (wire::DeviceStatesRequest{"", false, "acc-01", true}));
    EXPECT_NE(out_.find("XGE7"), std::string::npos) << out_;
    EXPECT_NE(out_.find("lldp by acc-01"), std::string::npos) << out_;
    EXPECT_NE(out_.find("(not polled)"), std::string::npos) << out_;
    EXPECT_EQ(out_.find('\x1b'), std::string::npos);
}

TEST_F(LinksTest, OfOneDeviceAsJson) {
    serve_room();
    EXPECT_EQ(said([&] { return show_links(target(true), "acc-01"); }), kDone);
    const json links = json::parse(out_)["links"];
    ASSERT_EQ(links.size(), 1U);
    EXPECT_EQ(links[0]["strength"], "one_end");
    EXPECT_EQ(links[0]["evidence"][0]["remote_port"], "XGE7");
    EXPECT_EQ(said([&] { return show_links(target(true), "ups-01"); }), kDone);
    EXPECT_TRUE(json::parse(out_)["links"].empty());
    EXPECT_EQ(said([&] { return show_links(target(), "nobody"); }), kFailed);
}

}  // namespace
}  // namespace outstation::ctl
