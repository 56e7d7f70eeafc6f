// SPDX-License-Identifier: GPL-3.0-or-later
// Opening a journal directory and keeping it within its limits.
#include "lib/store/journal/journal.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cstdlib>

#include "lib/store/journal/new_file.hpp"

namespace outstation::store {
namespace {

// An epoch is shown to people and to JSON readers, which keep 53 bits.
constexpr std::uint64_t kEpochMask = (std::uint64_t{1} << 48) - 1;

Identity random_identity() {
    Identity out;
    // 24 octets never block or fail once the system has booted.
    if (getrandom(out.station.data(), out.station.size(), 0) != static_cast<ssize_t>(out.station.size()) ||
        getrandom(&out.epoch, sizeof out.epoch, 0) != static_cast<ssize_t>(sizeof out.epoch))
        std::abort();
    out.epoch = std::max<std::uint64_t>(out.epoch & kEpochMask, 1);
    return out;
}

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

// The identity that most readable segments have; of several the one of the latest name.
Result<Identity> identity_of_segments(FileSystem& files, const std::string& directory,
                                      const std::vector<std::string>& names) {
    std::vector<std::pair<Identity, int>> found;
    for (const std::string& name : names) {
        if (!parse_segment_name(name)) continue;
        const auto file = files.open(directory + "/" + name, FileSystem::Mode::read);
        if (!file) continue;
        const auto page = (*file)->read(0, kSegmentHeaderOctets);
        const auto header = page ? parse_segment_header(*page) : fail(page.error());
        if (!header) continue;
        const auto known = std::find_if(found.begin(), found.end(), [&header](const auto& entry) {
            return entry.first == header->identity;
        });
        if (known == found.end()) {
            found.emplace_back(header->identity, 1);
        } else {
            ++known->second;
        }
    }
    if (found.empty()) return fail(ErrorCode::not_found, "no segment names the station");
    return std::max_element(found.begin(), found.end(),
                            [](const auto& a, const auto& b) { return a.second <= b.second; })
        ->first;
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
    if (const auto ok = journal->load_identity(options, opened, *names); !ok) return fail(ok.error());
    if (const auto ok = journal->open_streams(options, opened, *names); !ok) return fail(ok.error());
    if (const auto ok = files.sync_directory(options.directory); !ok) return fail(ok.error());
    return journal;
}

Result<void> Journal::load_identity(const Options& options, Opened& opened,
                                    const std::vector<std::string>& names) {
    const std::string path = options.directory + "/identity";
    if (std::find(names.begin(), names.end(), "identity") != names.end()) {
        const auto file = files_.open(path, FileSystem::Mode::read);
        if (!file) return fail(file.error());
        const auto bytes = (*file)->read(0, kIdentityOctets);
        const auto parsed = bytes ? parse_identity(*bytes) : fail(bytes.error());
        if (parsed) {
            identity_ = *parsed;
            return {};
        }
        if (parsed.error().code == ErrorCode::refused) return fail(parsed.error().in(path));
        if (const auto removed = files_.remove(path); !removed) return removed;
    }
    if (has_segments(names)) {
        opened.damage.push_back({path, 1, 0, "the identity file was damaged; taken from the segments"});
        const auto found = identity_of_segments(files_, options.directory, names);
        if (!found) return fail(found.error().in(path));
        identity_ = *found;
    } else {
        opened.fresh = true;
        identity_ = options.make_identity ? options.make_identity() : random_identity();
    }
    return make_file(files_, options.directory, "identity", encode_identity(identity_, options.now_ns),
                     kIdentityOctets);
}

Result<void> Journal::open_streams(const Options& options, Opened& opened,
                                   const std::vector<std::string>& names) {
    for (const StreamId id : kStreams) {
        JournalStream::Opened found;
        auto stream = JournalStream::open(
            files_,
            {id, options.directory, identity_,
             flushed_at_once(id) ? options.urgent_segment_octets : options.bulk_segment_octets,
             id == StreamId::ledger, [this, id](std::uint64_t octets) { return may_grow(id, octets); }},
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
    return sum + kIdentityOctets;
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
    std::uint64_t least = kIdentityOctets;
    for (const auto& [id, stream] : streams_)
        least += stream->newest_octets() + next_octets(id, *stream) + stream->spare_octets() +
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
    const bool room = this->octets() + (ledger ? 0 : missing_spares()) + octets <= effective_limit();
    if (room) wanted_octets_.erase(id);
    if (room) return {};
    return fail(ErrorCode::exhausted, std::string(stream_name(id)) + ": the limit of " +
                                          std::to_string(limit_octets_) +
                                          " octets leaves no room for the next segment");
}

std::uint64_t Journal::target_octets() const {
    if (limit_octets_ == 0) return 0;
    std::uint64_t target = effective_limit() - kIdentityOctets;
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
