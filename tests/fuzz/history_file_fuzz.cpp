// SPDX-License-Identifier: GPL-3.0-or-later
// A history file that somebody changed: it is refused or told damaged, and never believed further than its
// checksums. The input is a list of changes to a good file; the checksums of pages can be made right again,
// so that SQLite and the tables are reached, and blocks and chunks can be the input itself under right
// checksums.
#include <cstdlib>

#include "lib/store/history/fake_room.hpp"
#include "lib/store/history/file_writer.hpp"
#include "lib/store/history/head.hpp"
#include "lib/store/journal/fake_file_system.hpp"
#include "lib/store/sqlite/page_checksum.hpp"

using namespace outstation;
using namespace outstation::store;

namespace {

constexpr std::int64_t kIntervalNs = 600'000'000'000;
constexpr std::size_t kChangeHead = 4;  // of each change: offset u24, octets u8

struct GoodFile {
    std::string path;
    std::string bytes;
};

GoodFile make_good_file() {
    FakeFileSystem files;
    FakeRoom room(2, kIntervalNs);
    HistoryStore::Opened opened;
    const auto store = HistoryStore::open(files, FakeRoom::options(), opened).value();
    room.measure_window();
    const auto sealed = room.seal(*store).value();
    return {"history/" + sealed.name, files.contents("history/" + sealed.name)};
}

std::string changed(std::string bytes, std::string_view input, bool seal) {
    while (input.size() >= kChangeHead) {
        const auto octet = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(input[i])}; };
        const std::size_t at = (octet(0) | octet(1) << 8 | octet(2) << 16) % bytes.size();
        const std::size_t octets = std::min({octet(3), input.size() - kChangeHead, bytes.size() - at});
        bytes.replace(at, octets, input.substr(kChangeHead, octets));
        input.remove_prefix(kChangeHead + std::min(octet(3), input.size() - kChangeHead));
    }
    for (std::size_t at = 0; seal && at + kPageOctets <= bytes.size(); at += kPageOctets) {
        std::string page = bytes.substr(at, kPageOctets);
        seal_page(page, at / kPageOctets);
        bytes.replace(at, kPageOctets, page);
    }
    return bytes;
}

// A file whose only block is the input.
void make_file_of(FakeFileSystem& files, std::string_view input, Level level) {
    const auto vfs = Vfs::make(files).value();
    Head head;
    head.identity = FakeRoom::identity();
    head.level = level;
    head.start_ns = FakeRoom::kStartNs;
    head.sequences = {1, 24};
    auto writer = HistoryWriter::make(files, *vfs, "history", head).value();
    BlockRow row;
    row.device = FakeRoom::device_name(0);
    row.sequences = head.sequences;
    row.t0_ns = FakeRoom::kStartNs;
    row.t1_ns = FakeRoom::kStartNs + FakeRoom::kWindowNs;
    row.records = 12;
    row.body = input;
    row.crc = checksum_of(row, writer->seed());
    if (!writer->add(row) || !writer->finish()) std::abort();
}

void read_everything(const HistoryStore& store) {
    HistoryReader reader(store);
    (void)reader.verify();
    (void)reader.records({1, 1000}, 1000);
    for (const HistoryFileInfo& info : store.files()) (void)reader.definitions(info.name);
    HistoryRange question;
    question.series = {FakeRoom::series(0, 1), FakeRoom::series(0, 5)};
    question.from_ns = FakeRoom::kStartNs;
    question.to_ns = FakeRoom::kStartNs + FakeRoom::kWindowNs;
    for (const std::int64_t step_ns : {std::int64_t{0}, std::int64_t{300'000'000'000}, FakeRoom::kWindowNs}) {
        question.step_ns = step_ns;
        (void)reader.range(question);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const GoodFile good = make_good_file();
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    FakeFileSystem files;
    if (data[0] % 4 < 2) {
        (void)files.open(good.path, FileSystem::Mode::create);
        files.set_contents(good.path, changed(good.bytes, input, data[0] % 4 == 1));
    } else {
        make_file_of(files, input, data[0] % 4 == 2 ? Level::raw : Level::m15);
    }
    HistoryStore::Opened opened;
    const auto store = HistoryStore::open(files, FakeRoom::options(), opened);
    if (!store) {
        // Nothing in a file can be a failure of the device below.
        if (store.error().code == ErrorCode::io) std::abort();
        return 0;
    }
    read_everything(**store);
    return 0;
}
