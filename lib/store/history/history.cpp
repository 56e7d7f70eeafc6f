// SPDX-License-Identifier: GPL-3.0-or-later
// Opening history: listing files, settling what a crash left, and the list that readers see.
#include "lib/store/history/history.hpp"

#include <algorithm>
#include <limits>

#include "lib/store/history/blocks.hpp"
#include "lib/store/history/coverage.hpp"
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/file_writer.hpp"
#include "lib/store/history/head.hpp"
#include "lib/store/history/reader.hpp"
#include "lib/store/history/sealer.hpp"

namespace outstation::store {

HistoryStore::HistoryStore(FileSystem& files, std::unique_ptr<Vfs> vfs, Options options)
    : files_(files), vfs_(std::move(vfs)), options_(std::move(options)) {}

HistoryStore::~HistoryStore() = default;

Result<std::unique_ptr<HistoryStore>> HistoryStore::open(FileSystem& files, Options options, Opened& opened) {
    if (const auto ok = files.make_directory(options.directory); !ok) return fail(ok.error());
    auto lock = files.lock(options.directory + "/lock");
    if (!lock) return fail(lock.error());
    auto vfs = Vfs::make(files);
    if (!vfs) return fail(vfs.error());
    auto out = std::unique_ptr<HistoryStore>(new HistoryStore(files, std::move(*vfs), std::move(options)));
    out->lock_ = std::move(*lock);
    if (const auto ok = out->load(opened); !ok) return fail(ok.error().in("history"));
    out->settle(opened);
    out->tell_unreadable(opened);
    return out;
}

Result<void> HistoryStore::load(Opened& opened) {
    const auto names = files_.list(options_.directory);
    if (!names) return fail(names.error());
    std::vector<std::string> set_aside;
    for (const std::string& name : *names) {
        if (name.ends_with(".db.new")) {
            if (const auto ok = files_.remove(options_.directory + "/" + name); !ok) return ok;
            ++opened.removed;
        } else if (parse_history_name(name)) {
            load_file(name);
        } else if (parse_bad_history_name(name)) {
            set_aside.push_back(name);
        }
    }
    for (const std::string& name : set_aside) {
        if (!take_back(name)) load_unreadable(name, {ErrorCode::malformed, name + ": could not be read"});
    }
    sort_files(infos_, options_.epochs);
    return {};
}

// A file that was set aside gets its name again when it can be read by now, and no other has that name or
// some of its records.
bool HistoryStore::take_back(const std::string& set_aside) {
    const auto file = open_file(set_aside);
    if (!file) return false;
    const Head& head = (*file)->head();
    const std::string name = history_name(head);
    const bool taken = std::any_of(unreadable_.begin(), unreadable_.end(),
                                   [&](const UnreadableFile& each) { return each.info.name == name; });
    if (taken || coverage_of(infos_, head.level, head.identity.epoch).overlaps(head.sequences)) return false;
    const std::string directory = options_.directory + "/";
    if (!files_.rename(directory + set_aside, directory + name)) return false;
    load_file(name);
    (void)files_.sync_directory(options_.directory);  // else it is taken back at the next start, too
    return true;
}

void HistoryStore::load_file(const std::string& name) {
    const auto file = open_file(name);
    if (!file) return load_unreadable(name, file.error());
    const auto bytes = open_bytes(name);
    const auto octets = bytes ? (*bytes)->size() : Result<std::uint64_t>(fail(bytes.error()));
    if (!octets) return load_unreadable(name, octets.error());
    infos_.push_back({name, (*file)->head(), *octets});
}

void HistoryStore::load_unreadable(const std::string& name, const Error& why) {
    UnreadableFile out;
    out.info.name = name;
    const auto aside = parse_bad_history_name(name);
    out.info.head = (aside ? aside : parse_history_name(name)).value_or(Head());
    Head& head = out.info.head;
    head.identity.station = options_.epochs.identity.station;
    head.t0_ns = head.start_ns;
    head.t1_ns = span_end_ns(head.span, head.start_ns) - 1;
    const auto bytes = open_bytes(name);
    if (bytes) out.info.octets = (*bytes)->size().value_or(0);
    out.what = why.text;
    out.foreign = why.code == ErrorCode::refused;
    unreadable_.push_back(std::move(out));
}

void HistoryStore::settle(Opened& opened) {
    std::vector<HistoryFileInfo> gone;
    for (const HistoryFileInfo& file : infos_) {
        const bool useless = std::any_of(infos_.begin(), infos_.end(), [&](const HistoryFileInfo& other) {
            return superseded(file, other);
        });
        if (useless) gone.push_back(file);
    }
    opened.removed += gone.size();
    if (const auto ok = replace(gone, {}); !ok) {
        for (const HistoryFileInfo& left : gone_)
            opened.damage.push_back({left.name, "", left.head.t0_ns, left.head.t1_ns, left.head.sequences,
                                     "could not be removed: " + ok.error().text, false});
    }
    for (std::size_t i = 1; i < infos_.size(); ++i) {
        const Head &a = infos_[i - 1].head, &b = infos_[i].head;
        if (a.level != b.level || !options_.epochs.are_one(a.identity, b.identity) ||
            !a.sequences.overlaps(b.sequences))
            continue;
        opened.damage.push_back(
            {infos_[i].name, "", b.t0_ns, b.t1_ns, b.sequences, "overlaps " + infos_[i - 1].name, false});
    }
}

// What a roll-up had is lost only where nothing finer has it.
void HistoryStore::tell_unreadable(Opened& opened) const {
    for (const UnreadableFile& file : unreadable()) {
        const Head& head = file.info.head;
        HistoryDamage damage = damage_of(file.info, file.what);
        damage.lost = !file.foreign && !file.elsewhere;
        for (const Level level : kLevels) {
            if (level < head.level &&
                coverage_of(infos_, level, head.identity.epoch).overlaps(head.sequences))
                damage.lost = false;
        }
        opened.damage.push_back(std::move(damage));
    }
}

std::vector<HistoryFileInfo> HistoryStore::files() const {
    const std::lock_guard lock(mutex_);
    return infos_;
}

std::vector<UnreadableFile> HistoryStore::unreadable() const {
    const std::lock_guard lock(mutex_);
    std::vector<UnreadableFile> out;
    for (UnreadableFile file : unreadable_) {
        const Head& head = file.info.head;
        SequenceRange& range = file.info.head.sequences;
        range.last = kNoLastSequence;
        const auto is_like_it = [&](const Head& other) {
            return other.level == head.level && options_.epochs.are_one(other.identity, head.identity);
        };
        const auto ends_before = [&](const Head& other) {
            if (other.sequences.first > range.first)
                range.last = std::min(range.last, other.sequences.first - 1);
        };
        for (const HistoryFileInfo& other : infos_) {
            if (!is_like_it(other.head)) continue;
            file.elsewhere = file.elsewhere || other.head.sequences.contains({range.first, range.first});
            ends_before(other.head);
        }
        for (const UnreadableFile& other : unreadable_) {
            if (!other.foreign && is_like_it(other.info.head)) ends_before(other.info.head);
        }
        out.push_back(std::move(file));
    }
    return out;
}

std::uint64_t HistoryStore::octets() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t out = 0;
    for (const HistoryFileInfo& info : infos_) out += info.octets;
    for (const UnreadableFile& file : unreadable_) out += file.info.octets;
    for (const HistoryFileInfo& info : gone_) out += info.octets;
    return out;
}

