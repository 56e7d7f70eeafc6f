// SPDX-License-Identifier: GPL-3.0-or-later
// A request as a handler sees it and a response as a handler makes it. Plain data.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/http/target.hpp"

namespace outstation::http {

enum class Method { get, head, post, put, patch, delete_, other };

struct Field {
    std::string name;
    std::string value;
    bool operator==(const Field&) const = default;
};

struct Request {
    Method method = Method::other;
    Target target;
    std::vector<Field> headers;  // names in lower case
    std::string body;
    std::string peer;                           // the client's address, without its port
    std::map<std::string, std::string> params;  // of the route's pattern

    // The value of the first header of that name (lower case); empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    [[nodiscard]] std::optional<std::string_view> query(std::string_view name) const;
    // RFC 6265 §4.2; nothing when the cookie is absent or given twice.
    [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;
    // Does Accept-Encoding allow this coding (RFC 9110 §12.5.3)?
    [[nodiscard]] bool accepts_encoding(std::string_view coding) const;
};

struct Response {
    int status = 200;
    std::string content_type;  // empty: no body
    std::shared_ptr<const std::string> body;
    std::vector<Field> headers;
    std::string etag;  // without quotes; empty: made from the body of an answer to GET

    [[nodiscard]] static Response of(int status, std::string content_type, std::string text);
    [[nodiscard]] static Response empty(int status) { return Response{status, {}, nullptr, {}, {}}; }
    Response& with(std::string name, std::string value) {
        headers.push_back({std::move(name), std::move(value)});
        return *this;
    }
};

[[nodiscard]] Method parse_method(std::string_view name);
[[nodiscard]] std::string_view method_name(Method method);
// Without blanks and tabs at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace outstation::http
