// SPDX-License-Identifier: GPL-3.0-or-later
// Packs on a simulated network: what a device is asked for, what becomes series and states, and that the same
// comes of it as of a recording.
#include "daemons/polld/device_packs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemons/polld/pack_metrics.hpp"
#include "daemons/polld/pack_series.hpp"
#include "daemons/polld/state_watch.hpp"
#include "drivers/pack/evaluate.hpp"
#include "drivers/pack/recording.hpp"
#include "drivers/snmp/engine.hpp"
#include "drivers/snmp/fake_network.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Tag;

constexpr const char* kUps =
    "pack: ups\nmatch: {probe: 1.3.6.1.2.1.33.1}\n"
    "identity: {class: power, model: 1.3.6.1.2.1.33.1.1.2.0}\n"
    "sensors:\n"
    "  - {OID: 1.3.6.1.2.1.33.1.2.5.0, unit: volts, scale: 0.1, label: Battery voltage}\n"
    "  - {OID: 1.3.6.1.2.1.33.1.2.4.0, unit: charge, label: Battery charge}\n"
    "  - {OID: 1.3.6.1.2.1.33.1.2.7.0, unit: celsius, label: Not there}\n"
    "  - {OID: 1.3.6.1.2.1.33.1.3.3.1.3, unit: volts, label: 'Input {index}'}\n"
    "states:\n"
    "  - OID: 1.3.6.1.2.1.33.1.2.1.0\n"
    "    label: Battery\n"
    "    states: {2: ok normal, 3: warning low}\n";

constexpr const char* kOther = "pack: other\nmatch: {probe: 1.3.6.1.4.1.99999}\n";

std::string bytes_of(const std::string& dotted) {
    return snmp::encode_oid(dotted).value();
}

class DevicePacksTest : public testing::Test {
  protected:
    DevicePacksTest() {
        EXPECT_TRUE(shelf_.take({{"ups.yaml", kUps}}).empty());
        set("1.3.6.1.2.1.1.1.0", "A UPS");
        set("1.3.6.1.2.1.1.3.0", 1000, Tag::time_ticks);
        set("1.3.6.1.2.1.33.1.1.2.0", "Model 9");
        set("1.3.6.1.2.1.33.1.2.1.0", 2);
        set("1.3.6.1.2.1.33.1.2.4.0", 97);
        set("1.3.6.1.2.1.33.1.2.5.0", 547);
        set("1.3.6.1.2.1.33.1.3.3.1.3.1", 230);
        set("1.3.6.1.2.1.33.1.3.3.1.3.2", 231);
        device_ = engine_.add({*snmp::Address::parse("192.0.2.1", 161), {snmp::Version::v2c, "public"}});
        static_cast<void>(watch_.recall({}));
    }
    void set(const std::string& oid, std::uint64_t number, Tag tag = Tag::integer) {
        network_.mib[bytes_of(oid)] = {tag, snmp::encode_number(number)};
    }
    void set(const std::string& oid, const std::string& text) {
        network_.mib[bytes_of(oid)] = {Tag::octet_string, text};
    }
    // One poll; what packs found in it.
    std::optional<DevicePacks::Found> poll() {
        std::optional<DevicePacks::Found> out;
        set("1.3.6.1.2.1.1.3.0", uptime_ += 100, Tag::time_ticks);
        engine_.poll(device_, packs_.plan(loop_.now()), 10s,
                     [&](snmp::Engine::DeviceId, const snmp::Cycle& cycle) {
                         requests_ = cycle.requests;
                         values_ = cycle.values;
                         out = packs_.take(cycle, loop_.now());
                     });
        loop_.advance(10s);
        return out;
    }
    // "metric{label}=value" of one record.
    std::map<std::string, double> series_of(const DevicePacks::Found& found) {
        wire::SampleRecord record;
        series_.translate(found, record);
        std::map<std::string, double> out;
        for (std::size_t at = 0; at < record.gauges.size(); ++at) {
            const SeriesKey& key = book_.info(record.gauge_series[at]).key;
            std::string name = key.metric;
            for (const Label& label : key.labels)
                if (label.name == "sensor" || label.name == "state") name += " " + label.value;
            out[name] = record.gauges[at];
        }
        return out;
    }
    std::vector<std::string> states_of(const DevicePacks::Found& found) {
        std::vector<std::string> out;
        for (const wire::StateRecord& record : watch_.update(found, {}, loop_.now()))
            out.push_back(record.kind + " " + record.component + " " + record.value + " " + record.reason +
                          " " + record.text);
        return out;
    }

