// SPDX-License-Identifier: GPL-3.0-or-later
// Address after address, credential after credential.
#include "daemons/polld/sweep.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "daemons/polld/device_text.hpp"
#include "drivers/pack/identify.hpp"
#include "drivers/pack/value_text.hpp"

namespace outstation::polld {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLongest = 20s;  // of a question with all its answers
constexpr Duration kNeighbours = 10s;
const pack::Oid kEngineId = {1, 3, 6, 1, 6, 3, 10, 2, 1, 1, 0};  // snmpEngineID, RFC 3411
const pack::Oid kBridge = {1, 3, 6, 1, 2, 1, 17, 1, 1, 0};       // dot1dBaseBridgeAddress, RFC 4188

bool is_refusal(snmp::CycleError error) {
    using snmp::CycleError;
    return error == CycleError::unknown_user || error == CycleError::authentication ||
           error == CycleError::privacy || error == CycleError::security_level ||
           error == CycleError::unknown_context;
}

std::string hardware_text(const pack::Values& values, const pack::Oid& oid, pack::Format format) {
    const pack::Value* value = values.find(oid);
    return value == nullptr ? std::string() : clean_text(pack::format_value(*value, format), kMaxLabelBytes);
}

std::int64_t wall_ns(Loop& loop) {
    return loop.wall().time_since_epoch().count();
}

}  // namespace

Sweep::Sweep(Parts parts) : parts_(std::move(parts)), reach_(parts_.probes) {
    status_.state = "never";
}

Sweep::~Sweep() {
    stop();
}

void Sweep::configure(std::vector<Scope> scopes, const std::vector<wire::DeviceConfig>& devices) {
    scopes_ = std::move(scopes);
    known_.clear();
    for (const wire::DeviceConfig& device : devices)
        if (const auto address = parse_ipv4(device.address)) known_[{*address, device.port}] = device.id;
    recall_refusals();
    if (status_.state == "running") run();
}

// With what all scopes that the address is in allow, each once.
std::vector<Sweep::Attempt> Sweep::attempts_at(std::uint32_t address) const {
    std::vector<Attempt> out;
    for (const Scope& scope : scopes_) {
        if (!scope.range.contains(address)) continue;
        for (const std::string& credential : scope.credentials) {
            Attempt attempt{credential, scope.port};
            if (std::find(out.begin(), out.end(), attempt) == out.end()) out.push_back(std::move(attempt));
        }
    }
    return out;
}

Result<void> Sweep::start(const std::vector<std::string>& ranges) {
    std::vector<AddressRange> wanted;
    std::uint64_t total = 0;
    for (const std::string& text : ranges) {
        const auto range = parse_range(text);
        if (!range) return fail(range.error());
        if (!is_allowed(*range))
            return fail(ErrorCode::refused,
                        text + ": in no scope of discovery, so no credential may go there");
        wanted.push_back(*range);
        total += range->size();
    }
    if (total == 0 || total > kMostAddresses)
        return fail(ErrorCode::refused, "expected 1 to " + std::to_string(kMostAddresses) + " addresses");
    stop();
    ranges_ = std::move(wanted);
    status_ = {"running", ranges, static_cast<std::uint32_t>(total), 0, 0, wall_ns(parts_.loop), 0, {},
               {},        0};
    begin_reach(0);
    found_.clear();
    answered_.clear();
    neighbours_.clear();
    refusals_.clear();
    for (const auto& one : std::exchange(until_next_, {})) refused_.erase(one);
    run();
    return {};
}

bool Sweep::is_allowed(const AddressRange& range) const {
    std::vector<AddressRange> allowed;
    for (const Scope& one : scopes_) allowed.push_back(one.range);
    return is_within(range, allowed);
}

void Sweep::pause() {
    if (status_.state != "running") return;
    status_.state = "paused";
    next_timer_.cancel();
}

void Sweep::resume() {
    if (status_.state != "paused") return;
    status_.state = "running";
    run();
}

void Sweep::stop() {
    next_timer_.cancel();
    neighbours_timer_.cancel();
    for (const auto& [number, host] : hosts_)
        if (host->engine_id) parts_.engine.remove(*host->engine_id);
    hosts_.clear();
    if (status_.state == "running" || status_.state == "paused") {
        status_.state = "stopped";
        status_.ended_ns = wall_ns(parts_.loop);
    }
}

Result<void> Sweep::act(const std::string& action) {
    if (action.empty()) return {};
    if (status_.state != "running" && status_.state != "paused")
        return fail(ErrorCode::refused, "no sweep is under way: " + status_.state);
    if (action == "pause") pause();
    if (action == "resume") resume();
    if (action == "stop") stop();
    return {};
}