std::uint64_t HistoryStore::sealed_to() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t out = 0;
    for (const HistoryFileInfo& info : infos_) {
        if (has(info.head)) out = std::max(out, info.head.sequences.last);
    }
    return out;
}

Result<std::unique_ptr<Sealer>> HistoryStore::seal(const SequenceRange& sequences, std::int64_t time_ns,
                                                   std::vector<SequenceRange> missing) {
    if (sequences.first == 0 || sequences.last < sequences.first ||
        sequences.last - sequences.first >= kMaxSealedRecords)
        return fail(ErrorCode::malformed, "a window of no or too many records");
    const Identity identity = options_.epochs.at(StreamId::samples, sequences.first);
    if (options_.epochs.last_at(StreamId::samples, sequences.first) < sequences.last)
        return fail(ErrorCode::malformed, "a window of two epochs");
    if (sealing_) return fail(ErrorCode::refused, "another window is being sealed");
    if (sequences.first <= sealed_to()) return fail(ErrorCode::refused, "records are in history already");
    Head head;
    head.identity = identity;
    head.start_ns = span_start_ns(Span::window, time_ns);
    head.sequences = sequences;
    auto out = std::unique_ptr<Sealer>(new Sealer(*this, std::move(missing)));
    if (const auto ok = out->open(head); !ok) return fail(ok.error());
    return out;
}

Result<std::unique_ptr<HistoryFile>> HistoryStore::open_file(const std::string& name) const {
    return HistoryFile::open(*vfs_, options_.directory, name, options_.epochs.identity.station);
}

Result<std::unique_ptr<File>> HistoryStore::open_bytes(const std::string& name) const {
    return files_.open(options_.directory + "/" + name, FileSystem::Mode::read);
}

