// SPDX-License-Identifier: GPL-3.0-or-later
// What every handler of the API is given and how it answers. docs/api/openapi.yaml is the contract.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "lib/http/message.hpp"
#include "lib/http/server.hpp"
#include "lib/wire/auth_messages.hpp"

namespace outstation::webd {

class Site;
class Upstream;

// One request whose permission was checked.
struct Call {
    std::shared_ptr<const http::Request> request;
    http::Responder responder;
    wire::AuthSession session;
    std::string token;  // of the cookie; empty for programs

    // Large answers are packed when the client takes it.
    void reply(const nlohmann::ordered_json& body, int status = 200) const;
    void reply(http::Response response) const;
    // `code` is one of the contract's; `field` names the parameter that was wrong.
    void fail(int status, const std::string& code, const std::string& message,
              const std::string& field = "") const;
    // 503 with the reason, for a daemon that does not answer; `starting` when it has not been there yet and
    // webd itself is young.
    void unavailable(const Error& error, const Upstream& daemon) const;
};

// {"error": {...}} as the contract has it.
[[nodiscard]] http::Response error_response(int status, const std::string& code, const std::string& message,
                                            const std::string& field = "", std::uint32_t retry_after_s = 0);
// For what lib/http finds.
[[nodiscard]] http::Response protocol_error(int status, std::string message);

// A whole number in [least, most]; nothing, and 400 answered, when the parameter is something else.
[[nodiscard]] std::optional<std::int64_t> integer_query(const Call& call, std::string_view name,
                                                        std::int64_t fallback, std::int64_t least,
                                                        std::int64_t most);
[[nodiscard]] std::optional<double> number_query(const Call& call, std::string_view name);

// One page of a list: what stands behind the cursor, which is the key of the last item before it, so that
// nothing is shown twice or left out when items come and go between two pages.
struct Page {
    std::string cursor;  // empty: from the start
    std::size_t limit = 50;
};
[[nodiscard]] std::optional<Page> page_query(const Call& call);
// A page of a list whose key is a positive number.
struct NumberedPage {
    std::uint64_t after = 0;
    std::size_t limit = 50;
};
[[nodiscard]] std::optional<NumberedPage> numbered_page_query(const Call& call);
// {"items": [...], "total": n, "next": cursor or null, "as_of": time}; `next` empty: this was the last page.
[[nodiscard]] nlohmann::ordered_json page_json(nlohmann::ordered_json items, std::size_t total,
                                               const std::string& next, std::int64_t as_of_ns);

// The body as an object with exactly these text members, none longer than its limit; 400 answered otherwise.
struct TextMember {
    const char* name;
    std::size_t most_bytes;
    std::string* into;
    bool may_be_left_out = false;
};
// And whole numbers, each in its bounds.
struct NumberMember {
    const char* name;
    std::int64_t least;
    std::int64_t most;
    std::int64_t* into;
};
[[nodiscard]] bool read_body(const Call& call, std::initializer_list<TextMember> texts,
                             std::initializer_list<NumberMember> numbers = {});

}  // namespace outstation::webd