void Sweep::run() {
    see_neighbours();
    next_timer_ = parts_.loop.after(Duration{1s} / kHostsPerSecond, [this] { begin_next(); });
}

std::uint32_t Sweep::address_at(std::uint32_t number) const {
    for (const AddressRange& range : ranges_) {
        if (number < range.size()) return range.first + number;
        number -= range.size();
    }
    return 0;
}

void Sweep::begin_reach(std::uint32_t next) {
    reach_.begin(next, status_.total, [this](std::uint32_t number) { return address_at(number); });
}

void Sweep::begin_next() {
    if (reach_.is_done()) {
        if (hosts_.empty()) end();
        return;
    }
    next_timer_ = parts_.loop.after(Duration{1s} / kHostsPerSecond, [this] { begin_next(); });
    if (hosts_.size() >= kMostAtOnce) return;
    auto turn = reach_.take();
    for (const std::string& problem : reach_.problems()) add_problem("unprobed", problem);
    if (!turn) return;
    auto host = std::make_unique<Host>();
    host->number = turn->number;
    host->seen = std::move(turn->seen);
    host->address = address_at(host->number);
    host->attempts = attempts_at(host->address);
    Host& asked = *host;
    hosts_.emplace(asked.number, std::move(host));
    try_next(asked);
}

// The same everywhere, so that an account cannot be locked out by us.
bool Sweep::may_try(const std::string& credential, std::uint32_t address) const {
    const Credentials::Ready* ready = parts_.credentials.find(credential);
    const auto refusals = refusals_.find(credential);
    const auto refused = refused_.find({credential, address});
    return ready != nullptr && ready->security &&
           (refused == refused_.end() || refused->second != ready->revision) &&
           (refusals == refusals_.end() || refusals->second < kMostRefusals);
}

void Sweep::try_next(Host& host) {
    while (!host.attempts.empty()) {
        host.credential = host.attempts.front().credential;
        host.port = host.attempts.front().port;
        host.attempts.erase(host.attempts.begin());
        const auto address = snmp::Address::parse(ipv4_text(host.address), host.port);
        if (!address || !may_try(host.credential, host.address)) continue;
        host.engine_id = parts_.engine.add({*address, *parts_.credentials.find(host.credential)->security});
        host.plan = PackPlan::to_identify(parts_.packs.probes());
        return ask(host, &Sweep::on_look);
    }
    finish(host);
}

void Sweep::ask(Host& host, void (Sweep::*then)(Host&, const snmp::Cycle&)) {
    parts_.engine.poll(*host.engine_id, host.plan->plan(), kLongest,
                       [this, &host, then](snmp::Engine::DeviceId, const snmp::Cycle& cycle) {
                           (this->*then)(host, cycle);
                       });
}

void Sweep::on_look(Host& host, const snmp::Cycle& cycle) {
    if (!cycle.answered || is_refusal(cycle.error)) return on_refused(host, cycle);
    refusals_.erase(host.credential);
    host.choices = parts_.packs.choose(host.plan->values_of(cycle));
    pack::Needs needs = pack::needs_of(host.choices, pack::Scope::identity);
    needs.values.insert({kEngineId, kBridge});
    host.plan = PackPlan::to_identify(needs);
    ask(host, &Sweep::on_identity);
}

void Sweep::on_refused(Host& host, const snmp::Cycle& cycle) {
    parts_.engine.remove(*std::exchange(host.engine_id, std::nullopt));
    if (is_refusal(cycle.error)) {
        host.problem = "it refuses credential " + host.credential + ": " +
                       std::string(snmp::cycle_error_name(cycle.error));
        host.trouble = "refused";
        if (const auto* ready = parts_.credentials.find(host.credential))
            refused_[{host.credential, host.address}] = ready->revision;
        if (++refusals_[host.credential] == kMostRefusals) {
            status_.left_alone.push_back(host.credential);
            add_problem("left_alone", "credential " + host.credential + " was refused by " +
                                          std::to_string(kMostRefusals) +
                                          " devices in a row and is left alone");
        }
    }
    try_next(host);
}

