// SPDX-License-Identifier: GPL-3.0-or-later
// The engine on virtual time against a small agent: sound answers, loss, and every way an agent can
// misbehave.
#include "drivers/snmp/engine.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <map>

#include "drivers/snmp/message.hpp"
#include "lib/event/sim_loop.hpp"

namespace outstation::snmp {
namespace {

using namespace std::chrono_literals;

struct OidLess {
    bool operator()(const std::string& a, const std::string& b) const {
        return compare_oid(a, b) == std::strong_ordering::less;
    }
};
using Mib = std::map<std::string, std::pair<Tag, std::string>, OidLess>;

std::string oid(const std::string& dotted) {
    return encode_oid(dotted).value();
}

std::string number(std::uint64_t value) {
    std::array<char, 16> buffer;
    BackWriter out(buffer);
    out.integer(static_cast<std::int64_t>(value));
    return std::string(out.bytes().substr(2));
}

// What the agent read from a request.
struct Request {
    Tag pdu = Tag::none;
    std::string community;
    std::uint32_t id = 0;
    std::int64_t repetitions = 0;
    std::vector<std::string> oids;
};

Request parse_request(std::string_view bytes) {
    Request out;
    Cursor outer(bytes);
    std::string_view content;
    EXPECT_TRUE(outer.take(Tag::sequence, content));
    Cursor message(content);
    std::int64_t value = 0;
    EXPECT_TRUE(message.take(Tag::integer, content));
    EXPECT_TRUE(message.take(Tag::octet_string, content));
    out.community = content;
    Tlv pdu;
    EXPECT_TRUE(message.take(pdu));
    out.pdu = pdu.tag;
    Cursor body(pdu.content);
    EXPECT_TRUE(body.take(Tag::integer, content) && parse_signed(content, value));
    out.id = static_cast<std::uint32_t>(value);
    EXPECT_TRUE(body.take(Tag::integer, content));
    EXPECT_TRUE(body.take(Tag::integer, content) && parse_signed(content, out.repetitions));
    EXPECT_TRUE(body.take(Tag::sequence, content));
    Cursor list(content);
    Varbind varbind;
    bool malformed = false;
    while (take_varbind(list, varbind, malformed)) out.oids.emplace_back(varbind.oid);
    return out;
}

struct Answer {
    std::vector<std::pair<std::string, std::pair<Tag, std::string>>> varbinds;
    std::int64_t status = 0;
};

std::string encode_answer(const Answer& answer, const std::string& community, std::uint32_t id) {
    static std::array<char, 70000> buffer;
    BackWriter out(buffer);
    for (auto it = answer.varbinds.rbegin(); it != answer.varbinds.rend(); ++it) {
        const std::size_t start = out.mark();
        out.element(it->second.first, it->second.second);
        out.element(Tag::oid, it->first);
        out.close(Tag::sequence, start);
    }
    finish_request(out, Tag::response, community, id, answer.status, 0);
    return std::string(out.bytes());
}

// An agent per address on a network where nothing is lost unless a hook says so.
class FakeNetwork : public DatagramSocket {
  public:
    explicit FakeNetwork(SimLoop& loop) : loop_(loop) {}
    [[nodiscard]] int fd() const override { return 1000; }

    [[nodiscard]] std::size_t send(std::span<Datagram> datagrams, int& error) override {
        error = 0;
        for (const Datagram& datagram : datagrams) {
            ++sent;
            largest_request = std::max(largest_request, datagram.bytes.size());
            serve(datagram);
        }
        return datagrams.size();
    }
    [[nodiscard]] std::span<const Datagram> receive() override {
        delivered_.clear();
        out_.clear();
        while (!arrived_.empty() && delivered_.size() < kBatch) {
            delivered_.push_back(std::move(arrived_.front()));
            arrived_.pop_front();
        }
        for (const auto& [address, bytes] : delivered_) out_.push_back(Datagram{address, bytes});
        if (arrived_.empty()) loop_.set_ready(fd(), Ready{});
        return out_;
    }
    void deliver(const Address& from, std::string bytes, Duration later) {
        timers_.push_back(loop_.after(later, [this, from, bytes = std::move(bytes)] {
            arrived_.emplace_back(from, bytes);
            loop_.set_ready(fd(), Ready{true, false});
        }));
    }

