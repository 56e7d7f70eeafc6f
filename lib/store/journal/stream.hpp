// SPDX-License-Identifier: GPL-3.0-or-later
// One stream of the journal: frames appended durably, read back by sequence or time, dropped oldest first.
// One frame is one write and one sync. Threads: open, prepare, write and drop by one thread at a time; view()
// and its reads by any thread, without ever making the writer wait for I/O.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "lib/store/journal/segment.hpp"
#include "lib/store/journal/set_aside.hpp"

namespace outstation::store {

// Octets that a frame with this body takes, at most; and what sealing takes with this many frames.
[[nodiscard]] std::uint64_t frame_room(std::uint64_t body_octets);
[[nodiscard]] std::uint64_t index_room(std::size_t frames);

// The segments and durable frames of a stream at one moment. Segments dropped meanwhile read as not_found.
class JournalView {
  public:
    struct Part {
        Segment segment;
        std::optional<std::vector<FrameEntry>> entries;  // in memory while the segment is not sealed
    };

    JournalView(FileSystem& files, std::vector<Part> parts) : files_(files), parts_(std::move(parts)) {}

    [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
    [[nodiscard]] std::uint64_t first_sequence() const;  // 0 when there is nothing
    [[nodiscard]] std::uint64_t end_sequence() const;    // one behind the last durable record
    // The oldest part that never goes: the last one that has a record, because the marks of producers stand
    // where records are; the first one when none has.
    [[nodiscard]] std::size_t first_lasting() const;
    // The frames of one part, in the order of their sequence numbers.
    [[nodiscard]] Result<std::vector<FrameEntry>> entries(std::size_t part);
    // The body of one of them. Fails with malformed when it is damaged.
    [[nodiscard]] Result<FrameBytes> read_frame(std::size_t part, const FrameEntry& entry);
    [[nodiscard]] Result<std::string> read(std::size_t part, const FrameEntry& entry);

  private:
    [[nodiscard]] Result<const File*> open(std::size_t part);

    FileSystem& files_;
    std::vector<Part> parts_;
    std::size_t open_part_ = 0;
    std::unique_ptr<File> file_;  // of open_part_
};

class JournalStream {
  public:
    // The first segment of a stream has at most so many octets, each further one twice as many as the one
    // before, up to Options::segment_octets.
    static constexpr std::uint64_t kFirstSegmentOctets = 1U << 20;

    struct Options {
        StreamId stream = StreamId::samples;
        std::string directory;
        const Epochs* epochs = nullptr;            // outlive the stream
        std::uint64_t segment_octets = 16U << 20;  // at most, but for a frame that needs more
        // The next segment lies ready as STREAM.spare whenever there is room, so that the stream goes on for
        // a while on a full disk.
        bool spare = false;
        // Asked before a new file of so many octets is made; fails with exhausted. None: always.
        std::function<Result<void>(std::uint64_t octets)> may_grow;
        SetAside* set_aside = nullptr;  // for drop_to(); outlives the stream
    };
    struct Opened {
        std::vector<Damage> damage;
        bool torn_tail =
            false;  // octets behind the last frame, of a write or seal that was cut short at best
        // What earlier openings stated: numbers that no record has. Told there as damage, and nobody knows
        // whether that was kept.
        std::vector<Damage> gaps;
    };

    // Reads what is there. The last frame is written and synced again: after a crash it may be in memory
    // only. Where octets at the end are no frame, the numbers that their records may have had are not given
    // again: a gap is written that covers them, and told as damage. A segment that cannot be opened is
    // damage; the newest one fails with io, because the numbers in it are not known. A segment of another
    // station or epoch is told and let be; nothing is appended to one of a former epoch of ours; fails with
    // refused when numbers of ours would come to its name.
    [[nodiscard]] static Result<std::unique_ptr<JournalStream>> open(FileSystem& files, Options options,
                                                                     const std::vector<std::string>& names,
                                                                     Opened& opened);

    [[nodiscard]] std::uint64_t next_sequence() const;
    [[nodiscard]] const Epochs& epochs() const { return *options_.epochs; }
    // Makes room for a frame whose body has at most this many octets, in a new segment if need be, and tells
    // the first sequence of the segment that the next write() goes to. `now_ns` stamps a new segment. Fails
    // with exhausted when there is no room: nothing is lost, try again later.
    [[nodiscard]] Result<std::uint64_t> prepare(std::size_t body_octets, std::int64_t now_ns);
    // Writes one frame and syncs it; info.first_sequence must be next_sequence(), and info.records 1 to
    // kMaxFrameRecords (else: bug). Fails with exhausted when there was no room: it was not written, and
    // prepare() is the next thing to call. After any other failure of these two the stream refuses everything
    // until it is opened again: what was written may or may not be there.
    [[nodiscard]] Result<void> write(const FrameInfo& info, std::string_view body);
    // The same for a body that is packed already.
    [[nodiscard]] Result<void> write_columns(const FrameInfo& info, std::string_view payload);
    // Unlinks the oldest segment, unless it never goes. False when there is none to drop.
    [[nodiscard]] Result<bool> drop_oldest();
    // Makes the spare, if there ought to be one and there is room for it.
    [[nodiscard]] Result<void> make_spare();

