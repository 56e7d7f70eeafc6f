// SPDX-License-Identifier: GPL-3.0-or-later
// What is told of one sweep after another.
#include "daemons/polld/known_devices.hpp"

#include <gtest/gtest.h>

#include <set>

namespace outstation::polld {
namespace {

using Texts = std::vector<std::string>;

class KnownDevicesTest : public testing::Test {
  protected:
    static wire::Candidate device(const std::string& address, const std::string& name,
                                  const std::string& serial = "") {
        wire::Candidate out;
        out.addresses = {address};
        out.sys_name = name;
        out.serial = serial;
        out.object_id = "1.3.6.1.4.1.9.1.1";
        out.credential = "room";
        out.port = 161;
        return out;
    }
    KnownDevices::News sweep(std::vector<wire::Candidate> candidates,
                             const std::string& range = "10.0.0.0/24") {
        KnownDevices::Swept swept;
        swept.ranges = {*parse_range(range)};
        swept.candidates = std::move(candidates);
        swept.ended_ns = ++now_;
        swept.is_polled = [this](const std::string& id) { return polled_.contains(id); };
        swept.was_asked = [this](const std::string& credential, const std::string&) {
            return credential != left_alone_;
        };
        return known_.compare(swept);
    }
    // "kind name differs..." of each that was told.
    static Texts told(const KnownDevices::News& news) {
        Texts out;
        for (const wire::Difference& one : news.told) out.push_back(one.kind + " " + change_text(one));
        return out;
    }
    Texts standing() const {
        Texts out;
        for (const wire::Difference& one : known_.differences())
            out.push_back(one.kind + " " + change_text(one));
        return out;
    }
    std::uint64_t first() const { return known_.differences().at(0).id; }
    void restart() {
        const wire::KnownState saved = known_.saved();
        known_ = {};
        known_.restore(saved);
    }