    SimLoop loop_;
    snmp::FakeNetwork network_{loop_};
    snmp::Engine engine_{loop_, &network_, nullptr, {}};
    PackShelf shelf_;
    DevicePacks packs_{&shelf_};
    SeriesBook book_;
    PackSeries series_{"ups-01", book_};
    StateWatch watch_{"ups-01"};
    snmp::Engine::DeviceId device_ = 0;
    std::uint64_t uptime_ = 100'000;
    std::vector<pack::Component> parts_;
    std::uint32_t requests_ = 0;
    std::uint32_t values_ = 0;
};

TEST_F(DevicePacksTest, ADeviceIsLookedAtThenSurveyedThenMeasured) {
    EXPECT_FALSE(poll());
    ASSERT_EQ(packs_.choices().size(), 1U);
    EXPECT_TRUE(packs_.is_hurried());
    const auto survey = poll();
    ASSERT_TRUE(survey && survey->is_survey && survey->is_whole);
    EXPECT_FALSE(packs_.is_hurried());
    EXPECT_EQ(survey->findings.device.model, "Model 9");
    const auto values_of_survey = values_;
    const auto found = poll();
    ASSERT_TRUE(found && !found->is_survey);
    EXPECT_EQ(values_, values_of_survey - 1) << "the model is not asked for at each poll";
    EXPECT_EQ(series_of(*found), (std::map<std::string, double>{{"voltage_volts Battery voltage", 54.7},
                                                                {"battery_charge_ratio Battery charge", 0.97},
                                                                {"voltage_volts Input 1", 230},
                                                                {"voltage_volts Input 2", 231},
                                                                {"state_severity Battery", 0}}));
}

// Apart from what the device is: a table of neighbours that fails costs the rest nothing.
TEST_F(DevicePacksTest, NeighboursAreAskedForAfterTheSurveyAndThenNowAndThen) {
    const std::string links =
        "links:\n  - {OID: 1.3.6.1.4.1.99998.1.1.1, protocol: lldp, local_port: p, remote_name: '{value}'}\n";
    EXPECT_TRUE(shelf_.take({{"ups.yaml", kUps + links}}).empty());
    set("1.3.6.1.4.1.99998.1.1.1.7", "core");
    EXPECT_FALSE(poll());
    const auto survey = poll();
    ASSERT_TRUE(survey && survey->is_survey);
    EXPECT_FALSE(survey->has_links);
    EXPECT_TRUE(packs_.is_hurried());
    const auto with_links = poll();
    ASSERT_TRUE(with_links && with_links->has_links);
    EXPECT_FALSE(packs_.is_hurried());
    ASSERT_EQ(with_links->findings.links.size(), 1U);
    EXPECT_EQ(series_of(*with_links).size(), 5U) << "what is measured has no gap";
    const auto values_with_links = values_;
    EXPECT_FALSE(poll()->has_links);
    EXPECT_EQ(values_, values_with_links - 1);
    Duration waited = 10s;
    for (; !poll()->has_links && waited < 1h; waited += 10s) continue;
    EXPECT_EQ(waited, DevicePacks::kLinksAgain) << "from the answer on";
}