    // Lets go of the oldest segments whose records are all up to this one, because they are kept elsewhere:
    // unlinks them, or sets aside what the device could not read. Returns how many.
    [[nodiscard]] Result<std::size_t> drop_to(std::uint64_t last_sequence);

    // The device could not read all of this segment, as somebody found who reads the views.
    void mark_incomplete(const std::string& path);

    [[nodiscard]] JournalView view() const;
    [[nodiscard]] StreamId id() const { return options_.stream; }
    [[nodiscard]] std::uint64_t octets() const;          // of all its segments
    [[nodiscard]] std::uint64_t lasting_octets() const;  // of the segments that do not go; 0: there is none
    [[nodiscard]] std::size_t segments() const;
    [[nodiscard]] std::uint64_t segment_octets() const { return options_.segment_octets; }
    // Of the spare; of one that ought to be there and is not.
    [[nodiscard]] std::uint64_t spare_octets() const { return has_spare_ ? options_.segment_octets : 0; }
    [[nodiscard]] std::uint64_t missing_spare_octets() const;

  private:
    JournalStream(FileSystem& files, Options options) : files_(files), options_(std::move(options)) {}
    [[nodiscard]] Result<void> load(const std::vector<std::string>& names, Opened& opened, Tail& tail);
    void take_in(SegmentContents contents, Opened& opened, Tail& tail);
    void note_between(const Segment& segment, Opened& opened);
    [[nodiscard]] bool is_ours(const SegmentContents& contents) const;
    [[nodiscard]] Result<void> leave_foreign(const std::vector<std::string>& paths, Opened& opened) const;
    [[nodiscard]] Result<void> find_spare(const std::vector<std::string>& names);
    [[nodiscard]] Result<void> reopen_active();
    [[nodiscard]] Result<void> settle(const Tail& tail, Opened& opened);
    [[nodiscard]] Result<void> clear_tail(const Tail& tail);
    [[nodiscard]] Result<void> clear_trailer();
    [[nodiscard]] Result<void> write_gaps(const Tail& tail, Opened& opened);
    [[nodiscard]] Result<void> make_room_behind(std::uint64_t offset, std::uint64_t gaps);
    [[nodiscard]] Result<void> cut_back();
    [[nodiscard]] Result<void> seal();
    [[nodiscard]] Result<void> write_index();
    [[nodiscard]] std::uint64_t next_segment_octets() const;
    [[nodiscard]] Result<void> create(std::uint64_t body_octets, std::int64_t now_ns);
    [[nodiscard]] Result<void> make_segment_file(const Segment& segment);
    [[nodiscard]] Result<void> use_spare(const std::string& name, std::string_view head);
    [[nodiscard]] Result<std::uint64_t> prepare_segment(std::size_t body_octets, std::int64_t now_ns);
    [[nodiscard]] Result<void> settle_write(Result<void> written);
    [[nodiscard]] Result<void> write_frame(const FrameInfo& info, Codec codec, std::string_view body);
    [[nodiscard]] Result<void> put(FrameHeader& header, std::string_view payload);
    [[nodiscard]] Result<bool> let_go_of_oldest(bool sealed_elsewhere);
    [[nodiscard]] Result<void> take_away(const Segment& segment, bool sealed_elsewhere);
    [[nodiscard]] Result<void> usable() const;
    [[nodiscard]] std::string spare_name() const;

    FileSystem& files_;
    Options options_;
    std::unique_ptr<File> active_;  // of the last segment, unless that is sealed
    bool failed_ = false;
    std::uint64_t torn_octets_ = 0;  // of a frame that did not fit on the disk, behind the last one
    bool sealing_ = false;           // its index did not fit on the disk: nothing else goes there
    std::atomic<bool> has_spare_ = false;

    mutable std::mutex mutex_;  // guards what follows; held for memory operations only
    std::vector<Segment> segments_;
    std::vector<FrameEntry> active_entries_;
};

}  // namespace outstation::store
