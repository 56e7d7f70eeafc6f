// SPDX-License-Identifier: GPL-3.0-or-later
// sendmmsg with the source address of each datagram.
#include "tests/sim/post.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace outstation::sim {
namespace {

constexpr std::size_t kBatch = 64;

struct alignas(cmsghdr) Control {
    char bytes[CMSG_SPACE(sizeof(in_pktinfo))];
};

void set_source(msghdr& head, Control& control, in_addr source) {
    if (source.s_addr == 0) return;
    head.msg_control = control.bytes;
    head.msg_controllen = sizeof control.bytes;
    cmsghdr* const part = CMSG_FIRSTHDR(&head);
    part->cmsg_level = IPPROTO_IP;
    part->cmsg_type = IP_PKTINFO;
    part->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    info.ipi_spec_dst = source;
    std::memcpy(CMSG_DATA(part), &info, sizeof info);
}

}  // namespace

void Post::send(const Route& route, std::string_view bytes) {
    letters_.push_back({route, bytes_.size(), bytes.size()});
    bytes_ += bytes;
}

void Post::send_later(const Route& route, std::string_view bytes, Duration after) {
    if (waiting_.size() >= kMostWaiting) return;
    waiting_.emplace(loop_.now() + after, Waiting{route, std::string(bytes)});
    arm();
}

void Post::arm() {
    if (waiting_.empty() || (timer_ && armed_at_ <= waiting_.begin()->first)) return;
    armed_at_ = waiting_.begin()->first;
    timer_ = loop_.at(armed_at_, [this] { send_due(); });
}

void Post::send_due() {
    timer_.cancel();
    while (!waiting_.empty() && waiting_.begin()->first <= loop_.now()) {
        send(waiting_.begin()->second.route, waiting_.begin()->second.bytes);
        waiting_.erase(waiting_.begin());
    }
    flush();
    arm();
}

void Post::flush() {
    std::array<mmsghdr, kBatch> heads;
    std::array<iovec, kBatch> parts;
    std::array<Control, kBatch> controls;
    std::size_t done = 0;
    while (done < letters_.size()) {
        const int fd = letters_[done].route.fd;
        std::size_t n = 0;
        for (; n < kBatch && done + n < letters_.size() && letters_[done + n].route.fd == fd; ++n) {
            Letter& letter = letters_[done + n];
            parts[n] = {bytes_.data() + letter.at, letter.size};
            heads[n] = {};
            heads[n].msg_hdr.msg_name = &letter.route.peer;
            heads[n].msg_hdr.msg_namelen = letter.route.peer_size;
            heads[n].msg_hdr.msg_iov = &parts[n];
            heads[n].msg_hdr.msg_iovlen = 1;
            set_source(heads[n].msg_hdr, controls[n], letter.route.source);
        }
        const int sent = sendmmsg(fd, heads.data(), static_cast<unsigned>(n), MSG_DONTWAIT | MSG_NOSIGNAL);
        done += sent > 0 ? static_cast<std::size_t>(sent) : 1;  // the first one was not taken: it is lost
    }
    letters_.clear();
    bytes_.clear();
}

}  // namespace outstation::sim
