// SPDX-License-Identifier: GPL-3.0-or-later
// Targets, routes, header look-ups and entity tags: the parts without a socket.
#include <gtest/gtest.h>

#include "lib/http/policy.hpp"
#include "lib/http/router.hpp"

namespace outstation::http {
namespace {

TEST(Target, SplitsBeforeItDecodes) {
    const auto target = parse_target("/api/v1/devices/a%2Fb?q=two+words&class=&x=%E4%B8%AD");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/api/v1/devices/a%2Fb");
    EXPECT_EQ(target->segments, (std::vector<std::string>{"api", "v1", "devices", "a/b"}));
    EXPECT_EQ(target->query, (std::vector<QueryField>{{"q", "two words"}, {"class", ""}, {"x", "中"}}));
    EXPECT_TRUE(parse_target("/")->segments.empty());
    EXPECT_EQ(parse_target("/a/")->segments, (std::vector<std::string>{"a", ""}));
}

TEST(Target, RefusesWhatCouldMeanTwoThings) {
    for (const char* wrong : {"", "*", "a", "http://x/", "/%", "/%4", "/%zz", "/%00", "/a%0ab", "/\x7f",
                              "/..", "/a/../b", "/%2e%2e/x", "/.", "/?a=1&a=2", "/?a=%", "/?a=%0d%0a",
                              "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"}) {
        EXPECT_FALSE(parse_target(wrong)) << wrong;
    }
    EXPECT_FALSE(parse_target("/" + std::string(kMaxTargetBytes, 'a')));
    std::string many = "/?";
    for (int i = 0; i <= static_cast<int>(kMaxQueryFields); ++i) many += "p" + std::to_string(i) + "=1&";
    EXPECT_FALSE(parse_target(many));
}

TEST(Router, FindsTheRouteItsParametersAndTheRightRefusal) {
    Router router;
    router.add(Method::get, "/api/devices");
    router.add(Method::get, "/api/devices/{id}");
    router.add(Method::post, "/api/devices/{id}");
    router.add(Method::get, "/api/devices/{id}/ports/{port}");
    const auto match = [&router](Method method, const char* path) {
        return router.match(method, parse_target(path)->segments);
    };
    using Kind = Router::Match::Kind;
    EXPECT_EQ(match(Method::get, "/api/devices").route, 0U);
    EXPECT_EQ(match(Method::head, "/api/devices").kind, Kind::found);
    const auto two = match(Method::get, "/api/devices/sw%2F1/ports/7");
    EXPECT_EQ(two.route, 3U);
    EXPECT_EQ(two.params, (std::map<std::string, std::string>{{"id", "sw/1"}, {"port", "7"}}));
    EXPECT_EQ(match(Method::delete_, "/api/devices/x").kind, Kind::wrong_method);
    EXPECT_EQ(match(Method::delete_, "/api/devices/x").allow, "GET, HEAD, POST");
    for (const char* path : {"/", "/api", "/api/devices/", "/api/devices/x/", "/API/devices"})
        EXPECT_EQ(match(Method::get, path).kind, Kind::not_found) << path;
}

TEST(Request, CookiesAreExactAndOnce) {
    Request request;
    request.headers = {{"cookie", "a=1; __Host-session=abc=; b=2"}};
    EXPECT_EQ(request.cookie("__Host-session"), "abc=");
    EXPECT_EQ(request.cookie("b"), "2");
    EXPECT_FALSE(request.cookie("session"));
    request.headers.push_back({"cookie", "a=3"});
    EXPECT_FALSE(request.cookie("a"));
}

TEST(Request, UnderstandsAcceptEncoding) {
    const auto accepts = [](const char* value) {
        Request request;
        request.headers = {{"accept-encoding", value}};
        return request.accepts_encoding("gzip");
    };
    EXPECT_TRUE(accepts("gzip"));
    EXPECT_TRUE(accepts("br;q=1.0, gzip;q=0.8"));
    EXPECT_TRUE(accepts("*"));
    EXPECT_FALSE(accepts("br"));
    EXPECT_FALSE(accepts("gzip;q=0"));
    EXPECT_FALSE(accepts("gzip; q=0.000, *"));
    EXPECT_FALSE(accepts(""));
}

TEST(Policy, MatchesTagsOfBothKinds) {
    EXPECT_TRUE(matches_etag("\"abc\"", "abc"));
    EXPECT_TRUE(matches_etag("\"x\", W/\"abc\"", "abc"));
    EXPECT_TRUE(matches_etag("*", "abc"));
    for (const char* other : {"", "abc", "\"abcd\"", "\"ab\"", "\"", ","})
        EXPECT_FALSE(matches_etag(other, "abc"));
}

TEST(Policy, AnswersThatChangeSomethingAreNeverKept) {
    Request request;
    request.method = Method::post;
    Response response = Response::of(200, "application/json", "{}");
    complete_response(request, response);
    EXPECT_TRUE(response.etag.empty());
    EXPECT_EQ(response.headers.front(), (Field{"Cache-Control", "no-store"}));
}

}  // namespace
}  // namespace outstation::http
