// SPDX-License-Identifier: GPL-3.0-or-later
// A frame's records to columns, relative to what both sides remember.
#include <algorithm>
#include <array>
#include <bit>

#include "lib/store/columns/compress.hpp"
#include "lib/store/columns/frame_history.hpp"
#include "lib/store/columns/integer_columns.hpp"
#include "lib/wire/wire.hpp"

namespace outstation::store {

using namespace columns;

// Memory that one frame leaves to the next.
struct FrameBuffers {
    std::vector<std::uint64_t> sources, clock_of;
    std::vector<char> is_new;
    IntegerColumnsOut out;
    FrameParts parts;
    std::string head, body, packed_head, packed_body;

    // A frame with many definitions or values may need much for once; that is given back.
    void clear() {
        sources.clear();
        clock_of.clear();
        is_new.clear();
        for (std::string* text : {&out.models, &out.sink.heads, &out.sink.escapes, &out.sink.bits,
                                  &parts.hints, &parts.forms, &parts.changes, &parts.still, &parts.quiet,
                                  &parts.busy, &head, &body, &packed_head, &packed_body}) {
            text->clear();
            if (text->capacity() > kKeptOctets) text->shrink_to_fit();
        }
    }

    static constexpr std::size_t kKeptOctets = 1U << 17;  // of a text
};

namespace {

std::uint64_t bits_of(double value) {
    return std::bit_cast<std::uint64_t>(value);
}

void put_text(std::string& out, std::string_view text) {
    put_varint(out, text.size());
    out += text;
}

void put_series(std::string& out, const std::vector<std::uint32_t>& series) {
    std::uint64_t expected = 0;
    for (const std::uint64_t id : series) {
        put_varint(out, zigzag(id - expected));
        expected = id + 1;
    }
}

// The form that a series had, if it is a decimal one that still holds; otherwise the shortest.
DecimalForm form_of(std::uint64_t bits, const SeriesState* before, std::uint64_t& number) {
    if (before != nullptr && before->form() != kRawForm && integer_of(bits, before->form(), number))
        return before->form();
    return integers_of({&bits, 1}, {&number, 1});
}

// Encodes one frame.
class FrameWriting {
  public:
    FrameWriting(const wire::FrameBody& body, FrameHistory& history, FrameHistory* before,
                 FrameBuffers& buffers)
        : samples_(body.samples),
          history_(history),
          before_(before),
          sources_(buffers.sources),
          clock_of_(buffers.clock_of),
          is_new_(buffers.is_new),
          out_(buffers.out),
          parts_(buffers.parts) {}

    void run() {
        resolve();
        put_clocks();
        put_stamps();
        for (const auto& [shape, members] : new_) put_first_values(shape.first, shape.second, members);
        put_values();
    }
    // The head behind the rest of the frame.
    void put_head(std::string& head) const {
        put_varint(head, samples_.size());
        if (samples_.empty()) return;
        head += clocks_;
        put_text(head, definitions_);
        put_text(head, out_.models);
        for (const std::string* part : parts()) put_varint(head, part->size());
    }
    void put_body(std::string& body) const {
        for (const std::string* part : parts()) body += *part;
    }
    [[nodiscard]] const std::string& bits() const { return out_.sink.bits; }

  private:
    // A record that defines its source, and where its next value belongs.
    struct FirstRecord {
        const wire::SampleRecord* sample = nullptr;
        const SeriesState* known = nullptr;  // before the keyed frame; null: nothing is
        SeriesState* state = nullptr;
        std::uint64_t* gauge_bits = nullptr;
    };

    [[nodiscard]] std::array<const std::string*, kFramePartCount> parts() const {
        return {&out_.sink.heads,   &parts_.hints, &parts_.forms, &parts_.changes,
                &out_.sink.escapes, &parts_.still, &parts_.quiet, &parts_.busy};
    }

    // Gives each record its source; what has none yet defines one.
    void resolve() {
        for (std::size_t i = 0; i < samples_.size(); ++i) {
            const wire::SampleRecord& record = samples_[i];
            std::size_t source = history_.find(record);
            const bool is_new = source == history_.sources.size();
            if (is_new) {
                history_.define(record);
                put_text(definitions_, record.device);
                put_varint(definitions_, record.counters.size());
                put_varint(definitions_, record.gauges.size());
                put_series(definitions_, record.counter_series);
                put_series(definitions_, record.gauge_series);
                new_[{record.counters.size(), record.gauges.size()}].push_back(i);
            }
            sources_.push_back(source);
            is_new_.push_back(is_new);
        }
    }

