// SPDX-License-Identifier: GPL-3.0-or-later
// Datagram to request, request to answer, answer to datagrams, with whatever the device is told to do wrong.
#include "tests/sim/agent.hpp"

#include <algorithm>

namespace outstation::sim {
namespace {

using namespace snmp;

constexpr std::size_t kHeadBytes = 44;     // of v1 and v2c, but the community, rounded up
constexpr std::size_t kV3HeadBytes = 160;  // but names, id and MAC: 96 and the PDU's head
constexpr std::uint32_t kFirstBoots = 100;
constexpr EngineClock kSecondEngine{7, 5000};  // so much more than the first one has
constexpr std::size_t kLargestDatagram = 65507;
constexpr char kSharedEngine[] = "every device that shares its engine";

// splitmix64
std::uint64_t draw(std::uint64_t& state) {
    std::uint64_t z = state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}
double draw_share(std::uint64_t& state) {
    return static_cast<double>(draw(state) >> 11) / static_cast<double>(1ULL << 53);
}
bool happens(std::uint64_t& state, double share) {
    return share > 0 && draw_share(state) < share;
}

Duration duration_of(double seconds) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

EngineClock engine_clock(const Conduct& conduct, const SimTime& time) {
    const double since = conduct.restarts > 0 ? time.elapsed_s - conduct.restarted_s : time.elapsed_s;
    EngineClock out{kFirstBoots + conduct.restarts, static_cast<std::uint32_t>(std::max(0.0, since))};
    out.boots -= std::min(out.boots, conduct.boots_back);
    if (conduct.is_second_engine) out = {out.boots + kSecondEngine.boots, out.time + kSecondEngine.time};
    return out;
}

UsmEngine& engine_of(const Device& device, const Conduct& conduct, DeviceState& state) {
    auto& engine = conduct.is_second_engine ? state.second_engine : state.engine;
    if (!engine) {
        const std::string name = conduct.shares_engine ? kSharedEngine : device.id;
        engine = std::make_unique<UsmEngine>(engine_id_of(name + (conduct.is_second_engine ? " II" : "")));
    }
    return *engine;
}

}  // namespace

DeviceState::DeviceState(const Device& device) : random(device.variation) {
    for (const char c : device.id) random = (random ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
}

void Agent::receive(const Device& device, DeviceState& state, std::string_view datagram, const SimTime& time,
                    Outbox& outbox) {
    Turn turn{device, state, time, outbox, {}};
    if (device.behaviours) turn.conduct = conduct_at(*device.behaviours, duration_of(time.elapsed_s));
    if (turn.conduct.is_silent || happens(state.random, turn.conduct.loss)) return;
    const auto version = parse_version(datagram);
    if (!version || (turn.conduct.only_v1 && *version != Version::v1)) return;
    request_.version = *version;
    if (*version == Version::v3) {
        receive_v3(turn, datagram);
    } else {
        receive_community(turn, datagram);
    }
}

void Agent::receive_community(Turn& turn, std::string_view datagram) {
    if (!parse_request(datagram, request_) || request_.community != options_.community) return;
    if (!turn.conduct.has_bulk && request_.pdu == Tag::get_bulk_request) return;
    if (turn.conduct.other_version || turn.conduct.other_community) turn.conduct.is_forged = true;
    Turn forged = turn;
    forged.conduct.is_forged = true;
    for (std::uint32_t i = 0; i < turn.conduct.forgeries; ++i)
        answer(forged, static_cast<std::uint32_t>(draw(turn.state.random) >> 33));
    answer(turn, request_.id + turn.conduct.id_offset);
}

void Agent::receive_v3(Turn& turn, std::string_view datagram) {
    UsmEngine& engine = engine_of(turn.device, turn.conduct, turn.state);
    const EngineClock clock = engine_clock(turn.conduct, turn.time);
    auto opened = engine.open(options_.users, datagram, clock, scratch_);
    if (!opened.is_sound) return;
    if (opened.fault == UsmFault::none && opened.message.has_auth() && turn.conduct.is_never_in_time)
        opened.fault = UsmFault::not_in_time;
    for (std::uint32_t i = 0; i < turn.conduct.reports; ++i) {
        UsmEngine::Opened wrong = opened;
        for (wrong.fault = UsmFault::unsupported_level; wrong.fault <= UsmFault::decryption;
             wrong.fault = static_cast<UsmFault>(static_cast<int>(wrong.fault) + 1))
            report(turn, engine, wrong, clock);
    }
    if (opened.fault != UsmFault::none) return report(turn, engine, opened, clock);
    if (!parse_request_pdu(opened.scoped.pdu, request_)) return;
    if (!turn.conduct.has_bulk && request_.pdu == Tag::get_bulk_request) return;
    if (opened.message.level() != level_of(*opened.user)) turn.conduct.status = kAuthorizationError;
    if (turn.conduct.other_user || turn.conduct.is_downgraded || turn.conduct.mac_bytes != UINT32_MAX)
        turn.conduct.is_forged = true;
    Turn forged = turn;
    forged.conduct.is_forged = true;
    for (std::uint32_t i = 0; i < turn.conduct.forgeries; ++i)
        answer_v3(forged, engine, opened, clock,
                  1 + static_cast<std::uint32_t>(draw(turn.state.random) >> 34));
    answer_v3(turn, engine, opened, clock, turn.conduct.id_offset);
}

void Agent::report(const Turn& turn, UsmEngine& engine, const UsmEngine::Opened& opened, EngineClock clock) {
    if ((opened.message.flags & kReportableFlag) == 0) return;
    BackWriter out(out_);
    if (engine.report(out, opened, opened.fault, clock)) deliver(turn, out.bytes());
}

void Agent::answer(const Turn& turn, std::uint32_t id) {
    BackWriter out(out_);
    put_pdu(out, turn, id, kHeadBytes + request_.community.size());
    const bool is_v1 = (request_.version == Version::v1) != turn.conduct.other_version;
    finish_message(out, is_v1 ? Version::v1 : Version::v2c,
                   turn.conduct.other_community ? "another" : request_.community);
    if (out.ok()) deliver(turn, out.bytes());
}

void Agent::answer_v3(const Turn& turn, UsmEngine& engine, const UsmEngine::Opened& opened, EngineClock clock,
                      std::uint32_t more_id) {
    const Conduct& conduct = turn.conduct;
    BackWriter out(out_);
    put_pdu(out, turn, request_.id + more_id,
            kV3HeadBytes + opened.message.user.size() + opened.scoped.context.size() + kMostMacBytes);
    auto seal = UsmEngine::seal_of(opened, clock);
    seal.id = (seal.id + more_id) & INT32_MAX;
    if (conduct.is_downgraded) seal.level = 0;
    if (conduct.other_user) seal.user_name = "another";
    seal.mac_bytes = conduct.mac_bytes;
    if (engine.seal(out, opened, seal)) deliver(turn, out.bytes());
}

void Agent::put_pdu(BackWriter& out, const Turn& turn, std::uint32_t id, std::size_t head_bytes) {
    const DeviceClock clock = clock_of(turn.conduct, turn.time, turn.device.variation);
    const bool is_renumbered = turn.conduct.is_renumbered && turn.device.renumbered;
    View view(is_renumbered ? *turn.device.renumbered : *turn.device.mib, clock, turn.conduct,
              turn.state.guess);
    view.set_name(turn.device.sys_name);
    view.answer(request_, std::min(options_.max_message_bytes, kLargestDatagram) - head_bytes);
    out.put(view.varbinds());
    finish_pdu(out, Tag::response, id, view.status(), view.index());
}

void Agent::deliver(const Turn& turn, std::string_view bytes) {
    const Conduct& conduct = turn.conduct;
    std::uint64_t& luck = turn.state.random;
    if (conduct.replays) {
        if (turn.state.first_answer.empty()) turn.state.first_answer = bytes;
        bytes = turn.state.first_answer;
    }
    if (conduct.is_cut) bytes = bytes.substr(0, bytes.size() / 2);
    if (conduct.is_random) {
        twisted_.assign(bytes.size(), '\0');
        for (char& c : twisted_) c = static_cast<char>(draw(luck));
        bytes = twisted_;
    }
    const std::uint32_t copies = conduct.copies + (happens(luck, conduct.duplicates) ? 1 : 0);
    for (std::uint32_t i = 0; i < copies; ++i) {
        if (happens(luck, conduct.loss)) continue;
        const double jitter_s = conduct.jitter_s > 0 ? conduct.jitter_s * draw_share(luck) : 0;
        turn.outbox.send(bytes, {duration_of(conduct.latency_s + jitter_s), conduct.from_other_address,
                                 conduct.from_other_port});
    }
}

}  // namespace outstation::sim
