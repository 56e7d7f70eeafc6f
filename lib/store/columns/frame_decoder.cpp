// SPDX-License-Identifier: GPL-3.0-or-later
// Columns of a frame to its records. The bytes may be hostile: every length is checked before it is used, and
// what is remembered has a limit.
#include <algorithm>
#include <array>

#include "lib/store/columns/compress.hpp"
#include "lib/store/columns/frame_history.hpp"
#include "lib/store/columns/integer_columns.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {

using namespace columns;

namespace {

tl::unexpected<Error> damaged(std::string_view what) {
    return fail(ErrorCode::malformed, "frame: " + std::string(what) + " is damaged");
}

struct Clock {
    std::string boot_id;
    ClockQuality quality = ClockQuality::unknown;
};

// What the head says before the models of its columns.
struct FrameHead {
    std::size_t records = 0;
    std::vector<Clock> clocks;
    std::string_view definitions, models;
    std::array<std::string_view, kFramePartCount> parts;
};

bool read_clocks(Cursor& in, FrameHead& head) {
    const std::uint64_t count = in.varint_up_to(std::min(head.records, in.left()));
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        const std::string_view boot_id = in.bytes(in.varint());
        head.clocks.push_back({std::string(boot_id), ClockQuality{in.octet()}});
    }
    return in.ok();
}

bool read_head(Cursor& in, std::string_view body, FrameHead& head) {
    head.records = in.varint_up_to(kMaxFrameRecords);
    if (head.records == 0) return in.ok() && in.left() == 0 && body.empty();
    if (!read_clocks(in, head)) return false;
    head.definitions = in.bytes(in.varint());
    head.models = in.bytes(in.varint());
    Cursor parts(body);
    for (std::string_view& part : head.parts) part = parts.bytes(in.varint());
    return in.ok() && in.left() == 0 && parts.ok() && parts.left() == 0;
}

bool read_series(Cursor& in, std::uint64_t count, std::vector<std::uint32_t>& out) {
    out.reserve(count);
    std::uint64_t id = 0;
    for (std::uint64_t i = 0; i < count; ++i, ++id) {
        id += unzigzag(in.varint());
        if (id > UINT32_MAX) return false;
        out.push_back(static_cast<std::uint32_t>(id));
    }
    return in.ok();
}

// Decodes the records of one frame.
class FrameReading {
  public:
    FrameReading(const FrameHead& head, std::string_view bits, FrameHistory& history,
                 std::vector<wire::SampleRecord>& out)
        : head_(head),
          history_(history),
          out_(out),
          columns_(head.models, head.parts[0], head.parts[4], bits),
          hints_(head.parts[1]),
          forms_(head.parts[2]),
          changes_(head.parts[3]),
          streams_{Cursor(head.parts[5]), Cursor(head.parts[6]), Cursor(head.parts[7])} {}

    bool run() {
        out_.resize(head_.records);
        if (!resolve() || !read_stamps()) return false;
        for (const auto& [shape, members] : new_) {
            if (!first_values(shape.first, shape.second, members)) return false;
        }
        return columns_.at_end_of_models() && hints_.left() == 0 && forms_.left() == 0 && values();
    }

