// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of series come back when nothing has them any more, and never before that.
#include <algorithm>
#include <set>

#include "lib/store/dictionary.hpp"
#include "lib/store/store_test.hpp"

namespace outstation::store {
namespace {

using namespace std::chrono_literals;

// A station that has met as many series as there are numbers; of most of them nothing was ever measured.
struct SpareNumbersTest : StoreTest {
    void SetUp() override {
        StoreTest::SetUp();
        for (std::uint64_t name = 1; name <= kMaxSeries; ++name) ASSERT_EQ(number_of(name), name);
    }
    Result<std::uint32_t> define(std::uint64_t name) {
        return store->define(counter_def("sw-01", std::to_string(name)));
    }
    std::uint64_t number_of(std::uint64_t name) { return define(name).value_or(0); }
    // Each value is the name of its series.
    void measure(std::uint64_t name, std::uint32_t id) {
        append(++batch, id, name);
        loop.advance(11s);
    }
    void measure(std::uint64_t name) { measure(name, static_cast<std::uint32_t>(number_of(name))); }
    // A frame defines so many of those that no other has defined.
    void define_all_on_disk() {
        for (std::uint32_t i = 0; i <= kMaxSeries / kMaxBatchValues; ++i) measure(kMaxSeries);
    }
    void seal() {
        bool sealed = false;
        store->seal([&sealed] { sealed = true; });
        for (int i = 0; i < 100 && !sealed; ++i) loop.advance(1s);
        ASSERT_TRUE(sealed);
        loop.advance(10min);
    }
    // Nothing but `kMaxSeries` is in the journal; what was measured is in history, and thinned there.
    void let_the_journal_go() {
        Settings settings;
        settings.retention = 1h;
        store->configure(settings);
        for (int window = 0; window < 2; ++window) {
            measure(kMaxSeries);
            seal();
            loop.advance(2h);
        }
        const auto history = history_files();
        ASSERT_TRUE(std::any_of(history.begin(), history.end(), [](const std::string& path) {
            return path.find("history/raw-") == std::string::npos;
        }));
    }
    void expect_each_value_under_its_name() {
        std::uint64_t next = 1;
        for (bool more = true; more;) {
            const auto reply = ask(&Store::replay, wire::ReplayRequest{StreamId::samples, next, 0}).value();
            for (const auto& record : reply.samples) {
                const auto def = store->series(record.counter_series.at(0));
                ASSERT_TRUE(def);
                EXPECT_EQ(def->labels.at(0).value, std::to_string(record.counters.at(0)));
            }
            if (!reply.samples.empty()) next = reply.first_sequence + reply.samples.size();
            for (const auto& gap : reply.gaps) next = std::max(next, gap.first_sequence + gap.count);
            more = reply.more;
        }
    }
    [[nodiscard]] std::vector<std::string> history_files() const {
        std::vector<std::string> out;
        for (const std::string& path : files.paths()) {
            if (path.find("history/") != std::string::npos && path.ends_with(".db")) out.push_back(path);
        }
        return out;
    }
    static constexpr std::uint64_t kNew = 1'000'000;
    std::uint64_t batch = 0;
};

TEST_F(SpareNumbersTest, ThoseOfSeriesThatNothingHasAreGivenAgain) {
    measure(5);
    define_all_on_disk();
    EXPECT_EQ(number_of(kNew), 0U);
    let_the_journal_go();
    measure(kMaxSeries);             // the device is heard, so that 5 has its value in history alone
    EXPECT_EQ(number_of(kNew), 0U);  // while it runs, somebody may have been told of each
    open();
    EXPECT_EQ(opened.spare_numbers, kMaxSeries - 2);
    EXPECT_EQ(opened.numbers_kept, "");
    EXPECT_EQ(number_of(7), 7U);  // came back before its number was needed
    std::set<std::uint64_t> given;
    for (std::uint64_t name = kNew; number_of(name) != 0; ++name) given.insert(number_of(name));
    EXPECT_EQ(given.size(), kMaxSeries - 3);
    EXPECT_FALSE(given.contains(5) || given.contains(7) || given.contains(kMaxSeries));
    for (const std::uint64_t name : {kNew, kNew + 1, std::uint64_t{5}}) measure(name);
    EXPECT_EQ(latest_of(*store, wire::LatestRequest{}).rows.size(), 4U);
    expect_each_value_under_its_name();
    open();
    expect_each_value_under_its_name();
    seal();
    open();
    EXPECT_EQ(opened.spare_numbers, kMaxSeries - 4);
    expect_each_value_under_its_name();
}

// What was defined in the journal may stand in a frame of it.
TEST_F(SpareNumbersTest, NoneOfThoseInTheJournalIs) {
    define_all_on_disk();
    open();
    EXPECT_EQ(opened.spare_numbers, 0U);
    EXPECT_EQ(number_of(kNew), 0U);
}

TEST_F(SpareNumbersTest, NoneIsWhileAFileCannotBeRead) {
    measure(5);
    define_all_on_disk();
    let_the_journal_go();
    files.unopenable = history_files().front();
    open();
    EXPECT_EQ(opened.spare_numbers, 0U);
    EXPECT_NE(opened.numbers_kept, "");
    EXPECT_EQ(number_of(kNew), 0U);
    files.unopenable.clear();
    open();
    EXPECT_EQ(opened.spare_numbers, kMaxSeries - 2);
}

// Power goes at any operation; what did not come to disk goes, and its number is another's at the next start.
TEST_F(SpareNumbersTest, APowerCutGivesNoValueAnotherName) {
    define_all_on_disk();
    let_the_journal_go();
    segment_octets = 8192;
    std::mt19937_64 random(11);
    std::uint64_t next = kNew;
    std::set<std::uint64_t> numbers;
    int given_again = 0;
    for (int round = 0; round < 6; ++round) {
        open();
        ASSERT_EQ(failure, "");
        EXPECT_GT(opened.spare_numbers, kMaxSeries / 2);
        expect_each_value_under_its_name();
        files.cut_power_at(1 + random() % 60);
        for (int i = 0; i < 3; ++i, ++next) {
            const std::uint64_t id = number_of(next);
            ASSERT_NE(id, 0U);
            given_again += numbers.insert(id).second ? 0 : 1;
            append(++batch, static_cast<std::uint32_t>(id), next);
            loop.advance(11s);
        }
        if (round % 2 == 1) {
            store->seal([] {});
            loop.advance(10min);
        }
        store.reset();
        files.restart(random);
        failure.clear();
        ++incarnation;
    }
    EXPECT_GT(given_again, 0);
    open();
    expect_each_value_under_its_name();
}

TEST(DictionaryTest, ASpareOneMakesRoomForALongDefinition) {
    Dictionary dictionary;
    const auto define = [&](int i) {
        return dictionary.define({0,
                                  std::to_string(i) + std::string(1000, 'd'),
                                  std::string(1000, 'm'),
                                  {{"l", std::string(1000, 'l')}},
                                  SeriesKind::gauge,
                                  std::string(1000, 'o'),
                                  1.0});
    };
    int last = 0;
    while (define(last + 1)) ++last;
    EXPECT_TRUE(dictionary.is_short());
    dictionary.spare({1, 2});
    EXPECT_EQ(define(1), 1U);  // is spare no more
    EXPECT_EQ(define(last + 1), 2U);
    EXPECT_EQ(dictionary.find(2)->device.substr(0, 5), (std::to_string(last + 1) + "ddddd").substr(0, 5));
    EXPECT_FALSE(define(last + 2));
    EXPECT_EQ(dictionary.numbers_left(), kMaxSeries - static_cast<std::uint32_t>(last));
}

}  // namespace
}  // namespace outstation::store