TEST_F(DevicePacksTest, WhatItIsBuiltOfIsToldOnceAndAPartThatIsAnotherIsAnEvent) {
    const auto told = [this] {
        DevicePacks::Found found{{}, true, true, {}};
        found.findings.inventory = parts_;
        return states_of(found);
    };
    parts_ = {{"module", "slot 1", "a module", "X1", "S1", "V1"},
              {"port", "eth0", "", "SFP", "S9"},
              {"fan", "fan 1", "", "", ""},
              {"module", "slot 1", "", "X1", "S2"},
              {"powerSupply", "", "PSU; left", "", "S3"}};
    parts_[3].oid = {1, 3, 7};
    const std::vector<std::string> all = {
        "component_part slot 1 part:slot 1  kind=module; model=X1; serial=S1; version=V1",
        "component_part slot 1 part:slot 1 1.3.7  kind=module; model=X1; serial=S2",
        "component_part PSU; left part:PSU; left  kind=powerSupply; serial=S3"};
    EXPECT_EQ(told(), all);
    EXPECT_TRUE(told().empty());
    parts_[0].serial = "S7";
    EXPECT_EQ(told(),
              std::vector<std::string>{
                  "component_replaced slot 1 part:slot 1  kind=module; model=X1; serial=S7; version=V1"});
    parts_.erase(parts_.begin() + 3);
    EXPECT_EQ(told(), std::vector<std::string>{"component_gone slot 1 part:slot 1 1.3.7  "});
    DevicePacks::Found cut{{}, true, false, {}};
    EXPECT_TRUE(states_of(cut).empty()) << "what could not be read is not gone";
    EXPECT_TRUE(told().empty());
}

TEST_F(DevicePacksTest, OfVeryManyPartsTheFirstAreTold) {
    DevicePacks::Found found{{}, true, true, {}};
    for (int i = 0; i < 300; ++i)
        found.findings.inventory.push_back({"module", "slot " + std::to_string(i), "", "X1", "S"});
    EXPECT_EQ(states_of(found).size(), 256U);
    EXPECT_TRUE(states_of(found).empty());
}

TEST_F(DevicePacksTest, AStateIsToldOnceAndIsAnEventWhenItChanges) {
    poll();
    EXPECT_EQ(states_of(*poll()),
              (std::vector<std::string>{"attribute class power  ", "attribute model Model 9  ",
                                        "component_state Battery 1.3.6.1.2.1.33.1.2.1.0 ok normal"}));
    EXPECT_TRUE(states_of(*poll()).empty());
    set("1.3.6.1.2.1.33.1.2.1.0", 3);
    EXPECT_EQ(states_of(*poll()),
              (std::vector<std::string>{"component_changed Battery 1.3.6.1.2.1.33.1.2.1.0 warning low"}));
    EXPECT_TRUE(states_of(*poll()).empty());
    network_.mib.erase(bytes_of("1.3.6.1.2.1.33.1.2.1.0"));
    EXPECT_TRUE(states_of(*poll()).empty()) << "missing once says nothing";
    loop_.advance(DevicePacks::kLookAgain);
    poll();
    EXPECT_EQ(states_of(*poll()),
              (std::vector<std::string>{"component_gone Battery 1.3.6.1.2.1.33.1.2.1.0  "}));
}

TEST_F(DevicePacksTest, AStateThatStoredWillNeverHaveIsToldAgain) {
    const auto refused = [this](const DevicePacks::Found& found) {
        std::string out;
        for (const wire::StateRecord& record : watch_.update(found, {}, loop_.now())) {
            out += record.kind + " ";
            watch_.untell(record);
        }
        return out;
    };
    poll();
    states_of(*poll());
    set("1.3.6.1.2.1.33.1.2.1.0", 3);
    EXPECT_EQ(refused(*poll()), "component_changed ");
    EXPECT_EQ(states_of(*poll()),
              (std::vector<std::string>{"component_changed Battery 1.3.6.1.2.1.33.1.2.1.0 warning low"}));
    network_.mib.erase(bytes_of("1.3.6.1.2.1.33.1.2.1.0"));
    network_.mib.erase(bytes_of("1.3.6.1.2.1.33.1.1.2.0"));
    for (int hour = 0; hour < 2; ++hour) {
        loop_.advance(DevicePacks::kLookAgain);
        poll();
        EXPECT_EQ(refused(*poll()), "attribute component_gone ");
    }
}

TEST_F(DevicePacksTest, WhatTheNextDeviceDoesNotSayOfItselfIsNotThatOfTheLast) {
    poll();
    states_of(*poll());
    EXPECT_EQ(watch_.told_attribute("model"), "Model 9");
    set("1.3.6.1.2.1.1.1.0", "Another UPS");
    network_.mib.erase(bytes_of("1.3.6.1.2.1.33.1.1.2.0"));
    poll();
    poll();
    auto survey = poll();
    ASSERT_TRUE(survey && survey->is_survey);
    survey->is_whole = false;
    states_of(*survey);
    EXPECT_EQ(watch_.told_attribute("model"), "Model 9") << "perhaps it could not be read";
    survey->is_whole = true;
    EXPECT_EQ(states_of(*survey), std::vector<std::string>{"attribute model   "});
    EXPECT_TRUE(states_of(*survey).empty());
}

