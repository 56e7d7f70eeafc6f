// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as any answers of an agent: single messages, and whole cycles and a SET that are fed one answer
// after another. The input is a list of answers, each behind two bytes of length. Lengths from 0xfffb on have
// a meaning: varbinds that follow in a sound message, which may have an error, or no answer at all.
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "drivers/snmp/cycle.hpp"

namespace {

using namespace outstation::snmp;

constexpr std::uint32_t kMaxRows = 20;
constexpr unsigned kCycles = 3;  // each one remembers those before
constexpr unsigned kMaxAnswers = 64;

void require(bool holds) {
    if (!holds) std::abort();
}

std::shared_ptr<const Plan> make_plan() {
    const auto plan = std::make_shared<Plan>();
    plan->scalars = {encode_oid("1.3.6.1.2.1.1.1.0").value(), encode_oid("1.3.6.1.2.1.1.3.0").value()};
    plan->tables.push_back(
        {{encode_oid("1.3.6.1.2.1.2.2.1.2").value(), encode_oid("1.3.6.1.2.1.2.2.1.10").value()}, kMaxRows});
    plan->tables.push_back({{encode_oid("1.3.6.1.2.1.25.2.3.1.6").value()}, kMaxRows});
    return plan;
}

constexpr std::size_t kVarbinds = 0xffff;
constexpr std::size_t kSilence = 0xfffe;
constexpr std::size_t kLastSilence = 0xfffd;
constexpr std::size_t kTimeout = 0xfffc;
constexpr std::size_t kError = 0xfffb;  // a byte of status, one of index, varbinds

// The answers in an input, from its front.
class Answers {
  public:
    explicit Answers(std::string_view bytes) : rest_(bytes) {}
    // `silence` is the length that said that nothing came, or 0.
    [[nodiscard]] bool next(std::string_view& answer, std::size_t& silence) {
        if (rest_.size() < 2) return false;
        const std::size_t length = static_cast<std::size_t>(byte()) << 8 | byte();
        silence = length <= kSilence && length >= kTimeout ? length : 0;
        if (silence != 0) return true;
        if (length != kVarbinds && length != kError) {
            answer = take(length);
            return true;
        }
        const std::int64_t status = length == kError ? byte() : 0;
        const std::int64_t index = length == kError ? byte() : 0;
        BackWriter out(wrapped_);
        out.put(take(0x1ff));
        finish_pdu(out, Tag::response, 1, status, index);
        finish_message(out, Version::v2c, "c");
        answer = out.bytes();
        return true;
    }

  private:
    unsigned char byte() {
        const std::string_view first = take(1);
        return first.empty() ? 0 : static_cast<unsigned char>(first[0]);
    }
    std::string_view take(std::size_t n) {
        const std::string_view out = rest_.substr(0, n);
        rest_.remove_prefix(out.size());
        return out;
    }

    std::string_view rest_;
    std::array<char, 1024> wrapped_;
};

void check_message(std::string_view bytes) {
    const auto version = parse_version(bytes);
    auto response = parse_response(bytes);
    if (!response) return;
    require(version.has_value() && *version == response->version);
    require(!error_status_name(response->error_status).empty());
    Varbind varbind;
    bool malformed = false;
    std::string arena;
    while (take_varbind(response->varbinds, varbind, malformed)) {
        require(is_valid_oid(varbind.oid) && varbind.oid.size() <= bytes.size());
        require(decode_oid(varbind.oid).has_value());
        require(compare_oid(varbind.oid, varbind.oid) == std::strong_ordering::equal);
        Cell cell;
        const bool stored = store_value(varbind, cell, arena);
        require(stored || !cell.present());
    }
}

void check_cell(const Cell& cell, const std::string& arena) {
    if (!cell.present() || cell.is_number()) return;
    require(cell.number <= arena.size() && cell.length <= arena.size() - cell.number);
}

void check_result(const Plan& plan, const Cycle& cycle) {
    require(cycle.scalars.size() == plan.scalars.size() && cycle.tables.size() == plan.tables.size());
    for (const Cell& cell : cycle.scalars) check_cell(cell, cycle.arena);
    for (std::size_t t = 0; t < plan.tables.size(); ++t) {
        const TableRows& rows = cycle.tables[t];
        // The row that shows that there are too many is the last one taken.
        require(rows.rows() <= kMaxRows + (cycle.error == CycleError::endless ? 1 : 0));
        require(rows.cells.size() == rows.rows() * plan.tables[t].columns.size());
        for (const auto& index : rows.indexes)
            require(index.offset <= cycle.arena.size() && index.length <= cycle.arena.size() - index.offset);
        for (const Cell& cell : rows.cells) check_cell(cell, cycle.arena);
    }
    // A walk that ended well has no index twice.
    for (const TableRows& rows : cycle.tables) {
        for (std::size_t a = 0; a < rows.rows(); ++a) {
            for (std::size_t b = 0; b < a; ++b) require(cycle.index(rows, a) != cycle.index(rows, b));
        }
    }
}

// Feeds the run until it is finished; false: there are no more answers.
bool feed(CycleRun& run, Answers& answers, bool has_bulk, const Plan& plan, const Cycle& result) {
    std::string_view answer;
    std::size_t silence = 0;
    for (unsigned n = 0; n < kMaxAnswers && !run.finished(); ++n) {
        std::array<char, 1472> buffer;
        BackWriter out(buffer);
        run.request(out, 1, {1472, has_bulk});
        finish_message(out, Version::v2c, "c");
        if (!out.ok()) {
            run.on_too_large();
            continue;
        }
        run.note_sent(outstation::MonoTime{}, out.bytes().size(), n);
        do {  // what is no message is ignored, as the engine does
            if (!answers.next(answer, silence)) return false;
            if (silence == 0) check_message(answer);
        } while (silence == 0 && !parse_response(answer));
        if (silence == kTimeout) {
            run.on_timeout("no answer");
        } else if (silence != 0) {
            run.on_silence(silence == kLastSilence);
        } else {
            run.note_reply(std::chrono::milliseconds(n), answer.size());
            run.take(*parse_response(answer), answer.size());
        }
        check_result(plan, result);
    }
    return true;
}

void check_set(std::string_view bytes) {
    static const auto settings = std::make_shared<const std::vector<Setting>>(
        2, Setting{encode_oid("1.3.6.1.2.1.1.4.0").value(), Tag::octet_string, "nobody"});
    static const Plan nothing;
    Cycle result;
    Answers answers(bytes);
    CycleRun run;
    run.begin_set(settings, result);
    static_cast<void>(feed(run, answers, true, nothing, result));
    require(result.values == 0);
}

void check_cycles(std::string_view bytes, bool has_bulk) {
    static const auto plan = make_plan();
    DeviceMemory memory;
    Cycle result;
    Answers answers(bytes);
    for (unsigned cycle = 0; cycle < kCycles; ++cycle) {
        CycleRun run;
        run.begin(plan, memory, result, cycle == 0);
        if (!feed(run, answers, has_bulk, *plan, result)) break;
    }
    check_result(*plan, result);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_message(bytes);
    check_cycles(bytes, true);
    check_cycles(bytes, false);
    check_set(bytes);
    return 0;
}
