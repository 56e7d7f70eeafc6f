// SPDX-License-Identifier: GPL-3.0-or-later
// From what packs found to series: which series a value goes to, and how exact it is.
#include "daemons/polld/pack_series.hpp"

#include <gtest/gtest.h>

namespace outstation::polld {
namespace {

using Values = std::map<std::string, double>;

class PackSeriesTest : public testing::Test {
  protected:
    static pack::MetricValue mode(std::uint64_t rule, const char* label, double value) {
        return {{1, 3, 6, 1, 4, 1, 99999, 1, 0}, "snmp_mode", "gauge", value, {{"mode", label}}, {}, rule};
    }
    // What the findings of one cycle become: "metric label=value".
    Values told(std::vector<pack::MetricValue> metrics, bool is_whole) {
        DevicePacks::Found found;
        found.is_whole = is_whole;
        found.findings.metrics = std::move(metrics);
        record_ = {};
        series_.translate(found, record_);
        Values out;
        for (std::size_t at = 0; at < record_.gauges.size(); ++at)
            EXPECT_TRUE(out.emplace(name_of(record_.gauge_series[at]), record_.gauges[at]).second) << "twice";
        return out;
    }
    [[nodiscard]] std::string name_of(std::uint32_t number) const {
        const SeriesKey& key = book_.info(number).key;
        std::string out = key.metric;
        for (const Label& label : key.labels)
            if (label.name == "mode") out += " " + label.value;
        return out;
    }

    static constexpr std::uint64_t kOff = 1;  // rules
    static constexpr std::uint64_t kOn = 2;
    SeriesBook book_;
    PackSeries series_{"box-01", book_};
    wire::SampleRecord record_;
};

TEST_F(PackSeriesTest, ADeviceWhoseOidsChangeAtEachPollTakesNoMoreMemoryForThat) {
    for (std::uint32_t poll = 0; poll < 12; ++poll) {
        DevicePacks::Found found;
        for (std::uint32_t n = 0; n < 1000; ++n) {
            pack::Reading reading;
            reading.oid = {1, 3, 6, 1, 4, 1, 99999, poll, n};
            reading.unit = "celsius";
            found.findings.sensors.push_back(std::move(reading));
        }
        series_.translate(found, record_);
    }
    EXPECT_EQ(series_.known(), PackSeries::kMostKnown);
}

TEST_F(PackSeriesTest, OfOneMetricAndOidEachRuleHasItsSeries) {
    const Values first = {{"snmp_mode off", 0}, {"snmp_mode on", 1}};
    EXPECT_EQ(told({mode(kOff, "off", 0), mode(kOn, "on", 1)}, true), first);
    const Values second = {{"snmp_mode off", 1}, {"snmp_mode on", 0}};
    EXPECT_EQ(told({mode(kOff, "off", 1), mode(kOn, "on", 0)}, true), second);
    EXPECT_EQ(told({mode(kOff, "off", 0), mode(kOn, "on", 1)}, false), first) << "a part of the poll failed";
    EXPECT_EQ(book_.size(), 2U);
}

TEST_F(PackSeriesTest, TwoRulesThatGiveOneSeriesGiveItOnce) {
    EXPECT_EQ(told({mode(kOff, "off", 7), mode(kOn, "off", 8)}, true), (Values{{"snmp_mode off", 7}}));
}

TEST_F(PackSeriesTest, WhatAFailedPartWouldNameIsWhatItWasAndNothingIsToldUnderAnothersName) {
    told({mode(kOff, "manual", 1)}, true);
    EXPECT_EQ(told({mode(kOff, "", 2)}, false), (Values{{"snmp_mode manual", 2}})) << "its name was not read";
    EXPECT_TRUE(told({mode(kOff, "automatic", 1)}, false).empty());
    EXPECT_EQ(told({mode(kOff, "automatic", 1)}, true), (Values{{"snmp_mode automatic", 1}}));
}

TEST_F(PackSeriesTest, ACounterKeepsAllItsDigits) {
    auto octets = mode(kOff, "in", 1.8446744073709552e19);
    octets.count = {18'446'744'073'709'551'615U, 8};
    EXPECT_TRUE(told({octets}, true).empty());
    ASSERT_EQ(record_.counters, std::vector<std::uint64_t>{18'446'744'073'709'551'615U});
    const SeriesInfo& info = book_.info(record_.counter_series.at(0));
    EXPECT_EQ(info.kind, SeriesKind::counter);
    EXPECT_EQ(info.scale, 8);
}

}  // namespace
}  // namespace outstation::polld
