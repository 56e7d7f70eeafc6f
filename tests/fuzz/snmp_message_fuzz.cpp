// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as any answers of an agent: single messages, and a whole cycle that is fed one answer after
// another. The input is a list of answers, each behind two bytes of length; a length of 0xffff means "the
// varbinds that follow, in a sound message".
#include <array>
#include <cstdlib>
#include <string>

#include "drivers/snmp/cycle.hpp"

namespace {

using namespace outstation::snmp;

constexpr std::uint32_t kMaxRows = 20;
constexpr unsigned kCycles = 2;  // the second one remembers the first
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

// The answers in an input, from its front.
class Answers {
  public:
    explicit Answers(std::string_view bytes) : rest_(bytes) {}
    [[nodiscard]] bool next(std::string_view& answer) {
        if (rest_.size() < 2) return false;
        const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(rest_[0])) << 8 |
                                   static_cast<unsigned char>(rest_[1]);
        rest_.remove_prefix(2);
        const bool whole = length == 0xffff;
        answer = rest_.substr(0, whole ? 0x1ff : length);
        rest_.remove_prefix(answer.size());
        if (whole) {
            BackWriter out(wrapped_);
            out.put(answer);
            finish_request(out, Tag::response, "c", 1);
            answer = out.bytes();
        }
        return true;
    }

  private:
    std::string_view rest_;
    std::array<char, 1024> wrapped_;
};

void check_message(std::string_view bytes) {
    auto response = parse_response(bytes);
    if (!response) return;
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

void check_cycles(std::string_view bytes, bool has_bulk) {
    static const auto plan = make_plan();
    DeviceMemory memory;
    Cycle result;
    Answers answers(bytes);
    std::string_view answer;
    for (unsigned cycle = 0; cycle < kCycles; ++cycle) {
        CycleRun run;
        run.begin(plan, memory, result, cycle == 0);
        for (unsigned n = 0; n < kMaxAnswers && !run.finished(); ++n) {
            std::array<char, 1472> buffer;
            BackWriter out(buffer);
            run.request(out, 1, {1472, has_bulk});
            finish_message(out, Version::v2c, "c");
            if (!out.ok()) {
                run.on_too_large();
                continue;
            }
            do {  // what is no message is ignored, as the engine does
                if (!answers.next(answer)) return check_result(*plan, result);
                check_message(answer);
            } while (!parse_response(answer));
            run.take(*parse_response(answer), answer.size());
            check_result(*plan, result);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_message(bytes);
    check_cycles(bytes, true);
    check_cycles(bytes, false);
    return 0;
}
