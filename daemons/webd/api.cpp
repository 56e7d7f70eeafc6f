// SPDX-License-Identifier: GPL-3.0-or-later
// Reading parameters, writing answers.
#include "daemons/webd/api.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "daemons/webd/gzip.hpp"
#include "daemons/webd/json.hpp"
#include "daemons/webd/upstream.hpp"

namespace outstation::webd {
namespace {

constexpr const char* kJson = "application/json";
constexpr std::size_t kLongestCursor = 400;

template <typename T>
std::optional<T> parse(std::string_view text) {
    T value{};
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return value;
}

bool fits(const Json& body, const TextMember& member) {
    const auto it = body.find(member.name);
    if (it == body.end() || !it->is_string()) return false;
    const auto& text = it->get_ref<const std::string&>();
    if (text.size() > member.most_bytes) return false;
    *member.into = text;
    return true;
}

// A number too large for 64 bits is a floating one to the parser.
bool fits(const Json& body, const NumberMember& member) {
    const auto it = body.find(member.name);
    if (it == body.end() || !it->is_number_integer()) return false;
    const auto number = it->is_number_unsigned() && it->get<std::uint64_t>() > INT64_MAX
                            ? std::numeric_limits<std::int64_t>::max()
                            : it->get<std::int64_t>();
    if (number < member.least || number > member.most) return false;
    *member.into = number;
    return true;
}

}  // namespace

http::Response error_response(int status, const std::string& code, const std::string& message,
                              const std::string& field, std::uint32_t retry_after_s) {
    Json error{{"code", code}, {"message", message}};
    if (!field.empty()) error["field"] = field;
    if (retry_after_s > 0) error["retry_after_s"] = retry_after_s;
    auto response = http::Response::of(status, kJson, write_json(Json{{"error", std::move(error)}}));
    if (retry_after_s > 0) response.with("Retry-After", std::to_string(retry_after_s));
    return response;
}

http::Response protocol_error(int status, std::string message) {
    const char* code = "bad_request";
    if (status == 413) code = "too_large";
    if (status == 500) code = "internal";
    if (status == 503) code = "unavailable";
    return error_response(status, code, message);
}

void Call::reply(const Json& body, int status) const {
    reply(http::Response::of(status, kJson, write_json(body)));
}

void Call::reply(http::Response response) const {
    pack(*request, response);
    responder.send(std::move(response));
}

void Call::fail(int status, const std::string& code, const std::string& message,
                const std::string& field) const {
    responder.send(error_response(status, code, message, field));
}

void Call::unavailable(const Error& error, const Upstream& daemon) const {
    if (daemon.is_starting()) return reply(error_response(503, "starting", error.text, "", 1));
    if (error.code == ErrorCode::timeout) return fail(504, "timeout", error.text);
    fail(503, "unavailable", daemon.name() + ": " + error.text);
}

std::optional<std::int64_t> integer_query(const Call& call, std::string_view name, std::int64_t fallback,
                                          std::int64_t least, std::int64_t most) {
    const auto text = call.request->query(name);
    if (!text) return fallback;
    const auto value = parse<std::int64_t>(*text);
    if (value && *value >= least && *value <= most) return value;
    call.fail(400, "bad_request",
              "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most),
              std::string(name));
    return std::nullopt;
}

std::optional<double> number_query(const Call& call, std::string_view name) {
    const auto value = parse<double>(call.request->query(name).value_or(""));
    constexpr double kLatest = 7'258'118'400.0;  // the year 2200: nanoseconds of it fit into 64 bits
    if (value && std::isfinite(*value) && *value >= 0 && *value <= kLatest) return value;
    call.fail(400, "bad_request", "expected seconds since 1970-01-01 UTC, up to the year 2200",
              std::string(name));
    return std::nullopt;
}

std::optional<Page> page_query(const Call& call) {
    const auto limit = integer_query(call, "limit", 50, 1, 500);
    if (!limit) return std::nullopt;
    const std::string cursor(call.request->query("cursor").value_or(""));
    if (cursor.size() > kLongestCursor)
        return call.fail(400, "bad_request", "not a cursor", "cursor"), std::nullopt;
    return Page{cursor, static_cast<std::size_t>(*limit)};
}

std::optional<NumberedPage> numbered_page_query(const Call& call) {
    const auto limit = integer_query(call, "limit", 50, 1, 500);
    if (!limit) return std::nullopt;
    const auto after = integer_query(call, "cursor", 0, 0, std::numeric_limits<std::int64_t>::max());
    if (!after) return std::nullopt;
    return NumberedPage{static_cast<std::uint64_t>(*after), static_cast<std::size_t>(*limit)};
}

Json page_json(Json items, std::size_t total, const std::string& next, std::int64_t as_of_ns) {
    return Json{{"items", std::move(items)},
                {"total", total},
                {"next", next.empty() ? Json(nullptr) : Json(next)},
                {"as_of", json_time(as_of_ns)}};
}

bool read_body(const Call& call, std::initializer_list<TextMember> texts,
               std::initializer_list<NumberMember> numbers) {
    const auto type = call.request->header("content-type");
    const bool is_json = http::trim(type.substr(0, type.find(';'))) == kJson;
    const Json body = is_json ? Json::parse(call.request->body, nullptr, false) : Json();
    const auto left_out = [&body](const TextMember& member) {
        return member.may_be_left_out && !body.contains(member.name);
    };
    const auto expected = numbers.size() + texts.size() -
                          static_cast<std::size_t>(std::count_if(texts.begin(), texts.end(), left_out));
    if (!body.is_object() || body.size() != expected) {
        call.fail(400, "bad_request", "expected a JSON object with exactly the members of the contract");
        return false;
    }
    for (const NumberMember& member : numbers) {
        if (fits(body, member)) continue;
        call.fail(400, "bad_request",
                  "expected a whole number from " + std::to_string(member.least) + " to " +
                      std::to_string(member.most),
                  member.name);
        return false;
    }
    for (const TextMember& member : texts) {
        if (left_out(member) || fits(body, member)) continue;
        call.fail(400, "bad_request",
                  "expected a text of at most " + std::to_string(member.most_bytes) + " bytes", member.name);
        return false;
    }
    return true;
}

}  // namespace outstation::webd
