// SPDX-License-Identifier: GPL-3.0-or-later
// Rates between two looks, and what /proc and the metrics say.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "daemons/ctl/top.hpp"

namespace outstation::ctl {
namespace {

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
    Number out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

// The next word, which ends at a blank.
std::string_view take_word(std::string_view& text) {
    const auto begin = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(begin);
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}

// The line without its end.
std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

// The daemon at both looks, when it is the same one: counters of another begin anew.
struct Both {
    const DaemonLook* before = nullptr;
    const DaemonLook* after = nullptr;
};
std::optional<Both> both(const StationLook& before, const StationLook& after, const std::string& name) {
    const Both out{find_daemon(before, name), find_daemon(after, name)};
    if (out.before == nullptr || out.after == nullptr) return std::nullopt;
    if (!out.before->running || !out.after->running) return std::nullopt;
    if (out.before->pid != out.after->pid || out.before->started_ns != out.after->started_ns)
        return std::nullopt;
    return out;
}

const wire::StreamStatus* find_stream(const StationLook& look, StreamId stream) {
    if (!look.store) return nullptr;
    const auto& streams = look.store->streams;
    const auto it =
        std::find_if(streams.begin(), streams.end(), [&](const auto& each) { return each.stream == stream; });
    return it == streams.end() ? nullptr : &*it;
}

template <typename Number>
std::optional<double> rate_of(const std::optional<Number>& before, const std::optional<Number>& after,
                              std::chrono::nanoseconds time) {
    if (!before || !after) return std::nullopt;
    return rate(static_cast<double>(*before), static_cast<double>(*after), time);
}

}  // namespace

std::optional<double> rate(double before, double after, std::chrono::nanoseconds time) {
    const double seconds = std::chrono::duration<double>(time).count();
    if (seconds <= 0 || !(after >= before)) return std::nullopt;
    return (after - before) / seconds;
}

const DaemonLook* find_daemon(const StationLook& look, const std::string& name) {
    const auto it = std::find_if(look.daemons.begin(), look.daemons.end(),
                                 [&](const DaemonLook& each) { return each.name == name; });
    return it == look.daemons.end() ? nullptr : &*it;
}

DaemonRates rates_of(const StationLook& before, const StationLook& after, const std::string& daemon) {
    const auto same = both(before, after, daemon);
    if (!same) return {};
    const auto time = after.at - before.at;
    DaemonRates out;
    if (const auto ns = rate_of(same->before->cpu_ns, same->after->cpu_ns, time)) out.cpu_ratio = *ns / 1e9;
    out.written_bytes_per_s = rate_of(same->before->written_bytes, same->after->written_bytes, time);
    return out;
}

StreamRates rates_of(const StationLook& before, const StationLook& after, StreamId stream) {
    StreamRates out;
    const auto* now = find_stream(after, stream);
    if (now == nullptr) return out;
    out.pending = now->last_sequence - std::min(now->last_sequence, now->durable_sequence);
    const auto* then = find_stream(before, stream);
    if (then == nullptr || before.store->epoch != after.store->epoch) return out;
    const auto time = after.at - before.at;
    const auto per_s = [&](std::uint64_t from, std::uint64_t to) {
        return rate(static_cast<double>(from), static_cast<double>(to), time);
    };
    out.accepted_per_s = per_s(then->last_sequence, now->last_sequence);
    out.durable_per_s = per_s(then->durable_sequence, now->durable_sequence);
    return out;
}

std::optional<double> metric_rate(const StationLook& before, const StationLook& after,
                                  const std::string& daemon, const std::string& metric) {
    const auto same = both(before, after, daemon);
    if (!same) return std::nullopt;
    const auto then = same->before->metrics.find(metric + "_total");
    const auto now = same->after->metrics.find(metric + "_total");
    if (then == same->before->metrics.end() || now == same->after->metrics.end()) return std::nullopt;
    return rate(then->second, now->second, after.at - before.at);
}

std::map<std::string, double> parse_metrics(std::string_view text) {
    std::map<std::string, double> out;
    while (!text.empty()) {
        std::string_view line = take_line(text);
        if (line.empty() || line.front() == '#') continue;
        const auto name = take_word(line);
        const auto value = number_of<double>(take_word(line));
        if (value && name.find('{') == std::string_view::npos) out.emplace(name, *value);
    }
    return out;
}

std::optional<std::int64_t> parse_cpu_ns(std::string_view stat, long ticks_per_s) {
    // The second field is the program's name in brackets, and may have blanks and brackets in it.
    const auto name_end = stat.rfind(')');
    if (name_end == std::string_view::npos || ticks_per_s <= 0) return std::nullopt;
    stat.remove_prefix(name_end + 1);
    for (int field = 3; field < 14; ++field) (void)take_word(stat);
    const auto user = number_of<std::int64_t>(take_word(stat));
    const auto system = number_of<std::int64_t>(take_word(stat));
    if (!user || !system) return std::nullopt;
    return (*user + *system) * (1'000'000'000 / ticks_per_s);
}

std::optional<std::uint64_t> parse_written_bytes(std::string_view io) {
    constexpr std::string_view kName = "write_bytes: ";
    while (!io.empty()) {
        const auto line = take_line(io);
        if (line.starts_with(kName)) return number_of<std::uint64_t>(line.substr(kName.size()));
    }
    return std::nullopt;
}

}  // namespace outstation::ctl
