// SPDX-License-Identifier: GPL-3.0-or-later
// Opening history: listing files, settling what a crash left, and the list that readers see.
#include "lib/store/history/history.hpp"

#include <algorithm>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/file_writer.hpp"
#include "lib/store/history/head.hpp"
#include "lib/store/history/sealer.hpp"

namespace outstation::store {

HistoryStore::HistoryStore(FileSystem& files, std::unique_ptr<Vfs> vfs, Options options)
    : files_(files), vfs_(std::move(vfs)), options_(std::move(options)) {}

HistoryStore::~HistoryStore() = default;

Result<std::unique_ptr<HistoryStore>> HistoryStore::open(FileSystem& files, Options options, Opened& opened) {
    if (const auto ok = files.make_directory(options.directory); !ok) return fail(ok.error());
    auto vfs = Vfs::make(files);
    if (!vfs) return fail(vfs.error());
    auto out = std::unique_ptr<HistoryStore>(new HistoryStore(files, std::move(*vfs), std::move(options)));
    if (const auto ok = out->load(opened); !ok) return fail(ok.error().in("history"));
    if (const auto ok = out->settle(opened); !ok) return fail(ok.error().in("history"));
    if (const auto ok = out->rebuild_roll_ups(opened); !ok) return fail(ok.error().in("history"));
    return out;
}

Result<void> HistoryStore::load(Opened& opened) {
    const auto names = files_.list(options_.directory);
    if (!names) return fail(names.error());
    for (const std::string& name : *names) {
        if (name.ends_with(".db.new")) {
            if (const auto ok = files_.remove(options_.directory + "/" + name); !ok) return ok;
            ++opened.removed;
        } else if (parse_history_name(name)) {
            if (const auto ok = load_file(name, opened); !ok) return ok;
        }
    }
    sort_files(infos_);
    return {};
}

Result<void> HistoryStore::load_file(const std::string& name, Opened& opened) {
    const auto file = open_file(name);
    if (!file) {
        if (file.error().code == ErrorCode::io) return fail(file.error());
        const Head named = parse_history_name(name).value();
        opened.damage.push_back(
            {name, "", named.start_ns, span_end_ns(named.span, named.start_ns) - 1, {}, file.error().text});
        return {};
    }
    const auto bytes = files_.open(options_.directory + "/" + name, FileSystem::Mode::read);
    if (!bytes) return fail(bytes.error());
    const auto octets = (*bytes)->size();
    if (!octets) return fail(octets.error());
    infos_.push_back({name, (*file)->head(), *octets});
    return {};
}

Result<void> HistoryStore::settle(Opened& opened) {
    std::vector<HistoryFileInfo> gone;
    for (const HistoryFileInfo& file : infos_) {
        const bool useless = std::any_of(infos_.begin(), infos_.end(), [&](const HistoryFileInfo& other) {
            return superseded(file, other);
        });
        if (useless) gone.push_back(file);
    }
    opened.removed += gone.size();
    if (const auto ok = replace(std::move(gone), {}); !ok) return ok;
    for (std::size_t i = 1; i < infos_.size(); ++i) {
        const Head &a = infos_[i - 1].head, &b = infos_[i].head;
        if (a.level != b.level || a.identity != b.identity || !a.sequences.overlaps(b.sequences)) continue;
        opened.damage.push_back(
            {infos_[i].name, "", b.t0_ns, b.t1_ns, b.sequences, "overlaps " + infos_[i - 1].name});
    }
    return {};
}

Result<void> HistoryStore::rebuild_roll_ups(Opened& opened) {
    for (const HistoryFileInfo& file : files()) {
        if (file.head.level != Level::raw) continue;
        std::vector<Level> wanted;
        for (const Level level : {Level::m15, Level::h1}) {
            if (!coverage_of(infos_, level, file.head.identity.epoch).contains(file.head.sequences))
                wanted.push_back(level);
        }
        if (wanted.empty()) continue;
        auto made = roll_up_file(file, wanted);
        if (!made) return fail(made.error());
        opened.rebuilt += made->size();
        if (const auto ok = replace({}, std::move(*made)); !ok) return ok;
    }
    // A roll-up of a whole day supersedes those of its windows.
    return opened.rebuilt == 0 ? Result<void>() : settle(opened);
}

std::vector<HistoryFileInfo> HistoryStore::files() const {
    const std::lock_guard lock(mutex_);
    return infos_;
}

std::uint64_t HistoryStore::octets() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t out = 0;
    for (const HistoryFileInfo& info : infos_) out += info.octets;
    return out;
}

