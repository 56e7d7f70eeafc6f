// SPDX-License-Identifier: GPL-3.0-or-later
// Exactly once: killed between flush and acknowledgement, and restored from an old backup. A receiver that
// keeps what is replayed to it under (station, epoch, stream, sequence) has everything that was acknowledged,
// once.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

#include "tests/faults/station.hpp"

namespace outstation::faults {
namespace {

using namespace std::chrono_literals;

// The store above, as far as records go: a key that it has is the same record, or somebody numbered twice.
class Receiver {
  public:
    // Everything that the station can replay, as a store that knows nothing of what was sent before.
    void replay(Station& station) {
        const wire::StoreStatus status = station.store().status();
        for (const StreamId id : Station::kProduced) {
            std::uint64_t next = 1;
            for (bool more = true; more;) {
                Result<wire::ReplayReply> reply = fail(ErrorCode::timeout, "no answer");
                station.store().replay({id, next, 0}, [&reply](auto got) { reply = std::move(got); });
                station.loop.advance(1ms);
                ASSERT_TRUE(reply) << reply.error().text;
                ASSERT_TRUE(reply->damaged.empty());
                for (const auto& gap : reply->gaps) next = gap.first_sequence + gap.count;
                take(status.station_id, id, *reply, reply->samples);
                take(status.station_id, id, *reply, reply->states);
                next = std::max(next, reply->first_sequence + reply->samples.size() + reply->states.size());
                more = reply->more;
            }
        }
    }
    // How often it has a batch.
    [[nodiscard]] std::size_t count(StreamId id, std::uint64_t number) const {
        const auto found = times_.find({id, number});
        return found == times_.end() ? 0 : found->second;
    }
    [[nodiscard]] std::size_t size() const { return numbers_.size(); }
    // Records that came under a name that another record has.
    [[nodiscard]] std::size_t overwritten() const { return overwritten_; }
    [[nodiscard]] std::set<std::uint64_t> epochs() const {
        std::set<std::uint64_t> out;
        for (const auto& [key, number] : numbers_) out.insert(std::get<1>(key));
        return out;
    }

  private:
    using Key = std::tuple<std::string, std::uint64_t, StreamId, std::uint64_t>;

    template <typename Record>
    void take(const std::string& station, StreamId id, const wire::ReplayReply& reply,
              const std::vector<Record>& records) {
        for (std::size_t i = 0; i < records.size(); ++i) {
            const auto number = static_cast<std::uint64_t>(records[i].stamp.mono_ns);
            const std::uint64_t sequence = reply.first_sequence + i;
            const auto [place, made] = numbers_.emplace(Key{station, reply.epoch, id, sequence}, number);
            overwritten_ += place->second == number ? 0 : 1;
            if (made) ++times_[{id, number}];
        }
    }

