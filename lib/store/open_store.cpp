// SPDX-License-Identifier: GPL-3.0-or-later
// Puts a store together from what is on disk.
#include "lib/store/history/file_reader.hpp"
#include "lib/store/history/head.hpp"
#include "lib/store/journal_store.hpp"
#include "lib/store/spare_numbers.hpp"
#include "lib/store/sqlite/vfs.hpp"

namespace outstation::store {

namespace {

// The file behind which history has none went up to where the journal begins, or the journal has it all.
void end_before(HistoryDamage& damage, std::uint64_t kept) {
    if (damage.sequences.last != kNoLastSequence) return;
    if (kept <= damage.sequences.first) {
        damage.lost = false;
        damage.sequences = {};
    } else {
        damage.sequences.last = kept - 1;
    }
}

// Whose samples history has, for a journal that lost its identity.
Result<std::vector<SegmentHeader>> epochs_in_history(FileSystem& files, const std::string& directory,
                                                     const StationId& station) {
    std::vector<SegmentHeader> out;
    const auto names = files.list(directory);
    if (!names && names.error().code == ErrorCode::not_found) return out;
    if (!names) return fail(names.error());
    const auto vfs = Vfs::make(files);
    if (!vfs) return fail(vfs.error());
    for (const std::string& name : *names) {
        if (!parse_history_name(name)) continue;
        const auto file = HistoryFile::open(**vfs, directory, name, station);
        if (!file) continue;
        const Head& head = (*file)->head();
        out.push_back({head.identity, StreamId::samples, head.sequences.first, 0, 0});
    }
    return out;
}

// When few are left, those of series that are gone from everywhere come back.
Result<void> spare_numbers(JournalStore::Shared& shared, const LatestTable& latest, StoreOpened& opened) {
    const HistoryStore& history = shared.archive->history();
    if (const auto unreadable = history.unreadable(); !unreadable.empty())
        return fail(ErrorCode::io, unreadable.front().info.name + ": " + unreadable.front().what);
    auto spares = find_spare_numbers(shared.dictionary, shared.journal->stream(StreamId::samples).view(),
                                     shared.archive->reader(), history.files(), latest);
    if (!spares) return fail(spares.error());
    opened.spare_numbers = spares->size();
    shared.dictionary.spare(std::move(*spares));
    return {};
}

// What was unlinked must not be there again after a power cut.
Result<void> sync_names(FileSystem& files, const std::string& journal, const std::string& history) {
    if (const auto ok = files.sync_directory(journal); !ok) return ok;
    return files.sync_directory(history);
}

}  // namespace

Result<std::unique_ptr<Store>> open_journal_store(StoreParts parts, Journal::Options options,
                                                  StoreOpened& opened) {
    const std::int64_t now_ns = parts.loop.wall().time_since_epoch().count();
    const std::string beside = options.directory.substr(0, options.directory.rfind('/') + 1);
    const std::string history = beside + "history";
    const std::string states = beside + "state";
    const std::string directory = options.directory;
    options.now_ns = now_ns;
    options.other_samples = [&](const StationId& station) {
        return epochs_in_history(parts.files, history, station);
    };
    auto journal = Journal::open(parts.files, std::move(options), opened);
    if (!journal) return fail(journal.error());
    auto shared = std::make_shared<JournalStore::Shared>();
    shared->journal = std::move(*journal);
    SampleArchive::Opened archive_opened;
    auto archive = SampleArchive::open(parts.files, history, shared->journal->epochs(), shared->dictionary,
                                       archive_opened);
    if (!archive) return fail(archive.error());
    opened.history = archive_opened.history.damage;
    const std::uint64_t kept = shared->journal->stream(StreamId::samples).view().first_sequence();
    for (HistoryDamage& damage : opened.history) end_before(damage, kept);
    if (archive_opened.catalog)
        opened.history.push_back({history, "", 0, 0, {}, archive_opened.catalog->text});
    shared->archive = std::move(*archive);
    shared->states = std::make_shared<FoldedStates>(parts.files, states, shared->journal);
    const std::uint64_t sealed_to = shared->archive->sealed_to();
    if (shared->journal->stream(StreamId::samples).next_sequence() <= sealed_to)
        return fail(ErrorCode::refused,
                    "the journal would give samples numbers that history has already (up to " +
                        std::to_string(sealed_to) +
                        "): segments of samples are missing; bring them back, or move the "
                        "folder history away");
    Recovery recovery(*shared->archive, shared->dictionary, read_listed(parts.files, states), now_ns);
    for (const StreamId id : kStreams) recovery.read(id, shared->journal->stream(id).view());
    Recovered recovered = recovery.take();
    for (const std::string& path : recovered.incomplete)
        shared->journal->stream(StreamId::samples).mark_incomplete(path);
    opened.damage.insert(opened.damage.end(), recovered.damage.begin(), recovered.damage.end());
    if (shared->dictionary.is_short()) {
        auto ok = sync_names(parts.files, directory, history);
        if (ok) ok = spare_numbers(*shared, recovered.latest, opened);
        if (!ok) opened.numbers_kept = ok.error().text;
    }
    recovered.damage = opened.damage;
    recovered.samples = shared->archive->damage();
    recovered.history_damage = opened.history;
    // Gaps that an earlier start wrote and perhaps did not live to enter.
    recovered.damage.insert(recovered.damage.end(), opened.gaps.begin(), opened.gaps.end());
    return std::make_unique<JournalStore>(parts, std::move(shared), std::move(recovered));
}

}  // namespace outstation::store
