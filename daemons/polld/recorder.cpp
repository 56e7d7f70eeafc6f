// SPDX-License-Identifier: GPL-3.0-or-later
// Piece after piece, root after root.
#include "daemons/polld/recorder.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "daemons/polld/pack_plan.hpp"
#include "drivers/pack/evaluate.hpp"
#include "drivers/pack/recording.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;
using pack::Oid;

constexpr Duration kLongestPiece = 20s;
constexpr Duration kLeastRest = 50ms;
constexpr std::uint32_t kRows = 200;  // of a piece
constexpr std::uint32_t kFewerRows = 10;
constexpr unsigned kMostErrors = 3;  // in a row without a value between them
constexpr std::size_t kMostNotes = 32;
constexpr std::uint32_t kLastArc = 0xffffffff;

// What is known for users, communities and keys is not even asked for.
const Oid kRoots[] = {{1, 3, 6, 1, 2, 1}, {1, 3, 6, 1, 4, 1}, {1, 3, 6, 1, 6, 3, 1},  {1, 3, 6, 1, 6, 3, 10},
                      {1, 0, 8802},       {1, 3, 111},        {1, 2, 840, 10006, 300}};
// Tables of the network and not of the device: routes, neighbours, connections, programs.
const Oid kLong[] = {
    {1, 3, 6, 1, 2, 1, 3, 1, 1},     {1, 3, 6, 1, 2, 1, 4, 21, 1},          {1, 3, 6, 1, 2, 1, 4, 22, 1},
    {1, 3, 6, 1, 2, 1, 4, 24, 4, 1}, {1, 3, 6, 1, 2, 1, 4, 24, 7, 1},       {1, 3, 6, 1, 2, 1, 4, 35, 1},
    {1, 3, 6, 1, 2, 1, 6, 13, 1},    {1, 3, 6, 1, 2, 1, 6, 19, 1},          {1, 3, 6, 1, 2, 1, 7, 5, 1},
    {1, 3, 6, 1, 2, 1, 7, 7, 1},     {1, 3, 6, 1, 2, 1, 14, 4, 1},          {1, 3, 6, 1, 2, 1, 15, 6, 1},
    {1, 3, 6, 1, 2, 1, 17, 4, 3, 1}, {1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1}, {1, 3, 6, 1, 2, 1, 25, 4, 2, 1},
    {1, 3, 6, 1, 2, 1, 25, 5, 1, 1}, {1, 3, 6, 1, 2, 1, 25, 6, 3, 1}};

std::int64_t wall_ns(Loop& loop) {
    return loop.wall().time_since_epoch().count();
}

// The column of a table of the network that the OID is in; empty: it is in none.
Oid long_column(const Oid& oid) {
    for (const Oid& entry : kLong)
        if (pack::is_under(oid, entry) && oid.size() > entry.size() + 1)
            return {oid.begin(), oid.begin() + static_cast<std::ptrdiff_t>(entry.size() + 1)};
    return {};
}

}  // namespace

struct Recorder::Reading {
    snmp::Engine::DeviceId engine_id = 0;
    MonoTime began;
    std::size_t root = 0;
    Oid after;  // the last that was read, below the root; empty: none
    std::uint32_t rows = kRows;
    unsigned errors = 0;
    std::shared_ptr<const PackPlan> plan;
    pack::ValueTable values;
    std::size_t bytes = 0;
    std::map<Oid, std::size_t> rows_of;  // by column of a table of the network
};

// Of the values of a device, on the other thread.
struct Recorder::Made {
    std::vector<pack::Choice> choices;
    pack::Redacted redacted;
    std::string text;
    wire::ExplainReply explained;
};

Recorder::Recorder(Parts parts) : parts_(std::move(parts)) {
    status_.state = "never";
}

Recorder::~Recorder() {
    if (reading_) parts_.engine.remove(reading_->engine_id);
}

Result<void> Recorder::start(Order order) {
    if (status_.state == "running" || status_.state == "working")
        return fail(ErrorCode::refused, status_.subject + " is being recorded");
    text_.reset();
    keeping_.cancel();
    status_ = {};
    status_.state = "running";
    status_.subject = order.subject;
    status_.plain = order.is_plain;
    status_.started_ns = wall_ns(parts_.loop);
    order_ = std::make_unique<Order>(std::move(order));
    reading_ = std::make_unique<Reading>();
    reading_->engine_id = parts_.engine.add(order_->target);
    reading_->began = parts_.loop.now();
    read();
    return {};
}

void Recorder::cancel() {
    if (reading_) end("cancelled");
}

void Recorder::end(const char* state) {
    timer_.cancel();
    if (reading_) parts_.engine.remove(reading_->engine_id);
    reading_.reset();
    status_.state = state;
    status_.ended_ns = wall_ns(parts_.loop);
}

void Recorder::read() {
    reading_->plan = PackPlan::to_record(kRoots[reading_->root], reading_->after, reading_->rows);
    parts_.engine.poll(reading_->engine_id, reading_->plan->plan(), kLongestPiece,
                       [this](snmp::Engine::DeviceId, const snmp::Cycle& cycle) { on_piece(cycle); });
}

void Recorder::on_piece(const snmp::Cycle& cycle) {
    status_.requests += cycle.requests;
    if (cycle.error != snmp::CycleError::none) return on_error(cycle);
    reading_->errors = 0;
    take_rows(cycle);
    if (is_full()) return finish();
    if (cycle.tables.front().rows() < reading_->rows) next_root();
    if (reading_->root == std::size(kRoots)) return finish();
    rest(cycle.duration);
}