  private:
    // Gives each record its source, and reads the definitions of those that are new.
    bool resolve() {
        sources_.resize(head_.records);
        if (!columns_.read(sources_)) return false;
        Cursor definitions(head_.definitions);
        std::size_t values = 0;
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            const bool is_new = sources_[i] == history_.sources.size();
            if (sources_[i] > history_.sources.size() || (is_new && !define(definitions))) return false;
            const Source& source = history_.sources[sources_[i]];
            values += source.size();
            if (values > kMaxFrameValues) return false;
            is_new_.push_back(is_new);
            if (is_new) new_[{source.counter_series.size(), source.gauge_series.size()}].push_back(i);
        }
        return definitions.ok() && definitions.left() == 0;
    }

    bool define(Cursor& in) {
        Source source;
        source.device = in.bytes(in.varint());
        const std::uint64_t counters = in.varint_up_to(in.left());
        const std::uint64_t gauges = in.varint_up_to(in.left());
        if (counters + gauges > in.left() || history_.sources.size() >= kMaxSources ||
            history_.values + counters + gauges > kMaxFrameValues ||
            history_.name_octets + source.device.size() > kMaxFrameNameOctets)
            return false;
        if (!read_series(in, counters, source.counter_series) ||
            !read_series(in, gauges, source.gauge_series))
            return false;
        source.states.resize(source.size());
        history_.values += source.size();
        history_.name_octets += source.device.size();
        history_.sources.push_back(std::move(source));
        return in.ok();
    }

    bool read_stamps() {
        const auto count_new = static_cast<std::size_t>(std::count(is_new_.begin(), is_new_.end(), 1));
        std::vector<std::uint64_t> clocks(head_.records), offsets(head_.records), first_walls(count_new),
            walls(head_.records - count_new);
        if (!columns_.read(clocks) || !columns_.read(offsets) || !columns_.read(first_walls) ||
            !columns_.read(walls))
            return false;
        auto first_wall = first_walls.begin();
        auto wall = walls.begin();
        std::size_t name_octets = 0;
        for (std::size_t i = 0; i < head_.records; ++i) {
            if (clocks[i] >= head_.clocks.size()) return false;
            const Clock& clock = head_.clocks[clocks[i]];
            Source& source = history_.sources[sources_[i]];
            name_octets += source.device.size() + clock.boot_id.size();
            if (name_octets > kMaxFrameNameOctets) return false;
            wire::SampleRecord& record = out_[i];
            record.device = source.device;
            record.counter_series = source.counter_series;
            record.gauge_series = source.gauge_series;
            record.counters.resize(source.counter_series.size());
            record.gauges.resize(source.gauge_series.size());
            if (is_new_[i] != 0) {
                source.wall_ns = static_cast<std::int64_t>(*first_wall++);
            } else {
                source.saw_wall(static_cast<std::int64_t>(
                    *wall++ + static_cast<std::uint64_t>(source.expected_wall_ns())));
            }
            record.stamp.wall_ns = source.wall_ns;
            record.stamp.mono_ns =
                static_cast<std::int64_t>(static_cast<std::uint64_t>(source.wall_ns) + offsets[i]);
            record.stamp.boot_id = clock.boot_id;
            record.stamp.quality = clock.quality;
        }
        return true;
    }

    bool first_values(std::size_t counters, std::size_t gauges, const std::vector<std::size_t>& members) {
        std::vector<std::uint64_t> column(members.size());
        for (std::size_t position = 0; position < counters + gauges; ++position) {
            if (!columns_.read(column)) return false;
            for (std::size_t i = 0; i < members.size(); ++i) {
                const DecimalForm form = position < counters ? kQuotientForm : forms_.octet();
                if (!is_decimal_form(form)) return false;
                wire::SampleRecord& record = out_[members[i]];
                history_.sources[sources_[members[i]]].states[position].start(column[i], form,
                                                                              hints_.octet());
                if (position < counters) {
                    record.counters[position] = column[i];
                } else {
                    record.gauges[position - counters] = double_of(column[i], form);
                }
            }
        }
        return hints_.ok() && forms_.ok();
    }

    bool values() {
        BitReader bits(columns_.bits());
        next_change();
        for (std::size_t i = 0; i < head_.records; ++i) {
            if (is_new_[i] != 0) continue;
            SeriesState* state = history_.sources[sources_[i]].states.data();
            for (std::uint64_t& counter : out_[i].counters) counter = value(*state++, bits);
            for (double& gauge : out_[i].gauges) {
                if (until_change_-- == 0 && !change_form(*state)) return false;
                const DecimalForm form = state->form();
                gauge = double_of(value(*state++, bits), form);
            }
            if (octets_of_bits(bits.position()) > columns_.bits().size()) return false;
        }
        const auto drained = [](Cursor& in) { return in.ok() && in.left() == 0; };
        return drained(changes_) && drained(streams_[0]) && drained(streams_[1]) && drained(streams_[2]) &&
               drained(columns_.escapes()) && octets_of_bits(bits.position()) == columns_.bits().size();
    }

    std::uint64_t value(SeriesState& state, BitReader& bits) {
        const std::size_t best = state.best();
        const std::int16_t cost = state.cost(best);
        const unsigned low = SeriesState::low_bits(cost);
        std::uint64_t high = streams_[SeriesState::stream(cost)].octet();
        if (high == kEscape) high += columns_.escapes().varint();
        const std::uint64_t number = state.guess(best) + unzigzag(high << low | bits.get(low));
        state.learn(number);
        return number;
    }

    // How many gauges come before the next change of form.
    void next_change() { until_change_ = changes_.left() == 0 ? UINT64_MAX : changes_.varint(); }

    bool change_form(SeriesState& state) {
        const DecimalForm form = changes_.octet();
        if (!changes_.ok() || !is_decimal_form(form)) return false;
        state.change_form(form);
        next_change();
        if (until_change_ == 0) return false;  // the gauge has changed its form already
        --until_change_;                       // the gauge whose form has changed
        return true;
    }

    const FrameHead& head_;
    FrameHistory& history_;
    std::vector<wire::SampleRecord>& out_;
    IntegerColumnsIn columns_;
    Cursor hints_, forms_, changes_;
    std::array<Cursor, 3> streams_;
    std::vector<std::uint64_t> sources_;
    std::vector<char> is_new_;
    NewRecords new_;
    std::uint64_t until_change_ = 0;
};