    Mib mib;
    Duration delay = 5ms;
    std::size_t max_varbinds = 10000;                         // an agent with little room
    std::function<bool(int request)> lost;                    // by number of the request, from 1
    std::function<bool(const Request&, Answer&)> corrupt;     // true: use this answer instead
    std::function<void(const Address&, std::string&)> twist;  // the bytes before they leave
    int sent = 0;
    std::size_t largest_request = 0;

  private:
    void serve(const Datagram& datagram) {
        if (lost && lost(sent)) return;
        const Request request = parse_request(datagram.bytes);
        Answer answer;
        if (!corrupt || !corrupt(request, answer)) answer = respond(request);
        std::string bytes = encode_answer(answer, request.community, request.id);
        if (twist) twist(datagram.address, bytes);
        if (!bytes.empty()) deliver(datagram.address, bytes, delay);
    }
    [[nodiscard]] Answer respond(const Request& request) const {
        Answer answer;
        if (request.pdu == Tag::get_request) {
            for (const auto& name : request.oids) {
                const auto it = mib.find(name);
                answer.varbinds.emplace_back(
                    name, it == mib.end() ? std::pair{Tag::no_such_instance, std::string()} : it->second);
            }
            return answer;
        }
        std::vector<std::string> at = request.oids;
        for (std::int64_t row = 0; row < request.repetitions; ++row) {
            for (auto& name : at) {
                if (answer.varbinds.size() >= max_varbinds) return answer;
                const auto it = mib.upper_bound(name);
                if (it == mib.end()) {
                    answer.varbinds.emplace_back(name, std::pair{Tag::end_of_mib_view, std::string()});
                } else {
                    answer.varbinds.push_back(*it);
                    name = it->first;
                }
            }
        }
        return answer;
    }

    SimLoop& loop_;
    std::deque<std::pair<Address, std::string>> arrived_;
    std::vector<std::pair<Address, std::string>> delivered_;
    std::vector<Datagram> out_;
    std::deque<Timer> timers_;
};

class EngineTest : public testing::Test {
  protected:
    EngineTest() {
        plan_ = std::make_shared<Plan>();
        plan_->scalars = {oid("1.3.6.1.2.1.1.3.0"), oid("1.3.6.1.2.1.2.1.0")};
        plan_->tables.push_back({{oid("1.3.6.1.2.1.2.2.1.10"), oid("1.3.6.1.2.1.2.2.1.16")}, 4096});
        network_.mib[oid("1.3.6.1.2.1.1.3.0")] = {Tag::time_ticks, number(4711)};
        set_rows(20);
        network_.mib[oid("1.3.6.1.2.1.99.1.0")] = {Tag::integer, number(1)};  // something after the table
    }
    void set_rows(std::uint32_t n) {
        std::erase_if(network_.mib, [](const auto& entry) {
            return entry.first.substr(0, 7) == oid("1.3.6.1.2.1.2.2").substr(0, 7);
        });
        for (std::uint32_t i = 1; i <= n; ++i) {
            network_.mib[oid("1.3.6.1.2.1.2.2.1.10." + std::to_string(i))] = {Tag::counter32,
                                                                              number(i * 1000)};
            network_.mib[oid("1.3.6.1.2.1.2.2.1.16." + std::to_string(i))] = {Tag::counter32,
                                                                              number(i * 2000)};
        }
        network_.mib[oid("1.3.6.1.2.1.2.1.0")] = {Tag::integer, number(n)};
    }
    // One cycle; the result is copied out.
    Cycle poll(Duration deadline = 30s) {
        Cycle out;
        int calls = 0;
        engine_.poll(device_, plan_, deadline, [&](Engine::DeviceId, const Cycle& cycle) {
            out = cycle;
            ++calls;
        });
        EXPECT_EQ(calls, 0);
        loop_.advance(deadline + 1s);
        EXPECT_EQ(calls, 1);
        return out;
    }
    static EngineOptions options() {
        EngineOptions out;
        out.verify_every = 4;
        return out;
    }

