// SPDX-License-Identifier: GPL-3.0-or-later
// Drafts on a recording and on the device: mistakes with their place, findings, limits.
#include "daemons/polld/workbench.hpp"

#include <gtest/gtest.h>

#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Tag;

class WorkbenchTest : public testing::Test {
  protected:
    WorkbenchTest() {
        EXPECT_TRUE(shelf_
                        .take({{"a.yaml",
                                "pack: basic\nname: Basics\nzh: 基本\nmatch: always\nidentity: {serial: "
                                "1.3.6.1.4.1.99999.8.0}\n"}})
                        .empty());
        put("1.3.6.1.2.1.1.2.0", Tag::oid, snmp::encode_oid("1.3.6.1.4.1.99999.7").value());
        put("1.3.6.1.4.1.99999.3.0", Tag::gauge32, snmp::encode_number(40));
        put("1.3.6.1.4.1.99999.8.0", Tag::octet_string, "canary-0001");
    }
    void put(const std::string& dotted, Tag tag, std::string content) {
        network_.mib[snmp::encode_oid(dotted).value()] = {tag, std::move(content)};
    }
    static Recorder::Order order() {
        snmp::Security security{snmp::Version::v2c, "public", {}, {}};
        return {"box", {*snmp::Address::parse("10.0.0.1", 161), security}, {"public"}, false};
    }
    void record() {
        ASSERT_TRUE(recorder_.start(order()));
        loop_.advance(1min);
        ASSERT_EQ(recorder_.status().state, "done") << recorder_.status().problem;
    }
    Result<wire::DraftReply> tried(const std::string& yaml, bool live = false) {
        const auto out = std::make_shared<Result<wire::DraftReply>>(fail(ErrorCode::bug, "no answer"));
        bench_.try_draft({yaml, live}, live ? std::optional(order()) : std::nullopt,
                         [out](Result<wire::DraftReply> reply) { *out = std::move(reply); });
        if (live) loop_.advance(2s);
        return *out;
    }

    SimLoop loop_;
    snmp::FakeNetwork network_{loop_};
    snmp::Engine engine_{loop_, &network_, nullptr, {}};
    PackShelf shelf_;
    // On the same thread, at once.
    static void aside(const Recorder::Work& work, const Recorder::Work& then) {
        work();
        then();
    }
    bool is_busy_ = false;
    Recorder recorder_{{loop_, engine_, shelf_, aside, explain_recording}};
    Workbench bench_{{loop_, engine_, shelf_, recorder_, aside, [this] { return is_busy_; }}};
};

constexpr const char* kDraft =
    "pack: acme\nmatch: {sys_object_id: 1.3.6.1.4.1.99999.*}\nidentity: {vendor: acme}\n"
    "sensors: [{OID: 1.3.6.1.4.1.99999.3.0, label: Case, zh: 机箱, unit: celsius}]\n";

TEST_F(WorkbenchTest, ARecordingIsExplainedWithoutWhatIsRedacted) {
    EXPECT_EQ(recorder_.explained(), nullptr);
    record();
    const auto explained = recorder_.explained();
    ASSERT_NE(explained, nullptr);
    ASSERT_EQ(explained->packs.size(), 1U);
    EXPECT_EQ(explained->packs[0].title_zh, "基本");
    EXPECT_FALSE(explained->packs[0].why.empty());
    EXPECT_NE(explained->draft.find("99999.3.0"), std::string::npos) << explained->draft;
    EXPECT_EQ(wire::encode(*explained).find("canary"), std::string::npos);
    EXPECT_TRUE(check_draft(explained->draft, {}).mistakes.empty()) << explained->draft;
}

TEST_F(WorkbenchTest, ADraftIsTriedOnTheRecording) {
    EXPECT_FALSE(tried(kDraft)) << "there is none";
    record();
    const int sent = network_.sent;
    const auto reply = tried(kDraft);
    ASSERT_TRUE(reply) << reply.error().text;
    EXPECT_TRUE(reply->mistakes.empty());
    EXPECT_TRUE(reply->matches);
    EXPECT_EQ(reply->vendor, "acme");
    ASSERT_EQ(reply->findings.size(), 1U);
    EXPECT_EQ(reply->findings[0],
              (wire::DraftFinding{"sensor", "Case", "机箱", "40", "celsius", "1.3.6.1.4.1.99999.3.0"}));
    EXPECT_EQ(network_.sent, sent) << "the device is not asked";
    EXPECT_EQ(reply->read_ns, 0);
}