void Sweep::on_identity(Host& host, const snmp::Cycle& cycle) {
    const pack::ValueTable values = host.plan->values_of(cycle);
    const pack::Device device = pack::identify(host.choices, values);
    wire::Candidate out;
    out.addresses = {ipv4_text(host.address)};
    out.sys_name = clean_text(device.name, kMaxLabelBytes);
    out.vendor = clean_text(device.vendor, kMaxLabelBytes);
    out.device_class = clean_text(device.kind, kMaxLabelBytes);
    out.model = clean_text(device.model, kMaxLabelBytes);
    out.version = clean_text(device.version, kMaxLabelBytes);
    out.serial = clean_text(device.serial, kMaxLabelBytes);
    out.credential = host.credential;
    out.port = host.port;
    for (const pack::Choice& choice : host.choices) {
        out.packs.push_back(choice.pack->name);
        out.why.push_back(clean_text(choice.why, kMaxLabelBytes));
    }
    out.engine_id = hardware_text(values, kEngineId, pack::Format::hex);
    out.mac = hardware_text(values, kBridge, pack::Format::mac);
    out.object_id = clean_text(device.object_id, kMaxLabelBytes);
    out.description = clean_text(device.description, kMaxLabelBytes);
    if (!cycle.answered) {
        out.problem = "it stopped answering";
        out.trouble = "lost";
    }
    out.seen = std::exchange(host.seen, {});
    out.seen.insert(out.seen.begin(), "snmp");
    suggest(out);
    answered_.insert(host.address);
    keep(std::move(out));
    parts_.engine.remove(*std::exchange(host.engine_id, std::nullopt));
    host.problem.clear();
    finish(host);
}

// The host is gone after this.
void Sweep::finish(Host& host) {
    if (!host.problem.empty() || !host.seen.empty()) keep_silent(host);
    ++status_.done;
    const std::uint32_t number = host.number;
    hosts_.erase(number);
    if (reach_.is_done() && hosts_.empty() && status_.state == "running") end();
}

// Who answered no credential, but was seen or refused one.
void Sweep::keep_silent(Host& host) {
    if (neighbours_.count(host.address) == 0) see_neighbours();
    const auto neighbour = neighbours_.find(host.address);
    const std::string hardware = neighbour == neighbours_.end() ? "" : neighbour->second;
    wire::Candidate out = make_silent_candidate(host.address, std::move(host.seen), hardware);
    if (!host.problem.empty()) {
        out.problem = host.problem;
        out.trouble = host.trouble;
        out.seen.insert(out.seen.begin(), "snmp");
    }
    answered_.insert(host.address);
    keep(std::move(out));
}

// Each datagram to our own subnet makes the kernel ask who has the address; its table forgets soon.
void Sweep::see_neighbours() {
    for (const auto& [address, hardware] : parts_.neighbours())
        if (std::any_of(ranges_.begin(), ranges_.end(),
                        [at = address](const auto& range) { return range.contains(at); }))
            neighbours_[address] = hardware;
    neighbours_timer_ = parts_.loop.after(kNeighbours, [this] { see_neighbours(); });
}

void Sweep::end() {
    next_timer_.cancel();
    see_neighbours();
    neighbours_timer_.cancel();
    for (const auto& [address, hardware] : neighbours_) {
        if (answered_.count(address) > 0) continue;
        keep(make_silent_candidate(address, {}, hardware));
    }
    status_.state = "done";
    status_.ended_ns = wall_ns(parts_.loop);
    if (done_) done_();
}

wire::SweepStatus Sweep::status() const {
    wire::SweepStatus out = status_;
    out.probed = reach_.probed();
    if (!reach_.unprobed().empty()) out.unprobed = reach_.unprobed();
    out.found = static_cast<std::uint32_t>(found_.devices());
    out.others = static_cast<std::uint32_t>(found_.size() - found_.devices());
    return out;
}

void Sweep::keep(wire::Candidate candidate) {
    static const std::string kFull = "there is no room for all that was found: sweep smaller ranges";
    if (!found_.add(std::move(candidate))) add_problem("full", kFull);
}

void Sweep::add_problem(const char* kind, const std::string& text) {
    auto& problems = status_.problems;
    if (std::find(problems.begin(), problems.end(), text) != problems.end()) return;
    problems.push_back(text);
    status_.kinds.emplace_back(kind);
}

bool Sweep::asks(const std::string& credential, const std::string& address) const {
    const auto number = parse_ipv4(address);
    const Credentials::Ready* ready = parts_.credentials.find(credential);
    if (!number || ready == nullptr || !ready->security) return false;
    const auto attempts = attempts_at(*number);
    return std::any_of(attempts.begin(), attempts.end(),
                       [&credential](const Attempt& one) { return one.credential == credential; });
}

std::vector<wire::RefusedCredential> Sweep::refusals() const {
    std::map<std::string, wire::RefusedCredential> by_name;
    for (const wire::RefusedCredential& one : before_) by_name[one.credential] = one;
    for (const auto& [credential, count] : refusals_) by_name[credential].in_a_row = count;
    for (const auto& [refused, revision] : refused_) {
        const Credentials::Ready* ready = parts_.credentials.find(refused.first);
        if (ready != nullptr && ready->revision == revision)
            by_name[refused.first].addresses.push_back(refused.second);
    }
    std::vector<wire::RefusedCredential> out;
    for (auto& [credential, one] : by_name) {
        one.credential = credential;
        out.push_back(std::move(one));
    }
    return out;
}

