// SPDX-License-Identifier: GPL-3.0-or-later
// What the system calls cost: the least that any poller on one socket can pay.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "drivers/snmp/message.hpp"
#include "tests/bench/snmp/child.hpp"
#include "tests/bench/snmp/contenders.hpp"

namespace outstation::bench {
namespace {

using namespace snmp;

using Clock = std::chrono::steady_clock;
constexpr std::size_t kFloorBatch = 32;
constexpr int kPatienceMs = 2000;
constexpr int kSocketBufferBytes = 4 << 20;

std::string make_request(const std::vector<std::string>& oids, Tag pdu, std::size_t repetitions) {
    std::array<char, 1472> buffer;
    BackWriter out(buffer);
    for (auto it = oids.rbegin(); it != oids.rend(); ++it) request_varbind(out, encode_oid(*it).value(), {});
    finish_pdu(out, pdu, 0x12345678, 0, static_cast<std::int64_t>(repetitions));
    finish_message(out, Version::v2c, kCommunity);
    return std::string(out.bytes());
}

// The requests of one cycle: the scalars, then the rows, as many as an answer holds.
std::vector<std::string> make_requests() {
    const std::size_t step = rows_per_reply(make_instances(), kMaxReplyHeadBytes);
    std::vector<std::string> made{make_request(scalar_oids(), Tag::get_request, 0)};
    for (std::size_t row = 0; row < kRows; row += step) {
        auto oids = column_oids();
        if (row > 0) {
            for (auto& oid : oids) oid += "." + std::to_string(row);
        }
        made.push_back(make_request(oids, Tag::get_bulk_request, std::min(step, kRows - row)));
    }
    return made;
}

class Floor {
  public:
    explicit Floor(const Work& work)
        : work_(work), fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), step_(work.devices, 0) {
        setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &kSocketBufferBytes, sizeof kSocketBufferBytes);
        for (std::size_t i = 0; i < kFloorBatch; ++i) {
            received_parts_[i] = {received_bytes_[i].data(), received_bytes_[i].size()};
            received_[i].msg_hdr = {&senders_[i], sizeof senders_[i], &received_parts_[i], 1, nullptr, 0, 0};
            sent_[i].msg_hdr = {&receivers_[i], sizeof receivers_[i], &sent_parts_[i], 1, nullptr, 0, 0};
            receivers_[i].sin_family = AF_INET;
            receivers_[i].sin_port = htons(work.port);
        }
    }
    ~Floor() { close(fd_); }
    Floor(const Floor&) = delete;
    Floor& operator=(const Floor&) = delete;

    void run(std::size_t cycles) {
        left_to_start_ = left_to_end_ = cycles;
        for (std::size_t i = 0; i < work_.window; ++i) start(i);
        flush();
        while (left_to_end_ > 0) {
            const bool was_idle = receive() <= 0;
            flush();
            if (was_idle && !wait(kPatienceMs)) {
                std::fprintf(stderr, "bench_snmp: the floor lost a datagram\n");
                std::exit(1);
            }
        }
    }
    void run_paced() {
        left_to_start_ = 0;
        left_to_end_ = work_.paced_cycles;
        std::size_t turn = 0;
        for (auto next = Clock::now(); left_to_end_ > 0;) {
            for (; turn < work_.paced_cycles && next <= Clock::now(); next += work_.gap)
                begin(turn++ % work_.devices);
            receive();
            flush();
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
            (void)wait(turn == work_.paced_cycles ? kPatienceMs : std::max(0, static_cast<int>(left)));
        }
    }
    [[nodiscard]] std::uint64_t requests() const { return count_; }

  private:
    int receive() {
        const int n = recvmmsg(fd_, received_.data(), kFloorBatch, MSG_DONTWAIT, nullptr);
        for (int i = 0; i < n; ++i) on_answer(ntohl(senders_[static_cast<std::size_t>(i)].sin_addr.s_addr));
        return n;
    }
    [[nodiscard]] bool wait(int longest_ms) const {
        pollfd readable{fd_, POLLIN, 0};
        return poll(&readable, 1, longest_ms) > 0;
    }
    void start(std::size_t device) {
        --left_to_start_;
        begin(device);
    }
    void begin(std::size_t device) {
        step_[device] = 0;
        send(device);
    }
    void on_answer(std::uint32_t ipv4) {
        const std::size_t device = ipv4 - device_ipv4(0);
        if (device >= work_.devices) return;
        if (++step_[device] < requests_.size()) return send(device);
        --left_to_end_;
        if (left_to_start_ > 0) start(work_.after(device));
    }
    void send(std::size_t device) {
        const std::string& request = requests_[step_[device]];
        sent_parts_[queued_] = {const_cast<char*>(request.data()), request.size()};
        receivers_[queued_].sin_addr.s_addr = htonl(device_ipv4(device));
        if (++queued_ == kFloorBatch) flush();
    }
    void flush() {
        for (unsigned done = 0; done < queued_;) {
            const int n = sendmmsg(fd_, sent_.data() + done, queued_ - done, 0);
            if (n <= 0) std::abort();
            done += static_cast<unsigned>(n);
        }
        count_ += std::exchange(queued_, 0);
    }

    Work work_;
    int fd_;
    std::vector<std::string> requests_ = make_requests();
    std::vector<std::size_t> step_;
    std::size_t left_to_start_ = 0;
    std::size_t left_to_end_ = 0;
    std::uint64_t count_ = 0;
    unsigned queued_ = 0;
    std::array<mmsghdr, kFloorBatch> sent_{};
    std::array<mmsghdr, kFloorBatch> received_{};
    std::array<iovec, kFloorBatch> sent_parts_{};
    std::array<iovec, kFloorBatch> received_parts_{};
    std::array<sockaddr_in, kFloorBatch> receivers_{};
    std::array<sockaddr_in, kFloorBatch> senders_{};
    std::array<std::array<char, 2048>, kFloorBatch> received_bytes_{};
};

}  // namespace

Measured measure_floor(const Work& work) {
    const auto floor = std::make_unique<Floor>(work);
    floor->run(work.devices);
    const std::uint64_t requests = floor->requests();
    const std::uint64_t cpu = own_cpu_us();
    if (work.is_paced()) {
        floor->run_paced();
    } else {
        floor->run(work.measured_cycles());
    }
    return {own_cpu_us() - cpu, work.measured_cycles() * kValuesPerCycle, floor->requests() - requests, 0, 0};
}

}  // namespace outstation::bench