TEST_F(DevicePacksTest, ATableThatNoPackNeedsMayFail) {
    const auto fail_at = [this](const char* oid) {
        network_.corrupt = [at = bytes_of(oid)](const snmp::FakeRequest& request, snmp::FakeAnswer& answer) {
            answer = {{}, 5, 1};  // genErr
            return std::any_of(request.oids.begin(), request.oids.end(),
                               [&at](const std::string& one) { return one.starts_with(at); });
        };
    };
    poll();
    const auto survey = poll();
    ASSERT_TRUE(survey && survey->is_whole);
    states_of(*survey);
    network_.mib.erase(bytes_of("1.3.6.1.2.1.33.1.2.1.0"));
    fail_at("1.3.6.1.2.1.25.2.3");
    loop_.advance(DevicePacks::kLookAgain);
    EXPECT_FALSE(poll()) << "looked at";
    const auto again = poll();
    ASSERT_TRUE(again && again->is_survey);
    EXPECT_TRUE(again->is_whole);
    EXPECT_EQ(states_of(*again),
              (std::vector<std::string>{"component_gone Battery 1.3.6.1.2.1.33.1.2.1.0  "}));
    fail_at("1.3.6.1.2.1.33.1.3.3.1.3");
    EXPECT_FALSE(poll()->is_whole);
    fail_at("1.3.6.1.2.1.33.1.2.5");
    EXPECT_FALSE(poll()->is_whole);
    network_.corrupt = nullptr;
    EXPECT_TRUE(poll()->is_whole);
}

TEST_F(DevicePacksTest, ADeviceThatDiesAfterTheLookIsNotHurried) {
    poll();
    ASSERT_TRUE(packs_.is_hurried());
    network_.lost = [](int) { return true; };
    EXPECT_FALSE(poll());
    EXPECT_FALSE(packs_.is_hurried());
    network_.lost = nullptr;
    EXPECT_TRUE(poll()->is_survey);
}

TEST_F(DevicePacksTest, WhatADeviceIsIsToldOnceStoredSaidWhatItKnows) {
    StateWatch late("ups-01");
    poll();
    EXPECT_TRUE(late.update(*poll(), {}, loop_.now()).empty());
    Recalled known;
    known.attributes = {{"model", "Model 8"}, {"class", "power"}};
    const auto told = late.recall(known);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].component, "model");
    EXPECT_EQ(told[0].value, "Model 9");
    const auto states = late.update(*poll(), {}, loop_.now());
    ASSERT_EQ(states.size(), 1U);
    EXPECT_EQ(states[0].kind, "component_state");
}

TEST_F(DevicePacksTest, AnotherDescriptionARestartAndAnHourBeginAnew) {
    poll();
    poll();
    ASSERT_TRUE(poll());
    set("1.3.6.1.2.1.1.1.0", "A UPS, version 2");
    EXPECT_TRUE(poll());
    EXPECT_FALSE(poll()) << "looked at";
    EXPECT_TRUE(poll()->is_survey);
    uptime_ = 0;
    EXPECT_TRUE(poll());
    EXPECT_FALSE(poll());
    EXPECT_TRUE(poll()->is_survey);
    EXPECT_FALSE(poll()->is_survey);
    loop_.advance(DevicePacks::kLookAgain);
    EXPECT_FALSE(poll());
    EXPECT_TRUE(poll()->is_survey);
}

TEST_F(DevicePacksTest, ADeviceOfWhichAPartAlwaysFailsHasItsPacksAndHasThemAgainAnHourLater) {
    std::string by_name = kUps;
    by_name.replace(by_name.find("{probe:"), 25, "{sys_descr: UPS}");
    ASSERT_TRUE(shelf_.take({{"ups.yaml", by_name}, {"x.yaml", kOther}}).empty());
    network_.corrupt = [](const snmp::FakeRequest& request, snmp::FakeAnswer& answer) {
        answer = {{}, 5, 1};  // genErr
        return std::count(request.oids.begin(), request.oids.end(), bytes_of("1.3.6.1.4.1.99999")) > 0;
    };
    loop_.advance(2 * DevicePacks::kLookAgain);  // the box has been up for longer
    for (int hour = 0; hour < 2; ++hour) {
        for (unsigned look = 0; look < DevicePacks::kMaxTries; ++look) EXPECT_FALSE(poll());
        const auto found = poll();
        ASSERT_TRUE(found);
        EXPECT_EQ(series_of(*found).count("voltage_volts Input 1"), 1U);
        ASSERT_TRUE(poll());
        loop_.advance(DevicePacks::kLookAgain);
    }
}

