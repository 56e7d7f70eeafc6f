// SPDX-License-Identifier: GPL-3.0-or-later
// The columnar frame codec: bodies come back to the bit, from any keyed frame on; hostile bytes are refused.
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

#include "lib/store/columns/frame_columns.hpp"
#include "lib/wire/definitions.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {
namespace {

constexpr std::int64_t kStart = 1'763'700'000'000'000'000;
constexpr std::int64_t kMinute = 60'000'000'000;

bool same_gauges(const std::vector<double>& a, const std::vector<double>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
        return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
    });
}

// Equal, and gauges to the bit.
void expect_same(wire::FrameBody want, wire::FrameBody got) {
    ASSERT_EQ(want.samples.size(), got.samples.size());
    for (std::size_t i = 0; i < want.samples.size(); ++i) {
        ASSERT_TRUE(same_gauges(want.samples[i].gauges, got.samples[i].gauges)) << "record " << i;
        want.samples[i].gauges.clear();
        got.samples[i].gauges.clear();
    }
    EXPECT_EQ(want, got);
}

// A room of devices, each asked for the same series every minute, in turns.
class Room {
  public:
    explicit Room(std::size_t devices) : counters_(devices * kSeries), gauges_(devices * kSeries) {
        for (auto& counter : counters_) counter = random_() >> random_() % 64;
    }
    wire::FrameBody turn(std::size_t minute, std::size_t first, std::size_t end) {
        wire::FrameBody body;
        body.boot_id = "0123456789abcdef";
        for (std::size_t device = first; device < end; ++device) {
            wire::SampleRecord record;
            record.device = "sw-" + std::to_string(device);
            record.stamp.wall_ns = kStart + static_cast<std::int64_t>(minute) * kMinute +
                                   static_cast<std::int64_t>(random_() % 9'999'999);
            record.stamp.mono_ns = record.stamp.wall_ns - kStart;
            record.stamp.quality = ClockQuality::synchronised;
            for (std::size_t i = device * kSeries; i < (device + 1) * kSeries; ++i) {
                counters_[i] += i % 3 == 0 ? 0 : 5'000'000 + random_() % 1'000'000;
                gauges_[i] = i % 2 == 0 ? static_cast<double>(random_() % 1000) * 0.1 : gauges_[i] + 0.5;
                record.counter_series.push_back(static_cast<std::uint32_t>(2 * i));
                record.counters.push_back(counters_[i]);
                record.gauge_series.push_back(static_cast<std::uint32_t>(2 * i + 1));
                record.gauges.push_back(gauges_[i]);
            }
            body.samples.push_back(std::move(record));
        }
        body.batches.push_back(
            {"polld", 7, minute, 1 + minute * 1000, static_cast<std::uint32_t>(end - first)});
        return body;
    }

  private:
    static constexpr std::size_t kSeries = 10;
    std::mt19937_64 random_{1};
    std::vector<std::uint64_t> counters_;
    std::vector<double> gauges_;
};

// Encodes and decodes bodies one behind another.
class Pair {
  public:
    void pass(const wire::FrameBody& body, bool keyed = false) {
        const auto payload = encoder_.encode(body, keyed);
        ASSERT_TRUE(payload) << payload.error().text;
        const auto back = decoder_.decode(*payload);
        ASSERT_TRUE(back) << back.error().text;
        expect_same(body, *back);
    }

  private:
    FrameEncoder encoder_;
    FrameDecoder decoder_;
};

wire::SampleRecord record_of(std::vector<std::uint64_t> counters, std::vector<double> gauges) {
    wire::SampleRecord record;
    record.device = "d";
    for (std::uint32_t i = 0; i < counters.size(); ++i) record.counter_series.push_back(i);
    for (std::uint32_t i = 0; i < gauges.size(); ++i) record.gauge_series.push_back(100 + i);
    record.counters = std::move(counters);
    record.gauges = std::move(gauges);
    return record;
}

TEST(FrameColumns, ARoomComesBackFromAnyKeyedFrameOn) {
    Room room(40);
    FrameEncoder encoder;
    std::vector<wire::FrameBody> bodies;
    std::vector<std::string> payloads;
    for (std::size_t minute = 0; minute < 30; ++minute) {
        for (std::size_t first = 0; first < 40; first += 10) {
            bodies.push_back(room.turn(minute, first, first + 10));
            auto payload = encoder.encode(bodies.back(), minute % 7 == 3 && first == 20);
            ASSERT_TRUE(payload);
            payloads.push_back(std::move(*payload));
        }
    }
    for (std::size_t from = 0; from < payloads.size(); ++from) {
        if (!FrameDecoder::keyed(payloads[from])) {
            EXPECT_EQ(FrameDecoder().decode(payloads[from]).error().code, ErrorCode::not_found);
            continue;
        }
        FrameDecoder decoder;
        for (std::size_t i = from; i < payloads.size(); ++i) {
            const auto body = decoder.decode(payloads[i]);
            ASSERT_TRUE(body) << body.error().text;
            expect_same(bodies[i], *body);
        }
    }
}

