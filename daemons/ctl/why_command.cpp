// SPDX-License-Identifier: GPL-3.0-or-later
// The answer of polld in words, a line a fact; with --json as it is.
#include "daemons/ctl/why_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemons/ctl/ask.hpp"
#include "daemons/ctl/table.hpp"
#include "daemons/ctl/time_text.hpp"
#include "lib/runtime/log.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::ctl {
namespace {

using nlohmann::json;
using runtime::printable;

std::string ms_text(std::uint64_t ns) {
    return fmt::format("{:.{}f} ms", static_cast<double>(ns) / 1e6, ns < 10'000'000 ? 1 : 0);
}

std::string span_text(std::uint64_t ns) {
    return ns < 1'000'000'000 ? ms_text(ns) : fmt::format("{:.1f} s", static_cast<double>(ns) / 1e9);
}

// What most of the time of the last poll went for; empty: nothing did.
std::string slowest_text(const wire::WhyReply& why) {
    const auto slowest =
        std::max_element(why.parts.begin(), why.parts.end(),
                         [](const auto& one, const auto& two) { return one.time_ns < two.time_ns; });
    if (slowest == why.parts.end() || slowest->time_ns == 0) return {};
    return ", most of it for " + slowest->name;
}

std::string interval_text(const wire::WhyReply& why) {
    const std::string configured = span_text(why.configured_ms * 1'000'000);
    if (why.intervals <= 1) return "every " + configured;
    const std::string now =
        "every " + span_text(why.configured_ms * why.intervals * 1'000'000) + " instead of " + configured;
    if (why.strain_ns != 0 && why.failures < 3)
        return now + ": strained, a poll took " + span_text(why.strain_ns) + slowest_text(why);
    return now + ": no answer to " + std::to_string(why.failures) + " polls in a row";
}

std::string request_text(const wire::PollExchange& last) {
    std::string out = fmt::format("{}  {} of {} from {}", iso_time(last.sent_ns), last.pdu,
                                  last.varbinds == 1 ? "1 OID" : std::to_string(last.varbinds) + " OIDs",
                                  last.oid.empty() ? "-" : last.oid);
    if (last.repetitions != 0) out += fmt::format(", {} rows", last.repetitions);
    out += fmt::format(", {} B", last.request_bytes);
    if (last.tries != 0) out += fmt::format(", asked {} times before", last.tries);
    return out;
}

std::string reply_text(const wire::PollExchange& last) {
    if (last.reply_bytes == 0) return "none";
    std::string out = fmt::format("after {}, {} B", ms_text(last.reply_ns), last.reply_bytes);
    if (last.error_status != 0) out += fmt::format(", error-status {}", last.error_status);
    return out;
}

std::string learned_text(const wire::WhyReply& why) {
    std::string out = why.version + (why.has_bulk ? " with GETBULK" : " without GETBULK");
    out += fmt::format(", {} scalars a request", why.scalars_per_request);
    if (why.absent_scalars != 0) out += fmt::format(", {} scalars that it does not have", why.absent_scalars);
    return out;
}

struct Fault {
    std::string_view kind;  // as polld writes it, before the colon
    const char* words;
};
constexpr std::array kFaults = {
    Fault{"timeout", "the device does not answer: power, path, community or user"},
    Fault{"deadline", "the poll took longer than it may: the device is slow"},
    Fault{"refused", "the port is closed: the SNMP service of the device is off"},
    Fault{"malformed", "the answer breaks its format: a fault of the device"},
    Fault{"not_increasing", "a table of the device goes in a circle: a fault of the device"},
    Fault{"endless", "a table of the device has no end: a fault of the device"},
    Fault{"agent", "the device answers with an error"},
    Fault{"unknown_engine", "the device does not know its own SNMP engine"},
    Fault{"time_window", "the times of the SNMP engine cannot be agreed upon"},
    Fault{"unknown_user", "the device does not have the user"},
    Fault{"authentication", "passphrase or protocol of authentication differs"},
    Fault{"privacy", "passphrase or protocol of privacy differs"},
    Fault{"security_level", "the device does not allow the user this security level"},
    Fault{"unknown_context", "the device does not have the context"},
    Fault{"unauthentic", "only answers came that cannot be believed"},
};

using Say = std::function<void(const char* name, const std::string& text)>;

// Of the last poll, with what it means; else the last one that is over.
void print_error(const wire::WhyReply& why, const Say& say) {
    const std::string& error = why.poll.error;
    if (error.empty() && why.last_error.empty()) return say("last error", "-");
    if (error.empty())
        return say("last error", iso_time(why.last_error_ns) + ", over since: " + printable(why.last_error));
    say("last error", printable(error));
    const std::string_view kind = std::string_view(error).substr(0, error.find(':'));
    for (const Fault& fault : kFaults) {
        if (fault.kind == kind) say("that is", fault.words);
    }
}

void print_facts(const wire::WhyReply& why) {
    const Say say = [](const char* name, const std::string& text) {
        std::cout << fmt::format("  {:<14}{}\n", name, text);
    };
    const wire::PollStatus& poll = why.poll;
    std::cout << poll.device << " (" << (poll.protocol.empty() ? "not polled" : poll.protocol) << ")\n";
    if (poll.last_ns != 0)
        say("last poll",
            fmt::format("{}  {} requests, {} values, {} without an answer, {}", iso_time(poll.last_ns),
                        poll.requests, poll.values, poll.timeouts, span_text(poll.duration_ns)));
    if (!why.version.empty())
        say("last answer",
            why.last_answer_ns == 0 ? "none since polld was started" : iso_time(why.last_answer_ns));
    print_error(why, say);
    if (poll.next_ns != 0) say("next poll", iso_time(poll.next_ns) + "  " + interval_text(why));
    if (why.exchange.sent_ns != 0) {
        say("last request", request_text(why.exchange));
        say("its reply", reply_text(why.exchange));
    }
    if (why.version.empty()) return;
    say("round trip", (why.smoothed_rtt_ns == 0 ? "not known" : ms_text(why.smoothed_rtt_ns)) +
                          ", an answer is waited for " + ms_text(why.timeout_ns));
    say("learned", learned_text(why));
    if (!why.engine_id.empty())
        say("engine", fmt::format("{}, boots {}, time {}", why.engine_id, why.engine_boots,
                                  short_duration(why.engine_time_s)));
}

std::string limit_text(const wire::PollPart& part) {
    std::string out;
    if (part.most_rows != 0) out = std::to_string(part.most_rows) + " rows";
    if (part.most_columns != 0)
        out += (out.empty() ? "" : ", ") + std::to_string(part.most_columns) + " columns";
    return out.empty() ? "-" : out;
}

void print_parts(const wire::WhyReply& why) {
    Table table({"PART", "ROWS", "REQUESTS", "BYTES", "TIME", "LIMIT", "ERROR"});
    for (const wire::PollPart& part : why.parts) {
        table.add({part.name, std::to_string(part.rows), std::to_string(part.requests),
                   std::to_string(part.bytes), ms_text(part.time_ns), limit_text(part),
                   part.error.empty() ? "-" : part.error});
    }
    if (!why.parts.empty()) std::cout << table.text();
}

std::string labels_text(const wire::SeriesDef& series) {
    std::string out;
    for (const auto& label : series.labels) out += (out.empty() ? "" : ", ") + label.name + "=" + label.value;
    return printable(out);
}

void print_sources(const wire::WhyReply& why) {
    Table table({"METRIC", "LABELS", "OID", "SCALE", "PART", "ASKED FOR BY"});
    for (const wire::PollSource& source : why.sources) {
        const wire::SeriesDef& series = source.series;
        table.add({series.metric, labels_text(series), series.oid.empty() ? "-" : series.oid,
                   fmt::format("{}", series.scale), source.part.empty() ? "the poll itself" : source.part,
                   source.origin});
    }
    std::cout << table.text();
    if (why.more_sources) std::cout << "and more\n";
}

json exchange_json(const wire::PollExchange& last) {
    if (last.sent_ns == 0) return nullptr;
    json out = {{"sent_ns", last.sent_ns},     {"pdu", last.pdu},          {"oid", last.oid},
                {"oids", last.varbinds},       {"rows", last.repetitions}, {"tries_before", last.tries},
                {"bytes", last.request_bytes}, {"reply", nullptr}};
    if (last.reply_bytes != 0)
        out["reply"] = {
            {"after_ns", last.reply_ns}, {"bytes", last.reply_bytes}, {"error_status", last.error_status}};
    return out;
}

json parts_json(const wire::WhyReply& why) {
    json out = json::array();
    for (const wire::PollPart& part : why.parts)
        out.push_back({{"name", part.name},
                       {"rows", part.rows},
                       {"requests", part.requests},
                       {"bytes", part.bytes},
                       {"time_ns", part.time_ns},
                       {"most_rows", part.most_rows},
                       {"most_columns", part.most_columns},
                       {"error", part.error}});
    return out;
}

json sources_json(const wire::WhyReply& why) {
    json out = json::array();
    for (const wire::PollSource& source : why.sources) {
        json labels = json::object();
        for (const auto& label : source.series.labels) labels[label.name] = label.value;
        out.push_back({{"metric", source.series.metric},
                       {"labels", labels},
                       {"oid", source.series.oid},
                       {"scale", source.series.scale},
                       {"part", source.part},
                       {"origin", source.origin}});
    }
    return out;
}

json why_json(const wire::WhyReply& why) {
    const wire::PollStatus& poll = why.poll;
    return {{"device", poll.device},
            {"last_poll_ns", poll.last_ns},
            {"next_poll_ns", poll.next_ns},
            {"duration_ns", poll.duration_ns},
            {"requests", poll.requests},
            {"values", poll.values},
            {"timeouts", poll.timeouts},
            {"error", poll.error},
            {"configured_ms", why.configured_ms},
            {"intervals", why.intervals},
            {"failures", why.failures},
            {"strain_ns", why.strain_ns},
            {"last_answer_ns", why.last_answer_ns},
            {"last_error", {{"time_ns", why.last_error_ns}, {"text", why.last_error}}},
            {"last_request", exchange_json(why.exchange)},
            {"version", why.version},
            {"getbulk", why.has_bulk},
            {"rtt_ns", why.smoothed_rtt_ns},
            {"timeout_ns", why.timeout_ns},
            {"scalars_per_request", why.scalars_per_request},
            {"absent_scalars", why.absent_scalars},
            {"engine", {{"id", why.engine_id}, {"boots", why.engine_boots}, {"time_s", why.engine_time_s}}},
            {"parts", parts_json(why)},
            {"sources", sources_json(why)},
            {"more_sources", why.more_sources}};
}

}  // namespace

int show_why(const Target& target, const std::string& device, const std::string& metric) {
    const auto why = ask<wire::WhyReply>(target.run_dir, "polld", wire::WhyRequest{device, metric});
    if (!why) return failed(target, why.error());
    if (target.json) {
        std::cout << why_json(*why).dump(2, ' ', false, json::error_handler_t::replace) << "\n";
    } else {
        print_facts(*why);
        print_parts(*why);
        if (!why->sources.empty()) print_sources(*why);
    }
    if (metric.empty() || !why->sources.empty()) return kDone;
    return failed(target, Error{ErrorCode::not_found,
                                "polld has read no " + metric + " of " + device + " since it was started"});
}

}  // namespace outstation::ctl
