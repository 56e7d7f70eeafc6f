// SPDX-License-Identifier: GPL-3.0-or-later
// Cycles to series, labels and values, exactly.
#include "daemons/polld/translator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "daemons/polld/cycle_builder.hpp"
#include "daemons/polld/device_text.hpp"
#include "daemons/polld/sensor_units.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Tag;

class TranslatorTest : public testing::Test {
  protected:
    wire::SampleRecord translate(const CycleBuilder& builder) {
        wire::SampleRecord record;
        translator_.translate(builder.cycle_, record);
        EXPECT_TRUE(record.valid());
        return record;
    }
    // metric{label="value",...} of a series.
    [[nodiscard]] std::string name(std::uint32_t series) const {
        const SeriesInfo& info = book_.info(series);
        std::string out = info.key.metric;
        for (const Label& label : info.key.labels) out += " " + label.name + "=" + label.value;
        return out;
    }
    [[nodiscard]] std::optional<double> gauge(const wire::SampleRecord& record,
                                              const std::string& wanted) const {
        for (std::size_t i = 0; i < record.gauges.size(); ++i) {
            if (name(record.gauge_series[i]) == wanted) return record.gauges[i];
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<std::uint64_t> counter(const wire::SampleRecord& record,
                                                       const std::string& wanted) const {
        for (std::size_t i = 0; i < record.counters.size(); ++i) {
            if (name(record.counter_series[i]) == wanted) return record.counters[i];
        }
        return std::nullopt;
    }
    [[nodiscard]] SeriesInfo info(const std::string& wanted) const {
        for (std::uint32_t n = 1; n <= book_.size(); ++n) {
            if (name(n) == wanted) return book_.info(n);
        }
        return {};
    }

    SeriesBook book_;
    Translator translator_{"sw-01", book_};
};

TEST_F(TranslatorTest, InterfacesWithTheirNamesAndSixtyFourBits) {
    CycleBuilder builder;
    const snmp::Cell name = builder.text_cell("GE1/0/7");
    const snmp::Cell mac = builder.text_cell(std::string("\x00\x1b\xff\x01\x02\x03", 6));
    builder.row<IfColumn>(TableId::interface, 7,
                          {{IfColumn::name, name},
                           {IfColumn::phys_address, mac},
                           {IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, UINT64_MAX)},
                           {IfColumn::in_octets, CycleBuilder::number(Tag::counter32, 5)},
                           {IfColumn::oper_status, CycleBuilder::number(Tag::integer, 1)},
                           {IfColumn::high_speed, CycleBuilder::number(Tag::gauge32, 1000)}});
    builder.row<IfNameColumn>(TableId::interface_name, 7,
                              {{IfNameColumn::name, name},
                               {IfNameColumn::alias, builder.text_cell("至核心")},
                               {IfNameColumn::type, CycleBuilder::number(Tag::integer, 6)},
                               {IfNameColumn::phys_address, mac}});
    const auto record = translate(builder);
    EXPECT_EQ(counter(record, "if_in_octets_total if_name=GE1/0/7"), UINT64_MAX);
    EXPECT_EQ(gauge(record, "if_speed_bits_per_second if_name=GE1/0/7"), 1e9);
    EXPECT_EQ(gauge(record,
                    "if_info if_alias=至核心 if_descr= if_index=7 if_mac=00:1b:ff:01:02:03 if_name=GE1/0/7 "
                    "if_type=6"),
              1.0);
    EXPECT_EQ(info("if_in_octets_total if_name=GE1/0/7").oid, "1.3.6.1.2.1.31.1.1.1.6.7");
    EXPECT_FALSE(counter(record, "if_out_octets_total if_name=GE1/0/7"));  // absent, not zero
}

TEST_F(TranslatorTest, WithoutTheWideCounterTheNarrowOneCounts) {
    CycleBuilder builder;
    builder.row<IfColumn>(TableId::interface, 1,
                          {{IfColumn::in_octets, CycleBuilder::number(Tag::counter32, 5)}});
    const auto record = translate(builder);
    EXPECT_EQ(counter(record, "if_in_octets_total if_name=1 width=32"), 5U);
    EXPECT_EQ(info("if_in_octets_total if_name=1 width=32").oid, "1.3.6.1.2.1.2.2.1.10.1");
}

// The two wrap elsewhere: in one series the change from one to the other would look like traffic.
TEST_F(TranslatorTest, TheNarrowCounterIsASeriesOfItsOwn) {
    CycleBuilder narrow;
    narrow.row<IfColumn>(TableId::interface, 1,
                         {{IfColumn::in_octets, CycleBuilder::number(Tag::counter32, 4'000'000'000)}});
    translate(narrow);
    CycleBuilder wide;
    wide.row<IfColumn>(TableId::interface, 1,
                       {{IfColumn::in_octets, CycleBuilder::number(Tag::counter32, 4'000'000'100)},
                        {IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, 12'589'934'692)}});
    const auto record = translate(wide);
    EXPECT_EQ(counter(record, "if_in_octets_total if_name=1"), 12'589'934'692U);
    EXPECT_FALSE(counter(record, "if_in_octets_total if_name=1 width=32"));
}

// Names fall back to the index only where the device has none: a walk that broke off says nothing of names.
// INTEGER -1 stands for "not available" with some; as a counter it would be 2^64 - 1.
TEST_F(TranslatorTest, ACounterOfAnotherTypeIsNoValue) {
    for (const Tag tag : {Tag::integer, Tag::time_ticks}) {
        CycleBuilder builder;
        builder.row<IfColumn>(TableId::interface, 7,
                              {{IfColumn::in_errors, CycleBuilder::number(tag, UINT64_MAX)},
                               {IfColumn::out_errors, CycleBuilder::number(Tag::counter32, 3)},
                               {IfColumn::in_discards, CycleBuilder::number(Tag::gauge32, 4)},
                               {IfColumn::hc_in_octets, CycleBuilder::number(tag, 5)},
                               {IfColumn::in_octets, CycleBuilder::number(Tag::counter32, 6)}});
        const auto record = translate(builder);
        EXPECT_EQ(counter(record, "if_out_errors_total if_name=7"), 3U);
        EXPECT_EQ(counter(record, "if_in_discards_total if_name=7"), 4U);
        EXPECT_EQ(counter(record, "if_in_octets_total if_name=7 width=32"), 6U);
        EXPECT_EQ(record.counters.size(), 3U);
    }
}

TEST_F(TranslatorTest, WithoutTheTableOfNamesTheKnownNamesStand) {
    const auto build = [](bool names, std::uint32_t more) {
        CycleBuilder builder;
        builder.row<IfColumn>(TableId::interface, 7,
                              {{IfColumn::name, builder.text_cell("GE7")},
                               {IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, 1)}});
        if (more != 0)
            builder.row<IfColumn>(TableId::interface, more,
                                  {{IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, 2)}});
        if (names) {
            builder.row<IfNameColumn>(TableId::interface_name, 7,
                                      {{IfNameColumn::name, builder.text_cell("GE7")}});
        } else {
            builder.table(TableId::interface_name).error = snmp::CycleError::timeout;
        }
        return builder;
    };
    translate(build(true, 0));
    const auto version = book_.version();
    const auto record = translate(build(false, 9));
    EXPECT_EQ(counter(record, "if_in_octets_total if_name=GE7"), 1U);
    EXPECT_EQ(record.counters.size(), 1U);  // interface 9 has no name yet
    EXPECT_EQ(book_.version(), version);
    EXPECT_EQ(translator_.interfaces().size(), 1U);
    EXPECT_EQ(counter(translate(build(true, 9)), "if_in_octets_total if_name=9"), 2U);
}

TEST_F(TranslatorTest, ValuesThatStoredDoesNotTakeAreLeftOut) {
    CycleBuilder builder;
    builder.scalar(Scalar::sys_uptime, Tag::time_ticks, 100);
    EXPECT_EQ(gauge(translate(builder), "sys_uptime_seconds"), 1.0);
    for (std::uint32_t n = 1; n <= book_.size(); ++n) {
        if (name(n) == "sys_uptime_seconds") book_.leave_out(n);
    }
    const auto record = translate(builder);
    EXPECT_FALSE(gauge(record, "sys_uptime_seconds"));
    EXPECT_EQ(gauge(record, "up"), 1.0);
    book_.forget_left_out();
    EXPECT_EQ(gauge(translate(builder), "sys_uptime_seconds"), 1.0);
}

// 20 definitions: 6 of the poll itself, then ports that are called anew at every poll.
TEST(SeriesLimits, ADeviceThatRenamesItsPortsCostsItselfAlone) {
    SeriesBook book(SeriesBook::Limits{20, 1000});
    std::vector<std::pair<std::string, bool>> full;
    book.on_full([&](const std::string& device, bool total) { full.emplace_back(device, total); });
    Translator hostile("sw-01", book);
    const auto poll = [&](Translator& translator, int n) {
        CycleBuilder builder;
        const snmp::Cell name = builder.text_cell("port-" + std::to_string(n));
        builder.row<IfColumn>(
            TableId::interface, 1,
            {{IfColumn::name, name}, {IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, 1)}});
        builder.row<IfNameColumn>(TableId::interface_name, 1, {{IfNameColumn::name, name}});
        wire::SampleRecord record;
        translator.translate(builder.cycle_, record);
        return record;
    };
    for (int n = 0; n < 100; ++n) poll(hostile, n);
    EXPECT_EQ(book.version(), 20U);
    EXPECT_EQ(full, (std::vector<std::pair<std::string, bool>>{{"sw-01", false}}));
    const auto record = poll(hostile, 0);  // what is known goes on
    EXPECT_EQ(record.counters.size(), 1U);
    EXPECT_EQ(poll(hostile, 1000).counters.size(), 0U);
    const auto turned_away = book.turned_away();
    poll(hostile, 1000);
    EXPECT_EQ(book.turned_away(), turned_away);  // not tried again at every poll
    Translator other("sw-02", book);
    EXPECT_EQ(poll(other, 1).counters.size(), 1U);
}

// Whose ports come and go in front of the others: these are known wherever they stand.
TEST(SeriesLimits, APortInFrontOfTheOthersCostsThemNothing) {
    SeriesBook book(SeriesBook::Limits{20, 1000});
    Translator translator("sw-01", book);
    const auto poll = [&](std::uint32_t first, bool with_names) {
        CycleBuilder builder;
        for (std::uint32_t port = first; port < 30; ++port) {
            const snmp::Cell name = builder.text_cell("GE" + std::to_string(port));
            builder.row<IfColumn>(TableId::interface, port,
                                  {{IfColumn::name, name},
                                   {IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, port)}});
            builder.row<IfNameColumn>(TableId::interface_name, port, {{IfNameColumn::name, name}});
        }
        if (!with_names) builder.table(TableId::interface_name).error = snmp::CycleError::timeout;
        wire::SampleRecord record;
        translator.translate(builder.cycle_, record);
        return record.counters;
    };
    const auto some = poll(2, true);
    EXPECT_GT(some.size(), 5U);
    EXPECT_LT(some.size(), 20U);
    poll(1, true);
    const auto turned_away = book.turned_away();
    for (int cycle = 0; cycle < 10; ++cycle) {
        EXPECT_EQ(poll(2, true), some);
        EXPECT_EQ(poll(5, true), std::vector<std::uint64_t>(some.begin() + 3, some.end()));
        EXPECT_EQ(poll(1, true), some);
        EXPECT_EQ(poll(1, false), some);
    }
    EXPECT_EQ(book.turned_away(), turned_away);
}

TEST(SeriesLimits, AChangingScaleIsADefinitionTooAndAllTogetherAreBounded) {
    SeriesBook book(SeriesBook::Limits{10, 12});
    std::vector<bool> full;
    book.on_full([&](const std::string&, bool total) { full.push_back(total); });
    for (int i = 1; i <= 100; ++i)
        EXPECT_EQ(book.number_of({{"a", "m", {}}, SeriesKind::gauge, "", static_cast<double>(i)}), 1U);
    EXPECT_EQ(book.version(), 10U);
    EXPECT_NE(book.number_of({{"b", "m1", {}}, SeriesKind::gauge, "", 1}), SeriesBook::kNone);
    EXPECT_NE(book.number_of({{"b", "m2", {}}, SeriesKind::gauge, "", 1}), SeriesBook::kNone);
    EXPECT_EQ(book.number_of({{"b", "m3", {}}, SeriesKind::gauge, "", 1}), SeriesBook::kNone);
    EXPECT_EQ(book.number_of({{"c", "m", {}}, SeriesKind::gauge, "", 1}), SeriesBook::kNone);
    EXPECT_EQ(full, (std::vector<bool>{false, true}));
}

TEST_F(TranslatorTest, StorageInBytesWithTheUnitAsScale) {
    CycleBuilder builder;
    builder.row<StorageColumn>(
        TableId::storage, 31,
        {{StorageColumn::type, builder.text_cell(snmp::encode_oid("1.3.6.1.2.1.25.2.1.4").value(), Tag::oid)},
         {StorageColumn::descr, builder.text_cell("/data")},
         {StorageColumn::units, CycleBuilder::number(Tag::integer, 4096)},
         {StorageColumn::size, CycleBuilder::number(Tag::integer, 1000)},
         {StorageColumn::used, CycleBuilder::number(Tag::integer, 250)}});
    const auto record = translate(builder);
    EXPECT_EQ(gauge(record, "hr_storage_used_bytes kind=disk storage=/data storage_index=31"), 250.0 * 4096);
    EXPECT_EQ(info("hr_storage_used_bytes kind=disk storage=/data storage_index=31").scale, 4096.0);
}

TEST_F(TranslatorTest, SensorsInBaseUnitsAndOnlyWhenTheyWork) {
    CycleBuilder builder;
    const auto sensor = [&](std::uint32_t index, std::uint64_t type, std::uint64_t scale,
                            std::uint64_t precision, std::int64_t value, std::uint64_t status) {
        builder.row<SensorColumn>(
            TableId::sensor, index,
            {{SensorColumn::type, CycleBuilder::number(Tag::integer, type)},
             {SensorColumn::scale, CycleBuilder::number(Tag::integer, scale)},
             {SensorColumn::precision, CycleBuilder::number(Tag::integer, precision)},
             {SensorColumn::value, CycleBuilder::number(Tag::integer, static_cast<std::uint64_t>(value))},
             {SensorColumn::status, CycleBuilder::number(Tag::integer, status)}});
    };
    sensor(1, 8, 9, 1, -55, 1);    // -5.5 degrees
    sensor(2, 9, 9, 0, 46, 1);     // 46 % relative humidity
    sensor(3, 4, 8, 0, 12100, 1);  // millivolts
    sensor(4, 8, 9, 0, 0, 3);      // broken
    builder.row<EntityColumn>(TableId::entity, 1, {{EntityColumn::name, builder.text_cell("进风")}});
    const auto record = translate(builder);
    EXPECT_DOUBLE_EQ(gauge(record, "temperature_celsius kind=temperature sensor=进风 sensor_index=1").value(),
                     -5.5);
    EXPECT_DOUBLE_EQ(gauge(record, "humidity_ratio kind=humidity sensor=2 sensor_index=2").value(), 0.46);
    EXPECT_DOUBLE_EQ(gauge(record, "voltage_volts kind=voltage sensor=3 sensor_index=3").value(), 12.1);
    EXPECT_FALSE(gauge(record, "temperature_celsius kind=temperature sensor=4 sensor_index=4"));
    EXPECT_EQ(gauge(record, "sensor_status kind=temperature sensor=4 sensor_index=4"), 3.0);
}

TEST_F(TranslatorTest, ADeviceThatDoesNotAnswerGivesUpZeroAndNothingOfItsOwn) {
    CycleBuilder builder;
    builder.cycle_.answered = false;
    builder.cycle_.rtt = 0s;
    const auto record = translate(builder);
    EXPECT_EQ(gauge(record, "up"), 0.0);
    EXPECT_FALSE(gauge(record, "poll_rtt_seconds"));
    EXPECT_TRUE(record.counters.empty());
}

TEST_F(TranslatorTest, InterfacesHaveTheirNamesDescriptionsAndAliases) {
    CycleBuilder builder;
    const snmp::Cell up = CycleBuilder::number(Tag::integer, 1);
    builder.row<IfColumn>(TableId::interface, 1,
                          {{IfColumn::name, builder.text_cell("GE1")},
                           {IfColumn::descr, builder.text_cell("Gigabit 1")},
                           {IfColumn::oper_status, up}});
    builder.row<IfColumn>(TableId::interface, 2,
                          {{IfColumn::descr, builder.text_cell("eth0")}, {IfColumn::oper_status, up}});
    builder.row<IfColumn>(TableId::interface, 3, {{IfColumn::oper_status, up}});
    builder.row<IfNameColumn>(TableId::interface_name, 1,
                              {{IfNameColumn::name, builder.text_cell("GE1")},
                               {IfNameColumn::descr, builder.text_cell("Gigabit 1")},
                               {IfNameColumn::alias, builder.text_cell("上联\x1b 核心")}});
    builder.row<IfNameColumn>(TableId::interface_name, 2,
                              {{IfNameColumn::descr, builder.text_cell("eth0")},
                               {IfNameColumn::alias, builder.text_cell(std::string(4000, 'a'))}});
    translate(builder);
    const auto& interfaces = translator_.interfaces();
    ASSERT_EQ(interfaces.size(), 3U);
    EXPECT_EQ(interfaces[0].name + "|" + interfaces[0].descr + "|" + interfaces[0].alias,
              "GE1|Gigabit 1|上联  核心");
    EXPECT_EQ(interfaces[1].name + "|" + interfaces[1].descr, "eth0|");  // the name says it already
    EXPECT_EQ(interfaces[1].alias.size(), kMaxLabelBytes);
    EXPECT_EQ(interfaces[2].name + "|" + interfaces[2].descr + "|" + interfaces[2].alias, "3||");
}

TEST_F(TranslatorTest, ASteadyRoomMakesNoNewNamesAndARenamedPortANewSeries) {
    const auto build = [](const std::string& port) {
        CycleBuilder builder;
        builder.row<IfColumn>(TableId::interface, 1,
                              {{IfColumn::name, builder.text_cell(port)},
                               {IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, 1)}});
        builder.row<IfNameColumn>(TableId::interface_name, 1,
                                  {{IfNameColumn::name, builder.text_cell(port)}});
        return builder;
    };
    translate(build("GE1"));
    const auto version = book_.version();
    translate(build("GE1"));
    EXPECT_EQ(book_.version(), version);
    const auto record = translate(build("GE2"));
    EXPECT_EQ(counter(record, "if_in_octets_total if_name=GE2"), 1U);
}

// A table of so many rows, and the rows of another that stands three places further.
std::chrono::nanoseconds time_to_find(std::uint32_t rows) {
    CycleBuilder builder;
    for (std::uint32_t row = 1; row <= rows; ++row)
        builder.row<EntityColumn>(TableId::entity, row * 7 % rows + 1, {});
    const snmp::TableRows& table = builder.table(TableId::entity);
    const auto now = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    const auto before = now();
    RowFinder finder(builder.cycle_, table);
    for (std::size_t row = 0; row < rows; ++row)
        EXPECT_EQ(finder.find(builder.cycle_.index(table, row), row + 3), row);
    return now() - before;
}

TEST(RowFinder, RowsThatStandElsewhereAreFound) {
    CycleBuilder builder;
    for (const std::uint32_t row : {5U, 7U, 6U, 200U}) builder.row<EntityColumn>(TableId::entity, row, {});
    const snmp::TableRows& table = builder.table(TableId::entity);
    RowFinder finder(builder.cycle_, table);
    for (std::size_t expected = 0; expected < 6; ++expected) {
        for (std::size_t row = 0; row < 4; ++row)
            EXPECT_EQ(finder.find(builder.cycle_.index(table, row), expected), row);
        EXPECT_EQ(finder.find("\x08", expected), 4U);
        EXPECT_EQ(finder.find("", expected), 4U);
    }
    EXPECT_EQ(RowFinder(builder.cycle_, builder.table(TableId::sensor)).find("\x05", 0), 0U);
}

TEST(RowFinder, ManyRowsCostAsManyTimesAFewAsTheyAreMore) {
    std::chrono::nanoseconds few = 1h;
    std::chrono::nanoseconds many = 1h;
    for (int again = 0; again < 3; ++again) {
        few = std::min(few, time_to_find(256));
        many = std::min(many, time_to_find(256 * 16));
    }
    EXPECT_LT(many / few, 16 * 6);  // each against each: 16 * 16
}

TEST(DeviceText, HostileTextIsMadeHarmless) {
    EXPECT_EQ(clean_text("  a\r\nb\x1b[0m ", 100), "a  b [0m");
    EXPECT_EQ(clean_text("\xb9\xcc", 100), "\xef\xbf\xbd\xef\xbf\xbd");  // GBK
    EXPECT_EQ(clean_text("evil\xe2\x80\xaetxt", 100), "evil txt");       // right-to-left override
    EXPECT_EQ(clean_text("机房机房", 7), "机房");
    EXPECT_EQ(mac_text(std::string("\x00\xff", 2)), "00:ff");
}

TEST(SensorUnits, ScalesOutOfRangeAreRefused) {
    EXPECT_FALSE(sensor_scale(0, 0));
    EXPECT_FALSE(sensor_scale(18, 0));
    EXPECT_FALSE(sensor_scale(9, 10));
    EXPECT_DOUBLE_EQ(sensor_scale(8, 2).value(), 1e-5);
}

}  // namespace
}  // namespace outstation::polld