void Recorder::take_rows(const snmp::Cycle& cycle) {
    const pack::ValueTable values = reading_->plan->values_of(cycle);
    for (const auto* entry = values.next({}); entry != nullptr; entry = values.next(entry->first)) {
        const Oid& oid = entry->first;
        reading_->after = pack::index_of(oid, kRoots[reading_->root]);
        reading_->bytes += entry->second.text.size();
        reading_->values.set(oid, entry->second);
        status_.at = pack::format_oid(oid);
        const Oid column = long_column(oid);
        if (column.empty() || ++reading_->rows_of[column] < kMostRows) continue;
        note("of " + pack::format_oid(column) + " only " + std::to_string(kMostRows) + " rows");
        skip_column();
        break;
    }
    status_.values = static_cast<std::uint32_t>(reading_->values.size());
    status_.bytes = reading_->bytes;
}

// The next question begins behind all that the column may have.
void Recorder::skip_column() {
    const Oid& root = kRoots[reading_->root];
    const Oid column = long_column(pack::join(root, reading_->after));
    reading_->after = pack::index_of(column, root);
    reading_->after.push_back(kLastArc);
}

void Recorder::next_root() {
    reading_->after.clear();
    reading_->rows = kRows;
    ++reading_->root;
}

// Fewer rows at once, then one, then what is behind the table that it cannot be asked for.
void Recorder::on_error(const snmp::Cycle& cycle) {
    const std::string what =
        std::string(snmp::cycle_error_name(cycle.error)) + (cycle.detail.empty() ? "" : ": " + cycle.detail);
    const bool is_silent = !cycle.answered;
    if (is_silent && reading_->values.size() == 0) {
        status_.problem = what;
        return end("failed");
    }
    if (is_silent && ++reading_->errors == kMostErrors) {
        note("it stopped answering behind " + status_.at);
        return finish();
    }
    if (is_full()) return finish();
    if (reading_->rows > 1) {
        reading_->rows = reading_->rows > kFewerRows ? kFewerRows : 1;
        return rest(cycle.duration);
    }
    note("behind " + status_.at + ": " + what);
    reading_->rows = kRows;
    const std::size_t depth = kRoots[reading_->root].size() == 6 ? 4 : 5;  // a column, more or less
    if (reading_->after.size() <= 1) {
        next_root();
        if (reading_->root == std::size(kRoots)) return finish();
        return rest(cycle.duration);
    }
    // Behind a skip that did not help, behind what is one arc higher.
    const bool is_skip = reading_->after.back() == kLastArc;
    reading_->after.resize(std::min(depth, reading_->after.size() - (is_skip ? 2 : 1)));
    if (reading_->after.empty()) {
        next_root();
        if (reading_->root == std::size(kRoots)) return finish();
        return rest(cycle.duration);
    }
    reading_->after.push_back(kLastArc);
    rest(cycle.duration);
}

void Recorder::rest(Duration took) {
    timer_ = parts_.loop.after(std::max(took, kLeastRest), [this] { read(); });
}

void Recorder::note(const std::string& text) {
    if (status_.notes.size() < kMostNotes) status_.notes.push_back(text);
}

bool Recorder::is_full() {
    const bool is_long = parts_.loop.now() - reading_->began >= kLongest;
    const bool is_large = reading_->values.size() >= kMostValues || reading_->bytes >= kMostBytes;
    if (is_long) note("it took too long: what is behind " + status_.at + " is not there");
    if (is_large) note("it is too large: what is behind " + status_.at + " is not there");
    return is_long || is_large;
}

// The packs tell what is a serial number of this device, and what a model.
void Recorder::finish() {
    const auto values = std::make_shared<const pack::ValueTable>(std::move(reading_->values));
    end("working");
    if (values->size() == 0) {
        status_.problem = "it says nothing";
        status_.state = "failed";
        return;
    }
    const auto made = std::make_shared<Made>();
    made->choices = parts_.packs.choose(*values);
    const auto work = [values, made, secrets = order_->secrets, explain = parts_.explain,
                       is_plain = order_->is_plain] {
        if (!is_plain)
            made->redacted = pack::redact(*values, {secrets, pack::evaluate(made->choices, *values)});
        const pack::Values& told = is_plain ? *values : made->redacted.values;
        made->text = pack::recording_text(told);
        if (explain) made->explained = explain(made->choices, *values, told);
        made->redacted.values = {};
    };
    parts_.aside(work, [this, alive = std::weak_ptr<bool>(alive_), made] {
        if (!alive.expired()) on_done(*made);
    });
}

void Recorder::on_done(Made& made) {
    status_.state = "done";
    status_.bytes = made.text.size();
    status_.stand_ins = static_cast<std::uint32_t>(made.redacted.stand_ins);
    status_.dropped = static_cast<std::uint32_t>(made.redacted.dropped);
    text_ = std::make_shared<const std::string>(std::move(made.text));
    explained_ = std::make_shared<const wire::ExplainReply>(std::move(made.explained));
    keep_on();
}

std::shared_ptr<const std::string> Recorder::text() {
    if (text_) keep_on();
    return text_;
}

void Recorder::keep_on() {
    keeping_ = parts_.loop.after(kKept, [this] {
        text_.reset();
        status_ = {};
        status_.state = "never";
    });
}

}  // namespace outstation::polld
