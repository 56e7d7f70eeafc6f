// SPDX-License-Identifier: GPL-3.0-or-later
// Verifying history: every page, block and chunk of every file, and that no sequence is missing between them.
#include <limits>
#include <map>
#include <set>

#include "daemons/ctl/verify.hpp"
#include "lib/store/history/blocks.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/head.hpp"
#include "lib/store/sqlite/page_checksum.hpp"
#include "lib/store/sqlite/vfs.hpp"

namespace outstation::ctl {
namespace {

constexpr std::int64_t kFirstNs = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLastNs = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMostPagesNamed = 8;
constexpr std::size_t kMostUnreadablePages = 64;
constexpr const char* kLevelNames[] = {"raw", "m1", "m15", "h1"};

std::string part_of(store::Level level) {
    return std::string("history ") + kLevelNames[static_cast<std::size_t>(level)];
}

class HistoryCheck {
  public:
    HistoryCheck(std::string directory, const JournalFindings& journal, VerifyReport& report)
        : directory_(std::move(directory)), journal_(journal), report_(report) {}

    [[nodiscard]] Result<void> check() {
        auto vfs = store::Vfs::make(*files_);
        if (!vfs) return fail(vfs.error());
        vfs_ = std::move(*vfs);
        // What was merged, thinned or dropped since the names were listed is in files that came meanwhile.
        for (bool gone = true; gone;) {
            const auto names = files_->list(directory_);
            if (!names && names.error().code != ErrorCode::not_found) return fail(names.error());
            gone = names && !check_files(*names);
        }
        check_coverage();
        return {};
    }

  private:
    void add(store::HistoryDamage damage) {
        report_.add(part_, {"history/" + damage.file, damage.device, damage.sequences.first,
                            damage.sequences.last, damage.t0_ns, damage.t1_ns, std::move(damage.what)});
    }
    // About all of a file of which the name alone is known.
    void add(const std::string& name, const store::Head& named, std::string what) {
        const auto end_ns = store::span_end_ns(named.span, named.start_ns) - 1;
        add({name, "", named.start_ns, end_ns, {}, std::move(what)});
    }

    // False: one of them went away.
    [[nodiscard]] bool check_files(const std::vector<std::string>& names) {
        bool all = true;
        for (const std::string& name : names) {
            const auto aside = store::parse_bad_history_name(name);
            const auto named = aside ? aside : store::parse_history_name(name);
            if (!named || !seen_.insert(name).second) continue;
            part_ = part_of(named->level);
            if (aside) {
                add(name, *named, kSetAside);
            } else {
                all = check_file(name, *named) && all;
            }
        }
        return all;
    }

    // How many pages are damaged, and some of their numbers. After so many the rest is not tried: a disk that
    // dies may take seconds for each.
    [[nodiscard]] Result<std::string> check_pages(const std::string& name) {
        const auto file = files_->open(directory_ + "/" + name, store::FileSystem::Mode::read);
        if (!file) return fail(file.error());
        const auto octets = (*file)->size();
        if (!octets) return fail(octets.error());
        const std::uint64_t pages = (*octets + store::kPageOctets - 1) / store::kPageOctets;
        std::size_t damaged = 0;
        std::size_t unreadable = 0;
        std::string which;
        const auto note = [&](std::uint64_t number) {
            if (damaged++ < kMostPagesNamed) which += " " + std::to_string(number);
        };
        for (std::uint64_t number = 0; number < pages && unreadable < kMostUnreadablePages; ++number) {
            const auto page = (*file)->read(number * store::kPageOctets, store::kPageOctets);
            if (!page) ++unreadable;
            if (!page || page->size() != store::kPageOctets || !store::page_is_whole(*page, number))
                note(number);
        }
        if (damaged == 0) return std::string();
        return std::to_string(damaged) + " damaged pages:" + which;
    }

