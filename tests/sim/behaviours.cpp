// SPDX-License-Identifier: GPL-3.0-or-later
// The table of behaviours, and how they are written.
#include "tests/sim/behaviours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "drivers/snmp/message.hpp"
#include "lib/config/config.hpp"

namespace outstation::sim {
namespace {

using Kind = Behaviour::Kind;
using Unit = Behaviour::Unit;
using Now = const Occurrence&;

constexpr double kMinute = 60;

std::uint32_t whole(double amount) {
    return static_cast<std::uint32_t>(std::clamp(amount, 0.0, 4e9));
}

// name, kind, unit, amount, every, what it does, how.
constexpr Behaviour kBehaviours[] = {
    {"latency", Kind::network, Unit::duration, 0.2, 0, "each answer comes so much later",
     [](Conduct& c, double amount, Now) { c.latency_s += amount; }},
    {"jitter", Kind::network, Unit::duration, 0.05, 0,
     "and up to so much more, so that answers overtake each other",
     [](Conduct& c, double amount, Now) { c.jitter_s += amount; }},
    {"loss", Kind::network, Unit::share, 0.1, 0, "this share of requests, and of answers, is lost",
     [](Conduct& c, double amount, Now) { c.loss = 1 - (1 - c.loss) * (1 - amount); }},
    {"duplicates", Kind::network, Unit::share, 0.1, 0, "this share of answers comes twice",
     [](Conduct& c, double amount, Now) { c.duplicates = amount; }},

    {"counters", Kind::life, Unit::count, 1000, 0,
     "counters that stand still in a recording grow by so much a second, and sysUpTime goes on",
     [](Conduct& c, double amount, Now) { c.growth_per_s = amount; }},
    {"wrap", Kind::life, Unit::duration, 30, 0, "every Counter32 reaches its end so long after the start",
     [](Conduct& c, double amount, Now) { c.wrap_s = amount; }},
    {"restart", Kind::life, Unit::duration, 5, 10 * kMinute,
     "the device is away for so long, then sysUpTime and counters begin at 0, and engine boots is one more",
     [](Conduct& c, double amount, Now now) {
         c.restarts = now.number + 1;
         c.restarted_s = now.began_s + amount;
         if (now.lasted_s < amount) c.is_silent = true;
     }},
    {"reindex", Kind::life, Unit::none, 0, 10 * kMinute,
     "each interface gets the ifIndex of another, and the next time its own again",
     [](Conduct& c, double, Now now) { c.is_renumbered = now.number % 2 == 0; }},

    {"loop", Kind::hostile, Unit::count, 10, 0, "a walk goes in circles of so many instances",
     [](Conduct& c, double amount, Now) { c.circle = std::max(1U, whole(amount)); }},
    {"stuck", Kind::hostile, Unit::none, 0, 0, "GETNEXT gives the very instance that was asked for",
     [](Conduct& c, double, Now) { c.back = 1; }},
    {"backwards", Kind::hostile, Unit::count, 3, 0,
     "GETNEXT gives an instance so many before the next: OIDs decrease",
     [](Conduct& c, double amount, Now) { c.back = std::max(2U, whole(amount)); }},
    {"endless", Kind::hostile, Unit::none, 0, 0, "no column ends: behind its last row are invented ones",
     [](Conduct& c, double, Now) { c.is_endless = true; }},
    {"lie", Kind::hostile, Unit::none, 0, 0, "numbers come as OCTET STRING, everything else as INTEGER",
     [](Conduct& c, double, Now) { c.lies_about_types = true; }},
    {"mistyped", Kind::hostile, Unit::none, 0, 0,
     "the right types with contents that they cannot have: an IpAddress of 3 bytes, a Counter64 of 12",
     [](Conduct& c, double, Now) { c.is_mistyped = true; }},
    {"truncated", Kind::hostile, Unit::none, 0, 0, "values are announced longer than they are",
     [](Conduct& c, double, Now) { c.is_truncated = true; }},
    {"giant", Kind::hostile, Unit::count, 65000, 0,
     "a value of so many bytes that nobody asked for: 64 KiB an answer",
     [](Conduct& c, double amount, Now) { c.filler_bytes = std::min(65000U, whole(amount)); }},
    {"wrong-address", Kind::hostile, Unit::none, 0, 0, "answers come from another address",
     [](Conduct& c, double, Now) { c.from_other_address = c.is_forged = true; }},
    {"wrong-port", Kind::hostile, Unit::none, 0, 0, "answers come from another port",
     [](Conduct& c, double, Now) { c.from_other_port = c.is_forged = true; }},
    {"wrong-id", Kind::hostile, Unit::count, 1, 0, "answers have the request id, and msgID, plus so much",
     [](Conduct& c, double amount, Now) { c.id_offset = std::max(1U, whole(amount)), c.is_forged = true; }},
    {"late", Kind::hostile, Unit::duration, 30, 0, "answers come when nobody waits for them any more",
     [](Conduct& c, double amount, Now) { c.latency_s += amount, c.is_forged = true; }},
    {"doubled", Kind::hostile, Unit::count, 2, 0, "each answer comes so many times",
     [](Conduct& c, double amount, Now) { c.copies = std::clamp(whole(amount), 1U, 1000U); }},
    {"drip", Kind::hostile, Unit::duration, 0.4, 0, "one value an answer, and each takes so long",
     [](Conduct& c, double amount, Now) { c.most_varbinds = 1, c.latency_s += amount; }},
    {"silent", Kind::hostile, Unit::none, 0, 0, "never answers",
     [](Conduct& c, double, Now) { c.is_silent = true; }},
    {"too-big", Kind::hostile, Unit::none, 0, 0, "every answer is tooBig",
     [](Conduct& c, double, Now) { c.status = snmp::kTooBig; }},
    {"gen-err", Kind::hostile, Unit::none, 0, 0, "every answer is genErr",
     [](Conduct& c, double, Now) { c.status = snmp::kGenErr; }},
    {"no-bulk", Kind::hostile, Unit::none, 0, 0, "does not answer GETBULK",
     [](Conduct& c, double, Now) { c.has_bulk = false; }},
    {"v1-only", Kind::hostile, Unit::none, 0, 0, "speaks SNMPv1 alone",
     [](Conduct& c, double, Now) { c.only_v1 = true; }},
    {"other-oids", Kind::hostile, Unit::none, 0, 0, "answers GET with instances that were not asked for",
     [](Conduct& c, double, Now) { c.has_other_oids = true; }},
    {"shuffled", Kind::hostile, Unit::none, 0, 0, "the values of an answer come in another order",
     [](Conduct& c, double, Now) { c.is_shuffled = true; }},
    {"empty", Kind::hostile, Unit::none, 0, 0, "answers hold no value, and no error",
     [](Conduct& c, double, Now) { c.is_empty = true; }},
    {"extra", Kind::hostile, Unit::none, 0, 0, "answers hold one value more than was asked for",
     [](Conduct& c, double, Now) { c.has_extra = true; }},
    {"wrong-version", Kind::hostile, Unit::none, 0, 0, "v1, v2c: answers v1 to v2c, and v2c to v1",
     [](Conduct& c, double, Now) { c.other_version = true; }},
    {"wrong-community", Kind::hostile, Unit::none, 0, 0, "v1, v2c: answers with another community",
     [](Conduct& c, double, Now) { c.other_community = true; }},
    {"forger", Kind::hostile, Unit::count, 20, 0,
     "so many answers with ids that nobody used come before the true one",
     [](Conduct& c, double amount, Now) { c.forgeries = std::min(10000U, whole(amount)); }},
    {"replay", Kind::hostile, Unit::none, 0, 0, "its first answer, again and again",
     [](Conduct& c, double, Now) { c.replays = true; }},
    {"random-bytes", Kind::hostile, Unit::none, 0, 0, "answers are as long as they should be, and noise",
     [](Conduct& c, double, Now) { c.is_random = true; }},
    {"cut", Kind::hostile, Unit::none, 0, 0, "half of each answer is missing",
     [](Conduct& c, double, Now) { c.is_cut = true; }},
    {"bad-lengths", Kind::hostile, Unit::none, 0, 0, "values are announced with 4 GiB each",
     [](Conduct& c, double, Now) { c.has_bad_lengths = true; }},

    {"same-engine", Kind::hostile, Unit::none, 0, 0, "v3: one engine id for all devices that do this",
     [](Conduct& c, double, Now) { c.shares_engine = true; }},
    {"two-engines", Kind::hostile, Unit::none, 0, kMinute,
     "v3: a second engine answers behind the same address, then the first again, as an HA pair",
     [](Conduct& c, double, Now now) { c.is_second_engine = now.number % 2 == 0; }},
    {"boots-backwards", Kind::hostile, Unit::none, 0, kMinute, "v3: engine boots is one less each time",
     [](Conduct& c, double, Now now) { c.boots_back = now.number + 1; }},
    {"time-window", Kind::hostile, Unit::none, 0, 0, "v3: finds every time wrong, its own too",
     [](Conduct& c, double, Now) { c.is_never_in_time = true; }},
    {"report-storm", Kind::hostile, Unit::count, 10, 0,
     "v3: so many reports of every kind before the true answer",
     [](Conduct& c, double amount, Now) { c.reports = std::min(1000U, whole(amount)); }},
    {"wrong-user", Kind::hostile, Unit::none, 0, 0, "v3: answers as another user",
     [](Conduct& c, double, Now) { c.other_user = true; }},
    {"short-mac", Kind::hostile, Unit::count, 1, 0, "v3: only so many bytes of the MAC are sent",
     [](Conduct& c, double amount, Now) { c.mac_bytes = whole(amount); }},
    {"downgrade", Kind::hostile, Unit::none, 0, 0, "v3: answers without authentication and privacy",
     [](Conduct& c, double, Now) { c.is_downgraded = true; }},
};

// The words of a text, where a number and its unit are one: "loss 20 %" has two.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    const auto is_number = [](std::string_view word) {
        return !word.empty() && word.find_first_not_of("0123456789.") == word.npos;
    };
    const auto is_key = [](std::string_view word) {
        return word == "from" || word == "until" || word == "every" || word == "for";
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty()) continue;
        if (!out.empty() && is_number(out.back()) && !is_key(word)) {
            out.back() += " ";
            out.back() += word;
        } else {
            out.emplace_back(word);
        }
    }
    return out;
}