// At the next start it may be readable again.
Result<void> HistoryStore::set_aside_window(const SequenceRange& sequences) {
    for (const UnreadableFile& file : unreadable()) {
        const Head& head = file.info.head;
        if (head.level != Level::raw || file.foreign || !has(head) || !head.sequences.overlaps(sequences))
            continue;
        if (auto ok = set_aside(file.info.name); !ok) return ok;
    }
    return {};
}

Result<void> HistoryStore::set_aside(const std::string& name) {
    const auto file = std::find_if(unreadable_.begin(), unreadable_.end(),
                                   [&](const UnreadableFile& each) { return each.info.name == name; });
    if (file == unreadable_.end() || name.ends_with(kBadHistory)) return {};
    const std::string path = options_.directory + "/" + name;
    if (const auto ok = files_.rename(path, path + std::string(kBadHistory)); !ok) return ok;
    if (const auto ok = files_.sync_directory(options_.directory); !ok) return ok;
    const std::lock_guard lock(mutex_);
    file->info.name += kBadHistory;
    return {};
}

bool HistoryStore::read_again() {
    bool any = false;
    for (const UnreadableFile& each : unreadable()) {
        const Head& named = each.info.head;
        if (each.foreign || each.info.name.ends_with(kBadHistory)) continue;
        const auto file = open_file(each.info.name);
        const auto bytes = open_bytes(each.info.name);
        const auto octets = bytes ? (*bytes)->size() : Result<std::uint64_t>(fail(bytes.error()));
        if (!file || !octets) continue;
        const Head& head = (*file)->head();
        if (coverage_of(infos_, named.level, named.identity.epoch).overlaps(head.sequences)) continue;
        const std::lock_guard lock(mutex_);
        std::erase_if(unreadable_, [&](const auto& one) { return one.info.name == each.info.name; });
        infos_.push_back({each.info.name, head, *octets});
        sort_files(infos_, options_.epochs);
        any = true;
    }
    return any;
}

Result<std::unique_ptr<HistoryWriter>> HistoryStore::make_writer(const Head& head) {
    if (const auto ok = set_aside(history_name(head)); !ok) return fail(ok.error());
    auto writer = HistoryWriter::make(files_, *vfs_, options_.directory, head);
    if (writer) (*writer)->stop_at(interrupted_);
    return writer;
}

std::unique_ptr<HistoryFile> HistoryStore::file_before(const Head& head) const {
    const auto info = before(infos_, options_.epochs, head);
    auto file = info ? open_file(info->name) : Result<std::unique_ptr<HistoryFile>>(nullptr);
    return file ? std::move(*file) : nullptr;
}

Result<void> HistoryStore::replace(const std::vector<HistoryFileInfo>& gone,
                                   std::vector<HistoryFileInfo> made) {
    {
        const std::lock_guard lock(mutex_);
        std::set<std::string> out;
        for (const HistoryFileInfo& info : made) out.insert(info.name);
        for (const HistoryFileInfo& info : gone) {
            if (out.insert(info.name).second) gone_.push_back(info);
        }
        std::erase_if(infos_, [&](const auto& info) { return out.contains(info.name); });
        std::erase_if(unreadable_, [&](const auto& file) { return out.contains(file.info.name); });
        std::move(made.begin(), made.end(), std::back_inserter(infos_));
        sort_files(infos_, options_.epochs);
    }
    const auto unlinked = unlink_gone();
    ++changes_;
    const std::lock_guard lock(readers_mutex_);
    for (HistoryReader* const reader : readers_) reader->let_go();
    return unlinked;
}

Result<void> HistoryStore::unlink_gone() {
    Result<void> out;
    std::vector<HistoryFileInfo> left;
    for (const HistoryFileInfo& info : gone_) {
        const auto ok = files_.remove(options_.directory + "/" + info.name);
        if (ok || ok.error().code == ErrorCode::not_found) continue;
        out = fail(ok.error());
        left.push_back(info);
    }
    const bool unlinked = left.size() < gone_.size();
    {
        const std::lock_guard lock(mutex_);
        gone_ = std::move(left);
    }
    const auto synced = unlinked ? files_.sync_directory(options_.directory) : Result<void>();
    return out ? synced : out;
}

void HistoryStore::attach(HistoryReader& reader) const {
    const std::lock_guard lock(readers_mutex_);
    readers_.insert(&reader);
}

void HistoryStore::detach(HistoryReader& reader) const {
    const std::lock_guard lock(readers_mutex_);
    readers_.erase(&reader);
}

}  // namespace outstation::store
