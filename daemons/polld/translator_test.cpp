// SPDX-License-Identifier: GPL-3.0-or-later
// Cycles to series, labels, values and state changes, exactly.
#include "daemons/polld/translator.hpp"

#include <gtest/gtest.h>

#include "daemons/polld/device_text.hpp"
#include "daemons/polld/sensor_units.hpp"
#include "daemons/polld/state_watch.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using snmp::Cell;
using snmp::Tag;

// Builds cycles as the engine gives them.
class CycleBuilder {
  public:
    CycleBuilder() {
        cycle_.scalars.resize(static_cast<std::size_t>(Scalar::count));
        cycle_.tables.resize(static_cast<std::size_t>(TableId::count));
        cycle_.answered = true;
        cycle_.duration = 12ms;
        cycle_.rtt = 3ms;
        cycle_.requests = 4;
    }
    CycleBuilder& scalar(Scalar at, Tag tag, std::uint64_t value) {
        cycle_.scalars[static_cast<std::size_t>(at)] = Cell{tag, 0, value};
        return *this;
    }
    CycleBuilder& scalar(Scalar at, const std::string& text) {
        cycle_.scalars[static_cast<std::size_t>(at)] = text_cell(text, Tag::octet_string);
        return *this;
    }
    template <typename Column>
    CycleBuilder& row(TableId id, std::uint32_t index, std::vector<std::pair<Column, Cell>> cells) {
        auto& table = cycle_.tables[static_cast<std::size_t>(id)];
        const std::string bytes = snmp::encode_oid("1.3." + std::to_string(index)).value().substr(1);
        table.indexes.push_back(
            {static_cast<std::uint32_t>(cycle_.arena.size()), static_cast<std::uint32_t>(bytes.size())});
        cycle_.arena += bytes;
        const std::size_t start = table.cells.size();
        table.cells.resize(start + static_cast<std::size_t>(Column::count));
        for (const auto& [column, cell] : cells) table.cells[start + static_cast<std::size_t>(column)] = cell;
        return *this;
    }
    [[nodiscard]] Cell text_cell(const std::string& text, Tag tag = Tag::octet_string) {
        const Cell cell{tag, static_cast<std::uint32_t>(text.size()), cycle_.arena.size()};
        cycle_.arena += text;
        return cell;
    }
    static Cell number(Tag tag, std::uint64_t value) { return Cell{tag, 0, value}; }
    snmp::Cycle cycle_;
};

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
    builder.row<IfColumn>(TableId::interface, 7,
                          {{IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, UINT64_MAX)},
                           {IfColumn::in_octets, CycleBuilder::number(Tag::counter32, 5)},
                           {IfColumn::oper_status, CycleBuilder::number(Tag::integer, 1)},
                           {IfColumn::high_speed, CycleBuilder::number(Tag::gauge32, 1000)}});
    builder.row<IfNameColumn>(
        TableId::interface_name, 7,
        {{IfNameColumn::name, builder.text_cell("GE1/0/7")},
         {IfNameColumn::alias, builder.text_cell("至核心")},
         {IfNameColumn::type, CycleBuilder::number(Tag::integer, 6)},
         {IfNameColumn::phys_address, builder.text_cell(std::string("\x00\x1b\xff\x01\x02\x03", 6))}});
    const auto record = translate(builder);
    EXPECT_EQ(counter(record, "if_in_octets_total if_index=7 if_name=GE1/0/7"), UINT64_MAX);
    EXPECT_EQ(gauge(record, "if_speed_bits_per_second if_index=7 if_name=GE1/0/7"), 1e9);
    EXPECT_EQ(gauge(record,
                    "if_info if_alias=至核心 if_descr= if_index=7 if_mac=00:1b:ff:01:02:03 if_name=GE1/0/7 "
                    "if_type=6"),
              1.0);
    EXPECT_EQ(info("if_in_octets_total if_index=7 if_name=GE1/0/7").oid, "1.3.6.1.2.1.31.1.1.1.6.7");
    EXPECT_FALSE(counter(record, "if_out_octets_total if_index=7 if_name=GE1/0/7"));  // absent, not zero
}

