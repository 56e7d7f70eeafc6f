// SPDX-License-Identifier: GPL-3.0-or-later
// GET and GETBULK over a sorted table, answers kept by the bytes of the question.
#include "tests/bench/snmp/responder.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <unordered_map>

#include "drivers/snmp/fake_usm.hpp"
#include "drivers/snmp/message.hpp"
#include "tests/bench/snmp/child.hpp"
#include "tests/bench/snmp/workload.hpp"

namespace outstation::bench {
namespace {

using namespace snmp;

constexpr std::size_t kBatchSize = 64;
constexpr int kSocketBufferBytes = 4 << 20;

struct Question {
    std::string_view community;
    std::string_view request_id;  // content
    std::string_view tail;        // everything after the request id
    Tag pdu = Tag::none;
};

bool parse_pdu(const Tlv& pdu, Question& out) {
    out.pdu = pdu.tag;
    Cursor body(pdu.content);
    if (!body.take(Tag::integer, out.request_id)) return false;
    out.tail = body.rest();
    return true;
}

bool parse_question(std::string_view datagram, Question& out) {
    std::string_view content;
    Tlv pdu;
    Cursor outer(datagram);
    if (!outer.take(Tag::sequence, content)) return false;
    Cursor message(content);
    if (!message.take(Tag::integer, content) || !message.take(Tag::octet_string, out.community) ||
        !message.take(pdu)) {
        return false;
    }
    return parse_pdu(pdu, out);
}

class Answers {
  public:
    // error-status, error-index and the varbind list.
    const std::string& find(const Question& question) {
        key_.assign(1, static_cast<char>(question.pdu));
        key_ += question.tail;
        const auto it = made_.find(key_);
        return it != made_.end() ? it->second : made_.emplace(key_, make(question)).first->second;
    }

  private:
    [[nodiscard]] std::string make(const Question& question) const {
        std::string_view content;
        std::int64_t repetitions = 1;
        Cursor body(question.tail);
        if (!body.take(Tag::integer, content) || !body.take(Tag::integer, content) ||
            !parse_signed(content, repetitions) || !body.take(Tag::sequence, content)) {
            return {};
        }
        std::vector<std::string> at;
        Varbind varbind;
        bool malformed = false;
        for (Cursor list(content); take_varbind(list, varbind, malformed);) at.emplace_back(varbind.oid);
        return close(question.pdu == Tag::get_request ? get(at) : get_bulk(at, repetitions));
    }
    [[nodiscard]] std::string get(const std::vector<std::string>& oids) const {
        std::string list;
        for (const auto& oid : oids) {
            const auto it = std::find_if(instances_.begin(), instances_.end(),
                                         [&](const Instance& instance) { return instance.oid == oid; });
            list += it != instances_.end() ? it->varbind : exception(oid, Tag::no_such_instance);
        }
        return list;
    }
    [[nodiscard]] std::string get_bulk(std::vector<std::string>& at, std::int64_t repetitions) const {
        std::string list;
        for (; repetitions > 0; --repetitions) {
            for (auto& oid : at) {
                const auto it = std::upper_bound(
                    instances_.begin(), instances_.end(), oid,
                    [](const std::string& a, const Instance& b) { return compare_oid(a, b.oid) < 0; });
                const std::string next =
                    it != instances_.end() ? it->varbind : exception(oid, Tag::end_of_mib_view);
                if (list.size() + next.size() > kMaxReplyBytes - kMaxReplyHeadBytes) return list;
                list += next;
                if (it != instances_.end()) oid = it->oid;
            }
        }
        return list;
    }
    [[nodiscard]] static std::string exception(const std::string& oid, Tag tag) {
        std::array<char, 256> buffer;
        BackWriter out(buffer);
        out.element(tag, {});
        out.element(Tag::oid, oid);
        out.close(Tag::sequence, 0);
        return std::string(out.bytes());
    }
    [[nodiscard]] static std::string close(const std::string& list) {
        std::array<char, 2048> buffer;
        BackWriter out(buffer);
        out.element(Tag::sequence, list);
        out.integer(0);
        out.integer(0);
        return std::string(out.bytes());
    }

    std::vector<Instance> instances_ = make_instances();
    std::unordered_map<std::string, std::string> made_;
    std::string key_;
};

// The devices' engines, one an address.
class Engines {
  public:
    FakeUsm& of(std::uint32_t ipv4) {
        auto& engine = engines_[ipv4];
        if (!engine) {
            std::string id("\x80\x00\x1f\x88\x01", 5);  // RFC 3411 section 5: an IPv4 address follows
            id.append(reinterpret_cast<const char*>(&ipv4), sizeof ipv4);
            engine = std::make_unique<FakeUsm>(id, user_);
        }
        return *engine;
    }

