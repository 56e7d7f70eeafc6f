// SPDX-License-Identifier: GPL-3.0-or-later
// Requests byte for byte over a socket pair: answers, late answers, limits, clients that misbehave.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>

#include "lib/http/policy.hpp"
#include "lib/http/server.hpp"

namespace outstation::http {
namespace {

using namespace std::chrono_literals;

class HttpTest : public testing::Test {
  protected:
    void SetUp() override { start(ServerLimits{}); }

    void start(ServerLimits limits) {
        server_.reset();
        auto server = Server::make(
            *loop_, limits,
            [this](std::shared_ptr<Request> request, Responder responder) {
                last_ = request;
                const std::string& path = request->target.path;
                if (path == "/late") return held_.push_back(responder);
                if (path == "/never") return;
                if (path == "/echo") return responder.send(Response::of(200, "text/plain", request->body));
                responder.send(Response::of(200, "text/plain", "hello"));
            },
            [](int status, std::string message) {
                return Response::of(status, "text/plain", std::move(message));
            });
        ASSERT_TRUE(server) << server.error().text;
        server_ = std::move(*server);
    }
    UniqueFd connect() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        server_->adopt(UniqueFd(ends[1]), "192.0.2.1");
        return UniqueFd(ends[0]);
    }
    // Runs the loop until `done` or for three seconds; true when done.
    bool run_until(const std::function<bool()>& done) {
        const MonoTime end = loop_->now() + 3s;
        std::function<void()> look = [&] {
            if (done() || loop_->now() > end) return loop_->stop();
            tick_ = loop_->after(1ms, look);
        };
        tick_ = loop_->after(0ms, look);
        loop_->run();
        return done();
    }
    static void put(const UniqueFd& client, const std::string& bytes) {
        ASSERT_EQ(send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    // Reads what is there; false at the end of the stream.
    static bool take(const UniqueFd& client, std::string& into) {
        char piece[65536];
        const ssize_t got = recv(client.get(), piece, sizeof piece, 0);
        if (got > 0) into.append(piece, static_cast<std::size_t>(got));
        return got > 0 || (got < 0 && errno == EAGAIN);
    }
    // Everything the server says until it closes.
    std::string read_to_end(const UniqueFd& client) {
        std::string all;
        EXPECT_TRUE(run_until([&] { return !take(client, all); }));
        return all;
    }
    // What the server says until `text` stands in it.
    std::string read_until(const UniqueFd& client, const std::string& text) {
        std::string all;
        EXPECT_TRUE(run_until([&] {
            take(client, all);
            return all.find(text) != std::string::npos;
        })) << all;
        return all;
    }
    std::string ask(const std::string& request) {
        const UniqueFd client = connect();
        put(client, request);
        return read_to_end(client);
    }

    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    std::unique_ptr<Server> server_;
    std::vector<Responder> held_;
    std::shared_ptr<Request> last_;
    Timer tick_;
};

std::string without_date(std::string text) {
    const auto at = text.find("Date: ");
    if (at != std::string::npos) text.erase(at, text.find("\r\n", at) + 2 - at);
    return text;
}

TEST_F(HttpTest, AnswersByteForByte) {
    const std::string got = without_date(ask("GET / HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n"));
    EXPECT_EQ(got,
              "HTTP/1.1 200 OK\r\n"
              "Connection: close\r\n"
              "Cache-Control: private, no-cache\r\n"
              "ETag: \"LPJNul-wow4m6Dsqxbninh\"\r\n"
              "Content-Type: text/plain\r\n"
              "Content-Security-Policy: " +
                  std::string(kContentSecurityPolicy) +
                  "\r\n"
                  "X-Content-Type-Options: nosniff\r\n"
                  "Referrer-Policy: no-referrer\r\n"
                  "Cross-Origin-Opener-Policy: same-origin\r\n"
                  "Cross-Origin-Resource-Policy: same-origin\r\n"
                  "Cross-Origin-Embedder-Policy: require-corp\r\n"
                  "Content-Length: 5\r\n"
                  "\r\nhello");
}

TEST_F(HttpTest, TellsTheHandlerEverything) {
    ask("POST /echo?a=1 HTTP/1.1\r\nHost: box\r\nX-Thing: T\r\nConnection: close\r\nContent-Length: "
        "4\r\n\r\nbody");
    ASSERT_TRUE(last_);
    EXPECT_EQ(last_->method, Method::post);
    EXPECT_EQ(last_->target.segments, std::vector<std::string>{"echo"});
    EXPECT_EQ(last_->query("a"), "1");
    EXPECT_EQ(last_->header("x-thing"), "T");
    EXPECT_EQ(last_->body, "body");
    EXPECT_EQ(last_->peer, "192.0.2.1");
}

TEST_F(HttpTest, AnswersLate) {
    const UniqueFd client = connect();
    put(client, "GET /late HTTP/1.1\r\nHost: b\r\n\r\n");
    ASSERT_TRUE(run_until([&] { return !held_.empty(); }));
    held_.front().send(Response::of(200, "text/plain", "late one"));
    read_until(client, "late one");
}

TEST_F(HttpTest, KeepsTheConnectionAndAnswersInOrder) {
    const UniqueFd client = connect();
    put(client,
        "GET /a HTTP/1.1\r\nHost: b\r\n\r\nGET /late HTTP/1.1\r\nHost: b\r\n\r\nGET /b HTTP/1.1\r\nHost: "
        "b\r\n\r\n");
    ASSERT_TRUE(run_until([&] { return !held_.empty(); }));
    held_.front().send(Response::of(200, "text/plain", "late one"));
    std::string all = read_until(client, "late one");
    EXPECT_NE(all.find("hello"), std::string::npos);
    all.erase(0, all.find("late one"));
    if (all.find("hello") == std::string::npos) read_until(client, "hello");
    EXPECT_EQ(server_->requests(), 3U);
    EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpTest, KnownTagsGive304WithoutABody) {
    const std::string got =
        ask("GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\nIf-None-Match: "
            "\"LPJNul-wow4m6Dsqxbninh\"\r\n\r\n");
    EXPECT_EQ(got.rfind("HTTP/1.1 304 Not Modified\r\n", 0), 0U) << got;
    EXPECT_EQ(got.substr(got.size() - 4), "\r\n\r\n");
    EXPECT_EQ(got.find("\r\nContent-Type:"), std::string::npos);
}

TEST_F(HttpTest, HeadHasTheHeadersOfGet) {
    const std::string got = ask("HEAD / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
    EXPECT_NE(got.find("Content-Length: 5\r\n"), std::string::npos);
    EXPECT_EQ(got.find("hello"), std::string::npos);
}

TEST_F(HttpTest, ARequestThatIsDroppedGets500) {
    EXPECT_EQ(ask("GET /never HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n").rfind("HTTP/1.1 500", 0),
              0U);
}

TEST_F(HttpTest, RefusesWhatBreaksTheProtocol) {
    const std::pair<const char*, const char*> cases[] = {
        {"GET / HTTP/1.0\r\nHost: b\r\n\r\n", "505"},
        {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "400"},  // no Host
        {"GET /%zz HTTP/1.1\r\nHost: b\r\n\r\n", "400"},
        {"GET /%00 HTTP/1.1\r\nHost: b\r\n\r\n", "400"},
        {"GET /../etc/passwd HTTP/1.1\r\nHost: b\r\n\r\n", "400"},
        {"POST /echo HTTP/1.1\r\nHost: b\r\nContent-Length: 65537\r\n\r\n", "413"},
    };
    for (const auto& [request, status] : cases) EXPECT_EQ(ask(request).substr(9, 3), status) << request;
}

TEST_F(HttpTest, BodiesHaveALimitEvenWithoutALength) {
    const UniqueFd client = connect();
    put(client, "POST /echo HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string piece = "8000\r\n" + std::string(0x8000, 'x') + "\r\n";
    for (int i = 0; i < 3; ++i) {  // 96 KiB: above the limit of 64, below the double
        put(client, piece);
        run_until([end = loop_->now() + 20ms, this] { return loop_->now() > end; });
    }
    put(client, "0\r\n\r\n");
    EXPECT_EQ(read_to_end(client).substr(9, 3), "413");
}

TEST_F(HttpTest, ABodyWithoutAnEndIsCutOff) {
    const UniqueFd client = connect();
    put(client, "POST /echo HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string piece = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
    std::size_t sent = 0;
    std::string said;
    EXPECT_TRUE(run_until([&] {
        const ssize_t n = send(client.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
        if (n > 0) sent += static_cast<std::size_t>(n);
        return !take(client, said);
    }));
    EXPECT_LT(sent, 1U << 20);
}

TEST_F(HttpTest, HeadersHaveALimit) {
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: b\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n").substr(9, 3),
              "431");
    std::string many = "GET / HTTP/1.1\r\nHost: b\r\n";
    for (int i = 0; i < 70; ++i) many += "H" + std::to_string(i) + ": x\r\n";
    EXPECT_EQ(ask(many + "\r\n").substr(9, 3), "431");
}

TEST_F(HttpTest, AClientThatDripsBytesGainsNoTime) {
    ServerLimits limits;
    limits.request = 150ms;
    start(limits);
    const UniqueFd client = connect();
    const std::string request = "GET / HTTP/1.1\r\nHost: " + std::string(2000, 'x');
    std::string said;
    std::size_t sent = 0;
    const MonoTime begin = loop_->now();
    EXPECT_TRUE(run_until([&] {
        if (sent < request.size() && send(client.get(), &request[sent], 1, MSG_NOSIGNAL) == 1) ++sent;
        return !take(client, said);
    }));
    EXPECT_GE(loop_->now() - begin, 140ms);
    EXPECT_LT(loop_->now() - begin, 1s);
    EXPECT_TRUE(run_until([&] { return server_->connections() == 0; }));
}

TEST_F(HttpTest, AClientThatDoesNotReadIsCutOff) {
    ServerLimits limits;
    limits.response = 150ms;
    limits.body_bytes = 8U << 20;
    start(limits);
    const UniqueFd client = connect();
    const std::string body(6U << 20, 'x');
    put(client,
        "POST /echo HTTP/1.1\r\nHost: b\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    std::size_t sent = 0;
    ASSERT_TRUE(run_until([&] {
        const ssize_t n = send(client.get(), body.data() + sent, body.size() - sent, MSG_NOSIGNAL);
        if (n > 0) sent += static_cast<std::size_t>(n);
        return sent == body.size();
    }));
    EXPECT_TRUE(run_until([&] { return server_->connections() == 0; }));
}

TEST_F(HttpTest, ConnectionsAboveTheLimitAreClosed) {
    ServerLimits limits;
    limits.connections = 2;
    start(limits);
    const UniqueFd one = connect();
    const UniqueFd two = connect();
    const UniqueFd three = connect();
    EXPECT_EQ(read_to_end(three), "");
    EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(HttpTest, StoppingAnswersWhatIsOpenAndLateAnswersGoNowhere) {
    const UniqueFd client = connect();
    put(client, "GET /late HTTP/1.1\r\nHost: b\r\n\r\n");
    ASSERT_TRUE(run_until([&] { return !held_.empty(); }));
    server_.reset();
    held_.front().send(Response::of(200, "text/plain", "too late"));
    std::string all;
    while (take(client, all) && all.size() < 10'000) {
    }
    EXPECT_EQ(all.rfind("HTTP/1.1 503", 0), 0U) << all;
}

TEST_F(HttpTest, AClientThatLeavesWhileWeWorkHarmsNothing) {
    {
        const UniqueFd client = connect();
        put(client, "GET /late HTTP/1.1\r\nHost: b\r\n\r\n");
        ASSERT_TRUE(run_until([&] { return !held_.empty(); }));
    }
    held_.front().send(Response::of(200, "text/plain", "anybody there?"));
    EXPECT_TRUE(run_until([&] { return server_->connections() == 0; }));
}

}  // namespace
}  // namespace outstation::http