struct Payload {
    bool keyed = false;
    std::string head, body;
    std::string_view bits;
};

Result<Payload> unpack(std::string_view payload) {
    Payload out;
    Cursor in(payload);
    const std::uint8_t flags = in.octet();
    const std::uint64_t head_octets = in.varint_up_to(kMaxPlainOctets);
    const std::uint64_t packed_head_octets = in.varint();
    const std::uint64_t body_octets = in.varint_up_to(kMaxPlainOctets);
    const std::uint64_t packed_body_octets = in.varint();
    const std::string_view packed_head = in.bytes(packed_head_octets);
    const std::string_view packed_body = in.bytes(packed_body_octets);
    if (!in.ok() || flags > kFrameKeyed) return damaged("beginning");
    auto head = decompress(packed_head, head_octets);
    if (!head) return fail(head.error().in("frame: head"));
    auto body = decompress(packed_body, body_octets);
    if (!body) return fail(body.error().in("frame"));
    out.keyed = flags == kFrameKeyed;
    out.head = std::move(*head);
    out.body = std::move(*body);
    out.bits = in.bytes(in.left());
    return out;
}

}  // namespace

FrameDecoder::FrameDecoder() : history_(std::make_unique<FrameHistory>()) {}
FrameDecoder::~FrameDecoder() = default;
FrameDecoder::FrameDecoder(FrameDecoder&&) noexcept = default;
FrameDecoder& FrameDecoder::operator=(FrameDecoder&&) noexcept = default;

bool FrameDecoder::keyed(std::string_view payload) {
    return !payload.empty() && static_cast<std::uint8_t>(payload.front()) == kFrameKeyed;
}

Result<wire::FrameBody> FrameDecoder::rest(std::string_view bytes) {
    const auto payload = unpack(bytes);
    if (!payload) return fail(payload.error());
    Cursor in(payload->head);
    return wire::decode<wire::FrameBody>(in.bytes(in.varint()));
}

Result<wire::FrameBody> FrameDecoder::decode(std::string_view bytes) {
    const auto payload = unpack(bytes);
    if (!payload) {
        history_->usable = false;
        return fail(payload.error());
    }
    if (payload->keyed) history_ = std::make_unique<FrameHistory>();
    if (!payload->keyed && !history_->usable)
        return fail(ErrorCode::not_found, "frame: the frames before it are needed");
    history_->usable = false;  // until this frame is read
    Cursor in(payload->head);
    const std::string_view rest = in.bytes(in.varint());
    auto body = wire::decode<wire::FrameBody>(rest);
    if (!body) return body;
    FrameHead head;
    if (!body->samples.empty() || !read_head(in, payload->body, head)) return damaged("head");
    if (head.records > 0 && !FrameReading(head, payload->bits, *history_, body->samples).run())
        return damaged("a column");
    if (head.records == 0 && !payload->bits.empty()) return damaged("end");
    history_->usable = true;
    return body;
}

}  // namespace outstation::store