    SimLoop loop_;
    FakeNetwork network_{loop_};
    Engine engine_{loop_, &network_, nullptr, options()};
    std::shared_ptr<Plan> plan_;
    Engine::DeviceId device_ = engine_.add({Address::parse("192.0.2.1", 161).value(), "secret"});
};

TEST_F(EngineTest, ARowThatOneColumnLacksIsThereOnce) {
    set_rows(0);
    for (const char* name : {"10.5", "16.3", "16.5", "16.7"})
        network_.mib[oid("1.3.6.1.2.1.2.2.1." + std::string(name))] = {Tag::counter32, number(1)};
    const Cycle cycle = poll();
    ASSERT_EQ(cycle.error, CycleError::none) << cycle.detail;
    std::map<std::string, int> seen;
    for (std::size_t row = 0; row < cycle.tables[0].rows(); ++row)
        ++seen[format_index(cycle.index(cycle.tables[0], row))];
    EXPECT_EQ(seen, (std::map<std::string, int>{{"3", 1}, {"5", 1}, {"7", 1}}));
}

TEST_F(EngineTest, ReadsScalarsAndAWholeTable) {
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_EQ(cycle.scalars[0].number, 4711U);
    ASSERT_EQ(cycle.tables[0].rows(), 20U);
    for (std::size_t row = 0; row < 20; ++row) {
        EXPECT_EQ(format_index(cycle.index(cycle.tables[0], row)), std::to_string(row + 1));
        EXPECT_EQ(cycle.tables[0].cells[row * 2].number, (row + 1) * 1000);
        EXPECT_EQ(cycle.tables[0].cells[row * 2 + 1].number, (row + 1) * 2000);
    }
    EXPECT_EQ(cycle.values, 42U);
    EXPECT_EQ(cycle.rtt, 5ms);
    EXPECT_LE(network_.largest_request, 1472U);
}

TEST_F(EngineTest, RemembersTheRowsAndAsksForExactlyThem) {
    poll();
    const int first = network_.sent;
    poll();
    EXPECT_EQ(network_.sent - first, 2);  // one GET, one GETBULK with the exact tail
}

TEST_F(EngineTest, NewRowsAreFoundAtOnceWhenBetweenAndAtTheNextCheckWhenAfter) {
    poll();
    network_.mib.erase(oid("1.3.6.1.2.1.2.2.1.10.5"));
    network_.mib.erase(oid("1.3.6.1.2.1.2.2.1.16.5"));
    EXPECT_EQ(poll().tables[0].rows(), 19U);
    set_rows(20);  // row 5 is back, in the middle
    EXPECT_EQ(poll().tables[0].rows(), 20U);
    set_rows(25);
    std::size_t rows = 0;
    for (int cycle = 0; cycle < 4; ++cycle) rows = poll().tables[0].rows();
    EXPECT_EQ(rows, 25U);
}

TEST_F(EngineTest, SparseColumnsKeepTheirRows) {
    network_.mib.erase(oid("1.3.6.1.2.1.2.2.1.10.3"));
    network_.mib.erase(oid("1.3.6.1.2.1.2.2.1.16.7"));
    network_.mib.erase(oid("1.3.6.1.2.1.2.2.1.16.20"));
    for (int i = 0; i < 2; ++i) {
        const Cycle cycle = poll();
        EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
        ASSERT_EQ(cycle.tables[0].rows(), 20U);
        std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> by_index;
        for (std::size_t row = 0; row < 20; ++row) {
            by_index[format_index(cycle.index(cycle.tables[0], row))] = {
                cycle.tables[0].cells[row * 2].number, cycle.tables[0].cells[row * 2 + 1].number};
        }
        EXPECT_EQ(by_index["3"], (std::pair<std::uint64_t, std::uint64_t>{0, 6000}));
        EXPECT_EQ(by_index["7"], (std::pair<std::uint64_t, std::uint64_t>{7000, 0}));
        EXPECT_EQ(by_index["8"], (std::pair<std::uint64_t, std::uint64_t>{8000, 16000}));
        EXPECT_EQ(by_index["20"], (std::pair<std::uint64_t, std::uint64_t>{20000, 0}));
    }
}

TEST_F(EngineTest, WhatTheDeviceDoesNotHaveIsAbsentNotZero) {
    network_.mib.erase(oid("1.3.6.1.2.1.1.3.0"));
    set_rows(0);
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none);
    EXPECT_FALSE(cycle.scalars[0].present());
    EXPECT_EQ(cycle.tables[0].rows(), 0U);
}

TEST_F(EngineTest, ALostRequestIsAskedAgain) {
    network_.lost = [](int request) { return request == 1 || request == 3; };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none);
    EXPECT_EQ(cycle.timeouts, 2U);
    EXPECT_EQ(cycle.tables[0].rows(), 20U);
}