std::optional<double> parse_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
    return value;
}

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

std::optional<double> parse_amount(Unit unit, std::string_view text) {
    if (unit == Unit::duration) {
        const auto duration = config::parse_duration(text);
        return duration ? std::optional(seconds(*duration)) : std::nullopt;
    }
    if (unit == Unit::none) return std::nullopt;
    if (unit == Unit::count) return parse_number(text);
    if (text.empty() || text.back() != '%') return std::nullopt;
    text.remove_suffix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    const auto percent = parse_number(text);
    return percent && *percent <= 100 ? std::optional(*percent / 100) : std::nullopt;
}

const char* expected_amount(Unit unit) {
    constexpr const char* kExpected[] = {"no amount", "a time like '200 ms'", "a share like '20 %'",
                                         "a number"};
    return kExpected[static_cast<std::size_t>(unit)];
}

std::string amount_text(const Behaviour& behaviour) {
    switch (behaviour.unit) {
        case Unit::duration:
            return fmt::format("{:g} s", behaviour.amount);
        case Unit::share:
            return fmt::format("{:g} %", behaviour.amount * 100);
        case Unit::count:
            return fmt::format("{:g}", behaviour.amount);
        default:
            return "";
    }
}

Result<void> set_time(Scheduled& out, const std::string& key, const std::string& text) {
    const auto time = config::parse_duration(text);
    if (!time)
        return fail(ErrorCode::config, "'" + text + "': expected a time like '90 s' after '" + key + "'");
    if (key == "from") return out.from = *time, Result<void>{};
    if (key == "until") return out.until = *time, Result<void>{};
    if (key == "every") return out.every = *time, Result<void>{};
    if (key == "for") return out.lasts = *time, Result<void>{};
    return fail(ErrorCode::config, "'" + key + "': expected from, until, every or for");
}

}  // namespace

