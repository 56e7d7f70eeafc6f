// SPDX-License-Identifier: GPL-3.0-or-later
// Looking things up in a request.
#include "lib/http/message.hpp"

#include <algorithm>
#include <iterator>

namespace outstation::http {
namespace {

constexpr std::pair<Method, std::string_view> kMethods[] = {
    {Method::get, "GET"}, {Method::head, "HEAD"},   {Method::post, "POST"},
    {Method::put, "PUT"}, {Method::patch, "PATCH"}, {Method::delete_, "DELETE"}};

// Takes the part up to `separator` off the front.
std::string_view take_part(std::string_view& text, char separator) {
    const auto end = std::min(text.find(separator), text.size());
    const std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

// "gzip;q=0" says no; any other weight says yes.
bool weight_is_zero(std::string_view parameters) {
    const auto at = parameters.find("q=");
    if (at == std::string_view::npos) return false;
    const std::string_view weight = trim(parameters.substr(at + 2));
    return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view Request::header(std::string_view name) const {
    for (const Field& field : headers) {
        if (field.name == name) return field.value;
    }
    return {};
}

std::optional<std::string_view> Request::query(std::string_view name) const {
    for (const QueryField& field : target.query) {
        if (field.name == name) return field.value;
    }
    return std::nullopt;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const Field& field : headers) {
        if (field.name != "cookie") continue;
        for (std::string_view rest = field.value; !rest.empty();) {
            std::string_view pair = take_part(rest, ';');
            if (take_part(pair, '=') != name) continue;
            if (found) return std::nullopt;
            found = pair;
        }
    }
    return found;
}

bool Request::accepts_encoding(std::string_view coding) const {
    for (std::string_view rest = header("accept-encoding"); !rest.empty();) {
        std::string_view element = take_part(rest, ',');
        const std::string_view name = take_part(element, ';');
        if (name == coding || name == "*") return !weight_is_zero(element);
    }
    return false;
}

Response Response::of(int status, std::string content_type, std::string text) {
    return Response{
        status, std::move(content_type), std::make_shared<const std::string>(std::move(text)), {}, {}};
}

Method parse_method(std::string_view name) {
    const auto* it = std::find_if(std::begin(kMethods), std::end(kMethods),
                                  [name](const auto& entry) { return entry.second == name; });
    return it == std::end(kMethods) ? Method::other : it->first;
}

std::string_view method_name(Method method) {
    for (const auto& [value, name] : kMethods) {
        if (value == method) return name;
    }
    return "OTHER";
}

}  // namespace outstation::http