TEST(FrameColumns, WhatIsNotASampleIsKept) {
    Pair pair;
    wire::FrameBody body;
    pair.pass(body);
    body.last_series = 77;
    body.boot_id = "0123456789abcdef";
    body.producers.push_back({"polld", 1, 2, 0, 0});
    body.batches.push_back({"polld", 1, 3, 9, 2});
    body.series.push_back(
        {5, "d", "if_in_octets_total", {{"name", "eth0"}}, SeriesKind::counter, "1.3.6", 1.0});
    body.states.push_back({"d", {1, 2, "", ClockQuality::unknown}, "device_down", "", "", "timeout"});
    pair.pass(body);
    body.samples.push_back(record_of({1}, {}));
    pair.pass(body);
}

TEST(FrameColumns, EveryBitOfEveryValueComesBack) {
    const double inf = std::numeric_limits<double>::infinity();
    const double special[] = {0.0,
                              -0.0,
                              inf,
                              -inf,
                              1e308,
                              5e-324,
                              0.1,
                              3 * 0.1,
                              235 * 0.1,
                              23.45,
                              24,
                              -7.125,
                              1e15,
                              9007199254740993.0,
                              std::bit_cast<double>(0x7ff8000000000001ULL)};
    const std::uint64_t extreme[] = {0, 1, UINT64_MAX, 1ULL << 63, (1ULL << 63) - 1, 1ULL << 32, 1000, 1010};
    std::mt19937_64 random(3);
    Pair pair;
    for (int frame = 0; frame < 3000; ++frame) {
        wire::FrameBody body;
        for (std::size_t i = random() % 4; i > 0; --i) {
            const auto number = [&] {
                return random() % 4 == 0 ? random() >> random() % 64 : extreme[random() % 8];
            };
            auto record = record_of({number(), number()}, {special[random() % 15], special[random() % 15],
                                                           std::bit_cast<double>(random()), 0.5});
            record.stamp.wall_ns = static_cast<std::int64_t>(number());
            record.stamp.mono_ns = static_cast<std::int64_t>(number());
            record.stamp.boot_id = std::string(random() % 3, 'b');
            record.stamp.quality = ClockQuality{static_cast<std::uint8_t>(random() % 4)};
            body.samples.push_back(std::move(record));
        }
        pair.pass(body, random() % 20 == 0);
        if (HasFatalFailure()) return;
    }
}

TEST(FrameColumns, AnyShapeOfRecordComesBackInItsOrder) {
    std::mt19937_64 random(4);
    Pair pair;
    for (int frame = 0; frame < 500; ++frame) {
        wire::FrameBody body;
        for (std::size_t i = random() % 6; i > 0; --i) {
            wire::SampleRecord record;
            record.device = std::string(random() % 3, 'd');
            for (std::size_t k = random() % 4; k > 0; --k) {  // also the same series twice, or none
                record.counter_series.push_back(UINT32_MAX - static_cast<std::uint32_t>(random() % 3));
                record.counters.push_back(random() % 10);
                record.gauge_series.push_back(static_cast<std::uint32_t>(random() % 3));
                record.gauges.push_back(static_cast<double>(random() % 10) / 4);
            }
            body.samples.push_back(std::move(record));
        }
        pair.pass(body);
        if (HasFatalFailure()) return;
    }
}

TEST(FrameColumns, ADeviceOfManyShapesStartsAnewInsteadOfGrowing) {
    FrameEncoder encoder;
    FrameDecoder decoder;
    int keyed = 0;
    for (std::uint32_t i = 0; i < 100; ++i) {
        wire::FrameBody body;
        body.samples.push_back(record_of({i}, {}));
        body.samples[0].counter_series[0] = i;
        const auto payload = encoder.encode(body, false);
        ASSERT_TRUE(payload);
        keyed += FrameDecoder::keyed(*payload) ? 1 : 0;
        const auto back = decoder.decode(*payload);
        ASSERT_TRUE(back);
        expect_same(body, *back);
    }
    EXPECT_GE(keyed, 5);
    EXPECT_LE(keyed, 10);
}

TEST(FrameColumns, SteadyValuesCostNextToNothing) {
    FrameEncoder encoder;
    wire::FrameBody body;
    for (std::uint32_t device = 0; device < 100; ++device) {
        body.samples.push_back(
            record_of(std::vector<std::uint64_t>(50, device), std::vector<double>(50, 21.5)));
        body.samples.back().device = "sw-" + std::to_string(device);
    }
    ASSERT_TRUE(encoder.encode(body, true));
    for (auto& record : body.samples) record.stamp.wall_ns += kMinute;
    ASSERT_TRUE(encoder.encode(body, false));
    for (auto& record : body.samples) record.stamp.wall_ns += kMinute;
    const auto payload = encoder.encode(body, false);
    ASSERT_TRUE(payload);
    EXPECT_LT(payload->size(), 150U);  // of 10,000 values
}