TEST_F(EngineTest, ADeadDeviceIsATimeoutAfterThreeRequests) {
    network_.lost = [](int) { return true; };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::timeout);
    EXPECT_FALSE(cycle.answered);
    EXPECT_EQ(network_.sent, 3);
    EXPECT_LT(cycle.duration, 10s);
    EXPECT_FALSE(engine_.busy(device_));
}

TEST_F(EngineTest, ASlowDeviceIsStoppedByItsDeadline) {
    network_.delay = 900ms;
    network_.max_varbinds = 2;
    const Cycle cycle = poll(3s);
    EXPECT_EQ(cycle.error, CycleError::deadline);
    EXPECT_LT(cycle.duration, 3100ms);
}

TEST_F(EngineTest, AnAgentThatCutsItsAnswersIsWalkedInSmallerSteps) {
    network_.max_varbinds = 7;
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_EQ(cycle.tables[0].rows(), 20U);
}

TEST_F(EngineTest, TooBigIsAskedForLess) {
    network_.corrupt = [](const Request& request, Answer& answer) {
        answer.status = kTooBig;
        return request.repetitions > 3 || (request.pdu == Tag::get_request && request.oids.size() > 1);
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none) << cycle.detail;
    EXPECT_EQ(cycle.tables[0].rows(), 20U);
    EXPECT_EQ(cycle.scalars[0].number, 4711U);
}

TEST_F(EngineTest, AWalkThatGoesBackwardsIsStopped) {
    network_.corrupt = [](const Request& request, Answer& answer) {
        if (request.pdu == Tag::get_request) return false;
        for (const char* row : {"5", "4"}) {
            for (const char* column : {"10", "16"}) {
                answer.varbinds.emplace_back(oid(std::string("1.3.6.1.2.1.2.2.1.") + column + "." + row),
                                             std::pair{Tag::counter32, number(1)});
            }
        }
        return true;
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::not_increasing);
    EXPECT_EQ(cycle.detail, "at 1.3.6.1.2.1.2.2.1.10.4");
}

TEST_F(EngineTest, AnEndlessTableIsStopped) {
    std::uint32_t next = 1;
    network_.delay = 0ms;
    network_.corrupt = [&](const Request& request, Answer& answer) {
        if (request.pdu == Tag::get_request) return false;
        for (int row = 0; row < 20; ++row, ++next) {
            for (const char* column : {"10", "16"}) {
                answer.varbinds.emplace_back(
                    oid(std::string("1.3.6.1.2.1.2.2.1.") + column + "." + std::to_string(next)),
                    std::pair{Tag::counter32, number(1)});
            }
        }
        return true;
    };
    EXPECT_EQ(poll().error, CycleError::endless);
    EXPECT_LT(network_.sent, 300);
}

TEST_F(EngineTest, AnswersFromElsewhereAreCountedAndIgnored) {
    const Address other = Address::parse("192.0.2.66", 161).value();
    const Address other_port = Address::parse("192.0.2.1", 162).value();
    network_.twist = [&](const Address&, std::string& bytes) {
        network_.deliver(other, bytes, 1ms);
        network_.deliver(other_port, bytes, 2ms);
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none);
    EXPECT_EQ(engine_.counters().unexpected_source, 2 * engine_.counters().responses);
}

TEST_F(EngineTest, DoubledAndLateAnswersAreCountedAndIgnored) {
    network_.twist = [&](const Address& from, std::string& bytes) {
        network_.deliver(from, bytes, 50ms);
        network_.deliver(from, bytes, 5s);
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none);
    EXPECT_EQ(cycle.values, 42U);
    EXPECT_EQ(engine_.counters().late_or_unknown, 2 * engine_.counters().responses);
}