TEST_F(TranslatorTest, WithoutTheWideCounterTheNarrowOneCounts) {
    CycleBuilder builder;
    builder.row<IfColumn>(TableId::interface, 1,
                          {{IfColumn::in_octets, CycleBuilder::number(Tag::counter32, 5)}});
    const auto record = translate(builder);
    EXPECT_EQ(counter(record, "if_in_octets_total if_index=1 if_name=1"), 5U);
    EXPECT_EQ(info("if_in_octets_total if_index=1 if_name=1").oid, "1.3.6.1.2.1.2.2.1.10.1");
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

TEST_F(TranslatorTest, ASteadyRoomMakesNoNewNamesAndARenamedPortANewSeries) {
    const auto build = [](const std::string& port) {
        CycleBuilder builder;
        builder.row<IfColumn>(TableId::interface, 1,
                              {{IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, 1)}});
        builder.row<IfNameColumn>(TableId::interface_name, 1,
                                  {{IfNameColumn::name, builder.text_cell(port)}});
        return builder;
    };
    translate(build("GE1"));
    const auto version = book_.version();
    translate(build("GE1"));
    EXPECT_EQ(book_.version(), version);
    const auto record = translate(build("GE2"));
    EXPECT_EQ(counter(record, "if_in_octets_total if_index=1 if_name=GE2"), 1U);
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

class StateWatchTest : public testing::Test {
  protected:
    std::string update(const CycleBuilder& builder, const std::vector<InterfaceState>& interfaces = {}) {
        std::string out;
        for (const auto& record : watch_.update(builder.cycle_, interfaces, {})) {
            out += record.kind + (record.component.empty() ? "" : ":" + record.component) +
                   (record.reason.empty() ? "" : "(" + record.reason + ")") + " ";
        }
        return out;
    }
    static CycleBuilder dead() {
        CycleBuilder builder;
        builder.cycle_.answered = false;
        builder.cycle_.error = snmp::CycleError::timeout;
        return builder;
    }
    StateWatch watch_{"sw-01"};
};

TEST_F(StateWatchTest, TellsEachChangeOnce) {
    CycleBuilder builder;
    builder.scalar(Scalar::sys_name, "sw").scalar(Scalar::sys_uptime, Tag::time_ticks, 500);
    EXPECT_EQ(update(builder, {{"1", "GE1", 1}}), "device_up attribute:sys_name ");
    EXPECT_EQ(update(builder, {{"1", "GE1", 1}}), "");
    EXPECT_EQ(update(builder, {{"1", "GE1", 2}}), "interface_down:GE1 ");
    EXPECT_EQ(update(dead()), "device_down(timeout) ");
    EXPECT_EQ(update(dead()), "");
    builder.scalar(Scalar::sys_uptime, Tag::time_ticks, 100);
    EXPECT_EQ(update(builder, {{"1", "GE1", 1}}), "device_up device_restarted ");
}

TEST_F(StateWatchTest, InterfacesOfTheSameNameAreTwo) {
    const CycleBuilder builder;
    EXPECT_EQ(update(builder, {{"1", "port", 1}, {"2", "port", 2}}), "device_up ");
    EXPECT_EQ(update(builder, {{"1", "port", 1}, {"2", "port", 2}}), "");
    EXPECT_EQ(update(builder, {{"1", "port", 2}, {"2", "port", 2}}), "interface_down:port ");
}

TEST_F(StateWatchTest, TheWrapOfSysUpTimeIsNoRestart) {
    CycleBuilder builder;
    builder.scalar(Scalar::sys_uptime, Tag::time_ticks, 0xfffffff0U);
    update(builder);
    builder.scalar(Scalar::sys_uptime, Tag::time_ticks, 900);
    EXPECT_EQ(update(builder), "");
}

}  // namespace
}  // namespace outstation::polld
