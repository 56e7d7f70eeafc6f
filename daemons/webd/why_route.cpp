// SPDX-License-Identifier: GPL-3.0-or-later
// Why a device is polled as it is: what polld knows of the last exchange, of the device and of each part of
// what is read, and where the values of a metric come from.
#include <algorithm>

#include "daemons/webd/handlers.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/site.hpp"
#include "lib/wire/poll_messages.hpp"

namespace outstation::webd {
namespace {

constexpr std::size_t kLongestMetric = 200;

Json ms(std::uint64_t ns) {
    return static_cast<double>(ns) / 1e6;
}
Json ms_or_null(std::uint64_t ns) {
    return ns == 0 ? Json(nullptr) : ms(ns);
}
Json or_null(std::uint32_t number) {
    return number == 0 ? Json(nullptr) : Json(number);
}

Json request_json(const wire::PollExchange& last) {
    if (last.sent_ns == 0) return nullptr;
    Json reply = nullptr;
    if (last.reply_bytes != 0)
        reply = Json{{"after_ms", ms(last.reply_ns)},
                     {"bytes", last.reply_bytes},
                     {"error_status", last.error_status}};
    return Json{{"time", json_time(last.sent_ns)},   {"pdu", last.pdu},
                {"oid", json_text(last.oid)},        {"oids", last.varbinds},
                {"rows", or_null(last.repetitions)}, {"tries_before", last.tries},
                {"bytes", last.request_bytes},       {"reply", std::move(reply)}};
}

Json last_error_json(const wire::WhyReply& why) {
    if (why.last_error.empty()) return nullptr;
    return Json{{"time", json_time(why.last_error_ns)}, {"text", clean_text(why.last_error)}};
}

Json learned_json(const wire::WhyReply& why) {
    if (why.version.empty()) return nullptr;
    Json engine = nullptr;
    if (!why.engine_id.empty())
        engine = Json{{"id", why.engine_id}, {"boots", why.engine_boots}, {"time_s", why.engine_time_s}};
    return Json{{"version", why.version},
                {"getbulk", why.has_bulk},
                {"rtt_ms", ms_or_null(why.smoothed_rtt_ns)},
                {"timeout_ms", ms(why.timeout_ns)},
                {"scalars_per_request", why.scalars_per_request},
                {"absent_scalars", why.absent_scalars},
                {"engine", std::move(engine)}};
}

Json part_json(const wire::PollPart& part) {
    return Json{{"name", part.name},
                {"rows", part.rows},
                {"requests", part.requests},
                {"bytes", part.bytes},
                {"time_ms", ms(part.time_ns)},
                {"most_rows", or_null(part.most_rows)},
                {"most_columns", or_null(part.most_columns)},
                {"error", json_text(part.error)}};
}

Json source_json(const wire::PollSource& source) {
    Json labels = Json::object();
    for (const auto& label : source.series.labels) labels[label.name] = clean_text(label.value);
    return Json{{"metric", source.series.metric},      {"labels", std::move(labels)},
                {"oid", json_text(source.series.oid)}, {"scale", json_number(source.series.scale)},
                {"part", json_text(source.part)},      {"origin", source.origin}};
}

// The contract's schema Why.
Json why_json(const wire::WhyReply& why) {
    Json parts = Json::array();
    for (const wire::PollPart& part : why.parts) parts.push_back(part_json(part));
    Json sources = Json::array();
    for (const wire::PollSource& source : why.sources) sources.push_back(source_json(source));
    return Json{
        {"configured_s", static_cast<double>(why.configured_ms) / 1e3},
        {"interval_s", static_cast<double>(why.configured_ms * why.intervals) / 1e3},
        {"failures", why.failures},
        {"strain_ms", ms_or_null(why.strain_ns)},
        {"last_answer", why.last_answer_ns == 0 ? Json(nullptr) : Json(json_time(why.last_answer_ns))},
        {"last_error", last_error_json(why)},
        {"request", request_json(why.exchange)},
        {"learned", learned_json(why)},
        {"parts", std::move(parts)},
        {"sources", std::move(sources)},
        {"more_sources", why.more_sources}};
}

}  // namespace

void get_why(Site& site, const CallPtr& call) {
    const std::string& id = call->request->params.at("id");
    const auto& devices = site.config()->devices;
    if (std::none_of(devices.begin(), devices.end(), [&id](const auto& device) { return device.id == id; }))
        return call->fail(404, "not_found", "there is no such device");
    const std::string metric(call->request->query("metric").value_or(""));
    if (metric.size() > kLongestMetric) return call->fail(400, "bad_request", "at most 200 bytes", "metric");
    site.polld().ask<wire::WhyReply>(wire::WhyRequest{id, metric},
                                     [&site, call](const Seen<wire::WhyReply>& seen) {
                                         if (!seen.value || !seen.fresh)
                                             return call->unavailable(seen.error, site.polld());
                                         call->reply(why_json(*seen.value));
                                     });
}

}  // namespace outstation::webd
