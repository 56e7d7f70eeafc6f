// SPDX-License-Identifier: GPL-3.0-or-later
// The listener and the server together, asked by an OpenSSL client on loopback.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>

#include "lib/crypto/certificate.hpp"
#include "lib/http/server.hpp"
#include "lib/http/tls_listener.hpp"

namespace outstation::http {
namespace {

using namespace std::chrono_literals;

UniqueFd connect_plain(std::uint16_t port) {
    UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{5, 0};
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
}

// A blocking TLS client.
class TlsClient {
  public:
    explicit TlsClient(std::uint16_t port) : fd_(connect_plain(port)) {
        context_ = SSL_CTX_new(TLS_client_method());
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, fd_.get());
        connected_ = SSL_connect(ssl_) == 1;
    }
    ~TlsClient() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
    }
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;
    [[nodiscard]] bool connected() const { return connected_; }
    void put(const std::string& bytes) { SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())); }
    // Until the server closes properly.
    std::string read_to_end() {
        std::string all;
        char piece[16384];
        int got = 0;
        while ((got = SSL_read(ssl_, piece, sizeof piece)) > 0)
            all.append(piece, static_cast<std::size_t>(got));
        clean_end_ = SSL_get_error(ssl_, got) == SSL_ERROR_ZERO_RETURN;
        return all;
    }
    [[nodiscard]] bool clean_end() const { return clean_end_; }

  private:
    UniqueFd fd_;
    SSL_CTX* context_ = nullptr;
    SSL* ssl_ = nullptr;
    bool connected_ = false;
    bool clean_end_ = false;
};

class HttpsTest : public testing::Test {
  protected:
    void SetUp() override {
        std::signal(SIGPIPE, SIG_IGN);
        ASSERT_NE(mkdtemp(folder_), nullptr);
        start(ListenLimits{});
    }
    void TearDown() override {
        listener_.reset();
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    void start(ListenLimits limits) {
        const auto station = crypto::ensure_station_certificate(folder_, {});
        ASSERT_TRUE(station);
        auto tls = crypto::TlsServer::make(station->certificate_path, station->key_path);
        ASSERT_TRUE(tls);
        ServerLimits server_limits;
        server_limits.body_bytes = 4U << 20;
        auto server = Server::make(
            *loop_, server_limits,
            [](std::shared_ptr<Request> request, Responder responder) {
                if (request->target.path == "/big")
                    return responder.send(Response::of(200, "text/plain", std::string(8U << 20, 'y')));
                responder.send(Response::of(200, "text/plain", request->peer + " " + request->body));
            },
            [](int status, std::string message) {
                return Response::of(status, "text/plain", std::move(message));
            });
        ASSERT_TRUE(server);
        server_ = std::move(*server);
        auto listener = TlsListener::open(
            *loop_, std::move(*tls), {"127.0.0.1:0"}, limits,
            [this](UniqueFd fd, std::string peer) { server_->adopt(std::move(fd), std::move(peer)); });
        ASSERT_TRUE(listener) << listener.error().text;
        listener_ = std::move(*listener);
    }
    // Runs a blocking client beside the loop.
    void with_client(const std::function<void()>& work) {
        std::thread client([&] {
            work();
            loop_->post([this] { loop_->stop(); });
        });
        loop_->run();
        client.join();
    }
    // Waits for what the listener's thread does.
    bool eventually(const std::function<bool()>& done) {
        for (int i = 0; i < 500 && !done(); ++i) std::this_thread::sleep_for(10ms);
        return done();
    }

    char folder_[32] = "/tmp/outstation-https-XXXXXX";
    std::unique_ptr<Loop> loop_ = make_epoll_loop().value();
    std::unique_ptr<Server> server_;
    std::unique_ptr<TlsListener> listener_;
};

TEST_F(HttpsTest, CarriesARequestAndEndsCleanly) {
    with_client([this] {
        TlsClient client(listener_->port());
        ASSERT_TRUE(client.connected());
        client.put("POST /x HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
        const std::string all = client.read_to_end();
        EXPECT_EQ(all.rfind("HTTP/1.1 200 OK\r\n", 0), 0U);
        EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), "127.0.0.1 hi");
        EXPECT_TRUE(client.clean_end());
    });
    EXPECT_TRUE(eventually([this] { return listener_->counters().open == 0; }));
    EXPECT_EQ(listener_->counters().established, 1U);
}