std::uint64_t HistoryStore::sealed_to() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t out = 0;
    for (const HistoryFileInfo& info : infos_) {
        if (info.head.identity == options_.identity) out = std::max(out, info.head.sequences.last);
    }
    return out;
}

Result<std::unique_ptr<Sealer>> HistoryStore::seal(const SequenceRange& sequences, std::int64_t time_ns,
                                                   std::vector<SequenceRange> missing) {
    if (sequences.first == 0 || sequences.last < sequences.first ||
        sequences.last - sequences.first >= kMaxSealedRecords)
        return fail(ErrorCode::malformed, "a window of no or too many records");
    if (sealing_) return fail(ErrorCode::refused, "another window is being sealed");
    if (sequences.first <= sealed_to()) return fail(ErrorCode::refused, "records are in history already");
    Head head;
    head.identity = options_.identity;
    head.start_ns = span_start_ns(Span::window, time_ns);
    head.sequences = sequences;
    auto out = std::unique_ptr<Sealer>(new Sealer(*this, std::move(missing)));
    if (const auto ok = out->open(head); !ok) return fail(ok.error());
    out->counters_ = counters_at_ == sequences.first
                         ? counters_
                         : counters_before(options_.identity.epoch, sequences.first);
    return out;
}

Result<std::unique_ptr<HistoryFile>> HistoryStore::open_file(const std::string& name) const {
    return HistoryFile::open(*vfs_, options_.directory, name, options_.identity.station);
}

Result<std::unique_ptr<File>> HistoryStore::open_bytes(const std::string& name) const {
    return files_.open(options_.directory + "/" + name, FileSystem::Mode::read);
}

Result<std::unique_ptr<HistoryWriter>> HistoryStore::make_writer(const Head& head) {
    return HistoryWriter::make(files_, *vfs_, options_.directory, head);
}

CounterPoints HistoryStore::counters_before(std::uint64_t epoch, std::uint64_t sequence) const {
    CounterPoints out;
    // Sorted by level: the finest that ends there.
    const auto ends_there = [&](const HistoryFileInfo& info) {
        return info.head.identity.epoch == epoch && info.head.sequences.last + 1 == sequence;
    };
    const auto info = std::find_if(infos_.begin(), infos_.end(), ends_there);
    if (info == infos_.end()) return out;
    const auto file = open_file(info->name);
    if (!file) return out;
    const auto devices = (*file)->devices();
    if (!devices) return out;
    for (const HistoryFile::Device& device : *devices) {
        const auto row = (*file)->last_block(device);
        if (!row) continue;
        auto block = BlockReader::open(row->body);
        if (block) (void)learn_counters(*block, out);
    }
    return out;
}

Result<void> HistoryStore::replace(std::vector<HistoryFileInfo> gone, std::vector<HistoryFileInfo> made) {
    std::set<std::string> staying;
    {
        const std::lock_guard lock(mutex_);
        std::set<std::string> out;
        for (const HistoryFileInfo& info : made) staying.insert(info.name);
        for (const HistoryFileInfo& info : gone) out.insert(info.name);
        std::erase_if(
            infos_, [&](const auto& info) { return out.contains(info.name) || staying.contains(info.name); });
        std::move(made.begin(), made.end(), std::back_inserter(infos_));
        sort_files(infos_);
    }
    bool removed = false;
    for (const HistoryFileInfo& info : gone) {
        if (staying.contains(info.name)) continue;
        if (const auto ok = files_.remove(options_.directory + "/" + info.name); !ok) return ok;
        removed = true;
    }
    return removed ? files_.sync_directory(options_.directory) : Result<void>();
}

}  // namespace outstation::store