TEST_F(EngineTest, AWrongCommunityIsIgnored) {
    network_.twist = [&](const Address&, std::string& bytes) { bytes[bytes.find("secret")] = 'S'; };
    EXPECT_EQ(poll().error, CycleError::timeout);
    EXPECT_EQ(engine_.counters().unexpected_source, 3U);
}

TEST_F(EngineTest, BrokenAnswersAreCountedAndTheDeviceIsAskedAgain) {
    int answers = 0;
    network_.twist = [&](const Address&, std::string& bytes) {
        if (++answers == 1) bytes.resize(bytes.size() - 3);
    };
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::none);
    EXPECT_EQ(engine_.counters().malformed, 1U);
}

TEST_F(EngineTest, AValueThatDoesNotFitItsTypeIsMalformed) {
    network_.mib[oid("1.3.6.1.2.1.2.2.1.10.3")] = {Tag::counter32, std::string(6, '\x01')};
    const Cycle cycle = poll();
    EXPECT_EQ(cycle.error, CycleError::malformed);
    EXPECT_EQ(cycle.detail, "value of 1.3.6.1.2.1.2.2.1.10.3");
}

TEST_F(EngineTest, RemovingADeviceInTheMiddleIsQuiet) {
    bool called = false;
    engine_.poll(device_, plan_, 30s, [&](Engine::DeviceId, const Cycle&) { called = true; });
    engine_.remove(device_);
    loop_.advance(60s);
    EXPECT_FALSE(called);
    device_ = engine_.add({Address::parse("192.0.2.2", 161).value(), "secret"});
    EXPECT_EQ(poll().error, CycleError::none);
}

TEST_F(EngineTest, NoSocketForTheFamilyIsRefused) {
    device_ = engine_.add({Address::parse("2001:db8::1", 161).value(), "secret"});
    EXPECT_EQ(poll().error, CycleError::refused);
}

TEST_F(EngineTest, ThousandDevicesOfWhichATenthIsDeadDoNotWaitForEachOther) {
    network_.lost = nullptr;
    std::map<std::string, bool> dead;
    std::vector<Engine::DeviceId> devices;
    for (int i = 0; i < 1000; ++i) {
        devices.push_back(engine_.add(
            {Address::parse("198.51." + std::to_string(100 + i / 200) + "." + std::to_string(1 + i % 200),
                            161)
                 .value(),
             "secret"}));
    }
    network_.twist = [&](const Address& to, std::string& bytes) {
        if (to.text().find(".7:") != std::string::npos || to.text().find(".99:") != std::string::npos)
            bytes.clear();
    };
    int done = 0;
    int timeouts = 0;
    Duration slowest{0};
    for (const auto device : devices) {
        engine_.poll(device, plan_, 30s, [&](Engine::DeviceId, const Cycle& cycle) {
            ++done;
            if (cycle.error == CycleError::none) {
                slowest = std::max(slowest, cycle.duration);
            } else {
                ++timeouts;
            }
        });
    }
    loop_.advance(40s);
    EXPECT_EQ(done, 1000);
    EXPECT_EQ(timeouts, 10);
    EXPECT_LT(slowest, 100ms);
}

TEST(EngineReceiveTick, WaitsBetweenLooksButLosesNothing) {
    SimLoop loop;
    FakeNetwork network(loop);
    network.mib[oid("1.3.6.1.2.1.1.3.0")] = {Tag::time_ticks, number(1)};
    EngineOptions options;
    options.receive_tick = 10ms;
    Engine engine(loop, &network, nullptr, options);
    auto plan = std::make_shared<Plan>();
    plan->scalars = {oid("1.3.6.1.2.1.1.3.0")};
    int done = 0;
    for (int i = 1; i <= 100; ++i) {
        const auto device = engine.add({Address::parse("192.0.2." + std::to_string(i), 161).value(), "x"});
        engine.poll(device, plan, 10s, [&](Engine::DeviceId, const Cycle& cycle) {
            done += cycle.error == CycleError::none ? 1 : 0;
        });
    }
    loop.advance(1s);
    EXPECT_EQ(done, 100);
    EXPECT_EQ(engine.counters().retries, 0U);
}

}  // namespace
}  // namespace outstation::snmp
