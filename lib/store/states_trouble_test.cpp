// SPDX-License-Identifier: GPL-3.0-or-later
// state.db when the device fails: what cannot be read or written is waited for, told once, and then passed.
#include "lib/store/state/state_db_test.hpp"
#include "lib/store/states_test.hpp"

namespace outstation::store {
namespace {

struct StatesTroubleTest : StatesTest {
    std::string segment() {
        for (const std::string& path : files.paths()) {
            if (path.find("/state-") != std::string::npos) return path;
        }
        return {};
    }
    void append_three_frames() {
        append_state(1, "device_up");
        loop.advance(1ms);
        append_state(2, "device_down");
        loop.advance(1ms);
        append_state(3, "attribute", "n", "1");
        loop.advance(1ms);
    }
    // The journal lets go of its first records before any is folded in.
    void lose_records() {
        store.reset();
        auto other = files.lock("state/lock").value();
        open();
        flap(1, 2000);
        Settings settings;
        settings.limit_octets = 4 * segment_octets;
        store->configure(settings);
        loop.advance(2min);
        ASSERT_GT(store->status().streams[0].first_sequence, 1U);
    }
};

TEST_F(StatesTroubleTest, RecordsThatTheDeviceDoesNotGiveAreWaitedFor) {
    append_state(1, "device_up");
    append_state(2, "device_down");
    loop.advance(1ms);
    files.fail_reads(segment());
    loop.advance(6s);
    EXPECT_EQ(failed.size(), 1U);
    EXPECT_NE(store->status().failing, "");
    files.mend_reads();
    loop.advance(61s);
    EXPECT_EQ(history("", "state"), (Lines{"|state=down #2", "|state=up #1"}));
    EXPECT_EQ(set_aside, Lines{});
    EXPECT_EQ(store->status().failing, "");
}

TEST_F(StatesTroubleTest, RecordsThatTheDeviceDoesNotGiveForAnHourAreToldAndPassed) {
    append_three_frames();
    const std::string path = segment();
    const std::size_t second = files.contents(path).find("OFRM", kSegmentHeaderOctets + 1);
    files.fail_reads(path, second + kFrameHeaderOctets, second + kFrameHeaderOctets + 1);
    loop.advance(30min);
    EXPECT_EQ(history("", "state"), (Lines{"|state=up #1", "behind"}));
    EXPECT_EQ(set_aside, Lines{});
    loop.advance(35min);
    ASSERT_EQ(set_aside.size(), 1U);
    EXPECT_NE(set_aside[0].find("records 2 to 2 said is gone: they cannot be read"), std::string::npos)
        << set_aside[0];
    append_state(4, "device_down");
    loop.advance(2h);
    EXPECT_EQ(history("", "state"), (Lines{"|state=down #4", "|state=up #1"}));
    EXPECT_EQ(set_aside.size(), 1U);
}

TEST_F(StatesTroubleTest, DamagedRecordsAreToldAndPassedAtOnce) {
    append_three_frames();
    spoil_frame("state", 2);
    loop.advance(6s);
    ASSERT_EQ(set_aside.size(), 1U);
    EXPECT_NE(set_aside[0].find("records 2 to 2 said is gone"), std::string::npos) << set_aside[0];
    EXPECT_EQ(history("", "state"), Lines{"|state=up #1"});
    EXPECT_EQ(failed, Lines{});
}

TEST_F(StatesTroubleTest, ALossIsToldWhenItIsCertainAndOnce) {
    lose_records();
    files.set_capacity(files.octets());
    loop.advance(5min);
    EXPECT_EQ(set_aside, Lines{});
    files.set_capacity(UINT64_MAX);
    loop.advance(5min);
    EXPECT_EQ(set_aside.size(), 1U);
}

TEST_F(StatesTroubleTest, AfterASetAsideTheSameLossIsToldOnce) {
    lose_records();
    loop.advance(2min);
    set_aside.clear();
    store.reset();
    files.set_contents(kStateDb, std::string(8192, 'z'));
    open();
    loop.advance(2min);
    ASSERT_EQ(set_aside.size(), 1U);
    EXPECT_NE(set_aside[0].find("said is gone"), std::string::npos) << set_aside[0];
    EXPECT_EQ(set_aside[0].find("said is gone"), set_aside[0].rfind("said is gone")) << set_aside[0];
}

TEST_F(StatesTroubleTest, APageThatCannotBeReadForAnHourIsMadeAgain) {
    flap(1, 300);
    loop.advance(6s);
    const Lines before = states();
    store.reset();
    files.fail_reads(kStateDb, 3 * kPageOctets, 3 * kPageOctets + 1);
    open();
    loop.advance(30min);
    EXPECT_EQ(set_aside, Lines{});
    // Questions do not look at the file again and again.
    std::size_t opened_files = 0;
    files.on_open = [&](const std::string& path) { opened_files += path.starts_with("state/") ? 1 : 0; };
    for (int i = 0; i < 10; ++i) EXPECT_NE(states(), before);
    EXPECT_EQ(opened_files, 0U);
    files.on_open = {};
    loop.advance(35min);
    EXPECT_EQ(set_aside.size(), 1U);
    files.mend_reads();  // they go with the path here, not with the place on the device
    loop.advance(61s);
    EXPECT_EQ(states(), before);
    EXPECT_EQ(set_aside.size(), 1U);
}

TEST_F(StatesTroubleTest, AFullDiskForHoursSetsNothingAside) {
    flap(1, 200);
    loop.advance(6s);
    append_state(201, "device_up");
    loop.advance(1ms);
    files.set_capacity(files.octets());
    loop.advance(3h);
    EXPECT_EQ(set_aside, Lines{});
    EXPECT_NE(store->status().failing, "");
}

TEST_F(StatesTroubleTest, ANewFileThatFailsDoesNotTakeThePlaceOfTheOldOne) {
    flap(1, 200);
    loop.advance(6s);
    store.reset();
    std::string fresh = files.contents(kStateDb);
    open();
    flap(201, 2000);
    loop.advance(6s);
    store.reset();
    const std::string old = files.contents(kStateDb);
    ASSERT_LT(fresh.size(), old.size());
    fresh[5 * kPageOctets + 150] ^= 4;
    ASSERT_TRUE(files.rename(kStateDb, kStateDb + ".aside"));
    ASSERT_TRUE(files.open(kStateDb, FileSystem::Mode::create).value()->write(0, fresh));
    open();
    loop.advance(10s);
    EXPECT_EQ(set_aside.size(), 1U);
    EXPECT_EQ(files.contents(kStateDb + ".aside"), old);
    EXPECT_EQ(history("eth3", "state").size(), 286U);
}

// As one of before: two ports of the same name were one.
TEST_F(StatesTroubleTest, AFileOfFormat1IsMadeAgainWhereTheJournalHasAll) {
    append_state(1, "interface_down", "port", "1");
    append_state(2, "interface_up", "port", "2");
    loop.advance(6s);
    store.reset();
    {
        const auto vfs = Vfs::make(files).value();
        make_format_1(*vfs, kStateDb);
    }
    open();
    loop.advance(6s);
    const auto now = ask(&Store::states, wire::StatesRequest{"sw-01", 0, "", "", 0});
    ASSERT_EQ(now->facts.size(), 2U);
    EXPECT_EQ(now->facts[1].component, "interface:2");
    EXPECT_EQ(set_aside, Lines{});
}

// What the journal cannot give is in that file alone.
TEST_F(StatesTroubleTest, AFileOfFormat1IsGoneOnWithWhereTheJournalIsDamaged) {
    append_three_frames();
    loop.advance(6s);
    const Lines before = states();
    store.reset();
    {
        const auto vfs = Vfs::make(files).value();
        make_format_1(*vfs, kStateDb);
    }
    spoil_frame("state", 2);
    open();
    loop.advance(6s);
    EXPECT_EQ(states(), before);
    EXPECT_EQ(history("", "state"), (Lines{"|state=down #2", "|state=up #1"}));
    EXPECT_EQ(set_aside, Lines{});
}

TEST_F(StatesTroubleTest, DevicesThatAreNotConfiguredAnyMoreAreForgotten) {
    flap(1, 100);
    loop.advance(6s);
    store->keep_only({});
    loop.advance(6s);
    EXPECT_EQ(states().size(), 7U);  // no list at all
    store->keep_only({"another"});
    loop.advance(6s);
    EXPECT_EQ(states(), Lines{});
}

// Who watches it again tells what the store does not know.
TEST_F(StatesTroubleTest, ADeviceThatComesBackIsNotKnown) {
    append_state(1, "attribute", "n", "1");
    loop.advance(6s);
    store->keep_only({});
    EXPECT_EQ(store->device_states({}).devices.size(), 1U);  // no list at all
    store->keep_only({"another"});
    loop.advance(6s);
    store->keep_only({"another", "sw-01"});
    EXPECT_EQ(store->device_states({}).devices.size(), 0U);
    open();  // the journal has it still
    store->keep_only({"another"});
    store->keep_only({"another", "sw-01"});
    EXPECT_EQ(store->device_states({}).devices.size(), 0U);
    append_state(2, "attribute", "n", "1");
    loop.advance(6s);
    EXPECT_EQ(states(), Lines{"|n=1 #2"});
    EXPECT_EQ(store->device_states({}).devices.size(), 1U);
}

// Removed while the store runs, put back while it does not.
TEST_F(StatesTroubleTest, ADeviceThatComesBackWhileTheStoreIsDownIsNotKnown) {
    append_state(1, "attribute", "n", "1");
    loop.advance(6s);
    store->keep_only({"another"});
    loop.advance(6s);
    EXPECT_EQ(states(), Lines{});
    open();
    store->keep_only({"another", "sw-01"});
    EXPECT_EQ(store->device_states({}).devices.size(), 0U);
    append_state(2, "attribute", "n", "1");
    loop.advance(6s);
    EXPECT_EQ(states(), Lines{"|n=1 #2"});
    open();
    EXPECT_EQ(store->device_states({}).devices.size(), 1U);
}

// What it told behind the list counts.
TEST_F(StatesTroubleTest, ADeviceThatToldSomethingSinceTheListIsKnownByThatAfterAStart) {
    append_state(1, "attribute", "n", "1");
    loop.advance(6s);
    store->keep_only({"another"});
    loop.advance(6s);
    append_state(2, "attribute", "m", "2");
    loop.advance(6s);
    open();
    const auto known = store->device_states({}).devices;
    ASSERT_EQ(known.size(), 1U);
    ASSERT_EQ(known[0].attributes.size(), 1U);
    EXPECT_EQ(known[0].attributes[0].name, "m");
    store.reset();
    files.set_contents("state/devices", files.contents("state/devices") + "x");
    open();
    EXPECT_EQ(store->device_states({}).devices.at(0).attributes.size(), 2U) << "no list that is whole";
}

// The list of devices may be older than what a new one told.
TEST_F(StatesTroubleTest, ADeviceThatToldSomethingSinceTheListStaysUntilTheNext) {
    store->keep_only({"another"});
    loop.advance(6s);
    append_state(1, "attribute", "n", "1");
    loop.advance(6s);
    EXPECT_EQ(states(), Lines{"|n=1 #1"});
    append_state(2, "attribute", "n", "2");
    loop.advance(6s);
    EXPECT_EQ(states(), Lines{"|n=2 #2"});
    store->keep_only({"another"});
    loop.advance(6s);
    EXPECT_EQ(states(), Lines{});
}

}  // namespace
}  // namespace outstation::store
