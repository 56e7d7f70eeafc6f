// SPDX-License-Identifier: GPL-3.0-or-later
// Opening a journal directory and keeping it within its limits.
#include "lib/store/journal/journal.hpp"

#include <algorithm>
#include <set>

#include "lib/store/journal/new_file.hpp"

namespace outstation::store {
namespace {

constexpr const char* kIdentity = "identity";
// Left by who made this directory out of a copy.
constexpr const char* kNewEpoch = "new-epoch";

// Half-made files of a writer that did not finish.
Result<void> remove_leftovers(FileSystem& files, const std::string& directory,
                              std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (!name.ends_with(".new")) continue;
        if (const auto ok = files.remove(directory + "/" + name); !ok) return ok;
    }
    std::erase_if(names, [](const std::string& name) { return name.ends_with(".new"); });
    return {};
}

bool is_there(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// In the order of their names: of each stream, of their numbers.
std::vector<SegmentHeader> readable_headers(FileSystem& files, const std::string& directory,
                                            const std::vector<std::string>& names) {
    std::vector<SegmentHeader> out;
    for (const std::string& name : names) {
        if (!parse_segment_name(name)) continue;
        const auto file = files.open(directory + "/" + name, FileSystem::Mode::read);
        const auto page = file ? (*file)->read(0, kSegmentHeaderOctets) : fail(file.error());
        const auto header = page ? parse_segment_header(*page) : fail(page.error());
        if (header) out.push_back(*header);
    }
    return out;
}

// Of several the one that most segments have, the later in the order of names.
StationId station_of(const std::vector<SegmentHeader>& headers) {
    std::map<StationId, int> count;
    StationId out{};
    for (const SegmentHeader& header : headers) {
        ++count[header.identity.station];
        if (count[header.identity.station] >= count[out]) out = header.identity.station;
    }
    return out;
}

bool has_segments(const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(),
                       [](const std::string& name) { return parse_segment_name(name).has_value(); });
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(FileSystem& files, Options options, Opened& opened) {
    std::unique_ptr<Journal> journal(new Journal(files));
    if (const auto made = files.make_directory(options.directory); !made) return fail(made.error());
    auto lock = files.lock(options.directory + "/lock");
    if (!lock) return fail(lock.error());
    journal->lock_ = std::move(*lock);
    auto names = files.list(options.directory);
    if (!names) return fail(names.error());
    if (const auto ok = remove_leftovers(files, options.directory, *names); !ok) return fail(ok.error());
    if (const auto ok = journal->load_epochs(options, opened, *names); !ok) return fail(ok.error());
    if (const auto ok = journal->open_streams(options, opened, *names); !ok) return fail(ok.error());
    journal->set_aside_.find(options.directory, *names, options.bulk_segment_octets);
    if (opened.new_epoch) {
        if (const auto ok = journal->begin_epoch(options); !ok) return fail(ok.error());
    }
    if (const auto ok = files.sync_directory(options.directory); !ok) return fail(ok.error());
    if (const auto ok = journal->measure_others(options.directory); !ok) return fail(ok.error());
    return journal;
}

Result<void> Journal::load_epochs(const Options& options, Opened& opened,
                                  const std::vector<std::string>& names) {
    const std::string path = options.directory + "/" + kIdentity;
    if (!is_there(names, kIdentity)) return find_epochs(options, opened, names);
    const auto file = files_.open(path, FileSystem::Mode::read);
    const auto bytes = file ? (*file)->read(0, kMaxEpochsOctets) : fail(file.error());
    // It may be whole. Whether it is lost a person decides, who then moves it away.
    if (!bytes)
        return fail(bytes.error().in("the journal's identity cannot be read, and nothing was changed"));
    const auto parsed = parse_epochs(*bytes);
    if (!parsed && parsed.error().code == ErrorCode::refused) return fail(parsed.error().in(path));
    if (!parsed) {
        if (const auto kept = files_.rename(path, path + ".bad"); !kept) return kept;
        return find_epochs(options, opened, names);
    }
    epochs_ = *parsed;
    if (!is_there(names, kNewEpoch)) return {};
    const std::string mark_path = options.directory + "/" + kNewEpoch;
    const auto mark = files_.open(mark_path, FileSystem::Mode::read);
    if (!mark) return fail(mark.error());
    const auto wanted = (*mark)->read(0, kMaxEpochsOctets);
    if (!wanted) return fail(wanted.error());
    // A power cut between the two halves of its renaming: it was begun already.
    if (*wanted == *bytes) return files_.remove(mark_path);
    opened.new_epoch = true;
    epochs_.begin();
    return {};
}

// There is no identity, or none that can be read. Which epoch was the last, and how far it came, nobody
// knows: it is not gone on with.
Result<void> Journal::find_epochs(const Options& options, Opened& opened,
                                  const std::vector<std::string>& names) {
    if (!has_segments(names)) {
        opened.fresh = true;
        epochs_ = options.make_identity ? options.make_identity() : random_identity();
        return make_file(files_, options.directory, kIdentity, encode_epochs(epochs_, options.now_ns),
                         kIdentityOctets);
    }
    const std::string path = options.directory + "/" + kIdentity;
    opened.damage.push_back({path, 1, 0, "the identity file was damaged; taken from the segments"});
    auto headers = readable_headers(files_, options.directory, names);
    if (headers.empty()) return fail(ErrorCode::not_found, path + ": no segment names the station");
    epochs_.identity.station = station_of(headers);
    if (options.other_samples) {
        const auto others = options.other_samples(epochs_.identity.station);
        if (!others) return fail(others.error());
        headers.insert(headers.end(), others->begin(), others->end());
    }
    std::stable_sort(headers.begin(), headers.end(), [](const SegmentHeader& a, const SegmentHeader& b) {
        return std::pair(a.stream, a.first_sequence) < std::pair(b.stream, b.first_sequence);
    });
    for (const SegmentHeader& header : headers) epochs_.add_found(header);
    opened.new_epoch = true;
    epochs_.begin();
    return {};
}

// One renaming puts the new identity in force and takes the mark away.
Result<void> Journal::begin_epoch(const Options& options) {
    for (const auto& [id, stream] : streams_) epochs_.end_at(id, stream->next_sequence() - 1);
    const std::string bytes = encode_epochs(epochs_, options.now_ns);
    const auto made = make_file(files_, options.directory, kNewEpoch, bytes, bytes.size());
    return made ? move_file(files_, options.directory, kNewEpoch, kIdentity) : made;
}

Result<void> Journal::measure_others(const std::string& directory) {
    const auto names = files_.list(directory);
    if (!names) return fail(names.error());
    std::set<std::string> ours{kIdentity, "lock", "ledger.spare"};
    for (const auto& [id, stream] : streams_) {
        const JournalView view = stream->view();
        for (const JournalView::Part& part : view.parts())
            ours.insert(part.segment.path.substr(directory.size() + 1));
    }
    for (const std::string& name : *names) {
        if (ours.contains(name) || parse_set_aside_name(name)) continue;
        const auto file = files_.open(directory + "/" + name, FileSystem::Mode::read);
        if (file) other_octets_ += (*file)->size().value_or(0);
    }
    return {};
}

Result<void> Journal::open_streams(const Options& options, Opened& opened,
                                   const std::vector<std::string>& names) {
    for (const StreamId id : kStreams) {
        JournalStream::Opened found;
        auto stream = JournalStream::open(
            files_,
            {id, options.directory, &epochs_,
             flushed_at_once(id) ? options.urgent_segment_octets : options.bulk_segment_octets,
             id == StreamId::ledger, [this, id](std::uint64_t octets) { return may_grow(id, octets); },
             &set_aside_},
            names, found);
        if (!stream) return fail(stream.error());
        streams_.emplace(id, std::move(*stream));
        opened.damage.insert(opened.damage.end(), found.damage.begin(), found.damage.end());
        opened.gaps.insert(opened.gaps.end(), found.gaps.begin(), found.gaps.end());
        if (found.torn_tail) opened.torn_tails.push_back(id);
    }
    return {};
}

std::uint64_t Journal::octets() const {
    std::uint64_t sum = 0;
    for (const auto& [id, stream] : streams_) sum += stream->octets() + stream->spare_octets();
    return sum + set_aside_.octets() + epochs_octets(epochs_);
}

std::uint64_t Journal::missing_spares() const {
    std::uint64_t sum = 0;
    for (const auto& [id, stream] : streams_) sum += stream->missing_spare_octets();
    return sum;
}

// What the next segment of a stream takes: of one that is not in use nothing, of the ledger's the spare.
std::uint64_t Journal::next_octets(StreamId id, const JournalStream& stream) const {
    const auto wanted = wanted_octets_.find(id);
    if (wanted != wanted_octets_.end()) return wanted->second;
    return stream.segments() > 0 && id != StreamId::ledger ? stream.segment_octets() : 0;
}

std::uint64_t Journal::effective_limit() const {
    std::uint64_t least = epochs_octets(epochs_);
    for (const auto& [id, stream] : streams_)
        least += stream->lasting_octets() + next_octets(id, *stream) + stream->spare_octets() +
                 stream->missing_spare_octets();
    return std::max(limit_octets_, least);
}

Result<void> Journal::may_grow(StreamId id, std::uint64_t octets) {
    const auto stream = streams_.find(id);  // not there yet while it is opened
    if (limit_octets_ == 0 || stream == streams_.end()) return {};
    const bool ledger = id == StreamId::ledger;
    // Nothing could be dropped while an entry of the ledger waits.
    if (ledger && octets > stream->second->segment_octets()) return {};
    if (!ledger) wanted_octets_[id] = octets;
    // What cannot be unlinked no plan can make room of.
    const std::uint64_t own = this->octets() - set_aside_.stuck_octets();
    const bool room = own + (ledger ? 0 : missing_spares()) + octets <= effective_limit();
    if (room) wanted_octets_.erase(id);
    if (room) return {};
    return fail(ErrorCode::exhausted, std::string(stream_name(id)) + ": the limit of " +
                                          std::to_string(limit_octets_) +
                                          " octets leaves no room for the next segment");
}

std::uint64_t Journal::target_octets() const {
    if (limit_octets_ == 0) return 0;
    std::uint64_t target = effective_limit() - epochs_octets(epochs_);
    for (const auto& [id, stream] : streams_)
        target -= next_octets(id, *stream) + stream->spare_octets() + stream->missing_spare_octets();
    return std::max<std::uint64_t>(target, 1);
}

std::uint64_t Journal::coming_octets() const {
    std::uint64_t sum = 0;
    for (const auto& [id, stream] : streams_) {
        const bool in_use = stream->segments() > 0 && id != StreamId::ledger;
        sum += (in_use ? stream->segment_octets() : 0) + stream->missing_spare_octets();
    }
    return sum;
}

Result<std::size_t> Journal::drop(const std::vector<Victim>& victims) {
    std::size_t dropped = 0;
    for (const Victim& victim : victims) {
        JournalStream& stream = *streams_.at(victim.segment.header.stream);
        // Sealed samples may have gone since the plan was made.
        if (stream.view().first_sequence() != victim.segment.header.first_sequence) continue;
        const auto done = stream.drop_oldest();
        if (!done) return fail(done.error());
        dropped += *done ? 1 : 0;
    }
    for (const auto& [id, stream] : streams_) {
        if (const auto made = stream->make_spare(); !made) return fail(made.error());
    }
    return dropped;
}

}  // namespace outstation::store