TEST_F(DevicePacksTest, TheTriesOfALookAreOnePlan) {
    network_.lost = [](int) { return true; };
    const auto plan = packs_.plan(loop_.now());
    EXPECT_FALSE(poll());
    EXPECT_EQ(packs_.plan(loop_.now()), plan);
    ASSERT_TRUE(shelf_.take({{"ups.yaml", kUps}, {"x.yaml", kOther}}).empty());
    EXPECT_NE(packs_.plan(loop_.now()), plan);
}

TEST_F(DevicePacksTest, ADeviceThatNoPackMatchesCostsTheFirstLookAlone) {
    std::erase_if(network_.mib,
                  [](const auto& entry) { return entry.first.starts_with(bytes_of("1.3.6.1.2.1.33")); });
    poll();
    poll();
    const auto found = poll();
    ASSERT_TRUE(found);
    EXPECT_TRUE(packs_.choices().empty());
    EXPECT_TRUE(series_of(*found).empty());
    EXPECT_EQ(packs_.plan(loop_.now())->tables.size(), standard_plan()->tables.size());
}

TEST_F(DevicePacksTest, AWrongPackIsRefusedWithItsPlaceAndTheLastGoodOneStays) {
    std::string wrong = kUps;
    wrong.replace(wrong.find("unit: charge"), 12, "unit: chargf");
    const auto mistakes = shelf_.take({{"ups.yaml", wrong}, {"other.yaml", "pack: other\nmatch: always\n"}});
    ASSERT_EQ(mistakes.size(), 1U);
    EXPECT_EQ(mistakes[0].substr(0, 14), "ups.yaml:6:35:") << mistakes[0];
    EXPECT_EQ(shelf_.cards()->packs.size(), 2U);
    poll();
    poll();
    EXPECT_EQ(series_of(*poll()).count("battery_charge_ratio Battery charge"), 1U);
    const auto good = shelf_.cards();
    EXPECT_EQ(shelf_.take({{"ups.yaml", wrong}, {"other.yaml", "pack: other\nmatch: always\n"}}).size(), 1U);
    EXPECT_EQ(shelf_.cards(), good) << "nothing is another pack";
    EXPECT_TRUE(shelf_.take({{"ups.yaml", kUps}}).empty());
    EXPECT_EQ(shelf_.cards()->packs.size(), 1U) << "a file that went is gone";
}

TEST_F(DevicePacksTest, DevicesWithTheSamePacksShareThemAndTheirPlans) {
    DevicePacks other(&shelf_);
    EXPECT_EQ(packs_.plan(loop_.now()), other.plan(loop_.now()));
    poll();
    poll();
    poll();
    std::swap(packs_, other);
    poll();
    poll();
    poll();
    EXPECT_EQ(packs_.plan(loop_.now()), other.plan(loop_.now()));
    ASSERT_EQ(packs_.choices().size(), 1U);
    EXPECT_EQ(packs_.choices()[0].pack, other.choices()[0].pack);
}

TEST_F(DevicePacksTest, AWholePackIsKeptAsLongAsADeviceHasIt) {
    poll();
    const std::weak_ptr<const pack::Pack> whole = packs_.choices().at(0).whole;
    EXPECT_TRUE(shelf_.take({{"other.yaml", "pack: other\nmatch: {probe: 1.3.6.1.2.1.99}\n"}}).empty());
    ASSERT_FALSE(whole.expired());
    poll();
    EXPECT_TRUE(packs_.choices().empty());
    EXPECT_TRUE(whole.expired());
}