// Whether a credential changed while polld was away is not known: the next sweep tries it again.
void Sweep::recall_refusals() {
    for (const wire::RefusedCredential& one : std::exchange(before_, {})) {
        const Credentials::Ready* ready = parts_.credentials.find(one.credential);
        if (ready == nullptr) continue;
        for (const std::uint32_t address : one.addresses) {
            refused_[{one.credential, address}] = ready->revision;
            until_next_.insert({one.credential, address});
        }
    }
}

// Which of them are configured and which not wanted is that of now. Who did not answer has no port.
std::vector<wire::Candidate> Sweep::candidates() const {
    auto out = found_.sorted();
    for (wire::Candidate& one : out) {
        for (const std::string& address : one.addresses) {
            const std::uint32_t number = parse_ipv4(address).value_or(0);
            const auto known = known_.lower_bound({number, one.port});
            const bool is_there = known != known_.end() && known->first.first == number &&
                                  (one.port == 0 || known->first.second == one.port);
            if (is_there && one.known_as.empty()) one.known_as = known->second;
        }
        one.ignored = std::any_of(ignored_.begin(), ignored_.end(),
                                  [&one](const auto& other) { return is_found_again(other, one); });
    }
    return out;
}

Result<Sweep::Access> Sweep::access_to(const std::string& address) const {
    const auto all = found_.sorted();
    const auto one = std::find_if(all.begin(), all.end(), [&address](const wire::Candidate& candidate) {
        const auto& addresses = candidate.addresses;
        return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
    });
    const auto number = parse_ipv4(address);
    if (one == all.end() || !number)
        return fail(ErrorCode::not_found, address + " is no configured device, and no sweep found it");
    const Attempt wanted{one->credential, static_cast<std::uint16_t>(one->port)};
    const auto allowed = attempts_at(*number);
    if (wanted.credential.empty() || std::find(allowed.begin(), allowed.end(), wanted) == allowed.end())
        return fail(ErrorCode::refused, address + ": no credential that a scope allows fits");
    return Access{wanted.credential, wanted.port};
}

Result<void> Sweep::ignore(const std::string& address, bool ignored) {
    const auto all = found_.sorted();
    const auto one = std::find_if(all.begin(), all.end(), [&address](const wire::Candidate& candidate) {
        const auto& addresses = candidate.addresses;
        return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
    });
    if (one == all.end()) return fail(ErrorCode::not_found, address + " was not found by a sweep");
    std::erase_if(ignored_, [&one](const auto& other) { return is_found_again(other, *one); });
    if (!ignored) return {};
    if (ignored_.size() >= Candidates::kMost)
        return fail(ErrorCode::exhausted, "too many devices are ignored");
    ignored_.push_back(*one);
    return {};
}

wire::SweepState Sweep::saved() const {
    const std::uint32_t next =
        hosts_.empty() ? reach_.next() : std::min(hosts_.begin()->first, reach_.next());
    return {status(), next, found_.sorted(), ignored_, refusals()};
}

void Sweep::restore(const wire::SweepState& saved) {
    ignored_ = saved.ignored;
    ranges_.clear();
    std::uint64_t total = 0;
    for (const std::string& text : saved.status.ranges) {
        const auto range = parse_range(text);
        if (!range) return;
        ranges_.push_back(*range);
        total += range->size();
    }
    if (total != saved.status.total || saved.next > total) return;
    status_ = saved.status;
    if (status_.state == "running" || status_.state == "paused") status_.done = saved.next;
    begin_reach(saved.next);
    before_ = saved.refused;
    for (const wire::RefusedCredential& one : before_)
        if (one.in_a_row > 0) refusals_[one.credential] = one.in_a_row;
    for (const wire::Candidate& candidate : saved.candidates) {
        for (const std::string& address : candidate.addresses)
            if (const auto number = parse_ipv4(address)) answered_.insert(*number);
        keep(candidate);
    }
}

std::map<std::uint32_t, std::string> read_neighbours(const std::string& path) {
    std::map<std::uint32_t, std::string> out;
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);  // the heads of the columns
    while (std::getline(in, line)) {
        std::istringstream words(line);
        std::string address;
        std::string type;
        std::string hardware;
        unsigned flags = 0;
        words >> address >> type >> std::hex >> flags >> hardware;
        const auto number = parse_ipv4(address);
        if (number && (flags & 2U) != 0) out[*number] = hardware;  // ATF_COM
    }
    return out;
}

}  // namespace outstation::polld