    void put_clocks() {
        std::map<std::pair<std::string_view, ClockQuality>, std::uint64_t> numbers;
        std::string table;
        for (const auto& record : samples_) {
            const auto [at, is_new] = numbers.emplace(
                std::pair(std::string_view(record.stamp.boot_id), record.stamp.quality), numbers.size());
            if (is_new) {
                put_text(table, record.stamp.boot_id);
                table.push_back(static_cast<char>(record.stamp.quality));
            }
            clock_of_.push_back(at->second);
        }
        put_varint(clocks_, numbers.size());
        clocks_ += table;
    }

    void put_stamps() {
        std::vector<std::uint64_t> first_walls, walls, offsets;
        for (std::size_t i = 0; i < samples_.size(); ++i) {
            const wire::WireStamp& stamp = samples_[i].stamp;
            Source& source = history_.sources[sources_[i]];
            const auto wall = static_cast<std::uint64_t>(stamp.wall_ns);
            offsets.push_back(static_cast<std::uint64_t>(stamp.mono_ns) - wall);
            if (is_new_[i]) {
                first_walls.push_back(wall);
                source.wall_ns = stamp.wall_ns;
            } else {
                walls.push_back(wall - static_cast<std::uint64_t>(source.expected_wall_ns()));
                source.saw_wall(stamp.wall_ns);
            }
        }
        out_.add(sources_);
        out_.add(clock_of_);
        out_.add(offsets);
        out_.add(first_walls);
        out_.add(walls);
    }

    // The first values of new sources of one shape, position after position.
    void put_first_values(std::size_t counters, std::size_t gauges, const std::vector<std::size_t>& members) {
        std::vector<FirstRecord> records;
        for (const std::size_t member : members) {
            const Source* known = before_ == nullptr ? nullptr : before_->source_of(samples_[member]);
            Source& source = history_.sources[sources_[member]];
            records.push_back({&samples_[member], known == nullptr ? nullptr : known->states.data(),
                               source.states.data(), source.gauge_bits.data()});
        }
        std::vector<std::uint64_t> column;
        for (std::size_t position = 0; position < counters; ++position) {
            column.clear();
            for (FirstRecord& record : records) {
                column.push_back(record.sample->counters[position]);
                start(record, column.back(), kQuotientForm);
            }
            out_.add_any(column);
        }
        for (std::size_t position = 0; position < gauges; ++position) {
            column.clear();
            for (FirstRecord& record : records) {
                std::uint64_t number = 0;
                const auto form = form_of(bits_of(record.sample->gauges[position]), record.known, number);
                parts_.forms.push_back(static_cast<char>(form));
                column.push_back(number);
                start(record, number, form);
                *record.gauge_bits++ = bits_of(record.sample->gauges[position]);
            }
            out_.add_any(column);
        }
    }
    // The next value of a record that defines its source.
    void start(FirstRecord& record, std::uint64_t value, DecimalForm form) {
        const std::uint8_t hint = record.known == nullptr ? std::uint8_t{0} : record.known++->hint();
        parts_.hints.push_back(static_cast<char>(hint));
        record.state++->start(value, form, hint);
    }

    void put_values() {
        std::size_t most = 0;
        for (std::size_t i = 0; i < samples_.size(); ++i) most += is_new_[i] != 0 ? 0 : samples_[i].size();
        for (std::string* stream : {&parts_.still, &parts_.quiet, &parts_.busy}) stream->resize(most);
        char* at[] = {parts_.still.data(), parts_.quiet.data(), parts_.busy.data()};
        BitWriter bits(out_.sink.bits, 0);
        for (std::size_t i = 0; i < samples_.size(); ++i) {
            if (is_new_[i] != 0) continue;
            const wire::SampleRecord& record = samples_[i];
            bits.make_room(record.size() * kMaxPackedBits);
            Source& source = history_.sources[sources_[i]];
            SeriesState* state = source.states.data();
            for (const std::uint64_t counter : record.counters) put_value(counter, *state++, at, bits);
            put_gauges(record.gauges, state, source.gauge_bits.data(), at, bits);
        }
        bits.finish();
        parts_.still.resize(static_cast<std::size_t>(at[0] - parts_.still.data()));
        parts_.quiet.resize(static_cast<std::size_t>(at[1] - parts_.quiet.data()));
        parts_.busy.resize(static_cast<std::size_t>(at[2] - parts_.busy.data()));
    }

    // `before`: what the gauges were, so that one that stays is not made a number again.
    void put_gauges(const std::vector<double>& gauges, SeriesState* state, std::uint64_t* before, char** at,
                    BitWriter& bits) {
        for (const double gauge : gauges) {
            const std::uint64_t value = bits_of(gauge);
            std::uint64_t number = state->last();
            if (*before != value && !integer_of(value, state->form(), number))
                change_form(value, *state, number);
            *before++ = value;
            ++since_change_;
            put_value(number, *state++, at, bits);
        }
    }

