// SPDX-License-Identifier: GPL-3.0-or-later
// Verifying history: every page, block and chunk of every file, and that no sequence is missing between them.
#include <limits>
#include <map>

#include "daemons/ctl/verify.hpp"
#include "lib/store/columns/block.hpp"
#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/head.hpp"
#include "lib/store/sqlite/page_checksum.hpp"
#include "lib/store/sqlite/vfs.hpp"

namespace outstation::ctl {
namespace {

constexpr std::int64_t kFirstNs = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLastNs = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kPagesRead = 64;
constexpr const char* kLevelNames[] = {"raw", "m1", "m15", "h1"};

std::string part_of(store::Level level) {
    return std::string("history ") + kLevelNames[static_cast<std::size_t>(level)];
}

class HistoryCheck {
  public:
    HistoryCheck(std::string directory, const store::Epochs& epochs, VerifyReport& report)
        : directory_(std::move(directory)), epochs_(epochs), report_(report) {}

    [[nodiscard]] Result<void> check() {
        auto vfs = store::Vfs::make(*files_);
        if (!vfs) return fail(vfs.error());
        vfs_ = std::move(*vfs);
        const auto names = files_->list(directory_);
        if (!names) return fail(names.error());
        for (const std::string& name : *names) {
            const auto named = store::parse_history_name(name);
            if (!named) continue;
            part_ = part_of(named->level);
            auto ok = check_file(name, *named);
            // Merged, thinned or dropped since the names were listed.
            if (!ok && ok.error().code != ErrorCode::not_found) return fail(ok.error().in("history/" + name));
        }
        return check_coverage();
    }

  private:
    void add(store::HistoryDamage damage) {
        report_.add(part_, {"history/" + damage.file, damage.device, damage.sequences.first,
                            damage.sequences.last, damage.t0_ns, damage.t1_ns, std::move(damage.what)});
    }

    // How many pages are damaged: one line for all of them.
    [[nodiscard]] Result<std::size_t> check_pages(const std::string& name, std::string& which) {
        const auto file = files_->open(directory_ + "/" + name, store::FileSystem::Mode::read);
        if (!file) return fail(file.error());
        std::size_t damaged = 0;
        for (std::uint64_t number = 0;; number += kPagesRead) {
            const auto pages = (*file)->read(number * store::kPageOctets, kPagesRead * store::kPageOctets);
            if (!pages) return fail(pages.error());
            for (std::size_t i = 0; i * store::kPageOctets < pages->size(); ++i) {
                const auto page = std::string_view(*pages).substr(i * store::kPageOctets, store::kPageOctets);
                if (number + i == kLockPage) continue;
                if (page.size() == store::kPageOctets && store::page_is_whole(page, number + i)) continue;
                if (damaged++ < 8) which += " " + std::to_string(number + i);
            }
            if (pages->size() < kPagesRead * store::kPageOctets) return damaged;
        }
    }

    [[nodiscard]] Result<void> check_file(const std::string& name, const store::Head& named) {
        std::string which;
        const auto pages = check_pages(name, which);
        if (!pages) return fail(pages.error());
        VerifyPart& part = report_.part(part_);
        ++part.files;
        const auto end_ns = store::span_end_ns(named.span, named.start_ns) - 1;
        if (*pages > 0)
            add({name, "", named.start_ns, end_ns, {}, std::to_string(*pages) + " damaged pages:" + which});
        const auto file = store::HistoryFile::open(*vfs_, directory_, name, epochs_.identity.station);
        if (!file && (file.error().code == ErrorCode::io || file.error().code == ErrorCode::not_found))
            return fail(file.error());
        if (!file) {
            add({name, "", named.start_ns, end_ns, {}, file.error().text});
            return {};
        }
        const store::Head& head = (*file)->head();
        covered_[epochs_.has(head.identity) ? 0 : head.identity.epoch].add(head.sequences);
        return check_content(**file);
    }

    [[nodiscard]] Result<void> check_content(store::HistoryFile& file) {
        std::vector<store::HistoryDamage> damage;
        std::uint64_t blocks = 0;
        std::uint64_t records = 0;
        const auto devices = file.devices();
        if (!devices && devices.error().code == ErrorCode::io) return fail(devices.error());
        if (!devices) {
            add(file.damaged(devices.error().text));
            return {};
        }
        for (const store::HistoryFile::Device& device : *devices) {
            const auto ok = file.blocks(device, kFirstNs, kLastNs, damage, [&](store::BlockRow& row) {
                check_block(file.name(), device.name, row, damage);
                ++blocks;
                records += row.records;
                return Result<void>();
            });
            if (!ok) return ok;
        }
        if (damage.empty() && (blocks != file.head().blocks || records != file.head().records))
            damage.push_back(file.damaged("blocks are missing"));
        const auto ignore = [](const auto&) { return Result<void>(); };
        if (const auto ok = file.definitions(damage, ignore); !ok) return ok;
        if (const auto ok = file.batches(damage, ignore); !ok) return ok;
        report_.part(part_).records += records;
        for (store::HistoryDamage& each : damage) add(std::move(each));
        return {};
    }

    static void check_block(const std::string& name, const std::string& device, store::BlockRow& row,
                            std::vector<store::HistoryDamage>& damage) {
        auto block = store::BlockReader::open(std::move(row.body));
        auto done = block ? block->verify() : Result<void>(fail(block.error()));
        if (done && (block->rows() != row.records || block->device() != device))
            done = fail(ErrorCode::malformed, "a block is another one");
        if (!done) damage.push_back({name, device, row.t0_ns, row.t1_ns, row.sequences, done.error().text});
    }

    [[nodiscard]] Result<void> check_coverage() {
        for (const auto& [epoch, coverage] : covered_) {
            const auto& ranges = coverage.ranges();
            for (std::size_t i = 1; i < ranges.size(); ++i) {
                report_.add(part_of(store::Level::raw),
                            {"history", "", ranges[i - 1].last + 1, ranges[i].first - 1, 0, 0,
                             "records are in no file"});
            }
        }
        return {};
    }

    std::unique_ptr<store::FileSystem> files_ = store::make_real_file_system();
    std::unique_ptr<store::Vfs> vfs_;
    std::string directory_;
    store::Epochs epochs_;
    VerifyReport& report_;
    std::string part_;
    std::map<std::uint64_t, store::Coverage> covered_;  // of ours (0), and of each other epoch
};

}  // namespace

Result<void> verify_history(const std::string& directory, const store::Epochs& epochs, VerifyReport& report) {
    return HistoryCheck(directory, epochs, report).check();
}

}  // namespace outstation::ctl