TEST(PackShelfTest, AFileThatCannotBeReadCostsItselfAloneAndTheSameTextsAreTheSamePacks) {
    char folder[] = "/tmp/outstation-packs-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    const auto write = [&folder](const char* name, const std::string& text) {
        std::ofstream(std::string(folder) + "/" + name) << text;
    };
    write("ups.yaml", kUps);
    write("other.yaml", kOther);
    std::filesystem::create_symlink("nowhere", std::string(folder) + "/dangling.yaml");
    PackShelf shelf;
    auto mistakes = shelf.read(folder);
    ASSERT_TRUE(mistakes) << mistakes.error().text;
    ASSERT_EQ(mistakes->size(), 1U);
    EXPECT_NE((*mistakes)[0].find("dangling.yaml: No such file"), std::string::npos) << (*mistakes)[0];
    EXPECT_EQ(shelf.cards()->packs.size(), 2U);
    const auto cards = shelf.cards();
    ASSERT_TRUE(shelf.read(folder));
    EXPECT_EQ(shelf.cards(), cards);
    write("ups.yaml", kUps + std::string(2U << 20, '#'));
    mistakes = shelf.read(folder);
    ASSERT_TRUE(mistakes);
    EXPECT_EQ(mistakes->size(), 2U);
    EXPECT_EQ(shelf.cards(), cards) << "what it said before";
    std::filesystem::remove_all(folder);
    EXPECT_FALSE(shelf.read(folder));
}

TEST_F(DevicePacksTest, WhatTheStandardSetReadsIsNotToldTwice) {
    EXPECT_TRUE(is_standard(*pack::parse_oid("1.3.6.1.2.1.25.3.3.1.2.7")));
    EXPECT_FALSE(is_standard(*pack::parse_oid("1.3.6.1.2.1.33.1.2.5.0")));
    EXPECT_TRUE(
        shelf_
            .take({{"host.yaml",
                    "pack: host\nmatch: always\nprocessors: [{OID: 1.3.6.1.2.1.25.3.3.1.2, label: a}]\n"}})
            .empty());
    set("1.3.6.1.2.1.25.3.3.1.2.7", 50);
    poll();
    poll();
    const auto found = poll();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->findings.processors.size(), 1U);
    EXPECT_TRUE(series_of(*found).empty());
}

// The one evaluator: over the network and from a recording.
TEST_F(DevicePacksTest, TheNetworkGivesWhatARecordingGives) {
    const auto recording = pack::parse_recording(
        "1.3.6.1.2.1.1.1.0|4|A UPS\n1.3.6.1.2.1.33.1.1.2.0|4|Model 9\n1.3.6.1.2.1.33.1.2.1.0|2|2\n"
        "1.3.6.1.2.1.33.1.2.4.0|2|97\n1.3.6.1.2.1.33.1.2.5.0|2|547\n1.3.6.1.2.1.33.1.3.3.1.3.1|2|230\n"
        "1.3.6.1.2.1.33.1.3.3.1.3.2|2|231\n");
    ASSERT_TRUE(recording);
    DevicePacks::Found recorded;
    recorded.findings = pack::evaluate(shelf_.choose(recording->values), recording->values);
    poll();
    poll();
    EXPECT_EQ(series_of(*poll()), series_of(recorded));
}

TEST(PackMetrics, AreInBaseUnits) {
    const auto reading = [](const char* unit, const char* kind, const char* metric = "") {
        pack::Reading out;
        out.unit = unit;
        out.kind = kind;
        out.metric = metric;
        return out;
    };
    EXPECT_EQ(sensor_metric(reading("percent", "humidity")).name, "humidity_ratio");
    EXPECT_EQ(sensor_metric(reading("minutes", "runtime")).factor, 60);
    EXPECT_EQ(sensor_metric(reading("celsius", "anything")).name, "temperature_celsius");
    EXPECT_EQ(sensor_metric(reading("bananas", "")).name, "sensor_value");
    EXPECT_EQ(sensor_metric(reading("celsius", "", "snmp_heat")).name, "snmp_heat");
    EXPECT_EQ(profile_metric_name("upsBasic.Time On"), "snmp_upsbasic_time_on");
    EXPECT_EQ(profile_metric_name("snmp_load"), "snmp_load");
    EXPECT_EQ(severity_number("unknown"), -1);
}

}  // namespace
}  // namespace outstation::polld