    void change_form(std::uint64_t value, SeriesState& state, std::uint64_t& number) {
        const DecimalForm form = integers_of({&value, 1}, {&number, 1});
        put_varint(parts_.changes, since_change_);
        parts_.changes.push_back(static_cast<char>(form));
        since_change_ = 0;
        state.change_form(form);
    }

    void put_value(std::uint64_t value, SeriesState& state, char** at, BitWriter& bits) {
        const std::int16_t cost = state.cost(state.best());
        if (cost == 0 && state.rests_on(value)) {
            *at[SeriesState::stream(0)]++ = 0;
            return state.rest();
        }
        const unsigned low = SeriesState::low_bits(cost);
        const std::uint64_t z = zigzag(state.take(value));
        const std::uint64_t high = z >> low;
        if (low != 0) bits.put(z, low);
        if (high >= kEscape) put_varint(out_.sink.escapes, high - kEscape);
        *at[SeriesState::stream(cost)]++ = static_cast<char>(std::min<std::uint64_t>(high, kEscape));
    }

    const std::vector<wire::SampleRecord>& samples_;
    FrameHistory& history_;
    FrameHistory* before_;  // of the last keyed frame; only its hints are used
    std::vector<std::uint64_t>& sources_;
    std::vector<std::uint64_t>& clock_of_;
    std::vector<char>& is_new_;
    IntegerColumnsOut& out_;
    FrameParts& parts_;
    NewRecords new_;
    std::string clocks_, definitions_;
    std::size_t since_change_ = 0;
};

struct FrameSize {
    std::size_t values = 0;
    std::size_t name_octets = 0;
};

Result<FrameSize> size_of(const wire::FrameBody& body) {
    FrameSize size;
    for (const auto& record : body.samples) {
        if (!record.valid()) return fail(ErrorCode::malformed, "frame: columns of different length");
        size.values += record.size();
        size.name_octets += record.device.size() + record.stamp.boot_id.size();
    }
    if (body.samples.size() > kMaxFrameRecords || size.values > kMaxFrameValues ||
        size.name_octets > kMaxFrameNameOctets)
        return fail(ErrorCode::exhausted, "frame: " + std::to_string(body.samples.size()) + " records of " +
                                              std::to_string(size.values) + " values");
    return size;
}

// What is not a sample record, as it is.
std::string rest_of(const wire::FrameBody& body) {
    wire::FrameBody rest;
    rest.series = body.series;
    rest.batches = body.batches;
    rest.states = body.states;
    rest.boot_id = body.boot_id;
    rest.last_series = body.last_series;
    rest.producers = body.producers;
    return wire::encode(rest);
}

}  // namespace

FrameEncoder::FrameEncoder()
    : history_(std::make_unique<FrameHistory>()), buffers_(std::make_unique<FrameBuffers>()) {}
FrameEncoder::~FrameEncoder() = default;
FrameEncoder::FrameEncoder(FrameEncoder&&) noexcept = default;
FrameEncoder& FrameEncoder::operator=(FrameEncoder&&) noexcept = default;

std::size_t FrameEncoder::devices() const {
    return history_->by_device.size();
}

// Starts anew, but keeps what was known of the series as hints, unless little was.
void FrameEncoder::forget() {
    auto old = std::exchange(history_, std::make_unique<FrameHistory>());
    if (before_ == nullptr || old->values >= before_->values / 2) before_ = std::move(old);
}

Result<std::string> FrameEncoder::encode(const wire::FrameBody& body, bool keyed, const Define& define) {
    const auto size = size_of(body);
    if (!size) return fail(size.error());
    keyed = keyed || !history_->usable ||
            !history_->has_room(body.samples.size(), size->values, size->name_octets);
    if (keyed) forget();
    history_->usable = false;  // until this frame is whole
    buffers_->clear();
    FrameWriting writing(body, *history_, before_.get(), *buffers_);
    writing.run();
    std::string& head = buffers_->head;
    std::string& plain = buffers_->body;
    std::string& packed_head = buffers_->packed_head;
    std::string& packed = buffers_->packed_body;
    const std::string definitions = define ? define(buffers_->is_new) : std::string();
    const std::string rest = rest_of(body);
    put_varint(head, definitions.size() + rest.size());
    head.append(definitions).append(rest);
    writing.put_head(head);
    writing.put_body(plain);
    append_compressed(packed_head, head);
    append_compressed(packed, plain);
    std::string out(1, static_cast<char>(keyed ? kFrameKeyed : 0));
    for (const std::size_t octets : {head.size(), packed_head.size(), plain.size(), packed.size()})
        put_varint(out, octets);
    out += packed_head;
    out += packed;
    out += writing.bits();
    if (out.size() > kMaxPlainOctets || head.size() > kMaxPlainOctets)
        return fail(ErrorCode::exhausted, "frame of " + std::to_string(head.size()) + " octets");
    history_->usable = true;
    buffers_->clear();
    return out;
}

}  // namespace outstation::store
