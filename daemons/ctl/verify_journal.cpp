// SPDX-License-Identifier: GPL-3.0-or-later
// Verifying the journal frame by frame, upon its own parsers.
#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "daemons/ctl/verify.hpp"
#include "lib/store/columns/frame_columns.hpp"
#include "lib/store/journal/salvage.hpp"
#include "lib/store/journal/segment.hpp"
#include "lib/store/journal/set_aside.hpp"
#include "lib/store/journal/tail.hpp"
#include "lib/store/recover.hpp"
#include "lib/wire/records.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::ctl {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMostSegmentBytes = 256ULL << 20U;
constexpr int kTries = 10;  // a frame that is being written is whole at the next look
constexpr auto kPause = 50ms;

// What the next segment of the stream must fit.
struct Before {
    std::uint64_t end_sequence = 0;
    std::uint32_t chain = 0;
};

struct Loaded {
    std::string bytes;
    Result<void> read;  // what the disk said where it could not read all of them
    store::SegmentContents contents;
};

// The trailer points to an index that has just the frames that are there.
bool index_holds(const Loaded& loaded) {
    const std::string_view bytes = loaded.bytes;
    const std::uint32_t seed = loaded.contents.segment.seed;
    const auto offset = store::parse_trailer(store::trailer_place(bytes), seed);
    if (!offset || *offset > bytes.size()) return false;
    const auto frame = bytes.substr(*offset);
    const auto header = store::parse_frame_header(frame, seed);
    if (!header || frame.size() < store::kFrameHeaderOctets) return false;
    const auto body =
        store::read_body(*header, frame.substr(store::kFrameHeaderOctets, header->payload_octets));
    if (!body) return false;
    const auto entries = store::parse_index(*body);
    return entries && *entries == loaded.contents.entries;
}

class JournalCheck {
  public:
    JournalCheck(std::string directory, VerifyReport& report)
        : directory_(std::move(directory)), report_(report) {}

    [[nodiscard]] Result<JournalFindings> check() {
        const auto names = files_->list(directory_);
        if (!names) return fail(names.error());
        find_identity(*names);
        for (const StreamId stream : kStreams) check_stream(stream, *names);
        return std::move(out_);
    }

  private:
    void add(const std::string& name, std::uint64_t first, std::uint64_t last, std::string what,
             std::int64_t t0_ns = 0, std::int64_t t1_ns = 0) {
        if (first > last) first = last = 0;
        report_.add(part_, {"journal/" + name, "", first, last, t0_ns, t1_ns, std::move(what)});
    }
    // Where the disk gives an error the octets are made up, and `all` says so.
    [[nodiscard]] Result<std::string> read(const std::string& name, Result<void>& all) const {
        const auto file = files_->open(directory_ + "/" + name, store::FileSystem::Mode::read);
        if (!file) return fail(file.error());
        const auto size = (*file)->size();
        if (!size) return fail(size.error());
        return store::read_all(**file, std::min(*size, kMostSegmentBytes), all);
    }

    void find_identity(const std::vector<std::string>& names);
    void check_stream(StreamId stream, const std::vector<std::string>& names);
    [[nodiscard]] Result<Loaded> load(const std::string& name, const store::SegmentName& parsed);
    [[nodiscard]] Result<Loaded> load_quiet(const std::string& name, const store::SegmentName& parsed);
    void check_segment(const std::string& name, const store::SegmentName& parsed, bool newest);
    void check_loaded(const std::string& name, const Loaded& loaded, bool newest);
    void not_loaded(const std::string& name, const Error& error);
    void check_place(const std::string& name, const store::Segment& segment);
    void check_end(const std::string& name, const Loaded& loaded, bool newest);
    void check_body(const std::string& name, const Loaded& loaded, const store::FrameEntry& entry);
    [[nodiscard]] Result<wire::FrameBody> decode(const store::FrameHeader& header, std::string_view payload);
    void take_ledger(const wire::FrameBody& body);

    std::unique_ptr<store::FileSystem> files_ = store::make_real_file_system();
    std::string directory_;
    VerifyReport& report_;
    std::string part_ = "journal";
    JournalFindings out_;
    bool header_whole_ = false;  // of the segment loaded last
    std::optional<Before> before_;
    store::FrameDecoder decoder_;
    std::uint64_t decodes_next_ = 0;  // the sequence of the frame of columns that the decoder can go on with
};