TEST_F(WorkbenchTest, MistakesHaveTheirPlace) {
    record();
    const auto reply = tried("pack: bad\nmatch: always\nsensors:\n  - {OID: x, label: a, unit: b}\n");
    ASSERT_TRUE(reply);
    ASSERT_EQ(reply->mistakes.size(), 2U);
    EXPECT_EQ(reply->mistakes[0].line, 4U);
    EXPECT_EQ(reply->mistakes[0].column, 6U);
    EXPECT_NE(reply->mistakes[0].text.find("expected an OID"), std::string::npos) << reply->mistakes[0].text;
    EXPECT_TRUE(reply->findings.empty());
    EXPECT_FALSE(tried(": [").value().mistakes.empty());
    EXPECT_FALSE(tried("").value().mistakes.empty());
    EXPECT_FALSE(tried(std::string(Workbench::kMostYaml + 1, ' ')));
    is_busy_ = true;
    EXPECT_FALSE(tried(kDraft)) << "one at a time";
}

TEST_F(WorkbenchTest, OfALiveDeviceNothingIsToldThatARecordingLeavesOut) {
    const std::string community = "1.3.6.1.6.3.18.1.1.1.2.97";
    put(community, Tag::octet_string, "canary-0002");
    put("1.3.6.1.2.1.1.5.0", Tag::octet_string, "canary-0003");
    put("1.3.6.1.4.1.99999.9.0", Tag::octet_string, "rev public");
    record();
    bool is_asked = false;
    network_.corrupt = [&](const snmp::FakeRequest& request, snmp::FakeAnswer&) {
        for (const std::string& name : request.oids)
            is_asked = is_asked || name.starts_with(snmp::encode_oid("1.3.6.1.6.3.18.1.1").value());
        return false;
    };
    const std::string draft =
        "pack: spy\nmatch: always\nidentity: {vendor: acme, model: " + community +
        ", version: 1.3.6.1.2.1.1.5.0, serial: 1.3.6.1.4.1.99999.9.0}\nsensors:\n"
        "  - {OID: 1.3.6.1.4.1.99999.3.0, label: {OID: 1.3.6.1.4.1.99999.8.0}, unit: celsius}\n";
    const auto reply = tried(draft, true);
    ASSERT_TRUE(reply) << reply.error().text;
    EXPECT_TRUE(reply->mistakes.empty()) << reply->mistakes[0].text;
    std::string all = reply->vendor + reply->model + reply->version;
    for (const auto& one : reply->findings) all += one.label + one.label_zh + one.value;
    EXPECT_EQ(all.find("canary"), std::string::npos) << all;
    EXPECT_EQ(all.find("public"), std::string::npos) << all;
    EXPECT_NE(all.find("acme"), std::string::npos) << all;
    EXPECT_FALSE(is_asked);
}

TEST_F(WorkbenchTest, TheDeviceIsAskedForWhatTheDraftNeedsAndNotTooOften) {
    record();
    put("1.3.6.1.4.1.99999.3.0", Tag::gauge32, snmp::encode_number(55));
    const auto reply = tried(kDraft, true);
    ASSERT_TRUE(reply) << reply.error().text;
    ASSERT_EQ(reply->findings.size(), 1U);
    EXPECT_EQ(reply->findings[0].value, "55") << "as it is now";
    EXPECT_TRUE(reply->matches);
    EXPECT_NE(reply->read_ns, 0);
    EXPECT_FALSE(tried(kDraft, true)) << "it was asked just now";
    loop_.advance(Workbench::kLiveEvery);
    network_.lost = [](int) { return true; };
    EXPECT_EQ(tried(kDraft, true).error().text, "no answer") << "it is still waited for";
    EXPECT_FALSE(tried(kDraft)) << "one at a time";
    loop_.advance(1min);
    EXPECT_TRUE(tried(kDraft));
}

}  // namespace
}  // namespace outstation::polld