TEST(FrameColumns, EncodedDefinitionsStandInFrontOfTheBodysOwn) {
    wire::FrameBody body, all;
    body.samples.push_back(record_of({1}, {2.5}));
    body.series.push_back({7, "d", "own", {}, SeriesKind::gauge, "", 1.0});
    all = body;
    const wire::SeriesDef encoded{5, "d", "encoded", {}, SeriesKind::counter, "1.3", 0.1};
    all.series.insert(all.series.begin(), encoded);
    std::string definitions;
    wire::append_definition(definitions, wire::encode(encoded));
    const auto payload = FrameEncoder().encode(body, true, [&](const auto& is_first) {
        EXPECT_EQ(is_first, std::vector<char>{1});
        return definitions;
    });
    ASSERT_TRUE(payload);
    EXPECT_EQ(*payload, FrameEncoder().encode(all, true).value());
    const auto back = FrameDecoder().decode(*payload);
    ASSERT_TRUE(back);
    expect_same(all, *back);
}

TEST(FrameColumns, TheFirstRecordsSinceAKeyedFrameAreToldToWhoDefines) {
    wire::FrameBody body;
    for (const std::uint32_t series : {1U, 2U, 1U}) {
        body.samples.push_back(record_of({}, {2.5}));
        body.samples.back().gauge_series = {series};
    }
    FrameEncoder encoder;
    std::vector<char> told;
    const auto encode = [&](bool keyed) {
        const auto payload = encoder.encode(body, keyed, [&](const auto& is_first) {
            told = is_first;
            return std::string();
        });
        EXPECT_TRUE(payload);
        return told;
    };
    EXPECT_EQ(encode(false), (std::vector<char>{1, 1, 0}));
    EXPECT_EQ(encode(false), (std::vector<char>{0, 0, 0}));
    body.samples[1].gauge_series = {3};
    EXPECT_EQ(encode(false), (std::vector<char>{0, 1, 0}));
    EXPECT_EQ(encode(true), (std::vector<char>{1, 1, 0}));
}

TEST(FrameColumns, LimitsAreKeptAndTheNextFrameIsKeyed) {
    FrameEncoder encoder;
    wire::FrameBody body;
    body.samples.push_back(record_of({1}, {}));
    ASSERT_TRUE(encoder.encode(body, false));
    body.samples.assign(65'537, record_of({}, {}));
    EXPECT_EQ(encoder.encode(body, false).error().code, ErrorCode::exhausted);
    body.samples.assign(1, record_of(std::vector<std::uint64_t>((1U << 20) + 1), {}));
    EXPECT_EQ(encoder.encode(body, false).error().code, ErrorCode::exhausted);
    body.samples.assign(1, record_of({1}, {}));
    body.samples[0].counters.push_back(2);
    EXPECT_EQ(encoder.encode(body, false).error().code, ErrorCode::malformed);
    body.samples.assign(1, record_of({1}, {}));
    body.states.push_back({std::string(33U << 20, 'd'), {}, "", "", "", ""});
    EXPECT_EQ(encoder.encode(body, false).error().code, ErrorCode::exhausted);
    body.states.clear();
    const auto payload = encoder.encode(body, false);
    ASSERT_TRUE(payload);
    EXPECT_TRUE(FrameDecoder::keyed(*payload));
}

// The journal's checksums find damage; what gets past them must still end in an error or in a body.
TEST(FrameColumns, DamagedPayloadsEndInAnErrorOrABody) {
    Room room(3);
    FrameEncoder encoder;
    const std::string first = encoder.encode(room.turn(0, 0, 3), true).value();
    const std::string second = encoder.encode(room.turn(1, 0, 3), false).value();
    for (const std::string* whole : {&first, &second}) {
        for (std::size_t bit = 0; bit < 8 * whole->size(); ++bit) {
            std::string bad = *whole;
            bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
            FrameDecoder decoder;
            if (whole == &second) {
                ASSERT_TRUE(decoder.decode(first));
            }
            if (const auto body = decoder.decode(bad); !body) {
                EXPECT_TRUE(body.error().code == ErrorCode::malformed ||
                            body.error().code == ErrorCode::not_found);
                EXPECT_FALSE(decoder.decode(second));  // only a keyed frame mends it
            }
        }
        for (std::size_t octets = 0; octets < whole->size(); ++octets) {
            FrameDecoder decoder;
            ASSERT_TRUE(decoder.decode(first));
            EXPECT_FALSE(decoder.decode(whole->substr(0, octets))) << octets;
        }
    }
}

}  // namespace
}  // namespace outstation::store