    KnownDevices known_;
    std::int64_t now_ = 1000;
    std::set<std::string> polled_;
    std::string left_alone_;
};

TEST_F(KnownDevicesTest, TheFirstLookIsNoNewsAndWhatComesLaterIs) {
    EXPECT_TRUE(told(sweep({device("10.0.0.1", "a")})).empty());
    EXPECT_TRUE(told(sweep({device("10.0.0.1", "a")})).empty());
    EXPECT_EQ(told(sweep({device("10.0.0.1", "a"), device("10.0.0.2", "b")})), Texts{"new b"});
    EXPECT_TRUE(told(sweep({device("10.1.0.1", "c")}, "10.1.0.0/24")).empty())
        << "nobody looked there before";
    restart();
    EXPECT_TRUE(told(sweep({device("10.0.0.1", "a"), device("10.0.0.2", "b")})).empty()) << "told once";
    EXPECT_EQ(standing(), Texts{"new b"});
    auto taken = device("10.0.0.2", "b");
    taken.known_as = "b";
    known_.see_taken({taken});
    EXPECT_TRUE(standing().empty()) << "it is configured";
}

TEST_F(KnownDevicesTest, WhatIsConfiguredOrIgnoredIsNotNew) {
    EXPECT_TRUE(told(sweep({})).empty());
    auto configured = device("10.0.0.1", "a");
    configured.known_as = "a";
    auto ignored = device("10.0.0.2", "b");
    ignored.ignored = true;
    EXPECT_TRUE(told(sweep({configured, ignored})).empty());
    EXPECT_TRUE(told(sweep({configured})).empty()) << "nobody asks where one is that is not wanted";
}

TEST_F(KnownDevicesTest, AChangeIsToldOnceAndAcceptedItIsWhatIsKnown) {
    auto core = device("10.0.0.1", "core", "A1");
    core.version = "1";
    core.mac = "aa";
    core.known_as = "core-sw";
    static_cast<void>(sweep({core}));
    core.version = "2";
    const auto news = sweep({core});
    EXPECT_EQ(told(news), Texts{"changed 1 -> 2"});
    EXPECT_EQ(news.told[0].device, "core-sw");
    EXPECT_EQ(news.told[0].differs, Texts{"version"});
    EXPECT_EQ(news.told[0].before.version, "1");
    restart();
    EXPECT_TRUE(told(sweep({core})).empty());
    EXPECT_EQ(standing(), Texts{"changed 1 -> 2"});
    core.serial = "B2";
    EXPECT_EQ(told(sweep({core})), Texts{"changed A1 -> B2"}) << "another change, with the former";
    ASSERT_TRUE(known_.settle(first(), "accept"));
    EXPECT_TRUE(standing().empty());
    EXPECT_TRUE(told(sweep({core})).empty());
    EXPECT_FALSE(known_.settle(7, "accept"));
}

TEST_F(KnownDevicesTest, AnIgnoredChangeIsNotToldAgainUnlessItIsAnother) {
    auto core = device("10.0.0.1", "core", "A1");
    core.version = "1";
    static_cast<void>(sweep({core}));
    core.version = "2";
    static_cast<void>(sweep({core}));
    EXPECT_EQ(known_.settle(first(), "burn").error().code, ErrorCode::malformed);
    ASSERT_TRUE(known_.settle(first(), "ignore"));
    restart();
    EXPECT_TRUE(told(sweep({core})).empty());
    EXPECT_TRUE(known_.differences().at(0).ignored);
    core.version = "3";
    EXPECT_EQ(told(sweep({core})), Texts{"changed 1 -> 3"});
    EXPECT_FALSE(known_.differences().at(0).ignored);
    core.version = "1";
    EXPECT_TRUE(told(sweep({core})).empty()) << "it is as it was";
    EXPECT_TRUE(standing().empty());
}

TEST_F(KnownDevicesTest, WhatADeviceDoesNotSayIsNoChange) {
    auto core = device("10.0.0.1", "core", "A1");
    static_cast<void>(sweep({core}));
    core.serial.clear();
    EXPECT_TRUE(told(sweep({core})).empty());
    core.serial = "B2";
    EXPECT_EQ(told(sweep({core})), Texts{"changed A1 -> B2"}) << "what it did say is not forgotten";
}

TEST_F(KnownDevicesTest, WhoIsGoneIsToldUnlessPollingHearsItOrTheCredentialWasLeftAlone) {
    auto a = device("10.0.0.1", "a");
    auto b = device("10.0.0.2", "b");
    b.known_as = "b";
    static_cast<void>(sweep({a, b}));
    polled_ = {"b"};
    EXPECT_TRUE(told(sweep({a})).empty());
    polled_.clear();
    left_alone_ = "room";
    EXPECT_TRUE(told(sweep({a})).empty());
    left_alone_.clear();
    auto silent = wire::Candidate{};
    silent.addresses = {"10.0.0.2"};
    silent.trouble = "silent";
    EXPECT_TRUE(told(sweep({a, silent})).empty()) << "it is there";
    EXPECT_TRUE(told(sweep({a}, "10.0.0.0/31")).empty()) << "its address was not asked";
    EXPECT_EQ(told(sweep({a})), Texts{"vanished b"});
    restart();
    EXPECT_TRUE(told(sweep({a})).empty());
    ASSERT_TRUE(known_.settle(first(), "accept"));
    EXPECT_TRUE(told(sweep({a})).empty());
    EXPECT_TRUE(standing().empty());
    EXPECT_TRUE(told(sweep({a, b})).empty());
    EXPECT_EQ(told(sweep({a})), Texts{"vanished b"}) << "it was back and is gone again";
}

TEST_F(KnownDevicesTest, WhenMostAreSilentNoneIsToldAsGone) {
    std::vector<wire::Candidate> all;
    for (const char* name : {"1", "2", "3", "4", "5"})
        all.push_back(device(std::string("10.0.0.") + name, name));
    static_cast<void>(sweep(all));
    const auto line = sweep({all[0], all[1]});
    EXPECT_TRUE(line.told.empty());
    EXPECT_EQ(line.problem, "3 of 5 known devices did not answer: none is told as gone, the line may be");
    const auto some = sweep({all[0], all[1], all[2]});
    EXPECT_EQ(told(some), (Texts{"vanished 4", "vanished 5"}));
    EXPECT_EQ(some.problem, "");
}

TEST_F(KnownDevicesTest, WhatIsToldAsGoneCountsNoMoreWhenOthersGo) {
    std::vector<wire::Candidate> all;
    for (const char* name : {"1", "2", "3", "4"}) all.push_back(device(std::string("10.0.0.") + name, name));
    static_cast<void>(sweep(all));
    for (const char* name : {"4", "3"}) {
        all.pop_back();
        EXPECT_EQ(told(sweep(all)), Texts{std::string("vanished ") + name});
    }
    all.pop_back();
    EXPECT_EQ(told(sweep(all)), Texts{"vanished 2"}) << "one of the two that were left answers";
    EXPECT_EQ(standing().size(), 3U);
}

TEST_F(KnownDevicesTest, ADeviceOfManyAddressesIsOneAlsoWhenOneIsSilent) {
    auto core = device("10.0.0.1", "core", "A1");
    core.addresses = {"10.0.0.1", "10.0.0.9"};
    static_cast<void>(sweep({core}));
    core.addresses = {"10.0.0.9"};
    EXPECT_TRUE(told(sweep({core})).empty());
    core.addresses = {"10.0.0.9", "10.0.0.1", "10.0.0.17"};
    EXPECT_TRUE(told(sweep({core})).empty());
    EXPECT_EQ(known_.saved().devices.at(0).what.addresses, (Texts{"10.0.0.1", "10.0.0.9", "10.0.0.17"}));
    EXPECT_EQ(known_.saved().devices.size(), 1U);
    EXPECT_EQ(known_.saved().devices.at(0).first_seen_ns, 1001);
    EXPECT_EQ(known_.saved().devices.at(0).last_seen_ns, now_);
    for (const char* id : {"engine", "mac"}) {
        auto other = device("10.0.0.40", id);
        (std::string(id) == "mac" ? other.mac : other.engine_id) = "80001f";
        static_cast<void>(sweep({core, other}, "10.0.0.0/26"));
        other.addresses = {"10.0.0.41", "10.0.0.40"};
        EXPECT_TRUE(told(sweep({core, other}, "10.0.0.0/26")).empty()) << id;
    }
}

TEST_F(KnownDevicesTest, ADeviceThatMovedIsKnownByWhatItIs) {
    auto ups = device("10.0.0.1", "ups", "A1");
    ups.known_as = "ups-1";
    static_cast<void>(sweep({ups}));
    ups.addresses = {"10.0.0.7"};
    ups.known_as.clear();
    const auto news = sweep({ups});
    EXPECT_EQ(told(news), Texts{"changed 10.0.0.1 -> 10.0.0.7"});
    EXPECT_EQ(news.told[0].device, "ups-1");
    ASSERT_TRUE(known_.settle(first(), "accept"));
    ups.known_as = "ups-1";
    EXPECT_TRUE(told(sweep({ups})).empty());
    EXPECT_EQ(known_.saved().devices.size(), 1U);
}

TEST_F(KnownDevicesTest, AnotherDeviceAtAKnownAddressIsNotTheOneThatWasThere) {
    auto old_one = device("10.0.0.1", "old", "A1");
    old_one.known_as = "sw";
    static_cast<void>(sweep({old_one, device("10.0.0.3", "c")}));
    auto fresh = device("10.0.0.1", "fresh", "B2");
    fresh.known_as = "sw";
    auto news = sweep({fresh, device("10.0.0.3", "c")});
    EXPECT_EQ(told(news), Texts{"changed old -> fresh"});
    EXPECT_EQ(news.told[0].differs.front(), "device");
    old_one.addresses = {"10.0.0.8"};
    old_one.known_as.clear();
    news = sweep({fresh, old_one, device("10.0.0.3", "c")});
    EXPECT_EQ(told(news), Texts{"changed 10.0.0.1 -> 10.0.0.8"})
        << "it moved; who is at its address now is configured there";
}

TEST_F(KnownDevicesTest, SoManyAreKnownAndNoMore) {
    std::vector<wire::Candidate> all;
    for (std::uint32_t i = 0; i < KnownDevices::kMost + 10; ++i)
        all.push_back(device(ipv4_text(0x0a000001U + i), "n" + std::to_string(i)));
    static_cast<void>(sweep(all, "10.0.0.0/16"));
    EXPECT_EQ(known_.saved().devices.size(), KnownDevices::kMost);
    KnownDevices others;
    std::swap(known_, others);
    for (auto& one : all) one.version = std::string(500, 'v');
    static_cast<void>(sweep(all, "10.0.0.0/16"));
    EXPECT_LT(known_.saved().devices.size(), 3000U) << "by their texts";
    EXPECT_GT(known_.saved().devices.size(), 2000U);
}

}  // namespace
}  // namespace outstation::polld
