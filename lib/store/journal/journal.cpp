// SPDX-License-Identifier: GPL-3.0-or-later
// Opening a journal directory and keeping it within its limits.
#include "lib/store/journal/journal.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cstdlib>

namespace outstation::store {
namespace {

constexpr StreamId kDropOrder[] = {StreamId::flows,  StreamId::logs,  StreamId::samples, StreamId::jobs,
                                   StreamId::ledger, StreamId::state, StreamId::audit};
constexpr std::int64_t kFirstPossibleNs =
    1'577'836'800'000'000'000;  // 2020-01-01: before it no stamp is true
constexpr std::int64_t kLongestSilenceNs = std::chrono::nanoseconds(std::chrono::hours(366 * 24)).count();
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

Result<void> write_file(FileSystem& files, const std::string& directory, const std::string& name,
                        std::string_view bytes) {
    const std::string temporary = directory + "/" + name + ".new";
    auto file = files.open(temporary, FileSystem::Mode::create);
    if (!file) return fail(file.error());
    if (const auto ok = (*file)->write(0, bytes); !ok) return ok;
    if (const auto ok = (*file)->sync(); !ok) return ok;
    if (const auto ok = files.rename(temporary, directory + "/" + name); !ok) return ok;
    return files.sync_directory(directory);
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

// The identity as the newest readable segment has it.
Result<Identity> identity_of_segments(FileSystem& files, const std::string& directory,
                                      const std::vector<std::string>& names) {
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
        if (!parse_segment_name(*name)) continue;
        const auto file = files.open(directory + "/" + *name, FileSystem::Mode::read);
        if (!file) continue;
        const auto page = (*file)->read(0, kSegmentHeaderOctets);
        if (!page) continue;
        if (const auto header = parse_segment_header(*page)) return header->identity;
    }
    return fail(ErrorCode::not_found, "no segment names the station");
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
        if (!bytes) return fail(bytes.error());
        const auto parsed = parse_identity(*bytes);
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
    return write_file(files_, options.directory, "identity", encode_identity(identity_, options.now_ns));
}

Result<void> Journal::open_streams(const Options& options, Opened& opened,
                                   const std::vector<std::string>& names) {
    for (const StreamId id : kStreams) {
        JournalStream::Opened found;
        auto stream = JournalStream::open(
            files_,
            {id, options.directory, identity_,
             flushed_at_once(id) ? options.urgent_segment_octets : options.bulk_segment_octets},
            names, found);
        if (!stream) return fail(stream.error());
        streams_.emplace(id, std::move(*stream));
        opened.damage.insert(opened.damage.end(), found.damage.begin(), found.damage.end());
        if (found.torn_tail) opened.torn_tails.push_back(id);
    }
    return {};
}

std::uint64_t Journal::octets() const {
    std::uint64_t sum = 0;
    for (const auto& [id, stream] : streams_) sum += stream->octets();
    return sum;
}

namespace {

// What is left of a stream while a plan is made.
class Remains {
  public:
    explicit Remains(const JournalStream& stream) : view_(stream.view()), octets_(stream.octets()) {}

    [[nodiscard]] std::uint64_t octets() const { return octets_; }
    // The oldest segment, unless it is the last.
    [[nodiscard]] const Segment* oldest() const {
        return next_ + 1 < view_.parts().size() ? &view_.parts()[next_].segment : nullptr;
    }
    // A jump of the clock to the year 2100 must not age everything at once.
    [[nodiscard]] std::int64_t believable(std::int64_t now_ns) const {
        std::optional<std::int64_t> newest_ns;
        for (std::size_t i = next_; i + 1 < view_.parts().size(); ++i)
            newest_ns = std::max(newest_ns.value_or(INT64_MIN), view_.parts()[i].segment.t1_ns);
        return newest_ns && *newest_ns < now_ns - kLongestSilenceNs ? *newest_ns : now_ns;
    }
    // The stamp by which the oldest segment ages: its newest one, or, where a clock that was wrong made that,
    // the first possible one behind it. Nothing: it does not age yet.
    [[nodiscard]] std::optional<std::int64_t> ages_by_ns(std::int64_t now_ns) const {
        for (std::size_t i = next_; i < view_.parts().size(); ++i) {
            const Segment& segment = view_.parts()[i].segment;
            const std::int64_t newest_ns = segment.empty() ? segment.header.created_ns : segment.t1_ns;
            if (newest_ns >= kFirstPossibleNs && newest_ns <= now_ns) return newest_ns;
        }
        return std::nullopt;
    }
    Segment give() {
        const Segment& segment = view_.parts()[next_++].segment;
        octets_ -= std::min(octets_, segment.file_octets);
        return segment;
    }

  private:
    JournalView view_;
    std::size_t next_ = 0;
    std::uint64_t octets_;
};

}  // namespace

std::vector<Journal::Victim> Journal::plan_trim(const std::map<StreamId, Limits>& limits,
                                                std::uint64_t total_octets, std::int64_t now_ns) const {
    std::vector<Victim> victims;
    std::map<StreamId, Remains> remains;
    for (const auto& [id, stream] : streams_) remains.emplace(id, Remains(*stream));
    for (const auto& [id, limit] : limits) {
        Remains& stream = remains.at(id);
        const std::int64_t horizon_ns =
            stream.believable(now_ns) - std::chrono::nanoseconds(limit.age).count();
        while (stream.oldest() != nullptr) {
            const auto newest_ns = stream.ages_by_ns(now_ns);
            const bool old = limit.age.count() > 0 && newest_ns && *newest_ns < horizon_ns;
            const bool large = limit.octets > 0 && stream.octets() > limit.octets;
            if (!large && !old) break;
            victims.push_back({stream.give(), old});
        }
    }
    std::uint64_t total = 0;
    for (const auto& [id, stream] : remains) total += stream.octets();
    for (const StreamId id : kDropOrder) {
        Remains& stream = remains.at(id);
        while (total_octets > 0 && total > total_octets && stream.oldest() != nullptr) {
            victims.push_back({stream.give(), false});
            total -= std::min(total, victims.back().segment.file_octets);
        }
    }
    return victims;
}

Result<std::size_t> Journal::drop(const std::vector<Victim>& victims) {
    std::size_t dropped = 0;
    for (const Victim& victim : victims) {
        const auto done = streams_.at(victim.segment.header.stream)->drop_oldest();
        if (!done) return fail(done.error());
        dropped += *done ? 1 : 0;
    }
    return dropped;
}

}  // namespace outstation::store