void JournalCheck::find_identity(const std::vector<std::string>& names) {
    constexpr const char* kAside = "identity.bad";
    if (std::find(names.begin(), names.end(), kAside) != names.end())
        add(kAside, 0, 0, "set aside, because it was damaged");
    Result<void> all;
    const auto bytes = read("identity", all);
    const auto epochs = !bytes ? fail(bytes.error())
                        : all  ? store::parse_epochs(*bytes)
                               : Result<store::Epochs>(fail(all.error()));
    if (epochs) {
        out_.epochs = *epochs;
        return;
    }
    if (epochs.error().code == ErrorCode::refused) {
        report_.pass_over(part_, "journal/identity", epochs.error().text);
    } else {
        add("identity", 0, 0, epochs.error().text);
    }
    for (const std::string& name : names) {
        const auto page = store::parse_segment_name(name) ? read(name, all) : fail(ErrorCode::malformed, "");
        const auto header = page ? store::parse_segment_header(*page) : fail(ErrorCode::malformed, "");
        if (!header) continue;
        out_.epochs.identity = header->identity;
        out_.epochs.add_found(*header);
    }
}

void JournalCheck::check_stream(StreamId stream, const std::vector<std::string>& names) {
    before_.reset();
    part_ = "journal " + std::string(stream_name(stream));
    std::vector<std::pair<std::string, store::SegmentName>> segments;
    for (const std::string& name : names) {
        const auto parsed = store::parse_segment_name(name);
        if (parsed && parsed->stream == stream) segments.emplace_back(name, *parsed);
        const auto set_aside = store::parse_set_aside_name(name);
        if (set_aside && set_aside->stream == stream) add(name, 0, 0, kSetAside);
    }
    if (stream == StreamId::samples && !segments.empty())
        out_.first_sample = segments.front().second.first_sequence;
    for (const auto& [name, parsed] : segments) check_segment(name, parsed, &name == &segments.back().first);
}

Result<Loaded> JournalCheck::load(const std::string& name, const store::SegmentName& parsed) {
    Loaded out;
    auto bytes = read(name, out.read);
    if (!bytes) return fail(bytes.error());
    out.bytes = std::move(*bytes);
    auto header =
        store::parse_segment_header(std::string_view(out.bytes).substr(0, store::kSegmentHeaderOctets));
    if (!header && header.error().code == ErrorCode::refused) return fail(header.error());
    header_whole_ =
        header && header->stream == parsed.stream && header->first_sequence == parsed.first_sequence;
    if (!header_whole_)
        header = store::SegmentHeader{out_.epochs.at(parsed.stream, parsed.first_sequence), parsed.stream,
                                      parsed.first_sequence, 0, 0};
    store::Segment& segment = out.contents.segment;
    segment.path = name;
    segment.header = *header;
    segment.seed = store::frame_seed(header->identity, header->stream, header->first_sequence);
    segment.end_sequence = header->first_sequence;
    segment.chain = header->previous_chain;
    segment.file_octets = out.bytes.size();
    if (out.bytes.size() > store::kSegmentHeaderOctets) store::scan_frames(out.bytes, out.contents);
    return out;
}

// Looks again at what may just be written to.
Result<Loaded> JournalCheck::load_quiet(const std::string& name, const store::SegmentName& parsed) {
    auto out = load(name, parsed);
    for (int i = 0; out && out->read && i < kTries; ++i) {
        const store::SegmentContents& found = out->contents;
        const bool half_sealed = found.segment.sealed && !index_holds(*out);
        if (!found.tail.exists() && found.damage.empty() && !half_sealed) break;
        std::this_thread::sleep_for(kPause);
        out = load(name, parsed);
    }
    return out;
}

void JournalCheck::check_segment(const std::string& name, const store::SegmentName& parsed, bool newest) {
    const auto loaded = newest ? load_quiet(name, parsed) : load(name, parsed);
    if (loaded) {
        check_loaded(name, *loaded, newest);
        before_ = Before{loaded->contents.segment.end_sequence, loaded->contents.segment.chain};
    } else {
        not_loaded(name, loaded.error());
        before_.reset();
    }
}

void JournalCheck::not_loaded(const std::string& name, const Error& error) {
    if (error.code == ErrorCode::not_found) return;  // dropped meanwhile
    ++report_.part(part_).files;
    if (error.code == ErrorCode::refused) {
        report_.pass_over(part_, "journal/" + name, error.text);
    } else {
        add(name, 0, 0, error.text);
    }
}