    // False: it went away.
    [[nodiscard]] bool check_file(const std::string& name, const store::Head& named) {
        const auto pages = check_pages(name);
        if (!pages && pages.error().code == ErrorCode::not_found) return false;
        ++report_.part(part_).files;
        if (!pages) return add(name, named, pages.error().text), true;
        if (!pages->empty()) add(name, named, *pages);
        const auto file = store::HistoryFile::open(*vfs_, directory_, name, journal_.epochs.identity.station);
        if (file) return check_content(**file), true;
        if (file.error().code == ErrorCode::not_found) return false;
        if (file.error().code == ErrorCode::refused) {
            passed_over_.insert(named.sequences.first);
            report_.pass_over(part_, "history/" + name, file.error().text);
        } else {
            add(name, named, file.error().text);
        }
        return true;
    }

    void check_content(store::HistoryFile& file) {
        const store::Head& head = file.head();
        covered_[journal_.epochs.has(head.identity) ? 0 : head.identity.epoch].add(head.sequences);
        const auto devices = file.devices();
        if (!devices) return add(file.damaged(devices.error().text));
        std::vector<store::HistoryDamage> damage;
        std::uint64_t blocks = 0;
        std::uint64_t records = 0;
        for (const store::HistoryFile::Device& device : *devices) {
            (void)file.blocks(device, kFirstNs, kLastNs, damage, [&](const store::BlockRow& row) {
                const auto whole = store::verify_block(row);
                if (!whole)
                    damage.push_back(
                        {file.name(), device.name, row.t0_ns, row.t1_ns, row.sequences, whole.error().text});
                ++blocks;
                records += row.records;
                return Result<void>();
            });
        }
        if (damage.empty() && (blocks != head.blocks || records != head.records))
            damage.push_back(file.damaged("blocks are missing"));
        const auto ignore = [](const auto&) { return Result<void>(); };
        (void)file.definitions(damage, ignore);
        (void)file.batches(damage, ignore);
        check_missing(file, damage);
        report_.part(part_).records += records;
        for (store::HistoryDamage& each : damage) add(std::move(each));
    }

    // What was lost before the file was made.
    void check_missing(store::HistoryFile& file, std::vector<store::HistoryDamage>& damage) const {
        if (file.head().level != store::Level::raw) return file.lost(damage);
        const auto missing = file.missing();
        if (!missing) return damage.push_back(file.damaged(missing.error().text));
        for (const store::SequenceRange& range : *missing) {
            for (const store::SequenceRange& lost : journal_.explained.without(range)) {
                damage.push_back(file.damaged("records could not be read when this was made"));
                damage.back().sequences = lost;
            }
        }
    }

    void check_coverage() {
        part_ = part_of(store::Level::raw);
        for (const auto& [epoch, coverage] : covered_) {
            const auto& ranges = coverage.ranges();
            for (std::size_t i = 1; i < ranges.size(); ++i)
                add_hole({ranges[i - 1].last + 1, ranges[i].first - 1}, "records are in no file");
        }
        const auto& ours = covered_[0].ranges();
        const std::uint64_t next = ours.empty() ? 1 : ours.back().last + 1;
        if (journal_.first_sample > next)
            add_hole({next, journal_.first_sample - 1}, "records are neither in history nor in the journal");
    }
    void add_hole(const store::SequenceRange& hole, const char* what) {
        if (passed_over_.contains(hole.first)) return;
        for (const store::SequenceRange& lost : journal_.explained.without(hole))
            report_.add(part_, {"history", "", lost.first, lost.last, 0, 0, what});
    }

    std::unique_ptr<store::FileSystem> files_ = store::make_real_file_system();
    std::unique_ptr<store::Vfs> vfs_;
    std::string directory_;
    const JournalFindings& journal_;
    VerifyReport& report_;
    std::string part_;
    std::set<std::string> seen_;                        // names
    std::set<std::uint64_t> passed_over_;               // the first sequences of such files
    std::map<std::uint64_t, store::Coverage> covered_;  // of ours (0), and of each other epoch
};

}  // namespace

Result<void> verify_history(const std::string& directory, const JournalFindings& journal,
                            VerifyReport& report) {
    return HistoryCheck(directory, journal, report).check();
}

}  // namespace outstation::ctl
