// SPDX-License-Identifier: GPL-3.0-or-later
// Reading requests, answering them, delivering the answers.
#include "drivers/snmp/fake_network.hpp"

#include <algorithm>
#include <array>

namespace outstation::snmp {
namespace {

FakeRequest parse_pdu(const Tlv& pdu) {
    FakeRequest out;
    std::string_view content;
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
    while (take_varbind(list, varbind, malformed)) {
        out.oids.emplace_back(varbind.oid);
        out.values.emplace_back(varbind.value.tag, varbind.value.content);
    }
    out.pdu = pdu.tag;
    return out;
}

// Of v1 and v2c.
FakeRequest parse_request(std::string_view bytes) {
    Cursor outer(bytes);
    std::string_view content;
    std::string_view community;
    if (!outer.take(Tag::sequence, content)) return {};
    Cursor message(content);
    Tlv pdu;
    if (!message.take(Tag::integer, content) || !message.take(Tag::octet_string, community)) return {};
    if (!message.take(pdu)) return {};
    FakeRequest out = parse_pdu(pdu);
    out.version = parse_version(bytes).value();
    out.community = community;
    return out;
}

void write_pdu(BackWriter& out, const FakeAnswer& answer, std::uint32_t id) {
    for (auto it = answer.varbinds.rbegin(); it != answer.varbinds.rend(); ++it) {
        const std::size_t start = out.mark();
        out.element(it->second.first, it->second.second);
        out.element(Tag::oid, it->first);
        out.close(Tag::sequence, start);
    }
    finish_pdu(out, Tag::response, id, answer.status, answer.index);
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
    for (const Arrived& one : delivered_) out_.push_back(Datagram{one.from, one.bytes, loop_.now() - one.at});
    if (arrived_.empty()) loop_.set_ready(fd(), Ready{});
    return out_;
}

void FakeNetwork::deliver(const Address& from, std::string bytes, Duration later) {
    timers_.push_back(loop_.after(later, [this, from, bytes = std::move(bytes)] {
        arrived_.push_back({from, bytes, loop_.now()});
        loop_.set_ready(fd(), Ready{true, false});
    }));
}

std::string FakeNetwork::answer_to(std::string_view bytes) {
    FakeUsm::Opened opened;
    if (usm != nullptr) opened = usm->open(bytes, scratch_);
    if (opened.report != FakeUsm::kNoReport) return report(opened);
    FakeRequest request = opened.is_sound ? parse_pdu(opened.scoped.pdu) : parse_request(bytes);
    if (opened.is_sound) request.version = Version::v3;
    return request.pdu == Tag::none ? std::string() : answer(request, opened);
}

void FakeNetwork::serve(const Datagram& datagram) {
    if (lost && lost(sent)) return;
    if (usm_of) usm = usm_of(datagram.address);
    std::string bytes = answer_to(datagram.bytes);
    if (bytes.empty()) return;
    if (twist) twist(datagram.address, bytes);
    if (!bytes.empty()) deliver(datagram.address, bytes, delay);
}

std::string FakeNetwork::answer(const FakeRequest& request, const FakeUsm::Opened& opened) {
    FakeAnswer answer;
    if (!corrupt || !corrupt(request, answer))
        answer = request.pdu == Tag::set_request  ? respond_to_set(request)
                 : request.version == Version::v1 ? respond_as_v1(request)
                                                  : respond(request);
    std::vector<char> buffer(70000);
    BackWriter out(buffer);
    write_pdu(out, answer, request.id);
    if (request.version == Version::v3) {
        usm->seal(out, opened);
    } else {
        finish_message(out, request.version, request.community);
    }
    return std::string(out.bytes());
}

std::string FakeNetwork::report(const FakeUsm::Opened& opened) {
    std::vector<char> buffer(1000);
    BackWriter out(buffer);
    usm->report(out, opened);
    return std::string(out.bytes());
}

// RFC 1157 sections 4.1.2 and 4.1.3: all or nothing, and Counter64 is not there.
FakeAnswer FakeNetwork::respond_as_v1(const FakeRequest& request) const {
    FakeAnswer answer;
    if (request.pdu == Tag::get_bulk_request) return {{}, kGenErr, 0};
    for (const auto& name : request.oids) {
        auto it = request.pdu == Tag::get_request ? mib.find(name) : mib.upper_bound(name);
        while (it != mib.end() && it->second.first == Tag::counter64)
            it = request.pdu == Tag::get_request ? mib.end() : std::next(it);
        if (it == mib.end()) {
            const auto index = static_cast<std::int64_t>(answer.varbinds.size()) + 1;
            FakeAnswer refused{{}, kNoSuchName, index};
            for (const auto& asked : request.oids)
                refused.varbinds.emplace_back(asked, std::pair{Tag::null, std::string()});
            return refused;
        }
        answer.varbinds.push_back(*it);
    }
    return answer;
}

// What is there can be written, with its own type.
FakeAnswer FakeNetwork::respond_to_set(const FakeRequest& request) {
    constexpr std::int64_t kWrongType = 7;
    constexpr std::int64_t kNotWritable = 17;
    FakeAnswer answer;
    for (std::size_t i = 0; i < request.oids.size(); ++i) {
        answer.varbinds.emplace_back(request.oids[i], request.values[i]);
        const auto it = mib.find(request.oids[i]);
        const bool is_sound = it != mib.end() && it->second.first == request.values[i].first;
        if (is_sound || answer.status != kNoError) continue;
        answer.status = it == mib.end() ? kNotWritable : kWrongType;
        answer.index = static_cast<std::int64_t>(i) + 1;
    }
    if (answer.status != kNoError) return answer;
    for (std::size_t i = 0; i < request.oids.size(); ++i) mib[request.oids[i]] = request.values[i];
    return answer;
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
    const std::int64_t rows = request.pdu == Tag::get_next_request ? 1 : request.repetitions;
    for (std::int64_t row = 0; row < rows; ++row) {
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
