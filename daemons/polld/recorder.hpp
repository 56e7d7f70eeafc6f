// SPDX-License-Identifier: GPL-3.0-or-later
// Records one device at a time: all that it says by SNMP, in pieces with a rest after each that is as long as
// the piece took, so that it has more than half of its time for others, and within limits of values, bytes
// and time. What was read is redacted on a thread of its own and kept for a quarter of an hour after somebody
// asked for it; what was read itself is forgotten. Threads: the loop's. Ownership: the parts outlive it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemons/polld/pack_shelf.hpp"
#include "drivers/pack/redact.hpp"
#include "drivers/snmp/engine.hpp"
#include "lib/wire/workbench_messages.hpp"

namespace outstation::polld {

class Recorder {
  public:
    static constexpr std::size_t kMostValues = 50'000;
    static constexpr std::size_t kMostBytes = 8U << 20;  // of their texts
    static constexpr std::size_t kMostRows = 500;        // of a column of a table that holds the network
    static constexpr Duration kLongest = std::chrono::minutes(5);
    static constexpr Duration kKept = std::chrono::minutes(15);

    using Work = std::function<void()>;
    struct Parts {
        Loop& loop;
        snmp::Engine& engine;  // its own: polling goes on
        PackShelf& packs;
        // Does `work` where it disturbs nobody, and `then` in the loop.
        std::function<void(Work work, Work then)> aside;
        // On that thread: what packs make of the values, of which the second may be told.
        std::function<wire::ExplainReply(const std::vector<pack::Choice>&, const pack::Values&,
                                         const pack::Values&)>
            explain{};
    };
    struct Order {
        std::string subject;
        snmp::Target target;
        std::vector<std::string> secrets;  // that are in no recording
        bool is_plain = false;
    };
    explicit Recorder(Parts parts);
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    // Fails with refused while another one is made.
    [[nodiscard]] Result<void> start(Order order);
    // Without effect when none is made.
    void cancel();
    [[nodiscard]] const wire::RecordStatus& status() const { return status_; }
    // nullptr: there is none. It is kept on for a while.
    [[nodiscard]] std::shared_ptr<const std::string> text();
    // What the packs make of it; nullptr: there is none.
    [[nodiscard]] std::shared_ptr<const wire::ExplainReply> explained() const {
        return text_ ? explained_ : nullptr;
    }
    // Of the device that was recorded last; nullptr: of none.
    [[nodiscard]] const Order* order() const { return order_ ? order_.get() : nullptr; }

  private:
    struct Reading;
    void read();
    void on_piece(const snmp::Cycle& cycle);
    void on_error(const snmp::Cycle& cycle);
    void take_rows(const snmp::Cycle& cycle);
    void skip_column();
    void next_root();
    void rest(Duration took);
    void note(const std::string& text);
    [[nodiscard]] bool is_full();
    void finish();
    struct Made;
    void on_done(Made& made);
    void end(const char* state);
    void keep_on();

    Parts parts_;
    wire::RecordStatus status_;
    std::unique_ptr<Order> order_;
    std::unique_ptr<Reading> reading_;
    std::shared_ptr<const std::string> text_;
    std::shared_ptr<const wire::ExplainReply> explained_;
    Timer timer_;
    Timer keeping_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outstation::polld
