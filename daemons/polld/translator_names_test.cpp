// SPDX-License-Identifier: GPL-3.0-or-later
// Rows whose names stand in another table, when that was not read to its end: as many rows as last time, and
// perhaps more behind them.
#include <gtest/gtest.h>

#include "daemons/polld/cycle_builder.hpp"
#include "daemons/polld/translator.hpp"

namespace outstation::polld {
namespace {

using snmp::Cell;
using snmp::Tag;

// Three interfaces and sensors, the first `named` of them with a name; of the tables of names `read` rows
// came.
CycleBuilder build(std::uint32_t named, std::uint32_t read, bool complete) {
    CycleBuilder builder;
    for (std::uint32_t index = 1; index <= 3; ++index) {
        const std::string number = std::to_string(index);
        const Cell name = index > named ? Cell{} : builder.text_cell("GE" + number);
        builder.row<IfColumn>(
            TableId::interface, index,
            {{IfColumn::name, name}, {IfColumn::hc_in_octets, CycleBuilder::number(Tag::counter64, index)}});
        builder.row<SensorColumn>(TableId::sensor, index,
                                  {{SensorColumn::status, CycleBuilder::number(Tag::integer, 1)},
                                   {SensorColumn::scale, CycleBuilder::number(Tag::integer, 9)}});
        if (index > read) continue;
        builder.row<IfNameColumn>(TableId::interface_name, index,
                                  {{IfNameColumn::name, builder.text_cell("GE" + number)}});
        builder.row<EntityColumn>(TableId::entity, index,
                                  {{EntityColumn::name, builder.text_cell("fan " + number)}});
    }
    for (const TableId table : {TableId::interface_name, TableId::entity})
        builder.table(table).complete = complete;
    return builder;
}

struct Fixture {
    wire::SampleRecord translate(const CycleBuilder& builder) {
        wire::SampleRecord record;
        translator.translate(builder.cycle_, record);
        return record;
    }
    SeriesBook book;
    Translator translator{"sw-01", book};
};

TEST(NamesNotReadToTheEnd, WhatWasKnownStaysWhatItWas) {
    Fixture device;
    const auto before = device.translate(build(2, 2, true));  // the device has no name for the third
    const auto version = device.book.version();
    const auto record = device.translate(build(2, 1, false));
    EXPECT_EQ(device.book.version(), version);
    EXPECT_EQ(record.counter_series, before.counter_series);
    EXPECT_EQ(record.gauge_series.size() + 1, before.gauge_series.size());  // if_info of the second
}

TEST(NamesNotReadToTheEnd, OfWhatIsMissingNothingIsSaid) {
    Fixture device;
    const auto record = device.translate(build(3, 1, false));
    EXPECT_EQ(record.counters, (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(device.translator.interfaces().size(), 1U);
    for (std::uint32_t n = 1; n <= device.book.size(); ++n) {
        for (const Label& label : device.book.info(n).key.labels)
            EXPECT_FALSE(label.value == "2" || label.value == "3") << device.book.info(n).key.metric;
    }
    EXPECT_EQ(device.translate(build(3, 3, true)).counters, (std::vector<std::uint64_t>{1, 2, 3}));
}

}  // namespace
}  // namespace outstation::polld