    std::map<Key, std::uint64_t> numbers_;  // of the batch
    std::map<std::pair<StreamId, std::uint64_t>, std::size_t> times_;
    std::size_t overwritten_ = 0;
};

// Batches `first` to `last` are there once, of each stream.
void expect_once(const Receiver& receiver, std::uint64_t first, std::uint64_t last) {
    std::size_t lost = 0, doubled = 0;
    for (const StreamId id : Station::kProduced) {
        for (std::uint64_t number = first; number <= last; ++number) {
            lost += receiver.count(id, number) == 0 ? 1 : 0;
            doubled += receiver.count(id, number) > 1 ? 1 : 0;
        }
    }
    EXPECT_EQ(lost, 0U) << "of " << first << " to " << last;
    EXPECT_EQ(doubled, 0U) << "of " << first << " to " << last;
    EXPECT_EQ(receiver.overwritten(), 0U);
}

void keep_everything(Station& station) {
    station.settings.limit_octets = 0;
}

// Each batch of both streams is durable, and the process is gone before anybody is told.
TEST(ExactlyOnce, AKillBetweenFlushAndAcknowledgementDoublesNothing) {
    const std::uint64_t kills = campaign_size(1000);
    store::FakeFileSystem files;
    Station station(files);
    keep_everything(station);
    std::uint64_t recognised = 0;
    ASSERT_TRUE(station.open());
    for (std::uint64_t n = 1; n <= kills; ++n) {
        station.send_next();
        station.store().flush([] {});
        ASSERT_EQ(station.acknowledged(StreamId::samples), n - 1);
        ASSERT_EQ(station.acknowledged(StreamId::state), n - 1);
        station.close();
        ASSERT_TRUE(station.open()) << station.error();
        ASSERT_TRUE(station.opened().damage.empty());
        ASSERT_TRUE(station.settle());
        recognised += station.store().status().duplicates;
        if (n % 100 == 0) station.loop.advance(3h);  // and some are sealed
    }
    EXPECT_EQ(recognised, 2 * kills);
    EXPECT_EQ(station.verify(), "");
    Receiver receiver;
    receiver.replay(station);
    expect_once(receiver, 1, kills);
    EXPECT_EQ(receiver.size(), 2 * kills);
}

void run(Station& station, int cycles) {
    for (int i = 0; i < cycles; ++i) station.cycle();
    ASSERT_TRUE(station.settle()) << station.error();
}

// What a station had at some moment, on another disk.
Snapshot backup_of(Station& station, const store::FakeFileSystem& files) {
    Snapshot out = snapshot_of(files);
    EXPECT_TRUE(station.settle());
    out["journal/new-epoch"] = "";
    return out;
}

constexpr std::uint64_t kRestored = 100'000;  // batches of the restored box have higher numbers

void restore_to(store::FakeFileSystem& files, const Snapshot& backup, Station& box) {
    restore(files, backup);
    ASSERT_TRUE(files.sync_directory("journal"));
    ASSERT_TRUE(files.sync_directory("history"));
    keep_everything(box);
    for (const StreamId id : Station::kProduced) box.take_over(id, kRestored, kRestored);
}

struct Places {
    bool sealed_before;  // some of the backup is in history
    bool sealed_after;   // so is some of what the restored box recorded
};

class RestoredBox : public testing::TestWithParam<Places> {};

TEST_P(RestoredBox, FromAnOldBackupLosesAndDoublesNothing) {
    Receiver receiver;
    store::FakeFileSystem files;
    Station original(files);
    keep_everything(original);
    ASSERT_TRUE(original.open());
    run(original, 40);
    if (GetParam().sealed_before) original.loop.advance(3h);
    run(original, 20);
    const Snapshot backup = backup_of(original, files);
    run(original, 50);
    receiver.replay(original);
    expect_once(receiver, 1, 110);
    const std::uint64_t former = original.store().status().epoch;

    store::FakeFileSystem disk;
    Station box(disk);
    restore_to(disk, backup, box);
    ASSERT_TRUE(box.open()) << box.error();
    EXPECT_TRUE(box.opened().new_epoch);
    EXPECT_TRUE(box.opened().damage.empty());
    EXPECT_NE(box.store().status().epoch, former);
    run(box, 30);
    if (GetParam().sealed_after) box.loop.advance(7h);
    run(box, 50);
    ASSERT_TRUE(box.open());  // and it is not begun again
    EXPECT_FALSE(box.opened().new_epoch);
    EXPECT_TRUE(box.opened().damage.empty());
    EXPECT_TRUE(box.opened().history.empty());
    receiver.replay(box);
    expect_once(receiver, 1, 110);
    expect_once(receiver, kRestored + 1, kRestored + 80);
    EXPECT_EQ(receiver.size(), 2U * (110 + 80));
    EXPECT_EQ(receiver.epochs(), (std::set{former, box.store().status().epoch}));
}

INSTANTIATE_TEST_SUITE_P(Everywhere, RestoredBox,
                         testing::Values(Places{false, false}, Places{true, false}, Places{false, true},
                                         Places{true, true}));

// The control: without a new epoch the receiver is told two records under one name.
TEST(ExactlyOnce, WithoutANewEpochRecordsMeet) {
    store::FakeFileSystem files;
    Station original(files);
    keep_everything(original);
    ASSERT_TRUE(original.open());
    run(original, 20);
    Snapshot backup = backup_of(original, files);
    backup.erase("journal/new-epoch");
    run(original, 20);
    Receiver receiver;
    receiver.replay(original);
    store::FakeFileSystem disk;
    Station box(disk);
    restore_to(disk, backup, box);
    ASSERT_TRUE(box.open());
    run(box, 30);
    receiver.replay(box);
    EXPECT_EQ(receiver.overwritten(), 2U * 20);
}

// Two boxes out of one backup are two stations to the receiver.
TEST(ExactlyOnce, TwoBoxesOutOfOneBackupDoNotMeet) {
    store::FakeFileSystem files;
    Station original(files);
    keep_everything(original);
    ASSERT_TRUE(original.open());
    run(original, 20);
    const Snapshot backup = backup_of(original, files);
    Receiver receiver;
    receiver.replay(original);
    for (std::uint64_t twin = 1; twin <= 2; ++twin) {
        store::FakeFileSystem disk;
        Station box(disk);
        restore_to(disk, backup, box);
        for (const StreamId id : Station::kProduced) box.take_over(id, twin * kRestored, twin * kRestored);
        ASSERT_TRUE(box.open()) << box.error();
        run(box, 30);
        receiver.replay(box);
    }
    expect_once(receiver, 1, 20);
    expect_once(receiver, kRestored + 1, kRestored + 30);
    expect_once(receiver, 2 * kRestored + 1, 2 * kRestored + 30);
    EXPECT_EQ(receiver.epochs().size(), 3U);
}

// The restored box loses power at operations all over its first start and its first hours.
TEST(ExactlyOnce, ARestoredBoxThatLosesPowerLosesAndDoublesNothing) {
    store::FakeFileSystem files;
    Station original(files);
    keep_everything(original);
    ASSERT_TRUE(original.open());
    run(original, 20);
    original.loop.advance(3h);
    run(original, 10);
    const Snapshot backup = backup_of(original, files);
    run(original, 20);
    Receiver before;
    before.replay(original);
    std::mt19937_64 random(1);
    const std::size_t operations = 400;
    const std::size_t stride = std::max<std::size_t>(1, operations / campaign_size(24));
    for (std::size_t n = 1; n <= operations; n += n < 20 ? 1 : stride) {
        Receiver receiver = before;
        store::FakeFileSystem disk;
        Station box(disk);
        restore_to(disk, backup, box);
        disk.cut_power_at(n);
        const auto live = [&] {
            if (!box.failed()) return;
            box.close();
            disk.restart(random);
            ASSERT_TRUE(box.open_again()) << "operation " << n << ": " << box.error();
        };
        if (!box.open()) live();
        for (int i = 0; i < 30; ++i) {
            box.cycle(i % 10 == 5 ? Duration(3h) : Duration(3s));
            live();
        }
        ASSERT_TRUE(box.settle()) << "operation " << n << ": " << box.error();
        receiver.replay(box);
        expect_once(receiver, 1, 50);
        expect_once(receiver, kRestored + 1, kRestored + 30);
        EXPECT_EQ(receiver.epochs().size(), 2U) << "operation " << n;
        if (testing::Test::HasFailure()) break;
    }
}

}  // namespace
}  // namespace outstation::faults