TEST_F(HttpsTest, CarriesMegabytesBothWays) {
    with_client([this] {
        const std::string body(3U << 20, 'z');
        TlsClient up(listener_->port());
        up.put("POST /x HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
        EXPECT_GT(up.read_to_end().size(), body.size());
        TlsClient down(listener_->port());
        down.put("GET /big HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
        EXPECT_GT(down.read_to_end().size(), 8U << 20);
        EXPECT_TRUE(down.clean_end());
    });
}

TEST_F(HttpsTest, ManyClientsAtOnce) {
    with_client([this] {
        std::vector<std::future<bool>> clients;
        for (int i = 0; i < 20; ++i) {
            clients.push_back(std::async(std::launch::async, [this, i] {
                TlsClient client(listener_->port());
                const std::string body(static_cast<std::size_t>(i) * 5000, 'q');
                client.put("POST /x HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n" + body);
                const std::string all = client.read_to_end();
                return all.substr(all.find("\r\n\r\n") + 4) == "127.0.0.1 " + body;
            }));
        }
        for (auto& client : clients) EXPECT_TRUE(client.get());
    });
}

TEST_F(HttpsTest, OneAddressCannotTakeEverything) {
    listener_.reset();
    ListenLimits limits;
    limits.connections_per_address = 3;
    start(limits);
    std::vector<UniqueFd> silent;
    for (int i = 0; i < 3; ++i) silent.push_back(connect_plain(listener_->port()));
    EXPECT_TRUE(eventually([this] { return listener_->counters().open == 3; }));
    const UniqueFd fourth = connect_plain(listener_->port());
    char byte = 0;
    EXPECT_EQ(recv(fourth.get(), &byte, 1, 0), 0);
    EXPECT_EQ(listener_->counters().refused, 1U);
    silent.pop_back();
    EXPECT_TRUE(eventually([this] { return listener_->counters().open == 2; }));
    with_client([this] { EXPECT_TRUE(TlsClient(listener_->port()).connected()); });
}

TEST_F(HttpsTest, StrangersGiveWayToWhoeverAsks) {
    listener_.reset();
    ListenLimits limits;
    limits.connections_per_address = 8;
    start(limits);
    std::vector<std::unique_ptr<TlsClient>> silent;
    for (int i = 0; i < 8; ++i) silent.push_back(std::make_unique<TlsClient>(listener_->port()));
    std::this_thread::sleep_for(300ms);
    with_client([this] {
        for (int i = 0; i < 8; ++i) {
            TlsClient client(listener_->port());
            client.put("GET /x HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
            EXPECT_EQ(client.read_to_end().rfind("HTTP/1.1 200", 0), 0U) << i;
        }
    });
}

TEST_F(HttpsTest, AHandshakeThatDoesNotEndIsCutOff) {
    listener_.reset();
    ListenLimits limits;
    limits.handshake = 100ms;
    start(limits);
    const UniqueFd silent = connect_plain(listener_->port());
    char byte = 0;
    EXPECT_EQ(recv(silent.get(), &byte, 1, 0), 0);
    EXPECT_EQ(listener_->counters().established, 0U);
}

TEST_F(HttpsTest, PlainTextIsRefused) {
    const UniqueFd plain = connect_plain(listener_->port());
    const std::string request = "GET / HTTP/1.1\r\nHost: b\r\n\r\n";
    ASSERT_EQ(send(plain.get(), request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    std::string all;
    char piece[256];
    ssize_t got = 0;
    while ((got = recv(plain.get(), piece, sizeof piece, 0)) > 0)
        all.append(piece, static_cast<std::size_t>(got));
    EXPECT_EQ(all.find("HTTP"), std::string::npos);
}

TEST_F(HttpsTest, StopsWithConnectionsOpen) {
    TlsClient client(listener_->port());
    EXPECT_TRUE(client.connected());
    listener_.reset();
    EXPECT_EQ(client.read_to_end(), "");
}

TEST(TlsListenerTest, SaysWhatIsWrongWithAnAddress) {
    char folder[] = "/tmp/outstation-https-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    const auto station = crypto::ensure_station_certificate(folder, {});
    const auto loop = make_epoll_loop().value();
    for (const char* wrong :
         {"", "8443", "localhost:8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "::1:8443"}) {
        auto tls = crypto::TlsServer::make(station->certificate_path, station->key_path);
        const auto listener = TlsListener::open(*loop, std::move(*tls), {wrong}, {}, {});
        ASSERT_FALSE(listener) << wrong;
        EXPECT_EQ(listener.error().code, ErrorCode::config) << wrong;
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace outstation::http