void JournalCheck::check_loaded(const std::string& name, const Loaded& loaded, bool newest) {
    const store::SegmentContents& contents = loaded.contents;
    ++report_.part(part_).files;
    if (!loaded.read) add(name, 0, 0, "the disk cannot read all of it: " + loaded.read.error().text);
    if (!header_whole_) add(name, 0, 0, "the segment header is damaged");
    check_place(name, contents.segment);
    for (const store::Damage& damage : contents.damage)
        add(name, damage.first_sequence, damage.last_sequence, damage.what);
    for (const store::FrameEntry& entry : contents.entries) {
        if (entry.info.gap()) continue;
        report_.part(part_).records += entry.info.records;
        check_body(name, loaded, entry);
    }
    check_end(name, loaded, newest);
}

void JournalCheck::check_place(const std::string& name, const store::Segment& segment) {
    if (!out_.epochs.has(segment.header.identity)) add(name, 0, 0, "it is of another station or epoch");
    if (!before_) return;
    const std::uint64_t first = segment.header.first_sequence;
    if (first > before_->end_sequence)
        add(name, before_->end_sequence, first - 1, "records are missing before this segment");
    else if (first < before_->end_sequence)
        add(name, first, before_->end_sequence - 1, "records are in the segment before, too");
    else if (header_whole_ && segment.header.previous_chain != before_->chain)
        add(name, 0, 0, "the chain from the segment before is broken");
}

void JournalCheck::check_end(const std::string& name, const Loaded& loaded, bool newest) {
    const store::SegmentContents& contents = loaded.contents;
    if (contents.segment.sealed) {
        if (!index_holds(loaded)) add(name, 0, 0, "the index is damaged");
        return;
    }
    const store::Tail& tail = contents.tail;
    if (tail.exists() && tail.end_sequence > contents.segment.end_sequence)
        add(name, contents.segment.end_sequence, tail.end_sequence - 1,
            "octets behind the last record are none: a write that was cut short, or at most these records "
            "damaged",
            tail.t0_ns, tail.t1_ns);
    else if (!newest)
        add(name, 0, 0, "the index is damaged");
}

// The checksums hold; does it say what the header says?
void JournalCheck::check_body(const std::string& name, const Loaded& loaded, const store::FrameEntry& entry) {
    const auto frame = std::string_view(loaded.bytes).substr(entry.offset);
    const auto header = store::parse_frame_header(frame, loaded.contents.segment.seed);
    if (!header) return;
    const std::size_t used = store::kFrameHeaderOctets + header->payload_octets;
    if (store::has_octets(frame.substr(used, static_cast<std::size_t>(header->total_octets()) - used)))
        add(name, 0, 0, "octets between frames are not zero");
    const auto body = decode(*header, frame.substr(store::kFrameHeaderOctets, header->payload_octets));
    if (body) take_ledger(*body);
    if (body && body->samples.size() + body->states.size() + body->ledger.size() == entry.info.records)
        return;
    add(name, entry.info.first_sequence, entry.end_sequence() - 1,
        "a frame does not hold its records" + (body ? std::string() : ": " + body.error().text),
        entry.info.t0_ns, entry.info.t1_ns);
}

// A frame of columns is relative to those before it, back to one that stands alone; a segment begins with
// one.
Result<wire::FrameBody> JournalCheck::decode(const store::FrameHeader& header, std::string_view payload) {
    const std::uint64_t goes_on_with = std::exchange(decodes_next_, 0);
    if (header.codec != store::Codec::columns) {
        const auto body = store::read_body(header, payload);
        return body ? wire::decode<wire::FrameBody>(*body) : fail(body.error());
    }
    if (!store::FrameDecoder::keyed(payload) && header.info.first_sequence != goes_on_with)
        return fail(ErrorCode::malformed, "one that it needs cannot be read");
    auto body = decoder_.decode(payload);
    if (body) decodes_next_ = header.info.end_sequence();
    return body;
}

void JournalCheck::take_ledger(const wire::FrameBody& body) {
    for (const wire::LedgerRecord& entry : body.ledger) {
        const bool explains = entry.account == wire::Account::dropped || entry.reason == store::kTailReason;
        if (explains && entry.stream == StreamId::samples && entry.first_sequence > 0 &&
            entry.first_sequence <= entry.last_sequence)
            out_.explained.add({entry.first_sequence, entry.last_sequence});
    }
}

}  // namespace

Result<JournalFindings> verify_journal(const std::string& directory, VerifyReport& report) {
    return JournalCheck(directory, report).check();
}

}  // namespace outstation::ctl