std::span<const Behaviour> all_behaviours() {
    return kBehaviours;
}

const Behaviour* find_behaviour(std::string_view name) {
    const auto* const it = std::find_if(std::begin(kBehaviours), std::end(kBehaviours),
                                        [&](const Behaviour& one) { return one.name == name; });
    return it == std::end(kBehaviours) ? nullptr : it;
}

std::optional<Occurrence> Scheduled::at(Duration elapsed) const {
    if (elapsed < from || elapsed >= until) return std::nullopt;
    const std::int64_t number = every.count() > 0 ? (elapsed - from) / every : 0;
    const Duration began = from + every * number;
    if (elapsed - began >= lasts) return std::nullopt;
    return Occurrence{static_cast<std::uint32_t>(number), seconds(began), seconds(elapsed - began)};
}

Result<Scheduled> parse_behaviour(std::string_view text) {
    const auto words = words_of(text);
    Scheduled out;
    out.behaviour = words.empty() ? nullptr : find_behaviour(words[0]);
    if (out.behaviour == nullptr)
        return fail(ErrorCode::config,
                    "'" + std::string(text.substr(0, 80)) +
                        "': no behaviour has this name (outstation-sim --behaviours lists them)");
    out.amount = out.behaviour->amount;
    std::size_t at = 1;
    if (words.size() % 2 == 0) {
        const auto amount = parse_amount(out.behaviour->unit, words[at]);
        if (!amount)
            return fail(ErrorCode::config, "'" + words[at] + "': " + out.behaviour->name + " expects " +
                                               expected_amount(out.behaviour->unit));
        out.amount = *amount;
        ++at;
    }
    bool begins = false;
    for (; at < words.size(); at += 2) {
        if (const auto set = set_time(out, words[at], words[at + 1]); !set) return fail(set.error());
        begins = begins || words[at] == "from";
    }
    // What happens again and again happens first after a while: nothing restarts when it starts.
    if (out.behaviour->every_s > 0) {
        if (out.every.count() == 0)
            out.every =
                std::chrono::duration_cast<Duration>(std::chrono::duration<double>(out.behaviour->every_s));
        if (!begins) out.from = out.every;
    }
    return out;
}

Conduct conduct_at(const std::vector<Scheduled>& schedule, Duration elapsed) {
    Conduct out;
    for (const Scheduled& one : schedule) {
        if (const auto occurrence = one.at(elapsed)) one.behaviour->apply(out, one.amount, *occurrence);
    }
    return out;
}

std::string describe_behaviours() {
    std::string out;
    for (const Behaviour& one : kBehaviours) {
        const std::string every = one.every_s > 0 ? fmt::format(" every {:g} s", one.every_s) : "";
        out += fmt::format("{:<16} {:<18} {}\n", one.name, amount_text(one) + every, one.what);
    }
    return out;
}

}  // namespace outstation::sim
