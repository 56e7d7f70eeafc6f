// SPDX-License-Identifier: GPL-3.0-or-later
// Reading requests, answering them, delivering the answers.
#include "drivers/snmp/fake_network.hpp"

#include <algorithm>
#include <array>

namespace outstation::snmp {
namespace {

FakeRequest parse_request(std::string_view bytes) {
    FakeRequest out;
    Cursor outer(bytes);
    std::string_view content;
    if (!outer.take(Tag::sequence, content)) return {};
    Cursor message(content);
    Tlv pdu;
    if (!message.take(Tag::integer, content) || !message.take(Tag::octet_string, content)) return {};
    out.community = content;
    if (!message.take(pdu)) return {};
    Cursor body(pdu.content);
    std::int64_t value = 0;
    if (!body.take(Tag::integer, content) || !parse_signed(content, value)) return {};
    out.id = static_cast<std::uint32_t>(value);
    if (!body.take(Tag::integer, content)) return {};
    if (!body.take(Tag::integer, content) || !parse_signed(content, out.repetitions)) return {};
    if (!body.take(Tag::sequence, content)) return {};
    Cursor list(content);
    Varbind varbind;
    bool malformed = false;
    while (take_varbind(list, varbind, malformed)) out.oids.emplace_back(varbind.oid);
    out.pdu = pdu.tag;
    return out;
}

std::string encode_answer(const FakeAnswer& answer, const std::string& community, std::uint32_t id) {
    std::vector<char> buffer(70000);
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

}  // namespace

std::string encode_number(std::uint64_t value) {
    std::array<char, 16> buffer;
    BackWriter out(buffer);
    out.integer(static_cast<std::int64_t>(value));
    return std::string(out.bytes().substr(2));
}

std::size_t FakeNetwork::send(std::span<Datagram> datagrams, int& error) {
    error = 0;
    for (const Datagram& datagram : datagrams) {
        ++sent;
        largest_request = std::max(largest_request, datagram.bytes.size());
        serve(datagram);
    }
    return datagrams.size();
}

std::span<const Datagram> FakeNetwork::receive() {
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

void FakeNetwork::deliver(const Address& from, std::string bytes, Duration later) {
    timers_.push_back(loop_.after(later, [this, from, bytes = std::move(bytes)] {
        arrived_.emplace_back(from, bytes);
        loop_.set_ready(fd(), Ready{true, false});
    }));
}

void FakeNetwork::serve(const Datagram& datagram) {
    if (lost && lost(sent)) return;
    const FakeRequest request = parse_request(datagram.bytes);
    if (request.pdu == Tag::none) return;
    FakeAnswer answer;
    if (!corrupt || !corrupt(request, answer)) answer = respond(request);
    std::string bytes = encode_answer(answer, request.community, request.id);
    if (twist) twist(datagram.address, bytes);
    if (!bytes.empty()) deliver(datagram.address, bytes, delay);
}

FakeAnswer FakeNetwork::respond(const FakeRequest& request) const {
    FakeAnswer answer;
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

}  // namespace outstation::snmp
