// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings of real devices, where there are any: OUTSTATION_RECORDINGS names the folder, else
// ../shared/data.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/sim/agent.hpp"
#include "tests/sim/snmprec.hpp"

namespace outstation::sim {
namespace {

class Kept : public Outbox {
  public:
    void send(std::string_view sent, const Departure&) override { bytes = sent; }
    std::string bytes;
};

// How many instances a walk with GETBULK gives, up to the end of the view.
std::size_t walk(const std::shared_ptr<const Mib>& mib) {
    const Device device{"walked", "127.0.0.1", 161, mib};
    DeviceState state(device);
    Agent agent(AgentOptions{"public", {}, 65507});
    Kept kept;
    std::array<char, 2048> buffer;
    std::string last(1, '\0');  // 0.0
    for (std::size_t instances = 0;;) {
        snmp::BackWriter out(buffer);
        snmp::request_varbind(out, last, {});
        snmp::finish_pdu(out, snmp::Tag::get_bulk_request, 1, 0, 100);
        snmp::finish_message(out, snmp::Version::v2c, "public");
        kept.bytes.clear();
        agent.receive(device, state, out.bytes(), {}, kept);
        const auto response = snmp::parse_response(kept.bytes);
        if (!response) return instances;
        snmp::Cursor list = response->varbinds;
        snmp::Varbind varbind;
        bool malformed = false;
        const std::size_t before = instances;
        while (snmp::take_varbind(list, varbind, malformed)) {
            if (varbind.value.tag == snmp::Tag::end_of_mib_view) return instances;
            last = varbind.oid;
            ++instances;
        }
        if (malformed || instances == before) return instances;
    }
}

TEST(Recordings, RealDevicesLoadNearlyWholeAndAreWalkedWhole) {
    const char* named = std::getenv("OUTSTATION_RECORDINGS");
    const std::filesystem::path folder = named != nullptr ? named : "../shared/data/snmp";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recordings at " << folder;
    std::size_t instances = 0;
    std::size_t left_out = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".snmprec") continue;
        auto recording = read_snmprec(entry.path());
        ASSERT_TRUE(recording) << recording.error().text;
        const auto mib = std::make_shared<const Mib>(std::move(recording->mib));
        EXPECT_GT(mib->size(), 0U) << entry.path();
        EXPECT_EQ(walk(mib), mib->size()) << entry.path();
        instances += mib->size();
        left_out += recording->left_out.size();
    }
    EXPECT_GT(instances, 0U);
    EXPECT_LT(left_out * 1000, instances);
    std::printf("%zu instances, %zu lines left out\n", instances, left_out);
}

}  // namespace
}  // namespace outstation::sim