  private:
    std::shared_ptr<const UsmUser> user_ =
        UsmUser::make(kUser, AuthProtocol::sha1, kAuthPassphrase, PrivProtocol::aes128, kPrivPassphrase)
            .value();
    std::unordered_map<std::uint32_t, std::unique_ptr<FakeUsm>> engines_;
};

// One slot of a batch; the same head serves for receiving and for answering.
struct Slot {
    std::array<char, 2048> in;
    std::array<char, 2048> out;
    std::array<char, 64> control;
    sockaddr_in peer;
    iovec part;
};

class Server {
  public:
    Server(int fd, std::chrono::milliseconds delay) : fd_(fd), delay_(delay) {}
    [[noreturn]] void run() {
        for (;;) {
            if (delay_.count() > 0) wait();
            for (std::size_t i = 0; i < kBatchSize; ++i) prepare(i);
            const int flags = delay_.count() > 0 ? MSG_DONTWAIT : MSG_WAITFORONE;
            const int n = recvmmsg(fd_, heads_.data(), kBatchSize, flags, nullptr);
            for (int i = 0; i < n; ++i) answer(static_cast<std::size_t>(i));
            if (delay_.count() > 0) {
                for (int i = 0; i < n; ++i) keep(static_cast<std::size_t>(i));
                continue;
            }
            for (int sent = 0; sent < n;) {
                const int now = sendmmsg(fd_, heads_.data() + sent, static_cast<unsigned>(n - sent), 0);
                sent += now > 0 ? now : 1;
            }
        }
    }

  private:
    using Clock = std::chrono::steady_clock;
    struct Letter {
        Clock::time_point due;
        sockaddr_in peer;
        std::string control;
        std::string bytes;
    };
    void keep(std::size_t i) {
        const msghdr& head = heads_[i].msg_hdr;
        waiting_.push_back(
            {Clock::now() + delay_, slots_[i].peer,
             std::string(slots_[i].control.data(), head.msg_controllen),
             std::string(static_cast<char*>(slots_[i].part.iov_base), slots_[i].part.iov_len)});
    }
    // For a question, sending what is due meanwhile.
    void wait() {
        for (;;) {
            for (; !waiting_.empty() && waiting_.front().due <= Clock::now(); waiting_.pop_front())
                send(waiting_.front());
            int longest_ms = -1;
            if (!waiting_.empty())
                longest_ms = static_cast<int>(
                    std::chrono::ceil<std::chrono::milliseconds>(waiting_.front().due - Clock::now())
                        .count());
            pollfd readable{fd_, POLLIN, 0};
            if (poll(&readable, 1, longest_ms) > 0) return;
        }
    }
    void send(Letter& letter) const {
        iovec part{letter.bytes.data(), letter.bytes.size()};
        const msghdr head{&letter.peer,          sizeof letter.peer,    &part, 1,
                          letter.control.data(), letter.control.size(), 0};
        (void)sendmsg(fd_, &head, 0);
    }
    void prepare(std::size_t i) {
        Slot& slot = slots_[i];
        slot.part = {slot.in.data(), slot.in.size()};
        heads_[i] = {};
        heads_[i].msg_hdr = {&slot.peer,          sizeof slot.peer,    &slot.part, 1,
                             slot.control.data(), slot.control.size(), 0};
    }
    void answer(std::size_t i) {
        Slot& slot = slots_[i];
        const std::string_view datagram(slot.in.data(), heads_[i].msg_len);
        const std::uint32_t asked = answer_from_the_address_asked(heads_[i].msg_hdr);
        BackWriter out(slot.out);
        if (const auto version = parse_version(datagram); version && *version == Version::v3) {
            write_v3(engines_.of(asked), datagram, out);
        } else if (Question question; parse_question(datagram, question)) {
            write_pdu(question, out);
            finish_message(out, Version::v2c, question.community);
        }
        const std::string_view bytes = out.bytes();
        slot.part = {const_cast<char*>(bytes.data()), bytes.size()};
    }
    void write_pdu(const Question& question, BackWriter& out) {
        out.put(answers_.find(question));
        out.element(Tag::integer, question.request_id);
        out.close(Tag::response, 0);
    }
    void write_v3(FakeUsm& engine, std::string_view datagram, BackWriter& out) {
        const auto opened = engine.open(datagram, scratch_);
        Question question;
        if (!opened.is_sound) return;
        if (opened.report != FakeUsm::kNoReport) return engine.report(out, opened);
        if (!parse_pdu(opened.scoped.pdu, question)) return;
        write_pdu(question, out);
        engine.seal(out, opened);
    }
    // Gives that address.
    static std::uint32_t answer_from_the_address_asked(msghdr& head) {
        cmsghdr* control = CMSG_FIRSTHDR(&head);
        if (control == nullptr) return 0;
        in_pktinfo info{};
        std::memcpy(&info, CMSG_DATA(control), sizeof info);
        info = in_pktinfo{0, info.ipi_addr, {}};
        std::memcpy(CMSG_DATA(control), &info, sizeof info);
        head.msg_controllen = CMSG_SPACE(sizeof info);
        return info.ipi_addr.s_addr;
    }

    int fd_;
    std::chrono::milliseconds delay_;
    std::deque<Letter> waiting_;
    Answers answers_;
    Engines engines_;
    std::array<char, 4096> scratch_{};
    std::array<Slot, kBatchSize> slots_{};
    std::array<mmsghdr, kBatchSize> heads_{};
};

// Bound to the loopback interface, so that no other network ever reaches it.
int open_socket(std::uint16_t& port) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kSocketBufferBytes, sizeof kSocketBufferBytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSocketBufferBytes, sizeof kSocketBufferBytes);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0 ||
        bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        std::perror("bench_snmp: loopback socket of the devices");
        std::exit(1);
    }
    port = ntohs(address.sin_port);
    return fd;
}

}  // namespace

Responder::Responder(std::chrono::milliseconds delay) {
    const int fd = open_socket(port_);
    pid_ = fork_child([fd, delay] { std::make_unique<Server>(fd, delay)->run(); });
    ::close(fd);
}

Responder::~Responder() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

}  // namespace outstation::bench
